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
}
