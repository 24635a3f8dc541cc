//! Marks: what happened at a host, beside its lifeline.

use super::{Scene, elided, left_margin};
use crate::app::theme::{self, Face, Tone};
use crate::sim::Host;
use crate::view::sequence::{Edge, MARK_HEIGHT, Mark, MarkKind, SERVER_MARK_LIFT};
use egui::{Painter, Rect, StrokeKind, pos2, vec2};

impl Scene<'_> {
    pub(super) fn mark(&self, painter: &Painter, mark: &Mark) {
        let lift = if mark.host == Host::Server { SERVER_MARK_LIFT } else { 0.0 };
        let y = self.y(mark.at) - lift - MARK_HEIGHT * (mark.stacked as f32 + 0.5) - 1.0;
        let x = self.x(mark.host);
        let gap = theme::LIFELINE_BAR * 1.5 + 6.0;
        let room = match (mark.host, mark.edge) {
            (Host::Client(1), _) => left_margin(self.width) - 76.0 - gap - 4.0,
            (Host::Client(_), _) => theme::DIAGRAM_RIGHT.min(self.width * 0.15) - gap - 4.0,
            (Host::Server, _) => self.width * 0.26,
        };
        let tone = match mark.kind {
            MarkKind::Want | MarkKind::Note => Tone::Neutral,
            MarkKind::Delivery | MarkKind::State => Tone::Valid,
            MarkKind::Breach => Tone::Breach,
        };
        let tone = match (mark.kind, mark.text.ends_with("OPEN"), mark.text.ends_with("FAILED")) {
            (MarkKind::State, false, false) => Tone::Attention,
            (MarkKind::State, false, true) => Tone::Breach,
            _ => tone,
        };
        let ink = self.palette.tone(tone);
        let face = if mark.kind == MarkKind::State { Face::CaptionStrong } else { Face::Small };
        let mut galley = elided(painter, &mark.text, face, ink.text, room - 14.0);
        if galley.elided
            && let Some((_, after)) = mark.text.split_once(" → ")
        {
            galley = elided(painter, &format!("→ {after}"), face, ink.text, room - 14.0);
        }
        let size = vec2(galley.size().x + 14.0, MARK_HEIGHT - 4.0);
        let centre = match mark.edge {
            Edge::Left => pos2(x - gap - size.x / 2.0, y),
            Edge::Right => pos2(x + gap + size.x / 2.0, y),
        };
        let rect = Rect::from_center_size(centre, size);
        let radius = if mark.kind == MarkKind::State { size.y / 2.0 } else { 4.0 };
        painter.rect(rect, radius, ink.fill, (theme::LINE, ink.line), StrokeKind::Inside);
        painter.galley(rect.center() - galley.size() / 2.0, galley, ink.text);
    }
}
