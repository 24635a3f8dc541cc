//! A stream of mixed frames that arrives in reads of 1,460 bytes, as a busy socket yields them.
//!
//! Every contender copies each read from the source, as the kernel would, keeps what was cut, and
//! checks the UTF-8 of texts. Some are codecs of frames, some whole connections that answer Pings.

use crate::Wanted;
use crate::feed::{Feed, now};
use crate::input::mixed_frames;
use crate::measure::{Contender, Lap};
use crate::table::{Goal, Row, Unit};
use bytes::BytesMut;
use tokio_util::codec::Decoder as _;
use tungstenite::protocol::{Role as TungsteniteRole, WebSocket};
use wirestep::conn::{Config, Conn, Event, Output};
use wirestep::wire::Side;

const N_FRAMES: usize = 1000;
/// The payload of a TCP segment on Ethernet.
const READ: usize = 1460;

/// The one row.
pub fn mixed(wanted: &Wanted, run: &mut dyn FnMut(Row<'_>)) {
    let what = "mixed frames, 1,460-byte reads".to_owned();
    if !wanted.wants(&what) {
        return;
    }
    let bytes = mixed_frames(N_FRAMES);
    run(Row {
        what,
        unit: Unit::Millions(N_FRAMES as f64),
        goal: Goal::new(1.3, 1.7),
        contenders: vec![
            conn(&bytes),
            yawc(&bytes),
            sockudo(&bytes),
            tungstenite(&bytes),
            fastwebsockets(&bytes),
        ],
    });
}

fn conn(bytes: &[u8]) -> Contender<'_> {
    let mut buffer = [0; READ];
    Contender::new("wirestep::conn", move |lap: &mut Lap| {
        let mut conn = Conn::opened(Config::new(Side::Server, 1));
        lap.time(|sink| {
            for read in bytes.chunks(READ) {
                let buffer = &mut buffer[..read.len()];
                buffer.copy_from_slice(read);
                for output in conn.receive(buffer) {
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
