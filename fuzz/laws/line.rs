//! One direction between two ends: what is in flight, and what must come out of it.
//!
//! **Invariant:** what must come out is taken from what was asked for and from what was written,
//! never from what the reader says.

use super::draw::keeps_to;
use bytes::Bytes;
use std::collections::VecDeque;
use wirestep::conn::{Event, Last, Message, Output};
use wirestep::wire::close::Close;
use wirestep::wire::http::Response;
use wirestep::wire::unit::{Context, Dissection, dissect};
use wirestep::wire::ws::Opcode;
use wirestep::wire::{Field, Reader};

/// One direction: written at one end, read at the other.
#[derive(Debug)]
pub(super) struct Line {
    /// Bytes that were written and have not arrived.
    pub(super) flight: Vec<u8>,
    pub(super) writer: Writer,
    /// Whether the reader is busy with an answer, so that requests wait.
    pub(super) waits: bool,
    /// The events that the reader owes for what was written, in their order; `None` where anything
    /// but the writer's own bytes has arrived, so that nothing can be expected.
    due: Option<VecDeque<Event>>,
    /// The fragments of the message that is being sent.
    parts: Vec<Message>,
    /// Whether a Close was written: the reader passes over what comes after it.
    closed: bool,
    /// Where the next unit begins, as the reader counts.
    n_read: u64,
    /// How many bytes of an event were written that may never end: they are no unit then.
    n_open: u64,
}

/// What the writer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    /// It writes whole messages.
    Ready,
    /// It has begun an answer that has not ended.
    Answering,
    /// It will write no more.
    Finished,
}

impl Line {
    pub(super) fn new() -> Self {
        Self {
            flight: Vec::new(),
            writer: Writer::Ready,
            waits: false,
            due: Some(VecDeque::new()),
            parts: Vec::new(),
            closed: false,
            n_read: 0,
            n_open: 0,
        }
    }

    /// Whether nothing can be expected of the reader.
    pub(super) fn tampered(&self) -> bool {
        self.due.is_none()
    }

    /// Takes note that nothing can be expected of the reader any more.
    pub(super) fn tamper(&mut self) {
        self.due = None;
    }

    /// Takes note that the reader owes this event.
    pub(super) fn owe(&mut self, event: Event) {
        if let Some(due) = &mut self.due {
            due.push_back(event);
        }
    }

    /// Takes note of a fragment that was sent.
    pub(super) fn send_part(&mut self, part: Message, last: Last) {
        self.parts.push(part);
        if last == Last::Yes {
            let parts = std::mem::take(&mut self.parts);
            let data: Vec<_> = parts.iter().map(|part| &part.data[..]).collect();
            let message = Message { kind: parts[0].kind, data: data.concat().into() };
            self.owe(Event::Message(message));
        }
    }

    /// Takes note that the writer will write no more.
    pub(super) fn finish(&mut self) {
        if self.writer == Writer::Answering {
            // The answer is cut short.
            self.tamper();
        }
        self.writer = Writer::Finished;
    }

    /// Takes a unit that the writer wrote: it is whole and breaks no rule.
    pub(super) fn write(&mut self, bytes: &[u8], context: &Context) {
        let found = dissect(bytes, context);
        assert_eq!(found.breaches, [], "an end keeps the rules: {bytes:02x?}");
        assert_eq!(found.consumed, bytes.len(), "a unit is written alone");
        // A piece of an event stream may hold any part of it.
        let whole = found.needs.is_none() || matches!(context, Context::Event(_));
        assert!(whole, "a unit is written whole: {bytes:02x?}");
        assert!(self.writer != Writer::Finished, "nothing is written after the end");
        self.flight.extend_from_slice(bytes);
        match context {
            Context::Response => self.write_response(bytes),
            Context::Body(_) => self.write_body(bytes),
            Context::Chunk(_) => {
                let data = found.fields.iter().filter(|field| field.spec.name == "chunk_data");
                data.for_each(|data| self.write_body(data.octets()));
            }
            Context::Frame(_) if !self.closed => {
                if let Some(event) = control_event(&found) {
                    self.closed = matches!(event, Event::Close(_));
                    self.owe(event);
                }
            }
            Context::Event(_) if found.needs.is_some() => self.n_open += bytes.len() as u64,
            Context::Request | Context::Event(_) | Context::Frame(_) => {}
        }
    }

    fn write_response(&mut self, bytes: &[u8]) {
        let notes = &mut ();
        let response = Response::read(&mut Reader::new(bytes, 0, notes)).expect("it was dissected");
        if response.status >= 200 {
            self.owe(Event::Response(Box::new(response), Bytes::new()));
        }
    }

    fn write_body(&mut self, bytes: &[u8]) {
        if let Some(Event::Response(_, body)) = self.due.as_mut().and_then(VecDeque::back_mut) {
            *body = [&body[..], bytes].concat().into();
        }
    }

    /// Whether a response that does not upgrade is the next to arrive.
    pub(super) fn refuses(&self) -> bool {
        let next = self.due.as_ref().and_then(VecDeque::front);
        matches!(next, Some(Event::Response(..)))
    }

    /// Holds what the reader put out for what arrived against what it owes.
    pub(super) fn settle(&mut self, out: &[Output]) {
        let Some(due) = &mut self.due else { return };
        for output in out {
            match output {
                Output::Read(start, len, _) => {
                    let gap = start - self.n_read;
                    assert!(
                        gap <= self.n_open,
                        "units are read one after the other, not at {start}"
                    );
                    self.n_read = start + len;
                }
                Output::Event(Event::Closed(_) | Event::ClientGone) => {}
                Output::Event(event) => pay(due, event),
                _ => {}
            }
        }
        let n_open = usize::from(self.writer == Writer::Answering);
        let waits = !self.flight.is_empty() || self.waits;
        assert!(waits || due.len() <= n_open, "all has arrived, and is not delivered: {due:?}");
    }

    /// Forgets what is under way: the reader is gone.
    pub(super) fn cut(&mut self) {
        self.flight.clear();
        self.tamper();
    }
}

/// Holds an event against the next that is due.
fn pay(due: &mut VecDeque<Event>, event: &Event) {
    match (event, due.pop_front()) {
        (Event::Response(got, read), Some(Event::Response(response, body))) => {
            assert_eq!(*got, response);
            // A client that asked for an upgrade fails the connection at the head.
            assert!(*read == body || read.is_empty(), "a body arrives whole: {read:?}");
        }
        (Event::Streaming(got), Some(Event::Response(response, _))) => {
            assert_eq!(*got, response);
            due.push_front(Event::StreamEnded(String::new()));
        }
        (Event::StreamEvent(_) | Event::StreamRetry(_), Some(end @ Event::StreamEnded(_))) => {
            due.push_front(end);
        }
        (Event::StreamEnded(_), Some(Event::StreamEnded(_))) => {}
        (Event::Opened(client), Some(Event::Opened(server))) => {
            assert!(keeps_to(client, &server), "{client:?}, {server:?}");
        }
        (event, next) => {
            assert_eq!(Some(event), next.as_ref(), "what was sent arrives, in its order");
        }
    }
}

/// What a control frame tells the application of its reader.
fn control_event(found: &Dissection) -> Option<Event> {
    let opcode = found.header.expect("a frame has a header").opcode;
    let payload = found.field("payload").map(Field::octets).unwrap_or_default();
    let payload = Bytes::copy_from_slice(payload);
    Some(match opcode {
        Opcode::PING => Event::Ping(payload),
        Opcode::PONG => Event::Pong(payload),
        Opcode::CLOSE => Event::Close(found.field("close_code").map(|code| {
            let reason = found.field("close_reason").map(Field::octets).unwrap_or_default();
            let reason = String::from_utf8(reason.to_vec()).expect("it was dissected");
            let code = code.number().expect("it is whole");
            Close::new(u16::try_from(code).expect("it has 16 bits"), reason)
        })),
        _ => return None,
    })
}
