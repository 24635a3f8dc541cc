//! Goals: what must be so for a task to be done, held against what really happened.

use super::place::Place;
use crate::run::Run;
use crate::sim::{Host, Mode};
use serde::{Deserialize, Serialize};

/// What a goal is held against.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The branch on which the learner is.
    pub run: &'a Run,
    /// How many of its moves the learner has seen.
    pub n_moves: usize,
    /// The predictions made so far.
    pub predictions: &'a [Prediction],
    /// The field that is selected, by its machine name.
    pub selected: Option<&'a str>,
}

/// A prediction that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prediction {
    /// Which question.
    pub id: String,
    /// Which choice, from 0.
    pub choice: usize,
    /// Whether it is what happens.
    pub right: bool,
}

/// What must be so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Goal {
    /// The client's end of its latest connection is in this state.
    ClientState(usize, PeerState),
    /// The server's end of this client's latest connection is in this state.
    ServerState(usize, PeerState),
    /// The host was handed this text.
    Delivered(Host, String),
    /// The host was not handed this text.
    NotDelivered(Host, String),
    /// The host wrote such a frame, or one was made so in flight.
    FrameWhere(Host, Vec<FrameTest>),
    /// The host put a Close with this code on the wire.
    CloseOnWire(Host, u16),
    /// The host reports that its connection ended with this code.
    CloseSeen(Host, u16),
    /// The host found this rule broken, by the rule's machine name.
    Found(Host, String),
    /// Nobody found a rule broken.
    NothingBroken,
    /// A count, compared with a number.
    Count(Counter, Compare, u64),
    /// The longest delay from a wish to say something to its delivery at a client, in
    /// milliseconds, compared with a number.
    Staleness(Compare, u64),
    /// Time has come to this place.
    Reached(Place),
    /// The conversation is carried in this mode.
    InMode(Mode),
    /// A field is selected, by its machine name.
    Selected(String),
    /// A question was answered.
    Predicted(String),
    /// A question was answered rightly.
    PredictedRight(String),
    /// No more than so many edits were made, and at least one.
    EditedAtMost(usize),
    /// All of them.
    All(Vec<Goal>),
    /// One of them at least.
    Any(Vec<Goal>),
    /// It is not so.
    Not(Box<Goal>),
}

/// The state of an end, as [`crate::conn::State`] names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeerState {
    /// HTTP: no request is under way.
    Idle,
    /// HTTP: a request is under way.
    Asking,
    /// An upgrade was asked for.
    Connecting,
    /// Messages can flow.
    Open,
    /// A Close was sent or received.
    Closing,
    /// Nothing more will come.
    Closed,
    /// This end failed the connection.
    Failed,
}

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
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counter {
    /// HTTP requests.
    Requests,
    /// Answers without news.
    EmptyAnswers,
    /// WebSocket frames.
    Frames,
    /// Connections.
    Connections,
    /// Bytes both ways, without TCP/IP headers.
    Bytes,
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compare {
    /// At most.
    AtMost,
    /// Exactly.
    Exactly,
    /// At least.
    AtLeast,
}
impl Goal {
    /// m
    pub fn met(&self, _evidence: &Evidence<'_>) -> bool {
        false
    }
}
