//! What a page's script sees against what is on the wire, for the whole story in every mode.

#[path = "support/deeds.rs"]
mod deeds;
#[path = "support/scenarios.rs"]
mod scenarios;

use proptest::prelude::*;
use scenarios::{arbitrary, story, want};
use std::sync::Arc;
use wirestep::run::Run;
use wirestep::sim::{Host, Middlebox, Mode, Scenario, What, Wish};
use wirestep::view::script::{self, Row};

fn told(scenario: Scenario, mode: Mode, client: usize) -> Vec<Row> {
    let mut run = Run::new(Arc::new(scenario), mode);
    run.play_out();
    script::rows(&run, run.place_at(run.ends_at()), Host::Client(client))
}

/// The row whose script side begins so.
#[track_caller]
fn row<'a>(rows: &'a [Row], above: &str) -> &'a Row {
    let found = rows.iter().find(|row| row.above.starts_with(above));
    found.unwrap_or_else(|| panic!("no {above:?} in\n{}", script::text(rows)))
}

/// The row whose side of the wire begins so.
#[track_caller]
fn wire<'a>(rows: &'a [Row], below: &str) -> &'a Row {
    let found = rows.iter().find(|row| row.below.starts_with(below));
    found.unwrap_or_else(|| panic!("no {below:?} in\n{}", script::text(rows)))
}

#[test]
fn a_socket_is_told_of_messages_and_of_nothing_that_keeps_it_alive() {
    let rows = told(story(), Mode::WebSocket, 1);
    assert_eq!(rows[0].above, "new WebSocket(url)");
    assert_eq!(row(&rows, "onopen").below, "101 Switching Protocols");
    let sent = row(&rows, "ws.send(\"Hi\")");
    assert_eq!((sent.below.as_str(), sent.cite), ("Text “Hi”", "RFC 6455 §5.3"));
    assert_eq!(row(&rows, "onmessage: event.data is \"Hello there\"").below, "Text “Hello there”");
    assert_eq!(row(&rows, "onmessage: event.data is a Blob of 4 B").below, "Binary 01 02 03 04");
    assert_eq!(wire(&rows, "Pong").above, "");
    assert!(wire(&rows, "Ping").note.contains("cannot ping"));
    assert_eq!(row(&rows, "ws.close(1000, \"bye\")").below, "Close 1000 “bye”");
    assert!(row(&rows, "onclose: code 1000").above.ends_with("wasClean true"));
    let other = told(story(), Mode::WebSocket, 2);
    assert!(wire(&other, "TCP SYN").above.is_empty());
    assert!(!script::text(&other).contains("ws.send(\"Hi\")"), "that was said by the other one");
}

#[test]
fn the_status_of_a_failed_handshake_stays_below_the_line() {
    let scenario = Scenario { middleboxes: vec![Middlebox::StripsUpgrade], ..story() };
    let rows = told(scenario, Mode::WebSocket, 1);
    let refused = rows.iter().find(|row| row.note.contains("failed handshake"));
    assert_eq!(refused.expect("it was refused").above, "");
    assert_eq!(row(&rows, "onerror").below, "");
    let closed = row(&rows, "onclose: code 1006");
    assert!(closed.note.contains("never on the wire"));
}

#[test]
fn the_fragments_of_a_message_are_one_event() {
    let parts = vec!["one".to_owned(), "two".to_owned()];
    let workload = vec![want(300, Host::Client(1), Wish::SayInParts(parts))];
    let rows = told(Scenario { workload, ..story() }, Mode::WebSocket, 1);
    assert_eq!(row(&rows, "ws.send(\"onetwo\")").below, "Text “one” …");
    assert!(wire(&rows, "Continuation “two”").note.contains("fragment"));
}

#[test]
fn http_modes_speak_of_fetch_and_event_source() {
    let rows = told(story(), Mode::Polling, 1);
    assert!(row(&rows, "fetch(url)").below.starts_with("GET "));
    assert!(rows.iter().any(|row| row.above == "response.status is 204"));
    assert!(row(&rows, "fetch(url, { method: \"POST\"").below.starts_with("POST "));
    row(&rows, "finds \"Hello there\" in the answer");
    let rows = told(story(), Mode::Sse, 1);
    assert_eq!(rows[0].above, "new EventSource(url)");
    assert_eq!(row(&rows, "onopen").below, "200 OK");
    assert!(row(&rows, "onmessage: event.data is \"Hello there\"").below.starts_with("Event"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn rows_are_in_order_and_every_message_is_told_once(
        scenario in arbitrary(),
        middleboxes in deeds::middleboxes(),
        mode in proptest::sample::select(&Mode::ALL[..]),
        deeds in deeds::deeds(),
    ) {
        let scenario = Scenario { middleboxes, ends_ms: 4000, ..scenario };
        let mut run = Run::new(Arc::new(scenario), mode);
        run.play_out();
        let run = deeds::done_to(run, &deeds);
        let rows = script::rows(&run, run.place_at(run.ends_at()), Host::Client(1));
        prop_assert!(rows.is_sorted_by_key(|row| row.at));
        prop_assert!(rows.iter().all(|row| run.records()[row.record.0].at == row.at));
        prop_assume!(rows.len() < script::MAX_ROWS);
        let delivered = run.records().iter().filter(|record| {
            record.host == Host::Client(1) && matches!(record.what, What::Delivered(_))
        });
        let told = rows.iter().filter(|row| {
            row.above.starts_with("onmessage") || row.above.starts_with("finds ")
        });
        prop_assert_eq!(told.count(), delivered.count());
    }
}
