//! Encoding masked frames, one behind the other, into a buffer that is used again.
//!
//! All use the same key, given by the caller: making keys is no part of the race.

use crate::Wanted;
use crate::input::{KEY, Shifting, noise};
use crate::measure::{Contender, Lap};
use crate::table::{Goal, Row, Unit};
use bytes::BytesMut;
use std::hint::black_box;
use std::io;
use tokio_util::codec::Encoder as _;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameHeader, FrameSocket};

/// Bytes encoded in one lap, about.
const LAP: usize = 32 * 1024;

struct Payload {
    bytes: Vec<u8>,
    n: usize,
}

/// All sizes: against tungstenite, and against the fastest of all.
pub fn all(wanted: &Wanted, run: &mut dyn FnMut(Row<'_>)) {
    for len in [16, 125, 1024, 16 * 1024, 64 * 1024] {
        let what = format!("encode masked {len} B");
        if !wanted.wants(&what) {
            continue;
        }
        let n = (LAP / len).max(1);
        let payload = Payload { bytes: noise(len), n };
        let unit = Unit::Millions(n as f64);
        run(Row {
            what: what.clone(),
            unit,
            goal: Goal { floor: Some(3.0), aim: None },
            contenders: vec![ours(&payload), tungstenite(&payload)],
        });
        run(Row {
            what,
            unit,
            goal: Goal { floor: None, aim: Some(1.0) },
            contenders: vec![
                ours(&payload),
                sockudo(&payload),
                yawc(&payload),
                fastwebsockets(&payload),
            ],
        });
    }
}

fn ours(payload: &Payload) -> Contender<'_> {
    let (mut shifting, n) = (Shifting::new(&payload.bytes), payload.n);
    use wirestep::wire::buffer::Buffer;
    use wirestep::wire::ws::{Header, Opcode, append};
    let mut out = Buffer::new();
    Contender::new("wirestep", move |lap: &mut Lap| {
        let payload = shifting.next(payload.bytes.len());
        lap.time(|sink| {
            out.clear();
            for _ in 0..n {
                let header = Header::new(Opcode::BINARY, payload.len() as u64, Some(KEY));
                append(&header, &payload, &mut out);
            }
            sink.take(&out);
        });
    })
}

fn sockudo(payload: &Payload) -> Contender<'_> {
    let (mut shifting, n) = (Shifting::new(&payload.bytes), payload.n);
    use sockudo_ws::frame::{OpCode, encode_frame};
    let mut out = BytesMut::new();
    Contender::new("sockudo-ws", move |lap: &mut Lap| {
        let payload = shifting.next(payload.bytes.len());
        lap.time(|sink| {
            out.clear();
            for _ in 0..n {
                encode_frame(&mut out, OpCode::Binary, &payload, true, Some(KEY));
            }
            sink.take(&out);
        });
    })
}

fn yawc(payload: &Payload) -> Contender<'_> {
    let (mut shifting, n) = (Shifting::new(&payload.bytes), payload.n);
    let mut out = BytesMut::new();
    let mut encoder = yawc::codec::Encoder::new(yawc::Role::Client);
    Contender::new("yawc", move |lap: &mut Lap| {
        let payload = shifting.next(payload.bytes.len());
        lap.time(|sink| {
            out.clear();
            for _ in 0..n {
                let frame = yawc::Frame::binary(payload.clone()).with_mask(KEY);
                encoder.encode(frame, &mut out).expect("room");
            }
            sink.take(&out);
        });
    })
}

fn tungstenite(payload: &Payload) -> Contender<'_> {
    let (mut shifting, n) = (Shifting::new(&payload.bytes), payload.n);
    let mut socket = FrameSocket::new(Written::default());
    Contender::new("tungstenite", move |lap: &mut Lap| {
        let payload = shifting.next(payload.bytes.len());
        socket.get_mut().0 = lap.shows().then(Vec::new);
        lap.time(|_| {
            for _ in 0..n {
                let header = FrameHeader {
                    opcode: OpCode::Data(Data::Binary),
                    mask: Some(KEY),
                    ..FrameHeader::default()
                };
                let frame = Frame::from_payload(header, payload.clone());
                socket.write(frame).expect("room");
            }
        });
        lap.show(socket.get_ref().0.as_deref().unwrap_or_default());
    })
}

/// What was written, where somebody wants to see it; else nothing is copied.
#[derive(Default)]
struct Written(Option<Vec<u8>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(written) = &mut self.0 {
            written.extend_from_slice(bytes);
        }
        Ok(black_box(bytes).len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn fastwebsockets(payload: &Payload) -> Contender<'_> {
    let (mut shifting, n) = (Shifting::new(&payload.bytes), payload.n);
    use fastwebsockets::{Frame, OpCode, Payload};
    let mut out = Vec::new();
    Contender::new("fastwebsockets", move |lap: &mut Lap| {
        let payload = shifting.next(payload.bytes.len());
        let mut plain = payload.to_vec();
        lap.time(|sink| {
            for _ in 0..n {
                // It masks the caller's own bytes where they lie, and so they are masked back.
                let mine = Payload::BorrowedMut(&mut plain);
                let mut frame = Frame::new(true, OpCode::Binary, Some(KEY), mine);
                frame.mask();
                sink.take(frame.write(&mut out));
                frame.unmask();
            }
        });
    })
}
