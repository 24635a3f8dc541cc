//! What kind of field a stretch of bits is: what views tell apart.

use crate::wire::body::{self, BODY};
use crate::wire::close::{CLOSE_CODE, CLOSE_REASON};
use crate::wire::http::{self, HEADER_NAME, HEADER_VALUE, SEPARATOR};
use crate::wire::sse;
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
    /// The size of a chunk of a body.
    ChunkSize,
    /// The name of a field of an event.
    EventField,
    /// What a field of an event says.
    EventValue,
    /// What readers pass over: extensions of chunks, comments in event streams.
    Ignored,
    /// Anything else.
    Other,
}

static KINDS: [(&Spec, Kind); 32] = [
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
    (&body::CHUNK_SIZE, Kind::ChunkSize),
    (&body::CHUNK_EXTENSION, Kind::Ignored),
    (&body::CHUNK_DATA, Kind::Body),
    (&body::CHUNK_END, Kind::Separator),
    (&sse::BOM, Kind::Ignored),
    (&sse::FIELD_NAME, Kind::EventField),
    (&sse::FIELD_VALUE, Kind::EventValue),
    (&sse::COMMENT, Kind::Ignored),
    (&sse::EVENT_SEPARATOR, Kind::Separator),
    (&sse::EVENT_END, Kind::Separator),
];

impl Kind {
    /// Every kind, in the order in which fields come.
    pub const ALL: [Self; 20] = [
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
        Self::ChunkSize,
        Self::EventField,
        Self::EventValue,
        Self::Ignored,
        Self::Other,
    ];

    /// The kind of `field`.
    pub fn of(field: &Field) -> Self {
        let found = KINDS.iter().find(|(spec, _)| *spec == field.spec);
        found.map_or(Self::Other, |(_, kind)| *kind)
    }
}
