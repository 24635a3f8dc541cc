//! The payload of a frame on its way in: unmasked, inflated and validated as it arrives.
//!
//! **Law (prefix):** what is yielded and which byte is to blame do not depend on the cuts.

use super::buffer::Buffer;
use super::close::{self, Close};
use super::deflate::{Fault, Inflater};
use super::rule::Rule;
use super::utf8::Utf8;
use super::ws::{Expect, Header, Opcode, PAYLOAD};
use super::{Breach, Notes, Reader, Stop, mask};
use bytes::Bytes;

/// One frame's payload on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intake {
    header: Header,
    text: bool,
    utf8: Utf8,
    taken: u64,
    /// How many more bytes of message are accepted.
    room: u64,
    /// What inflates the payload, where the message is compressed.
    inflater: Option<Box<Inflater>>,
}

/// What a step of an [`Intake`] yielded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Payload of a data or continuation frame, Ping or Pong.
    Data,
    /// What a Close frame said.
    Close(Option<Close>),
}

impl Intake {
    /// The payload that follows `header`. What inflates it is taken along until [`Self::end`].
    #[inline]
    pub fn new(header: Header, expect: &mut Expect) -> Self {
        let message = match header.opcode {
            Opcode::CONTINUATION => expect.message,
            opcode => Some(opcode),
        };
        let utf8 = match header.opcode {
            Opcode::CONTINUATION => expect.utf8,
            _ => Utf8::default(),
        };
        let compressed = expect.compresses(&header);
        Self {
            header,
            text: message == Some(Opcode::TEXT),
            utf8,
            taken: 0,
            room: expect.max_payload,
            inflater: if compressed { take_inflater(expect) } else { None },
        }
    }

    /// The header that came before.
    #[inline]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many payload bytes are still to come.
    #[inline]
    pub fn missing(&self) -> u64 {
        self.header.length.value() - self.taken
    }

    /// Passes on to what is expected after this frame, all of which was read.
    #[inline]
    pub fn end(self, expect: &mut Expect) {
        expect.pass(&self.header, self.utf8);
        if let Some(mut inflater) = self.inflater {
            if self.header.fin {
                inflater.end();
            }
            expect.inflater = Some(inflater);
        }
    }

    /// Reads what has arrived of the payload to the end of `out`. A control frame is read whole
    /// or not at all: it has at most 125 bytes.
    ///
    /// # Errors
    /// What is missing of a control frame, or a breach by the payload.
    #[expect(clippy::inline_always, reason = "what a frame is was known before, where it is read")]
    #[inline(always)]
    pub fn read<N: Notes>(
        &mut self,
        r: &mut Reader<'_, N>,
        out: &mut Buffer,
    ) -> Result<Said, Stop> {
        // What is rare gets copies, or it would keep what is usual from staying in registers.
        if self.header.opcode == Opcode::CLOSE {
            let mut intake = self.hand_over();
            let said = r.unit(|r| intake.read_close(r)).map(Said::Close);
            *self = intake;
            return said;
        }
        if self.inflater.is_some() {
            let mut intake = self.hand_over();
            let said = r.unit(|r| intake.read_compressed(r, out));
            *self = intake;
            return said;
        }
        let (bit, start, offset) = (r.bit(), out.len(), self.taken);
        let raw = self.take(r)?;
        self.unmask(offset, raw, out);
        if self.text {
            let data = &out[start..];
            let (utf8, wrong) = held_against(self.utf8, data, self.text_ends());
            self.utf8 = utf8;
            if let Some(idx) = wrong {
                // RFC 6455 §8.1: "the endpoint MUST _Fail the WebSocket Connection_".
                let bits = if data.is_empty() { 0 } else { 8 };
                let bit = bit + idx as u64 * 8;
                r.breach(Breach { rule: Rule::TextNotUtf8, bit, bits })?;
            }
        }
        Ok(Said::Data)
    }

    /// The same, which takes over what inflates the payload.
    #[inline]
    fn hand_over(&mut self) -> Self {
        Self { inflater: self.inflater.take(), ..*self }
    }

    /// Whether the text ends with the bytes that were read last.
    #[inline]
    fn text_ends(&self) -> Ends {
        if self.missing() == 0 && self.header.fin { Ends::Here } else { Ends::Later }
    }

    /// Reads what there is of the payload as it is on the wire.
    #[expect(clippy::inline_always, reason = "what a frame is was known before, where it is read")]
    #[inline(always)]
    fn take<'a, N: Notes>(&mut self, r: &mut Reader<'a, N>) -> Result<&'a [u8], Stop> {
        let missing = self.missing();
        let raw = r.some_octets(&PAYLOAD, missing, |raw| self.unmasked(raw));
        let n = raw.len() as u64;
        if n < missing && self.header.opcode.control() {
            return Err(Stop::Needs(missing - n));
        }
        self.taken += n;
        Ok(raw)
    }

    #[inline(never)]
    fn read_compressed<N: Notes>(
        &mut self,
        r: &mut Reader<'_, N>,
        out: &mut Buffer,
    ) -> Result<Said, Stop> {
        let offset = self.taken;
        let raw = self.take(r)?;
        let mut plain = Buffer::new();
        self.unmask(offset, raw, &mut plain);
        self.inflate(r, &plain, out)?;
        Ok(Said::Data)
    }

    #[inline(never)]
    fn read_close<N: Notes>(&mut self, r: &mut Reader<'_, N>) -> Result<Option<Close>, Stop> {
        let (bit, len) = (r.bit(), self.missing());
        let raw = r.rest();
        let here = usize::try_from(len).map_or(raw.len(), |len| len.min(raw.len()));
        let plain = self.unmasked(&raw[..here]);
        let close = close::read(&mut r.within(&plain, bit), len)?;
        r.skip(here);
        self.taken += len;
        Ok(close)
    }

    /// Inflates the payload bytes that were read last.
    fn inflate<N: Notes>(
        &mut self,
        r: &mut Reader<'_, N>,
        plain: &[u8],
        out: &mut Buffer,
    ) -> Result<(), Stop> {
        let (bit, start) = (r.bit() - plain.len() as u64 * 8, out.len());
        let ends = self.missing() == 0 && self.header.fin;
        let before = (self.utf8, self.room, self.n_fed());
        let mut wrong = None;
        if let Err(rule) = self.inflate_piece(plain, ends, out) {
            // What the library looked ahead depends on the cut; byte by byte it does not.
            (self.utf8, self.room) = (before.0, before.1);
            self.rewind(before.2);
            out.truncate(start);
            let pieces = plain.chunks(1).enumerate();
            wrong = pieces.map(|(idx, byte)| (idx, byte, ends && idx + 1 == plain.len())).find_map(
                |(idx, byte, ends)| Some((idx, self.inflate_piece(byte, ends, out).err()?, 8)),
            );
            // Without a byte to blame, it is the end of the message that comes too early.
            wrong = wrong.or(Some((plain.len(), rule, 0)));
        }
        r.inflated(|| Bytes::copy_from_slice(&out[start..]));
        let Some((idx, rule, bits)) = wrong else { return Ok(()) };
        self.rewind(before.2 + idx as u64);
        r.breach(Breach { rule, bit: bit + idx as u64 * 8, bits })
    }

    fn inflate_piece(&mut self, piece: &[u8], ends: bool, out: &mut Buffer) -> Result<(), Rule> {
        let Some(inflater) = &mut self.inflater else { return Ok(()) };
        let start = out.len();
        let mut outcome = inflater.push(piece, self.room, out);
        if ends {
            let room = self.room.saturating_sub((out.len() - start) as u64);
            outcome = outcome.and_then(|()| inflater.flush(room, out));
        }
        outcome.map_err(|fault| match fault {
            Fault::Invalid => Rule::BadDeflate,
            Fault::TooBig => Rule::TooBig,
        })?;
        self.room -= (out.len() - start) as u64;
        if !self.text {
            return Ok(());
        }
        self.utf8.push(&out[start..]).map_err(|_| Rule::TextNotUtf8)?;
        if ends && !self.utf8.complete() { Err(Rule::TextNotUtf8) } else { Ok(()) }
    }

    fn n_fed(&self) -> u64 {
        self.inflater.as_ref().map_or(0, |inflater| inflater.n_fed())
    }

    fn rewind(&mut self, n_fed: u64) {
        if let Some(inflater) = &mut self.inflater {
            inflater.rewind(n_fed);
        }
    }

    #[expect(clippy::inline_always, reason = "short payloads are unmasked in place")]
    #[inline(always)]
    fn unmask(&self, offset: u64, raw: &[u8], out: &mut Buffer) {
        let Some(key) = self.header.masking_key else { return out.extend_from_slice(raw) };
        let (mut offset, mut rest) = (offset, raw);
        loop {
            let place = out.place(rest.len());
            let (now, later) = rest.split_at(place.len());
            mask::copy(key, offset, now, place);
            if later.is_empty() {
                return;
            }
            offset += now.len() as u64;
            rest = later;
        }
    }

    fn unmasked(&self, raw: &[u8]) -> Bytes {
        let mut plain = Buffer::new();
        self.unmask(self.taken, raw, &mut plain);
        plain.take()
    }
}

/// Whether a text ends with the bytes at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Here,
    Later,
}

/// Holds the next bytes of a text against UTF-8: what is known after them, and the index of the
/// byte to blame.
#[inline]
fn held_against(mut utf8: Utf8, data: &[u8], ends: Ends) -> (Utf8, Option<usize>) {
    let wrong = match utf8.push(data) {
        Err(idx) => Some(idx),
        // A text that ends within a code point is wrong at its last byte.
        Ok(()) if ends == Ends::Here && !utf8.complete() => Some(data.len().saturating_sub(1)),
        Ok(()) => None,
    };
    (utf8, wrong)
}

/// What inflates the payload of the next frame, and leaves behind what it knew before.
#[cold]
fn take_inflater(expect: &mut Expect) -> Option<Box<Inflater>> {
    expect.inflater.as_mut().map(|inflater| Box::new(inflater.hand_over()))
}
