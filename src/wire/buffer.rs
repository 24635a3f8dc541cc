//! A buffer that is filled and emptied over and over.
//!
//! **Invariant:** its memory stays initialised when it is emptied, so that whoever fills it again
//! writes each byte once, without unsafe code.

use bytes::Bytes;
use std::fmt;
use std::ops::Deref;

/// Bytes that are collected, read as a slice, and then emptied or taken.
#[derive(Default)]
pub struct Buffer {
    /// What was collected, and behind it whatever was left there.
    room: Vec<u8>,
    len: usize,
}

/// How much is made ready to be written at a time: it stays in the nearest cache.
const BLOCK: usize = 8 * 1024;

impl Buffer {
    /// An empty buffer, which holds no memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what was collected and keeps the memory.
    #[inline]
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Forgets what was collected behind the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Makes sure that an empty buffer has room for `n` bytes.
    #[inline]
    pub(crate) fn reserve(&mut self, n: usize) {
        if self.room.capacity() == 0 {
            self.room.reserve_exact(n);
        }
    }

    /// Appends bytes.
    #[inline]
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.fill(bytes.len(), move |start, place| {
            place.copy_from_slice(&bytes[start..start + place.len()]);
        });
    }

    /// Appends `n` bytes that `write` makes: it is handed one place after the other, with its
    /// start among the `n`, and leaves no byte of it unwritten.
    #[expect(clippy::inline_always, reason = "what is short is written where it lands")]
    #[inline(always)]
    pub(crate) fn fill(&mut self, n: usize, mut write: impl FnMut(usize, &mut [u8])) {
        let end = self.len + n;
        if end > self.room.len() {
            return self.fill_anew(n, write);
        }
        write(0, &mut self.room[self.len..end]);
        self.len = end;
    }

    /// [`Self::fill`] where the memory was not in use yet.
    #[cold]
    #[inline(never)]
    fn fill_anew(&mut self, n: usize, mut write: impl FnMut(usize, &mut [u8])) {
        if self.room.capacity() == 0 {
            // The system may hand out zeros for nothing.
            self.room = vec![0; n];
            write(0, &mut self.room);
            self.len = n;
            return;
        }
        let end = self.len + n;
        self.room.reserve(end.saturating_sub(self.room.len()));
        let start = self.len;
        while self.len < end {
            let block = self.len..end.min(self.len + BLOCK);
            if block.end > self.room.len() {
                self.room.resize(block.end, 0);
            }
            self.len = block.end;
            write(block.start - start, &mut self.room[block]);
        }
    }

    /// Takes what was collected, without copying it, and leaves the buffer empty.
    pub fn take(&mut self) -> Bytes {
        let mut room = std::mem::take(&mut self.room);
        room.truncate(std::mem::take(&mut self.len));
        room.into()
    }
}

impl Deref for Buffer {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.room[..self.len]
    }
}

/// What was left behind the end is no part of the copy.
impl Clone for Buffer {
    fn clone(&self) -> Self {
        Self { room: self.to_vec(), len: self.len }
    }
}

impl PartialEq for Buffer {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Buffer {}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_collected_is_read_back_whatever_was_left_there() {
        let bytes: Vec<u8> = (0..3 * BLOCK).map(|idx| (idx % 251) as u8).collect();
        let mut buffer = Buffer::new();
        for cuts in [&[0, 1, BLOCK, BLOCK + 1][..], &[5, 2 * BLOCK], &[]] {
            buffer.clear();
            let mut start = 0;
            for cut in cuts.iter().copied().chain([bytes.len()]) {
                buffer.extend_from_slice(&bytes[start..cut]);
                start = cut;
            }
            assert!(*buffer == bytes[..], "cut at {cuts:?}");
        }
        buffer.truncate(7);
        assert_eq!(buffer.clone(), buffer);
        assert_eq!(&buffer.take()[..], &bytes[..7]);
        assert!(buffer.is_empty());
    }
}
