//! Places: moments of a run, said by what happens in it.

use crate::run::{Passage, Position, Run};
use crate::sim::{RecordIdx, SimTime, Unit, What};
use crate::wire::unit::{Context, Dissection, dissect};
use crate::wire::{Field, Side};
use serde::{Deserialize, Serialize};

/// A moment of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Place {
    /// Before everything.
    Start,
    /// After everything.
    End,
    /// So many milliseconds after the start.
    Ms(u64),
    /// While the `n`th such unit (from 1) is in flight.
    InFlight(Letter, usize),
    /// When the `n`th such unit (from 1) has arrived.
    Arrived(Letter, usize),
}

/// A kind of unit, by who wrote it and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Letter {
    /// A request of this client, from 1.
    Request(usize),
    /// A request of this client by which it asks: a GET.
    Get(usize),
    /// A request of this client by which it says something: a POST.
    Post(usize),
    /// An answer to this client.
    Response(usize),
    /// An answer with this status to this client.
    Status(usize, u16),
    /// The body of an answer to this client.
    Body(usize),
    /// An event with data of the stream to this client.
    Event(usize),
    /// A frame from this client to the server, by opcode.
    FrameUp(usize, u8),
    /// A frame from the server to this client, by opcode.
    FrameDown(usize, u8),
}

impl Place {
    /// Where it is in a run; `None` where no such thing happens.
    pub fn find(&self, run: &Run) -> Option<Position> {
        match self {
            Self::Start => Some(run.start()),
            Self::End => Some(run.end()),
            Self::Ms(ms) => Some(run.position_at(SimTime::from_ms(*ms))),
            Self::InFlight(letter, n) => {
                let passage = letter.find(run, *n)?;
                Some(run.position_at(passage.last_departs.midway(passage.arrives)))
            }
            Self::Arrived(letter, n) => {
                let passage = letter.find(run, *n)?;
                passage.arrived.then(|| run.position_at(passage.arrives))
            }
        }
    }

    /// The unit that it speaks of, as it was written.
    pub(super) fn unit<'a>(&self, run: &'a Run) -> Option<&'a Unit> {
        let (Self::InFlight(letter, n) | Self::Arrived(letter, n)) = self else { return None };
        letter.units(run).nth(n.checked_sub(1)?).map(|(_, unit)| unit)
    }

    /// How many units of the kind that it speaks of there are.
    pub(super) fn n_units(&self, run: &Run) -> Option<usize> {
        let (Self::InFlight(letter, _) | Self::Arrived(letter, _)) = self else { return None };
        Some(letter.units(run).count())
    }
}

impl Letter {
    /// The record of the writing of the `n`th such unit, from 1.
    pub fn wrote(&self, run: &Run, n: usize) -> Option<RecordIdx> {
        self.find(run, n).map(|passage| passage.wrote)
    }

    fn find<'a>(&self, run: &'a Run, n: usize) -> Option<&'a Passage> {
        self.units(run).nth(n.checked_sub(1)?).map(|(passage, _)| passage)
    }

    /// The units of this kind, in the order in which they were written.
    fn units<'a>(&self, run: &'a Run) -> impl Iterator<Item = (&'a Passage, &'a Unit)> {
        run.passages().iter().filter_map(move |passage| {
            match &run.records()[passage.wrote.0].what {
                What::Wrote(unit) if self.names(run, unit) => Some((passage, &**unit)),
                _ => None,
            }
        })
    }

    fn names(&self, run: &Run, unit: &Unit) -> bool {
        let (client, from) = self.writer();
        if unit.from != from || run.client_of(unit.link) != Some(client) {
            return false;
        }
        let found = || dissect(&unit.bytes, &unit.context);
        match (self, &unit.context) {
            (Self::Request(_), Context::Request)
            | (Self::Response(_), Context::Response)
            | (Self::Body(_), Context::Body(_)) => true,
            (Self::Get(_), Context::Request) => reads(&found(), "method", b"GET"),
            (Self::Post(_), Context::Request) => reads(&found(), "method", b"POST"),
            (Self::Status(_, status), Context::Response) => {
                reads(&found(), "status", status.to_string().as_bytes())
            }
            (Self::Event(_), Context::Chunk(_) | Context::Event(_)) => {
                let mut fields = found().fields.into_iter();
                fields.any(|field| field.spec.name == "event_field" && field.octets() == b"data")
            }
            (Self::FrameUp(_, opcode) | Self::FrameDown(_, opcode), Context::Frame(_)) => {
                found().header.map(|header| header.opcode.to_bits()) == Some(*opcode)
            }
            _ => false,
        }
    }

    /// The client on whose connection it is, and who writes it.
    fn writer(&self) -> (usize, Side) {
        match self {
            Self::Request(client)
            | Self::Get(client)
            | Self::Post(client)
            | Self::FrameUp(client, _) => (*client, Side::Client),
            Self::Response(client)
            | Self::Status(client, _)
            | Self::Body(client)
            | Self::Event(client)
            | Self::FrameDown(client, _) => (*client, Side::Server),
        }
    }
}

/// Whether the first field of a name has these octets.
fn reads(found: &Dissection, name: &str, octets: &[u8]) -> bool {
    found.field(name).map(Field::octets) == Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Edit, LinkIdx, Mode, Scenario};
    use std::sync::Arc;

    const STORY: &str = r#"(
        name: "story",
        workload: [
            (at_ms: 300, who: Client(1), what: Say("Hi")),
            (at_ms: 400, who: Server, what: Say("Hello")),
        ],
        ends_ms: 900,
    )"#;

    fn check(mode: Mode, letter: Letter, expected: usize) {
        let scenario: Scenario = crate::lesson::read_scenario(STORY, "story").unwrap();
        let run = Run::new(Arc::new(scenario), mode);
        assert_eq!(letter.units(&run).count(), expected, "{letter:?} by {}", mode.label());
    }

    #[test]
    fn questions_and_posts_are_told_apart() {
        check(Mode::LongPolling, Letter::Request(1), 3);
        check(Mode::LongPolling, Letter::Get(1), 2);
        check(Mode::LongPolling, Letter::Post(1), 1);
        check(Mode::LongPolling, Letter::Post(2), 0);
    }

    #[test]
    fn a_body_belongs_to_the_client_that_gets_it() {
        check(Mode::LongPolling, Letter::Body(1), 1);
        check(Mode::LongPolling, Letter::Body(2), 2);
    }

    #[test]
    fn what_was_lost_for_good_has_not_arrived() {
        let scenario: Scenario = crate::lesson::read_scenario(STORY, "story").unwrap();
        let run = Run::new(Arc::new(scenario), Mode::WebSocket);
        let arrived = Place::Arrived(Letter::FrameUp(1, 1), 1);
        assert!(arrived.find(&run).is_some());
        let at = Place::Ms(250).find(&run).unwrap();
        let silent = run.fork(at, Edit::Silence(LinkIdx(0))).unwrap();
        assert!(arrived.find(&silent).is_none());
    }

    #[test]
    fn what_a_stream_says_without_data_is_no_event() {
        check(Mode::Sse, Letter::Event(1), 1);
        check(Mode::Sse, Letter::Event(2), 2);
        check(Mode::WebSocket, Letter::Event(1), 0);
    }
}
