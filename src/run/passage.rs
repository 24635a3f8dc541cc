//! Passages: which segments carried a unit, and when.

use crate::sim::{LinkIdx, Record, RecordIdx, Segment, SimTime, What};
use crate::wire::Side;
use std::collections::BTreeMap;
use std::ops::Range;

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
}

/// Units of a flow that were written and not wholly sent: the passage, and the bytes.
type Waiting = Vec<(usize, Range<u64>)>;

/// The passages of all units of a trace, in the order in which they were written.
pub(super) fn trace(records: &[Record]) -> Vec<Passage> {
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
                    passage.arrives = flight.arrives;
                    range.end > carried.end
                });
            }
            _ => {}
        }
    }
    passages
}
