//! The footer of the diagram: what happens now, and what was counted.

use crate::app::panels::lesson;
use crate::app::theme::{self, Face, Tone};
use crate::app::window::Wish;
use crate::lesson::Panel as Part;
use crate::player::Player;
use crate::sim::Mode;
use crate::view::words;
use egui::{Align, Frame, Layout, Margin, Panel, Ui};

/// What happens now, what was counted, and the branches.
pub(super) fn show(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(14, 5));
    Panel::bottom("footer").frame(frame).show(ui, |ui| {
        // Beside a lesson the lesson says it.
        if player.lesson().steps.is_empty() {
            lesson::notice(ui, player, wishes);
        }
        ui.horizontal(|ui| happening(ui, player));
        if player.shows(Part::Counters) {
            ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
                counters(ui, player);
            });
        }
    });
}

pub(in crate::app::panels) fn now_in_words(player: &Player) -> String {
    match &player.happening()[..] {
        [] if player.position() == player.run().start() => "nothing has happened yet".to_owned(),
        [] => "silence".to_owned(),
        told => told.join(" · "),
    }
}

/// One line, so that nothing jumps: all of it shows while the pointer rests on it.
fn happening(ui: &mut Ui, player: &Player) {
    let palette = theme::palette(ui);
    let words = now_in_words(player);
    ui.label(Face::CaptionStrong.text("NOW").color(palette.tone(Tone::Attention).text));
    let label = egui::Label::new(Face::Small.text(&words).color(palette.text)).truncate();
    let response = ui.add(label);
    response.on_hover_text(words.replace(" · ", "\n"));
}

fn counters(ui: &mut Ui, player: &Player) {
    let palette = theme::palette(ui);
    ui.label(Face::Small.text("On the wire so far").color(palette.text_weak));
    for (mode, totals) in player.totals() {
        ui.add_space(theme::GAP);
        let here = mode == player.mode();
        let ink = if here { palette.text } else { palette.text_weak };
        let face = if here { Face::Strong } else { Face::Body };
        ui.label(face.text(mode.label()).color(ink));
        let counted = match mode {
            Mode::Polling | Mode::LongPolling | Mode::Sse => {
                let requests = words::count(totals.requests, "request");
                format!("{requests}, {} empty", totals.empty_answers)
            }
            Mode::WebSocket => {
                let requests = words::count(totals.requests, "request");
                format!("{requests}, {}", words::count(totals.frames, "frame"))
            }
        };
        let tip = format!(
            "{counted}; {} up, {} down in {} segments; with TCP/IP headers {}",
            words::size(totals.bytes_up),
            words::size(totals.bytes_down),
            totals.segments,
            words::size(totals.bytes_with_headers()),
        );
        let size = Face::MonoStrong.text(words::size(totals.bytes())).color(ink);
        ui.add(egui::Label::new(size).extend()).on_hover_text(tip);
        if here {
            ui.label(Face::Small.text(&counted).color(palette.text_weak));
        }
    }
}
