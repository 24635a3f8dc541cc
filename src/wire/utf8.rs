//! UTF-8 checked as it arrives: fails at the first wrong byte, however the text is cut.
//!
//! **Law:** the verdict after *n* bytes is the same for every way of cutting them.

use std::fmt;

/// What is known of a UTF-8 text so far: at most three bytes of a code point not yet whole.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Utf8 {
    /// How many bytes there are of it in the lowest byte, and they themselves above it: one number,
    /// because it is handed on with every frame.
    partial: u32,
}

/// Texts of fewer bytes are looked at one word at a time, before anything clever is asked.
const SHORT: usize = 64;

impl Utf8 {
    /// Whether the text may end here: no code point is left half read.
    #[inline]
    pub fn complete(&self) -> bool {
        self.partial == 0
    }

    /// How many bytes of the code point that is half read are still to come: 0 to 3.
    pub fn missing(&self) -> usize {
        let [n, first, ..] = self.partial.to_le_bytes();
        let len = match (n, first) {
            (0, _) => 0,
            (_, 0xf0..) => 4,
            (_, 0xe0..) => 3,
            _ => 2,
        };
        len - usize::from(n)
    }

    /// Takes the next bytes of the text.
    ///
    /// # Errors
    /// The index in `bytes` of the first byte that cannot be part of any UTF-8 text.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), usize> {
        if self.complete() && bytes.len() < SHORT && bytes.is_ascii() {
            return Ok(());
        }
        self.push_any(bytes)
    }

    #[inline(never)]
    fn push_any(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let mut rest = bytes;
        while !self.complete() && !rest.is_empty() {
            self.push_byte(rest[0]).map_err(|()| bytes.len() - rest.len())?;
            rest = &rest[1..];
        }
        let (whole, unfinished) = rest.split_at(rest.len() - n_unfinished(rest));
        let read = bytes.len() - rest.len();
        // The fast check does not say where a text goes wrong; then it is read once more.
        let n_valid = match simdutf8::basic::from_utf8(whole) {
            Ok(_) => whole.len(),
            Err(_) => std::str::from_utf8(whole).map_or_else(|error| error.valid_up_to(), str::len),
        };
        for (idx, byte) in whole.iter().chain(unfinished).enumerate().skip(n_valid) {
            self.push_byte(*byte).map_err(|()| read + idx)?;
        }
        Ok(())
    }

    /// Takes one byte that continues or begins a code point.
    fn push_byte(&mut self, byte: u8) -> Result<(), ()> {
        let [n, mut point @ ..] = u64::from(self.partial).to_le_bytes();
        let n = usize::from(n);
        point[n] = byte;
        match std::str::from_utf8(&point[..=n]) {
            Ok(_) => *self = Self::default(),
            // "Not yet" is only possible where the bytes so far are a valid beginning.
            Err(error) if error.error_len().is_none() && n < 3 => {
                self.partial += 1 | u32::from(byte) << (8 * (n + 1));
            }
            Err(_) => return Err(()),
        }
        Ok(())
    }
}

impl fmt::Debug for Utf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [n, partial @ ..] = self.partial.to_le_bytes();
        f.debug_tuple("Utf8").field(&&partial[..usize::from(n)]).finish()
    }
}

/// How many bytes at the end may begin a code point that is not whole there, 0 to 3.
fn n_unfinished(bytes: &[u8]) -> usize {
    let last = bytes.iter().rev().take(3);
    let n_continuing = last.take_while(|byte| **byte & 0xc0 == 0x80).count();
    let Some(first) = bytes.len().checked_sub(n_continuing + 1).map(|idx| bytes[idx]) else {
        return 0;
    };
    let len = match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    };
    if n_continuing + 1 < len { n_continuing + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<bool, usize>) {
        for cut in 0..=bytes.len() {
            let mut utf8 = Utf8::default();
            let (a, b) = bytes.split_at(cut);
            let verdict = utf8.push(a).and_then(|()| utf8.push(b).map_err(|idx| cut + idx));
            assert_eq!(verdict.map(|()| utf8.complete()), expected, "cut at {cut}");
        }
    }

    #[test]
    fn a_code_point_says_how_many_bytes_it_wants() {
        for text in ["a", "é", "€", "😀"] {
            let mut utf8 = Utf8::default();
            for (idx, byte) in text.bytes().enumerate() {
                utf8.push(&[byte]).expect("it is UTF-8");
                assert_eq!(utf8.missing(), text.len() - 1 - idx, "{text}");
            }
        }
    }

    #[test]
    fn texts_are_judged_at_the_first_wrong_byte_for_every_cut() {
        check(b"", Ok(true));
        check("Hello, κόσμε 😀".as_bytes(), Ok(true));
        check(&"😀".as_bytes()[..3], Ok(false));
        check(b"ok\xff", Err(2));
        check(b"\xc0\xaf", Err(0)); // overlong
        check(b"\xed\xa0\x80", Err(1)); // a surrogate is wrong at its second byte
        check(b"\xf4\x90\x80\x80", Err(1)); // beyond U+10FFFF
        check(b"\xe2\x82A", Err(2)); // a code point cut short
        check(b"\x80", Err(0)); // it continues nothing
        check(b"a\x80\x80\x80\x80", Err(1));
    }

    #[test]
    fn long_texts_are_judged_as_the_standard_library_judges_them() {
        let text = "Hello, κόσμε 😀 字 ".repeat(8);
        for (idx, wrong) in
            (0..text.len()).flat_map(|idx| [0x80, 0xc3, 0xf4, 0xff].map(|b| (idx, b)))
        {
            let mut bytes = text.clone().into_bytes();
            bytes[idx] = wrong;
            let mut first_wrong = None;
            for end in 1..=bytes.len() {
                let error = std::str::from_utf8(&bytes[..end]).err();
                if error.is_some_and(|error| error.error_len().is_some()) {
                    first_wrong = Some(end - 1);
                    break;
                }
            }
            for cut in [0, 63, 64, 65, 100] {
                let mut utf8 = Utf8::default();
                let (a, b) = bytes.split_at(cut);
                let verdict = utf8.push(a).and_then(|()| utf8.push(b).map_err(|idx| cut + idx));
                assert_eq!(verdict.err(), first_wrong, "{wrong:#x} at {idx}, cut at {cut}");
            }
        }
    }
}
