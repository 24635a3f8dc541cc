//! Crowds against the same clients played one by one: every number of the tally must be equal.

use proptest::prelude::*;
use std::sync::Arc;
use wirestep::run::{Crowd, Luck, Tally};
use wirestep::sim::{
    Connection, Edit, Fault, Headers, Host, Incident, Middlebox, Mode, Network, Poll, Scenario,
    Want, Wish,
};

fn want(at_ms: u64, who: Host, what: Wish) -> Want {
    Want { at_ms, who, what }
}

fn say(at_ms: u64, who: Host, text: &str) -> Want {
    want(at_ms, who, Wish::Say(text.to_owned()))
}

/// How many clients there are: few mostly, so that it does not take long; up to a thousand.
fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![
        12 => 1_usize..15,
        6 => 8_usize..130,
        1 => prop_oneof![3 => 95_usize..300, 1 => 900_usize..=1000],
    ]
}

/// Moments that fall on each other, and on those of polls.
fn moments() -> impl Strategy<Value = u64> {
    prop_oneof![(0_u64..8).prop_map(|n| n * 250), 0_u64..2000]
}

/// Wishes of few lengths, so that some arrive at the same moment.
fn wishes() -> impl Strategy<Value = Wish> {
    prop_oneof![
        6 => (0_usize..3).prop_map(|n| Wish::Say("x".repeat(n))),
        2 => "[a-zé\"\r\n]{0,30}".prop_map(Wish::Say),
        1 => (1_usize..5).prop_map(|n| Wish::Say("long ".repeat(n * 100))),
        2 => proptest::collection::vec(any::<u8>(), 0..40).prop_map(Wish::Send),
        1 => proptest::collection::vec("[a-z]{1,9}", 1..4).prop_map(Wish::SayInParts),
        1 => "[a-z]{0,9}".prop_map(Wish::Ping),
        1 => "[a-z]{0,9}".prop_map(|reason| Wish::Close(1000, reason)),
    ]
}

fn networks() -> impl Strategy<Value = Network> {
    let delay = || prop_oneof![Just(0_u64), Just(20), 1_u64..300];
    let kbit = prop_oneof![3 => 1000_u64..100_000, 1 => 8_u64..60, 1 => Just(100_000_000)];
    let mss = prop_oneof![Just(1460_usize), 60_usize..1500];
    (delay(), delay(), kbit, mss).prop_map(|(up_ms, down_ms, kbit_per_s, mss)| Network {
        up_ms,
        down_ms,
        kbit_per_s,
        mss,
        ..Network::default()
    })
}

fn polls() -> impl Strategy<Value = Poll> {
    let every = prop_oneof![Just(250_u64), Just(500), 100_u64..900];
    let connection = prop_oneof![Just(Connection::KeepAlive), Just(Connection::PerRequest)];
    let hold = prop_oneof![Just(1000_u64), 1000_u64..3000];
    (every, connection, hold).prop_map(|(every_ms, connection, hold_ms)| Poll {
        every_ms,
        connection,
        hold_ms,
    })
}

/// What the server and some of the clients want.
fn workloads(clients: usize) -> impl Strategy<Value = Vec<Want>> {
    let who = prop_oneof![
        3 => Just(Host::Server),
        2 => (1_usize..=clients).prop_map(Host::Client),
        2 => (1_usize..=clients.min(4)).prop_map(Host::Client),
    ];
    let want = (moments(), who, wishes()).prop_map(|(at, who, what)| want(at, who, what));
    proptest::collection::vec(want, 0..9)
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    let middleboxes = prop_oneof![
        6 => Just(vec![]),
        1 => Just(vec![Middlebox::StripsUpgrade]),
        1 => Just(vec![Middlebox::BuffersResponses]),
    ];
    let headers = prop_oneof![Just(Headers::Lean), Just(Headers::Browser)];
    let deflate = prop_oneof![5 => Just(false), 1 => Just(true)];
    let rest = (networks(), polls(), middleboxes, headers, deflate, 2000_u64..3000, any::<u64>());
    let sized = sizes().prop_flat_map(|clients| (Just(clients), workloads(clients)));
    (sized, rest).prop_map(
        |((clients, workload), (network, poll, middleboxes, headers, deflate, ends_ms, seed))| {
            // A deflater for each of a thousand clients would take most of the time.
            let deflate = deflate && clients < 50;
            let name = "a crowd".to_owned();
            Scenario {
                name,
                seed,
                clients,
                network,
                middleboxes,
                incidents: Vec::new(),
                headers,
                deflate,
                poll,
                workload,
                ends_ms,
            }
        },
    )
}

/// Polls twice a second, for two seconds.
fn plain(clients: usize, workload: Vec<Want>) -> Scenario {
    Scenario {
        name: "a crowd".to_owned(),
        seed: 5,
        clients,
        network: Network::default(),
        middleboxes: Vec::new(),
        incidents: Vec::new(),
        headers: Headers::Lean,
        deflate: false,
        poll: Poll { every_ms: 500, ..Poll::default() },
        workload,
        ends_ms: 2000,
    }
}

fn both(scenario: Scenario, mode: Mode) -> (Tally, Tally) {
    let scenario = Arc::new(scenario);
    let crowd = Crowd::new(Arc::clone(&scenario)).expect("nothing is left to luck");
    (crowd.play(mode).tally, Tally::of(scenario, mode))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_crowd_counts_as_its_clients_do_one_by_one(
        scenario in scenarios(),
        mode in proptest::sample::select(&Mode::ALL[..]),
    ) {
        let (crowd, all) = both(scenario, mode);
        prop_assert_eq!(crowd, all);
    }
}

/// In every mode.
fn assert_alike(scenario: &Scenario) {
    for mode in Mode::ALL {
        let (crowd, all) = both(scenario.clone(), mode);
        assert_eq!(crowd, all, "{}", mode.label());
        assert!(all.delivered > 0, "something is compared");
    }
}

#[test]
fn a_post_that_arrives_with_the_questions_is_heard_at_once() {
    let question = "GET /messages?client=5&after=0 HTTP/1.1\r\nHost: chat.example.com\r\n\r\n";
    let post = "POST /messages?client=5 HTTP/1.1\r\nHost: chat.example.com\r\n\
                Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 0\r\n\r\n";
    // What the post is longer by takes one millisecond: it was sent that much before.
    let kbit_per_s = 8 * (post.len() - question.len()) as u64;
    let network = Network { kbit_per_s, ..Network::default() };
    let late = |at_ms| {
        let scenario = Scenario { network, ..plain(12, vec![say(at_ms, Host::Client(5), "")]) };
        assert_alike(&scenario);
        both(scenario, Mode::Polling).0.delay_at(500).expect("it was heard").as_ms()
    };
    assert!(late(499) < 100.0, "it arrives at the moment of the questions, and before them");
    assert!(late(500) > 500.0);
}

#[test]
fn what_a_closing_server_says_is_skipped_for_each() {
    let workload = vec![
        say(300, Host::Server, "before"),
        want(600, Host::Server, Wish::Close(1001, "gone".to_owned())),
        say(601, Host::Server, "behind"),
        want(602, Host::Server, Wish::Ping("there?".to_owned())),
    ];
    assert_alike(&plain(120, workload));
}

#[test]
fn the_server_pings_each() {
    let ping = want(400, Host::Server, Wish::Ping("there?".to_owned()));
    assert_alike(&plain(15, vec![ping, say(500, Host::Client(12), "yes")]));
}

#[test]
fn a_thousand_count_as_themselves() {
    let hello = say(700, Host::Server, "hello");
    let (crowd, all) = both(plain(1000, vec![hello]), Mode::Polling);
    assert_eq!(crowd, all);
    assert_eq!((all.delivered, all.most_open), (1000, 1000));
    assert_eq!(all.delays.counted().len(), 4, "one delay for each length of a number");
}

#[test]
fn a_million_are_counted_by_seven() {
    let hello = say(700, Host::Server, "hello");
    let crowd = Crowd::new(Arc::new(plain(1_000_000, vec![hello]))).expect("no luck is in it");
    assert_eq!(crowd.n_played(), 7);
    let polling = crowd.play(Mode::Polling).tally;
    assert_eq!((polling.requests, polling.delivered), (4_000_000, 1_000_000));
    let digits: u64 = (1..=1_000_000_u64).map(|n| u64::from(n.ilog10())).sum();
    let question = "GET /messages?client=1&after=0 HTTP/1.1\r\nHost: chat.example.com\r\n\r\n";
    assert_eq!(polling.up.heads, 4 * (question.len() as u64 * 1_000_000 + digits));
    let socket = crowd.play(Mode::WebSocket).tally;
    assert_eq!(socket.down.payload, 5_000_000);
    assert_eq!(socket.most_open, 1_000_000);
}

#[test]
fn luck_makes_everybody_differ() {
    let quiet = plain(9, Vec::new());
    let with = |network| Scenario { network, ..quiet.clone() };
    let reason = |scenario| Crowd::new(Arc::new(scenario)).err();
    let network = Network::default();
    assert_eq!(reason(with(Network { jitter_ms: 1, ..network })), Some(Luck::Jitter));
    assert_eq!(reason(with(Network { loss_per_mille: 1, ..network })), Some(Luck::Loss));
    for middlebox in [Middlebox::ForgetsIdle(9), Middlebox::ResetsIdle(9)] {
        let scenario = Scenario { middleboxes: vec![middlebox], ..quiet.clone() };
        assert_eq!(reason(scenario), Some(Luck::Return));
    }
    let what = Edit::Misbehave(Host::Server, Fault::ForgetsBlankLine);
    let incidents = vec![Incident { at_ms: 1, what }];
    assert_eq!(reason(Scenario { incidents, ..quiet.clone() }), Some(Luck::Return));
    assert_eq!(reason(quiet), None);
}
