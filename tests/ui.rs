//! Sits at the real window as a learner does: keys, clicks and what a screen reader is told.
//!
//! With `WIRESTEP_SHOTS=DIR` it also writes pictures to that folder.
#![cfg(feature = "app")]

#[path = "ui/changes.rs"]
mod changes;
#[path = "ui/course.rs"]
mod course;
#[path = "ui/desk.rs"]
mod desk;
#[path = "ui/pictures.rs"]
mod pictures;
#[path = "support/raster.rs"]
mod raster;
#[path = "ui/sessions.rs"]
mod sessions;
#[path = "ui/words.rs"]
mod words;

use desk::{LARGE, SMALL, Seat, answered_until, progress_at};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use wirestep::conn::State;
use wirestep::lesson::{Lesson, Library, read_scenario};
use wirestep::player::{Effect, Player, Progress, Settings, Theme};
use wirestep::sim::{Host, Mode, What};
use wirestep::wire::Side;

/// The step of the lesson in which RSV1 is to be set, with the frame in flight.
fn before_the_edit() -> Seat {
    Seat::at(answered_until("two-bytes-that-rule", 2), LARGE)
}

#[test]
fn space_steps_on_and_shift_space_steps_back() {
    let mut seat = Seat::at(Progress::default(), SMALL);
    let start = seat.player().position();
    seat.press(Key::Space);
    let first = seat.player().position();
    assert!(first.at > start.at);
    seat.press(Key::Space);
    assert!(seat.player().position().at > first.at);
    seat.press_with(Modifiers::SHIFT, Key::Space);
    assert_eq!(seat.player().position(), first);
    seat.press(Key::ArrowLeft);
    assert_eq!(seat.player().position(), start);
}

#[test]
fn space_after_a_click_on_a_button_steps_once() {
    let mut seat = Seat::at(Progress::default(), SMALL);
    seat.click(Role::Button, "Step");
    let first = seat.player().position();
    seat.press(Key::Space);
    let second = seat.player().position();
    assert!(second.at > first.at, "Space still steps");
    seat.press_with(Modifiers::SHIFT, Key::Space);
    assert_eq!(seat.player().position(), first, "one press was one step");
}

#[test]
fn the_full_picture_is_walked_by_space_alone_to_its_end_and_back() {
    for mode in Mode::ALL {
        let mut seat = Seat::at(progress_at("the-full-picture", 0), SMALL);
        seat.press(Key::A);
        seat.click(Role::RadioButton, mode.label());
        seat.press(Key::Home);
        assert_eq!(seat.player().mode(), mode);
        let mut places = vec![seat.player().position()];
        while seat.player().notice().is_none() {
            seat.tap(Modifiers::NONE, Key::Space);
            places.push(seat.player().position());
            assert!(places.len() < 500, "the end is never reached");
        }
        assert_eq!(seat.player().position().at, seat.player().run().ends_at());
        assert_eq!(places.pop(), places.last().copied(), "the notice comes where the run ends");
        seat.harness.run();
        assert!(seat.says("The run ends here"));
        while let Some(place) = places.pop() {
            assert_eq!(seat.player().position(), place, "{mode:?}, going back");
            seat.tap(Modifiers::SHIFT, Key::Space);
        }
        assert_eq!(seat.player().position(), seat.player().run().start());
        seat.harness.run();
        assert!(seat.says("This is the start"));
    }
}

#[test]
fn a_lesson_is_opened_from_the_list() {
    let mut seat = Seat::at(Progress::default(), SMALL);
    seat.click(Role::Button, "Lessons");
    seat.click(Role::Button, "Open: Hold the line");
    assert_eq!(seat.player().lesson().id, "hold-the-line");
    assert_eq!(seat.effects(), [Effect::SaveProgress, Effect::SessionChanged]);
    assert!(!seat.says("Open: The full picture"), "the list has closed");
    seat.press(Key::L);
    assert!(seat.says("Stay: Hold the line"));
    seat.press(Key::Escape);
    assert!(!seat.says("Stay: Hold the line"));
}

#[test]
fn an_answer_is_locked_and_opens_the_way_on() {
    let mut seat = Seat::at(progress_at("the-full-picture", 1), LARGE);
    let go_on = seat.harness.get_by_role_and_label(Role::Button, "Continue");
    assert!(go_on.accesskit_node().is_disabled(), "nothing is answered yet");
    seat.press(Key::Enter);
    assert!(seat.says("Choose an answer first"));
    assert_eq!(seat.player().walk().step_idx(), 1);

    let wrong = "At about 1.04 s: the server passes it on at once";
    seat.click(Role::RadioButton, wrong);
    assert_eq!(seat.effects(), [Effect::SaveProgress]);
    for words in ["Not quite", "a server can start", "What happens", "Client 2 asks at 2 s"] {
        assert!(seat.says(words), "{words}");
    }
    let chosen = format!("{wrong} (not so)");
    let chosen = seat.harness.get_by_role_and_label(Role::RadioButton, &chosen);
    assert!(chosen.accesskit_node().is_disabled(), "the answer is locked");
    seat.click(Role::Button, "Continue");
    assert_eq!(seat.player().walk().step_idx(), 2);
}

#[test]
fn a_bit_flipped_in_flight_changes_the_verdict_and_once_released_the_world() {
    let mut seat = before_the_edit();
    assert!(seat.says("On arrival:"));
    seat.click(Role::CheckBox, "bit 1, RSV1, 0");
    assert!(seat.says("If you release this:") && seat.says("1002"));
    assert!(seat.says("edited · in flight"));
    assert_eq!(seat.player().lane().branches().len(), 1, "nothing has happened yet");

    seat.click(Role::Button, "Release");
    let player = seat.player();
    assert_eq!((player.lane().branches().len(), player.lane().shown()), (2, 1));
    assert!(player.flips().is_empty());
    let world = player.run().world_at(player.position().n_moves);
    let (_, link) = world.links().next().expect("there is a connection");
    assert_eq!(link.end(Side::Client).state(), State::Failed);
    let closes = player.run().records().iter().filter(|record| match &record.what {
        What::Wrote(unit) => record.host == Host::Client(1) && unit.bytes.starts_with(&[0x88]),
        _ => false,
    });
    assert_eq!(closes.count(), 1, "the client says why it leaves");
    assert!(seat.says("Client 1 → Server: Close 1002"), "the answer is in the diagram");
    seat.click(Role::Button, "Server → Client 1: Text “Hi”, 4 B");
    assert!(seat.says("Refused.") && seat.says("1002"));

    seat.press(Key::X);
    assert_eq!(seat.player().lane().shown(), 0, "Reset goes back to the trunk");
    assert!(seat.says("On arrival:"), "and to where the frame is in flight");
}

#[test]
fn undo_takes_back_one_flip_at_a_time() {
    let mut seat = before_the_edit();
    seat.click(Role::CheckBox, "bit 1, RSV1, 0");
    seat.click(Role::CheckBox, "bit 0, FIN, 1");
    assert_eq!(seat.player().flips().len(), 2);
    seat.press(Key::Escape);
    seat.press_with(Modifiers::COMMAND, Key::Z);
    assert_eq!(seat.player().flips().iter().collect::<Vec<_>>(), [&1]);
    seat.press_with(Modifiers::COMMAND, Key::Z);
    assert!(seat.player().flips().is_empty());
    assert!(seat.says("On arrival:"));
    seat.press_with(Modifiers::COMMAND, Key::Z);
    assert!(seat.says("There is nothing to undo in this step."));
}

#[test]
fn another_mode_is_looked_at_at_the_same_moment() {
    let mut seat = Seat::at(progress_at("the-full-picture", 0), SMALL);
    seat.press(Key::A);
    for _ in 0..6 {
        seat.tap(Modifiers::NONE, Key::Space);
    }
    let at = seat.player().position().at;
    seat.click(Role::RadioButton, "WebSocket");
    assert_eq!((seat.player().mode(), seat.player().position().at), (Mode::WebSocket, at));
    seat.press(Key::M);
    assert_eq!((seat.player().mode(), seat.player().position().at), (Mode::Polling, at));
}

#[test]
fn the_theme_is_switched_by_button_and_by_key_and_kept() {
    let mut seat = Seat::at(Progress::default(), SMALL);
    seat.click(Role::Button, "Light theme");
    assert_eq!(seat.player().settings().theme, Theme::Light);
    assert_eq!(seat.harness.ctx.theme(), egui::Theme::Light);
    assert_eq!(seat.effects(), [Effect::SaveSettings]);
    seat.press(Key::T);
    assert_eq!(seat.player().settings().theme, Theme::Dark);
    assert_eq!(seat.effects(), [Effect::SaveSettings]);
}

#[test]
fn hints_come_one_at_a_time() {
    let mut seat = before_the_edit();
    assert!(!seat.says("Hint 1"));
    seat.press(Key::H);
    assert!(seat.says("Hint 1") && !seat.says("Hint 2"));
    seat.click(Role::Button, "Hint");
    assert!(seat.says("Hint 2") && !seat.says("Hint 3"));
    seat.press(Key::H);
    assert!(seat.says("Hint 3"));
    assert!(!seat.names(Role::Button).iter().any(|name| name == "Hint"), "there is no fourth");
}

#[test]
fn copying_hands_text_to_the_shell() {
    let mut seat = before_the_edit();
    let copied = |seat: &mut Seat, key| {
        seat.press_with(Modifiers::COMMAND, key);
        match &seat.effects()[..] {
            [Effect::CopyText(text)] => text.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert!(copied(&mut seat, Key::H).contains("81 02 48 69"));
    assert!(copied(&mut seat, Key::T).contains("opcode"));
    assert!(copied(&mut seat, Key::D).contains("SYN"));
}

#[test]
fn help_is_shown_by_a_key_and_put_away_by_another() {
    let mut seat = Seat::at(Progress::default(), SMALL);
    seat.press(Key::F1);
    assert!(seat.says("There is no TLS") && seat.says("Shift+Space"));
    seat.press(Key::Escape);
    assert!(!seat.says("There is no TLS"));
    seat.click(Role::Button, "Help");
    assert!(seat.says("There is no TLS"));
    seat.press(Key::F1);
    assert!(!seat.says("There is no TLS"));
}

#[test]
fn all_panels_are_one_key_away() {
    let mut seat = Seat::at(Progress::default(), SMALL);
    assert!(!seat.says("Byte by byte"), "the first lesson begins with little");
    seat.press(Key::A);
    assert!(seat.says("Byte by byte"));
    seat.press(Key::A);
    assert!(!seat.says("Byte by byte"));
}

#[test]
fn playing_lets_time_pass_until_it_is_stopped() {
    let mut seat = Seat::at(Progress::default(), SMALL);
    seat.tap(Modifiers::NONE, Key::P);
    assert!(seat.player().playback().playing);
    seat.harness.run_steps(5);
    let at = seat.player().position().at;
    assert!(at > seat.player().run().start().at);
    seat.harness.run_steps(2);
    assert!(seat.player().position().at > at);
    seat.tap(Modifiers::NONE, Key::P);
    let at = seat.player().position().at;
    seat.harness.run_steps(2);
    assert_eq!(seat.player().position().at, at);
}

/// The unit that a step speaks of is in the diagram's view from the first look.
#[test]
fn a_lesson_opened_in_the_middle_shows_what_is_on_its_way() {
    for size in [SMALL, LARGE] {
        let seat = Seat::at(answered_until("the-full-picture", 8), size);
        let names = seat.names(Role::Button);
        let close = "Client 1 → Server: Close 1000 “bye”, 11 B";
        assert!(names.iter().any(|name| name == close), "{size:?}: {names:#?}");
    }
}

#[test]
fn the_words_of_frames_in_flight_together_stand_apart() {
    let scenario = "(name: \"two at once\", clients: 3, ends_ms: 900, workload: [
        (at_ms: 300, who: Client(1), what: Say(\"one\")),
        (at_ms: 300, who: Client(1), what: Ping(\"two\")),
    ])";
    let scenario = read_scenario(scenario, "two.ron").expect("it is sound");
    let library = Library::of(Lesson::around(scenario));
    let player = Player::new(library, Progress::default(), Settings::default());
    let mut seat = Seat::before(player, SMALL);
    let flying = |seat: &Seat| {
        let words = ["Client 1 → Server: Text “one”, 9 B", "Client 1 → Server: Ping “two”, 9 B"];
        words.map(|words| Some(seat.harness.query_by_label(words)?.rect()))
    };
    for _ in 0..12 {
        seat.press(Key::Space);
        if let [Some(text), Some(ping)] = flying(&seat) {
            assert!(!text.intersects(ping), "{text:?} covers {ping:?}");
            return;
        }
    }
    panic!("both frames are seen at once");
}
