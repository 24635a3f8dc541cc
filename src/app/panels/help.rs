//! The help page: every key, and what is simplified here.

use super::{dialog_frame, simplified};
use crate::app::actions::{ACTIONS, key_name, tooltip};
use crate::app::theme::{self, Face};
use crate::app::widgets::Button;
use crate::app::window::{Shown, State, Wish};
use crate::player::Player;
use egui::{Grid, Id, Modal, ScrollArea, Ui};
use lucide_icons::Icon;

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    if state.help == Shown::No {
        return;
    }
    let modal = Modal::new(Id::unique("help")).frame(dialog_frame(ui)).show(ui.ctx(), |ui| {
        ui.set_width(theme::DIALOG_WIDTH);
        ui.horizontal(|ui| {
            ui.label(Face::Heading.text("Help"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.add(Button::icon(Icon::X, "Close the help")).clicked() {
                    wishes.push(Wish::Help);
                }
                let tip = tooltip(ui.ctx(), "Glossary");
                if ui.add(Button::plain("Glossary").tooltip(&tip)).clicked() {
                    wishes.push(Wish::Help);
                    wishes.push(Wish::Glossary);
                }
            });
        });
        ScrollArea::vertical().max_height(theme::DIALOG_HEIGHT).show(ui, |ui| {
            keys(ui);
            ui.add_space(theme::GAP_LARGE);
            ui.label(Face::Title.text("What is simplified here"));
            simplified::lines(ui, player);
        });
    });
    if modal.should_close() {
        state.help = Shown::No;
    }
}

fn keys(ui: &mut Ui) {
    let palette = theme::palette(ui);
    ui.label(Face::Title.text("Keys"));
    let intro = "Tab goes from one control to the next, Escape leaves it. In the bit grid the \
                 arrow keys move, and Space flips a bit of a frame in flight. Ctrl with + or - \
                 makes everything larger or smaller. A file that is dropped here is opened.";
    ui.add(egui::Label::new(Face::Body.text(intro)).wrap());
    ui.add_space(theme::GAP_SMALL);
    Grid::new("keys").num_columns(3).spacing(egui::vec2(theme::GAP_LARGE, theme::GAP_SMALL)).show(
        ui,
        |ui| {
            for action in ACTIONS {
                ui.label(Face::MonoStrong.text(key_name(ui.ctx(), action)));
                ui.label(Face::Strong.text(action.name));
                ui.label(Face::Body.text(action.help).color(palette.text_weak));
                ui.end_row();
            }
        },
    );
}
