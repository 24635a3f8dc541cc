//! Verdicts: what a receiver makes of a unit, in words.
//!
//! **Invariant:** a verdict on bytes in flight comes from the real receiver, run ahead.

use super::words;
use crate::run::Preview;
use crate::sim::{Host, LinkIdx, Record, What};
use crate::wire::close;
use crate::wire::http::{METHOD, VERSION};
use crate::wire::rule::Remedy;
use crate::wire::unit::{Context, Dissection};
use crate::wire::ws::Opcode;

/// How a verdict comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver takes it.
    Taken,
    /// The receiver waits for more.
    Waits,
    /// The receiver finds a rule broken.
    Refused,
}

/// What a receiver makes of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How it comes out.
    pub outcome: Outcome,
    /// What the receiver does, one sentence.
    pub words: String,
    /// The clause, where one decides.
    pub cite: &'static str,
}

/// What the receiver of a preview does.
pub fn of_preview(preview: &Preview, found: &Dissection) -> Verdict {
    let host = preview.host;
    if let Some(verdict) = breach(&preview.records) {
        return Verdict { words: format!("{host} {}", verdict.words), ..verdict };
    }
    let told = effects(&preview.records);
    if told.is_empty() {
        let words = match found.needs {
            Some(1) => format!("{host} waits: 1 more byte is to come."),
            Some(n) => format!("{host} waits: {} more bytes are to come.", words::grouped(n)),
            None => format!("{host} takes it and waits for what follows."),
        };
        return Verdict { outcome: Outcome::Waits, words, cite: "" };
    }
    let words = format!("{host} {}.", told.join(", "));
    Verdict { outcome: Outcome::Taken, words, cite: cite(found) }
}

/// What happened about a unit when it arrived.
pub fn of_records(records: &[Record], found: &Dissection) -> Option<Verdict> {
    if let Some(verdict) = breach(records) {
        let host = records.first().map_or_else(String::new, |record| record.host.to_string());
        return Some(Verdict { words: format!("{host} {}", verdict.words), ..verdict });
    }
    let host = records.first()?.host;
    let told = effects(records);
    if told.is_empty() {
        return None;
    }
    let words = format!("{host} {}.", told.join(", "));
    Some(Verdict { outcome: Outcome::Taken, words, cite: cite(found) })
}

/// What a receiver makes of a unit that comes after it gave up the connection.
pub fn of_deaf(host: Host) -> Verdict {
    let words = format!("{host} reads nothing more: for it the connection is over.");
    Verdict { outcome: Outcome::Waits, words, cite: "RFC 6455 §7.1.7" }
}

/// What the bytes are by themselves: how many are header, how many payload.
pub fn of_bytes(found: &Dissection) -> Verdict {
    if let Some(breach) = found.breaches.first() {
        let words = words::sentence(breach.rule.statement());
        return Verdict { outcome: Outcome::Refused, words, cite: breach.rule.cite() };
    }
    if let Some(n) = found.needs {
        let words = format!("Not all there: at least {n} more bytes are needed.");
        return Verdict { outcome: Outcome::Waits, words, cite: cite(found) };
    }
    let words = match &found.header {
        Some(header) => {
            let (head, payload) = (header.size() as u64, header.length.value());
            format!("{head} header bytes + {payload} payload bytes.")
        }
        None => format!("{}, whole.", words::size(found.consumed as u64)),
    };
    let cite = found.fields.first().map_or("", |field| field.spec.cite);
    Verdict { outcome: Outcome::Taken, words, cite }
}

/// The clause by which a unit is taken.
fn cite(found: &Dissection) -> &'static str {
    match found.header.map(|header| header.opcode) {
        Some(Opcode::CLOSE) => "RFC 6455 §5.5.1",
        Some(Opcode::PING) => "RFC 6455 §5.5.2",
        Some(Opcode::PONG) => "RFC 6455 §5.5.3",
        Some(_) => "RFC 6455 §6.2",
        None => match found.fields.first().map(|field| field.spec) {
            Some(spec) if spec == &METHOD => "RFC 9110 §9",
            Some(spec) if spec == &VERSION => "RFC 9110 §15",
            Some(spec) => spec.cite,
            None => "",
        },
    }
}

fn breach(records: &[Record]) -> Option<Verdict> {
    let (found_by, rule) = records.iter().find_map(|record| match &record.what {
        What::Found(_, breach) => Some((record.host, breach.rule)),
        _ => None,
    })?;
    let words = match rule.remedy() {
        // The field that breaks the rule says how.
        Remedy::Close(code) => {
            format!("must fail the connection: Close {code} {}.", close::name(code))
        }
        Remedy::Status(status) if found_by == Host::Server => {
            format!("refuses with {status}: {}.", rule.statement())
        }
        Remedy::Status(_) | Remedy::Abandon => {
            format!("gives up the connection: {}.", rule.statement())
        }
    };
    Some(Verdict { outcome: Outcome::Refused, words, cite: rule.cite() })
}

/// What came of a unit, in the order in which it came.
fn effects(records: &[Record]) -> Vec<String> {
    let link = records.iter().find_map(|record| match &record.what {
        What::Arrived(flight) => Some(flight.link),
        What::Read(read) => Some(read.link),
        _ => None,
    });
    records.iter().filter_map(|record| effect(record, link)).collect()
}

/// What a record means for whoever asks what comes of a unit that came by `link`.
fn effect(record: &Record, link: Option<LinkIdx>) -> Option<String> {
    match &record.what {
        What::Delivered(message) => Some(format!("is handed {}", words::message(message))),
        What::PingCame(_) => Some("gets the Ping".to_owned()),
        What::PongCame(_) => Some("knows that the other end is there".to_owned()),
        What::Became(_, _, after) => Some(format!("goes {}", after.name())),
        What::Wrote(unit) if Some(unit.link) != link => {
            Some(format!("passes on {}", words::unit_title(unit)))
        }
        What::Wrote(unit) => match unit.context {
            // The head that it belongs to is what is told.
            Context::Body(_) | Context::Chunk(_) | Context::Event(_) => None,
            Context::Request | Context::Response | Context::Frame(_) => {
                Some(format!("answers {}", words::unit_title(unit)))
            }
        },
        What::Reported(_, closed) => {
            Some(format!("reports {} {}", closed.code, close::name(closed.code)))
        }
        _ => None,
    }
}
