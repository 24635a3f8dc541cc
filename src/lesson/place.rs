//! Places: moments of a run, said by what happens in it.

use crate::run::{Passage, Position, Run};
use crate::sim::{SimTime, Unit, What};
use crate::wire::unit::{Context, dissect};
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
    /// An answer to this client.
    Response(usize),
    /// An answer with this status to this client.
    Status(usize, u16),
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
            Self::Arrived(letter, n) => Some(run.position_at(letter.find(run, *n)?.arrives)),
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
        let (client, from) = match self {
            Self::Request(client) | Self::FrameUp(client, _) => (*client, Side::Client),
            Self::Response(client) | Self::Status(client, _) | Self::FrameDown(client, _) => {
                (*client, Side::Server)
            }
        };
        if unit.from != from || run.client_of(unit.link) != Some(client) {
            return false;
        }
        match (self, &unit.context) {
            (Self::Request(_), Context::Request) | (Self::Response(_), Context::Response) => true,
            (Self::Status(_, status), Context::Response) => {
                let found = dissect(&unit.bytes, &unit.context);
                found.field("status").map(Field::octets) == Some(status.to_string().as_bytes())
            }
            (Self::FrameUp(_, opcode) | Self::FrameDown(_, opcode), Context::Frame(_)) => {
                let header = dissect(&unit.bytes, &unit.context).header;
                header.map(|header| header.opcode.to_bits()) == Some(*opcode)
            }
            _ => false,
        }
    }
}
