//! Reading and writing units: the one recording reader, and the units it reads.
//!
//! **Law (one reader):** every field that is shown was recorded by the code that decides what
//! the bytes mean; there is no second parser for display.
//! **Law (prefix):** a truncated input yields the fields so far and says how much is missing.
//! **Invariant:** knows no connection, host or clock.

pub mod body;
pub mod buffer;
pub mod close;
pub mod deflate;
pub mod extension;
pub mod handshake;
pub mod headers;
pub mod http;
pub mod intake;
pub mod mask;
pub mod rule;
pub mod sse;
pub mod unit;
pub mod utf8;
pub mod ws;

use bytes::Bytes;
use rule::Rule;
use serde::{Deserialize, Serialize};

/// One of the two ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// The end that opened the connection.
    Client,
    /// The end that accepted it.
    Server,
}

impl Side {
    /// The other end.
    #[must_use]
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// The end's name in lower case, as the command line spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// What a field is: one static value for each field that a unit can have.
#[derive(Debug, PartialEq, Eq)]
pub struct Spec {
    /// Stable machine name, such as `payload_len`.
    pub name: &'static str,
    /// The name that people read, in the RFC's words.
    pub label: &'static str,
    /// Where the field is defined, such as `RFC 6455 §5.2`.
    pub cite: &'static str,
}

/// What a field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An unsigned number in network byte order.
    Number(u64),
    /// Bytes; unmasked where the wire carries them masked.
    Octets(Bytes),
}

/// A field as it was read: which bits, and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What the field is.
    pub spec: &'static Spec,
    /// First bit, counted from the start of the input.
    pub bit: u64,
    /// How many bits of it were there.
    pub bits: u64,
    /// How many bits it has when complete; saturates at `u64::MAX`.
    pub want_bits: u64,
    /// What the bits that were there say.
    pub value: Value,
}

impl Field {
    /// Whether all of the field was there.
    pub fn complete(&self) -> bool {
        self.bits == self.want_bits
    }

    /// What it says as a number; `None` where it is octets or not all there.
    pub fn number(&self) -> Option<u64> {
        match &self.value {
            Value::Number(n) if self.complete() => Some(*n),
            Value::Number(_) | Value::Octets(_) => None,
        }
    }

    /// What it says as octets; none where it is a number.
    pub fn octets(&self) -> &[u8] {
        match &self.value {
            Value::Octets(octets) => octets,
            Value::Number(_) => &[],
        }
    }

    /// The bits the field covers, half-open.
    pub fn range(&self) -> std::ops::Range<u64> {
        self.bit..self.bit + self.bits
    }
}

/// A rule that was broken, and the bits that broke it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The rule.
    pub rule: Rule,
    /// First bit of the culprit, counted from the start of the input.
    pub bit: u64,
    /// How many bits the culprit has.
    pub bits: u64,
}

/// Why reading ended before the unit did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The input ended; at least this many bytes more are needed.
    Needs(u64),
    /// A rule was broken, and the reader stops at the first breach.
    Breach(Breach),
}

impl Stop {
    /// The same stop where `bytes` more would be needed after what is missing now.
    #[must_use]
    pub fn then_needs(self, bytes: u64) -> Self {
        match self {
            Self::Needs(n) => Self::Needs(n.saturating_add(bytes)),
            breach @ Self::Breach(_) => breach,
        }
    }
}

/// Where a reader leaves what it reads. Chosen at compile time, so that a reader that keeps
/// nothing costs nothing.
pub trait Notes {
    /// Whether anything is kept at all.
    const KEEP: bool;

    /// Takes a field; `field` is not called by notes that keep none.
    fn field(&mut self, field: impl FnOnce() -> Field);

    /// Takes what a compressed payload says; `said` is not called by notes that keep nothing.
    fn inflated(&mut self, said: impl FnOnce() -> Bytes);

    /// Takes a breach and decides whether reading goes on.
    ///
    /// # Errors
    /// The breach as a [`Stop`], where the first one ends the reading.
    fn breach(&mut self, breach: Breach) -> Result<(), Stop>;
}

/// Keeps nothing; the first breach ends the reading. This is what a peer does.
impl Notes for () {
    const KEEP: bool = false;

    #[inline(always)]
    fn field(&mut self, _field: impl FnOnce() -> Field) {}

    fn inflated(&mut self, _said: impl FnOnce() -> Bytes) {}

    #[expect(clippy::inline_always, reason = "its bits are known only where it is used")]
    #[inline(always)]
    fn breach(&mut self, breach: Breach) -> Result<(), Stop> {
        Err(Stop::Breach(breach))
    }
}

/// Keeps nothing, and says of a breach only that there is one: who wants to know which reads again.
/// Nearly all units break no rule, and reading them is faster by what need not be carried along.
#[derive(Debug)]
struct Glance;

impl Notes for Glance {
    const KEEP: bool = false;

    #[inline(always)]
    fn field(&mut self, _field: impl FnOnce() -> Field) {}

    fn inflated(&mut self, _said: impl FnOnce() -> Bytes) {}

    #[expect(clippy::inline_always, reason = "its bits are known only where it is used")]
    #[inline(always)]
    fn breach(&mut self, _breach: Breach) -> Result<(), Stop> {
        Err(Stop::Needs(0))
    }
}

/// Keeps fields and breaches and reads on past a breach, to show the whole unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The fields in the order in which they were read.
    pub fields: Vec<Field>,
    /// What a compressed payload says.
    pub inflated: Option<Bytes>,
    /// The breaches in the order in which they were found.
    pub breaches: Vec<Breach>,
}

impl Notes for Survey {
    const KEEP: bool = true;

    fn field(&mut self, field: impl FnOnce() -> Field) {
        self.fields.push(field());
    }

    fn inflated(&mut self, said: impl FnOnce() -> Bytes) {
        self.inflated = Some(said());
    }

    fn breach(&mut self, breach: Breach) -> Result<(), Stop> {
        self.breaches.push(breach);
        Ok(())
    }
}

/// Reads fields from bytes and records each in its notes.
#[derive(Debug)]
pub struct Reader<'a, N: Notes> {
    input: &'a [u8],
    /// The byte to read from next, and how many of its bits were read, 0 to 7. Kept apart, so
    /// that the compiler knows the bits by itself where a header is read.
    byte: usize,
    bit: u32,
    /// Whether `input` is known to hold all that will be read.
    whole: bool,
    /// What the first bit of `input` is called in the notes.
    base: u64,
    /// The field read last: the culprit of a breach unless another is named.
    last: (u64, u64),
    notes: &'a mut N,
}

impl<'a, N: Notes> Reader<'a, N> {
    /// A reader at the start of `input` whose fields count bits from `base`.
    #[inline]
    pub fn new(input: &'a [u8], base: u64, notes: &'a mut N) -> Self {
        Self { input, byte: 0, bit: 0, whole: false, base, last: (base, 0), notes }
    }

    /// Whole bytes read so far.
    #[inline]
    pub fn consumed(&self) -> usize {
        self.byte
    }

    /// The bytes not yet read.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        &self.input[self.byte..]
    }

    /// The bit that comes next, as the notes count it.
    #[inline]
    pub fn bit(&self) -> u64 {
        self.base + self.byte as u64 * 8 + u64::from(self.bit)
    }

    /// Reads `n` bits, 1 to 64, as a number in network byte order.
    ///
    /// # Errors
    /// [`Stop::Needs`] where the input ends first; the part that was there is recorded.
    #[expect(clippy::inline_always, reason = "its bits are known only where it is used")]
    #[inline(always)]
    pub fn bits(&mut self, spec: &'static Spec, n: u64) -> Result<u64, Stop> {
        debug_assert!((1..=64).contains(&n), "a number has 1 to 64 bits");
        if !self.whole {
            let have = self.rest().len() as u64 * 8 - u64::from(self.bit);
            if have < n {
                return Err(self.part(spec, have, n));
            }
        }
        let value = self.number(n);
        self.record(spec, (n, n), || Value::Number(value));
        Ok(value)
    }

    /// Records the part of a number that is there.
    #[cold]
    fn part(&mut self, spec: &'static Spec, have: u64, n: u64) -> Stop {
        let value = if have == 0 { 0 } else { self.number(have) };
        self.record(spec, (have, n), || Value::Number(value));
        Stop::Needs((n - have).div_ceil(8))
    }

    /// Reads `n` bytes.
    ///
    /// # Errors
    /// [`Stop::Needs`] where the input ends first; the part that was there is recorded.
    #[inline]
    pub fn octets(&mut self, spec: &'static Spec, n: u64) -> Result<&'a [u8], Stop> {
        let part = self.some_octets(spec, n, Bytes::copy_from_slice);
        let missing = n - part.len() as u64;
        if missing > 0 {
            return Err(Stop::Needs(missing));
        }
        Ok(part)
    }

    /// Reads as many as there are of `n` bytes, and records them as `show` makes them readable
    /// (unmasked, say).
    #[inline]
    pub fn some_octets(
        &mut self,
        spec: &'static Spec,
        n: u64,
        show: impl FnOnce(&[u8]) -> Bytes,
    ) -> &'a [u8] {
        debug_assert!(self.bit == 0, "octets begin at the start of a byte");
        let rest = self.rest();
        let have = usize::try_from(n).map_or(rest.len(), |n| n.min(rest.len()));
        let part = &rest[..have];
        if n > 0 {
            let (bit, bits) = (self.bit(), have as u64 * 8);
            self.last = (bit, bits);
            self.byte += have;
            if have > 0 {
                let (spec, want_bits) = (spec, n.saturating_mul(8));
                self.notes.field(|| {
                    let value = Value::Octets(show(part));
                    Field { spec, bit, bits, want_bits, value }
                });
            }
        }
        part
    }

    /// Notes what the payload that was read says once it is inflated.
    pub fn inflated(&mut self, said: impl FnOnce() -> Bytes) {
        self.notes.inflated(said);
    }

    /// Passes over bytes whose fields another reader has recorded.
    ///
    /// # Panics
    /// Where fewer than `n` bytes are left: the caller has looked at them.
    #[inline]
    pub fn skip(&mut self, n: usize) {
        assert!(n <= self.rest().len(), "only bytes that are there can be passed over");
        self.byte += n;
    }

    /// Breaks `rule` at the field read last unless `holds`.
    ///
    /// # Errors
    /// [`Stop::Breach`] where the notes stop at the first breach.
    #[expect(clippy::inline_always, reason = "its bits are known only where it is used")]
    #[inline(always)]
    pub fn require(&mut self, holds: bool, rule: Rule) -> Result<(), Stop> {
        let (bit, bits) = self.last;
        if holds { Ok(()) } else { self.breach(Breach { rule, bit, bits }) }
    }

    /// Notes a breach at a place of the caller's choice.
    ///
    /// # Errors
    /// [`Stop::Breach`] where the notes stop at the first breach.
    #[inline]
    pub fn breach(&mut self, breach: Breach) -> Result<(), Stop> {
        self.notes.breach(breach)
    }

    /// Reads a unit by a reader of its own; to the outer one it is a single field.
    ///
    /// # Panics
    /// Where a byte is only partly read.
    #[expect(clippy::inline_always, reason = "a reader that is handed on lives in memory")]
    #[inline(always)]
    pub fn unit<T>(&mut self, read: impl FnOnce(&mut Reader<'_, N>) -> T) -> T {
        assert!(self.bit == 0, "a unit begins at the start of a byte");
        let mut unit = Reader::new(self.rest(), self.bit(), self.notes);
        let read = read(&mut unit);
        let end = unit.place();
        self.pass_unit(end);
        read
    }

    /// A reader of the same unit that keeps nothing, where at least `MAX` bytes are left, which is the
    /// most that it may have; `None` where there are fewer, or where the notes keep something. As
    /// it is compiled, it knows that nothing is missing and at which bits all fields lie. Where it
    /// meets a breach, the unit is to be read once more by this reader; where it does not, the
    /// place where it ends goes to [`Self::pass_unit`]. (A closure might not be compiled in place.)
    ///
    /// # Panics
    /// Where a byte is only partly read.
    #[expect(clippy::inline_always, reason = "its bits are known only where it is used")]
    #[inline(always)]
    fn glance<'b, const MAX: usize>(&self, notes: &'b mut Glance) -> Option<Reader<'b, Glance>>
    where
        'a: 'b,
    {
        assert!(self.bit == 0, "a unit begins at the start of a byte");
        if N::KEEP {
            return None;
        }
        let input = self.rest().first_chunk::<MAX>()?;
        Some(Reader { whole: true, ..Reader::new(input, 0, notes) })
    }

    /// How far was read: whole bytes, and bits of the next one.
    #[inline]
    pub fn place(&self) -> (usize, u32) {
        (self.byte, self.bit)
    }

    /// Passes over what the reader of a unit has read, as a single field.
    #[inline]
    pub fn pass_unit(&mut self, (byte, bit): (usize, u32)) {
        self.last = (self.bit(), byte as u64 * 8 + u64::from(bit));
        self.byte += byte;
        self.bit = bit;
    }

    /// A reader over `inner`, the readable form of bytes that start at bit `base` of the same
    /// input, with the same notes.
    pub fn within<'b>(&'b mut self, inner: &'b [u8], base: u64) -> Reader<'b, N> {
        Reader::new(inner, base, self.notes)
    }

    #[expect(clippy::inline_always, reason = "its bits are known only where it is used")]
    #[inline(always)]
    fn record(
        &mut self,
        spec: &'static Spec,
        (have, want): (u64, u64),
        value: impl FnOnce() -> Value,
    ) {
        let bit = self.bit();
        self.last = (bit, have);
        let pos = u64::from(self.bit) + have;
        self.byte += usize::try_from(pos / 8).expect("the position lies inside a slice");
        self.bit = u32::try_from(pos % 8).expect("less than eight");
        if have > 0 || want == 0 {
            self.notes.field(|| Field { spec, bit, bits: have, want_bits: want, value: value() });
        }
    }

    /// The next `bits` bits, which are there.
    #[expect(clippy::inline_always, reason = "its bits are known only where it is used")]
    #[inline(always)]
    fn number(&self, bits: u64) -> u64 {
        let end = u64::from(self.bit) + bits;
        let n_bytes = usize::try_from(end.div_ceil(8)).expect("at most nine");
        let bytes = &self.input[self.byte..self.byte + n_bytes];
        let join = |value, byte: &u8| value << 8 | u64::from(*byte);
        if end <= 64 {
            let value = bytes.iter().fold(0, join);
            return value >> (n_bytes as u64 * 8 - end) & (u64::MAX >> (64 - bits));
        }
        // Nine bytes: those before the last, and the first bits of the last.
        let value = bytes[..8].iter().fold(0, join);
        let n_last = end - 64;
        (value << n_last | u64::from(bytes[8]) >> (8 - n_last)) & (u64::MAX >> (64 - bits))
    }
}
