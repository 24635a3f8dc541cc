//! A buffer that is filled and emptied over and over.
//!
//! **Invariant:** its memory stays initialised when it is emptied, so that whoever fills it again
//! writes each byte once, without unsafe code.

use bytes::{Bytes, BytesMut};
use std::fmt;
use std::ops::Deref;

/// Bytes that are collected, read as a slice, and then emptied or taken.
#[derive(Default)]
pub struct Buffer {
    /// What was collected, and behind it whatever was left there.
    room: BytesMut,
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
            self.room.reserve(n);
        }
    }

    /// Makes memory ready for `n` bytes, which may be collected and taken in several parts.
    #[inline]
    pub fn prepare(&mut self, n: usize) {
        if self.room.len() < self.len + n {
            self.prepare_anew(n);
        }
    }

    #[cold]
    fn prepare_anew(&mut self, n: usize) {
        if self.len == 0 {
            self.room = BytesMut::zeroed(n);
        } else if n <= BLOCK {
            self.room.resize(self.len + n, 0);
        }
    }

    /// Appends bytes.
    #[inline]
    pub fn extend_from_slice(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let place = self.place(bytes.len());
            let (now, later) = bytes.split_at(place.len());
            place.copy_from_slice(now);
            bytes = later;
        }
    }

    /// Appends a place for the next of `n` bytes, to be written by the caller: for all of them
    /// where the memory was in use before, for some of them where it was not.
    #[expect(clippy::inline_always, reason = "what is short is written where it lands")]
    #[inline(always)]
    pub(crate) fn place(&mut self, n: usize) -> &mut [u8] {
        let (start, end) = (self.len, self.len + n);
        if end > self.room.len() {
            return self.place_anew(n);
        }
        self.len = end;
        &mut self.room[start..end]
    }

    /// [`Self::place`] where the memory was not in use yet.
    #[cold]
    #[inline(never)]
    fn place_anew(&mut self, n: usize) -> &mut [u8] {
        let start = self.len;
        if self.room.capacity() == 0 {
            // The system may hand out zeros for nothing.
            self.room = BytesMut::zeroed(n);
            self.len = n;
            return &mut self.room;
        }
        self.room.reserve((start + n).saturating_sub(self.room.len()));
        let end = start + n.min(BLOCK);
        if end > self.room.len() {
            self.room.resize(end, 0);
        }
        self.len = end;
        &mut self.room[start..end]
    }

    /// Takes what was collected, without copying it, and leaves the buffer empty. What is left of
    /// the memory is used for what is collected next.
    #[expect(clippy::inline_always, reason = "four words go where they stay, not through memory")]
    #[inline(always)]
    pub fn take(&mut self) -> Bytes {
        let len = std::mem::take(&mut self.len);
        if len == self.room.len() {
            return std::mem::take(&mut self.room).freeze();
        }
        self.room.split_to(len).freeze()
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
        Self { room: BytesMut::from(&self[..]), len: self.len }
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
