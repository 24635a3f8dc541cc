//! The bench: bytes that somebody writes by hand, and what a real end does with them.
//!
//! **Invariant:** the end is the one of the simulation, with nothing of its own for the bench.
//! **Law:** the same text gives the same reaction.

use crate::conn::{Action, Config, Conn, Event, Message, Output, State};
use crate::view::hex::{self, NotHex};
use crate::view::words;
use crate::wire::close::{self, Close};
use crate::wire::handshake::{Offer, Terms};
use crate::wire::http::Request;
use crate::wire::unit::{Context, Dissection, dissect};
use crate::wire::{Breach, Reader, Side, sse, ws};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What lies on the bench when a task begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bench {
    /// What is written.
    pub piece: Piece,
    /// What is there to begin with: hex for frames, else text.
    #[serde(default)]
    pub given: String,
}

/// What is written by hand, and thereby to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// Frames of a client, in hex, to a server whose connection is open.
    #[default]
    ClientFrames,
    /// Frames of a server, in hex, to a client whose connection is open.
    ServerFrames,
    /// A request, as text, to a server that speaks WebSocket; each line ends with CR LF.
    Request,
    /// An answer, as text, to a client that asked for the upgrade with this key; each line ends
    /// with CR LF.
    Response(String),
    /// An event stream, as text, to a browser.
    Events,
}

/// What a real end did with what was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reaction {
    /// The bytes.
    pub bytes: Bytes,
    /// The units that they are, as far as they could be told apart, and where each lies.
    pub units: Vec<(Range<usize>, Context, Dissection)>,
    /// What the end did, in order.
    pub deeds: Vec<Deed>,
    /// What the end is doing now; `None` for an event stream, which has no states.
    pub state: Option<State>,
    /// How many bytes wait for more.
    pub n_waiting: usize,
}

/// One thing that the end did.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// It opened the WebSocket connection.
    Opened,
    /// It was handed a message.
    Handed(Message),
    /// It was handed an event of a stream.
    Event(sse::Event),
    /// It will wait so many milliseconds before it connects again.
    Retry(u64),
    /// It got a Ping.
    Ping(Bytes),
    /// It got a Pong.
    Pong(Bytes),
    /// It got a Close.
    Close(Option<Close>),
    /// It wrote a unit.
    Wrote(Bytes, Context),
    /// It found a rule broken; bits count from the first that was written.
    Found(Breach),
    /// It reports that the connection ended with this code.
    Reported(u16),
}

/// What a real end does with what was written.
///
/// # Errors
/// Where frames are not written in hex.
pub fn react(piece: &Piece, text: &str) -> Result<Reaction, NotHex> {
    let bytes: Bytes = match piece {
        Piece::ClientFrames | Piece::ServerFrames => hex::parse(text)?.into(),
        Piece::Request | Piece::Response(_) => text.replace('\n', "\r\n").into(),
        Piece::Events => text.to_owned().into(),
    };
    Ok(match piece {
        Piece::ClientFrames => {
            to_conn(Conn::opened(Config::new(Side::Server, 0)), bytes, frames_of(Side::Client))
        }
        Piece::ServerFrames => {
            to_conn(Conn::opened(Config::new(Side::Client, 0)), bytes, frames_of(Side::Server))
        }
        Piece::Request => to_conn(Conn::new(Config::new(Side::Server, 0)), bytes, Context::Request),
        Piece::Response(key) => to_conn(asking(key), bytes, Context::Response),
        Piece::Events => to_stream(bytes),
    })
}

fn frames_of(side: Side) -> Context {
    Context::Frame(ws::Expect::start(side))
}

/// A client that has asked for the upgrade.
fn asking(key: &str) -> Conn {
    let mut conn = Conn::new(Config::new(Side::Client, 0));
    let offer = Offer { key: key.to_owned(), ..Offer::default() };
    let request = Request::new("GET", "/chat").with("Host", "example.com");
    conn.act(Action::Upgrade(request, offer)).expect("a client may begin with an upgrade");
    conn
}

fn to_conn(mut conn: Conn, bytes: Bytes, first: Context) -> Reaction {
    let mut outputs = conn.receive(&bytes);
    if outputs.iter().any(|output| matches!(output, Output::Event(Event::Request(..)))) {
        let accept = Action::Accept(Terms::default());
        outputs.extend(conn.act(accept).expect("the request that came is to be answered"));
    }
    let deeds: Vec<_> = outputs.into_iter().filter_map(deed).collect();
    let from = conn.side().peer();
    let behind_head = deeds.contains(&Deed::Opened).then(|| frames_of(from));
    let units = units(&bytes, first, behind_head.as_ref());
    let n_read = usize::try_from(conn.n_read()).expect("it read no more than there is");
    // A frame's header is read at once, and its payload as it comes: what is there of a frame that
    // is not whole waits for the rest.
    let begun = units.last().filter(|(_, _, found)| found.needs.is_some());
    let n_begun = begun.map_or(0, |(range, ..)| range.len());
    let n_waiting = if conn.over() { 0 } else { n_begun.max(bytes.len() - n_read) };
    Reaction { bytes, units, deeds, state: Some(conn.state()), n_waiting }
}

fn deed(output: Output) -> Option<Deed> {
    match output {
        Output::Write(bytes, context) => Some(Deed::Wrote(bytes, context)),
        Output::Breach(breach) => Some(Deed::Found(breach)),
        Output::Event(Event::Opened(_)) => Some(Deed::Opened),
        Output::Event(Event::Message(message)) => Some(Deed::Handed(message)),
        Output::Event(Event::Ping(data)) => Some(Deed::Ping(data)),
        Output::Event(Event::Pong(data)) => Some(Deed::Pong(data)),
        Output::Event(Event::Close(close)) => Some(Deed::Close(close)),
        Output::Event(Event::Closed(closed)) => Some(Deed::Reported(closed.code)),
        Output::Event(
            Event::Request(..)
            | Event::Response(..)
            | Event::Streaming(_)
            | Event::StreamEvent(_)
            | Event::StreamRetry(_)
            | Event::StreamEnded(_)
            | Event::NoAnswer(_)
            | Event::ClientGone,
        )
        | Output::Read(..)
        | Output::Finish => None,
    }
}

/// The units that bytes are: the first in its context, and frames behind a head that opened the
/// connection.
fn units(
    bytes: &Bytes,
    first: Context,
    behind_head: Option<&Context>,
) -> Vec<(Range<usize>, Context, Dissection)> {
    let mut units = Vec::new();
    let mut at = 0;
    let mut next = Some(first);
    while let Some(context) = next.take().filter(|_| at < bytes.len()) {
        let found = dissect(&bytes[at..], &context);
        let whole = found.needs.is_none() && found.consumed > 0;
        let end = if whole { at + found.consumed } else { bytes.len() };
        next = match (&context, &found.after) {
            (Context::Frame(_), Some(after)) if whole => Some(Context::Frame(after.clone())),
            (Context::Request | Context::Response, _) if whole => behind_head.cloned(),
            _ => None,
        };
        units.push((at..end, context, found));
        at = end;
    }
    units
}

fn to_stream(bytes: Bytes) -> Reaction {
    let mut units = Vec::new();
    let mut deeds = Vec::new();
    let mut stream = sse::Stream::resume(sse::Expect::start());
    let mut at = 0;
    while at < bytes.len() {
        let context = Context::Event(stream.expects());
        let found = dissect(&bytes[at..], &context);
        let mut events = Vec::new();
        let notes = &mut ();
        let mut reader = Reader::new(&bytes[at..], 0, notes);
        let read = stream.read(&mut reader, &mut events);
        deeds.extend(events.into_iter().map(|event| match event {
            sse::Found::Event(event) => Deed::Event(event),
            sse::Found::Retry(ms) => Deed::Retry(ms),
        }));
        let consumed = reader.consumed();
        let whole = matches!(read, Ok(sse::Progress::Ended)) && consumed > 0;
        let end = if whole { at + consumed } else { bytes.len() };
        units.push((at..end, context, found));
        if !whole {
            let n_waiting = end - at;
            return Reaction { bytes, units, deeds, state: None, n_waiting };
        }
        at = end;
    }
    Reaction { bytes, units, deeds, state: None, n_waiting: 0 }
}

impl Reaction {
    /// The rule that was found broken first.
    pub fn breach(&self) -> Option<&Breach> {
        self.deeds.iter().find_map(|deed| match deed {
            Deed::Found(breach) => Some(breach),
            _ => None,
        })
    }

    /// The status with which a server answers.
    pub fn status(&self) -> Option<u64> {
        self.deeds.iter().find_map(|deed| match deed {
            Deed::Wrote(bytes, Context::Response) => {
                let found = dissect(bytes, &Context::Response);
                let status = found.field("status")?;
                String::from_utf8_lossy(status.octets()).parse().ok()
            }
            _ => None,
        })
    }

    /// The code of the Close that the end wrote.
    pub fn close_code(&self) -> Option<u64> {
        self.wrote().find_map(|(_, found)| found.field("close_code")?.number())
    }

    /// The frames that the end wrote.
    pub fn wrote(&self) -> impl Iterator<Item = (&Bytes, Dissection)> {
        self.deeds.iter().filter_map(|deed| match deed {
            Deed::Wrote(bytes, context @ Context::Frame(_)) => {
                Some((bytes, dissect(bytes, context)))
            }
            _ => None,
        })
    }

    /// The frames that were written by hand, in order.
    pub fn frames(&self) -> impl Iterator<Item = &Dissection> {
        self.units.iter().filter_map(|(_, context, found)| match context {
            Context::Frame(_) => Some(found),
            _ => None,
        })
    }
}

impl Deed {
    /// What was done, in words that follow the name of who did it.
    pub fn words(&self) -> String {
        match self {
            Self::Opened => "opens the WebSocket connection".to_owned(),
            Self::Handed(message) => format!("is handed {}", words::message(message)),
            Self::Event(event) => event_words(event),
            Self::Retry(ms) => format!("will wait {ms} ms before it connects again"),
            Self::Ping(data) => format!("gets a Ping {}", words::quote(data)),
            Self::Pong(data) => format!("gets a Pong {}", words::quote(data)),
            Self::Close(None) => "gets a Close without a code".to_owned(),
            Self::Close(Some(close)) => {
                format!("gets a Close {} {}", close.code, close::name(close.code))
            }
            Self::Wrote(bytes, context) => format!("answers {}", words::title(bytes, context)),
            Self::Found(breach) => {
                format!("finds a rule broken: {} ({})", breach.rule.statement(), breach.rule.cite())
            }
            Self::Reported(code) => {
                format!("reports to its application: {code} {}", close::name(*code))
            }
        }
    }
}

fn event_words(event: &sse::Event) -> String {
    let id = if event.id().is_empty() { String::new() } else { format!(", id {}", event.id()) };
    let name = event.name();
    format!("dispatches an event {name:?}{id}: {}", words::quote(event.data().as_bytes()))
}

impl Piece {
    /// Who reads what is written.
    pub fn reader(&self) -> &'static str {
        match self {
            Self::ClientFrames | Self::Request => "The server",
            Self::ServerFrames | Self::Response(_) => "The client",
            Self::Events => "The browser",
        }
    }

    /// What is written, as people choose it.
    pub fn label(&self) -> &'static str {
        match self {
            Self::ClientFrames => "Frames of a client",
            Self::ServerFrames => "Frames of a server",
            Self::Request => "A request",
            Self::Response(_) => "An answer",
            Self::Events => "Events",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn check(piece: &Piece, text: &str, expected: &[&str]) -> Reaction {
        let reaction = react(piece, text).unwrap();
        let told: Vec<_> = reaction.deeds.iter().map(Deed::words).collect();
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.contains(expected), "{told} should say {expected}");
        }
        reaction
    }

    #[test]
    fn the_frames_of_rfc_6455_5_7_are_taken() {
        let masked = "81 85 37 fa 21 3d 7f 9f 4d 51 58";
        let reaction = check(&Piece::ClientFrames, masked, &["is handed"]);
        assert_eq!((reaction.n_waiting, reaction.breach()), (0, None));
        let fragments = "01 03 48 65 6c  80 02 6c 6f";
        let reaction = check(&Piece::ServerFrames, fragments, &["Hello"]);
        assert_eq!(reaction.frames().count(), 2);
    }

    #[test]
    fn an_unmasked_frame_of_a_client_is_refused_with_1002() {
        let reaction = check(&Piece::ClientFrames, "81 02 48 69", &["rule", "Close", "1006"]);
        assert_eq!((reaction.close_code(), reaction.state), (Some(1002), Some(State::Failed)));
    }

    #[test]
    fn half_a_frame_waits() {
        let reaction = check(&Piece::ClientFrames, "81 85 37 fa", &[]);
        assert_eq!(reaction.n_waiting, 4);
        assert_eq!(reaction.frames().count(), 1);
    }

    #[test]
    fn a_header_waits_for_its_payload() {
        for (written, n_waiting) in [("81 7d", 2), ("81 7e 01 00", 4), ("81 02 48 69 82 03 01", 3)]
        {
            let reaction = react(&Piece::ServerFrames, written).unwrap();
            assert_eq!((reaction.n_waiting, reaction.breach()), (n_waiting, None), "{written}");
        }
        // A fragment is whole, though its message is not.
        assert_eq!(check(&Piece::ServerFrames, "01 02 48 69", &[]).n_waiting, 0);
    }

    #[test]
    fn a_request_waits_for_its_blank_line_and_is_answered_then() {
        let head = format!(
            "GET /chat HTTP/1.1\nHost: example.com\nUpgrade: websocket\nConnection: Upgrade\n\
             Sec-WebSocket-Key: {KEY}\nSec-WebSocket-Version: 13\n"
        );
        check(&Piece::Request, &head, &[]);
        let reaction = check(&Piece::Request, &format!("{head}\n"), &["101", "opens"]);
        assert_eq!(reaction.status(), Some(101));
        let old = format!("{head}\n").replace("13", "8");
        assert_eq!(react(&Piece::Request, &old).unwrap().status(), Some(426));
    }

    #[test]
    fn an_answer_opens_the_connection_only_with_the_right_accept() {
        let head = "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n\n";
        check(&Piece::Response(KEY.to_owned()), head, &["opens"]);
        let wrong = head.replace("s3pP", "S3pP");
        let reaction = react(&Piece::Response(KEY.to_owned()), &wrong).unwrap();
        assert!(reaction.breach().is_some() && !reaction.deeds.contains(&Deed::Opened));
    }

    #[test]
    fn an_event_is_dispatched_by_its_blank_line() {
        check(&Piece::Events, "id: 7\ndata: Hi\n", &[]);
        let reaction = check(&Piece::Events, "id: 7\ndata: Hi\n\n", &["id 7"]);
        assert_eq!(reaction.n_waiting, 0);
        assert_eq!(reaction.units.len(), 1);
    }

    #[test]
    fn what_is_no_hex_is_said_to_be_none() {
        assert!(react(&Piece::ServerFrames, "81 0g").is_err());
    }
}
