//! A unit byte by byte: what its reader knows after each.
//!
//! **Law:** a row says what dissecting the bytes up to it says, and nothing that later bytes say.

use super::kind::Kind;
use super::locus::Locus;
use super::{columns, excerpt, hex, reading, tree};
use crate::wire::rule::Rule;
use crate::wire::unit::{Context, Dissection, dissect};
use crate::wire::ws::Opcode;
use crate::wire::{Field, Value};
use std::ops::Range;

/// One byte and what it adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How many bytes have arrived, this one included; counts from 1.
    pub n: usize,
    /// The byte.
    pub byte: u8,
    /// The kind of the field that it belongs to.
    pub kind: Kind,
    /// Where the reader stands behind it, in words.
    pub state: String,
    /// What was understood so far: of a masked frame the payload, unmasked.
    pub so_far: String,
    /// What is known through it, in words.
    pub known: String,
    /// How many bytes are still missing, at least; `None` where the reader has all it will read.
    pub needs: Option<u64>,
    /// The rules that are seen to be broken at this byte, stated.
    pub breach: Option<String>,
}

/// The rows of the bytes with the indices `range`, as far as there are any.
///
/// Each row dissects all bytes before it: ask for those that are looked at.
pub fn rows(bytes: &[u8], context: &Context, range: Range<usize>) -> Vec<Row> {
    let range = range.start..range.end.min(bytes.len());
    let mut known_broken = match bytes.get(..range.start) {
        Some(before) => culprits(&dissect(before, context)),
        None => return Vec::new(),
    };
    let mut rows = Vec::with_capacity(range.len());
    for idx in range {
        let so_far = &bytes[..=idx];
        let found = dissect(so_far, context);
        let broken = culprits(&found);
        let fresh = broken.iter().filter(|culprit| !known_broken.contains(culprit));
        let statements: Vec<_> = fresh.map(|(rule, _)| rule.statement()).collect();
        rows.push(Row {
            n: idx + 1,
            byte: bytes[idx],
            kind: hex::cells(so_far, &found, idx..idx + 1).first().map_or(Kind::Other, |c| c.kind),
            state: reading::state(so_far, context, &found),
            so_far: reading::so_far(so_far, context, &found),
            known: known(so_far, context, &found),
            needs: found.needs,
            breach: (!statements.is_empty()).then(|| statements.join("; ")),
        });
        known_broken = broken;
    }
    rows
}

/// The rows as lines of aligned columns.
pub fn text(rows: &[Row]) -> String {
    let cells = |row: &Row| {
        let needs = row.needs.map_or_else(String::new, |needs| format!("needs {needs}"));
        let breach = row.breach.as_ref().map_or_else(String::new, |said| format!("BREACH: {said}"));
        let (n, byte) = (row.n.to_string(), row.byte);
        let bits = format!("{byte:08b}");
        let (known, state) = (row.known.clone(), row.state.clone());
        vec![n, format!("{byte:02x}"), bits, known, state, row.so_far.clone(), needs, breach]
    };
    columns::aligned(&rows.iter().map(cells).collect::<Vec<_>>())
}

/// The broken rules and where; how long a culprit is may grow as bytes arrive.
fn culprits(found: &Dissection) -> Vec<(Rule, u64)> {
    found.breaches.iter().map(|breach| (breach.rule, breach.bit)).collect()
}

/// What the last byte of `bytes` makes known.
fn known(bytes: &[u8], context: &Context, found: &Dissection) -> String {
    let byte = Locus::byte(bytes.len() - 1);
    let first = found.fields.partition_point(|field| field.range().end <= byte.bit);
    let touched = &found.fields[first..];
    let Some(last) = touched.last() else { return last_row(bytes, context, found).words };
    if Kind::of(last) == Kind::Separator && bytes.ends_with(b"\n") {
        return line_end(&last_row(bytes, context, found));
    }
    let groups = touched.chunk_by(|a, b| Kind::of(a) == Kind::Rsv && Kind::of(b) == Kind::Rsv);
    groups.map(|group| fields(group, found)).collect::<Vec<_>>().join(", ")
}

fn last_row(bytes: &[u8], context: &Context, found: &Dissection) -> tree::Row {
    tree::tree(bytes, context, found).pop().expect("bytes that are there have a row")
}

fn line_end(row: &tree::Row) -> String {
    match row.kind {
        Kind::HeaderName => format!("LF: header line {} is whole", row.label),
        Kind::StartLine => format!("LF: the {} is whole", row.label),
        Kind::ChunkSize => "LF: the size of the chunk is whole".to_owned(),
        Kind::EventField => format!("LF: the line {} is whole", row.label),
        Kind::EventValue | Kind::Ignored => "LF: the line is whole".to_owned(),
        _ => format!("LF: {}", row.words),
    }
}

/// What is known of one field, or of the reserved bits together.
fn fields(group: &[Field], found: &Dissection) -> String {
    let field = &group[0];
    match (Kind::of(field), &field.value) {
        (Kind::Rsv, _) => {
            let bits = group.iter().map(|field| u8::from(field.value == Value::Number(1)));
            format!("RSV {}", bits.map(|bit| bit.to_string()).collect::<String>())
        }
        (Kind::Opcode, Value::Number(bits)) => {
            format!("opcode {}", Opcode::from_bits(*bits as u8).name())
        }
        (Kind::Length, Value::Number(126)) => "the length is in the next 2 bytes".to_owned(),
        (Kind::Length, Value::Number(127)) => "the length is in the next 8 bytes".to_owned(),
        (Kind::Length, Value::Number(len)) => format!("length {len}"),
        (_, Value::Number(_)) if !field.complete() => {
            format!("{}, {} of {} bytes", field.spec.label, field.bits / 8, field.want_bits / 8)
        }
        (Kind::MaskingKey, Value::Number(key)) => {
            format!("masking key {}", excerpt::hex(&(*key as u32).to_be_bytes()))
        }
        (_, Value::Number(n)) => format!("{} {n}", field.spec.label),
        (kind, Value::Octets(octets)) => {
            let shown = octets.last().copied().map_or_else(String::new, character);
            let masked = found.header.is_some_and(|header| header.masking_key.is_some());
            match kind {
                Kind::Payload | Kind::CloseCode | Kind::CloseReason if masked => {
                    format!("{shown}, unmasked: {}", field.spec.label)
                }
                _ => format!("{shown}: {}", field.spec.label),
            }
        }
    }
}

fn character(byte: u8) -> String {
    match byte {
        b'\r' => "CR".to_owned(),
        b'\n' => "LF".to_owned(),
        b' ' => "space".to_owned(),
        b'!'..=b'~' => format!("‘{}’", char::from(byte)),
        _ => format!("0x{byte:02x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Side;
    use crate::wire::ws::Expect;

    #[track_caller]
    fn check(context: &Context, bytes: &[u8], range: Range<usize>, expected: &str) {
        assert_eq!(text(&rows(bytes, context, range)), expected);
    }

    #[test]
    fn a_masked_frame_becomes_known_byte_by_byte() {
        let bytes = [0x81, 0x82, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x93];
        check(
            &Context::Frame(Expect::start(Side::Client)),
            &bytes,
            0..8,
            "\
1  81  10000001  FIN 1, RSV 000, opcode text  header, 1st octet                          needs 1
2  82  10000010  MASK 1, length 2             header, 2nd octet                          needs 6
3  37  00110111  masking key, 1 of 4 bytes    masking key, 1 of 4                        needs 5
4  fa  11111010  masking key, 2 of 4 bytes    masking key, 2 of 4                        needs 4
5  21  00100001  masking key, 3 of 4 bytes    masking key, 3 of 4                        needs 3
6  3d  00111101  masking key 37 fa 21 3d      masking key, 4 of 4                        needs 2
7  7f  01111111  ‘H’, unmasked: payload       payload, 1 of 2                      “H”   needs 1
8  93  10010011  ‘i’, unmasked: payload       payload, 2 of 2: the frame is whole  “Hi”
",
        );
    }

    #[test]
    fn a_breach_is_told_at_the_byte_that_shows_it() {
        let rows = rows(&[0xc1, 0x80, 0, 0], &Context::Frame(Expect::start(Side::Client)), 0..4);
        let told: Vec<_> = rows.iter().map(|row| row.breach.as_deref()).collect();
        assert_eq!(told, [Some(Rule::Rsv1.statement()), None, None, None]);
    }

    #[test]
    fn a_window_tells_the_same_as_the_whole() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let whole = rows(head, &Context::Request, 0..head.len());
        assert_eq!(rows(head, &Context::Request, 10..20), whole[10..20]);
        assert_eq!(rows(head, &Context::Request, 90..99), []);
        check(
            &Context::Request,
            head,
            13..18,
            "\
14  31  00110001  ‘1’: HTTP version              request line, HTTP version  GET /  needs 2
15  0d  00001101  CR: separator                  request line, separator     GET /  needs 1
16  0a  00001010  LF: the request line is whole  request line, separator     GET /  needs 2
17  48  01001000  ‘H’: header name               header line 1, name         GET /  needs 1
18  6f  01101111  ‘o’: header name               header line 1, name         GET /  needs 1
",
        );
        assert_eq!(whole[24].known, "LF: header line Host is whole");
        assert_eq!((whole[26].known.as_str(), whole[26].needs), ("LF: the head ends here", None));
    }
}
