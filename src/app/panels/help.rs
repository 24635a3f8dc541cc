//! The help page: every key, and what is simplified here.

use super::dialog_frame;
use crate::app::actions::{ACTIONS, key_name};
use crate::app::theme::{self, Face};
use crate::app::widgets::Button;
use crate::app::window::{Shown, State, Wish};
use crate::player::Player;
use egui::{Grid, Id, Modal, ScrollArea, Ui};
use lucide_icons::Icon;

/// What the simulation leaves out, so that nobody takes it for the whole.
const SIMPLIFIED: [&str; 8] = [
    "There is no TLS: wss:// would encrypt every byte shown here.",
    "There is no name lookup: clients know the server's address.",
    "TCP's pure acknowledgements are not shown; the opening and FIN are.",
    "TCP has no congestion or receive window here: a segment leaves as soon as the line is free.",
    "Nothing is lost, and delays are constant.",
    "Hosts think in no time: an answer leaves in the moment in which the question arrived.",
    "Sizes are HTTP and WebSocket bytes; TCP and IP add 40 bytes to each segment.",
    "A bit edited in flight stands for a faulty sender or a middlebox: TCP's checksum would not \
     let a damaged segment through.",
];

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
            });
        });
        ScrollArea::vertical().max_height(theme::DIALOG_HEIGHT).show(ui, |ui| {
            keys(ui);
            simplified(ui, player);
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
                 makes everything larger or smaller.";
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

fn simplified(ui: &mut Ui, player: &Player) {
    ui.add_space(theme::GAP_LARGE);
    ui.label(Face::Title.text("What is simplified here"));
    for words in SIMPLIFIED {
        ui.add(egui::Label::new(Face::Body.text(format!("· {words}"))).wrap());
    }
    let scenario = player.run().scenario();
    let network = &scenario.network;
    let words = format!(
        "· In this lesson: {} ms up, {} ms down, {} kbit/s, segments of at most {} bytes, {} \
         headers, seed {}.",
        network.up_ms,
        network.down_ms,
        network.kbit_per_s,
        network.mss,
        scenario.headers.label(),
        scenario.seed
    );
    ui.add(egui::Label::new(Face::Body.text(words)).wrap());
}
