//! A line of a to-do list: a drawn tick or an empty box, then words.

use egui::{
    Painter, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};

use super::paragraph;
use crate::app::theme::{self, Face, Palette, Tone};

/// Whether a goal is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// It is still to be reached.
    Open,
    /// It is reached.
    Met,
}

/// Draws a goal; screen readers hear "To do: …" or "Done: …".
pub fn goal(ui: &mut Ui, state: Goal, words: &str) -> Response {
    let palette = theme::palette(ui);
    let indent = theme::SIGN + theme::GAP;
    let galley = paragraph(ui, words, Face::Body, (ui.available_width() - indent).max(0.0));
    let size = vec2((indent + galley.size().x).ceil(), galley.size().y.max(theme::SIGN).ceil());
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let (spoken, ink) = match state {
        Goal::Open => ("To do", palette.text),
        Goal::Met => ("Done", palette.text_weak),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{spoken}: {words}")));

    let first_row = galley.rows.first().map_or(theme::SIGN, |row| row.height());
    let sign = Rect::from_center_size(
        pos2(rect.left() + theme::SIGN / 2.0, rect.top() + first_row / 2.0),
        Vec2::splat(theme::SIGN),
    );
    paint_box(ui.painter(), palette, sign, state);
    ui.painter().galley(pos2(rect.left() + indent, rect.top()), galley, ink);
    response
}

fn paint_box(painter: &Painter, palette: &Palette, sign: Rect, state: Goal) {
    let tone = palette.tone(Tone::Valid);
    match state {
        Goal::Open => {
            let border = (theme::LINE, palette.border_strong);
            painter.rect_stroke(sign, theme::RADIUS_SMALL, border, StrokeKind::Inside);
        }
        Goal::Met => {
            painter.rect_filled(sign, theme::RADIUS_SMALL, tone.solid);
            let tick = [[0.25, 0.52], [0.43, 0.70], [0.76, 0.32]];
            let points = tick.map(|[x, y]| sign.lerp_inside(vec2(x, y))).to_vec();
            painter.add(Shape::line(points, Stroke::new(theme::FOCUS_LINE, tone.on_solid)));
        }
    }
}
