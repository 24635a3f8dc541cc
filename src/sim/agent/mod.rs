//! Agents: what a client's program does in each mode.
//!
//! **Invariant:** an agent touches nothing; it is told what happens and says what it wants done.

mod asker;
mod long_poll;
mod polling;
mod stream;
mod websocket;

use super::record::RecordIdx;
use super::scenario::{Mode, Scenario, Wish};
use crate::conn::{Action, Event, Message, luck};
use long_poll::LongPoll;
use polling::Polling;
use stream::Stream;
use websocket::Socket;

/// A client's program.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Agent {
    Polling(Polling),
    /// Apart, as the next: a world of sockets need not hold room for them.
    LongPoll(Box<LongPoll>),
    Stream(Box<Stream>),
    Socket(Socket),
}

/// A connection of a client, by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The one on which news come.
    Main,
    /// The one over which the client says something while the other one waits.
    Aside,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Both ends closed it.
    Closed,
    /// It was reset, or given up.
    Lost,
}

/// What a client's program is told.
#[derive(Clone, Debug)]
pub(super) enum Happening<'a> {
    /// The program starts.
    Starts,
    /// Its person wants something.
    Wants(&'a Wish),
    /// The connection that it asked for is there.
    Connected(Line),
    /// Its end of a connection tells it something.
    Told(Line, &'a Event),
    /// A connection is gone.
    Disconnected(Line, Loss),
    /// It is time to try a connection again.
    Retries(Line),
    /// It is time to ask again.
    Ticks,
    /// Its person leaves.
    Leaves,
}

/// What a client's program wants done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Demand {
    /// A connection.
    Connect(Line),
    /// An action of its end of a connection.
    Act(Line, Action),
    /// One that was wanted earlier, because of that, and could not be done at once.
    ActAtLast(Line, Action, Option<RecordIdx>),
    /// To be told in so many milliseconds that it is time to try a connection again.
    RetryIn(Line, u64),
    /// It is noted that so many messages were missed and have come.
    CaughtUp(u64),
    /// To be told when it is time to ask again.
    Tick,
    /// This message shown to its person.
    Show(Message),
    /// What its person wants cannot be had, and why.
    Skip(&'static str),
}

impl Agent {
    pub(super) fn new(mode: Mode, scenario: &Scenario, client: usize) -> Self {
        match mode {
            Mode::Polling => Self::Polling(Polling::new(client, scenario)),
            Mode::WebSocket => {
                let what = [u64::from_be_bytes(*b"ws agent"), client as u64];
                Self::Socket(Socket::new(client, scenario, luck::draw(scenario.seed, &what)))
            }
            Mode::LongPolling => Self::LongPoll(Box::new(LongPoll::new(client, scenario))),
            Mode::Sse => Self::Stream(Box::new(Stream::new(client, scenario))),
        }
    }

    /// Whether it asks for news when its interval is over.
    pub(super) fn asks_again(&self) -> bool {
        match self {
            Self::Polling(polling) => polling.asks_again(),
            Self::LongPoll(_) | Self::Stream(_) | Self::Socket(_) => false,
        }
    }

    /// Whether its person has nothing left to leave.
    pub(super) fn has_left(&self) -> bool {
        match self {
            Self::Polling(polling) => !polling.asks_again(),
            Self::LongPoll(long_poll) => long_poll.left(),
            Self::Stream(stream) => stream.left(),
            Self::Socket(socket) => socket.over(),
        }
    }

    /// What it wants done about something that happens because of `cause`.
    pub(super) fn on(
        &mut self,
        happening: &Happening<'_>,
        cause: Option<RecordIdx>,
    ) -> Vec<Demand> {
        match self {
            Self::Polling(polling) => polling.on(happening, cause),
            Self::LongPoll(long_poll) => long_poll.on(happening, cause),
            Self::Stream(stream) => stream.on(happening, cause),
            Self::Socket(socket) => socket.on(happening, cause),
        }
    }
}

/// The least time before a connection that was lost is tried again, in milliseconds.
const FIRST_RETRY_MS: u64 = 500;
/// How often that time doubles.
const MAX_DOUBLINGS: u32 = 4;

/// How long a client waits before it tries a connection again that was lost so often in a row: twice
/// as long each time, and a part of that left to luck, so that not all come back at once.
fn backoff_ms((seed, client, line): (u64, usize, Line), n_losses: u32) -> u64 {
    let most = FIRST_RETRY_MS << n_losses.saturating_sub(1).min(MAX_DOUBLINGS);
    let what = [u64::from_be_bytes(*b"back off"), client as u64, line as u64, n_losses.into()];
    most + luck::draw(seed, &what) % most
}
