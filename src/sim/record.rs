//! Records: what happened, to whom, and because of what.
//!
//! **Invariant:** a record is written once, by the world, and never changed; views, counters and
//! goals read nothing else.

use super::edit::Edit;
use super::scenario::{Host, Wish};
use super::time::SimTime;
use crate::conn::{Closed, Message, State};
use crate::wire::unit::Context;
use crate::wire::{Breach, Side};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The index of a record in the trace of its world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordIdx(pub usize);

/// The number of a connection, in the order in which they were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkIdx(pub u32);

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its index in the trace.
    pub idx: RecordIdx,
    /// When it happened.
    pub at: SimTime,
    /// The record because of which it happened; `None` for what has no cause in the world: a program
    /// that starts, a person who wants something or leaves, an edit.
    pub cause: Option<RecordIdx>,
    /// To whom it happened.
    pub host: Host,
    /// What happened.
    pub what: What,
}

/// What happened. A run has millions of records: what takes more than a word lies apart, and is
/// shared by all copies of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The host's program starts.
    Starts,
    /// The host's person leaves.
    Leaves,
    /// Somebody at the host wants something.
    Wants(Arc<Wish>),
    /// What was wanted cannot be done in this mode, and why.
    Skipped(Arc<Skip>),
    /// The host's clock says that it is time to ask again.
    PollDue,
    /// The host encoded a unit.
    Wrote(Arc<Unit>),
    /// The host put a segment on the wire.
    Sent(Arc<Flight>),
    /// A segment that the host sent was lost on its way.
    Lost(Arc<Flight>),
    /// The host sent a segment again, of which it has heard nothing.
    Resent(Arc<Flight>),
    /// A segment reached the host before another that was sent earlier: TCP keeps it back.
    Waits(Arc<Flight>),
    /// A proxy on the path keeps a segment back, until the answer is whole.
    Held(Arc<Flight>),
    /// A middlebox overwrote bytes that the host had sent.
    Overwritten(Arc<Patch>),
    /// A segment reached the host, and what it carries is next.
    Arrived(Arc<Flight>),
    /// The host read a unit whole.
    Read(Arc<Reading>),
    /// An application message reached the application of the host.
    Delivered(Arc<Message>),
    /// A Ping reached the host.
    PingCame(Arc<Bytes>),
    /// A Pong reached the host.
    PongCame(Arc<Bytes>),
    /// The host found a rule broken by its peer; bits count from the start of the flow.
    Found(LinkIdx, Arc<Breach>),
    /// An end changed its state.
    Became(LinkIdx, State, State),
    /// The host has a TCP connection.
    TcpOpen(LinkIdx),
    /// The host has waited long enough for the connection to end: it hangs up.
    GaveUp(LinkIdx),
    /// Both halves of the TCP connection are closed.
    TcpClosed(LinkIdx),
    /// The host is told that the connection was reset (RFC 9293 §3.10.7).
    WasReset(LinkIdx),
    /// The host has sent a segment so often without an answer that it takes the connection for
    /// dead (RFC 9293 §3.8.3).
    TimedOut(LinkIdx),
    /// A middlebox between the host and the server has lost track of the connection.
    Forgotten(LinkIdx),
    /// The host tries a connection again that was lost.
    Retries,
    /// The host has held a question for as long as it may: there are no news.
    HeldLong(LinkIdx),
    /// After a loss, so many messages that were missed are made up for.
    CaughtUp(LinkIdx, u64),
    /// The host's end of a WebSocket connection is over, and this is what it reports.
    Reported(LinkIdx, Arc<Closed>),
    /// Somebody outside the world changed something.
    Edited(Arc<Edit>),
}

impl What {
    /// What was written over bytes in flight, by an edit or on the path: the connection, who sent
    /// them, the first byte, and what is there instead.
    pub fn patch(&self) -> Option<(LinkIdx, Side, u64, &Bytes)> {
        match self {
            Self::Overwritten(patch) => Some((patch.link, patch.from, patch.start, &patch.bytes)),
            Self::Edited(edit) => match &**edit {
                Edit::Patch { link, from, start, bytes } => Some((*link, *from, *start, bytes)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The connection of which it tells by itself.
    pub fn link(&self) -> Option<LinkIdx> {
        match self {
            Self::Sent(flight)
            | Self::Lost(flight)
            | Self::Resent(flight)
            | Self::Waits(flight)
            | Self::Held(flight)
            | Self::Arrived(flight) => Some(flight.link),
            Self::Wrote(unit) => Some(unit.link),
            Self::Read(reading) => Some(reading.link),
            Self::Overwritten(patch) => Some(patch.link),
            Self::Skipped(skip) => skip.link,
            Self::Found(link, _)
            | Self::Became(link, ..)
            | Self::TcpOpen(link)
            | Self::GaveUp(link)
            | Self::TcpClosed(link)
            | Self::WasReset(link)
            | Self::TimedOut(link)
            | Self::Forgotten(link)
            | Self::HeldLong(link)
            | Self::CaughtUp(link, _)
            | Self::Reported(link, _) => Some(*link),
            Self::Starts
            | Self::Leaves
            | Self::Wants(_)
            | Self::PollDue
            | Self::Delivered(_)
            | Self::PingCame(_)
            | Self::PongCame(_)
            | Self::Retries
            | Self::Edited(_) => None,
        }
    }
}

/// Something that was wanted and cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The connection whose end cannot do it; `None` where it came to none.
    pub link: Option<LinkIdx>,
    /// Why not.
    pub why: &'static str,
}

/// Bytes that a middlebox wrote over others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The connection.
    pub link: LinkIdx,
    /// Who sent the bytes.
    pub from: Side,
    /// The first byte, counted from the start of the flow.
    pub start: u64,
    /// What is there instead.
    pub bytes: Bytes,
}

/// A unit that was read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The connection.
    pub link: LinkIdx,
    /// Who sent it.
    pub from: Side,
    /// The bytes of the flow that it took, half-open.
    pub range: std::ops::Range<u64>,
    /// What the bytes were read as.
    pub context: Context,
}

/// A unit on its flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The connection.
    pub link: LinkIdx,
    /// Who sends on the flow.
    pub from: Side,
    /// The first byte, counted from the start of the flow.
    pub start: u64,
    /// The bytes, as they were written.
    pub bytes: Bytes,
    /// What the bytes are to be read as.
    pub context: Context,
}

impl Unit {
    /// The bytes of the flow that the unit takes, half-open.
    pub fn range(&self) -> std::ops::Range<u64> {
        self.start..self.start + self.bytes.len() as u64
    }
}

/// A segment on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// The connection.
    pub link: LinkIdx,
    /// Who sends it.
    pub from: Side,
    /// Its number in the flow, from 0.
    pub n: u64,
    /// What it is.
    pub kind: Segment,
    /// The first payload byte, counted from the start of the flow.
    pub start: u64,
    /// The payload; empty for all but data.
    pub bytes: Bytes,
    /// When its first bit leaves.
    pub departs: SimTime,
    /// When its last bit arrives.
    pub arrives: SimTime,
}

impl Flight {
    /// The bytes of the flow that the segment carries, half-open.
    pub fn range(&self) -> std::ops::Range<u64> {
        self.start..self.start + self.bytes.len() as u64
    }
}

/// What a segment is (RFC 9293 §3.5, §3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Asks for a connection.
    Syn,
    /// Grants it.
    SynAck,
    /// Confirms it.
    Ack,
    /// Carries bytes.
    Data,
    /// Says that no more bytes will come.
    Fin,
}

impl Segment {
    /// The name in TCP's words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syn => "SYN",
            Self::SynAck => "SYN-ACK",
            Self::Ack => "ACK",
            Self::Data => "data",
            Self::Fin => "FIN",
        }
    }
}

/// Writes down what happens during one move.
#[derive(Debug)]
pub(super) struct Log {
    now: SimTime,
    next: RecordIdx,
    /// What everything noted next happens because of.
    cause: Option<RecordIdx>,
    /// Where it is written; nowhere in a move that is made again.
    records: Option<Vec<Record>>,
}

impl Log {
    pub(super) fn new(now: SimTime, next: RecordIdx, records: Option<Vec<Record>>) -> Self {
        Self { now, next, cause: None, records }
    }

    pub(super) fn now(&self) -> SimTime {
        self.now
    }

    /// The record because of which things happen here.
    pub(super) fn cause(&self) -> Option<RecordIdx> {
        self.cause
    }

    /// Says because of what the next things happen; gives what was said before.
    pub(super) fn because(&mut self, cause: Option<RecordIdx>) -> Option<RecordIdx> {
        std::mem::replace(&mut self.cause, cause)
    }

    pub(super) fn note(&mut self, host: Host, what: What) -> RecordIdx {
        self.tell(host, || what)
    }

    /// As [`Self::note`], for what takes time to put together.
    pub(super) fn tell(&mut self, host: Host, what: impl FnOnce() -> What) -> RecordIdx {
        let idx = self.next;
        if let Some(records) = &mut self.records {
            records.push(Record { idx, at: self.now, cause: self.cause, host, what: what() });
        }
        self.next.0 += 1;
        idx
    }

    /// The index of the next record, and what was written.
    pub(super) fn finish(self) -> (RecordIdx, Option<Vec<Record>>) {
        (self.next, self.records)
    }
}
