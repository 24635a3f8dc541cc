//! The bytes of a unit in hex and as characters, coloured by field.
//!
//! **Invariant:** only the lines in view are laid out, however long the unit is.

use std::collections::BTreeSet;
use std::ops::Range;

use egui::{
    Align2, Color32, Rect, Response, Role, ScrollArea, Sense, Shape, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::cursor::{self, Cells, Press};
use super::{Marks, SCROLL_BAR, Touch};
use crate::app::theme::{self, Face, Fill, Palette, Tone};
use crate::view::hex::{self, Cell};
use crate::view::locus::Locus;
use crate::wire::unit::Dissection;

/// From the left edge of one byte to that of the next.
const PITCH: f32 = 31.0;
/// From the top of one line to the top of the next.
const LINE: f32 = 28.0;
/// The gap between neighbouring bytes.
const GUTTER: f32 = 4.0;
/// Room for the ring around the byte that has the keyboard.
const EDGE: f32 = 2.0;
/// The width of a character beside the bytes.
const CHARACTER: f32 = 8.0;
/// Bytes stand in groups of this many, so that lines end at even places.
const GROUP: usize = 4;

/// The bytes of a unit; show them with [`HexStrip::show`].
#[must_use = "a strip appears only when it is shown"]
pub struct HexStrip<'a> {
    bytes: &'a [u8],
    found: &'a Dissection,
    marks: Marks,
    differing: Option<&'a BTreeSet<usize>>,
    max_height: f32,
}

impl<'a> HexStrip<'a> {
    /// The bytes of `bytes`, in which `found` was found.
    pub fn new(bytes: &'a [u8], found: &'a Dissection, marks: Marks) -> Self {
        Self { bytes, found, marks, differing: None, max_height: f32::INFINITY }
    }

    /// Outlines bytes that are others in what this is held against.
    pub fn differing(mut self, bytes: &'a BTreeSet<usize>) -> Self {
        self.differing = Some(bytes);
        self
    }

    /// Scrolls what is higher than this.
    pub fn max_height(mut self, height: f32) -> Self {
        self.max_height = height;
        self
    }

    /// Draws as many bytes side by side as its place allows.
    pub fn show(self, ui: &mut Ui) -> Vec<Touch> {
        let n_cells = hex::n_cells(self.bytes, self.found);
        let n_columns = n_columns(ui.available_width() - SCROLL_BAR);
        let at = self.marks.selected.map_or(0, |locus| locus.bytes().start);
        let at = at.min(n_cells.saturating_sub(1));
        let whole = ui.available_rect_before_wrap();
        let whole = whole.with_max_y(whole.bottom().min(whole.top() + self.max_height));
        let stop = cursor::stop(ui, whole, Role::Grid, "Bytes");
        let mut touches =
            match cursor::press(ui, &stop, Cells { count: n_cells, columns: n_columns, at }) {
                Some(Press::Go(to)) => vec![Touch::Select(Locus::byte(to))],
                Some(Press::Act) => vec![Touch::Select(Locus::byte(at))],
                None => Vec::new(),
            };
        let reveal = cursor::moved(ui, &stop, self.marks.selected).then_some(at / n_columns);
        ui.spacing_mut().item_spacing.y = 0.0;
        let scroll = ScrollArea::vertical().id_salt("bytes").max_height(self.max_height);
        let n_lines = n_cells.div_ceil(n_columns);
        scroll.animated(false).show_rows(ui, LINE, n_lines, |ui, range| {
            if let Some(line) = reveal {
                cursor::reveal(ui, line, range.start, LINE);
            }
            for line in range {
                let bytes = line * n_columns..(line + 1) * n_columns;
                self.line(ui, &Place { bytes, stop: &stop, at }, &mut touches);
            }
        });
        touches
    }

    fn line(&self, ui: &mut Ui, place: &Place<'_>, touches: &mut Vec<Touch>) {
        let cells = hex::cells(self.bytes, self.found, place.bytes.clone());
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
        let left_of = |col: usize| rect.left() + EDGE + col as f32 * PITCH;
        for (col, cell) in cells.iter().enumerate() {
            let idx = place.bytes.start + col;
            let corner = pos2(left_of(col), rect.top() + EDGE);
            let rect = Rect::from_min_size(corner, vec2(PITCH - GUTTER, LINE - GUTTER));
            let response = ui.interact(rect, place.stop.id.with(idx), Sense::CLICK);
            self.byte(ui, cell, &response);
            let differs = self.differing.is_some_and(|bytes| bytes.contains(&idx));
            if differs {
                let line = (theme::FOCUS_LINE, theme::palette(ui).tone(Tone::Attention).line);
                let around = rect.expand(0.5);
                ui.painter().rect_stroke(around, theme::RADIUS_SMALL, line, StrokeKind::Outside);
            }
            response.widget_info(|| {
                let differs = if differs { ", differs beside" } else { "" };
                let name = format!("byte {idx}, {}{differs}", spoken(cell));
                WidgetInfo::labeled(Role::Button, true, name)
            });
            if idx == place.at {
                cursor::show_at(ui, place.stop, &response, rect);
            }
            if response.clicked() || response.secondary_clicked() {
                touches.push(Touch::Select(cell.locus));
            }
            if response.hovered() {
                touches.push(Touch::Hover(cell.locus));
            }
        }
        // Below each other, the characters of a short last line stand where the others do.
        let first_line = place.bytes.start == 0;
        let n_shown = if first_line { cells.len() } else { place.bytes.len() };
        for (col, cell) in cells.iter().enumerate() {
            let x = left_of(n_shown) + theme::GAP_SMALL + (col as f32 + 0.5) * CHARACTER;
            let centre = pos2(x, rect.top() + EDGE + (LINE - GUTTER) / 2.0);
            let ink = self.ink(theme::palette(ui), cell);
            let font = Face::Mono.font();
            ui.painter().text(centre, Align2::CENTER_CENTER, cell.ascii(), font, ink);
        }
    }

    fn byte(&self, ui: &Ui, cell: &Cell, response: &Response) {
        let palette = theme::palette(ui);
        let kind = cell.kind;
        let rect = response.rect;
        let touches = |locus: Option<Locus>| locus.is_some_and(|l| l.overlaps(cell.locus));
        let strong = touches(self.marks.selected) || touches(self.marks.hovered);
        let fill = palette.hue_fill(kind, if strong { Fill::Strong } else { Fill::Weak });
        let (width, border) = if cell.breach {
            (theme::FOCUS_LINE, palette.tone(Tone::Breach).line)
        } else {
            (theme::LINE, palette.hue_line(kind))
        };
        if cell.byte.is_some() {
            let border = (width, border);
            ui.painter().rect(rect, theme::RADIUS_SMALL, fill, border, StrokeKind::Inside);
        } else {
            let corners = [rect.left_top(), rect.right_top(), rect.right_bottom()];
            let around = [&corners[..], &[rect.left_bottom(), rect.left_top()]].concat();
            let stroke = Stroke::new(theme::LINE, palette.hue_line(kind));
            ui.painter().extend(Shape::dashed_line(&around, stroke, 3.0, 3.0));
        }
        let font = Face::Mono.font();
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, cell.digits(), font, palette.text);
    }

    fn ink(&self, palette: &Palette, cell: &Cell) -> Color32 {
        let selected = self.marks.selected.is_some_and(|locus| locus.overlaps(cell.locus));
        match cell.byte {
            None => palette.panel,
            Some(_) if selected => palette.text,
            Some(_) => palette.text_weak,
        }
    }
}

/// A line and where the keyboard is.
struct Place<'a> {
    bytes: Range<usize>,
    stop: &'a Response,
    /// The byte that the keyboard is at.
    at: usize,
}

/// How many bytes fit side by side with their characters behind them.
fn n_columns(width: f32) -> usize {
    let n_fitting = ((width - EDGE - theme::GAP_SMALL) / (PITCH + CHARACTER)).max(0.0) as usize;
    (n_fitting / GROUP * GROUP).clamp(GROUP, 4 * GROUP)
}

fn spoken(cell: &Cell) -> String {
    let byte = cell.byte.map_or_else(|| "still to come".to_owned(), |byte| format!("0x{byte:02x}"));
    if cell.breach { byte + ", breaks a rule" } else { byte }
}
