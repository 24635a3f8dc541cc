//! Why something happened, and why something did not: chains of records in words.
//!
//! **Law:** each link of a chain is the cause that the next one names, so that without the first
//! the last would not have happened.

use super::{machine, words};
use crate::conn::Message;
use crate::run::Run;
use crate::sim::{Flight, Host, Record, RecordIdx, Segment, Unit, What};
use crate::wire::rule::Rule;
use crate::wire::unit::Context;
use std::collections::BTreeSet;

/// A link of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What is spoken of.
    pub record: RecordIdx,
    /// What happened then, and to whom.
    pub text: String,
    /// The clause that says so, where one does.
    pub cite: Option<&'static str>,
}

/// Why a message that somebody sent did not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It did come; this is the record that says so.
    Came(RecordIdx),
    /// It did not: what stopped it, and the chain from the wish to that.
    Stopped {
        /// What stopped it, in words.
        why: String,
        /// From the wish to the last that happened of it.
        chain: Vec<Link>,
    },
}

/// Why a record is there: what it goes back to first, itself last.
pub fn why(run: &Run, record: RecordIdx) -> Vec<Link> {
    let records = run.records();
    let mut chain = Vec::new();
    let mut next = records.get(record.0);
    while let Some(record) = next {
        chain.push(link(record));
        if let What::Arrived(flight) = &record.what {
            chain.extend(changed(run, flight, record.idx).map(link));
        }
        next = record.cause.map(|cause| &records[cause.0]);
    }
    chain.reverse();
    chain
}

/// Why a message that `wish` set off did not reach `host`, or that it did.
pub fn why_not(run: &Run, wish: RecordIdx, host: Host) -> Fate {
    let records = run.records();
    let said = wanted(records, wish);
    let mut known = BTreeSet::from([wish]);
    let mut last = wish;
    let mut culprit: Option<&Record> = None;
    for record in records.iter().skip(wish.0 + 1) {
        if !record.cause.is_some_and(|cause| known.contains(&cause)) {
            continue;
        }
        if let What::Delivered(message) = &record.what
            && record.host == host
            && said.as_ref().is_none_or(|said| said.data == message.data)
        {
            return Fate::Came(record.idx);
        }
        known.insert(record.idx);
        if rank(&record.what) >= culprit.map_or(1, |culprit| rank(&culprit.what)) {
            culprit = Some(record);
        }
        last = record.idx;
    }
    let end = culprit.map_or(last, |culprit| culprit.idx);
    let stopped = match culprit {
        Some(culprit) => words::told(culprit),
        None if last == wish => "nothing came of it".to_owned(),
        None => {
            let after = &records[last.0];
            format!("the last that came of it: {}", words::told(after))
        }
    };
    Fate::Stopped { why: stopped, chain: why(run, end) }
}

/// What a wish wants said.
fn wanted(records: &[Record], wish: RecordIdx) -> Option<Message> {
    match &records.get(wish.0)?.what {
        What::Wants(wish) => {
            let parts = wish.parts();
            (!parts.is_empty()).then(|| Message::joined(&parts))
        }
        _ => None,
    }
}

/// How much a record tells about why something did not come; 0 where nothing.
fn rank(what: &What) -> u8 {
    match what {
        What::Skipped(_) | What::Found(..) => 4,
        What::TimedOut(_) | What::WasReset(_) | What::Forgotten(_) => 3,
        What::Lost(_) => 2,
        What::Held(_) | What::Waits(_) => 1,
        _ => 0,
    }
}

fn link(record: &Record) -> Link {
    let cite = clause(&record.what);
    let text = format!("{}: {}", record.at, words::told(record));
    Link { record: record.idx, text, cite }
}

/// The clause by which something happens, where there is one.
fn clause(what: &What) -> Option<&'static str> {
    let opening = "RFC 9293 §3.5";
    match what {
        What::Found(_, breach) => Some(Rule::cite(breach.rule)),
        What::Became(_, _, after) => Some(machine::cite(*after)),
        What::Reported(..) => Some("RFC 6455 §7.1.5"),
        What::PingCame(_) => Some("RFC 6455 §5.5.2"),
        What::PongCame(_) => Some("RFC 6455 §5.5.3"),
        What::Sent(flight) => match flight.kind {
            Segment::Syn | Segment::SynAck | Segment::Ack => Some(opening),
            Segment::Fin => Some("RFC 9293 §3.6"),
            Segment::Data => None,
        },
        What::TcpOpen(_) => Some(opening),
        What::TcpClosed(_) => Some("RFC 9293 §3.6"),
        What::Waits(_) => Some("RFC 9293 §3.10.7.4"),
        What::Lost(_) | What::Resent(_) => Some("RFC 9293 §3.8.1"),
        What::TimedOut(_) => Some("RFC 9293 §3.8.3"),
        What::WasReset(_) => Some("RFC 9293 §3.10.7"),
        What::Wrote(unit) => unit_clause(unit),
        _ => None,
    }
}

/// The clause that says how such a unit is made.
fn unit_clause(unit: &Unit) -> Option<&'static str> {
    Some(match &unit.context {
        Context::Request => "RFC 9112 §3",
        Context::Response => "RFC 9112 §4",
        Context::Body(_) => "RFC 9112 §6",
        Context::Chunk(_) => "RFC 9112 §7.1",
        Context::Event(_) => return None,
        Context::Frame(_) => match unit.bytes.first()? & 0x0f {
            0x8 => "RFC 6455 §5.5.1",
            0x9 => "RFC 6455 §5.5.2",
            0xA => "RFC 6455 §5.5.3",
            _ => "RFC 6455 §5.6",
        },
    })
}

/// Why a byte of a unit is what it is: the chain of the last change that was made to it on its
/// way, or else of its writing.
pub fn why_byte(run: &Run, wrote: RecordIdx, byte: u64) -> Vec<Link> {
    let Some(What::Wrote(unit)) = run.records().get(wrote.0).map(|record| &record.what) else {
        return Vec::new();
    };
    let offset = unit.start + byte;
    let over = |record: &&Record| {
        record.what.patch().is_some_and(|(link, from, start, bytes)| {
            (link, from) == (unit.link, unit.from)
                && (start..start + bytes.len() as u64).contains(&offset)
        })
    };
    let mut chain = why(run, wrote);
    let changes = run.records()[wrote.0..].iter().filter(over);
    chain.extend(changes.map(link));
    chain
}

/// The records of what was written over the bytes of a segment while it was on its way, the last
/// one first.
fn changed<'a>(
    run: &'a Run,
    flight: &Flight,
    arrival: RecordIdx,
) -> impl Iterator<Item = &'a Record> {
    let (link, from, carried) = (flight.link, flight.from, flight.range());
    let data = flight.kind == Segment::Data;
    let before = run.records()[..arrival.0].iter().rev();
    before.filter(move |record| {
        record.what.patch().is_some_and(|(on, by, start, bytes)| {
            let end = start + bytes.len() as u64;
            data && (on, by) == (link, from) && start < carried.end && carried.start < end
        })
    })
}

/// The text form of a chain: one line for each link.
pub fn text(chain: &[Link]) -> String {
    let line = |(idx, link): (usize, &Link)| {
        let so = if idx == 0 { "" } else { "so " };
        let cite = link.cite.filter(|cite| !link.text.contains(cite));
        let cite = cite.map(|cite| format!(" ({cite})")).unwrap_or_default();
        format!("{so}{}{cite} [{}]\n", link.text, link.record.0)
    };
    chain.iter().enumerate().map(line).collect::<Vec<_>>().concat()
}
