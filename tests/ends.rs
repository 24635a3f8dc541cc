//! The two ends of a connection: what they answer, deliver, report, and the prefix law.

use bytes::Bytes;
use proptest::prelude::*;
use wirestep::conn::{Action, Config, Conn, Event, Last, Message, Output, Refusal, State};
use wirestep::wire::Side;
use wirestep::wire::close::Close;
use wirestep::wire::handshake::{Offer, Opened, Terms, key_from_nonce};
use wirestep::wire::http::{Request, Response};
use wirestep::wire::mask;
use wirestep::wire::rule::Rule;
use wirestep::wire::ws::{Frame, Opcode};

fn end(side: Side) -> Conn {
    Conn::opened(Config::new(side, 7))
}

fn frame(from: Side, opcode: Opcode, payload: &[u8]) -> Bytes {
    let key = (from == Side::Client).then_some([1, 2, 3, 4]);
    Frame::new(opcode, Bytes::copy_from_slice(payload), key).to_bytes()
}

fn written(outputs: &[Output]) -> Vec<u8> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Write(bytes, _) => Some(bytes.to_vec()),
            _ => None,
        })
        .flatten()
        .collect()
}

fn events(outputs: &[Output]) -> Vec<Event> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Event(event) => Some(event.clone()),
            _ => None,
        })
        .collect()
}

/// Hands what one end writes to the other until both are silent.
fn settle(client: &mut Conn, server: &mut Conn, from_client: &[Output]) -> Vec<Event> {
    let mut all = Vec::new();
    let (mut up, mut down) = (written(from_client), Vec::new());
    while !(up.is_empty() && down.is_empty()) {
        let at_server = server.receive(&std::mem::take(&mut up));
        let at_client = client.receive(&std::mem::take(&mut down));
        down.extend(written(&at_server));
        up.extend(written(&at_client));
        all.extend(events(&at_server));
        all.extend(events(&at_client));
    }
    all
}

#[test]
fn a_ping_is_answered_by_a_pong_with_the_same_payload() {
    let out = end(Side::Server).receive(&frame(Side::Client, Opcode::PING, b"are you there"));
    assert_eq!(written(&out), frame(Side::Server, Opcode::PONG, b"are you there"));
    let out = end(Side::Client).receive(&frame(Side::Server, Opcode::PING, b"x"));
    let pong = written(&out);
    assert_eq!(pong[..2], [0x8a, 0x81], "a client masks its Pong");
}

#[test]
fn a_control_frame_may_come_between_fragments() {
    let mut server = end(Side::Server);
    let mut client = end(Side::Client);
    let mut out = Vec::new();
    out.extend(client.act(Action::Part(Message::text("Hel"), Last::No)).expect("begins"));
    out.extend(client.act(Action::Ping(Bytes::from_static(b"?"))).expect("between"));
    assert_eq!(client.act(Action::send(Message::binary(&b"x"[..]))), Err(Refusal::MessageOpen));
    out.extend(client.act(Action::Part(Message::text("lo"), Last::Yes)).expect("ends"));
    let events = settle(&mut client, &mut server, &out);
    assert_eq!(
        events,
        [
            Event::Ping(Bytes::from_static(b"?")),
            Event::Message(Message::text("Hello")),
            Event::Pong(Bytes::from_static(b"?")),
        ]
    );
}

#[test]
fn a_breach_is_answered_with_its_close_code_and_ends_the_connection() {
    let cases: &[(Side, &[u8], Rule, u16)] = &[
        (Side::Server, &[0xc1], Rule::Rsv1, 1002),
        (Side::Server, &[0x81, 0x05], Rule::UnmaskedClient, 1002),
        (Side::Client, &[0x81, 0x85], Rule::MaskedServer, 1002),
        (Side::Client, &[0x81, 0x02, 0xff], Rule::TextNotUtf8, 1007),
        (Side::Client, &[0x82, 0x7f, 0, 0, 0, 0, 0x10, 0, 0, 0], Rule::TooBig, 1009),
    ];
    for (side, bytes, rule, code) in cases {
        let mut conn = end(*side);
        let out = conn.receive(bytes);
        let broken = out.iter().find_map(|output| match output {
            Output::Breach(breach) => Some(breach.rule),
            _ => None,
        });
        assert_eq!(broken, Some(*rule));
        let mut close = written(&out);
        if *side == Side::Client {
            let key = [close[2], close[3], close[4], close[5]];
            mask::apply(key, 0, &mut close[6..]);
            close.drain(2..6);
        }
        assert_eq!(&close[2..], code.to_be_bytes());
        assert_eq!((conn.state(), conn.finished()), (State::Failed, true));
        let report = conn.report().expect("it is over");
        assert_eq!((report.code, report.clean), (1006, false), "no Close came");
    }
}

#[test]
fn the_closing_handshake_is_clean_at_both_ends_and_the_server_closes_tcp() {
    let (mut client, mut server) = (end(Side::Client), end(Side::Server));
    let out = client.act(Action::Close(Some(Close::new(1000, "bye")))).expect("open");
    assert_eq!(client.state(), State::Closing);
    settle(&mut client, &mut server, &out);
    assert_eq!((server.state(), server.finished()), (State::Closed, true));
    assert_eq!((client.state(), client.finished()), (State::Closing, false));
    client.receive_end();
    assert_eq!((client.state(), client.finished()), (State::Closed, true));
    for conn in [&client, &server] {
        let report = conn.report().expect("it is over");
        assert_eq!((report.code, &report.reason[..], report.clean), (1000, "bye", true));
    }
}

#[test]
fn the_end_of_tcp_without_a_close_is_reported_as_1006_and_a_bare_close_as_1005() {
    let mut client = end(Side::Client);
    client.receive_end();
    assert_eq!(client.report().map(|closed| (closed.code, closed.clean)), Some((1006, false)));
    let mut server = end(Side::Server);
    server.receive(&frame(Side::Client, Opcode::CLOSE, b""));
    assert_eq!(server.report().map(|closed| (closed.code, closed.clean)), Some((1005, true)));
}

#[test]
fn an_upgrade_opens_both_ends_with_bytes_right_behind_the_101() {
    let mut client = Conn::new(Config::new(Side::Client, 1));
    let mut server = Conn::new(Config::new(Side::Server, 2));
    let offer =
        Offer { key: key_from_nonce([9; 16]), protocols: vec!["chat".into()], ..Offer::default() };
    let request = Request::new("GET", "/chat").with("Host", "example.com");
    let out = client.act(Action::Upgrade(request, offer)).expect("a client may ask");
    assert_eq!(client.state(), State::Connecting);
    assert_eq!(events(&server.receive(&written(&out))).len(), 1);
    let mut out = server
        .act(Action::Accept(Terms { protocols: vec!["chat".into()], deflate: None }))
        .expect("an answer is due");
    out.extend(server.act(Action::send(Message::text("Hi"))).expect("open"));
    let seen = events(&client.receive(&written(&out)));
    let opened = Opened { protocol: Some("chat".into()), deflate: None };
    assert_eq!(seen, [Event::Opened(opened), Event::Message(Message::text("Hi"))]);
    assert_eq!((client.state(), server.state()), (State::Open, State::Open));
}

#[test]
fn requests_and_answers_take_turns_on_one_connection() {
    let mut client = Conn::new(Config::new(Side::Client, 1));
    let mut server = Conn::new(Config::new(Side::Server, 2));
    for body in [&b"first"[..], b"", b"third"] {
        let body = Bytes::from_static(body);
        let request = Request::new("POST", "/messages")
            .with("Host", "example.com")
            .with("Content-Length", body.len().to_string());
        let out = client.act(Action::Request(request.clone(), body.clone())).expect("idle");
        let again = client.act(Action::Request(request.clone(), body.clone()));
        assert_eq!(again, Err(Refusal::NotNow(State::Asking)));
        let seen = events(&server.receive(&written(&out)));
        assert_eq!(seen, [Event::Request(Box::new(request), body)]);
        let response = Response::new(204);
        let out = server.act(Action::Respond(response.clone(), Bytes::new())).expect("due");
        let seen = events(&client.receive(&written(&out)));
        assert_eq!(seen, [Event::Response(Box::new(response), Bytes::new())]);
    }
}

/// A stream of frames, some of them wrong.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let frame = (any::<u8>(), proptest::collection::vec(any::<u8>(), 0..12), any::<[u8; 4]>());
    let frame = frame.prop_map(|(first, payload, key)| {
        let opcode = [0x81, 0x01, 0x80, 0x82, 0x89, 0x8a, 0x88, first][usize::from(first % 8)];
        let mut bytes = vec![opcode, 0x80 | payload.len() as u8];
        bytes.extend(key);
        let mut payload: Vec<u8> = payload.iter().map(|b| b & 0x7f).collect();
        if opcode == 0x88 && payload.len() >= 2 {
            payload[..2].copy_from_slice(&[3, 0xe8]);
        }
        mask::apply(key, 0, &mut payload);
        bytes.extend(payload);
        bytes
    });
    proptest::collection::vec(frame, 0..6).prop_map(|frames| frames.concat())
}

/// Outputs without regard to how reads were grouped.
fn drive(mut conn: Conn, pieces: &[&[u8]]) -> (Conn, Vec<Output>) {
    let out = pieces.iter().flat_map(|piece| conn.receive(piece)).collect();
    (conn, out)
}

proptest! {
    #[test]
    fn an_open_end_is_the_same_however_its_bytes_are_cut(bytes in stream(), noise in proptest::collection::vec(any::<u8>(), 0..9)) {
        let bytes = [bytes, noise].concat();
        let whole = drive(end(Side::Server), &[&bytes]);
        for cut in 0..=bytes.len() {
            let (a, b) = bytes.split_at(cut);
            prop_assert_eq!(&drive(end(Side::Server), &[a, b]), &whole, "cut at {}", cut);
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(&drive(end(Side::Server), &single), &whole);
    }

    #[test]
    fn a_fresh_end_is_the_same_however_its_bytes_are_cut(
        server: bool, head in 0usize..5, tail in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        let heads: [&[u8]; 5] = [
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n",
            b"GET / HTTP/1.1\nHost: a\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
        ];
        let bytes = [heads[head], &tail].concat();
        let side = if server { Side::Server } else { Side::Client };
        let fresh = || {
            let mut conn = Conn::new(Config::new(side, 1));
            if !server {
                conn.act(Action::Request(Request::new("GET", "/"), Bytes::new())).expect("idle");
            }
            conn
        };
        let whole = drive(fresh(), &[&bytes]);
        for cut in 0..=bytes.len() {
            let (a, b) = bytes.split_at(cut);
            prop_assert_eq!(&drive(fresh(), &[a, b]), &whole, "cut at {}", cut);
        }
    }
}
