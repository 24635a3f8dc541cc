//! Tallies: what a conversation weighs and how late it is, split so that ways to carry it can be
//! compared.
//!
//! **Invariant:** a tally comes from records alone, one after the other, so that it can be taken of a
//! run that nobody keeps, and equals that of the run that somebody does.

use super::delays::{Delays, Heap};
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
    /// How long each message took from who said it to a client that was handed it.
    pub delays: Delays,
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
        self.delays.at(per_mille)
    }

    /// The mean delay; `None` where there was none.
    pub fn mean_delay(&self) -> Option<SimTime> {
        self.delays.mean()
    }

    /// Plays a scenario to its end and keeps nothing of it but the tally.
    pub fn of(scenario: Arc<Scenario>, mode: Mode) -> Self {
        Played::of(scenario, mode).tally
    }
}

/// A conversation that was played to its end, of which nothing is left but this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// What was counted.
    pub tally: Tally,
    /// How many moves were made.
    pub n_moves: u64,
    /// How many records these made.
    pub n_records: u64,
    /// About how many bytes the world and the counts took when they took most.
    pub n_bytes: usize,
}

/// From one look at how much memory a world takes to the next, in moves.
const LOOK_EVERY: u64 = 1 << 16;

impl Played {
    /// Plays every client of a scenario.
    pub fn of(scenario: Arc<Scenario>, mode: Mode) -> Self {
        Self::to_the_end(World::new(scenario, mode), Counter::default())
    }

    /// Plays a world to its end and counts.
    pub(super) fn to_the_end(mut world: World, mut counter: Counter) -> Self {
        let mut records = Vec::new();
        let (mut n_moves, mut n_records, mut n_bytes) = (0_u64, 0, 0);
        while world.play_into(&Move::Next, &mut records).is_ok() {
            counter.count(&records);
            n_moves += 1;
            n_records += records.len() as u64;
            records.clear();
            if n_moves.is_power_of_two() || n_moves.is_multiple_of(LOOK_EVERY) {
                n_bytes = n_bytes.max(world.bytes_beside(None) + counter.n_bytes());
            }
        }
        Self { tally: counter.finish(), n_moves, n_records, n_bytes }
    }
}

/// Takes a tally, record by record.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    tally: Tally,
    delays: Heap,
    stands_for: StandsFor,
    /// Which client opened each connection.
    openers: Vec<usize>,
    open: u64,
    /// The connection on which something arrived last, at the server.
    arrived: Option<LinkIdx>,
    /// What each client has said that the server has not heard, and when.
    said: BTreeMap<usize, VecDeque<(SimTime, Message)>>,
    /// What was said, in the order in which the room has it.
    room: Vec<Entry>,
    /// How many entries each client has passed, by its place among those that are counted.
    passed: Vec<usize>,
}

/// How many clients each one stands for.
#[derive(Clone, Debug, Default)]
enum StandsFor {
    /// For itself.
    #[default]
    Itself,
    /// For so many, by number in rising order.
    Others(Vec<(usize, u64)>),
}

impl StandsFor {
    /// How many clients this one stands for.
    fn n(&self, client: usize) -> u64 {
        match self {
            Self::Itself => 1,
            Self::Others(clients) => clients[self.place(client)].1,
        }
    }

    /// Its place among those that are counted.
    fn place(&self, client: usize) -> usize {
        match self {
            Self::Itself => client,
            Self::Others(clients) => clients
                .binary_search_by_key(&client, |(number, _)| *number)
                .expect("nobody else is in the world"),
        }
    }
}

#[derive(Clone, Debug)]
struct Entry {
    from: Host,
    at: SimTime,
    message: Message,
}

impl Counter {
    /// Counts what happens to each of these clients as often as so many clients are; by their
    /// numbers, in rising order.
    pub fn of_many(clients: Vec<(usize, u64)>) -> Self {
        Self { stands_for: StandsFor::Others(clients), ..Self::default() }
    }

    /// Counts what happened next.
    pub fn count(&mut self, records: &[Record]) {
        for record in records {
            let n = self.how_often(record);
            self.tally.records += n;
            self.count_one(record, n);
        }
    }

    /// About how many bytes it takes.
    pub fn n_bytes(&self) -> usize {
        let numbers = self.openers.capacity() + self.passed.capacity();
        let said = self.room.iter().map(|entry| size_of::<Entry>() + entry.message.data.len());
        self.delays.n_bytes() + numbers * size_of::<usize>() + said.sum::<usize>()
    }

    /// How often a record counts: as often as the client stands for others to whom it happens, or
    /// to whose connection.
    fn how_often(&self, record: &Record) -> u64 {
        if let StandsFor::Itself = self.stands_for {
            return 1;
        }
        let link = match (&record.what, record.host) {
            (_, Host::Client(n)) => return self.stands_for.n(n),
            (What::Delivered(_) | What::PingCame(_) | What::PongCame(_), _) => self.arrived,
            (what, _) => what.link(),
        };
        // What the server does by itself it does once.
        let opener = link.and_then(|link| self.openers.get(link.0 as usize));
        opener.map_or(1, |client| self.stands_for.n(*client))
    }

    /// The tally of all that was counted.
    pub fn finish(mut self) -> Tally {
        self.tally.delays = self.delays.finish();
        self.tally
    }

    fn weight(&mut self, from: Side) -> &mut Weight {
        match from {
            Side::Client => &mut self.tally.up,
            Side::Server => &mut self.tally.down,
        }
    }

    fn count_one(&mut self, record: &Record, n: u64) {
        match &record.what {
            What::Sent(flight) => {
                self.tally.segments += n;
                self.weight(flight.from).tcp_ip += HEADER_BYTES * n;
                if let (Segment::Syn, Host::Client(opener)) = (flight.kind, record.host) {
                    self.tally.connections += n;
                    self.openers.push(opener);
                }
            }
            What::Resent(flight) => {
                self.tally.segments += n;
                let len = flight.bytes.len() as u64;
                let weight = self.weight(flight.from);
                weight.tcp_ip += HEADER_BYTES * n;
                weight.again += len * n;
            }
            What::Arrived(flight) if record.host == Host::Server => {
                self.arrived = Some(flight.link);
            }
            What::TcpOpen(_) if record.host == Host::Server => {
                self.open += n;
                self.tally.most_open = self.tally.most_open.max(self.open);
            }
            What::TcpClosed(_) | What::WasReset(_) | What::TimedOut(_)
                if record.host == Host::Server =>
            {
                self.open = self.open.saturating_sub(n);
            }
            What::Wrote(unit) => self.weigh(unit, n),
            What::Wants(wish) => {
                let parts = wish.parts();
                if !parts.is_empty() {
                    self.said(record, Message::joined(&parts));
                }
            }
            What::Delivered(message) => self.delivered(record, message, n),
            _ => {}
        }
    }

    /// Weighs a unit by what it is made of.
    fn weigh(&mut self, unit: &Unit, n: u64) {
        let len = unit.bytes.len() as u64;
        let payload = match unit.context {
            Context::Request => {
                self.tally.requests += n;
                self.weight(unit.from).heads += len * n;
                return;
            }
            Context::Response => {
                let head = Response::read(&mut Reader::new(&unit.bytes, 0, &mut ()));
                let empty = head.is_ok_and(|head| head.status == 204);
                self.tally.empty_answers += u64::from(empty) * n;
                self.weight(unit.from).heads += len * n;
                return;
            }
            Context::Body(_) if unit.from == Side::Client => len,
            Context::Body(_) => news_payload(&unit.bytes).unwrap_or(len),
            Context::Chunk(_) | Context::Event(_) => sse::data_len(&unit.bytes),
            Context::Frame(ref expect) => {
                self.tally.frames += n;
                let header = Header::read(&mut Reader::new(&unit.bytes, 0, &mut ()), expect);
                match header {
                    Ok(header) if !header.opcode.control() => header.length.value().min(len),
                    _ => 0,
                }
            }
        };
        let weight = self.weight(unit.from);
        weight.payload += payload * n;
        weight.framing += (len - payload) * n;
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

    fn delivered(&mut self, record: &Record, message: &Message, n: u64) {
        match record.host {
            Host::Server => {
                let opener = self.arrived.and_then(|link| self.openers.get(link.0 as usize));
                let Some(client) = opener.copied() else { return };
                let said = self.said.entry(client).or_default();
                // What was never sent is passed over.
                let found = said.iter().position(|(_, other)| other == message);
                let Some(idx) = found else { return };
                let at = said.drain(..=idx).next_back().map_or(record.at, |(at, _)| at);
                self.room.push(Entry { from: Host::Client(client), at, message: message.clone() });
            }
            Host::Client(client) => {
                self.tally.delivered += n;
                self.tally.payload_bytes += message.data.len() as u64 * n;
                let place = self.stands_for.place(client);
                if self.passed.len() <= place {
                    self.passed.resize(place + 1, 0);
                }
                let ahead = self.room[self.passed[place]..].iter().enumerate();
                let found = ahead
                    .filter(|(_, entry)| entry.from != record.host)
                    .find(|(_, entry)| entry.message == *message);
                if let Some((skipped, entry)) = found {
                    self.delays.push(record.at.0 - entry.at.0, n);
                    self.passed[place] += skipped + 1;
                }
            }
        }
    }
}
