//! The sequence diagram: hosts, lifelines, slanted arrows, what is in flight, and now.

use crate::app::theme::{self, Face, Palette, Tone};
use crate::app::widgets::{Availability, segmented};
use crate::app::window::{State, Wish};
use crate::conn::State as End;
use crate::lesson::Panel as Part;
use crate::player::{Command, Player};
use crate::sim::{Host, SimTime};
use crate::view::sequence::{Arrow, Diagram, Edge, Load, MARK_HEIGHT, Mark, MarkKind, ticks};
use crate::view::words;
use egui::epaint::TextShape;
use egui::text::LayoutJob;
use egui::{
    Align, Align2, CentralPanel, Color32, Frame, Layout, Margin, Painter, Panel, Pos2, Rect, Role,
    ScrollArea, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// The space above the first moment and below the last.
const PADDING: f32 = 14.0;

/// What drawing the diagram needs to know everywhere.
struct Scene<'a> {
    diagram: &'a Diagram,
    player: &'a Player,
    palette: &'static Palette,
    /// The column of moments: its left edge, and where time begins.
    origin: Pos2,
    width: f32,
    now: SimTime,
}

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.background);
    CentralPanel::default().frame(frame).show(ui, |ui| {
        footer(ui, player, wishes);
        let width = ui.available_width();
        let (header, _) = ui.allocate_exact_size(vec2(width, 46.0), Sense::hover());
        hosts(ui, player, header);
        let diagram = &player.branch().diagram;
        let area = ScrollArea::vertical().auto_shrink(false).id_salt("diagram");
        area.show_viewport(ui, |ui, viewport| {
            let height = diagram.height() + 2.0 * PADDING + MARK_HEIGHT;
            let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
            response.widget_info(|| {
                let spoken = diagram.text(player.position().at);
                let last = spoken.lines().last().unwrap_or("nothing has happened yet").trim();
                WidgetInfo::labeled(Role::Label, true, format!("Sequence diagram; last: {last}"))
            });
            let scene = Scene {
                diagram,
                player,
                palette,
                origin: rect.min + vec2(0.0, PADDING),
                width,
                now: player.position().at,
            };
            scene.draw(ui, viewport, wishes);
            scene.follow(ui, state);
        });
    });
}

/// The boxes with the hosts' names.
fn hosts(ui: &mut Ui, player: &Player, header: Rect) {
    let palette = theme::palette(ui);
    let hosts = &player.branch().diagram.hosts;
    for (idx, host) in hosts.iter().enumerate() {
        let x = header.left() + column_x(idx, hosts.len(), header.width());
        let rect = Rect::from_center_size(pos2(x, header.center().y + 2.0), theme::HOST_BOX);
        let tone = palette.tone(host_tone(*host));
        ui.painter().rect(
            rect,
            theme::RADIUS,
            tone.fill,
            (theme::LINE, tone.line),
            StrokeKind::Inside,
        );
        ui.painter().text(
            rect.center(),
            Align2::CENTER_CENTER,
            host.to_string(),
            Face::Strong.font(),
            tone.text,
        );
    }
}

/// What was counted, and the branches.
fn footer(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let branches = player.lane().branches();
    let counts = player.shows(Part::Counters);
    if !counts && branches.len() < 2 {
        return;
    }
    let frame = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(14, 4));
    Panel::bottom("counters").frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
            if counts {
                counters(ui, player);
            }
            if branches.len() > 1 {
                ui.add_space(theme::GAP_LARGE);
                ui.label(Face::Small.text("Branch").color(palette.text_weak));
                let options: Vec<_> = branches
                    .iter()
                    .map(|branch| (branch.name.as_str(), Availability::Ready))
                    .collect();
                if let Some(idx) = segmented(ui, "Branch", &options, player.lane().shown()) {
                    wishes.push(Command::ShowBranch(idx).into());
                }
            }
        });
    });
}

fn counters(ui: &mut Ui, player: &Player) {
    let palette = theme::palette(ui);
    ui.label(Face::Small.text("On the wire so far").color(palette.text_weak));
    for (mode, totals) in player.totals() {
        ui.add_space(theme::GAP);
        let here = mode == player.mode();
        let ink = if here { palette.text } else { palette.text_weak };
        let face = if here { Face::Strong } else { Face::Body };
        ui.label(face.text(mode.label()).color(ink));
        let counted = match mode {
            crate::sim::Mode::Polling => {
                format!("{} requests, {} empty", totals.requests, totals.empty_answers)
            }
            crate::sim::Mode::WebSocket => {
                format!("{} request, {} frames", totals.requests, totals.frames)
            }
        };
        let tip = format!(
            "{} up, {} down in {} segments; with TCP/IP headers {}",
            words::size(totals.bytes_up),
            words::size(totals.bytes_down),
            totals.segments,
            words::size(totals.bytes_with_headers()),
        );
        ui.label(Face::MonoStrong.text(words::size(totals.bytes())).color(ink)).on_hover_text(tip);
        ui.label(Face::Small.text(counted).color(palette.text_weak));
    }
}

/// The space left of the first lifeline.
fn left_margin(width: f32) -> f32 {
    theme::DIAGRAM_LEFT.min(width * 0.22)
}

fn column_x(idx: usize, n: usize, width: f32) -> f32 {
    let left = left_margin(width);
    let right = width - theme::DIAGRAM_RIGHT.min(width * 0.15);
    if n < 2 { left } else { left + (right - left).max(1.0) * idx as f32 / (n - 1) as f32 }
}

fn host_tone(host: Host) -> Tone {
    match host {
        Host::Client(_) => Tone::Client,
        Host::Server => Tone::Server,
    }
}

/// The tone in which a state is drawn.
pub(super) fn state_tone(state: End) -> Tone {
    match state {
        End::Connecting | End::Closing => Tone::Attention,
        End::Open => Tone::Valid,
        End::Failed => Tone::Breach,
        End::Asking => Tone::Client,
        End::Idle | End::Closed => Tone::Neutral,
    }
}

impl Scene<'_> {
    fn x(&self, host: Host) -> f32 {
        let n = self.diagram.hosts.len();
        self.origin.x + column_x(self.diagram.column(host), n, self.width)
    }

    fn y(&self, at: SimTime) -> f32 {
        self.origin.y + self.diagram.y(at)
    }

    fn draw(&self, ui: &mut Ui, viewport: Rect, wishes: &mut Vec<Wish>) {
        let top = viewport.top() - 2.0 * PADDING;
        let bottom = viewport.bottom() + PADDING;
        self.lifelines(ui.painter());
        self.time_axis(ui.painter(), top, bottom);
        self.now_line(ui.painter());
        if self.player.position() == self.player.run().start() {
            self.beginning(ui.painter());
            return;
        }
        let arrows: Vec<_> = self
            .diagram
            .arrows_between(top, bottom)
            .filter(|arrow| arrow.departs <= self.now)
            .collect();
        for arrow in &arrows {
            self.arrow_line(ui.painter(), arrow);
        }
        let n_marks = self.diagram.marks.partition_point(|mark| mark.at <= self.now);
        for mark in &self.diagram.marks[..n_marks] {
            let y = self.diagram.y(mark.at);
            if y >= top && y <= bottom + 4.0 * MARK_HEIGHT {
                self.mark(ui.painter(), mark);
            }
        }
        for arrow in &arrows {
            self.arrow_label(ui, arrow, wishes);
        }
    }

    fn lifelines(&self, painter: &Painter) {
        let now = self.y(self.now);
        let top = self.origin.y - PADDING;
        let bottom = self.origin.y + self.diagram.height() + PADDING + MARK_HEIGHT;
        for host in &self.diagram.hosts {
            let x = self.x(*host);
            painter.vline(x, top..=bottom, (theme::LINE, self.palette.border_strong));
        }
        for span in self.diagram.spans.iter().filter(|span| span.from <= self.now) {
            let x = self.x(span.host) + self.lifeline_shift(span.host, span.client);
            let y = self.y(span.from)..=self.y(span.until).min(now);
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
        let n = self.player.run().scenario().clients;
        match host {
            Host::Server if n > 1 => {
                let middle = f32::midpoint(n as f32, 1.0);
                (client as f32 - middle).clamp(-2.0, 2.0) * (theme::LIFELINE_BAR + 1.0)
            }
            Host::Server | Host::Client(_) => 0.0,
        }
    }

    fn time_axis(&self, painter: &Painter, top: f32, bottom: f32) {
        let now = self.diagram.y(self.now);
        let mut said = String::new();
        for (at, y) in ticks(self.diagram, top, bottom, 26.0) {
            if (y - now).abs() < 22.0 || at > self.now {
                continue;
            }
            let place = pos2(self.origin.x + 70.0, self.origin.y + y);
            let words = short_time(at);
            if words == said {
                continue;
            }
            said.clone_from(&words);
            let ink = self.palette.text_weak;
            painter.text(place, Align2::RIGHT_CENTER, words, Face::MonoSmall.font(), ink);
        }
        let folds = self.diagram.folds.iter().filter(|fold| fold.until <= self.now);
        for fold in folds {
            let (y0, y1) = (self.y(fold.from), self.y(fold.until));
            let middle = f32::midpoint(y0, y1);
            let ms = (fold.until.0 - fold.from.0) as f64 / 1e6;
            let words = format!("{} pass", spell_ms(ms));
            let place = pos2(self.origin.x + 84.0, middle);
            let ink = self.palette.text_weak;
            painter.text(place, Align2::LEFT_CENTER, words, Face::Small.font(), ink);
            for host in &self.diagram.hosts {
                // A gap in the lifeline says that time is cut short here.
                let gap = Rect::from_center_size(pos2(self.x(*host), middle), vec2(26.0, 10.0));
                painter.rect_filled(gap, 0.0, self.palette.background);
                for dy in [-4.0, 4.0] {
                    let points = zigzag(pos2(self.x(*host), middle + dy));
                    painter.add(Shape::line(points, Stroke::new(1.0, self.palette.border_strong)));
                }
            }
        }
    }

    /// What is said before anything has happened.
    fn beginning(&self, painter: &Painter) {
        let place = pos2(self.origin.x + self.width / 2.0, self.y(self.now) + 64.0);
        let words = "Nothing has happened yet. Press Space, or Step, and time begins.";
        let galley = elided(painter, words, Face::Body, self.palette.text, self.width * 0.8);
        let rect = Rect::from_center_size(place, galley.size() + vec2(28.0, 18.0));
        let line = (theme::LINE, self.palette.border);
        painter.rect(rect, theme::RADIUS, self.palette.card, line, StrokeKind::Inside);
        painter.galley(rect.center() - galley.size() / 2.0, galley, self.palette.text);
    }

    fn now_line(&self, painter: &Painter) {
        let y = self.y(self.now);
        let tone = self.palette.tone(Tone::Attention);
        let line = [pos2(self.origin.x + 76.0, y), pos2(self.origin.x + self.width, y)];
        painter.extend(Shape::dotted_line(&line, tone.line, 6.0, 1.0));
        let rect = Rect::from_min_max(
            pos2(self.origin.x + 4.0, y - 10.0),
            pos2(self.origin.x + 76.0, y + 10.0),
        );
        painter.rect_filled(rect, theme::RADIUS_SMALL, tone.solid);
        let words = short_time(self.now);
        let font = Face::MonoSmall.font();
        painter.text(rect.center(), Align2::CENTER_CENTER, words, font, tone.on_solid);
    }

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

    fn arrow_line(&self, painter: &Painter, arrow: &Arrow) {
        let ink = self.ink(arrow);
        for segment in &arrow.segments {
            if segment.0 > self.now {
                continue;
            }
            let (start, end) = self.ends(arrow, *segment);
            let arrived = segment.1 <= self.now;
            let head = if arrived { end } else { self.head(start, end) };
            let stroke = Stroke::new(if arrow.load == Load::Tcp { 1.2 } else { 1.8 }, ink);
            if arrow.load == Load::Tcp {
                painter.extend(Shape::dashed_line(&[start, head], stroke, 5.0, 4.0));
            } else {
                painter.line_segment([start, head], stroke);
            }
            if arrived {
                painter.add(arrow_head(start, end, ink));
            }
        }
    }

    /// How far something on its way from `start` to `end` has come.
    fn head(&self, start: Pos2, end: Pos2) -> Pos2 {
        let part = ((self.y(self.now) - start.y) / (end.y - start.y).max(1.0)).clamp(0.0, 1.0);
        start.lerp(end, part)
    }

    fn arrow_label(&self, ui: &mut Ui, arrow: &Arrow, wishes: &mut Vec<Wish>) {
        let (start, end) = self.ends(arrow, (arrow.departs, arrow.arrives));
        let flying = arrow.arrives > self.now;
        let rect = if flying {
            self.pill(ui.painter(), arrow, self.head(start, end))
        } else {
            self.caption(ui.painter(), arrow, start, end)
        };
        let Some(unit) = arrow.units.first() else { return };
        let id = ui.scope_id().with(("arrow", unit.0));
        let response = ui.interact(rect, id, Sense::click());
        let looked_at = self.player.focus().is_some_and(|focus| arrow.units.contains(&focus.wrote));
        let spoken = format!("{} → {}: {}, {}", arrow.from, arrow.to, arrow.title, arrow.detail);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, looked_at, &spoken));
        if response.hovered() || response.has_focus() || (looked_at && !flying) {
            let line = if looked_at { self.palette.accent } else { self.palette.border_strong };
            let rect = rect.expand2(vec2(4.0, 1.0));
            ui.painter().rect_stroke(rect, theme::RADIUS, (theme::LINE, line), StrokeKind::Outside);
        }
        if response.clicked() {
            wishes.push(Command::Inspect(next_unit(arrow, self.player)).into());
        }
        response.on_hover_text(format!("{spoken}\nClick to look inside"));
    }

    /// The words of something in flight, where it is.
    fn pill(&self, painter: &Painter, arrow: &Arrow, at: Pos2) -> Rect {
        let tone = self.palette.tone(Tone::Attention);
        let lane = (self.x(arrow.from) - self.x(arrow.to)).abs();
        let mut words = arrow.title.clone();
        if arrow.load != Load::Tcp {
            let size = arrow.detail.split(" · ").next().unwrap_or_default();
            words = format!("{words}  {size}");
        }
        let galley = elided(painter, &words, Face::MonoStrong, tone.on_solid, lane * 0.7);
        let size = galley.size() + vec2(20.0, 8.0);
        let rect = Rect::from_center_size(at, size);
        painter.rect_filled(rect, rect.height() / 2.0, tone.solid);
        painter.galley(rect.center() - galley.size() / 2.0, galley, tone.on_solid);
        rect
    }

    /// The words along an arrow that has arrived.
    fn caption(&self, painter: &Painter, arrow: &Arrow, start: Pos2, end: Pos2) -> Rect {
        let (left, right) = if start.x < end.x { (start, end) } else { (end, start) };
        let angle = ((right.y - left.y) / (right.x - left.x).max(1.0)).atan();
        let middle = start.lerp(end, 0.5);
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
        let detail = if arrow.edited {
            format!("{} · changed on the way", arrow.detail)
        } else {
            arrow.detail.clone()
        };
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

    fn mark(&self, painter: &Painter, mark: &Mark) {
        let y = self.y(mark.at) - MARK_HEIGHT * (mark.stacked as f32 + 0.5) - 1.0;
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
        let galley = elided(painter, &mark.text, face, ink.text, room - 14.0);
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

    /// Scrolls to now when now has moved.
    fn follow(&self, ui: &Ui, state: &mut State) {
        let here = (self.player.lane().shown(), self.player.mode(), self.player.position());
        if state.scrolled_to == Some(here) {
            return;
        }
        state.scrolled_to = Some(here);
        let y = self.y(self.now);
        let around = Rect::from_x_y_ranges(
            self.origin.x..=self.origin.x + 1.0,
            y - theme::FOLLOW_ABOVE..=y + theme::FOLLOW_BELOW,
        );
        ui.scroll_to_rect_animation(around, None, egui::style::ScrollAnimation::none());
    }
}

/// Clicking again on what is looked at goes on to the next unit of the same arrow.
fn next_unit(arrow: &Arrow, player: &Player) -> crate::sim::RecordIdx {
    let present = player.focus().map(|focus| focus.wrote);
    let idx = arrow.units.iter().position(|unit| Some(*unit) == present);
    arrow.units[idx.map_or(0, |idx| (idx + 1) % arrow.units.len())]
}

fn elided(
    painter: &Painter,
    words: &str,
    face: Face,
    ink: Color32,
    width: f32,
) -> std::sync::Arc<egui::Galley> {
    let mut job = LayoutJob::single_section(words.to_owned(), face.format(ink));
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(24.0));
    painter.layout_job(job)
}

/// Words turned around the middle of the edge that stands on the line.
fn slanted(
    place: Pos2,
    galley: std::sync::Arc<egui::Galley>,
    ink: Color32,
    (angle, anchor): (f32, Align2),
) -> Shape {
    TextShape::new(place, galley, ink).with_angle_and_anchor(angle, anchor).into()
}

fn arrow_head(start: Pos2, end: Pos2, ink: Color32) -> Shape {
    let along = (end - start).normalized();
    let across = along.rot90();
    let back = end - along * 9.0;
    Shape::convex_polygon(vec![end, back + across * 4.0, back - across * 4.0], ink, Stroke::NONE)
}

fn zigzag(centre: Pos2) -> Vec<Pos2> {
    (0..5)
        .map(|idx| centre + vec2(idx as f32 * 5.0 - 10.0, if idx % 2 == 0 { 2.0 } else { -2.0 }))
        .collect()
}

/// A moment in at most eight characters.
fn short_time(at: SimTime) -> String {
    let ms = at.as_ms();
    if ms >= 10_000.0 { format!("{:.2} s", ms / 1000.0) } else { format!("{ms:.1} ms") }
}

fn spell_ms(ms: f64) -> String {
    if ms >= 1000.0 { format!("{:.1} s", ms / 1000.0) } else { format!("{ms:.0} ms") }
}
