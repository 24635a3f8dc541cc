//! A stream of mixed frames that arrives in reads of 1,460 bytes, as a busy socket yields them.
//!
//! Every contender copies each read from the source, as the kernel would, keeps what was cut, and
//! checks the UTF-8 of texts. Like is held against like: readers of frames, which show what each
//! frame carries, and whole connections, which make messages to keep and answer Pings.

use crate::Wanted;
use crate::feed::{Feed, now};
use crate::input::mixed_frames;
use crate::measure::{Contender, Lap, Sink};
use crate::table::{Goal, Row, Unit};
use bytes::BytesMut;
use tokio_util::codec::Decoder as _;
use tungstenite::protocol::{Role as TungsteniteRole, WebSocket};
use wirestep::conn::{Config, Conn, Event, Output};
use wirestep::wire::buffer::Buffer;
use wirestep::wire::intake::Intake;
use wirestep::wire::ws::{Expect, Header};
use wirestep::wire::{Reader, Side, Stop};

const N_FRAMES: usize = 1000;
/// The payload of a TCP segment on Ethernet.
const READ: usize = 1460;

/// Readers of frames, and whole connections.
pub fn mixed(wanted: &Wanted, run: &mut dyn FnMut(Row<'_>)) {
    let bytes = mixed_frames(N_FRAMES);
    let rows = [
        (
            "mixed frames, 1,460-byte reads",
            vec![reader(&bytes), yawc(&bytes), fastwebsockets(&bytes)],
        ),
        (
            "mixed messages, 1,460-byte reads",
            vec![conn(&bytes), sockudo(&bytes), tungstenite(&bytes)],
        ),
    ];
    for (what, contenders) in rows {
        if wanted.wants(what) {
            let unit = Unit::Millions(N_FRAMES as f64);
            run(Row { what: what.to_owned(), unit, goal: Goal::new(1.3, 1.7), contenders });
        }
    }
}

/// The reader of frames, whose payloads go into one buffer that is used again.
fn reader(bytes: &[u8]) -> Contender<'_> {
    let mut buffer = [0; READ];
    let (mut payload, mut cut) = (Buffer::new(), Vec::new());
    Contender::new("wirestep", move |lap: &mut Lap| {
        let mut expect = Expect::start(Side::Client);
        let mut begun = None;
        lap.time(|sink| {
            for read in bytes.chunks(READ) {
                let buffer = &mut buffer[..read.len()];
                buffer.copy_from_slice(read);
                if cut.is_empty() {
                    let n = read_frames(buffer, &mut expect, &mut begun, &mut payload, sink);
                    cut.extend_from_slice(&buffer[n..]);
                } else {
                    cut.extend_from_slice(buffer);
                    let n = read_frames(&cut, &mut expect, &mut begun, &mut payload, sink);
                    cut.drain(..n);
                }
            }
        });
    })
}

/// Reads what there is; `begun` is the frame whose payload is arriving. How many bytes were read:
/// what is left is a header that is cut, or a control frame.
fn read_frames(
    bytes: &[u8],
    expect: &mut Expect,
    begun: &mut Option<Intake>,
    payload: &mut Buffer,
    sink: &mut Sink<'_>,
) -> usize {
    let mut notes = ();
    let mut reader = Reader::new(bytes, 0, &mut notes);
    loop {
        let start = reader.consumed();
        let mut intake = match begun.take() {
            Some(intake) => intake,
            None => match Header::read(&mut reader, expect) {
                Ok(header) => Intake::new(header, expect),
                Err(Stop::Needs(_)) => return start,
                Err(Stop::Breach(breach)) => panic!("{breach:?}"),
            },
        };
        match intake.read(&mut reader, payload) {
            Ok(_) if intake.missing() == 0 => {
                sink.take(payload);
                payload.clear();
                intake.end(expect);
            }
            Ok(_) => {
                *begun = Some(intake);
                return reader.consumed();
            }
            Err(Stop::Needs(_)) => return start,
            Err(Stop::Breach(breach)) => panic!("{breach:?}"),
        }
    }
}

fn conn(bytes: &[u8]) -> Contender<'_> {
    let mut buffer = [0; READ];
    let mut outputs = Vec::new();
    Contender::new("wirestep", move |lap: &mut Lap| {
        let mut conn = Conn::opened(Config::new(Side::Server, 1));
        lap.time(|sink| {
            for read in bytes.chunks(READ) {
                let buffer = &mut buffer[..read.len()];
                buffer.copy_from_slice(read);
                conn.receive_into(buffer, &mut outputs);
                for output in outputs.drain(..) {
                    match output {
                        Output::Event(Event::Message(message)) => sink.take(&message.data),
                        Output::Event(Event::Ping(data)) => sink.take(&data),
                        _ => {}
                    }
                }
            }
        });
    })
}

fn yawc(bytes: &[u8]) -> Contender<'_> {
    let mut buffer = BytesMut::new();
    let mut decoder = yawc::codec::Decoder::new(yawc::Role::Server, usize::MAX);
    Contender::new("yawc", move |lap: &mut Lap| {
        lap.time(|sink| {
            for read in bytes.chunks(READ) {
                buffer.extend_from_slice(read);
                while let Some(frame) = decoder.decode(&mut buffer).expect("frames") {
                    assert!(frame.opcode() != yawc::OpCode::Text || frame.is_utf8());
                    sink.take(frame.payload());
                }
            }
        });
    })
}

fn sockudo(bytes: &[u8]) -> Contender<'_> {
    use sockudo_ws::protocol::{Protocol, Role};
    let mut buffer = BytesMut::new();
    let mut messages = Vec::new();
    let mut protocol = Protocol::new(Role::Server, usize::MAX, usize::MAX);
    Contender::new("sockudo-ws", move |lap: &mut Lap| {
        lap.time(|sink| {
            for read in bytes.chunks(READ) {
                buffer.extend_from_slice(read);
                protocol.process_into(&mut buffer, &mut messages).expect("frames");
                for message in messages.drain(..) {
                    sink.take(message.as_bytes());
                }
            }
        });
    })
}

fn tungstenite(bytes: &[u8]) -> Contender<'_> {
    let mut socket =
        WebSocket::from_raw_socket(Feed::new(&[], READ), TungsteniteRole::Server, None);
    Contender::new("tungstenite", move |lap: &mut Lap| {
        socket.get_mut().restart(bytes);
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
        // A Ping that is answered is not shown.
        socket.set_auto_pong(false);
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
