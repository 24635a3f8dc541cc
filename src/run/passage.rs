//! Passages: which segments carried a unit, and when.
//!
//! **Law:** what is known of a run that was played in pieces, or forked, is what would be known of
//! it had it been played at once.

use super::Run;
use crate::sim::{Flight, LinkIdx, Record, RecordIdx, Segment, SimTime, What, World};
use crate::wire::Side;
use std::collections::{BTreeMap, VecDeque};
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
    /// Whether all of it arrived, or is expected to where the run goes on.
    pub arrived: bool,
}

impl Passage {
    /// The moment at which a step comes to rest while it is on its way.
    pub(super) fn midway(&self) -> SimTime {
        self.last_departs.midway(self.arrives)
    }
}

/// A segment by its connection, sender and number.
type Key = (LinkIdx, Side, u64);

fn key(flight: &Flight) -> Key {
    (flight.link, flight.from, flight.n)
}

/// What became of a segment that did not arrive as it was to when it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fate {
    /// When it arrived, if it ever did.
    arrived: Option<SimTime>,
    /// The record of its arrival, or of its sending where it never arrived.
    record: RecordIdx,
}

/// How units cross the network, as far as a run was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Passages {
    /// In the order in which the units were written.
    list: Vec<Passage>,
    /// Segments that arrived otherwise than they were to when they were sent, and late parts.
    odd: BTreeMap<Key, Fate>,
    /// Parts that were cut off a segment on its way, and the records of their arrivals.
    cuts: Vec<(Arc<Flight>, RecordIdx, SimTime)>,
    /// What is under way on each flow on which something is.
    open: BTreeMap<(LinkIdx, Side), Open>,
    /// The longest time from the sending of anything to its arrival, in nanoseconds.
    longest: u64,
    /// Up to here the fates of segments are known from the trunk of a fork.
    known_until: usize,
}

/// What is under way on a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Open {
    /// Segments that were sent, when each was to arrive, and the records of their sending.
    coming: VecDeque<(u64, SimTime, RecordIdx)>,
    /// Passages of units that were written and not wholly sent.
    unsent: VecDeque<usize>,
    /// Passages of units that have not wholly arrived.
    awaited: VecDeque<usize>,
}

/// What is known is compared, not how it came to be known.
impl PartialEq for Passages {
    fn eq(&self, other: &Self) -> bool {
        (&self.list, &self.odd, &self.cuts) == (&other.list, &other.odd, &other.cuts)
    }
}

impl Passages {
    pub(super) fn list(&self) -> &[Passage] {
        &self.list
    }

    /// The longest time from the sending of anything to its arrival, in nanoseconds.
    pub(super) fn longest(&self) -> u64 {
        self.longest
    }

    /// When a segment that was sent arrived; `None` where it never did.
    pub(super) fn arrival(&self, flight: &Flight) -> Option<SimTime> {
        self.odd.get(&key(flight)).map_or(Some(flight.arrives), |fate| fate.arrived)
    }

    /// The first record of anything that is not known to have ended.
    pub(super) fn first_open(&self) -> usize {
        let open = self.open.values().flat_map(|open| {
            let sent = open.coming.iter().map(|(.., record)| record.0);
            sent.chain(open.awaited.iter().map(|idx| self.list[*idx].wrote.0))
        });
        open.min().unwrap_or(usize::MAX)
    }

    /// Reads the records from `from` on; gives the indices of the passages that have ended.
    pub(super) fn read(&mut self, records: &[Record], from: usize) -> Vec<usize> {
        let mut ended = Vec::new();
        for record in &records[from..] {
            match &record.what {
                What::Wrote(unit) => {
                    let open = self.open.entry((unit.link, unit.from)).or_default();
                    open.unsent.push_back(self.list.len());
                    open.awaited.push_back(self.list.len());
                    self.list.push(Passage {
                        wrote: record.idx,
                        sent: Vec::new(),
                        departs: record.at,
                        last_departs: record.at,
                        arrives: record.at,
                        arrived: true,
                    });
                }
                What::Sent(flight) => self.send(flight, record, records),
                What::Arrived(flight) => self.arrive(flight, record, records, &mut ended),
                _ => {}
            }
        }
        ended
    }

    fn send(&mut self, flight: &Flight, record: &Record, records: &[Record]) {
        let open = self.open.entry((flight.link, flight.from)).or_default();
        open.coming.push_back((flight.n, flight.arrives, record.idx));
        self.longest = self.longest.max(flight.arrives.0 - record.at.0);
        if flight.kind != Segment::Data {
            return;
        }
        let carried = flight.range();
        while let Some(idx) = open.unsent.front() {
            let passage = &mut self.list[*idx];
            let range = range(passage, records);
            if range.start >= carried.end {
                break;
            }
            if passage.sent.is_empty() {
                passage.departs = flight.departs;
                passage.sent.reserve_exact(1);
            }
            passage.sent.push(record.idx);
            passage.last_departs = flight.departs;
            passage.arrives = flight.arrives.max(passage.arrives);
            if range.end > carried.end {
                break;
            }
            open.unsent.pop_front();
        }
    }

    fn arrive(
        &mut self,
        flight: &Arc<Flight>,
        record: &Record,
        records: &[Record],
        ended: &mut Vec<usize>,
    ) {
        let flow = (flight.link, flight.from);
        let Some(open) = self.open.get_mut(&flow) else {
            if record.idx.0 >= self.known_until {
                self.cuts.push((Arc::clone(flight), record.idx, record.at));
            }
            return;
        };
        let sent = open.coming.iter().position(|(n, ..)| *n == flight.n);
        match sent.and_then(|idx| open.coming.remove(idx)) {
            Some((_, due, _)) if due == record.at => {}
            Some(_) => {
                let fate = Fate { arrived: Some(record.at), record: record.idx };
                self.odd.insert(key(flight), fate);
            }
            None if record.idx.0 < self.known_until => {}
            None => self.cuts.push((Arc::clone(flight), record.idx, record.at)),
        }
        let n_before = ended.len();
        while flight.kind == Segment::Data
            && let Some(idx) = open.awaited.front()
            && range(&self.list[*idx], records).end <= flight.range().end
        {
            ended.push(*idx);
            open.awaited.pop_front();
        }
        if open.coming.is_empty() && open.awaited.is_empty() && open.unsent.is_empty() {
            self.open.remove(&flow);
        }
        for idx in &ended[n_before..] {
            self.settle(*idx, records);
        }
    }

    /// Nothing more happens: what is under way never arrives. Gives the indices of the passages
    /// that have ended with that.
    pub(super) fn finish(&mut self, records: &[Record]) -> Vec<usize> {
        let open = std::mem::take(&mut self.open);
        for ((link, from), open) in &open {
            for (n, _, record) in &open.coming {
                self.odd.insert((*link, *from, *n), Fate { arrived: None, record: *record });
            }
        }
        let ended: Vec<_> = open.into_values().flat_map(|open| open.awaited).collect();
        for idx in &ended {
            self.settle(*idx, records);
        }
        ended
    }

    /// Says of a passage what is known once nothing of it is on its way any more.
    fn settle(&mut self, idx: usize, records: &[Record]) {
        let wrote = &records[self.list[idx].wrote.0];
        let What::Wrote(unit) = &wrote.what else { return };
        let flights = self.list[idx].sent.iter().filter_map(|sent| match &records[sent.0].what {
            What::Sent(flight) => Some(flight),
            _ => None,
        });
        let (mut arrives, mut arrived) = (wrote.at, true);
        for flight in flights {
            let arrival = self.arrival(flight);
            arrives = arrives.max(arrival.unwrap_or(flight.arrives));
            arrived &= arrival.is_some();
        }
        for (flight, _, at) in &self.cuts {
            let carried = flight.range();
            if (unit.link, unit.from) == (flight.link, flight.from)
                && unit.start < carried.end
                && carried.start < unit.range().end
            {
                arrives = arrives.max(*at);
            }
        }
        self.longest = self.longest.max(arrives.0 - wrote.at.0);
        (self.list[idx].arrives, self.list[idx].arrived) = (arrives, arrived);
    }

    /// What of this is true of every future of the first `n` records, of which `settled` are not
    /// concerned by what was under way then in `world`; the rest of them is to be read again.
    pub(super) fn until(&self, n: usize, settled: usize, world: &World) -> Self {
        let flying = |key: &Key| {
            let link = world.link(key.0);
            link.is_some_and(|link| link.flow(key.1).in_flight().any(|flight| flight.n == key.2))
        };
        let past = self.odd.iter().filter(|(_, fate)| fate.record.0 < n);
        let past = past.filter(|(key, fate)| fate.arrived.is_some() || !flying(key));
        let cuts = self.cuts.iter().take_while(|(_, record, _)| record.0 < n);
        let n_list = self.list.partition_point(|passage| passage.wrote.0 < settled);
        Self {
            list: self.list[..n_list].to_vec(),
            odd: past.map(|(key, fate)| (*key, *fate)).collect(),
            cuts: cuts.cloned().collect(),
            open: BTreeMap::new(),
            longest: self.longest,
            known_until: n,
        }
    }
}

fn range(passage: &Passage, records: &[Record]) -> std::ops::Range<u64> {
    match &records[passage.wrote.0].what {
        What::Wrote(unit) => unit.range(),
        _ => unreachable!("a passage is of something written"),
    }
}

impl Run {
    /// What happened among the first `n_moves` moves from the writing of a unit to the last of its
    /// arrivals: nothing else tells how it crossed the network.
    pub fn crossing(&self, wrote: RecordIdx, n_moves: usize) -> &[Record] {
        let seen = self.records_until(n_moves);
        let end = match self.passage(wrote) {
            Some(passage) if self.is_played() => {
                seen.partition_point(|record| record.at <= passage.arrives)
            }
            // What is under way may come later than it is to.
            Some(_) => seen.len(),
            None => return &[],
        };
        seen.get(wrote.0..end).unwrap_or_default()
    }
}

/// The first of `records` that tells of the sending of anything that is under way in `world`, the
/// world after them; how many there are where nothing is.
pub(super) fn first_under_way(records: &[Record], world: &World) -> usize {
    let flows = [Side::Client, Side::Server];
    let mut missing: BTreeMap<(LinkIdx, Side), Vec<&Flight>> = BTreeMap::new();
    for (idx, link) in world.links() {
        for from in flows {
            let flights: Vec<_> = link.flow(from).in_flight().collect();
            if !flights.is_empty() {
                missing.insert((idx, from), flights);
            }
        }
    }
    let mut first = records.len();
    for record in records.iter().rev() {
        if missing.is_empty() {
            break;
        }
        let What::Sent(sent) = &record.what else { continue };
        let flow = (sent.link, sent.from);
        let Some(flights) = missing.get_mut(&flow) else { continue };
        let n_before = flights.len();
        // Of a segment that was cut in two, both parts go back to the one that was sent.
        flights.retain(|flight| flight.n != sent.n && !sent.range().contains(&flight.start));
        if flights.len() < n_before {
            first = record.idx.0;
        }
        if flights.is_empty() {
            missing.remove(&flow);
        }
    }
    first
}
