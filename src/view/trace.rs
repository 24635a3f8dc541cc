//! A trace as data: every record as JSON, and one hash over all of them.
//!
//! **Law:** the hash is equal wherever the same trace is played.

use super::{hex, words};
use crate::conn::{Kind, Message};
use crate::run::Run;
use crate::sim::{Edit, Flight, Record, Target, Unit, What, Wish};
use serde_json::{Map, Value as Json, json};
use sha1::{Digest as _, Sha1};

/// The first `n_moves` moves of a run, with what was counted in them.
pub fn json(run: &Run, n_moves: usize) -> Json {
    let records = run.records_until(n_moves);
    let totals = run.totals(n_moves);
    json!({
        "scenario": run.scenario().name,
        "mode": run.mode().name(),
        "seed": run.scenario().seed,
        "records": records.iter().map(record_json).collect::<Vec<_>>(),
        "totals": {
            "bytes_up": totals.bytes_up,
            "bytes_down": totals.bytes_down,
            "payload_bytes": totals.payload_bytes,
            "requests": totals.requests,
            "empty_responses": totals.empty_answers,
            "frames": totals.frames,
            "segments": totals.segments,
            "connections": totals.connections,
            "messages_delivered": totals.delivered,
        },
        "trace_hash": hash(records),
    })
}

/// A hash of everything that happened.
pub fn hash(records: &[Record]) -> String {
    let mut hash = Sha1::new();
    for record in records {
        hash.update(record_json(record).to_string().as_bytes());
        hash.update(b"\n");
    }
    hex::plain(&hash.finalize())
}

fn record_json(record: &Record) -> Json {
    let mut json = Map::new();
    json.insert("n".to_owned(), json!(record.idx.0));
    json.insert("t_ns".to_owned(), json!(record.at.0));
    json.insert("cause".to_owned(), json!(record.cause.map(|cause| cause.0)));
    json.insert("host".to_owned(), json!(record.host.to_string()));
    let (kind, more) = what_json(&record.what);
    json.insert("kind".to_owned(), json!(kind));
    if let Json::Object(more) = more {
        json.extend(more);
    }
    json.insert("text".to_owned(), json!(words::event(record)));
    Json::Object(json)
}

fn what_json(what: &What) -> (&'static str, Json) {
    match what {
        What::Starts => ("starts", json!({})),
        What::Leaves => ("leaves", json!({})),
        What::Wants(wish) => ("wants", wish_json(wish)),
        What::Skipped(skip) => ("skipped", json!({ "why": skip.why })),
        What::PollDue => ("poll_due", json!({})),
        What::Retries => ("retries", json!({})),
        What::HeldLong(link) => ("held_long", json!({ "link": link.0 })),
        What::CaughtUp(link, n) => ("caught_up", json!({ "link": link.0, "messages": n })),
        What::Wrote(unit) => ("wrote", unit_json(unit)),
        What::Read(read) => (
            "read",
            json!({
                "link": read.link.0,
                "from": read.from.name(),
                "offset": read.range.start,
                "len": read.range.end - read.range.start,
                "unit": read.context.noun(),
            }),
        ),
        What::Delivered(message) => {
            ("delivered", json!({ "message": message.kind.name(), "data": message_data(message) }))
        }
        What::PingCame(data) => ("ping", json!({ "data": hex::plain(data) })),
        What::PongCame(data) => ("pong", json!({ "data": hex::plain(data) })),
        What::Found(link, breach) => (
            "breach",
            json!({
                "link": link.0,
                "rule": breach.rule.name(),
                "cite": breach.rule.cite(),
                "close_code": breach.rule.close_code(),
                "bit": breach.bit,
            }),
        ),
        What::Became(link, before, after) => {
            ("state", json!({ "link": link.0, "before": before.name(), "after": after.name() }))
        }
        What::Reported(link, closed) => (
            "closed",
            json!({
                "link": link.0,
                "code": closed.code,
                "reason": closed.reason,
                "clean": closed.clean,
            }),
        ),
        What::Edited(edit) => ("edited", edit_json(edit)),
        other => path_json(other),
    }
}

/// What happens on the way, and to TCP.
fn path_json(what: &What) -> (&'static str, Json) {
    match what {
        What::Sent(flight) => ("sent", flight_json(flight)),
        What::Lost(flight) => ("lost", flight_json(flight)),
        What::Resent(flight) => ("resent", flight_json(flight)),
        What::Waits(flight) => ("waits", flight_json(flight)),
        What::Held(flight) => ("held", flight_json(flight)),
        What::Overwritten(patch) => (
            "overwritten",
            json!({
                "link": patch.link.0,
                "from": patch.from.name(),
                "offset": patch.start,
                "bytes": hex::plain(&patch.bytes),
            }),
        ),
        What::Arrived(flight) => ("arrived", flight_json(flight)),
        What::TcpOpen(link) => ("tcp_open", json!({ "link": link.0 })),
        What::GaveUp(link) => ("gave_up", json!({ "link": link.0 })),
        What::TcpClosed(link) => ("tcp_closed", json!({ "link": link.0 })),
        What::WasReset(link) => ("reset", json!({ "link": link.0 })),
        What::TimedOut(link) => ("timed_out", json!({ "link": link.0 })),
        What::Forgotten(link) => ("forgotten", json!({ "link": link.0 })),
        other => unreachable!("{other:?} is told above"),
    }
}

fn message_data(message: &Message) -> String {
    match message.kind {
        Kind::Text => String::from_utf8_lossy(&message.data).into_owned(),
        Kind::Binary => hex::plain(&message.data),
    }
}

fn wish_json(wish: &Wish) -> Json {
    match wish {
        Wish::Say(text) => json!({ "wish": "say", "data": text }),
        Wish::Send(bytes) => json!({ "wish": "send", "data": hex::plain(bytes) }),
        Wish::SayInParts(parts) => json!({ "wish": "say", "parts": parts }),
        Wish::Ping(text) => json!({ "wish": "ping", "data": text }),
        Wish::Close(code, reason) => json!({ "wish": "close", "code": code, "reason": reason }),
    }
}

fn unit_json(unit: &Unit) -> Json {
    json!({
        "link": unit.link.0,
        "from": unit.from.name(),
        "offset": unit.start,
        "len": unit.bytes.len(),
        "unit": unit.context.noun(),
        "bytes": hex::plain(&unit.bytes),
    })
}

fn flight_json(flight: &Flight) -> Json {
    json!({
        "link": flight.link.0,
        "from": flight.from.name(),
        "segment": flight.kind.name(),
        "offset": flight.start,
        "len": flight.bytes.len(),
        "segment_n": flight.n,
        "departs_ns": flight.departs.0,
        "arrives_ns": flight.arrives.0,
    })
}

fn edit_json(edit: &Edit) -> Json {
    let named = |kind: &str, target: &Target| json!({ "edit": kind, "link": target.link.0, "from": target.from.name(), "n": target.n });
    let mut json = match edit {
        Edit::Patch { link, from, start, bytes } => json!({
            "edit": "patch",
            "link": link.0,
            "from": from.name(),
            "offset": start,
            "bytes": hex::plain(bytes),
        }),
        Edit::Lose(target) => named("lose", target),
        Edit::Delay(target, ms) => with(named("delay", target), "ms", json!(ms)),
        Edit::Cut(target, len) => with(named("cut", target), "len", json!(len)),
        Edit::Reset(link) => json!({ "edit": "reset", "link": link.0 }),
        Edit::Silence(link) => json!({ "edit": "silence", "link": link.0 }),
        Edit::Heal(link) => json!({ "edit": "heal", "link": link.0 }),
        Edit::Network(network) => json!({ "edit": "network", "network": network }),
        Edit::Misbehave(host, fault) => {
            json!({ "edit": "misbehave", "at": host.to_string(), "fault": fault })
        }
        Edit::Behave(host) => json!({ "edit": "behave", "at": host.to_string() }),
        Edit::Do(host, wish) => {
            with(json!({ "edit": "do", "at": host.to_string() }), "what", wish_json(wish))
        }
        Edit::Fragment(host, size) => {
            json!({ "edit": "fragment", "at": host.to_string(), "size": size })
        }
        Edit::PollEvery(ms) => json!({ "edit": "poll_every", "ms": ms }),
    };
    json["layer"] = json!(edit.layer().label());
    json
}

fn with(mut json: Json, key: &str, value: Json) -> Json {
    json[key] = value;
    json
}
