//! The HTTP phase: one request at a time, its answer, and the way out of HTTP.

use super::{Action, Closed, Conn, Ending, Event, Output, Phase, Refusal, State, ws};
use crate::wire::handshake::{self, Fault, Offer, Opened, Terms};
use crate::wire::http::{Framing, Request, Response};
use crate::wire::rule::Rule;
use crate::wire::unit::{Context, dissect};
use crate::wire::{Breach, Reader, Side, Stop};
use bytes::{Bytes, BytesMut};

/// Where one end is in the exchange of HTTP messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Http {
    /// The client may ask; the server waits to be asked.
    Idle,
    /// Client: the head of the answer is due.
    Asked(Option<Offer>),
    /// A body is arriving.
    Body(Box<Arriving>),
    /// Server: an answer is owed. The raw head and its place in the flow are kept to point at.
    Owes(Request, Bytes, u64),
}

/// A message whose head was read and whose body was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arriving {
    head: Head,
    raw: Bytes,
    /// Where the head began in the flow.
    start: u64,
    framing: Framing,
    body: BytesMut,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Head {
    Request(Request),
    Response(Response),
}

impl Http {
    pub(super) fn state(&self) -> State {
        match self {
            Self::Idle => State::Idle,
            Self::Asked(Some(_)) => State::Connecting,
            Self::Owes(request, ..) if handshake::asks_for_upgrade(request) => State::Connecting,
            Self::Asked(None) | Self::Body(_) | Self::Owes(..) => State::Asking,
        }
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
            Action::Respond(..) | Action::Accept(_) => Side::Server,
            _ => return Err(Refusal::NotNow(state)),
        };
        if side != self.config.side {
            return Err(Refusal::OtherSide(side));
        }
        match (action, &mut *http) {
            (Action::Request(request, body), Http::Idle) => {
                write(out, request.to_bytes(), Context::Request, body);
                *http = Http::Asked(None);
            }
            (Action::Upgrade(request, offer), Http::Idle) => {
                let request = offer.complete(request);
                write(out, request.to_bytes(), Context::Request, Bytes::new());
                *http = Http::Asked(Some(offer));
            }
            (Action::Respond(response, body), Http::Owes(request, ..)) => {
                let closes = response.headers.lists("connection", "close")
                    || request.headers.lists("connection", "close");
                write(out, response.to_bytes(), Context::Response, body);
                *http = Http::Idle;
                if closes {
                    self.end(None, Ending::Closed, out);
                }
            }
            (Action::Accept(terms), Http::Owes(request, raw, start)) => {
                let (request, raw, start) = (request.clone(), raw.clone(), *start);
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
        out.push(Output::Event(Event::Opened(opened)));
    }

    /// Reads a head or what has come of a body; whether more can be read.
    pub(super) fn read_http(&mut self, out: &mut Vec<Output>) -> bool {
        let Phase::Http(http) = &mut self.phase else { return false };
        match http {
            Http::Body(_) => self.read_body(out),
            Http::Idle if self.config.side == Side::Server => self.read_head(out),
            Http::Asked(_) => self.read_head(out),
            // The client asked for nothing, or the server still owes an answer: bytes wait.
            Http::Idle | Http::Owes(..) => false,
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
            Side::Server => Request::read(&mut reader).map(Head::Request),
            Side::Client => Response::read(&mut reader).map(Head::Response),
        };
        let head = match read {
            Ok(head) => head,
            Err(Stop::Needs(_)) => return false,
            Err(Stop::Breach(breach)) => {
                self.fail_http(breach, out);
                return false;
            }
        };
        let n = reader.consumed();
        let raw = self.take(n);
        let (context, framing) = match &head {
            Head::Request(request) => (Context::Request, Framing::of_request(request)),
            Head::Response(response) => (Context::Response, Framing::of_response(response)),
        };
        out.push(Output::Read(start, n as u64, context.clone()));
        match framing {
            Ok(framing) => {
                self.begin_body(Arriving { head, raw, start, framing, body: BytesMut::new() }, out)
            }
            Err(rule) => {
                let (bit, bits) = locate(&raw, &context, Some("Content-Length"));
                self.fail_http(Breach { rule, bit: start * 8 + bit, bits }, out);
                false
            }
        }
    }

    fn begin_body(&mut self, arriving: Arriving, out: &mut Vec<Output>) -> bool {
        let Phase::Http(http) = &mut self.phase else { return false };
        if let (Http::Asked(Some(offer)), Head::Response(response)) = (&*http, &arriving.head) {
            let (offer, response) = (offer.clone(), response.clone());
            self.judge_upgrade(&offer, response, (&arriving.raw, arriving.start), out);
            return true;
        }
        *http = Http::Body(Box::new(arriving));
        true
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
                out.push(Output::Event(Event::Response(response, Bytes::new())));
                // RFC 6455 §4.1: "the client MUST _Fail the WebSocket Connection_".
                self.end(Some(never_open()), Ending::Failed, out);
            }
        }
    }

    fn read_body(&mut self, out: &mut Vec<Output>) -> bool {
        let Phase::Http(Http::Body(arriving)) = &mut self.phase else { return false };
        let have = self.inbox.len();
        let n = match arriving.framing {
            Framing::UntilClose => have,
            Framing::Length(len) => {
                let missing = len - arriving.body.len() as u64;
                usize::try_from(missing).map_or(have, |missing| missing.min(have))
            }
        };
        self.n_read += n as u64;
        arriving.body.unsplit(self.inbox.split_to(n));
        let whole = Framing::Length(arriving.body.len() as u64) == arriving.framing;
        if whole {
            self.finish_body(out);
        }
        whole
    }

    fn finish_body(&mut self, out: &mut Vec<Output>) {
        let Phase::Http(http) = &mut self.phase else { return };
        let Http::Body(arriving) = std::mem::replace(http, Http::Idle) else { return };
        let Arriving { head, raw, start, body, .. } = *arriving;
        let body = body.freeze();
        if !body.is_empty() {
            let len = body.len() as u64;
            out.push(Output::Read(self.n_read - len, len, Context::Body(len)));
        }
        match head {
            Head::Request(request) => {
                *http = Http::Owes(request.clone(), raw, start);
                out.push(Output::Event(Event::Request(request, body)));
            }
            Head::Response(response) => {
                let closes = response.headers.lists("connection", "close");
                out.push(Output::Event(Event::Response(response, body)));
                if closes {
                    self.end(None, Ending::Closed, out);
                }
            }
        }
    }

    /// Answers a malformed request with its status, gives up on a malformed response.
    fn fail_http(&mut self, breach: Breach, out: &mut Vec<Output>) {
        let rule: Rule = breach.rule;
        self.n_read = (breach.bit + breach.bits.max(1)).div_ceil(8).max(self.n_read);
        out.push(Output::Breach(breach));
        let asked = matches!(&self.phase, Phase::Http(Http::Asked(Some(_))));
        if self.config.side == Side::Server {
            let body = Bytes::from(handshake::refusal_text(rule));
            write(out, handshake::refuse(rule).to_bytes(), Context::Response, body);
        }
        self.end(asked.then(never_open), Ending::Failed, out);
    }

    pub(super) fn end_http(&mut self, out: &mut Vec<Output>) {
        let Phase::Http(http) = &self.phase else { return };
        let closed = matches!(http, Http::Asked(Some(_))).then(never_open);
        let until_close =
            matches!(http, Http::Body(arriving) if arriving.framing == Framing::UntilClose);
        if until_close {
            self.finish_body(out);
        }
        if !matches!(self.phase, Phase::Over(..)) {
            self.end(closed, Ending::Closed, out);
        }
    }
}

/// What a client reports of a WebSocket connection that never opened.
fn never_open() -> Closed {
    Closed { code: 1006, reason: String::new(), clean: false }
}

fn write(out: &mut Vec<Output>, head: Bytes, context: Context, body: Bytes) {
    out.push(Output::Write(head, context));
    if !body.is_empty() {
        let len = body.len() as u64;
        out.push(Output::Write(body, Context::Body(len)));
    }
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
