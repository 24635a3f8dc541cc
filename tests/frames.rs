//! Frames and heads against the RFC's own examples, and the laws of reading them.

use proptest::prelude::*;
use wirestep::wire::handshake::{AcceptStages, Offer, Terms, answer, judge_response};
use wirestep::wire::http::{Request, Response};
use wirestep::wire::rule::Rule;
use wirestep::wire::unit::{Context, dissect};
use wirestep::wire::ws::{Expect, Form, Frame, Header, Length, Opcode};
use wirestep::wire::{Reader, Side, Survey, Value};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame from `side` reads without a breach, says `payload`, and is written back the same.
#[track_caller]
fn check(side: Side, bytes: &[u8], opcode: Opcode, payload: &[u8], expect: &Expect) -> Expect {
    let found = dissect(bytes, &Context::Frame(expect.clone()));
    assert_eq!(found.breaches, vec![], "{side:?}");
    assert_eq!(found.consumed, bytes.len());
    let header = found.header.expect("the header is whole");
    assert_eq!(header.opcode, opcode);
    let said = found.fields.iter().find(|field| field.spec.name == "payload");
    let said = said.map_or(Value::Octets(bytes::Bytes::new()), |field| field.value.clone());
    assert_eq!(said, Value::Octets(bytes::Bytes::copy_from_slice(payload)));
    let frame = Frame { header, payload: bytes::Bytes::copy_from_slice(payload) };
    assert_eq!(&frame.to_bytes()[..], bytes);
    found.after.expect("the frame is whole")
}

#[test]
fn the_frames_of_rfc_6455_5_7_are_read_and_written() {
    let server = Expect::start(Side::Server);
    let client = Expect::start(Side::Client);
    check(Side::Server, b"\x81\x05Hello", Opcode::TEXT, b"Hello", &server);
    let masked = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    check(Side::Client, &masked, Opcode::TEXT, b"Hello", &client);
    assert_eq!(&Frame::new(Opcode::TEXT, "Hello", Some(KEY)).to_bytes()[..], masked);
    let rest = check(Side::Server, b"\x01\x03Hel", Opcode::TEXT, b"Hel", &server);
    check(Side::Server, b"\x80\x02lo", Opcode::CONTINUATION, b"lo", &rest);
    check(Side::Server, b"\x89\x05Hello", Opcode::PING, b"Hello", &server);
    let pong = [0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    check(Side::Client, &pong, Opcode::PONG, b"Hello", &client);
    let mut binary = vec![0x82, 0x7e, 0x01, 0x00];
    binary.extend([7; 256]);
    check(Side::Server, &binary, Opcode::BINARY, &[7; 256], &server);
    let mut binary = vec![0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0];
    binary.extend(vec![9; 65536]);
    check(Side::Server, &binary, Opcode::BINARY, &vec![9; 65536], &server);
}

#[test]
fn each_framing_rule_is_named_with_its_bit() {
    let cases: &[(Side, &[u8], Rule, u64)] = &[
        (Side::Client, &[0xc1, 0x80, 0, 0, 0, 0], Rule::Rsv1, 1),
        (Side::Client, &[0xa1, 0x80, 0, 0, 0, 0], Rule::Rsv2, 2),
        (Side::Client, &[0x91, 0x80, 0, 0, 0, 0], Rule::Rsv3, 3),
        (Side::Client, &[0x83, 0x80, 0, 0, 0, 0], Rule::ReservedOpcode, 4),
        (Side::Client, &[0x09, 0x80, 0, 0, 0, 0], Rule::FragmentedControl, 4),
        (Side::Client, &[0x80, 0x80, 0, 0, 0, 0], Rule::NothingToContinue, 4),
        (Side::Client, &[0x81, 0x00], Rule::UnmaskedClient, 8),
        (Side::Server, &[0x81, 0x80, 0, 0, 0, 0], Rule::MaskedServer, 8),
        (Side::Server, &[0x89, 0x7e, 0, 126], Rule::LongControl, 9),
        (Side::Server, &[0x82, 0x7e, 0, 1, 0], Rule::LongLengthForm, 16),
        (Side::Server, &[0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0], Rule::LengthTopBit, 16),
        (Side::Server, &[0x81, 0x02, b'a', 0xff], Rule::TextNotUtf8, 24),
        (Side::Server, &[0x88, 0x01, 0x03], Rule::CloseOneByte, 16),
        (Side::Server, &[0x88, 0x02, 0x03, 0xed], Rule::CloseCode, 16),
        (Side::Server, &[0x88, 0x03, 0x03, 0xe8, 0xff], Rule::ReasonNotUtf8, 32),
    ];
    for (side, bytes, rule, bit) in cases {
        let found = dissect(bytes, &Context::Frame(Expect::start(*side)));
        let first = found.breaches.first().unwrap_or_else(|| panic!("{rule:?} is not found"));
        assert_eq!((first.rule, first.bit), (*rule, *bit));
    }
}

#[test]
fn a_start_line_holds_no_control_character_and_a_status_ends_in_a_space_or_with_the_line() {
    let first = |bytes: &[u8], context| {
        let found = dissect(bytes, &context);
        found.breaches.first().map(|breach| (breach.rule, breach.bit / 8))
    };
    for byte in (0..0x20).chain([0x7f]).filter(|byte| !matches!(byte, b'\r' | b'\n')) {
        let request = [b"GET /a", &[byte][..], b"b HTTP/1.1\r\n\r\n"].concat();
        assert_eq!(first(&request, Context::Request), Some((Rule::StartLine, 4)), "{byte:#04x}");
        let response = [b"HTTP/1.1 200 O", &[byte][..], b"K\r\n\r\n"].concat();
        // A tab is a blank, and may stand in a reason.
        let expected = (byte != b'\t').then_some((Rule::StartLine, 13));
        assert_eq!(first(&response, Context::Response), expected, "{byte:#04x}");
    }
    let cases: &[(&[u8], _)] = &[
        (b"HTTP/1.1 200 OK\r\n\r\n", None),
        (b"HTTP/1.1 200 \r\n\r\n", None),
        (b"HTTP/1.1 200\r\n\r\n", None),
        (b"HTTP/1.1 200X\n\r\n", Some((Rule::StartLine, 12))),
        (b"HTTP/1.1 2000\r\n\r\n", Some((Rule::StartLine, 12))),
        (b"HTTP/1.1 200\n\n\r\n", Some((Rule::LineEnd, 12))),
    ];
    for (bytes, expected) in cases {
        assert_eq!(first(bytes, Context::Response), *expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn half_a_frame_says_how_much_is_missing() {
    let whole = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    let expect = Context::Frame(Expect::start(Side::Client));
    for cut in 2..whole.len() {
        let found = dissect(&whole[..cut], &expect);
        assert_eq!(found.needs, Some((whole.len() - cut) as u64), "after {cut} bytes");
    }
}

#[test]
fn the_handshake_of_rfc_6455_1_3_is_accepted_by_both_sides() {
    let bytes = b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";
    let request = Request::read(&mut Reader::new(bytes, 0, &mut ())).expect("a head");
    assert_eq!(&request.to_bytes()[..], bytes);
    let terms = Terms { protocols: vec!["chat".to_owned()], deflate: None };
    let (opened, response) = answer(&request, &terms).expect("nothing is wrong with it");
    let expected = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
        Sec-WebSocket-Protocol: chat\r\n\r\n";
    assert_eq!(&response.to_bytes()[..], expected.as_bytes());
    let offer = Offer {
        key: "dGhlIHNhbXBsZSBub25jZQ==".to_owned(),
        protocols: vec!["chat".to_owned(), "superchat".to_owned()],
        deflate: Vec::new(),
    };
    assert_eq!(judge_response(&response, &offer), Ok(opened));
    assert_eq!(AcceptStages::of(&offer.key).accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

#[test]
fn only_space_and_tab_stand_around_values() {
    for (blank, expected) in [(" ", "13"), ("\t", "13"), ("\u{a0}", "\u{a0}13\u{a0}")] {
        let head =
            format!("GET / HTTP/1.1\r\nA: {blank}13{blank}\r\nB: x,{blank}13{blank}\r\n\r\n");
        let request = Request::read(&mut Reader::new(head.as_bytes(), 0, &mut ()));
        let request = request.expect("a head");
        assert_eq!(request.headers.only("a"), Some(expected), "{blank:?}");
        assert_eq!(request.headers.list("b").collect::<Vec<_>>(), ["x", expected], "{blank:?}");
    }
}

fn opcode() -> impl Strategy<Value = Opcode> {
    (0u8..16).prop_map(Opcode::from_bits)
}

fn length() -> impl Strategy<Value = Length> {
    prop_oneof![
        (0u64..=125).prop_map(|len| (Form::Bits7, len)),
        (0..=u64::from(u16::MAX)).prop_map(|len| (Form::Bits16, len)),
        any::<u64>().prop_map(|len| (Form::Bits64, len)),
    ]
    .prop_map(|(form, len)| Length::in_form(form, len).expect("the form holds it"))
}

proptest! {
    #[test]
    fn every_header_is_written_and_read_back(
        fin: bool, rsv: [bool; 3], opcode in opcode(), length in length(),
        masking_key: Option<[u8; 4]>,
    ) {
        let header = Header { fin, rsv, opcode, length, masking_key };
        let mut out = bytes::BytesMut::new();
        header.write(&mut out);
        prop_assert_eq!(out.len(), header.size());
        let mut survey = Survey::default();
        let mut reader = Reader::new(&out, 0, &mut survey);
        let read = Header::read(&mut reader, &Expect::start(Side::Client));
        prop_assert_eq!(read, Ok(header));
    }

    #[test]
    fn any_bytes_are_dissected_without_a_panic_and_fields_cover_what_was_read(
        bytes in proptest::collection::vec(any::<u8>(), 0..64), server: bool, kind in 0..4,
    ) {
        let side = if server { Side::Server } else { Side::Client };
        let context = match kind {
            0 => Context::Request,
            1 => Context::Response,
            2 => Context::Body(20),
            _ => Context::Frame(Expect::start(side)),
        };
        let found = dissect(&bytes, &context);
        let mut bit = 0;
        for field in &found.fields {
            prop_assert_eq!(field.bit, bit);
            bit += field.bits;
        }
        prop_assert!(bit <= bytes.len() as u64 * 8);
    }

    #[test]
    fn heads_read_as_httparse_reads_them(
        target in "/[a-z0-9?=&]{0,12}",
        lines in proptest::collection::vec(("[A-Za-z-]{1,12}", "[!-~]([ -~]{0,18}[!-~])?"), 0..8),
    ) {
        let mut request = Request::new("GET", &target);
        for (name, value) in &lines {
            request.headers.push(name, value.as_str());
        }
        let bytes = request.to_bytes();
        let read = Request::read(&mut Reader::new(&bytes, 0, &mut ()));
        prop_assert_eq!(&read, &Ok(request));
        let mut headers = [httparse::EMPTY_HEADER; 8];
        let mut peer = httparse::Request::new(&mut headers);
        let status = peer.parse(&bytes).expect("httparse reads it");
        prop_assert_eq!(status, httparse::Status::Complete(bytes.len()));
        prop_assert_eq!(peer.path, Some(target.as_str()));
        let theirs: Vec<_> = peer.headers.iter().map(|h| (h.name.to_owned(), h.value.to_vec())).collect();
        let ours: Vec<_> = lines.into_iter().map(|(n, v)| (n, v.into_bytes())).collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn a_cut_head_asks_for_more_and_never_breaches(cut in 0usize..60) {
        let bytes = Response::new(101).with("Upgrade", "websocket").with("X", "y").to_bytes();
        prop_assume!(cut < bytes.len());
        let found = dissect(&bytes[..cut], &Context::Response);
        prop_assert!(found.needs.is_some_and(|needs| needs > 0), "{found:?}");
        prop_assert_eq!(found.breaches, vec![]);
    }
}
