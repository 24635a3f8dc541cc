//! One answer to a question, as a row to be chosen and later judged.

use egui::{
    Painter, Pos2, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::{focus_ring, line, paragraph};
use crate::app::theme::{self, Face, Palette, Tone};

/// Where an answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It can be chosen.
    Open,
    /// It is chosen, and may still be changed.
    Selected,
    /// The question is settled, and this answer was neither right nor chosen.
    Locked,
    /// The question is settled, and this is the right answer.
    LockedRight,
    /// The question is settled, and this answer was chosen but is wrong.
    LockedWrong,
}

impl Answer {
    /// The verdict in words, empty before there is one.
    fn verdict(self) -> &'static str {
        match self {
            Self::Open | Self::Selected | Self::Locked => "",
            Self::LockedRight => "right",
            Self::LockedWrong => "not so",
        }
    }
}

/// Draws an answer as wide as its place allows; ask the response whether it was clicked.
pub fn choice(ui: &mut Ui, state: Answer, words: &str) -> Response {
    let palette = theme::palette(ui);
    let verdict = line(ui, state.verdict(), Face::CaptionStrong);
    let indent = theme::SIGN + 2.0 * theme::GAP;
    let room = ui.available_width() - indent - theme::GAP - verdict.size().x - theme::GAP;
    let galley = paragraph(ui, words, Face::Body, room.max(0.0));
    let size =
        vec2(ui.available_width(), (galley.size().y + theme::GAP).max(theme::ROW_HEIGHT).ceil());
    let ready = matches!(state, Answer::Open | Answer::Selected) && ui.is_enabled();
    let sense = if ready { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    let chosen = matches!(state, Answer::Selected | Answer::LockedWrong);
    response.widget_info(|| {
        WidgetInfo::selected(Role::RadioButton, ready, chosen, spoken(state, words))
    });

    let (fill, border, ink) = colors(palette, state, &response);
    ui.painter().rect(rect, theme::RADIUS, fill, (theme::LINE, border), StrokeKind::Inside);
    let sign = pos2(rect.left() + theme::GAP + theme::SIGN / 2.0, rect.center().y);
    paint_sign(ui.painter(), palette, sign, state);
    let beside = |left: f32, height: f32| pos2(left, rect.center().y - height / 2.0);
    let right = rect.right() - theme::GAP - verdict.size().x;
    ui.painter().galley(beside(right, verdict.size().y), verdict, ink);
    ui.painter().galley(
        beside(rect.left() + indent, galley.size().y),
        galley,
        text_ink(palette, state),
    );
    focus_ring(ui, &response, theme::RADIUS);
    response
}

fn spoken(state: Answer, words: &str) -> String {
    match state.verdict() {
        "" => words.to_owned(),
        verdict => format!("{words} ({verdict})"),
    }
}

fn text_ink(palette: &Palette, state: Answer) -> egui::Color32 {
    match state {
        Answer::Locked => palette.text_weak,
        Answer::Open | Answer::Selected | Answer::LockedRight | Answer::LockedWrong => palette.text,
    }
}

/// The fill, border and ink of an answer in its present state.
fn colors(
    palette: &Palette,
    state: Answer,
    response: &Response,
) -> (egui::Color32, egui::Color32, egui::Color32) {
    let (right, wrong) = (palette.tone(Tone::Valid), palette.tone(Tone::Breach));
    match state {
        Answer::Open if response.hovered() => {
            (palette.card_hovered, palette.border_strong, palette.text)
        }
        Answer::Open | Answer::Locked => (palette.card, palette.border, palette.text),
        Answer::Selected => (palette.card_hovered, palette.accent, palette.text),
        Answer::LockedRight => (right.fill, right.line, right.text),
        Answer::LockedWrong => (wrong.fill, wrong.line, wrong.text),
    }
}

/// Draws a circle that is empty, dotted, ticked or crossed.
fn paint_sign(painter: &Painter, palette: &Palette, centre: Pos2, state: Answer) {
    let radius = theme::SIGN / 2.0;
    let at = |x: f32, y: f32| centre + vec2(x, y) * radius;
    let stroke = |color| Stroke::new(theme::FOCUS_LINE, color);
    let (right, wrong) = (palette.tone(Tone::Valid), palette.tone(Tone::Breach));
    match state {
        Answer::Open => {
            painter.circle_stroke(centre, radius - 0.5, (theme::LINE, palette.text_weak));
        }
        Answer::Locked => {
            painter.circle_stroke(centre, radius - 0.5, (theme::LINE, palette.border_strong));
        }
        Answer::Selected => {
            painter.circle_stroke(centre, radius - 0.75, (1.5, palette.accent));
            painter.circle_filled(centre, radius * 0.5, palette.accent);
        }
        Answer::LockedRight => {
            painter.circle_filled(centre, radius, right.solid);
            let tick = vec![at(-0.45, 0.03), at(-0.12, 0.38), at(0.48, -0.32)];
            painter.add(Shape::line(tick, stroke(right.on_solid)));
        }
        Answer::LockedWrong => {
            painter.circle_filled(centre, radius, wrong.solid);
            painter.line_segment([at(-0.36, -0.36), at(0.36, 0.36)], stroke(wrong.on_solid));
            painter.line_segment([at(0.36, -0.36), at(-0.36, 0.36)], stroke(wrong.on_solid));
        }
    }
}
