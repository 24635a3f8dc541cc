//! The chat room: the application on the server, whichever way its members are connected.
//!
//! **Invariant:** a message is handed to every member but the one who said it.

use super::profile;
use super::record::LinkIdx;
use super::scenario::{Headers, Host, Scenario};
use super::shelf::Shelf;
use crate::conn::{Action, Event, Kind, Last, Message};
use crate::wire::close::Close;
use crate::wire::extension::Agreement;
use crate::wire::handshake::{self, Terms};
use crate::wire::http::{Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde_json::{Value as Json, json};
use std::collections::VecDeque;
use std::sync::Arc;

/// The path at which a WebSocket is opened.
pub(super) const SOCKET_PATH: &str = "/chat";
/// The path at which news are asked for and messages are posted.
pub(super) const NEWS_PATH: &str = "/messages";

/// The room and who is in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Room {
    headers: Headers,
    /// What it agrees to when a client upgrades.
    terms: Terms,
    /// The last message's number; 0 where there was none.
    last: u64,
    /// Messages that some member has not heard yet.
    log: VecDeque<Arc<Entry>>,
    /// Up to which message each member has heard.
    heard: Shelf<u64>,
    n_clients: usize,
    /// The members with an open WebSocket.
    sockets: Shelf<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    number: u64,
    from: Host,
    message: Message,
}

/// What the room wants done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// An end acts.
    Act(LinkIdx, Action),
    /// A message has reached the application.
    Heard(Message),
}

impl Room {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let deflate = scenario.deflate.then(Agreement::default);
        Self {
            headers: scenario.headers,
            terms: Terms { deflate, ..Terms::default() },
            last: 0,
            log: VecDeque::new(),
            heard: Shelf::new(),
            n_clients: scenario.clients,
            sockets: Shelf::new(),
        }
    }

    /// The connections with an open WebSocket.
    pub(super) fn sockets(&self) -> impl Iterator<Item = LinkIdx> {
        self.sockets.iter().map(|(link, _)| LinkIdx(link as u32))
    }

    /// What the room does about an event at the server's end of a connection.
    pub(super) fn on(&mut self, link: LinkIdx, client: usize, event: &Event) -> Vec<Answer> {
        match event {
            Event::Request(request, body) => self.serve(link, request, body),
            Event::Opened(_) => {
                self.sockets.insert(link.0 as usize, client);
                self.catch_up(link, client)
            }
            Event::Message(message) => {
                let mut answers = vec![Answer::Heard(message.clone())];
                answers.extend(self.hand_on(Host::Client(client), std::slice::from_ref(message)));
                answers
            }
            Event::Close(_) | Event::Closed(_) => {
                self.sockets.remove(link.0 as usize);
                Vec::new()
            }
            Event::Response(..)
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

    /// The server itself has something to say.
    pub(super) fn say(&mut self, parts: &[Message]) -> Vec<Answer> {
        self.hand_on(Host::Server, parts)
    }

    /// What was said before a member's socket was open.
    fn catch_up(&mut self, link: LinkIdx, client: usize) -> Vec<Answer> {
        let missed = self.unheard(client);
        self.heard.insert(client, self.last);
        self.forget();
        missed.into_iter().map(|message| Answer::Act(link, Action::send(message))).collect()
    }

    /// What others have said and a member has not heard yet.
    fn unheard(&self, client: usize) -> Vec<Message> {
        let heard = self.heard.get(client).copied().unwrap_or(0);
        let unheard = self
            .log
            .iter()
            .filter(|entry| entry.number > heard && entry.from != Host::Client(client));
        unheard.map(|entry| entry.message.clone()).collect()
    }

    /// Keeps a message for those who ask or come later, and sends it on every open socket.
    fn hand_on(&mut self, from: Host, parts: &[Message]) -> Vec<Answer> {
        self.keep(from, Message::joined(parts));
        let mut answers = Vec::new();
        for (link, client) in self.sockets.iter() {
            let link = LinkIdx(link as u32);
            self.heard.insert(*client, self.last);
            if Host::Client(*client) == from {
                continue;
            }
            answers.extend(parts.iter().enumerate().map(|(idx, part)| {
                let last = if idx + 1 == parts.len() { Last::Yes } else { Last::No };
                Answer::Act(link, Action::Part(part.clone(), last))
            }));
        }
        self.forget();
        answers
    }

    fn keep(&mut self, from: Host, message: Message) {
        self.last += 1;
        self.log.push_back(Arc::new(Entry { number: self.last, from, message }));
    }

    fn serve(&mut self, link: LinkIdx, request: &Request, body: &Bytes) -> Vec<Answer> {
        if handshake::asks_for_upgrade(request) {
            return vec![Answer::Act(link, Action::Accept(self.terms.clone()))];
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let member = number(query, "client").and_then(|n| usize::try_from(n).ok());
        let respond = |response, body| Answer::Act(link, Action::Respond(response, body));
        match (&*request.method, path, member) {
            ("GET", NEWS_PATH, Some(member)) => {
                let after = number(query, "after").unwrap_or(0);
                let (response, body) = self.news(member, after);
                vec![respond(closing(response, request), body)]
            }
            ("POST", NEWS_PATH, Some(member)) => {
                let message = posted(request, body);
                self.keep(Host::Client(member), message.clone());
                let response = self.headers.response(202).with("Content-Length", "0");
                let answer = respond(closing(response, request), Bytes::new());
                vec![Answer::Heard(message), answer]
            }
            _ => {
                let response = self.headers.response(404).with("Content-Length", "0");
                vec![respond(closing(response, request), Bytes::new())]
            }
        }
    }

    /// What is new for a member who knows everything up to `after`.
    fn news(&mut self, member: usize, after: u64) -> (Response, Bytes) {
        self.heard.insert(member, after);
        let news: Vec<Json> = self.unheard(member).iter().map(to_json).collect();
        self.forget();
        if news.is_empty() {
            return (self.headers.response(204), Bytes::new());
        }
        let body = json!({ "last": self.last, "news": news }).to_string();
        let response = self
            .headers
            .response(200)
            .with("Content-Type", "application/json")
            .with("Content-Length", body.len().to_string());
        (response, Bytes::from(body))
    }

    /// Drops the messages that everybody else has heard.
    fn forget(&mut self) {
        let heard = &self.heard;
        let everybody = 1..=self.n_clients;
        self.log.retain(|entry| {
            everybody.clone().any(|member| {
                entry.from != Host::Client(member)
                    && heard.get(member).copied().unwrap_or(0) < entry.number
            })
        });
    }
}

fn closing(response: Response, request: &Request) -> Response {
    // RFC 9112 §9.6: "The server SHOULD send a "close" connection option".
    if request.headers.lists("connection", "close") {
        response.with("Connection", "close")
    } else {
        response
    }
}

fn number(query: &str, name: &str) -> Option<u64> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| value.parse().ok())
}

fn posted(request: &Request, body: &Bytes) -> Message {
    let binary = request.headers.only("content-type") == Some(profile::BINARY_TYPE);
    let text = std::str::from_utf8(body).is_ok() && !binary;
    Message { kind: if text { Kind::Text } else { Kind::Binary }, data: body.clone() }
}

fn to_json(message: &Message) -> Json {
    match (message.kind, std::str::from_utf8(&message.data)) {
        (Kind::Text, Ok(text)) => json!(text),
        (Kind::Text, Err(_)) | (Kind::Binary, _) => {
            json!({ "base64": BASE64.encode(&message.data) })
        }
    }
}

/// What a body of news says: the last number and the messages; `None` where it is none.
pub(super) fn read_news(body: &[u8]) -> Option<(u64, Vec<Message>)> {
    let json: Json = serde_json::from_slice(body).ok()?;
    let last = json.get("last")?.as_u64()?;
    let news = json.get("news")?.as_array()?;
    let messages: Option<Vec<_>> = news.iter().map(from_json).collect();
    Some((last, messages?))
}

fn from_json(item: &Json) -> Option<Message> {
    match item {
        Json::String(text) => Some(Message::text(text.as_str())),
        item => {
            let data = BASE64.decode(item.get("base64")?.as_str()?).ok()?;
            Some(Message::binary(data))
        }
    }
}

/// What a server that says goodbye does to its open connections.
pub(super) fn goodbye(links: impl Iterator<Item = LinkIdx>, close: &Close) -> Vec<Answer> {
    links.map(|link| Answer::Act(link, Action::Close(Some(close.clone())))).collect()
}
