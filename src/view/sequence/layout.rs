//! Heights: where each moment stands, so that labels of one lane stand apart.
//!
//! **Invariant:** heights rise with time; between knots time runs evenly.

use super::{Arrow, Diagram, Edge, Fold, Load, MARK_HEIGHT, Mark, SERVER_MARK_LIFT};
use crate::sim::{Host, SimTime};
use std::collections::BTreeMap;

/// Height that a millisecond takes where nothing else decides, in points.
const PER_MS: f64 = 2.0;
/// The longest silence that is drawn to scale, in points.
const MAX_GAP: f64 = 64.0;
/// What an arrow with a title and a detail needs.
const ARROW_HEIGHT: f64 = 46.0;
/// What an arrow with a title alone needs.
const THIN_ARROW_HEIGHT: f64 = 30.0;
/// The way from moments to heights: straight between knots.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    /// Rising in both parts.
    pub(super) knots: Vec<(SimTime, f64)>,
}

impl Scale {
    pub(super) fn y(&self, at: SimTime) -> f64 {
        let idx = self.knots.partition_point(|(knot, _)| *knot <= at);
        match (idx.checked_sub(1).map(|idx| self.knots[idx]), self.knots.get(idx)) {
            (Some((from, y0)), Some((to, y1))) => {
                let part = (at.0 - from.0) as f64 / (to.0 - from.0) as f64;
                y0 + (y1 - y0) * part
            }
            (Some((_, y)), None) => y,
            (None, Some((_, y))) => *y,
            (None, None) => 0.0,
        }
    }

    pub(super) fn at(&self, y: f64) -> SimTime {
        let idx = self.knots.partition_point(|(_, knot)| *knot <= y);
        match (idx.checked_sub(1).map(|idx| self.knots[idx]), self.knots.get(idx)) {
            (Some((from, y0)), Some((to, y1))) => {
                let part = (y - y0) / (y1 - y0);
                from.plus(((to.0 - from.0) as f64 * part) as u64)
            }
            (Some((at, _)), None) => at,
            (None, Some((at, _))) => *at,
            (None, None) => SimTime::ZERO,
        }
    }
}

/// A place where labels must stand apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    /// Where arrows leave, between the columns of this number and the next.
    Leaving(usize),
    /// Where arrows from a host come in, between the columns of this number and the next.
    Coming(usize, Host),
    /// Beside a column.
    Beside(Host, Edge),
}

/// Something that takes room at a moment: its lane, the room above it, the room below.
type Claim = (SimTime, Lane, f64, f64);

fn claims(hosts: &[Host], arrows: &[Arrow], marks: &[Mark]) -> Vec<Claim> {
    let column = |host: Host| hosts.iter().position(|other| *other == host).unwrap_or(0);
    let mut claims = Vec::new();
    for arrow in arrows {
        let height = match arrow.load {
            Load::Tcp => THIN_ARROW_HEIGHT,
            Load::Http | Load::Frame => ARROW_HEIGHT,
        };
        let (a, b) = (column(arrow.from), column(arrow.to));
        for gap in a.min(b)..a.max(b) {
            claims.push((arrow.departs, Lane::Leaving(gap), height / 2.0, height / 2.0));
            let coming = Lane::Coming(gap, arrow.from);
            claims.push((arrow.arrives, coming, height / 2.0, height / 2.0));
        }
    }
    for mark in marks {
        let lift = if mark.host == Host::Server { SERVER_MARK_LIFT } else { 0.0 };
        let above = MARK_HEIGHT * (mark.stacked + 1) as f64 + lift;
        claims.push((mark.at, Lane::Beside(mark.host, mark.edge), above, 2.0));
    }
    claims.sort_by_key(|(at, ..)| *at);
    claims
}

pub(super) fn lay_out(
    hosts: &[Host],
    arrows: &[Arrow],
    marks: &[Mark],
    ends_at: SimTime,
) -> (Scale, Vec<Fold>) {
    let claims = claims(hosts, arrows, marks);
    let mut moments: Vec<SimTime> = arrows
        .iter()
        .flat_map(|arrow| [arrow.departs, arrow.arrives])
        .chain(marks.iter().map(|mark| mark.at))
        .chain([SimTime::ZERO, ends_at])
        .collect();
    moments.sort_unstable();
    moments.dedup();
    let mut floor: BTreeMap<Lane, f64> = BTreeMap::new();
    let mut knots: Vec<(SimTime, f64)> = Vec::new();
    let mut folds = Vec::new();
    let mut next_claim = 0;
    for at in moments {
        let mut y = MARK_HEIGHT;
        if let Some((before, above)) = knots.last().copied() {
            let to_scale = (at.0 - before.0) as f64 / 1e6 * PER_MS;
            if to_scale > MAX_GAP * 1.5 && !in_flight(arrows, before, at) {
                folds.push(Fold { from: before, until: at });
            }
            y = above + to_scale.clamp(1.0, MAX_GAP);
        }
        let first = next_claim;
        while claims.get(next_claim).is_some_and(|(when, ..)| *when <= at) {
            let (_, lane, above, _) = claims[next_claim];
            // Two claims of one lane at one moment stand where the first one does.
            y = y.max(floor.get(&lane).map_or(0.0, |floor| floor + above));
            next_claim += 1;
        }
        for (_, lane, _, below) in &claims[first..next_claim] {
            floor.insert(*lane, y + below);
        }
        knots.push((at, y));
    }
    (Scale { knots }, folds)
}

/// Whether something is on its way between two moments.
fn in_flight(arrows: &[Arrow], from: SimTime, until: SimTime) -> bool {
    let n = arrows.partition_point(|arrow| arrow.departs < until);
    arrows[..n].iter().rev().take(64).any(|arrow| arrow.arrives > from)
}

/// The moments that an axis labels: round numbers, at least `apart` points from each other.
pub fn ticks(diagram: &Diagram, top: f64, bottom: f64, apart: f64) -> Vec<(SimTime, f64)> {
    let mut ticks: Vec<(SimTime, f64)> = Vec::new();
    let knots = &diagram.scale.knots;
    let first = knots.partition_point(|(_, y)| *y < top - apart);
    for (at, y) in knots[first..].iter().take_while(|(_, y)| *y <= bottom + apart) {
        if ticks.last().is_none_or(|(_, last)| y - last >= apart) {
            ticks.push((*at, *y));
        }
    }
    ticks
}
