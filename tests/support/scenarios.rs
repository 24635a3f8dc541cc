//! Scenarios for tests: one that tells the whole story, and arbitrary ones.

use proptest::prelude::*;
use wirestep::sim::{Connection, Headers, Host, Network, Poll, Scenario, Want, Wish};

pub(super) fn want(at_ms: u64, who: Host, what: Wish) -> Want {
    Want { at_ms, who, what }
}

/// Text both ways, a binary push, a ping, a close: Client 1 → Server → Client 2.
pub(super) fn story() -> Scenario {
    Scenario {
        name: "story".to_owned(),
        seed: 7,
        clients: 2,
        network: Network::default(),
        middleboxes: Vec::new(),
        incidents: Vec::new(),
        headers: Headers::Browser,
        deflate: false,
        poll: Poll { every_ms: 500, ..Poll::default() },
        workload: vec![
            want(300, Host::Client(1), Wish::Say("Hi".to_owned())),
            want(400, Host::Client(2), Wish::Say("Hello there".to_owned())),
            want(500, Host::Server, Wish::Send(vec![1, 2, 3, 4])),
            want(600, Host::Client(1), Wish::Ping("you?".to_owned())),
            want(1100, Host::Client(1), Wish::Close(1000, "bye".to_owned())),
        ],
        ends_ms: 1300,
    }
}

/// Scenarios with messages alone, each of which everybody should hear.
pub(super) fn arbitrary() -> impl Strategy<Value = Scenario> {
    let delays = (0_u64..80, 0_u64..80, prop_oneof![Just(0_u64), 1_u64..40]);
    let loss = (prop_oneof![2 => Just(0_u64), 1 => 1_u64..200], 20_u64..300);
    let network = (delays, loss, 50_u64..20_000, 1_usize..1500).prop_map(
        |((up_ms, down_ms, jitter_ms), (loss_per_mille, resend_ms), kbit_per_s, mss)| Network {
            up_ms,
            down_ms,
            kbit_per_s,
            mss,
            jitter_ms,
            loss_per_mille,
            resend_ms,
        },
    );
    let wish = prop_oneof![
        "[a-zé]{0,40}".prop_map(Wish::Say),
        proptest::collection::vec(any::<u8>(), 0..300).prop_map(Wish::Send),
        proptest::collection::vec("[a-z]{1,9}", 1..4).prop_map(Wish::SayInParts),
        "[a-z]{0,9}".prop_map(Wish::Ping),
    ];
    let who = prop_oneof![Just(Host::Server), (1_usize..=2).prop_map(Host::Client)];
    let workload = proptest::collection::vec((0_u64..3000, who, wish), 0..12);
    let connection = prop_oneof![Just(Connection::KeepAlive), Just(Connection::PerRequest)];
    let headers = prop_oneof![Just(Headers::Lean), Just(Headers::Browser)];
    let rest = (1_usize..4, any::<u64>(), 50_u64..900, connection, headers, any::<bool>());
    (network, workload, rest).prop_map(
        |(network, workload, (more, seed, every_ms, connection, headers, deflate))| Scenario {
            name: "arbitrary".to_owned(),
            seed,
            clients: 1 + more,
            network,
            middleboxes: Vec::new(),
            incidents: Vec::new(),
            headers,
            deflate,
            poll: Poll { every_ms, connection, ..Poll::default() },
            workload: workload.into_iter().map(|(at, who, what)| want(at, who, what)).collect(),
            ends_ms: 20_000,
        },
    )
}
