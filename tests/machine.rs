//! The table of states: real ends make every change in it, and no other.

#[path = "support/deeds.rs"]
mod deeds;
#[path = "support/ends.rs"]
#[expect(dead_code, reason = "shared with tests that need the rest")]
mod ends;
#[path = "support/scenarios.rs"]
#[expect(dead_code, reason = "shared with tests that need the rest")]
mod scenarios;

use bytes::Bytes;
use ends::{asked, client, server, written};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use wirestep::conn::{Action, Config, Conn, State};
use wirestep::run::Run;
use wirestep::sim::{Host, Mode, Scenario, What};
use wirestep::view::machine::{Cause, TRANSITIONS, Transition};
use wirestep::wire::Side;
use wirestep::wire::close::Close;
use wirestep::wire::handshake::{Offer, Terms};
use wirestep::wire::http::{Request, Response};
use wirestep::wire::ws::{Frame, Opcode};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const GET_AND_CLOSE: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const UPGRADE: &[u8] =
    b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// One of the ways in which an end comes to a state, told by its name.
type Way = (&'static str, Conn);

fn offer() -> Offer {
    Offer { key: "dGhlIHNhbXBsZSBub25jZQ==".to_owned(), ..Offer::default() }
}

fn close() -> Action {
    Action::Close(Some(Close::new(1000, "")))
}

/// A frame as the peer of `side` writes it.
fn frame(side: Side, opcode: Opcode, payload: &[u8]) -> Bytes {
    let key = (side == Side::Server).then_some([1, 2, 3, 4]);
    Frame::new(opcode, payload.to_vec(), key).to_bytes()
}

fn done(mut conn: Conn, action: Action) -> Conn {
    conn.act(action).expect("it can be done in this state");
    conn
}

fn fed(mut conn: Conn, bytes: &[u8]) -> Conn {
    conn.receive(bytes);
    conn
}

fn upgrading() -> Conn {
    done(client(), Action::Upgrade(Request::new("GET", "/").with("Host", "a"), offer()))
}

/// Every way in which an end comes to a state that it can leave.
fn ways(side: Side, state: State) -> Vec<Way> {
    let opened = || Conn::opened(Config::new(side, 1));
    let closing_by = frame(side, Opcode::CLOSE, &1000_u16.to_be_bytes());
    match (side, state) {
        (Side::Client, State::Idle) => vec![("fresh", client())],
        (Side::Server, State::Idle) => vec![("fresh", server())],
        (Side::Client, State::Asking) => vec![("asked", asked("GET"))],
        (Side::Server, State::Asking) => {
            let part = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na";
            let head = String::from_utf8_lossy(UPGRADE)
                .replace("\r\n\r\n", "\r\nContent-Length: 1\r\n\r\n");
            vec![
                ("owes", fed(server(), GET)),
                ("owes the last", fed(server(), GET_AND_CLOSE)),
                ("reads a body", fed(server(), part)),
                ("reads the body of an upgrade", fed(server(), head.as_bytes())),
            ]
        }
        (Side::Client, State::Connecting) => vec![("asked", upgrading())],
        (Side::Server, State::Connecting) => {
            let wrong = String::from_utf8_lossy(UPGRADE).replace("Version: 13", "Version: 8");
            let last =
                String::from_utf8_lossy(UPGRADE).replace("Upgrade\r\nSec", "Upgrade, close\r\nSec");
            vec![
                ("asked", fed(server(), UPGRADE)),
                ("asked wrongly", fed(server(), wrong.as_bytes())),
                ("asked for the last time", fed(server(), last.as_bytes())),
            ]
        }
        (_, State::Open) => vec![("opened", opened())],
        (Side::Client, State::Closing) => vec![
            ("Close sent", done(opened(), close())),
            ("Close came", fed(opened(), &closing_by)),
        ],
        (Side::Server, State::Closing) => {
            vec![("Close sent", done(opened(), close()))]
        }
        (_, State::Closed | State::Failed) => Vec::new(),
    }
}

/// What an end does that is meant by a cause of its own; `None` for what happens to it.
fn action(cause: Cause) -> Option<Action> {
    let request = || Request::new("GET", "/").with("Host", "a");
    Some(match cause {
        Cause::RequestSent => Action::Request(request(), Bytes::new()),
        Cause::UpgradeSent => Action::Upgrade(request(), offer()),
        Cause::AnswerSent | Cause::LastAnswerSent => {
            Action::Respond(Response::new(204), Bytes::new())
        }
        Cause::Accepted | Cause::Refused => Action::Accept(Terms::default()),
        Cause::CloseSent => close(),
        Cause::HungUp => Action::HangUp,
        _ => return None,
    })
}

/// The bytes of the peer that a cause stands for; `None` where it cannot send them there.
fn bytes(cause: Cause, side: Side, state: State) -> Option<Vec<u8>> {
    use Cause::*;
    let answer = || Response::new(204);
    Some(match (cause, side, state) {
        (RequestCame, Side::Server, State::Idle) => GET.to_vec(),
        (UpgradeCame, Side::Server, State::Idle) => UPGRADE.to_vec(),
        // What is missing of the body of an upgrade, and too little of any other.
        (UpgradeCame, Side::Server, State::Asking) => b"x".to_vec(),
        (AnswerCame, Side::Client, State::Asking) => answer().to_bytes().to_vec(),
        (LastAnswerCame, Side::Client, State::Asking) => {
            answer().with("Connection", "close").to_bytes().to_vec()
        }
        (RightAccept | WrongAnswer, Side::Client, State::Connecting) => {
            let mut peer = fed(server(), UPGRADE);
            let outputs = peer.act(Action::Accept(Terms::default())).expect("it was asked rightly");
            let mut answer = written(&outputs);
            if cause == WrongAnswer {
                let at = answer.windows(3).position(|bytes| bytes == b"s3p").expect("the Accept");
                answer[at] = b't';
            }
            answer
        }
        (CloseCame, _, State::Open | State::Closing) => {
            frame(side, Opcode::CLOSE, &1000_u16.to_be_bytes()).to_vec()
        }
        (RuleBroken, _, State::Open | State::Closing) => {
            frame(side, Opcode::from_bits(3), b"").to_vec()
        }
        (RuleBroken, Side::Client, _) | (RuleBroken, _, State::Idle) => b"\0\r\n\r\n".to_vec(),
        // Far too much behind a request that is not answered yet.
        (RuleBroken, Side::Server, _) => vec![b'x'; (1 << 20) + 9],
        _ => return None,
    })
}

/// What becomes of an end when this happens to it; `None` where it cannot happen there.
fn after(cause: Cause, conn: &Conn) -> Option<State> {
    let mut end = conn.clone();
    if let Some(action) = action(cause) {
        end.act(action).ok()?;
    } else if cause == Cause::TcpClosed {
        end.receive_end();
    } else {
        end.receive(&bytes(cause, conn.side(), conn.state())?);
    }
    Some(end.state())
}

/// Every change that real ends make when anything happens to them in any state.
fn made() -> BTreeSet<(Side, State, Cause, State)> {
    let mut made = BTreeSet::new();
    for side in [Side::Client, Side::Server] {
        for from in State::ALL {
            for (way, conn) in ways(side, from) {
                assert_eq!(conn.state(), from, "{way}");
                for cause in Cause::ALL {
                    let Some(to) = after(cause, &conn).filter(|to| *to != from) else { continue };
                    made.insert((side, from, told(cause, way, to), to));
                }
            }
        }
    }
    made
}

/// What happened is told by what came of it, where one action can do either.
fn told(cause: Cause, way: &str, to: State) -> Cause {
    match (cause, to) {
        (Cause::AnswerSent | Cause::LastAnswerSent, State::Closed) => Cause::LastAnswerSent,
        (Cause::AnswerSent | Cause::LastAnswerSent, _) => Cause::AnswerSent,
        (Cause::Accepted | Cause::Refused, State::Failed) => Cause::Refused,
        (Cause::Accepted | Cause::Refused, _) => Cause::Accepted,
        // A body that breaks off is a rule broken.
        (Cause::TcpClosed, State::Failed) if way.starts_with("reads") => Cause::RuleBroken,
        _ => cause,
    }
}

fn table() -> BTreeSet<(Side, State, Cause, State)> {
    TRANSITIONS
        .iter()
        .map(|Transition { side, from, cause, to }| (*side, *from, *cause, *to))
        .collect()
}

#[test]
fn real_ends_make_every_change_of_the_table_and_no_other() {
    let (made, table) = (made(), table());
    let missing: Vec<_> = made.difference(&table).collect();
    assert!(missing.is_empty(), "ends do what the table does not say: {missing:?}");
    let idle: Vec<_> = table.difference(&made).collect();
    assert!(idle.is_empty(), "the table says what no end does: {idle:?}");
    assert_eq!(table.len(), TRANSITIONS.len(), "no change stands there twice");
}

/// Whether the table leads from one state to another: one segment can carry an end on by several.
fn leads(side: Side, from: State, to: State) -> bool {
    let mut reached = BTreeSet::from([from]);
    loop {
        let next =
            TRANSITIONS.iter().filter(|step| step.side == side && reached.contains(&step.from));
        let before = reached.len();
        reached.extend(next.map(|step| step.to).collect::<Vec<_>>());
        if reached.len() == before {
            return reached.contains(&to);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_run_sees_a_change_that_the_table_does_not_hold(
        scenario in scenarios::arbitrary(),
        middleboxes in deeds::middleboxes(),
        mode in proptest::sample::select(&Mode::ALL[..]),
        deeds in deeds::deeds(),
    ) {
        let scenario = Scenario { middleboxes, ends_ms: 4000, ..scenario };
        let mut run = Run::new(Arc::new(scenario), mode);
        run.play_out();
        let run = deeds::done_to(run, &deeds);
        for record in run.records() {
            let What::Became(link, from, to) = record.what else { continue };
            let side = match record.host {
                Host::Client(_) => Side::Client,
                Host::Server => Side::Server,
            };
            prop_assert!(leads(side, from, to), "{link:?}: {side:?} {from:?} {to:?}");
        }
    }
}
