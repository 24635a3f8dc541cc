//! The arguments of every command.

use super::starter::LessonName;
use crate::run::Condition;
use crate::wire::Side;
use crate::wire::ws::Opcode;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Step through how real-time web transport works, down to the bit.
#[derive(Debug, Parser)]
#[command(name = "wirestep", version, about, args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    /// A lesson or a scenario to open in the window.
    pub(super) file: Option<PathBuf>,
    /// Read the lessons of this folder instead of the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(super) lessons: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Play a lesson, a scenario or a session to its end and print the transcript.
    Play(Play),
    /// Write what was played into a file: .json, .txt or .ron.
    Export(Export),
    /// Carry one conversation in every mode, and count bytes, requests and delays.
    Compare(Compare),
    /// Lint lessons and play their scripts.
    Check(Check),
    /// Dissect WebSocket frames from hex.
    Decode(Decode),
    /// Write one frame and print it as hex.
    Encode(Encode),
    /// Feed bytes to one end of an open connection; print what it delivers and answers.
    React(React),
    /// Feed a raw HTTP upgrade request to the server end, or a response to the client end.
    Handshake(Handshake),
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// One of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum End {
    Client,
    Server,
}

impl Transport {
    pub(super) fn mode(self) -> crate::sim::Mode {
        match self {
            Self::Polling => crate::sim::Mode::Polling,
            Self::LongPolling => crate::sim::Mode::LongPolling,
            Self::Sse => crate::sim::Mode::Sse,
            Self::Websocket => crate::sim::Mode::WebSocket,
        }
    }
}

impl End {
    pub(super) fn side(self) -> Side {
        match self {
            Self::Client => Side::Client,
            Self::Server => Side::Server,
        }
    }
}

/// How a conversation is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Transport {
    /// The client asks again and again.
    Polling,
    /// The client asks, and is answered when there is news.
    LongPolling,
    /// Server-sent events: one answer that does not end.
    Sse,
    /// One upgraded connection.
    Websocket,
}

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// A lesson, a scenario or a session.
    pub(super) file: PathBuf,
    /// The file to write; its name ends in .pcapng, .svg, .json, .txt or .ron.
    #[arg(long, value_name = "OUT")]
    pub(super) to: PathBuf,
    /// How the conversation is carried; as the lesson begins or the session has it, if absent.
    #[arg(long, value_enum)]
    pub(super) mode: Option<Transport>,
    /// The branch of a session; the one that was looked at, if absent.
    #[arg(long, value_name = "NAME")]
    pub(super) branch: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Play {
    /// A lesson, a scenario or a session.
    pub(super) file: PathBuf,
    /// How the conversation is carried; as the lesson begins or the session has it, if absent.
    #[arg(long, value_enum)]
    pub(super) mode: Option<Transport>,
    /// The branch of a session; the one that was looked at, if absent.
    #[arg(long, value_name = "NAME")]
    pub(super) branch: Option<String>,
    /// Say why the record of this number happened, instead of the transcript.
    #[arg(long, value_name = "N", conflicts_with = "until")]
    pub(super) why: Option<usize>,
    /// Stop at this moment, in milliseconds, or where this comes first: breach, delivery, close, ping,
    /// a state (OPEN, server CLOSED), a field and its value (opcode=8).
    #[arg(long, value_name = "MS|WHAT")]
    pub(super) until: Option<Condition>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct Compare {
    /// A lesson, a scenario or a session.
    pub(super) file: PathBuf,
    /// How many clients there are, up to 1000000; as many as the file says, if absent.
    #[arg(long, value_name = "N")]
    pub(super) clients: Option<usize>,
    /// How long it goes on, in seconds; as long as the file says, if absent.
    #[arg(long, value_name = "S")]
    pub(super) seconds: Option<u64>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Lessons, or folders of lessons; the built-in course if absent.
    pub(super) paths: Vec<PathBuf>,
    /// Write a lesson to begin with, NAME.ron, in this folder.
    #[arg(long, value_name = "NAME", conflicts_with = "paths", value_parser = LessonName::parse)]
    pub(super) new: Option<LessonName>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Decode {
    /// The bytes in hex (spaces, 0x and newlines allowed); - or nothing reads standard input.
    pub(super) hex: Vec<String>,
    /// Who sent the frames.
    #[arg(long, value_enum, default_value = "client")]
    pub(super) from: End,
    /// Read on a connection that agreed on permessage-deflate.
    #[arg(long)]
    pub(super) deflate: bool,
    /// Exit with 1 where the bytes break a rule.
    #[arg(long)]
    pub(super) strict: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct Encode {
    /// The payload.
    #[arg(allow_hyphen_values = true)]
    pub(super) text: String,
    /// Who sends the frame; a client masks it.
    #[arg(long, value_enum, default_value = "client")]
    pub(super) from: End,
    /// The opcode: a number from 0 to 15, or a name such as text.
    #[arg(long, value_name = "N", default_value = "1", value_parser = super::encode::opcode)]
    pub(super) opcode: Opcode,
    /// TEXT is hex.
    #[arg(long)]
    pub(super) hex: bool,
    /// The masking key in hex; for a client 37fa213d, that of RFC 6455 §5.7, if absent.
    #[arg(long, value_name = "HEX")]
    pub(super) mask: Option<String>,
    /// RSV1, RSV2 and RSV3 as the bits of a number: 4 sets RSV1.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..8))]
    pub(super) rsv: u8,
    /// More fragments follow: leave FIN unset.
    #[arg(long)]
    pub(super) no_fin: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, clap::Args)]
pub(super) struct React {
    /// The bytes in hex (spaces, 0x and newlines allowed); - or nothing reads standard input.
    pub(super) hex: Vec<String>,
    /// Which end receives the bytes.
    #[arg(long = "as", value_enum, default_value = "server")]
    pub(super) end: End,
    /// The connection agreed on permessage-deflate.
    #[arg(long)]
    pub(super) deflate: bool,
    /// Let the TCP connection end after the bytes.
    #[arg(long)]
    pub(super) eof: bool,
    /// Feed N bytes at a time; `all` feeds every cut in two and fails if any differs.
    #[arg(long, value_name = "N|all", value_parser = Split::parse)]
    pub(super) split: Option<Split>,
    /// The largest message accepted, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = crate::conn::Config::MAX_MESSAGE)]
    pub(super) limit: u64,
    /// Exit with 1 where the bytes break a rule.
    #[arg(long)]
    pub(super) strict: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

/// How bytes are cut before they are fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Split {
    /// So many at a time.
    Every(usize),
    /// Every possible cut in two.
    All,
}

impl Split {
    fn parse(text: &str) -> Result<Self, String> {
        match text.parse() {
            _ if text == "all" => Ok(Self::All),
            Ok(n @ 1..) => Ok(Self::Every(n)),
            _ => Err("a number of bytes from 1, or the word all".to_owned()),
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Handshake {
    /// A file that holds the raw head; - or nothing reads standard input.
    pub(super) file: Option<PathBuf>,
    /// Which end receives it: the server a request, the client a response.
    #[arg(long = "as", value_enum, default_value = "server")]
    pub(super) end: End,
    /// The Sec-WebSocket-Key that the client sent (as client).
    #[arg(long, default_value = "dGhlIHNhbXBsZSBub25jZQ==")]
    pub(super) key: String,
    /// The subprotocols that the end speaks, the best first.
    #[arg(long, value_delimiter = ',')]
    pub(super) protocols: Vec<String>,
    /// The server is willing to use permessage-deflate; the client has offered it.
    #[arg(long)]
    pub(super) deflate: bool,
    /// Exit with 1 where the handshake fails.
    #[arg(long)]
    pub(super) strict: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}
