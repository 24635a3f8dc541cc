//! Four ways to carry one conversation: everybody hears everything once, whatever is lost.

#[path = "support/scenarios.rs"]
mod scenarios;

use proptest::prelude::*;
use scenarios::{arbitrary, story, want};
use std::sync::Arc;
use wirestep::conn::Message;
use wirestep::run::Run;
use wirestep::sim::{Edit, Host, LinkIdx, Mode, Poll, Scenario, SimTime, Unit, What, Wish};
use wirestep::wire::unit::Context;

fn play(scenario: &Scenario, mode: Mode) -> Run {
    Run::new(Arc::new(scenario.clone()), mode)
}

/// What a host was handed, in order.
fn heard(run: &Run, host: Host) -> Vec<Message> {
    let mine = run.records().iter().filter(|record| record.host == host);
    mine.filter_map(|record| match &record.what {
        What::Delivered(message) => Some((**message).clone()),
        _ => None,
    })
    .collect()
}

/// What others said, and the server, in the order in which it was wanted.
fn said_to(scenario: &Scenario, host: Host) -> Vec<Message> {
    let others = scenario.workload.iter().filter(|want| want.who != host);
    let parts = others.map(|want| want.what.parts()).filter(|parts| !parts.is_empty());
    parts.map(|parts| Message::joined(&parts)).collect()
}

fn written<'a>(
    run: &'a Run,
    is: impl Fn(&Unit) -> bool + 'a,
) -> impl Iterator<Item = (SimTime, &'a Unit)> {
    run.records().iter().filter_map(move |record| match &record.what {
        What::Wrote(unit) if is(unit) => Some((record.at, &**unit)),
        _ => None,
    })
}

fn requests<'a>(run: &'a Run, begins: &'a str) -> Vec<(SimTime, String)> {
    let heads = written(run, |unit| unit.context == Context::Request);
    heads
        .map(|(at, unit)| (at, String::from_utf8_lossy(&unit.bytes).into_owned()))
        .filter(|(_, head)| head.starts_with(begins))
        .collect()
}

fn sorted(mut messages: Vec<Message>) -> Vec<Message> {
    messages.sort_by(|a, b| (a.kind as u8, &a.data).cmp(&(b.kind as u8, &b.data)));
    messages
}

fn count(run: &Run, is: impl Fn(&What) -> bool) -> usize {
    run.records().iter().filter(|record| is(&record.what)).count()
}

#[test]
fn everybody_hears_everything_in_every_mode() {
    for mode in Mode::ALL {
        let run = play(&story(), mode);
        for client in [1, 2].map(Host::Client) {
            let (heard, said) = (heard(&run, client), said_to(&story(), client));
            assert_eq!(sorted(heard), sorted(said), "{client} by {}", mode.label());
        }
    }
}

#[test]
fn a_long_poll_is_answered_when_there_is_news_and_asked_again_at_once() {
    let run = play(&story(), Mode::LongPolling);
    let heard_at = run.records().iter().find_map(|record| match &record.what {
        What::Delivered(message) if record.host == Host::Client(2) && message.data == "Hi" => {
            Some(record.at)
        }
        _ => None,
    });
    let heard_at = heard_at.expect("Client 2 hears it");
    // Said at 300 ms: a connection of its own (a round trip), the way up, the way down.
    let late = heard_at.0 - SimTime::from_ms(300).0;
    assert!((80_000_000..84_000_000).contains(&late), "{late} ns");
    let asked = requests(&run, "GET /messages?client=2");
    assert!(asked.iter().any(|(at, _)| *at == heard_at), "it asks again in the same moment");
    assert!(asked[0].1.contains("after=0&wait=20000"));
    assert_eq!(run.totals(run.n_moves()).empty_answers, 0, "nobody was told that there is nothing");
}

#[test]
fn a_long_poll_is_held_no_longer_than_it_says() {
    let poll = Poll { hold_ms: 1000, ..Poll::default() };
    let scenario = Scenario { poll, workload: Vec::new(), ends_ms: 3500, clients: 1, ..story() };
    let run = play(&scenario, Mode::LongPolling);
    let held = run.records().iter().filter(|record| matches!(record.what, What::HeldLong(_)));
    let held: Vec<_> = held.map(|record| record.at).collect();
    assert_eq!(held.len(), 3);
    let asked = requests(&run, "GET /messages");
    for (held, (asked, _)) in held.iter().zip(&asked) {
        // The way up, a second at the server.
        let passed = held.0 - asked.0;
        assert!((1_020_000_000..1_021_000_000).contains(&passed), "{passed} ns");
    }
    assert_eq!(run.totals(run.n_moves()).empty_answers, 3);
}

#[test]
fn a_stream_goes_on_after_a_loss_from_the_last_event_that_came() {
    let mut scenario = story();
    let say = |at, text: &str| want(at, Host::Server, Wish::Say(text.to_owned()));
    scenario.workload = vec![say(300, "one"), say(700, "two"), say(3000, "three")];
    scenario.ends_ms = 6000;
    scenario.clients = 1;
    let run = play(&scenario, Mode::Sse);
    let fork = run.fork(run.position_at(SimTime::from_ms(500)), Edit::Reset(LinkIdx(0)));
    let fork = fork.expect("the stream is open");
    let texts = |run: &Run| heard(run, Host::Client(1));
    assert_eq!(texts(&fork), texts(&run), "nothing is missed, and nothing comes twice");
    let asked = requests(&fork, "GET /events");
    assert_eq!(asked.len(), 2);
    assert!(!asked[0].1.contains("Last-Event-ID"));
    assert!(asked[1].1.contains("Last-Event-ID: 1\r\n"), "{}", asked[1].1);
    // The server asked for a second, and luck adds up to another.
    let rest = asked[1].0.0 - SimTime::from_ms(500).0;
    assert!((1_500_000_000..2_100_000_000).contains(&rest), "{rest} ns");
    assert_eq!(count(&fork, |what| matches!(what, What::CaughtUp(_, 1))), 1, "“two” was missed");
}

#[test]
fn a_socket_that_was_lost_is_opened_again_and_says_what_it_got() {
    let mut scenario = story();
    scenario.ends_ms = 8000;
    scenario.workload.retain(|want| !matches!(want.what, Wish::Close(..)));
    let run = play(&scenario, Mode::WebSocket);
    // Between the first message and those that follow; Client 2 is on connection 1.
    let fork = run.fork(run.position_at(SimTime::from_ms(350)), Edit::Reset(LinkIdx(1)));
    let fork = fork.expect("the connection is open");
    assert_eq!(
        sorted(heard(&fork, Host::Client(2))),
        sorted(heard(&run, Host::Client(2))),
        "what was missed is made up for"
    );
    let again = requests(&fork, "GET /chat?got=1");
    assert_eq!(again.len(), 1);
    assert_eq!(count(&fork, |what| matches!(what, What::CaughtUp(_, 1))), 1);
    // What it said meanwhile was kept and sent.
    assert_eq!(sorted(heard(&fork, Host::Client(1))), sorted(heard(&run, Host::Client(1))));
}

#[test]
fn a_question_is_asked_again_after_a_loss_and_a_post_is_not() {
    let mut scenario = story();
    scenario.ends_ms = 9000;
    for mode in [Mode::Polling, Mode::LongPolling] {
        let run = play(&scenario, mode);
        // Somebody's question is under way 10 ms after it was asked.
        let (asked, _) = requests(&run, "GET /messages?client=2")[1];
        let at = run.position_at(asked.plus(SimTime::from_ms(10).0));
        let world = run.world_at(at.n_moves);
        let link = world.links().filter(|(_, link)| link.client == 2).map(|(idx, _)| idx);
        let fork = run.fork(at, Edit::Reset(link.min().expect("it is connected")));
        let fork = fork.expect("the connection is open");
        assert_eq!(count(&fork, |what| matches!(what, What::Retries)), 1, "{}", mode.label());
        assert_eq!(
            sorted(heard(&fork, Host::Client(2))),
            sorted(heard(&run, Host::Client(2))),
            "{}",
            mode.label()
        );
    }
    let run = play(&scenario, Mode::LongPolling);
    let (posted, _) = requests(&run, "POST /messages?client=1")[0];
    let at = run.position_at(posted.plus(SimTime::from_ms(1).0));
    let world = run.world_at(at.n_moves);
    let link = world.links().filter(|(_, link)| link.client == 1).map(|(idx, _)| idx);
    let fork = run.fork(at, Edit::Reset(link.max().expect("it is connected")));
    let fork = fork.expect("the connection is open");
    let unsure =
        |what: &What| matches!(what, What::Skipped(skip) if skip.why.contains("must not be"));
    assert_eq!(count(&fork, unsure), 1);
    assert_eq!(requests(&fork, "POST /messages?client=1").len(), 1);
}

#[test]
fn who_is_lost_again_and_again_waits_longer_each_time() {
    let mut scenario = story();
    scenario.ends_ms = 400_000;
    scenario.clients = 1;
    scenario.workload.clear();
    let run = play(&scenario, Mode::WebSocket);
    let lossy = wirestep::sim::Network { loss_per_mille: 500, resend_ms: 1, ..scenario.network };
    let mut fork = run.fork(run.position_at(SimTime::from_ms(100)), Edit::Network(lossy));
    // The end that reads nothing for ever: every connection is reset soon after it was asked for.
    for n in 0..5 {
        let before = fork.expect("the network can change");
        let syn = requests(&before, "GET /chat").get(n).map(|(at, _)| *at);
        let Some(at) = syn else { return };
        let at = before.position_at(at);
        let world = before.world_at(at.n_moves);
        let (link, _) = world.links().last().expect("it has asked for one");
        fork = before.fork(at, Edit::Reset(link));
    }
    let fork = fork.expect("the connection was there");
    let tries = fork.records().iter().filter(|record| matches!(record.what, What::Retries));
    let resets = fork.records().iter().filter(|record| {
        matches!(record.what, What::WasReset(_)) && record.host == Host::Client(1)
    });
    let waited: Vec<_> = tries.zip(resets).map(|(a, b)| a.at.0 - b.at.0).collect();
    for (n, waited) in waited.iter().enumerate() {
        let least = SimTime::from_ms(500 << n.min(4)).0;
        assert!((least..2 * least).contains(waited), "try {n}: {waited} ns");
    }
    assert!(waited.len() >= 3, "{waited:?}");
}

fn modes() -> impl Strategy<Value = Mode> {
    proptest::sample::select(&Mode::ALL[..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn everybody_hears_everything_once_whatever_is_lost(scenario in arbitrary(), mode in modes()) {
        // Time enough for what is lost at the end, and for the slowest poll.
        let run = play(&scenario, mode);
        for host in scenario.hosts().into_iter().filter(|host| *host != Host::Server) {
            prop_assert_eq!(
                sorted(heard(&run, host)),
                sorted(said_to(&scenario, host)),
                "{} by {}", host, mode.label()
            );
        }
    }
}
