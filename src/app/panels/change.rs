//! The dialog of changes: everything that can be changed at this moment, and who is to blame.

use super::{dialog_frame, menus};
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Availability, Button, Card, segmented};
use crate::app::window::{Section, State, Wish};
use crate::player::{About, Command, Player};
use crate::sim::{Edit, Host, Network, Wish as Want};
use crate::view::{hex, words};
use crate::wire::close;
use egui::{ComboBox, DragValue, Grid, Id, Modal, Role, ScrollArea, TextEdit, Ui, WidgetInfo};
use lucide_icons::Icon;

/// What is being made up in the dialog.
#[derive(Default)]
pub(in crate::app) struct Change {
    section: Option<Section>,
    say: Say,
    network: Option<Network>,
    fragment: usize,
}

/// Something that is being typed.
struct Say {
    who: Host,
    kind: Kind,
    text: String,
    code: u16,
    /// Whether the field is to have the keyboard.
    fresh: bool,
}

impl Default for Say {
    fn default() -> Self {
        Self {
            who: Host::Client(1),
            kind: Kind::Text,
            text: String::new(),
            code: 1000,
            fresh: true,
        }
    }
}

/// What is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Binary,
    Ping,
    Close,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Text, Self::Binary, Self::Ping, Self::Close];

    fn label(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Binary => "Binary",
            Self::Ping => "Ping",
            Self::Close => "Close",
        }
    }

    /// What the field is for.
    fn field(self) -> &'static str {
        match self {
            Self::Text => "The text to send",
            Self::Binary => "The bytes to send, in hex",
            Self::Ping => "The payload of the Ping, up to 125 bytes; may be empty",
            Self::Close => "The reason; may be empty",
        }
    }
}

impl Change {
    /// Opens on a section, to speak as a host.
    pub(in crate::app) fn open(&mut self, section: Section, who: Option<Host>) {
        self.section = Some(section);
        self.say.who = who.unwrap_or(self.say.who);
        self.say.fresh = true;
        self.network = None;
    }

    pub(in crate::app) fn close(&mut self) {
        self.section = None;
    }
}

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    let Some(mut section) = state.change.section else { return };
    let n_wishes = wishes.len();
    let mut done = false;
    let modal = Modal::new(Id::unique("change")).frame(dialog_frame(ui)).show(ui.ctx(), |ui| {
        ui.set_width(theme::DIALOG_WIDTH);
        ui.horizontal(|ui| {
            let at = player.position().at;
            ui.label(Face::Heading.text(format!("Change something at {at}")));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                done |= ui.add(Button::icon(Icon::X, "Close the changes")).clicked();
            });
        });
        let intro = "What follows becomes a branch; how it was stays as it is.";
        ui.label(Face::Small.text(intro).color(theme::palette(ui).text_weak));
        ui.add_space(theme::GAP_SMALL);
        let options = Section::ALL.map(|section| (section.label(), Availability::Ready));
        let chosen = Section::ALL.iter().position(|other| *other == section).unwrap_or(0);
        if let Some(idx) = segmented(ui, "What to change", &options, chosen) {
            section = Section::ALL[idx];
        }
        ui.add_space(theme::GAP);
        if let Some(words) = player.notice() {
            ui.add(crate::app::inspector::Verdict {
                tone: Tone::Attention,
                headline: "Not so:",
                words,
                cite: "",
            });
            ui.add_space(theme::GAP_SMALL);
        }
        let area = ScrollArea::vertical().max_height(theme::DIALOG_HEIGHT - 60.0);
        area.show(ui, |ui| match section {
            Section::Segment => segment(ui, player, wishes),
            Section::Hosts => hosts(ui, player, &mut state.change, wishes),
            Section::Network => network(ui, player, &mut state.change, wishes),
            Section::Say => say(ui, player, &mut state.change.say, wishes),
        });
    });
    state.change.section = (!done && !modal.should_close()).then_some(section);
    // A change that was asked for is looked at where it happens.
    if wishes[n_wishes..].iter().any(|wish| matches!(wish, Wish::Player(Command::Edit(_)))) {
        wishes.push(Wish::Changed);
    }
}

fn segment(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let Some(focus) = player.focus() else {
        ui.label(Face::Body.text("Nothing was sent yet: step on to something on its way."));
        return;
    };
    let title = words::title(&focus.bytes, &focus.context);
    ui.label(Face::Strong.text(title));
    ui.add_space(theme::GAP_SMALL);
    if !menus::offers(ui, player, About::Arrow(focus.wrote), wishes) {
        let words = "It has arrived and its connection is gone: step back to a moment when it is \
                     on its way.";
        ui.label(Face::Body.text(words));
    }
}

fn hosts(ui: &mut Ui, player: &Player, change: &mut Change, wishes: &mut Vec<Wish>) {
    for host in player.run().scenario().hosts() {
        Card::new(Tone::Neutral).title(&host.to_string()).show(ui, |ui| {
            ui.push_id(host, |ui| menus::offers(ui, player, About::Host(host), wishes));
            ui.horizontal(|ui| {
                ui.label(Face::Small.text("Send messages in fragments of"));
                let drag = DragValue::new(&mut change.fragment).range(1..=65_535).suffix(" bytes");
                let response = ui.add(drag);
                let n = change.fragment as f64;
                response.widget_info(|| WidgetInfo::drag_value(true, n));
                let size = change.fragment;
                if ui.button("So be it").clicked() {
                    wishes.push(Command::Edit(Edit::Fragment(host, size)).into());
                }
            });
        });
        ui.add_space(theme::GAP_SMALL);
    }
}

fn network(ui: &mut Ui, player: &Player, change: &mut Change, wishes: &mut Vec<Wish>) {
    let here = *player.run().world_at(player.position().n_moves).network();
    let draft = change.network.get_or_insert(here);
    let mut mss = draft.mss as u64;
    Grid::new("network").num_columns(4).spacing(egui::vec2(theme::GAP_LARGE, 4.0)).show(ui, |ui| {
        let fields: [(&str, &mut u64, u64, u64, &str); 7] = [
            ("Delay up", &mut draft.up_ms, 0, 60_000, " ms"),
            ("Delay down", &mut draft.down_ms, 0, 60_000, " ms"),
            ("Jitter up to", &mut draft.jitter_ms, 0, 60_000, " ms"),
            ("Lost of a thousand", &mut draft.loss_per_mille, 0, 500, " ‰"),
            ("Sent again after", &mut draft.resend_ms, 1, 60_000, " ms"),
            ("Bandwidth", &mut draft.kbit_per_s, 1, 100_000_000, " kbit/s"),
            ("Segments of at most", &mut mss, 1, 65_495, " bytes"),
        ];
        for (idx, (name, value, least, most, unit)) in fields.into_iter().enumerate() {
            ui.label(Face::Body.text(name));
            let response = ui.add(DragValue::new(value).range(least..=most).suffix(unit));
            response.widget_info(|| {
                let mut info = WidgetInfo::labeled(Role::SpinButton, true, name);
                info.value = Some(*value as f64);
                info
            });
            if idx % 2 == 1 {
                ui.end_row();
            }
        }
    });
    draft.mss = usize::try_from(mss).unwrap_or(draft.mss);
    let draft = *draft;
    ui.add_space(theme::GAP_SMALL);
    let changed = if draft == here {
        Availability::Blocked("This is the network as it is: change a number first")
    } else {
        Availability::Ready
    };
    if ui.add(Button::primary("From here on").availability(changed)).clicked() {
        wishes.push(Command::Edit(Edit::Network(draft)).into());
    }
    ui.add_space(theme::GAP);
    menus::offers(ui, player, About::Network, wishes);
}

fn say(ui: &mut Ui, player: &Player, say: &mut Say, wishes: &mut Vec<Wish>) {
    ui.horizontal(|ui| {
        let present = say.who.to_string();
        let combo = ComboBox::from_id_salt("speaker").selected_text(Face::Body.text(&present));
        let menu = combo.show_ui(ui, |ui| {
            for host in player.run().scenario().hosts() {
                ui.selectable_value(&mut say.who, host, host.to_string());
            }
        });
        let spoken = format!("Who sends: {present}");
        menu.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &spoken));
        let options = Kind::ALL.map(|kind| (kind.label(), Availability::Ready));
        let chosen = Kind::ALL.iter().position(|kind| *kind == say.kind).unwrap_or(0);
        if let Some(idx) = segmented(ui, "What is sent", &options, chosen) {
            say.kind = Kind::ALL[idx];
        }
        if say.kind == Kind::Close {
            let response = ui.add(DragValue::new(&mut say.code).range(1000..=4999));
            let code = f64::from(say.code);
            response.widget_info(|| {
                let mut info = WidgetInfo::labeled(Role::SpinButton, true, "Close code");
                info.value = Some(code);
                info
            });
            ui.label(Face::Small.text(close::name(say.code)));
        }
    });
    ui.add_space(theme::GAP_SMALL);
    let field = TextEdit::singleline(&mut say.text).desired_width(f32::INFINITY);
    let response = ui.add(field.hint_text(say.kind.field()));
    if std::mem::take(&mut say.fresh) {
        response.request_focus();
    }
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::TextInput, true, say.kind.field());
        info.current_text_value = Some(say.text.clone());
        info
    });
    ui.add_space(theme::GAP_SMALL);
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let want = want(say);
    let ready = match &want {
        Ok(_) => Availability::Ready,
        Err(why) => Availability::Blocked(why),
    };
    let name = format!("Send as {}", say.who);
    let clicked = ui.add(Button::primary(&name).leading(Icon::Send).availability(ready)).clicked();
    match want {
        Ok(want) if clicked || entered => {
            wishes.push(Command::Edit(Edit::Do(say.who, want)).into());
        }
        Ok(_) => {}
        Err(why) => {
            ui.label(Face::Small.text(why).color(theme::palette(ui).text_weak));
        }
    }
}

/// What is to be sent, or what is missing.
fn want(say: &Say) -> Result<Want, String> {
    match say.kind {
        Kind::Text => Ok(Want::Say(say.text.clone())),
        Kind::Binary => hex::parse(&say.text).map(Want::Send).map_err(|error| error.to_string()),
        Kind::Ping if say.text.len() > 125 => {
            Err("A control frame carries at most 125 bytes".to_owned())
        }
        Kind::Ping => Ok(Want::Ping(say.text.clone())),
        Kind::Close if !close::sendable(say.code) => {
            Err("That code must not be sent: 1000 or 4000 to 4999 would do".to_owned())
        }
        Kind::Close if say.text.len() > 123 => Err("The reason has at most 123 bytes".to_owned()),
        Kind::Close => Ok(Want::Close(say.code, say.text.clone())),
    }
}
