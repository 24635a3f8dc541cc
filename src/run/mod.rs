//! A run: the moves made in one world, and everything that can be asked of its past.
//!
//! **Law:** the world after *n* moves is a function of the scenario, the mode and those moves;
//! from whichever kept world it is computed, it is the same.
//! **Law:** a fork shares the past of its trunk and leaves the trunk untouched.

mod about;
mod condition;
mod diverge;
mod measure;
mod passage;
mod position;
mod preview;
mod stops;

use crate::sim::{
    Edit, Flight, Host, LinkIdx, Mode, Move, Record, RecordIdx, Refusal, Scenario, Segment,
    SimTime, What, World,
};
use crate::wire::Side;
use bytes::{Bytes, BytesMut};
pub use condition::{Condition, Landmark, NoCondition, alike};
pub use diverge::Divergence;
pub use measure::Totals;
use passage::Fates;
pub use passage::Passage;
pub use position::Position;
pub use preview::Preview;
use std::sync::Arc;
pub use stops::{Direction, StepSize, Stops};

/// A world is kept before every so manieth move.
const KEEP_EVERY: usize = 64;

/// A run played to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    moves: Vec<Made>,
    records: Vec<Record>,
    /// The worlds before the moves 0, 64, 128, …
    kept: Vec<World>,
    world: World,
    passages: Vec<Passage>,
    /// Which segments arrived otherwise than they were to when they were sent.
    fates: Fates,
    stops: Stops,
    /// Which client opened each connection.
    openers: Vec<usize>,
    /// The indices of the moves that are edits.
    edits: Vec<usize>,
    /// The records that tell of bytes written over in flight.
    patches: Vec<RecordIdx>,
    ending: Ending,
}

/// A move that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    what: Move,
    at: SimTime,
    /// How many records there are after it.
    n_records: usize,
    /// What was counted up to and with it.
    totals: Totals,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing more happens.
    Settled,
    /// It was cut off after [`Run::MAX_MOVES`] moves.
    CutOff,
}

impl Run {
    /// The most moves that a run makes.
    pub const MAX_MOVES: usize = 1_000_000;

    /// Plays a scenario to its end.
    pub fn new(scenario: Arc<Scenario>, mode: Mode) -> Self {
        let mut run = Self::unplayed(scenario, mode);
        run.play_on();
        run
    }

    fn unplayed(scenario: Arc<Scenario>, mode: Mode) -> Self {
        Self {
            moves: Vec::new(),
            records: Vec::new(),
            kept: Vec::new(),
            world: World::new(scenario, mode),
            passages: Vec::new(),
            fates: Fates::default(),
            stops: Stops::default(),
            openers: Vec::new(),
            edits: Vec::new(),
            patches: Vec::new(),
            ending: Ending::Settled,
        }
    }

    /// A run with the same past that goes another way: `edit` happens at `from`.
    ///
    /// # Errors
    /// Why the edit cannot be made there.
    pub fn fork(&self, from: Position, edit: Edit) -> Result<Self, Refusal> {
        let n_records = self.n_records(from.n_moves);
        let mut fork = Self {
            moves: self.moves[..from.n_moves].to_vec(),
            records: self.records[..n_records].to_vec(),
            kept: self.kept[..from.n_moves.div_ceil(KEEP_EVERY)].to_vec(),
            world: self.world_at(from.n_moves),
            ..Self::unplayed(Arc::clone(self.scenario()), self.mode())
        };
        fork.make(Move::Edit(from.at, edit))?;
        fork.play_on();
        Ok(fork)
    }

    /// Plays a scenario with these edits made in it, each at its moment: behind so many moves, or
    /// behind all that happens by then.
    ///
    /// **Law:** the edits of a run ([`Self::edits_made`]) replay to the same run.
    ///
    /// # Errors
    /// The index of the first edit that cannot be made at its place, and why.
    pub fn replay(
        scenario: Arc<Scenario>,
        mode: Mode,
        edits: &[(SimTime, Option<usize>, Edit)],
    ) -> Result<Self, (usize, Refusal)> {
        let mut run = Self::unplayed(scenario, mode);
        for (idx, (at, after, edit)) in edits.iter().enumerate() {
            while match after {
                Some(n_moves) => run.moves.len() < *n_moves,
                None => run.world.next_at().is_some_and(|next| next <= *at),
            } {
                run.make(Move::Next).map_err(|refusal| (idx, refusal))?;
            }
            run.make(Move::Edit(*at, edit.clone())).map_err(|refusal| (idx, refusal))?;
        }
        run.play_on();
        Ok(run)
    }

    fn make(&mut self, what: Move) -> Result<(), Refusal> {
        let before = self.moves.len().is_multiple_of(KEEP_EVERY).then(|| self.world.clone());
        let records = self.world.play(&what)?;
        self.kept.extend(before);
        let mut totals = self.moves.last().map_or_else(Totals::default, |made| made.totals);
        totals.count(&records);
        self.records.extend(records);
        let n_records = self.records.len();
        self.moves.push(Made { what, at: self.world.now(), n_records, totals });
        Ok(())
    }

    fn play_on(&mut self) {
        while self.make(Move::Next).is_ok() {
            if self.moves.len() == Self::MAX_MOVES {
                self.ending = Ending::CutOff;
                break;
            }
        }
        self.fates = Fates::of(&self.records);
        self.passages = passage::trace(&self.records, &self.fates);
        self.openers = openers(&self.records);
        let moves = self.moves.iter().enumerate();
        let edits = moves.filter(|(_, made)| matches!(made.what, Move::Edit(..)));
        self.edits = edits.map(|(idx, _)| idx).collect();
        let patches = self.records.iter().filter(|record| record.what.patch().is_some());
        self.patches = patches.map(|record| record.idx).collect();
        self.stops = Stops::of(&self.records, &self.passages);
    }

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
        self.ending
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
        n_moves.checked_sub(1).map_or_else(Totals::default, |last| self.moves[last].totals)
    }

    /// How units crossed the network, in the order in which they were written.
    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }

    /// When a segment that was sent arrived, or would have where it never did.
    pub fn arrival_of(&self, flight: &Flight) -> SimTime {
        self.fates.arrival(flight).unwrap_or(flight.arrives)
    }

    /// Whether a segment that was sent ever arrived.
    pub fn arrived(&self, flight: &Flight) -> bool {
        self.fates.arrival(flight).is_some()
    }

    /// The number of the client that opened a connection, from 1.
    pub fn client_of(&self, link: LinkIdx) -> Option<usize> {
        self.openers.get(link.0 as usize).copied()
    }

    /// The passage of the unit that `wrote` records.
    pub fn passage(&self, wrote: RecordIdx) -> Option<&Passage> {
        let idx = self.passages.binary_search_by_key(&wrote, |passage| passage.wrote).ok()?;
        self.passages.get(idx)
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
        self.edits.iter().filter_map(|idx| match &self.moves[*idx].what {
            Move::Edit(at, edit) => Some((Position { at: *at, n_moves: *idx, n_fed: 0 }, edit)),
            Move::Next => None,
        })
    }

    /// The edits among the first `n_moves` moves, in order.
    pub fn edits_until(&self, n_moves: usize) -> impl Iterator<Item = (SimTime, &Edit)> {
        let edits = self.edits.iter().take_while(move |idx| **idx < n_moves);
        edits.filter_map(|idx| match &self.moves[*idx].what {
            Move::Edit(at, edit) => Some((*at, edit)),
            Move::Next => None,
        })
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
        let mut world = self.kept[n_moves / KEEP_EVERY].clone();
        for made in &self.moves[n_moves / KEEP_EVERY * KEEP_EVERY..n_moves] {
            world.play(&made.what).expect("a move that was made can be made again");
        }
        world
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

/// The client that opened each connection: connections are numbered as they are opened.
fn openers(records: &[Record]) -> Vec<usize> {
    let opener = |record: &Record| match (&record.what, record.host) {
        (What::Sent(flight), Host::Client(n)) if flight.kind == Segment::Syn => Some(n),
        _ => None,
    };
    records.iter().filter_map(opener).collect()
}
