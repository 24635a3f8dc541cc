//! Playing: how a run comes to be and goes on, at once or in slices, and how it forks.
//!
//! **Law:** a run that was played in slices is the run that was played at once.

use super::passage::{self, Passages};
use super::stops::More;
use super::{Kept, Made, Position, Run, Stops, Sums};
use crate::sim::{
    Edit, Mode, Move, Record, RecordIdx, Refusal, Scenario, Segment, SimTime, What, World,
};
use std::sync::Arc;

impl Run {
    /// The most moves that a run makes.
    pub const MAX_MOVES: usize = 4_000_000;

    /// How many moves a fork makes at once: some hundredths of a second.
    pub const SLICE: usize = 20_000;

    /// How many bytes the worlds of its past may hold that a run keeps, so as to come back fast.
    pub const KEPT_BYTES: usize = 64 << 20;

    /// Plays a scenario to its end.
    pub fn new(scenario: Arc<Scenario>, mode: Mode) -> Self {
        Self::within(Self::KEPT_BYTES, scenario, mode)
    }

    /// As [`Self::new`], with so many bytes for the worlds that it keeps.
    pub fn within(kept_bytes: usize, scenario: Arc<Scenario>, mode: Mode) -> Self {
        let mut run = Self::unplayed(scenario, mode);
        run.kept = Kept::within(kept_bytes);
        run.play_out();
        run
    }

    /// Plays the first moves of a scenario, at most `n_moves`; [`Self::play_on`] goes on.
    pub fn begin(scenario: Arc<Scenario>, mode: Mode, n_moves: usize) -> Self {
        let mut run = Self::unplayed(scenario, mode);
        run.play_on(n_moves);
        run
    }

    fn unplayed(scenario: Arc<Scenario>, mode: Mode) -> Self {
        Self {
            moves: Vec::new(),
            records: Vec::new(),
            kept: Kept::within(Self::KEPT_BYTES),
            world: World::new(scenario, mode),
            edits: Vec::new(),
            n_read: 0,
            passages: Passages::default(),
            stops: Stops::default(),
            sums: Sums::default(),
            opened: Vec::new(),
            patches: Vec::new(),
        }
    }

    /// A run with the same past that goes another way: `edit` happens at `from`. It is played to
    /// its end where it has no more than [`Self::SLICE`] moves; where it has more,
    /// [`Self::play_on`] and [`Self::play_out`] go on.
    ///
    /// # Errors
    /// Why the edit cannot be made there.
    pub fn fork(&self, from: Position, edit: Edit) -> Result<Self, Refusal> {
        let world = self.world_at(from.n_moves);
        let edit = Move::Edit(from.at, edit);
        world.clone().replay(&edit)?;
        let mut fork = self.until(from.n_moves, world);
        fork.make(edit)?;
        // What was copied took its time as well.
        fork.play_on(Self::SLICE.saturating_sub(from.n_moves).max(Self::SLICE / 10));
        Ok(fork)
    }

    /// The run as far as its first `n_moves` moves, after which the world was `world`.
    fn until(&self, n_moves: usize, world: World) -> Self {
        let n_records = self.n_records(n_moves);
        let records = self.records[..n_records].to_vec();
        // What was under way then may end otherwise: what was read of it is read again.
        let first = passage::first_under_way(&records, &world).min(self.passages.first_open());
        let n_read = self.n_records(self.move_of(RecordIdx(first))).min(n_records);
        let passages = self.passages.until(n_records, n_read, &world);
        let stops = self.stops_until(&records, n_read, &passages);
        let before = |list: &[_]| {
            let n = list.partition_point(|idx: &RecordIdx| idx.0 < n_read);
            list[..n].to_vec()
        };
        let n_edits = self.edits.partition_point(|(idx, _)| *idx < n_moves);
        Self {
            moves: self.moves[..n_moves].to_vec(),
            records,
            kept: self.kept.until(n_moves),
            world,
            edits: self.edits[..n_edits].to_vec(),
            n_read,
            passages,
            stops,
            sums: self.sums.until(n_read),
            opened: before(&self.opened),
            patches: before(&self.patches),
        }
    }

    /// The stops of the first `n_read` of `records`, when nothing was under way that was sent
    /// before those, with `passages` for what they tell of.
    fn stops_until(&self, records: &[Record], n_read: usize, passages: &Passages) -> Stops {
        let Some(at) = records.get(n_read).or(records.last()).map(|record| record.at) else {
            return Stops::default();
        };
        // Whatever left before then has arrived before `at`.
        let early = SimTime(at.0.saturating_sub(passages.longest()));
        let first = records[..n_read].partition_point(|record| record.at < early);
        let mut more = More::default();
        for record in &records[first..n_read] {
            more.note(record);
        }
        let n_before = passages.list().partition_point(|passage| passage.wrote.0 < first);
        for passage in &passages.list()[n_before..] {
            more.pass(passage);
        }
        more.forget_before(at);
        let mut stops = self.stops.before(at);
        stops.add(more);
        stops
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
        run.play_out();
        Ok(run)
    }

    /// Goes on to the end.
    pub fn play_out(&mut self) {
        self.play_on(Self::MAX_MOVES);
    }

    /// Goes on for at most `n_moves` moves; [`Self::is_played`] says whether that was the end.
    pub fn play_on(&mut self, n_moves: usize) {
        let most = self.moves.len().saturating_add(n_moves).min(Self::MAX_MOVES);
        while self.moves.len() < most && self.make(Move::Next).is_ok() {}
        self.read();
    }

    fn make(&mut self, what: Move) -> Result<(), Refusal> {
        self.kept.offer(self.moves.len(), self.records.len(), &self.world);
        self.world.play_into(&what, &mut self.records)?;
        if what != Move::Next {
            self.edits.push((self.moves.len(), what));
        }
        self.moves.push(Made { at: self.world.now(), n_records: self.records.len() });
        Ok(())
    }

    /// Reads what has happened since into all that is known of the run.
    fn read(&mut self) {
        let fresh = &self.records[self.n_read..];
        let mut more = More::default();
        for record in fresh {
            more.note(record);
            match &record.what {
                What::Sent(flight) if flight.kind == Segment::Syn => self.opened.push(record.idx),
                what if what.patch().is_some() => self.patches.push(record.idx),
                _ => {}
            }
        }
        let mut ended = self.passages.read(&self.records, self.n_read);
        if self.is_played() {
            ended.append(&mut self.passages.finish(&self.records));
        }
        for idx in ended {
            more.pass(&self.passages.list()[idx]);
        }
        self.stops.add(more);
        self.sums.read(&self.records);
        self.n_read = self.records.len();
    }
}
