//! HTTP/1.1 heads, read and written (RFC 9110, RFC 9112).
//!
//! **Invariant:** a head that was read and has no needless white space is written back to the
//! same bytes.

pub use super::headers::Headers;
use super::headers::{Line, Spacing};
use super::rule::Rule;
use super::{Breach, Notes, Reader, Spec, Stop};
use bytes::Bytes;
use std::borrow::Cow;

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

/// The head of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Such as `GET`.
    pub method: Cow<'static, str>,
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
    pub reason: Cow<'static, str>,
    /// The header lines.
    pub headers: Headers,
}

impl Request {
    /// A request of HTTP/1.1 without headers.
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned().into(),
            target: target.to_owned(),
            minor: 1,
            headers: Headers::default(),
        }
    }

    /// Adds a header line.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The bytes of the head.
    pub fn to_bytes(&self) -> Bytes {
        let (method, target) = (self.method.as_bytes(), self.target.as_bytes());
        let minor = Decimal::of(self.minor.into());
        self.headers.behind(&[method, b" ", target, b" HTTP/1.", minor.digits()]).into()
    }

    /// Reads the head of a request.
    ///
    /// # Errors
    /// [`Stop::Needs`] where the head has not ended yet, or the first breach.
    pub fn read<N: Notes>(r: &mut Reader<'_, N>) -> Result<Self, Stop> {
        let method = match read_until(r, &METHOD, b' ')? {
            b"GET" => "GET".into(),
            method => Cow::Owned(text(method)),
        };
        let token = !method.is_empty() && method.bytes().all(is_token);
        r.require(token, Rule::StartLine)?;
        r.octets(&SEPARATOR, 1)?;
        let target = read_until(r, &TARGET, b' ')?;
        // RFC 9112 §3.2: a target is a URI or a part of one: RFC 3986 §2 has visible ASCII alone.
        let visible = !target.is_empty() && target.iter().all(u8::is_ascii_graphic);
        r.require(visible, Rule::StartLine)?;
        let target = text(target);
        r.octets(&SEPARATOR, 1)?;
        let version = read_until(r, &VERSION, b'\r')?;
        let minor = read_version(r, version)?;
        read_line_end(r, &SEPARATOR)?;
        Ok(Self { method, target, minor, headers: read_headers(r)? })
    }
}

impl Response {
    /// A response of HTTP/1.1 without headers.
    pub fn new(status: u16) -> Self {
        let reason = reason_phrase(status).into();
        Self { minor: 1, status, reason, headers: Headers::default() }
    }

    /// Adds a header line.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The bytes of the head.
    pub fn to_bytes(&self) -> Bytes {
        let (minor, status) = (Decimal::of(self.minor.into()), Decimal::of(self.status));
        let start = [b"HTTP/1.", minor.digits(), b" ", status.digits(), b" "];
        let [version, minor, gap, status, space] = start;
        self.headers.behind(&[version, minor, gap, status, space, self.reason.as_bytes()]).into()
    }

    /// Reads the head of a response.
    ///
    /// # Errors
    /// [`Stop::Needs`] where the head has not ended yet, or the first breach.
    pub fn read<N: Notes>(r: &mut Reader<'_, N>) -> Result<Self, Stop> {
        let version = read_until(r, &VERSION, b' ')?;
        let minor = read_version(r, version)?;
        r.octets(&SEPARATOR, 1)?;
        let digits = r.octets(&STATUS, 3)?;
        let status = std::str::from_utf8(digits).ok().and_then(|s| s.parse().ok());
        r.require(status.is_some_and(|status: u16| status >= 100), Rule::StartLine)?;
        let reason = read_reason(r)?;
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

/// A number as people write it.
struct Decimal {
    room: [u8; 5],
    start: usize,
}

impl Decimal {
    fn of(mut n: u16) -> Self {
        let (mut room, mut start) = ([b'0'; 5], 5);
        loop {
            start -= 1;
            room[start] += u8::try_from(n % 10).expect("a digit");
            n /= 10;
            if n == 0 {
                return Self { room, start };
            }
        }
    }

    fn digits(&self) -> &[u8] {
        &self.room[self.start..]
    }
}

pub(super) fn read_headers<N: Notes>(r: &mut Reader<'_, N>) -> Result<Headers, Stop> {
    let (section, start) = (r.rest(), r.consumed());
    // Most heads have no more lines, so that there is one allocation.
    let mut lines = Vec::with_capacity(16);
    let mut spacing = Spacing::Plain;
    loop {
        match r.rest() {
            [b'\r', ..] => {
                let n = r.consumed() - start;
                read_line_end(r, &BLANK_LINE)?;
                return Ok(Headers::of_section(&section[..n], lines, spacing));
            }
            [] => return Err(Stop::Needs(2)),
            _ => {}
        }
        let name = (r.consumed() - start, read_name(r)?.len());
        let rest = r.rest();
        let gap = 1 + rest[1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        r.octets(&SEPARATOR, gap as u64)?;
        let value_start = r.consumed() - start;
        let value = read_value(r)?;
        if !rest.starts_with(b": ") || r.consumed() - start != value_start + value.len() {
            spacing = Spacing::Other;
        }
        read_line_end(r, &SEPARATOR)?;
        lines.push(Line::at(name, (value_start, value.len())));
    }
}

fn read_name<'a, N: Notes>(r: &mut Reader<'a, N>) -> Result<&'a [u8], Stop> {
    let rest = r.rest();
    let n_letters = n_letters(rest);
    let n_token = n_letters + rest[n_letters..].iter().take_while(|byte| is_token(**byte)).count();
    if n_token > 0 && rest.get(n_token) == Some(&b':') {
        return take_until(r, &HEADER_NAME, b':', Some(n_token));
    }
    let name = read_until(r, &HEADER_NAME, b':')?;
    // RFC 9112 §5.1: "No whitespace is allowed between the field name and colon."
    r.require(false, Rule::HeaderLine)?;
    Ok(name)
}

/// Reads a value up to the end of its line; the blanks behind it are no part of it.
fn read_value<'a, N: Notes>(r: &mut Reader<'a, N>) -> Result<&'a [u8], Stop> {
    let rest = r.rest();
    let n_clean = n_clean(rest);
    let raw = if rest.get(n_clean) == Some(&b'\r') {
        take_until(r, &HEADER_VALUE, b'\r', Some(n_clean))?
    } else {
        let found = memchr::memchr2(b'\r', b'\n', rest);
        let raw = take_until(r, &HEADER_VALUE, b'\r', found)?;
        r.require(raw.len() <= n_clean, Rule::HeaderLine)?;
        raw
    };
    let n_blank = raw.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    Ok(&raw[..raw.len() - n_blank])
}

/// Reads up to, not with, `end`; the line must not end before.
fn read_until<'a, N: Notes>(
    r: &mut Reader<'a, N>,
    spec: &'static Spec,
    end: u8,
) -> Result<&'a [u8], Stop> {
    let found = r.rest().iter().position(|byte| *byte == end || matches!(byte, b'\r' | b'\n'));
    take_until(r, spec, end, found)
}

/// Reads up to, not with, what was `found`: `end`, or the end of a line before it.
#[inline]
fn take_until<'a, N: Notes>(
    r: &mut Reader<'a, N>,
    spec: &'static Spec,
    end: u8,
    found: Option<usize>,
) -> Result<&'a [u8], Stop> {
    let rest = r.rest();
    let n = found.unwrap_or(rest.len());
    let read = r.octets(spec, n as u64)?;
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
    let wrong = |rest: &[u8]| rest.iter().zip(b"\r\n").any(|(byte, end)| byte != end);
    if !r.rest().starts_with(b"\r\n") && wrong(r.rest()) {
        let bit = r.bit();
        r.breach(Breach { rule: Rule::LineEnd, bit, bits: 8 })?;
        return Err(Stop::Needs(0));
    }
    r.octets(spec, 2).map(|_| ())
}

/// Reads what follows the status: a space and the phrase. The space alone may be missing here, as
/// it often is.
fn read_reason<N: Notes>(r: &mut Reader<'_, N>) -> Result<Cow<'static, str>, Stop> {
    match r.rest().first() {
        Some(b' ') => {}
        None | Some(b'\r' | b'\n') => return Ok(Cow::default()),
        Some(_) => {
            let bit = r.bit();
            r.breach(Breach { rule: Rule::StartLine, bit, bits: 8 })?;
            return Err(Stop::Needs(0));
        }
    }
    r.octets(&SEPARATOR, 1)?;
    let phrase = read_until(r, &REASON, b'\r')?;
    // RFC 9112 §4: "reason-phrase = 1*( HTAB / SP / VCHAR / obs-text )".
    r.require(n_clean(phrase) == phrase.len(), Rule::StartLine)?;
    Ok(text(phrase).into())
}

fn read_version<N: Notes>(r: &mut Reader<'_, N>, version: &[u8]) -> Result<u8, Stop> {
    let minor = match version {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor @ b'0'..=b'9'] => Some(minor - b'0'),
        _ => None,
    };
    r.require(minor.is_some(), Rule::StartLine)?;
    Ok(minor.unwrap_or_default())
}

/// Whether a byte may be part of a token (RFC 9110 §5.6.2).
pub(super) fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// [`is_token`] of every byte.
static TOKEN: [bool; 256] = {
    let mut token = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        token[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let signs = b"!#$%&'*+-.^_`|~";
    let mut idx = 0;
    while idx < signs.len() {
        token[signs[idx] as usize] = true;
        idx += 1;
    }
    token
};

/// One in each byte of a word.
const EACH: u64 = u64::from_le_bytes([1; 8]);

/// How many letters and hyphens a name surely begins with; more may follow.
fn n_letters(name: &[u8]) -> usize {
    let (words, _) = name.as_chunks();
    for (idx, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The top bit of each byte says it of that byte; the sums stay within their bytes.
        let low = (word | (EACH * 0x20)) & (EACH * 0x7f);
        let from_a = low + EACH * (0x80 - u64::from(b'a'));
        let beyond_z = low + EACH * (0x7f - u64::from(b'z'));
        let not_hyphen = ((word ^ (EACH * u64::from(b'-'))) & (EACH * 0x7f)) + EACH * 0x7f;
        let other = !(from_a & !beyond_z | !not_hyphen) | word;
        let found = other & (EACH * 0x80);
        if found != 0 {
            return idx * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    words.len() * 8
}

/// How many bytes come before the first control character that is no tab.
fn n_clean(text: &[u8]) -> usize {
    let (words, _) = text.as_chunks();
    for (idx, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The top bit of the first byte that is below a space, and of the first that is DEL, is
        // set; of others behind them it may be, because the subtraction borrows.
        let del = word ^ (EACH * 0x7f);
        let below = word.wrapping_sub(EACH * 0x20) & !word | del.wrapping_sub(EACH) & !del;
        let found = below & (EACH * 0x80);
        if found != 0 {
            let n = idx * 8 + found.trailing_zeros() as usize / 8;
            return if text[n] == b'\t' { n + n_clean_bytes(&text[n..]) } else { n };
        }
    }
    let n = words.len() * 8;
    n + n_clean_bytes(&text[n..])
}

/// [`n_clean`], byte by byte.
fn n_clean_bytes(text: &[u8]) -> usize {
    let wrong = |byte: &u8| *byte < b' ' && *byte != b'\t' || *byte == 0x7f;
    text.iter().position(wrong).unwrap_or(text.len())
}

/// Header text; bytes outside UTF-8 are shown as replacement characters.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_apart_at_every_place_of_a_word() {
        for byte in 0..=u8::MAX {
            for place in 0..20 {
                let mut text = [b'm'; 20];
                text[place] = byte;
                let letter = byte.is_ascii_alphabetic() || byte == b'-';
                assert!(n_letters(&text) >= if letter { 16 } else { place.min(16) });
                assert!(text[..n_letters(&text)].iter().all(|byte| is_token(*byte)), "{byte:#04x}");
                let clean = byte == b'\t' || !(byte < b' ' || byte == 0x7f);
                assert_eq!(n_clean(&text), if clean { 20 } else { place }, "{byte:#04x}");
                text[0] = b'\t';
                let n = if clean || place == 0 { 20 } else { place };
                assert_eq!(n_clean(&text), n, "{byte:#04x} behind a tab");
            }
        }
    }
}
