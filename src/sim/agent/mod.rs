//! Agents: what a client's program does in each mode.
//!
//! **Invariant:** an agent touches nothing; it is told what happens and says what it wants done.

mod polling;
mod websocket;

use super::record::RecordIdx;
use super::scenario::{Mode, Scenario, Wish};
use crate::conn::{Action, Event, Message, luck};
use polling::Polling;
use websocket::Socket;

/// A client's program.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Agent {
    Polling(Polling),
    Socket(Socket),
}

/// What a client's program is told.
#[derive(Clone, Debug)]
pub(super) enum Happening<'a> {
    /// The program starts.
    Starts,
    /// Its person wants something.
    Wants(&'a Wish),
    /// The connection that it asked for is there.
    Connected,
    /// Its end of the connection tells it something.
    Told(&'a Event),
    /// The connection is gone.
    Disconnected,
    /// It is time to ask again.
    Ticks,
    /// Its person leaves.
    Leaves,
}

/// What a client's program wants done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Demand {
    /// A connection.
    Connect,
    /// An action of its end of the connection.
    Act(Action),
    /// One that was wanted earlier, because of that, and could not be done at once.
    ActAtLast(Action, Option<RecordIdx>),
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
                Self::Socket(Socket::new(scenario, luck::draw(scenario.seed, &what)))
            }
        }
    }

    /// Whether it asks for news when its interval is over.
    pub(super) fn asks_again(&self) -> bool {
        match self {
            Self::Polling(polling) => polling.asks_again(),
            Self::Socket(_) => false,
        }
    }

    /// Whether its person has nothing left to leave.
    pub(super) fn has_left(&self) -> bool {
        match self {
            Self::Polling(polling) => !polling.asks_again(),
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
            Self::Socket(socket) => socket.on(happening, cause),
        }
    }
}
