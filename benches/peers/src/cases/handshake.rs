//! The whole upgrade: a raw request becomes a judged request, an accept value and a response.

use crate::Wanted;
use crate::feed::{Feed, now};
use crate::input::{BROWSER, LEAN};
use crate::measure::{Contender, Lap};
use crate::table::{Goal, Row, Unit};
use std::hint::black_box;

use wirestep::wire::Reader;
use wirestep::wire::handshake::{self, Terms};
use wirestep::wire::http::Request;

/// Handshakes in one lap.
const N: usize = 64;

/// Both requests.
pub fn all(wanted: &Wanted, run: &mut dyn FnMut(Row<'_>)) {
    for (name, request) in [("lean", LEAN), ("browser", BROWSER)] {
        let what = format!("handshake {name} {} B", request.len());
        if !wanted.wants(&what) {
            continue;
        }
        run(Row {
            what,
            unit: Unit::Millions(N as f64),
            goal: Goal::new(1.3, 1.7),
            contenders: vec![
                ours(request),
                sockudo(request),
                soketto(request),
                tungstenite(request),
            ],
        });
    }
}

/// Shows the one part of a response that all must agree on.
fn accept(response: &[u8]) -> &[u8] {
    const NAME: &[u8] = b"sec-websocket-accept: ";
    let found = response.windows(NAME.len()).position(|bytes| bytes.eq_ignore_ascii_case(NAME));
    let start = found.map_or(response.len(), |found| found + NAME.len());
    &response[start..response.len().min(start + 28)]
}

fn shaker<'a>(
    name: &'static str,
    request: &'a [u8],
    mut shake: impl FnMut(&'a [u8], &mut dyn FnMut(&[u8])) + 'a,
) -> Contender<'a> {
    Contender::new(name, move |lap: &mut Lap| {
        lap.time(|_| {
            for _ in 0..N {
                shake(black_box(request), &mut |response| {
                    black_box(response);
                });
            }
        });
        shake(request, &mut |response| lap.show(accept(response)));
    })
}

fn ours(request: &[u8]) -> Contender<'_> {
    shaker("wirestep", request, |bytes, show| {
        let request = Request::read(&mut Reader::new(bytes, 0, &mut ())).expect("a request");
        let (_, response) = handshake::answer(&request, &Terms::default()).expect("accepted");
        show(&response.to_bytes());
    })
}

fn sockudo(request: &[u8]) -> Contender<'_> {
    use sockudo_ws::handshake::{build_response, generate_accept_key, parse_request};
    shaker("sockudo-ws", request, |bytes, show| {
        let (request, _) = parse_request(bytes).expect("a request").expect("whole");
        show(&build_response(&generate_accept_key(request.key), None, None));
    })
}

fn soketto(request: &[u8]) -> Contender<'_> {
    use soketto::handshake::Server;
    use soketto::handshake::server::Response;
    let mut feed = Feed::new(&[], usize::MAX);
    let mut buffer = bytes::BytesMut::new();
    shaker("soketto", request, move |bytes, show| {
        feed.restart(bytes);
        let mut server = Server::new(&mut feed);
        server.set_buffer(std::mem::take(&mut buffer));
        now(async {
            let key = server.receive_request().await.expect("a request").key();
            let response = Response::Accept { key, protocol: None };
            server.send_response(&response).await.expect("room");
        })
        .expect("nothing waits");
        buffer = server.take_buffer();
        show(&feed.written);
    })
}

fn tungstenite(request: &[u8]) -> Contender<'_> {
    use tungstenite::handshake::machine::TryParse as _;
    use tungstenite::handshake::server::{Request, create_response, write_response};
    let mut out = Vec::new();
    shaker("tungstenite", request, move |bytes, show| {
        let (_, request) = Request::try_parse(bytes).expect("a request").expect("whole");
        out.clear();
        write_response(&mut out, &create_response(&request).expect("accepted")).expect("room");
        show(&out);
    })
}
