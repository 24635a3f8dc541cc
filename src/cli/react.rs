//! `wirestep react`: feeds bytes to one end of an open connection and prints what it does.

use super::args::{Format, React, Split};
use super::decode::breach_json;
use super::{Exit, Misuse, Streams, hex, words_or_input};
use crate::conn::{Config, Conn, Event, Kind, Message, Output};
use crate::wire::Breach;
use crate::wire::close::{self, Close};
use crate::wire::extension::Agreement;
use serde_json::{Value as Json, json};
use std::io::Write;

/// What one end did with the bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reaction {
    conn: Conn,
    pub(super) delivered: Vec<Json>,
    sent: Vec<u8>,
    breach: Option<Breach>,
    consumed: u64,
}

pub(super) fn run(args: &React, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    let bytes = hex::parse(&words_or_input(&args.hex, streams)?)?;
    let whole = feed(args, &[&bytes]);
    let reaction = match args.split {
        None => whole,
        Some(Split::Every(n)) => feed(args, &bytes.chunks(n).collect::<Vec<_>>()),
        Some(Split::All) => {
            for cut in 0..=bytes.len() {
                let (a, b) = bytes.split_at(cut);
                if feed(args, &[a, b]) != whole {
                    writeln!(streams.errors, "wirestep: cut after byte {cut}, the end differs")?;
                    return Ok(Exit::Fails);
                }
            }
            whole
        }
    };
    match args.format {
        Format::Text => print_text(&reaction, streams.output)?,
        Format::Json => writeln!(streams.output, "{}", to_json(&reaction))?,
    }
    let broken = args.strict && reaction.breach.is_some();
    Ok(if broken { Exit::Fails } else { Exit::Done })
}

fn feed(args: &React, pieces: &[&[u8]]) -> Reaction {
    let config = Config { max_message: args.limit, ..Config::new(args.end.side(), 0) };
    let mut outputs = Vec::new();
    let mut conn = if args.deflate {
        Conn::opened_with_deflate(config, Agreement::default())
    } else {
        Conn::opened(config)
    };
    for piece in pieces {
        outputs.extend(conn.receive(piece));
    }
    if args.eof {
        outputs.extend(conn.receive_end());
    }
    let mut reaction = Reaction {
        consumed: conn.n_read(),
        conn,
        delivered: Vec::new(),
        sent: Vec::new(),
        breach: None,
    };
    for output in outputs {
        match output {
            Output::Write(bytes, _) => reaction.sent.extend_from_slice(&bytes),
            Output::Breach(breach) => reaction.breach = Some(breach),
            Output::Event(event) => reaction.delivered.extend(delivery(&event)),
            Output::Read(..) | Output::Finish => {}
        }
    }
    reaction
}

/// What an event delivers to the application, as the contract's JSON.
pub(super) fn delivery(event: &Event) -> Option<Json> {
    match event {
        Event::Message(Message { kind: Kind::Text, data }) => {
            Some(json!({"kind": "text", "data": String::from_utf8_lossy(data)}))
        }
        Event::Message(Message { kind: Kind::Binary, data }) => {
            Some(json!({"kind": "binary", "data": hex::format(data)}))
        }
        Event::Ping(data) => Some(json!({"kind": "ping", "data": hex::format(data)})),
        Event::Pong(data) => Some(json!({"kind": "pong", "data": hex::format(data)})),
        Event::Close(close) => Some(close_delivery(close.as_ref())),
        Event::Request(..)
        | Event::Response(..)
        | Event::Streaming(_)
        | Event::StreamEvent(_)
        | Event::StreamRetry(_)
        | Event::StreamEnded(_)
        | Event::NoAnswer(_)
        | Event::ClientGone
        | Event::Opened(_)
        | Event::Closed(_) => None,
    }
}

fn close_delivery(close: Option<&Close>) -> Json {
    let payload = close.map(Close::to_payload).unwrap_or_default();
    json!({
        "kind": "close",
        "data": hex::format(&payload),
        "code": close.map_or(1005, |close| close.code),
        "reason": close.map_or("", |close| &close.reason),
    })
}

fn state(reaction: &Reaction) -> &'static str {
    use crate::conn::State;
    match reaction.conn.state() {
        State::Closing => "closing",
        State::Closed => "closed",
        State::Failed => "failed",
        State::Idle | State::Asking | State::Connecting | State::Open => "open",
    }
}

fn to_json(reaction: &Reaction) -> Json {
    let close = reaction
        .conn
        .report()
        .map(|closed| json!({"code": closed.code, "reason": closed.reason, "clean": closed.clean}));
    json!({
        "delivered": reaction.delivered,
        "sent": hex::format(&reaction.sent),
        "state": state(reaction),
        "close": close,
        "breach": reaction.breach.as_ref().map(|breach| breach_json(breach, 0)),
        "consumed": reaction.consumed,
    })
}

fn print_text(reaction: &Reaction, out: &mut dyn Write) -> Result<(), Misuse> {
    for delivered in &reaction.delivered {
        let kind = delivered["kind"].as_str().unwrap_or_default();
        let data = delivered["data"].as_str().unwrap_or_default();
        match kind {
            "close" => {
                writeln!(out, "delivered  close {} {}", delivered["code"], delivered["reason"])?;
            }
            "text" => writeln!(out, "delivered  text {data:?}")?,
            _ => writeln!(out, "delivered  {kind} {data}")?,
        }
    }
    if let Some(breach) = &reaction.breach {
        let (words, cite) = (breach.rule.statement(), breach.rule.cite());
        let (byte, bit) = (breach.bit / 8, breach.bit % 8);
        writeln!(out, "breach     byte {byte}, bit {bit}: {words} ({cite})")?;
        if let Some(code) = breach.rule.close_code() {
            writeln!(out, "answer     Close {code} {}, then TCP is closed", close::name(code))?;
        }
    }
    if !reaction.sent.is_empty() {
        writeln!(out, "sent       {}", hex::format(&reaction.sent))?;
    }
    writeln!(out, "state      {}", state(reaction))?;
    if let Some(closed) = reaction.conn.report() {
        let how = if closed.clean { "clean" } else { "not clean" };
        writeln!(out, "reports    {} {} ({how})", closed.code, close::name(closed.code))?;
    }
    writeln!(out, "consumed   {} bytes", reaction.consumed)?;
    Ok(())
}
