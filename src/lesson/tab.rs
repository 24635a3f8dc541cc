//! The tabs of the inspector, which a lesson can name.

use serde::{Deserialize, Serialize};

/// A tab of the inspector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tab {
    /// The bits of the unit.
    #[default]
    Frame,
    /// What its reader knows after each byte.
    Bytes,
    /// How the opening handshake's Accept is made.
    Handshake,
    /// What each end is doing.
    States,
    /// Everything that happens, as a list.
    Events,
    /// Why something happened, or did not.
    Why,
    /// Who saw what, and when.
    Seen,
    /// Bytes that are written by hand, and what a real end does with them.
    Bench,
}

impl Tab {
    /// Every tab.
    pub const ALL: [Self; 8] = [
        Self::Frame,
        Self::Bytes,
        Self::Handshake,
        Self::States,
        Self::Events,
        Self::Why,
        Self::Seen,
        Self::Bench,
    ];

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Frame => "Frame",
            Self::Bytes => "Byte by byte",
            Self::Handshake => "Handshake",
            Self::States => "States",
            Self::Events => "Events",
            Self::Why => "Why?",
            Self::Seen => "Who saw",
            Self::Bench => "Build",
        }
    }
}
