//! Changing, searching, asking and comparing at the real window.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use std::sync::Arc;
use wirestep::lesson::Tab;
use wirestep::player::{Effect, Session};
use wirestep::run::Run;
use wirestep::sim::{
    Edit, Fault, Headers, Host, Mode, Network, Poll, RecordIdx, Scenario, Want, What, Wish,
};

use super::desk::{LARGE, SMALL, Seat, answered_until};

/// The full picture over a WebSocket, nothing asked, the first text frame on its way.
fn with_text_in_flight() -> Seat {
    let mut seat = Seat::at(answered_until("the-full-picture", 5), LARGE);
    seat.click(Role::RadioButton, Mode::WebSocket.label());
    seat.press(Key::Home);
    until(&mut seat, "text");
    seat
}

fn until(seat: &mut Seat, condition: &str) {
    seat.press(Key::U);
    seat.type_text(condition);
    seat.press(Key::Enter);
}

/// The rows of the list of events that are in view.
fn events(seat: &Seat) -> Vec<String> {
    let rows = seat.names(Role::ListBoxOption).into_iter();
    rows.filter(|row| row.contains(" ms: ")).collect()
}

fn last_edit(seat: &Seat) -> Option<Edit> {
    seat.player().run().edits().last().map(|(_, edit)| edit.clone())
}

#[test]
fn running_until_something_is_typed_and_can_be_said_again() {
    let mut seat = with_text_in_flight();
    assert!(seat.says("Text “Hi” is on its way to Server"));
    let first = seat.player().position();
    seat.press_with(Modifiers::SHIFT, Key::U);
    assert!(seat.player().position() > first);
    seat.press(Key::U);
    seat.type_text("opcod=8");
    assert!(seat.says("did you mean “opcode=8”?"));
    seat.press(Key::Escape);
    assert!(!seat.says("Run until…"), "Escape puts it away");
    until(&mut seat, "breach");
    assert!(seat.says("“breach” does not come any more"));
}

#[test]
fn an_arrow_has_a_menu_of_what_can_be_changed() {
    let mut seat = with_text_in_flight();
    let arrow = seat.names(Role::Button).into_iter().find(|name| name.contains("Text “Hi”, 8 B"));
    let arrow = arrow.expect("the arrow is there");
    seat.right_click(Role::Button, &arrow);
    assert!(seat.says("Pull the cable: silence, nobody is told"));
    seat.click(Role::Button, "Lose the segment");
    assert!(matches!(last_edit(&seat), Some(Edit::Lose(_))), "{:?}", last_edit(&seat));
    assert_eq!(seat.player().lane().branches().len(), 2);
}

#[test]
fn a_host_has_a_menu_of_what_it_can_do_wrong() {
    let mut seat = with_text_in_flight();
    seat.right_click(Role::Button, "Server");
    seat.click(Role::Button, "From here on it answers no Ping");
    assert_eq!(last_edit(&seat), Some(Edit::Misbehave(Host::Server, Fault::MutesPongs)));
}

#[test]
fn a_byte_has_a_menu_that_says_why_it_is_so() {
    let mut seat = with_text_in_flight();
    seat.right_click(Role::Button, "byte 0, 0x81");
    seat.click(Role::Button, "Why is byte 0 as it is?");
    assert_eq!(seat.player().tab(), Tab::Why);
    assert!(seat.says("Why is byte 0 of this as it is?"));
}

#[test]
fn a_message_is_typed_and_sent_as_any_host() {
    let mut seat = with_text_in_flight();
    seat.click(Role::Button, "Client 2");
    seat.type_text("over here");
    seat.press(Key::Enter);
    let said = Edit::Do(Host::Client(2), Wish::Say("over here".to_owned()));
    assert_eq!(last_edit(&seat), Some(said));
    assert!(!seat.says("Type and send"), "the dialog is gone");
}

#[test]
fn what_cannot_be_sent_says_why_and_stays_to_be_mended() {
    let mut seat = with_text_in_flight();
    seat.press(Key::Slash);
    seat.click(Role::RadioButton, "Binary");
    seat.click(Role::TextInput, "The bytes to send, in hex");
    seat.type_text("0g");
    assert!(seat.says("is not a hex digit"));
    seat.press(Key::Enter);
    assert_eq!(last_edit(&seat), None);
    assert!(seat.says("Type and send"));
}

#[test]
fn the_network_changes_by_a_number_or_by_a_name() {
    let mut seat = with_text_in_flight();
    seat.press(Key::C);
    seat.choose("What to change", "Network");
    seat.click(Role::Button, "A satellite: 300 ms");
    let Some(Edit::Network(network)) = last_edit(&seat) else {
        panic!("{:?}", last_edit(&seat));
    };
    assert_eq!((network.up_ms, network.down_ms), (300, 300));
    seat.press(Key::I);
    assert!(seat.says("300 ms up, 300 ms down"), "the note says what is in force");
}

#[test]
fn branches_are_looked_at_renamed_held_against_each_other_and_taken_away() {
    let mut seat = with_text_in_flight();
    seat.press(Key::K);
    assert_eq!(seat.player().lane().shown(), 1);
    seat.press(Key::F2);
    seat.press_with(Modifiers::COMMAND, Key::A);
    seat.type_text("a loss");
    seat.press(Key::Enter);
    assert_eq!(seat.player().branch().name, "a loss");
    seat.press(Key::V);
    assert!(seat.says("Put the branch away from beside"));
    until(&mut seat, "client 2 CLOSING");
    let shots = seat.names(Role::Button);
    assert!(shots.iter().any(|name| name == "To the first difference"), "{shots:?}");
    seat.click(Role::Button, "Look at this one instead");
    assert_eq!(seat.player().lane().shown(), 0);
    assert_eq!(seat.player().beside().map(|branch| branch.name.as_str()), Some("a loss"));
    seat.click(Role::RadioButton, "Branch: a loss");
    seat.press(Key::Delete);
    assert_eq!(seat.player().lane().branches().len(), 1);
    assert!(seat.player().beside().is_none());
    seat.press_with(Modifiers::COMMAND, Key::Z);
    assert_eq!(seat.player().branch().name, "a loss", "undo brings it back");
}

#[test]
fn the_list_of_events_goes_where_it_is_clicked_and_stops_where_it_is_told() {
    let mut seat = with_text_in_flight();
    seat.press(Key::E);
    assert_eq!(seat.player().tab(), Tab::Events);
    let records = seat.player().run().records();
    let ping = records.iter().find(|record| matches!(record.what, What::PingCame(_)));
    let ping = ping.expect("a Ping comes").idx;
    seat.click(Role::TextInput, "Find events");
    seat.type_text("gets a ping");
    seat.press(Key::Escape);
    assert!(seat.says("1 of"));
    seat.click(Role::CheckBox, &format!("Breakpoint on event {}", ping.0));
    assert!(seat.player().branch().breakpoints.contains(&ping));
    let row = events(&seat).first().cloned().expect("a row is there");
    seat.click(Role::ListBoxOption, &row);
    assert_eq!(seat.player().chosen(), Some(ping));
    seat.press(Key::Escape);
    seat.press(Key::Home);
    seat.press(Key::G);
    assert_eq!(seat.player().chosen(), Some(ping), "G goes to the breakpoint");
    seat.click(Role::Button, "Show all");
    assert!(events(&seat).len() > 3);
}

#[test]
fn a_list_of_events_is_walked_by_arrow_keys() {
    let mut seat = with_text_in_flight();
    seat.press(Key::E);
    let row = events(&seat).get(2).cloned().expect("rows are there");
    seat.click(Role::ListBoxOption, &row);
    let here = seat.player().chosen().expect("a row was chosen");
    seat.press(Key::ArrowDown);
    assert_eq!(seat.player().chosen(), Some(RecordIdx(here.0 + 1)));
    seat.press(Key::Home);
    assert_eq!(seat.player().chosen(), Some(RecordIdx(0)));
}

#[test]
fn why_leads_back_link_by_link() {
    let mut seat = with_text_in_flight();
    until(&mut seat, "pong");
    seat.press(Key::W);
    let links = seat.names(Role::Link);
    let first = links.iter().find(|link| link.contains("pings")).expect("who began it");
    let first = first.clone();
    seat.click(Role::Link, &first);
    let chosen = seat.player().chosen().expect("a link was chosen");
    assert!(matches!(seat.player().run().records()[chosen.0].what, What::Wants(_)));
}

#[test]
fn who_saw_what_is_told_at_every_size() {
    for size in [SMALL, LARGE] {
        let mut seat = Seat::at(answered_until("the-full-picture", 5), size);
        seat.click(Role::RadioButton, Mode::WebSocket.label());
        seat.press(Key::Home);
        until(&mut seat, "text");
        seat.press(Key::S);
        seat.choose("What the inspector shows", Tab::Seen.label());
        assert!(seat.says("nothing gets through, and neither end was told"));
    }
}

/// A scenario that takes long to play.
fn crowd() -> Scenario {
    let says = |n: u64| Want {
        at_ms: 100 + n,
        who: Host::Server,
        what: Wish::Say(format!("This is message number {n}.")),
    };
    Scenario {
        name: "A crowd".to_owned(),
        seed: 1,
        clients: 64,
        network: Network::default(),
        middleboxes: Vec::new(),
        incidents: Vec::new(),
        headers: Headers::Lean,
        deflate: false,
        poll: Poll { every_ms: 1000, ..Poll::default() },
        workload: (0..190).map(says).collect(),
        ends_ms: 400,
    }
}

#[test]
fn what_takes_long_is_waited_for_in_sight_and_can_be_called_off() {
    let mut seat = with_text_in_flight();
    let before = seat.player().clone();
    let run = Run::new(Arc::new(crowd()), Mode::WebSocket);
    let session = Session::of_run(&run).to_short();
    let paste = |seat: &mut Seat| {
        seat.harness.event(egui::Event::Paste(session.clone()));
        // The frame in which it is asked for, and two until a dialog has found its place.
        seat.harness.run_steps(3);
    };
    paste(&mut seat);
    assert!(seat.says("Playing a long conversation…"));
    assert_eq!(*seat.player(), before, "nothing changes until it is done");
    seat.harness.get_by_label("Call it off").click();
    seat.harness.run();
    assert!(!seat.says("Playing a long conversation…"));
    assert_eq!(*seat.player(), before);
    paste(&mut seat);
    while seat.says("Playing a long conversation…") {
        seat.harness.step();
    }
    assert_eq!(seat.player().run().scenario().name, "A crowd");
    assert_eq!(seat.player().run().records().len(), run.records().len());
}

/// Waits until the comparison has counted all.
fn counted(seat: &mut Seat) {
    while seat.says("counted") {
        seat.harness.step();
    }
}

#[test]
fn the_comparison_weighs_all_four_and_leads_to_a_byte() {
    let mut seat = with_text_in_flight();
    seat.press_some(Key::F4);
    counted(&mut seat);
    assert!(seat.says("Same conversation, four transports"));
    let parts: Vec<_> = seat.names(Role::Button);
    for mode in Mode::ALL {
        let heads = format!("{}, HTTP heads: ", mode.label());
        assert!(parts.iter().any(|name| name.starts_with(&heads)), "{heads} in {parts:?}");
    }
    seat.click(Role::Button, "CSV");
    let effects = seat.effects();
    let csv = effects.iter().find_map(|effect| match effect {
        Effect::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    assert!(csv.is_some_and(|csv| csv.starts_with("mode,bytes_up") && csv.lines().count() == 5));
    let framing = parts.iter().find(|name| name.starts_with("WebSocket, framing"));
    seat.click(Role::Button, framing.expect("frames have headers"));
    assert!(!seat.says("Same conversation, four transports"), "it leads back to the diagram");
    assert_eq!(seat.player().mode(), Mode::WebSocket);
    assert!(seat.says("Text “Hi” is on its way to Server"));
}

#[test]
fn lanes_show_all_modes_at_one_moment_and_lead_into_each() {
    let mut seat = with_text_in_flight();
    let at = seat.player().position().at;
    seat.press_with(Modifiers::SHIFT, Key::V);
    for mode in Mode::ALL {
        let name = format!("Look into {}", mode.label());
        let shown = seat.names(Role::Button).contains(&name);
        assert_eq!(shown, mode != Mode::WebSocket, "{}", mode.label());
    }
    seat.press(Key::Space);
    assert!(seat.player().position().at > at, "stepping goes on");
    seat.click(Role::Button, "Look into SSE");
    assert_eq!(seat.player().mode(), Mode::Sse);
    seat.click(Role::Button, "Put the other lanes away");
    assert!(!seat.player().shows_lanes());
    assert!(seat.says("Who saw"), "the inspector is back");
}

#[test]
fn the_script_of_a_page_is_told_beside_the_wire_and_leads_to_its_moments() {
    let mut seat = Seat::at(answered_until("two-bytes-that-rule", 1), SMALL);
    seat.press(Key::A);
    seat.choose("What the inspector shows", Tab::Script.label());
    let rows = seat.names(Role::Link);
    let opened = rows.iter().find(|row| row.contains("script onopen; readyState is OPEN (1)"));
    let opened = opened.expect("the connection is open").clone();
    assert!(opened.contains("wire 101 Switching Protocols"));
    let before = seat.player().position();
    seat.click(Role::Link, &opened);
    assert!(seat.player().position() < before);
}

#[test]
fn the_states_of_both_ends_are_drawn_with_what_leads_on() {
    let mut seat = Seat::at(answered_until("two-bytes-that-rule", 1), SMALL);
    seat.press(Key::A);
    seat.choose("What the inspector shows", Tab::States.label());
    assert!(seat.says("Client 1: OPEN, here now") && seat.says("Server: OPEN, here now"));
    assert!(seat.says("Client 1, CONNECTING to OPEN: 101 with right Accept"));
    assert!(seat.says("Server, OPEN to CLOSED: Close came, TCP closed or hung up"));
}

#[test]
fn a_flow_is_cut_by_mouse_and_by_keyboard_and_both_readers_say_what_they_make_of_it() {
    let mut seat = Seat::at(answered_until("two-bytes-that-rule", 1), SMALL);
    seat.press(Key::A);
    seat.choose("What the inspector shows", Tab::Cuts.label());
    let n_before = seat.player().cuts().len();
    assert_eq!(n_before, 0);
    assert!(seat.says("Real reader: right"));
    let places = seat.names(Role::CheckBox);
    let first = places.iter().find(|name| name.starts_with("Cut before byte 1:"));
    let first = first.expect("a frame is looked at").clone();
    seat.click(Role::CheckBox, &first);
    assert_eq!(seat.player().cuts().iter().copied().collect::<Vec<_>>(), [1]);
    assert!(seat.says("One read = one frame: wrong"));
    seat.harness.get_by_role_and_label(Role::Grid, "Places to cut").focus();
    seat.harness.run();
    seat.press(Key::ArrowRight);
    seat.press(Key::Enter);
    assert_eq!(seat.player().cuts().iter().copied().collect::<Vec<_>>(), [1, 2]);
    seat.press_with(Modifiers::COMMAND, Key::Z);
    assert_eq!(seat.player().cuts().iter().copied().collect::<Vec<_>>(), [1]);
    seat.click(Role::Button, "No cuts");
    assert!(seat.player().cuts().is_empty());
}
