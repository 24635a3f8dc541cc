//! Edits: what somebody outside the world changes in it.
//!
//! **Invariant:** an edit is a move like any other; each says for whom it stands in.

use super::record::LinkIdx;
use crate::wire::Side;
use bytes::Bytes;

/// A change made from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Bytes in flight are replaced.
    Patch {
        /// The connection.
        link: LinkIdx,
        /// Who sent the bytes.
        from: Side,
        /// The first byte, counted from the start of the flow.
        start: u64,
        /// What is there instead; the number of bytes stays the same.
        bytes: Bytes,
    },
    /// Polling clients ask this often from here on, in milliseconds.
    PollEvery(u64),
}

impl Edit {
    /// For whose doing the edit stands in.
    pub fn culprit(&self) -> &'static str {
        match self {
            Self::Patch { .. } => {
                "An edit stands for a faulty sender or a middlebox: TCP lets no flipped bit pass."
            }
            Self::PollEvery(_) => "Stands for another setting in the clients' program.",
        }
    }
}
