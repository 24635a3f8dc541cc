//! The note that says what is simplified here.

use super::dialog_frame;
use crate::app::theme::{self, Face};
use crate::app::widgets::Button;
use crate::app::window::{Shown, State, Wish};
use crate::player::Player;
use crate::view::simplified;
use egui::{Id, Modal, ScrollArea, Ui};
use lucide_icons::Icon;

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    if state.simplified == Shown::No {
        return;
    }
    let modal = Modal::new(Id::unique("simplified")).frame(dialog_frame(ui)).show(ui.ctx(), |ui| {
        ui.set_width(theme::DIALOG_WIDTH);
        ui.horizontal(|ui| {
            ui.label(Face::Heading.text("What is simplified here"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.add(Button::icon(Icon::X, "Close the note")).clicked() {
                    wishes.push(Wish::Simplified);
                }
            });
        });
        ScrollArea::vertical().max_height(theme::DIALOG_HEIGHT).show(ui, |ui| lines(ui, player));
    });
    if modal.should_close() {
        state.simplified = Shown::No;
    }
}

/// Every abstraction in force, one below the other.
pub(super) fn lines(ui: &mut Ui, player: &Player) {
    for words in simplified::lines(player.run()) {
        ui.add(egui::Label::new(Face::Body.text(format!("· {words}"))).wrap());
    }
}
