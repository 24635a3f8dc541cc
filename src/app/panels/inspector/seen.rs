//! Who saw what, and when: what both ends believe, and each unit as both know it.

use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::Pill;
use crate::app::window::Wish;
use crate::player::{Command, Player};
use crate::view::witness::{self, Agreement, Came};
use egui::{Grid, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

pub(super) fn seen(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let position = player.position();
    let rows = witness::rows(player.run(), position);
    if rows.is_empty() {
        let words = "Nothing was sent yet: nobody has seen anything.";
        ui.label(Face::Body.text(words).color(palette.text_weak));
        return;
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for held in witness::beliefs(&player.run().world_at(position.n_moves)) {
            ui.horizontal_wrapped(|ui| {
                let (client, state) = held.client;
                let pair = format!("{client} {} · Server {}", state.name(), held.server.name());
                let tone = match held.agree {
                    Agreement::Agree => Tone::Valid,
                    Agreement::Apart => Tone::Attention,
                    Agreement::HalfOpen => Tone::Breach,
                };
                ui.add(Pill::outlined(tone, &pair));
                ui.label(Face::Small.text(held.words).color(palette.text_weak));
            });
        }
        ui.add_space(theme::GAP_SMALL);
        let spacing = vec2(theme::GAP_LARGE, 2.0);
        Grid::new("seen").num_columns(3).striped(false).spacing(spacing).show(ui, |ui| {
            for head in ["WHAT", "SENDER", "RECEIVER"] {
                ui.label(Face::CaptionStrong.text(head).color(palette.text_weak));
            }
            ui.end_row();
            for row in &rows {
                let label = egui::Label::new(Face::Small.text(&row.title).color(palette.text));
                let response = ui.add(label.sense(Sense::CLICK).truncate());
                response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &row.title));
                if response.clicked() {
                    wishes.push(Command::Choose(row.wrote).into());
                }
                let sent = format!("{} {}", row.from, row.sent);
                ui.label(Face::MonoSmall.text(sent).color(palette.text_weak));
                let (words, ink) = match row.came {
                    Came::At(at) => (format!("{} {at}", row.to), palette.text_weak),
                    Came::NotYet => {
                        (format!("{} not yet", row.to), palette.tone(Tone::Attention).text)
                    }
                    Came::Never => (format!("{} never", row.to), palette.tone(Tone::Breach).text),
                };
                ui.label(Face::MonoSmall.text(words).color(ink));
                ui.end_row();
            }
        });
    });
}
