//! Stops: the moments at which a step of each size comes to rest.

use super::{Passage, Position, Run};
use crate::sim::{Host, Record, Segment, SimTime, What};
use crate::wire::unit::Context;
use serde::{Deserialize, Serialize};

/// How far a step goes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum StepSize {
    /// To the next message that is whole.
    Message,
    /// To the next unit (a head, a body, a chunk, an event, a frame) in flight or arrived.
    #[default]
    Unit,
    /// To the next segment in flight or arrived.
    Segment,
    /// To the next byte of an arriving segment.
    Byte,
}

impl StepSize {
    /// Every size, the largest first.
    pub const ALL: [Self; 4] = [Self::Message, Self::Unit, Self::Segment, Self::Byte];

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Message => "Message",
            Self::Unit => "Frame",
            Self::Segment => "Segment",
            Self::Byte => "Byte",
        }
    }
}

/// The moments at which steps come to rest, each list sorted and without repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stops {
    messages: Vec<SimTime>,
    units: Vec<SimTime>,
    segments: Vec<SimTime>,
}

/// Stops to be added to others, each list in a few sorted stretches.
#[derive(Debug, Default)]
pub(super) struct More {
    messages: Vec<SimTime>,
    units: Vec<SimTime>,
    segments: Vec<SimTime>,
    /// Segments on their way.
    flying: Vec<SimTime>,
}

impl Stops {
    /// Adds stops.
    pub(super) fn add(&mut self, mut more: More) {
        more.segments.append(&mut more.flying);
        let lists = [&mut self.messages, &mut self.units, &mut self.segments];
        for (list, mut more) in lists.into_iter().zip([more.messages, more.units, more.segments]) {
            let Some(first) = more.iter().min() else { continue };
            more.extend(list.split_off(list.partition_point(|at| at < first)));
            // What is sorted in stretches is sorted fast.
            more.sort();
            more.dedup();
            list.append(&mut more);
        }
    }

    /// The stops before `at`.
    pub(super) fn before(&self, at: SimTime) -> Self {
        let past = |list: &[SimTime]| list[..list.partition_point(|stop| *stop < at)].to_vec();
        Self {
            messages: past(&self.messages),
            units: past(&self.units),
            segments: past(&self.segments),
        }
    }

    /// The moments for steps of a size; bytes lie between those of segments.
    pub fn list(&self, size: StepSize) -> &[SimTime] {
        match size {
            StepSize::Message => &self.messages,
            StepSize::Unit => &self.units,
            StepSize::Segment | StepSize::Byte => &self.segments,
        }
    }
}

impl More {
    /// Adds the stop that a passage is while it is on its way.
    pub(super) fn pass(&mut self, passage: &Passage) {
        self.units.push(passage.midway());
    }

    /// Adds those that a record is.
    pub(super) fn note(&mut self, record: &Record) {
        let at = record.at;
        match &record.what {
            What::Sent(flight) => self.flying.push(flight.departs.midway(flight.arrives)),
            What::Arrived(_)
            | What::Lost(_)
            | What::Resent(_)
            | What::Waits(_)
            | What::Held(_)
            | What::Overwritten { .. } => self.segments.push(at),
            What::Read(read) => {
                self.units.push(at);
                if matches!(read.context, Context::Request | Context::Response) {
                    self.messages.push(at);
                }
            }
            // The server has the connection last.
            What::TcpOpen(_) if record.host != Host::Server => {}
            What::Delivered(_)
            | What::PingCame(_)
            | What::PongCame(_)
            | What::Reported(..)
            | What::Found(..)
            | What::Skipped(_)
            | What::TcpOpen(_)
            | What::GaveUp(_)
            | What::TcpClosed(_)
            | What::WasReset(_)
            | What::TimedOut(_)
            | What::Forgotten(_)
            | What::CaughtUp(..)
            | What::Wants(_)
            | What::Edited(_) => {
                self.messages.push(at);
                self.units.push(at);
                self.segments.push(at);
            }
            What::Starts
            | What::Leaves
            | What::Wrote(_)
            | What::PollDue
            | What::Became(..)
            | What::Retries
            | What::HeldLong(_) => {}
        }
    }

    /// Takes away those before `at`.
    pub(super) fn forget_before(&mut self, at: SimTime) {
        let lists = [&mut self.messages, &mut self.units, &mut self.segments, &mut self.flying];
        for list in lists {
            list.retain(|stop| *stop >= at);
        }
    }
}

/// Which way a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the end.
    Forward,
    /// Towards the start.
    Back,
}

impl Run {
    /// The place one step away; `None` where the run ends.
    pub fn step(&self, from: Position, size: StepSize, direction: Direction) -> Option<Position> {
        match (direction, size) {
            (Direction::Forward, StepSize::Byte) => self.byte_on(from),
            (Direction::Back, StepSize::Byte) => self.byte_back(from),
            (Direction::Forward, size) => self.stop_after(from, size),
            (Direction::Back, size) => self.stop_before(from, size),
        }
    }

    fn stop_after(&self, from: Position, size: StepSize) -> Option<Position> {
        let list = self.stops.list(size);
        // Between the bytes of an arrival, the arrival itself still lies ahead.
        let idx = match from.n_fed {
            0 => list.partition_point(|at| *at <= from.at),
            _ => list.partition_point(|at| *at < from.at),
        };
        list.get(idx).map(|at| self.position_at(*at))
    }

    fn stop_before(&self, from: Position, size: StepSize) -> Option<Position> {
        let list = self.stops.list(size);
        match list.partition_point(|at| *at < from.at).checked_sub(1) {
            Some(idx) => Some(self.position_at(list[idx])),
            None => (from != self.start()).then(|| self.start()),
        }
    }

    fn byte_on(&self, from: Position) -> Option<Position> {
        let next = match from.n_fed {
            0 => self.stop_after(from, StepSize::Segment)?,
            _ => self.position_at(from.at),
        };
        match self.arrival_at(next.at) {
            Some((n_moves, len)) if from.n_fed + 1 < len => {
                Some(Position { at: next.at, n_moves, n_fed: from.n_fed + 1 })
            }
            _ => Some(next),
        }
    }

    fn byte_back(&self, from: Position) -> Option<Position> {
        if from.n_fed > 1 {
            return Some(Position { n_fed: from.n_fed - 1, ..from });
        }
        match self.arrival_at(from.at) {
            Some((n_moves, len)) if from.n_fed == 0 && len > 1 && from.n_moves > n_moves => {
                Some(Position { at: from.at, n_moves, n_fed: len - 1 })
            }
            _ => self.stop_before(from, StepSize::Segment),
        }
    }

    /// The move at a moment by which bytes arrive, and how many.
    fn arrival_at(&self, at: SimTime) -> Option<(usize, usize)> {
        let first = self.moves.partition_point(|made| made.at < at);
        let moves = self.moves[first..].iter().take_while(|made| made.at == at);
        moves.enumerate().find_map(|(idx, made)| {
            let n_moves = first + idx;
            let records = &self.records[self.n_records(n_moves)..made.n_records];
            match records.first().map(|record| &record.what) {
                Some(What::Arrived(flight)) if flight.kind == Segment::Data => {
                    Some((n_moves, flight.bytes.len()))
                }
                _ => None,
            }
        })
    }
}
