//! A client that asks for news again and again.

use super::{Demand, Happening};
use crate::conn::{Action, Event, Kind, Message};
use crate::sim::RecordIdx;
use crate::sim::profile::BINARY_TYPE;
use crate::sim::room::{NEWS_PATH, read_news};
use crate::sim::scenario::{Connection, Headers, Scenario, Wish};
use bytes::Bytes;
use std::collections::VecDeque;

/// The program's state.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sim) struct Polling {
    client: usize,
    headers: Headers,
    connection: Connection,
    line: Line,
    /// The number of the last message that it knows.
    last: u64,
    /// Requests that wait for the connection, the next first, and because of what.
    queue: VecDeque<(Ask, Option<RecordIdx>)>,
    leaving: bool,
}

/// What the program's connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// There is none.
    Down,
    /// It was asked for.
    Opening,
    /// It waits for a request.
    Idle,
    /// A request is under way.
    Busy,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Ask {
    News,
    Post(Message),
}

impl Polling {
    pub(super) fn new(client: usize, scenario: &Scenario) -> Self {
        Self {
            client,
            headers: scenario.headers,
            connection: scenario.poll.connection,
            line: Line::Down,
            last: 0,
            queue: VecDeque::new(),
            leaving: false,
        }
    }

    pub(super) fn asks_again(&self) -> bool {
        !self.leaving
    }

    pub(super) fn on(
        &mut self,
        happening: &Happening<'_>,
        cause: Option<RecordIdx>,
    ) -> Vec<Demand> {
        match happening {
            Happening::Starts => {
                self.queue.push_back((Ask::News, cause));
                let mut demands = self.pump();
                demands.push(Demand::Tick);
                demands
            }
            Happening::Ticks => {
                // A question that waits already will do.
                if !self.queue.iter().any(|(ask, _)| *ask == Ask::News) {
                    self.queue.push_back((Ask::News, cause));
                }
                let mut demands = self.pump();
                demands.push(Demand::Tick);
                demands
            }
            Happening::Wants(wish) => self.want(wish, cause),
            Happening::Connected => {
                self.line = Line::Idle;
                self.pump()
            }
            Happening::Told(Event::Response(response, body)) => {
                let mut demands = self.read(response.status, body);
                if self.line == Line::Busy && self.connection == Connection::KeepAlive {
                    self.line = Line::Idle;
                }
                demands.extend(self.pump());
                demands
            }
            Happening::Disconnected => {
                self.line = Line::Down;
                self.pump()
            }
            Happening::Leaves => self.leave(),
            Happening::Told(
                Event::Request(..)
                | Event::Streaming(_)
                | Event::StreamEvent(_)
                | Event::StreamRetry(_)
                | Event::StreamEnded(_)
                | Event::NoAnswer(_)
                | Event::ClientGone
                | Event::Opened(_)
                | Event::Message(_)
                | Event::Ping(_)
                | Event::Pong(_)
                | Event::Close(_)
                | Event::Closed(_),
            ) => Vec::new(),
        }
    }

    fn want(&mut self, wish: &Wish, cause: Option<RecordIdx>) -> Vec<Demand> {
        match wish {
            _ if self.leaving => vec![Demand::Skip("the client has left")],
            Wish::Ping(_) => vec![Demand::Skip("HTTP has no ping; the next poll will tell")],
            Wish::Close(..) => self.leave(),
            Wish::Say(_) | Wish::Send(_) | Wish::SayInParts(_) => {
                self.queue.push_back((Ask::Post(Message::joined(&wish.parts())), cause));
                self.pump()
            }
        }
    }

    /// Asks no more, and closes the connection once it is idle.
    fn leave(&mut self) -> Vec<Demand> {
        self.leaving = true;
        self.queue.retain(|(ask, _)| *ask != Ask::News);
        self.pump()
    }

    /// Sends the next request if the connection is free for it.
    fn pump(&mut self) -> Vec<Demand> {
        match (self.line, self.queue.front()) {
            (Line::Down, Some(_)) => {
                self.line = Line::Opening;
                vec![Demand::Connect]
            }
            (Line::Idle, Some(_)) => {
                self.line = Line::Busy;
                let (ask, cause) = self.queue.pop_front().expect("it was looked at");
                vec![Demand::ActAtLast(self.request(&ask), cause)]
            }
            (Line::Idle, None) if self.leaving => {
                self.line = Line::Busy;
                vec![Demand::Act(Action::HangUp)]
            }
            (Line::Opening | Line::Busy, _) | (Line::Down | Line::Idle, None) => Vec::new(),
        }
    }

    fn request(&self, ask: &Ask) -> Action {
        let (client, last) = (self.client, self.last);
        let (mut request, body) = match ask {
            Ask::News => {
                let target = format!("{NEWS_PATH}?client={client}&after={last}");
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

    fn read(&mut self, status: u16, body: &Bytes) -> Vec<Demand> {
        if status != 200 {
            return Vec::new();
        }
        let Some((last, news)) = read_news(body) else {
            return vec![Demand::Skip("the answer is not the JSON that was asked for")];
        };
        self.last = last;
        news.into_iter().map(Demand::Show).collect()
    }
}
