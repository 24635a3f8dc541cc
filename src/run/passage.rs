//! Passages: which segments carried a unit, and when.

use crate::sim::{Flight, LinkIdx, Record, RecordIdx, Segment, SimTime, What};
use crate::wire::Side;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// How a unit crossed the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The record of its writing.
    pub wrote: RecordIdx,
    /// The records of the segments that carried it, in order.
    pub sent: Vec<RecordIdx>,
    /// When its first segment left.
    pub departs: SimTime,
    /// When its last segment left.
    pub last_departs: SimTime,
    /// When its last segment arrived or would have.
    pub arrives: SimTime,
    /// Whether all of it arrived.
    pub arrived: bool,
}

/// When segments arrived that did not arrive as they were to when they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fates {
    /// By connection, sender and number: the moment, or none where it never did.
    odd: BTreeMap<(LinkIdx, Side, u64), Option<SimTime>>,
    /// Parts that were cut off a segment on its way, and when they arrived.
    cuts: Vec<(Arc<Flight>, SimTime)>,
}

impl Fates {
    pub(super) fn of(records: &[Record]) -> Self {
        let key = |flight: &Flight| (flight.link, flight.from, flight.n);
        let mut fates = Self::default();
        let mut coming = BTreeMap::new();
        for record in records {
            match &record.what {
                What::Sent(flight) => {
                    coming.insert(key(flight), flight.arrives);
                }
                What::Arrived(flight) => match coming.remove(&key(flight)) {
                    Some(due) if due == record.at => {}
                    Some(_) => {
                        fates.odd.insert(key(flight), Some(record.at));
                    }
                    None => fates.cuts.push((Arc::clone(flight), record.at)),
                },
                _ => {}
            }
        }
        fates.odd.extend(coming.into_keys().map(|key| (key, None)));
        fates
    }

    /// When a segment that was sent arrived; `None` where it never did.
    pub(super) fn arrival(&self, flight: &Flight) -> Option<SimTime> {
        let odd = self.odd.get(&(flight.link, flight.from, flight.n));
        odd.copied().unwrap_or(Some(flight.arrives))
    }
}

/// Units of a flow that were written and not wholly sent: the passage, and the bytes.
type Waiting = Vec<(usize, Range<u64>)>;

/// The passages of all units of a trace, in the order in which they were written.
pub(super) fn trace(records: &[Record], fates: &Fates) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut waiting: BTreeMap<(LinkIdx, Side), Waiting> = BTreeMap::new();
    for record in records {
        match &record.what {
            What::Wrote(unit) => {
                waiting
                    .entry((unit.link, unit.from))
                    .or_default()
                    .push((passages.len(), unit.range()));
                passages.push(Passage {
                    wrote: record.idx,
                    sent: Vec::new(),
                    departs: record.at,
                    last_departs: record.at,
                    arrives: record.at,
                    arrived: true,
                });
            }
            What::Sent(flight) if flight.kind == Segment::Data => {
                let Some(units) = waiting.get_mut(&(flight.link, flight.from)) else { continue };
                let carried = flight.range();
                units.retain(|(idx, range)| {
                    if range.start >= carried.end {
                        return true;
                    }
                    let passage = &mut passages[*idx];
                    if passage.sent.is_empty() {
                        passage.departs = flight.departs;
                    }
                    passage.sent.push(record.idx);
                    passage.last_departs = flight.departs;
                    let arrival = fates.arrival(flight);
                    passage.arrives = arrival.unwrap_or(flight.arrives).max(passage.arrives);
                    passage.arrived &= arrival.is_some();
                    range.end > carried.end
                });
            }
            _ => {}
        }
    }
    for (flight, at) in &fates.cuts {
        let carried = flight.range();
        for passage in &mut passages {
            if let What::Wrote(unit) = &records[passage.wrote.0].what
                && (unit.link, unit.from) == (flight.link, flight.from)
                && unit.start < carried.end
                && carried.start < unit.range().end
            {
                passage.arrives = passage.arrives.max(*at);
            }
        }
    }
    passages
}
