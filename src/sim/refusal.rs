//! Refusals: why a move cannot be made, and what would work.

use super::record::Segment;
use super::scenario::{Host, ScenarioFault};
use super::time::SimTime;

/// Why a move cannot be made; the world is unchanged then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is due.
    #[error("nothing more happens here: step back, or change something earlier")]
    Over,
    /// The moment of an edit is past, or things are due before it.
    #[error("the world stands at {now}; an edit at {at} is not possible")]
    NotAtThatTime {
        /// Where the world stands.
        now: SimTime,
        /// When the edit was to be.
        at: SimTime,
    },
    /// The bytes of a patch are not on the wire.
    #[error(
        "those bytes are not in flight: they have arrived or were not sent yet; go to a moment \
         between"
    )]
    NotInFlight,
    /// There is no such connection at this moment.
    #[error("that connection is not open now; go to a moment between its SYN and its end")]
    NoSuchConnection,
    /// A segment of this kind carries nothing that could be cut.
    #[error("{} carries no bytes that could be cut apart; take a segment of data", .0.name())]
    NothingToCut(Segment),
    /// Where a segment would be cut.
    #[error("the segment has {0} bytes: cut it behind the first 1 to {most}", most = .0 - 1)]
    CutOutside(usize),
    /// A connection that is as it should become.
    #[error("that connection is {0} already")]
    Already(&'static str),
    /// A host that is not there.
    #[error("there is no {0} in this world")]
    NoSuchHost(Host),
    /// A setting that makes no sense.
    #[error("{0}")]
    Setting(&'static str),
    /// A network that makes no sense.
    #[error("{}: {}", .0.place, .0.advice)]
    Network(ScenarioFault),
}
