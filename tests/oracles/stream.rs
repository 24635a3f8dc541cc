//! A stream without a network, for a referee that reads and writes by `std::io`; and the events of
//! both sides in one form.

use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Read, Result, Write};
use tungstenite::Message as Theirs;
use wirestep::conn::{Event, Kind, Output};
use wirestep::wire::close::Close;

/// What has arrived at the referee, and what it wrote.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    pub(crate) arrived: VecDeque<u8>,
    pub(crate) written: Vec<u8>,
}

impl Stream {
    pub(crate) fn with(bytes: &[u8]) -> Self {
        Self { arrived: bytes.iter().copied().collect(), written: Vec::new() }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if self.arrived.is_empty() {
            return Err(Error::from(ErrorKind::WouldBlock));
        }
        self.arrived.read(buffer)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// What an application is told, by whichever library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Text(Vec<u8>),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
}

impl Told {
    pub(crate) fn theirs(message: Theirs) -> Self {
        match message {
            Theirs::Text(text) => Self::Text(text.as_bytes().to_vec()),
            Theirs::Binary(data) => Self::Binary(data.to_vec()),
            Theirs::Ping(data) => Self::Ping(data.to_vec()),
            Theirs::Pong(data) => Self::Pong(data.to_vec()),
            Theirs::Close(close) => Self::Close(
                close.map(|close| (u16::from(close.code), close.reason.as_str().to_owned())),
            ),
            Theirs::Frame(frame) => panic!("a reader yields no raw frames: {frame}"),
        }
    }

    pub(crate) fn ours(outputs: &[Output]) -> Vec<Self> {
        let told = outputs.iter().filter_map(|output| match output {
            Output::Event(Event::Message(message)) => Some(match message.kind {
                Kind::Text => Self::Text(message.data.to_vec()),
                Kind::Binary => Self::Binary(message.data.to_vec()),
            }),
            Output::Event(Event::Ping(data)) => Some(Self::Ping(data.to_vec())),
            Output::Event(Event::Pong(data)) => Some(Self::Pong(data.to_vec())),
            Output::Event(Event::Close(close)) => {
                let said = |close: &Close| (close.code, close.reason.clone());
                Some(Self::Close(close.as_ref().map(said)))
            }
            _ => None,
        });
        told.collect()
    }
}

/// All that an end of ours wrote.
pub(crate) fn written(outputs: &[Output]) -> Vec<u8> {
    let writes = outputs.iter().filter_map(|output| match output {
        Output::Write(bytes, _) => Some(bytes.to_vec()),
        _ => None,
    });
    writes.collect::<Vec<_>>().concat()
}
