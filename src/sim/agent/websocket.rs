//! A client that upgrades one connection and keeps it.

use super::{Demand, Happening};
use crate::conn::{Action, Event, Last, luck};
use crate::sim::RecordIdx;
use crate::sim::room::SOCKET_PATH;
use crate::sim::scenario::{Headers, Scenario, Wish};
use crate::wire::close::Close;
use crate::wire::extension::DeflateOffer;
use crate::wire::handshake::{Offer, key_from_nonce};
use bytes::Bytes;
use std::collections::VecDeque;

/// The program's state.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sim) struct Socket {
    headers: Headers,
    /// The ways in which it would deflate.
    deflate: Vec<DeflateOffer>,
    seed: u64,
    phase: Phase,
    /// What is to be sent as soon as the connection is open, and because of what.
    outbox: VecDeque<(Action, Option<RecordIdx>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The opening handshake is not done yet.
    Opening,
    Open,
    Over,
}

impl Socket {
    pub(super) fn new(scenario: &Scenario, seed: u64) -> Self {
        let deflate = scenario.deflate.then(DeflateOffer::browser).into_iter().collect();
        Self {
            headers: scenario.headers,
            deflate,
            seed,
            phase: Phase::Opening,
            outbox: VecDeque::new(),
        }
    }

    pub(super) fn over(&self) -> bool {
        self.phase == Phase::Over
    }

    pub(super) fn on(
        &mut self,
        happening: &Happening<'_>,
        cause: Option<RecordIdx>,
    ) -> Vec<Demand> {
        match happening {
            Happening::Starts => vec![Demand::Connect],
            Happening::Connected => {
                let key = key_from_nonce(luck::nonce(self.seed));
                let offer = Offer { key, deflate: self.deflate.clone(), ..Offer::default() };
                vec![Demand::Act(Action::Upgrade(self.headers.upgrade(SOCKET_PATH), offer))]
            }
            Happening::Wants(wish) => self.send(actions(wish), cause),
            Happening::Leaves => self.send(vec![Action::Close(Some(Close::new(1001, "")))], cause),
            Happening::Told(Event::Opened(_)) => {
                self.phase = Phase::Open;
                let waited = self.outbox.drain(..);
                waited.map(|(action, cause)| Demand::ActAtLast(action, cause)).collect()
            }
            Happening::Told(Event::Message(message)) => vec![Demand::Show(message.clone())],
            Happening::Told(Event::Close(_) | Event::Closed(_)) | Happening::Disconnected => {
                self.phase = Phase::Over;
                Vec::new()
            }
            Happening::Told(
                Event::Request(..)
                | Event::Response(..)
                | Event::Streaming(_)
                | Event::StreamEvent(_)
                | Event::StreamRetry(_)
                | Event::StreamEnded(_)
                | Event::NoAnswer(_)
                | Event::ClientGone
                | Event::Ping(_)
                | Event::Pong(_),
            )
            | Happening::Ticks => Vec::new(),
        }
    }

    fn send(&mut self, actions: Vec<Action>, cause: Option<RecordIdx>) -> Vec<Demand> {
        match self.phase {
            Phase::Opening => {
                self.outbox.extend(actions.into_iter().map(|action| (action, cause)));
                Vec::new()
            }
            Phase::Open => {
                // RFC 6455 §5.5.1: nothing may be sent after a Close.
                if actions.iter().any(|action| matches!(action, Action::Close(_))) {
                    self.phase = Phase::Over;
                }
                actions.into_iter().map(Demand::Act).collect()
            }
            Phase::Over => vec![Demand::Skip("the connection is closing or closed")],
        }
    }
}

/// What an end does for a wish.
fn actions(wish: &Wish) -> Vec<Action> {
    match wish {
        Wish::Ping(text) => vec![Action::Ping(Bytes::from(text.clone()))],
        Wish::Close(code, reason) => {
            vec![Action::Close(Some(Close::new(*code, reason.as_str())))]
        }
        Wish::Say(_) | Wish::Send(_) | Wish::SayInParts(_) => {
            let parts = wish.parts();
            let n = parts.len();
            let last = |idx| if idx + 1 == n { Last::Yes } else { Last::No };
            parts.into_iter().enumerate().map(|(idx, part)| Action::Part(part, last(idx))).collect()
        }
    }
}
