//! Edits: what somebody outside the world changes in it.
//!
//! **Invariant:** an edit is a move like any other; each says for whom it stands in.

use super::fault::Fault;
use super::record::LinkIdx;
use super::scenario::{Host, Network, Wish};
use crate::wire::Side;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A change made from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// A segment in flight is lost.
    Lose(Target),
    /// A segment in flight arrives so many milliseconds later.
    Delay(Target, u64),
    /// A segment in flight is cut in two behind so many of its bytes.
    Cut(Target, usize),
    /// A connection is reset: both ends are told.
    Reset(LinkIdx),
    /// A connection goes silent: nothing gets through, and neither end is told.
    Silence(LinkIdx),
    /// A connection that went silent gets through again.
    Heal(LinkIdx),
    /// The network is another one from here on.
    Network(Network),
    /// A host does something wrong from here on.
    Misbehave(Host, Fault),
    /// A host does nothing wrong any more.
    Behave(Host),
    /// Somebody at a host does something.
    Do(Host, Wish),
    /// A host sends messages in fragments of at most so many bytes from here on; whole with 0.
    Fragment(Host, usize),
    /// Polling clients ask this often from here on, in milliseconds.
    PollEvery(u64),
}

/// A segment in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The connection.
    pub link: LinkIdx,
    /// Who sent it.
    pub from: Side,
    /// Its number in the flow.
    pub n: u64,
}

/// What of the world an edit changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Bytes on their way.
    Bytes,
    /// A segment of TCP.
    Segment,
    /// A TCP connection.
    Connection,
    /// The network.
    Network,
    /// A peer's implementation of the protocol.
    Peer,
    /// The application, or its user.
    Application,
}

impl Layer {
    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Segment => "TCP segment",
            Self::Connection => "TCP connection",
            Self::Network => "network",
            Self::Peer => "peer",
            Self::Application => "application",
        }
    }
}

impl Edit {
    /// What of the world it changes.
    pub fn layer(&self) -> Layer {
        match self {
            Self::Patch { .. } => Layer::Bytes,
            Self::Lose(_) | Self::Delay(..) | Self::Cut(..) => Layer::Segment,
            Self::Reset(_) | Self::Silence(_) | Self::Heal(_) => Layer::Connection,
            Self::Network(_) => Layer::Network,
            Self::Misbehave(..) | Self::Behave(_) => Layer::Peer,
            Self::Do(..) | Self::Fragment(..) | Self::PollEvery(_) => Layer::Application,
        }
    }

    /// For whose doing the edit stands in.
    pub fn culprit(&self) -> &'static str {
        match self {
            Self::Patch { .. } => {
                "An edit stands for a faulty sender or a middlebox: TCP lets no flipped bit pass."
            }
            Self::Lose(_) => {
                "Stands for a full queue or a bad line. TCP sends the segment again, and keeps back \
                 what comes behind it: to the application a loss is a delay."
            }
            Self::Delay(..) => {
                "Stands for a queue on the path. What comes behind it waits: TCP keeps the order."
            }
            Self::Cut(..) => {
                "Stands for TCP itself: where a segment ends means nothing to who reads the stream."
            }
            Self::Reset(_) => {
                "Stands for a host that crashed and came back, a firewall, or a proxy that restarts."
            }
            Self::Silence(_) => {
                "Stands for a pulled cable or a middlebox that forgot the connection: nobody is told, \
                 and who does not send does not notice."
            }
            Self::Heal(_) => "Stands for the cable plugged in again: TCP sends what was not heard.",
            Self::Network(_) => "Stands for another network: a train, a tunnel, a hotel.",
            Self::Misbehave(..) => {
                "Stands for a faulty implementation. Its own state is what it believes; the other end \
                 reacts as a conforming one must."
            }
            Self::Behave(_) => "Stands for the fault mended.",
            Self::Do(..) => "Stands for a person, or the application, at that host.",
            Self::Fragment(..) => {
                "Stands for an application that streams its messages: RFC 6455 §5.4 lets any sender \
                 cut them into fragments."
            }
            Self::PollEvery(_) => "Stands for another setting in the clients' program.",
        }
    }
}
