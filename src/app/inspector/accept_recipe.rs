//! How a key becomes the value of Sec-WebSocket-Accept: one row a stage, arrows between them; and
//! below them what wrong recipes make of it.

use egui::text::LayoutJob;
use egui::{Label, Ui, vec2};
use lucide_icons::Icon;

use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{append, unbroken};
use crate::view::accept::{NOTHING, REFUSED, Row, Wrong};
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
        labelled(
            ui,
            |ui| {
                ui.label(Face::Strong.text(row.label));
            },
            |ui| {
                ui.label(stage(ui, row, key));
                let words = format!("{} · {}", row.words, unbroken(row.cite));
                ui.label(Face::Small.text(words).color(weak));
            },
        );
    }
}

/// Draws what wrong recipes make of the same key, and what comes of that.
pub fn wrong_recipes(ui: &mut Ui, wrong: &[Wrong]) {
    let palette = theme::palette(ui);
    let breach = palette.tone(Tone::Breach).text;
    ui.spacing_mut().item_spacing = vec2(theme::GAP, 2.0);
    ui.label(Face::CaptionStrong.text("WRONG RECIPES").color(palette.text_weak));
    let comes_of_it = format!("{} · {}", REFUSED.0, unbroken(REFUSED.1));
    ui.label(Face::Small.text(comes_of_it).color(palette.text_weak));
    for recipe in wrong {
        ui.add_space(theme::GAP);
        labelled(
            ui,
            |ui| {
                ui.horizontal_top(|ui| {
                    let sign = Face::Icon.text(char::from(Icon::X)).color(breach);
                    ui.add(Label::new(sign).selectable(false));
                    ui.add(Label::new(Face::Body.text(recipe.idea)).wrap());
                });
            },
            |ui| {
                let yields = recipe.yields.as_deref();
                let ink = if yields.is_some() { breach } else { palette.text_weak };
                ui.label(value(&[(yields.unwrap_or(NOTHING), ink)]));
                let words = format!("{} · {}", recipe.words, unbroken(recipe.cite));
                ui.label(Face::Small.text(words).color(palette.text_weak));
            },
        );
    }
}

fn labelled(ui: &mut Ui, label: impl FnOnce(&mut Ui), contents: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        ui.allocate_ui(vec2(LABELS - theme::GAP, 0.0), |ui| {
            ui.set_width(LABELS - theme::GAP);
            label(ui);
        });
        ui.vertical(contents);
    });
}

/// The text of a stage, in which the key keeps its colour.
fn stage(ui: &Ui, row: &Row, key: &str) -> LayoutJob {
    let palette = theme::palette(ui);
    match row.text.strip_prefix(key) {
        Some(rest) => {
            value(&[(key, palette.hue(Kind::HeaderName)), (rest, palette.hue(Kind::MaskingKey))])
        }
        None => value(&[(row.text.as_str(), palette.text)]),
    }
}

fn value(parts: &[(&str, egui::Color32)]) -> LayoutJob {
    let mut job = LayoutJob::default();
    for (words, ink) in parts {
        append(&mut job, words, &Face::Mono.format(*ink));
    }
    job.wrap.break_anywhere = true;
    job
}
