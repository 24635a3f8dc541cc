//! A TCP connection: two ends and two flows of segments, each in order.
//!
//! **Invariant:** a flow loses, repeats and reorders nothing; a segment arrives after all that
//! were sent before it.

use super::record::{Flight, LinkIdx, Segment};
use super::scenario::{Host, Network};
use super::time::SimTime;
use crate::conn::{Config, Conn, luck};
use crate::wire::Side;
use bytes::{Buf, Bytes, BytesMut};
use std::collections::VecDeque;

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
}

impl Link {
    pub(super) fn new(idx: LinkIdx, client: usize, seed: u64) -> Self {
        let end = |side: Side| {
            let what = [u64::from_be_bytes(*b"conn end"), idx.0 as u64, side as u64];
            Conn::new(Config::new(side, luck::draw(seed, &what)))
        };
        Self {
            client,
            client_end: end(Side::Client),
            server_end: end(Side::Server),
            up: Flow::new(idx, Side::Client),
            down: Flow::new(idx, Side::Server),
        }
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

    /// Whether both halves are closed.
    pub(super) fn over(&self) -> bool {
        self.up.ended && self.down.ended
    }
}

/// What one end has sent towards the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    link: LinkIdx,
    from: Side,
    unsent: BytesMut,
    /// How many bytes were written so far.
    n_written: u64,
    /// When the sender's line is free again.
    free_at: SimTime,
    in_flight: VecDeque<Flight>,
    /// FIN is to be sent behind the bytes, or was.
    finish: Finish,
    /// FIN has arrived.
    ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finish {
    No,
    Due,
    Sent,
}

impl Flow {
    fn new(link: LinkIdx, from: Side) -> Self {
        Self {
            link,
            from,
            unsent: BytesMut::new(),
            n_written: 0,
            free_at: SimTime::ZERO,
            in_flight: VecDeque::new(),
            finish: Finish::No,
            ended: false,
        }
    }

    /// The segments that were sent and have not arrived, the next to arrive first.
    pub fn in_flight(&self) -> impl Iterator<Item = &Flight> {
        self.in_flight.iter()
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

    /// Sends what is written, in segments of at most the MSS; gives what is on its way.
    pub(super) fn flush(&mut self, now: SimTime, network: &Network) -> Vec<Flight> {
        let mut sent = Vec::new();
        while self.unsent.has_remaining() {
            let start = self.n_written - self.unsent.len() as u64;
            let n = self.unsent.len().min(network.mss);
            let bytes = self.unsent.split_to(n).freeze();
            sent.push(self.send(Segment::Data, (start, bytes), now, network));
        }
        if self.finish == Finish::Due {
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
    ) -> Flight {
        let latency_ms = match self.from {
            Side::Client => network.up_ms,
            Side::Server => network.down_ms,
        };
        let bits = (bytes.len() as u64 + HEADER_BYTES) * 8;
        let departs = now.max(self.free_at);
        // kbit/s is bits per millisecond; a segment takes time, so that no two arrive at once.
        let takes = (bits * 1_000_000).div_ceil(network.kbit_per_s);
        self.free_at = departs.plus(takes);
        let arrives = self.free_at.plus(SimTime::from_ms(latency_ms).0);
        let flight =
            Flight { link: self.link, from: self.from, kind, start, bytes, departs, arrives };
        self.in_flight.push_back(flight.clone());
        flight
    }

    /// Takes the next segment off the wire.
    pub(super) fn arrive(&mut self) -> Option<Flight> {
        let flight = self.in_flight.pop_front()?;
        self.ended |= flight.kind == Segment::Fin;
        Some(flight)
    }

    /// Replaces bytes in flight; whether all of them are in flight. Nothing changes if not.
    pub(super) fn patch(&mut self, start: u64, bytes: &Bytes) -> bool {
        let wanted = start..start + bytes.len() as u64;
        let overlap = |flight: &Flight| {
            let range = flight.range();
            range.start.max(wanted.start)..range.end.min(wanted.end)
        };
        let covered: u64 = self
            .in_flight
            .iter()
            .map(&overlap)
            .map(|range| range.end.saturating_sub(range.start))
            .sum();
        if bytes.is_empty() || covered != bytes.len() as u64 {
            return false;
        }
        for flight in &mut self.in_flight {
            let range = overlap(flight);
            if range.is_empty() {
                continue;
            }
            let index = |offset: u64, base: u64| (offset - base) as usize;
            let mut patched = BytesMut::from(&flight.bytes[..]);
            let to = index(range.start, flight.start)..index(range.end, flight.start);
            let of = index(range.start, start)..index(range.end, start);
            patched[to].copy_from_slice(&bytes[of]);
            flight.bytes = patched.freeze();
        }
        true
    }
}
