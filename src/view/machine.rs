//! What each end of each connection is doing.

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

/// The rows as text.
pub fn text(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "no connection is open\n".to_owned();
    }
    let cells = |row: &Row| {
        let who = format!("{} (to {})", row.host, row.peer);
        vec![who, row.state.name().to_owned(), row.words.to_owned()]
    };
    super::columns::aligned(&rows.iter().map(cells).collect::<Vec<_>>())
}
