//! `wirestep play`: plays a scenario to its end and prints what happened.

use super::args::{Format, Play, Transport};
use super::library::{Opened, open};
use super::{Exit, Misuse, Streams, hex};
use crate::run::Run;
use crate::sim::{Edit, Flight, Mode, Record, SimTime, Target, Unit, What, Wish};
use crate::view::{self, words};
use crate::wire::Side;
use crate::wire::unit::Context;
use serde_json::{Map, Value as Json, json};
use sha1::{Digest as _, Sha1};
use std::sync::Arc;

pub(super) fn run(args: &Play, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    let opened = open(&args.file)?;
    let mode = match (args.mode, &opened) {
        (Some(Transport::Polling), _) => Mode::Polling,
        (None, Opened::Lesson(lesson)) => lesson.mode,
        (Some(Transport::Websocket), _) | (None, Opened::Scenario(_)) => Mode::WebSocket,
    };
    let run = Run::new(Arc::new(opened.scenario().clone()), mode);
    let until = args.until.map_or(run.ends_at(), SimTime::from_ms);
    let n_moves = run.n_moves_until(until);
    let records = run.records_until(n_moves);
    match args.format {
        Format::Json => writeln!(streams.output, "{}", to_json(&run, n_moves))?,
        Format::Text => {
            let (name, seed) = (&run.scenario().name, run.scenario().seed);
            writeln!(streams.output, "{name}, by {}, seed {seed}", mode.label())?;
            for record in records {
                let (at, host) = (record.at.to_string(), record.host.to_string());
                writeln!(streams.output, "{at:>12}  {host:<9} {}", words::event(record))?;
                if let What::Wrote(unit) = &record.what {
                    print_unit(unit, streams)?;
                }
            }
            let totals = run.totals(n_moves);
            writeln!(
                streams.output,
                "{} up, {} down in {} segments on {} connections; {} requests, {} empty answers, \
                 {} frames",
                words::size(totals.bytes_up),
                words::size(totals.bytes_down),
                totals.segments,
                totals.connections,
                totals.requests,
                totals.empty_answers,
                totals.frames
            )?;
            writeln!(streams.output, "trace {}", trace_hash(records))?;
        }
    }
    Ok(Exit::Done)
}

/// The bytes of a unit: heads, and chunks and events of text, as their lines; others in hex.
fn print_unit(unit: &Unit, streams: &mut Streams<'_>) -> Result<(), Misuse> {
    let text = String::from_utf8_lossy(&unit.bytes);
    let in_lines = match unit.context {
        Context::Request | Context::Response => true,
        Context::Chunk(_) | Context::Event(_) => !text.replace("\r\n", "\n").contains(unprintable),
        Context::Body(_) | Context::Frame(_) => false,
    };
    let text = if in_lines { text.into_owned() } else { view::hex::text(&unit.bytes) };
    for line in text.lines() {
        writeln!(streams.output, "{:24}| {line}", "")?;
    }
    Ok(())
}

fn unprintable(c: char) -> bool {
    c == char::REPLACEMENT_CHARACTER || c.is_control() && !matches!(c, '\n' | '\t')
}

fn to_json(run: &Run, n_moves: usize) -> Json {
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
        "trace_hash": trace_hash(records),
    })
}

/// A hash of everything that happened, equal wherever the same trace is played.
fn trace_hash(records: &[Record]) -> String {
    let mut hash = Sha1::new();
    for record in records {
        hash.update(record_json(record).to_string().as_bytes());
        hash.update(b"\n");
    }
    hex::format(&hash.finalize())
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
        What::Wants(wish) => ("wants", wish_json(wish)),
        What::Skipped(why) => ("skipped", json!({ "why": why })),
        What::PollDue => ("poll_due", json!({})),
        What::Wrote(unit) => ("wrote", unit_json(unit)),
        What::Sent(flight) => ("sent", flight_json(flight)),
        What::Lost(flight) => ("lost", flight_json(flight)),
        What::Resent(flight) => ("resent", flight_json(flight)),
        What::Waits(flight) => ("waits", flight_json(flight)),
        What::Held(flight) => ("held", flight_json(flight)),
        What::Overwritten { link, from, start, bytes } => (
            "overwritten",
            json!({
                "link": link.0,
                "from": from.name(),
                "offset": start,
                "bytes": hex::format(bytes),
            }),
        ),
        What::Arrived(flight) => ("arrived", flight_json(flight)),
        What::Read { link, from, range, context } => (
            "read",
            json!({
                "link": link.0,
                "from": from.name(),
                "offset": range.start,
                "len": range.end - range.start,
                "unit": context.noun(),
            }),
        ),
        What::Delivered(message) => {
            ("delivered", json!({ "message": message.kind.name(), "data": message_data(message) }))
        }
        What::PingCame(data) => ("ping", json!({ "data": hex::format(data) })),
        What::PongCame(data) => ("pong", json!({ "data": hex::format(data) })),
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
        What::TcpOpen(link) => ("tcp_open", json!({ "link": link.0 })),
        What::GaveUp(link) => ("gave_up", json!({ "link": link.0 })),
        What::TcpClosed(link) => ("tcp_closed", json!({ "link": link.0 })),
        What::WasReset(link) => ("reset", json!({ "link": link.0 })),
        What::TimedOut(link) => ("timed_out", json!({ "link": link.0 })),
        What::Forgotten(link) => ("forgotten", json!({ "link": link.0 })),
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
    }
}

fn message_data(message: &crate::conn::Message) -> String {
    match message.kind {
        crate::conn::Kind::Text => String::from_utf8_lossy(&message.data).into_owned(),
        crate::conn::Kind::Binary => hex::format(&message.data),
    }
}

fn wish_json(wish: &Wish) -> Json {
    match wish {
        Wish::Say(text) => json!({ "wish": "say", "data": text }),
        Wish::Send(bytes) => json!({ "wish": "send", "data": hex::format(bytes) }),
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
        "bytes": hex::format(&unit.bytes),
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
            "from": Side::name(*from),
            "offset": start,
            "bytes": hex::format(bytes),
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
