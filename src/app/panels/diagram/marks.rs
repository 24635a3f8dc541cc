//! Marks: what happened at a host, beside its lifeline.

use super::{Scene, Which, elided, left_margin, right_margin};
use crate::app::theme::{self, Face, Tone};
use crate::app::window::Wish;
use crate::lesson::Tab;
use crate::player::Command;
use crate::sim::Host;
use crate::view::sequence::{Edge, MARK_HEIGHT, Mark, MarkKind, SERVER_MARK_LIFT};
use egui::{Rect, Role, Sense, StrokeKind, Ui, WidgetInfo, pos2, vec2};

impl Scene<'_> {
    pub(super) fn mark(&self, ui: &mut Ui, mark: &Mark, wishes: &mut Vec<Wish>) {
        let painter = ui.painter();
        let lift = if mark.host == Host::Server { SERVER_MARK_LIFT } else { 0.0 };
        let height = MARK_HEIGHT as f32;
        let y = self.y(mark.at) - lift as f32 - height * (mark.stacked as f32 + 0.5) - 1.0;
        let x = self.x(mark.host);
        let gap = theme::LIFELINE_BAR * 1.5 + 6.0;
        let room = match (mark.host, mark.edge) {
            (Host::Client(1), _) => left_margin(self.view.width()) - 76.0 - gap - 4.0,
            (Host::Client(_), _) => right_margin(self.view.width()) - gap - 4.0,
            (Host::Server, _) => self.width / self.diagram.hosts.len() as f32 * 0.7,
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
        let size = vec2(galley.size().x + 14.0, height - 4.0);
        let centre = match mark.edge {
            Edge::Left => pos2(x - gap - size.x / 2.0, y),
            Edge::Right => pos2(x + gap + size.x / 2.0, y),
        };
        let rect = Rect::from_center_size(centre, size);
        let radius = if mark.kind == MarkKind::State { size.y / 2.0 } else { 4.0 };
        painter.rect(rect, radius, ink.fill, (theme::LINE, ink.line), StrokeKind::Inside);
        painter.galley(rect.center() - galley.size() / 2.0, galley, ink.text);
        if self.pane.which != Which::Main {
            return;
        }
        let id = ui.scope_id().with(("mark", mark.record.0));
        let response = ui.interact(rect, id, Sense::CLICK);
        let spoken = format!("{} {}", mark.host, mark.text);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
        if response.hovered() || response.has_focus() {
            let line = (theme::LINE, self.palette.text);
            ui.painter().rect_stroke(rect, radius, line, StrokeKind::Outside);
        }
        if response.clicked() {
            wishes.push(Command::Choose(mark.record).into());
            wishes.push(Command::ShowTab(Tab::Why).into());
        }
        response.on_hover_text(format!("{}\nClick to ask why", mark.text));
    }
}
