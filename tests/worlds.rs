//! Worlds played to their end: who hears what in each mode, and how connections come and go.

#[path = "support/scenarios.rs"]
mod scenarios;

use proptest::prelude::*;
use scenarios::{arbitrary, story};
use std::collections::BTreeMap;
use std::sync::Arc;
use wirestep::conn::Message;
use wirestep::run::{Ending, Run};
use wirestep::sim::{
    Connection, Edit, Host, LinkIdx, Mode, RecordIdx, Scenario, Segment, SimTime, What, Wish,
};
use wirestep::wire::Side;
use wirestep::wire::unit::Context;

fn play(scenario: &Scenario, mode: Mode) -> Run {
    let run = Run::new(Arc::new(scenario.clone()), mode);
    assert_eq!(run.ending(), Ending::Settled);
    run
}

/// What each host was handed, in order.
fn heard(run: &Run) -> BTreeMap<Host, Vec<Message>> {
    let mut heard: BTreeMap<Host, Vec<Message>> = BTreeMap::new();
    for record in run.records() {
        if let What::Delivered(message) = &record.what {
            heard.entry(record.host).or_default().push(Message::clone(message));
        }
    }
    heard
}

fn count(run: &Run, wanted: impl Fn(&What) -> bool) -> usize {
    run.records().iter().filter(|record| wanted(&record.what)).count()
}

#[test]
fn both_modes_carry_the_same_conversation() {
    for mode in Mode::ALL {
        let heard = heard(&play(&story(), mode));
        let push = Message::binary(vec![1, 2, 3, 4]);
        let (hi, hello) = (Message::text("Hi"), Message::text("Hello there"));
        assert_eq!(heard[&Host::Server], [hi.clone(), hello.clone()], "{mode:?}");
        assert_eq!(heard[&Host::Client(1)], [hello, push.clone()], "{mode:?}");
        assert_eq!(heard[&Host::Client(2)], [hi, push], "{mode:?}");
    }
}

#[test]
fn a_connection_opens_with_three_segments_in_one_round_trip() {
    let run = play(&story(), Mode::WebSocket);
    let opening: Vec<_> = run
        .records()
        .iter()
        .filter_map(|record| match &record.what {
            What::Sent(flight) if flight.link == LinkIdx(0) => Some((flight.kind, flight.from)),
            _ => None,
        })
        .take(4)
        .collect();
    assert_eq!(
        opening,
        [
            (Segment::Syn, Side::Client),
            (Segment::SynAck, Side::Server),
            (Segment::Ack, Side::Client),
            (Segment::Data, Side::Client),
        ]
    );
    let open = run.records().iter().find(|record| matches!(record.what, What::TcpOpen(_)));
    // 20 ms each way, and 40 bytes at 10 Mbit/s: 32 µs each.
    assert_eq!(open.expect("it opens").at, SimTime(40_064_000));
}

#[test]
fn a_ping_is_answered_and_a_close_ends_tcp() {
    let run = play(&story(), Mode::WebSocket);
    assert_eq!(count(&run, |what| matches!(what, What::PingCame(data) if **data == "you?")), 1);
    assert_eq!(count(&run, |what| matches!(what, What::PongCame(data) if **data == "you?")), 1);
    let reports: Vec<_> = run
        .records()
        .iter()
        .filter_map(|record| match &record.what {
            What::Reported(LinkIdx(0), closed) => Some((record.host, closed.code, closed.clean)),
            _ => None,
        })
        .collect();
    assert_eq!(reports, [(Host::Server, 1000, true), (Host::Client(1), 1000, true)]);
    // Both ends of both connections.
    assert_eq!(count(&run, |what| matches!(what, What::TcpClosed(_))), 4);
    assert_eq!(run.world_at(run.n_moves()).links().count(), 0);
}

#[test]
fn an_end_whose_close_is_not_answered_gives_up_after_five_seconds() {
    let run = play(&story(), Mode::WebSocket);
    let (at, flight) = run
        .records()
        .iter()
        .find_map(|record| match &record.what {
            // A Close of the first client, masked: its first byte becomes that of a Pong.
            What::Sent(flight)
                if flight.link == LinkIdx(0)
                    && flight.from == Side::Client
                    && flight.bytes.first() == Some(&0x88) =>
            {
                Some((flight.departs.midway(flight.arrives), flight.clone()))
            }
            _ => None,
        })
        .expect("the first client closes");
    let bytes = bytes::Bytes::from_static(&[0x8a]);
    let edit = Edit::Patch { link: flight.link, from: flight.from, start: flight.start, bytes };
    let fork = run.fork(run.position_at(at), edit).expect("it is in flight");
    let gave_up = fork.records().iter().find(|record| record.what == What::GaveUp(LinkIdx(0)));
    let gave_up = gave_up.expect("nothing answers the client");
    assert_eq!(gave_up.host, Host::Client(1));
    assert_eq!(gave_up.at, flight.departs.plus(SimTime::from_ms(5000).0));
    let reports = fork.records().iter().filter_map(|record| match &record.what {
        What::Reported(LinkIdx(0), closed) => Some((record.host, closed.code, closed.clean)),
        _ => None,
    });
    let expected = [(Host::Client(1), 1006, false), (Host::Server, 1006, false)];
    assert_eq!(reports.collect::<Vec<_>>(), expected);
    assert_eq!(fork.world_at(fork.n_moves()).links().count(), 0);
    assert_eq!(count(&run, |what| matches!(what, What::GaveUp(_))), 0, "nobody waits in vain");
}

#[test]
fn polling_asks_every_interval_and_most_answers_are_empty() {
    let mut scenario = story();
    scenario.clients = 1;
    scenario.workload.clear();
    let totals = play(&scenario, Mode::Polling).totals(3);
    assert_eq!(totals.connections, 1);
    let run = play(&scenario, Mode::Polling);
    let totals = run.totals(run.n_moves());
    // At 0 (once connected), 500 and 1000 ms.
    assert_eq!((totals.requests, totals.empty_answers), (3, 3));
    scenario.poll.connection = Connection::PerRequest;
    let run = play(&scenario, Mode::Polling);
    assert_eq!(run.totals(run.n_moves()).connections, 3);
}

#[test]
fn nobody_waits_for_a_poll_after_everybody_left() {
    for every_ms in [1200, 1301, 60_000, u64::MAX] {
        let mut scenario = story();
        scenario.poll.every_ms = every_ms;
        let run = play(&scenario, Mode::Polling);
        let last = run.records().last().expect("something happened");
        assert_eq!(run.ends_at(), last.at, "every {every_ms} ms");
    }
}

#[test]
fn what_polling_cannot_do_is_said() {
    let run = play(&story(), Mode::Polling);
    assert_eq!(
        count(&run, |what| matches!(what, What::Skipped(skip) if skip.why.contains("ping"))),
        1
    );
}

#[test]
fn a_fragmented_message_arrives_whole() {
    let mut scenario = story();
    let parts = vec!["Hel".to_owned(), "lo".to_owned()];
    scenario.workload = vec![scenarios::want(300, Host::Client(1), Wish::SayInParts(parts))];
    for mode in Mode::ALL {
        let run = play(&scenario, mode);
        assert_eq!(heard(&run)[&Host::Client(2)], [Message::text("Hello")], "{mode:?}");
    }
    let run = play(&scenario, Mode::WebSocket);
    let frames = count(
        &run,
        |what| matches!(what, What::Wrote(unit) if matches!(unit.context, Context::Frame(_))),
    );
    // Two fragments to the server, one frame on to Client 2, a Close each way for each client.
    assert_eq!(frames, 3 + 4);
}

#[test]
fn what_was_said_before_a_member_came_is_heard_on_coming() {
    let mut scenario = story();
    scenario.workload = vec![scenarios::want(0, Host::Server, Wish::Say("Welcome".to_owned()))];
    for mode in Mode::ALL {
        let heard = heard(&play(&scenario, mode));
        for client in [1, 2] {
            assert_eq!(heard[&Host::Client(client)], [Message::text("Welcome")], "{mode:?}");
        }
    }
}

#[test]
fn bad_numbers_in_a_scenario_are_faults() {
    let mut scenario = story();
    assert_eq!(scenario.faults(), []);
    scenario.clients = 0;
    scenario.network.mss = 0;
    scenario.network.kbit_per_s = 0;
    scenario.poll.every_ms = 0;
    let places: Vec<_> = scenario.faults().iter().map(|fault| fault.place).collect();
    for place in ["clients", "mss", "kbit_per_s", "every_ms", "who"] {
        assert!(places.contains(&place), "{place} in {places:?}");
    }
}

#[test]
fn a_scenario_that_would_fill_the_memory_with_segments_is_a_fault() {
    let mut scenario = story();
    scenario.network.mss = 1;
    scenario.workload = vec![scenarios::want(0, Host::Server, Wish::Say("x".repeat(250_000)))];
    let faults = scenario.faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].place, "mss");
    assert!(faults[0].advice.contains("500000 segments"), "{}", faults[0].advice);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn everybody_hears_everything_that_others_say_once(scenario in arbitrary()) {
        let n_said = |by: &dyn Fn(Host) -> bool| {
            scenario
                .workload
                .iter()
                .filter(|want| by(want.who) && !matches!(want.what, Wish::Ping(_)))
                .count()
        };
        for mode in Mode::ALL {
            let heard = heard(&play(&scenario, mode));
            for client in 1..=scenario.clients {
                let me = Host::Client(client);
                let n = heard.get(&me).map_or(0, Vec::len);
                prop_assert_eq!(n, n_said(&|who| who != me), "{:?} {}", mode, me);
            }
            let n = heard.get(&Host::Server).map_or(0, Vec::len);
            prop_assert_eq!(n, n_said(&|who| who != Host::Server), "{:?} server", mode);
        }
    }

    #[test]
    fn tcp_loses_repeats_and_reorders_nothing(scenario in arbitrary()) {
        for mode in Mode::ALL {
            let run = play(&scenario, mode);
            let mut written: BTreeMap<(LinkIdx, Side), Vec<u8>> = BTreeMap::new();
            let mut arrived: BTreeMap<(LinkIdx, Side), Vec<u8>> = BTreeMap::new();
            let mut last: BTreeMap<(LinkIdx, Side), SimTime> = BTreeMap::new();
            for record in run.records() {
                match &record.what {
                    What::Wrote(unit) => {
                        written.entry((unit.link, unit.from)).or_default().extend(&unit.bytes);
                    }
                    What::Arrived(flight) => {
                        let flow = (flight.link, flight.from);
                        prop_assert!(flight.bytes.len() <= scenario.network.mss);
                        prop_assert!(last.insert(flow, record.at) < Some(record.at));
                        arrived.entry(flow).or_default().extend(&flight.bytes);
                    }
                    _ => {}
                }
            }
            arrived.retain(|_, bytes| !bytes.is_empty());
            prop_assert_eq!(written, arrived);
        }
    }

    #[test]
    fn causes_come_before_their_effects(scenario in arbitrary()) {
        for mode in Mode::ALL {
            let run = play(&scenario, mode);
            for (idx, record) in run.records().iter().enumerate() {
                prop_assert_eq!(record.idx, RecordIdx(idx));
                if let Some(cause) = record.cause {
                    prop_assert!(cause < record.idx);
                    prop_assert!(run.records()[cause.0].at <= record.at);
                }
            }
        }
    }
}
