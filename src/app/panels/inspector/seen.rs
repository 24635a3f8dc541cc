//! Who saw what, and when: what both ends believe, and each unit as both know it.

use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Pill, elided, focus_ring};
use crate::app::window::Wish;
use crate::player::{Command, Player};
use crate::view::witness::{self, Agreement, Came, Row};
use egui::{Color32, Rect, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

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
        ui.spacing_mut().item_spacing.y = 2.0;
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
        let head = ["WHAT", "SENDER", "RECEIVER"];
        let (rect, _) = ui.allocate_exact_size(row_size(ui), Sense::hover());
        paint_cells(ui, rect, Face::CaptionStrong, head.map(|words| (words, palette.text_weak)));
        for row in &rows {
            seen_row(ui, row, wishes);
        }
    });
}

fn row_size(ui: &Ui) -> Vec2 {
    vec2(ui.available_width(), theme::EVENT_ROW)
}

/// A unit: what it is, when its sender sent it, when its receiver had it.
fn seen_row(ui: &mut Ui, row: &Row, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let sent = format!("{} {}", row.from, row.sent);
    let (came, ink) = match row.came {
        Came::At(at) => (format!("{} {at}", row.to), palette.text_weak),
        Came::NotYet => (format!("{} not yet", row.to), palette.tone(Tone::Attention).text),
        Came::Never => (format!("{} never", row.to), palette.tone(Tone::Breach).text),
    };
    let (rect, response) = ui.allocate_exact_size(row_size(ui), Sense::CLICK);
    let spoken = format!("{}: {sent}, {came}", row.title);
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &spoken));
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS_SMALL, palette.card_hovered);
    }
    let cells = [(&*row.title, palette.text), (&*sent, palette.text_weak), (&*came, ink)];
    paint_cells(ui, rect, Face::Small, cells);
    focus_ring(ui, &response, theme::RADIUS_SMALL);
    if response.clicked() {
        wishes.push(Command::Choose(row.wrote).into());
    }
    response.on_hover_text(&row.title);
}

/// Draws three cells; the first takes what the others leave.
fn paint_cells(ui: &Ui, rect: Rect, face: Face, cells: [(&str, Color32); 3]) {
    let column = theme::SEEN_WIDTH.min(rect.width() * 0.32);
    let first = rect.width() - 2.0 * column;
    let lefts = [0.0, first, first + column];
    let widths = [first, column, column];
    for (((words, ink), left), width) in cells.into_iter().zip(lefts).zip(widths) {
        let galley = elided(ui, words, face, width - theme::GAP);
        let place = pos2(rect.left() + left, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(place, galley, ink);
    }
}
