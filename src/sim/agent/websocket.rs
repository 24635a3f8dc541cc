//! A client that upgrades one connection and keeps it.

use super::{Demand, Happening, Line, Loss, backoff_ms};
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
    client: usize,
    headers: Headers,
    /// The ways in which it would deflate.
    deflate: Vec<DeflateOffer>,
    seed: u64,
    phase: Phase,
    /// What is to be sent as soon as the connection is open, and because of what.
    outbox: VecDeque<(Action, Option<RecordIdx>)>,
    /// How many messages came on the last connection that was open.
    n_got: u64,
    /// How often a connection was opened.
    n_opened: u64,
    /// How often in a row one was lost.
    n_losses: u32,
    world_seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The opening handshake is not done yet.
    Opening,
    Open,
    /// No Close was sent or came, and the end reports 1006: the connection may have been lost.
    Dropped,
    Over,
}

impl Socket {
    pub(super) fn new(client: usize, scenario: &Scenario, seed: u64) -> Self {
        let deflate = scenario.deflate.then(DeflateOffer::browser).into_iter().collect();
        Self {
            client,
            headers: scenario.headers,
            deflate,
            seed,
            phase: Phase::Opening,
            outbox: VecDeque::new(),
            n_got: 0,
            n_opened: 0,
            n_losses: 0,
            world_seed: scenario.seed,
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
            Happening::Starts => vec![Demand::Connect(Line::Main)],
            Happening::Connected(_) if self.phase == Phase::Over => {
                vec![Demand::Act(Line::Main, Action::HangUp)]
            }
            Happening::Connected(_) => vec![Demand::Act(Line::Main, self.upgrade())],
            Happening::Wants(wish) => self.send(actions(wish), cause),
            Happening::Leaves => self.send(vec![Action::Close(Some(Close::new(1001, "")))], cause),
            Happening::Told(_, event) => self.told(event),
            Happening::Disconnected(_, Loss::Lost) if self.phase != Phase::Over => {
                self.phase = Phase::Opening;
                self.n_losses += 1;
                let what = (self.world_seed, self.client, Line::Main);
                vec![Demand::RetryIn(Line::Main, backoff_ms(what, self.n_losses))]
            }
            Happening::Disconnected(..) => {
                self.phase = Phase::Over;
                Vec::new()
            }
            Happening::Retries(_) if self.phase == Phase::Opening => {
                vec![Demand::Connect(Line::Main)]
            }
            Happening::Retries(_) | Happening::Ticks => Vec::new(),
        }
    }

    fn told(&mut self, event: &Event) -> Vec<Demand> {
        match event {
            Event::Opened(_) => {
                self.phase = Phase::Open;
                (self.n_opened, self.n_got, self.n_losses) = (self.n_opened + 1, 0, 0);
                let waited = self.outbox.drain(..);
                let act = |(action, cause)| Demand::ActAtLast(Line::Main, action, cause);
                waited.map(act).collect()
            }
            Event::Message(message) => {
                self.n_got += 1;
                vec![Demand::Show(message.clone())]
            }
            Event::Closed(closed) if closed.code == 1006 && self.phase != Phase::Over => {
                self.phase = Phase::Dropped;
                Vec::new()
            }
            Event::Close(_) | Event::Closed(_) => {
                self.phase = Phase::Over;
                Vec::new()
            }
            Event::Request(..)
            | Event::Response(..)
            | Event::Streaming(_)
            | Event::StreamEvent(_)
            | Event::StreamRetry(_)
            | Event::StreamEnded(_)
            | Event::NoAnswer(_)
            | Event::ClientGone
            | Event::Ping(_)
            | Event::Pong(_) => Vec::new(),
        }
    }

    /// Asks for the upgrade; after a loss it says how much came before that, since WebSocket itself
    /// knows no way to go on.
    fn upgrade(&self) -> Action {
        let target = match self.n_opened {
            0 => SOCKET_PATH.to_owned(),
            _ => format!("{SOCKET_PATH}?got={}", self.n_got),
        };
        let seed = self.seed.wrapping_add(self.n_opened);
        let key = key_from_nonce(luck::nonce(seed));
        let offer = Offer { key, deflate: self.deflate.clone(), ..Offer::default() };
        Action::Upgrade(self.headers.upgrade(&target), offer)
    }

    fn send(&mut self, actions: Vec<Action>, cause: Option<RecordIdx>) -> Vec<Demand> {
        match self.phase {
            Phase::Opening | Phase::Dropped => {
                self.outbox.extend(actions.into_iter().map(|action| (action, cause)));
                Vec::new()
            }
            Phase::Open => {
                // RFC 6455 §5.5.1: nothing may be sent after a Close.
                if actions.iter().any(|action| matches!(action, Action::Close(_))) {
                    self.phase = Phase::Over;
                }
                actions.into_iter().map(|action| Demand::Act(Line::Main, action)).collect()
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
