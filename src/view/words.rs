//! Words: units and records as people say them.
//!
//! **Invariant:** what is said of a unit comes from its dissection, what is said of an event from
//! its record.

use super::excerpt;
use crate::conn::{Kind, Message, State};
use crate::sim::{Edit, Flight, Network, Record, Segment, Target, Unit, What, Wish};
use crate::wire::close;
use crate::wire::unit::{Context, Dissection, dissect};
use crate::wire::ws::Opcode;
use crate::wire::{Field, Side};

/// The most characters of a payload that a title quotes.
const MAX_QUOTE: usize = 24;

/// A unit in a few words, such as `GET /chat`, `101 Switching Protocols` or `Text “Hi”`.
pub fn title(bytes: &[u8], context: &Context) -> String {
    let found = dissect(bytes, context);
    match context {
        Context::Request => {
            let (method, target) = (octets(&found, "method"), octets(&found, "target"));
            match found.header_line("upgrade") {
                Some((_, to)) => {
                    format!("{method} {target} → {}", String::from_utf8_lossy(to.octets()))
                }
                None => format!("{method} {target}"),
            }
        }
        Context::Response => {
            format!("{} {}", octets(&found, "status"), octets(&found, "reason_phrase"))
        }
        Context::Body(_) => format!("Body {}", quote(bytes)),
        Context::Chunk(_) => chunk_title(&found),
        Context::Event(_) => match event_title(&found) {
            title if title.is_empty() => "Event".to_owned(),
            title => title,
        },
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
    let raw = found.field("payload").map_or(&[][..], Field::octets);
    let payload = found.inflated.as_deref().unwrap_or(raw);
    let more = if header.fin { "" } else { " …" };
    match header.opcode {
        Opcode::TEXT => format!("Text {}{more}", quote(payload)),
        Opcode::BINARY => format!("Binary {}{more}", excerpt::hex(payload)),
        Opcode::CONTINUATION => format!("Continuation {}{more}", quote(payload)),
        Opcode::PING => format!("Ping {}", quote(payload)).trim_end().to_owned(),
        Opcode::PONG => format!("Pong {}", quote(payload)).trim_end().to_owned(),
        Opcode::CLOSE => close_title(found),
        other => format!("opcode 0x{:X}", other.to_bits()),
    }
}

fn chunk_title(found: &Dissection) -> String {
    let size = found.field("chunk_size").map_or(&[][..], Field::octets);
    let empty = !size.is_empty() && size.iter().all(|digit| *digit == b'0');
    let data = found.field("chunk_data").map_or(&[][..], Field::octets);
    match event_title(found) {
        _ if empty => "Last chunk".to_owned(),
        event if !event.is_empty() => event,
        _ => format!("Chunk {}", quote(data)).trim_end().to_owned(),
    }
}

/// The events in a unit by what they carry; empty where it holds no field of an event.
fn event_title(found: &Dissection) -> String {
    let (mut name, mut data, mut other) = (String::new(), Vec::new(), String::new());
    let mut field = "";
    for part in &found.fields {
        let text = String::from_utf8_lossy(part.octets());
        match (part.spec.name, field) {
            ("event_field", _) => {
                field = match &*text {
                    "data" => "data",
                    "event" => "event",
                    "retry" => "Retry",
                    "id" => "Id",
                    _ => "",
                };
            }
            ("event_value", "event") => name = text.into_owned(),
            ("event_value", "data" | "") => data.push(text.trim().to_owned()),
            ("event_value", label) => other = format!("{label} {text}"),
            ("event_comment", _) => {
                other =
                    format!("Comment {}", quote(text.trim_start_matches([':', ' ']).as_bytes()));
            }
            _ => {}
        }
    }
    if data.is_empty() && name.is_empty() {
        return other.trim_end().to_owned();
    }
    format!("Event {name} {}", quote(data.join(" ").as_bytes())).replace("  ", " ")
}

fn close_title(found: &Dissection) -> String {
    match found.field("close_code").and_then(Field::number) {
        Some(code) => {
            let reason = found.field("close_reason").map_or(&[][..], Field::octets);
            format!("Close {code} {}", quote(reason)).trim_end().to_owned()
        }
        None => "Close".to_owned(),
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
        _ => excerpt::hex(bytes),
    }
}

/// A clause as a sentence: a capital at its beginning, a full stop at its end.
pub fn sentence(clause: &str) -> String {
    let mut chars = clause.chars();
    let first = chars.next().map(char::to_uppercase);
    first.map_or_else(String::new, |first| format!("{first}{}.", chars.as_str()))
}

fn octets(found: &Dissection, name: &str) -> String {
    let octets = found.field(name).map_or(&[][..], Field::octets);
    String::from_utf8_lossy(octets).into_owned()
}

/// A message as people say it.
pub fn message(message: &Message) -> String {
    match message.kind {
        Kind::Text => quote(&message.data),
        Kind::Binary => format!("{} (binary)", excerpt::hex(&message.data)),
    }
}

/// What somebody does, after their name.
pub fn wish(wish: &Wish) -> String {
    match wish {
        Wish::Say(text) => format!("says {}", quote(text.as_bytes())),
        Wish::Send(bytes) => format!("sends {} (binary)", excerpt::hex(bytes)),
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
        What::Starts => "the program starts".to_owned(),
        What::Leaves => "the user leaves".to_owned(),
        What::Wants(wanted) => format!("the user {}", wish(wanted)),
        What::Skipped(skip) => format!("cannot: {}", skip.why),
        What::PollDue => "asks again: the interval is over".to_owned(),
        What::Retries => "tries the connection again that was lost".to_owned(),
        What::HeldLong(_) => {
            "has held the question as long as it may: there is nothing new".to_owned()
        }
        What::CaughtUp(_, n) => {
            format!("makes up for {} that were missed", count(*n, "message"))
        }
        What::Wrote(unit) => {
            format!("writes {}, {}", unit_title(unit), size(unit.bytes.len() as u64))
        }
        What::Read(read) => {
            let len = read.range.end - read.range.start;
            format!("has read a whole {} of {}", read.context.noun(), size(len))
        }
        What::Delivered(delivered) => format!("is handed {}", message(delivered)),
        What::PingCame(data) => format!("gets a Ping {}", quote(data)).trim_end().to_owned(),
        What::PongCame(data) => format!("gets a Pong {}", quote(data)).trim_end().to_owned(),
        What::Found(_, breach) => {
            format!("finds a breach: {} ({})", breach.rule.statement(), breach.rule.cite())
        }
        What::Became(_, before, after) => format!("goes {} → {}", before.name(), after.name()),
        What::Reported(_, closed) => {
            let clean = if closed.clean { "cleanly" } else { "not cleanly" };
            format!("reports: closed {clean}, {} {}", closed.code, close::name(closed.code))
        }
        What::Edited(change) => format!("changed from outside: {}", edit(change)),
        other => on_the_way(other),
    }
}

/// What happened on the way, and to TCP.
fn on_the_way(what: &What) -> String {
    match what {
        What::Sent(flight) => match flight.kind {
            Segment::Data => {
                let n = size(flight.bytes.len() as u64);
                format!("sends a segment of {n}, due at {}", flight.arrives)
            }
            kind => format!("sends {}, due at {}", kind.name(), flight.arrives),
        },
        What::Lost(flight) => format!("loses {} on the way", segment(flight)),
        What::Resent(flight) => {
            format!("hears nothing and sends {} again, due at {}", segment(flight), flight.arrives)
        }
        What::Waits(flight) => {
            format!("keeps {} back: one that was sent before it is missing", segment(flight))
        }
        What::Held(flight) => {
            format!("would get {}, but a proxy waits for the whole answer", segment(flight))
        }
        What::Overwritten(patch) => {
            let n = size(patch.bytes.len() as u64);
            format!("sent the name of a header that a proxy on the path overwrites: {n}")
        }
        What::Arrived(flight) => match flight.kind {
            Segment::Data => {
                format!("receives a segment of {}", size(flight.bytes.len() as u64))
            }
            kind => format!("receives {}", kind.name()),
        },
        What::TcpOpen(_) => "has a TCP connection".to_owned(),
        What::GaveUp(_) => "has waited long enough for the connection to end: hangs up".to_owned(),
        What::TcpClosed(_) => "has closed the TCP connection".to_owned(),
        What::WasReset(_) => "is told that the connection was reset".to_owned(),
        What::TimedOut(_) => {
            "has sent a segment again and again in vain: takes the connection for dead".to_owned()
        }
        What::Forgotten(_) => {
            "has a connection that was idle too long for a middlebox on its path".to_owned()
        }
        other => unreachable!("{other:?} is told above"),
    }
}

/// What happened and to whom: a clause that stands by itself.
pub fn told(record: &Record) -> String {
    let Record { host, what, .. } = record;
    match what {
        What::Starts => format!("the program at {host} starts"),
        What::Leaves => format!("the user at {host} leaves"),
        What::Wants(wanted) => format!("the user at {host} {}", wish(wanted)),
        _ => format!("{host} {}", event(record)),
    }
}

/// Whether a record is part of what another one beside it says better.
pub fn routine(record: &Record) -> bool {
    match &record.what {
        What::Sent(flight) | What::Arrived(flight) => flight.kind == Segment::Data,
        What::Starts
        | What::Leaves
        | What::Read { .. }
        | What::TcpOpen(_)
        | What::Became(_, _, State::Idle | State::Asking | State::Connecting) => true,
        What::Wants(_)
        | What::Skipped(_)
        | What::PollDue
        | What::Retries
        | What::HeldLong(_)
        | What::CaughtUp(..)
        | What::Wrote(_)
        | What::Delivered(_)
        | What::PingCame(_)
        | What::PongCame(_)
        | What::Found(..)
        | What::Became(..)
        | What::GaveUp(_)
        | What::TcpClosed(_)
        | What::Lost(_)
        | What::Resent(_)
        | What::Waits(_)
        | What::Held(_)
        | What::Overwritten { .. }
        | What::WasReset(_)
        | What::TimedOut(_)
        | What::Forgotten(_)
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
        Context::Chunk(_) | Context::Event(_) | Context::Frame(_) => unit_title(unit),
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
        Edit::Lose(target) => format!("{} is lost", named(*target)),
        Edit::Delay(target, ms) => format!("{} arrives {ms} ms later", named(*target)),
        Edit::Cut(target, len) => {
            format!("{} is cut in two behind {}", named(*target), count(*len as u64, "byte"))
        }
        Edit::Reset(link) => format!("connection {} is reset", link.0 + 1),
        Edit::Silence(link) => format!("connection {} goes silent", link.0 + 1),
        Edit::Heal(link) => format!("connection {} gets through again", link.0 + 1),
        Edit::Network(network) => network_words(network),
        Edit::Misbehave(host, fault) => format!("{host} {} from here on", fault.label()),
        Edit::Behave(host) => format!("{host} does everything right from here on"),
        Edit::Do(host, wanted) => format!("{host} {}", wish(wanted)),
        Edit::Fragment(host, 0) => format!("{host} sends messages whole"),
        Edit::Fragment(host, size) => {
            format!("{host} sends messages in fragments of {}", count(*size as u64, "byte"))
        }
        Edit::PollEvery(ms) => format!("the polling interval becomes {ms} ms"),
    }
}

/// An edit in two or three words, for a branch to be called by.
pub fn edit_name(edit: &Edit) -> String {
    match edit {
        Edit::Patch { .. } => "bytes changed".to_owned(),
        Edit::Lose(_) => "segment lost".to_owned(),
        Edit::Delay(_, ms) => format!("segment {ms} ms late"),
        Edit::Cut(..) => "segment cut".to_owned(),
        Edit::Reset(_) => "reset".to_owned(),
        Edit::Silence(_) => "silent".to_owned(),
        Edit::Heal(_) => "healed".to_owned(),
        Edit::Network(_) => "other network".to_owned(),
        Edit::Misbehave(host, _) => format!("{host} faulty"),
        Edit::Behave(host) => format!("{host} mended"),
        Edit::Do(host, _) => format!("{host} acts"),
        Edit::Fragment(..) => "fragments".to_owned(),
        Edit::PollEvery(ms) => format!("poll every {ms} ms"),
    }
}

/// A segment that somebody points at.
fn named(target: Target) -> String {
    let (n, link) = (target.n + 1, target.link.0 + 1);
    format!("segment {n} of the {} on connection {link}", target.from.name())
}

fn network_words(network: &Network) -> String {
    let Network { up_ms, down_ms, kbit_per_s, mss, jitter_ms, loss_per_mille, resend_ms } = network;
    let (rate, loss) = (grouped(*kbit_per_s), *loss_per_mille as f64 / 10.0);
    format!(
        "the network becomes {up_ms} ms up and {down_ms} ms down, {rate} kbit/s, up to \
         {jitter_ms} ms of jitter, {loss} % loss, resends after {resend_ms} ms, segments of {mss} B"
    )
}

/// A segment in a few words.
pub fn segment(flight: &Flight) -> String {
    match flight.kind {
        Segment::Data => format!("a segment of {}", size(flight.bytes.len() as u64)),
        kind => kind.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::body::{self, Content};
    use crate::wire::sse;

    #[track_caller]
    fn check(content: Content, bytes: &str, expected: &str) {
        let context = Context::Chunk(body::Expect::start(content));
        assert_eq!(title(bytes.as_bytes(), &context), expected);
    }

    #[test]
    fn chunks_and_events_are_named_by_what_they_carry() {
        let events = Content::Events(sse::Expect::start());
        check(Content::Plain, "5\r\nhello\r\n", "Chunk “hello”");
        check(Content::Plain, "000\r\nX: y\r\n\r\n", "Last chunk");
        check(Content::Plain, "5", "Chunk");
        check(events, "a\r\ndata: Hi\n\n\r\n", "Event “Hi”");
        check(events, "14\r\nevent: a\ndata: Hi\n\n\r\n", "Event a “Hi”");
        check(events, "7\r\n: on\n\n\r\n", "Comment “on”");
        check(events, "c\r\nretry: 50\n\n\r\n", "Retry 50");
        let event = Context::Event(sse::Expect::start());
        assert_eq!(title(b"data: a\ndata: b\nid: 1\n\n", &event), "Event “a b”");
        assert_eq!(title(b"\n", &event), "Event");
    }
}
