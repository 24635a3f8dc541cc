//! tungstenite at the opening handshake: its client against our server, its server against our
//! client, and both judges over the same heads.

use super::stream::{Stream, Told, written};
use proptest::prelude::*;
use proptest::sample::select;
use tungstenite::client::ClientRequestBuilder;
use tungstenite::handshake::server::{Request as TheirRequest, Response as TheirResponse};
use tungstenite::http::HeaderValue;
use tungstenite::{HandshakeError, Message as Theirs, accept_hdr, client};
use wirestep::conn::{Action, Config, Conn, Event, Message, Output, State};
use wirestep::wire::extension::{Agreement, DeflateOffer};
use wirestep::wire::handshake::{
    AcceptStages, Offer, Opened, Terms, judge_request, judge_response, key_from_nonce,
};
use wirestep::wire::http::{Headers, Request, Response};
use wirestep::wire::rule::Rule;
use wirestep::wire::{Reader, Side};

fn opened(outputs: &[Output]) -> Option<Opened> {
    outputs.iter().find_map(|output| match output {
        Output::Event(Event::Opened(opened)) => Some(opened.clone()),
        _ => None,
    })
}

#[test]
fn a_client_of_tungstenite_is_upgraded_and_reads_what_follows_the_101() {
    for (protocols, chosen) in [(&["superchat", "chat"][..], Some("chat")), (&[], None)] {
        let uri = "ws://server.example.com/chat?room=1".parse().expect("it is a URI");
        let asks = protocols.iter().fold(ClientRequestBuilder::new(uri), |asks, protocol| {
            asks.with_sub_protocol(*protocol)
        });
        let Err(HandshakeError::Interrupted(mut asking)) = client(asks, Stream::default()) else {
            panic!("it waits for the answer");
        };
        let request = std::mem::take(&mut asking.get_mut().get_mut().written);

        let mut server = Conn::new(Config::new(Side::Server, 1));
        server.receive(&request);
        assert_eq!(server.state(), State::Connecting, "{}", String::from_utf8_lossy(&request));
        let terms =
            Terms { protocols: vec!["chat".to_owned()], deflate: Some(Agreement::default()) };
        let mut outputs = server.act(Action::Accept(terms)).expect("an answer is due");
        let expected = Opened { protocol: chosen.map(str::to_owned), deflate: None };
        assert_eq!(opened(&outputs), Some(expected));
        outputs.extend(server.act(Action::send(Message::text("Hi"))).expect("it is open"));

        asking.get_mut().get_mut().arrived.extend(written(&outputs));
        let Ok((mut socket, response)) = asking.handshake() else { panic!("it is answered") };
        let got = response.headers().get("Sec-WebSocket-Protocol").map(HeaderValue::as_bytes);
        assert_eq!(got, chosen.map(str::as_bytes));
        assert_eq!(socket.read().map(Told::theirs).ok(), Some(Told::Text(b"Hi".to_vec())));
    }
}

#[test]
fn a_server_of_tungstenite_upgrades_a_client_of_ours_that_offers_deflate() {
    let offer = Offer {
        key: key_from_nonce([9; 16]),
        protocols: vec!["superchat".to_owned(), "chat".to_owned()],
        deflate: vec![DeflateOffer::browser()],
    };
    let mut client = Conn::new(Config::new(Side::Client, 1));
    let request = Request::new("GET", "/chat").with("Host", "server.example.com");
    let outputs = client.act(Action::Upgrade(request, offer)).expect("a client may ask");
    let request = written(&outputs);

    #[expect(clippy::result_large_err, reason = "the callback's type is theirs")]
    let choose = |_: &TheirRequest, mut response: TheirResponse| {
        response.headers_mut().append("Sec-WebSocket-Protocol", HeaderValue::from_static("chat"));
        Ok(response)
    };
    let (begins, goes_on) = request.split_at(request.len() / 2);
    let Err(HandshakeError::Interrupted(mut asked)) = accept_hdr(Stream::with(begins), choose)
    else {
        panic!("it waits for the rest");
    };
    asked.get_mut().get_mut().arrived.extend(goes_on);
    let Ok(mut socket) = asked.handshake() else { panic!("the request is right") };
    socket.send(Theirs::text("Hi")).expect("it is open");

    let outputs = client.receive(&socket.get_ref().written);
    let expected = Opened { protocol: Some("chat".to_owned()), deflate: None };
    assert_eq!(opened(&outputs), Some(expected));
    assert_eq!(Told::ours(&outputs), [Told::Text(b"Hi".to_vec())]);
}

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// Whether tungstenite upgrades a whole request.
fn they_accept(request: &Request) -> bool {
    let stream = Stream::with(&request.to_bytes());
    match tungstenite::accept(stream) {
        Ok(_) => true,
        Err(HandshakeError::Failure(_)) => false,
        Err(HandshakeError::Interrupted(_)) => panic!("the request is whole"),
    }
}

/// Why tungstenite upgrades what is refused here, by the rule that is named here.
fn accepted_elsewhere(rule: Rule, headers: &Headers) -> Option<&'static str> {
    Some(match rule {
        Rule::HostMissing => "it does not ask for a Host",
        Rule::Fragment => "it cuts a fragment off the target",
        Rule::ProtocolList => "it leaves subprotocols to the application",
        Rule::ExtensionSyntax => "it has no extensions and passes over them",
        Rule::Key if headers.only("sec-websocket-key").is_none() => "it takes the first key",
        Rule::Version if headers.only("sec-websocket-version").is_none() => {
            "it takes the first version"
        }
        Rule::ConnectionHeader if headers.all("connection").any(|value| value.contains(' ')) => {
            "it takes a space for a comma in Connection"
        }
        _ => return None,
    })
}

/// Why tungstenite refuses what is accepted here.
fn refused_elsewhere(headers: &Headers) -> Option<&'static str> {
    let first = |name| headers.all(name).next().unwrap_or_default();
    if !first("upgrade").eq_ignore_ascii_case("websocket") {
        return Some("it wants the one word websocket in the first Upgrade");
    }
    let upgrade = |element: &str| element.eq_ignore_ascii_case("upgrade");
    let listed = first("connection").split([' ', ',']).any(upgrade);
    (!listed).then_some("it looks at the first Connection alone, and at blanks as they are")
}

/// A header of a request: its name, its right value, and other values, one to a line.
type Choices = (&'static str, &'static str, &'static [&'static [&'static str]]);

const REQUEST_LINES: [Choices; 7] = [
    ("Host", "server.example.com", &[&[], &["a", "b"], &[""]]),
    (
        "upgrade",
        "websocket",
        &[
            &[],
            &["WebSocket"],
            &["h2c"],
            &["websocket, h2c"],
            &["h2c", "websocket"],
            &["websocket/13"],
        ],
    ),
    (
        "Connection",
        "Upgrade",
        &[
            &[],
            &["keep-alive, Upgrade"],
            &["upgrade"],
            &["close"],
            &["keep-alive", "Upgrade"],
            &["keep-alive Upgrade"],
            &["Upgrade,close"],
            &["keep-alive,\tupgrade"],
        ],
    ),
    (
        "Sec-WebSocket-Key",
        KEY,
        &[
            &[],
            &["c2hvcnQ="],
            &[""],
            &["dGhlIHNhbXBsZSBub25jZQ"],
            &[KEY, KEY],
            &["dGhlIHNhbXBsZSBub25jZR=="],
            &["AAAAAAAAAAAAAAAAAAAAAAAA"],
        ],
    ),
    (
        "Sec-WebSocket-Version",
        "13",
        &[&[], &["8"], &["13, 8"], &["13", "8"], &["8", "13"], &["013"], &["+13"]],
    ),
    ("Sec-WebSocket-Protocol", "chat", &[&[], &["a, a"], &["a b"], &[","]]),
    ("Sec-WebSocket-Extensions", "permessage-deflate", &[&[], &["a;"], &["x-a; b=\"c\""]]),
];

/// A request to upgrade, each of its lines right more often than not.
fn request() -> impl Strategy<Value = Request> {
    let lines = |(name, right, others): Choices| {
        let others = select(others).prop_map(<[&str]>::to_vec);
        let values = prop_oneof![3 => Just(vec![right]), 1 => others];
        values.prop_map(move |values| {
            values.into_iter().map(|value| (name, value)).collect::<Vec<_>>()
        })
    };
    let start = (
        select(vec!["GET", "GET", "GET", "POST", "get"]),
        select(vec!["/chat", "/", "/?a#b"]),
        select(vec![1, 1, 1, 0]),
    );
    let lines: Vec<_> = REQUEST_LINES.into_iter().map(lines).collect();
    (start, lines).prop_map(|((method, target, minor), lines)| {
        let request = Request { minor, ..Request::new(method, target) };
        lines.concat().into_iter().fold(request, |request, (name, value)| request.with(name, value))
    })
}

/// The lines of a response to [`KEY`], each right more often than not.
fn response() -> impl Strategy<Value = Response> {
    let accept = AcceptStages::of(KEY).accept;
    let line = |name: &'static str, right: String, others: &'static [&'static str]| {
        let others = select(others.to_vec()).prop_map(str::to_owned);
        prop_oneof![4 => Just(right), 1 => others].prop_map(move |value| (name, value))
    };
    let lines = (
        line("Upgrade", "websocket".to_owned(), &["WEBSOCKET", "h2c", "", "websocket, h2c"]),
        line("Connection", "Upgrade".to_owned(), &["upgrade", "close", "Upgrade, keep-alive"]),
        line(
            "Sec-WebSocket-Accept",
            accept,
            &["", "s3pPLMBiTxaQ9kYGzzhZRbK+xOO=", "S3PPLMBITXAQ9KYGZZHZRBK+XOO="],
        ),
        line(
            "Sec-WebSocket-Protocol",
            "chat".to_owned(),
            &["superchat", "soap", "CHAT", "chat, superchat"],
        ),
    );
    let kept = prop::array::uniform4(prop::bool::weighted(0.9));
    (select(vec![101_u16, 101, 101, 101, 200, 400]), lines, kept).prop_map(
        |(status, (a, b, c, d), kept)| {
            let lines =
                [a, b, c, d].into_iter().zip(kept).filter_map(|(line, kept)| kept.then_some(line));
            lines.fold(Response::new(status), |response, (name, value)| response.with(name, value))
        },
    )
}

/// Whether a client of tungstenite that asked with `key` and for two subprotocols is upgraded.
fn they_are_upgraded(response: &[u8]) -> bool {
    let request = tungstenite::http::Request::get("ws://server.example.com/chat")
        .header("Host", "server.example.com")
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", KEY)
        .header("Sec-WebSocket-Protocol", "chat, superchat")
        .body(())
        .expect("it is a request");
    let Err(HandshakeError::Interrupted(mut asking)) = client(request, Stream::default()) else {
        panic!("it waits for the answer");
    };
    asking.get_mut().get_mut().arrived.extend(response);
    match asking.handshake() {
        Ok(_) => true,
        Err(HandshakeError::Failure(_)) => false,
        Err(HandshakeError::Interrupted(_)) => panic!("the answer is whole"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn requests_to_upgrade_are_judged_as_tungstenite_judges_them(request in request()) {
        let faults = judge_request(&request);
        let read = Request::read(&mut Reader::new(&request.to_bytes(), 0, &mut ()));
        prop_assert_eq!(read.as_ref(), Ok(&request), "the judge saw what arrives");
        let explained = match (&faults[..], they_accept(&request)) {
            ([], true) | ([_, ..], false) => return Ok(()),
            ([], false) => refused_elsewhere(&request.headers),
            (faults, true) => {
                let why = |rule| accepted_elsewhere(rule, &request.headers);
                // Each of the faults alone would have been a reason to refuse.
                let all: Option<Vec<_>> = faults.iter().map(|fault| why(fault.rule)).collect();
                all.and_then(|all| all.first().copied())
            }
        };
        prop_assert!(explained.is_some(), "unexplained: {:?} {:?}", faults, request);
    }

    #[test]
    fn answers_to_an_upgrade_are_judged_as_tungstenite_judges_them(response in response()) {
        let offer = Offer {
            key: KEY.to_owned(),
            protocols: vec!["chat".to_owned(), "superchat".to_owned()],
            deflate: Vec::new(),
        };
        let (ours, theirs) =
            (judge_response(&response, &offer), they_are_upgraded(&response.to_bytes()));
        let explained = match (&ours, theirs) {
            (Ok(_), true) | (Err(_), false) => return Ok(()),
            // RFC 6455 §4.1: it is a list that contains the token.
            (Ok(_), false) if response.headers.all("connection").any(|value| value.contains(',')) => {
                "it wants the one word Upgrade in Connection"
            }
            // RFC 6455 §4.2.2: "if the server does not wish to agree to one of the suggested
            // subprotocols, it MUST NOT send back" the header.
            (Ok(opened), false) if opened.protocol.is_none() => "it wants one of the subprotocols",
            _ => "",
        };
        prop_assert!(!explained.is_empty(), "unexplained: {:?} {} {:?}", ours, theirs, response);
    }
}
