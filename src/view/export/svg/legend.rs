//! The legend: what is in the picture, and what it means.

use super::lines::bar_class;
use super::markup::{Markup, at, class};
use super::places::{Point, width};
use super::{BAR, HOST_BOX, MARGIN, SMALL, Sheet};
use crate::conn::State;
use crate::sim::Host;
use crate::view::sequence::{Arrow, Load};

/// The height of a row.
const ROW: f64 = 20.0;
/// The width of a sign and the space behind it.
const SIGN: f64 = 36.0;
/// The space behind an entry.
const GAP: f64 = 22.0;

/// What stands before the words of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// A line of this class.
    Line(&'static str),
    /// What marks where something was lost.
    Cross,
    /// A bar of this state.
    Bar(State),
}

type Entry = (Sign, String);

impl Sheet<'_> {
    fn entries(&self) -> Vec<Entry> {
        let arrows = &self.diagram.arrows;
        let laden = |arrow: &&Arrow| arrow.load != Load::Tcp;
        let from_server = |arrow: &Arrow| arrow.from == Host::Server;
        let lines = [
            (
                arrows.iter().filter(laden).any(|arrow| !from_server(arrow)),
                Sign::Line("client line"),
                "a client sends",
            ),
            (
                arrows.iter().filter(laden).any(from_server),
                Sign::Line("server line"),
                "the server sends",
            ),
            (!arrows.iter().all(|arrow| laden(&arrow)), Sign::Line("tcp line"), "TCP alone"),
            (
                arrows.iter().any(|arrow| arrow.edited),
                Sign::Line("breach line"),
                "changed on the way",
            ),
            (!arrows.iter().all(|arrow| arrow.arrived), Sign::Cross, "never arrives"),
        ];
        let there = lines.into_iter().filter(|(is_there, ..)| *is_there);
        let mut entries: Vec<Entry> =
            there.map(|(_, sign, words)| (sign, words.to_owned())).collect();
        for state in State::ALL {
            if self.diagram.spans.iter().any(|span| span.state == state) {
                entries.push((Sign::Bar(state), state.name().to_owned()));
            }
        }
        entries
    }

    /// Where each entry stands, from the upper left corner of the legend.
    fn places(&self, entries: &[Entry]) -> Vec<Point> {
        let room = self.width - 2.0 * MARGIN;
        let mut place = Point { x: 0.0, y: 0.0 };
        let mut places = Vec::new();
        for (_, words) in entries {
            let wide = SIGN + width(words, SMALL);
            if place.x > 0.0 && place.x + wide > room {
                place = Point { x: 0.0, y: place.y + ROW };
            }
            places.push(place);
            place.x += wide + GAP;
        }
        places
    }

    pub(super) fn legend_height(&self) -> f64 {
        let places = self.places(&self.entries());
        places.last().map_or(0.0, |place| place.y + ROW)
    }

    pub(super) fn legend(&self, out: &mut Markup) {
        let top = self.bottom + HOST_BOX.y + 2.0 * MARGIN;
        let entries = self.entries();
        for ((sign, words), place) in entries.iter().zip(self.places(&entries)) {
            let (x, y) = (MARGIN + place.x, top + place.y + ROW / 2.0);
            match sign {
                Sign::Line(name) => {
                    let ends = [at("x1", x), at("y1", y), at("x2", x + 28.0), at("y2", y)];
                    let [x1, y1, x2, y2] = ends;
                    out.leaf("line", &[x1, y1, x2, y2, class(*name)]);
                }
                Sign::Cross => {
                    let cross = super::arrows::cross(Point { x: x + 14.0, y });
                    out.leaf("path", &[("d", cross), class("cross")]);
                }
                Sign::Bar(state) => {
                    let corner = [at("x", x + 20.0), at("y", y - 7.0)];
                    let [left, above] = corner;
                    let size = [at("width", BAR), at("height", 14.0), at("rx", 2.0)];
                    let [wide, high, round] = size;
                    out.leaf("rect", &[left, above, wide, high, round, class(bar_class(*state))]);
                }
            }
            out.words("text", &[at("x", x + SIGN), at("y", y + 4.0), class("legend")], words);
        }
    }
}
