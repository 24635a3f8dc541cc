//! tungstenite as the other end: what either writes the other reads, whole and in order.

use super::stream::{Stream, Told, written};
use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::select;
use tungstenite::protocol::Role;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::protocol::frame::{CloseFrame, Frame};
use tungstenite::{Error, Message as Theirs, WebSocket};
use wirestep::conn::{Action, Config, Conn, Kind, Last, Message, Output};
use wirestep::wire::Side;
use wirestep::wire::close::Close;

/// One thing that an end says.
#[derive(Clone, Debug)]
enum Say {
    /// A message in as many frames, with a Ping between any two where there is a payload for it.
    Message(Message, usize, Option<Vec<u8>>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
}

/// An end of ours and one of theirs.
struct Pair {
    ours: Conn,
    theirs: WebSocket<Stream>,
    told_ours: Vec<Told>,
    told_theirs: Vec<Told>,
}

impl Pair {
    fn new(ours: Side) -> Self {
        let role = if ours == Side::Server { Role::Client } else { Role::Server };
        Self {
            ours: Conn::opened(Config::new(ours, 7)),
            theirs: WebSocket::from_raw_socket(Stream::default(), role, None),
            told_ours: Vec::new(),
            told_theirs: Vec::new(),
        }
    }

    /// Carries bytes both ways until both are silent.
    fn settle(&mut self, outputs: &[Output]) {
        let mut up = written(outputs);
        loop {
            self.theirs.get_mut().arrived.extend(up.drain(..));
            loop {
                match self.theirs.read() {
                    Ok(message) => self.told_theirs.push(Told::theirs(message)),
                    Err(Error::Io(_) | Error::ConnectionClosed | Error::AlreadyClosed) => break,
                    Err(error) => panic!("they read what was written here: {error}"),
                }
            }
            let down = std::mem::take(&mut self.theirs.get_mut().written);
            if down.is_empty() {
                return;
            }
            let outputs = self.ours.receive(&down);
            let breach = outputs.iter().find(|output| matches!(output, Output::Breach(_)));
            assert_eq!(breach, None, "what they write is read here: {down:02x?}");
            self.told_ours.extend(Told::ours(&outputs));
            up = written(&outputs);
        }
    }

    fn act(&mut self, action: Action) {
        let outputs = self.ours.act(action).expect("the connection is open");
        self.settle(&outputs);
    }

    fn write(&mut self, message: Theirs) {
        self.theirs.send(message).expect("the connection is open");
        self.settle(&[]);
    }

    fn say_ours(&mut self, say: &Say) {
        match say {
            Say::Ping(data) => self.act(Action::Ping(Bytes::copy_from_slice(data))),
            Say::Pong(data) => self.act(Action::Pong(Bytes::copy_from_slice(data))),
            Say::Message(message, n, ping) => {
                let pieces = pieces(&message.data, *n);
                let last = pieces.len() - 1;
                for (idx, data) in pieces.into_iter().enumerate() {
                    let ends = if idx == last { Last::Yes } else { Last::No };
                    self.act(Action::Part(Message { kind: message.kind, data }, ends));
                    if let Some(ping) = ping.as_ref().filter(|_| idx < last) {
                        self.act(Action::Ping(Bytes::copy_from_slice(ping)));
                    }
                }
            }
        }
    }

    fn say_theirs(&mut self, say: &Say) {
        match say {
            Say::Ping(data) => self.write(Theirs::Ping(data.clone().into())),
            Say::Pong(data) => self.write(Theirs::Pong(data.clone().into())),
            Say::Message(message, n, ping) => {
                let pieces = pieces(&message.data, *n);
                let last = pieces.len() - 1;
                for (idx, data) in pieces.into_iter().enumerate() {
                    let opcode = OpCode::Data(match message.kind {
                        _ if idx > 0 => Data::Continue,
                        Kind::Text => Data::Text,
                        Kind::Binary => Data::Binary,
                    });
                    self.write(Theirs::Frame(Frame::message(data, opcode, idx == last)));
                    if let Some(ping) = ping.as_ref().filter(|_| idx < last) {
                        self.write(Theirs::Ping(ping.clone().into()));
                    }
                }
            }
        }
    }
}

fn pieces(data: &Bytes, n: usize) -> Vec<Bytes> {
    let size = data.len().div_ceil(n).max(1);
    let pieces: Vec<_> = data.chunks(size).map(Bytes::copy_from_slice).collect();
    if pieces.is_empty() { vec![Bytes::new()] } else { pieces }
}

/// What the listener is told of it, and what the speaker is told in return.
fn heard(say: &Say) -> (Vec<Told>, Vec<Told>) {
    match say {
        Say::Ping(data) => (vec![Told::Ping(data.clone())], vec![Told::Pong(data.clone())]),
        Say::Pong(data) => (vec![Told::Pong(data.clone())], Vec::new()),
        Say::Message(message, n, ping) => {
            let n_pings = if ping.is_some() { pieces(&message.data, *n).len() - 1 } else { 0 };
            let ping = ping.clone().unwrap_or_default();
            let data = message.data.to_vec();
            let message = match message.kind {
                Kind::Text => Told::Text(data),
                Kind::Binary => Told::Binary(data),
            };
            let pings = vec![Told::Ping(ping.clone()); n_pings];
            ([pings, vec![message]].concat(), vec![Told::Pong(ping); n_pings])
        }
    }
}

fn say() -> impl Strategy<Value = Say> {
    let control = || proptest::collection::vec(any::<u8>(), 0..=125);
    let data = prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..300),
        1 => (select(vec![125_usize, 126, 127, 65_535, 65_536]), any::<u8>())
            .prop_map(|(n, value)| vec![value; n]),
    ];
    let message =
        prop_oneof!["[a-zé€😀]{0,60}".prop_map(Message::text), data.prop_map(Message::binary),];
    prop_oneof![
        3 => (message, 1_usize..5, proptest::option::of(control()))
            .prop_map(|(message, n, ping)| Say::Message(message, n, ping)),
        1 => control().prop_map(Say::Ping),
        1 => control().prop_map(Say::Pong),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn tungstenite_and_an_end_of_ours_read_what_the_other_writes(
        ours in select(vec![Side::Client, Side::Server]),
        says in proptest::collection::vec((say(), any::<bool>()), 0..6),
        close in (3000_u16..5000, "[a-zé]{0,20}"), theirs_closes: bool,
    ) {
        let mut pair = Pair::new(ours);
        let (mut told_ours, mut told_theirs) = (Vec::new(), Vec::new());
        for (say, by_us) in &says {
            let (at_listener, at_speaker) = heard(say);
            if *by_us {
                pair.say_ours(say);
                told_theirs.extend(at_listener);
                told_ours.extend(at_speaker);
            } else {
                pair.say_theirs(say);
                told_ours.extend(at_listener);
                told_theirs.extend(at_speaker);
            }
        }
        let (code, reason) = close;
        if theirs_closes {
            let close = CloseFrame { code: code.into(), reason: reason.clone().into() };
            pair.theirs.close(Some(close)).expect("the connection is open");
            pair.settle(&[]);
        } else {
            pair.act(Action::Close(Some(Close::new(code, reason.clone()))));
        }
        for told in [&mut told_ours, &mut told_theirs] {
            told.push(Told::Close(Some((code, reason.clone()))));
        }
        prop_assert_eq!(&pair.told_ours, &told_ours);
        prop_assert_eq!(&pair.told_theirs, &told_theirs);
        let report = pair.ours.report().expect("a Close came");
        prop_assert_eq!((report.code, report.reason, report.clean), (code, reason, true));
        prop_assert!(!pair.theirs.can_write());
    }
}
