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
use crate::wire::sse;
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
/// The path of the stream of events.
pub(super) const EVENTS_PATH: &str = "/events";

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
    /// Everybody who is in it or will be, by number.
    members: Arc<[usize]>,
    /// The members with an open WebSocket.
    sockets: Shelf<usize>,
    /// The members with an open stream of events.
    streams: Shelf<usize>,
    /// The questions that wait for news, by connection.
    held: Shelf<Held>,
    /// Up to which message each member had heard when its last socket or stream was opened.
    since: Shelf<u64>,
    /// How many questions were held so far.
    n_held: u64,
}

/// A question that waits for news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    member: usize,
    /// What the member knows.
    after: u64,
    /// Which of all questions it is.
    n: u64,
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
    /// The question of this number on the connection is held for so many milliseconds.
    Hold(LinkIdx, u64, u64),
    /// So many messages were missed by whoever is on the connection, and follow.
    CaughtUp(LinkIdx, u64),
}

impl Room {
    pub(super) fn new(scenario: &Scenario, members: Arc<[usize]>) -> Self {
        let deflate = scenario.deflate.then(Agreement::default);
        Self {
            headers: scenario.headers,
            terms: Terms { deflate, ..Terms::default() },
            last: 0,
            log: VecDeque::new(),
            heard: Shelf::new(),
            members,
            sockets: Shelf::new(),
            streams: Shelf::new(),
            held: Shelf::new(),
            since: Shelf::new(),
            n_held: 0,
        }
    }

    /// About how many bytes it holds that `other` does not hold with it.
    pub(super) fn bytes_beside(&self, other: Option<&Self>) -> usize {
        let heard = self.heard.bytes_beside(other.map(|other| &other.heard), |_, _| 0);
        let sockets = self.sockets.bytes_beside(other.map(|other| &other.sockets), |_, _| 0);
        heard + sockets + self.log.len() * size_of::<Arc<Entry>>()
    }

    /// The connections with an open WebSocket.
    pub(super) fn sockets(&self) -> impl Iterator<Item = LinkIdx> {
        self.sockets.iter().map(|(link, _)| LinkIdx(link as u32))
    }

    /// What the room does about an event at the server's end of a connection.
    pub(super) fn on(&mut self, link: LinkIdx, client: usize, event: &Event) -> Vec<Answer> {
        match event {
            Event::Request(request, body) => self.serve((link, client), request, body),
            Event::Opened(_) => {
                self.sockets.insert(link.0 as usize, client);
                self.catch_up(link, client)
            }
            Event::Message(message) => {
                let mut answers = vec![Answer::Heard(message.clone())];
                answers.extend(self.hand_on(Host::Client(client), std::slice::from_ref(message)));
                answers
            }
            Event::Close(_) | Event::Closed(_) | Event::ClientGone => {
                self.sockets.remove(link.0 as usize);
                self.streams.remove(link.0 as usize);
                self.held.remove(link.0 as usize);
                Vec::new()
            }
            Event::Response(..)
            | Event::Streaming(_)
            | Event::StreamEvent(_)
            | Event::StreamRetry(_)
            | Event::StreamEnded(_)
            | Event::NoAnswer(_)
            | Event::Ping(_)
            | Event::Pong(_) => Vec::new(),
        }
    }

    /// The server itself has something to say.
    pub(super) fn say(&mut self, parts: &[Message]) -> Vec<Answer> {
        self.hand_on(Host::Server, parts)
    }

    /// Whether a question on a connection waits for news.
    pub(super) fn holds(&self, link: LinkIdx) -> bool {
        self.held.get(link.0 as usize).is_some()
    }

    /// A question has been held as long as it may be: it is answered that there is nothing.
    pub(super) fn hold_over(&mut self, link: LinkIdx, n: u64) -> Vec<Answer> {
        match self.held.get(link.0 as usize) {
            Some(held) if held.n == n => {
                self.held.remove(link.0 as usize);
                let none = Action::Respond(self.headers.response(204), Bytes::new());
                vec![Answer::Act(link, none)]
            }
            _ => Vec::new(),
        }
    }

    /// What was said before a member's socket was open.
    fn catch_up(&mut self, link: LinkIdx, client: usize) -> Vec<Answer> {
        let missed = self.unheard(client);
        let again = self.since.insert(client, self.heard_by(client)).is_some();
        self.heard.insert(client, self.last);
        self.forget();
        let told =
            (again && !missed.is_empty()).then(|| Answer::CaughtUp(link, missed.len() as u64));
        let sent =
            missed.into_iter().map(|entry| Answer::Act(link, Action::send(entry.message.clone())));
        told.into_iter().chain(sent).collect()
    }

    fn heard_by(&self, member: usize) -> u64 {
        self.heard.get(member).copied().unwrap_or(0)
    }

    /// The messages behind the one of this number that a member did not say itself.
    fn after(&self, number: u64, member: usize) -> impl Iterator<Item = &Arc<Entry>> {
        let first = self.log.partition_point(|entry| entry.number <= number);
        self.log.range(first..).filter(move |entry| entry.from != Host::Client(member))
    }

    /// What others have said and a member has not heard yet.
    fn unheard(&self, member: usize) -> Vec<Arc<Entry>> {
        self.after(self.heard_by(member), member).cloned().collect()
    }

    /// Keeps a message for those who ask or come later, and sends it to whoever is there.
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
        answers.extend(self.tell_streams(from));
        answers.extend(self.answer_held());
        self.forget();
        answers
    }

    /// The last message, for every open stream of another member.
    fn tell_streams(&mut self, from: Host) -> Vec<Answer> {
        let Some(entry) = self.log.back().cloned() else { return Vec::new() };
        let mut answers = Vec::new();
        for (link, member) in self.streams.iter() {
            self.heard.insert(*member, self.last);
            if Host::Client(*member) != from {
                let piece = Action::Piece(event_of(&entry));
                answers.push(Answer::Act(LinkIdx(link as u32), piece));
            }
        }
        answers
    }

    /// Answers the questions for which there are news.
    fn answer_held(&mut self) -> Vec<Answer> {
        let held = self
            .held
            .iter()
            .filter(|(_, held)| self.after(held.after, held.member).next().is_some());
        let held: Vec<_> = held.map(|(link, held)| (link, held.member, held.after)).collect();
        let mut answers = Vec::new();
        for (link, member, after) in held {
            self.held.remove(link);
            let (response, body) = self.news(member, after);
            answers.push(Answer::Act(LinkIdx(link as u32), Action::Respond(response, body)));
        }
        answers
    }

    fn keep(&mut self, from: Host, message: Message) {
        self.last += 1;
        self.log.push_back(Arc::new(Entry { number: self.last, from, message }));
    }

    fn serve(
        &mut self,
        (link, client): (LinkIdx, usize),
        request: &Request,
        body: &Bytes,
    ) -> Vec<Answer> {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        if handshake::asks_for_upgrade(request) {
            if let Some(n_got) = number(query, "got") {
                self.go_back(client, n_got);
            }
            return vec![Answer::Act(link, Action::Accept(self.terms.clone()))];
        }
        let member = number(query, "client").and_then(|n| usize::try_from(n).ok());
        let respond = |response, body| Answer::Act(link, Action::Respond(response, body));
        match (&*request.method, path, member) {
            ("GET", NEWS_PATH, Some(member)) => {
                let after = number(query, "after").unwrap_or(0);
                let hold = number(query, "wait");
                self.heard.insert(member, after);
                if let Some(ms) = hold.filter(|_| self.after(after, member).next().is_none()) {
                    self.n_held += 1;
                    let held = Held { member, after, n: self.n_held };
                    self.held.insert(link.0 as usize, held);
                    return vec![Answer::Hold(link, self.n_held, ms)];
                }
                let (response, body) = self.news(member, after);
                vec![respond(closing(response, request), body)]
            }
            ("GET", EVENTS_PATH, Some(member)) => self.stream(link, member, request),
            ("POST", NEWS_PATH, Some(member)) => {
                let message = posted(request, body);
                let response = self.headers.response(202).with("Content-Length", "0");
                let answer = respond(closing(response, request), Bytes::new());
                let mut answers = vec![Answer::Heard(message.clone()), answer];
                answers.extend(self.hand_on(Host::Client(member), &[message]));
                answers
            }
            _ => {
                let response = self.headers.response(404).with("Content-Length", "0");
                vec![respond(closing(response, request), Bytes::new())]
            }
        }
    }

    /// Begins a stream of events, with what its reader has missed (WHATWG HTML §9.2.4: the header
    /// Last-Event-ID says what came last).
    fn stream(&mut self, link: LinkIdx, member: usize, request: &Request) -> Vec<Answer> {
        let id = request.headers.only("last-event-id").and_then(|id| id.parse().ok());
        self.heard.insert(member, id.unwrap_or(0));
        let missed = self.unheard(member);
        let again = self.since.insert(member, id.unwrap_or(0)).is_some();
        self.heard.insert(member, self.last);
        self.streams.insert(link.0 as usize, member);
        self.forget();
        let head = self.headers.response(200).with("Content-Type", "text/event-stream");
        let act = |action| Answer::Act(link, action);
        let mut answers =
            vec![act(Action::Begin(head)), act(Action::Piece(sse::write_retry(RETRY_MS)))];
        if again && !missed.is_empty() {
            answers.push(Answer::CaughtUp(link, missed.len() as u64));
        }
        answers.extend(missed.iter().map(|entry| act(Action::Piece(event_of(entry)))));
        answers
    }

    /// A member whose socket was lost got so many messages on it: what came behind them is to be
    /// sent again.
    fn go_back(&mut self, member: usize, n_got: u64) {
        let since = self.since.get(member).copied().unwrap_or(0);
        let got = usize::try_from(n_got).unwrap_or(usize::MAX);
        let heard = match got.checked_sub(1) {
            None => since,
            Some(last) => {
                self.after(since, member).nth(last).map_or(self.last, |entry| entry.number)
            }
        };
        self.heard.insert(member, heard);
    }

    /// What is new for a member who knows everything up to `after`.
    fn news(&mut self, member: usize, after: u64) -> (Response, Bytes) {
        self.heard.insert(member, after);
        let news: Vec<Json> =
            self.unheard(member).iter().map(|entry| to_json(&entry.message)).collect();
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

    /// Drops the oldest messages that everybody else has heard; the last ones are kept for those
    /// whose connection is lost and who come back.
    fn forget(&mut self) {
        while self.log.len() > KEPT {
            let Some(oldest) = self.log.front() else { return };
            let heard = |member: &usize| {
                oldest.from == Host::Client(*member) || self.heard_by(*member) >= oldest.number
            };
            if !self.members.iter().all(heard) {
                return;
            }
            self.log.pop_front();
        }
    }
}

/// An entry as an event of a stream.
fn event_of(entry: &Entry) -> Bytes {
    let Message { kind, data } = &entry.message;
    let plain = |text: &&str| !text.is_empty() && !text.contains('\r');
    let text = std::str::from_utf8(data).ok().filter(|_| *kind == Kind::Text);
    let event = match (text.filter(plain), text) {
        (Some(text), _) => sse::Event::new(text),
        // An event without data is none, and a CR would arrive as LF.
        (None, Some(text)) => named(&json!(text).to_string(), JSON),
        (None, None) => named(&BASE64.encode(data), BASE64_NAME),
    };
    let id = entry.number.to_string();
    event.with_id(&id).expect("a number is one line").to_bytes()
}

fn named(data: &str, name: &str) -> sse::Event {
    sse::Event::new(data).named(name).expect("the names are one line")
}

/// The message that an event of the stream stands for; `None` where it is none.
pub(super) fn read_event(event: &sse::Event) -> Option<Message> {
    match event.name() {
        JSON => serde_json::from_str::<String>(event.data()).ok().map(Message::text),
        BASE64_NAME => BASE64.decode(event.data()).ok().map(Message::binary),
        _ => Some(Message::text(event.data().to_owned())),
    }
}

/// The names of events whose data are no plain text.
const JSON: &str = "json";
const BASE64_NAME: &str = "base64";
/// How long a client is to wait before it asks for a stream again, in milliseconds.
const RETRY_MS: u64 = 1000;
/// How many messages are kept for those who come back.
const KEPT: usize = 1024;

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

/// How many bytes of a body of news are those of its messages; `None` where it is no such body.
pub fn news_payload(body: &[u8]) -> Option<u64> {
    let (_, news) = read_news(body)?;
    Some(news.iter().map(|message| message.data.len() as u64).sum())
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
