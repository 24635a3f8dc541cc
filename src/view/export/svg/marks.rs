//! Marks: what happened at a host, beside its lifeline.

use super::markup::{Markup, at, class};
use super::places::{Point, Shape, elided, upright, width};
use super::{BAR, HOST_BOX, MARGIN, SMALL, Sheet};
use crate::sim::Host;
use crate::view::sequence::{Edge, MARK_HEIGHT, Mark, MarkKind, SERVER_MARK_LIFT};

/// The distance of a mark from its lifeline.
const GAP: f64 = BAR * 1.5 + 6.0;
/// What is free around the words of a mark, both sides together.
const PADDING: f64 = 14.0;
/// The widest mark beside the diagram.
const WIDEST: f64 = 420.0;

/// A mark and where it stands.
#[derive(Debug)]
pub(super) struct Label {
    /// The index of the mark.
    idx: usize,
    words: String,
    from: Point,
    to: Point,
}

impl Label {
    pub(super) fn shape(&self) -> Shape {
        upright(self.from, self.to)
    }
}

impl Sheet<'_> {
    /// How much room the marks of the first and the last host take beside the diagram.
    pub(super) fn room_beside(&self) -> (f64, f64) {
        let widest = |host: Host, edge: Edge| {
            let marks = self.diagram.marks.iter();
            let there = marks.filter(|mark| (mark.host, mark.edge) == (host, edge));
            let widths = there.map(|mark| width(&mark.text, SMALL) + PADDING + GAP);
            widths.fold(HOST_BOX.x / 2.0, f64::max).min(WIDEST)
        };
        let hosts = &self.diagram.hosts;
        let first = hosts.first().map_or(0.0, |host| widest(*host, Edge::Left));
        let last = hosts.last().map_or(0.0, |host| widest(*host, Edge::Right));
        (first, last)
    }

    pub(super) fn place_labels(&self) -> Vec<Label> {
        let marks = self.diagram.marks.iter().enumerate();
        marks.map(|(idx, mark)| self.place_label(idx, mark)).collect()
    }

    fn place_label(&self, idx: usize, mark: &Mark) -> Label {
        let lift = if mark.host == Host::Server { SERVER_MARK_LIFT } else { 0.0 };
        let bottom = self.y(mark.at) - lift - MARK_HEIGHT * mark.stacked as f64 - 3.0;
        let n = self.diagram.hosts.len();
        let is_outside = match mark.edge {
            Edge::Left => self.diagram.column(mark.host) == 0,
            Edge::Right => self.diagram.column(mark.host) + 1 == n,
        };
        let room = if is_outside { WIDEST } else { self.lane - GAP } - GAP - PADDING;
        let mut words = elided(&mark.text, SMALL, room);
        if words != mark.text
            && let Some((_, after)) = mark.text.split_once(" → ")
        {
            words = elided(&format!("→ {after}"), SMALL, room);
        }
        let wide = width(&words, SMALL) + PADDING;
        let x = match mark.edge {
            Edge::Left => self.x(mark.host) - GAP - wide,
            Edge::Right => self.x(mark.host) + GAP,
        };
        let from = Point { x, y: bottom - (MARK_HEIGHT - 4.0) };
        Label { idx, words, from, to: Point { x: x + wide, y: bottom } }
    }

    pub(super) fn marks(&self, out: &mut Markup) {
        for label in &self.labels {
            let mark = &self.diagram.marks[label.idx];
            let tone = tone(mark);
            let Label { words, from, to, .. } = label;
            out.open("g", &[class("mark")]);
            out.words("title", &[], &format!("{}: {}, {}", mark.host, mark.text, mark.at));
            let round = if mark.kind == MarkKind::State { (to.y - from.y) / 2.0 } else { 4.0 };
            let size = [at("width", to.x - from.x), at("height", to.y - from.y)];
            let [width, height] = size;
            out.leaf(
                "rect",
                &[at("x", from.x), at("y", from.y), width, height, at("rx", round), {
                    class(format!("{tone} box"))
                }],
            );
            let place = [at("x", from.x + PADDING / 2.0), at("y", to.y - 5.0)];
            let [x, y] = place;
            out.words("text", &[x, y, class(format!("mark {tone} word"))], words);
            out.close();
        }
        debug_assert!(self.labels.iter().all(|label| label.from.x >= MARGIN / 2.0));
    }
}

fn tone(mark: &Mark) -> &'static str {
    match mark.kind {
        MarkKind::Want | MarkKind::Note => "neutral",
        MarkKind::Delivery => "valid",
        MarkKind::Breach => "breach",
        MarkKind::State if mark.text.ends_with("OPEN") => "valid",
        MarkKind::State if mark.text.ends_with("FAILED") => "breach",
        MarkKind::State => "attention",
    }
}
