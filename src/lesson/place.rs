//! Places: moments of a run, said by what happens in it.

use crate::run::{Passage, Position, Run};
use crate::sim::{SimTime, What};
use crate::wire::Side;
use crate::wire::unit::Context;
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
}

impl Letter {
    fn find<'a>(&self, run: &'a Run, n: usize) -> Option<&'a Passage> {
        run.passages().iter().filter(|passage| self.names(run, passage)).nth(n.checked_sub(1)?)
    }

    fn names(&self, run: &Run, passage: &Passage) -> bool {
        let record = &run.records()[passage.wrote.0];
        let What::Wrote(unit) = &record.what else { return false };
        let (client, from) = match self {
            Self::Request(client) | Self::FrameUp(client, _) => (*client, Side::Client),
            Self::Response(client) | Self::Status(client, _) | Self::FrameDown(client, _) => {
                (*client, Side::Server)
            }
        };
        if unit.from != from || run.client_of(unit.link) != Some(client) {
            return false;
        }
        match (self, unit.context) {
            (Self::Request(_), Context::Request) | (Self::Response(_), Context::Response) => true,
            (Self::Status(_, status), Context::Response) => {
                unit.bytes.get(9..12) == Some(status.to_string().as_bytes())
            }
            (Self::FrameUp(_, opcode) | Self::FrameDown(_, opcode), Context::Frame(_)) => {
                unit.bytes.first().map(|byte| byte & 0x0f) == Some(*opcode)
            }
            _ => false,
        }
    }
}
