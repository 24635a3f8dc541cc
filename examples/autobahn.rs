//! Puts `Conn` behind real loopback sockets, for the Autobahn|Testsuite to judge.
//!
//! `autobahn server --port N` echoes what the suite's fuzzing client sends; `autobahn client
//! --url URL --agent NAME` runs the cases of its fuzzing server. `.ci/autobahn.sh` starts both.
//!
//! **Invariant:** nothing about WebSocket is decided here. This file carries bytes and echoes
//! messages; the answers are those of [`Conn`].

use clap::{Parser, Subcommand};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;
use std::time::Duration;
use wirestep::conn::{Action, Config, Conn, Event, Output, Refusal, State, luck};
use wirestep::wire::Side;
use wirestep::wire::extension::{Agreement, DeflateOffer};
use wirestep::wire::handshake::{Offer, Terms, key_from_nonce};
use wirestep::wire::http::Request;

/// How long this end waits in silence once a Close is on its way: for the peer's Close, or for
/// the end of TCP behind it. The suite itself gives up on either after one second; three leave
/// it time on a busy machine, and a dead peer is not waited for much longer than that.
const PATIENCE: Duration = Duration::from_secs(3);

/// How many bytes are read from a socket at once.
const READ_SIZE: usize = 64 << 10;

/// Puts wirestep's protocol core before the Autobahn|Testsuite.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Echoes every message of every client.
    Server {
        /// The port on 127.0.0.1; 0 takes a free one. Which it is stands on stdout.
        #[arg(long)]
        port: u16,
    },
    /// Runs every case of a fuzzing server.
    Client {
        /// Where the fuzzing server listens, such as `ws://127.0.0.1:9001`.
        #[arg(long)]
        url: Url,
        /// The name in the suite's report.
        #[arg(long, default_value = "wirestep")]
        agent: Agent,
    },
}

/// What goes wrong outside the protocol.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("cannot listen on 127.0.0.1:{0}: {1}")]
    Listen(u16, io::Error),
    #[error("cannot take any more connections: {0}")]
    Accept(io::Error),
    #[error("cannot connect to {0}: {1}")]
    Connect(String, io::Error),
    #[error("the connection broke: {0}")]
    Socket(#[from] io::Error),
    #[error("the end refused to answer: {0}")]
    Refused(#[from] Refusal),
    #[error("{0}: no WebSocket connection came about")]
    NeverOpen(String),
    #[error("the suite does not say how many cases it has, but {0:?}")]
    NoCount(Option<String>),
}

fn main() -> ExitCode {
    let done = match Args::parse().role {
        Role::Server { port } => serve(port),
        Role::Client { url, agent } => run_cases(&url, &agent),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the example is its own shell")]
fn complain(failure: &Failure) {
    eprintln!("autobahn: {failure}");
}

/// The server's answer to every upgrade request.
fn welcome() -> Action {
    Action::Accept(Terms { deflate: Some(Agreement::default()), ..Terms::default() })
}

/// What the client asks for on its `n`th connection.
fn offer(n: u64) -> Offer {
    let browser = DeflateOffer::browser();
    // The suite asks a client to forget between messages only where an offer speaks of that; in
    // second place, it does not change the cases that are to remember.
    let forgetful = DeflateOffer { client_no_context_takeover: true, ..browser };
    let key = key_from_nonce(luck::nonce(n));
    Offer { key, deflate: vec![browser, forgetful], ..Offer::default() }
}

/// What the echoing application does about an event.
fn echo(event: Event) -> Option<Action> {
    match event {
        Event::Request(..) => Some(welcome()),
        Event::Message(message) => Some(Action::send(message)),
        _ => None, // Whatever else an end tells, an echo has no answer to it.
    }
}

#[expect(clippy::print_stdout, reason = "whoever started the server wants to know its port")]
#[expect(clippy::disallowed_methods, reason = "a real server carries its connections side by side")]
fn serve(port: u16) -> Result<(), Failure> {
    let listen_error = |error| Failure::Listen(port, error);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(listen_error)?;
    println!("listening on {}", listener.local_addr().map_err(listen_error)?);
    loop {
        let (socket, _) = listener.accept().map_err(Failure::Accept)?;
        std::thread::spawn(move || {
            let conn = Conn::new(Config::new(Side::Server, 0));
            if let Err(failure) = Line::new(conn, socket).and_then(|line| line.carry(echo)) {
                complain(&failure);
            }
        });
    }
}

/// Runs every case of the suite, then has it write its report.
fn run_cases(url: &Url, agent: &Agent) -> Result<(), Failure> {
    let mut answer = None;
    visit(url, "/getCaseCount", 0, |event| {
        if let Event::Message(message) = event {
            answer = String::from_utf8(message.data.into()).ok();
        }
        None
    })?;
    let count = answer.as_deref().and_then(|count| count.parse::<u64>().ok());
    let n_cases = count.ok_or(Failure::NoCount(answer))?;
    for case in 1..=n_cases {
        let target = format!("/runCase?case={case}&agent={}", agent.0);
        if visit(url, &target, case, echo)? == Opening::Failed {
            return Err(Failure::NeverOpen(target));
        }
    }
    // The suite writes its report and ends, often before its answer is on the wire: whether this
    // connection ever opens says nothing.
    let target = format!("/updateReports?agent={}&shutdownOnComplete=true", agent.0);
    visit(url, &target, n_cases + 1, |_| None).map(|_| ())
}

/// Whether the opening handshake of a connection was completed.
#[derive(PartialEq, Eq)]
enum Opening {
    Done,
    Failed,
}

/// Opens the `n`th connection to the suite and carries it to its end.
fn visit(
    url: &Url,
    target: &str,
    n: u64,
    mut answer: impl FnMut(Event) -> Option<Action>,
) -> Result<Opening, Failure> {
    let host = &url.host;
    let socket = TcpStream::connect(host).map_err(|error| Failure::Connect(host.clone(), error))?;
    let mut line = Line::new(Conn::new(Config::new(Side::Client, n)), socket)?;
    let mut opening = Opening::Failed;
    let request = Request::new("GET", target).with("Host", host);
    line.act(Action::Upgrade(request, offer(n)), &mut |_| None)?;
    line.carry(|event| {
        if let Event::Opened(..) = event {
            opening = Opening::Done;
        }
        answer(event)
    })?;
    Ok(opening)
}

/// One end and the socket that carries its bytes.
struct Line {
    conn: Conn,
    socket: TcpStream,
    /// How many bytes of the peer's flow the end was given.
    n_given: u64,
}

impl Line {
    fn new(conn: Conn, socket: TcpStream) -> Result<Self, Failure> {
        // The suite times a thousand echoes in a row: none may wait for the next.
        socket.set_nodelay(true)?;
        Ok(Self { conn, socket, n_given: 0 })
    }

    /// Carries bytes both ways until TCP has ended; `answer` is the application.
    fn carry(mut self, mut answer: impl FnMut(Event) -> Option<Action>) -> Result<(), Failure> {
        let mut buffer = vec![0; READ_SIZE];
        loop {
            let patience = match self.conn.state() {
                // A peer may think, or have nothing to say, for as long as it likes.
                State::Idle | State::Asking | State::Connecting | State::Open => None,
                State::Closing | State::Closed | State::Failed => Some(PATIENCE),
            };
            self.socket.set_read_timeout(patience)?;
            // What comes when the end is over is still read, and ignored by it: closing a socket
            // with bytes unread resets the connection, and the Close just written may be lost.
            match self.socket.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => self.give(&buffer[..n], &mut answer)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if silent(&error) || gone(&error) => break,
                Err(error) => return Err(error.into()),
            }
        }
        let outputs = self.conn.receive_end();
        self.perform(outputs, &mut answer)
    }

    /// Hands over what arrived, with a pause behind each message: its echo goes out before what
    /// follows is read, whether or not TCP has put both into one read. A copy of the end reads
    /// ahead to find the pause; the prefix law says that the cut changes nothing else.
    fn give(
        &mut self,
        mut bytes: &[u8],
        answer: &mut dyn FnMut(Event) -> Option<Action>,
    ) -> Result<(), Failure> {
        while !bytes.is_empty() {
            let ahead = self.conn.clone().receive(bytes);
            let pause = first_message_end(&ahead).map_or(bytes.len(), |end| {
                usize::try_from(end - self.n_given).expect("the message ends in these bytes")
            });
            let (now, later) = bytes.split_at(pause);
            self.n_given += now.len() as u64;
            let outputs = self.conn.receive(now);
            self.perform(outputs, answer)?;
            bytes = later;
        }
        Ok(())
    }

    fn act(
        &mut self,
        action: Action,
        answer: &mut dyn FnMut(Event) -> Option<Action>,
    ) -> Result<(), Failure> {
        let outputs = self.conn.act(action)?;
        self.perform(outputs, answer)
    }

    /// Does what the end says, and lets the application answer what it is told.
    fn perform(
        &mut self,
        outputs: Vec<Output>,
        answer: &mut dyn FnMut(Event) -> Option<Action>,
    ) -> Result<(), Failure> {
        for output in outputs {
            match output {
                Output::Write(bytes, ..) => tolerate_absence(self.socket.write_all(&bytes))?,
                Output::Finish => tolerate_absence(self.socket.shutdown(Shutdown::Write))?,
                Output::Event(event) => {
                    if let Some(action) = answer(event) {
                        self.act(action, answer)?;
                    }
                }
                Output::Read(..) | Output::Breach(_) => {}
            }
        }
        Ok(())
    }
}

/// Where in the flow the unit ends that completes the first message.
fn first_message_end(outputs: &[Output]) -> Option<u64> {
    let mut unit_end = 0;
    outputs.iter().find_map(|output| match output {
        Output::Read(start, len, ..) => {
            unit_end = start + len;
            None
        }
        Output::Event(Event::Message(_)) => Some(unit_end),
        Output::Event(_) | Output::Write(..) | Output::Breach(_) | Output::Finish => None,
    })
}

/// Whether nothing came for as long as the socket was told to wait.
fn silent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Whether the peer is gone; the suite resets connections that it is done with.
fn gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BrokenPipe
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::NotConnected
    )
}

/// Nothing can be written to a peer that is gone; the next read tells the end so.
fn tolerate_absence(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if gone(&error) => Ok(()),
        outcome => outcome,
    }
}

/// Where a fuzzing server listens.
#[derive(Clone)]
struct Url {
    /// Host and port, as the Host header names them.
    host: String,
}

impl std::str::FromStr for Url {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let host = url.strip_prefix("ws://").map(|rest| rest.strip_suffix('/').unwrap_or(rest));
        match host {
            Some(host) if host.contains(':') && !host.contains(['/', '?', '#', '@', ' ']) => {
                Ok(Self { host: host.to_owned() })
            }
            _ => Err("want ws://HOST:PORT, such as ws://127.0.0.1:9001".to_owned()),
        }
    }
}

/// A name that stands in a URL as it is.
#[derive(Clone)]
struct Agent(String);

impl std::str::FromStr for Agent {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        if !name.is_empty() && name.chars().all(plain) {
            Ok(Self(name.to_owned()))
        } else {
            Err("want letters, digits, '-', '.', '_' and '~'".to_owned())
        }
    }
}
