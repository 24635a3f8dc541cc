//! What stands in the diagram by itself: lifelines, times, now.

use super::{PADDING, Scene, elided, short_time, spell_ms, state_tone};
use crate::app::theme::{self, Face, Tone};
use crate::conn::State as End;
use crate::sim::Host;
use crate::view::sequence::{MARK_HEIGHT, ticks};
use egui::{Align2, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

impl Scene<'_> {
    pub(super) fn lifelines(&self, painter: &Painter, top: f64, bottom: f64) {
        let now = self.y(self.now);
        let rest = self.diagram.height() + MARK_HEIGHT - self.top;
        let ends = (self.view.top() + 2.0 * PADDING + rest as f32).min(self.view.bottom());
        for host in self.hosts_in_view() {
            let line = (theme::LINE, self.palette.border_strong);
            painter.vline(self.x(host), self.view.top()..=ends, line);
        }
        let visible = self.diagram.spans_between(top, bottom);
        for span in visible.filter(|span| self.arrived(span.from)) {
            let x = self.x(span.host) + self.lifeline_shift(span.host, span.client);
            let y = self.y(span.from).max(self.view.top() - 9.0)..=self.y(span.until).min(now);
            let width = theme::LIFELINE_BAR;
            let rect = Rect::from_x_y_ranges(x - width / 2.0..=x + width / 2.0, y);
            let tone = self.palette.tone(state_tone(span.state));
            let fill = match span.state {
                End::Idle | End::Closed => self.palette.border,
                _ => tone.line.gamma_multiply(0.6),
            };
            painter.rect_filled(rect, 2.0, fill);
        }
    }

    /// The server's lifeline carries a bar for each client, side by side.
    fn lifeline_shift(&self, host: Host, client: usize) -> f32 {
        let n = self.run().scenario().clients;
        match host {
            Host::Server if n > 1 => {
                let middle = f32::midpoint(n as f32, 1.0);
                (client as f32 - middle).clamp(-2.0, 2.0) * (theme::LIFELINE_BAR + 1.0)
            }
            Host::Server | Host::Client(_) => 0.0,
        }
    }

    pub(super) fn time_axis(&self, painter: &Painter, top: f64, bottom: f64) {
        let now = self.diagram.y(self.now);
        let mut said = String::new();
        for (at, y) in ticks(self.diagram, top, bottom, 26.0) {
            if (y - now).abs() < 22.0 || at > self.now {
                continue;
            }
            let place = pos2(self.view.left() + 70.0, self.y(at));
            let words = short_time(at);
            if words == said {
                continue;
            }
            said.clone_from(&words);
            let ink = self.palette.text_weak;
            painter.text(place, Align2::RIGHT_CENTER, words, Face::MonoSmall.font(), ink);
        }
        let visible = self.diagram.folds_between(top, bottom);
        let folds = visible.filter(|fold| fold.until <= self.now);
        for fold in folds {
            let (y0, y1) = (self.y(fold.from), self.y(fold.until));
            let middle = f32::midpoint(y0, y1);
            let ms = (fold.until.0 - fold.from.0) as f64 / 1e6;
            let words = format!("{} pass", spell_ms(ms));
            let place = pos2(self.view.left() + 84.0, y0 + 12.0);
            let ink = self.palette.text_weak;
            painter.text(place, Align2::LEFT_CENTER, words, Face::Small.font(), ink);
            for host in self.hosts_in_view() {
                // A gap in the lifeline says that time is cut short here.
                let gap = Rect::from_center_size(pos2(self.x(host), middle), vec2(26.0, 10.0));
                painter.rect_filled(gap, 0.0, self.palette.background);
                for dy in [-4.0, 4.0] {
                    let points = zigzag(pos2(self.x(host), middle + dy));
                    painter.add(Shape::line(points, Stroke::new(1.0, self.palette.border_strong)));
                }
            }
        }
    }

    /// What is said before anything has happened.
    pub(super) fn beginning(&self, painter: &Painter) {
        let place = pos2(self.view.center().x, self.y(self.now) + 64.0);
        let words = "Nothing has happened yet. Press Space, or Step, and time begins.";
        let galley = elided(painter, words, Face::Body, self.palette.text, self.view.width() * 0.8);
        let rect = Rect::from_center_size(place, galley.size() + vec2(28.0, 18.0));
        let line = (theme::LINE, self.palette.border);
        painter.rect(rect, theme::RADIUS, self.palette.card, line, StrokeKind::Inside);
        painter.galley(rect.center() - galley.size() / 2.0, galley, self.palette.text);
    }

    /// Where two branches first differ.
    pub(super) fn first_difference(&self, painter: &Painter) {
        let divergence = self.pane.compared.and_then(|compared| compared.divergence);
        let Some(at) = divergence.map(|divergence| divergence.at) else { return };
        if at > self.now {
            return;
        }
        let y = self.y(at);
        let ink = self.palette.tone(Tone::Breach);
        let line = [pos2(self.view.left(), y), pos2(self.view.right(), y)];
        painter.extend(Shape::dashed_line(&line, Stroke::new(1.0, ink.line), 8.0, 5.0));
        let words = "first difference";
        let place = pos2(self.view.right() - 16.0, y - 3.0);
        painter.text(place, Align2::RIGHT_BOTTOM, words, Face::Caption.font(), ink.text);
    }

    pub(super) fn now_line(&self, painter: &Painter) {
        let y = self.y(self.now);
        let tone = self.palette.tone(Tone::Attention);
        let line = [pos2(self.view.left() + 76.0, y), pos2(self.view.right(), y)];
        painter.extend(Shape::dotted_line(&line, tone.line, 6.0, 1.0));
        let rect = Rect::from_min_max(
            pos2(self.view.left() + 4.0, y - 10.0),
            pos2(self.view.left() + 76.0, y + 10.0),
        );
        painter.rect_filled(rect, theme::RADIUS_SMALL, tone.solid);
        let words = short_time(self.now);
        let font = Face::MonoSmall.font();
        painter.text(rect.center(), Align2::CENTER_CENTER, words, font, tone.on_solid);
    }
}

fn zigzag(centre: Pos2) -> Vec<Pos2> {
    (0..5)
        .map(|idx| centre + vec2(idx as f32 * 5.0 - 10.0, if idx % 2 == 0 { 2.0 } else { -2.0 }))
        .collect()
}
