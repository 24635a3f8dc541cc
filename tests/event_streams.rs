//! Event streams: what WHATWG HTML §9.2 says of them, at one end and between two.

#[path = "support/ends.rs"]
mod ends;

use bytes::Bytes;
use ends::{asked, check_cuts, client, events, rules, server, settle, written};
use proptest::prelude::*;
use wirestep::conn::{Action, Conn, Event as Told, Output, State};
use wirestep::wire::http::{Request, Response};
use wirestep::wire::rule::Rule;
use wirestep::wire::sse::{self, Event, Expect, Found, MAX_EVENT, NotOneLine, Progress, Stream};
use wirestep::wire::unit::{Context, dissect};
use wirestep::wire::{Reader, Side};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";

/// What a stream of these bytes says, and the id that is left, for every cut.
fn read(bytes: &[u8]) -> (Vec<Found>, String) {
    let drive = |pieces: &[&[u8]]| {
        let mut stream = Stream::resume(Expect::start());
        let mut found = Vec::new();
        for piece in pieces {
            let notes = &mut ();
            let mut reader = Reader::new(piece, 0, notes);
            stream.read_all(&mut reader, &mut found).expect("no rule is broken");
        }
        (found, stream)
    };
    let whole = drive(&[bytes]);
    for cut in 0..=bytes.len() {
        let (a, b) = bytes.split_at(cut);
        assert_eq!(drive(&[a, b]), whole, "cut at {cut} of {bytes:?}");
    }
    assert_eq!(drive(&bytes.chunks(1).collect::<Vec<_>>()), whole, "byte by byte");
    let (found, stream) = whole;
    (found, stream.last_event_id().to_owned())
}

/// The events of a stream as (name, data, id).
#[track_caller]
fn check(bytes: &str, expected: &[(&str, &str, &str)]) {
    let (found, _) = read(bytes.as_bytes());
    let events: Vec<_> = found
        .iter()
        .filter_map(|found| match found {
            Found::Event(event) => Some((event.name(), event.data(), event.id())),
            Found::Retry(_) => None,
        })
        .collect();
    assert_eq!(events, expected, "{bytes:?}");
}

#[test]
fn the_streams_of_whatwg_html_9_2_6_are_read() {
    check("data: YHOO\ndata: +2\ndata: 10\n\n", &[("message", "YHOO\n+2\n10", "")]);
    check(
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event",
        &[("message", "first event", "1"), ("message", "second event", "")],
    );
    check("data\n\ndata\ndata\n\ndata:", &[("message", "", ""), ("message", "\n", "")]);
    check("data:test\n\ndata: test\n\n", &[("message", "test", ""), ("message", "test", "")]);
}

#[test]
fn lines_end_in_cr_or_lf_or_both() {
    let expected = &[("a", "x\ny", "")];
    for end in ["\n", "\r", "\r\n"] {
        check(&["event:a", "data:x", "data:y", "", ""].join(end), expected);
    }
    check("event:a\rdata:x\r\ndata:y\n\r\n", expected);
    // CR LF is one line end, LF CR are two.
    check("data:x\r\ndata:y\n\n", &[("message", "x\ny", "")]);
    check("data:x\n\rdata:y\n\n", &[("message", "x", ""), ("message", "y", "")]);
}

#[test]
fn a_byte_order_mark_is_passed_over_at_the_start_alone() {
    check("\u{feff}data:x\n\n", &[("message", "x", "")]);
    check("\u{feff}\u{feff}data:x\n\n", &[]);
    check("data:x\n\n\u{feff}data:y\n\n", &[("message", "x", "")]);
    // Half a mark is how a name begins.
    let (found, _) = read(b"\xef\xbbdata:x\n\xef\n\xefdata:y\n\ndata:z\n\n");
    assert_eq!(found, [Found::Event(Event::new("z"))]);
}

#[test]
fn fields_are_taken_as_they_are_defined() {
    check("data:a\nfoo:b\nDATA:c\ndata :d\n\n", &[("message", "a", "")]);
    check("event:a\nevent:b\ndata:x\n\ndata:y\n\n", &[("b", "x", ""), ("message", "y", "")]);
    check("event:a\n\ndata:x\n\n", &[("message", "x", "")]);
    check("data:\u{0}:  a:b\n\n", &[("message", "\u{0}:  a:b", "")]);
    check("id:1\0\ndata:x\n\nid:2\ndata:y\n\n", &[("message", "x", ""), ("message", "y", "2")]);
    check("id:1\n\ndata:x\n\n", &[("message", "x", "1")]);
    check("\n\n\n:\n\n", &[]);
    let (found, _) = read(b"data:\xff\xc3\n\n");
    assert_eq!(found, [Found::Event(Event::new("\u{fffd}\u{fffd}"))]);
    let (found, _) = read(b"retry: 15\nretry:+1\nretry:\nretry:1x\nretry:99999999999999999999\n");
    assert_eq!(found, [Found::Retry(15), Found::Retry(u64::MAX)]);
}

#[test]
fn the_last_id_stays_and_that_of_an_open_event_does_not_count() {
    assert_eq!(read(b"id:1\ndata:x\n\nid:2\n").1, "1");
    assert_eq!(read(b"id:1\ndata:x\n\nid:2\n\n").1, "2");
    assert_eq!(read(b"id:1\n\nid\n\n").1, "");
}

#[test]
fn names_and_ids_are_one_line() {
    for bad in ["a\nb", "a\rb", "a\0"] {
        assert_eq!(Event::new("x").named(bad), Err(NotOneLine));
        assert_eq!(Event::new("x").with_id(bad), Err(NotOneLine));
    }
    let event = Event::new("a\r\nb\rc").named("news").and_then(|event| event.with_id("7"));
    let bytes = event.expect("one line each").to_bytes();
    assert_eq!(&bytes[..], b"event: news\nid: 7\ndata: a\ndata: b\ndata: c\n\n");
    assert_eq!(&sse::write_comment("a\nb")[..], b": a\n: b\n\n");
    assert_eq!(read(&sse::write_retry(3000)).0, [Found::Retry(3000)]);
}

#[test]
fn an_event_that_is_too_large_is_refused_at_its_first_byte_too_many() {
    let fits = "x".repeat(MAX_EVENT as usize - 4);
    let (head, tail) = (format!("{HEAD}\r\ndata:{fits}"), "\n\n");
    let mut conn = asked("GET");
    let mut out = conn.receive(head.as_bytes());
    out.extend(conn.receive(tail.as_bytes()));
    out.extend(conn.receive(b": comments are not held\ndata:1\n\n"));
    assert_eq!((rules(&out), events(&out).len()), (vec![], 3));
    for pieces in [[head.as_str(), "yz\n\n"], [&head[..50], &(head[50..].to_owned() + "yz\n\n")]] {
        let mut conn = asked("GET");
        let mut out = conn.receive(pieces[0].as_bytes());
        out.extend(conn.receive(pieces[1].as_bytes()));
        assert_eq!(rules(&out), [Rule::EventTooBig]);
        assert_eq!(events(&out).last(), Some(&Told::NoAnswer(Rule::EventTooBig)));
        assert_eq!((conn.n_read(), conn.state()), (head.len() as u64 + 1, State::Failed));
    }
    // A name counts as well, and lines that say nothing.
    let mut conn = asked("GET");
    let out = conn.receive(format!("{HEAD}\r\n{fits}\n{}", "abcde").as_bytes());
    assert_eq!(rules(&out), [Rule::EventTooBig]);
}

/// A server that streams to a client, after the head.
fn streaming(minor: u8) -> (Conn, Conn, Vec<Output>) {
    let (mut client, mut server) = (client(), server());
    let request = Request { minor, ..Request::new("GET", "/news").with("Host", "a") };
    let out = client.act(Action::Request(request, Bytes::new())).expect("idle");
    server.receive(&written(&out));
    let begun = Response::new(200).with("Content-Type", sse::MEDIA_TYPE);
    let out = server.act(Action::Begin(begun)).expect("owed");
    (client, server, out)
}

#[test]
fn events_are_handed_over_while_the_stream_goes_on() {
    for minor in [1, 0] {
        let (mut client, mut server, out) = streaming(minor);
        let seen = events(&client.receive(&written(&out)));
        assert!(matches!(&seen[..], [Told::Streaming(head)] if head.status == 200), "{seen:?}");
        let event = Event::new("Hi").with_id("1").expect("one line");
        for piece in [sse::write_retry(5), event.to_bytes(), sse::write_comment("still here")] {
            let out = server.act(Action::Piece(piece.clone())).expect("begun");
            let units: Vec<_> = out
                .iter()
                .filter_map(|output| match output {
                    Output::Write(_, context) => Some(context.noun()),
                    _ => None,
                })
                .collect();
            assert_eq!(units, [if minor == 1 { "chunk" } else { "event" }]);
            let expected = match &piece[..1] {
                b"r" => vec![Told::StreamRetry(5)],
                b"i" => vec![Told::StreamEvent(Box::new(event.clone()))],
                _ => vec![],
            };
            assert_eq!(events(&client.receive(&written(&out))), expected);
            assert_eq!(client.state(), State::Asking);
        }
        let out = server.act(Action::Finish).expect("begun");
        let mut seen = events(&client.receive(&written(&out)));
        if server.finished() {
            seen.extend(events(&client.receive_end()));
        }
        assert_eq!(seen, [Told::StreamEnded("1".to_owned())]);
        let expected = if minor == 1 { State::Idle } else { State::Closed };
        assert_eq!([client.state(), server.state()], [expected; 2]);
    }
}

#[test]
fn a_stream_in_chunks_that_breaks_off_is_told_as_broken() {
    let (mut client, mut server, out) = streaming(1);
    client.receive(&written(&out));
    let event = Event::new("Hi");
    let out = server.act(Action::Piece(event.to_bytes())).expect("begun");
    let mut out = client.receive(&written(&out));
    out.extend(client.receive_end());
    let expected = [Told::StreamEvent(Box::new(event)), Told::NoAnswer(Rule::CutShort)];
    assert_eq!(events(&out), expected);
    let mut out = server.receive_end();
    assert_eq!(events(&out), [Told::ClientGone]);
    out.clear();
    assert!(server.act(Action::Piece(Bytes::from_static(b"x"))).is_err());
}

#[test]
fn only_a_200_with_the_media_type_is_a_stream() {
    let lines = |status: u16, media_type: &str| {
        format!(
            "HTTP/1.1 {status} X\r\nContent-Type: {media_type}\r\nContent-Length: 9\r\n\r\ndata:x\n\nX"
        )
    };
    for (status, media_type, streams) in [
        (200, "text/event-stream", true),
        (200, "Text/Event-Stream ;charset=utf-8", true),
        (200, "text/event-streams", false),
        (200, "text/plain, text/event-stream", false),
        (404, "text/event-stream", false),
    ] {
        let out = asked("GET").receive(lines(status, media_type).as_bytes());
        let seen = events(&out);
        if streams {
            let ended = Told::StreamEnded(String::new());
            assert_eq!(seen[1..], [Told::StreamEvent(Box::new(Event::new("x"))), ended]);
        } else {
            assert!(matches!(&seen[..], [Told::Response(_, body)] if body.len() == 9), "{seen:?}");
        }
    }
    // An answer without a body has no stream.
    let mut conn = asked("HEAD");
    let out = conn.receive(format!("{HEAD}Content-Length: 9\r\n\r\n").as_bytes());
    assert!(matches!(&events(&out)[..], [Told::Response(..)]), "{out:?}");
}

#[test]
fn an_event_stream_may_also_be_an_answer_of_known_length() {
    let (mut client, mut server) = (client(), server());
    let request = Request::new("GET", "/").with("Host", "a");
    let out = client.act(Action::Request(request, Bytes::new())).expect("idle");
    settle(&mut client, &mut server, &out);
    let body = Bytes::from_static(b"data: a\n\ndata: b\n\n");
    let response = Response::new(200)
        .with("Content-Type", sse::MEDIA_TYPE)
        .with("Content-Length", body.len().to_string());
    let out = server.act(Action::Respond(response, body)).expect("owed");
    let nouns: Vec<_> = out
        .iter()
        .filter_map(|output| match output {
            Output::Write(_, context) => Some(context.noun()),
            _ => None,
        })
        .collect();
    assert_eq!(nouns, ["response", "event", "event"]);
    let seen = events(&client.receive(&written(&out)));
    let (a, b) = (
        Told::StreamEvent(Box::new(Event::new("a"))),
        Told::StreamEvent(Box::new(Event::new("b"))),
    );
    assert_eq!(seen[1..], [a, b, Told::StreamEnded(String::new())]);
    assert_eq!(client.state(), State::Idle);
}

/// Bytes that are nearly an event stream.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof!["data", "event", "id", "retry", "", "x", "dat"];
    let value = proptest::collection::vec(
        prop_oneof![
            Just(b' '),
            Just(b':'),
            Just(0),
            Just(0xc3),
            Just(0xa9),
            b'0'..=b'9',
            Just(b'a')
        ],
        0..5,
    );
    let end = prop_oneof!["\n", "\r", "\r\n", "\n\n", ""];
    let line = (name, prop_oneof![":", ": ", ""], value, end);
    let line = line.prop_map(|(name, colon, value, end)| {
        [name.as_bytes(), colon.as_bytes(), &value, end.as_bytes()].concat()
    });
    let mark = prop_oneof![Just(vec![]), Just(vec![0xef, 0xbb, 0xbf]), Just(vec![0xef, 0xbb])];
    (mark, proptest::collection::vec(line, 0..10))
        .prop_map(|(mark, lines)| [mark, lines.concat()].concat())
}

/// The events of a stream by a reader that has all of it and goes line by line.
fn read_at_once(bytes: &[u8]) -> Vec<(String, String, String)> {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let (mut data, mut name, mut id) = (Vec::new(), String::new(), String::new());
    let mut events = Vec::new();
    let Some((whole, _)) = text.rsplit_once('\n') else { return events };
    for line in whole.split('\n') {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" if line.is_empty() => {
                if !data.is_empty() {
                    let name = if name.is_empty() { "message".to_owned() } else { name };
                    events.push((name, data.join("\n"), id.clone()));
                }
                (data, name) = (Vec::new(), String::new());
            }
            "data" => data.push(value.to_owned()),
            "event" => name = String::from(value),
            "id" if !value.contains('\0') => id = String::from(value),
            _ => {}
        }
    }
    events
}

proptest! {
    #[test]
    fn a_stream_says_the_same_however_it_is_cut(bytes in stream()) {
        let (found, _) = read(&bytes);
        let events: Vec<_> = found
            .into_iter()
            .filter_map(|found| match found {
                Found::Event(event) => {
                    Some((event.name().to_owned(), event.data().to_owned(), event.id().to_owned()))
                }
                Found::Retry(_) => None,
            })
            .collect();
        prop_assert_eq!(events, read_at_once(&bytes));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        read(&bytes);
    }

    #[test]
    fn an_event_is_written_and_read_back(
        data in "[ -~é\n]{0,20}", name in "[ -~]{0,5}", id in "[ -~]{0,5}",
    ) {
        let event = Event::new(&data).named(&name).and_then(|event| event.with_id(&id));
        let event = event.expect("one line each");
        let bytes = event.to_bytes();
        prop_assert_eq!(read(&bytes).0, [Found::Event(event)]);
        let found = dissect(&bytes, &Context::Event(Expect::start()));
        prop_assert_eq!((found.consumed, found.needs), (bytes.len(), None));
        for cut in 0..bytes.len() {
            let found = dissect(&bytes[..cut], &Context::Event(Expect::start()));
            prop_assert!(found.needs.is_some_and(|needs| needs > 0), "cut at {}", cut);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_client_is_told_the_same_however_a_stream_is_framed_and_cut(
        bytes in stream(), n in 1_usize..12,
    ) {
        let length = format!("{HEAD}Content-Length: {}\r\n\r\n", bytes.len());
        let chunks: Vec<u8> = bytes.chunks(n).flat_map(wirestep::wire::body::write_chunk).collect();
        let flows = [
            [length.as_bytes(), &bytes].concat(),
            [format!("{HEAD}\r\n").as_bytes(), &bytes].concat(),
            [format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n").as_bytes(), &chunks, b"0\r\n\r\n"].concat(),
        ];
        let told = flows.map(|flow| {
            let mut told = events(&check_cuts(Side::Client, &flow));
            told.retain(|told| matches!(told, Told::StreamEvent(_) | Told::StreamRetry(_)));
            told
        });
        if !bytes.is_empty() {
            let expected: Vec<_> = read(&bytes)
                .0
                .into_iter()
                .map(|found| match found {
                    Found::Event(event) => Told::StreamEvent(Box::new(event)),
                    Found::Retry(retry_ms) => Told::StreamRetry(retry_ms),
                })
                .collect();
            prop_assert_eq!(&told[0], &expected);
            prop_assert_eq!(&told[2], &expected);
            prop_assert_eq!(&told[1], &expected);
        }
    }

    #[test]
    fn the_units_of_a_stream_are_read_as_they_were_written(bytes in stream(), n in 1_usize..12, minor in 0_u8..2) {
        let (mut client, mut server, mut out) = streaming(minor);
        for piece in bytes.chunks(n) {
            out.extend(server.act(Action::Piece(Bytes::copy_from_slice(piece))).expect("begun"));
        }
        out.extend(server.act(Action::Finish).expect("begun"));
        let mut start = 0;
        let mut units: Vec<_> = out
            .iter()
            .filter_map(|output| match output {
                Output::Write(bytes, context) => {
                    let began = start;
                    start += bytes.len() as u64;
                    Some((began, start - began, context.clone()))
                }
                _ => None,
            })
            .collect();
        let flow = written(&out);
        let read: Vec<_> = client
            .receive(&flow)
            .into_iter()
            .filter_map(|output| match output {
                Output::Read(start, len, context) => Some((start, len, context)),
                _ => None,
            })
            .collect();
        if minor == 0 {
            // Pieces need not end where events do.
            units.retain(|unit| read.contains(unit));
            let ends = read.iter().all(|(start, len, context)| {
                let unit = &flow[*start as usize..(start + len) as usize];
                let found = dissect(unit, context);
                found.consumed == unit.len() && found.needs.is_none()
            });
            prop_assert!(ends);
        } else {
            prop_assert_eq!(read, units);
        }
    }

    #[test]
    fn a_dissected_event_has_a_field_for_every_byte(bytes in stream()) {
        let mut rest = &bytes[..];
        let mut expect = Expect::start();
        while !rest.is_empty() {
            let found = dissect(rest, &Context::Event(expect));
            let mut bit = 0;
            for field in &found.fields {
                prop_assert_eq!(field.bit, bit);
                bit += field.bits;
            }
            prop_assert_eq!(bit, found.consumed as u64 * 8);
            let mut stream = Stream::resume(expect);
            let notes = &mut ();
            let mut reader = Reader::new(rest, 0, notes);
            let progress = stream.read(&mut reader, &mut Vec::new()).expect("no rule is broken");
            prop_assert_eq!(progress == Progress::Ended, found.needs.is_none());
            expect = stream.expects();
            rest = &rest[found.consumed..];
        }
    }
}
