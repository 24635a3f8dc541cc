//! The WebSocket phase: frames in and out, messages, ping and pong, the closing handshake.

use super::message::{Assembly, Kind, Message};
use super::{
    Action, Closed, Config, Conn, Ending, Event, Last, Output, Phase, Refusal, State, luck,
};
use crate::wire::buffer::Buffer;
use crate::wire::close::{self, Close};
use crate::wire::deflate::Deflater;
use crate::wire::extension::Agreement;
use crate::wire::intake::{Intake, Said};
use crate::wire::rule::Rule;
use crate::wire::unit::Context;
use crate::wire::utf8::Utf8;
use crate::wire::ws::{Expect, Frame, Header, Length, Opcode};
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
    intake: Option<Box<(Intake, u64)>>,
    assembly: Assembly,
    /// What deflates messages, where permessage-deflate was agreed.
    deflater: Option<Box<Deflater>>,
    n_frames_sent: u64,
    close_sent: bool,
    peer_close: PeerClose,
}

/// Appends what `make` makes in the place where it stays: moving an output there would take longer
/// than reading the frame that it tells of.
#[expect(clippy::inline_always, reason = "what is made is known only where it is made")]
#[inline(always)]
fn push_with(out: &mut Vec<Output>, make: impl FnOnce() -> Output) {
    out.extend(std::iter::once_with(make));
}

/// Whether the peer has sent a Close, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PeerClose {
    NotYet,
    Bare,
    With(Box<Close>),
}

impl Ws {
    pub(super) fn new(config: Config, deflate: Option<Agreement>) -> Self {
        let start = |side| match deflate {
            Some(agreement) => Expect::start(side).with_deflate(agreement.of(side)),
            None => Expect::start(side),
        };
        Self {
            config,
            expect: Expect { max_payload: config.max_message, ..start(config.side.peer()) },
            promise: start(config.side),
            intake: None,
            assembly: Assembly::default(),
            deflater: deflate.map(|agreement| Box::new(Deflater::new(agreement.of(config.side)))),
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
        self.expect.clone()
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

    /// About how many bytes it holds, itself included.
    pub(super) fn n_held(&self) -> usize {
        let inflaters = [&self.expect.inflater, &self.promise.inflater];
        let inflaters = inflaters.into_iter().flatten().map(|inflater| inflater.n_held());
        let deflater = self.deflater.as_ref().map_or(0, |deflater| deflater.n_held());
        let intake = self.intake.as_ref().map_or(0, |intake| size_of_val(&**intake));
        let parts = deflater + intake + self.assembly.len() as usize;
        size_of::<Self>() + parts + inflaters.sum::<usize>()
    }

    /// Holds no more memory than it must until more comes.
    pub(super) fn rest(&mut self) {
        self.assembly.rest();
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
            | Action::Begin(_)
            | Action::Piece(_)
            | Action::Finish
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
        let mut payload = part.data;
        let mut header = Header::new(opcode, 0, None);
        header.fin = last == Last::Yes;
        if let Some(deflater) = &mut self.deflater {
            // RFC 7692 §6.1: the bit is set on the first frame of a compressed message.
            header.rsv[0] = opcode.begins_message();
            payload = match last {
                Last::Yes => deflater.last_fragment(&payload).freeze(),
                Last::No => deflater.fragment(&payload).freeze(),
            };
        }
        self.write(header, payload, utf8, out);
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
        self.write(Header::new(opcode, 0, None), data, Utf8::default(), out);
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

    /// Writes a frame of this header, whose length and masking key are set here.
    fn write(&mut self, header: Header, payload: Bytes, utf8: Utf8, out: &mut Vec<Output>) {
        // RFC 6455 §5.3: "The masking key is a 32-bit value chosen at random by the client."
        let key = match self.config.side {
            Side::Client => Some(luck::masking_key(self.config.seed, self.n_frames_sent)),
            Side::Server => None,
        };
        self.n_frames_sent += 1;
        let header =
            Header { length: Length::minimal(payload.len() as u64), masking_key: key, ..header };
        let frame = Frame { header, payload };
        out.push(Output::Write(frame.to_bytes(), Context::Frame(self.promise.clone())));
        self.keep_promise(&frame, utf8);
    }

    /// Takes note of what the peer knows once it has read a frame of this end.
    fn keep_promise(&mut self, frame: &Frame, utf8: Utf8) {
        if self.promise.compresses(&frame.header) {
            let mut inflated = Buffer::new();
            let inflater = self.promise.inflater.as_mut().expect("a compressed message has one");
            inflater.push(&frame.payload, u64::MAX, &mut inflated).expect("it was deflated here");
            if frame.header.fin {
                inflater.flush(u64::MAX, &mut inflated).expect("it was deflated here");
                inflater.end();
            }
        }
        self.promise.pass(&frame.header, utf8);
    }

    /// The kind of the message that is arriving.
    fn kind(&self, header: &Header) -> Kind {
        let opcode = match header.opcode {
            Opcode::CONTINUATION => self.expect.message,
            opcode => Some(opcode),
        };
        if opcode == Some(Opcode::TEXT) { Kind::Text } else { Kind::Binary }
    }

    /// Takes what a frame that has ended yielded: behind `n_before` bytes lies what a control frame
    /// carried.
    #[inline]
    fn accept(&mut self, header: &Header, said: Said, n_before: u64, out: &mut Vec<Output>) {
        if header.opcode.control() {
            return self.accept_control(header.opcode, said, n_before, out);
        }
        if header.fin {
            let kind = self.kind(header);
            push_with(out, || Output::Event(Event::Message(self.assembly.finish(kind))));
        }
    }

    #[inline(never)]
    fn accept_control(&mut self, opcode: Opcode, said: Said, n_before: u64, out: &mut Vec<Output>) {
        let data = self.assembly.split_off(n_before);
        match (said, opcode) {
            // RFC 6455 §1.4: "after receiving a control frame indicating the connection should
            // be closed, a peer discards any further data received."
            _ if self.close_came() => {}
            (Said::Close(close), _) => {
                self.peer_close =
                    close.clone().map_or(PeerClose::Bare, |close| PeerClose::With(Box::new(close)));
                out.push(Output::Event(Event::Close(close.clone())));
                if !self.close_sent {
                    // RFC 6455 §5.5.1: "the endpoint MUST send a Close frame in response".
                    self.send_close(close.as_ref(), out).expect("a code that was read is sendable");
                }
            }
            (Said::Data, Opcode::PING) => {
                out.push(Output::Event(Event::Ping(data.clone())));
                // RFC 6455 §5.5.2: "an endpoint MUST send a Pong frame in response, unless it
                // already received a Close frame." One that has sent a Close still answers.
                self.send_control(Opcode::PONG, data, out).expect("a Ping that was read is short");
            }
            (Said::Data, _) => out.push(Output::Event(Event::Pong(data))),
        }
    }

    /// How many more bytes of the message that is arriving are accepted.
    fn room(&self) -> u64 {
        let n_fed = self.expect.inflater.as_ref().map_or(0, |inflater| inflater.n_fed());
        self.config.max_message.saturating_sub(self.assembly.len().max(n_fed))
    }
}

impl Conn {
    /// Reads what can be read of the inbox.
    pub(super) fn read_ws_inbox(&mut self, out: &mut Vec<Output>) {
        let mut inbox = std::mem::take(&mut self.inbox);
        let mut rest = &inbox[..];
        self.read_ws(&mut rest, out);
        let n = inbox.len() - rest.len();
        if !self.over() {
            bytes::Buf::advance(&mut inbox, n);
            self.inbox = inbox;
        }
    }

    /// Reads frames from the front of `bytes`, and what there is of the last one.
    pub(super) fn read_ws(&mut self, bytes: &mut &[u8], out: &mut Vec<Output>) {
        while let Phase::WebSocket(ws) = &mut self.phase {
            let notes = &mut ();
            let mut reader = Reader::new(bytes, self.n_read * 8, notes);
            let (mut intake, start) = if ws.intake.is_some() {
                *ws.intake.take().expect("it is there")
            } else {
                match Header::read(&mut reader, &ws.expect) {
                    Ok(header) => (Intake::new(header, &mut ws.expect), self.n_read),
                    Err(stop) => return self.stop_ws(stop, out),
                }
            };
            let header = *intake.header();
            let n_before = ws.assembly.len();
            // Messages that came together share their memory.
            ws.assembly.data().prepare(reader.rest().len());
            let said = match intake.read(&mut reader, ws.assembly.data()) {
                Ok(said) => said,
                // Only a control frame is read whole or not at all: its header waits with it.
                Err(stop) => return self.stop_ws(stop, out),
            };
            let n = reader.consumed();
            self.n_read += n as u64;
            *bytes = &bytes[n..];
            if intake.missing() > 0 {
                ws.intake = Some(Box::new((intake, start)));
                return;
            }
            push_with(out, || {
                Output::Read(start, self.n_read - start, Context::Frame(ws.expect.clone()))
            });
            ws.accept(&header, said, n_before, out);
            intake.end(&mut ws.expect);
            ws.expect.max_payload = ws.room();
            self.end_ws_if_closed(out);
        }
    }

    fn stop_ws(&mut self, stop: Stop, out: &mut Vec<Output>) {
        if let Stop::Breach(breach) = stop {
            self.fail_ws(breach, out);
        }
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
        // RFC 6455 §5.5.1: "The server MUST close the underlying TCP connection immediately; the
        // client SHOULD wait for the server to close the connection".
        if ws.close_sent && ws.close_came() && ws.config.side == Side::Server {
            let closed = ws.report_end();
            self.end(Some(closed), Ending::Closed, out);
        }
    }
}
