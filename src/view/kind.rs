//! What kind of field a stretch of bits is: what views tell apart.

use crate::wire::close::{CLOSE_CODE, CLOSE_REASON};
use crate::wire::http::{self, BODY, HEADER_NAME, HEADER_VALUE, SEPARATOR};
use crate::wire::ws::{self, EXTENDED_LEN, MASKING_KEY, OPCODE, PAYLOAD, PAYLOAD_LEN};
use crate::wire::{Field, Spec};

/// The kind of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Final fragment, RFC 6455 §5.2.
    Fin,
    /// Reserved bits 1 to 3.
    Rsv,
    /// What kind of frame it is.
    Opcode,
    /// Whether the payload is masked.
    Mask,
    /// The 7 bits of the payload length.
    Length,
    /// The 16 or 64 bits that extend it.
    ExtendedLength,
    /// The four bytes that the payload is masked with.
    MaskingKey,
    /// What the frame carries.
    Payload,
    /// The status code of a Close.
    CloseCode,
    /// The words of a Close.
    CloseReason,
    /// The request or status line of an HTTP head.
    StartLine,
    /// The name of a header line.
    HeaderName,
    /// The value of a header line.
    HeaderValue,
    /// Colons, blanks and line ends; the blank line.
    Separator,
    /// What follows an HTTP head.
    Body,
    /// Anything else.
    Other,
}

static KINDS: [(&Spec, Kind); 22] = [
    (&ws::FIN, Kind::Fin),
    (&ws::RSV1, Kind::Rsv),
    (&ws::RSV2, Kind::Rsv),
    (&ws::RSV3, Kind::Rsv),
    (&OPCODE, Kind::Opcode),
    (&ws::MASK, Kind::Mask),
    (&PAYLOAD_LEN, Kind::Length),
    (&EXTENDED_LEN, Kind::ExtendedLength),
    (&MASKING_KEY, Kind::MaskingKey),
    (&PAYLOAD, Kind::Payload),
    (&CLOSE_CODE, Kind::CloseCode),
    (&CLOSE_REASON, Kind::CloseReason),
    (&http::METHOD, Kind::StartLine),
    (&http::TARGET, Kind::StartLine),
    (&http::VERSION, Kind::StartLine),
    (&http::STATUS, Kind::StartLine),
    (&http::REASON, Kind::StartLine),
    (&HEADER_NAME, Kind::HeaderName),
    (&HEADER_VALUE, Kind::HeaderValue),
    (&SEPARATOR, Kind::Separator),
    (&http::BLANK_LINE, Kind::Separator),
    (&BODY, Kind::Body),
];

impl Kind {
    /// Every kind, in the order in which fields come.
    pub const ALL: [Self; 16] = [
        Self::Fin,
        Self::Rsv,
        Self::Opcode,
        Self::Mask,
        Self::Length,
        Self::ExtendedLength,
        Self::MaskingKey,
        Self::Payload,
        Self::CloseCode,
        Self::CloseReason,
        Self::StartLine,
        Self::HeaderName,
        Self::HeaderValue,
        Self::Separator,
        Self::Body,
        Self::Other,
    ];

    /// The kind of `field`.
    pub fn of(field: &Field) -> Self {
        let found = KINDS.iter().find(|(spec, _)| *spec == field.spec);
        found.map_or(Self::Other, |(_, kind)| *kind)
    }
}
