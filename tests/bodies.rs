//! HTTP messages with bodies: their framing, chunks, order and end, at one end and between two.

#[path = "support/ends.rs"]
mod ends;

use bytes::Bytes;
use ends::{asked, check_cuts, client, events, rules, server, settle, written};
use proptest::prelude::*;
use wirestep::conn::{Action, Event, Output, Refusal, State};
use wirestep::wire::body::{self, Content, Expect, Framing, MAX_BODY, MAX_EXTENSIONS};
use wirestep::wire::http::{MAX_HEAD, Request, Response};
use wirestep::wire::rule::{Remedy, Rule};
use wirestep::wire::unit::{Context, dissect};
use wirestep::wire::{Field, Reader, Side};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

fn plain() -> Context {
    Context::Chunk(Expect::start(Content::Plain))
}

/// What `side` makes of these bytes while it waits for a message.
fn fed(side: Side, bytes: &[u8]) -> Vec<Output> {
    check_cuts(side, bytes)
}

fn requests(outputs: &[Output]) -> Vec<(String, Bytes)> {
    let request = |event: &Event| match event {
        Event::Request(request, body) => Some((request.target.clone(), body.clone())),
        _ => None,
    };
    events(outputs).iter().filter_map(request).collect()
}

fn bodies(outputs: &[Output]) -> Vec<Bytes> {
    let body = |event: &Event| match event {
        Event::Response(_, body) => Some(body.clone()),
        _ => None,
    };
    events(outputs).iter().filter_map(body).collect()
}

#[test]
fn each_rule_of_framing_is_broken_by_either_side() {
    let long = format!("0;{}\r\n\r\n", "x".repeat(MAX_EXTENSIONS as usize));
    let too_long = format!("{:x}\r\n", MAX_BODY + 1);
    let trailers = format!("0\r\nX: {}\r\n", "y".repeat(MAX_HEAD));
    let declared = format!("Content-Length: {}", MAX_BODY + 1);
    // Header lines, the body, the rule.
    let either: &[(&str, &str, Rule)] = &[
        ("Content-Length: 1\r\nTransfer-Encoding: chunked", "", Rule::LengthAndCoding),
        ("Transfer-Encoding: chunked, chunked", "", Rule::ChunkedTwice),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "", Rule::ChunkedTwice),
        ("Transfer-Encoding: gzip, chunked", "", Rule::TransferCoding),
        ("Transfer-Encoding: gzip, chunked;q=1, chunked", "", Rule::TransferCoding),
        ("Content-Length: -1", "", Rule::ContentLength),
        ("Content-Length: 1, 2", "", Rule::ContentLength),
        ("Content-Length: 18446744073709551616", "", Rule::ContentLength),
        (&declared, "", Rule::BodyTooBig),
        ("Content-Length: 18446744073709551615", "", Rule::BodyTooBig),
        ("Transfer-Encoding: chunked", &too_long, Rule::BodyTooBig),
        ("Transfer-Encoding: chunked", "ffffffffffffffff\r\n", Rule::BodyTooBig),
        ("Transfer-Encoding: chunked", "00000000000000001\r\n", Rule::ChunkSize),
        ("Transfer-Encoding: chunked", "g", Rule::ChunkSize),
        ("Transfer-Encoding: chunked", "0x1\r\n", Rule::ChunkExtension),
        ("Transfer-Encoding: chunked", "\r\n", Rule::ChunkSize),
        ("Transfer-Encoding: chunked", "-1\r\n", Rule::ChunkSize),
        ("Transfer-Encoding: chunked", "1 \r\n", Rule::ChunkExtension),
        ("Transfer-Encoding: chunked", "1;a=\x01\r\n", Rule::ChunkExtension),
        ("Transfer-Encoding: chunked", &long, Rule::ChunkExtensionsTooBig),
        ("Transfer-Encoding: chunked", "1\na\r\n", Rule::ChunkLineEnd),
        ("Transfer-Encoding: chunked", "1;a\na\r\n", Rule::ChunkLineEnd),
        ("Transfer-Encoding: chunked", "1\ra\r\n", Rule::ChunkLineEnd),
        ("Transfer-Encoding: chunked", "1\r\nab", Rule::ChunkEnd),
        ("Transfer-Encoding: chunked", "1\r\na\n", Rule::ChunkEnd),
        ("Transfer-Encoding: chunked", "1\r\na\rb", Rule::ChunkEnd),
        ("Transfer-Encoding: chunked", "0\r\nX Y: 1\r\n", Rule::HeaderLine),
        ("Transfer-Encoding: chunked", "0\r\nX: 1\n", Rule::LineEnd),
        ("Transfer-Encoding: chunked", &trailers, Rule::HeadTooBig),
    ];
    for (lines, body, rule) in either {
        check_both(lines, body, *rule);
    }
}

/// Both ends find the rule broken by a message with these header lines and this body.
#[track_caller]
fn check_both(lines: &str, body: &str, rule: Rule) {
    for side in [Side::Server, Side::Client] {
        let start = match side {
            Side::Server => "POST / HTTP/1.1\r\nHost: a",
            Side::Client => "HTTP/1.1 200 OK",
        };
        check(side, &format!("{start}\r\n{lines}\r\n\r\n{body}"), rule);
    }
}

#[test]
fn each_rule_that_binds_one_side_is_broken_by_that_side() {
    let by_client: &[(&str, Rule)] = &[
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", Rule::CodingNotChunked),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", Rule::CodingNotChunked),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
            Rule::CodingNotChunked,
        ),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Rule::CodingInHttp10),
        ("GET / HTTP/1.1\r\n\r\n", Rule::HostMissing),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Rule::HostMissing),
    ];
    for (bytes, rule) in by_client {
        check(Side::Server, bytes, *rule);
    }
    let by_server: &[(&str, Rule)] = &[
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", Rule::TransferCoding),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Rule::CodingInHttp10),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Rule::UnaskedSwitch),
        ("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", Rule::UnaskedResponse),
    ];
    for (bytes, rule) in by_server {
        check(Side::Client, bytes, *rule);
    }
}

/// The first breach, how the end answers it, and that it ends the connection.
#[track_caller]
fn check(side: Side, bytes: &str, rule: Rule) {
    let out = fed(side, bytes.as_bytes());
    assert_eq!(rules(&out), [rule], "{side:?} reads {bytes:.80?}");
    assert_eq!(out.last(), Some(&Output::Finish), "the connection is over");
    match (side, rule.remedy()) {
        (Side::Server, Remedy::Status(status)) => {
            let answer = String::from_utf8(written(&out)).expect("an answer is text");
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
            assert!(answer.contains("Connection: close\r\n"), "{answer}");
        }
        (Side::Client, _) => {
            assert_eq!(written(&out), b"");
            let expected = if rule == Rule::UnaskedResponse {
                events(&out).len() == 1 && bodies(&out).len() == 1
            } else {
                events(&out) == [Event::NoAnswer(rule)]
            };
            assert!(expected, "{out:?}");
        }
        (Side::Server, remedy) => panic!("{remedy:?} is no answer of a server"),
    }
}

#[test]
fn only_space_and_tab_are_blanks() {
    for blank in ["\u{a0}", "\u{2003}", "\u{85}"] {
        for (lines, rule) in [
            (format!("Content-Length: 1{blank}"), Rule::ContentLength),
            (format!("Content-Length: {blank}1"), Rule::ContentLength),
            (format!("Transfer-Encoding: {blank}chunked"), Rule::TransferCoding),
            (format!("Transfer-Encoding: x,{blank}chunked"), Rule::TransferCoding),
        ] {
            check(Side::Client, &format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n"), rule);
        }
    }
    let out = fed(Side::Client, b"HTTP/1.1 200 OK\r\nContent-Length:\t 1 ,\t1\t\r\n\r\nx");
    assert_eq!(bodies(&out), ["x"]);
}

#[test]
fn a_message_that_the_end_of_tcp_cuts_short_is_no_message() {
    let head = "HTTP/1.1 200 OK\r\n";
    let halves = [
        "HTTP/1.1 200 OK\r\nX".to_owned(),
        format!("{head}Content-Length: 5\r\n\r\nabcd"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n"),
    ];
    for half in halves {
        let mut conn = asked("GET");
        let mut out = conn.receive(half.as_bytes());
        assert_eq!(events(&out), [], "{half:?}");
        out.extend(conn.receive_end());
        assert_eq!(rules(&out), [Rule::CutShort], "{half:?}");
        assert_eq!(events(&out), [Event::NoAnswer(Rule::CutShort)]);
        assert_eq!((conn.state(), conn.n_read()), (State::Failed, half.len() as u64));
    }
    let mut conn = server();
    let mut out = conn.receive(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcd");
    out.extend(conn.receive_end());
    assert_eq!(rules(&out), [Rule::CutShort]);
    assert!(written(&out).starts_with(b"HTTP/1.1 400 "));
    // Nothing was begun, or the body ends with the connection: nothing is cut short.
    let mut conn = asked("GET");
    assert_eq!(rules(&conn.receive_end()), []);
    let mut conn = asked("GET");
    let mut out = conn.receive(b"HTTP/1.1 200 OK\r\n\r\nabcd");
    out.extend(conn.receive_end());
    assert_eq!((rules(&out), bodies(&out)), (vec![], vec![Bytes::from_static(b"abcd")]));
}

#[test]
fn a_body_ends_where_its_head_says() {
    // RFC 9112 §6.3, in its order.
    let cases: &[(&str, &str, &[&str])] = &[
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", &[""]),
        ("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", &[""]),
        ("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", &[""]),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", &[""]),
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", &["hello"]),
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", &["hello"]),
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", &[""]),
        (
            "GET",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n\
             5\r\nhello\r\n00A;a=\"b;c\"\r\n, everyone\r\n1 ; q\r\n!\r\n0\r\nX: y\r\n\r\n",
            &["hello, everyone!"],
        ),
        ("GET", "HTTP/1.1 200 OK\r\n\r\nhello", &[]),
        (
            "GET",
            "HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n\
             HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
            &["hi"],
        ),
        ("CONNECT", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nhello", &[]),
    ];
    for (method, bytes, expected) in cases {
        let mut conn = asked(method);
        let out = conn.receive(bytes.as_bytes());
        assert_eq!(bodies(&out), *expected, "{bytes:?}");
        assert_eq!((rules(&out), conn.n_read()), (vec![], bytes.len() as u64), "{bytes:?}");
    }
}

#[test]
fn pipelined_requests_are_served_in_order() {
    let bytes = "POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n\
        \r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n\
        POST /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nthree\
        GET /4 HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut conn = server();
    let mut out = conn.receive(bytes.as_bytes());
    let mut served = Vec::new();
    while let Some(next) = requests(&out).pop() {
        served.push(next);
        assert_eq!(conn.state(), State::Asking);
        out = conn.act(Action::Respond(Response::new(204), Bytes::new())).expect("it is owed");
    }
    let expected = [("/1", "one"), ("/2", ""), ("/3", "three")];
    assert_eq!(served, expected.map(|(target, body)| (target.to_owned(), Bytes::from(body))));
    // RFC 9112 §9.6: what follows a request to close is not read.
    assert_eq!((conn.state(), conn.finished()), (State::Closed, true));
}

#[test]
fn a_server_holds_only_so_many_waiting_requests() {
    let mut conn = server();
    conn.receive(GET.as_bytes());
    let more = GET.repeat(1000);
    let mut out = Vec::new();
    while !conn.over() {
        out = conn.receive(more.as_bytes());
    }
    assert_eq!(rules(&out), [Rule::PipelinedTooFar]);
    // An answer in place of the one that is owed would be taken for that one.
    assert_eq!((written(&out), events(&out)), (vec![], vec![Event::ClientGone]));
    assert!(conn.n_read() < 2 << 20);
}

#[test]
fn the_connection_stays_or_closes_as_both_heads_say() {
    // Version and Connection of the request, Connection of the response, whether it stays.
    let cases: &[(u8, &str, &str, bool)] = &[
        (1, "", "", true),
        (1, "close", "", false),
        (1, "Keep-Alive, Close", "", false),
        (1, "", "close", false),
        (0, "", "", false),
        (0, "keep-alive", "", true),
        (0, "keep-alive", "close", false),
    ];
    for (minor, asked, answered, stays) in cases {
        let (mut client, mut server) = (client(), server());
        let mut request = Request { minor: *minor, ..Request::new("GET", "/").with("Host", "a") };
        let mut response = Response::new(200).with("Content-Length", "0");
        if !asked.is_empty() {
            request = request.with("Connection", *asked);
        }
        if !answered.is_empty() {
            response = response.with("Connection", *answered);
        }
        let out = client.act(Action::Request(request, Bytes::new())).expect("idle");
        server.receive(&written(&out));
        let out = server.act(Action::Respond(response, Bytes::new())).expect("owed");
        client.receive(&written(&out));
        let states = [client.state(), server.state()];
        let expected = if *stays { State::Idle } else { State::Closed };
        assert_eq!(states, [expected; 2], "1.{minor} {asked:?} {answered:?}");
        assert_eq!([client.finished(), server.finished()], [!stays; 2]);
    }
    // A response of HTTP/1.0 without keep-alive ends the connection at the client.
    let mut conn = asked("GET");
    conn.receive(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(conn.state(), State::Closed);
}

#[test]
fn an_answer_is_sent_piece_by_piece_in_the_form_that_the_client_knows() {
    for (minor, form) in [(1, Framing::Chunked), (0, Framing::UntilClose)] {
        let (mut client, mut server) = (client(), server());
        let request = Request { minor, ..Request::new("GET", "/").with("Host", "a") };
        let mut out = client.act(Action::Request(request, Bytes::new())).expect("idle");
        server.receive(&written(&out));
        let begun = Response::new(200).with("Content-Type", "text/plain");
        out = server.act(Action::Begin(begun)).expect("owed");
        for piece in ["Hel", "", "lo"] {
            out.extend(server.act(Action::Piece(Bytes::from(piece))).expect("begun"));
        }
        let again = server.act(Action::Respond(Response::new(204), Bytes::new()));
        assert_eq!(again, Err(Refusal::NotNow(State::Asking)));
        out.extend(server.act(Action::Finish).expect("begun"));
        let units: Vec<_> = out
            .iter()
            .filter_map(|output| match output {
                Output::Write(bytes, context) => Some((bytes.clone(), context.noun())),
                _ => None,
            })
            .collect();
        let head = Response::read(&mut Reader::new(&units[0].0, 0, &mut ())).expect("a head");
        assert_eq!(Framing::of_response(&head, "GET"), Ok(form));
        let pieces: Vec<_> = units[1..].iter().map(|(b, noun)| (&b[..], *noun)).collect();
        let expected: &[(&[u8], &str)] = match form {
            Framing::Chunked => {
                &[(b"3\r\nHel\r\n", "chunk"), (b"2\r\nlo\r\n", "chunk"), (b"0\r\n\r\n", "chunk")]
            }
            Framing::UntilClose | Framing::Length(_) => &[(b"Hel", "body"), (b"lo", "body")],
        };
        assert_eq!(pieces, expected);
        let mut out = client.receive(&written(&out));
        out.extend(client.receive_end());
        assert_eq!(bodies(&out), ["Hello"]);
        assert_eq!(server.state(), if minor == 1 { State::Idle } else { State::Closed });
    }
}

#[test]
fn an_answer_to_head_and_a_204_have_no_body_however_they_are_sent() {
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
        let request = || format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut whole = server();
        whole.receive(request().as_bytes());
        let response = Response::new(status).with("X", "y");
        let out = whole.act(Action::Respond(response.clone(), Bytes::from_static(b"body")));
        assert_eq!(written(&out.expect("owed")), response.to_bytes());
        let mut pieces = server();
        pieces.receive(request().as_bytes());
        let mut out = pieces.act(Action::Begin(response.clone())).expect("owed");
        out.extend(pieces.act(Action::Piece(Bytes::from_static(b"body"))).expect("begun"));
        out.extend(pieces.act(Action::Finish).expect("begun"));
        assert_eq!(written(&out), response.to_bytes());
        assert_eq!([whole.state(), pieces.state()], [State::Idle; 2]);
    }
}

#[test]
fn chunks_go_both_ways_between_two_ends() {
    let (mut client, mut server) = (client(), server());
    let chunked = "Transfer-Encoding";
    let request = Request::new("POST", "/").with("Host", "a").with(chunked, "chunked");
    let body = Bytes::from_static(b"question");
    let out = client.act(Action::Request(request.clone(), body.clone())).expect("idle");
    let seen = settle(&mut client, &mut server, &out);
    assert_eq!(seen, [Event::Request(Box::new(request), body)]);
    let response = Response::new(200).with(chunked, "chunked");
    let body = Bytes::from_static(b"answer");
    let out = server.act(Action::Respond(response.clone(), body.clone())).expect("owed");
    assert_eq!(
        events(&client.receive(&written(&out))),
        [Event::Response(Box::new(response), body)]
    );
}

#[test]
fn what_cannot_be_framed_is_refused() {
    let mut conn = client();
    let post = || Request::new("POST", "/").with("Host", "a");
    let body = Bytes::from_static(b"abc");
    let cases = [
        (post(), Refusal::Length(0)),
        (post().with("Content-Length", "4"), Refusal::Length(4)),
        (post().with("Content-Length", "x"), Refusal::Framing(Rule::ContentLength)),
        (post().with("Transfer-Encoding", "gzip"), Refusal::Framing(Rule::CodingNotChunked)),
    ];
    for (request, refusal) in cases {
        assert_eq!(conn.act(Action::Request(request, body.clone())), Err(refusal));
        assert_eq!(conn.state(), State::Idle);
    }
    let mut conn = server();
    conn.receive(b"GET / HTTP/1.0\r\n\r\n");
    let ok = || Response::new(200);
    let cases = [
        (ok().with("Content-Length", "4"), Refusal::Length(4)),
        (ok().with("Transfer-Encoding", "chunked"), Refusal::NoChunks),
        (Response::new(101), Refusal::InterimStatus(101)),
    ];
    for (response, refusal) in cases {
        assert_eq!(conn.act(Action::Respond(response, body.clone())), Err(refusal));
    }
    let sized = ok().with("Content-Length", "3");
    assert_eq!(conn.act(Action::Begin(sized)), Err(Refusal::LengthOfPieces));
    assert_eq!(conn.act(Action::Begin(Response::new(103))), Err(Refusal::InterimStatus(103)));
    assert_eq!(conn.act(Action::Finish), Err(Refusal::NotNow(State::Asking)));
}

#[test]
fn a_client_that_expects_100_is_told_to_go_on() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    let mut conn = server();
    let out = conn.receive(head.as_bytes());
    assert_eq!(written(&out), b"HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(requests(&conn.receive(b"hi")), [("/".to_owned(), Bytes::from_static(b"hi"))]);
    // RFC 9110 §10.1.1: ignored in HTTP/1.0; and a body that is too large is refused at once.
    let mut conn = server();
    assert_eq!(written(&conn.receive(head.replace("1.1\r", "1.0\r").as_bytes())), b"");
    let big = head.replace(": 2", &format!(": {}", MAX_BODY + 1));
    assert!(written(&server().receive(big.as_bytes())).starts_with(b"HTTP/1.1 413 "));
}

#[test]
fn a_server_tells_its_application_when_the_client_is_gone() {
    let mut conn = server();
    conn.receive(GET.as_bytes());
    assert_eq!(events(&conn.receive_end()), [Event::ClientGone]);
    let mut conn = server();
    conn.receive(GET.as_bytes());
    conn.act(Action::Begin(Response::new(200))).expect("owed");
    assert_eq!(events(&conn.receive_end()), [Event::ClientGone]);
    assert_eq!(events(&server().receive_end()), []);
}

#[test]
fn a_declared_size_allocates_nothing() {
    for head in [
        format!("Content-Length: {MAX_BODY}\r\n\r\n"),
        format!("Transfer-Encoding: chunked\r\n\r\n{MAX_BODY:x}\r\nabc"),
    ] {
        let mut conn = asked("GET");
        let out = conn.receive(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes());
        assert_eq!((rules(&out), conn.state()), (vec![], State::Asking));
    }
    let found = dissect(b"fffffffffffffff0\r\nabc", &plain());
    assert_eq!(found.breaches.first().map(|breach| breach.rule), Some(Rule::BodyTooBig));
    assert_eq!(found.field("chunk_data").map(Field::octets), Some(&b"abc"[..]));
    let events = Expect::start(Content::of(
        &Response::new(200).with("Content-Type", "Text/Event-Stream; charset=utf-8"),
    ));
    let found = dissect(b"ffffffffffffffff\r\ndata: x\n\n", &Context::Chunk(events));
    assert_eq!((found.breaches, found.needs), (vec![], Some(u64::MAX - 9 + 2)));
}

/// A chunked body: data, sizes as they are written, extensions.
fn chunks() -> impl Strategy<Value = Vec<(Vec<u8>, String)>> {
    let data = proptest::collection::vec(any::<u8>(), 1..20);
    let extension = "( ?;[a-z\"; =]{0,6})?";
    proptest::collection::vec((data, extension), 0..5)
}

fn chunked(chunks: &[(Vec<u8>, String)]) -> (Vec<u8>, Vec<u8>) {
    let mut body = Vec::new();
    for (data, extension) in chunks {
        body.extend(format!("{:X}{extension}\r\n", data.len()).bytes());
        body.extend(data);
        body.extend(b"\r\n");
    }
    body.extend(b"0\r\nA: b\r\n\r\n");
    (body, chunks.iter().flat_map(|(data, _)| data.clone()).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn chunks_of_any_form_carry_their_content_however_they_are_cut(chunks in chunks()) {
        let (body, content) = chunked(&chunks);
        let head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        let out = fed(Side::Server, &[&head[..], &body, GET.as_bytes()].concat());
        prop_assert_eq!(requests(&out), [("/".to_owned(), Bytes::from(content.clone()))]);
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let out = fed(Side::Client, &[&head[..], &body].concat());
        prop_assert_eq!(bodies(&out), [Bytes::from(content)]);
    }

    #[test]
    fn a_chunk_is_written_and_read_back_as_one_unit(data in proptest::collection::vec(any::<u8>(), 1..600)) {
        let bytes = body::write_chunk(&data);
        let found = dissect(&bytes, &plain());
        prop_assert_eq!((found.consumed, found.needs, &found.breaches), (bytes.len(), None, &vec![]));
        prop_assert_eq!(found.field("chunk_data").map(Field::octets), Some(&data[..]));
        for cut in 0..bytes.len() {
            let found = dissect(&bytes[..cut], &plain());
            prop_assert!(found.needs.is_some_and(|needs| needs > 0), "cut at {}", cut);
            prop_assert!(found.breaches.is_empty());
            // At the size line the rest is known to the byte.
            if found.field("chunk_data").is_some() {
                prop_assert_eq!(found.needs, Some((bytes.len() - cut) as u64));
            }
        }
    }

    #[test]
    fn any_order_of_actions_and_bytes_is_answered(
        steps in proptest::collection::vec((0_u8..12, any::<u8>()), 0..24), server_side: bool,
    ) {
        let mut conn = if server_side { server() } else { client() };
        for (what, with) in steps {
            let head = Response::new(100 + u16::from(with) * 2);
            let action = match what {
                0 => Action::Request(Request::new("GET", "/").with("Host", "a"), Bytes::new()),
                1 => Action::Respond(head, Bytes::new()),
                2 => Action::Respond(head.with("Content-Length", "1"), Bytes::from(vec![with])),
                3 => Action::Begin(head.with("Content-Type", "text/event-stream")),
                4 => Action::Begin(head),
                5 => Action::Piece(Bytes::from(vec![with; usize::from(with % 9)])),
                6 => Action::Finish,
                _ => {
                    let bytes = [GET.as_bytes(), b"HTTP/1.1 200 OK\r\n\r\n", b"\r\n", &[with]];
                    let out = conn.receive(bytes[usize::from(what % 4)]);
                    prop_assert!(out.iter().filter(|output| **output == Output::Finish).count() < 2);
                    continue;
                }
            };
            let (state, n_read) = (conn.state(), conn.n_read());
            if conn.act(action).is_err() {
                prop_assert_eq!((conn.state(), conn.n_read()), (state, n_read));
            }
        }
        conn.receive_end();
        prop_assert!(conn.over() && conn.finished());
    }

    #[test]
    fn the_units_of_a_body_cover_its_flow(chunks in chunks()) {
        let (body, _) = chunked(&chunks);
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let bytes = [&head[..], &body].concat();
        let mut end = 0;
        for output in fed(Side::Client, &bytes) {
            let Output::Read(start, len, context) = output else { continue };
            prop_assert_eq!(start, end);
            end += len;
            let unit = &bytes[start as usize..end as usize];
            let found = dissect(unit, &context);
            prop_assert_eq!((found.consumed, found.needs, found.breaches), (unit.len(), None, vec![]));
        }
        prop_assert_eq!(end, bytes.len() as u64);
    }

    #[test]
    fn sizes_are_read_as_httparse_reads_them(size in "[0-9a-fA-F]{0,18}", rest in "( ?;[ -~]{0,5})?( |\r|\n|\r\n|x){0,2}") {
        let line = format!("{size}{rest}");
        let expect = Expect { max_data: u64::MAX, ..Expect::start(Content::Plain) };
        let ours = body::Chunk::read(&mut Reader::new(line.as_bytes(), 0, &mut ()), &expect);
        let ours = match &ours {
            Ok(chunk) => Ok(Some(chunk.size())),
            Err(wirestep::wire::Stop::Needs(_)) => Ok(None),
            Err(wirestep::wire::Stop::Breach(breach)) => Err(breach.rule),
        };
        let theirs = httparse::parse_chunk_size(line.as_bytes());
        match (ours, &theirs) {
            (Ok(Some(size)), Ok(httparse::Status::Complete((_, peer)))) => prop_assert_eq!(size, *peer),
            (Ok(None), Ok(httparse::Status::Partial)) | (Err(_), Err(_)) => {}
            (Err(rule), Ok(_)) => {
                // This end is stricter: a size has digits, no blanks come before CR LF, and a
                // bare LF ends no extension.
                let digits = rule == Rule::ChunkSize && size.is_empty();
                let blanks = rule == Rule::ChunkExtension && line.contains(' ');
                let lf = rule == Rule::ChunkLineEnd && line.contains(';');
                prop_assert!(digits || blanks || lf, "{line:?}: {rule:?}, httparse {theirs:?}");
            }
            (ours, theirs) => prop_assert!(false, "{line:?}: {ours:?}, httparse {theirs:?}"),
        }
    }

    #[test]
    fn mutated_messages_end_alike_however_they_are_cut(
        chunks in chunks(), server: bool, at: prop::sample::Index, with in any::<u8>(), drop: bool,
    ) {
        let (body, _) = chunked(&chunks);
        let (side, head) = if server {
            (Side::Server, &b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"[..])
        } else {
            (Side::Client, &b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"[..])
        };
        let mut bytes = [head, &body, GET.as_bytes()].concat();
        let at = at.index(bytes.len());
        if drop {
            bytes.remove(at);
        } else {
            bytes[at] = with;
        }
        check_cuts(side, &bytes);
    }
}
