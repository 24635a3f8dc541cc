//! Decoding masked binary frames that lie whole in the buffer that a socket was read into.
//!
//! Peers that unmask where the bytes lie get a fresh copy before each lap, untimed. tungstenite
//! takes the bytes as already read; fastwebsockets reads them from a stream, its only way in.

use crate::Wanted;
use crate::feed::{Feed, now};
use crate::input::{Shifting, noise, refill, same_frames};
use crate::measure::{Contender, Lap};
use crate::table::{Goal, Row, Unit};
use bytes::BytesMut;
use std::hint::black_box;
use tokio_util::codec::Decoder as _;
use tungstenite::protocol::{Role as TungsteniteRole, WebSocket};
use wirestep::wire::buffer::Buffer;
use wirestep::wire::intake::Intake;
use wirestep::wire::ws::{Expect, Header};
use wirestep::wire::{Reader, Side};

/// What one read of a busy socket yields.
const READ: usize = 64 * 1024;

/// Small frames, many in one read.
pub fn small(wanted: &Wanted, run: &mut dyn FnMut(Row<'_>)) {
    for len in [16, 125, 1024] {
        let what = format!("decode {len} B");
        if !wanted.wants(&what) {
            continue;
        }
        let (bytes, n) = same_frames(len, READ);
        let unit = Unit::Millions(n as f64);
        run(Row {
            what,
            unit,
            goal: Goal::new(1.5, 2.0),
            contenders: vec![
                ours(&bytes),
                yawc(&bytes),
                sockudo(&bytes),
                soketto(&bytes),
                tungstenite(&bytes),
                fastwebsockets(&bytes),
            ],
        });
    }
}

/// Large frames, against copying their payload.
pub fn large(wanted: &Wanted, run: &mut dyn FnMut(Row<'_>)) {
    for (len, name) in
        [(64 << 10, "64 KiB"), (256 << 10, "256 KiB"), (1 << 20, "1 MiB"), (16 << 20, "16 MiB")]
    {
        let what = format!("decode {name}");
        if !wanted.wants(&what) {
            continue;
        }
        let (bytes, _) = same_frames(len, 0);
        let payload = noise(len);
        run(Row {
            what,
            unit: Unit::Gigabytes(len as f64),
            goal: Goal::new(0.7, 0.85),
            contenders: vec![ours(&bytes), memcpy(&payload)],
        });
    }
}

fn ours(bytes: &[u8]) -> Contender<'_> {
    let mut payload = Buffer::new();
    Contender::new("wirestep", move |lap: &mut Lap| {
        lap.time(|sink| {
            let mut expect = Expect::start(Side::Client);
            let mut notes = ();
            let mut reader = Reader::new(bytes, 0, &mut notes);
            while !reader.rest().is_empty() {
                let header = Header::read(&mut reader, &expect).expect("a header");
                let mut intake = Intake::new(header, &mut expect);
                payload.clear();
                intake.read(&mut reader, &mut payload).expect("a payload");
                sink.take(&payload);
                intake.end(&mut expect);
            }
        });
    })
}

/// What copying the payload once costs.
fn memcpy(payload: &[u8]) -> Contender<'_> {
    let mut to = vec![0; payload.len()];
    let mut from = Shifting::new(payload);
    Contender::new("memcpy", move |lap: &mut Lap| {
        let from = from.next(payload.len());
        lap.time(|_| to.copy_from_slice(black_box(&from)));
        lap.show(payload);
    })
}

fn yawc(bytes: &[u8]) -> Contender<'_> {
    let mut buffer = BytesMut::new();
    let mut decoder = yawc::codec::Decoder::new(yawc::Role::Server, usize::MAX);
    Contender::new("yawc", move |lap: &mut Lap| {
        refill(&mut buffer, bytes);
        lap.time(|sink| {
            while let Some(frame) = decoder.decode(&mut buffer).expect("frames") {
                sink.take(frame.payload());
            }
        });
    })
}

fn sockudo(bytes: &[u8]) -> Contender<'_> {
    let mut buffer = BytesMut::new();
    let mut parser = sockudo_ws::frame::FrameParser::new(usize::MAX, true);
    Contender::new("sockudo-ws", move |lap: &mut Lap| {
        refill(&mut buffer, bytes);
        lap.time(|sink| {
            while let Some(frame) = parser.parse(&mut buffer).expect("frames") {
                sink.take(&frame.payload);
            }
        });
    })
}

fn soketto(bytes: &[u8]) -> Contender<'_> {
    let mut buffer = Vec::new();
    let codec = soketto::base::Codec::new();
    Contender::new("soketto", move |lap: &mut Lap| {
        buffer.clear();
        buffer.extend_from_slice(bytes);
        lap.time(|sink| {
            let mut rest = &mut buffer[..];
            while !rest.is_empty() {
                let parsed = codec.decode_header(rest).expect("a header");
                let soketto::Parsing::Done { value: header, offset } = parsed else {
                    panic!("a whole header")
                };
                let (frame, after) = rest.split_at_mut(offset + header.payload_len());
                soketto::base::Codec::apply_mask(&header, &mut frame[offset..]);
                sink.take(&frame[offset..]);
                rest = after;
            }
        });
    })
}

fn tungstenite(bytes: &[u8]) -> Contender<'_> {
    Contender::new("tungstenite", move |lap: &mut Lap| {
        let mut socket = WebSocket::from_partially_read(
            Feed::new(&[], 0),
            bytes.to_vec(),
            TungsteniteRole::Server,
            None,
        );
        lap.time(|sink| {
            while let Ok(message) = socket.read() {
                sink.take(&message.into_data());
            }
        });
    })
}

fn fastwebsockets(bytes: &[u8]) -> Contender<'_> {
    Contender::new("fastwebsockets", move |lap: &mut Lap| {
        let feed = Feed::new(bytes, READ);
        let role = fastwebsockets::Role::Server;
        let mut socket = fastwebsockets::WebSocket::after_handshake(feed, role);
        lap.time(|sink| {
            // Ends by waiting for more.
            now(async {
                while let Ok(frame) = socket.read_frame().await {
                    sink.take(&frame.payload);
                }
            })
        });
    })
}
