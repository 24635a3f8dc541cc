//! Why things happen: every record goes back to something from outside, and without that it would
//! not have happened.

#[path = "support/scenarios.rs"]
mod scenarios;

use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::Index;
use scenarios::{arbitrary, story, want};
use std::sync::Arc;
use wirestep::run::Run;
use wirestep::sim::{
    Edit, Host, LinkIdx, Mode, Record, RecordIdx, Scenario, Segment, SimTime, What, Wish,
};
use wirestep::view::why::{Fate, text, why, why_not};
use wirestep::wire::Side;

fn play(scenario: &Scenario, mode: Mode) -> Run {
    Run::new(Arc::new(scenario.clone()), mode)
}

fn find(run: &Run, is: impl Fn(&Record) -> bool) -> Option<RecordIdx> {
    run.records().iter().find(|record| is(record)).map(|record| record.idx)
}

fn delivered(run: &Run, host: Host, words: &str) -> Option<RecordIdx> {
    find(run, |record| {
        record.host == host
            && matches!(&record.what, What::Delivered(message) if message.data == words)
    })
}

fn wish(run: &Run, words: &str) -> RecordIdx {
    let is = |record: &Record| record.what == What::Wants(Arc::new(Wish::Say(words.to_owned())));
    find(run, is).expect("somebody wants that")
}

#[test]
fn a_delivery_goes_back_to_who_said_it() {
    let run = play(&story(), Mode::WebSocket);
    let heard = delivered(&run, Host::Client(2), "Hi").expect("it is heard");
    let chain = why(&run, heard);
    assert_eq!(chain[0].record, wish(&run, "Hi"));
    assert_eq!(chain.last().map(|link| link.record), Some(heard));
    let said = text(&chain);
    assert!(said.starts_with("300 ms: the user at Client 1 says “Hi” ["), "{said}");
    assert!(said.contains("so 320.038 ms: Server receives a segment of 8 B"), "{said}");
    assert_eq!(said.lines().count(), chain.len());
}

#[test]
fn a_breach_goes_back_to_the_bytes_that_somebody_changed() {
    let run = play(&story(), Mode::WebSocket);
    let flight = run.records().iter().find_map(|record| match &record.what {
        What::Sent(flight)
            if flight.kind == Segment::Data && record.at >= SimTime::from_ms(300) =>
        {
            Some(flight.clone())
        }
        _ => None,
    });
    let flight = flight.expect("something is sent");
    let bytes = Bytes::from(vec![flight.bytes[0] ^ 0x40]);
    let edit = Edit::Patch { link: flight.link, from: Side::Client, start: flight.start, bytes };
    let at = run.position_at(flight.departs.midway(flight.arrives));
    let broken = run.fork(at, edit).expect("it is in flight");
    let is_breach = |record: &Record| matches!(record.what, What::Found(..));
    let found = find(&broken, is_breach).expect("RSV1 is set");
    let chain = why(&broken, found);
    let edited = find(&broken, |record| matches!(record.what, What::Edited(_))).expect("it is");
    assert!(chain.iter().any(|link| link.record == edited), "{}", text(&chain));
    assert_eq!(chain.last().and_then(|link| link.cite), Some("RFC 6455 §5.2"));
    assert_eq!(find(&run, is_breach), None, "without the change there is none");
}

#[test]
fn a_message_that_does_not_come_says_what_stopped_it() {
    let mut scenario = story();
    scenario.workload = vec![want(300, Host::Client(1), Wish::Say("anybody?".to_owned()))];
    scenario.ends_ms = 200_000;
    let run = play(&scenario, Mode::WebSocket);
    let said = wish(&run, "anybody?");
    let came = delivered(&run, Host::Client(2), "anybody?").expect("it comes");
    assert_eq!(why_not(&run, said, Host::Client(2)), Fate::Came(came));
    let silent = run.fork(run.position_at(SimTime::from_ms(200)), Edit::Silence(LinkIdx(0)));
    let silent = silent.expect("it is open");
    let said = wish(&silent, "anybody?");
    let Fate::Stopped { why, chain } = why_not(&silent, said, Host::Client(2)) else {
        panic!("it cannot come")
    };
    assert!(why.contains("takes the connection for dead"), "{why}");
    assert_eq!(chain[0].record, said);
    // The other end's half of the path fails: the server hears it and Client 2 does not.
    let deaf = run.fork(run.position_at(SimTime::from_ms(200)), Edit::Silence(LinkIdx(1)));
    let deaf = deaf.expect("it is open");
    let said = wish(&deaf, "anybody?");
    assert!(matches!(why_not(&deaf, said, Host::Server), Fate::Came(_)));
    let Fate::Stopped { why, .. } = why_not(&deaf, said, Host::Client(2)) else {
        panic!("it cannot come")
    };
    assert!(why.starts_with("Server") && why.contains("dead"), "{why}");
}

#[test]
fn what_a_mode_cannot_do_says_so() {
    let run = play(&story(), Mode::Polling);
    let ping = find(
        &run,
        |record| matches!(&record.what, What::Wants(wish) if matches!(**wish, Wish::Ping(_))),
    );
    let Fate::Stopped { why, .. } = why_not(&run, ping.expect("it is wanted"), Host::Server) else {
        panic!("HTTP has no ping")
    };
    assert!(why.contains("HTTP has no ping"), "{why}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn only_what_comes_from_outside_has_no_cause(
        scenario in arbitrary(), polls in any::<bool>(), at in any::<Index>(),
    ) {
        let run = play(&scenario, if polls { Mode::Polling } else { Mode::WebSocket });
        let here = run.position_at(SimTime(at.index(3_000_000_000) as u64));
        let said = Edit::Do(Host::Client(1), Wish::Say("from outside".to_owned()));
        let run = run.fork(here, said).expect("it can");
        for record in run.records() {
            let outside = matches!(
                record.what,
                What::Starts | What::Leaves | What::Wants(_) | What::Edited(_)
            );
            prop_assert!(record.cause.is_some() || outside, "{:?}", record);
            let chain = why(&run, record.idx);
            prop_assert_eq!(chain.last().map(|link| link.record), Some(record.idx));
        }
    }

    #[test]
    fn without_the_first_cause_there_is_no_effect(
        scenario in arbitrary(), polls in any::<bool>(), which in any::<Index>(),
    ) {
        let mode = if polls { Mode::Polling } else { Mode::WebSocket };
        let mut scenario = scenario;
        scenario.workload.clear();
        for n in 0..6_u64 {
            let who = if n % 3 == 0 { Host::Server } else { Host::Client(n as usize % 3) };
            scenario.workload.push(want(200 + n * 150, who, Wish::Say(format!("word {n}"))));
        }
        let run = play(&scenario, mode);
        let heard: Vec<_> = run
            .records()
            .iter()
            .filter(|record| matches!(record.what, What::Delivered(_)))
            .collect();
        let effect = *which.get(&heard);
        let root = why(&run, effect.idx)[0].record;
        let What::Delivered(message) = &effect.what else { unreachable!("it was looked for") };
        // A poll brings what was said meanwhile: it goes back to the asking, and that to the start.
        let What::Wants(wish) = &run.records()[root.0].what else { return Ok(()) };
        let without = scenario.workload.iter().filter(|want| want.what != **wish).cloned();
        let without = Scenario { workload: without.collect(), ..scenario.clone() };
        let gone = play(&without, mode);
        let still = gone.records().iter().any(|record| {
            record.host == effect.host
                && matches!(&record.what, What::Delivered(other) if other == message)
        });
        prop_assert!(!still, "{:?} without {:?}", message, wish);
        // And an edit: what somebody was made to say goes back to that, and is gone without it.
        let at = run.position_at(SimTime::from_ms(1500));
        let said = Edit::Do(Host::Client(1), Wish::Say("edited in".to_owned()));
        let fork = run.fork(at, said).expect("it can");
        if let Some(heard) = delivered(&fork, Host::Server, "edited in") {
            let root = why(&fork, heard)[0].record;
            prop_assert!(matches!(fork.records()[root.0].what, What::Edited(_)));
        }
        prop_assert_eq!(delivered(&run, Host::Server, "edited in"), None);
    }
}
