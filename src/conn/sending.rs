//! HTTP messages on their way out: heads with the right framing, bodies whole and piece by piece.
//!
//! **Invariant:** what is written is framed as its head says; what cannot be is refused.

use super::http::{After, Http, persistence};
use super::{Conn, Ending, Output, Phase, Refusal};
use crate::wire::body::{self, Chunk, Content, Framing, Sink};
use crate::wire::http::{Request, Response};
use crate::wire::sse::Progress;
use crate::wire::unit::Context;
use crate::wire::{Reader, sse};
use bytes::Bytes;

/// A body that is sent piece by piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sending {
    framing: Framing,
    /// What the peer holds the next chunk against.
    expect: body::Expect,
    /// The content as the peer will read it.
    sink: Sink,
    after: After,
}

/// Writes a request; its headers must say how long the body is.
pub(super) fn request(
    request: &Request,
    body: Bytes,
    out: &mut Vec<Output>,
) -> Result<(), Refusal> {
    let framing = Framing::of_request(request);
    let framing = framing.map_err(|fault| Refusal::Framing(fault.rule))?;
    check_length(framing, &body)?;
    out.push(Output::Write(request.to_bytes(), Context::Request));
    write_body(framing, body, Content::Plain, out);
    Ok(())
}

/// Writes a head that ends in itself or is followed by exactly this body.
pub(super) fn write(out: &mut Vec<Output>, head: Bytes, context: Context, body: Bytes) {
    out.push(Output::Write(head, context));
    write_body(Framing::Length(body.len() as u64), body, Content::Plain, out);
}

fn check_length(framing: Framing, body: &Bytes) -> Result<(), Refusal> {
    match framing {
        Framing::Length(len) if len != body.len() as u64 => Err(Refusal::Length(len)),
        Framing::Length(_) | Framing::Chunked | Framing::UntilClose => Ok(()),
    }
}

fn write_body(framing: Framing, body: Bytes, content: Content, out: &mut Vec<Output>) {
    let mut sending = Sending::new(framing, content, After::KeepAlive);
    sending.write(body, out);
    sending.finish(out);
}

impl Conn {
    /// Answers the request under way with a whole body.
    pub(super) fn respond(
        &mut self,
        response: Response,
        body: Bytes,
        out: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        let Phase::Http(Http::Owes(owed)) = &self.phase else {
            return Err(Refusal::NotNow(self.state()));
        };
        let request = &owed.request;
        if matches!(response.status, 100 | 102..=199) {
            // RFC 9110 §15.2: the final answer is still owed.
            out.push(Output::Write(response.to_bytes(), Context::Response));
            return Ok(());
        }
        let (response, framing, after) = complete(response, request)?;
        out.push(Output::Write(response.to_bytes(), Context::Response));
        if !body::has_no_body(response.status, &request.method) {
            check_length(framing, &body)?;
            write_body(framing, body, Content::of(&response), out);
        }
        self.go_on(after, out);
        Ok(())
    }

    /// Begins the answer to the request under way.
    pub(super) fn begin(
        &mut self,
        mut response: Response,
        out: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        let Phase::Http(http @ Http::Owes(..)) = &mut self.phase else {
            return Err(Refusal::NotNow(self.state()));
        };
        let Http::Owes(owed) = &*http else { return Ok(()) };
        let request = &owed.request;
        if response.headers.all("content-length").next().is_some() {
            return Err(Refusal::LengthOfPieces);
        }
        // RFC 9112 §6.1: "A server MUST NOT send a response containing Transfer-Encoding unless
        // the corresponding request indicates HTTP/1.1 (or later minor revisions)."
        let chunks = request.minor >= 1
            && Framing::of_response(&response, &request.method) == Ok(Framing::UntilClose)
            && request.method != "CONNECT";
        if chunks {
            response = response.with("Transfer-Encoding", "chunked");
        }
        let (response, framing, after) = complete(response, request)?;
        out.push(Output::Write(response.to_bytes(), Context::Response));
        *http = Http::Sending(Box::new(Sending::new(framing, Content::of(&response), after)));
        Ok(())
    }

    /// Sends a piece of the answer that was begun.
    pub(super) fn send_piece(
        &mut self,
        piece: Bytes,
        out: &mut Vec<Output>,
    ) -> Result<(), Refusal> {
        let Phase::Http(Http::Sending(sending)) = &mut self.phase else {
            return Err(Refusal::NotNow(self.state()));
        };
        sending.write(piece, out);
        Ok(())
    }

    /// Ends the answer that was begun.
    pub(super) fn finish_sending(&mut self, out: &mut Vec<Output>) -> Result<(), Refusal> {
        let Phase::Http(Http::Sending(sending)) = &mut self.phase else {
            return Err(Refusal::NotNow(self.state()));
        };
        sending.finish(out);
        let after = sending.after;
        self.go_on(after, out);
        Ok(())
    }

    /// Serves the next request, or closes the connection.
    fn go_on(&mut self, after: After, out: &mut Vec<Output>) {
        match after {
            After::KeepAlive => self.phase = Phase::Http(Http::Idle),
            After::Close => self.end(None, Ending::Closed, out),
        }
    }
}

/// Completes the head of an answer to `request`; gives its framing, and what comes after it.
fn complete(
    mut response: Response,
    request: &Request,
) -> Result<(Response, Framing, After), Refusal> {
    if response.status < 200 {
        return Err(Refusal::InterimStatus(response.status));
    }
    let framing = Framing::of_response(&response, &request.method);
    let framing = framing.map_err(|fault| Refusal::Framing(fault.rule))?;
    if framing == Framing::Chunked && request.minor == 0 {
        return Err(Refusal::NoChunks);
    }
    let after = match persistence(request.minor, &request.headers) {
        After::KeepAlive if response.headers.lists("connection", "close") => After::Close,
        After::KeepAlive if framing == Framing::UntilClose => After::Close,
        after => after,
    };
    match after {
        // RFC 9112 §9.6: "The server SHOULD send a "close" connection option in its final
        // response on that connection."
        After::Close if !response.headers.lists("connection", "close") => {
            response = response.with("Connection", "close");
        }
        // RFC 9112 §9.3: a client of HTTP/1.0 takes silence for the end of the connection.
        After::KeepAlive
            if request.minor == 0 && !response.headers.lists("connection", "keep-alive") =>
        {
            response = response.with("Connection", "keep-alive");
        }
        After::Close | After::KeepAlive => {}
    }
    Ok((response, framing, after))
}

impl Sending {
    fn new(framing: Framing, content: Content, after: After) -> Self {
        Self { framing, expect: body::Expect::start(content), sink: Sink::new(content), after }
    }

    fn write(&mut self, piece: Bytes, out: &mut Vec<Output>) {
        if piece.is_empty() {
            // An empty chunk would end the body.
            return;
        }
        match self.framing {
            Framing::Length(0) => {}
            Framing::Chunked => {
                let chunk = body::write_chunk(&piece);
                self.write_chunk(chunk, out);
            }
            Framing::Length(_) | Framing::UntilClose => match &mut self.sink {
                Sink::Events(stream) => write_events(stream, piece, out),
                Sink::Whole(_) => {
                    let context = Context::Body(piece.len() as u64);
                    out.push(Output::Write(piece, context));
                }
            },
        }
    }

    /// Writes a chunk, and follows what its reader will know after it.
    fn write_chunk(&mut self, bytes: Bytes, out: &mut Vec<Output>) {
        let notes = &mut ();
        let mut reader = Reader::new(&bytes, 0, notes);
        let context = Context::Chunk(self.expect);
        // A reader that breaks off here, as at a body too big for it, learns nothing more.
        if let Ok(mut chunk) = Chunk::read(&mut reader, &self.expect)
            && chunk.read_data(&mut reader, &mut self.sink, &mut Vec::new()).is_ok()
        {
            self.expect = self.expect.after(&chunk, &self.sink);
        }
        if let Sink::Whole(content) = &mut self.sink {
            content.clear();
        }
        out.push(Output::Write(bytes, context));
    }

    fn finish(&mut self, out: &mut Vec<Output>) {
        if self.framing == Framing::Chunked {
            self.write_chunk(body::write_last_chunk(), out);
        }
    }
}

/// Writes a piece of an event stream, each event as a unit of its own.
fn write_events(stream: &mut sse::Stream, mut piece: Bytes, out: &mut Vec<Output>) {
    while !piece.is_empty() {
        let context = Context::Event(stream.expects());
        let notes = &mut ();
        let mut reader = Reader::new(&piece, 0, notes);
        let n = match stream.read(&mut reader, &mut Vec::new()) {
            Ok(Progress::Ended) => reader.consumed(),
            // The rest of the piece, or what a reader gives up at.
            Ok(Progress::Open) | Err(_) => piece.len(),
        };
        out.push(Output::Write(piece.split_to(n), context));
    }
}
