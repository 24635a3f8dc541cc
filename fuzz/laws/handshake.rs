//! **Law:** any bytes at the opening handshake open the connection, are refused with a status or a
//! failure, or wait for more; a head that was read is written and read back the same; and what a
//! conforming client offers and a conforming server answers opens both ends alike.

use super::draw::{byte, keeps_to, octets, offer, terms, word};
use arbitrary::Unstructured;
use bytes::Bytes;
use std::fmt::Debug;
use wirestep::conn::{Action, Config, Conn, Event, Output, State};
use wirestep::wire::handshake::{Offer, Opened, Terms, judge_request, judge_response};
use wirestep::wire::http::{Request, Response};
use wirestep::wire::{Reader, Side, Stop};

/// The key of RFC 6455 §1.3, so that bytes can hold the answer to it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// Panics where the law is broken. The first byte says which part of it is tried.
pub(crate) fn hold(bytes: &[u8]) {
    let mut u = Unstructured::new(bytes);
    match byte(&mut u) & 3 {
        0 => ask(u),
        1 => answer(u.take_rest()),
        2 => {
            let bytes = u.take_rest();
            write_back(bytes, |bytes| read(bytes, Request::read), Request::to_bytes);
            write_back(bytes, |bytes| read(bytes, Response::read), Response::to_bytes);
        }
        _ => agree(u),
    }
}

/// Any bytes ask a server to upgrade.
fn ask(mut u: Unstructured<'_>) {
    let terms = Terms { deflate: None, ..terms(&mut u) };
    let mut server = Conn::new(Config::new(Side::Server, 1));
    let out = server.receive(u.take_rest());
    let Some(request) = requests(&out).pop() else {
        if server.over() {
            check_refusal(&server, &out);
        } else {
            assert_eq!(opened(&out), None, "the server waits for more");
        }
        return;
    };
    let out = server.act(Action::Accept(terms)).expect("an answer is due");
    let faults = judge_request(&request);
    let Some(opened) = opened(&out) else {
        assert_ne!(faults, [], "a request without a fault is accepted");
        return check_refusal(&server, &out);
    };
    assert_eq!(faults, [], "a request with a fault is refused");
    let response = read(&written(&out)[0], Response::read).expect("an answer is a head");
    assert_eq!(judge_response(&response, &offer_of(&request)), Ok(opened));
}

/// The offer that a request makes, as far as the answer must fit it.
fn offer_of(request: &Request) -> Offer {
    Offer {
        key: request.headers.only("sec-websocket-key").unwrap_or_default().to_owned(),
        protocols: request.headers.list("sec-websocket-protocol").map(str::to_owned).collect(),
        deflate: Vec::new(),
    }
}

fn check_refusal(server: &Conn, out: &[Output]) {
    assert_eq!((server.state(), server.finished()), (State::Failed, true));
    assert!(out.iter().any(|output| matches!(output, Output::Breach(_))), "it says why");
    let bytes = written(out).concat();
    let notes = &mut ();
    let mut reader = Reader::new(&bytes, 0, notes);
    let mut head = || Response::read(&mut reader).expect("an answer begins with a head");
    let mut response = head();
    if response.status == 100 {
        // The request asked whether it may go on, and then broke a rule.
        response = head();
    }
    let body = reader.rest();
    assert!((400..=599).contains(&response.status), "{} is no refusal", response.status);
    assert!(response.headers.lists("connection", "close"));
    assert_eq!(response.headers.only("content-length"), Some(&body.len().to_string()[..]));
}

/// Any bytes answer a client that has asked.
fn answer(bytes: &[u8]) {
    let offer =
        Offer { key: KEY.to_owned(), protocols: vec!["chat".to_owned()], ..Offer::default() };
    let mut client = Conn::new(Config::new(Side::Client, 1));
    let request = Request::new("GET", "/chat").with("Host", "server.example.com");
    client.act(Action::Upgrade(request, offer.clone())).expect("a fresh client may ask");
    let out = client.receive(bytes);
    let judged = read_final(bytes).map(|response| judge_response(&response, &offer));
    match (judged, opened(&out)) {
        (Ok(Ok(judged)), opened) => assert_eq!(Some(judged), opened),
        (Ok(Err(_)) | Err(Stop::Breach(_)), None) => {
            assert_eq!(client.state(), State::Failed);
            assert_eq!(
                client.report().map(|closed| (closed.code, closed.clean)),
                Some((1006, false))
            );
            assert!(written(&out).is_empty(), "a client says nothing to a server that failed it");
        }
        (Err(Stop::Needs(_)), None) => assert_eq!(client.state(), State::Connecting),
        (judged, Some(opened)) => panic!("the client opened with {opened:?}: {judged:?}"),
    }
}

/// The first head that is no interim response (RFC 9110 §15.2).
fn read_final(bytes: &[u8]) -> Result<Response, Stop> {
    let notes = &mut ();
    let mut reader = Reader::new(bytes, 0, notes);
    loop {
        // A head is bounded from its own beginning.
        let (rest, bit) = (reader.rest(), reader.bit());
        let mut head = reader.within(rest, bit);
        let response = Response::read(&mut head)?;
        let n = head.consumed();
        reader.skip(n);
        if !matches!(response.status, 100 | 102..=199) {
            return Ok(response);
        }
    }
}

fn write_back<T: PartialEq + Debug>(
    bytes: &[u8],
    read: impl Fn(&[u8]) -> Result<T, Stop>,
    write: impl Fn(&T) -> Bytes,
) {
    let Ok(head) = read(bytes) else { return };
    let again = write(&head);
    assert_eq!(read(&again), Ok(head), "as it was written: {again:?}");
}

/// Any offer meets any terms; what is carried may be bent on the way.
fn agree(mut u: Unstructured<'_>) {
    let (offer, terms) = (offer(&mut u), terms(&mut u));
    let (bend, place) = (byte(&mut u), word(&mut u));
    let target = String::from_utf8_lossy(octets(&mut u, 3))
        .replace(|c: char| !c.is_ascii_alphanumeric(), "~");
    let mut client = Conn::new(Config::new(Side::Client, 1));
    let mut server = Conn::new(Config::new(Side::Server, 2));
    let request = Request::new("GET", &format!("/{target}")).with("Host", "server.example.com");
    let out = client.act(Action::Upgrade(request, offer)).expect("a fresh client may ask");
    let mut up = written(&out).concat();
    let bent = bend > 0;
    if bent && place & 1 == 0 {
        up = bent_at(up, (place >> 1, bend));
    }
    let mut heard = server.receive(&up);
    if !requests(&heard).is_empty() {
        heard = server.act(Action::Accept(terms)).expect("an answer is due");
    }
    let mut down = written(&heard).concat();
    if bent && place & 1 == 1 {
        down = bent_at(down, (place >> 1, bend));
    }
    let seen = client.receive(&down);
    if !bent {
        let (Some(client_has), Some(server_has)) = (opened(&seen), opened(&heard)) else {
            panic!("what is offered rightly can be accepted: {heard:?}, {seen:?}");
        };
        assert!(keeps_to(&client_has, &server_has), "{client_has:?}, {server_has:?}");
        assert_eq!((client.state(), server.state()), (State::Open, State::Open));
    }
}

fn bent_at(mut bytes: Vec<u8>, (place, bits): (usize, u8)) -> Vec<u8> {
    let n = bytes.len().max(1);
    if let Some(byte) = bytes.get_mut(place % n) {
        *byte ^= bits;
    }
    bytes
}

fn read<T>(
    bytes: &[u8],
    read: impl FnOnce(&mut Reader<'_, ()>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    read(&mut Reader::new(bytes, 0, &mut ()))
}

fn written(out: &[Output]) -> Vec<Bytes> {
    let writes = out.iter().filter_map(|output| match output {
        Output::Write(bytes, _) => Some(bytes.clone()),
        _ => None,
    });
    writes.collect()
}

fn requests(out: &[Output]) -> Vec<Request> {
    let requests = out.iter().filter_map(|output| match output {
        Output::Event(Event::Request(request, _)) => Some((**request).clone()),
        _ => None,
    });
    requests.collect()
}

fn opened(out: &[Output]) -> Option<Opened> {
    out.iter().find_map(|output| match output {
        Output::Event(Event::Opened(opened)) => Some(opened.clone()),
        _ => None,
    })
}
