//! What the last file came to, and above the step bar whatever no lesson is there to say.

use super::mistakes;
use crate::app::filing::{Filing, Notice};
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Button, paragraph};
use crate::app::window::{Shown, State, Wish};
use crate::player::{Command, Player};
use egui::{Align, Align2, Area, Frame, Id, Label, Layout, Order, Stroke, Ui, vec2};
use lucide_icons::Icon;

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    // Where there is a lesson, it says all this above its buttons.
    if !player.lesson().steps.is_empty() {
        return;
    }
    if !state.mistakes.is_empty() {
        floating(ui, "mistakes", |ui| mistakes::card(ui, &state.mistakes));
    } else if state.filing.dialog == Shown::No && state.filing.notice.is_some() {
        floating(ui, "file notice", |ui| file_notice(ui, &mut state.filing));
    } else if let Some(words) = player.notice() {
        floating(ui, "notice", |ui| {
            if line(ui, Tone::Attention, words) {
                wishes.push(Command::Dismiss.into());
            }
        });
    }
}

/// What the last file came to, where the lesson says such things; the dialog says it itself.
pub(in crate::app) fn in_lesson(ui: &mut Ui, filing: &mut Filing) {
    if filing.dialog == Shown::No {
        file_notice(ui, filing);
    }
}

/// What the last file came to, with a button that puts it away.
pub(in crate::app) fn file_notice(ui: &mut Ui, filing: &mut Filing) {
    let Some(notice) = &filing.notice else { return };
    let (tone, words) = match notice {
        Notice::Done(words) => (Tone::Valid, words),
        Notice::Failed(words) => (Tone::Attention, words),
    };
    if line(ui, tone, words) {
        filing.notice = None;
    }
}

fn floating(ui: &Ui, id: &str, contents: impl FnOnce(&mut Ui)) {
    // The step bar is drawn already: what is left ends above it.
    let bottom = ui.available_rect_before_wrap().center_bottom() - vec2(0.0, theme::GAP);
    let area = Area::new(Id::unique(id)).order(Order::Middle).pivot(Align2::CENTER_BOTTOM);
    area.fixed_pos(bottom).show(ui.ctx(), |ui| {
        ui.set_max_width(theme::DIALOG_WIDTH);
        contents(ui);
    });
}

/// Words in a frame; whether they are put away.
fn line(ui: &mut Ui, tone: Tone, words: &str) -> bool {
    let palette = theme::palette(ui);
    let stroke = Stroke::new(theme::LINE, palette.tone(tone).line);
    let frame = Frame::new().fill(palette.card).stroke(stroke).corner_radius(theme::RADIUS_LARGE);
    let shown = frame.inner_margin(theme::GAP).show(ui, |ui| {
        ui.horizontal(|ui| {
            let most = ui.available_width() - theme::CONTROL_HEIGHT - theme::GAP;
            let galley = paragraph(ui, words, Face::Body, most);
            let size = vec2(galley.size().x.ceil(), galley.size().y.max(theme::CONTROL_HEIGHT));
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(Face::Body.text(words).color(palette.text)).wrap());
            });
            ui.add(Button::icon(Icon::X, "Put away")).clicked()
        })
    });
    ui.add_space(theme::GAP_SMALL);
    shown.inner.inner
}
