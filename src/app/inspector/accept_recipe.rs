//! How a key becomes the value of Sec-WebSocket-Accept: one row a stage, arrows between them.

use egui::text::LayoutJob;
use egui::{Label, Ui, vec2};
use lucide_icons::Icon;

use crate::app::theme::{self, Face};
use crate::app::widgets::{append, unbroken};
use crate::view::accept::Row;
use crate::view::kind::Kind;

/// The room for the names of the stages.
const LABELS: f32 = 168.0;

/// Draws the stages `rows` of a key.
pub fn accept_recipe(ui: &mut Ui, rows: &[Row]) {
    let key = rows.first().map_or("", |row| row.text.as_str());
    let weak = theme::palette(ui).text_weak;
    ui.spacing_mut().item_spacing = vec2(theme::GAP, 2.0);
    for (idx, row) in rows.iter().enumerate() {
        if idx > 0 {
            // The order of the rows says the same to a screen reader.
            let sign = Face::Icon.text(char::from(Icon::ArrowDown)).color(weak);
            ui.horizontal(|ui| {
                ui.add_space(LABELS);
                ui.add(Label::new(sign).selectable(false));
            });
        }
        ui.horizontal_top(|ui| {
            ui.allocate_ui(vec2(LABELS - theme::GAP, 0.0), |ui| {
                ui.set_width(LABELS - theme::GAP);
                ui.label(Face::Strong.text(row.label));
            });
            ui.vertical(|ui| {
                ui.label(stage(ui, row, key));
                let words = format!("{} · {}", row.words, unbroken(row.cite));
                ui.label(Face::Small.text(words).color(weak));
            });
        });
    }
}

/// The text of a stage, in which the key keeps its colour.
fn stage(ui: &Ui, row: &Row, key: &str) -> LayoutJob {
    let palette = theme::palette(ui);
    let mut job = LayoutJob::default();
    let parts = match row.text.strip_prefix(key) {
        Some(rest) => [(key, palette.hue(Kind::HeaderName)), (rest, palette.hue(Kind::MaskingKey))],
        None => [(row.text.as_str(), palette.text), ("", palette.text)],
    };
    for (words, ink) in parts {
        append(&mut job, words, &Face::Mono.format(ink));
    }
    job.wrap.break_anywhere = true;
    job
}
