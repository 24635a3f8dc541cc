//! What stands in the picture by itself: lifelines with the states of ends, times, silences.

use super::markup::{Markup, at, class, number};
use super::places::Point;
use super::{BAR, MARGIN, Sheet, TIMES};
use crate::conn::State;
use crate::sim::{Host, SimTime};
use crate::view::sequence::{Fold, Span, ticks};

/// The least distance between two times.
const APART: f64 = 26.0;

/// How nothing in particular is drawn.
const REST: &str = "rest";

/// How a state is drawn.
pub(super) fn bar_class(state: State) -> &'static str {
    match state {
        State::Idle | State::Closed => REST,
        State::Asking => "client bar",
        State::Connecting | State::Closing => "attention bar",
        State::Open => "valid bar",
        State::Failed => "breach bar",
    }
}

impl Sheet<'_> {
    pub(super) fn lifelines(&self, out: &mut Markup) {
        for host in &self.diagram.hosts {
            let x = self.x(*host);
            let ends = [at("x1", x), at("y1", self.top - MARGIN), at("x2", x)];
            let [x1, y1, x2] = ends;
            out.leaf("line", &[x1, y1, x2, at("y2", self.bottom), class("lifeline")]);
        }
        // A client may have several connections: one at rest hides none that is not.
        let is_at_rest = |span: &&Span| bar_class(span.state) == REST;
        let (resting, others): (Vec<_>, Vec<_>) = self.diagram.spans.iter().partition(is_at_rest);
        for span in resting.into_iter().chain(others) {
            self.bar(span, out);
        }
    }

    fn bar(&self, span: &Span, out: &mut Markup) {
        let x = self.x(span.host) + self.shift(span.host, span.client) - BAR / 2.0;
        let (from, until) = (self.y(span.from), self.y(span.until));
        out.open("g", &[class("state")]);
        let of = match span.host {
            Host::Server => format!(" towards Client {}", span.client),
            Host::Client(_) => String::new(),
        };
        let (host, state) = (span.host, span.state.name());
        let told = format!("{host}{of}: {state}, {} to {}", span.from, span.until);
        out.words("title", &[], &told);
        let size = [at("width", BAR), at("height", (until - from).max(1.0)), at("rx", 2.0)];
        let [width, height, round] = size;
        let name = class(bar_class(span.state));
        out.leaf("rect", &[at("x", x), at("y", from), width, height, round, name]);
        out.close();
    }

    /// The server's lifeline carries a bar for each client, side by side.
    fn shift(&self, host: Host, client: usize) -> f64 {
        let n = self.run.scenario().clients;
        match host {
            Host::Server if n > 1 => {
                let middle = f64::midpoint(n as f64, 1.0);
                (client as f64 - middle).clamp(-2.0, 2.0) * (BAR + 1.0)
            }
            Host::Server | Host::Client(_) => 0.0,
        }
    }

    /// Times, and the silences that are not drawn to scale.
    pub(super) fn times(&self, out: &mut Markup) {
        let x = MARGIN + TIMES - 8.0;
        let mut said = String::new();
        for (moment, y) in ticks(self.diagram, 0.0, self.diagram.height(), APART) {
            let words = short_time(moment);
            if words != said {
                self.time(&words, "time", Point { x, y: self.top + y + 4.0 }, out);
                said = words;
            }
        }
        for fold in &self.diagram.folds {
            let middle = f64::midpoint(self.y(fold.from), self.y(fold.until));
            let words = format!("{} pass", spell(fold));
            self.time(&words, "fold", Point { x, y: middle + 4.0 }, out);
            for host in &self.diagram.hosts {
                gap(Point { x: self.x(*host), y: middle }, out);
            }
        }
    }

    fn time(&self, words: &str, name: &str, place: Point, out: &mut Markup) {
        debug_assert!(place.y <= self.height, "times stand on the sheet");
        let end = ("text-anchor", "end".to_owned());
        out.words("text", &[at("x", place.x), at("y", place.y), end, class(name)], words);
    }
}

/// A gap in a lifeline says that time is cut short here.
fn gap(middle: Point, out: &mut Markup) {
    let corner = [at("x", middle.x - 13.0), at("y", middle.y - 5.0)];
    let [x, y] = corner;
    out.leaf("rect", &[x, y, at("width", 26.0), at("height", 10.0), class("ground")]);
    for dy in [-4.0, 4.0] {
        let points = (0..5).map(|idx| {
            let x = middle.x + f64::from(idx) * 5.0 - 10.0;
            let y = middle.y + dy + if idx % 2 == 0 { 2.0 } else { -2.0 };
            format!("{},{}", number(x), number(y))
        });
        let points = points.collect::<Vec<_>>().join(" ");
        out.leaf("polyline", &[("points", points), class("zigzag")]);
    }
}

/// A moment in at most eight characters.
fn short_time(at: SimTime) -> String {
    let ms = at.as_ms();
    if ms >= 10_000.0 { format!("{:.2} s", ms / 1000.0) } else { format!("{ms:.1} ms") }
}

fn spell(fold: &Fold) -> String {
    let ms = (fold.until.0 - fold.from.0) as f64 / 1e6;
    if ms >= 1000.0 { format!("{:.1} s", ms / 1000.0) } else { format!("{ms:.0} ms") }
}
