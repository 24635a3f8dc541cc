//! A scroll bar for what keeps its place itself: in heights of any kind, exact at any length.

use egui::{Id, PointerButton, Rect, Sense, Ui, pos2, vec2};

use crate::app::theme;

/// The width of a scroll bar.
pub const SCROLL_BAR: f32 = 10.0;
/// The least height of its handle.
const LEAST_HANDLE: f32 = 24.0;

/// What a scroll bar stands for.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// The height of what is in view.
    pub view: f64,
    /// The height of the whole.
    pub whole: f64,
    /// How much of it is above the view.
    pub above: f64,
}

/// Draws a bar into `track`, if not all is in view; gives how much is to be above the view where
/// its handle is dragged.
pub fn scroll_bar(ui: &Ui, id: Id, track: Rect, extent: Extent) -> Option<f64> {
    let Extent { view, whole, above } = extent;
    let most = whole - view;
    if most <= 0.0 {
        return None;
    }
    let response = ui.interact(track, id, Sense::click_and_drag());
    let handle = (track.height() * (view / whole) as f32).max(LEAST_HANDLE);
    let room = (track.height() - handle).max(1.0);
    let pressed = ui.input(|input| input.pointer.button_down(PointerButton::Primary));
    let pointer = response.interact_pointer_pos().filter(|_| pressed);
    let to = pointer.map(|pointer| {
        f64::from((pointer.y - track.top() - handle / 2.0) / room).clamp(0.0, 1.0) * most
    });
    let here = (to.unwrap_or(above) / most).clamp(0.0, 1.0) as f32;
    let palette = theme::palette(ui);
    let active = response.hovered() || response.dragged();
    let ink = if active { palette.text_weak } else { palette.border_strong };
    let place = pos2(track.left() + 2.0, track.top() + room * here);
    let rect = Rect::from_min_size(place, vec2(track.width() - 4.0, handle));
    ui.painter().rect_filled(rect, SCROLL_BAR / 2.0, ink);
    to
}
