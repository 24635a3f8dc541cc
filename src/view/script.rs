//! Below the line: what a page's script sees of a conversation, against what is on the wire.
//!
//! **Invariant:** every row comes from a record; a side of it that is empty has no counterpart, and the
//! row says why.

use super::{columns, words};
use crate::conn::{Kind, Message, State};
use crate::run::{Position, Run};
use crate::sim::{Host, Mode, Reading, Record, RecordIdx, Segment, SimTime, Unit, What, Wish};
use crate::wire::http::{Request, Response};
use crate::wire::unit::{Context, dissect};
use crate::wire::ws::Opcode;
use crate::wire::{Reader, sse};

/// One moment at a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When it is.
    pub at: SimTime,
    /// The record that it tells of.
    pub record: RecordIdx,
    /// What the script does or is told; empty where it is not told.
    pub above: String,
    /// What is on the wire; empty where nothing is.
    pub below: String,
    /// Why one side is empty, or differs from the other; empty where there is nothing to say.
    pub note: &'static str,
    /// Where that is laid down.
    pub cite: &'static str,
    /// Whether what was read is still to be told to the script.
    untold: Untold,
}

/// Whether something that was read is still to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Untold {
    Yes,
    No,
}

/// The most rows that are told at once.
pub const MAX_ROWS: usize = 200;
/// How many records are gone through for them at most.
const MAX_RECORDS: usize = 8000;

/// A note and where it is laid down.
type Note = (&'static str, &'static str);

const NOT_TOLD: Note = ("the script is not told", "WHATWG WebSockets");
const FRAGMENT: Note =
    ("a fragment: the script gets the message once it is whole", "RFC 6455 §5.4");
const PING: Note = ("no event: the browser answers by itself", "WHATWG WebSockets");
const PONG: Note = ("no event, and no method to send one", "WHATWG WebSockets");
const PINGS: Note = ("a script cannot ping; a browser may", "WHATWG WebSockets");
const MASKED: Note = ("the browser masks it; the script never sees the key", "RFC 6455 §5.3");
const CLOSING: Note = ("readyState becomes CLOSING (2), without an event", "WHATWG WebSockets");
const CLOSE_ANSWERED: Note = ("the browser answers the Close by itself", "RFC 6455 §5.5.1");
const REFUSED: Note =
    ("status, headers and body of a failed handshake are kept from the script", "RFC 6455 §4.1");
const ERROR: Note =
    ("the event says nothing of the reason: a page could spy on a network", "WHATWG WebSockets");
const ABNORMAL: Note =
    ("1006 is never on the wire: no Close came, and why stays below", "RFC 6455 §7.4.1");
const NO_CODE: Note = ("1005 is never on the wire: the Close held no code", "RFC 6455 §7.4.1");
const SPARE: Note = ("read by the browser; no event for it", "WHATWG HTML §9.2.6");
const RECONNECTS: Note = ("EventSource tries again by itself", "WHATWG HTML §9.2.3");
const FETCH_FAILED: Note = ("why it failed is kept from the script", "WHATWG Fetch");
const TCP_AGAIN: Note =
    ("TCP sends it again; nobody above notices but by the clock", "RFC 9293 §3.8.1");
const NOTHING: Note = ("", "");

/// The rows of `client` up to a place, the first one first; at most the last [`MAX_ROWS`].
pub fn rows(run: &Run, position: Position, client: Host) -> Vec<Row> {
    let seen = run.records_until(position.n_moves);
    let mut telling = Telling { run, n_moves: position.n_moves, client, rows: Vec::new() };
    for record in &seen[seen.len().saturating_sub(MAX_RECORDS)..] {
        if telling.concerns(record) {
            telling.tell(record);
        }
    }
    let n_before = telling.rows.len().saturating_sub(MAX_ROWS);
    telling.rows.split_off(n_before)
}

struct Telling<'a> {
    run: &'a Run,
    n_moves: usize,
    client: Host,
    rows: Vec<Row>,
}

impl Telling<'_> {
    /// Whether a record tells of the client, or of what is sent to it again.
    fn concerns(&self, record: &Record) -> bool {
        match &record.what {
            What::Resent(flight) => {
                self.run.client_of(flight.link).map(Host::Client) == Some(self.client)
            }
            _ => record.host == self.client,
        }
    }

    fn push(&mut self, record: &Record, above: String, below: String, (note, cite): Note) {
        let (at, record) = (record.at, record.idx);
        self.rows.push(Row { at, record, above, below, note, cite, untold: Untold::No });
    }

    /// What only the script has to do with.
    fn above(&mut self, record: &Record, above: impl Into<String>, note: Note) {
        self.push(record, above.into(), String::new(), note);
    }

    /// What only the wire has to do with.
    fn below(&mut self, record: &Record, below: impl Into<String>, note: Note) {
        self.push(record, String::new(), below.into(), note);
    }

    fn socket(&self) -> bool {
        self.run.mode() == Mode::WebSocket
    }

    fn tell(&mut self, record: &Record) {
        match &record.what {
            What::Starts if self.socket() => self.above(record, "new WebSocket(url)", NOTHING),
            What::Starts if self.run.mode() == Mode::Sse => {
                self.above(record, "new EventSource(url)", NOTHING);
            }
            What::Retries if self.socket() => {
                self.above(record, "new WebSocket(url)", ("the page’s own code tries again", ""));
            }
            What::Retries if self.run.mode() == Mode::Sse => {
                self.above(record, "", RECONNECTS);
            }
            What::Wants(wish) => self.wants(record, wish),
            What::Leaves => self.above(record, "the page goes away", NOTHING),
            What::Wrote(unit) => self.wrote(record, unit),
            What::Read(reading) => self.read(record, reading),
            What::Delivered(message) => self.delivered(record, message),
            What::Found(_, breach) => {
                let below = format!("a breach: {}", breach.rule.statement());
                self.below(record, below, NOT_TOLD);
            }
            What::Became(_, before, after) => self.became(record, *before, *after),
            What::Reported(_, closed) => {
                let reason = quoted(&closed.reason);
                let above = format!(
                    "onclose: code {}, reason {reason}, wasClean {}",
                    closed.code, closed.clean
                );
                let note = match closed.code {
                    1006 => ABNORMAL,
                    1005 => NO_CODE,
                    _ => NOTHING,
                };
                self.above(record, above, note);
            }
            other => self.tcp(record, other),
        }
    }

    fn tcp(&mut self, record: &Record, what: &What) {
        let (below, note) = match what {
            What::Sent(flight) if flight.kind == Segment::Syn => ("TCP SYN", NOT_TOLD),
            What::Sent(flight) if flight.kind == Segment::Fin => ("TCP FIN sent", NOT_TOLD),
            What::Arrived(flight) if flight.kind == Segment::Fin => ("TCP FIN came", NOT_TOLD),
            What::Resent(_) => ("a segment again", TCP_AGAIN),
            What::TcpOpen(_) => ("the TCP connection is open", NOT_TOLD),
            What::WasReset(_) => ("TCP RST came", NOT_TOLD),
            What::TimedOut(_) => ("TCP gives up", NOT_TOLD),
            _ => return,
        };
        self.below(record, below, note);
    }

    /// What the script asks for; what comes of it on the wire is filled in when it is written.
    fn wants(&mut self, record: &Record, wish: &Wish) {
        let call = match (wish, self.socket()) {
            (Wish::Say(text), true) => format!("ws.send({})", quoted(text)),
            (Wish::Send(bytes), true) => {
                format!("ws.send(bytes: {})", words::size(bytes.len() as u64))
            }
            (Wish::SayInParts(parts), true) => format!("ws.send({})", quoted(&parts.concat())),
            (Wish::Close(code, reason), true) => format!("ws.close({code}, {})", quoted(reason)),
            (Wish::Ping(_), _) => return self.above(record, "", PINGS),
            (Wish::Close(..), false) => "asks no more".to_owned(),
            (Wish::Say(_) | Wish::Send(_) | Wish::SayInParts(_), false) => {
                "fetch(url, { method: \"POST\", body })".to_owned()
            }
        };
        self.above(record, call, NOTHING);
    }

    /// The row of the call because of which something is written, where its other side is free.
    fn call_of(&mut self, record: &Record) -> Option<&mut Row> {
        let cause = record.cause?;
        self.rows
            .iter_mut()
            .rev()
            .take(MAX_ROWS)
            .find(|row| row.record == cause && row.below.is_empty())
    }

    fn wrote(&mut self, record: &Record, unit: &Unit) {
        let below = words::unit_title(unit);
        if let Context::Request = unit.context {
            return self.asked(record, unit, below);
        }
        let Context::Frame(_) = unit.context else {
            if self.call_of(record).is_none() {
                self.below(record, below, NOTHING);
            }
            return;
        };
        let opcode = dissect(&unit.bytes, &unit.context).header.map(|header| header.opcode);
        let (note, cite) = match opcode {
            Some(Opcode::PONG) => return self.below(record, below, PING),
            Some(Opcode::PING) => PINGS,
            Some(Opcode::CLOSE) => NOTHING,
            _ => MASKED,
        };
        if let Some(row) = self.call_of(record) {
            (row.below, row.note, row.cite) = (below, note, cite);
            return;
        }
        let closes = opcode == Some(Opcode::CLOSE);
        self.below(record, below, if closes { CLOSE_ANSWERED } else { FRAGMENT });
    }

    fn asked(&mut self, record: &Record, unit: &Unit, below: String) {
        let request = Request::read(&mut Reader::new(&unit.bytes, 0, &mut ())).ok();
        if let Some(row) = self.call_of(record) {
            row.below = below;
            return;
        }
        let streams = request.as_ref().is_some_and(|r| r.headers.lists("accept", sse::MEDIA_TYPE));
        match request {
            _ if self.socket() => {
                self.below(record, below, ("readyState is CONNECTING (0)", "WHATWG WebSockets"));
            }
            Some(_) if streams => self.below(record, below, NOTHING),
            Some(request) if request.method == "GET" => {
                self.push(record, "fetch(url)".to_owned(), below, NOTHING);
            }
            Some(_) | None => self.below(record, below, NOTHING),
        }
    }

    fn read(&mut self, record: &Record, reading: &Reading) {
        let Some(wrote) = self.run.unit_of(record.idx) else { return };
        let bytes = self.run.bytes_of(wrote, self.n_moves);
        let below = words::title(&bytes, &reading.context);
        match &reading.context {
            Context::Response => self.answered(record, &bytes, below),
            Context::Frame(_) => {
                let header = dissect(&bytes, &reading.context).header;
                let (fin, opcode) = header.map_or((true, None), |h| (h.fin, Some(h.opcode)));
                let note = match opcode {
                    Some(Opcode::PING) => PING,
                    Some(Opcode::PONG) => PONG,
                    Some(Opcode::CLOSE) => CLOSING,
                    _ if fin => return self.untold(record, below),
                    _ => FRAGMENT,
                };
                self.below(record, below, note);
            }
            Context::Chunk(_) | Context::Event(_) => {
                self.below(record, below, SPARE);
                if let Some(row) = self.rows.last_mut() {
                    row.untold = Untold::Yes;
                }
            }
            Context::Body(_) => {
                let above = "await response.text()".to_owned();
                self.push(record, above, below, NOTHING);
            }
            Context::Request => {}
        }
    }

    /// Something that the script is told of by what comes next.
    fn untold(&mut self, record: &Record, below: String) {
        self.below(record, below, NOTHING);
        if let Some(row) = self.rows.last_mut() {
            row.untold = Untold::Yes;
        }
    }

    fn answered(&mut self, record: &Record, bytes: &[u8], below: String) {
        let response = Response::read(&mut Reader::new(bytes, 0, &mut ())).ok();
        let status = response.as_ref().map_or(0, |response| response.status);
        match (self.socket(), response) {
            (true, _) if status == 101 => self.untold(record, below),
            (true, _) => self.below(record, below, REFUSED),
            (false, Some(response)) if sse::is_stream(&response) => {
                self.push(record, "onopen; readyState is OPEN (1)".to_owned(), below, NOTHING);
            }
            (false, _) => {
                self.push(record, format!("response.status is {status}"), below, NOTHING);
            }
        }
    }

    /// Tells the script of what was read first of all that it was not told of yet at this moment.
    fn told(&mut self, record: &Record, above: String) {
        let untold = |row: &&mut Row| row.untold == Untold::Yes && row.at == record.at;
        let n = self.rows.len().saturating_sub(MAX_ROWS);
        match self.rows[n..].iter_mut().find(untold) {
            Some(row) => {
                (row.above, row.note, row.cite) = (above, "", "");
                row.untold = Untold::No;
            }
            None => self.above(record, above, NOTHING),
        }
    }

    fn delivered(&mut self, record: &Record, message: &Message) {
        let data = match message.kind {
            Kind::Text => quoted(&String::from_utf8_lossy(&message.data)),
            Kind::Binary => format!("a Blob of {}", words::size(message.data.len() as u64)),
        };
        match self.run.mode() {
            Mode::WebSocket | Mode::Sse => {
                self.told(record, format!("onmessage: event.data is {data}"));
            }
            Mode::Polling | Mode::LongPolling => {
                self.above(record, format!("finds {data} in the answer"), NOTHING);
            }
        }
    }

    fn became(&mut self, record: &Record, before: State, after: State) {
        match (self.run.mode(), before, after) {
            (Mode::WebSocket, _, State::Open) => {
                self.told(record, "onopen; readyState is OPEN (1)".to_owned());
            }
            (Mode::WebSocket, _, State::Failed)
            | (Mode::WebSocket, State::Connecting, State::Closed) => {
                self.above(record, "onerror", ERROR);
            }
            (Mode::Sse, State::Asking, State::Closed | State::Failed) => {
                self.above(record, "onerror; readyState is CONNECTING (0)", RECONNECTS);
            }
            (Mode::Polling | Mode::LongPolling, State::Asking, State::Failed) => {
                self.above(record, "fetch rejects: TypeError", FETCH_FAILED);
            }
            _ => {}
        }
    }
}

/// A text as a script would write it, short enough for a row.
fn quoted(text: &str) -> String {
    const MAX: usize = 32;
    let short: String = text.chars().take(MAX).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{:?}", short + more)
}

/// The rows as text: the moment, the script, the wire, and what has no counterpart.
pub fn text(rows: &[Row]) -> String {
    let head = ["", "script", "wire", ""].map(str::to_owned).to_vec();
    let cells = rows.iter().map(|row| {
        let cite = if row.cite.is_empty() { String::new() } else { format!(" ({})", row.cite) };
        let note = format!("{}{cite}", row.note);
        let side = |words: &str| if words.is_empty() { "–".to_owned() } else { words.to_owned() };
        vec![row.at.to_string(), side(&row.above), side(&row.below), note]
    });
    columns::aligned(&std::iter::once(head).chain(cells).collect::<Vec<_>>())
}
