//! permessage-deflate between two ends: the RFC's frames, an independent inflater, the prefix law.

use bytes::Bytes;
use proptest::prelude::*;
use wirestep::conn::{Action, Config, Conn, Event, Last, Message, Output};
use wirestep::wire::deflate::Deflate;
use wirestep::wire::extension::Agreement;
use wirestep::wire::mask;
use wirestep::wire::rule::Rule;
use wirestep::wire::unit::{Context, dissect};
use wirestep::wire::ws::Expect;
use wirestep::wire::{Field, Side};

fn agreement(window_bits: u8, context_takeover: bool) -> Agreement {
    let deflate = Deflate { window_bits, context_takeover };
    Agreement { client: deflate, server: deflate }
}

fn end(side: Side, agreement: Agreement) -> Conn {
    Conn::opened_with_deflate(Config::new(side, 7), agreement)
}

fn written(outputs: &[Output]) -> Vec<Bytes> {
    let writes = outputs.iter().filter_map(|output| match output {
        Output::Write(bytes, _) => Some(bytes.clone()),
        _ => None,
    });
    writes.collect()
}

fn messages(outputs: &[Output]) -> Vec<Message> {
    let messages = outputs.iter().filter_map(|output| match output {
        Output::Event(Event::Message(message)) => Some(message.clone()),
        _ => None,
    });
    messages.collect()
}

fn breach(outputs: &[Output]) -> Option<(Rule, u64)> {
    outputs.iter().find_map(|output| match output {
        Output::Breach(breach) => Some((breach.rule, breach.bit)),
        _ => None,
    })
}

/// The frames of a server that says all of these, one after the other.
fn said(agreement: Agreement, messages: &[Message]) -> Vec<Bytes> {
    let mut server = end(Side::Server, agreement);
    let mut say = |message: &Message| {
        written(&server.act(Action::send(message.clone())).expect("it is open"))
    };
    messages.iter().flat_map(&mut say).collect()
}

#[test]
fn the_frames_of_rfc_7692_7_2_3_are_written_and_read() {
    let only = [Message::text("Hello")];
    let frames = said(agreement(15, true), &[only.clone(), only.clone()].concat());
    assert_eq!(frames[0][..], [0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    assert_eq!(frames[1][..], [0xc1, 0x05, 0xf2, 0x00, 0x11, 0x00, 0x00]);
    let mut client = end(Side::Client, agreement(15, true));
    let fragments: [&[u8]; 2] =
        [&[0x41, 0x03, 0xf2, 0x48, 0xcd], &[0x80, 0x04, 0xc9, 0xc9, 0x07, 0x00]];
    assert_eq!(messages(&client.receive(&fragments.concat())), only);
    // A message without RSV1 is not compressed, and leaves the context alone.
    assert_eq!(messages(&client.receive(b"\x81\x05Hello")), only);
    assert_eq!(messages(&client.receive(&frames[1])), only);
}

#[test]
fn a_compressed_frame_is_shown_raw_and_inflated() {
    let expect = Expect::start(Side::Server).with_deflate(Deflate::default());
    let frame = [0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let found = dissect(&frame, &Context::Frame(expect.clone()));
    assert_eq!(found.breaches, []);
    assert_eq!(found.inflated.as_deref(), Some(&b"Hello"[..]));
    assert_eq!(found.field("payload").map(Field::octets), Some(&frame[2..]));
    let again = [0xc1, 0x05, 0xf2, 0x00, 0x11, 0x00, 0x00];
    let after = found.after.expect("the frame is whole");
    let found = dissect(&again, &Context::Frame(after));
    assert_eq!(found.inflated.as_deref(), Some(&b"Hello"[..]), "it refers back");
    let found = dissect(&again, &Context::Frame(expect));
    assert_eq!(found.breaches.iter().map(|b| b.rule).collect::<Vec<_>>(), [Rule::BadDeflate]);
}

#[test]
fn a_message_that_inflates_beyond_the_limit_is_stopped_where_it_does() {
    let zeros = said(agreement(15, true), &[Message::binary(vec![0; 8 << 20])]);
    assert!(zeros[0].len() < 16 << 10, "8 MiB in {} bytes", zeros[0].len());
    let config = Config { max_message: 1 << 20, ..Config::new(Side::Client, 1) };
    let mut client = Conn::opened_with_deflate(config, agreement(15, true));
    let found = breach(&client.receive(&zeros[0]));
    assert_eq!(found.map(|(rule, _)| rule), Some(Rule::TooBig));
    assert!(client.n_read() < zeros[0].len() as u64, "the rest is not read");
    // Blocks that say nothing do not add up without end either.
    let config = Config { max_message: 100, ..Config::new(Side::Client, 1) };
    let mut client = Conn::opened_with_deflate(config, agreement(15, true));
    let empty_blocks = [0x00, 0x00, 0x00, 0xff, 0xff].repeat(10);
    let frame = |first: u8| [&[first, 50][..], &empty_blocks].concat();
    assert_eq!(breach(&client.receive(&frame(0x42))), None);
    assert_eq!(breach(&client.receive(&frame(0x00))), None);
    assert_eq!(breach(&client.receive(&frame(0x00))).map(|(rule, _)| rule), Some(Rule::TooBig));
}

#[test]
fn text_that_inflates_to_no_utf_8_is_blamed_on_the_byte_that_says_so() {
    let frames = said(agreement(15, true), &[Message::binary(b"caf\xe9!".to_vec())]);
    let mut text = frames[0].to_vec();
    text[0] = 0xc1;
    let whole = breach(&end(Side::Client, agreement(15, true)).receive(&text));
    assert_eq!(whole.map(|(rule, _)| rule), Some(Rule::TextNotUtf8));
    let mut client = end(Side::Client, agreement(15, true));
    let single: Vec<_> = text.chunks(1).flat_map(|byte| client.receive(byte)).collect();
    assert_eq!(breach(&single), whole);
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        "[a-zé😀]{0,60}".prop_map(Message::text),
        proptest::collection::vec(0_u8..4, 0..3000).prop_map(Message::binary),
        proptest::collection::vec(any::<u8>(), 0..200).prop_map(Message::binary),
    ]
}

fn agreements() -> impl Strategy<Value = Agreement> {
    (8_u8..=15, any::<bool>()).prop_map(|(bits, takeover)| agreement(bits, takeover))
}

/// What an inflater written by others makes of the payload of a whole message.
fn independently(payload: &[u8]) -> Vec<u8> {
    // The tail that was left out, and a final block so that the stream has an end.
    let stream = [payload, &[0x00, 0x00, 0xff, 0xff, 0x03, 0x00]].concat();
    miniz_oxide::inflate::decompress_to_vec(&stream).expect("it is DEFLATE")
}

proptest! {
    #[test]
    fn messages_arrive_as_they_were_sent(
        agreement in agreements(), sent in proptest::collection::vec((message(), 0_usize..4), 1..8),
        client: bool,
    ) {
        let from = if client { Side::Client } else { Side::Server };
        let (mut sender, mut receiver) = (end(from, agreement), end(from.peer(), agreement));
        for (message, n_cuts) in sent {
            let size = (message.data.len() / (n_cuts + 1)).max(1);
            let mut parts: Vec<_> = message.data.chunks(size).map(Bytes::copy_from_slice).collect();
            // Text is cut where a code point ends, as the sender demands it be valid so far.
            if message.kind == wirestep::conn::Kind::Text || parts.is_empty() {
                parts = vec![message.data.clone()];
            }
            let n = parts.len();
            let mut got = Vec::new();
            for (idx, data) in parts.into_iter().enumerate() {
                let part = Message { kind: message.kind, data };
                let last = if idx + 1 == n { Last::Yes } else { Last::No };
                let out = sender.act(Action::Part(part, last)).expect("it is open");
                for bytes in written(&out) {
                    let out = receiver.receive(&bytes);
                    prop_assert_eq!(breach(&out), None);
                    got.extend(messages(&out));
                }
            }
            prop_assert_eq!(got, vec![message]);
        }
    }

    #[test]
    fn an_independent_inflater_reads_what_is_deflated(bits in 8_u8..=15, sent in message()) {
        let frames = said(agreement(bits, false), std::slice::from_ref(&sent));
        let found = dissect(
            &frames[0],
            &Context::Frame(Expect::start(Side::Server).with_deflate(Deflate::default())),
        );
        let payload = found.field("payload").map_or(&[][..], Field::octets);
        prop_assert_eq!(independently(payload), sent.data);
    }

    #[test]
    fn what_an_independent_deflater_writes_is_read(sent in message(), level in 0_u8..=10) {
        use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, compress};
        use miniz_oxide::deflate::core::create_comp_flags_from_zip_params;
        let flags = create_comp_flags_from_zip_params(i32::from(level), -15, 0);
        let mut payload = vec![0; sent.data.len() * 2 + 100];
        let mut library = CompressorOxide::new(flags);
        let (_, _, n) = compress(&mut library, &sent.data, &mut payload, TDEFLFlush::Sync);
        payload.truncate(n - 4);
        let len = (payload.len() as u16).to_be_bytes();
        let mut frame = vec![0xc2, 126, len[0], len[1]];
        if payload.len() < 126 {
            frame = vec![0xc2, len[1]];
        }
        frame.extend(&payload);
        let got = messages(&end(Side::Client, agreement(15, true)).receive(&frame));
        prop_assert_eq!(got, vec![Message::binary(sent.data)]);
    }

    #[test]
    fn an_end_that_inflates_is_the_same_however_its_bytes_are_cut(
        agreement in agreements(), sent in proptest::collection::vec(message(), 1..4),
        broken in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 1..12), limit in 50_u64..4000,
    ) {
        let mut bytes = said(agreement, &sent).concat();
        for (idx, value) in broken {
            let idx = idx.index(bytes.len());
            bytes[idx] = value;
        }
        let config = Config { max_message: limit, ..Config::new(Side::Client, 7) };
        let drive = |pieces: &[&[u8]]| {
            let mut conn = Conn::opened_with_deflate(config, agreement);
            let out: Vec<_> = pieces.iter().flat_map(|piece| conn.receive(piece)).collect();
            (conn, out)
        };
        let whole = drive(&[&bytes]);
        for cut in cuts {
            let (a, b) = bytes.split_at(cut.index(bytes.len() + 1));
            prop_assert_eq!(&drive(&[a, b]), &whole, "cut at {}", a.len());
        }
        prop_assert_eq!(&drive(&bytes.chunks(1).collect::<Vec<_>>()), &whole);
    }

    #[test]
    fn any_payload_ends_in_a_message_or_a_breach(payload in proptest::collection::vec(any::<u8>(), 0..90)) {
        let mut frame = vec![0xc1, 0x80 | payload.len() as u8, 1, 2, 3, 4];
        let mut masked = payload;
        mask::apply([1, 2, 3, 4], 0, &mut masked);
        frame.extend(masked);
        let out = end(Side::Server, agreement(15, true)).receive(&frame);
        prop_assert_eq!(messages(&out).len() + usize::from(breach(&out).is_some()), 1);
    }
}
