//! Bodies: where they end, and how they are read and written whole, as events and in chunks.
//!
//! **Law (prefix):** what is known of a body after *n* bytes does not depend on how they were cut.
//! **Invariant:** nothing is allocated for a size that was only declared.

use super::handshake::Fault;
use super::http::{self, Headers, Request, Response};
use super::rule::Rule;
use super::sse;
use super::{Breach, Notes, Reader, Spec, Stop};
use bytes::{BufMut, Bytes, BytesMut};

/// A body of a known length, or until the connection is closed.
pub static BODY: Spec = Spec { name: "body", label: "body", cite: "RFC 9112 §6" };
/// How many bytes of data a chunk has, in hexadecimal.
pub static CHUNK_SIZE: Spec =
    Spec { name: "chunk_size", label: "chunk size", cite: "RFC 9112 §7.1" };
/// What a sender adds to a chunk's size; unknown extensions are passed over.
pub static CHUNK_EXTENSION: Spec =
    Spec { name: "chunk_extension", label: "chunk extension", cite: "RFC 9112 §7.1.1" };
/// A piece of the content.
pub static CHUNK_DATA: Spec =
    Spec { name: "chunk_data", label: "chunk data", cite: "RFC 9112 §7.1" };
/// The line end behind the data.
pub static CHUNK_END: Spec =
    Spec { name: "chunk_end", label: "end of chunk", cite: "RFC 9112 §7.1" };

/// Every field that a body can have, but for those of events and of trailers.
pub static SPECS: &[&Spec] = &[&BODY, &CHUNK_SIZE, &CHUNK_EXTENSION, &CHUNK_DATA, &CHUNK_END];

/// The largest body that an end holds, in bytes; a stream of events may be longer.
pub const MAX_BODY: u64 = 16 << 20;

/// How many bytes the extensions of all chunks of one body may have.
pub const MAX_EXTENSIONS: u64 = 4096;

/// The most digits that a chunk's size may have: those of 64 bits.
const MAX_SIZE_DIGITS: usize = 16;

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// This many bytes; 0 where there is no body.
    Length(u64),
    /// Chunks, the last of them empty.
    Chunked,
    /// All bytes until the connection is closed.
    UntilClose,
}

impl Framing {
    /// The framing of a request's body (RFC 9112 §6.3).
    ///
    /// # Errors
    /// The rule that the headers break, and the header that does.
    pub fn of_request(request: &Request) -> Result<Self, Fault> {
        let last = request.headers.list("transfer-encoding").last();
        match declared(request.minor, &request.headers) {
            // RFC 9112 §6.3: "the message body length cannot be determined reliably; the server
            // MUST respond with the 400 (Bad Request) status code".
            Err(Fault { rule: Rule::TransferCoding, .. }) if !last.is_some_and(is_chunked) => {
                Err(coding_fault(Rule::CodingNotChunked))
            }
            framing => Ok(framing?.unwrap_or(Self::Length(0))),
        }
    }

    /// The framing of the body of a response to a request with this method (RFC 9112 §6.3).
    ///
    /// # Errors
    /// The rule that the headers break, and the header that does.
    pub fn of_response(response: &Response, method: &str) -> Result<Self, Fault> {
        if has_no_body(response.status, method) {
            return Ok(Self::Length(0));
        }
        // RFC 9112 §6.3: "the connection will become a tunnel immediately after the empty line".
        if method == "CONNECT" && (200..300).contains(&response.status) {
            return Ok(Self::UntilClose);
        }
        let declared = declared(response.minor, &response.headers)?;
        Ok(declared.unwrap_or(Self::UntilClose))
    }
}

/// Whether a response ends with its head, whatever its headers say (RFC 9112 §6.3).
pub fn has_no_body(status: u16, method: &str) -> bool {
    method == "HEAD" || matches!(status, 100..=199 | 204 | 304)
}

fn is_chunked(coding: &str) -> bool {
    coding.eq_ignore_ascii_case("chunked")
}

fn coding_fault(rule: Rule) -> Fault {
    Fault { rule, header: Some("Transfer-Encoding") }
}

/// What the headers say of the framing; `None` where they say nothing.
fn declared(minor: u8, headers: &Headers) -> Result<Option<Framing>, Fault> {
    if headers.all("transfer-encoding").next().is_none() {
        let length = content_length(headers);
        let length = length.map_err(|rule| Fault { rule, header: Some("Content-Length") })?;
        return Ok(length.map(Framing::Length));
    }
    // RFC 9112 §6.1: "MUST treat the message as if the framing is faulty, even if a
    // Content-Length is present".
    if minor == 0 {
        return Err(coding_fault(Rule::CodingInHttp10));
    }
    // RFC 9112 §6.3: "ought to be handled as an error": the two may be read differently.
    if headers.all("content-length").next().is_some() {
        return Err(coding_fault(Rule::LengthAndCoding));
    }
    let codings: Vec<_> = headers.list("transfer-encoding").collect();
    if codings.iter().filter(|coding| is_chunked(coding)).count() > 1 {
        return Err(coding_fault(Rule::ChunkedTwice));
    }
    match codings[..] {
        [only] if is_chunked(only) => Ok(Some(Framing::Chunked)),
        _ => Err(coding_fault(Rule::TransferCoding)),
    }
}

fn content_length(headers: &Headers) -> Result<Option<u64>, Rule> {
    let mut values = headers.list("content-length");
    let Some(first) = values.next() else {
        // A line that is there and says nothing is as wrong as one that says two things.
        let absent = headers.all("content-length").next().is_none();
        return if absent { Ok(None) } else { Err(Rule::ContentLength) };
    };
    // RFC 9112 §6.3: a list of one repeated value may be taken as that value.
    let digits = first.bytes().all(|byte| byte.is_ascii_digit());
    match first.parse() {
        Ok(length) if digits && values.all(|value| value == first) => Ok(Some(length)),
        _ => Err(Rule::ContentLength),
    }
}

/// What a body carries, and what its reader knew of it where a chunk began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Bytes that are handed over whole.
    Plain,
    /// Events that are handed over as they come.
    Events(sse::Expect),
}

impl Content {
    /// What the body of `response` carries.
    pub fn of(response: &Response) -> Self {
        if sse::is_stream(response) { Self::Events(sse::Expect::start()) } else { Self::Plain }
    }
}

/// What the next chunk is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expect {
    /// How many bytes of data the receiver is still willing to hold.
    pub max_data: u64,
    /// How many bytes of chunk extensions it still puts up with.
    pub max_extensions: u64,
    /// What the data are.
    pub content: Content,
}

impl Expect {
    /// What the first chunk of a body is held against.
    pub fn start(content: Content) -> Self {
        let max_data = match content {
            Content::Plain => MAX_BODY,
            // Events are handed on: the stream as a whole is not held.
            Content::Events(_) => u64::MAX,
        };
        Self { max_data, max_extensions: MAX_EXTENSIONS, content }
    }

    /// What the chunk behind `chunk` is held against, whose data went into `sink`.
    #[must_use]
    pub fn after(&self, chunk: &Chunk, sink: &Sink) -> Self {
        let max_data = match self.content {
            Content::Plain => self.max_data.saturating_sub(chunk.size),
            Content::Events(_) => self.max_data,
        };
        let max_extensions = self.max_extensions.saturating_sub(chunk.n_extension);
        Self { max_data, max_extensions, content: sink.content() }
    }
}

/// Where the content of a body goes as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sink {
    /// It is kept until it is whole.
    Whole(BytesMut),
    /// It is read as a stream of events.
    Events(Box<sse::Stream>),
}

impl Sink {
    /// An empty sink for content of this kind.
    pub fn new(content: Content) -> Self {
        match content {
            Content::Plain => Self::Whole(BytesMut::new()),
            Content::Events(expect) => Self::Events(Box::new(sse::Stream::resume(expect))),
        }
    }

    /// What comes next.
    pub fn content(&self) -> Content {
        match self {
            Self::Whole(_) => Content::Plain,
            Self::Events(stream) => Content::Events(stream.expects()),
        }
    }

    /// Reads what there is of `n` bytes of a chunk's data; gives how many there were.
    fn read<N: Notes>(
        &mut self,
        r: &mut Reader<'_, N>,
        n: u64,
        found: &mut Vec<sse::Found>,
    ) -> Result<u64, Stop> {
        let data = match self {
            Self::Whole(content) => {
                let data = r.some_octets(&CHUNK_DATA, n, Bytes::copy_from_slice);
                content.put_slice(data);
                data
            }
            Self::Events(stream) => {
                let rest = r.rest();
                let have = usize::try_from(n).map_or(rest.len(), |n| n.min(rest.len()));
                let mut inner = r.within(&rest[..have], r.bit());
                let read = stream.read_all(&mut inner, found);
                r.skip(have);
                read?;
                &rest[..have]
            }
        };
        Ok(data.len() as u64)
    }
}

/// A chunk: its size line was read, its data are arriving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    size: u64,
    n_extension: u64,
    missing: u64,
}

impl Chunk {
    /// Reads the line with the size (RFC 9112 §7.1).
    ///
    /// # Errors
    /// [`Stop::Needs`] where the line has not ended yet, or the first breach.
    pub fn read<N: Notes>(r: &mut Reader<'_, N>, expect: &Expect) -> Result<Self, Stop> {
        let bit = r.bit();
        let (size, n_digits) = read_size(r)?;
        let n_extension = read_extension(r, expect.max_extensions).map_err(|stop| {
            // The shortest way on: the line ends here, and data and their end follow.
            stop.then_needs(if size == 0 { 2 } else { size.saturating_add(2) })
        })?;
        if size > expect.max_data {
            r.breach(Breach { rule: Rule::BodyTooBig, bit, bits: n_digits * 8 })?;
        }
        Ok(Self { size, n_extension, missing: size })
    }

    /// How many bytes of data it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether it is the last one: it is empty, and the trailer section follows.
    pub fn is_last(&self) -> bool {
        self.size == 0
    }

    /// How many bytes of data were not read yet.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Reads what there is of the data into `sink`.
    ///
    /// # Errors
    /// The breach that ended the reading.
    pub fn read_data<N: Notes>(
        &mut self,
        r: &mut Reader<'_, N>,
        sink: &mut Sink,
        found: &mut Vec<sse::Found>,
    ) -> Result<(), Stop> {
        self.missing -= sink.read(r, self.missing, found)?;
        Ok(())
    }

    /// Reads what follows the data: the line end or, behind the last chunk, the trailer section.
    /// Trailers are read and passed over, as RFC 9110 §6.5.1 allows.
    ///
    /// # Errors
    /// [`Stop::Needs`] where it is not all there, or the first breach.
    pub fn read_end<N: Notes>(&self, r: &mut Reader<'_, N>) -> Result<(), Stop> {
        if self.is_last() {
            // A reader of its own: the section is bounded from its own beginning.
            let mut section = r.within(r.rest(), r.bit());
            let trailers = http::read_headers(&mut section);
            let n = section.consumed();
            r.skip(n);
            return trailers.map(|_| ());
        }
        let wrong = r.rest().iter().zip(b"\r\n").position(|(byte, end)| byte != end);
        if let Some(idx) = wrong {
            let bit = r.bit() + idx as u64 * 8;
            r.breach(Breach { rule: Rule::ChunkEnd, bit, bits: 8 })?;
            // Past a breach there is no way to tell where the next chunk begins.
            return Err(Stop::Needs(0));
        }
        r.octets(&CHUNK_END, 2).map(|_| ())
    }
}

/// Reads a whole body of a known length, or what there is of it.
///
/// # Errors
/// [`Stop::Needs`] where it is not all there.
pub fn read<N: Notes>(r: &mut Reader<'_, N>, len: u64) -> Result<(), Stop> {
    r.octets(&BODY, len).map(|_| ())
}

/// Reads a chunk from its size line to its end.
///
/// # Errors
/// [`Stop::Needs`] where it is not all there, or the first breach.
pub fn read_chunk<N: Notes>(r: &mut Reader<'_, N>, expect: &Expect) -> Result<Expect, Stop> {
    let mut chunk = Chunk::read(r, expect)?;
    let mut sink = Sink::new(expect.content);
    chunk.read_data(r, &mut sink, &mut Vec::new())?;
    if chunk.missing > 0 {
        return Err(Stop::Needs(chunk.missing.saturating_add(2)));
    }
    chunk.read_end(r)?;
    Ok(expect.after(&chunk, &sink))
}

/// The chunk that carries `data`; nothing where there are none, for an empty chunk ends the body.
pub fn write_chunk(data: &[u8]) -> Bytes {
    if data.is_empty() {
        return Bytes::new();
    }
    let mut out = BytesMut::with_capacity(data.len() + MAX_SIZE_DIGITS + 4);
    out.put_slice(format!("{:x}\r\n", data.len()).as_bytes());
    out.put_slice(data);
    out.put_slice(b"\r\n");
    out.freeze()
}

/// The last chunk, with an empty trailer section.
pub fn write_last_chunk() -> Bytes {
    Bytes::from_static(b"0\r\n\r\n")
}

/// Reads the digits of a size; gives their number, too.
fn read_size<N: Notes>(r: &mut Reader<'_, N>) -> Result<(u64, u64), Stop> {
    let rest = r.rest();
    let found = rest.iter().position(|byte| !byte.is_ascii_hexdigit());
    let n = found.unwrap_or(rest.len());
    let digits = match n {
        0 => &[],
        n => r.octets(&CHUNK_SIZE, n.min(MAX_SIZE_DIGITS) as u64)?,
    };
    if n > MAX_SIZE_DIGITS || found == Some(0) {
        let bit = r.bit();
        r.breach(Breach { rule: Rule::ChunkSize, bit, bits: 8 })?;
        return Err(Stop::Needs(0));
    }
    let value = |digit: &u8| char::from(*digit).to_digit(16).map_or(0, u64::from);
    let size = digits.iter().fold(0, |size: u64, digit| size << 4 | value(digit));
    if found.is_none() {
        // The shortest end of a body, or of a chunk of this size: more digits make it longer.
        let digit = u64::from(n == 0);
        let data = if size == 0 { 2 } else { size.saturating_add(2) };
        return Err(Stop::Needs((digit + 2).saturating_add(data)));
    }
    Ok((size, n as u64))
}

/// Reads the extensions and the end of the line; gives how long the extensions are.
fn read_extension<N: Notes>(r: &mut Reader<'_, N>, max: u64) -> Result<u64, Stop> {
    let rest = r.rest();
    let mut opened = false;
    let mut stopped = None;
    for (idx, byte) in rest.iter().enumerate() {
        let rule = match byte {
            b'\r' if opened || idx == 0 => None,
            b'\n' => Some(Rule::ChunkLineEnd),
            _ if idx as u64 >= max => Some(Rule::ChunkExtensionsTooBig),
            b' ' | b'\t' => continue,
            b';' => {
                opened = true;
                continue;
            }
            byte if opened && !byte.is_ascii_control() => continue,
            _ => Some(Rule::ChunkExtension),
        };
        stopped = Some((idx, rule));
        break;
    }
    let n = stopped.map_or(rest.len(), |(idx, _)| idx) as u64;
    if n > 0 {
        r.octets(&CHUNK_EXTENSION, n)?;
    }
    match stopped {
        None => return Err(Stop::Needs(2)),
        Some((_, None)) => {}
        Some((_, Some(rule))) => {
            let bit = r.bit();
            r.breach(Breach { rule, bit, bits: 8 })?;
            return Err(Stop::Needs(0));
        }
    }
    if r.rest().get(1).is_some_and(|byte| *byte != b'\n') {
        let bit = r.bit();
        r.breach(Breach { rule: Rule::ChunkLineEnd, bit, bits: 8 })?;
        return Err(Stop::Needs(0));
    }
    r.octets(&http::SEPARATOR, 2)?;
    Ok(n)
}
