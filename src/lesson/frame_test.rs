//! Tests of a frame's header: what goals ask of it.

use crate::wire::unit::Dissection;
use serde::{Deserialize, Serialize};

/// What is tested of a frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameTest {
    /// FIN is this.
    Fin(u8),
    /// RSV1 is this.
    Rsv1(u8),
    /// RSV2 is this.
    Rsv2(u8),
    /// RSV3 is this.
    Rsv3(u8),
    /// The opcode is this.
    Opcode(u8),
    /// MASK is this.
    Mask(u8),
    /// The payload length is this.
    Length(u64),
    /// The header has so many bytes.
    HeaderBytes(u64),
    /// The length is written in so many bits: 7, 16 or 64.
    LengthBits(u8),
    /// The masking key is this, its four bytes read as one number in network order.
    Key(u32),
}

impl FrameTest {
    pub(super) fn holds(self, found: &Dissection) -> bool {
        let (field, wanted) = match self {
            Self::Fin(bit) => ("fin", u64::from(bit)),
            Self::Rsv1(bit) => ("rsv1", u64::from(bit)),
            Self::Rsv2(bit) => ("rsv2", u64::from(bit)),
            Self::Rsv3(bit) => ("rsv3", u64::from(bit)),
            Self::Opcode(opcode) => ("opcode", u64::from(opcode)),
            Self::Mask(bit) => ("mask", u64::from(bit)),
            Self::Key(key) => ("masking_key", u64::from(key)),
            Self::HeaderBytes(n) => {
                return found.header.is_some_and(|header| header.size() as u64 == n);
            }
            Self::LengthBits(n) => {
                return found.header.is_some_and(|header| header.length.bits() == n);
            }
            Self::Length(len) => {
                let extended = number(found, "extended_payload_len");
                return extended.or_else(|| number(found, "payload_len")) == Some(len);
            }
        };
        number(found, field) == Some(wanted)
    }
}

/// The number in a field, where it is there.
pub(super) fn number(found: &Dissection, field: &str) -> Option<u64> {
    found.field(field)?.number()
}
