//! **Law (prefix):** what an end is and says after *n* bytes does not depend on how they were cut.
//!
//! Three bytes say the end, two where the bytes are cut in two, the rest is what arrives.

use super::draw::{agreement, byte, flag, side, word};
use arbitrary::Unstructured;
use bytes::Bytes;
use wirestep::conn::{Action, Config, Conn, Event, Output};
use wirestep::wire::Side;
use wirestep::wire::extension::{Agreement, DeflateOffer};
use wirestep::wire::handshake::{Offer, Terms};
use wirestep::wire::http::{Request, Response};

/// The key of RFC 6455 §1.3, so that bytes can hold the answer to it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// Longer cases are cut into pieces instead of bytes, so that they do not take forever.
const LONG: usize = 2048;

/// Panics where the law is broken.
pub(crate) fn hold(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    let case = Case::draw(&mut u);
    let cut = word(&mut u);
    let bytes = u.take_rest();
    let (a, b) = bytes.split_at(cut % (bytes.len() + 1));
    let piece = if bytes.len() > LONG { 97 } else { 1 };
    case.compare(bytes, &[a, b]);
    case.compare(bytes, &bytes.chunks(piece).collect::<Vec<_>>());
}

/// Panics where the law is broken for any cut in two, or byte by byte.
pub(crate) fn hold_for_every_cut(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    let case = Case::draw(&mut u);
    word(&mut u);
    let bytes = u.take_rest();
    for cut in 0..=bytes.len() {
        let (a, b) = bytes.split_at(cut);
        case.compare(bytes, &[a, b]);
    }
    case.compare(bytes, &bytes.chunks(1).collect::<Vec<_>>());
}

/// Which end the bytes arrive at.
struct Case {
    config: Config,
    start: Start,
    deflate: Option<Agreement>,
}

#[derive(Clone, Copy)]
enum Start {
    Open,
    /// A server that upgrades whatever asks for it, a client that has asked.
    Upgrade,
    /// A server that answers every request, a client that has asked for a page.
    Http,
}

impl Case {
    fn draw(u: &mut Unstructured<'_>) -> Self {
        let (kind, limit, window) = (byte(u), byte(u), byte(u));
        let mut config = Config::new(side(kind, 0), 7);
        if limit > 0 {
            config.max_message = u64::from(limit) * 2;
        }
        Self {
            config,
            start: [Start::Open, Start::Open, Start::Upgrade, Start::Http]
                [usize::from(kind >> 1 & 3)],
            deflate: flag(kind, 3).then(|| agreement(window)),
        }
    }

    fn compare(&self, bytes: &[u8], pieces: &[&[u8]]) {
        let (whole, cut) = (self.feed(&[bytes]), self.feed(pieces));
        let sizes = || pieces.iter().map(|piece| piece.len()).take(8).collect::<Vec<_>>();
        assert_eq!(cut.1, whole.1, "the outputs differ for pieces of {:?} bytes…", sizes());
        assert_eq!(cut.0, whole.0, "the ends differ for pieces of {:?} bytes…", sizes());
    }

    /// The end after these pieces and the end of the flow, and all that it put out.
    fn feed(&self, pieces: &[&[u8]]) -> (Conn, Vec<Output>) {
        let (mut conn, mut out) = self.begin();
        for piece in pieces {
            let mut step = conn.receive(piece);
            while step.iter().any(|output| matches!(output, Output::Event(Event::Request(..)))) {
                out.append(&mut step);
                step = self.answer(&mut conn);
            }
            out.append(&mut step);
        }
        out.extend(conn.receive_end());
        (conn, out)
    }

    fn begin(&self) -> (Conn, Vec<Output>) {
        let mut conn = match (self.start, self.deflate) {
            (Start::Open, None) => Conn::opened(self.config),
            (Start::Open, Some(agreement)) => Conn::opened_with_deflate(self.config, agreement),
            (Start::Upgrade | Start::Http, _) => Conn::new(self.config),
        };
        let out = match (self.start, self.config.side) {
            (Start::Open, _) | (_, Side::Server) => Ok(Vec::new()),
            (Start::Upgrade, Side::Client) => conn.act(Action::Upgrade(page(), self.offer())),
            (Start::Http, Side::Client) => conn.act(Action::Request(page(), Bytes::new())),
        }
        .expect("a fresh client may ask");
        (conn, out)
    }

    fn offer(&self) -> Offer {
        let deflate = self.deflate.map(|_| DeflateOffer::browser());
        Offer {
            key: KEY.to_owned(),
            protocols: vec!["chat".to_owned()],
            deflate: deflate.into_iter().collect(),
        }
    }

    fn answer(&self, conn: &mut Conn) -> Vec<Output> {
        let terms = Terms { protocols: vec!["chat".to_owned()], deflate: self.deflate };
        let response = Response::new(200).with("Content-Length", "2");
        conn.act(match self.start {
            Start::Open | Start::Upgrade => Action::Accept(terms),
            Start::Http => Action::Respond(response, Bytes::from_static(b"ok")),
        })
        .expect("an answer is due")
    }
}

fn page() -> Request {
    Request::new("GET", "/chat").with("Host", "server.example.com")
}
