//! One end of a connection as a plain value: actions and bytes in, outputs out.
//!
//! **Law (prefix):** what an end is after *n* bytes depends on those bytes and the actions taken
//! among them, never on how they were cut.
//! **Invariant:** knows no clock, no network and no other end.

mod arriving;
mod http;
pub mod luck;
mod message;
mod sending;
mod ws;

use crate::wire::close::Close;
use crate::wire::extension::Agreement;
use crate::wire::handshake::{Offer, Opened, Terms};
use crate::wire::http::{Request, Response};
use crate::wire::rule::Rule;
use crate::wire::sse;
use crate::wire::unit::Context;
use crate::wire::{Breach, Side};
use bytes::{Bytes, BytesMut};
pub use message::{Kind, Message};
use serde::{Deserialize, Serialize};

/// What an end is told when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Which end it is.
    pub side: Side,
    /// The seed of its masking keys and nonces; the keys are a function of it and their index.
    pub seed: u64,
    /// The largest message that it accepts, in bytes.
    pub max_message: u64,
}

impl Config {
    /// The largest message that an end accepts unless told otherwise: 16 MiB.
    pub const MAX_MESSAGE: u64 = 16 << 20;

    /// An end that accepts messages of up to [`Self::MAX_MESSAGE`].
    pub fn new(side: Side, seed: u64) -> Self {
        Self { side, seed, max_message: Self::MAX_MESSAGE }
    }
}

/// One end of a connection, from its first HTTP request to its last byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conn {
    config: Config,
    phase: Phase,
    /// Bytes that arrived and were not read yet.
    inbox: BytesMut,
    /// How many bytes were read: the offset of the inbox in the flow.
    n_read: u64,
    finished: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Http(http::Http),
    WebSocket(Box<ws::Ws>),
    Over(Option<Closed>, Ending),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Closed,
    Failed,
}

/// What an end is doing, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum State {
    /// HTTP: no request is under way.
    Idle,
    /// HTTP: a request is under way.
    Asking,
    /// An upgrade was asked for and not answered yet (RFC 6455 §4.1).
    Connecting,
    /// Messages can flow (RFC 6455 §4.1).
    Open,
    /// A Close was sent or received (RFC 6455 §7.1.3).
    Closing,
    /// Nothing more will come (RFC 6455 §7.1.4).
    Closed,
    /// This end failed the connection (RFC 6455 §7.1.7).
    Failed,
}

impl State {
    /// Every state, in the order in which an end can come to them.
    pub const ALL: [Self; 7] = [
        Self::Idle,
        Self::Asking,
        Self::Connecting,
        Self::Open,
        Self::Closing,
        Self::Closed,
        Self::Failed,
    ];

    /// The name in capitals, as RFC 6455 writes its states.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "IDLE",
            Self::Asking => "ASKING",
            Self::Connecting => "CONNECTING",
            Self::Open => "OPEN",
            Self::Closing => "CLOSING",
            Self::Closed => "CLOSED",
            Self::Failed => "FAILED",
        }
    }
}

/// What an end reports of the end of a connection (RFC 6455 §7.1.4 to §7.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The code that came; 1005 where a Close carried none, 1006 where no Close came.
    pub code: u16,
    /// The reason that came.
    pub reason: String,
    /// Whether the closing handshake was completed.
    pub clean: bool,
}

/// What an end is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Client: send a request.
    Request(Request, Bytes),
    /// Client: ask for the upgrade; the request is completed with the offer's headers.
    Upgrade(Request, Offer),
    /// Server: answer the request under way.
    Respond(Response, Bytes),
    /// Server: begin an answer whose body follows piece by piece; the framing headers are added.
    Begin(Response),
    /// Server: send a piece of the body that was begun; a piece of an event stream may hold any
    /// part of it.
    Piece(Bytes),
    /// Server: end the body that was begun.
    Finish,
    /// Server: answer the request under way by upgrading, or say why not.
    Accept(Terms),
    /// Send a fragment of a message.
    Part(Message, Last),
    /// Send a Ping with this payload.
    Ping(Bytes),
    /// Send a Pong with this payload, unasked.
    Pong(Bytes),
    /// Begin the closing handshake.
    Close(Option<Close>),
    /// Send nothing more: close this end's half of the TCP connection.
    HangUp,
}

impl Action {
    /// Sends a message in one frame.
    pub fn send(message: Message) -> Self {
        Self::Part(message, Last::Yes)
    }
}

/// Whether a fragment is the last of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// It is: FIN is set.
    Yes,
    /// More will follow.
    No,
}

/// What an end does in return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// It writes a unit.
    Write(Bytes, Context),
    /// It has read a unit whole: where it began in the flow, how long it was, what it was.
    Read(u64, u64, Context),
    /// It found a rule broken; bits count from the start of the flow.
    Breach(Breach),
    /// It tells the application.
    Event(Event),
    /// It will write no more: FIN.
    Finish,
}

/// What an end tells its application. Heads are large and rare, and lie apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Server: a request is there and wants an answer.
    Request(Box<Request>, Bytes),
    /// Client: the answer is there.
    Response(Box<Response>, Bytes),
    /// Client: the head of an answer is there whose body is a stream of events.
    Streaming(Box<Response>),
    /// Client: an event of the stream.
    StreamEvent(Box<sse::Event>),
    /// Client: the server says how long to wait before a new connection, in milliseconds.
    StreamRetry(u64),
    /// Client: the stream has ended; a new one would go on after this id, where one came.
    StreamEnded(String),
    /// Client: there will be no whole answer, because the server broke this rule.
    NoAnswer(Rule),
    /// Server: the connection is over, and the answer that is owed or under way reaches nobody.
    ClientGone,
    /// The WebSocket connection is open, and this is used on it.
    Opened(Opened),
    /// A message is whole.
    Message(Message),
    /// A Ping came; it is answered already.
    Ping(Bytes),
    /// A Pong came.
    Pong(Bytes),
    /// A Close came; it is answered already.
    Close(Option<Close>),
    /// The connection is over.
    Closed(Closed),
}

/// Why an action cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A request or an answer is due from the other side.
    #[error("this end cannot do that in the state {}", .0.name())]
    NotNow(State),
    /// The other end's part.
    #[error("only the {} does that", .0.name())]
    OtherSide(Side),
    /// Headers that leave the length of the body in doubt.
    #[error("nobody could tell where the body ends: {}", .0.statement())]
    Framing(Rule),
    /// A body that is not as long as its head says.
    #[error("Content-Length must say how long the body is: it says {0}")]
    Length(u64),
    /// An answer that is begun is one whose length is not known yet.
    #[error("leave Content-Length out: the pieces of the body frame themselves")]
    LengthOfPieces,
    /// Chunks for a client that does not know them.
    #[error("the request is HTTP/1.0, which knows no chunks: leave Transfer-Encoding out")]
    NoChunks,
    /// 101 comes from `Action::Accept` alone, and nothing begins with an interim status.
    #[error("status {0} cannot be the answer here: take 200 to 599")]
    InterimStatus(u16),
    /// A message was begun with another opcode.
    #[error("a message is in pieces; finish it before the next one begins (RFC 6455 §5.4)")]
    MessageOpen,
    /// A text that is none.
    #[error("a text message must be UTF-8; send it as binary (RFC 6455 §5.6)")]
    NotUtf8,
    /// A control frame that would be too long.
    #[error("a control frame carries at most 125 bytes (RFC 6455 §5.5)")]
    ControlTooLong,
    /// A code that may not be sent.
    #[error("close code {0} must not be sent; 1000 or 4000 to 4999 would do (RFC 6455 §7.4)")]
    CodeNotSendable(u16),
}

impl Conn {
    /// A connection on which nothing was said yet.
    pub fn new(config: Config) -> Self {
        Self::in_phase(config, Phase::Http(http::Http::Idle))
    }

    /// A WebSocket connection whose opening handshake is done.
    pub fn opened(config: Config) -> Self {
        Self::in_phase(config, Phase::WebSocket(Box::new(ws::Ws::new(config, None))))
    }

    /// A WebSocket connection whose opening handshake agreed on permessage-deflate.
    pub fn opened_with_deflate(config: Config, agreement: Agreement) -> Self {
        Self::in_phase(config, Phase::WebSocket(Box::new(ws::Ws::new(config, Some(agreement)))))
    }

    fn in_phase(config: Config, phase: Phase) -> Self {
        Self { config, phase, inbox: BytesMut::new(), n_read: 0, finished: false }
    }

    /// Which end it is.
    pub fn side(&self) -> Side {
        self.config.side
    }

    /// How many bytes of the flow were read as whole units or payload.
    pub fn n_read(&self) -> u64 {
        self.n_read
    }

    /// About how many bytes it holds beside itself.
    pub fn n_held(&self) -> usize {
        let phase = match &self.phase {
            Phase::Http(http) => http.n_held(),
            Phase::WebSocket(ws) => ws.n_held(),
            Phase::Over(..) => 0,
        };
        self.inbox.len() + phase
    }

    /// What the end is doing.
    pub fn state(&self) -> State {
        match &self.phase {
            Phase::Http(http) => http.state(),
            Phase::WebSocket(ws) => ws.state(),
            Phase::Over(_, Ending::Closed) => State::Closed,
            Phase::Over(_, Ending::Failed) => State::Failed,
        }
    }

    /// What the end would report of the connection's end, as soon as that is known.
    pub fn report(&self) -> Option<Closed> {
        match &self.phase {
            Phase::Http(_) => None,
            Phase::WebSocket(ws) => ws.report(),
            Phase::Over(closed, _) => closed.clone(),
        }
    }

    /// What the next unit of the peer is held against; `None` where none is expected.
    pub fn expects(&self) -> Option<Context> {
        match &self.phase {
            Phase::Http(http) => http.expects(self.config.side),
            Phase::WebSocket(ws) => Some(Context::Frame(ws.expects())),
            Phase::Over(..) => None,
        }
    }

    /// Whether the connection is over for this end: it reads nothing more (RFC 6455 §7.1.7).
    pub fn over(&self) -> bool {
        matches!(self.phase, Phase::Over(..))
    }

    /// Whether this end has closed its half of the TCP connection.
    pub fn finished(&self) -> bool {
        self.finished
    }

    /// Does what is asked.
    ///
    /// # Errors
    /// Why it cannot be; nothing has changed then.
    pub fn act(&mut self, action: Action) -> Result<Vec<Output>, Refusal> {
        let mut out = Vec::new();
        match (&mut self.phase, action) {
            (Phase::Over(..), _) => return Err(Refusal::NotNow(self.state())),
            (_, Action::HangUp) => self.hang_up(&mut out),
            (Phase::Http(_), action) => self.act_http(action, &mut out)?,
            (Phase::WebSocket(ws), action) => ws.act(action, &mut out)?,
        }
        self.drive(&mut out);
        Ok(out)
    }

    /// Takes the bytes that have arrived.
    pub fn receive(&mut self, bytes: &[u8]) -> Vec<Output> {
        let mut out = Vec::new();
        self.receive_into(bytes, &mut out);
        out
    }

    /// Takes the bytes that have arrived, and appends what it does in return to `out`: the way to
    /// read much without asking for memory each time.
    pub fn receive_into(&mut self, bytes: &[u8], out: &mut Vec<Output>) {
        if let Phase::WebSocket(_) = &self.phase
            && self.inbox.is_empty()
        {
            // Frames are read where they lie; only what is cut waits in the inbox.
            let mut rest = bytes;
            self.read_ws(&mut rest, out);
            if let Phase::WebSocket(ws) = &mut self.phase {
                self.inbox.extend_from_slice(rest);
                ws.rest();
            }
            return;
        }
        self.inbox.extend_from_slice(bytes);
        self.drive(out);
    }

    /// Takes note that the other end has closed its half of the TCP connection.
    pub fn receive_end(&mut self) -> Vec<Output> {
        let mut out = Vec::new();
        if let Phase::Http(_) = &self.phase {
            self.end_http(&mut out);
        }
        if let Phase::WebSocket(ws) = &self.phase {
            let closed = ws.report_end();
            self.end(Some(closed), Ending::Closed, &mut out);
        }
        out
    }

    /// Reads what can be read.
    fn drive(&mut self, out: &mut Vec<Output>) {
        loop {
            let read_on = match &self.phase {
                Phase::Http(_) => self.read_http(out),
                Phase::WebSocket(_) => {
                    self.read_ws_inbox(out);
                    false
                }
                Phase::Over(..) => {
                    // RFC 6455 §7.1.7: nothing more is processed once the connection is over.
                    self.inbox.clear();
                    false
                }
            };
            if !read_on {
                return;
            }
        }
    }

    fn hang_up(&mut self, out: &mut Vec<Output>) {
        match &self.phase {
            Phase::Http(_) => self.end(None, Ending::Closed, out),
            Phase::WebSocket(ws) => {
                let closed = ws.report_end();
                self.end(Some(closed), Ending::Closed, out);
            }
            Phase::Over(..) => {}
        }
    }

    /// Ends the connection as far as this end is concerned.
    fn end(&mut self, closed: Option<Closed>, ending: Ending, out: &mut Vec<Output>) {
        if !self.finished {
            self.finished = true;
            out.push(Output::Finish);
        }
        if let Some(closed) = &closed {
            out.push(Output::Event(Event::Closed(closed.clone())));
        }
        self.phase = Phase::Over(closed, ending);
        self.inbox.clear();
    }

    /// Takes `n` read bytes off the inbox.
    fn take(&mut self, n: usize) -> Bytes {
        self.n_read += n as u64;
        self.inbox.split_to(n).freeze()
    }
}
