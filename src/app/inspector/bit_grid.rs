//! The bits of a unit in rows of 32, with their fields bracketed below, to be selected and flipped.
//!
//! **Invariant:** only the rows in view are laid out, however long the unit is.

use std::collections::BTreeSet;
use std::ops::Range;

use egui::{
    Color32, Id, Pos2, Rect, Response, Role, ScrollArea, Sense, Shape, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::cursor::{self, Cells, Press};
use super::{Marks, SCROLL_BAR, Touch};
use crate::app::theme::{self, Face, Fill, Tone};
use crate::app::widgets::{Availability, line};
use crate::view::bits::{self, BITS_PER_ROW, BitCell, BitRow, Bracket};
use crate::view::locus::Locus;
use crate::wire::unit::Dissection;

/// The least and the greatest distance between the left edges of neighbouring bits.
const PITCH: [f32; 2] = [12.5, 24.0];
/// The least distance at which every column is numbered.
const CLEAR_PITCH: f32 = 17.0;
/// The gap between neighbouring bits.
const GUTTER: f32 = 2.0;
const BIT_HEIGHT: f32 = 26.0;
/// The height of a bracket's ends.
const BRACKET: f32 = 5.0;
/// From the top of one row to the top of the next.
const ROW: f32 = 62.0;
/// Room above the bits for the dots of edited ones.
const HEAD_ROOM: f32 = 4.0;
const NUMBERS: f32 = 16.0;

/// A grid of bits; show it with [`BitGrid::show`].
#[must_use = "a grid appears only when it is shown"]
pub struct BitGrid<'a> {
    bytes: &'a [u8],
    found: &'a Dissection,
    marks: Marks,
    edited: Option<&'a BTreeSet<u64>>,
    editable: Availability<'a>,
}

impl<'a> BitGrid<'a> {
    /// The bits of `bytes`, in which `found` was found; they cannot be flipped.
    pub fn new(bytes: &'a [u8], found: &'a Dissection, marks: Marks) -> Self {
        let editable = Availability::Blocked("");
        Self { bytes, found, marks, edited: None, editable }
    }

    /// Marks the bits that the learner has changed.
    pub fn edited(mut self, bits: &'a BTreeSet<u64>) -> Self {
        self.edited = Some(bits);
        self
    }

    /// Says whether bits can be flipped; if not, a bit's tooltip says why.
    pub fn editable(mut self, editable: Availability<'a>) -> Self {
        self.editable = editable;
        self
    }

    /// Draws the grid as wide as its place allows; rows beyond the height scroll.
    pub fn show(self, ui: &mut Ui) -> Vec<Touch> {
        let room = (ui.available_width() - SCROLL_BAR) / BITS_PER_ROW as f32;
        let pitch = room.floor().clamp(PITCH[0], PITCH[1]);
        let at = self.cursor();
        let cell = ui.scope_id().with("bits");
        let whole = ui.available_rect_before_wrap();
        let stop = cursor::stop(ui, whole, Role::Grid, "Bits");
        let mut touches = self.keys(ui, &stop, at);
        let reveal = cursor::moved(ui, &stop, self.marks.selected).then_some(at);

        ui.spacing_mut().item_spacing.y = 0.0;
        column_numbers(ui, pitch);
        let n_rows = bits::n_rows(self.bytes);
        let scroll = ScrollArea::vertical().id_salt("bits").animated(false);
        scroll.show_rows(ui, ROW, n_rows, |ui, range| {
            if let Some(bit) = reveal {
                let row_idx = usize::try_from(bit).unwrap_or(0) / BITS_PER_ROW;
                cursor::reveal(ui, row_idx, range.start, ROW);
            }
            for row in bits::rows(self.bytes, self.found, range) {
                let place = Place { row: &row, pitch, cell, stop: &stop, at };
                self.row(ui, &place, &mut touches);
            }
        });
        touches
    }

    /// The bit that the keyboard is at.
    fn cursor(&self) -> u64 {
        let last = (self.bytes.len() as u64 * 8).saturating_sub(1);
        self.marks.selected.map_or(0, |locus| locus.bit).min(last)
    }

    fn keys(&self, ui: &Ui, stop: &Response, at: u64) -> Vec<Touch> {
        let at_idx = usize::try_from(at).unwrap_or(usize::MAX);
        let n_cells = self.bytes.len() * 8;
        match cursor::press(ui, stop, Cells { count: n_cells, columns: BITS_PER_ROW, at: at_idx }) {
            Some(Press::Go(to)) => vec![Touch::Select(Locus::bit(to as u64))],
            Some(Press::Act) => self.touched(at),
            None => Vec::new(),
        }
    }

    /// What a click on `bit` does.
    fn touched(&self, bit: u64) -> Vec<Touch> {
        let select = Touch::Select(Locus::bit(bit));
        match self.editable {
            Availability::Ready => vec![select, Touch::Flip(bit)],
            Availability::Blocked(_) => vec![select],
        }
    }

    fn row(&self, ui: &mut Ui, place: &Place<'_>, touches: &mut Vec<Touch>) {
        let size = vec2(place.pitch * BITS_PER_ROW as f32, ROW);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let origin = rect.min + vec2(0.0, HEAD_ROOM);
        for bracket in &place.row.brackets {
            let cols = bracket.first_col..bracket.first_col + bracket.n_cols;
            paint_bracket(ui, bracket, bit_rect(origin, place.pitch, cols));
        }
        for (col, cell) in place.row.cells.iter().enumerate() {
            let rect = bit_rect(origin, place.pitch, col..col + 1);
            let response = self.bit(ui, cell, rect, place.cell.with(cell.bit));
            if cell.bit == place.at {
                cursor::show_at(ui, place.stop, &response, rect);
            }
            if response.clicked() {
                touches.extend(self.touched(cell.bit));
            }
            if response.secondary_clicked() {
                touches.push(Touch::Select(Locus::bit(cell.bit)));
            }
            if response.hovered() {
                touches.push(Touch::Hover(Locus::bit(cell.bit)));
            }
        }
        self.outlines(ui, place, origin);
        for (col, cell) in place.row.cells.iter().enumerate() {
            self.marks(ui, cell, bit_rect(origin, place.pitch, col..col + 1));
        }
    }

    /// Outlines what is pointed at and what is selected.
    fn outlines(&self, ui: &Ui, place: &Place<'_>, origin: Pos2) {
        let palette = theme::palette(ui);
        // The ring around the bit that has the keyboard says enough.
        let ringed = place.stop.has_focus().then_some(Locus::bit(place.at));
        let selected = self.marks.selected.filter(|locus| Some(*locus) != ringed);
        let hovered = self.marks.hovered.filter(|locus| Some(*locus) != ringed);
        let strokes = [
            (hovered, Stroke::new(theme::LINE, palette.text_weak)),
            (selected, Stroke::new(theme::FOCUS_LINE, palette.text)),
        ];
        for (locus, stroke) in strokes {
            if let Some(cols) = locus.and_then(|locus| columns(place.row, locus)) {
                let run = bit_rect(origin, place.pitch, cols);
                ui.painter().rect_stroke(run, theme::RADIUS_SMALL, stroke, StrokeKind::Outside);
            }
        }
    }

    /// Marks a bit that breaks a rule at its foot, and one that was edited at its head.
    fn marks(&self, ui: &Ui, cell: &BitCell, rect: Rect) {
        let palette = theme::palette(ui);
        if cell.breach {
            let corner = rect.right_bottom() - vec2(1.0, 1.0);
            let points = vec![corner, corner - vec2(8.0, 0.0), corner - vec2(0.0, 8.0)];
            let ink = palette.tone(Tone::Breach).line;
            ui.painter().add(Shape::convex_polygon(points, ink, Stroke::NONE));
        }
        if self.is_edited(cell.bit) {
            ui.painter().circle_filled(rect.center_top(), 4.5, palette.panel);
            let ink = palette.tone(Tone::Attention).solid;
            ui.painter().circle_filled(rect.center_top(), 3.0, ink);
        }
    }

    fn is_edited(&self, bit: u64) -> bool {
        self.edited.is_some_and(|bits| bits.contains(&bit))
    }

    fn bit(&self, ui: &Ui, cell: &BitCell, rect: Rect, id: Id) -> Response {
        // The gutter belongs to the bit on its left, so that no click falls between two.
        let target = rect.with_max_x(rect.right() + GUTTER);
        let response = ui.interact(target, id, Sense::CLICK);
        let digit = u8::from(cell.value);
        response.widget_info(|| {
            let name = format!("bit {}, {}, {digit}", cell.bit, cell.name);
            let name = if cell.breach { name + ", breaks a rule" } else { name };
            let name = if self.is_edited(cell.bit) { name + ", edited" } else { name };
            match self.editable {
                Availability::Ready => WidgetInfo::selected(Role::CheckBox, true, cell.value, name),
                Availability::Blocked(_) => WidgetInfo::labeled(Role::Button, true, name),
            }
        });
        paint_bit(ui, rect, cell);
        match self.editable {
            Availability::Blocked(reason) if !reason.is_empty() => response.on_hover_text(reason),
            Availability::Ready | Availability::Blocked(_) => response,
        }
    }
}

/// A row and where it stands.
struct Place<'a> {
    row: &'a BitRow,
    pitch: f32,
    /// What the ids of the bits derive from.
    cell: Id,
    stop: &'a Response,
    /// The bit that the keyboard is at.
    at: u64,
}

/// The columns of `row` that lie in `locus`.
fn columns(row: &BitRow, locus: Locus) -> Option<Range<usize>> {
    let first = row.cells.iter().position(|cell| locus.covers(cell.bit))?;
    let n_cols = row.cells[first..].iter().take_while(|cell| locus.covers(cell.bit)).count();
    Some(first..first + n_cols)
}

fn bit_rect(origin: Pos2, pitch: f32, cols: Range<usize>) -> Rect {
    let n_cols = (cols.end - cols.start) as f32;
    let min = origin + vec2(cols.start as f32 * pitch, 0.0);
    Rect::from_min_size(min, vec2(n_cols * pitch - GUTTER, BIT_HEIGHT))
}

fn paint_bit(ui: &Ui, rect: Rect, cell: &BitCell) {
    let palette = theme::palette(ui);
    let kind = cell.kind;
    let fill = palette.hue_fill(kind, if cell.value { Fill::Strong } else { Fill::Weak });
    let (width, border): (f32, Color32) = if cell.breach {
        (theme::FOCUS_LINE, palette.tone(Tone::Breach).line)
    } else {
        (theme::LINE, palette.hue_line(kind))
    };
    ui.painter().rect(rect, theme::RADIUS_SMALL, fill, (width, border), StrokeKind::Inside);
    let digit = if cell.value { "1" } else { "0" };
    let digit = line(ui, digit, Face::MonoStrong);
    // Whole pixels keep the digits alike.
    let place = (rect.center() - digit.size() / 2.0).round();
    ui.painter().galley(place, digit, palette.text);
}

/// Draws a bracket below `bits` with as much of its label as there is room for.
fn paint_bracket(ui: &Ui, bracket: &Bracket, bits: Rect) {
    let palette = theme::palette(ui);
    let kind = bracket.kind;
    let stroke = Stroke::new(theme::LINE, palette.hue_line(kind));
    let (left, right) = (bits.left() + 0.5, bits.right() - 0.5);
    // Half a pixel in, so that the line falls on one row of pixels.
    let (top, bottom) = (bits.bottom() + 4.0, bits.bottom() + 3.5 + BRACKET);
    let points = [pos2(left, top), pos2(left, bottom), pos2(right, bottom), pos2(right, top)];
    ui.painter().add(Shape::line(points.to_vec(), stroke));
    for label in [bracket.label, bracket.short] {
        let words = line(ui, label, Face::Caption);
        if words.size().x <= bits.width() + GUTTER {
            let place = pos2(bits.center().x - words.size().x / 2.0, bottom + 2.0);
            ui.painter().galley(place, words, palette.hue(kind));
            return;
        }
    }
}

fn column_numbers(ui: &mut Ui, pitch: f32) {
    let size = vec2(pitch * BITS_PER_ROW as f32, NUMBERS);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let ink = theme::palette(ui).text_weak;
    // Where two digits would touch the next two, every fourth column is numbered.
    let every = if pitch < CLEAR_PITCH { 4 } else { 1 };
    for col in (0..BITS_PER_ROW).step_by(every) {
        let words = line(ui, &col.to_string(), Face::MonoSmall);
        let centre = rect.left() + col as f32 * pitch + (pitch - GUTTER) / 2.0;
        ui.painter().galley(pos2(centre - words.size().x / 2.0, rect.top()), words, ink);
    }
}
