//! permessage-deflate: what one direction of a connection deflates and inflates (RFC 7692 §7.2).
//!
//! **Invariant:** a compressor is a function of what was said before, and a decompressor is a
//! value that can be copied and compared; the library's own state is only kept to save time.
//! **Law:** what a decompressor yields after *n* bytes is the same for every way of cutting them.

use super::buffer::Buffer;
use bytes::{Buf as _, Bytes, BytesMut};
use flate2::{Compress, Decompress, FlushCompress, FlushDecompress, Status};
use std::fmt;

/// The four bytes that end every flushed message and are left out on the wire
/// (RFC 7692 §7.2.1).
pub const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// An empty block with BFINAL set (RFC 1951 §3.2.4).
const FINAL_BLOCK: [u8; 5] = [0x01, 0x00, 0x00, 0xff, 0xff];

/// The furthest that DEFLATE can refer back, in bytes (RFC 1951 §2).
const LARGEST_WINDOW: usize = 32 << 10;

/// How much is inflated at a time, in bytes.
const STEP: usize = 4096;

/// How one direction of a connection is compressed (RFC 7692 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deflate {
    /// The base-2 logarithm of how far back a message may refer, 8 to 15.
    pub window_bits: u8,
    /// Whether a message may refer to the messages before it.
    pub context_takeover: bool,
}

impl Deflate {
    /// What keeps to both when it deflates.
    #[must_use]
    pub fn cautious(self, other: Self) -> Self {
        Self {
            window_bits: self.window_bits.min(other.window_bits),
            context_takeover: self.context_takeover && other.context_takeover,
        }
    }

    /// How far back a message may refer, in bytes.
    pub fn window(self) -> usize {
        1 << self.window_bits
    }
}

impl Default for Deflate {
    /// What is agreed where no parameter says otherwise (RFC 7692 §7.1).
    fn default() -> Self {
        Self { window_bits: 15, context_takeover: true }
    }
}

/// A compressor: what was said so far, as far as the next message may refer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deflater {
    deflate: Deflate,
    history: BytesMut,
}

impl Deflater {
    /// A compressor that has said nothing.
    pub fn new(deflate: Deflate) -> Self {
        Self { deflate, history: BytesMut::new() }
    }

    /// About how many bytes it holds, itself included.
    pub fn n_held(&self) -> usize {
        size_of::<Self>() + self.history.len()
    }

    /// The payload of a fragment; the tail is left out of the last one (RFC 7692 §7.2.1).
    pub fn fragment(&mut self, data: &[u8]) -> BytesMut {
        // The library has no window of 8 bits; one of 9 reaches 250 bytes back (its size less the
        // longest match and what is looked ahead), so that it serves for both.
        let window_bits = self.deflate.window_bits.max(9);
        let mut library =
            Compress::new_with_window_bits(flate2::Compression::default(), false, window_bits);
        if !self.history.is_empty() {
            library.set_dictionary(&self.history).expect("a raw stream takes one at its start");
        }
        let mut payload = Vec::with_capacity(data.len() / 2 + 64);
        loop {
            let fed = usize::try_from(library.total_in()).expect("no more than was given");
            library
                .compress_vec(&data[fed..], &mut payload, FlushCompress::Sync)
                .expect("compressing has no errors");
            if payload.len() < payload.capacity() {
                break;
            }
            payload.reserve(payload.len() + 64);
        }
        remember(&mut self.history, data, self.deflate.window());
        BytesMut::from(&payload[..])
    }

    /// The payload of the last fragment of a message, or of the only one.
    pub fn last_fragment(&mut self, data: &[u8]) -> BytesMut {
        let mut payload = self.fragment(data);
        // RFC 7692 §7.2.1: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."
        payload.truncate(payload.len() - TAIL.len());
        if !self.deflate.context_takeover {
            self.history.clear();
        }
        payload
    }
}

/// Why inflating ended before its input did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The input is not DEFLATE, or it refers back beyond the agreed window.
    Invalid,
    /// The output would be larger than there is room for.
    TooBig,
}

/// A decompressor as a value: what was said before the message that is arriving, and what has
/// arrived of it.
///
/// It reads with the largest window, whatever was agreed: a sender that reaches beyond a smaller
/// one is read right and not noticed, as by other receivers with a window to spare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inflater {
    deflate: Deflate,
    /// What the message may refer back to, as it was when the message began.
    history: Bytes,
    /// What has arrived of the message, compressed.
    fed: BytesMut,
    live: Live,
}

impl Inflater {
    /// A decompressor that has read nothing.
    pub fn new(deflate: Deflate) -> Self {
        Self { deflate, history: Bytes::new(), fed: BytesMut::new(), live: Live(None) }
    }

    /// About how many bytes it holds, itself included.
    pub fn n_held(&self) -> usize {
        size_of::<Self>() + self.history.len() + self.fed.len()
    }

    /// How many compressed bytes have arrived of the message.
    pub fn n_fed(&self) -> u64 {
        self.fed.len() as u64
    }

    /// The same value, which takes the library's state along.
    #[must_use]
    pub fn hand_over(&mut self) -> Self {
        let live = Live(self.live.0.take());
        Self { live, ..self.clone() }
    }

    /// Inflates the next bytes of the message to the end of `out`, which may grow by `room`.
    ///
    /// # Errors
    /// Why they cannot be; they can be taken back with [`Self::rewind`].
    pub fn push(&mut self, bytes: &[u8], room: u64, out: &mut Buffer) -> Result<(), Fault> {
        let mut stream = self.stream();
        self.fed.extend_from_slice(bytes);
        stream.inflate(bytes, room, out)?;
        self.live = Live(Some(stream));
        Ok(())
    }

    /// Yields what the tail that was left out makes of the end of the message.
    ///
    /// # Errors
    /// Why the message cannot end here (within a block, say); the end can be taken back with [`Self::rewind`].
    pub fn flush(&mut self, room: u64, out: &mut Buffer) -> Result<(), Fault> {
        let mut stream = self.stream();
        // RFC 7692 §7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload
        // of the message." A message that ends with a final block has nothing to flush.
        if !stream.fresh {
            stream.inflate(&TAIL, room, out)?;
            stream.finish()?;
        }
        self.live = Live(Some(stream));
        Ok(())
    }

    /// Ends the message that was flushed: the next one may refer to it, where that was agreed.
    pub fn end(&mut self) {
        let stream = self.stream();
        self.fed = BytesMut::new();
        if self.deflate.context_takeover {
            self.history = stream.recent.freeze();
        }
    }

    /// Takes back all bytes of the message but the first `n`, and its end.
    pub fn rewind(&mut self, n: u64) {
        self.fed.truncate(usize::try_from(n).expect("no more than were fed"));
        self.live = Live(None);
    }

    /// The library's state: the one at hand, or made anew from what it has read.
    fn stream(&mut self) -> Box<Stream> {
        if let Some(stream) = self.live.0.take() {
            return stream;
        }
        let mut stream = Box::new(Stream::new(BytesMut::from(&self.history[..])));
        stream
            .inflate(&self.fed, u64::MAX, &mut Buffer::new())
            .expect("what was kept was inflated before");
        stream
    }
}

/// Appends what was said and forgets what lies beyond the window.
fn remember(history: &mut BytesMut, said: &[u8], window: usize) {
    let said = &said[said.len().saturating_sub(window)..];
    let excess = (history.len() + said.len()).saturating_sub(window);
    history.advance(excess);
    history.extend_from_slice(said);
}

/// The library's state, kept to save time: two decompressors are the same without it.
struct Live(Option<Box<Stream>>);

impl Clone for Live {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl PartialEq for Live {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Live {}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "at hand" } else { "to be made" })
    }
}

/// A raw DEFLATE stream (RFC 1951) that is being inflated.
struct Stream {
    library: Decompress,
    /// What may be referred back to: the last that was said.
    recent: BytesMut,
    /// Whether nothing was read yet.
    fresh: bool,
}

impl Stream {
    fn new(recent: BytesMut) -> Self {
        let mut library = Decompress::new(false);
        if !recent.is_empty() {
            library.set_dictionary(&recent).expect("a raw stream takes one at its start");
        }
        Self { library, recent, fresh: true }
    }

    fn inflate(&mut self, bytes: &[u8], room: u64, out: &mut Buffer) -> Result<(), Fault> {
        let (mut rest, mut room) = (bytes, room);
        let mut buffer = [0; STEP];
        loop {
            let (n_read, n_made, status) = self.step(rest, &mut buffer)?;
            rest = &rest[n_read..];
            room = room.checked_sub(n_made as u64).ok_or(Fault::TooBig)?;
            out.extend_from_slice(&buffer[..n_made]);
            remember(&mut self.recent, &buffer[..n_made], LARGEST_WINDOW);
            if status == Status::StreamEnd {
                // RFC 7692 §7.2.3.4: a block with BFINAL set may be followed by another stream,
                // which still may refer back.
                *self = Self::new(std::mem::take(&mut self.recent));
            } else if n_made < STEP && rest.is_empty() {
                return Ok(());
            }
        }
    }

    /// Ends the stream, which is possible between two blocks alone.
    fn finish(&mut self) -> Result<(), Fault> {
        let mut buffer = [0; 1];
        match self.step(&FINAL_BLOCK, &mut buffer)? {
            (_, 0, Status::StreamEnd) => Ok(()),
            _ => Err(Fault::Invalid),
        }
    }

    /// Inflates as much as fits `buffer`: how many bytes were read, and how many were made.
    fn step(&mut self, bytes: &[u8], buffer: &mut [u8]) -> Result<(usize, usize, Status), Fault> {
        let before = (self.library.total_in(), self.library.total_out());
        self.fresh &= bytes.is_empty();
        let status = self
            .library
            .decompress(bytes, buffer, FlushDecompress::Sync)
            .map_err(|_| Fault::Invalid)?;
        let n_read = self.library.total_in() - before.0;
        let n_made = self.library.total_out() - before.1;
        let count = |n: u64| usize::try_from(n).expect("no more than the buffers hold");
        Ok((count(n_read), count(n_made), status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

    fn inflated(inflater: &mut Inflater, payload: &[u8]) -> Result<Bytes, Fault> {
        let mut out = Buffer::new();
        inflater.push(payload, 1 << 20, &mut out)?;
        inflater.flush(1 << 20, &mut out)?;
        inflater.end();
        Ok(out.take())
    }

    #[track_caller]
    fn check(deflate: Deflate, payloads: &[&[u8]], expected: &[&str]) {
        for size in 1..20 {
            let mut inflater = Inflater::new(deflate);
            for (payload, expected) in payloads.iter().zip(expected) {
                let mut out = Buffer::new();
                for piece in payload.chunks(size) {
                    inflater.push(piece, 1 << 20, &mut out).expect("it is DEFLATE");
                    inflater = inflater.clone();
                }
                inflater.flush(1 << 20, &mut out).expect("it ends here");
                inflater.end();
                assert_eq!(*out, *expected.as_bytes(), "{size} bytes at a time");
            }
        }
    }

    #[test]
    fn the_examples_of_rfc_7692_7_2_3_are_inflated_however_they_are_cut() {
        let takeover = Deflate::default();
        check(takeover, &[&HELLO], &["Hello"]);
        // §7.2.3.2: the second message refers to the first.
        check(takeover, &[&HELLO, &[0xf2, 0x00, 0x11, 0x00, 0x00]], &["Hello", "Hello"]);
        // §7.2.3.3: a block without compression.
        let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
        check(takeover, &[&stored], &["Hello"]);
        // §7.2.3.4: a block with BFINAL set, and a message after it.
        let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
        check(takeover, &[&last, &HELLO], &["Hello", "Hello"]);
        // §7.2.3.5: two blocks in one message.
        let two = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
        check(takeover, &[&two], &["Hello"]);
        // §7.2.3.6: an empty fragment.
        check(takeover, &[&[0x00]], &[""]);
    }

    #[test]
    fn the_examples_of_rfc_7692_7_2_3_are_deflated() {
        let mut deflater = Deflater::new(Deflate::default());
        assert_eq!(deflater.last_fragment(b"Hello")[..], HELLO);
        assert_eq!(deflater.last_fragment(b"Hello")[..], [0xf2, 0x00, 0x11, 0x00, 0x00]);
        assert_eq!(deflater.last_fragment(b"")[..], [0x00]);
        let mut forgetful = Deflater::new(Deflate { context_takeover: false, window_bits: 15 });
        assert_eq!(forgetful.last_fragment(b"Hello")[..], HELLO);
        assert_eq!(forgetful.last_fragment(b"Hello")[..], HELLO);
    }

    #[test]
    fn what_refers_back_to_a_forgotten_message_is_invalid() {
        let mut inflater = Inflater::new(Deflate { context_takeover: false, ..Deflate::default() });
        assert_eq!(inflated(&mut inflater, &HELLO), Ok(Bytes::from_static(b"Hello")));
        let outcome = inflated(&mut inflater, &[0xf2, 0x00, 0x11, 0x00, 0x00]);
        assert_eq!(outcome, Err(Fault::Invalid));
    }

    #[test]
    fn a_small_payload_that_inflates_beyond_the_room_is_stopped_there() {
        let payload = Deflater::new(Deflate::default()).last_fragment(&vec![b'a'; 1 << 20]);
        assert!(payload.len() < 2048);
        let mut out = Buffer::new();
        let mut inflater = Inflater::new(Deflate::default());
        assert_eq!(inflater.push(&payload, 1 << 16, &mut out), Err(Fault::TooBig));
        assert!(out.len() <= (1 << 16) + STEP);
    }

    #[test]
    fn a_window_of_eight_bits_is_never_reached_beyond() {
        let noise = |n: u32| {
            let scatter = |i: u32| (i ^ i >> 3).wrapping_mul(0x9e37_79b9);
            (1..=n).map(move |i| (scatter(scatter(i) >> 7) >> 24) as u8)
        };
        let deflate = Deflate { window_bits: 8, context_takeover: true };
        for (period, compresses) in [(240, true), (257, false), (300, false), (500, false)] {
            let message: Vec<u8> = noise(period).chain(noise(period)).collect();
            let payload = Deflater::new(deflate).last_fragment(&message);
            let small = payload.len() < message.len() * 3 / 4;
            assert_eq!(small, compresses, "repeats after {period} bytes: {}", payload.len());
        }
    }

    #[test]
    fn what_was_taken_back_can_be_fed_again() {
        let mut inflater = Inflater::new(Deflate::default());
        let mut out = Buffer::new();
        let (first, second) = ([0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff], [0xca, 0xc9]);
        inflater.push(&first, 99, &mut out).expect("it is DEFLATE");
        let before = inflater.clone();
        // A block of the reserved type 3.
        inflater.push(&[0xff], 99, &mut Buffer::new()).expect_err("it is not");
        inflater.rewind(first.len() as u64);
        assert_eq!(inflater, before);
        inflater.push(&second, 99, &mut out).expect("it is DEFLATE");
        inflater.push(&HELLO[4..], 99, &mut out).expect("it is DEFLATE");
        inflater.flush(99, &mut out).expect("it ends here");
        assert_eq!(*out, *b"Hello");
    }
}
