//! Messages: what applications say to each other, whole.

use crate::wire::buffer::Buffer;
use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};

/// Whether a message is text or bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// Any bytes.
    Binary,
}

impl Kind {
    /// The kind in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }
}

/// A message, or a fragment of one that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Text or bytes.
    pub kind: Kind,
    /// What it says.
    pub data: Bytes,
}

impl Message {
    /// A text message.
    pub fn text(text: impl Into<String>) -> Self {
        Self { kind: Kind::Text, data: Bytes::from(text.into()) }
    }

    /// A binary message.
    pub fn binary(data: impl Into<Bytes>) -> Self {
        Self { kind: Kind::Binary, data: data.into() }
    }

    /// The message that these fragments make; empty text where there are none.
    pub fn joined(parts: &[Self]) -> Self {
        let kind = parts.first().map_or(Kind::Text, |part| part.kind);
        let data: BytesMut = parts.iter().flat_map(|part| part.data.iter().copied()).collect();
        Self { kind, data: data.freeze() }
    }
}

/// A message on its way in, fragment by fragment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Assembly {
    data: Buffer,
}

impl Assembly {
    pub(super) fn len(&self) -> u64 {
        self.data.len() as u64
    }

    /// Where the next bytes of the message go.
    pub(super) fn data(&mut self) -> &mut Buffer {
        &mut self.data
    }

    /// Takes off what was put behind the first `len` bytes: the payload of a control frame.
    pub(super) fn split_off(&mut self, len: u64) -> Bytes {
        let len = usize::try_from(len).expect("it was a length of what is in memory");
        if len == 0 {
            return self.data.take();
        }
        let tail = Bytes::copy_from_slice(&self.data[len..]);
        self.data.truncate(len);
        tail
    }

    /// Gives back the memory that nothing lies in.
    pub(super) fn rest(&mut self) {
        if self.data.is_empty() {
            self.data = Buffer::new();
        }
    }

    #[expect(clippy::inline_always, reason = "four words go where they stay, not through memory")]
    #[inline(always)]
    pub(super) fn finish(&mut self, kind: Kind) -> Message {
        Message { kind, data: self.data.take() }
    }
}
