//! Runs of a million records: crowds that talk, ping and poll.

use wirestep::sim::{Connection, Headers, Host, Mode, Network, Poll, Scenario, Want, Wish};

/// A run to be measured.
pub(super) struct Crowd {
    pub(super) name: &'static str,
    pub(super) mode: Mode,
    pub(super) scenario: Scenario,
}

pub(super) fn crowds() -> [Crowd; 4] {
    let socket = |name, scenario| Crowd { name, mode: Mode::WebSocket, scenario };
    [
        socket("1000 WebSockets, each pings", pings()),
        socket("64 WebSockets, a chat", says(64, 50, 3_100)),
        socket("1000 WebSockets, a chat", says(1000, 50, 200)),
        Crowd { name: "1000 clients that poll", mode: Mode::Polling, scenario: polls() },
    ]
}

fn scenario(clients: usize, workload: Vec<Want>) -> Scenario {
    let ends_ms = workload.last().map_or(0, |want| want.at_ms) + 1000;
    Scenario {
        name: "A crowd".to_owned(),
        seed: 1,
        clients,
        network: Network::default(),
        middleboxes: Vec::new(),
        incidents: Vec::new(),
        headers: Headers::Lean,
        deflate: false,
        poll: Poll { every_ms: 10_000, connection: Connection::KeepAlive, ..Poll::default() },
        workload,
        ends_ms,
    }
}

/// Somebody, in no order.
fn somebody(n: usize, clients: usize) -> Host {
    let mixed = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    Host::Client(1 + usize::try_from(mixed).expect("it has 31 bits") % clients)
}

/// Five pings each millisecond: some two hundred segments are always in flight.
fn pings() -> Scenario {
    let ping = |n: usize| Want {
        at_ms: 1000 + n as u64 / 5,
        who: somebody(n, 1000),
        what: Wish::Ping(format!("{n}")),
    };
    scenario(1000, (0..90_000).map(ping).collect())
}

/// Somebody says something every so many milliseconds, and everybody else is told.
fn says(clients: usize, every_ms: u64, n_said: usize) -> Scenario {
    let say = |n: usize| Want {
        at_ms: 1000 + every_ms * n as u64,
        who: somebody(n, clients),
        what: Wish::Say(format!("This is message number {n}.")),
    };
    scenario(clients, (0..n_said).map(say).collect())
}

/// Everybody asks every ten seconds.
fn polls() -> Scenario {
    Scenario { ends_ms: 760_000, ..scenario(1000, Vec::new()) }
}
