//! Where in a run one stands: between moves, or between the bytes of an arriving segment.

use super::Run;
use crate::conn::Conn;
use crate::sim::{Flight, SimTime};

/// A place in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The moment.
    pub at: SimTime,
    /// How many moves were made.
    pub n_moves: usize,
    /// How many bytes of the segment that arrives next the receiver was given already.
    pub n_fed: usize,
}

impl Run {
    /// The place at a moment, after all that happens then.
    pub fn position_at(&self, at: SimTime) -> Position {
        Position { at, n_moves: self.n_moves_until(at), n_fed: 0 }
    }

    /// The place at a moment; the start where nothing has happened yet.
    pub fn place_at(&self, at: SimTime) -> Position {
        if at == SimTime::ZERO { self.start() } else { self.position_at(at) }
    }

    /// The place before everything.
    pub fn start(&self) -> Position {
        Position::default()
    }

    /// The place after everything.
    pub fn end(&self) -> Position {
        self.position_at(self.ends_at())
    }

    /// The segment that is being fed byte by byte, and its receiver after the bytes so far.
    ///
    /// **Law (prefix):** after the last byte the receiver equals the one after the arrival.
    pub fn fed(&self, position: Position) -> Option<(Flight, Conn)> {
        if position.n_fed == 0 {
            return None;
        }
        let world = self.world_at(position.n_moves);
        let flight = world.next_arrival()?.clone();
        let mut end = world.link(flight.link)?.end(flight.from.peer()).clone();
        end.receive(&flight.bytes[..position.n_fed.min(flight.bytes.len())]);
        Some((flight, end))
    }
}
