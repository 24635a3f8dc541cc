//! The bytes of a flow and the places between them: where it is cut, and what each cut would do.
//!
//! **Invariant:** only the lines in view are laid out.

use std::collections::BTreeSet;
use std::ops::Range;

use egui::{
    Align2, Id, Pos2, Rect, Response, Role, ScrollArea, Sense, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

use super::SCROLL_BAR;
use super::cursor::{self, Cells, Press};
use crate::app::theme::{self, Face, Fill, Palette, Tone};
use crate::view::chunks::{self, Cut, Outcome};
use crate::view::kind::Kind;

/// From the left edge of one byte to that of the next.
const PITCH: f32 = 25.0;
/// The gap between neighbouring bytes, in which cuts are.
const GUTTER: f32 = 7.0;
/// The height of a byte.
const BYTE: f32 = 22.0;
/// The height of a row of signs.
const SIGN: f32 = 11.0;
/// From the top of one line to the top of the next.
const LINE: f32 = 2.0 + BYTE + 2.0 * SIGN + 6.0;
/// The room for the names of the two rows of signs.
const NAMES: f32 = 42.0;

/// The bytes of a flow; show them with [`CutStrip::show`].
#[must_use = "a strip appears only when it is shown"]
pub struct CutStrip<'a> {
    bytes: &'a [u8],
    kinds: &'a [Kind],
    frames: &'a [Range<usize>],
    map: &'a [Cut],
    cuts: &'a BTreeSet<usize>,
}

impl<'a> CutStrip<'a> {
    /// The bytes, the kind of each, and the frames that they make.
    pub fn new(bytes: &'a [u8], kinds: &'a [Kind], frames: &'a [Range<usize>]) -> Self {
        static NONE: BTreeSet<usize> = BTreeSet::new();
        Self { bytes, kinds, frames, map: &[], cuts: &NONE }
    }

    /// Shows where it is cut, and what each cut does.
    pub fn cut(mut self, cuts: &'a BTreeSet<usize>, map: &'a [Cut]) -> Self {
        (self.cuts, self.map) = (cuts, map);
        self
    }

    /// Draws the strip, no higher than `max_height`; gives the cut that is to be made or taken away.
    pub fn show(self, ui: &mut Ui, max_height: f32) -> Option<usize> {
        let n_columns = ((ui.available_width() - SCROLL_BAR - NAMES) / PITCH).max(4.0) as usize;
        let n_cuts = self.bytes.len().saturating_sub(1);
        let whole = ui.available_rect_before_wrap();
        let n_lines = self.bytes.len().div_ceil(n_columns);
        let height = max_height.min(n_lines as f32 * LINE);
        let whole = whole.with_max_y(whole.bottom().min(whole.top() + height));
        let stop = cursor::stop(ui, whole, Role::Grid, "Places to cut");
        let caret = stop.id.with("caret");
        let at = ui.data(|data| data.get_temp::<usize>(caret)).unwrap_or(1).clamp(1, n_cuts.max(1));
        let mut toggled = None;
        // Place n, from 0, is the one before byte n + 1.
        let cells = Cells { count: n_cuts, columns: n_columns, at: at - 1 };
        let mut reveal = None;
        match cursor::press(ui, &stop, cells) {
            Some(Press::Go(to)) => {
                ui.data_mut(|data| data.insert_temp(caret, to + 1));
                reveal = Some((to + 1) / n_columns);
            }
            Some(Press::Act) => toggled = Some(at),
            None => {}
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let scroll = ScrollArea::vertical().id_salt("cuts").max_height(height).animated(false);
        scroll.show_rows(ui, LINE, n_lines, |ui, range| {
            if let Some(line) = reveal {
                cursor::reveal(ui, line, range.start, LINE);
            }
            for line in range {
                let bytes = line * n_columns..((line + 1) * n_columns).min(self.bytes.len());
                if let Some(cut) = self.line(ui, &Place { bytes, stop: &stop, at, caret }) {
                    toggled = Some(cut);
                }
            }
        });
        toggled
    }

    fn line(&self, ui: &mut Ui, place: &Place<'_>) -> Option<usize> {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
        let palette = theme::palette(ui);
        let names = [("naive", 0.5), ("real", 1.5)];
        for (name, row) in names {
            let middle = rect.top() + 2.0 + BYTE + row * SIGN;
            let font = Face::Caption.font();
            let corner = pos2(rect.left(), middle);
            ui.painter().text(corner, Align2::LEFT_CENTER, name, font, palette.text_weak);
        }
        let mut toggled = None;
        for (col, idx) in place.bytes.clone().enumerate() {
            let left = rect.left() + NAMES + col as f32 * PITCH;
            self.byte(ui, idx, pos2(left, rect.top() + 2.0));
            if idx > 0 {
                let middle = left - GUTTER / 2.0;
                let response = self.cut_at(ui, place, idx, pos2(middle, rect.top()));
                if response.clicked() {
                    ui.data_mut(|data| data.insert_temp(place.caret, idx));
                    toggled = Some(idx);
                }
            }
        }
        toggled
    }

    fn byte(&self, ui: &Ui, idx: usize, corner: Pos2) {
        let palette = theme::palette(ui);
        let kind = self.kinds.get(idx).copied().unwrap_or(Kind::Other);
        let rect = Rect::from_min_size(corner, vec2(PITCH - GUTTER, BYTE));
        let begins = self.frames.iter().any(|frame| frame.start == idx);
        let fill = palette.hue_fill(kind, if begins { Fill::Strong } else { Fill::Weak });
        let border = (theme::LINE, palette.hue_line(kind));
        ui.painter().rect(rect, theme::RADIUS_SMALL, fill, border, StrokeKind::Inside);
        let digits = format!("{:02x}", self.bytes[idx]);
        let font = Face::MonoSmall.font();
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, digits, font, palette.text);
        if begins {
            // A frame begins here.
            let top = rect.top() - 1.0;
            let line = (theme::FOCUS_LINE, palette.text_weak);
            ui.painter().hline(rect.x_range(), top, line);
        }
    }

    /// The place before byte `idx`: the cut, and below it what a cut there does by itself.
    fn cut_at(&self, ui: &Ui, place: &Place<'_>, idx: usize, top: Pos2) -> Response {
        let palette = theme::palette(ui);
        let size = vec2(PITCH * 0.6, LINE - 4.0);
        let rect = Rect::from_min_size(pos2(top.x - size.x / 2.0, top.y), size);
        let response = ui.interact(rect, place.stop.id.with(idx), Sense::CLICK);
        let is_cut = self.cuts.contains(&idx);
        let found = self.map.get(idx - 1);
        response.widget_info(|| {
            let name = found.map_or_else(|| format!("Cut before byte {idx}"), chunks::cut_words);
            WidgetInfo::selected(Role::CheckBox, true, is_cut, name)
        });
        let column = rect.top()..=rect.top() + BYTE + 3.0;
        if is_cut {
            let line = (3.0, palette.tone(Tone::Attention).line);
            ui.painter().vline(top.x, column, line);
        } else if response.hovered() {
            let line = (theme::FOCUS_LINE, palette.border_strong);
            ui.painter().vline(top.x, column, line);
        }
        if let Some(found) = found {
            let middle = rect.top() + 2.0 + BYTE + SIGN / 2.0;
            sign(ui, palette, pos2(top.x, middle), found.naive);
            sign(ui, palette, pos2(top.x, middle + SIGN), found.ours);
        }
        if idx == place.at {
            cursor::show_at(ui, place.stop, &response, rect.shrink(1.0));
        }
        match found {
            Some(found) => response.on_hover_text(chunks::cut_words(found)),
            None => response,
        }
    }
}

/// A line and where the keyboard is.
struct Place<'a> {
    bytes: Range<usize>,
    stop: &'a Response,
    /// The place that the keyboard is at.
    at: usize,
    /// Where that is kept.
    caret: Id,
}

/// A dot where it goes right, a cross where it goes wrong.
fn sign(ui: &Ui, palette: &Palette, centre: Pos2, outcome: Outcome) {
    match outcome {
        Outcome::Right => {
            ui.painter().circle_filled(centre, 2.5, palette.tone(Tone::Valid).line);
        }
        Outcome::Wrong => {
            let line = (1.5, palette.tone(Tone::Breach).line);
            let arm = vec2(3.0, 3.0);
            ui.painter().line_segment([centre - arm, centre + arm], line);
            let arm = vec2(3.0, -3.0);
            ui.painter().line_segment([centre - arm, centre + arm], line);
        }
    }
}
