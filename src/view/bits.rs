//! A unit as bits, 32 a row: the picture of RFC 6455 §5.2 with its fields bracketed.

use super::kind::Kind;
use super::locus::Locus;
use super::{broken, field_at};
use crate::wire::Field;
use crate::wire::unit::Dissection;
use std::fmt::Write as _;
use std::ops::Range;

/// How many bits a row has, the last one perhaps fewer.
pub const BITS_PER_ROW: usize = 32;
const BYTES_PER_ROW: usize = BITS_PER_ROW / 8;

/// One bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitCell {
    /// Its index in the unit.
    pub bit: u64,
    /// Whether it is 1.
    pub value: bool,
    /// The kind of its field.
    pub kind: Kind,
    /// What its field is called.
    pub name: &'static str,
    /// Whether it is part of what broke a rule.
    pub breach: bool,
}

/// The columns that a field takes in one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bracket {
    /// The first column, 0 to 31.
    pub first_col: usize,
    /// How many columns.
    pub n_cols: usize,
    /// What the field is called.
    pub label: &'static str,
    /// The same for where there is little room.
    pub short: &'static str,
    /// The field's kind.
    pub kind: Kind,
}

/// Up to 32 bits and the fields that they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BitRow {
    /// The bits.
    pub cells: Vec<BitCell>,
    /// The fields, in order.
    pub brackets: Vec<Bracket>,
}

/// How many rows `bytes` take.
pub fn n_rows(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(BYTES_PER_ROW)
}

/// The rows with these indices, as far as there are any.
pub fn rows(bytes: &[u8], found: &Dissection, range: Range<usize>) -> Vec<BitRow> {
    (range.start..range.end.min(n_rows(bytes))).map(|idx| row(bytes, found, idx)).collect()
}

/// One line a row: the number of its first bit, then each field and its bits.
pub fn text(rows: &[BitRow]) -> String {
    let mut out = String::new();
    for BitRow { cells, brackets } in rows {
        let first = cells.first().map_or(0, |cell| cell.bit);
        write!(out, "{first:>4}").expect("writing to a string never fails");
        for bracket in brackets {
            let cells = &cells[bracket.first_col..bracket.first_col + bracket.n_cols];
            let digits: String =
                cells.iter().map(|cell| if cell.value { '1' } else { '0' }).collect();
            write!(out, "  {} {digits}", bracket.label).expect("writing to a string never fails");
        }
        out.push('\n');
    }
    out
}

fn row(bytes: &[u8], found: &Dissection, row_idx: usize) -> BitRow {
    let first = row_idx * BYTES_PER_ROW;
    let end = (first + BYTES_PER_ROW).min(bytes.len());
    let mut cells = Vec::with_capacity(BITS_PER_ROW);
    let mut brackets: Vec<Bracket> = Vec::new();
    let mut last: Option<Option<&Field>> = None;
    for bit in first as u64 * 8..end as u64 * 8 {
        let field = field_at(found, bit);
        let kind = field.map_or(Kind::Other, Kind::of);
        let joins = last.is_some_and(|last| joined(last, field));
        last = Some(field);
        match brackets.last_mut() {
            Some(bracket) if joins => bracket.n_cols += 1,
            _ => {
                let (label, short) = labels(field, found);
                let first_col = cells.len();
                brackets.push(Bracket { first_col, n_cols: 1, label, short, kind });
            }
        }
        let byte = bytes[first + cells.len() / 8];
        let value = byte >> (7 - bit % 8) & 1 == 1;
        let name = field.map_or("unread", |field| field.spec.label);
        cells.push(BitCell { bit, value, kind, name, breach: broken(found, Locus::bit(bit)) });
    }
    BitRow { cells, brackets }
}

/// Whether neighbouring bits of these fields share a bracket.
fn joined(last: Option<&Field>, next: Option<&Field>) -> bool {
    let first_bit = |field: Option<&Field>| field.map(|field| field.bit);
    let reserved = |field: Option<&Field>| field.is_some_and(|f| Kind::of(f) == Kind::Rsv);
    first_bit(last) == first_bit(next) || reserved(last) && reserved(next)
}

/// What a field is called below its bits, in full and short.
fn labels(field: Option<&Field>, found: &Dissection) -> (&'static str, &'static str) {
    let Some(field) = field else { return ("unread", "") };
    let masked = found.header.is_some_and(|header| header.masking_key.is_some());
    match Kind::of(field) {
        Kind::Fin => ("FIN", "F"),
        Kind::Rsv => ("RSV", "R"),
        Kind::Opcode => ("opcode", "op"),
        Kind::Mask => ("MASK", "M"),
        Kind::Length => ("payload len", "len"),
        Kind::ExtendedLength => ("extended payload len", "len"),
        Kind::MaskingKey => ("masking key", "key"),
        Kind::Payload if masked => ("payload (masked)", "payload"),
        Kind::CloseCode if masked => ("close code (masked)", "code"),
        Kind::CloseReason if masked => ("reason (masked)", "reason"),
        Kind::HeaderName => ("header name", "name"),
        Kind::HeaderValue => ("header value", "value"),
        Kind::Separator => (field.spec.label, ""),
        Kind::Payload
        | Kind::CloseCode
        | Kind::CloseReason
        | Kind::StartLine
        | Kind::Body
        | Kind::ChunkSize
        | Kind::EventField
        | Kind::EventValue
        | Kind::Ignored
        | Kind::Other => (field.spec.label, field.spec.label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Side;
    use crate::wire::unit::{Context, dissect};
    use crate::wire::ws::Expect;

    fn client_rows(bytes: &[u8]) -> Vec<BitRow> {
        rows(bytes, &dissect(bytes, &Context::Frame(Expect::start(Side::Client))), 0..99)
    }

    #[test]
    fn the_rows_are_those_of_the_picture_in_rfc_6455_5_2() {
        let rows = client_rows(&[0x81, 0x82, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x93]);
        assert_eq!(
            text(&rows),
            "   0  FIN 1  RSV 000  opcode 0001  MASK 1  payload len 0000010  \
             masking key 0011011111111010\n  \
             32  masking key 0010000100111101  payload (masked) 0111111110010011\n"
        );
        assert_eq!(rows[0].cells[2].name, "RSV2");
    }

    #[test]
    fn only_the_bits_that_break_a_rule_are_marked() {
        let rows = client_rows(&[0xc1, 0x80, 0, 0, 0, 0]);
        let marked: Vec<_> =
            rows[0].cells.iter().filter(|cell| cell.breach).map(|cell| cell.bit).collect();
        assert_eq!(marked, [1]);
    }

    #[test]
    fn a_row_may_end_early() {
        let rows = client_rows(&[0x81, 0x82, 0x37, 0xfa, 0x21]);
        assert_eq!(rows[1].cells.len(), 8);
        assert_eq!(rows[1].brackets[0].label, "masking key");
    }
}
