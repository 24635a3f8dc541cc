//! The HTTP phase: one request at a time, its answer, and the way out of HTTP.
//!
//! **Invariant:** requests are served in the order in which they came; bytes of the next one
//! wait until the answer is written.

use super::arriving::{Arriving, Finished, Head, Inbox, Message, Step};
use super::sending::{self, Sending, write};
use super::{Action, Closed, Conn, Ending, Event, Output, Phase, Refusal, State, ws};
use crate::wire::body::{self, Framing};
use crate::wire::handshake::{self, Fault, Offer, Opened, Terms};
use crate::wire::http::{Headers, Request, Response};
use crate::wire::rule::Rule;
use crate::wire::unit::{Context, dissect};
use crate::wire::{Breach, Reader, Side, Stop};
use bytes::{Bytes, BytesMut};
use std::borrow::Cow;

/// How many bytes of further requests wait behind one that is not answered yet.
const MAX_WAITING: usize = 1 << 20;

/// Where one end is in the exchange of HTTP messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Http {
    /// The client may ask; the server waits to be asked.
    Idle,
    /// Client: the head of the answer is due.
    Asked(Box<Asked>),
    /// A body is arriving.
    Body(Box<Arriving>),
    /// Server: an answer is owed.
    Owes(Box<Owed>),
    /// Server: an answer is being sent piece by piece.
    Sending(Box<Sending>),
}

/// A request that is not answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owed {
    pub(super) request: Request,
    /// The raw head and its place in the flow are kept to point at.
    raw: Bytes,
    start: u64,
}

/// What of a request decides how its answer is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    method: Cow<'static, str>,
    after: After,
    offer: Option<Offer>,
}

/// What becomes of the connection after an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// It stays for the next one.
    KeepAlive,
    /// It is closed.
    Close,
}

/// What the sender of a head wants to become of the connection (RFC 9112 §9.3).
pub(super) fn persistence(minor: u8, headers: &Headers) -> After {
    let close = headers.lists("connection", "close");
    let keep = minor >= 1 || headers.lists("connection", "keep-alive");
    if keep && !close { After::KeepAlive } else { After::Close }
}

impl Http {
    pub(super) fn state(&self) -> State {
        match self {
            Self::Idle => State::Idle,
            Self::Asked(asked) if asked.offer.is_some() => State::Connecting,
            Self::Owes(owed) if handshake::asks_for_upgrade(&owed.request) => State::Connecting,
            Self::Asked(_) | Self::Body(_) | Self::Owes(..) | Self::Sending(_) => State::Asking,
        }
    }

    /// About how many bytes it holds beside itself.
    pub(super) fn n_held(&self) -> usize {
        match self {
            Self::Idle => 0,
            Self::Asked(asked) => size_of_val(&**asked),
            Self::Body(arriving) => size_of_val(&**arriving) + arriving.n_held(),
            Self::Owes(owed) => size_of_val(&**owed) + owed.raw.len(),
            Self::Sending(sending) => size_of_val(&**sending),
        }
    }

    /// What the next unit from the peer is held against, where this end reads one now.
    pub(super) fn expects(&self, side: Side) -> Option<Context> {
        match (self, side) {
            (Self::Idle, Side::Server) => Some(Context::Request),
            (Self::Asked(_), _) => Some(Context::Response),
            (Self::Body(arriving), _) => arriving.expects(),
            (Self::Idle, Side::Client) | (Self::Owes(..) | Self::Sending(_), _) => None,
        }
    }

    /// Whether a WebSocket connection was asked for and has not opened.
    fn awaits_upgrade(&self) -> bool {
        matches!(self, Self::Asked(asked) if asked.offer.is_some())
    }
}

impl Conn {
    pub(super) fn act_http(
        &mut self,
        action: Action,
        out: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        let state = self.state();
        let Phase::Http(http) = &mut self.phase else { return Err(Refusal::NotNow(state)) };
        let side = match &action {
            Action::Request(..) | Action::Upgrade(..) => Side::Client,
            Action::Respond(..)
            | Action::Begin(_)
            | Action::Piece(_)
            | Action::Finish
            | Action::Accept(_) => Side::Server,
            _ => return Err(Refusal::NotNow(state)),
        };
        if side != self.config.side {
            return Err(Refusal::OtherSide(side));
        }
        match (action, &mut *http) {
            (Action::Request(request, body), Http::Idle) => {
                sending::request(&request, body, out)?;
                *http = Http::asked(request, None);
            }
            (Action::Upgrade(request, offer), Http::Idle) => {
                let request = offer.complete(request);
                sending::request(&request, Bytes::new(), out)?;
                *http = Http::asked(request, Some(offer));
            }
            (Action::Respond(response, body), _) => self.respond(response, body, out)?,
            (Action::Begin(response), _) => self.begin(response, out)?,
            (Action::Piece(piece), _) => self.send_piece(piece, out)?,
            (Action::Finish, _) => self.finish_sending(out)?,
            (Action::Accept(terms), Http::Owes(owed)) => {
                let Owed { request, raw, start } = Owed::clone(owed);
                self.answer_upgrade(&request, (&raw, start), &terms, out);
            }
            _ => return Err(Refusal::NotNow(state)),
        }
        Ok(())
    }

    fn answer_upgrade(
        &mut self,
        request: &Request,
        (raw, start): (&Bytes, u64),
        terms: &Terms,
        out: &mut Vec<Output>,
    ) {
        match handshake::answer(request, terms) {
            Ok((opened, response)) => {
                write(out, response.to_bytes(), Context::Response, Bytes::new());
                self.open(opened, out);
            }
            Err(faults) => {
                report_faults(&faults, (raw, start), &Context::Request, out);
                let rule = faults[0].rule;
                let body = Bytes::from(handshake::refusal_text(rule));
                write(out, handshake::refuse(rule).to_bytes(), Context::Response, body);
                self.end(None, Ending::Failed, out);
            }
        }
    }

    fn open(&mut self, opened: Opened, out: &mut Vec<Output>) {
        self.phase = Phase::WebSocket(Box::new(ws::Ws::new(self.config, opened.deflate)));
        if self.inbox.is_empty() {
            // It would hold on to the memory of the heads; frames are read where they lie.
            self.inbox = BytesMut::new();
        }
        out.push(Output::Event(Event::Opened(opened)));
    }

    /// Reads a head or what has come of a body; whether more can be read.
    pub(super) fn read_http(&mut self, out: &mut Vec<Output>) -> bool {
        let Phase::Http(http) = &mut self.phase else { return false };
        match http {
            Http::Body(_) => self.read_body(out),
            Http::Idle if self.config.side == Side::Client => {
                self.read_unasked(out);
                false
            }
            Http::Idle => self.pass_blank_lines() && self.read_head(out),
            Http::Asked(_) => self.read_head(out),
            Http::Owes(..) | Http::Sending(_) => {
                // Requests wait for their turn, but not any number of them.
                if self.inbox.len() > MAX_WAITING {
                    let bit = (self.n_read + MAX_WAITING as u64) * 8;
                    self.fail_http(Breach { rule: Rule::PipelinedTooFar, bit, bits: 8 }, out);
                }
                false
            }
        }
    }

    /// RFC 9112 §2.2: a server "SHOULD ignore at least one empty line (CRLF) received prior to the
    /// request-line". Whether the next byte is not part of one.
    fn pass_blank_lines(&mut self) -> bool {
        while self.inbox.starts_with(b"\r\n") {
            self.take(2);
        }
        self.inbox != b"\r"[..]
    }

    /// RFC 9112 §9.2: data without a request "MUST NOT" be taken for a response, and "SHOULD
    /// close the connection, [...] unless the data consists only of one or more CRLF".
    fn read_unasked(&mut self, out: &mut Vec<Output>) {
        let blank = self.inbox.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.take(blank);
        if !self.inbox.is_empty() {
            let bit = self.n_read * 8;
            self.fail_http(Breach { rule: Rule::UnaskedResponse, bit, bits: 8 }, out);
        }
    }

    fn read_head(&mut self, out: &mut Vec<Output>) -> bool {
        if self.inbox.is_empty() {
            return false;
        }
        let (side, start) = (self.config.side, self.n_read);
        let notes = &mut ();
        let mut reader = Reader::new(&self.inbox, start * 8, notes);
        let read = match side {
            Side::Server => Request::read(&mut reader).map(Message::Request),
            Side::Client => Response::read(&mut reader).map(Message::Response),
        };
        let message = match read {
            Ok(message) => message,
            Err(Stop::Needs(_)) => return false,
            Err(Stop::Breach(breach)) => {
                self.fail_http(breach, out);
                return false;
            }
        };
        let n = reader.consumed();
        let raw = self.take(n);
        out.push(Output::Read(start, n as u64, message.context()));
        self.take_head(Head { message, raw, start }, out)
    }

    /// Finds out what follows a head; whether more can be read.
    fn take_head(&mut self, head: Head, out: &mut Vec<Output>) -> bool {
        let Phase::Http(http) = &mut self.phase else { return false };
        let judged = match (&head.message, &*http) {
            (Message::Request(request), _) => judge_request(request),
            (Message::Response(response), Http::Asked(asked)) => match response.status {
                // RFC 9110 §15.2: "A client MUST be able to parse one or more 1xx responses
                // received prior to a final response, even if the client does not expect one."
                100 | 102..=199 => return true,
                _ if asked.offer.is_some() => {
                    let (offer, response) = (asked.offer.clone(), response.clone());
                    let offer = offer.unwrap_or_default();
                    self.judge_upgrade(&offer, response, (&head.raw, head.start), out);
                    return true;
                }
                101 => Err(Fault { rule: Rule::UnaskedSwitch, header: None }),
                _ => Framing::of_response(response, &asked.method),
            },
            (Message::Response(_), _) => unreachable!("only a client that asked reads an answer"),
        };
        let asked = match &*http {
            Http::Asked(asked) => asked.after,
            _ => After::KeepAlive,
        };
        match judged.and_then(|framing| bounded(framing, &head.message)) {
            Ok(framing) => {
                self.begin_body(Arriving::new(head, framing, asked), out);
                true
            }
            Err(fault) => {
                let (bit, bits) = locate(&head.raw, &head.message.context(), fault.header);
                let bit = head.start * 8 + bit;
                self.fail_http(Breach { rule: fault.rule, bit, bits }, out);
                false
            }
        }
    }

    fn begin_body(&mut self, arriving: Arriving, out: &mut Vec<Output>) {
        if let Message::Request(request) = &arriving.head.message
            && arriving.has_body()
            && request.minor >= 1
            && request.headers.lists("expect", "100-continue")
        {
            // RFC 9110 §10.1.1: "MUST send [...] a 100 (Continue) response to encourage the
            // client to send the request content". The body may have begun to arrive already;
            // it is sent all the same, so that the answer does not depend on that.
            out.push(Output::Write(Response::new(100).to_bytes(), Context::Response));
        }
        if let Some(response) = arriving.stream() {
            out.push(Output::Event(Event::Streaming(Box::new(response.clone()))));
        }
        self.phase = Phase::Http(Http::Body(Box::new(arriving)));
    }

    fn judge_upgrade(
        &mut self,
        offer: &Offer,
        response: Response,
        (raw, start): (&Bytes, u64),
        out: &mut Vec<Output>,
    ) {
        match handshake::judge_response(&response, offer) {
            Ok(opened) => self.open(opened, out),
            Err(faults) => {
                report_faults(&faults, (raw, start), &Context::Response, out);
                out.push(Output::Event(Event::Response(Box::new(response), Bytes::new())));
                // RFC 6455 §4.1: "the client MUST _Fail the WebSocket Connection_".
                self.end(Some(never_open()), Ending::Failed, out);
            }
        }
    }

    fn read_body(&mut self, out: &mut Vec<Output>) -> bool {
        let Phase::Http(Http::Body(arriving)) = &mut self.phase else { return false };
        let mut inbox = Inbox { bytes: &mut self.inbox, n_read: &mut self.n_read };
        match arriving.read(&mut inbox, out) {
            Ok(Step::Waits) | Err(Stop::Needs(_)) => false,
            Ok(Step::GoesOn) => true,
            Ok(Step::Whole) => {
                self.finish_body(out);
                true
            }
            Err(Stop::Breach(breach)) => {
                self.fail_http(breach, out);
                false
            }
        }
    }

    fn finish_body(&mut self, out: &mut Vec<Output>) {
        let Phase::Http(http) = &mut self.phase else { return };
        let Http::Body(arriving) = std::mem::replace(http, Http::Idle) else { return };
        let (asked, until_close) = (arriving.asked, arriving.until_close());
        let (head, finished) = arriving.finish(out);
        match (head.message, finished) {
            (Message::Request(request), Finished::Body(body)) => {
                let (raw, start) = (head.raw, head.start);
                *http = Http::Owes(Box::new(Owed { request: request.clone(), raw, start }));
                out.push(Output::Event(Event::Request(Box::new(request), body)));
            }
            (Message::Response(response), finished) => {
                let after = persistence(response.minor, &response.headers);
                let closes = until_close || asked == After::Close || after == After::Close;
                out.push(Output::Event(match finished {
                    Finished::Body(body) => Event::Response(Box::new(response), body),
                    Finished::Stream(last_event_id) => Event::StreamEnded(last_event_id),
                }));
                if closes {
                    self.end(None, Ending::Closed, out);
                }
            }
            (Message::Request(_), Finished::Stream(_)) => {
                unreachable!("only answers are read as streams")
            }
        }
    }

    /// Answers a malformed request with its status, gives up on a malformed response.
    fn fail_http(&mut self, breach: Breach, out: &mut Vec<Output>) {
        let Phase::Http(http) = &self.phase else { return };
        let rule: Rule = breach.rule;
        self.n_read = (breach.bit + breach.bits.max(1)).div_ceil(8).max(self.n_read);
        out.push(Output::Breach(breach));
        let closed = http.awaits_upgrade().then(never_open);
        match (self.config.side, http) {
            // An answer in place of the one that is owed would be taken for that one.
            (Side::Server, Http::Owes(..) | Http::Sending(_)) => {
                out.push(Output::Event(Event::ClientGone));
            }
            (Side::Server, _) => {
                let body = Bytes::from(handshake::refusal_text(rule));
                write(out, handshake::refuse(rule).to_bytes(), Context::Response, body);
            }
            (Side::Client, Http::Idle) => {}
            (Side::Client, _) if closed.is_some() => {}
            (Side::Client, _) => out.push(Output::Event(Event::NoAnswer(rule))),
        }
        self.end(closed, Ending::Failed, out);
    }

    /// The other end sends nothing more. Half a connection is of no use to HTTP here: an answer
    /// that is owed is not sent any more.
    pub(super) fn end_http(&mut self, out: &mut Vec<Output>) {
        let Phase::Http(http) = &self.phase else { return };
        let n_waiting = self.inbox.len() as u64;
        let cut_short = match http {
            Http::Body(arriving) if arriving.until_close() => {
                self.finish_body(out);
                return;
            }
            Http::Body(arriving) => Some(arriving.head.start),
            // RFC 9112 §8: "If a response terminates in the middle of the header section [...]
            // the client cannot assume that meaning has been conveyed".
            Http::Idle | Http::Asked(_) if n_waiting > 0 => Some(self.n_read),
            Http::Owes(..) | Http::Sending(_) => {
                out.push(Output::Event(Event::ClientGone));
                None
            }
            Http::Idle | Http::Asked(_) => None,
        };
        if let Some(start) = cut_short {
            let bits = (self.n_read + n_waiting - start) * 8;
            self.fail_http(Breach { rule: Rule::CutShort, bit: start * 8, bits }, out);
        } else {
            let closed = http.awaits_upgrade().then(never_open);
            self.end(closed, Ending::Closed, out);
        }
    }
}

impl Http {
    fn asked(request: Request, offer: Option<Offer>) -> Self {
        let after = persistence(request.minor, &request.headers);
        Self::Asked(Box::new(Asked { method: request.method, after, offer }))
    }
}

/// The framing, where the body that it announces is not too large to begin with.
fn bounded(framing: Framing, message: &Message) -> Result<Framing, Fault> {
    match framing {
        Framing::Length(len) if len > body::Expect::start(message.content()).max_data => {
            Err(Fault { rule: Rule::BodyTooBig, header: Some("Content-Length") })
        }
        framing => Ok(framing),
    }
}

/// The framing of a request that keeps the rules of HTTP.
fn judge_request(request: &Request) -> Result<Framing, Fault> {
    let framing = Framing::of_request(request)?;
    let n_hosts = request.headers.all("host").count();
    // RFC 9112 §3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1
    // request message that lacks a Host header field and to any request message that contains
    // more than one". What is wrong with an upgrade is told all at once.
    let named = n_hosts == 1 || n_hosts == 0 && request.minor == 0;
    if named || handshake::asks_for_upgrade(request) {
        return Ok(framing);
    }
    Err(Fault { rule: Rule::HostMissing, header: Some("Host") })
}

/// What a client reports of a WebSocket connection that never opened.
fn never_open() -> Closed {
    Closed { code: 1006, reason: String::new(), clean: false }
}

fn report_faults(
    faults: &[Fault],
    (raw, start): (&Bytes, u64),
    context: &Context,
    out: &mut Vec<Output>,
) {
    out.extend(faults.iter().map(|fault| {
        let (bit, bits) = locate(raw, context, fault.header);
        Output::Breach(Breach { rule: fault.rule, bit: start * 8 + bit, bits })
    }));
}

/// The bits of a header line within a head; the first field where the line is not there.
fn locate(raw: &[u8], context: &Context, header: Option<&str>) -> (u64, u64) {
    let found = dissect(raw, context);
    match header.and_then(|header| found.header_line(header)) {
        Some((name, value)) => (name.bit, value.range().end - name.bit),
        None => (found.fields[0].bit, found.fields[0].bits),
    }
}
