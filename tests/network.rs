//! The network and what can be done to it: loss, silence, resets, middleboxes, faulty peers.

#[path = "support/deeds.rs"]
mod deeds;
#[path = "support/scenarios.rs"]
mod scenarios;

use bytes::Bytes;
use deeds::{deeds, done_to, middleboxes};
use proptest::prelude::*;
use proptest::sample::Index;
use scenarios::{arbitrary, story, want};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wirestep::run::{Ending, Position, Run};
use wirestep::sim::{
    Edit, Fault, Flight, Host, Incident, Layer, LinkIdx, Middlebox, Mode, Network, Record, Refusal,
    Scenario, Segment, SimTime, Target, What, Wish,
};
use wirestep::wire::Side;
use wirestep::wire::rule::Rule;

fn play(scenario: &Scenario, mode: Mode) -> Run {
    Run::new(Arc::new(scenario.clone()), mode)
}

fn find<T>(run: &Run, mut pick: impl FnMut(&Record) -> Option<T>) -> Vec<T> {
    run.records().iter().filter_map(&mut pick).collect()
}

fn count(run: &Run, is: impl Fn(&What) -> bool) -> usize {
    run.records().iter().filter(|record| is(&record.what)).count()
}

/// The first data segment of this side on the first connection that was sent after `ms`.
fn data_after(run: &Run, from: Side, ms: u64) -> Arc<Flight> {
    let sent = find(run, |record| match &record.what {
        What::Sent(flight)
            if flight.kind == Segment::Data
                && (flight.link, flight.from) == (LinkIdx(0), from)
                && record.at >= SimTime::from_ms(ms) =>
        {
            Some(Arc::clone(flight))
        }
        _ => None,
    });
    sent.into_iter().next().expect("something was sent")
}

fn target(flight: &Flight) -> Target {
    Target { link: flight.link, from: flight.from, n: flight.n }
}

fn midway(run: &Run, flight: &Flight) -> Position {
    run.position_at(flight.departs.midway(flight.arrives))
}

fn heard(run: &Run, host: Host) -> Vec<(SimTime, Bytes)> {
    find(run, |record| match &record.what {
        What::Delivered(message) if record.host == host => Some((record.at, message.data.clone())),
        _ => None,
    })
}

fn reports(run: &Run, link: u32) -> BTreeMap<Host, (u16, bool)> {
    let told = find(run, |record| match &record.what {
        What::Reported(of, closed) if of.0 == link => {
            Some((record.host, (closed.code, closed.clean)))
        }
        _ => None,
    });
    told.into_iter().collect()
}

#[test]
fn a_lost_segment_is_a_delay_for_all_that_comes_behind_it() {
    let mut scenario = story();
    scenario.workload = vec![
        want(300, Host::Client(1), Wish::Say("first".to_owned())),
        want(310, Host::Client(1), Wish::Say("second".to_owned())),
    ];
    let run = play(&scenario, Mode::WebSocket);
    let first = data_after(&run, Side::Client, 300);
    let lost = run.fork(midway(&run, &first), Edit::Lose(target(&first))).expect("it is in flight");
    // 200 ms after it left it is sent again, and arrives after the same way.
    let arrives = first.arrives.plus(SimTime::from_ms(200).0);
    let told = heard(&lost, Host::Server);
    assert_eq!(
        told.iter().map(|(_, text)| &text[..]).collect::<Vec<_>>(),
        [&b"first"[..], b"second"]
    );
    assert_eq!(told[0].0, arrives);
    assert_eq!(told[1].0, arrives.plus(1), "the second was there long before");
    let waits = find(&lost, |record| match &record.what {
        What::Waits(_) => Some(record.at),
        _ => None,
    });
    assert_eq!(waits.len(), 1);
    assert!(waits[0] < arrives);
    assert_eq!(count(&lost, |what| matches!(what, What::Lost(_))), 1);
    assert_eq!(count(&lost, |what| matches!(what, What::Resent(_))), 1);
    let (bytes, n) = (first.bytes.len() as u64, lost.n_moves());
    assert_eq!(lost.totals(n).bytes_up, run.totals(run.n_moves()).bytes_up + bytes, "paid twice");
    // What is lost cannot be lost again, nor what has arrived.
    let again = lost.fork(midway(&lost, &first), Edit::Lose(target(&first))).map(drop);
    assert_eq!(again, Err(Refusal::Already("lost: it will be sent again")));
    let late = run.fork(run.end(), Edit::Lose(target(&first))).map(drop);
    assert_eq!(late, Err(Refusal::NotInFlight));
}

#[test]
fn a_delayed_segment_holds_up_those_behind_it_and_none_overtakes() {
    let mut scenario = story();
    scenario.network.mss = 100;
    scenario.workload = vec![want(300, Host::Client(1), Wish::Say("x".repeat(250)))];
    let run = play(&scenario, Mode::WebSocket);
    let first = data_after(&run, Side::Client, 300);
    let edit = Edit::Delay(target(&first), 50);
    let delayed = run.fork(midway(&run, &first), edit).expect("it is in flight");
    let (before, after) = (heard(&run, Host::Server), heard(&delayed, Host::Server));
    assert_eq!(before[0].1, after[0].1);
    assert_eq!(after[0].0, first.arrives.plus(SimTime::from_ms(50).0 + 2));
    assert_eq!(count(&delayed, |what| matches!(what, What::Waits(_))), 2);
    let refused = run.fork(midway(&run, &first), Edit::Delay(target(&first), 0)).map(drop);
    assert_eq!(refused, Err(Refusal::Setting("delay it by 1 to 600000 ms")));
}

#[test]
fn a_segment_cut_in_two_changes_nothing_that_is_read() {
    let run = play(&story(), Mode::WebSocket);
    let first = data_after(&run, Side::Client, 300);
    for len in 1..first.bytes.len() {
        let cut =
            run.fork(midway(&run, &first), Edit::Cut(target(&first), len)).expect("it can be");
        let words = |run: &Run| {
            let all = [Host::Client(1), Host::Client(2), Host::Server];
            all.map(|host| heard(run, host).into_iter().map(|(_, data)| data).collect::<Vec<_>>())
        };
        assert_eq!(words(&cut), words(&run), "cut behind {len}");
        let n = |run: &Run| count(run, |what| matches!(what, What::Arrived(_)));
        assert_eq!(n(&cut), n(&run) + 1);
    }
    let len = first.bytes.len();
    let refused = run.fork(midway(&run, &first), Edit::Cut(target(&first), len)).map(drop);
    assert_eq!(refused, Err(Refusal::CutOutside(len)));
    let syn = find(&run, |record| match &record.what {
        What::Sent(flight) if flight.kind == Segment::Syn => Some(flight.clone()),
        _ => None,
    });
    let refused = run.fork(midway(&run, &syn[0]), Edit::Cut(target(&syn[0]), 1)).map(drop);
    assert_eq!(refused, Err(Refusal::NothingToCut(Segment::Syn)));
}

#[test]
fn after_a_reset_both_ends_report_1006_and_nothing_more_arrives() {
    let run = play(&story(), Mode::WebSocket);
    let at = run.position_at(SimTime::from_ms(350));
    let reset = run.fork(at, Edit::Reset(LinkIdx(0))).expect("it is open");
    let told = find(&reset, |record| match record.what {
        What::WasReset(LinkIdx(0)) => Some((record.host, record.at)),
        _ => None,
    });
    let halfway = at.at.plus(SimTime::from_ms(10).0);
    assert_eq!(told, [(Host::Client(1), halfway), (Host::Server, halfway)]);
    let abnormal =
        BTreeMap::from([(Host::Client(1), (1006, false)), (Host::Server, (1006, false))]);
    assert_eq!(reports(&reset, 0), abnormal);
    let later = find(&reset, |record| match &record.what {
        What::Arrived(flight) if flight.link == LinkIdx(0) && record.at > at.at => Some(record.idx),
        _ => None,
    });
    assert_eq!(later, []);
    assert_eq!(reset.ending(), Ending::Settled);
    let again = reset.fork(reset.end(), Edit::Reset(LinkIdx(0))).map(drop);
    assert_eq!(again, Err(Refusal::NoSuchConnection));
}

#[test]
fn on_a_silent_connection_only_who_sends_learns_of_it_and_only_late() {
    let mut scenario = story();
    scenario.workload = vec![want(300, Host::Client(1), Wish::Say("anybody?".to_owned()))];
    scenario.ends_ms = 200_000;
    let run = play(&scenario, Mode::WebSocket);
    let at = run.position_at(SimTime::from_ms(200));
    let silent = run.fork(at, Edit::Silence(LinkIdx(0))).expect("it is open");
    let resent = find(&silent, |record| match &record.what {
        What::Resent(flight) if flight.link == LinkIdx(0) => Some(record.at),
        _ => None,
    });
    // Twice as long before each further time: 200, 400, 800 ms …
    let waits: Vec<_> = resent.windows(2).take(4).map(|pair| pair[1].0 - pair[0].0).collect();
    assert_eq!(waits, [400, 800, 1600, 3200].map(|ms| SimTime::from_ms(ms).0));
    let gave_up = find(&silent, |record| match record.what {
        What::TimedOut(LinkIdx(0)) => Some((record.host, record.at)),
        _ => None,
    });
    assert_eq!(gave_up.first().map(|(host, _)| *host), Some(Host::Client(1)));
    assert!(gave_up[0].1 > SimTime::from_ms(100_000), "after at least 100 s (RFC 9293 §3.8.3)");
    // The server, which sent nothing, still believes in the connection then.
    let told = reports(&silent, 0);
    assert_eq!(told.get(&Host::Client(1)), Some(&(1006, false)));
    let server_knew = find(&silent, |record| match record.what {
        What::Reported(LinkIdx(0), _) if record.host == Host::Server => Some(record.at),
        _ => None,
    });
    assert!(server_knew.iter().all(|at| *at > gave_up[0].1), "{server_knew:?}");
    let twice = silent.fork(silent.position_at(SimTime::from_ms(250)), Edit::Silence(LinkIdx(0)));
    assert_eq!(twice.map(drop), Err(Refusal::Already("silent")));
}

/// The server has given the connection up; the client, which said nothing, has not.
fn half_open() -> Run {
    let mut scenario = story();
    let say = |text: &str| Wish::Say(text.to_owned());
    scenario.workload =
        vec![want(300, Host::Server, say("anybody?")), want(110_000, Host::Client(1), say("me!"))];
    scenario.ends_ms = 300_000;
    let run = play(&scenario, Mode::WebSocket);
    run.fork(run.position_at(SimTime::from_ms(200)), Edit::Silence(LinkIdx(0))).expect("it is open")
}

fn told_at(run: &Run, host: Host) -> Option<SimTime> {
    let told = find(run, |record| match record.what {
        What::Reported(LinkIdx(0), _) if record.host == host => Some(record.at),
        _ => None,
    });
    told.first().copied()
}

#[test]
fn who_sends_on_a_half_open_connection_learns_of_it_in_turn() {
    let run = half_open();
    let server = told_at(&run, Host::Server).expect("it has sent");
    assert!(server > SimTime::from_ms(102_000) && server < SimTime::from_ms(103_000));
    let client = told_at(&run, Host::Client(1)).expect("it sends at last");
    assert!(client > SimTime::from_ms(110_000 + 102_000), "nobody answers for 102 s: {client:?}");
    assert_eq!(reports(&run, 0).values().collect::<Vec<_>>(), [&(1006, false); 2]);
}

#[test]
fn a_half_open_connection_that_heals_is_reset_by_the_first_segment() {
    let run = half_open();
    let healed = run.fork(run.position_at(SimTime::from_ms(105_000)), Edit::Heal(LinkIdx(0)));
    let healed = healed.expect("it is silent");
    // Up to the server, which knows no such connection any more, and back again.
    let client = told_at(&healed, Host::Client(1)).expect("it is told").as_ms();
    assert!((110_040.0..110_041.0).contains(&client), "{client}");
    let reset = find(&healed, |record| match record.what {
        What::WasReset(LinkIdx(0)) => Some(record.host),
        _ => None,
    });
    assert_eq!(reset, [Host::Client(1)]);
    assert!(heard(&healed, Host::Server).is_empty(), "what comes too late is handed to nobody");
    assert_eq!(healed.ending(), Ending::Settled);
}

#[test]
fn a_healed_connection_brings_what_was_sent_meanwhile() {
    let run = play(&story(), Mode::WebSocket);
    let silent = run.fork(run.position_at(SimTime::from_ms(250)), Edit::Silence(LinkIdx(0)));
    let silent = silent.expect("it is open");
    let healed = silent.fork(silent.position_at(SimTime::from_ms(700)), Edit::Heal(LinkIdx(0)));
    let healed = healed.expect("it is silent");
    let words = |run: &Run| {
        let data = heard(run, Host::Server).into_iter().map(|(_, data)| data);
        data.collect::<BTreeSet<_>>()
    };
    assert_eq!(words(&healed), words(&run));
    let hi = |run: &Run| heard(run, Host::Server).iter().find(|(_, data)| data == "Hi").unwrap().0;
    assert!(hi(&healed) > SimTime::from_ms(700));
    let early = run.fork(run.position_at(SimTime::from_ms(250)), Edit::Heal(LinkIdx(0))).map(drop);
    assert_eq!(early, Err(Refusal::Already("healthy")));
}

#[test]
fn a_slower_network_is_slower_from_there_on_and_not_before() {
    let run = play(&story(), Mode::WebSocket);
    let at = run.position_at(SimTime::from_ms(450));
    let slow = Network { up_ms: 120, down_ms: 120, ..Network::default() };
    let slower = run.fork(at, Edit::Network(slow)).expect("it makes sense");
    let times =
        |run: &Run| heard(run, Host::Client(2)).into_iter().map(|(at, _)| at).collect::<Vec<_>>();
    let (before, after) = (times(&run), times(&slower));
    assert_eq!(before[0], after[0]);
    assert_eq!(after[1].0 - before[1].0, SimTime::from_ms(100).0, "one way down from the server");
    let bad = Network { loss_per_mille: 501, ..slow };
    let refused = run.fork(at, Edit::Network(bad)).map(drop).expect_err("too much");
    assert_eq!(refused.to_string(), "loss_per_mille: say at most 500");
}

#[test]
fn a_middlebox_that_forgets_idle_connections_tells_nobody() {
    let mut scenario = story();
    scenario.middleboxes = vec![Middlebox::ForgetsIdle(500)];
    scenario.workload = vec![
        want(300, Host::Client(1), Wish::Say("early".to_owned())),
        want(1200, Host::Client(1), Wish::Say("late".to_owned())),
    ];
    scenario.ends_ms = 3000;
    let run = play(&scenario, Mode::WebSocket);
    let forgotten = find(&run, |record| match record.what {
        What::Forgotten(LinkIdx(0)) => Some(record.at),
        _ => None,
    });
    assert_eq!(forgotten.len(), 1);
    let words: Vec<_> = heard(&run, Host::Server).into_iter().map(|(_, data)| data).collect();
    assert_eq!(words, ["early"], "what is sent after that is lost without a word");
    assert!(count(&run, |what| matches!(what, What::Resent(_))) > 0);
    assert_eq!(run.ending(), Ending::Settled);
    // A connection that is kept busy is not forgotten.
    scenario.workload = (1..10)
        .map(|n| want(n * 300, Host::Client(1), Wish::Ping(String::new())))
        .chain([want(1200, Host::Client(1), Wish::Say("late".to_owned()))])
        .collect();
    let words = heard(&play(&scenario, Mode::WebSocket), Host::Server);
    assert_eq!(words.len(), 1, "pings keep it alive");
}

#[test]
fn a_middlebox_that_resets_idle_connections_is_seen_by_both_ends() {
    let mut scenario = story();
    scenario.middleboxes = vec![Middlebox::ResetsIdle(500)];
    scenario.workload = vec![];
    let run = play(&scenario, Mode::WebSocket);
    let abnormal =
        BTreeMap::from([(Host::Client(1), (1006, false)), (Host::Server, (1006, false))]);
    assert_eq!(reports(&run, 0), abnormal);
}

#[test]
fn a_proxy_that_strips_upgrade_leaves_a_request_that_is_none() {
    let mut scenario = story();
    scenario.middleboxes = vec![Middlebox::StripsUpgrade];
    let run = play(&scenario, Mode::WebSocket);
    assert_eq!(
        count(&run, |what| matches!(what, What::Overwritten { .. })),
        4,
        "two for each client"
    );
    let found: BTreeSet<_> = find(&run, |record| match &record.what {
        What::Found(_, breach) if record.host == Host::Server => Some(breach.rule.name()),
        _ => None,
    })
    .into_iter()
    .collect();
    assert!(found.contains(Rule::UpgradeHeader.name()), "{found:?}");
    let opened =
        count(&run, |what| matches!(what, What::Became(_, _, wirestep::conn::State::Open)));
    assert_eq!(opened, 0);
    // What lies on the wire is shown as it was left there.
    let head = run.passages()[0].wrote;
    assert!(!String::from_utf8_lossy(&run.bytes_of(head, run.n_moves())).contains("Upgrade: "));
    let polling = play(&scenario, Mode::Polling);
    assert_eq!(count(&polling, |what| matches!(what, What::Overwritten { .. })), 0);
}

#[test]
fn a_proxy_that_buffers_does_not_touch_answers_that_come_whole() {
    let mut scenario = story();
    scenario.middleboxes = vec![Middlebox::BuffersResponses];
    for mode in [Mode::Polling, Mode::LongPolling, Mode::WebSocket] {
        let run = play(&scenario, mode);
        assert_eq!(count(&run, |what| matches!(what, What::Held(_))), 0);
        scenario.middleboxes.clear();
        let without = play(&scenario, mode);
        assert_eq!(heard(&run, Host::Client(2)), heard(&without, Host::Client(2)));
        scenario.middleboxes = vec![Middlebox::BuffersResponses];
    }
}

#[test]
fn a_proxy_that_buffers_keeps_a_stream_of_events_back_for_good() {
    let mut scenario = story();
    scenario.middleboxes = vec![Middlebox::BuffersResponses];
    let run = play(&scenario, Mode::Sse);
    assert!(count(&run, |what| matches!(what, What::Held(_))) > 0);
    assert!(heard(&run, Host::Client(2)).is_empty(), "nothing comes until the stream ends");
}

#[test]
fn faulty_peers_are_told_by_what_the_other_end_does() {
    let run = play(&story(), Mode::WebSocket);
    let at = run.position_at(SimTime::from_ms(550));
    let with = |host, fault| run.fork(at, Edit::Misbehave(host, fault)).expect("it can");
    let mute = with(Host::Server, Fault::MutesPongs);
    assert_eq!(count(&run, |what| matches!(what, What::PongCame(_))), 1);
    assert_eq!(count(&mute, |what| matches!(what, What::PongCame(_))), 0);
    let found = |run: &Run, by| {
        let found = find(run, |record| match &record.what {
            What::Found(_, breach) if record.host == by => Some(breach.rule),
            _ => None,
        });
        found.first().copied()
    };
    let unmasked = with(Host::Client(1), Fault::MasksWrongly);
    assert_eq!(found(&unmasked, Host::Server), Some(Rule::UnmaskedClient));
    let masked = with(Host::Server, Fault::MasksWrongly);
    assert_eq!(found(&masked, Host::Client(1)), Some(Rule::MaskedServer));
    let silent = with(Host::Server, Fault::NeverCloses);
    assert!(
        count(&silent, |what| matches!(what, What::GaveUp(_))) > 0,
        "the client waits and hangs up"
    );
    let start = run.fork(run.start(), Edit::Misbehave(Host::Client(1), Fault::ForgetsBlankLine));
    let start = start.expect("it can");
    let opened = |run: &Run, host| {
        let open = |what: &What| matches!(what, What::Became(_, _, wirestep::conn::State::Open));
        run.records().iter().any(|record| record.host == host && open(&record.what))
    };
    assert!(!opened(&start, Host::Client(1)), "the server waits for the end of the head");
    assert!(opened(&start, Host::Client(2)));
    let mended = start.fork(start.position_at(SimTime(1)), Edit::Behave(Host::Client(1)));
    assert!(opened(&mended.expect("it can"), Host::Client(1)));
    let nobody = run.fork(at, Edit::Misbehave(Host::Client(9), Fault::MutesPongs)).map(drop);
    assert_eq!(nobody, Err(Refusal::NoSuchHost(Host::Client(9))));
}

#[test]
fn a_host_can_go_wrong_by_itself_and_be_right_again() {
    let incident = |at_ms, what| Incident { at_ms, what };
    let mute = Edit::Misbehave(Host::Server, Fault::MutesPongs);
    let pings =
        [500, 1500, 2500].map(|at| want(at, Host::Client(1), Wish::Ping("you?".to_owned())));
    let scenario = Scenario {
        workload: pings.to_vec(),
        incidents: vec![incident(2000, Edit::Behave(Host::Server)), incident(1000, mute.clone())],
        ends_ms: 4000,
        ..story()
    };
    let run = play(&scenario, Mode::WebSocket);
    let pongs = find(&run, |record| match record.what {
        What::PongCame(_) => Some(record.at.as_ms() as u64 / 1000),
        _ => None,
    });
    assert_eq!(pongs, [0, 2]);
    assert_eq!(run.edits().count(), 0, "nobody outside did it");
    assert_eq!(scenario.faults(), []);
    let refused = |incident: Incident| {
        let faults = Scenario { incidents: vec![incident], ..story() }.faults();
        faults.into_iter().map(|fault| fault.place).collect::<Vec<_>>()
    };
    assert_eq!(refused(incident(1, Edit::Reset(LinkIdx(0)))), ["incidents"]);
    assert_eq!(refused(incident(1, Edit::Behave(Host::Client(3)))), ["incidents"]);
    assert_eq!(refused(incident(3_000_000, mute)), ["incidents"]);
}

#[test]
fn anybody_can_be_made_to_say_something_and_in_fragments() {
    let run = play(&story(), Mode::WebSocket);
    let at = run.position_at(SimTime::from_ms(700));
    let said = Edit::Do(Host::Client(2), Wish::Say("one more".to_owned()));
    let more = run.fork(at, said.clone()).expect("it can");
    assert!(heard(&more, Host::Client(1)).iter().any(|(_, data)| data == "one more"));
    let pieces = run.fork(at, Edit::Fragment(Host::Client(2), 3)).expect("it can");
    let pieces = pieces.fork(pieces.position_at(at.at), said).expect("it can");
    assert!(heard(&pieces, Host::Client(1)).iter().any(|(_, data)| data == "one more"));
    let frames = |run: &Run| {
        count(
            run,
            |what| matches!(what, What::Wrote(unit) if unit.link == LinkIdx(1) && unit.from == Side::Client),
        )
    };
    assert_eq!(frames(&pieces), frames(&more) + 2, "eight letters, three at a time");
    let bad = run.fork(at, Edit::Do(Host::Server, Wish::Close(1005, String::new()))).map(drop);
    assert!(bad.expect_err("1005 is not sent").to_string().contains("1000"));
    let long = run.fork(at, Edit::Do(Host::Server, Wish::Ping("x".repeat(126)))).map(drop);
    assert!(long.expect_err("too long").to_string().contains("125"));
}

#[test]
fn every_edit_names_its_layer_and_for_whom_it_stands() {
    let target = Target { link: LinkIdx(0), from: Side::Client, n: 0 };
    let patch = Edit::Patch {
        link: LinkIdx(0),
        from: Side::Client,
        start: 0,
        bytes: Bytes::from_static(b"x"),
    };
    let edits = [
        (patch, Layer::Bytes),
        (Edit::Lose(target), Layer::Segment),
        (Edit::Delay(target, 1), Layer::Segment),
        (Edit::Cut(target, 1), Layer::Segment),
        (Edit::Reset(LinkIdx(0)), Layer::Connection),
        (Edit::Silence(LinkIdx(0)), Layer::Connection),
        (Edit::Heal(LinkIdx(0)), Layer::Connection),
        (Edit::Network(Network::default()), Layer::Network),
        (Edit::Misbehave(Host::Server, Fault::MutesPongs), Layer::Peer),
        (Edit::Behave(Host::Server), Layer::Peer),
        (Edit::Do(Host::Server, Wish::Say(String::new())), Layer::Application),
        (Edit::Fragment(Host::Server, 1), Layer::Application),
        (Edit::PollEvery(1), Layer::Application),
    ];
    let mut said = BTreeSet::new();
    for (edit, layer) in edits {
        assert_eq!(edit.layer(), layer, "{edit:?}");
        assert!(said.insert(edit.culprit()), "two edits say the same: {edit:?}");
    }
}

/// Which segments the weather lost, by path, direction and spell; and all that it met.
fn weather(run: &Run) -> BTreeMap<(usize, Side, u64), bool> {
    let mut met = BTreeMap::new();
    for record in run.records() {
        let (flight, lost) = match &record.what {
            What::Sent(flight) | What::Resent(flight) => (flight, false),
            What::Lost(flight) => (flight, true),
            _ => continue,
        };
        let client = run.client_of(flight.link).expect("it was opened");
        let lost_before =
            met.entry((client, flight.from, flight.departs.0 / 1_000_000)).or_insert(lost);
        *lost_before |= lost;
    }
    met
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn two_modes_and_two_branches_meet_the_same_weather(
        scenario in arbitrary(), at in any::<Index>(),
    ) {
        let run = play(&scenario, Mode::WebSocket);
        let here = run.position_at(SimTime(at.index(2_000_000_000) as u64));
        let edit = Edit::Do(Host::Client(1), Wish::Say("and now this".to_owned()));
        let fork = run.fork(here, edit).expect("it can");
        let mut met = weather(&run);
        for other in [weather(&fork), weather(&play(&scenario, Mode::Polling))] {
            for (when, lost) in other {
                prop_assert_eq!(*met.entry(when).or_insert(lost), lost, "{:?}", when);
            }
        }
    }

    #[test]
    fn whatever_is_done_the_world_settles_and_the_edits_replay_to_the_same_run(
        scenario in arbitrary(),
        mode in prop_oneof![Just(Mode::Polling), Just(Mode::WebSocket)],
        boxes in middleboxes(),
        deeds in deeds(),
    ) {
        let scenario = Scenario { middleboxes: boxes, ..scenario };
        let run = done_to(play(&scenario, mode), &deeds);
        prop_assert_eq!(run.ending(), Ending::Settled);
        in_order(&run)?;
        let edits: Vec<_> = run
            .edits_made()
            .map(|(place, edit)| (place.at, Some(place.n_moves), edit.clone()))
            .collect();
        let replayed = Run::replay(Arc::new(scenario), mode, &edits).expect("it was made before");
        prop_assert!(replayed == run, "what is replayed is another run");
    }
}

/// TCP's promise: what arrives is the beginning of what was written, in order.
fn in_order(run: &Run) -> Result<(), TestCaseError> {
    let mut written: BTreeMap<(LinkIdx, Side), u64> = BTreeMap::new();
    let mut arrived: BTreeMap<(LinkIdx, Side), u64> = BTreeMap::new();
    for record in run.records() {
        match &record.what {
            What::Wrote(unit) => {
                written.insert((unit.link, unit.from), unit.range().end);
            }
            What::Arrived(flight) if flight.kind == Segment::Data => {
                let flow = (flight.link, flight.from);
                let reached = arrived.entry(flow).or_default();
                prop_assert_eq!(*reached, flight.start, "none left out, none twice");
                *reached = flight.range().end;
                prop_assert!(*reached <= written[&flow]);
            }
            _ => {}
        }
    }
    Ok(())
}
