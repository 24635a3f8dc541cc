//! An asker: one connection of a client on which requests follow each other.
//!
//! **Invariant:** one request is under way at a time; what was lost with a connection is asked again
//! if that is safe (RFC 9110 §9.2.2), and otherwise said to be lost.

use super::{Demand, Line, backoff_ms};
use crate::conn::{Action, Kind, Message};
use crate::sim::RecordIdx;
use crate::sim::profile::BINARY_TYPE;
use crate::sim::room::{NEWS_PATH, read_news};
use crate::sim::scenario::{Connection, Headers, Scenario};
use bytes::Bytes;
use std::collections::VecDeque;

/// The state of one connection and of what is to be asked on it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asker {
    line: Line,
    client: usize,
    seed: u64,
    headers: Headers,
    connection: Connection,
    phase: Phase,
    /// How long the server may hold a question for news that it has no answer to; not at all where
    /// it is none.
    hold_ms: Option<u64>,
    /// The number of the last message that it knows.
    last: u64,
    /// Requests that wait for the connection, the next first, and because of what.
    queue: VecDeque<(Ask, Option<RecordIdx>)>,
    /// The request that is under way.
    asked: Option<Ask>,
    /// How often in a row the connection was lost.
    n_losses: u32,
    leaving: bool,
}

/// What the connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is none.
    Down,
    /// It was asked for.
    Opening,
    /// It waits for a request.
    Idle,
    /// A request is under way, or the connection will be closed behind its answer.
    Busy,
    /// It was lost, and is not asked for again yet.
    Resting,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// For news.
    News,
    /// That a message be taken.
    Post(Message),
}

impl Asker {
    pub(super) fn new(line: Line, client: usize, scenario: &Scenario) -> Self {
        Self {
            line,
            client,
            seed: scenario.seed,
            headers: scenario.headers,
            connection: scenario.poll.connection,
            phase: Phase::Down,
            hold_ms: None,
            last: 0,
            queue: VecDeque::new(),
            asked: None,
            n_losses: 0,
            leaving: false,
        }
    }

    /// Lets the server hold questions for news for so long.
    pub(super) fn held_for(self, hold_ms: u64) -> Self {
        Self { hold_ms: Some(hold_ms), connection: Connection::KeepAlive, ..self }
    }

    pub(super) fn leaving(&self) -> bool {
        self.leaving
    }

    /// Whether news are being asked for, or will be.
    pub(super) fn asks_for_news(&self) -> bool {
        self.asked == Some(Ask::News) || self.queue.iter().any(|(ask, _)| *ask == Ask::News)
    }

    /// Whether a question for news waits for its turn.
    pub(super) fn news_wait(&self) -> bool {
        self.queue.iter().any(|(ask, _)| *ask == Ask::News)
    }

    /// Asks as soon as the connection is free for it.
    pub(super) fn ask(&mut self, ask: Ask, cause: Option<RecordIdx>) -> Vec<Demand> {
        self.queue.push_back((ask, cause));
        self.pump()
    }

    /// Sends what waits, now that an answer is there.
    pub(super) fn go_on(&mut self) -> Vec<Demand> {
        self.pump()
    }

    pub(super) fn connected(&mut self) -> Vec<Demand> {
        self.phase = Phase::Idle;
        self.pump()
    }

    /// The answer is there.
    pub(super) fn answered(&mut self, status: u16, body: &Bytes) -> Vec<Demand> {
        let asked = self.asked.take();
        if self.phase == Phase::Busy && self.connection == Connection::KeepAlive {
            self.phase = Phase::Idle;
        }
        let lost = std::mem::take(&mut self.n_losses) > 0;
        match (asked, status) {
            (Some(Ask::News), 200) => {
                self.read(body, if lost { After::Loss } else { After::Peace })
            }
            _ => Vec::new(),
        }
    }

    fn read(&mut self, body: &Bytes, after: After) -> Vec<Demand> {
        let Some((last, news)) = read_news(body) else {
            return vec![Demand::Skip("the answer is not the JSON that was asked for")];
        };
        self.last = last;
        let missed = match after {
            After::Loss => Some(Demand::CaughtUp(news.len() as u64)),
            After::Peace => None,
        };
        missed.into_iter().chain(news.into_iter().map(Demand::Show)).collect()
    }

    /// The connection is gone.
    pub(super) fn disconnected(&mut self) -> Vec<Demand> {
        let mut demands = Vec::new();
        match self.asked.take() {
            Some(Ask::News) if !self.leaving => self.queue.push_front((Ask::News, None)),
            // Who leaves waits for no answer.
            Some(Ask::News) => {
                self.phase = Phase::Down;
                return self.pump();
            }
            // RFC 9110 §9.2.2: "A user agent MUST NOT automatically retry a request with a
            // non-idempotent method" unless it knows that it was never applied.
            Some(Ask::Post(_)) => demands.push(Demand::Skip(
                "no answer came: whether the message arrived is not known, and a POST must not be \
                 sent again by itself",
            )),
            None if self.phase != Phase::Opening => {
                self.phase = Phase::Down;
                return self.pump();
            }
            None => {}
        }
        self.n_losses += 1;
        self.phase = Phase::Resting;
        let what = (self.seed, self.client, self.line);
        demands.push(Demand::RetryIn(self.line, backoff_ms(what, self.n_losses)));
        demands
    }

    /// It is time to try again.
    pub(super) fn retry(&mut self) -> Vec<Demand> {
        self.phase = Phase::Down;
        self.pump()
    }

    /// Asks no more, and closes the connection once it is idle.
    pub(super) fn leave(&mut self) -> Vec<Demand> {
        self.leaving = true;
        self.queue.retain(|(ask, _)| *ask != Ask::News);
        self.pump()
    }

    /// Closes the connection whatever is under way on it: who waits for news waits no more.
    pub(super) fn hang_up(&mut self) -> Vec<Demand> {
        self.leaving = true;
        self.queue.clear();
        match self.phase {
            Phase::Idle | Phase::Busy => {
                self.phase = Phase::Busy;
                vec![Demand::Act(self.line, Action::HangUp)]
            }
            Phase::Down | Phase::Opening | Phase::Resting => Vec::new(),
        }
    }

    /// Sends the next request if the connection is free for it.
    fn pump(&mut self) -> Vec<Demand> {
        match (self.phase, self.queue.front()) {
            (Phase::Down, Some(_)) => {
                self.phase = Phase::Opening;
                vec![Demand::Connect(self.line)]
            }
            (Phase::Idle, Some(_)) => {
                self.phase = Phase::Busy;
                let (ask, cause) = self.queue.pop_front().expect("it was looked at");
                let request = self.request(&ask);
                self.asked = Some(ask);
                vec![Demand::ActAtLast(self.line, request, cause)]
            }
            (Phase::Idle, None) if self.leaving => {
                self.phase = Phase::Busy;
                vec![Demand::Act(self.line, Action::HangUp)]
            }
            (Phase::Opening | Phase::Busy | Phase::Resting, _)
            | (Phase::Down | Phase::Idle, None) => Vec::new(),
        }
    }

    fn request(&self, ask: &Ask) -> Action {
        let (client, last) = (self.client, self.last);
        let (mut request, body) = match ask {
            Ask::News => {
                let hold = self.hold_ms.map(|ms| format!("&wait={ms}")).unwrap_or_default();
                let target = format!("{NEWS_PATH}?client={client}&after={last}{hold}");
                (self.headers.request("GET", &target), Bytes::new())
            }
            Ask::Post(message) => {
                let target = format!("{NEWS_PATH}?client={client}");
                let kind = match message.kind {
                    Kind::Text => "text/plain;charset=UTF-8",
                    Kind::Binary => BINARY_TYPE,
                };
                let length = message.data.len().to_string();
                let request = self.headers.request("POST", &target);
                let request = request.with("Content-Type", kind).with("Content-Length", length);
                (request, message.data.clone())
            }
        };
        if self.connection == Connection::PerRequest {
            request = request.with("Connection", "close");
        }
        Action::Request(request, body)
    }
}

/// What came before an answer.
#[derive(Clone, Copy)]
enum After {
    /// The connection had been lost.
    Loss,
    /// Nothing out of order.
    Peace,
}
