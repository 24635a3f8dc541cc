//! Moving about in a grid or table by keyboard: one stop of the Tab key, then arrow keys.

use egui::{
    Align, EventFilter, Key, Modifiers, Rect, Response, Role, Sense, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::app::theme;
use crate::view::locus::Locus;

/// The cells of a grid, row by row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cells {
    /// How many there are.
    pub(super) count: usize,
    /// How many stand side by side.
    pub(super) columns: usize,
    /// The one that the keyboard is at.
    pub(super) at: usize,
}

/// What the keyboard asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Press {
    /// To go to this cell.
    Go(usize),
    /// To do what a click on the present cell does.
    Act,
}

/// Makes `rect` a place for the keyboard that screen readers call `name`.
pub(super) fn stop(ui: &Ui, rect: Rect, role: Role, name: &str) -> Response {
    let response = ui.interact(rect, ui.scope_id().with(name), Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(role, true, name));
    response
}

/// Shows that the keyboard is at `cell`, which covers `rect`, if it is in this grid at all.
pub(super) fn show_at(ui: &Ui, stop: &Response, cell: &Response, rect: Rect) {
    if !stop.has_focus() {
        return;
    }
    let stroke = (theme::FOCUS_LINE, theme::palette(ui).focus);
    ui.painter().rect_stroke(rect, theme::RADIUS_SMALL, stroke, StrokeKind::Outside);
    let cell = cell.id.accesskit_id();
    ui.ctx().accesskit_node_builder(stop.id, |node| node.set_active_descendant(cell));
}

/// What the keys pressed on `stop` ask for.
pub(super) fn press(ui: &Ui, stop: &Response, cells: Cells) -> Option<Press> {
    if !stop.has_focus() || cells.count == 0 {
        return None;
    }
    let arrows =
        EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(stop.id, arrows));
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::Space) || pressed(Key::Enter) {
        return Some(Press::Act);
    }
    let Cells { count, columns, at } = cells;
    let steps = [
        (Key::ArrowLeft, at.checked_sub(1)),
        (Key::ArrowRight, Some(at + 1)),
        (Key::ArrowUp, at.checked_sub(columns)),
        (Key::ArrowDown, Some(at + columns)),
        (Key::Home, Some(0)),
        (Key::End, Some(count - 1)),
    ];
    let (_, to) = steps.into_iter().find(|(key, _)| pressed(*key))?;
    to.filter(|to| *to < count).map(Press::Go)
}

/// Whether `selected` is another than in the last frame, so that it has to be brought into view.
pub(super) fn moved(ui: &Ui, stop: &Response, selected: Option<Locus>) -> bool {
    let id = stop.id.with("selected");
    let before = ui.data(|data| data.get_temp::<Option<Locus>>(id)).flatten();
    ui.data_mut(|data| data.insert_temp(id, selected));
    selected.is_some() && selected != before
}

/// Scrolls line `idx` of a list into view; the list is drawn from line `first` on.
pub(super) fn reveal(ui: &Ui, idx: usize, first: usize, height: f32) {
    let top = ui.max_rect().top() + (idx as f32 - first as f32) * height;
    let place = Rect::from_min_size(pos2(ui.max_rect().left(), top), vec2(1.0, height));
    // What is in view for the most part stays where it is, under the pointer.
    let shown = place.y_range().intersection(ui.clip_rect().y_range()).span();
    if shown < height / 2.0 {
        ui.scroll_to_rect(place, Some(Align::Center));
    }
}
