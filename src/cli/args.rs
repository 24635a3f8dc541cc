//! The arguments of every command.

use crate::wire::Side;
use clap::{Parser, Subcommand, ValueEnum};

/// Step through how real-time web transport works, down to the bit.
#[derive(Debug, Parser)]
#[command(name = "wirestep", version, about)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Dissect WebSocket frames from hex.
    Decode(Decode),
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// Who sent the frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum From {
    Client,
    Server,
}

impl From {
    pub(super) fn side(self) -> Side {
        match self {
            Self::Client => Side::Client,
            Self::Server => Side::Server,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Decode {
    /// The bytes in hex (spaces, 0x and newlines allowed); - or nothing reads standard input.
    pub(super) hex: Vec<String>,
    /// Who sent the frames.
    #[arg(long, value_enum, default_value = "client")]
    pub(super) from: From,
    /// Exit with 1 where the bytes break a rule.
    #[arg(long)]
    pub(super) strict: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}
