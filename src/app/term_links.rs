//! Running text whose terms can be asked about: a dotted line below each, its meaning on demand.
//!
//! **Invariant:** a term is reached by pointer and by keyboard, and takes no room of its own.

use super::citation::citation;
use super::theme::{self, Face};
use super::widgets::focus_ring;
use crate::view::terms::Term;
use egui::epaint::text::cursor::CCursor;
use egui::text::LayoutJob;
use egui::text_selection::LabelSelectionState;
use egui::{Galley, Label, Popup, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2};
use std::ops::Range;

/// How far apart the dots are, and how large.
const DOTS: (f32, f32) = (3.0, 0.7);

/// Draws a paragraph; where its terms stand is told in bytes of its text.
pub(super) fn linked(ui: &mut Ui, job: LayoutJob, terms: &[(Range<usize>, &'static Term)]) {
    if terms.is_empty() {
        ui.add(Label::new(job).wrap());
        return;
    }
    let (place, galley, response) = Label::new(job).wrap().layout_in_ui(ui);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, galley.text()));
    if !ui.is_rect_visible(response.rect) {
        return;
    }
    let ink = theme::palette(ui).text;
    let selection = (place, galley.clone());
    LabelSelectionState::label_text_selection(
        ui,
        &response,
        selection.0,
        selection.1,
        ink,
        Stroke::NONE,
    );
    for (at, term) in terms {
        let word = &galley.text()[at.clone()];
        for (row, rect) in rows(&galley, place, at).into_iter().enumerate() {
            // A word that is broken over two lines has the keyboard once.
            let sense = if row == 0 { Sense::click() } else { Sense::CLICK };
            let id = response.id.with((at.start, row));
            let link = ui.interact(rect, id, sense);
            if row == 0 {
                let name = format!("What is “{word}”?");
                link.widget_info(|| WidgetInfo::labeled(Role::Link, true, &name));
            }
            dots(ui, rect, link.hovered() || link.has_focus());
            focus_ring(ui, &link, theme::RADIUS_SMALL);
            explain(link, term);
        }
    }
}

/// Where some bytes of a text stand: a rectangle for each line.
fn rows(galley: &Galley, place: Pos2, at: &Range<usize>) -> Vec<Rect> {
    let n_before = galley.text()[..at.start].chars().count();
    let n = galley.text()[at.clone()].chars().count();
    let mut rows: Vec<Rect> = Vec::new();
    for idx in n_before..n_before + n {
        let edge = |idx: usize, prefer_next_row| {
            galley.pos_from_cursor(CCursor { index: idx.into(), prefer_next_row })
        };
        let (left, right) = (edge(idx, true), edge(idx + 1, false));
        let glyph = Rect::from_min_max(left.min, pos2(right.max.x, left.max.y));
        let glyph = glyph.translate(place.to_vec2());
        match rows.last_mut() {
            Some(row) if row.min.y.total_cmp(&glyph.min.y).is_eq() => *row = row.union(glyph),
            _ => rows.push(glyph),
        }
    }
    rows
}

fn dots(ui: &Ui, rect: Rect, looked_at: bool) {
    let palette = theme::palette(ui);
    let ink = if looked_at { palette.accent_text } else { palette.text_weak };
    let y = rect.bottom() - 2.0;
    let (spacing, radius) = DOTS;
    let line = [pos2(rect.left() + radius, y), pos2(rect.right(), y)];
    ui.painter().extend(Shape::dotted_line(&line, ink, spacing, radius));
}

/// Says what a term means: while the pointer rests on it, and until told otherwise on a click.
fn explain(link: egui::Response, term: &Term) {
    let popup = Popup::from_toggle_button_response(&link);
    let open = popup.is_open();
    popup.width(theme::TERM_WIDTH).show(|ui| {
        meaning(ui, term);
        citation(ui, term.cite);
    });
    if !open {
        let link = link.on_hover_cursor(egui::CursorIcon::Help);
        link.on_hover_ui(|ui| {
            meaning(ui, term);
            let ink = theme::palette(ui).text_weak;
            ui.label(Face::Small.text(term.cite).color(ink));
        });
    }
}

/// A term and what it means.
pub(super) fn meaning(ui: &mut Ui, term: &Term) {
    let palette = theme::palette(ui);
    ui.label(Face::Strong.text(term.name).color(palette.text));
    ui.add(Label::new(Face::Body.text(term.meaning).color(palette.text)).wrap());
}
