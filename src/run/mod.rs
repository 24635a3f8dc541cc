//! A run: the moves made in one world, and everything that can be asked of its past.
//!
//! **Law:** the world after *n* moves is a function of the scenario, the mode and those moves;
//! from whichever kept world it is computed, it is the same.
//! **Law:** a fork shares the past of its trunk and leaves the trunk untouched.

mod about;
mod condition;
mod crowd;
mod delays;
mod diverge;
mod kept;
mod measure;
mod passage;
mod play;
mod position;
mod preview;
mod stops;
pub mod sweep;
mod tally;

use crate::sim::{
    Edit, Flight, Host, LinkIdx, Mode, Move, Record, RecordIdx, Scenario, SimTime, What, World,
};
use crate::wire::Side;
use bytes::{Bytes, BytesMut};
pub use condition::{Condition, Landmark, NoCondition, alike};
pub use crowd::{Crowd, Luck};
pub use delays::Delays;
pub use diverge::Divergence;
use kept::Kept;
use measure::Sums;
pub use measure::Totals;
pub use passage::Passage;
use passage::Passages;
pub use position::Position;
pub use preview::Preview;
use std::sync::Arc;
pub use stops::{Direction, StepSize, Stops};
pub use tally::{Counter, Played, Tally, Weight};

/// A run, played to its end or as far as was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    moves: Vec<Made>,
    records: Vec<Record>,
    kept: Kept,
    world: World,
    /// The indices of the moves that are edits, and what they are.
    edits: Vec<(usize, Move)>,
    /// How many records were read into what follows.
    n_read: usize,
    passages: Passages,
    stops: Stops,
    sums: Sums,
    /// The records that tell of the opening of connections: these are numbered as they open.
    opened: Vec<RecordIdx>,
    /// The records that tell of bytes written over in flight.
    patches: Vec<RecordIdx>,
}

/// A move that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Made {
    at: SimTime,
    /// How many records there are after it.
    n_records: usize,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing more happens.
    Settled,
    /// It was cut off after [`Run::MAX_MOVES`] moves.
    CutOff,
    /// More happens; it was not played yet.
    Open,
}

impl Run {
    /// What the run was made from.
    pub fn scenario(&self) -> &Arc<Scenario> {
        self.world.scenario()
    }

    /// How the conversation is carried.
    pub fn mode(&self) -> Mode {
        self.world.mode()
    }

    /// How it ended.
    pub fn ending(&self) -> Ending {
        match self.world.next_at() {
            None => Ending::Settled,
            Some(_) if self.moves.len() >= Self::MAX_MOVES => Ending::CutOff,
            Some(_) => Ending::Open,
        }
    }

    /// Whether it was played to its end.
    pub fn is_played(&self) -> bool {
        self.ending() != Ending::Open
    }

    /// How many moves were made.
    pub fn n_moves(&self) -> usize {
        self.moves.len()
    }

    /// When the last move was made.
    pub fn ends_at(&self) -> SimTime {
        self.moves.last().map_or(SimTime::ZERO, |made| made.at)
    }

    /// When move `idx` was made.
    pub fn made_at(&self, idx: usize) -> Option<SimTime> {
        self.moves.get(idx).map(|made| made.at)
    }

    /// How many moves were made up to and at `at`.
    pub fn n_moves_until(&self, at: SimTime) -> usize {
        self.moves.partition_point(|made| made.at <= at)
    }

    /// Everything that happened, in order.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// What had happened after `n_moves` moves.
    pub fn records_until(&self, n_moves: usize) -> &[Record] {
        &self.records[..self.n_records(n_moves)]
    }

    fn n_records(&self, n_moves: usize) -> usize {
        n_moves.checked_sub(1).map_or(0, |last| self.moves[last].n_records)
    }

    /// The index of the move that made a record.
    pub fn move_of(&self, record: RecordIdx) -> usize {
        self.moves.partition_point(|made| made.n_records <= record.0)
    }

    /// What was counted in the first `n_moves` moves.
    pub fn totals(&self, n_moves: usize) -> Totals {
        self.sums.of(self.records_until(n_moves))
    }

    /// How units crossed the network, in the order in which they were written.
    pub fn passages(&self) -> &[Passage] {
        self.passages.list()
    }

    /// When a segment that was sent arrived, or would have where it never did.
    pub fn arrival_of(&self, flight: &Flight) -> SimTime {
        self.passages.arrival(flight).unwrap_or(flight.arrives)
    }

    /// Whether a segment that was sent ever arrived.
    pub fn arrived(&self, flight: &Flight) -> bool {
        self.passages.arrival(flight).is_some()
    }

    /// The number of the client that opened a connection, from 1.
    pub fn client_of(&self, link: LinkIdx) -> Option<usize> {
        match self.records[self.opened.get(link.0 as usize)?.0].host {
            Host::Client(n) => Some(n),
            Host::Server => None,
        }
    }

    /// The passage of the unit that `wrote` records.
    pub fn passage(&self, wrote: RecordIdx) -> Option<&Passage> {
        let idx = self.passages().binary_search_by_key(&wrote, |passage| passage.wrote).ok()?;
        self.passages().get(idx)
    }

    /// The moments at which stepping stops.
    pub fn stops(&self) -> &Stops {
        &self.stops
    }

    /// The edits made, in order.
    pub fn edits(&self) -> impl Iterator<Item = (SimTime, &Edit)> {
        self.edits_until(self.moves.len())
    }

    /// The edits made and the places where they were, in order: what replays the run.
    pub fn edits_made(&self) -> impl Iterator<Item = (Position, &Edit)> {
        self.edits.iter().filter_map(|(idx, made)| match made {
            Move::Edit(at, edit) => Some((Position { at: *at, n_moves: *idx, n_fed: 0 }, edit)),
            Move::Next => None,
        })
    }

    /// The edits among the first `n_moves` moves, in order.
    pub fn edits_until(&self, n_moves: usize) -> impl Iterator<Item = (SimTime, &Edit)> {
        let edits = self.edits_made().take_while(move |(place, _)| place.n_moves < n_moves);
        edits.map(|(place, edit)| (place.at, edit))
    }

    /// What was written over bytes in flight up to `n_moves` moves, by edits and on the path.
    fn patches_until(&self, n_moves: usize) -> impl Iterator<Item = (LinkIdx, Side, u64, &Bytes)> {
        let until = self.n_records(n_moves);
        let patches = self.patches.iter().take_while(move |idx| idx.0 < until);
        patches.filter_map(|idx| self.records[idx.0].what.patch())
    }

    /// The world after `n_moves` moves.
    ///
    /// # Panics
    /// Where the run has fewer moves.
    pub fn world_at(&self, n_moves: usize) -> World {
        assert!(n_moves <= self.moves.len(), "the run has {} moves", self.moves.len());
        if n_moves == self.moves.len() {
            return self.world.clone();
        }
        let (n_kept, world) = self.kept.at_most(n_moves);
        let mut world = world.clone();
        for idx in n_kept..n_moves {
            world.replay(self.made(idx)).expect("a move that was made can be made again");
        }
        world
    }

    /// Move `idx`.
    fn made(&self, idx: usize) -> &Move {
        let edit = self.edits.binary_search_by_key(&idx, |(idx, _)| *idx);
        edit.map_or(&Move::Next, |edit| &self.edits[edit].1)
    }

    /// The bytes of the unit that `wrote` records as edits up to `n_moves` moves have left them.
    pub fn bytes_of(&self, wrote: RecordIdx, n_moves: usize) -> Bytes {
        let Some(What::Wrote(unit)) = self.records.get(wrote.0).map(|record| &record.what) else {
            return Bytes::new();
        };
        let mut bytes = unit.bytes.clone();
        for (link, from, start, patch) in self.patches_until(n_moves) {
            if (link, from) != (unit.link, unit.from) {
                continue;
            }
            let mut edited = BytesMut::from(&bytes[..]);
            for (offset, byte) in (start..).zip(patch) {
                if unit.range().contains(&offset) {
                    edited[(offset - unit.start) as usize] = *byte;
                }
            }
            bytes = edited.freeze();
        }
        bytes
    }
}
