//! The dialog for sessions: save, notes, what is saved, any file.

use super::{dialog_frame, notice};
use crate::app::filing::{Field, Filing, Saved, contents};
use crate::app::theme::{self, Face};
use crate::app::widgets::{Availability, Button, line};
use crate::app::window::{Shown, State, Wish};
use crate::player::{Command, Effect, Home, Player};
use egui::{
    Align, Align2, Frame, Id, Key, Label, Layout, Margin, Modal, Response, Role, ScrollArea,
    TextEdit, Ui, WidgetInfo, vec2,
};
use lucide_icons::Icon;
use std::path::PathBuf;

/// The most characters of notes: they travel in the short form.
const MAX_NOTES: usize = 20_000;

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    if state.filing.dialog == Shown::No {
        return;
    }
    let filing = &mut state.filing;
    let modal = Modal::new(Id::unique("sessions")).frame(dialog_frame(ui)).show(ui.ctx(), |ui| {
        ui.set_width(theme::DIALOG_WIDTH);
        ui.horizontal(|ui| {
            ui.label(Face::Heading.text("Sessions"));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(Button::icon(Icon::X, "Close the sessions")).clicked() {
                    wishes.push(Wish::Sessions);
                }
            });
        });
        notice::file_notice(ui, filing);
        // Without the least height a list that has grown would stay as low as it was.
        let scroll = ScrollArea::vertical().max_height(theme::DIALOG_HEIGHT);
        scroll.min_scrolled_height(theme::DIALOG_HEIGHT).show(ui, |ui| {
            let margin = Margin { right: theme::CARD_PADDING, ..Margin::ZERO };
            Frame::new().inner_margin(margin).show(ui, |ui| {
                ui.set_width(ui.available_width());
                save(ui, filing, wishes);
                notes(ui, player, wishes);
                any_file(ui, filing, wishes);
                saved(ui, filing, wishes);
            });
        });
    });
    if modal.should_close() {
        filing.close();
    }
}

fn caption(ui: &mut Ui, words: &str) -> Response {
    ui.add_space(theme::GAP);
    ui.label(Face::Small.text(words).color(theme::palette(ui).text_weak))
}

/// A field for a line of text, named by its caption, with room for these buttons beside it; whether
/// Enter was pressed in it.
fn field(
    ui: &mut Ui,
    filing: &mut Filing,
    (which, caption): (Field, &Response),
    buttons: &[&str],
) -> bool {
    let (text, hint) = match which {
        Field::Name => (&mut filing.name, "for example What I found out"),
        Field::Path => (&mut filing.path, "for example ~/story.ron"),
    };
    let width = |name: &&str| {
        let words = line(ui, name, Face::Strong).size().x + 2.0 * theme::CONTROL_PADDING;
        words.ceil() + theme::GAP
    };
    let beside: f32 = buttons.iter().map(width).sum();
    let size = vec2(ui.available_width() - beside, theme::CONTROL_HEIGHT);
    let edit = TextEdit::singleline(text).hint_text(hint).align(Align2::LEFT_CENTER);
    let edit = edit.font(Face::Body.font());
    let response = ui.add_sized(size, edit).labelled_by(caption.id);
    if filing.calls.take_if(|field| *field == which).is_some() {
        response.request_focus();
    }
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// What a button that saves is called: what is there already is not written over unasked.
fn saving(filing: &Filing, home: &Home) -> &'static str {
    if filing.taken.as_ref() == Some(home) { "Replace" } else { "Save" }
}

fn named(filing: &Filing) -> Home {
    Home::Named(filing.name.trim().to_owned())
}

fn at_path(filing: &Filing) -> Home {
    Home::File(PathBuf::from(filing.path.trim()))
}

fn save(ui: &mut Ui, filing: &mut Filing, wishes: &mut Vec<Wish>) {
    let caption = caption(ui, "Save this session under a name");
    ui.horizontal(|ui| {
        let name = saving(filing, &named(filing));
        let entered = field(ui, filing, (Field::Name, &caption), &[name]);
        let home = named(filing);
        let ready = if filing.name.trim().is_empty() {
            Availability::Blocked("Give it a name first")
        } else {
            Availability::Ready
        };
        let button = Button::primary(name).availability(ready);
        if (ui.add(button).clicked() || entered) && ready == Availability::Ready {
            wishes.push(Wish::Shell(filing.save_in(home)));
        }
    });
}

fn notes(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let caption = caption(ui, "Notes, which are saved with it");
    let mut text = player.notes();
    let edit = TextEdit::multiline(&mut text).desired_rows(4).desired_width(f32::INFINITY);
    let edit = edit.font(Face::Body.font()).char_limit(MAX_NOTES);
    if ui.add(edit).labelled_by(caption.id).changed() {
        wishes.push(Command::SetNotes(text).into());
    }
}

fn saved(ui: &mut Ui, filing: &mut Filing, wishes: &mut Vec<Wish>) {
    caption(ui, "Saved sessions");
    if let Some(before) = &filing.before {
        let words = format!("Before this: {}", contents(before));
        if entry(ui, ("Go back", &words), &words, "not saved") {
            let before = Command::OpenSession(before.clone());
            wishes.extend([before.into(), Wish::Sessions]);
        }
    }
    if filing.saved.is_empty() {
        ui.label(Face::Body.text("There is none yet.").color(theme::palette(ui).text_weak));
    }
    let mut doomed = filing.doomed.take();
    for saved in &filing.saved {
        if doomed.as_ref() == Some(&saved.name) {
            doomed = sentenced(ui, saved, wishes);
        } else {
            doomed = row(ui, saved, wishes).or(doomed);
        }
    }
    filing.doomed = doomed;
    ui.add_space(theme::GAP_SMALL);
}

/// A saved session; gives its name where it is to be deleted.
fn row(ui: &mut Ui, saved: &Saved, wishes: &mut Vec<Wish>) -> Option<String> {
    let mut doomed = None;
    ui.horizontal(|ui| {
        if entry(ui, ("Open", &saved.name), &saved.name, &saved.detail) {
            let home = Home::Named(saved.name.clone());
            wishes.push(Wish::Shell(Effect::OpenFile(home)));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = format!("Delete: {}", saved.name);
            if ui.add(Button::icon(Icon::Trash2, &name)).clicked() {
                doomed = Some(saved.name.clone());
            }
        });
    });
    doomed
}

/// Asks whether a saved session is to be deleted; gives its name while there is no answer.
fn sentenced(ui: &mut Ui, saved: &Saved, wishes: &mut Vec<Wish>) -> Option<String> {
    let words = format!("Delete “{}” for good?", saved.name);
    let mut answered = false;
    ui.horizontal(|ui| {
        if button(ui, "Delete", &format!("Delete for good: {}", saved.name)).clicked() {
            wishes.push(Wish::Shell(Effect::DeleteSession(saved.name.clone())));
            answered = true;
        }
        if button(ui, "Keep", &format!("Keep: {}", saved.name)).clicked() {
            answered = true;
        }
        ui.add(Label::new(Face::Strong.text(words)).truncate());
    });
    (!answered).then(|| saved.name.clone())
}

/// A button that says more to those who do not see what stands beside it.
fn button(ui: &mut Ui, name: &str, spoken: &str) -> Response {
    let response = ui.add(Button::plain(name));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, spoken));
    response
}

/// A button, a title and a remark; whether the button was clicked.
fn entry(ui: &mut Ui, (name, of): (&str, &str), title: &str, remark: &str) -> bool {
    ui.horizontal(|ui| {
        let clicked = button(ui, name, &format!("{name}: {of}")).clicked();
        let remark = Face::Small.text(remark).color(theme::palette(ui).text_weak);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.set_max_width(ui.available_width() - theme::CONTROL_HEIGHT - theme::GAP);
            ui.add(Label::new(Face::Strong.text(title)).truncate());
            ui.add(Label::new(remark).truncate());
        });
        clicked
    })
    .inner
}

fn any_file(ui: &mut Ui, filing: &mut Filing, wishes: &mut Vec<Wish>) {
    let caption = caption(ui, "Any file: open a session, a scenario or a lesson, or save here");
    ui.horizontal(|ui| {
        let name = saving(filing, &at_path(filing));
        let entered = field(ui, filing, (Field::Path, &caption), &["Open", name]);
        let home = at_path(filing);
        let ready = if filing.path.trim().is_empty() {
            Availability::Blocked("Type or paste a path first")
        } else {
            Availability::Ready
        };
        let open = button_if(ui, "Open", "Open the file", ready).clicked() || entered;
        let save = button_if(ui, name, "Save to the file", ready).clicked();
        if ready != Availability::Ready {
            return;
        }
        if open {
            wishes.push(Wish::Shell(Effect::OpenFile(home)));
        } else if save {
            wishes.push(Wish::Shell(filing.save_in(home)));
        }
    });
}

fn button_if(ui: &mut Ui, name: &str, spoken: &str, ready: Availability<'_>) -> Response {
    let response = ui.add(Button::plain(name).availability(ready));
    let spoken = if name == "Replace" { "Replace the file" } else { spoken };
    response
        .widget_info(|| WidgetInfo::labeled(Role::Button, ready == Availability::Ready, spoken));
    response
}
