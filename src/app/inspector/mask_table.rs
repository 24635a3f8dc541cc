//! The payload of a masked frame, an octet a row: as it is on the wire, the octet of the key that it
//! meets, and what the two make.
//!
//! **Invariant:** only the rows in view are made and laid out, however long the payload is.

use egui::{
    Color32, Rect, Response, Role, ScrollArea, Sense, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::cursor::{self, Cells, Press};
use super::{Marks, SCROLL_BAR, Touch};
use crate::app::theme::{self, Face, Fill};
use crate::app::widgets::line;
use crate::view::kind::Kind;
use crate::view::mask::{self, Masked, Row};

/// From the top of one row to the top of the next.
const ROW: f32 = 24.0;
/// The columns from the left edge: index, wire, XOR, name of the key's octet, key, =, result.
const INDEX: f32 = 8.0;
const WIRE: f32 = 44.0;
const XOR: f32 = 146.0;
const NAME: f32 = 178.0;
const KEY: f32 = 226.0;
const EQUALS: f32 = 330.0;
const PLAIN: f32 = 350.0;
/// Within a column: the octet in hex, then its bits, then the character.
const HEX_WIDTH: f32 = 26.0;
const BITS: f32 = 32.0;
const CHARACTER: f32 = 106.0;

/// A masked payload; show it with [`MaskTable::show`].
#[must_use = "a table appears only when it is shown"]
pub struct MaskTable<'a> {
    bytes: &'a [u8],
    masked: Masked,
    marks: Marks,
}

impl<'a> MaskTable<'a> {
    /// A table of the payload `masked` of the frame `bytes`.
    pub fn new(bytes: &'a [u8], masked: Masked, marks: Marks) -> Self {
        Self { bytes, masked, marks }
    }

    /// Draws the table; rows beyond the height scroll.
    pub fn show(self, ui: &mut Ui) -> Vec<Touch> {
        let n = self.masked.n;
        let at = self.selected_row().unwrap_or(0);
        let whole = ui.available_rect_before_wrap();
        let stop = cursor::stop(ui, whole, Role::ListBox, "Masking octet by octet");
        let mut touches = Vec::new();
        if let Some(press) = cursor::press(ui, &stop, Cells { count: n, columns: 1, at }) {
            let to = match press {
                Press::Go(to) => to,
                Press::Act => at,
            };
            touches.extend(self.rows(to..to + 1).map(|row| Touch::Select(row.locus)));
        }
        let reveal = cursor::moved(ui, &stop, self.marks.selected) && self.selected_row().is_some();
        ui.spacing_mut().item_spacing.y = 0.0;
        titles(ui);
        let scroll = ScrollArea::vertical().id_salt("masking").animated(false).auto_shrink(false);
        scroll.show_rows(ui, ROW, n, |ui, range| {
            if reveal {
                cursor::reveal(ui, at, range.start, ROW);
            }
            for row in self.rows(range) {
                let response = self.row(ui, &row, &stop);
                if row.i == at {
                    cursor::show_at(ui, &stop, &response, response.rect.shrink(theme::FOCUS_LINE));
                }
                if response.clicked() {
                    touches.push(Touch::Select(row.locus));
                }
                if response.hovered() {
                    touches.push(Touch::Hover(row.locus));
                }
            }
        });
        touches
    }

    fn rows(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = Row> + use<> {
        mask::rows(self.bytes, &self.masked, range).into_iter()
    }

    /// The first row that the selection touches.
    fn selected_row(&self) -> Option<usize> {
        let bytes = self.marks.selected?.bytes();
        let first = bytes.start.max(self.masked.start) - self.masked.start;
        (bytes.end > self.masked.start && first < self.masked.n).then_some(first)
    }

    fn row(&self, ui: &mut Ui, row: &Row, stop: &Response) -> Response {
        let size = vec2(ui.available_width() - SCROLL_BAR, ROW);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let response = ui.interact(rect, stop.id.with(row.i), Sense::CLICK);
        let over = |marked: Option<crate::view::locus::Locus>| {
            marked.is_some_and(|locus| locus.overlaps(row.locus))
        };
        let selected = over(self.marks.selected);
        response.widget_info(|| {
            let (i, turn) = (row.i, row.turn());
            let (wire, key, plain) = (row.wire, row.key, row.plain);
            let shown = mask::character(plain);
            let name =
                format!("octet {i}: {wire:02x} XOR key[{turn}] {key:02x} is {plain:02x}, {shown}");
            WidgetInfo::selected(Role::ListBoxOption, true, selected, name)
        });
        let palette = theme::palette(ui);
        let fill = match selected {
            true => palette.card_hovered,
            false if over(self.marks.hovered) || response.hovered() => palette.card,
            false => palette.panel,
        };
        ui.painter().rect_filled(rect, theme::RADIUS_SMALL, fill);
        if row.i > 0 && row.turn() == 0 {
            // The key begins anew.
            ui.painter().hline(rect.x_range(), rect.top(), (theme::LINE, palette.border));
        }
        if selected {
            let border = (theme::LINE, palette.border_strong);
            ui.painter().rect_stroke(rect, theme::RADIUS_SMALL, border, StrokeKind::Inside);
        }
        paint(ui, rect, row);
        response
    }
}

fn titles(ui: &mut Ui) {
    let size = vec2(ui.available_width() - SCROLL_BAR, ROW - theme::GAP_SMALL);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let ink = theme::palette(ui).text_weak;
    let titles = [(INDEX, "i"), (WIRE, "on the wire"), (NAME, "key[i mod 4]"), (PLAIN, "unmasked")];
    for (x, title) in titles {
        ui.painter().galley(rect.min + vec2(x, 2.0), line(ui, title, Face::Caption), ink);
    }
}

fn paint(ui: &Ui, rect: Rect, row: &Row) {
    let palette = theme::palette(ui);
    let put = |x: f32, words: &str, face: Face, ink: Color32| {
        let words = line(ui, words, face);
        let place = pos2(rect.left() + x, rect.center().y - words.size().y / 2.0);
        ui.painter().galley(place, words, ink);
    };
    let octet = |x: f32, octet: u8, kind: Kind, fill: Fill| {
        let place = pos2(rect.left() + x, rect.top() + 2.0);
        let cell = Rect::from_min_size(place, vec2(HEX_WIDTH, rect.height() - 4.0));
        let border = (theme::LINE, palette.hue_line(kind));
        let ground = palette.hue_fill(kind, fill);
        ui.painter().rect(cell, theme::RADIUS_SMALL, ground, border, StrokeKind::Inside);
        put(x + 5.0, &format!("{octet:02x}"), Face::Mono, palette.text);
        put(x + BITS, &format!("{octet:08b}"), Face::Mono, palette.hue(kind));
    };
    put(INDEX, &row.i.to_string(), Face::MonoSmall, palette.text_weak);
    octet(WIRE, row.wire, Kind::Payload, Fill::Weak);
    put(XOR, "XOR", Face::Caption, palette.text_weak);
    put(NAME, &format!("key[{}]", row.turn()), Face::MonoSmall, palette.hue(Kind::MaskingKey));
    octet(KEY, row.key, Kind::MaskingKey, Fill::Strong);
    put(EQUALS, "=", Face::Mono, palette.text_weak);
    octet(PLAIN, row.plain, Kind::Payload, Fill::Strong);
    let shown = mask::character(row.plain).to_string();
    put(PLAIN + CHARACTER, &shown, Face::MonoStrong, palette.text);
}
