//! HTTP/1.1 heads, read and written (RFC 9110, RFC 9112).
//!
//! **Invariant:** a head that was read and has no needless white space is written back to the
//! same bytes.

use super::rule::Rule;
use super::{Breach, Notes, Reader, Spec, Stop};
use bytes::{BufMut, Bytes, BytesMut};
use std::fmt;

macro_rules! specs {
    ($($id:ident $name:literal $label:literal $cite:literal $doc:literal;)*) => {
        $(#[doc = $doc]
        pub static $id: Spec = Spec { name: $name, label: $label, cite: $cite };)*

        /// Every field that an HTTP head can have.
        pub static SPECS: &[&Spec] = &[$(&$id,)*];
    };
}

specs! {
    METHOD "method" "method" "RFC 9112 §3.1" "What the client wants done.";
    TARGET "target" "request target" "RFC 9112 §3.2" "What it should be done to.";
    VERSION "http_version" "HTTP version" "RFC 9112 §2.3" "The version of the protocol.";
    STATUS "status" "status code" "RFC 9112 §4" "How the request went.";
    REASON "reason_phrase" "reason phrase" "RFC 9112 §4" "The status in words.";
    HEADER_NAME "header_name" "header name" "RFC 9112 §5" "What a header line is about.";
    HEADER_VALUE "header_value" "header value" "RFC 9112 §5" "What a header line says.";
    SEPARATOR "separator" "separator" "RFC 9112 §2.2" "Spaces, colons and line ends.";
    BLANK_LINE "blank_line" "blank line" "RFC 9112 §2.1" "The empty line that ends the head.";
}

/// The largest head that is read, in bytes.
pub const MAX_HEAD: usize = 16 * 1024;

/// The white space that may stand around a value (RFC 9110 §5.6.3); no other is passed over.
pub(super) const BLANKS: [char; 2] = [' ', '\t'];

/// One header line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLine {
    /// The name as it was written; compare it without regard to case.
    pub name: String,
    /// The value without the white space around it.
    pub value: String,
}

/// Header lines in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<HeaderLine>);

impl Headers {
    /// Appends a line.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push(HeaderLine { name: name.to_owned(), value: value.into() });
    }

    /// The values of every line of this name, in any case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |line| line.name.eq_ignore_ascii_case(name))
            .map(|line| line.value.as_str())
    }

    /// The value of the only line of this name; `None` where there is none or more than one.
    pub fn only<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let mut values = self.all(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// The comma-separated elements of every line of this name (RFC 9110 §5.6.1).
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name)
            .flat_map(|value| value.split(','))
            .map(|element| element.trim_matches(BLANKS))
            .filter(|element| !element.is_empty())
    }

    /// Whether a list header contains `token`, in any case.
    pub fn lists(&self, name: &str, token: &str) -> bool {
        self.list(name).any(|element| element.eq_ignore_ascii_case(token))
    }
}

/// The head of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Such as `GET`.
    pub method: String,
    /// Such as `/chat`.
    pub target: String,
    /// The minor version of HTTP/1.
    pub minor: u8,
    /// The header lines.
    pub headers: Headers,
}

/// The head of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The minor version of HTTP/1.
    pub minor: u8,
    /// Such as 101.
    pub status: u16,
    /// Such as `Switching Protocols`.
    pub reason: String,
    /// The header lines.
    pub headers: Headers,
}

impl Request {
    /// A request of HTTP/1.1 without headers.
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            minor: 1,
            headers: Headers::default(),
        }
    }

    /// Adds a header line.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The bytes of the head.
    pub fn to_bytes(&self) -> Bytes {
        write_head(
            format_args!("{} {} HTTP/1.{}", self.method, self.target, self.minor),
            &self.headers,
        )
    }

    /// Reads the head of a request.
    ///
    /// # Errors
    /// [`Stop::Needs`] where the head has not ended yet, or the first breach.
    pub fn read<N: Notes>(r: &mut Reader<'_, N>) -> Result<Self, Stop> {
        let method = text(&read_until(r, &METHOD, b' ')?);
        let token = !method.is_empty() && method.bytes().all(is_token);
        r.require(token, Rule::StartLine)?;
        r.octets(&SEPARATOR, 1)?;
        let target = text(&read_until(r, &TARGET, b' ')?);
        r.require(!target.is_empty(), Rule::StartLine)?;
        r.octets(&SEPARATOR, 1)?;
        let version = read_until(r, &VERSION, b'\r')?;
        let minor = read_version(r, &version)?;
        read_line_end(r, &SEPARATOR)?;
        Ok(Self { method, target, minor, headers: read_headers(r)? })
    }
}

impl Response {
    /// A response of HTTP/1.1 without headers.
    pub fn new(status: u16) -> Self {
        let reason = reason_phrase(status).to_owned();
        Self { minor: 1, status, reason, headers: Headers::default() }
    }

    /// Adds a header line.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The bytes of the head.
    pub fn to_bytes(&self) -> Bytes {
        write_head(
            format_args!("HTTP/1.{} {} {}", self.minor, self.status, self.reason),
            &self.headers,
        )
    }

    /// Reads the head of a response.
    ///
    /// # Errors
    /// [`Stop::Needs`] where the head has not ended yet, or the first breach.
    pub fn read<N: Notes>(r: &mut Reader<'_, N>) -> Result<Self, Stop> {
        let version = read_until(r, &VERSION, b' ')?;
        let minor = read_version(r, &version)?;
        r.octets(&SEPARATOR, 1)?;
        let digits = r.octets(&STATUS, 3)?;
        let status = std::str::from_utf8(digits).ok().and_then(|s| s.parse().ok());
        r.require(status.is_some_and(|status: u16| status >= 100), Rule::StartLine)?;
        let mut reason = String::new();
        if r.rest().first() == Some(&b' ') {
            r.octets(&SEPARATOR, 1)?;
            reason = text(&read_until(r, &REASON, b'\r')?);
        }
        read_line_end(r, &SEPARATOR)?;
        Ok(Self { minor, status: status.unwrap_or_default(), reason, headers: read_headers(r)? })
    }
}

/// What a status code is called (RFC 9110 §15); empty where it has no name here.
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        426 => "Upgrade Required",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

fn write_head(start: fmt::Arguments<'_>, headers: &Headers) -> Bytes {
    let mut out = BytesMut::new();
    out.put_slice(start.to_string().as_bytes());
    out.put_slice(b"\r\n");
    for line in &headers.0 {
        out.put_slice(line.name.as_bytes());
        out.put_slice(b": ");
        out.put_slice(line.value.as_bytes());
        out.put_slice(b"\r\n");
    }
    out.put_slice(b"\r\n");
    out.freeze()
}

pub(super) fn read_headers<N: Notes>(r: &mut Reader<'_, N>) -> Result<Headers, Stop> {
    let mut headers = Headers::default();
    loop {
        match r.rest() {
            [b'\r', ..] => {
                read_line_end(r, &BLANK_LINE)?;
                return Ok(headers);
            }
            [] => return Err(Stop::Needs(2)),
            _ => {}
        }
        let name = text(&read_until(r, &HEADER_NAME, b':')?);
        // RFC 9112 §5.1: "No whitespace is allowed between the field name and colon."
        r.require(!name.is_empty() && name.bytes().all(is_token), Rule::HeaderLine)?;
        let rest = r.rest();
        let gap = 1 + rest[1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        r.octets(&SEPARATOR, gap as u64)?;
        let raw = read_until(r, &HEADER_VALUE, b'\r')?;
        let clean = raw.iter().all(|byte| *byte == b'\t' || *byte >= b' ' && *byte != 0x7f);
        r.require(clean, Rule::HeaderLine)?;
        read_line_end(r, &SEPARATOR)?;
        headers.0.push(HeaderLine { name, value: text(&raw).trim_end_matches(BLANKS).to_owned() });
    }
}

/// Reads up to, not with, `end`; the line must not end before.
fn read_until<N: Notes>(
    r: &mut Reader<'_, N>,
    spec: &'static Spec,
    end: u8,
) -> Result<Vec<u8>, Stop> {
    let rest = r.rest();
    let found = rest.iter().position(|byte| *byte == end || matches!(byte, b'\r' | b'\n'));
    let n = found.unwrap_or(rest.len());
    let read = r.octets(spec, n as u64)?.to_vec();
    if r.consumed() > MAX_HEAD {
        // The first byte too many is to blame, however many have come at once.
        let bit = r.bit() - (r.consumed() - MAX_HEAD) as u64 * 8;
        r.breach(Breach { rule: Rule::HeadTooBig, bit, bits: 8 })?;
        return Err(Stop::Needs(1));
    }
    let Some(found) = found else { return Err(Stop::Needs(if end == b'\r' { 2 } else { 1 })) };
    if rest[found] != end {
        let (bit, bits) = (r.bit(), 8);
        let rule = match (rest[found], end) {
            (b'\n', _) => Rule::LineEnd,
            (_, b':') => Rule::HeaderLine,
            _ => Rule::StartLine,
        };
        r.breach(Breach { rule, bit, bits })?;
        // Past a breach there is no way to tell where the head goes on.
        return Err(Stop::Needs(0));
    }
    Ok(read)
}

fn read_line_end<N: Notes>(r: &mut Reader<'_, N>, spec: &'static Spec) -> Result<(), Stop> {
    let rest = r.rest();
    let lone = rest.get(1).is_some_and(|byte| *byte != b'\n');
    if lone {
        let bit = r.bit();
        r.breach(Breach { rule: Rule::LineEnd, bit, bits: 8 })?;
        return Err(Stop::Needs(0));
    }
    r.octets(spec, 2).map(|_| ())
}

fn read_version<N: Notes>(r: &mut Reader<'_, N>, version: &[u8]) -> Result<u8, Stop> {
    let minor = match version {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor @ b'0'..=b'9'] => Some(minor - b'0'),
        _ => None,
    };
    r.require(minor.is_some(), Rule::StartLine)?;
    Ok(minor.unwrap_or_default())
}

pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Header text; bytes outside UTF-8 are shown as replacement characters.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
