//! A client that reads a stream of events and posts what it says (WHATWG HTML §9.2).
//!
//! **Invariant:** a stream that ends is asked for again, from the last event on that came, until the
//! client leaves.

use super::asker::{Ask, Asker};
use super::{Demand, Happening, Line, backoff_ms};
use crate::conn::{Action, Event, Message};
use crate::sim::RecordIdx;
use crate::sim::room::{EVENTS_PATH, read_event};
use crate::sim::scenario::{Headers, Scenario, Wish};
use bytes::Bytes;

/// The program's state.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sim) struct Stream {
    client: usize,
    seed: u64,
    headers: Headers,
    phase: Phase,
    /// The id of the last event that came; empty before the first.
    last_id: String,
    /// How long the server wants a client to wait before a new connection, if it said so.
    retry_ms: Option<u64>,
    /// How often in a row the stream was lost.
    n_losses: u32,
    posts: Asker,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The connection is there.
    Up,
    /// It is not, or not yet.
    Down,
    /// The client has left.
    Over,
}

impl Stream {
    pub(super) fn new(client: usize, scenario: &Scenario) -> Self {
        Self {
            client,
            seed: scenario.seed,
            headers: scenario.headers,
            phase: Phase::Down,
            last_id: String::new(),
            retry_ms: None,
            n_losses: 0,
            posts: Asker::new(Line::Aside, client, scenario),
        }
    }

    pub(super) fn left(&self) -> bool {
        self.phase == Phase::Over
    }

    pub(super) fn on(
        &mut self,
        happening: &Happening<'_>,
        cause: Option<RecordIdx>,
    ) -> Vec<Demand> {
        match happening {
            Happening::Starts => vec![Demand::Connect(Line::Main)],
            Happening::Wants(wish) => self.want(wish, cause),
            Happening::Leaves => self.leave(),
            Happening::Connected(Line::Main) if self.left() => {
                vec![Demand::Act(Line::Main, Action::HangUp)]
            }
            Happening::Connected(Line::Main) => {
                self.phase = Phase::Up;
                vec![Demand::Act(Line::Main, self.open())]
            }
            Happening::Told(Line::Main, event) => self.told(event),
            Happening::Disconnected(Line::Main, _) if self.left() => Vec::new(),
            Happening::Disconnected(Line::Main, _) => {
                self.phase = Phase::Down;
                self.rest()
            }
            Happening::Retries(Line::Main) => match self.phase {
                Phase::Up => vec![Demand::Act(Line::Main, self.open())],
                Phase::Down => vec![Demand::Connect(Line::Main)],
                Phase::Over => Vec::new(),
            },
            Happening::Connected(Line::Aside) => self.posts.connected(),
            Happening::Told(Line::Aside, Event::Response(response, body)) => {
                let mut demands = self.posts.answered(response.status, body);
                demands.extend(self.posts.go_on());
                demands
            }
            Happening::Disconnected(Line::Aside, _) => self.posts.disconnected(),
            Happening::Retries(Line::Aside) => self.posts.retry(),
            Happening::Told(Line::Aside, _) | Happening::Ticks => Vec::new(),
        }
    }

    fn told(&mut self, event: &Event) -> Vec<Demand> {
        match event {
            Event::Streaming(_) => {
                self.n_losses = 0;
                Vec::new()
            }
            Event::StreamEvent(event) => {
                event.id().clone_into(&mut self.last_id);
                match read_event(event) {
                    Some(message) => vec![Demand::Show(message)],
                    None => vec![Demand::Skip("the event is none that this program knows")],
                }
            }
            Event::StreamRetry(ms) => {
                self.retry_ms = Some(*ms);
                Vec::new()
            }
            // The connection may stay; the stream is asked for again on it.
            Event::StreamEnded(_) if !self.left() => self.rest(),
            // WHATWG HTML §9.2.3: 204 and others tell the client to stop.
            Event::Response(response, _) if response.status != 200 => {
                self.phase = Phase::Over;
                vec![Demand::Skip("the answer is no stream of events: the client stops asking")]
            }
            _ => Vec::new(),
        }
    }

    fn rest(&mut self) -> Vec<Demand> {
        self.n_losses += 1;
        let what = (self.seed, self.client, Line::Main);
        let base = self.retry_ms.unwrap_or(0);
        vec![Demand::RetryIn(Line::Main, base + backoff_ms(what, self.n_losses))]
    }

    /// The request for the stream, from the last event on that came.
    fn open(&self) -> Action {
        let target = format!("{EVENTS_PATH}?client={}", self.client);
        let mut request = self.headers.stream_request(&target);
        if !self.last_id.is_empty() {
            request = request.with("Last-Event-ID", self.last_id.clone());
        }
        Action::Request(request, Bytes::new())
    }

    fn want(&mut self, wish: &Wish, cause: Option<RecordIdx>) -> Vec<Demand> {
        match wish {
            _ if self.left() => vec![Demand::Skip("the client has left")],
            Wish::Ping(_) => vec![Demand::Skip("HTTP has no ping; the stream goes one way alone")],
            Wish::Close(..) => self.leave(),
            Wish::Say(_) | Wish::Send(_) | Wish::SayInParts(_) => {
                self.posts.ask(Ask::Post(Message::joined(&wish.parts())), cause)
            }
        }
    }

    fn leave(&mut self) -> Vec<Demand> {
        let up = self.phase == Phase::Up;
        self.phase = Phase::Over;
        let mut demands = self.posts.leave();
        if up {
            demands.insert(0, Demand::Act(Line::Main, Action::HangUp));
        }
        demands
    }
}
