//! The closing handshake, the codes of RFC 6455 §7.4, and limits on what is declared.

use bytes::Bytes;
use wirestep::conn::{Action, Config, Conn, Event, Message, Output, Refusal, State};
use wirestep::wire::Side;
use wirestep::wire::close::Close;
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
    let writes = outputs.iter().filter_map(|output| match output {
        Output::Write(bytes, _) => Some(bytes.to_vec()),
        _ => None,
    });
    writes.collect::<Vec<_>>().concat()
}

fn breach(outputs: &[Output]) -> Option<Rule> {
    outputs.iter().find_map(|output| match output {
        Output::Breach(breach) => Some(breach.rule),
        _ => None,
    })
}

fn report(conn: &Conn) -> (u16, bool) {
    conn.report().map(|closed| (closed.code, closed.clean)).expect("something is known")
}

#[test]
fn codes_are_sent_and_accepted_by_the_ranges_of_rfc_6455_7_4() {
    for code in 0..=u16::MAX {
        // §7.4.1, §7.4.2, and 1012 to 1014 as registered with IANA since.
        let good = match code {
            1000..=1003 | 1007..=1011 | 1012..=1014 | 3000..=4999 => true,
            0..=999 | 1004..=1006 | 1015..=2999 | 5000..=u16::MAX => false,
        };
        let mut server = end(Side::Server);
        let out = server.receive(&frame(Side::Client, Opcode::CLOSE, &code.to_be_bytes()));
        let answer = if good { code } else { 1002 };
        assert_eq!(breach(&out), (!good).then_some(Rule::CloseCode), "{code}");
        let expected = frame(Side::Server, Opcode::CLOSE, &answer.to_be_bytes());
        assert_eq!(written(&out), expected, "{code}");
        let expected = if good { (code, true) } else { (1006, false) };
        assert_eq!(report(&server), expected, "{code}");
        let asked = end(Side::Client).act(Action::Close(Some(Close::new(code, ""))));
        assert_eq!(asked.err(), (!good).then_some(Refusal::CodeNotSendable(code)));
    }
}

#[test]
fn both_ends_may_begin_to_close_at_the_same_time() {
    let (mut client, mut server) = (end(Side::Client), end(Side::Server));
    let up = client.act(Action::Close(Some(Close::new(1001, "")))).expect("open");
    let down = server.act(Action::Close(Some(Close::new(1000, "")))).expect("open");
    let at_server = server.receive(&written(&up));
    let at_client = client.receive(&written(&down));
    assert_eq!((written(&at_server), written(&at_client)), (vec![], vec![]), "one Close each");
    assert_eq!((server.state(), server.finished()), (State::Closed, true));
    assert_eq!((client.state(), client.finished()), (State::Closing, false));
    client.receive_end();
    // Each reports what the other said.
    assert_eq!((report(&client), report(&server)), ((1000, true), (1001, true)));
}

#[test]
fn the_server_closes_tcp_and_the_client_waits_for_it() {
    for by in [Side::Client, Side::Server] {
        let (mut first, mut second) = (end(by), end(by.peer()));
        let out = first.act(Action::Close(None)).expect("open");
        let out = second.receive(&written(&out));
        first.receive(&written(&out));
        let (client, server) =
            if by == Side::Client { (&first, &second) } else { (&second, &first) };
        assert!(server.finished() && !client.finished(), "begun by the {}", by.name());
        assert_eq!((report(client), report(server)), ((1005, true), (1005, true)));
    }
}

#[test]
fn messages_that_were_on_their_way_are_delivered_before_the_close() {
    let mut client = end(Side::Client);
    client.act(Action::Close(Some(Close::new(1000, "")))).expect("open");
    // The server had spoken before it read the Close (RFC 6455 §5.5.1).
    let out = client.receive(&frame(Side::Server, Opcode::TEXT, b"late"));
    assert_eq!(breach(&out), None);
    assert!(out.contains(&Output::Event(Event::Message(Message::text("late")))));
    // A Ping is answered until the other end's Close is here (§5.5.2), and then no more.
    let out = client.receive(&frame(Side::Server, Opcode::PING, b"?"));
    assert_eq!(written(&out)[..2], [0x8a, 0x81]);
    client.receive(&frame(Side::Server, Opcode::CLOSE, b""));
    let out = client.receive(&frame(Side::Server, Opcode::PING, b"?"));
    assert_eq!((breach(&out), written(&out)), (None, vec![]));
}

#[test]
fn data_after_a_close_fails_the_connection_and_control_frames_are_passed_over() {
    let mut client = end(Side::Client);
    client.receive(&frame(Side::Server, Opcode::CLOSE, &1000_u16.to_be_bytes()));
    for opcode in [Opcode::PING, Opcode::PONG, Opcode::CLOSE] {
        let out = client.receive(&frame(Side::Server, opcode, b""));
        let events = out.iter().any(|output| matches!(output, Output::Event(_)));
        assert_eq!((breach(&out), events, written(&out)), (None, false, vec![]));
    }
    let out = client.receive(&frame(Side::Server, Opcode::TEXT, b"late"));
    assert_eq!(breach(&out), Some(Rule::AfterClose));
    assert_eq!((report(&client), client.state()), ((1000, false), State::Failed));
}

#[test]
fn nothing_is_sent_after_a_close() {
    let mut client = end(Side::Client);
    client.act(Action::Close(None)).expect("open");
    for action in [
        Action::send(Message::text("more")),
        Action::Ping(Bytes::new()),
        Action::Pong(Bytes::new()),
        Action::Close(None),
    ] {
        assert_eq!(client.act(action), Err(Refusal::NotNow(State::Closing)));
    }
}

#[test]
fn an_end_whose_close_is_not_answered_reports_1006_when_it_hangs_up() {
    for side in [Side::Client, Side::Server] {
        let mut conn = end(side);
        conn.act(Action::Close(Some(Close::new(1000, "")))).expect("open");
        assert_eq!(conn.report(), None, "nothing came yet");
        let out = conn.act(Action::HangUp).expect("that can always be");
        assert!(out.contains(&Output::Finish));
        assert_eq!(report(&conn), (1006, false));
    }
}

#[test]
fn what_fails_the_connection_is_on_the_wire_and_1006_is_reported() {
    let mut server = end(Side::Server);
    let out = server.receive(&frame(Side::Client, Opcode::TEXT, b"\xff"));
    assert_eq!(written(&out), frame(Side::Server, Opcode::CLOSE, &1007_u16.to_be_bytes()));
    assert_eq!((report(&server), server.state()), ((1006, false), State::Failed));
    // The other end reads 1007, answers it, and reports what it read.
    let mut client = end(Side::Client);
    client.receive(&written(&out));
    client.receive_end();
    assert_eq!(report(&client), (1007, true));
}

#[test]
fn a_declared_length_takes_no_memory_and_is_refused_at_the_header() {
    let header = |first: u8, len: u64| [&[first, 127][..], &len.to_be_bytes()].concat();
    let most = (1 << 63) - 1;
    let out = end(Side::Client).receive(&header(0x82, most));
    assert_eq!(breach(&out), Some(Rule::TooBig));
    assert_eq!(breach(&end(Side::Client).receive(&header(0x82, most + 1))), {
        Some(Rule::LengthTopBit)
    });
    // An end without a limit waits for all of it, with what has come and no more.
    let config = Config { max_message: u64::MAX, ..Config::new(Side::Client, 7) };
    let mut patient = Conn::opened(config);
    let out = patient.receive(&[&header(0x82, most)[..], b"a few bytes"].concat());
    assert_eq!((out, patient.state()), (vec![], State::Open));
    // The limit is on the message: fragments add up.
    let config = Config { max_message: 10, ..Config::new(Side::Client, 7) };
    let mut strict = Conn::opened(config);
    assert_eq!(breach(&strict.receive(b"\x02\x06sixsix")), None);
    assert_eq!(breach(&strict.receive(b"\x80\x05")), Some(Rule::TooBig));
    let mut strict = Conn::opened(config);
    let out = strict.receive(b"\x02\x06sixsix\x80\x04four\x82\x0atenten ten");
    assert_eq!(breach(&out), None, "as large as it may be, twice");
}
