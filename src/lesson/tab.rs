//! The tabs of the inspector, which a lesson can name.

use serde::{Deserialize, Serialize};

/// A tab of the inspector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tab {
    /// The bits of the unit.
    #[default]
    Frame,
    /// How its payload is unmasked.
    Mask,
    /// What its reader knows after each byte.
    Bytes,
    /// What two readers make of the frames, however they are cut.
    Cuts,
    /// How the opening handshake's Accept is made.
    Handshake,
    /// What each end is doing.
    States,
    /// What the page's script sees, against what is on the wire.
    Script,
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
    pub const ALL: [Self; 11] = [
        Self::Frame,
        Self::Mask,
        Self::Bytes,
        Self::Cuts,
        Self::Handshake,
        Self::States,
        Self::Script,
        Self::Events,
        Self::Why,
        Self::Seen,
        Self::Bench,
    ];

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Frame => "Frame",
            Self::Mask => "Mask",
            Self::Bytes => "Byte by byte",
            Self::Cuts => "Cuts",
            Self::Handshake => "Handshake",
            Self::States => "States",
            Self::Script => "Script",
            Self::Events => "Events",
            Self::Why => "Why?",
            Self::Seen => "Who saw",
            Self::Bench => "Build",
        }
    }
}
