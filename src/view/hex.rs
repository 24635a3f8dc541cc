//! A unit as bytes, each with the kind of field that it belongs to.
//!
//! **Law:** the cells that hold a byte hold the unit's bytes, in order.

use super::kind::Kind;
use super::locus::Locus;
use super::{broken, field_at, read_to};
use crate::wire::Field;
use crate::wire::unit::Dissection;
use std::fmt::Write as _;
use std::ops::Range;

/// How many bytes that are still to come are shown at most.
const MISSING_SHOWN: u64 = 8;
/// How many bytes stand in a line of the text form.
const BYTES_PER_LINE: usize = 16;

/// Bytes as lower-case hex and nothing else.
pub fn plain(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string never fails");
        text
    })
}

/// One byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The byte as it was on the wire; `None` where it is still to come.
    pub byte: Option<u8>,
    /// The kind of the field that has most of its bits.
    pub kind: Kind,
    /// Whether a rule was broken in it.
    pub breach: bool,
    /// What is meant by pointing at it: its field or, where it holds several, the byte.
    pub locus: Locus,
}

impl Cell {
    /// The byte as a character, `·` where it has none.
    pub fn ascii(&self) -> char {
        match self.byte {
            Some(byte @ b' '..=b'~') => char::from(byte),
            Some(_) | None => '·',
        }
    }

    /// The byte as two digits, blank where it is still to come.
    pub fn digits(&self) -> String {
        self.byte.map_or_else(|| "  ".to_owned(), |byte| format!("{byte:02x}"))
    }
}

/// How many cells there are: the bytes, and a few of those still to come.
pub fn n_cells(bytes: &[u8], found: &Dissection) -> usize {
    let missing = found.needs.unwrap_or(0).min(MISSING_SHOWN);
    bytes.len() + usize::try_from(missing).expect("at most a few")
}

/// The cells with these indices, as far as there are any.
pub fn cells(bytes: &[u8], found: &Dissection, range: Range<usize>) -> Vec<Cell> {
    let end = range.end.min(n_cells(bytes, found));
    (range.start..end).map(|idx| cell(bytes, found, idx)).collect()
}

/// The bytes in hex with a space between them.
pub(super) fn spaced(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}

/// The bytes in lines of sixteen: offset, hex, characters.
pub fn text(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (line_idx, line) in bytes.chunks(BYTES_PER_LINE).enumerate() {
        let digits = spaced(line);
        let ascii: String = line.iter().copied().map(printable).collect();
        let offset = line_idx * BYTES_PER_LINE;
        writeln!(out, "{offset:04x}  {digits:<47}  {ascii}")
            .expect("writing to a string never fails");
    }
    out
}

fn printable(byte: u8) -> char {
    if matches!(byte, b' '..=b'~') { char::from(byte) } else { '·' }
}

fn cell(bytes: &[u8], found: &Dissection, idx: usize) -> Cell {
    let locus = Locus::byte(idx);
    let byte = bytes.get(idx).copied();
    let field = match byte {
        Some(_) => widest(found, locus),
        // The rest of the last field, where that is what is missing.
        None => found.fields.last().filter(|field| {
            let missing = locus.bit - read_to(found).min(locus.bit);
            !field.complete() && field.bits.saturating_add(missing) < field.want_bits
        }),
    };
    let whole = field.filter(|field| field.bit <= locus.bit && field.range().end >= locus.end());
    Cell {
        byte,
        kind: field.map_or(Kind::Other, Kind::of),
        breach: byte.is_some() && broken(found, locus),
        locus: whole.map_or(locus, Locus::of),
    }
}

/// The field that has most of the bits of `locus`; the first of those that have equally many.
fn widest(found: &Dissection, locus: Locus) -> Option<&Field> {
    let mut best: Option<(&Field, u64)> = None;
    let mut bit = locus.bit;
    while bit < locus.end() {
        let Some(field) = field_at(found, bit) else { break };
        let bits = field.range().end.min(locus.end()) - bit;
        if best.is_none_or(|(_, most)| bits > most) {
            best = Some((field, bits));
        }
        bit += bits;
    }
    best.map(|(field, _)| field)
}

/// Why a text is not bytes in hex, and what would be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotHex(String);

/// Reads hex digits; white space, commas, colons and `0x` before a byte are passed over.
///
/// # Errors
/// What is no hex, and where.
///
/// # Panics
/// Never: what is a hex digit is below 16.
pub fn parse(text: &str) -> Result<Vec<u8>, NotHex> {
    let mut digits = Vec::new();
    for (line_idx, line) in text.lines().enumerate() {
        let mut chars = line.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let prefix = c == '0'
                && digits.len() % 2 == 0
                && chars.next_if(|(_, x)| matches!(x, 'x' | 'X')).is_some();
            if prefix || c.is_whitespace() || matches!(c, ',' | ':') {
                continue;
            }
            let Some(digit) = c.to_digit(16) else {
                let column = line[..at].chars().count() + 1;
                return Err(NotHex(format!(
                    "{c:?} in line {}, column {column} is not a hex digit; write bytes like 81 05 48 65",
                    line_idx + 1
                )));
            };
            digits.push(u8::try_from(digit).expect("a hex digit is below 16"));
        }
    }
    if digits.len() % 2 == 1 {
        return Err(NotHex(format!(
            "{} hex digits make half a byte at the end; a byte is two digits",
            digits.len()
        )));
    }
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Side;
    use crate::wire::unit::{Context, dissect};
    use crate::wire::ws::Expect;

    #[test]
    fn each_byte_has_the_kind_of_its_widest_field() {
        let bytes = [0x81, 0x82, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x93];
        let found = dissect(&bytes, &Context::Frame(Expect::start(Side::Client)));
        let kinds: Vec<_> = cells(&bytes, &found, 0..99).iter().map(|cell| cell.kind).collect();
        let key = [Kind::MaskingKey; 4];
        let expected = [&[Kind::Opcode, Kind::Length], &key[..], &[Kind::Payload; 2]].concat();
        assert_eq!(kinds, expected);
        let payload = cells(&bytes, &found, 7..8)[0];
        assert_eq!((payload.locus, payload.ascii()), (Locus { bit: 48, bits: 16 }, '·'));
        assert_eq!(cells(&bytes, &found, 0..1)[0].locus, Locus::byte(0));
    }

    #[test]
    fn bytes_that_are_still_to_come_have_empty_cells() {
        let bytes = [0x81, 0x85, 0x37];
        let found = dissect(&bytes, &Context::Frame(Expect::start(Side::Client)));
        let cells = cells(&bytes, &found, 0..99);
        assert_eq!(cells.len(), 3 + 8);
        assert_eq!(cells[2].kind, Kind::MaskingKey);
        let to_come: Vec<_> = cells[3..].iter().map(|cell| (cell.byte, cell.kind)).collect();
        assert_eq!(to_come[..3], [(None, Kind::MaskingKey); 3]);
        assert_eq!(to_come[3..], [(None, Kind::Other); 5]);
    }

    #[test]
    fn the_text_form_is_lines_of_sixteen() {
        let text = text(b"GET /chat HTTP/1.1\r\n");
        assert_eq!(
            text,
            "0000  47 45 54 20 2f 63 68 61 74 20 48 54 54 50 2f 31  GET /chat HTTP/1\n\
             0010  2e 31 0d 0a                                      .1··\n"
        );
    }

    #[test]
    fn hex_is_read_with_spaces_prefixes_and_lines() {
        let expected = [0x81, 0x05, 0x0f];
        for text in ["81050f", "81 05 0F", "0x81, 0x05, 0x0f", "81:05\n0f\n"] {
            assert_eq!(parse(text).expect("hex"), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_hex_is_named_with_line_and_column() {
        let message = parse("81\n0g").expect_err("g is no digit").to_string();
        assert!(message.contains("'g' in line 2, column 2"), "{message}");
        let message = parse("818").expect_err("half a byte").to_string();
        assert!(message.contains("half a byte"), "{message}");
    }
}
