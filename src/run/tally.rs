//! Tallies: what a conversation weighs and how late it is, split so that ways to carry it can be
//! compared.
//!
//! **Invariant:** a tally comes from records alone, one after the other, so that it can be taken of a
//! run that nobody keeps, and equals that of the run that somebody does.

use crate::conn::Message;
use crate::sim::{
    HEADER_BYTES, Host, LinkIdx, Mode, Move, Record, Scenario, Segment, SimTime, Unit, What, World,
    news_payload,
};
use crate::wire::http::Response;
use crate::wire::unit::Context;
use crate::wire::ws::Header;
use crate::wire::{Reader, Side, sse};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What was sent one way, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Of messages, as they were carried.
    pub payload: u64,
    /// Around messages: frame headers, control frames, chunk sizes, fields of events, JSON.
    pub framing: u64,
    /// Of HTTP heads.
    pub heads: u64,
    /// Of TCP and IP headers, [`HEADER_BYTES`] for each segment.
    pub tcp_ip: u64,
    /// Of bytes that were sent again.
    pub again: u64,
}

impl Weight {
    /// All of it.
    pub fn all(&self) -> u64 {
        self.without_tcp_ip() + self.tcp_ip
    }

    /// All but TCP and IP headers.
    pub fn without_tcp_ip(&self) -> u64 {
        self.payload + self.framing + self.heads + self.again
    }
}

/// What a conversation weighs, and how late it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// What clients sent.
    pub up: Weight,
    /// What the server sent.
    pub down: Weight,
    /// Segments of all kinds, both ways, again or not.
    pub segments: u64,
    /// Connections that were asked for.
    pub connections: u64,
    /// The most connections that the server had open at one time.
    pub most_open: u64,
    /// HTTP requests.
    pub requests: u64,
    /// Answers that brought no news: 204.
    pub empty_answers: u64,
    /// WebSocket frames, both ways.
    pub frames: u64,
    /// Messages handed to clients.
    pub delivered: u64,
    /// Bytes of messages handed to clients.
    pub payload_bytes: u64,
    /// How long each message took from who said it to a client that was handed it, in nanoseconds,
    /// the shortest first.
    pub delays: Vec<u64>,
    /// Records that were counted.
    pub records: u64,
}

impl Tally {
    /// Bytes both ways, without TCP/IP headers.
    pub fn bytes(&self) -> u64 {
        self.up.without_tcp_ip() + self.down.without_tcp_ip()
    }

    /// The delay that so many of a thousand messages do not exceed; `None` where there was none.
    pub fn delay_at(&self, per_mille: u64) -> Option<SimTime> {
        let last = self.delays.len().checked_sub(1)? as u64;
        // The nearest rank: the smallest delay that is not exceeded by that part.
        let rank = (self.delays.len() as u64 * per_mille).div_ceil(1000).max(1) - 1;
        let idx = usize::try_from(rank.min(last)).expect("an index of a list that is there");
        Some(SimTime(self.delays[idx]))
    }

    /// The mean delay; `None` where there was none.
    pub fn mean_delay(&self) -> Option<SimTime> {
        let n = self.delays.len() as u128;
        let sum: u128 = self.delays.iter().map(|delay| u128::from(*delay)).sum();
        (n > 0).then(|| SimTime(u64::try_from(sum / n).unwrap_or(u64::MAX)))
    }

    /// Plays a scenario to its end and keeps nothing of it but the tally.
    pub fn of(scenario: Arc<Scenario>, mode: Mode) -> Self {
        let mut world = World::new(scenario, mode);
        let mut counter = Counter::default();
        let mut records = Vec::new();
        while world.play_into(&Move::Next, &mut records).is_ok() {
            counter.count(&records);
            records.clear();
        }
        counter.finish()
    }
}

/// Takes a tally, record by record.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    tally: Tally,
    /// Which client opened each connection.
    openers: Vec<usize>,
    open: u64,
    /// The connection on which something arrived last, at the server.
    arrived: Option<LinkIdx>,
    /// What each client has said that the server has not heard, and when.
    said: BTreeMap<usize, VecDeque<(SimTime, Message)>>,
    /// What was said, in the order in which the room has it.
    room: Vec<Entry>,
    /// How many entries each client has passed.
    passed: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Entry {
    from: Host,
    at: SimTime,
    message: Message,
}

impl Counter {
    /// Counts what happened next.
    pub fn count(&mut self, records: &[Record]) {
        for record in records {
            self.tally.records += 1;
            self.count_one(record);
        }
    }

    /// The tally of all that was counted.
    pub fn finish(mut self) -> Tally {
        self.tally.delays.sort_unstable();
        self.tally
    }

    fn weight(&mut self, from: Side) -> &mut Weight {
        match from {
            Side::Client => &mut self.tally.up,
            Side::Server => &mut self.tally.down,
        }
    }

    fn count_one(&mut self, record: &Record) {
        match &record.what {
            What::Sent(flight) => {
                self.tally.segments += 1;
                self.weight(flight.from).tcp_ip += HEADER_BYTES;
                if let (Segment::Syn, Host::Client(n)) = (flight.kind, record.host) {
                    self.tally.connections += 1;
                    self.openers.push(n);
                }
            }
            What::Resent(flight) => {
                self.tally.segments += 1;
                let len = flight.bytes.len() as u64;
                let weight = self.weight(flight.from);
                weight.tcp_ip += HEADER_BYTES;
                weight.again += len;
            }
            What::Arrived(flight) if record.host == Host::Server => {
                self.arrived = Some(flight.link);
            }
            What::TcpOpen(_) if record.host == Host::Server => {
                self.open += 1;
                self.tally.most_open = self.tally.most_open.max(self.open);
            }
            What::TcpClosed(_) | What::WasReset(_) | What::TimedOut(_)
                if record.host == Host::Server =>
            {
                self.open = self.open.saturating_sub(1);
            }
            What::Wrote(unit) => self.weigh(unit),
            What::Wants(wish) => {
                let parts = wish.parts();
                if !parts.is_empty() {
                    self.said(record, Message::joined(&parts));
                }
            }
            What::Delivered(message) => self.delivered(record, message),
            _ => {}
        }
    }

    /// Weighs a unit by what it is made of.
    fn weigh(&mut self, unit: &Unit) {
        let len = unit.bytes.len() as u64;
        let payload = match unit.context {
            Context::Request => {
                self.tally.requests += 1;
                self.weight(unit.from).heads += len;
                return;
            }
            Context::Response => {
                let head = Response::read(&mut Reader::new(&unit.bytes, 0, &mut ()));
                self.tally.empty_answers += u64::from(head.is_ok_and(|head| head.status == 204));
                self.weight(unit.from).heads += len;
                return;
            }
            Context::Body(_) if unit.from == Side::Client => len,
            Context::Body(_) => news_payload(&unit.bytes).unwrap_or(len),
            Context::Chunk(_) | Context::Event(_) => sse::data_len(&unit.bytes),
            Context::Frame(ref expect) => {
                self.tally.frames += 1;
                let header = Header::read(&mut Reader::new(&unit.bytes, 0, &mut ()), expect);
                match header {
                    Ok(header) if !header.opcode.control() => header.length.value().min(len),
                    _ => 0,
                }
            }
        };
        let weight = self.weight(unit.from);
        weight.payload += payload;
        weight.framing += len - payload;
    }

    /// Somebody says something: a client to the room, the server at once.
    fn said(&mut self, record: &Record, message: Message) {
        match record.host {
            Host::Client(n) => self.said.entry(n).or_default().push_back((record.at, message)),
            Host::Server => {
                self.room.push(Entry { from: Host::Server, at: record.at, message });
            }
        }
    }

    fn delivered(&mut self, record: &Record, message: &Message) {
        match record.host {
            Host::Server => {
                let opener = self.arrived.and_then(|link| self.openers.get(link.0 as usize));
                let Some(client) = opener.copied() else { return };
                let said = self.said.entry(client).or_default();
                // What was never sent is passed over.
                let Some(n) = said.iter().position(|(_, other)| other == message) else { return };
                let at = said.drain(..=n).next_back().map_or(record.at, |(at, _)| at);
                self.room.push(Entry { from: Host::Client(client), at, message: message.clone() });
            }
            Host::Client(n) => {
                self.tally.delivered += 1;
                self.tally.payload_bytes += message.data.len() as u64;
                if self.passed.len() <= n {
                    self.passed.resize(n + 1, 0);
                }
                let ahead = self.room[self.passed[n]..].iter().enumerate();
                let found = ahead
                    .filter(|(_, entry)| entry.from != record.host)
                    .find(|(_, entry)| entry.message == *message);
                if let Some((skipped, entry)) = found {
                    self.tally.delays.push(record.at.0 - entry.at.0);
                    self.passed[n] += skipped + 1;
                }
            }
        }
    }
}
