//! The WebSocket phase: frames in and out, messages, ping and pong, the closing handshake.

use super::message::{Assembly, Kind, Message};
use super::{
    Action, Closed, Config, Conn, Ending, Event, Last, Output, Phase, Refusal, State, luck,
};
use crate::wire::close::{self, Close};
use crate::wire::rule::Rule;
use crate::wire::unit::Context;
use crate::wire::utf8::Utf8;
use crate::wire::ws::{Chunk, Expect, Frame, Header, Intake, Opcode};
use crate::wire::{Breach, Reader, Side, Stop};
use bytes::Bytes;

/// What one end of an open WebSocket connection knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ws {
    config: Config,
    /// What the next frame from the peer is held against.
    expect: Expect,
    /// What the peer holds the next frame of this end against.
    promise: Expect,
    /// The frame whose payload is arriving, and where it began in the flow.
    intake: Option<(Intake, u64)>,
    assembly: Assembly,
    n_frames_sent: u64,
    close_sent: bool,
    peer_close: PeerClose,
}

/// Whether the peer has sent a Close, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PeerClose {
    NotYet,
    Bare,
    With(Close),
}

impl Ws {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            expect: Expect { max_payload: config.max_message, ..Expect::start(config.side.peer()) },
            promise: Expect::start(config.side),
            intake: None,
            assembly: Assembly::default(),
            n_frames_sent: 0,
            close_sent: false,
            peer_close: PeerClose::NotYet,
        }
    }

    pub(super) fn state(&self) -> State {
        if self.close_sent || self.close_came() { State::Closing } else { State::Open }
    }

    /// What the next frame from the peer is held against.
    pub(super) fn expects(&self) -> Expect {
        self.expect
    }

    /// What is known of the connection's end: something as soon as a Close came.
    pub(super) fn report(&self) -> Option<Closed> {
        self.close_came().then(|| self.report_end())
    }

    /// What this end reports if the connection ends here.
    pub(super) fn report_end(&self) -> Closed {
        let (code, reason) = match &self.peer_close {
            // RFC 6455 §7.1.5: "If this Close control frame contains no status code,
            // _The WebSocket Connection Close Code_ is considered to be 1005."
            PeerClose::Bare => (1005, String::new()),
            PeerClose::With(close) => (close.code, close.reason.clone()),
            PeerClose::NotYet => (1006, String::new()),
        };
        Closed { code, reason, clean: self.close_sent && self.close_came() }
    }

    fn close_came(&self) -> bool {
        self.peer_close != PeerClose::NotYet
    }

    pub(super) fn act(&mut self, action: Action, out: &mut Vec<Output>) -> Result<(), Refusal> {
        match action {
            // RFC 6455 §5.5.1: nothing may be sent after a Close.
            _ if self.close_sent => Err(Refusal::NotNow(self.state())),
            Action::Part(part, last) => self.send_part(part, last, out),
            Action::Ping(data) => self.send_control(Opcode::PING, data, out),
            Action::Pong(data) => self.send_control(Opcode::PONG, data, out),
            Action::Close(close) => self.send_close(close.as_ref(), out),
            Action::Request(..)
            | Action::Upgrade(..)
            | Action::Respond(..)
            | Action::Accept(_)
            | Action::HangUp => Err(Refusal::NotNow(self.state())),
        }
    }

    fn send_part(
        &mut self,
        part: Message,
        last: Last,
        out: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        let first = match part.kind {
            Kind::Text => Opcode::TEXT,
            Kind::Binary => Opcode::BINARY,
        };
        let opcode = match self.promise.message {
            None => first,
            Some(open) if open == first => Opcode::CONTINUATION,
            Some(_) => return Err(Refusal::MessageOpen),
        };
        let mut utf8 = self.promise.utf8;
        if part.kind == Kind::Text {
            utf8.push(&part.data).map_err(|_| Refusal::NotUtf8)?;
            if last == Last::Yes && !utf8.complete() {
                return Err(Refusal::NotUtf8);
            }
        }
        self.write(opcode, last, part.data, utf8, out);
        Ok(())
    }

    fn send_control(
        &mut self,
        opcode: Opcode,
        data: Bytes,
        out: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        if data.len() > 125 {
            return Err(Refusal::ControlTooLong);
        }
        self.write(opcode, Last::Yes, data, Utf8::default(), out);
        Ok(())
    }

    fn send_close(&mut self, close: Option<&Close>, out: &mut Vec<Output>) -> Result<(), Refusal> {
        let mut payload = Bytes::new();
        if let Some(close) = close {
            if !close::sendable(close.code) {
                return Err(Refusal::CodeNotSendable(close.code));
            }
            payload = close.to_payload().freeze();
        }
        self.send_control(Opcode::CLOSE, payload, out)?;
        self.close_sent = true;
        Ok(())
    }

    fn write(
        &mut self,
        opcode: Opcode,
        last: Last,
        data: Bytes,
        utf8: Utf8,
        out: &mut Vec<Output>,
    ) {
        // RFC 6455 §5.3: "The masking key is a 32-bit value chosen at random by the client."
        let key = match self.config.side {
            Side::Client => Some(luck::masking_key(self.config.seed, self.n_frames_sent)),
            Side::Server => None,
        };
        self.n_frames_sent += 1;
        let mut frame = Frame::new(opcode, data, key);
        frame.header.fin = last == Last::Yes;
        out.push(Output::Write(frame.to_bytes(), Context::Frame(self.promise)));
        self.promise = self.promise.after(&frame.header, utf8);
    }

    /// The kind of the message that is arriving.
    fn kind(&self, header: &Header) -> Kind {
        let opcode = match header.opcode {
            Opcode::CONTINUATION => self.expect.message,
            opcode => Some(opcode),
        };
        if opcode == Some(Opcode::TEXT) { Kind::Text } else { Kind::Binary }
    }

    /// Takes what a frame yielded; `ended` once all of it was read.
    fn accept_chunk(&mut self, header: &Header, chunk: Chunk, ended: bool, out: &mut Vec<Output>) {
        match (chunk, header.opcode) {
            (Chunk::Close(close), _) => {
                self.peer_close = close.clone().map_or(PeerClose::Bare, PeerClose::With);
                out.push(Output::Event(Event::Close(close.clone())));
                if !self.close_sent {
                    // RFC 6455 §5.5.1: "the endpoint MUST send a Close frame in response".
                    self.send_close(close.as_ref(), out).expect("a code that was read is sendable");
                }
            }
            (Chunk::Data(data), Opcode::PING) => {
                out.push(Output::Event(Event::Ping(data.clone())));
                if !self.close_sent {
                    // RFC 6455 §5.5.2: "an endpoint MUST send a Pong frame in response".
                    self.send_control(Opcode::PONG, data, out)
                        .expect("a Ping that was read is short");
                }
            }
            (Chunk::Data(data), Opcode::PONG) => out.push(Output::Event(Event::Pong(data))),
            (Chunk::Data(data), _) => {
                self.assembly.push(&data);
                if ended && header.fin {
                    let message = self.assembly.finish(self.kind(header));
                    out.push(Output::Event(Event::Message(message)));
                }
            }
        }
    }
}

impl Conn {
    /// Reads the next step of a frame; whether more can be read.
    pub(super) fn read_ws(&mut self, out: &mut Vec<Output>) -> bool {
        let Phase::WebSocket(ws) = &mut self.phase else { return false };
        let notes = &mut ();
        let mut reader = Reader::new(&self.inbox, self.n_read * 8, notes);
        let (mut intake, start) = match ws.intake.take() {
            Some(begun) => begun,
            None => match Header::read(&mut reader, &ws.expect) {
                Ok(header) => (Intake::new(header, &ws.expect), self.n_read),
                Err(stop) => return self.stop_ws(stop, out),
            },
        };
        let chunk = match intake.read(&mut reader) {
            Ok(chunk) => chunk,
            // Only a control frame is read whole or not at all: its header waits with it.
            Err(stop) => return self.stop_ws(stop, out),
        };
        let header = *intake.header();
        let n = reader.consumed();
        let ended = intake.missing() == 0;
        self.n_read += n as u64;
        bytes::Buf::advance(&mut self.inbox, n);
        if ended {
            let context = Context::Frame(ws.expect);
            out.push(Output::Read(start, self.n_read - start, context));
        }
        ws.accept_chunk(&header, chunk, ended, out);
        if ended {
            ws.expect = ws.expect.after(&header, intake.utf8());
            ws.expect.max_payload = ws.config.max_message - ws.assembly.len();
        } else {
            ws.intake = Some((intake, start));
        }
        self.end_ws_if_closed(out);
        ended
    }

    fn stop_ws(&mut self, stop: Stop, out: &mut Vec<Output>) -> bool {
        if let Stop::Breach(breach) = stop {
            self.fail_ws(breach, out);
        }
        false
    }

    /// Fails the connection: says why in a Close, and closes TCP (RFC 6455 §7.1.7).
    fn fail_ws(&mut self, breach: Breach, out: &mut Vec<Output>) {
        let Phase::WebSocket(ws) = &mut self.phase else { return };
        let rule: Rule = breach.rule;
        // Bytes of the culprit count as read: after them the outcome was known.
        self.n_read = (breach.bit + breach.bits.max(1)).div_ceil(8).max(self.n_read);
        out.push(Output::Breach(breach));
        if !ws.close_sent {
            let code = rule.close_code().unwrap_or(1002);
            ws.send_close(Some(&Close::new(code, "")), out).expect("rules name sendable codes");
        }
        let closed = Closed { clean: false, ..ws.report_end() };
        self.end(Some(closed), Ending::Failed, out);
    }

    /// The server closes TCP as soon as both have sent a Close; the client waits for that.
    fn end_ws_if_closed(&mut self, out: &mut Vec<Output>) {
        let Phase::WebSocket(ws) = &self.phase else { return };
        // RFC 6455 §7.1.1: "the server MUST close the TCP connection immediately", and a client
        // "SHOULD wait for the server to close the connection".
        if ws.close_sent && ws.close_came() && ws.config.side == Side::Server {
            let closed = ws.report_end();
            self.end(Some(closed), Ending::Closed, out);
        }
    }
}
