//! The opening handshake at both ends, as a truth table.

use wirestep::conn::{Action, Config, Conn, Event, Message, Output, State};
use wirestep::wire::extension::{Agreement, DeflateOffer};
use wirestep::wire::handshake::{Offer, Opened, Terms};
use wirestep::wire::http::{Request, Response};
use wirestep::wire::rule::Rule;
use wirestep::wire::{Reader, Side};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const REST: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

/// What a server that speaks `chat` and `superchat` makes of these bytes.
fn serve(bytes: &[u8]) -> (Conn, Vec<Output>) {
    let mut conn = Conn::new(Config::new(Side::Server, 1));
    let mut out = conn.receive(bytes);
    if out.iter().any(|output| matches!(output, Output::Event(Event::Request(..)))) {
        let terms = Terms {
            protocols: vec!["chat".to_owned(), "superchat".to_owned()],
            deflate: Some(Agreement::default()),
        };
        out.extend(conn.act(Action::Accept(terms)).expect("an answer is due"));
    }
    (conn, out)
}

/// What a client that offered `chat`, `superchat` and permessage-deflate makes of these bytes.
fn ask(bytes: &[u8]) -> (Conn, Vec<Output>) {
    let mut conn = Conn::new(Config::new(Side::Client, 1));
    let offer = Offer {
        key: KEY.to_owned(),
        protocols: vec!["chat".to_owned(), "superchat".to_owned()],
        deflate: vec![DeflateOffer::browser()],
    };
    let request = Request::new("GET", "/chat").with("Host", "a");
    conn.act(Action::Upgrade(request, offer)).expect("a client may ask");
    let out = conn.receive(bytes);
    (conn, out)
}

fn answer(out: &[Output]) -> Response {
    let bytes = out.iter().find_map(|output| match output {
        Output::Write(bytes, _) => Some(bytes.clone()),
        _ => None,
    });
    let bytes = bytes.expect("the server answers");
    Response::read(&mut Reader::new(&bytes, 0, &mut ())).expect("it answers with a head")
}

fn opened(out: &[Output]) -> Option<Opened> {
    out.iter().find_map(|output| match output {
        Output::Event(Event::Opened(opened)) => Some(opened.clone()),
        _ => None,
    })
}

fn broken(out: &[Output]) -> Vec<Rule> {
    let rules = out.iter().filter_map(|output| match output {
        Output::Breach(breach) => Some(breach.rule),
        _ => None,
    });
    rules.collect()
}

#[track_caller]
fn accepts(head: &str) -> Opened {
    let (conn, out) = serve(head.as_bytes());
    assert_eq!(broken(&out), [], "{head}");
    assert_eq!(answer(&out).status, 101, "{head}");
    assert_eq!(conn.state(), State::Open);
    opened(&out).expect("it is open")
}

#[track_caller]
fn refuses(head: &str, status: u16, rule: Rule) -> Response {
    let (conn, out) = serve(head.as_bytes());
    assert_eq!(broken(&out).first(), Some(&rule), "{head}");
    assert_eq!(conn.state(), State::Failed);
    assert!(conn.finished(), "a refused connection is closed");
    let response = answer(&out);
    assert_eq!(response.status, status, "{head}");
    response
}

fn upgrade(lines: &str) -> String {
    format!("GET /chat HTTP/1.1\r\n{lines}{REST}\r\n")
}

const USUAL: &str = "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

#[test]
fn a_server_accepts_what_rfc_6455_4_2_1_asks_for() {
    accepts(&upgrade(USUAL));
    accepts(&upgrade("host:a\r\nUPGRADE:   WebSocket\t\r\ncOnNeCtIoN: UPGRADE\r\n"));
    accepts(&upgrade("Host: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"));
    accepts(&upgrade(
        "Host: a\r\nUpgrade: h2c\r\nUpgrade: websocket\r\nConnection: keep-alive\r\n\
         Connection: , upgrade ,\r\n",
    ));
    accepts(&upgrade("Host: a\r\nUpgrade: websocket, h2c\r\nConnection: Upgrade\r\nX: \r\n"));
    let later = upgrade(USUAL).replace("HTTP/1.1", "HTTP/1.2");
    accepts(&later);
}

#[test]
fn a_wrong_request_is_refused_with_a_status_that_helps() {
    let response = refuses(&upgrade(USUAL).replace("13", "12"), 426, Rule::Version);
    assert_eq!(response.headers.only("sec-websocket-version"), Some("13"));
    let none = upgrade(USUAL).replace("Sec-WebSocket-Version: 13\r\n", "");
    refuses(&none, 426, Rule::Version);
    refuses(&upgrade(&format!("{USUAL}Sec-WebSocket-Version: 13\r\n")), 426, Rule::Version);
    let response = refuses(&upgrade(USUAL).replace("GET", "HEAD"), 405, Rule::UpgradeMethod);
    assert_eq!(response.headers.only("allow"), Some("GET"));
    for key in ["", "abc", "dGhlIHNhbXBsZSBub25jZQ", "AAAAAAAAAAAAAAAAAAAAAAA=", "é"] {
        refuses(&upgrade(USUAL).replace(KEY, key), 400, Rule::Key);
    }
    refuses(&upgrade(USUAL).replace("Sec-WebSocket-Key", "X-Key"), 400, Rule::Key);
    refuses(&upgrade(&format!("{USUAL}Sec-WebSocket-Key: {KEY}\r\n")), 400, Rule::Key);
    let lines = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    refuses(&upgrade(lines), 400, Rule::HostMissing);
    refuses(&upgrade(&format!("Host: a\r\nHost: b\r\n{lines}")), 400, Rule::HostMissing);
    refuses(&upgrade("Host: a\r\nConnection: Upgrade\r\n"), 400, Rule::UpgradeHeader);
    refuses(&upgrade("Host: a\r\nUpgrade: websocket\r\n"), 400, Rule::ConnectionHeader);
    let close = "Host: a\r\nUpgrade: websocket\r\nConnection: close\r\n";
    refuses(&upgrade(close), 400, Rule::ConnectionHeader);
    refuses(&upgrade(USUAL).replace("HTTP/1.1", "HTTP/1.0"), 400, Rule::UpgradeHttpVersion);
    refuses(&upgrade(USUAL).replace("/chat", "/chat#a"), 400, Rule::Fragment);
    for list in ["", ",", "chat,chat", "a b", "\"chat\""] {
        let lines = format!("{USUAL}Sec-WebSocket-Protocol: {list}\r\n");
        refuses(&upgrade(&lines), 400, Rule::ProtocolList);
    }
}

#[test]
fn a_malformed_head_is_refused_where_it_is_wrong() {
    refuses(&upgrade(USUAL).replace("\r\n", "\n"), 400, Rule::LineEnd);
    refuses(&upgrade(USUAL).replace("a\r\n", "a\n"), 400, Rule::LineEnd);
    refuses(&upgrade(USUAL).replace("a\r\n", "a\rb\r\n"), 400, Rule::LineEnd);
    refuses(&upgrade(USUAL).replace("Host:", "Host :"), 400, Rule::HeaderLine);
    refuses(&upgrade(USUAL).replace("Host: a", "Host"), 400, Rule::HeaderLine);
    refuses(&upgrade(USUAL).replace("Host: a\r\n", "Host: a\r\n b\r\n"), 400, Rule::HeaderLine);
    refuses(&upgrade(USUAL).replace("Host: a", "Host: a\0"), 400, Rule::HeaderLine);
    refuses(&upgrade(USUAL).replace("GET /chat", "GET  /chat"), 400, Rule::StartLine);
    refuses(&upgrade(USUAL).replace("HTTP/1.1", "HTTP/2.0"), 400, Rule::StartLine);
    refuses(&upgrade(USUAL).replace("HTTP/1.1", "http/1.1"), 400, Rule::StartLine);
    refuses(&upgrade(USUAL).replace(" HTTP/1.1", ""), 400, Rule::StartLine);
    let long = format!("{USUAL}Cookie: {}\r\n", "x".repeat(1 << 16));
    refuses(&upgrade(&long), 431, Rule::HeadTooBig);
}

#[test]
fn a_head_that_has_not_ended_is_waited_for() {
    let head = upgrade(USUAL);
    for cut in 0..head.len() {
        let (conn, out) = serve(&head.as_bytes()[..cut]);
        assert_eq!((out, conn.state()), (vec![], State::Idle), "cut at {cut}");
    }
}

#[test]
fn a_body_of_the_request_is_read_before_the_frames() {
    let head = upgrade(&format!("{USUAL}Content-Length: 4\r\n"));
    let frame = [0x81, 0x82, 0, 0, 0, 0, b'H', b'i'];
    let (conn, out) = serve(&[head.as_bytes(), b"body", &frame].concat());
    assert_eq!(conn.state(), State::Open);
    assert!(out.contains(&Output::Event(Event::Message(Message::text("Hi")))));
}

#[test]
fn the_server_chooses_the_first_offered_subprotocol_that_it_speaks() {
    let offers = |list: &str| {
        accepts(&upgrade(&format!("{USUAL}Sec-WebSocket-Protocol: {list}\r\n"))).protocol
    };
    assert_eq!(offers("superchat, chat"), Some("superchat".to_owned()));
    assert_eq!(offers("mqtt\r\nSec-WebSocket-Protocol: chat"), Some("chat".to_owned()));
    assert_eq!(offers("Chat"), None, "names of subprotocols are told apart by case");
    assert_eq!(offers("mqtt"), None);
}

#[test]
fn the_server_agrees_to_the_first_compression_that_it_can_serve() {
    let offers = |list: &str| {
        accepts(&upgrade(&format!("{USUAL}Sec-WebSocket-Extensions: {list}\r\n"))).deflate
    };
    assert_eq!(offers("permessage-deflate; client_max_window_bits"), Some(Agreement::default()));
    assert_eq!(offers("mux, permessage-deflate; a=1"), None, "it declines and goes on");
    let two = "permessage-deflate; a\r\nSec-WebSocket-Extensions: permessage-deflate";
    assert_eq!(offers(two), Some(Agreement::default()));
    let lines = format!("{USUAL}Sec-WebSocket-Extensions: permessage-deflate; =\r\n");
    refuses(&upgrade(&lines), 400, Rule::ExtensionSyntax);
}

fn response(lines: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\n{lines}\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )
}

const SWITCHED: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

#[track_caller]
fn agrees(head: &str) -> Opened {
    let (conn, out) = ask(head.as_bytes());
    assert_eq!(broken(&out), [], "{head}");
    assert_eq!(conn.state(), State::Open);
    opened(&out).expect("it is open")
}

#[track_caller]
fn fails(head: &str, rule: Rule) {
    let (conn, out) = ask(head.as_bytes());
    assert_eq!(broken(&out).first(), Some(&rule), "{head}");
    assert_eq!((conn.state(), conn.finished()), (State::Failed, true), "{head}");
    let report = conn.report().expect("the client reports");
    assert_eq!((report.code, report.clean), (1006, false));
}

#[test]
fn a_client_checks_the_answer_as_rfc_6455_4_1_has_it() {
    agrees(&response(SWITCHED));
    agrees(&response("UPGRADE: WebSocket\r\nconnection: keep-alive, upgrade\r\n"));
    agrees(&response(SWITCHED).replace("Switching Protocols", "Sure"));
    agrees(&response(SWITCHED).replace(" Switching Protocols", ""));
    for status in ["100", "200", "302", "401", "500"] {
        let head = response(&format!("{SWITCHED}Content-Length: 0\r\n"));
        let (conn, out) = ask(head.replace("101", status).as_bytes());
        // An interim answer is passed over, and the real one waited for (RFC 9110 §15.2).
        let expected: &[_] = if status == "100" { &[] } else { &[Rule::NotSwitched] };
        assert_eq!(broken(&out), expected, "{status}");
        assert_eq!(conn.state() == State::Connecting, status == "100", "{status}");
    }
    fails(&response("Connection: Upgrade\r\n"), Rule::ResponseUpgrade);
    fails(&response("Upgrade: h2c\r\nConnection: Upgrade\r\n"), Rule::ResponseUpgrade);
    fails(&response("Upgrade: websocket\r\n"), Rule::ResponseConnection);
    fails(&response(SWITCHED).replace("s3p", "S3p"), Rule::Accept);
    fails(&response(SWITCHED).replace("Sec-WebSocket-Accept", "X"), Rule::Accept);
    fails(&response(&format!("{SWITCHED}Sec-WebSocket-Accept: a\r\n")), Rule::Accept);
    fails(&response(SWITCHED).replace("\r\n", "\n"), Rule::LineEnd);
    fails("HTTP/1.1 1O1 Switching Protocols\r\n\r\n", Rule::StartLine);
}

#[test]
fn a_client_takes_only_what_it_offered() {
    let protocol =
        |value: &str| response(&format!("{SWITCHED}Sec-WebSocket-Protocol: {value}\r\n"));
    assert_eq!(agrees(&response(SWITCHED)).protocol, None, "none chosen is fine");
    assert_eq!(agrees(&protocol("superchat")).protocol, Some("superchat".to_owned()));
    for wrong in ["mqtt", "Chat", "chat, superchat", "", "chat\r\nSec-WebSocket-Protocol: chat"] {
        fails(&protocol(wrong), Rule::ProtocolNotOffered);
    }
    let extension =
        |value: &str| response(&format!("{SWITCHED}Sec-WebSocket-Extensions: {value}\r\n"));
    assert_eq!(agrees(&response(SWITCHED)).deflate, None);
    assert_eq!(agrees(&extension("permessage-deflate")).deflate, Some(Agreement::default()));
    let agreed = agrees(&extension(
        "permessage-deflate; server_no_context_takeover; client_max_window_bits=\"10\"",
    ));
    let agreement = agreed.deflate.expect("it was offered");
    assert_eq!((agreement.client.window_bits, agreement.client.context_takeover), (10, true));
    assert_eq!((agreement.server.window_bits, agreement.server.context_takeover), (15, false));
    fails(&extension("mux"), Rule::ExtensionNotOffered);
    fails(&extension("permessage-deflate; client_max_window_bits"), Rule::DeflateValue);
}

#[test]
fn frames_right_behind_the_answer_are_delivered() {
    let bytes = [response(SWITCHED).as_bytes(), b"\x81\x02Hi\x89\x00"].concat();
    for cut in 0..bytes.len() {
        let (mut conn, mut out) = ask(&bytes[..cut]);
        out.extend(conn.receive(&bytes[cut..]));
        let told = out.iter().filter(|output| matches!(output, Output::Event(_))).count();
        assert_eq!(told, 3, "opened, a message, a ping; cut at {cut}");
        assert_eq!(conn.state(), State::Open);
    }
}
