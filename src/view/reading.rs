//! Where a reader stands within a unit, in words: which part of it the last byte belongs to, how much
//! of that part is there, and what was understood so far.
//!
//! **Law:** said of the bytes up to there alone.

use super::excerpt;
use super::kind::Kind;
use super::words;
use crate::wire::body::CHUNK_DATA;
use crate::wire::unit::{Context, Dissection};
use crate::wire::utf8::Utf8;
use crate::wire::ws::{Expect, Header, Opcode};
use crate::wire::{Field, Value};

/// The most characters of a payload that are shown of what was understood so far.
const MAX_SHOWN: usize = 32;

/// Where the reader of `bytes`, in which `found` was found, stands behind the last of them.
pub fn state(bytes: &[u8], context: &Context, found: &Dissection) -> String {
    match context {
        Context::Frame(expect) => frame(bytes, expect, found),
        Context::Request => head("request line", found),
        Context::Response => head("status line", found),
        Context::Body(len) => format!("body, {} of {len}", bytes.len()),
        Context::Chunk(_) | Context::Event(_) => stream(found),
    }
}

/// What was understood so far: of a frame the payload, unmasked; empty where nothing was.
pub fn so_far(bytes: &[u8], context: &Context, found: &Dissection) -> String {
    match (context, found.header) {
        (Context::Frame(expect), Some(header)) => understood(expect, &header, found),
        (Context::Frame(_), None) => String::new(),
        _ => words::title(bytes, context).trim().to_owned(),
    }
}

fn frame(bytes: &[u8], expect: &Expect, found: &Dissection) -> String {
    let whole = if found.after.is_some() { ": the frame is whole" } else { "" };
    let Some(header) = found.header else {
        return match (bytes.len(), found.fields.last()) {
            (1, _) => "header, 1st octet".to_owned(),
            (2, _) => "header, 2nd octet".to_owned(),
            (_, Some(field)) => part(field),
            (_, None) => String::new(),
        };
    };
    let n_payload = bytes.len().saturating_sub(header.size()) as u64;
    let len = header.length.value();
    match n_payload {
        0 if bytes.len() == 2 => format!("header, 2nd octet{whole}"),
        0 => match found.fields.iter().rfind(|field| field.bits > 0 && is_header(field)) {
            Some(field) => format!("{}{whole}", part(field)),
            None => whole.to_owned(),
        },
        n if n > len => "behind the frame".to_owned(),
        n => format!("payload, {n} of {len}{}{whole}", utf8(expect, &header, found)),
    }
}

fn is_header(field: &Field) -> bool {
    matches!(Kind::of(field), Kind::ExtendedLength | Kind::MaskingKey | Kind::Length)
}

/// A field of several bytes, and how many of them are there.
fn part(field: &Field) -> String {
    let name = match Kind::of(field) {
        Kind::ExtendedLength => "extended length",
        _ => field.spec.label,
    };
    format!("{name}, {} of {}", field.bits / 8, field.want_bits / 8)
}

/// Whether a frame carries text.
fn carries_text(expect: &Expect, header: &Header) -> bool {
    match header.opcode {
        Opcode::CONTINUATION => expect.message == Some(Opcode::TEXT),
        opcode => opcode == Opcode::TEXT,
    }
}

/// The payload as it is understood: unmasked, and inflated where it is compressed.
fn payload(found: &Dissection) -> &[u8] {
    let raw = found.field("payload").map_or(&[][..], Field::octets);
    found.inflated.as_deref().unwrap_or(raw)
}

fn utf8(expect: &Expect, header: &Header, found: &Dissection) -> String {
    if !carries_text(expect, header) {
        return String::new();
    }
    let mut utf8 = match header.opcode {
        Opcode::CONTINUATION => expect.utf8,
        _ => Utf8::default(),
    };
    match (utf8.push(payload(found)), utf8.missing()) {
        (Err(_), _) => "; UTF-8: no character begins so".to_owned(),
        (Ok(()), 0) => String::new(),
        (Ok(()), n) => format!("; UTF-8: inside a character, {n} more"),
    }
}

fn understood(expect: &Expect, header: &Header, found: &Dissection) -> String {
    if let Some(code) = found.field("close_code").and_then(Field::number) {
        let reason = found.field("close_reason").map_or(&[][..], Field::octets);
        return format!("Close {code} {}", words::quote(reason)).trim_end().to_owned();
    }
    let said = payload(found);
    if said.is_empty() {
        return String::new();
    }
    if !carries_text(expect, header) && header.opcode.begins_message() {
        return excerpt::hex(&said[said.len().saturating_sub(8)..]);
    }
    let text = String::from_utf8_lossy(said);
    let n = text.chars().count();
    let tail: String = text.chars().skip(n.saturating_sub(MAX_SHOWN)).collect();
    format!("“{}{}”", if n > MAX_SHOWN { "…" } else { "" }, excerpt::text(tail.as_bytes()))
}

fn head(start_line: &str, found: &Dissection) -> String {
    let n = found.fields.iter().filter(|field| Kind::of(field) == Kind::HeaderName).count();
    let line = if n == 0 { start_line.to_owned() } else { format!("header line {n}") };
    match found.fields.last() {
        Some(field) if field.spec.name == "blank_line" && found.needs.is_none() => {
            "blank line: the head is whole".to_owned()
        }
        Some(field) if field.spec.name == "blank_line" => "blank line".to_owned(),
        Some(field) => format!("{line}, {}", field.spec.label.trim_start_matches("header ")),
        None => line,
    }
}

/// Within a chunk, or an event: which part it is.
fn stream(found: &Dissection) -> String {
    let Some(field) = found.fields.last() else { return "before the first field".to_owned() };
    let names = found.fields.iter().rev().filter(|field| field.spec.name == "event_field");
    let name = names.map(|field| String::from_utf8_lossy(field.octets())).next();
    match (Kind::of(field), name) {
        (Kind::EventValue, Some(name)) => format!("event, value of {name}"),
        (Kind::EventField, _) => "event, name of a field".to_owned(),
        (Kind::Ignored, _) => field.spec.label.to_owned(),
        (Kind::Body, _) if field.spec == &CHUNK_DATA => part(field),
        (Kind::Separator, _) if field.spec.name == "event_end" => {
            "blank line: the event is told".to_owned()
        }
        _ => match &field.value {
            Value::Octets(_) => field.spec.label.to_owned(),
            Value::Number(_) => part(field),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Side;
    use crate::wire::sse;
    use crate::wire::unit::dissect;
    use crate::wire::ws::Frame;

    fn states(bytes: &[u8], context: &Context) -> Vec<String> {
        let told = |n: usize| {
            let found = dissect(&bytes[..n], context);
            state(&bytes[..n], context, &found)
        };
        (1..=bytes.len()).map(told).collect()
    }

    fn from(side: Side) -> Context {
        Context::Frame(Expect::start(side))
    }

    #[test]
    fn a_masked_text_is_followed_octet_by_octet_into_its_characters() {
        let frame = Frame::new(Opcode::TEXT, "é!".as_bytes(), Some([1, 2, 3, 4])).to_bytes();
        assert_eq!(
            states(&frame, &from(Side::Client)),
            [
                "header, 1st octet",
                "header, 2nd octet",
                "masking key, 1 of 4",
                "masking key, 2 of 4",
                "masking key, 3 of 4",
                "masking key, 4 of 4",
                "payload, 1 of 3; UTF-8: inside a character, 1 more",
                "payload, 2 of 3",
                "payload, 3 of 3: the frame is whole",
            ]
        );
        let context = from(Side::Client);
        let told = |n: usize| so_far(&frame[..n], &context, &dissect(&frame[..n], &context));
        assert_eq!([told(6), told(8), told(9)], ["", "“é”", "“é!”"]);
    }

    #[test]
    fn long_lengths_empty_frames_and_closes_have_states_of_their_own() {
        let long = Frame::new(Opcode::BINARY, vec![7; 300], None).to_bytes();
        let told = states(&long, &from(Side::Server));
        assert_eq!(told[2..4], ["extended length, 1 of 2", "extended length, 2 of 2"]);
        assert_eq!(told[4], "payload, 1 of 300");
        let pong = Frame::new(Opcode::PONG, Vec::new(), None).to_bytes();
        assert_eq!(states(&pong, &from(Side::Server))[1], "header, 2nd octet: the frame is whole");
        let close = Frame::new(Opcode::CLOSE, b"\x03\xe8bye".to_vec(), None).to_bytes();
        let context = from(Side::Server);
        assert_eq!(so_far(&close, &context, &dissect(&close, &context)), "Close 1000 “bye”");
    }

    #[test]
    fn heads_and_event_streams_are_followed_by_their_lines() {
        let told = states(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", &Context::Request);
        let at = |n: usize| told[n - 1].as_str();
        assert_eq!(
            [at(1), at(17), at(22), at(27)],
            [
                "request line, method",
                "header line 1, name",
                "header line 1, separator",
                "blank line: the head is whole",
            ]
        );
        let context = Context::Event(sse::Expect::start());
        let told = states(b"data: hi\n\n", &context);
        assert_eq!(told[0], "event, name of a field");
        assert_eq!(told[7], "event, value of data");
        assert_eq!(told[9], "blank line: the event is told");
    }
}
