//! Masking as rows: each payload octet on the wire, the octet of the key that it meets, the result.
//!
//! **Law:** the results are the payload that the frame's reader has.

use super::columns;
use super::locus::Locus;
use crate::wire::Side;
use crate::wire::mask::{self, MaskingKey};
use crate::wire::unit::{Context, Dissection};
use std::ops::Range;

/// How a unit stands to masking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Masking {
    /// It is no frame, or its header is not all there.
    None,
    /// A frame that is not masked, and who sent it.
    Unmasked(Side),
    /// A masked frame.
    Masked(Masked),
}

/// The masked payload of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Masked {
    /// The four octets of the key.
    pub key: MaskingKey,
    /// The index of the first payload octet within the unit.
    pub start: usize,
    /// How many payload octets are there.
    pub n: usize,
}

/// One octet of payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its index within the payload: i.
    pub i: usize,
    /// Its place within the unit.
    pub locus: Locus,
    /// As it is on the wire.
    pub wire: u8,
    /// The octet of the key that it meets: key\[i mod 4\].
    pub key: u8,
    /// The two combined.
    pub plain: u8,
}

impl Row {
    /// Which of the four octets of the key it meets: i mod 4.
    pub fn turn(&self) -> usize {
        self.i % 4
    }
}

/// How the unit stands to masking.
pub fn of(bytes: &[u8], context: &Context, found: &Dissection) -> Masking {
    let (Context::Frame(expect), Some(header)) = (context, &found.header) else {
        return Masking::None;
    };
    let Some(key) = header.masking_key else { return Masking::Unmasked(expect.from) };
    let start = header.size();
    let here = bytes.len().saturating_sub(start);
    let n = usize::try_from(header.length.value()).map_or(here, |len| len.min(here));
    Masking::Masked(Masked { key, start, n })
}

/// The rows of the payload octets with the indices `range`, as far as there are any.
pub fn rows(bytes: &[u8], masked: &Masked, range: Range<usize>) -> Vec<Row> {
    let range = range.start..range.end.min(masked.n);
    let row = |i: usize| {
        let idx = masked.start + i;
        let mut plain = [bytes[idx]];
        // RFC 6455 §5.3: "j = i MOD 4; transformed-octet-i = original-octet-i XOR
        // masking-key-octet-j".
        mask::apply(masked.key, i as u64, &mut plain);
        let [plain] = plain;
        Row { i, locus: Locus::byte(idx), wire: bytes[idx], key: masked.key[i % 4], plain }
    };
    range.map(row).collect()
}

/// Why there is nothing to unmask, and where that is laid down.
pub fn why_not(masking: &Masking) -> Option<(&'static str, &'static str)> {
    match masking {
        Masking::None => Some((
            "Only WebSocket frames are masked. Look at one that a client sends: its four octets of \
             key stand before the payload.",
            "RFC 6455 §5.3",
        )),
        Masking::Unmasked(Side::Server) => Some((
            "Nothing is masked: a server must not mask what it sends. A client must mask every \
             frame, with a key that nobody can foresee, so that no page can make bytes of its own \
             choice appear on the wire, which a proxy might take for HTTP and keep.",
            "RFC 6455 §5.1, §10.3",
        )),
        Masking::Unmasked(Side::Client) => Some((
            "Nothing is masked, and that is a breach: a client must mask every frame that it \
             sends. The server closes the connection; Close 1002 says why.",
            "RFC 6455 §5.1, §5.3",
        )),
        Masking::Masked(Masked { n: 0, .. }) => Some((
            "The frame has a masking key and no payload: there is nothing to unmask. A client \
             sends a key with every frame all the same.",
            "RFC 6455 §5.3",
        )),
        Masking::Masked(_) => None,
    }
}

/// An octet as a character, `·` where it is none by itself.
pub fn character(octet: u8) -> char {
    if matches!(octet, b' '..=b'~') { char::from(octet) } else { '·' }
}

/// The view as text: a line for each octet, or why there is none.
pub fn text(bytes: &[u8], masking: &Masking) -> String {
    if let Some((words, cite)) = why_not(masking) {
        return format!("{words} ({cite})\n");
    }
    let Masking::Masked(masked) = masking else { return String::new() };
    let head = ["i", "wire", "", "key", "", "", "result", "", ""].map(str::to_owned).to_vec();
    let cells = rows(bytes, masked, 0..masked.n).into_iter().map(|row| {
        vec![
            row.i.to_string(),
            format!("{:08b}", row.wire),
            format!("{:02x}", row.wire),
            format!("key[{}]", row.turn()),
            format!("{:08b}", row.key),
            format!("{:02x}", row.key),
            format!("{:08b}", row.plain),
            format!("{:02x}", row.plain),
            character(row.plain).to_string(),
        ]
    });
    columns::aligned(&std::iter::once(head).chain(cells).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::unit::dissect;
    use crate::wire::ws::{Expect, Frame, Opcode};
    use proptest::prelude::*;

    fn look(from: Side, bytes: &[u8]) -> Masking {
        let context = Context::Frame(Expect::start(from));
        of(bytes, &context, &dissect(bytes, &context))
    }

    #[test]
    fn the_masked_hello_of_rfc_6455_5_7_is_unmasked_octet_by_octet() {
        let bytes = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        let told = text(&bytes, &look(Side::Client, &bytes));
        assert_eq!(
            told,
            "\
i  wire          key                   result
0  01111111  7f  key[0]  00110111  37  01001000  48  H
1  10011111  9f  key[1]  11111010  fa  01100101  65  e
2  01001101  4d  key[2]  00100001  21  01101100  6c  l
3  01010001  51  key[3]  00111101  3d  01101100  6c  l
4  01011000  58  key[0]  00110111  37  01101111  6f  o
"
        );
    }

    #[test]
    fn what_is_not_masked_says_why() {
        let said = |masking: &Masking| why_not(masking).expect("nothing is masked").0;
        let hello = [0x81, 0x01, b'a'];
        assert!(said(&look(Side::Server, &hello)).contains("a server must not mask"));
        assert!(said(&look(Side::Client, &hello)).contains("a breach"));
        assert!(said(&look(Side::Client, &[0x8a, 0x80, 1, 2, 3, 4])).contains("no payload"));
        let head = b"GET / HTTP/1.1\r\n\r\n";
        let found = dissect(head, &Context::Request);
        assert_eq!(of(head, &Context::Request, &found), Masking::None);
    }

    proptest! {
        #[test]
        fn the_results_are_the_payload_that_the_reader_has(
            payload in proptest::collection::vec(any::<u8>(), 0..300),
            key: [u8; 4],
            n_missing in 0_usize..9,
            from in 0_usize..40,
        ) {
            let bytes = Frame::new(Opcode::BINARY, payload.clone(), Some(key)).to_bytes();
            let bytes = &bytes[..bytes.len() - n_missing.min(payload.len())];
            let Masking::Masked(masked) = look(Side::Client, bytes) else {
                return Err(TestCaseError::fail("it has a key"));
            };
            let found = dissect(bytes, &Context::Frame(Expect::start(Side::Client)));
            let read = found.field("payload").map_or(&[][..], |field| field.octets()).to_vec();
            let all = rows(bytes, &masked, 0..usize::MAX);
            prop_assert_eq!(all.iter().map(|row| row.plain).collect::<Vec<_>>(), read);
            let some = rows(bytes, &masked, from.min(masked.n)..from + 5);
            prop_assert_eq!(&some[..], &all[from.min(masked.n)..(from + 5).clamp(from.min(masked.n), masked.n)]);
        }
    }
}
