//! `wirestep decode`: dissects WebSocket frames, one after the other, as their receiver would.

use super::args::{Decode, Format};
use super::{Exit, Misuse, Streams, hex, words_or_input};
use crate::view::tree;
use crate::wire::deflate::Deflate;
use crate::wire::unit::{Context, Dissection, dissect};
use crate::wire::ws::{Expect, OPCODE, Opcode};
use crate::wire::{Breach, Field, Value};
use serde_json::{Value as Json, json};
use std::io::Write;

struct Found {
    offset: usize,
    expect: Expect,
    frame: Dissection,
}

pub(super) fn run(args: &Decode, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    let bytes = hex::parse(&words_or_input(&args.hex, streams)?)?;
    let start = Expect::start(args.from.side());
    let expect = if args.deflate { start.with_deflate(Deflate::default()) } else { start };
    let frames = dissect_all(&bytes, expect);
    match args.format {
        Format::Text => print_text(&frames, &bytes, streams.output)?,
        Format::Json => writeln!(streams.output, "{}", to_json(&frames, &bytes))?,
    }
    let broken = frames.iter().any(|found| !found.frame.breaches.is_empty());
    Ok(if args.strict && broken { Exit::Fails } else { Exit::Done })
}

fn dissect_all(bytes: &[u8], mut expect: Expect) -> Vec<Found> {
    let mut frames = Vec::new();
    let mut offset = 0;
    while offset < bytes.len() {
        let frame = dissect(&bytes[offset..], &Context::Frame(expect.clone()));
        let (after, consumed) = (frame.after.clone(), frame.consumed);
        frames.push(Found { offset, expect, frame });
        let Some(after) = after else { break };
        expect = after;
        offset += consumed;
    }
    frames
}

fn print_text(frames: &[Found], bytes: &[u8], out: &mut dyn Write) -> Result<(), Misuse> {
    if frames.is_empty() {
        writeln!(out, "no bytes, no frames")?;
    }
    for Found { offset, expect, frame } in frames {
        let name = opcode_name(frame);
        let end = offset + frame.consumed;
        writeln!(out, "frame at byte {offset}: {name}, {} bytes", frame.consumed)?;
        writeln!(out, "  {}", hex::format(&bytes[*offset..end]))?;
        let context = Context::Frame(expect.clone());
        for row in tree::text(&tree::tree(&bytes[*offset..end], &context, frame)).lines() {
            writeln!(out, "  {row}")?;
        }
        for breach in &frame.breaches {
            let code = breach.rule.close_code().unwrap_or_default();
            let (words, cite) = (breach.rule.statement(), breach.rule.cite());
            writeln!(out, "  breach at bit {}: {words}; Close {code} ({cite})", breach.bit)?;
        }
        if let Some(needs) = frame.needs {
            writeln!(out, "  the input ends here; {needs} more bytes are needed")?;
        }
    }
    Ok(())
}

/// The name of the opcode as soon as its bits are there.
fn opcode_name(frame: &Dissection) -> &'static str {
    let opcode = frame.fields.iter().find(|field| field.spec == &OPCODE && field.complete());
    match opcode.map(|field| &field.value) {
        Some(Value::Number(bits)) => Opcode::from_bits(*bits as u8).name(),
        Some(Value::Octets(_)) | None => "not all of a header",
    }
}

fn to_json(frames: &[Found], bytes: &[u8]) -> Json {
    let last = frames.last();
    let rest = last.map_or(0, |found| match found.frame.needs {
        Some(_) => found.offset,
        None => found.offset + found.frame.consumed,
    });
    json!({
        "frames": frames.iter().map(|found| frame_json(found, bytes)).collect::<Vec<_>>(),
        "rest": hex::format(&bytes[rest..]),
        "needs": last.and_then(|found| found.frame.needs),
    })
}

fn frame_json(Found { offset, frame, .. }: &Found, bytes: &[u8]) -> Json {
    let header = frame.header;
    let base = *offset as u64 * 8;
    json!({
        "offset": offset,
        "len": frame.consumed,
        "complete": frame.needs.is_none(),
        "fin": header.map(|header| header.fin),
        "rsv1": header.map(|header| header.rsv[0]),
        "rsv2": header.map(|header| header.rsv[1]),
        "rsv3": header.map(|header| header.rsv[2]),
        "opcode": header.map(|header| header.opcode.to_bits()),
        "opcode_name": header.map(|header| header.opcode.name()),
        "masked": header.map(|header| header.masking_key.is_some()),
        "len_bits": header.map(|header| header.length.bits()),
        "payload_len": header.map(|header| header.length.value()),
        "masking_key": header.and_then(|header| header.masking_key).map(|key| hex::format(&key)),
        "payload": payload(*offset, frame, bytes),
        "inflated": frame.inflated.as_deref().map(hex::format),
        "fields": frame.fields.iter().map(|field| field_json(field, base)).collect::<Vec<_>>(),
        "breaches": frame.breaches.iter().map(|breach| breach_json(breach, base)).collect::<Vec<_>>(),
    })
}

/// The payload in the clear: what is there of it.
fn payload(offset: usize, frame: &Dissection, bytes: &[u8]) -> String {
    let Some(header) = frame.header else { return String::new() };
    let mut payload = bytes[offset + header.size()..offset + frame.consumed].to_vec();
    if let Some(key) = header.masking_key {
        crate::wire::mask::apply(key, 0, &mut payload);
    }
    hex::format(&payload)
}

fn field_json(field: &Field, base: u64) -> Json {
    let value = match &field.value {
        Value::Number(n) => json!(n),
        Value::Octets(octets) => json!(hex::format(octets)),
    };
    json!({
        "name": field.spec.name,
        "bit": base + field.bit,
        "bits": field.bits,
        "value": value,
    })
}

pub(super) fn breach_json(breach: &Breach, base: u64) -> Json {
    json!({
        "rule": breach.rule.name(),
        "cite": breach.rule.cite(),
        "close_code": breach.rule.close_code(),
        "bit": base + breach.bit,
    })
}
