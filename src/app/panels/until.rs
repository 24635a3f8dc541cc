//! The dialog that says what to run until.

use super::dialog_frame;
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Availability, Button};
use crate::app::window::{State, Wish};
use crate::player::{Command, Player, Search};
use crate::run::{Condition, Direction};
use crate::view::words;
use egui::{Id, Key, Modal, Response, Role, TextEdit, Ui, WidgetInfo};
use lucide_icons::Icon;

/// What is being typed, while the dialog is open.
#[derive(Default)]
pub(in crate::app) struct Until {
    text: Option<String>,
    /// Whether the field is to have the keyboard.
    fresh: bool,
}

impl Until {
    pub(in crate::app) fn open(&mut self) {
        *self = Self { text: Some(String::new()), fresh: true };
    }

    pub(in crate::app) fn close(&mut self) {
        self.text = None;
    }
}

/// What is often run until, and what that is.
const OFTEN: [(&str, &str); 12] = [
    ("breach", "a rule is found broken"),
    ("delivery", "a message reaches an application"),
    ("close", "a Close frame is on its way"),
    ("ping", "a Ping is on its way"),
    ("text", "a text frame is on its way"),
    ("request", "an HTTP request is on its way"),
    ("OPEN", "an end comes to OPEN"),
    ("CLOSED", "an end comes to CLOSED"),
    ("loss", "a segment is lost"),
    ("reset", "a connection is reset or given up"),
    ("status=101", "a response of that status is on its way"),
    ("opcode=8", "a frame of that opcode is on its way"),
];

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    let fresh = std::mem::take(&mut state.until.fresh);
    let Some(text) = &mut state.until.text else { return };
    let mut done = false;
    let modal = Modal::new(Id::unique("until")).frame(dialog_frame(ui)).show(ui.ctx(), |ui| {
        ui.set_width(theme::DIALOG_WIDTH * 0.8);
        ui.horizontal(|ui| {
            ui.label(Face::Heading.text("Run until…"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                done |= ui.add(Button::icon(Icon::X, "Close running until")).clicked();
            });
        });
        let response = field(ui, text);
        if fresh {
            response.request_focus();
        }
        ui.add_space(theme::GAP_SMALL);
        often(ui, text);
        ui.add_space(theme::GAP_SMALL);
        let condition = text.parse::<Condition>();
        if let Some(error) = condition.as_ref().err().filter(|_| !text.trim().is_empty()) {
            let ink = theme::palette(ui).tone(Tone::Breach).text;
            let words = Face::Small.text(error.to_string()).color(ink);
            ui.add(egui::Label::new(words).wrap());
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let shift = ui.input(|input| input.modifiers.shift);
        let entered = entered.then_some(if shift { Direction::Back } else { Direction::Forward });
        let search = ui.horizontal(|ui| buttons(ui, player, condition.ok(), entered)).inner;
        if let Some((search, direction)) = search {
            wishes.push(Command::Search(search, direction).into());
            done = true;
        }
    });
    if done || modal.should_close() {
        state.until.close();
    }
}

/// Where to write.
fn field(ui: &mut Ui, text: &mut String) -> Response {
    let field = TextEdit::singleline(text).desired_width(f32::INFINITY);
    let response = ui.add(field.hint_text("300 ms, breach, server CLOSED, opcode=8"));
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::TextInput, true, "What to run until");
        info.current_text_value = Some(text.clone());
        info
    });
    response
}

/// What is often run until, to be clicked.
fn often(ui: &mut Ui, text: &mut String) {
    for row in OFTEN.chunks(3) {
        ui.columns(3, |columns| {
            for (ui, (word, meaning)) in columns.iter_mut().zip(row) {
                if ui.button(Face::Mono.text(*word)).on_hover_text(*meaning).clicked() {
                    (*word).clone_into(text);
                }
            }
        });
    }
}

/// What is asked for, by a button or by the key that was `entered`.
fn buttons(
    ui: &mut Ui,
    player: &Player,
    condition: Option<Condition>,
    entered: Option<Direction>,
) -> Option<(Search, Direction)> {
    let ready = match &condition {
        Some(_) => Availability::Ready,
        None => Availability::Blocked("Write first what to run until"),
    };
    let on = Button::primary("On").trailing(Icon::StepForward).availability(ready);
    let on = ui.add(on.tooltip("To where it is so next (Enter)")).clicked();
    let back = Button::plain("Back").leading(Icon::StepBack).availability(ready);
    let back = ui.add(back.tooltip("To where it was so last (Shift+Enter)")).clicked();
    let clicked = match (on, back) {
        (true, _) => Some(Direction::Forward),
        (false, true) => Some(Direction::Back),
        (false, false) => None,
    };
    let mut search = condition.map(Search::Condition).zip(clicked.or(entered));
    if let Some(last) = player.condition()
        && ui.add(Button::plain(&format!("{last} again"))).clicked()
    {
        search = Some((Search::Again, Direction::Forward));
    }
    let breakpoints = player.branch().breakpoints.len() as u64;
    if breakpoints > 0 {
        let words = format!("It also stops at {}.", words::count(breakpoints, "breakpoint"));
        ui.label(Face::Small.text(words).color(theme::palette(ui).text_weak));
    }
    search
}
