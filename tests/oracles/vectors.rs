//! The examples of RFC 6455 §1.2, §1.3 and §5.7 and of RFC 7692 §7.2.3, for every way of cutting
//! them in two, and the short ones in three.

use bytes::Bytes;
use wirestep::conn::{Action, Config, Conn, Event, Message, Output};
use wirestep::wire::Side;
use wirestep::wire::extension::Agreement;
use wirestep::wire::handshake::{Offer, Opened, Terms};
use wirestep::wire::http::Request;

/// Up to this many bytes, every way of cutting them in three is tried.
const SHORT: usize = 40;

/// Longer ones are cut near their ends and at every so many bytes.
const LONG: usize = 1000;

/// An end at which an example arrives.
#[derive(Clone, Copy)]
enum At {
    Plain(Side),
    Deflate(Side),
}

impl At {
    fn end(self) -> Conn {
        match self {
            Self::Plain(side) => Conn::opened(Config::new(side, 7)),
            Self::Deflate(side) => {
                Conn::opened_with_deflate(Config::new(side, 7), Agreement::default())
            }
        }
    }
}

fn events(outputs: &[Output]) -> Vec<Event> {
    let events = outputs.iter().filter_map(|output| match output {
        Output::Event(event) => Some(event.clone()),
        _ => None,
    });
    events.collect()
}

/// The end and its outputs are the same for every cut; these are the events.
#[track_caller]
fn cut(begin: impl Fn() -> Conn, bytes: &[u8]) -> Vec<Event> {
    let drive = |pieces: &[&[u8]]| {
        let mut end = begin();
        let outputs: Vec<_> = pieces.iter().flat_map(|piece| end.receive(piece)).collect();
        (end, outputs)
    };
    let n = bytes.len();
    let whole = drive(&[bytes]);
    assert!(!whole.1.iter().any(|output| matches!(output, Output::Breach(_))), "{:?}", whole.1);
    let near = |cut: &usize| n <= LONG || *cut < 20 || n - cut < 20 || cut.is_multiple_of(9973);
    for a in (0..=n).filter(near) {
        assert_eq!(drive(&[&bytes[..a], &bytes[a..]]), whole, "cut at {a}");
        for b in (a..=n).filter(|_| n <= SHORT) {
            let pieces = [&bytes[..a], &bytes[a..b], &bytes[b..]];
            assert_eq!(drive(&pieces), whole, "cut at {a} and {b}");
        }
    }
    let size = if n > LONG { 997 } else { 1 };
    assert_eq!(drive(&bytes.chunks(size).collect::<Vec<_>>()), whole, "{size} at a time");
    events(&whole.1)
}

#[track_caller]
fn check(at: At, bytes: &[u8], expected: &[Event]) {
    assert_eq!(cut(|| at.end(), bytes), expected);
}

fn hello() -> Event {
    Event::Message(Message::text("Hello"))
}

#[test]
fn the_frames_of_rfc_6455_5_7_say_what_they_say_for_every_cut() {
    let (client, server) = (At::Plain(Side::Client), At::Plain(Side::Server));
    let masked = [0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    check(client, &[0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], &[hello()]);
    check(server, &[&[0x81, 0x85], &masked[..]].concat(), &[hello()]);
    check(client, &[0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f], &[hello()]);
    let data = Bytes::from_static(b"Hello");
    check(client, &[0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], &[Event::Ping(data.clone())]);
    check(server, &[&[0x8a, 0x85], &masked[..]].concat(), &[Event::Pong(data)]);
    let binary = |header: &[u8], n: usize| {
        let data: Vec<u8> = (0..n).map(|idx| (idx % 251) as u8).collect();
        let bytes = [header, &data[..]].concat();
        check(client, &bytes, &[Event::Message(Message::binary(data))]);
    };
    binary(&[0x82, 0x7e, 0x01, 0x00], 256);
    binary(&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0], 65536);
}

#[test]
fn the_frames_of_rfc_7692_7_2_3_say_what_they_say_for_every_cut() {
    let client = At::Deflate(Side::Client);
    let one = [0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    // §7.2.3.1: one frame, and two fragments.
    check(client, &one, &[hello()]);
    let two = [0x41, 0x03, 0xf2, 0x48, 0xcd, 0x80, 0x04, 0xc9, 0xc9, 0x07, 0x00];
    check(client, &two, &[hello()]);
    // §7.2.3.2: the second message refers to the first.
    let again = [&one[..], &[0xc1, 0x05, 0xf2, 0x00, 0x11, 0x00, 0x00]].concat();
    check(client, &again, &[hello(), hello()]);
    // §7.2.3.3: a block that is not compressed.
    let stored = [0xc1, 0x0b, 0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    check(client, &stored, &[hello()]);
    // §7.2.3.4: a block with BFINAL set.
    let last = [0xc1, 0x08, 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    check(client, &last, &[hello()]);
    // §7.2.3.5: two blocks.
    let blocks = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    check(client, &[&[0xc1, 0x0d], &blocks[..]].concat(), &[hello()]);
    // §7.2.3.6: an empty fragment ends the message.
    check(client, &[0x41, 0x06, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x80, 0x01, 0x00], &[hello()]);
}

const ASKS: &str = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

const ANSWERS: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
    Sec-WebSocket-Protocol: chat\r\n\r\n";

#[test]
fn the_handshake_of_rfc_6455_1_2_opens_both_ends_for_every_cut() {
    let server = || Conn::new(Config::new(Side::Server, 7));
    let asked = cut(server, ASKS.as_bytes());
    assert!(matches!(&asked[..], [Event::Request(..)]), "{asked:?}");
    let terms = Terms { protocols: vec!["chat".to_owned()], deflate: None };
    let mut end = server();
    end.receive(ASKS.as_bytes());
    let outputs = end.act(Action::Accept(terms)).expect("an answer is due");
    let opened = Event::Opened(Opened { protocol: Some("chat".to_owned()), deflate: None });
    assert_eq!(super::stream::written(&outputs), ANSWERS.as_bytes());
    assert_eq!(events(&outputs), std::slice::from_ref(&opened));

    let client = || {
        let mut end = Conn::new(Config::new(Side::Client, 7));
        let offer = Offer {
            key: "dGhlIHNhbXBsZSBub25jZQ==".to_owned(),
            protocols: vec!["chat".to_owned(), "superchat".to_owned()],
            deflate: Vec::new(),
        };
        let request = Request::new("GET", "/chat").with("Host", "server.example.com");
        end.act(Action::Upgrade(request, offer)).expect("a client may ask");
        end
    };
    assert_eq!(cut(client, ANSWERS.as_bytes()), std::slice::from_ref(&opened));
    let with_frame = [ANSWERS.as_bytes(), b"\x81\x05Hello"].concat();
    assert_eq!(cut(client, &with_frame), [opened, hello()]);
}
