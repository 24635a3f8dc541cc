//! The cases: for each rule and each side that it binds, bytes that break it and nothing before.

use wirestep::wire::Side::{self, Client, Server};
use wirestep::wire::body::MAX_BODY;
use wirestep::wire::mask;
use wirestep::wire::rule::Rule;
use wirestep::wire::sse::MAX_EVENT;

/// The key of RFC 6455 §1.3, which the upgrades here are asked for with.
pub(super) const OFFER_KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// What the connection is at when the bytes arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is open.
    Frames,
    /// It is open, and a message of more than 100 bytes is too big.
    Small,
    /// It is open, with permessage-deflate.
    Compressed,
    /// A Close was exchanged.
    Closing,
    /// A request or its answer is due.
    Http,
    /// The same, and TCP ends behind the bytes.
    CutShort,
    /// An answer is owed, and no request is open at the client.
    Answering,
    /// A request to upgrade or its answer is due.
    Upgrade,
}

/// A rule, who breaks it, when, and with which bytes.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) rule: Rule,
    pub(super) by: Side,
    pub(super) stage: Stage,
    pub(super) bytes: Vec<u8>,
}

/// A frame with this first byte, masked as its sender must.
pub(super) fn frame(by: Side, first: u8, payload: &[u8]) -> Vec<u8> {
    let len = u8::try_from(payload.len()).expect("a short payload");
    match by {
        Server => [&[first, len], payload].concat(),
        Client => {
            let key = [7, 11, 13, 17];
            let mut masked = payload.to_vec();
            mask::apply(key, 0, &mut masked);
            [&[first, 0x80 | len], &key[..], &masked].concat()
        }
    }
}

/// A header with these length bytes, and nothing behind it.
fn length(by: Side, first: u8, length: &[u8]) -> Vec<u8> {
    let mask = if by == Client { 0x80 } else { 0 };
    [&[first, mask | length[0]], &length[1..]].concat()
}

/// Every case.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for by in [Client, Server] {
        cases.extend(framing(by));
        cases.extend(http(by));
        cases.extend(bodies(by));
    }
    cases.extend(http_of_one_side());
    cases.extend(masking());
    cases.extend(requests());
    cases.extend(responses());
    cases
}

fn framing(by: Side) -> Vec<Case> {
    use Stage::{Closing, Compressed, Frames, Small};
    let frame = |first, payload: &[u8]| frame(by, first, payload);
    let length = |first, bytes: &[u8]| length(by, first, bytes);
    let case = |rule, stage, bytes| Case { rule, by, stage, bytes };
    let misplaced = [frame(0x41, &[0xf2, 0x48]), frame(0xc0, &[0xcd])].concat();
    vec![
        case(Rule::Rsv1, Frames, frame(0xc1, b"")),
        case(Rule::Rsv2, Frames, frame(0xa1, b"")),
        case(Rule::Rsv3, Frames, frame(0x91, b"")),
        case(Rule::Rsv1Misplaced, Compressed, misplaced),
        case(Rule::ReservedOpcode, Frames, frame(0x83, b"")),
        case(Rule::FragmentedControl, Frames, frame(0x09, b"")),
        case(Rule::NothingToContinue, Frames, frame(0x80, b"")),
        case(Rule::UnfinishedMessage, Frames, [frame(0x01, b"a"), frame(0x81, b"b")].concat()),
        case(Rule::LongControl, Frames, length(0x89, &[126, 0, 126])),
        case(Rule::LongLengthForm, Frames, length(0x82, &[126, 0, 125])),
        case(Rule::LengthTopBit, Frames, length(0x82, &[127, 0x80, 0, 0, 0, 0, 0, 0, 0])),
        case(Rule::TooBig, Small, length(0x82, &[101])),
        case(Rule::TextNotUtf8, Frames, frame(0x81, b"caf\xe9!")),
        case(Rule::BadDeflate, Compressed, frame(0xc1, &[0xff])),
        case(Rule::CloseOneByte, Frames, frame(0x88, &[3])),
        case(Rule::CloseCode, Frames, frame(0x88, &1005_u16.to_be_bytes())),
        case(Rule::ReasonNotUtf8, Frames, frame(0x88, b"\x03\xe8\xff")),
        case(Rule::AfterClose, Closing, frame(0x81, b"late")),
    ]
}

fn masking() -> [Case; 2] {
    let case =
        |rule, by, bytes: &[u8]| Case { rule, by, stage: Stage::Frames, bytes: bytes.into() };
    [
        case(Rule::UnmaskedClient, Client, b"\x81\x02Hi"),
        case(Rule::MaskedServer, Server, b"\x81\x82\0\0\0\0Hi"),
    ]
}

/// What either side can get wrong in a head.
fn http(by: Side) -> Vec<Case> {
    let start = match by {
        Client => "GET /messages HTTP/1.1\r\nHost: a\r\n",
        Server => "HTTP/1.1 200 OK\r\n",
    };
    let case = |rule, head: String| Case { rule, by, stage: Stage::Http, bytes: head.into() };
    let line = |line: &str| format!("{start}{line}\r\n\r\n");
    let malformed = match by {
        Client => "GET\r\n\r\n",
        Server => "ICY 200 OK\r\n\r\n",
    };
    vec![
        case(Rule::StartLine, malformed.to_owned()),
        case(Rule::HeaderLine, line("Name : value")),
        case(Rule::LineEnd, format!("{start}Name: value\n\r\n")),
        case(Rule::HeadTooBig, line(&format!("Name: {}", "x".repeat(20_000)))),
        case(Rule::ContentLength, line("Content-Length: -1")),
        case(Rule::TransferCoding, line("Transfer-Encoding: gossip, chunked")),
        extensions(by),
    ]
}

/// What either side can get wrong in a body.
fn bodies(by: Side) -> Vec<Case> {
    let (start, old) = match by {
        Client => ("POST /messages HTTP/1.1\r\nHost: a\r\n", "POST /messages HTTP/1.0\r\n"),
        Server => ("HTTP/1.1 200 OK\r\n", "HTTP/1.0 200 OK\r\n"),
    };
    let case = |rule, bytes: String| Case { rule, by, stage: Stage::Http, bytes: bytes.into() };
    let coded = |codings: &str| format!("{start}Transfer-Encoding: {codings}\r\n\r\n");
    let chunk = |chunk: &str| coded("chunked") + chunk;
    let sized = |length: u64| format!("{start}Content-Length: {length}\r\n\r\n");
    let both = "Content-Length: 3\r\nTransfer-Encoding: chunked";
    let cut_short = Case { stage: Stage::CutShort, ..case(Rule::CutShort, sized(3) + "ab") };
    vec![
        case(Rule::ChunkedTwice, coded("chunked, chunked")),
        case(Rule::LengthAndCoding, format!("{start}{both}\r\n\r\n")),
        case(Rule::CodingInHttp10, format!("{old}Transfer-Encoding: chunked\r\n\r\n")),
        case(Rule::BodyTooBig, sized(MAX_BODY + 1)),
        case(Rule::ChunkSize, chunk("-5\r\n")),
        case(Rule::ChunkExtension, chunk("5 \r\n")),
        case(Rule::ChunkExtensionsTooBig, chunk(&format!("5;{}", "x".repeat(5000)))),
        case(Rule::ChunkLineEnd, chunk("5\nhello")),
        case(Rule::ChunkEnd, chunk("5\r\nhello!")),
        cut_short,
    ]
}

/// What one side alone can get wrong in HTTP.
fn http_of_one_side() -> Vec<Case> {
    let case = |rule, by, stage, bytes: String| Case { rule, by, stage, bytes: bytes.into() };
    let get = "GET /messages HTTP/1.1\r\nHost: a\r\n";
    let stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    let event = "x".repeat(MAX_EVENT as usize);
    vec![
        case(
            Rule::CodingNotChunked,
            Client,
            Stage::Http,
            format!("{get}Transfer-Encoding: gzip\r\n\r\n"),
        ),
        case(Rule::PipelinedTooFar, Client, Stage::Answering, get.repeat(40_000)),
        case(Rule::UnaskedResponse, Server, Stage::Answering, "HTTP/1.1 408 X\r\n".into()),
        case(Rule::UnaskedSwitch, Server, Stage::Http, "HTTP/1.1 101 X\r\n\r\n".into()),
        case(Rule::EventTooBig, Server, Stage::Http, format!("{stream}data: {event}")),
    ]
}

fn extensions(by: Side) -> Case {
    let bytes = match by {
        Client => request(&[("Sec-WebSocket-Extensions", "permessage-deflate;")]),
        Server => response(&[("Sec-WebSocket-Extensions", "permessage-deflate;")]),
    };
    Case { rule: Rule::ExtensionSyntax, by, stage: Stage::Upgrade, bytes }
}

/// Header lines where some are replaced (or left out, where the value is empty) and some added.
fn lines(usual: &[(&str, &str)], changes: &[(&str, &str)]) -> String {
    let kept = usual.iter().filter(|(name, _)| !changes.iter().any(|(change, _)| change == name));
    let added = changes.iter().filter(|(_, value)| !value.is_empty());
    let lines = kept.chain(added).map(|(name, value)| [name, ": ", value, "\r\n"].concat());
    lines.collect::<Vec<_>>().concat()
}

/// The request of RFC 6455 §1.3 with changes to its header lines.
fn request(changes: &[(&str, &str)]) -> Vec<u8> {
    let usual = [
        ("Host", "server.example.com"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", OFFER_KEY),
        ("Sec-WebSocket-Version", "13"),
    ];
    format!("GET /chat HTTP/1.1\r\n{}\r\n", lines(&usual, changes)).into_bytes()
}

fn requests() -> Vec<Case> {
    let case = |rule, bytes| Case { rule, by: Client, stage: Stage::Upgrade, bytes };
    let start = |line: &str| {
        let usual = String::from_utf8(request(&[])).expect("text");
        usual.replace("GET /chat HTTP/1.1", line).into_bytes()
    };
    vec![
        case(Rule::HostMissing, request(&[("Host", "")])),
        case(Rule::UpgradeMethod, start("POST /chat HTTP/1.1")),
        case(Rule::Fragment, start("GET /chat#top HTTP/1.1")),
        case(Rule::UpgradeHttpVersion, start("GET /chat HTTP/1.0")),
        case(Rule::UpgradeHeader, request(&[("Upgrade", "h2c")])),
        case(Rule::ConnectionHeader, request(&[("Connection", "keep-alive")])),
        case(Rule::Key, request(&[("Sec-WebSocket-Key", "c2hvcnQ=")])),
        case(Rule::Version, request(&[("Sec-WebSocket-Version", "8")])),
        case(Rule::ProtocolList, request(&[("Sec-WebSocket-Protocol", "chat, chat")])),
    ]
}

/// The answer of RFC 6455 §1.3 with changes to its header lines.
fn response(changes: &[(&str, &str)]) -> Vec<u8> {
    let usual = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    ];
    format!("HTTP/1.1 101 Switching Protocols\r\n{}\r\n", lines(&usual, changes)).into_bytes()
}

fn responses() -> Vec<Case> {
    let case = |rule, bytes| Case { rule, by: Server, stage: Stage::Upgrade, bytes };
    let extension = |params: &str| {
        let value = format!("permessage-deflate; server_no_context_takeover{params}");
        response(&[("Sec-WebSocket-Extensions", &value)])
    };
    let agreed = "permessage-deflate; server_no_context_takeover; server_max_window_bits=10";
    let not_switched = String::from_utf8(response(&[("Content-Length", "0")]))
        .expect("text")
        .replace("101 Switching Protocols", "200 OK")
        .into_bytes();
    vec![
        case(Rule::NotSwitched, not_switched),
        case(Rule::ResponseUpgrade, response(&[("Upgrade", "")])),
        case(Rule::ResponseConnection, response(&[("Connection", "close")])),
        case(Rule::Accept, response(&[("Sec-WebSocket-Accept", "AAAA")])),
        case(Rule::ProtocolNotOffered, response(&[("Sec-WebSocket-Protocol", "stomp")])),
        case(Rule::ExtensionNotOffered, response(&[("Sec-WebSocket-Extensions", "mux")])),
        case(
            Rule::ExtensionsTwice,
            response(&[("Sec-WebSocket-Extensions", agreed), ("Sec-WebSocket-Extensions", "a")]),
        ),
        case(Rule::DeflateUnknown, extension("; server_max_window_bits=10; level=9")),
        case(Rule::DeflateValue, extension("; server_max_window_bits=16")),
        case(Rule::DeflateRepeated, extension("; server_no_context_takeover")),
        case(
            Rule::DeflateTakeover,
            response(&[(
                "Sec-WebSocket-Extensions",
                "permessage-deflate; server_max_window_bits=10",
            )]),
        ),
        case(Rule::DeflateServerBits, extension("")),
        case(
            Rule::DeflateClientBits,
            extension("; server_max_window_bits=10; client_max_window_bits=10"),
        ),
    ]
}
