//! Bytes as people read them, short enough for a row: hex, and text with escapes.

use super::hex::spaced;
use std::fmt::Write as _;

/// How many bytes are shown in hex before `…`.
const HEX_BYTES: usize = 8;
/// How many bytes are shown as text before `…`.
const TEXT_BYTES: usize = 160;

/// The first bytes in hex, spaced.
pub(super) fn hex(bytes: &[u8]) -> String {
    let shown = spaced(&bytes[..bytes.len().min(HEX_BYTES)]);
    shown + if bytes.len() > HEX_BYTES { " …" } else { "" }
}

/// The beginning of a text, in quotes.
pub(super) fn quoted(bytes: &[u8]) -> String {
    format!("“{}”", text(bytes))
}

/// The beginning of a text; what is not UTF-8, or cannot be seen, is escaped.
pub(super) fn text(bytes: &[u8]) -> String {
    let end = if bytes.len() > TEXT_BYTES { cut(bytes) } else { bytes.len() };
    let mut out = String::new();
    for chunk in bytes[..end].utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
        }
        for byte in chunk.invalid() {
            write!(out, "\\x{byte:02x}").expect("writing to a string never fails");
        }
    }
    if end < bytes.len() {
        out.push('…');
    }
    out
}

/// A place near [`TEXT_BYTES`] that splits no code point.
fn cut(bytes: &[u8]) -> usize {
    let begins = |idx: &usize| bytes[*idx] & 0xc0 != 0x80;
    (TEXT_BYTES - 3..=TEXT_BYTES).rev().find(begins).unwrap_or(TEXT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        assert_eq!(quoted(b"a\r\n\xff\xc3\xa9"), "“a\\r\\n\\xffé”");
        assert_eq!(hex(&[0; 9]), "00 00 00 00 00 00 00 00 …");
    }

    #[test]
    fn a_long_text_is_cut_between_code_points() {
        let long = "€".repeat(100);
        let shown = text(long.as_bytes());
        assert_eq!(shown, "€".repeat(53) + "…");
    }
}
