//! The comparison against arithmetic done here, and against the records of the runs it stands for.

#[path = "support/scenarios.rs"]
mod scenarios;

use proptest::prelude::*;
use scenarios::{arbitrary, story, want};
use std::sync::Arc;
use wirestep::run::{Counter, Run, Tally};
use wirestep::sim::{Headers, Host, Mode, Poll, Scenario, Want, Wish};
use wirestep::view::compare;

fn tally(scenario: &Scenario, mode: Mode) -> Tally {
    Tally::of(Arc::new(scenario.clone()), mode)
}

/// Lean heads, nobody says anything.
fn quiet(clients: usize, ends_ms: u64) -> Scenario {
    let headers = Headers::Lean;
    Scenario { headers, clients, ends_ms, workload: Vec::new(), ..story() }
}

/// The server says so many texts of this length, one every `apart_ms`.
fn broadcast(n: u64, len: usize, apart_ms: u64) -> Vec<Want> {
    let says = |idx: u64| want(500 + idx * apart_ms, Host::Server, Wish::Say("x".repeat(len)));
    (0..n).map(says).collect()
}

#[test]
fn an_empty_poll_weighs_its_heads() {
    let poll = Poll { every_ms: 1000, ..Poll::default() };
    let scenario = Scenario { poll, ..quiet(3, 10_000) };
    let counted = tally(&scenario, Mode::Polling);
    // At 0, 1, …, 9 s.
    let n = 10 * 3;
    let request = "GET /messages?client=1&after=0 HTTP/1.1\r\nHost: chat.example.com\r\n\r\n".len();
    let answer = "HTTP/1.1 204 No Content\r\n\r\n".len();
    assert_eq!((counted.requests, counted.empty_answers), (n, n));
    assert_eq!(counted.up.heads, n * request as u64);
    assert_eq!(counted.down.heads, n * answer as u64);
    assert_eq!(counted.up.without_tcp_ip(), counted.up.heads);
    // SYN, ACK, FIN and a segment for each question; SYN-ACK, FIN and one for each answer.
    assert_eq!(counted.up.tcp_ip, 40 * (3 * 3 + n));
    assert_eq!(counted.down.tcp_ip, 40 * (2 * 3 + n));
}

#[test]
fn a_message_by_socket_weighs_two_bytes_more_than_it_says_and_masked_six() {
    for (len, header) in [(2, 2), (125, 2), (126, 4), (1000, 4)] {
        let scenario = Scenario { workload: broadcast(20, len, 50), ..quiet(4, 3000) };
        let counted = tally(&scenario, Mode::WebSocket);
        let n = 20 * 4;
        assert_eq!(counted.down.payload, n * len as u64);
        // Each connection ends with a Close and its answer: two bytes of code.
        assert_eq!(counted.down.framing, n * header + 4 * (2 + 2));
        assert_eq!(counted.up.framing, 4 * (2 + 4 + 2));
        assert_eq!((counted.delivered, counted.requests), (n, 4));
    }
    let mut scenario = quiet(2, 3000);
    scenario.workload = vec![want(500, Host::Client(1), Wish::Say("Hello".to_owned()))];
    let counted = tally(&scenario, Mode::WebSocket);
    assert_eq!(counted.up.payload, 5);
    assert_eq!(counted.up.framing, (2 + 4) + 2 * (2 + 4 + 2), "masked, and two closes");
}

#[test]
fn an_event_weighs_its_fields_and_its_chunk() {
    let scenario = Scenario { workload: broadcast(9, 10, 100), ..quiet(2, 3000) };
    let counted = tally(&scenario, Mode::Sse);
    let event = "id: 1\ndata: xxxxxxxxxx\n\n".len();
    let chunk = |len: usize| format!("{len:x}\r\n").len() + len + 2;
    let retry = "retry: 1000\n\n".len();
    let all = 2 * (9 * chunk(event) + chunk(retry)) as u64;
    assert_eq!(counted.down.payload, 2 * 9 * 10);
    assert_eq!(counted.down.payload + counted.down.framing, all);
    assert_eq!(counted.requests, 2, "one question for everything");
}

#[test]
fn a_held_question_weighs_two_heads_for_each_message() {
    let scenario = Scenario { workload: broadcast(5, 3, 200), ..quiet(1, 3000) };
    let counted = tally(&scenario, Mode::LongPolling);
    let request = |last: u64| {
        format!("GET /messages?client=1&after={last}&wait=20000 HTTP/1.1\r\nHost: chat.example.com\r\n\r\n")
            .len() as u64
    };
    assert_eq!(counted.requests, 5 + 1, "one is under way when the client leaves");
    assert_eq!(counted.up.heads, (0..=5).map(request).sum::<u64>());
    let body = r#"{"last":1,"news":["xxx"]}"#.len() as u64;
    assert_eq!(counted.down.payload + counted.down.framing, 5 * body);
    assert_eq!(counted.down.payload, 5 * 3);
}

#[test]
fn polling_is_late_by_half_its_interval_and_the_way() {
    // Said at moments that fall on every part of the interval alike: seven times through it.
    let poll = Poll { every_ms: 1000, ..Poll::default() };
    let scenario = Scenario { poll, workload: broadcast(1000, 4, 1007), ..quiet(1, 1_010_000) };
    let counted = tally(&scenario, Mode::Polling);
    let mean = counted.mean_delay().expect("messages came").as_ms();
    // The question was 20 ms on its way when a message just missed it; the answer takes 20 ms, and
    // less than half a millisecond to be put on the line.
    let expected = 1000.0 / 2.0 + 20.0;
    assert!((mean - expected).abs() < 1.0, "{mean} ms, and not {expected} ms");
    assert_eq!(counted.delivered, 1000);
    for (mode, least) in [(Mode::LongPolling, 20.0), (Mode::Sse, 20.0), (Mode::WebSocket, 20.0)] {
        let mean = tally(&scenario, mode).mean_delay().expect("messages came").as_ms();
        assert!((least..least + 0.5).contains(&mean), "{}: {mean} ms", mode.label());
    }
}

#[test]
fn the_table_says_what_was_counted() {
    let rows: Vec<_> = Mode::ALL.map(|mode| (mode, tally(&story(), mode))).into();
    let json = compare::json(&rows);
    for (mode, tally) in &rows {
        let said = &json["modes"][mode.name()];
        assert_eq!(said["bytes_up"], tally.up.without_tcp_ip());
        assert_eq!(said["messages_delivered"], tally.delivered);
        let median = tally.delay_at(500).expect("messages came").as_ms();
        assert_eq!(said["delay_ms"]["p50"], median);
    }
    let csv = compare::csv(&rows);
    let lines: Vec<_> = csv.split("\r\n").collect();
    let n_columns = lines[0].split(',').count();
    assert_eq!(lines.len(), 1 + 4 + 1);
    for (line, (mode, tally)) in lines[1..5].iter().zip(&rows) {
        let cells: Vec<_> = line.split(',').collect();
        assert_eq!(cells.len(), n_columns);
        assert_eq!(cells[0], mode.name());
        assert_eq!(cells[1], tally.up.without_tcp_ip().to_string());
    }
    assert!(compare::text(&rows).lines().count() == 5);
}

#[test]
fn the_nearest_rank_is_a_delay_that_was_measured() {
    let with =
        |delays: Vec<u64>| Tally { delays: delays.into_iter().collect(), ..Tally::default() };
    let at = |tally: &Tally, per_mille| tally.delay_at(per_mille).map(|at| at.0);
    assert_eq!(at(&with(vec![]), 500), None);
    let one = with(vec![7]);
    assert_eq!((at(&one, 1), at(&one, 500), at(&one, 1000)), (Some(7), Some(7), Some(7)));
    let ten = with((1..=10).collect());
    assert_eq!((at(&ten, 500), at(&ten, 950), at(&ten, 1000)), (Some(5), Some(10), Some(10)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_counted_without_a_run_is_what_the_run_says(
        scenario in arbitrary(),
        mode in proptest::sample::select(&Mode::ALL[..]),
    ) {
        let counted = tally(&scenario, mode);
        let run = Run::new(Arc::new(scenario.clone()), mode);
        let mut counter = Counter::default();
        counter.count(run.records());
        prop_assert_eq!(&counter.finish(), &counted);
        let totals = run.totals(run.n_moves());
        prop_assert_eq!(totals.requests, counted.requests);
        prop_assert_eq!(totals.frames, counted.frames);
        prop_assert_eq!(totals.segments, counted.segments);
        prop_assert_eq!(totals.connections, counted.connections);
        prop_assert_eq!(totals.delivered, counted.delivered);
        prop_assert_eq!(totals.payload_bytes, counted.payload_bytes);
        prop_assert_eq!(totals.empty_answers, counted.empty_answers);
        prop_assert_eq!(totals.bytes_with_headers(), counted.up.all() + counted.down.all());
        // Whatever is handed to a client was said by somebody, and that is known of each.
        prop_assert_eq!(counted.delays.n(), counted.delivered);
        let said = |host: Host| {
            let others = scenario.workload.iter().filter(move |want| want.who != host);
            others.filter(|want| !want.what.parts().is_empty()).count() as u64
        };
        let clients = (1..=scenario.clients).map(Host::Client);
        prop_assert_eq!(clients.map(said).sum::<u64>(), counted.delivered);
    }
}
