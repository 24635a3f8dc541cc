//! Segments of which exactly one is chosen: a row of them, or several where there is little room.

use egui::{
    Id, Rect, Response, Role, Sense, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::{Availability, focus_ring, line};
use crate::app::theme::{self, Face};

/// The space between the control's edge and its segments.
const INSET: f32 = 3.0;
/// The least space between a segment's edge and its words.
const CLOSEST: f32 = 6.0;

/// Draws the segments `options` with `selected` chosen; gives the segment clicked in this frame.
///
/// `name` is what screen readers call the whole. A blocked segment says why in its tooltip. The
/// width does not depend on the choice; what has no room in one row stands in two.
pub fn segmented(
    ui: &mut Ui,
    name: &str,
    options: &[(&str, Availability<'_>)],
    selected: usize,
) -> Option<usize> {
    let group = UiBuilder::new().accessibility_role(Role::RadioGroup).accessibility_label(name);
    ui.scope_builder(group, |ui| segments(ui, options, selected)).inner
}

fn segments(ui: &mut Ui, options: &[(&str, Availability<'_>)], selected: usize) -> Option<usize> {
    let palette = theme::palette(ui);
    let words: Vec<f32> =
        options.iter().map(|(name, _)| line(ui, name, Face::Strong).size().x.ceil()).collect();
    let rows = Rows::of(&words, ui.available_width() - 2.0 * INSET);
    let size = vec2(rows.width + 2.0 * INSET, rows.height * rows.lens.len() as f32 + 2.0 * INSET);
    let (outer, whole) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect(
        outer,
        theme::RADIUS_LARGE,
        palette.card,
        (theme::LINE, palette.border),
        StrokeKind::Inside,
    );
    let places = rows.places(&words);
    let mut clicked = None;
    for (idx, (option, place)) in options.iter().zip(places).enumerate() {
        let rect = place.translate(outer.min.to_vec2() + Vec2::splat(INSET));
        let id = whole.id.with(idx);
        if segment(ui, Segment { id, rect, option, chosen: idx == selected }).clicked() {
            clicked = Some(idx);
        }
    }
    clicked
}

/// One segment in its place.
#[derive(Clone, Copy)]
struct Segment<'a> {
    id: Id,
    rect: Rect,
    option: &'a (&'a str, Availability<'a>),
    chosen: bool,
}

fn segment(ui: &Ui, segment: Segment<'_>) -> Response {
    let Segment { id, rect, option: (name, availability), chosen } = segment;
    let palette = theme::palette(ui);
    let ready = *availability == Availability::Ready && ui.is_enabled();
    let sense = [Sense::hover(), Sense::click()][usize::from(ready)];
    let response = ui.interact(rect, id, sense);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ready, chosen, *name));
    let (face, ink) = match (chosen, ready) {
        (true, _) => (Face::Strong, palette.on_accent),
        (false, true) if response.hovered() => (Face::Body, palette.text),
        (false, true) => (Face::Body, palette.text_weak),
        (false, false) => (Face::Body, palette.text_disabled),
    };
    if chosen {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.accent_solid);
    } else if ready && response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.card_hovered);
    }
    let words = line(ui, name, face);
    ui.painter().galley(rect.center() - words.size() / 2.0, words, ink);
    focus_ring(ui, &response, theme::RADIUS);
    match availability {
        Availability::Blocked(reason) => response.on_hover_text(*reason),
        Availability::Ready => response,
    }
}

/// How segments are laid out: in one row or, where they have no room in it, in several.
#[derive(Debug, PartialEq)]
struct Rows {
    /// How many segments stand in each row.
    lens: Vec<usize>,
    /// The width of all rows.
    width: f32,
    height: f32,
}

impl Rows {
    /// Rows for words as wide as these, in so much room.
    fn of(words: &[f32], room: f32) -> Self {
        let needs = |words: &[f32], padding: f32| {
            words.iter().sum::<f32>() + 2.0 * padding * words.len() as f32
        };
        let n_rows = (1..words.len())
            .find(|n| split(words, *n).iter().all(|row| needs(row, CLOSEST) <= room));
        let rows = split(words, n_rows.unwrap_or(words.len().max(1)));
        let widest = |padding: f32| rows.iter().map(|row| needs(row, padding)).fold(0.0, f32::max);
        let width = widest(theme::CONTROL_PADDING).min(room).max(widest(CLOSEST)).floor();
        let height = match rows.len() {
            1 => theme::CONTROL_HEIGHT - 2.0 * INSET,
            _ => theme::SEGMENT_HEIGHT,
        };
        Self { lens: rows.iter().map(|row| row.len()).collect(), width, height }
    }

    /// The places of the segments, each row as wide as the others.
    fn places(&self, words: &[f32]) -> Vec<Rect> {
        let mut places = Vec::with_capacity(words.len());
        let mut rest = words;
        for (idx, len) in self.lens.iter().enumerate() {
            let (row, behind) = rest.split_at(*len);
            rest = behind;
            let padding = (self.width - row.iter().sum::<f32>()) / *len as f32;
            let mut left = 0.0;
            for words in row {
                let size = vec2(words + padding, self.height);
                places.push(Rect::from_min_size(pos2(left, idx as f32 * self.height), size));
                left += words + padding;
            }
        }
        places
    }
}

/// The words in so many rows, in order, each about as wide as the others.
fn split(words: &[f32], n_rows: usize) -> Vec<&[f32]> {
    let total: f32 = words.iter().sum();
    let mut rows = Vec::with_capacity(n_rows);
    let (mut rest, mut before) = (words, 0.0);
    for row in 1..n_rows {
        let until = total * row as f32 / n_rows as f32;
        // A word belongs to the row that has its middle.
        let mut n = 0;
        while n < rest.len() && before + rest[n] / 2.0 < until {
            before += rest[n];
            n += 1;
        }
        let (now, later) = rest.split_at(n);
        rows.push(now);
        rest = later;
    }
    rows.push(rest);
    rows.retain(|row| !row.is_empty());
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_stand_in_one_row_where_they_have_room_and_in_equal_rows_where_not() {
        let words = [40.0, 40.0, 40.0, 40.0, 40.0];
        assert_eq!(Rows::of(&words, 600.0).lens, [5]);
        assert!((Rows::of(&words, 600.0).width - 5.0 * 64.0).abs() < 0.1);
        assert_eq!(Rows::of(&words, 260.0).lens, [5], "the words stand closer");
        let two = Rows::of(&words, 259.0);
        assert_eq!(two.lens, [2, 3]);
        let places = two.places(&words);
        assert!((places[1].right() - two.width).abs() < 0.1);
        assert!(places[2].left().abs() < 0.1 && (places[4].right() - two.width).abs() < 0.1);
        assert!(places[2].top() >= places[0].bottom());
    }

    #[test]
    fn one_that_is_wider_than_all_the_room_has_a_row_of_its_own() {
        assert_eq!(Rows::of(&[900.0, 20.0], 100.0).lens, [1, 1]);
        assert_eq!(Rows::of(&[], 100.0).lens, Vec::<usize>::new());
    }
}
