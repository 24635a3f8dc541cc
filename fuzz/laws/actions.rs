//! **Law:** whatever two ends are asked to do and whatever comes between them, nothing panics, what
//! is refused changes nothing, and as long as nobody tampers with a direction, all that is written
//! in it is read at the other end without a breach, and messages arrive whole and in order.
//!
//! Two bytes say the ends, then a byte for every step: three bits of what, one of who, four of how.

use super::draw::{agreement, byte, flag, octets, offer, side, terms, word};
use super::line::{Line, Writer};
use arbitrary::Unstructured;
use bytes::Bytes;
use wirestep::conn::{Action, Config, Conn, Event, Kind, Last, Message, Output, State};
use wirestep::wire::Side;
use wirestep::wire::close::Close;
use wirestep::wire::http::{Headers, Request, Response};

/// More steps and more payload than these take long, and find nothing that these do not.
const MAX_STEPS: usize = 60;
const MAX_SAID: usize = 150_000;

/// Up to this many bytes, what arrives is fed to a twin byte by byte.
const SHORT: usize = 128;

/// Panics where the law is broken.
pub(crate) fn hold(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    let mut pair = Pair::draw(&mut u);
    for _ in 0..MAX_STEPS {
        if u.is_empty() || pair.n_said > MAX_SAID {
            break;
        }
        pair.step(&mut u);
    }
    pair.carry_all();
}

/// Two ends and the two directions between them.
struct Pair {
    client: Conn,
    server: Conn,
    /// From the client to the server.
    up: Line,
    /// From the server to the client.
    down: Line,
    /// How many bytes of payload were sent.
    n_said: usize,
}

impl Pair {
    fn draw(u: &mut Unstructured<'_>) -> Self {
        let (kind, window) = (byte(u), byte(u));
        let make = |side| {
            let config = Config::new(side, u64::from(kind));
            match kind & 3 {
                0 => Conn::new(config),
                1 => Conn::opened_with_deflate(config, agreement(window)),
                _ => Conn::opened(config),
            }
        };
        let (client, server) = (make(Side::Client), make(Side::Server));
        Self { client, server, up: Line::new(), down: Line::new(), n_said: 0 }
    }

    fn step(&mut self, u: &mut Unstructured<'_>) {
        let step = byte(u);
        let (who, how) = (side(step, 3), step >> 4);
        match step & 7 {
            0 => self.carry(who, usize::from(byte(u)) + 1),
            1 => self.act(who, part(u, how)),
            2 => self.act(who, control(u, how)),
            3 => self.act(who, close(u, how)),
            4 => self.act(who, http(u, who, how)),
            5 => self.tamper(u, who, how),
            6 if how == 0 => self.act(who, Action::HangUp),
            6 if how == 1 => self.end(who),
            _ => self.carry(who, usize::MAX),
        }
    }

    /// An end, the direction in which it writes, and the one in which it reads.
    fn at(&mut self, who: Side) -> (&mut Conn, &mut Line, &mut Line) {
        match who {
            Side::Client => (&mut self.client, &mut self.up, &mut self.down),
            Side::Server => (&mut self.server, &mut self.down, &mut self.up),
        }
    }

    fn act(&mut self, who: Side, action: Action) {
        if let Action::Part(part, _) = &action {
            self.n_said += part.data.len();
        }
        let (end, writes, reads) = self.at(who);
        let before = end.clone();
        let Ok(out) = end.act(action.clone()) else {
            return assert_eq!(*end, before, "what is refused changes nothing: {action:?}");
        };
        assert!(!before.over(), "an end that is over does nothing: {action:?}");
        let breaks = out.iter().any(|output| matches!(output, Output::Breach(_)));
        // A server that is asked to upgrade what never asked for it refuses.
        let may_break = matches!(action, Action::Accept(_)) && before.state() == State::Asking;
        assert!(may_break || reads.tampered() || !breaks, "nothing is wrong: {out:?}");
        if matches!(action, Action::Respond(..) | Action::Finish) {
            // A request may have waited for this: the client knows when an answer without a body
            // is whole before the server says so.
            reads.waits = false;
            if writes.writer == Writer::Answering {
                writes.writer = Writer::Ready;
            }
            reads.settle(&out);
        }
        match action {
            Action::Request(request, body) => writes.owe(Event::Request(Box::new(request), body)),
            Action::Upgrade(request, offer) => {
                writes.owe(Event::Request(Box::new(offer.complete(request)), Bytes::new()));
            }
            Action::Part(part, last) => writes.send_part(part, last),
            Action::Begin(_) => writes.writer = Writer::Answering,
            _ => {}
        }
        self.take(who, &out);
    }

    /// Lets up to `n` bytes arrive at an end, and the end of the flow after the last of them.
    fn carry(&mut self, to: Side, n: usize) {
        let (end, writes, reads) = self.at(to);
        let n = n.min(reads.flight.len());
        let bytes: Vec<_> = reads.flight.drain(..n).collect();
        if end.over() {
            assert_eq!(end.clone().receive(&bytes), [], "an end that is over is deaf");
            return reads.cut();
        }
        let mut twin = end.clone();
        let connecting = end.state() == State::Connecting;
        let mut out = end.receive(&bytes);
        let piece = if n <= SHORT { 1 } else { n / 2 };
        let single: Vec<_> = bytes.chunks(piece).flat_map(|piece| twin.receive(piece)).collect();
        assert_eq!(single, out, "the cut does not show");
        assert_eq!(twin, *end, "the cut does not show");
        let breaks = out.iter().any(|output| matches!(output, Output::Breach(_)));
        let refused = to == Side::Client && connecting && reads.refuses();
        assert!(refused || reads.tampered() || !breaks, "nothing is wrong: {out:?}");
        if reads.writer == Writer::Finished && reads.flight.is_empty() && !end.over() {
            out.extend(end.receive_end());
        }
        reads.waits = writes.writer == Writer::Answering;
        reads.settle(&out);
        self.take(to, &out);
    }

    /// Takes what an end puts out to where it belongs.
    fn take(&mut self, from: Side, out: &[Output]) {
        let (end, writes, reads) = self.at(from);
        for output in out {
            match output {
                Output::Write(bytes, context) => writes.write(bytes, context),
                Output::Event(Event::Opened(opened)) if from == Side::Server => {
                    writes.owe(Event::Opened(opened.clone()));
                }
                Output::Finish => writes.finish(),
                _ => {}
            }
        }
        assert_eq!(end.finished(), writes.writer == Writer::Finished);
        if end.over() {
            reads.cut();
        }
    }

    /// Bytes arrive that nobody wrote, or what is in flight is bent.
    fn tamper(&mut self, u: &mut Unstructured<'_>, to: Side, how: u8) {
        let (end, writes, reads) = self.at(to);
        reads.tamper();
        if matches!(end.state(), State::Idle | State::Asking | State::Connecting) {
            // A server that was asked in another's name answers a client that never asked.
            writes.tamper();
        }
        if how < 8 {
            let n = usize::from(byte(u));
            let out = end.receive(octets(u, n));
            self.take(to, &out);
        } else {
            let (place, bits) = (word(u), byte(u));
            let n = reads.flight.len().max(1);
            if let Some(byte) = reads.flight.get_mut(place % n) {
                *byte ^= bits;
            }
        }
    }

    /// The flow ends early.
    fn end(&mut self, to: Side) {
        let (end, _, reads) = self.at(to);
        reads.cut();
        let out = end.receive_end();
        assert!(end.over(), "nothing more will come");
        self.take(to, &out);
    }

    /// Lets all arrive that is in flight, and what is answered to it.
    fn carry_all(&mut self) {
        loop {
            self.carry(Side::Server, usize::MAX);
            self.carry(Side::Client, usize::MAX);
            if self.up.flight.is_empty() && self.down.flight.is_empty() {
                break;
            }
        }
    }
}

/// Bytes of a payload: drawn, or many alike.
fn data(u: &mut Unstructured<'_>, many: bool) -> Bytes {
    if many {
        let (n, value) = (word(u) + 3, byte(u));
        return Bytes::from(vec![value; n]);
    }
    let n = usize::from(byte(u));
    Bytes::copy_from_slice(octets(u, n))
}

fn part(u: &mut Unstructured<'_>, how: u8) -> Action {
    let kind = if flag(how, 0) { Kind::Binary } else { Kind::Text };
    let last = if flag(how, 1) { Last::No } else { Last::Yes };
    Action::Part(Message { kind, data: data(u, flag(how, 2)) }, last)
}

fn control(u: &mut Unstructured<'_>, how: u8) -> Action {
    let data = data(u, false);
    if flag(how, 0) { Action::Pong(data) } else { Action::Ping(data) }
}

fn close(u: &mut Unstructured<'_>, how: u8) -> Action {
    if flag(how, 0) {
        return Action::Close(None);
    }
    let code = word(u) as u16;
    let reason = String::from_utf8_lossy(&data(u, false)).into_owned();
    Action::Close(Some(Close::new(code, reason)))
}

/// What one side or the other does in the HTTP phase; refused where it is not that side's turn.
fn http(u: &mut Unstructured<'_>, who: Side, how: u8) -> Action {
    match who {
        Side::Client => ask(u, how),
        Side::Server => answer(u, how),
    }
}

fn ask(u: &mut Unstructured<'_>, how: u8) -> Action {
    let request = Request::new("GET", "/chat").with("Host", "server.example.com");
    if how & 3 > 0 {
        return Action::Upgrade(request, offer(u));
    }
    let (style, body) = (byte(u), data(u, false));
    let method = ["POST", "GET", "HEAD", "OPTIONS"][usize::from(style & 3)].into();
    let minor = u8::from(!flag(style, 2));
    let mut request = Request { method, minor, ..request };
    if flag(style, 3) {
        request = request.with("Expect", "100-continue");
    }
    if flag(style, 4) {
        request = request.with("Connection", "close");
    }
    let headers = with_framing(request.headers, &body, style >> 5);
    Action::Request(Request { headers, ..request }, body)
}

/// Headers that say how long the body is: rightly, in chunks, not at all, or wrongly.
fn with_framing(mut headers: Headers, body: &Bytes, style: u8) -> Headers {
    match style {
        0..=2 => headers.push("Content-Length", body.len().to_string()),
        3 | 4 => headers.push("Transfer-Encoding", "chunked"),
        5 | 6 => {}
        _ => headers.push("Content-Length", (body.len() + 1).to_string()),
    }
    headers
}

fn respond(style: u8) -> Response {
    let response = Response::new([200, 404, 204, 304][usize::from(style & 3)]);
    let response = match style >> 2 & 3 {
        0 | 1 => response,
        2 => response.with("Content-Type", "text/event-stream"),
        _ => response.with("Content-Type", "text/plain"),
    };
    if flag(style, 4) { response.with("Connection", "close") } else { response }
}

fn answer(u: &mut Unstructured<'_>, how: u8) -> Action {
    match how {
        0 | 1 => {
            let (style, body) = (byte(u), data(u, false));
            let response = respond(style);
            let headers = with_framing(response.headers.clone(), &body, style >> 5);
            Action::Respond(Response { headers, ..response }, body)
        }
        2 | 3 => Action::Begin(respond(byte(u))),
        4 | 5 => Action::Piece(data(u, false)),
        6 => Action::Finish,
        _ => Action::Accept(terms(u)),
    }
}
