//! Arrows, and the words along them: each where it covers least of what else is there.
//!
//! **Invariant:** words stand between two lifelines, never across one.

use super::markup::{Markup, at, class, number};
use super::places::{Point, Shape, elided, overlap, width};
use super::{BAR, BODY, LANE_MARGIN, SMALL, Sheet};
use crate::sim::{Host, SimTime};
use crate::view::sequence::{Arrow, Diagram, Load, MARK_HEIGHT};

/// How far along its line something comes that never arrives.
const LOST_AT: f64 = 0.7;
/// Where words may stand, as a share of the distance between lifelines from the middle.
const OFFSETS: [f64; 9] = [0.0, -0.09, 0.09, -0.18, 0.18, -0.26, 0.26, -0.34, 0.34];
/// How much room words may take, as a share of what there is.
const SHARES: [f64; 4] = [1.0, 0.8, 0.6, 0.4];
/// In how many gaps between lifelines a place is looked for.
const MOST_GAPS: usize = 2;
/// What it costs to cover other words, a mark or a line, and to shorten words.
const WORDS: f64 = 100.0;
const MARK: f64 = 100.0;
const LINE: f64 = 10.0;
const SHORTER: f64 = 5.0;

/// The words of an arrow and where they stand.
#[derive(Debug)]
pub(super) struct Caption {
    title: String,
    detail: String,
    /// The middle of the words' line.
    middle: Point,
    /// How far below it the last segment's line is.
    drop: f64,
    /// By how much the line falls to the right: its angle in degrees.
    angle: f64,
}

/// What is around an arrow and should not be covered.
struct Around<'a> {
    lines: Vec<Shape>,
    labels: Vec<Shape>,
    words: &'a [Shape],
}

/// The widest words of any arrow.
pub(super) fn widest(diagram: &Diagram) -> f64 {
    let widths = diagram
        .arrows
        .iter()
        .map(|arrow| width(&arrow.title, title_size(arrow)).max(width(&detail(arrow), SMALL)));
    widths.fold(0.0, f64::max)
}

fn title_size(arrow: &Arrow) -> f64 {
    match arrow.load {
        Load::Tcp => SMALL,
        Load::Http | Load::Frame => BODY,
    }
}

/// What stands below the line.
fn detail(arrow: &Arrow) -> String {
    let mut parts = vec![arrow.detail.as_str()];
    if arrow.edited {
        parts.push("changed on the way");
    }
    if !arrow.arrived {
        parts.push("never arrives");
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

fn tone(arrow: &Arrow) -> &'static str {
    match (arrow.load, arrow.from) {
        _ if arrow.edited => "breach",
        (Load::Tcp, _) => "tcp",
        (_, Host::Client(_)) => "client",
        (_, Host::Server) => "server",
    }
}

impl Sheet<'_> {
    /// The ends of a segment on the lifelines.
    fn ends(&self, arrow: &Arrow, (departs, arrives): (SimTime, SimTime)) -> (Point, Point) {
        let (from, to) = (self.x(arrow.from), self.x(arrow.to));
        let clear = (to - from).signum() * (BAR / 2.0 + 1.0);
        let start = Point { x: from + clear, y: self.y(departs) };
        (start, Point { x: to - clear, y: self.y(arrives) })
    }

    /// Where the lines of an arrow begin and end.
    fn lines(&self, arrow: &Arrow) -> Vec<(Point, Point)> {
        arrow.segments.iter().map(|segment| self.ends(arrow, *segment)).collect()
    }

    pub(super) fn arrows(&self, out: &mut Markup) {
        for arrow in &self.diagram.arrows {
            let tone = tone(arrow);
            out.open("g", &[("id", format!("record-{}", arrow.record.0)), class("arrow")]);
            out.words("title", &[], &spoken(arrow));
            for (start, end) in self.lines(arrow) {
                let tip = if arrow.arrived { end } else { start.towards(end, LOST_AT) };
                let from = [at("x1", start.x), at("y1", start.y)];
                let [x1, y1] = from;
                let to = [at("x2", tip.x), at("y2", tip.y)];
                let [x2, y2] = to;
                let dashed = if arrow.load == Load::Tcp { " tcp" } else { "" };
                out.leaf("line", &[x1, y1, x2, y2, class(format!("{tone}{dashed} line"))]);
                if arrow.arrived {
                    out.leaf(
                        "polygon",
                        &[("points", head(start, end)), { class(format!("{tone} tip")) }],
                    );
                } else {
                    out.leaf("path", &[("d", cross(tip)), class("cross")]);
                }
            }
            out.close();
        }
    }

    pub(super) fn captions(&self, out: &mut Markup) {
        for (arrow, caption) in self.diagram.arrows.iter().zip(&self.captions) {
            let Caption { title, detail, middle, drop, angle } = caption;
            let turned = format!(
                "translate({} {}) rotate({})",
                number(middle.x),
                number(middle.y),
                number(*angle)
            );
            let dim = if arrow.load == Load::Tcp { " tcp" } else { "" };
            let place = [("transform", turned), ("text-anchor", "middle".to_owned())];
            let [transform, anchor] = place;
            out.open("g", &[transform, anchor, class(format!("caption{dim}"))]);
            let size = if title_size(arrow) < BODY { "detail" } else { "title" };
            out.words("text", &[at("y", -5.0), class(size)], title);
            if !detail.is_empty() {
                out.words("text", &[at("y", drop + SMALL + 3.0), class("detail")], detail);
            }
            out.close();
        }
    }

    /// Finds a place for the words of each arrow, in the order of their departure.
    pub(super) fn place_captions(&self) -> Vec<Caption> {
        let mut words: Vec<Shape> = Vec::new();
        let mut captions = Vec::new();
        for arrow in &self.diagram.arrows {
            let top = self.y(arrow.departs) - 2.0 * MARK_HEIGHT;
            // What comes later departs later: it reaches no words that are far above.
            words.retain(|shape| shape.iter().any(|corner| corner.y > top));
            let around = self.around(arrow, &words);
            let caption = self.place_caption(arrow, &around);
            words.extend(caption.shapes(title_size(arrow)));
            captions.push(caption);
        }
        captions
    }

    fn around<'a>(&self, arrow: &Arrow, words: &'a [Shape]) -> Around<'a> {
        let (top, bottom) = (self.diagram.y(arrow.departs), self.diagram.y(arrow.arrives));
        let (top, bottom) = (top - 2.0 * MARK_HEIGHT, bottom + 2.0 * MARK_HEIGHT);
        let others = self.diagram.arrows_between(top, bottom);
        let others = others.filter(|other| other.record != arrow.record);
        let lines = others.flat_map(|other| self.lines(other)).map(|(a, b)| vec![a, b]).collect();
        let first =
            self.labels.partition_point(|label| label.shape()[0].y + self.reach < self.top + top);
        let shapes = self.labels[first..].iter().map(super::marks::Label::shape);
        let until = self.top + bottom + self.reach;
        let labels = shapes.take_while(|shape| shape[0].y < until).collect();
        Around { lines, labels, words }
    }

    fn place_caption(&self, arrow: &Arrow, around: &Around<'_>) -> Caption {
        let mut best: Option<(f64, Caption)> = None;
        for (shorter, share) in SHARES.iter().enumerate() {
            let room = (self.lane - 2.0 * LANE_MARGIN) * share;
            for (further, gap) in self.gaps(arrow).into_iter().enumerate() {
                for offset in OFFSETS {
                    let Some(caption) = self.caption(arrow, room, (gap, offset)) else { continue };
                    let shapes = caption.shapes(title_size(arrow));
                    let covered: f64 = shapes.iter().map(|shape| around.cost(shape)).sum();
                    let cost = covered + shorter as f64 * SHORTER + further as f64 + offset.abs();
                    if covered == 0.0 && shorter == 0 {
                        return caption;
                    }
                    if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                        best = Some((cost, caption));
                    }
                }
            }
            if best.as_ref().is_some_and(|(cost, _)| *cost < SHORTER * (shorter + 1) as f64) {
                break;
            }
        }
        best.expect("words in the middle of a gap stand between its lifelines").1
    }

    /// The gaps between lifelines that an arrow crosses, that beside the client first.
    fn gaps(&self, arrow: &Arrow) -> Vec<usize> {
        let (a, b) = (self.diagram.column(arrow.from), self.diagram.column(arrow.to));
        let server = self.diagram.column(Host::Server);
        let mut gaps: Vec<usize> = (a.min(b)..a.max(b)).collect();
        if gaps.first() == Some(&server) {
            gaps.reverse();
        }
        gaps.truncate(MOST_GAPS);
        gaps
    }

    /// The words of an arrow in a gap, or `None` where they would stand across a lifeline.
    fn caption(&self, arrow: &Arrow, room: f64, (gap, offset): (usize, f64)) -> Option<Caption> {
        let lines = self.lines(arrow);
        let whole = self.ends(arrow, (arrow.departs, arrow.arrives));
        let first = lines.first().copied().unwrap_or(whole);
        let last = lines.last().copied().unwrap_or(whole);
        let size = title_size(arrow);
        let title = elided(&arrow.title, size, room);
        let detail = elided(&detail(arrow), SMALL, room);
        let half = width(&title, size).max(width(&detail, SMALL)) / 2.0;
        let shift = offset * self.lane;
        if offset != 0.0 && shift.abs() + half > self.lane / 2.0 - LANE_MARGIN / 2.0 {
            return None;
        }
        let x = self.left + self.lane * (gap as f64 + 0.5) + shift;
        let height = |(a, b): (Point, Point)| a.towards(b, (x - a.x) / (b.x - a.x)).y;
        let (start, end) = first;
        let slope = (end.y - start.y) / (end.x - start.x);
        let (above, below) = (height(first), height(last));
        let drop = (below - above) * slope.atan().cos();
        let angle = slope.atan().to_degrees();
        Some(Caption { title, detail, middle: Point { x, y: above }, drop, angle })
    }
}

impl Caption {
    /// The boxes that the words take, above the line and below.
    fn shapes(&self, title_size: f64) -> Vec<Shape> {
        let mut shapes =
            vec![self.shape(width(&self.title, title_size), (-title_size - 5.0, -2.0))];
        if !self.detail.is_empty() {
            let below = (self.drop + 2.0, self.drop + SMALL + 6.0);
            shapes.push(self.shape(width(&self.detail, SMALL), below));
        }
        shapes
    }

    fn shape(&self, wide: f64, (top, bottom): (f64, f64)) -> Shape {
        let half = wide / 2.0 + 2.0;
        let (sin, cos) = self.angle.to_radians().sin_cos();
        let corner = |(x, y): (f64, f64)| Point {
            x: self.middle.x + x * cos - y * sin,
            y: self.middle.y + x * sin + y * cos,
        };
        [(-half, top), (half, top), (half, bottom), (-half, bottom)].map(corner).to_vec()
    }
}

impl Around<'_> {
    fn cost(&self, shape: &[Point]) -> f64 {
        let covered =
            |shapes: &[Shape]| shapes.iter().filter(|other| overlap(shape, other)).count();
        let of = |shapes: &[Shape], each: f64| covered(shapes) as f64 * each;
        of(self.words, WORDS) + of(&self.labels, MARK) + of(&self.lines, LINE)
    }
}

fn spoken(arrow: &Arrow) -> String {
    let Arrow { from, to, title, departs, arrives, .. } = arrow;
    let detail = detail(arrow);
    let detail = if detail.is_empty() { detail } else { format!(", {detail}") };
    format!("{from} → {to}: {title}{detail}; {departs} to {arrives}")
}

/// The corners of an arrow's head.
fn head(start: Point, end: Point) -> String {
    let (dx, dy) = (end.x - start.x, end.y - start.y);
    let len = dx.hypot(dy).max(1e-6);
    let (dx, dy) = (dx / len, dy / len);
    let corner = |along: f64, across: f64| {
        let (x, y) = (end.x - dx * along - dy * across, end.y - dy * along + dx * across);
        format!("{},{}", number(x), number(y))
    };
    [corner(0.0, 0.0), corner(9.0, 4.0), corner(9.0, -4.0)].join(" ")
}

/// What marks where something was lost.
pub(super) fn cross(place: Point) -> String {
    let [left, right] = [-5.0, 5.0].map(|d| number(place.x + d));
    let [above, below] = [-5.0, 5.0].map(|d| number(place.y + d));
    format!("M{left} {above}L{right} {below}M{left} {below}L{right} {above}")
}
