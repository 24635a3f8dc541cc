//! The unit that is looked at: its bytes here and now, their decode, and what comes of them.

use crate::run::{Passage, Position, Run};
use crate::sim::{Edit, LinkIdx, Record, RecordIdx, Refusal, Unit, What};
use crate::view::verdict::{self, Verdict};
use crate::wire::Side;
use crate::wire::unit::{Context, Dissection, dissect};
use bytes::{Bytes, BytesMut};
use std::collections::{BTreeMap, BTreeSet};

/// Where a unit is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// All of it is on its way: it can be edited.
    InFlight,
    /// Part of it has arrived.
    Arriving,
    /// It has arrived.
    Arrived,
}

/// A unit at a moment of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Focus {
    /// The record of its writing.
    pub wrote: RecordIdx,
    /// The unit as it was written.
    pub unit: Unit,
    /// Its bytes as they are, with all edits.
    pub bytes: Bytes,
    /// What its reader holds it against.
    pub context: Context,
    /// The bytes, read.
    pub found: Dissection,
    /// Where it is.
    pub whereabouts: Whereabouts,
    /// The bits that differ from those that were written.
    pub edited: BTreeSet<u64>,
    /// What comes of it.
    pub verdict: Verdict,
}

impl Focus {
    /// The unit that draws the eye at a position: what is in flight, else what came last.
    pub fn default_at(run: &Run, position: Position) -> Option<RecordIdx> {
        let n_records = run.records_until(position.n_moves).len();
        let n = run.passages().partition_point(|passage| passage.wrote.0 < n_records);
        let here = &run.passages()[..n];
        let flying = here
            .iter()
            .rev()
            .take(64)
            .filter(|passage| passage.departs <= position.at && passage.arrives > position.at);
        let latest = flying.max_by_key(|passage| passage.departs);
        let being_fed = (position.n_fed > 0).then(|| fed(run, position, here)).flatten();
        being_fed
            .or(latest)
            .or_else(|| here.iter().rev().take(64).max_by_key(|passage| passage.arrives))
            .map(|passage| passage.wrote)
    }

    /// Looks at the unit that `wrote` records, with these bits flipped by hand.
    pub fn on(
        run: &Run,
        position: Position,
        wrote: RecordIdx,
        flips: &BTreeSet<u64>,
    ) -> Option<Self> {
        let What::Wrote(unit) = &run.records_until(run.n_moves()).get(wrote.0)?.what else {
            return None;
        };
        let whereabouts = whereabouts(run, (wrote, unit), position);
        let bytes = flipped(&run.bytes_of(wrote, position.n_moves), flips);
        let context = context(run, (wrote, unit), position);
        let found = dissect(&bytes, &context);
        let edited = differing_bits(&unit.bytes, &bytes);
        let mut focus = Self {
            wrote,
            unit: Unit::clone(unit),
            bytes,
            context,
            verdict: verdict::of_bytes(&found),
            found,
            whereabouts,
            edited,
        };
        focus.verdict = focus.judge(run, position, flips).unwrap_or(focus.verdict);
        Some(focus)
    }

    /// The edit that these flips make.
    pub fn patch(&self, flips: &BTreeSet<u64>) -> Option<Edit> {
        let first = flips.first()? / 8;
        let last = flips.last()? / 8;
        let bytes = self.bytes.slice(first as usize..=last as usize);
        let (link, from) = (self.unit.link, self.unit.from);
        Some(Edit::Patch { link, from, start: self.unit.start + first, bytes })
    }

    /// How many of its bytes the receiver has.
    pub fn n_arrived(&self, run: &Run, position: Position) -> usize {
        match self.whereabouts {
            Whereabouts::InFlight => 0,
            Whereabouts::Arriving => arrived_bytes(run, position, (self.wrote, &self.unit)),
            Whereabouts::Arrived => self.bytes.len(),
        }
    }

    /// The bytes that differ from those at the same place of the same flow in another run.
    pub fn differing_bytes(&self, other: &Run) -> BTreeSet<usize> {
        let place = (self.unit.link, self.unit.from);
        let mut there = BTreeMap::new();
        for passage in other.passages() {
            let What::Wrote(unit) = &other.records()[passage.wrote.0].what else { continue };
            let overlaps = unit.start < self.unit.range().end && self.unit.start < unit.range().end;
            if (unit.link, unit.from) == place && overlaps {
                let bytes = other.bytes_of(passage.wrote, other.n_moves());
                there.extend((unit.start..).zip(bytes));
            }
        }
        let here = (self.unit.start..).zip(&self.bytes).enumerate();
        here.filter(|(_, (offset, byte))| there.get(offset) != Some(byte))
            .map(|(idx, _)| idx)
            .collect()
    }

    fn judge(&self, run: &Run, position: Position, flips: &BTreeSet<u64>) -> Option<Verdict> {
        match self.whereabouts {
            Whereabouts::InFlight => {
                let edit = self.patch(flips);
                let flow = (self.unit.link, self.unit.from, self.unit.range());
                let preview = run.preview(position, edit.as_ref(), flow).ok()?;
                if preview.deaf {
                    return Some(verdict::of_deaf(preview.host));
                }
                Some(verdict::of_preview(&preview, &self.found))
            }
            Whereabouts::Arriving => {
                let here = arrived_bytes(run, position, (self.wrote, &self.unit));
                Some(verdict::of_bytes(&dissect(&self.bytes[..here], &self.context)))
            }
            Whereabouts::Arrived => {
                let crossing = run.crossing(self.wrote, position.n_moves);
                let records = arrival_records(crossing, &self.unit);
                let before = run.world_at(run.move_of(records.first()?.idx));
                let end = before.link(self.unit.link)?.end(self.unit.from.peer());
                if end.over() {
                    return Some(verdict::of_deaf(records[0].host));
                }
                verdict::of_records(&records, &self.found)
            }
        }
    }
}

/// The unit whose bytes are being fed one by one.
fn fed<'a>(run: &Run, position: Position, passages: &'a [Passage]) -> Option<&'a Passage> {
    let (flight, _) = run.fed(position)?;
    let next = flight.start + position.n_fed as u64 - 1;
    passages.iter().rev().find(|passage| match &run.records()[passage.wrote.0].what {
        What::Wrote(unit) => {
            (unit.link, unit.from) == (flight.link, flight.from) && unit.range().contains(&next)
        }
        _ => false,
    })
}

fn whereabouts(run: &Run, (wrote, unit): (RecordIdx, &Unit), position: Position) -> Whereabouts {
    match arrived_bytes(run, position, (wrote, unit)) {
        n if n == unit.bytes.len() => Whereabouts::Arrived,
        0 => Whereabouts::InFlight,
        _ => Whereabouts::Arriving,
    }
}

/// What the receiver did when the segments of a unit came, the first arrival first.
fn arrival_records(crossing: &[Record], unit: &Unit) -> Vec<Record> {
    let arrivals: Vec<(usize, &Record)> = crossing
        .iter()
        .enumerate()
        .filter(|(_, record)| match &record.what {
            What::Arrived(flight) => {
                (flight.link, flight.from) == (unit.link, unit.from)
                    && flight.range().start < unit.range().end
                    && flight.range().end > unit.start
            }
            _ => false,
        })
        .collect();
    let effects = arrivals.iter().flat_map(|(n, arrival)| {
        let cause = Some(arrival.idx);
        let after = crossing[*n..].iter().take_while(|record| record.at == arrival.at);
        let mine = after.filter(move |r| r.host == arrival.host && r.cause == cause);
        [*arrival].into_iter().chain(mine)
    });
    effects.cloned().collect()
}

/// What the reader of a unit holds it against: what it really knew, where that is on record.
fn context(run: &Run, (wrote, unit): (RecordIdx, &Unit), position: Position) -> Context {
    let since = run.records_until(position.n_moves).get(wrote.0..).unwrap_or_default();
    let read = since.iter().find_map(|record| match &record.what {
        What::Read(read)
            if (read.link, read.from, read.range.start) == (unit.link, unit.from, unit.start) =>
        {
            Some(read.context.clone())
        }
        _ => None,
    });
    read.or_else(|| expected(run, (wrote, unit), position)).unwrap_or_else(|| unit.context.clone())
}

/// What the receiver expected when the unit's first byte came, or expects while it is to come.
fn expected(run: &Run, (wrote, unit): (RecordIdx, &Unit), position: Position) -> Option<Context> {
    let arrival = run.crossing(wrote, position.n_moves).iter().find(|record| match &record.what {
        What::Arrived(flight) => {
            (flight.link, flight.from) == (unit.link, unit.from)
                && flight.range().contains(&unit.start)
        }
        _ => false,
    });
    let n_moves = arrival.map_or(position.n_moves, |record| run.move_of(record.idx));
    receiver_expects(run, n_moves, unit.link, unit.from, unit.start)
}

fn receiver_expects(
    run: &Run,
    n_moves: usize,
    link: LinkIdx,
    from: Side,
    start: u64,
) -> Option<Context> {
    let world = run.world_at(n_moves);
    let end = world.link(link)?.end(from.peer());
    (end.n_read() == start).then(|| end.expects()).flatten()
}

/// How many of a unit's bytes have arrived, the byte-by-byte ones counted in.
fn arrived_bytes(run: &Run, position: Position, (wrote, unit): (RecordIdx, &Unit)) -> usize {
    let seen = run.crossing(wrote, position.n_moves).iter();
    let ended = seen.filter_map(|record| match &record.what {
        What::Arrived(flight) if (flight.link, flight.from) == (unit.link, unit.from) => {
            Some(flight.range().end)
        }
        _ => None,
    });
    let by_segments = ended.max().unwrap_or(0);
    let by_bytes = run.fed(position).map_or(0, |(flight, _)| {
        let same = (flight.link, flight.from) == (unit.link, unit.from);
        if same { flight.start + position.n_fed as u64 } else { 0 }
    });
    let reached = by_segments.max(by_bytes).clamp(unit.start, unit.range().end);
    (reached - unit.start) as usize
}

fn flipped(bytes: &[u8], flips: &BTreeSet<u64>) -> Bytes {
    let mut out = BytesMut::from(bytes);
    for bit in flips {
        if let Some(byte) = out.get_mut((bit / 8) as usize) {
            *byte ^= 0x80 >> (bit % 8);
        }
    }
    out.freeze()
}

fn differing_bits(a: &[u8], b: &[u8]) -> BTreeSet<u64> {
    let bytes = a.iter().zip(b).enumerate();
    let differing = bytes.flat_map(|(idx, (a, b))| {
        let changed = a ^ b;
        (0..8).filter(move |bit| changed & 0x80 >> bit != 0).map(move |bit| idx as u64 * 8 + bit)
    });
    differing.collect()
}

/// Why a unit cannot be edited where it is.
pub(super) fn refuse(whereabouts: Whereabouts) -> Result<(), Refusal> {
    match whereabouts {
        Whereabouts::InFlight => Ok(()),
        Whereabouts::Arriving | Whereabouts::Arrived => Err(Refusal::NotInFlight),
    }
}
