//! A unit byte by byte: what its reader knows after each.
//!
//! **Invariant:** only the rows in view are read and laid out, however long the unit is.

use egui::{Rect, Response, Role, ScrollArea, Sense, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::cursor::{self, Cells, Press};
use super::{SCROLL_BAR, Touch};
use crate::app::theme::{self, Face, Fill, Tone};
use crate::app::widgets::{elided, icon, line};
use crate::view::locus::Locus;
use crate::view::prefix::{self, Row};
use crate::wire::unit::Context;

/// From the top of one row to the top of the next.
const ROW: f32 = 42.0;
/// The height of a row's first line, with the byte; below it stands where the reader is.
const FIRST: f32 = 26.0;
/// The columns before the words, from the left edge: number, byte, bits, words.
const NUMBER: f32 = 8.0;
const BYTE: f32 = 46.0;
const BITS: f32 = 86.0;
const KNOWN: f32 = 168.0;
const BYTE_WIDTH: f32 = 26.0;
/// The room for the last column.
const NEEDS: f32 = 72.0;

/// The bytes of a unit, one a row; show them with [`PrefixTable::show`].
#[must_use = "a table appears only when it is shown"]
pub struct PrefixTable<'a> {
    bytes: &'a [u8],
    context: &'a Context,
    arrived: Option<usize>,
}

impl<'a> PrefixTable<'a> {
    /// A table of `bytes`, which are read in `context`.
    pub fn new(bytes: &'a [u8], context: &'a Context) -> Self {
        Self { bytes, context, arrived: None }
    }

    /// Highlights the last byte that has arrived, where `n_bytes` have.
    pub fn arrived(mut self, n_bytes: Option<usize>) -> Self {
        self.arrived = n_bytes;
        self
    }

    /// Draws the table; rows beyond the height scroll.
    pub fn show(self, ui: &mut Ui) -> Vec<Touch> {
        let n_cells = self.bytes.len();
        let at = self.arrived.map_or(0, |n| n.saturating_sub(1)).min(n_cells.saturating_sub(1));
        let whole = ui.available_rect_before_wrap();
        let stop = cursor::stop(ui, whole, Role::ListBox, "Byte by byte");
        let mut touches = match cursor::press(ui, &stop, Cells { count: n_cells, columns: 1, at }) {
            Some(Press::Go(to)) => vec![Touch::Select(Locus::byte(to))],
            Some(Press::Act) => vec![Touch::Select(Locus::byte(at))],
            None => Vec::new(),
        };
        let place = self.arrived.map(|_| Locus::byte(at));
        let reveal = cursor::moved(ui, &stop, place);
        ui.spacing_mut().item_spacing.y = 0.0;
        titles(ui);
        let scroll = ScrollArea::vertical().id_salt("prefixes").animated(false);
        scroll.show_rows(ui, ROW, n_cells, |ui, range| {
            if reveal {
                cursor::reveal(ui, at, range.start, ROW);
            }
            for row in prefix::rows(self.bytes, self.context, range) {
                let response = self.row(ui, &row, &stop);
                if row.n == at + 1 {
                    let ring = response.rect.shrink(theme::FOCUS_LINE);
                    cursor::show_at(ui, &stop, &response, ring);
                }
                if response.clicked() {
                    touches.push(Touch::Select(Locus::byte(row.n - 1)));
                }
                if response.hovered() {
                    touches.push(Touch::Hover(Locus::byte(row.n - 1)));
                }
                if let Some(breach) = &row.breach {
                    response.on_hover_text(breach);
                }
            }
        });
        touches
    }

    fn row(&self, ui: &mut Ui, row: &Row, stop: &Response) -> Response {
        let size = vec2(ui.available_width() - SCROLL_BAR, ROW);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let response = ui.interact(rect, stop.id.with(row.n), Sense::CLICK);
        let here = self.arrived == Some(row.n);
        response.widget_info(|| {
            let name = format!("after byte {}: {}", row.n, row.known);
            let name = format!("{name} ({})", row.state);
            let name = row.breach.as_ref().map_or(name.clone(), |said| format!("{name}, {said}"));
            WidgetInfo::selected(Role::ListBoxOption, true, here, name)
        });
        let palette = theme::palette(ui);
        let fill = match &row.breach {
            Some(_) => palette.tone(Tone::Breach).fill,
            None if here => palette.tone(Tone::Attention).fill,
            None if response.hovered() => palette.card,
            None => palette.panel,
        };
        ui.painter().rect_filled(rect, theme::RADIUS_SMALL, fill);
        if here {
            let border = (theme::LINE, palette.tone(Tone::Attention).line);
            ui.painter().rect_stroke(rect, theme::RADIUS_SMALL, border, StrokeKind::Inside);
        }
        paint_byte(ui, rect, row);
        paint_words(ui, rect, row);
        response
    }
}

fn titles(ui: &mut Ui) {
    let size = vec2(ui.available_width() - SCROLL_BAR, FIRST);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let ink = theme::palette(ui).text_weak;
    let needs = rect.width() - NEEDS;
    for (x, title) in [(BYTE, "byte"), (BITS, "bits"), (KNOWN, "known"), (needs, "needs")] {
        let words = line(ui, title, Face::Caption);
        ui.painter().galley(rect.min + vec2(x, theme::GAP_SMALL), words, ink);
    }
}

fn paint_byte(ui: &Ui, rect: Rect, row: &Row) {
    let palette = theme::palette(ui);
    let middle = rect.top() + FIRST / 2.0;
    let put = |x: f32, words: &str, face: Face, ink| {
        let words = line(ui, words, face);
        let place = pos2(rect.left() + x, middle - words.size().y / 2.0);
        ui.painter().galley(place, words, ink);
    };
    put(NUMBER, &row.n.to_string(), Face::MonoSmall, palette.text_weak);
    let kind = row.kind;
    let cell = Rect::from_min_size(
        pos2(rect.left() + BYTE, rect.top() + 3.0),
        vec2(BYTE_WIDTH, FIRST - 4.0),
    );
    let border = (theme::LINE, palette.hue_line(kind));
    let fill = palette.hue_fill(kind, Fill::Weak);
    ui.painter().rect(cell, theme::RADIUS_SMALL, fill, border, StrokeKind::Inside);
    put(BYTE + 5.0, &format!("{:02x}", row.byte), Face::Mono, palette.text);
    put(BITS, &format!("{:08b}", row.byte), Face::Mono, palette.text_weak);
}

fn paint_words(ui: &Ui, rect: Rect, row: &Row) {
    let palette = theme::palette(ui);
    let put = |x: f32, words: std::sync::Arc<egui::Galley>, ink| {
        let width = words.size().x;
        let middle = rect.top() + FIRST / 2.0;
        let place = pos2(rect.left() + x, middle - words.size().y / 2.0);
        ui.painter().galley(place, words, ink);
        x + width + theme::GAP
    };
    paint_state(ui, rect, row);
    let right = rect.width() - NEEDS - theme::GAP;
    let known = elided(ui, &row.known, Face::Body, (right - KNOWN).max(0.0));
    let next = put(KNOWN, known, palette.text);
    if let Some(breach) = &row.breach {
        let ink = palette.tone(Tone::Breach).text;
        let room = right - next - theme::SIGN - theme::GAP_SMALL;
        if room > 0.0 {
            let next = put(next, icon(ui, Icon::TriangleAlert), ink);
            put(next, elided(ui, breach, Face::Body, room), ink);
        }
    }
    let needs = row.needs.map_or_else(|| "nothing".to_owned(), |n| format!("{n} or more"));
    put(rect.width() - NEEDS, line(ui, &needs, Face::Body), palette.text_weak);
}

/// Where the reader stands, and what it has understood so far.
fn paint_state(ui: &Ui, rect: Rect, row: &Row) {
    let palette = theme::palette(ui);
    let room = rect.width() - BITS - theme::GAP;
    let state = elided(ui, &row.state, Face::Small, room);
    let width = state.size().x;
    let top = rect.top() + FIRST - 2.0;
    ui.painter().galley(pos2(rect.left() + BITS, top), state, palette.text_weak);
    let room = room - width - theme::GAP_LARGE;
    if !row.so_far.is_empty() && room > theme::SEEN_WIDTH / 3.0 {
        let so_far = elided(ui, &format!("so far {}", row.so_far), Face::Small, room);
        let left = rect.left() + BITS + width + theme::GAP_LARGE;
        ui.painter().galley(pos2(left, top), so_far, palette.accent_text);
    }
}
