//! The command line: reads arguments and input, prints what the lower layers say.
//!
//! **Invariant:** bad input ends in one clear line on stderr and exit code 2, never in a panic.

mod args;
mod check;
mod compare;
mod decode;
mod encode;
mod export;
mod handshake;
mod hex;
mod library;
mod play;
mod react;
mod snippet;
mod starter;

use crate::lesson::Library;
use crate::player::Opened;
use args::{Args, Command};
use clap::{CommandFactory as _, Parser as _};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// How a command went; the numbers are a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// What was checked does not hold.
    Fails,
    /// Bad usage, unreadable input, or no display.
    Misuse,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Fails => Self::from(1),
            Exit::Misuse => Self::from(2),
        }
    }
}

/// What the caller asked for that cannot be: one line that says what, where and what would work.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Misuse(String);

impl From<std::io::Error> for Misuse {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// The streams that a command reads and writes.
pub struct Streams<'a> {
    /// Where `-` is read from.
    pub input: &'a mut dyn Read,
    /// Where results go.
    pub output: &'a mut dyn Write,
    /// Where complaints go.
    pub errors: &'a mut dyn Write,
    /// Whether results may have colours.
    pub look: Look,
}

/// Whether results have colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Plain text, for a file or another program.
    Plain,
    /// With colours, for a terminal.
    Coloured,
}

/// What a command line comes to.
pub enum Outcome {
    /// It is done.
    Exit(Exit),
    /// The window is to be opened.
    Window(Window),
}

/// What the window is to be opened on.
pub struct Window {
    /// The lessons.
    pub library: Library,
    /// The file to open whatever was open last, and what it holds.
    pub file: Option<(PathBuf, Opened)>,
}

/// Runs the command that `args` (the program's name first) ask for.
pub fn run(args: impl IntoIterator<Item = OsString>, streams: &mut Streams<'_>) -> Outcome {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => return Outcome::Exit(explain(&error, streams)),
    };
    let outcome = match &args.command {
        Some(command) => run_command(command, streams).map(Outcome::Exit),
        None => window(&args).map(Outcome::Window),
    };
    outcome.unwrap_or_else(|misuse| Outcome::Exit(complain(&misuse, streams)))
}

fn run_command(command: &Command, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    match command {
        Command::Play(args) => play::run(args, streams),
        Command::Export(args) => export::run(args, streams),
        Command::Check(args) => check::run(args, streams),
        Command::Compare(args) => compare::run(args, streams),
        Command::Decode(args) => decode::run(args, streams),
        Command::Encode(args) => encode::run(args, streams),
        Command::React(args) => react::run(args, streams),
        Command::Handshake(args) => handshake::run(args, streams),
    }
}

fn window(args: &Args) -> Result<Window, Misuse> {
    let library = match &args.lessons {
        Some(dir) => library::open_folder(dir)?,
        None => Library::built_in(),
    };
    let Some(file) = &args.file else { return Ok(Window { library, file: None }) };
    if !file.exists() {
        let commands =
            Args::command().get_subcommands().map(|c| c.get_name().to_owned()).collect::<Vec<_>>();
        return Err(Misuse(format!(
            "there is no file or command {}; commands are {}",
            file.display(),
            commands.join(", ")
        )));
    }
    Ok(Window { library, file: Some((file.clone(), library::open(file)?)) })
}

/// Says in one line what cannot be, on stderr.
pub fn complain(misuse: &dyn std::fmt::Display, streams: &mut Streams<'_>) -> Exit {
    // Where even stderr is closed there is nobody left to tell.
    let _ = writeln!(streams.errors, "wirestep: {misuse}");
    Exit::Misuse
}

/// The words of a command line joined, or standard input where there are none or `-` is.
fn words_or_input(words: &[String], streams: &mut Streams<'_>) -> Result<String, Misuse> {
    if !words.is_empty() && words != ["-"] {
        return Ok(words.join(" "));
    }
    let mut raw = Vec::new();
    streams.input.read_to_end(&mut raw)?;
    String::from_utf8(raw).map_err(|_| {
        Misuse("standard input is not text; write the bytes as hex, like 81 05 48 65".to_owned())
    })
}

fn explain(error: &clap::Error, streams: &mut Streams<'_>) -> Exit {
    let text = error.render().to_string();
    if !error.use_stderr() {
        // Where the stream is closed there is nobody left to tell.
        let _ = write!(streams.output, "{text}");
        return Exit::Done;
    }
    // What is wrong and what would be right; behind that clap repeats the usage.
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let lines: Vec<_> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"))
        .map(|line| line.trim_start_matches("error: "))
        .collect();
    complain(&format!("{}; try wirestep --help", lines.join("; ")), streams)
}
