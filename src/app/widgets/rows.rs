//! A list of rows of one height, of which only those in view are drawn; exact at any length.
//!
//! **Invariant:** where the list stands is kept as a row and a part of it, since a height in points
//! could not tell the rows of a long list apart.

use egui::{
    Color32, EventFilter, Key, Modifiers, Rect, Response, Role, Sense, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};

use super::{Extent, SCROLL_BAR, focus_ring, scroll_bar};
use crate::app::theme;

/// Where a list stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowScroll {
    /// The first row that is in view.
    row: u64,
    /// How much of it is above the view, in points.
    part: f32,
}

impl RowScroll {
    /// The first row that is in view.
    pub fn row(self) -> u64 {
        self.row
    }

    /// Brings a row into view, where `n_shown` rows are.
    pub fn reveal(&mut self, row: u64, n_shown: u64) {
        let last = self.row + n_shown.saturating_sub(1);
        if row <= self.row || row > last {
            *self = Self { row: row.saturating_sub(n_shown / 2), part: 0.0 };
        }
    }

    /// Scrolls by so many points.
    fn scroll_by(&mut self, points: f64, row_height: f32) {
        let part = f64::from(self.part) + points;
        let rows = (part / f64::from(row_height)).floor();
        let row = if rows < 0.0 {
            self.row.checked_sub((-rows) as u64)
        } else {
            Some(self.row.saturating_add(rows as u64))
        };
        let part = (part - rows * f64::from(row_height)) as f32;
        *self = row.map_or(Self::default(), |row| Self { row, part });
    }

    /// Goes no further than the end of `n` rows in a view of this height.
    fn clamp(&mut self, n: u64, view: f32, row_height: f32) {
        let n_full = (view / row_height).floor() as u64;
        let last = n.saturating_sub(n_full);
        // At the end the last row stands on the lower edge.
        let part = if n > n_full { (n_full as f32 + 1.0) * row_height - view } else { 0.0 };
        let end = match last.checked_sub(1) {
            Some(row) if part < row_height => Self { row, part },
            _ => Self { row: last, part: 0.0 },
        };
        if (self.row, self.part) > (end.row, end.part) {
            *self = end;
        }
    }
}

/// A list of rows.
#[must_use = "a list appears only when it is shown"]
pub struct Rows<'a> {
    name: &'a str,
    n: u64,
    height: f32,
    at: Option<u64>,
}

/// What was done to a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowsTouch {
    /// The row that was chosen, by mouse or keyboard.
    pub chosen: Option<u64>,
    /// How many whole rows are in view.
    pub n_shown: u64,
    /// Whether the list has the keyboard.
    pub focused: bool,
}

impl<'a> Rows<'a> {
    /// A list of `n` rows, which screen readers call `name`.
    pub fn new(name: &'a str, n: u64, height: f32) -> Self {
        Self { name, n, height, at: None }
    }

    /// The row that the keyboard is at.
    pub fn at(mut self, row: Option<u64>) -> Self {
        self.at = row;
        self
    }

    /// Draws the rows that are in view, each by `row`: into its place, by its index, with what the
    /// pointer does to it.
    pub fn show(
        self,
        ui: &mut Ui,
        scroll: &mut RowScroll,
        mut row: impl FnMut(&mut Ui, u64, &Response) -> String,
    ) -> RowsTouch {
        let whole = ui.available_rect_before_wrap();
        let stop = ui.interact(whole, ui.scope_id().with(self.name), Sense::click_and_drag());
        stop.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, self.name));
        let view = whole.with_max_x(whole.right() - SCROLL_BAR - theme::GAP_SMALL);
        let n_shown = (view.height() / self.height).floor() as u64;
        let chosen = self.keys(ui, &stop, n_shown);
        let mut touch = RowsTouch { chosen, n_shown, focused: stop.has_focus() };
        if ui.rect_contains_pointer(whole) {
            let wheel = ui.input(|input| input.smooth_scroll_delta().y);
            if wheel != 0.0 {
                scroll.scroll_by(f64::from(-wheel), self.height);
                ui.input_mut(|input| input.smooth_scroll_delta.y = 0.0);
            }
        }
        self.bar(ui, whole, scroll);
        scroll.clamp(self.n, view.height(), self.height);
        let mut inner = ui.new_child(UiBuilder::new().max_rect(view));
        inner.set_clip_rect(view.intersect(ui.clip_rect()));
        let n_drawn = n_shown + 2;
        for (slot, idx) in (scroll.row..self.n.min(scroll.row + n_drawn)).enumerate() {
            let top = view.top() - scroll.part + slot as f32 * self.height;
            let rect = Rect::from_min_size(pos2(view.left(), top), vec2(view.width(), self.height));
            let response = inner.interact(rect, stop.id.with(("row", slot)), Sense::CLICK);
            let chosen = self.at == Some(idx);
            paint_row(&inner, &response, Chosen::of(chosen));
            let mut place = inner.new_child(UiBuilder::new().max_rect(rect));
            let spoken = row(&mut place, idx, &response);
            response
                .widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, chosen, &spoken));
            if response.clicked() {
                touch.chosen = Some(idx);
                stop.request_focus();
                touch.focused = true;
            }
        }
        ui.advance_cursor_after_rect(whole);
        focus_ring(ui, &stop.with_new_rect(whole.shrink(2.0)), theme::RADIUS_SMALL);
        touch
    }

    fn keys(&self, ui: &Ui, stop: &Response, n_shown: u64) -> Option<u64> {
        if !stop.has_focus() || self.n == 0 {
            return None;
        }
        let filter = EventFilter { vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(stop.id, filter));
        let (at, last) = (self.at.unwrap_or(0), self.n - 1);
        let steps = [
            (Key::ArrowUp, at.saturating_sub(1)),
            (Key::ArrowDown, (at + u64::from(self.at.is_some())).min(last)),
            (Key::PageUp, at.saturating_sub(n_shown)),
            (Key::PageDown, (at + n_shown).min(last)),
            (Key::Home, 0),
            (Key::End, last),
        ];
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        steps.into_iter().find(|(key, _)| pressed(*key)).map(|(_, to)| to)
    }

    fn bar(&self, ui: &Ui, whole: Rect, scroll: &mut RowScroll) {
        let height = f64::from(self.height);
        let extent = Extent {
            view: f64::from(whole.height()) / height,
            whole: self.n as f64,
            above: scroll.row as f64 + f64::from(scroll.part) / height,
        };
        let track = whole.with_min_x(whole.right() - SCROLL_BAR);
        let id = ui.scope_id().with((self.name, "bar"));
        if let Some(above) = scroll_bar(ui, id, track, extent) {
            let part = (above.fract() * height) as f32;
            *scroll = RowScroll { row: above as u64, part };
        }
    }
}

fn paint_row(ui: &Ui, response: &Response, chosen: Chosen) {
    let palette = theme::palette(ui);
    let fill = match chosen {
        Chosen::Yes => palette.selection,
        Chosen::No if response.hovered() => palette.card_hovered,
        Chosen::No => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(response.rect, theme::RADIUS_SMALL, fill);
}

/// Whether the keyboard is at a row.
#[derive(Clone, Copy)]
enum Chosen {
    Yes,
    No,
}

impl Chosen {
    fn of(chosen: bool) -> Self {
        if chosen { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEIGHT: f32 = 22.0;

    #[test]
    fn a_list_of_ten_million_rows_moves_by_the_point() {
        let mut scroll = RowScroll { row: 9_876_543, part: 3.0 };
        scroll.scroll_by(20.0, HEIGHT);
        assert_eq!(scroll, RowScroll { row: 9_876_544, part: 1.0 });
        scroll.scroll_by(-1.0, HEIGHT);
        assert_eq!(scroll, RowScroll { row: 9_876_544, part: 0.0 });
        scroll.scroll_by(-22.0 * 44.0, HEIGHT);
        assert_eq!(scroll, RowScroll { row: 9_876_500, part: 0.0 });
    }

    #[test]
    fn a_list_stops_at_both_ends() {
        let mut scroll = RowScroll { row: 3, part: 0.0 };
        scroll.scroll_by(-1000.0, HEIGHT);
        assert_eq!(scroll, RowScroll::default());
        scroll.scroll_by(1e12, HEIGHT);
        // Ten rows and half of one are in view: half of the eleventh from below is cut off.
        scroll.clamp(10_000_000, 10.5 * HEIGHT, HEIGHT);
        assert_eq!(scroll, RowScroll { row: 9_999_989, part: 11.0 });
        scroll.clamp(5, 10.5 * HEIGHT, HEIGHT);
        assert_eq!(scroll, RowScroll::default());
        scroll = RowScroll { row: 90, part: 0.0 };
        scroll.clamp(100, 10.0 * HEIGHT, HEIGHT);
        assert_eq!(scroll, RowScroll { row: 90, part: 0.0 });
    }

    #[test]
    fn what_is_in_view_stays_where_it_is() {
        let mut scroll = RowScroll { row: 10, part: 0.0 };
        scroll.reveal(15, 10);
        assert_eq!(scroll.row(), 10);
        scroll.reveal(100, 10);
        assert_eq!(scroll.row(), 95);
    }
}
