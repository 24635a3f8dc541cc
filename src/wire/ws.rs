//! WebSocket frames: the lossless header, the payload as it arrives, and writing both back.
//!
//! **Invariant:** a [`Header`] can say every bit pattern that a header can have; what is wrong
//! with it is said by rules, in the order of the bits.

use super::buffer::Buffer;
use super::deflate::{Deflate, Inflater};
use super::mask::{self, MaskingKey};
use super::rule::Rule;
use super::utf8::Utf8;
use super::{Breach, Glance, Notes, Reader, Side, Spec, Stop};
use bytes::{BufMut, Bytes, BytesMut};

macro_rules! specs {
    ($($id:ident $name:literal $label:literal $doc:literal;)*) => {
        $(#[doc = $doc]
        pub static $id: Spec = Spec { name: $name, label: $label, cite: "RFC 6455 §5.2" };)*

        /// Every field that a frame can have.
        pub static SPECS: &[&Spec] = &[$(&$id,)*];
    };
}

specs! {
    FIN "fin" "FIN" "Whether the frame is the last of its message.";
    RSV1 "rsv1" "RSV1" "Reserved; permessage-deflate marks compressed messages with it.";
    RSV2 "rsv2" "RSV2" "Reserved for extensions.";
    RSV3 "rsv3" "RSV3" "Reserved for extensions.";
    OPCODE "opcode" "opcode" "What kind of frame it is.";
    MASK "mask" "MASK" "Whether a masking key follows and the payload is masked.";
    PAYLOAD_LEN "payload_len" "payload len" "The length, or 126 or 127 for a longer form.";
    EXTENDED_LEN "extended_payload_len" "extended len" "The length in 16 or 64 bits.";
    MASKING_KEY "masking_key" "masking key" "The four bytes that mask the payload.";
    PAYLOAD "payload" "payload" "What the frame carries.";
}

/// The four bits that say what kind of frame it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opcode(u8);

impl Opcode {
    /// Continues a fragmented message.
    pub const CONTINUATION: Self = Self(0x0);
    /// A text message or its first fragment.
    pub const TEXT: Self = Self(0x1);
    /// A binary message or its first fragment.
    pub const BINARY: Self = Self(0x2);
    /// Begins or answers the closing handshake.
    pub const CLOSE: Self = Self(0x8);
    /// Asks the peer for a Pong.
    pub const PING: Self = Self(0x9);
    /// Answers a Ping, or is sent unasked.
    pub const PONG: Self = Self(0xA);

    /// The opcode with the low four bits of `bits`.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & 0x0f)
    }

    /// The four bits, 0 to 15.
    pub fn to_bits(self) -> u8 {
        self.0
    }

    /// Whether it is a control frame: the top bit is set (RFC 6455 §5.5).
    pub fn control(self) -> bool {
        self.0 & 0x8 != 0
    }

    /// Whether a frame of it is the first of a message.
    pub fn begins_message(self) -> bool {
        matches!(self, Self::TEXT | Self::BINARY)
    }

    /// Whether it is one that RFC 6455 §11.8 defines.
    pub fn defined(self) -> bool {
        matches!(self.0, 0..=2 | 8..=10)
    }

    /// The name in lower case, as the command line spells it.
    pub fn name(self) -> &'static str {
        match self.0 {
            0x0 => "continuation",
            0x1 => "text",
            0x2 => "binary",
            0x8 => "close",
            0x9 => "ping",
            0xA => "pong",
            _ => "reserved",
        }
    }
}

/// The payload length together with the form in which it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    // Apart from its form, so that who wants the number need not look at the form first.
    value: u64,
    form: Form,
}

/// The forms of a payload length (RFC 6455 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Seven bits; 0 to 125.
    Bits7,
    /// 126 and sixteen bits.
    Bits16,
    /// 127 and sixty-four bits.
    Bits64,
}

impl Length {
    /// The length in the shortest form that holds it.
    #[inline]
    pub fn minimal(value: u64) -> Self {
        let form = match value {
            0..=125 => Form::Bits7,
            126..=0xffff => Form::Bits16,
            _ => Form::Bits64,
        };
        Self { value, form }
    }

    /// The length in this form; `None` where the form cannot hold it.
    #[inline]
    pub fn in_form(form: Form, value: u64) -> Option<Self> {
        let holds = match form {
            Form::Bits7 => value <= 125,
            Form::Bits16 => value <= 0xffff,
            Form::Bits64 => true,
        };
        holds.then_some(Self { value, form })
    }

    /// The length in bytes.
    #[inline]
    pub fn value(self) -> u64 {
        self.value
    }

    /// How many bits of the header say the length: 7, 16 or 64.
    pub fn bits(self) -> u8 {
        match self.form {
            Form::Bits7 => 7,
            Form::Bits16 => 16,
            Form::Bits64 => 64,
        }
    }
}

/// A frame header; every bit pattern has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whether the frame is the last of its message.
    pub fin: bool,
    /// RSV1, RSV2, RSV3.
    pub rsv: [bool; 3],
    /// What kind of frame it is.
    pub opcode: Opcode,
    /// The payload length and its form.
    pub length: Length,
    /// The masking key, present exactly where MASK is set.
    pub masking_key: Option<MaskingKey>,
}

impl Header {
    /// How many bytes the largest header has.
    pub const MAX_SIZE: usize = 14;

    /// A final frame with no reserved bit set and the shortest length form.
    #[inline]
    pub fn new(opcode: Opcode, len: u64, masking_key: Option<MaskingKey>) -> Self {
        Self { fin: true, rsv: [false; 3], opcode, length: Length::minimal(len), masking_key }
    }

    /// How many bytes the header has, 2 to 14.
    pub fn size(&self) -> usize {
        let extended = match self.length.form {
            Form::Bits7 => 0,
            Form::Bits16 => 2,
            Form::Bits64 => 8,
        };
        2 + extended + if self.masking_key.is_some() { 4 } else { 0 }
    }

    /// Appends the header to `out`.
    pub fn write(&self, out: &mut BytesMut) {
        let (bits, len) = self.encoded();
        out.put_slice(&bits.to_be_bytes()[..len]);
    }

    /// The header's bytes as one number, the first on top, zeros behind them; and how many there
    /// are.
    #[expect(clippy::inline_always, reason = "it is written where it lands")]
    #[inline(always)]
    fn encoded(&self) -> (u128, usize) {
        let rsv = self.rsv.iter().fold(0, |bits, bit| bits << 1 | u8::from(*bit));
        let first = u8::from(self.fin) << 7 | rsv << 4 | self.opcode.to_bits();
        let mask = u8::from(self.masking_key.is_some()) << 7;
        let two = |second| u128::from(u16::from_be_bytes([first, mask | second])) << 112;
        let key = u128::from(self.masking_key.map_or(0, u32::from_be_bytes));
        let n = u128::from(self.length.value);
        let (bits, len) = match self.length.form {
            Form::Bits7 => (two(self.length.value as u8) | key << 80, 2),
            Form::Bits16 => (two(0x7e) | n << 96 | key << 64, 4),
            Form::Bits64 => (two(0x7f) | n << 48 | key << 16, 10),
        };
        (bits, len + if self.masking_key.is_some() { 4 } else { 0 })
    }

    /// Reads a header, holding each field against what is expected as soon as it is read.
    ///
    /// # Errors
    /// What is missing, where the input ends first (the payload counted in as soon as its
    /// length is known), or the first breach where the notes stop there.
    #[expect(clippy::inline_always, reason = "its bits are known only where it is used")]
    #[inline(always)]
    pub fn read<N: Notes>(r: &mut Reader<'_, N>, expect: &Expect) -> Result<Self, Stop> {
        let mut notes = Glance;
        if let Some(mut unit) = r.glance::<{ Self::MAX_SIZE }>(&mut notes)
            && let Ok(header) = Self::read_fields(&mut unit, expect)
        {
            let end = unit.place();
            r.pass_unit(end);
            return Ok(header);
        }
        // Field by field, or this rare case would keep the usual one from staying in registers.
        let Self { fin, rsv, opcode, length, masking_key } =
            r.unit(|r| Self::read_slowly(r, expect))?;
        Ok(Self { fin, rsv, opcode, length, masking_key })
    }

    /// [`Self::read`] near the end of the input, of a header that breaks a rule, and of one of which
    /// notes are kept.
    #[cold]
    #[inline(never)]
    fn read_slowly<N: Notes>(r: &mut Reader<'_, N>, expect: &Expect) -> Result<Self, Stop> {
        Self::read_fields(r, expect)
    }

    #[expect(clippy::inline_always, reason = "its bits are known only where it is used")]
    #[inline(always)]
    fn read_fields<N: Notes>(r: &mut Reader<'_, N>, expect: &Expect) -> Result<Self, Stop> {
        let (fin, rsv, opcode) = read_first_byte(r, expect).map_err(|stop| stop.then_needs(1))?;
        let masked = r.bits(&MASK, 1)? == 1;
        match expect.from {
            // RFC 6455 §5.1: "a client MUST mask all frames that it sends to the server".
            Side::Client => r.require(masked, Rule::UnmaskedClient)?,
            // RFC 6455 §5.1: "A server MUST NOT mask any frames that it sends to the client".
            Side::Server => r.require(!masked, Rule::MaskedServer)?,
        }
        let key_len = if masked { 4 } else { 0 };
        let length = read_length(r, opcode).map_err(|stop| stop.then_needs(key_len))?;
        let fits = length.value() <= expect.max_payload || opcode.control();
        r.require(fits, Rule::TooBig)?;
        let masking_key = if masked {
            let key = r.bits(&MASKING_KEY, 32).map_err(|stop| stop.then_needs(length.value()))?;
            Some(u32::try_from(key).expect("32 bits").to_be_bytes())
        } else {
            None
        };
        Ok(Self { fin, rsv, opcode, length, masking_key })
    }
}

#[expect(clippy::inline_always, reason = "its bits are known only where it is used")]
#[inline(always)]
fn read_first_byte<N: Notes>(
    r: &mut Reader<'_, N>,
    expect: &Expect,
) -> Result<(bool, [bool; 3], Opcode), Stop> {
    let fin = r.bits(&FIN, 1)? == 1;
    let mut rsv = [false; 3];
    for (idx, (spec, rule)) in
        [(&RSV1, Rule::Rsv1), (&RSV2, Rule::Rsv2), (&RSV3, Rule::Rsv3)].into_iter().enumerate()
    {
        rsv[idx] = r.bits(spec, 1)? == 1;
        let meant = idx == 0 && expect.inflater.is_some();
        // RFC 6455 §5.2: "MUST be 0 unless an extension is negotiated".
        r.require(!rsv[idx] || meant, rule)?;
    }
    let opcode = Opcode::from_bits(u8::try_from(r.bits(&OPCODE, 4)?).expect("four bits"));
    r.require(opcode.defined(), Rule::ReservedOpcode)?;
    // RFC 6455 §5.5.1: "The application MUST NOT send any more data frames after sending a
    // Close frame."
    r.require(!expect.closed || opcode.control(), Rule::AfterClose)?;
    if rsv[0] && expect.inflater.is_some() && !opcode.begins_message() {
        // RFC 7692 §6: "An endpoint MUST NOT set the 'Per-Message Compressed' bit of control
        // frames and non-first fragments of a data message."
        r.breach(Breach { rule: Rule::Rsv1Misplaced, bit: r.bit() - 7, bits: 1 })?;
    }
    // RFC 6455 §5.5: "All control frames […] MUST NOT be fragmented."
    r.require(fin || !opcode.control(), Rule::FragmentedControl)?;
    match expect.message {
        _ if opcode.control() || !opcode.defined() => {}
        None => r.require(opcode != Opcode::CONTINUATION, Rule::NothingToContinue)?,
        Some(_) => r.require(opcode == Opcode::CONTINUATION, Rule::UnfinishedMessage)?,
    }
    Ok((fin, rsv, opcode))
}

#[expect(clippy::inline_always, reason = "its bits are known only where it is used")]
#[inline(always)]
fn read_length<N: Notes>(r: &mut Reader<'_, N>, opcode: Opcode) -> Result<Length, Stop> {
    let len7 = r.bits(&PAYLOAD_LEN, 7)?;
    // RFC 6455 §5.5: "All control frames MUST have a payload length of 125 bytes or less".
    r.require(len7 <= 125 || !opcode.control(), Rule::LongControl)?;
    let (value, form, least) = match len7 {
        126 => (r.bits(&EXTENDED_LEN, 16)?, Form::Bits16, 126),
        127 => {
            let value = r.bits(&EXTENDED_LEN, 64)?;
            // RFC 6455 §5.2: "the most significant bit MUST be 0".
            r.require(value >> 63 == 0, Rule::LengthTopBit)?;
            (value, Form::Bits64, 1 << 16)
        }
        value => return Ok(Length { value, form: Form::Bits7 }),
    };
    // RFC 6455 §5.2: "the minimal number of bytes MUST be used to encode the length".
    r.require(value >= least, Rule::LongLengthForm)?;
    Ok(Length { value, form })
}

/// What a receiver knows when a frame begins: all that the meaning of its bits depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect {
    /// Who sends the frames.
    pub from: Side,
    /// The opcode of the message that was begun and has not ended.
    pub message: Option<Opcode>,
    /// Whether that message is compressed.
    pub compressed: bool,
    /// How far its text was read.
    pub utf8: Utf8,
    /// Whether a Close was already received.
    pub closed: bool,
    /// The largest payload that is accepted, in bytes, as it is sent and as it is inflated.
    pub max_payload: u64,
    /// What inflates compressed messages, where permessage-deflate was agreed.
    pub inflater: Option<Box<Inflater>>,
}

impl Expect {
    /// What is expected at the start of a connection.
    pub fn start(from: Side) -> Self {
        Self {
            from,
            message: None,
            compressed: false,
            utf8: Utf8::default(),
            closed: false,
            max_payload: u64::MAX,
            inflater: None,
        }
    }

    /// The same where permessage-deflate was agreed for this direction.
    #[must_use]
    pub fn with_deflate(mut self, deflate: Deflate) -> Self {
        self.inflater = Some(Box::new(Inflater::new(deflate)));
        self
    }

    /// Whether the message that a frame of this header belongs to is compressed.
    #[inline]
    pub fn compresses(&self, header: &Header) -> bool {
        match header.opcode {
            Opcode::CONTINUATION => self.compressed,
            opcode => opcode.begins_message() && header.rsv[0] && self.inflater.is_some(),
        }
    }

    /// Passes on to what is expected after a frame of this header, whose text was read up to
    /// `utf8`.
    #[inline]
    pub fn pass(&mut self, header: &Header, utf8: Utf8) {
        if header.opcode == Opcode::CLOSE {
            self.closed = true;
        }
        if header.opcode.control() {
            return;
        }
        self.compressed = !header.fin && self.compresses(header);
        self.message = match (header.fin, header.opcode) {
            (true, _) => None,
            (false, Opcode::CONTINUATION) => self.message,
            (false, opcode) => Some(opcode),
        };
        self.utf8 = if header.fin { Utf8::default() } else { utf8 };
    }
}

/// A whole frame to write: a header and its payload in the clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The header; its length may lie about the payload.
    pub header: Header,
    /// The payload, unmasked.
    pub payload: Bytes,
}

impl Frame {
    /// A final frame, masked where a key is given.
    #[inline]
    pub fn new(opcode: Opcode, payload: impl Into<Bytes>, key: Option<MaskingKey>) -> Self {
        let payload = payload.into();
        Self { header: Header::new(opcode, payload.len() as u64, key), payload }
    }

    /// The bytes of the frame.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = Buffer::new();
        self.append(&mut out);
        out.take()
    }

    /// Appends the frame to `out`: the way to write many frames into one buffer.
    #[inline]
    pub fn append(&self, out: &mut Buffer) {
        append(&self.header, &self.payload, out);
    }
}

/// Appends a frame of this header and this payload, which is in the clear, to `out`.
#[inline]
pub fn append(header: &Header, payload: &[u8], out: &mut Buffer) {
    let (bits, len) = header.encoded();
    let n = len + payload.len();
    out.reserve(n);
    let place = out.place(n);
    // All sixteen bytes are put down in two words where the payload then covers the rest.
    match place.as_chunks_mut().0 {
        [first, second, ..] => {
            *first = ((bits >> 64) as u64).to_be_bytes();
            *second = (bits as u64).to_be_bytes();
        }
        _ => put_short(place, &bits.to_be_bytes()[..len]),
    }
    let (now, mut later) = payload.split_at(place.len() - len);
    put_payload(header.masking_key, 0, now, &mut place[len..]);
    while !later.is_empty() {
        let offset = (payload.len() - later.len()) as u64;
        let place = out.place(later.len());
        let (now, rest) = later.split_at(place.len());
        put_payload(header.masking_key, offset, now, place);
        later = rest;
    }
}

#[expect(clippy::inline_always, reason = "it is written where it lands")]
#[inline(always)]
fn put_payload(key: Option<MaskingKey>, offset: u64, piece: &[u8], place: &mut [u8]) {
    match key {
        Some(key) => mask::copy(key, offset, piece, place),
        None => place.copy_from_slice(piece),
    }
}

/// Puts a header down where little follows it; apart, or the usual case would wait for its length.
#[cold]
#[inline(never)]
fn put_short(place: &mut [u8], head: &[u8]) {
    place[..head.len()].copy_from_slice(head);
}
