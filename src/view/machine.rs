//! What each end of each connection is doing, and what can make it do something else.
//!
//! **Law:** [`TRANSITIONS`] holds every change of state that an end can make, and no other
//! (`tests/machine.rs` drives real ends through all of them).

use crate::conn::{Conn, State};
use crate::sim::{Host, Link, LinkIdx, World};
use crate::wire::Side;

/// One end of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose end it is.
    pub host: Host,
    /// Who is at the other end.
    pub peer: Host,
    /// The connection.
    pub link: LinkIdx,
    /// What the end is doing.
    pub state: State,
    /// What that means, and what would come next.
    pub words: &'static str,
    /// How many bytes of the flow towards it were read.
    pub n_read: u64,
    /// How many bytes are on their way to it.
    pub n_in_flight: u64,
}

/// The ends of the connections that are there, the first connection first.
pub fn rows(world: &World) -> Vec<Row> {
    let sides = [Side::Client, Side::Server];
    world
        .links()
        .flat_map(|(idx, link)| sides.map(|side| row(idx, link, side, link.end(side))))
        .collect()
}

/// The row of one end.
pub fn row(idx: LinkIdx, link: &Link, side: Side, end: &Conn) -> Row {
    let n_in_flight = link.flow(side.peer()).in_flight().map(|flight| flight.bytes.len() as u64);
    Row {
        host: link.host(side),
        peer: link.host(side.peer()),
        link: idx,
        state: end.state(),
        words: words(end.state(), side),
        n_read: end.n_read(),
        n_in_flight: n_in_flight.sum(),
    }
}

/// The clause by which a state is defined.
pub fn cite(state: State) -> &'static str {
    match state {
        State::Idle | State::Asking => "RFC 9112 §9.3",
        State::Connecting | State::Open => "RFC 6455 §4.1",
        State::Closing => "RFC 6455 §7.1.3",
        State::Closed => "RFC 6455 §7.1.4",
        State::Failed => "RFC 6455 §7.1.7",
    }
}

fn words(state: State, side: Side) -> &'static str {
    match (state, side) {
        (State::Idle, Side::Client) => "no request is under way; it may ask",
        (State::Idle, Side::Server) => "waits to be asked; it cannot speak first",
        (State::Asking, Side::Client) => "has asked and waits for the answer",
        (State::Asking, Side::Server) => "reads the request or owes the answer",
        (State::Connecting, Side::Client) => "has asked for the upgrade and waits for 101",
        (State::Connecting, Side::Server) => "was asked for the upgrade",
        (State::Open, _) => "messages flow both ways, whenever either end likes",
        (State::Closing, Side::Client) => "a Close was sent or came; waits for the server",
        (State::Closing, Side::Server) => "a Close was sent; waits for the answer",
        (State::Closed, _) => "nothing more will come",
        (State::Failed, _) => "found a rule broken and gave up the connection",
    }
}

/// What makes an end change its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Client: it sends a request.
    RequestSent,
    /// Server: a request comes, whole.
    RequestCame,
    /// Client: the answer is whole.
    AnswerCame,
    /// Client: the answer is whole, and the connection ends with it.
    LastAnswerCame,
    /// Server: it sends the answer.
    AnswerSent,
    /// Server: it sends the answer, and closes the connection behind it.
    LastAnswerSent,
    /// Client: it asks for the upgrade.
    UpgradeSent,
    /// Server: it is asked for the upgrade.
    UpgradeCame,
    /// Client: 101 comes with the value of Accept that the key makes.
    RightAccept,
    /// Server: it sends 101.
    Accepted,
    /// Client: another answer comes, or one that breaks a rule.
    WrongAnswer,
    /// Server: the request breaks a rule, and is refused with a status.
    Refused,
    /// It sends a Close of its own accord.
    CloseSent,
    /// A Close comes; it is answered unless one was sent.
    CloseCame,
    /// The peer breaks a rule.
    RuleBroken,
    /// The peer closes TCP.
    TcpClosed,
    /// This end closes TCP by itself.
    HungUp,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 17] = [
        Self::RequestSent,
        Self::RequestCame,
        Self::AnswerCame,
        Self::LastAnswerCame,
        Self::AnswerSent,
        Self::LastAnswerSent,
        Self::UpgradeSent,
        Self::UpgradeCame,
        Self::RightAccept,
        Self::Accepted,
        Self::WrongAnswer,
        Self::Refused,
        Self::CloseSent,
        Self::CloseCame,
        Self::RuleBroken,
        Self::TcpClosed,
        Self::HungUp,
    ];

    /// The cause in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::RequestSent => "request sent",
            Self::RequestCame => "request came",
            Self::AnswerCame => "answer came",
            Self::LastAnswerCame => "last answer came",
            Self::AnswerSent => "answer sent",
            Self::LastAnswerSent => "last answer sent",
            Self::UpgradeSent => "upgrade asked for",
            Self::UpgradeCame => "upgrade request came",
            Self::RightAccept => "101 with right Accept",
            Self::Accepted => "101 sent",
            Self::WrongAnswer => "no 101, or wrong Accept",
            Self::Refused => "upgrade refused",
            Self::CloseSent => "Close sent",
            Self::CloseCame => "Close came",
            Self::RuleBroken => "a rule broken",
            Self::TcpClosed => "TCP closed",
            Self::HungUp => "hung up",
        }
    }

    /// Where it is laid down what the cause does to an end in `from`.
    pub fn cite(self, from: State) -> &'static str {
        let http = matches!(from, State::Idle | State::Asking);
        match self {
            Self::RequestSent
            | Self::RequestCame
            | Self::AnswerCame
            | Self::AnswerSent
            | Self::LastAnswerCame
            | Self::LastAnswerSent => "RFC 9112 §9.3",
            Self::UpgradeSent | Self::RightAccept | Self::WrongAnswer => "RFC 6455 §4.1",
            Self::UpgradeCame => "RFC 6455 §4.2.1",
            Self::Accepted | Self::Refused => "RFC 6455 §4.2.2",
            Self::CloseSent => "RFC 6455 §7.1.2",
            Self::CloseCame => "RFC 6455 §5.5.1",
            Self::RuleBroken | Self::TcpClosed | Self::HungUp if http => "RFC 9112 §9.6",
            Self::RuleBroken => "RFC 6455 §7.1.7",
            Self::TcpClosed | Self::HungUp => "RFC 6455 §7.1.4",
        }
    }
}

/// A change of state that an end can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Which end.
    pub side: Side,
    /// What it was doing.
    pub from: State,
    /// What happens.
    pub cause: Cause,
    /// What it does then.
    pub to: State,
}

macro_rules! transitions {
    ($($side:ident { $($from:ident: $($cause:ident => $to:ident),*;)* })*) => {
        /// Every change of state that an end can make.
        pub static TRANSITIONS: &[Transition] = &[$($($(Transition {
            side: Side::$side,
            from: State::$from,
            cause: Cause::$cause,
            to: State::$to,
        },)*)*)*];
    };
}

transitions! {
    Client {
        Idle: RequestSent => Asking, UpgradeSent => Connecting, RuleBroken => Failed,
            TcpClosed => Closed, HungUp => Closed;
        Asking: AnswerCame => Idle, LastAnswerCame => Closed, RuleBroken => Failed,
            TcpClosed => Closed, HungUp => Closed;
        Connecting: RightAccept => Open, WrongAnswer => Failed, RuleBroken => Failed,
            TcpClosed => Closed, HungUp => Closed;
        Open: CloseSent => Closing, CloseCame => Closing, RuleBroken => Failed,
            TcpClosed => Closed, HungUp => Closed;
        Closing: RuleBroken => Failed, TcpClosed => Closed, HungUp => Closed;
    }
    Server {
        Idle: RequestCame => Asking, UpgradeCame => Connecting, RuleBroken => Failed,
            TcpClosed => Closed, HungUp => Closed;
        Asking: AnswerSent => Idle, LastAnswerSent => Closed, UpgradeCame => Connecting,
            Refused => Failed, RuleBroken => Failed, TcpClosed => Closed, HungUp => Closed;
        Connecting: Accepted => Open, Refused => Failed, AnswerSent => Idle,
            LastAnswerSent => Closed, RuleBroken => Failed, TcpClosed => Closed, HungUp => Closed;
        Open: CloseSent => Closing, CloseCame => Closed, RuleBroken => Failed,
            TcpClosed => Closed, HungUp => Closed;
        Closing: CloseCame => Closed, RuleBroken => Failed, TcpClosed => Closed, HungUp => Closed;
    }
}

/// Which states a drawing shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// One request after the other.
    Http,
    /// A connection that is upgraded, used and closed.
    WebSocket,
}

impl Machine {
    /// Its states in the order in which an end comes to them; the one of ends that failed is apart.
    pub fn states(self) -> &'static [State] {
        match self {
            Self::Http => &[State::Idle, State::Asking, State::Closed],
            Self::WebSocket => {
                &[State::Idle, State::Connecting, State::Open, State::Closing, State::Closed]
            }
        }
    }
}

/// Why an end of `side` goes from one state to another; nothing where it cannot.
pub fn causes(side: Side, from: State, to: State) -> Vec<Cause> {
    let between = |step: &&Transition| (step.side, step.from, step.to) == (side, from, to);
    TRANSITIONS.iter().filter(between).map(|step| step.cause).collect()
}

/// The causes as people read them, `or` before the last.
pub fn causes_words(causes: &[Cause]) -> String {
    let words: Vec<_> = causes.iter().map(|cause| cause.words()).collect();
    match &words[..] {
        [] => String::new(),
        [one] => (*one).to_owned(),
        ["Close sent", "Close came"] => "Close sent or came".to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The clauses of the causes, each once.
pub fn causes_cites(causes: &[Cause], from: State) -> String {
    let mut said = String::new();
    let mut last = "";
    for cite in causes.iter().map(|cause| cause.cite(from)) {
        let (document, section) = cite.rsplit_once(' ').unwrap_or(("", cite));
        match said.contains(section) {
            true => continue,
            false if said.is_empty() => said.push_str(cite),
            false if document == last => said = format!("{said}, {section}"),
            false => said = format!("{said}, {cite}"),
        }
        last = document;
    }
    said
}

/// The changes that an end in this state can make, as text.
fn changes_text(side: Side, from: State) -> String {
    let steps = TRANSITIONS.iter().filter(|step| (step.side, step.from) == (side, from));
    let cells = steps.map(|step| {
        let to = format!("→ {}", step.to.name());
        let cite = step.cause.cite(from).to_owned();
        vec![String::new(), to, step.cause.words().to_owned(), cite]
    });
    super::columns::aligned(&cells.collect::<Vec<_>>())
}

/// The rows as text, each with the changes that can come next.
pub fn text(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "no connection is open\n".to_owned();
    }
    let told = |row: &Row| {
        let Row { host, peer, state, words, .. } = row;
        let side = match host {
            Host::Client(_) => Side::Client,
            Host::Server => Side::Server,
        };
        format!("{host} (to {peer})  {}  {words}\n{}", state.name(), changes_text(side, *state))
    };
    rows.iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_joined_and_clauses_of_one_document_named_once() {
        let both = causes(Side::Client, State::Open, State::Closing);
        assert_eq!(causes_words(&both), "Close sent or came");
        assert_eq!(causes_cites(&both, State::Open), "RFC 6455 §7.1.2, §5.5.1");
        let ends = causes(Side::Server, State::Connecting, State::Closed);
        assert_eq!(causes_words(&ends), "last answer sent, TCP closed or hung up");
        assert_eq!(causes_cites(&ends, State::Connecting), "RFC 9112 §9.3, RFC 6455 §7.1.4");
        assert_eq!(causes(Side::Client, State::Closed, State::Open), []);
    }
}
