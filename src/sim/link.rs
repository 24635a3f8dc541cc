//! A TCP connection: two ends and two flows of segments, each in order.
//!
//! **Invariant:** segments may be lost and sent again on their way, but a flow hands them on in
//! order, none left out and none twice.

use super::agenda::Place;
use super::record::{Flight, LinkIdx, RecordIdx, Segment};
use super::scenario::{Host, Network};
use super::shelf::Shelf;
use super::time::SimTime;
use super::weather::Weather;
use crate::conn::{Config, Conn, luck};
use crate::wire::Side;
use bytes::{Buf, Bytes, BytesMut};
use std::cell::Cell;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// The bytes of TCP and IP headers that each segment costs on the wire.
pub const HEADER_BYTES: u64 = 40;

/// A connection between a client and the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The client's number, from 1.
    pub client: usize,
    pub(super) client_end: Conn,
    pub(super) server_end: Conn,
    pub(super) up: Flow,
    pub(super) down: Flow,
    /// Whether what is sent gets lost, because somebody on the path has lost track of it.
    pub(super) path: Path,
    client_gone: bool,
    server_gone: bool,
}

/// The connections that are not over, each in a place that copies share until it changes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Links {
    shelf: Shelf<Arc<Link>>,
}

impl Links {
    pub(super) fn new() -> Self {
        Self { shelf: Shelf::new() }
    }

    pub(super) fn insert(&mut self, idx: LinkIdx, link: Link) {
        self.shelf.insert(idx.0 as usize, Arc::new(link));
    }

    pub(super) fn get(&self, idx: LinkIdx) -> Option<&Link> {
        self.shelf.get(idx.0 as usize).map(|link| &**link)
    }

    pub(super) fn get_mut(&mut self, idx: LinkIdx) -> Option<&mut Link> {
        self.shelf.get_mut(idx.0 as usize).map(Arc::make_mut)
    }

    pub(super) fn remove(&mut self, idx: LinkIdx) {
        self.shelf.remove(idx.0 as usize);
    }

    /// The bytes that these hold and `other` does not hold with them.
    pub(super) fn bytes_beside(&self, other: Option<&Self>) -> usize {
        // To look at each would take longer than to copy it: one of sixteen speaks for the others.
        let (n_alone, n_bytes) = (Cell::new(0_usize), Cell::new(0));
        let chunks = self.shelf.bytes_beside(other.map(|other| &other.shelf), |link, before| {
            if before.is_none_or(|before| !Arc::ptr_eq(before, link)) {
                if n_alone.get().is_multiple_of(16) {
                    n_bytes.update(|n| n + link.n_bytes());
                }
                n_alone.update(|n| n + 1);
            }
            0
        });
        chunks + n_bytes.get() * n_alone.get() / n_alone.get().div_ceil(16).max(1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (LinkIdx, &Link)> {
        self.shelf.iter().map(|(idx, link)| (LinkIdx(idx as u32), &**link))
    }
}

/// Whether a connection's segments get through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// They do, as far as the network lets them.
    Open,
    /// None does, and neither end is told.
    Silent,
}

impl Link {
    pub(super) fn new(idx: LinkIdx, client: usize, seed: u64) -> Self {
        let end = |side: Side| {
            let what = [u64::from_be_bytes(*b"conn end"), u64::from(idx.0), side as u64];
            Conn::new(Config::new(side, luck::draw(seed, &what)))
        };
        let flow = |from| Flow::new(idx, Weather { seed, client: client as u32, from });
        Self {
            client,
            client_end: end(Side::Client),
            server_end: end(Side::Server),
            up: flow(Side::Client),
            down: flow(Side::Server),
            path: Path::Open,
            client_gone: false,
            server_gone: false,
        }
    }

    /// Whether the end at `side` was cut off: it neither sends nor receives any more.
    pub(super) fn gone(&self, side: Side) -> bool {
        match side {
            Side::Client => self.client_gone,
            Side::Server => self.server_gone,
        }
    }

    /// Cuts off the end at `side`; gives the segments that are no longer on their way. On a silent
    /// path the other end hears nothing of it: what it sends is sent again and again as before.
    pub(super) fn cut_off(&mut self, side: Side) -> impl Iterator<Item = OnItsWay> {
        match side {
            Side::Client => self.client_gone = true,
            Side::Server => self.server_gone = true,
        }
        let unheard = self.path == Path::Silent && !self.gone(side.peer());
        let coming = if unheard { VecDeque::new() } else { self.flow_mut(side.peer()).end() };
        self.flow_mut(side).end().into_iter().chain(coming)
    }

    /// Whether its segments get through.
    pub fn path(&self) -> Path {
        self.path
    }

    /// The end at `side`.
    pub fn end(&self, side: Side) -> &Conn {
        match side {
            Side::Client => &self.client_end,
            Side::Server => &self.server_end,
        }
    }

    pub(super) fn end_mut(&mut self, side: Side) -> &mut Conn {
        match side {
            Side::Client => &mut self.client_end,
            Side::Server => &mut self.server_end,
        }
    }

    /// The flow on which `from` sends.
    pub fn flow(&self, from: Side) -> &Flow {
        match from {
            Side::Client => &self.up,
            Side::Server => &self.down,
        }
    }

    pub(super) fn flow_mut(&mut self, from: Side) -> &mut Flow {
        match from {
            Side::Client => &mut self.up,
            Side::Server => &mut self.down,
        }
    }

    /// The host at `side`.
    pub fn host(&self, side: Side) -> Host {
        match side {
            Side::Client => Host::Client(self.client),
            Side::Server => Host::Server,
        }
    }

    /// Whether both halves are closed, or both ends are cut off.
    pub(super) fn over(&self) -> bool {
        if self.client_gone || self.server_gone {
            return self.client_gone && self.server_gone;
        }
        self.up.ended && self.down.ended
    }
}

/// What one end has sent towards the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    link: LinkIdx,
    weather: Weather,
    unsent: BytesMut,
    /// How many bytes were written so far.
    n_written: u64,
    /// How many segments were sent so far.
    n_segments: u64,
    /// When the sender's line is free again.
    free_at: SimTime,
    /// When the last segment arrives, or would have: none that follows arrives before.
    last_arrives: SimTime,
    in_flight: VecDeque<OnItsWay>,
    /// FIN is to be sent behind the bytes, or was.
    finish: Finish,
    /// Nothing more will arrive: FIN has, or the receiver is gone.
    ended: bool,
}

/// A segment that was sent and has not arrived in its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OnItsWay {
    pub(super) flight: Arc<Flight>,
    pub(super) way: Way,
    /// How often it was sent again.
    pub(super) n_resent: u32,
    /// Where on the agenda stands what happens to it next.
    pub(super) due: Option<Place>,
    /// The record because of which it waits or is held.
    pub(super) kept_by: Option<RecordIdx>,
}

/// What becomes of a segment on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It arrives.
    Coming,
    /// It was lost: the sender will send it again.
    Lost,
    /// It is there, behind one that is not.
    Waiting,
    /// A proxy keeps it back.
    Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finish {
    No,
    Due,
    Sent,
}

impl Flow {
    fn new(link: LinkIdx, weather: Weather) -> Self {
        Self {
            link,
            weather,
            unsent: BytesMut::new(),
            n_written: 0,
            n_segments: 0,
            free_at: SimTime::ZERO,
            last_arrives: SimTime::ZERO,
            in_flight: VecDeque::new(),
            finish: Finish::No,
            ended: false,
        }
    }

    /// The segments that were sent and have not arrived, in the order in which they were sent.
    pub fn in_flight(&self) -> impl Iterator<Item = &Flight> {
        self.in_flight.iter().map(|on| &*on.flight)
    }

    /// The segments in flight that would arrive.
    pub(super) fn coming(&self) -> impl Iterator<Item = &Arc<Flight>> {
        self.in_flight.iter().filter(|on| on.way == Way::Coming).map(|on| &on.flight)
    }

    /// The segment of this number, where it is in flight, and what becomes of it.
    pub(super) fn get(&self, n: u64) -> Option<&OnItsWay> {
        self.in_flight.iter().find(|on| on.flight.n == n)
    }

    pub(super) fn get_mut(&mut self, n: u64) -> Option<&mut OnItsWay> {
        self.in_flight.iter_mut().find(|on| on.flight.n == n)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &OnItsWay> {
        self.in_flight.iter()
    }

    /// The segment that is next in turn.
    pub(super) fn front(&self) -> Option<&OnItsWay> {
        self.in_flight.front()
    }

    /// What the weather does to a segment that leaves at `at`.
    pub(super) fn loses(&self, at: SimTime, network: &Network) -> bool {
        self.weather.loses(at, network)
    }

    /// Takes bytes to send; gives their offset in the flow.
    pub(super) fn write(&mut self, bytes: &[u8]) -> u64 {
        let start = self.n_written;
        self.unsent.extend_from_slice(bytes);
        self.n_written += bytes.len() as u64;
        start
    }

    /// Nothing will be written any more.
    pub(super) fn finish(&mut self) {
        if self.finish == Finish::No {
            self.finish = Finish::Due;
        }
    }

    /// Nothing will arrive any more; gives the segments that were on their way.
    pub(super) fn end(&mut self) -> VecDeque<OnItsWay> {
        self.ended = true;
        self.finish = Finish::Sent;
        self.unsent.clear();
        std::mem::take(&mut self.in_flight)
    }

    /// Sends what is written, in segments of at most the MSS; gives what is on its way.
    pub(super) fn flush(&mut self, now: SimTime, network: &Network) -> Vec<Arc<Flight>> {
        let mut sent = Vec::new();
        while self.unsent.has_remaining() && !self.ended {
            let start = self.n_written - self.unsent.len() as u64;
            let n = self.unsent.len().min(network.mss);
            let bytes = if n == self.unsent.len() {
                // What is left would hold on to the memory of what was sent.
                std::mem::take(&mut self.unsent).freeze()
            } else {
                self.unsent.split_to(n).freeze()
            };
            sent.push(self.send(Segment::Data, (start, bytes), now, network));
        }
        if self.finish == Finish::Due && !self.ended {
            self.finish = Finish::Sent;
            sent.push(self.send(Segment::Fin, (self.n_written, Bytes::new()), now, network));
        }
        sent
    }

    /// Puts one segment on its way.
    pub(super) fn send(
        &mut self,
        kind: Segment,
        (start, bytes): (u64, Bytes),
        now: SimTime,
        network: &Network,
    ) -> Arc<Flight> {
        let (departs, arrives) = self.times(bytes.len(), now, network);
        // What overtakes nothing arrives after what was sent before.
        let arrives = arrives.max(self.last_arrives.plus(1));
        self.last_arrives = arrives;
        let (from, n) = (self.weather.from, self.n_segments);
        self.n_segments += 1;
        let flight = Flight { link: self.link, from, n, kind, start, bytes, departs, arrives };
        let flight = Arc::new(flight);
        let on = OnItsWay {
            flight: Arc::clone(&flight),
            way: Way::Coming,
            n_resent: 0,
            due: None,
            kept_by: None,
        };
        self.in_flight.push_back(on);
        flight
    }

    /// Puts a segment on its way again; gives what is on its way, if it still was.
    pub(super) fn resend(
        &mut self,
        n: u64,
        now: SimTime,
        network: &Network,
    ) -> Option<Arc<Flight>> {
        let len = self.get(n)?.flight.bytes.len();
        let (departs, arrives) = self.times(len, now, network);
        let on = self.get_mut(n)?;
        on.flight = Arc::new(Flight { departs, arrives, ..Flight::clone(&on.flight) });
        on.way = Way::Coming;
        on.n_resent += 1;
        Some(Arc::clone(&on.flight))
    }

    /// When a segment of `len` bytes leaves, and when it arrives.
    fn times(&mut self, len: usize, now: SimTime, network: &Network) -> (SimTime, SimTime) {
        let bits = (len as u64 + HEADER_BYTES) * 8;
        let departs = now.max(self.free_at);
        // kbit/s is bits per millisecond; a segment takes time, so that no two arrive at once.
        let takes = (bits * 1_000_000).div_ceil(network.kbit_per_s);
        self.free_at = departs.plus(takes);
        let delay = SimTime::from_ms(network.latency_ms(self.weather.from)).0;
        let arrives = self.free_at.plus(delay).plus(self.weather.jitter(departs, network));
        (departs, arrives)
    }

    /// Takes the segment that is next in turn off the wire.
    pub(super) fn arrive(&mut self) -> Option<Arc<Flight>> {
        let flight = self.in_flight.pop_front()?.flight;
        if self.in_flight.is_empty() {
            // Kept worlds have many flows at rest: those hold no room for segments.
            self.in_flight = VecDeque::new();
        }
        self.ended |= flight.kind == Segment::Fin;
        Some(flight)
    }

    /// Whether all these bytes are in flight.
    pub(super) fn carries(&self, wanted: &Range<u64>) -> bool {
        let covered: u64 = self
            .in_flight()
            .map(|flight| overlap(flight, wanted))
            .map(|range| range.end.saturating_sub(range.start))
            .sum();
        !wanted.is_empty() && covered == wanted.end - wanted.start
    }

    /// Replaces bytes in flight; those that are not in flight stay as they are.
    pub(super) fn patch(&mut self, start: u64, bytes: &[u8]) {
        let wanted = start..start + bytes.len() as u64;
        for OnItsWay { flight, .. } in &mut self.in_flight {
            let range = overlap(flight, &wanted);
            if range.is_empty() {
                continue;
            }
            let index = |offset: u64, base: u64| (offset - base) as usize;
            let mut patched = BytesMut::from(&flight.bytes[..]);
            let to = index(range.start, flight.start)..index(range.end, flight.start);
            let of = index(range.start, start)..index(range.end, start);
            patched[to].copy_from_slice(&bytes[of]);
            Arc::make_mut(flight).bytes = patched.freeze();
        }
    }

    /// Cuts a segment in flight in two behind its first `len` bytes; gives the second part, which
    /// arrives just behind the first.
    pub(super) fn cut(&mut self, n: u64, len: usize) -> Option<Arc<Flight>> {
        let idx = self.in_flight.iter().position(|on| on.flight.n == n)?;
        let first = &mut self.in_flight[idx];
        let mut second = OnItsWay { due: None, ..first.clone() };
        let rest = Arc::make_mut(&mut second.flight);
        rest.bytes = Arc::make_mut(&mut first.flight).bytes.split_off(len);
        rest.start += len as u64;
        rest.n = self.n_segments;
        rest.arrives = first.flight.arrives.plus(1);
        let flight = Arc::clone(&second.flight);
        self.n_segments += 1;
        self.last_arrives = self.last_arrives.max(flight.arrives);
        self.in_flight.insert(idx + 1, second);
        Some(flight)
    }
}

fn overlap(flight: &Flight, wanted: &Range<u64>) -> Range<u64> {
    let range = flight.range();
    range.start.max(wanted.start)..range.end.min(wanted.end)
}
