//! A run of more than forty thousand moves: eight people who talk for half an hour.

use wirestep::sim::{Headers, Host, Network, Poll, Scenario, Want, Wish};

/// The fewest moves that it has; with fewer it would measure too little.
pub(super) const N_MOVES: usize = 40_000;

/// Everybody says something in turn, and everybody else is told.
pub(super) fn scenario() -> Scenario {
    let says = |n: usize| Want {
        at_ms: 400 * (n as u64 + 1),
        who: Host::Client(1 + n % 8),
        what: Wish::Say(format!("This is message number {n}.")),
    };
    Scenario {
        name: "Half an hour".to_owned(),
        seed: 1,
        clients: 8,
        network: Network::default(),
        middleboxes: Vec::new(),
        incidents: Vec::new(),
        headers: Headers::Browser,
        deflate: false,
        poll: Poll::default(),
        workload: (0..4600).map(says).collect(),
        ends_ms: 1_842_000,
    }
}
