//! UTF-8 checked as it arrives: fails at the first wrong byte, however the text is cut.
//!
//! **Law:** the verdict after *n* bytes is the same for every way of cutting them.

/// What is known of a UTF-8 text so far: at most three bytes of a code point not yet whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Utf8 {
    partial: [u8; 3],
    n_partial: u8,
}

impl Utf8 {
    /// Whether the text may end here: no code point is left half read.
    pub fn complete(&self) -> bool {
        self.n_partial == 0
    }

    /// Takes the next bytes of the text.
    ///
    /// # Errors
    /// The index in `bytes` of the first byte that cannot be part of any UTF-8 text.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let mut rest = bytes;
        while self.n_partial > 0 && !rest.is_empty() {
            self.push_byte(rest[0]).map_err(|()| bytes.len() - rest.len())?;
            rest = &rest[1..];
        }
        let Err(error) = std::str::from_utf8(rest) else { return Ok(()) };
        for (idx, byte) in rest.iter().enumerate().skip(error.valid_up_to()) {
            self.push_byte(*byte).map_err(|()| bytes.len() - rest.len() + idx)?;
        }
        Ok(())
    }

    /// Takes one byte that continues or begins a code point.
    fn push_byte(&mut self, byte: u8) -> Result<(), ()> {
        let n = usize::from(self.n_partial);
        let mut point = [self.partial[0], self.partial[1], self.partial[2], 0];
        point[n] = byte;
        match std::str::from_utf8(&point[..=n]) {
            Ok(_) => *self = Self::default(),
            // "Not yet" is only possible where the bytes so far are a valid beginning.
            Err(error) if error.error_len().is_none() && n < 3 => {
                self.partial[n] = byte;
                self.n_partial += 1;
            }
            Err(_) => return Err(()),
        }
        Ok(())
    }
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
    fn texts_are_judged_at_the_first_wrong_byte_for_every_cut() {
        check(b"", Ok(true));
        check("Hello, κόσμε 😀".as_bytes(), Ok(true));
        check(&"😀".as_bytes()[..3], Ok(false));
        check(b"ok\xff", Err(2));
        check(b"\xc0\xaf", Err(0)); // overlong
        check(b"\xed\xa0\x80", Err(1)); // a surrogate is wrong at its second byte
        check(b"\xf4\x90\x80\x80", Err(1)); // beyond U+10FFFF
        check(b"\xe2\x82A", Err(2)); // a code point cut short
    }
}
