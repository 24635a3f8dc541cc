//! The payload of a Close frame: a code and a reason (RFC 6455 §5.5.1, §7.4).

use super::rule::Rule;
use super::{Breach, Notes, Reader, Spec, Stop};
use bytes::{BufMut, BytesMut};
use std::fmt;

/// The status code of a Close frame.
pub static CLOSE_CODE: Spec =
    Spec { name: "close_code", label: "close code", cite: "RFC 6455 §7.4" };
/// The reason text of a Close frame.
pub static CLOSE_REASON: Spec =
    Spec { name: "close_reason", label: "reason", cite: "RFC 6455 §5.5.1" };

/// Every field that the payload of a Close can have.
pub static SPECS: &[&Spec] = &[&CLOSE_CODE, &CLOSE_REASON];

/// What a Close frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The code, 0 to 65535.
    pub code: u16,
    /// The reason, at most 123 bytes of UTF-8.
    pub reason: String,
}

impl Close {
    /// A Close with a code and a reason.
    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }

    /// The payload that says it.
    pub fn to_payload(&self) -> BytesMut {
        let mut payload = BytesMut::with_capacity(2 + self.reason.len());
        payload.put_u16(self.code);
        payload.put_slice(self.reason.as_bytes());
        payload
    }
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if self.reason.is_empty() { Ok(()) } else { write!(f, " {}", self.reason) }
    }
}

/// Whether a code may be sent in a Close frame (RFC 6455 §7.4.1, §7.4.2; 1012 to 1014 are
/// registered with IANA).
pub fn sendable(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// What a code is called.
pub fn name(code: u16) -> &'static str {
    match code {
        1000 => "normal closure",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "unsupported data",
        1005 => "no code was sent",
        1006 => "abnormal closure",
        1007 => "invalid payload data",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "mandatory extension",
        1011 => "internal error",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        1015 => "TLS handshake failed",
        3000..=3999 => "registered for libraries",
        4000..=4999 => "private use",
        _ => "reserved",
    }
}

/// Reads an unmasked Close payload of `len` bytes; `None` where it is empty.
///
/// # Errors
/// What is missing, or a breach where it is one byte long, the code may not be sent or the
/// reason is not UTF-8.
pub fn read<N: Notes>(r: &mut Reader<'_, N>, len: u64) -> Result<Option<Close>, Stop> {
    if len == 0 {
        return Ok(None);
    }
    if len == 1 {
        r.octets(&CLOSE_CODE, 1)?;
        // RFC 6455 §5.5.1: "If there is a body, the first two bytes of the body MUST be a
        // 2-byte unsigned integer".
        r.require(false, Rule::CloseOneByte)?;
        return Ok(None);
    }
    let code = r.bits(&CLOSE_CODE, 16).map_err(|stop| stop.then_needs(len - 2))?;
    let code = u16::try_from(code).expect("sixteen bits");
    r.require(sendable(code), Rule::CloseCode)?;
    let bit = r.bit();
    let reason = r.octets(&CLOSE_REASON, len - 2)?;
    if let Err(error) = std::str::from_utf8(reason) {
        let bit = bit + error.valid_up_to() as u64 * 8;
        r.breach(Breach { rule: Rule::ReasonNotUtf8, bit, bits: 8 })?;
    }
    Ok(Some(Close { code, reason: String::from_utf8_lossy(reason).into_owned() }))
}
