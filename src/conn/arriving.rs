//! An HTTP message on its way in: the head was read, the body was not.
//!
//! **Law (prefix):** a step reads what there is of one thing: a size line, data, an event.

use super::http::After;
use super::{Event, Output};
use crate::wire::body::{self, Chunk, Content, Framing, MAX_BODY, Sink};
use crate::wire::http::{Request, Response};
use crate::wire::rule::Rule;
use crate::wire::sse::{Found, Progress};
use crate::wire::unit::Context;
use crate::wire::{Breach, Reader, Stop};
use bytes::{Buf, Bytes, BytesMut};

/// A message whose head was read and whose body was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arriving {
    pub(super) head: Head,
    /// Client: whether its request was the last one on the connection.
    pub(super) asked: After,
    framing: Framing,
    /// How many bytes are missing, where the length is known.
    missing: u64,
    sink: Sink,
    /// What the unit that is arriving is held against, and where it began in the flow.
    unit: (body::Expect, u64),
    /// The chunk whose size was read.
    chunk: Option<Chunk>,
}

/// A head as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) message: Message,
    pub(super) raw: Bytes,
    /// Where it began in the flow.
    pub(super) start: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    Request(Request),
    Response(Response),
}

/// What reading a step of a body came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More bytes are needed.
    Waits,
    /// There may be more to read.
    GoesOn,
    /// The body is whole.
    Whole,
}

/// The bytes that have arrived, and how many were read before them.
pub(super) struct Inbox<'a> {
    pub(super) bytes: &'a mut BytesMut,
    pub(super) n_read: &'a mut u64,
}

impl Inbox<'_> {
    fn reader<'a>(&'a self, notes: &'a mut ()) -> Reader<'a, ()> {
        Reader::new(self.bytes, *self.n_read * 8, notes)
    }

    fn advance(&mut self, n: usize) {
        self.bytes.advance(n);
        *self.n_read += n as u64;
    }
}

impl Message {
    /// What a head of this kind is read as.
    pub(super) fn context(&self) -> Context {
        match self {
            Self::Request(_) => Context::Request,
            Self::Response(_) => Context::Response,
        }
    }

    /// What the body of the message carries.
    pub(super) fn content(&self) -> Content {
        match self {
            Self::Request(_) => Content::Plain,
            Self::Response(response) => Content::of(response),
        }
    }
}

impl Arriving {
    pub(super) fn new(head: Head, framing: Framing, asked: After) -> Self {
        let content = head.message.content();
        let missing = match framing {
            Framing::Length(len) => len,
            Framing::Chunked | Framing::UntilClose => 0,
        };
        let unit = (body::Expect::start(content), head.start + head.raw.len() as u64);
        Self { head, asked, framing, missing, sink: Sink::new(content), unit, chunk: None }
    }

    /// About how many bytes have arrived and are held.
    pub(super) fn n_held(&self) -> usize {
        let content = match &self.sink {
            Sink::Whole(content) => content.len(),
            Sink::Events(_) => 0,
        };
        self.head.raw.len() + content
    }

    /// Whether a body follows the head at all.
    pub(super) fn has_body(&self) -> bool {
        self.framing != Framing::Length(0)
    }

    /// Whether the end of the connection is the end of the body.
    pub(super) fn until_close(&self) -> bool {
        self.framing == Framing::UntilClose
    }

    /// The head, where the body is a stream of events.
    pub(super) fn stream(&self) -> Option<&Response> {
        match (&self.head.message, &self.sink) {
            (Message::Response(response), Sink::Events(_)) if self.has_body() => Some(response),
            _ => None,
        }
    }

    /// What the unit that is arriving is held against; `None` where its length is not known.
    pub(super) fn expects(&self) -> Option<Context> {
        match (self.framing, &self.sink) {
            (Framing::Chunked, _) => Some(Context::Chunk(self.unit.0)),
            (_, Sink::Events(stream)) => Some(Context::Event(stream.expects())),
            (Framing::Length(len), Sink::Whole(_)) => Some(Context::Body(len)),
            (Framing::UntilClose, Sink::Whole(_)) => None,
        }
    }

    /// Reads what there is of the next thing.
    pub(super) fn read(
        &mut self,
        inbox: &mut Inbox<'_>,
        out: &mut Vec<Output>,
    ) -> Result<Step, Stop> {
        match self.framing {
            Framing::Length(_) => {
                let before = inbox.bytes.len();
                self.read_content(inbox, self.missing, out)?;
                self.missing -= (before - inbox.bytes.len()) as u64;
                Ok(if self.missing == 0 { Step::Whole } else { Step::Waits })
            }
            Framing::UntilClose => {
                self.read_content(inbox, u64::MAX, out)?;
                Ok(Step::Waits)
            }
            Framing::Chunked => match self.chunk {
                None => self.read_size(inbox),
                Some(chunk) if chunk.missing() > 0 => self.read_data(chunk, inbox, out),
                Some(chunk) => self.read_end(chunk, inbox, out),
            },
        }
    }

    /// Reads at most `n` bytes of a body that is not in chunks.
    fn read_content(
        &mut self,
        inbox: &mut Inbox<'_>,
        n: u64,
        out: &mut Vec<Output>,
    ) -> Result<(), Stop> {
        let have = usize::try_from(n).map_or(inbox.bytes.len(), |n| n.min(inbox.bytes.len()));
        match &mut self.sink {
            Sink::Whole(content) => {
                let room = (MAX_BODY - content.len() as u64) as usize;
                content.unsplit(inbox.bytes.split_to(have.min(room)));
                *inbox.n_read += have.min(room) as u64;
                let bit = *inbox.n_read * 8;
                let fits = have <= room;
                let breach = Breach { rule: Rule::BodyTooBig, bit, bits: 8 };
                if fits { Ok(()) } else { Err(Stop::Breach(breach)) }
            }
            Sink::Events(stream) => {
                let end = inbox.bytes.len() - have;
                while inbox.bytes.len() > end {
                    let mut found = Vec::new();
                    let (notes, have) = (&mut (), inbox.bytes.len() - end);
                    let mut reader = Reader::new(&inbox.bytes[..have], *inbox.n_read * 8, notes);
                    let read = stream.read(&mut reader, &mut found);
                    let n = reader.consumed();
                    inbox.advance(n);
                    out.extend(found.into_iter().map(told));
                    if read? == Progress::Ended {
                        let (expect, start) = &mut self.unit;
                        let content = Content::Events(stream.expects());
                        let Content::Events(began) =
                            std::mem::replace(&mut expect.content, content)
                        else {
                            unreachable!("a stream of events is expected as one")
                        };
                        let len = *inbox.n_read - *start;
                        out.push(Output::Read(*start, len, Context::Event(began)));
                        *start = *inbox.n_read;
                    }
                }
                Ok(())
            }
        }
    }

    fn read_size(&mut self, inbox: &mut Inbox<'_>) -> Result<Step, Stop> {
        let notes = &mut ();
        let mut reader = inbox.reader(notes);
        let chunk = Chunk::read(&mut reader, &self.unit.0)?;
        let n = reader.consumed();
        self.unit.1 = *inbox.n_read;
        inbox.advance(n);
        self.chunk = Some(chunk);
        Ok(Step::GoesOn)
    }

    fn read_data(
        &mut self,
        mut chunk: Chunk,
        inbox: &mut Inbox<'_>,
        out: &mut Vec<Output>,
    ) -> Result<Step, Stop> {
        let mut found = Vec::new();
        let notes = &mut ();
        let mut reader = inbox.reader(notes);
        let read = chunk.read_data(&mut reader, &mut self.sink, &mut found);
        let n = reader.consumed();
        inbox.advance(n);
        out.extend(found.into_iter().map(told));
        read?;
        self.chunk = Some(chunk);
        Ok(if chunk.missing() == 0 { Step::GoesOn } else { Step::Waits })
    }

    fn read_end(
        &mut self,
        chunk: Chunk,
        inbox: &mut Inbox<'_>,
        out: &mut Vec<Output>,
    ) -> Result<Step, Stop> {
        let notes = &mut ();
        let mut reader = inbox.reader(notes);
        chunk.read_end(&mut reader)?;
        let n = reader.consumed();
        inbox.advance(n);
        let (expect, start) = self.unit;
        out.push(Output::Read(start, *inbox.n_read - start, Context::Chunk(expect)));
        self.unit = (expect.after(&chunk, &self.sink), *inbox.n_read);
        self.chunk = None;
        Ok(if chunk.is_last() { Step::Whole } else { Step::GoesOn })
    }

    /// The message, once its body is whole.
    pub(super) fn finish(self, out: &mut Vec<Output>) -> (Head, Finished) {
        match self.sink {
            Sink::Events(stream) if self.framing != Framing::Length(0) => {
                (self.head, Finished::Stream(stream.last_event_id().to_owned()))
            }
            Sink::Events(_) => (self.head, Finished::Body(Bytes::new())),
            Sink::Whole(content) => {
                // Chunks have been told one by one.
                if !content.is_empty() && self.framing != Framing::Chunked {
                    let len = content.len() as u64;
                    out.push(Output::Read(self.unit.1, len, Context::Body(len)));
                }
                (self.head, Finished::Body(content.freeze()))
            }
        }
    }
}

/// What a message carried.
pub(super) enum Finished {
    /// A body.
    Body(Bytes),
    /// Events, which were handed over; this is the last event's id.
    Stream(String),
}

fn told(found: Found) -> Output {
    Output::Event(match found {
        Found::Event(event) => Event::StreamEvent(Box::new(event)),
        Found::Retry(retry_ms) => Event::StreamRetry(retry_ms),
    })
}
