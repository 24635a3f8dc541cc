//! Arrows: what went from one host to another, and what is on its way.

use super::{Scene, Which, elided, host_tone, menus};
use crate::app::theme::{self, Face, Tone};
use crate::app::window::Wish;
use crate::player::{Command, Player};
use crate::sim::{RecordIdx, SimTime};
use crate::view::sequence::{Arrow, Load};
use crate::view::words;
use egui::epaint::TextShape;
use egui::{
    Align2, Color32, Galley, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

impl Scene<'_> {
    /// The ends of an arrow on the lifelines.
    fn ends(&self, arrow: &Arrow, (departs, arrives): (SimTime, SimTime)) -> (Pos2, Pos2) {
        let start = pos2(self.x(arrow.from), self.y(departs));
        let end = pos2(self.x(arrow.to), self.y(arrives));
        let toward = (end.x - start.x).signum();
        let clear = theme::LIFELINE_BAR / 2.0 + 1.0;
        (start + vec2(toward * clear, 0.0), end - vec2(toward * clear, 0.0))
    }

    fn ink(&self, arrow: &Arrow) -> Color32 {
        match arrow.load {
            _ if arrow.edited => self.palette.tone(Tone::Breach).line,
            Load::Tcp => self.palette.text_weak,
            Load::Http | Load::Frame => self.palette.tone(host_tone(arrow.from)).line,
        }
    }

    pub(super) fn arrow_line(&self, painter: &Painter, arrow: &Arrow) {
        let ink = self.ink(arrow);
        for segment in &arrow.segments {
            if segment.0 > self.now {
                continue;
            }
            let (start, end) = self.ends(arrow, *segment);
            let arrived = self.arrived(segment.1);
            let head = if arrived { end } else { self.head(start, end) };
            let head = if arrow.arrived { head } else { short_of(start, end, head) };
            if self.alone(arrow) {
                let ink = self.palette.tone(Tone::Breach).line.gamma_multiply(0.25);
                painter.line_segment([start, head], Stroke::new(9.0, ink));
            }
            let stroke = Stroke::new(if arrow.load == Load::Tcp { 1.2 } else { 1.8 }, ink);
            if arrow.load == Load::Tcp {
                painter.extend(Shape::dashed_line(&[start, head], stroke, 5.0, 4.0));
            } else {
                painter.line_segment([start, head], stroke);
            }
            if arrived && arrow.arrived {
                painter.add(arrow_head(start, end, ink));
            } else if arrived {
                let ink = self.palette.tone(Tone::Breach).line;
                painter.extend(cross(head, Stroke::new(1.8, ink)));
            }
        }
    }

    /// How far something on its way from `start` to `end` has come.
    fn head(&self, start: Pos2, end: Pos2) -> Pos2 {
        let part = ((self.y(self.now) - start.y) / (end.y - start.y).max(1.0)).clamp(0.0, 1.0);
        start.lerp(end, part)
    }

    /// Draws the words of an arrow; `pills` are the places of those in flight that were drawn.
    pub(super) fn arrow_label(
        &self,
        ui: &mut Ui,
        arrow: &Arrow,
        pills: &mut Vec<Rect>,
        wishes: &mut Vec<Wish>,
    ) {
        let (start, end) = self.ends(arrow, (arrow.departs, arrow.arrives));
        let flying = !self.arrived(arrow.arrives);
        let rect = if flying {
            self.pill(ui.painter(), arrow, self.head(start, end), pills)
        } else {
            self.caption(ui.painter(), arrow, start, end)
        };
        if self.alone(arrow) {
            let ink = self.palette.tone(Tone::Breach).line;
            let around = rect.expand2(vec2(6.0, 3.0));
            ui.painter().rect_stroke(around, theme::RADIUS, (1.5, ink), StrokeKind::Outside);
        }
        let unit = arrow.units.first().copied().unwrap_or(arrow.record);
        let id = ui.scope_id().with(("arrow", unit.0));
        let response = ui.interact(rect, id, Sense::click());
        let looked_at = self.focus().is_some_and(|focus| arrow.units.contains(&focus.wrote));
        let spoken = format!("{} → {}: {}, {}", arrow.from, arrow.to, arrow.title, arrow.detail);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, looked_at, &spoken));
        if response.hovered() || response.has_focus() || (looked_at && !flying) {
            let line = if looked_at { self.palette.accent } else { self.palette.border_strong };
            let rect = rect.expand2(vec2(4.0, 1.0));
            ui.painter().rect_stroke(rect, theme::RADIUS, (theme::LINE, line), StrokeKind::Outside);
        }
        if self.pane.which != Which::Main {
            response.on_hover_text(spoken);
            return;
        }
        if self.pane.branch.breakpoints.contains(&unit) {
            let dot = pos2(rect.left() - 9.0, rect.center().y);
            ui.painter().circle_filled(dot, 4.5, self.palette.tone(Tone::Breach).line);
        }
        menus::arrow(&response, self.player, unit, wishes);
        if response.clicked() {
            wishes.push(match arrow.units[..] {
                [] => Command::Choose(unit).into(),
                _ => Command::Inspect(next_unit(arrow, self.player)).into(),
            });
        }
        if !response.context_menu_opened() {
            let more = "Click to look inside, right-click to change it";
            response.on_hover_text(format!("{spoken}\n{more}"));
        }
    }

    /// The words of something in flight, where it is.
    fn pill(&self, painter: &Painter, arrow: &Arrow, at: Pos2, others: &mut Vec<Rect>) -> Rect {
        let tone = self.palette.tone(Tone::Attention);
        let lane = (self.x(arrow.from) - self.x(arrow.to)).abs();
        let focus = self.focus().filter(|focus| arrow.units.contains(&focus.wrote));
        let drafted = focus.filter(|_| !self.player.flips().is_empty());
        let mut words = match drafted {
            Some(focus) => words::title(&focus.bytes, &focus.context),
            None => arrow.title.clone(),
        };
        if arrow.load != Load::Tcp {
            let size = arrow.detail.split(" · ").next().unwrap_or_default();
            words = format!("{words}  {size}");
        }
        let galley = elided(painter, &words, Face::MonoStrong, tone.on_solid, lane * 0.7);
        let size = galley.size() + vec2(20.0, 8.0);
        // Between the lifelines, so that it covers nothing that stands beside them.
        let (from, to) = (self.x(arrow.from), self.x(arrow.to));
        let room = (size.x / 2.0 + theme::LIFELINE_BAR).min(lane / 2.0);
        let x = at.x.clamp(from.min(to) + room, from.max(to) - room);
        let mut rect = Rect::from_center_size(pos2(x, at.y), size);
        // Below now nothing is drawn yet: that is where those stand that would cover another.
        while others.iter().any(|other| other.expand(1.0).intersects(rect)) {
            rect = rect.translate(vec2(0.0, size.y + 3.0));
        }
        others.push(rect);
        painter.rect_filled(rect, rect.height() / 2.0, tone.solid);
        painter.galley(rect.center() - galley.size() / 2.0, galley, tone.on_solid);
        rect
    }

    /// The middle of the part of a line that is between the left and the right edge of the view.
    fn middle_in_view(&self, start: Pos2, end: Pos2) -> Pos2 {
        let view = self.view.x_range();
        let (left, right) = (view.clamp(start.x), view.clamp(end.x));
        let part = (f32::midpoint(left, right) - start.x) / (end.x - start.x);
        start.lerp(end, if part.is_finite() { part } else { 0.5 })
    }

    /// The words along an arrow that has arrived.
    fn caption(&self, painter: &Painter, arrow: &Arrow, start: Pos2, end: Pos2) -> Rect {
        let (left, right) = if start.x < end.x { (start, end) } else { (end, start) };
        let angle = ((right.y - left.y) / (right.x - left.x).max(1.0)).atan();
        let middle = self.middle_in_view(start, end);
        let room = (right.x - left.x - 2.0 * 24.0).max(40.0);
        let (ink, face) = match arrow.load {
            Load::Tcp => (self.palette.text_weak, Face::MonoSmall),
            Load::Http | Load::Frame => (self.palette.text, Face::Mono),
        };
        let galley = elided(painter, &arrow.title, face, ink, room);
        let mut widest = galley.size().x;
        let place = middle - vec2(widest / 2.0, galley.size().y + 3.0);
        painter.add(slanted(place, galley, ink, (angle, Align2::CENTER_BOTTOM)));
        let mut height = 20.0;
        let mut detail = arrow.detail.clone();
        if arrow.edited {
            detail.push_str(" · changed on the way");
        }
        if !arrow.arrived {
            detail.push_str(if detail.is_empty() { "never arrives" } else { " · never arrives" });
        }
        if !detail.is_empty() {
            let ink = self.palette.text_weak;
            let galley = elided(painter, &detail, Face::Small, ink, room);
            let place = middle + vec2(galley.size().x / -2.0, 2.0);
            widest = widest.max(galley.size().x);
            painter.add(slanted(place, galley, ink, (angle, Align2::CENTER_TOP)));
            height = 36.0;
        }
        let slant = angle.tan().abs() * widest;
        let centre = middle + vec2(0.0, if height > 20.0 { -1.0 } else { -10.0 });
        Rect::from_center_size(centre, vec2(widest, height + slant.min(16.0)))
    }
}

/// Clicking again on what is looked at goes on to the next unit of the same arrow.
fn next_unit(arrow: &Arrow, player: &Player) -> RecordIdx {
    let present = player.focus().map(|focus| focus.wrote);
    let idx = arrow.units.iter().position(|unit| Some(*unit) == present);
    arrow.units[idx.map_or(0, |idx| (idx + 1) % arrow.units.len())]
}

/// Words turned around the middle of the edge that stands on the line.
fn slanted(
    place: Pos2,
    galley: Arc<Galley>,
    ink: Color32,
    (angle, anchor): (f32, Align2),
) -> Shape {
    TextShape::new(place, galley, ink).with_angle_and_anchor(angle, anchor).into()
}

/// How far along its line something comes that never arrives.
const LOST_AT: f32 = 0.7;

/// The place `head` between `start` and `end`, but no further than where it was lost.
fn short_of(start: Pos2, end: Pos2, head: Pos2) -> Pos2 {
    let lost = start.lerp(end, LOST_AT);
    if head.y < lost.y { head } else { lost }
}

/// What marks where something was lost.
fn cross(at: Pos2, stroke: Stroke) -> [Shape; 2] {
    let (a, b) = (vec2(5.0, 5.0), vec2(5.0, -5.0));
    [a, b].map(|arm| Shape::line_segment([at - arm, at + arm], stroke))
}

fn arrow_head(start: Pos2, end: Pos2, ink: Color32) -> Shape {
    let along = (end - start).normalized();
    let across = along.rot90();
    let back = end - along * 9.0;
    Shape::convex_polygon(vec![end, back + across * 4.0, back - across * 4.0], ink, Stroke::NONE)
}
