//! A row of segments of which exactly one is chosen.

use egui::{Rect, Role, Sense, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::{Availability, focus_ring, line};
use crate::app::theme::{self, Face};

/// The space between the control's edge and its segments.
const INSET: f32 = 3.0;

/// Draws the segments `options` with `selected` chosen; gives the segment clicked in this frame.
///
/// `name` is what screen readers call the whole. A blocked segment says why in its tooltip. The
/// width does not depend on the choice.
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
    // Where there is little room the words stand closer.
    let room = ui.available_width() - 2.0 * INSET - words.iter().sum::<f32>();
    let padding = (room / (2 * options.len()) as f32).floor().clamp(4.0, theme::CONTROL_PADDING);
    let widths: Vec<f32> = words.into_iter().map(|words| words + 2.0 * padding).collect();
    let size = vec2(widths.iter().sum::<f32>() + 2.0 * INSET, theme::CONTROL_HEIGHT);
    let (outer, whole) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect(
        outer,
        theme::RADIUS_LARGE,
        palette.card,
        (theme::LINE, palette.border),
        StrokeKind::Inside,
    );

    let mut clicked = None;
    let mut left = outer.left() + INSET;
    for (idx, ((name, availability), width)) in options.iter().zip(widths).enumerate() {
        let rect =
            Rect::from_min_size(pos2(left, outer.top() + INSET), vec2(width, size.y - 2.0 * INSET));
        left += width;
        let ready = *availability == Availability::Ready && ui.is_enabled();
        let sense = [Sense::hover(), Sense::click()][usize::from(ready)];
        let response = ui.interact(rect, whole.id.with(idx), sense);
        let chosen = idx == selected;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ready, chosen, name));
        if response.clicked() {
            clicked = Some(idx);
        }

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
        if let Availability::Blocked(reason) = availability {
            response.on_hover_text(*reason);
        }
    }
    clicked
}
