//! Words: units and records as people say them.
//!
//! **Invariant:** what is said of a unit comes from its dissection, what is said of an event from
//! its record.

use crate::conn::{Kind, Message, State};
use crate::sim::{Edit, Record, Segment, Unit, What, Wish};
use crate::wire::close;
use crate::wire::unit::{Context, Dissection, dissect};
use crate::wire::ws::Opcode;
use crate::wire::{Side, Value};

/// The most characters of a payload that a title quotes.
const MAX_QUOTE: usize = 24;

/// A unit in a few words, such as `GET /chat`, `101 Switching Protocols` or `Text “Hi”`.
pub fn title(bytes: &[u8], context: &Context) -> String {
    let found = dissect(bytes, context);
    match context {
        Context::Request => {
            let upgrade = header_value(&found, "upgrade").map(|to| format!(" → {to}"));
            let (method, target) = (octets(&found, "method"), octets(&found, "target"));
            format!("{method} {target}{}", upgrade.unwrap_or_default())
        }
        Context::Response => {
            format!("{} {}", octets(&found, "status"), octets(&found, "reason_phrase"))
        }
        Context::Body(_) => format!("Body {}", quote(bytes)),
        Context::Frame(_) => frame_title(&found),
    }
}

/// A size as people read it: `8 B`, `1 964 B`.
pub fn size(n_bytes: u64) -> String {
    format!("{} B", grouped(n_bytes))
}

/// A number with its thousands apart.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

fn frame_title(found: &Dissection) -> String {
    let Some(header) = found.header else { return "part of a frame header".to_owned() };
    let payload: Vec<u8> = found
        .fields
        .iter()
        .filter(|field| field.spec.name == "payload")
        .filter_map(|field| match &field.value {
            Value::Octets(octets) => Some(octets.to_vec()),
            Value::Number(_) => None,
        })
        .flatten()
        .collect();
    let more = if header.fin { "" } else { " …" };
    match header.opcode {
        Opcode::TEXT => format!("Text {}{more}", quote(&payload)),
        Opcode::BINARY => format!("Binary {}{more}", hex(&payload)),
        Opcode::CONTINUATION => format!("Continuation {}{more}", quote(&payload)),
        Opcode::PING => format!("Ping {}", quote(&payload)).trim_end().to_owned(),
        Opcode::PONG => format!("Pong {}", quote(&payload)).trim_end().to_owned(),
        Opcode::CLOSE => close_title(found),
        other => format!("opcode 0x{:X}", other.to_bits()),
    }
}

fn close_title(found: &Dissection) -> String {
    let code = found.fields.iter().find(|field| field.spec.name == "close_code");
    match code.map(|field| &field.value) {
        Some(Value::Number(code)) => {
            let reason = octets(found, "close_reason");
            let reason = if reason.is_empty() { String::new() } else { format!(" “{reason}”") };
            format!("Close {code}{reason}")
        }
        _ => "Close".to_owned(),
    }
}

/// Bytes between quotes, or in hex where they are not text; nothing where there are none.
pub fn quote(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok("") => String::new(),
        Ok(text) if !text.contains(char::is_control) => {
            let short: String = text.chars().take(MAX_QUOTE).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            format!("“{short}{more}”")
        }
        _ => hex(bytes),
    }
}

fn hex(bytes: &[u8]) -> String {
    let shown: Vec<_> = bytes.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let more = if bytes.len() > 6 { " …" } else { "" };
    format!("{}{more}", shown.join(" "))
}

fn octets(found: &Dissection, name: &str) -> String {
    found
        .fields
        .iter()
        .find(|field| field.spec.name == name)
        .map(|field| match &field.value {
            Value::Octets(octets) => String::from_utf8_lossy(octets).into_owned(),
            Value::Number(n) => n.to_string(),
        })
        .unwrap_or_default()
}

/// The value of a header line of a dissected head.
fn header_value(found: &Dissection, wanted: &str) -> Option<String> {
    let names = found.fields.iter().enumerate();
    let idx =
        names.filter(|(_, field)| field.spec.name == "header_name").find_map(|(idx, field)| {
            match &field.value {
                Value::Octets(name) if name.eq_ignore_ascii_case(wanted.as_bytes()) => Some(idx),
                _ => None,
            }
        })?;
    found.fields[idx..].iter().find(|field| field.spec.name == "header_value").map(|field| {
        match &field.value {
            Value::Octets(value) => String::from_utf8_lossy(value).into_owned(),
            Value::Number(n) => n.to_string(),
        }
    })
}

/// A message as people say it.
pub fn message(message: &Message) -> String {
    match message.kind {
        Kind::Text => quote(&message.data),
        Kind::Binary => format!("{} (binary)", hex(&message.data)),
    }
}

/// What somebody does, after their name.
pub fn wish(wish: &Wish) -> String {
    match wish {
        Wish::Say(text) => format!("says {}", quote(text.as_bytes())),
        Wish::Send(bytes) => format!("sends {} (binary)", hex(bytes)),
        Wish::SayInParts(parts) => {
            format!("says {} in {} fragments", quote(parts.concat().as_bytes()), parts.len())
        }
        Wish::Ping(text) => format!("pings {}", quote(text.as_bytes())).trim_end().to_owned(),
        Wish::Close(code, _) => format!("closes with {code}"),
    }
}

/// A number of things: `1 frame`, `2 frames`.
pub fn count(n: u64, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(n))
}

/// What happened, after the name of the host: one line.
pub fn event(record: &Record) -> String {
    match &record.what {
        What::Wants(wanted) => format!("the user {}", wish(wanted)),
        What::Skipped(why) => format!("cannot: {why}"),
        What::PollDue => "asks again: the interval is over".to_owned(),
        What::Wrote(unit) => {
            format!("writes {}, {}", unit_title(unit), size(unit.bytes.len() as u64))
        }
        What::Sent(flight) => match flight.kind {
            Segment::Data => {
                let n = size(flight.bytes.len() as u64);
                format!("sends a segment of {n}, due at {}", flight.arrives)
            }
            kind => format!("sends {}, due at {}", kind.name(), flight.arrives),
        },
        What::Arrived(flight) => match flight.kind {
            Segment::Data => {
                format!("receives a segment of {}", size(flight.bytes.len() as u64))
            }
            kind => format!("receives {}", kind.name()),
        },
        What::Read { range, context, .. } => {
            format!("has read a whole {} of {}", context.noun(), size(range.end - range.start))
        }
        What::Delivered(delivered) => format!("is handed {}", message(delivered)),
        What::PingCame(data) => format!("gets a Ping {}", quote(data)).trim_end().to_owned(),
        What::PongCame(data) => format!("gets a Pong {}", quote(data)).trim_end().to_owned(),
        What::Found(_, breach) => {
            format!("finds a breach: {} ({})", breach.rule.statement(), breach.rule.cite())
        }
        What::Became(_, before, after) => format!("goes {} → {}", before.name(), after.name()),
        What::TcpOpen(_) => "has a TCP connection".to_owned(),
        What::TcpClosed(_) => "has closed the TCP connection".to_owned(),
        What::Reported(_, closed) => {
            let clean = if closed.clean { "cleanly" } else { "not cleanly" };
            format!("reports: closed {clean}, {} {}", closed.code, close::name(closed.code))
        }
        What::Edited(change) => edit(change),
    }
}

/// Whether a record is part of what another one beside it says better.
pub fn routine(record: &Record) -> bool {
    match &record.what {
        What::Sent(flight) | What::Arrived(flight) => flight.kind == Segment::Data,
        What::Read { .. }
        | What::TcpOpen(_)
        | What::Became(_, _, State::Idle | State::Asking | State::Connecting) => true,
        What::Wants(_)
        | What::Skipped(_)
        | What::PollDue
        | What::Wrote(_)
        | What::Delivered(_)
        | What::PingCame(_)
        | What::PongCame(_)
        | What::Found(..)
        | What::Became(..)
        | What::TcpClosed(_)
        | What::Reported(..)
        | What::Edited(_) => false,
    }
}

/// The title of a unit on its flow.
pub fn unit_title(unit: &Unit) -> String {
    title(&unit.bytes, &unit.context)
}

/// What part of a segment a unit is, with its size.
pub fn part(unit: &Unit) -> String {
    let part = match unit.context {
        Context::Request | Context::Response => "Head".to_owned(),
        Context::Body(_) => "Body".to_owned(),
        Context::Frame(_) => unit_title(unit),
    };
    format!("{part} · {}", size(unit.bytes.len() as u64))
}

/// What an edit changes.
pub fn edit(edit: &Edit) -> String {
    match edit {
        Edit::Patch { from, start, bytes, .. } => {
            let bytes = count(bytes.len() as u64, "byte");
            let whose = match from {
                Side::Client => "client",
                Side::Server => "server",
            };
            format!("{bytes} of the {whose}'s flow changed in flight, from byte {start}")
        }
        Edit::PollEvery(ms) => format!("the polling interval becomes {ms} ms"),
    }
}
