//! Ends of connections in HTTP, and what they say.

use bytes::Bytes;
use wirestep::conn::{Action, Config, Conn, Event, Output};
use wirestep::wire::Side;
use wirestep::wire::http::Request;
use wirestep::wire::rule::Rule;

pub(crate) fn client() -> Conn {
    Conn::new(Config::new(Side::Client, 1))
}

pub(crate) fn server() -> Conn {
    Conn::new(Config::new(Side::Server, 2))
}

/// A client that waits for the answer to a request with this method.
pub(crate) fn asked(method: &str) -> Conn {
    let mut conn = client();
    let request = Request::new(method, "/").with("Host", "a");
    conn.act(Action::Request(request, Bytes::new())).expect("idle");
    conn
}

pub(crate) fn written(outputs: &[Output]) -> Vec<u8> {
    let bytes = |output: &Output| match output {
        Output::Write(bytes, _) => Some(bytes.to_vec()),
        _ => None,
    };
    outputs.iter().filter_map(bytes).flatten().collect()
}

pub(crate) fn events(outputs: &[Output]) -> Vec<Event> {
    let event = |output: &Output| match output {
        Output::Event(event) => Some(event.clone()),
        _ => None,
    };
    outputs.iter().filter_map(event).collect()
}

pub(crate) fn rules(outputs: &[Output]) -> Vec<Rule> {
    let rule = |output: &Output| match output {
        Output::Breach(breach) => Some(breach.rule),
        _ => None,
    };
    outputs.iter().filter_map(rule).collect()
}

/// Hands what one end writes to the other until both are silent.
pub(crate) fn settle(client: &mut Conn, server: &mut Conn, from_client: &[Output]) -> Vec<Event> {
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

/// What an end makes of bytes that come while it waits for a message; it is the same in whatever
/// way they are cut.
#[track_caller]
pub(crate) fn check_cuts(side: Side, bytes: &[u8]) -> Vec<Output> {
    let fresh = || match side {
        Side::Client => asked("GET"),
        Side::Server => server(),
    };
    let drive = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut conn = fresh();
        let out: Vec<_> = pieces.flat_map(|piece| conn.receive(piece)).collect();
        (conn, out)
    };
    let whole = drive(&mut [bytes].into_iter());
    // Every cut of a long input would take long: those near its ends are enough.
    let near = |cut: &usize| *cut < 400 || bytes.len() - cut < 40;
    for cut in (0..=bytes.len()).filter(near) {
        let (a, b) = bytes.split_at(cut);
        assert_eq!(drive(&mut [a, b].into_iter()), whole, "{side:?}, cut at {cut}");
    }
    let n_bytes = if bytes.len() < 2000 { 1 } else { 101 };
    assert_eq!(drive(&mut bytes.chunks(n_bytes)), whole, "{side:?}, {n_bytes} bytes at a time");
    whole.1
}
