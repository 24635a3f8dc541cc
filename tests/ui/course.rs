//! Every lesson through the window: each step laid out in every way, each solution done by hand.

use egui::{Key, Modifiers};
use wirestep::lesson::{Library, Tab};
use wirestep::player::{Player, Settings, Theme};

use super::desk::{SMALL, Seat, progress_at};

/// What the window calls the choice of a tab.
const TABS: &str = "What the inspector shows";

/// Draws the window with all panels and each tab; the harness panics on a missing glyph and on
/// anything without a name.
fn look_around(seat: &mut Seat) {
    let before = seat.player().clone();
    seat.press(Key::Escape);
    seat.press(Key::A);
    for tab in Tab::ALL.into_iter().filter(|tab| *tab != before.tab()).chain([before.tab()]) {
        seat.choose(TABS, tab.label());
    }
    seat.press(Key::A);
    let same = |player: &Player| (player.position(), player.selection(), player.walk().step_idx());
    assert_eq!(same(seat.player()), same(&before), "looking changes nothing");
}

/// Plays the solution of a lesson through the window, and looks around at each step.
fn check(id: &str, theme: Theme) {
    let library = Library::built_in();
    let lesson = library.lesson(id).expect("the lesson comes with the program");
    let settings = Settings { theme, ..Settings::default() };
    let mut seat = Seat::with(progress_at(id, 0), settings, SMALL);
    let mut entered = None;
    for deed in &lesson.solution {
        let step = seat.player().walk().step_idx();
        if entered != Some(step) {
            entered = Some(step);
            look_around(&mut seat);
        }
        seat.carry_out(deed);
        let notice = seat.player().notice();
        assert_eq!(notice, None, "{id}, step {}, {deed:?}", step + 1);
    }
    assert!(seat.says("Lesson finished"), "{id} stops at step {:?}", entered.map(|step| step + 1));
    look_around(&mut seat);
    seat.tap(Modifiers::NONE, Key::Backspace);
    assert_eq!(seat.player().walk().step_idx(), lesson.steps.len() - 1);
}

/// One test for each lesson, so that they run side by side; every other in the light theme.
macro_rules! lessons {
    ($($name:ident: $id:literal, $theme:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            check($id, Theme::$theme);
        })*

        #[test]
        fn every_lesson_is_tried_here() {
            let library = Library::built_in();
            let ids: Vec<_> = library.lessons().iter().map(|lesson| lesson.id.as_str()).collect();
            assert_eq!(ids, [$($id),*], "list every lesson in tests/ui/course.rs");
        }
    };
}

lessons![
    the_full_picture: "the-full-picture", Dark,
    the_server_cannot_call_you: "the-server-cannot-call-you", Light,
    are_we_there_yet: "are-we-there-yet", Dark,
    what_a_poll_weighs: "what-a-poll-weighs", Light,
    hold_the_line: "hold-the-line", Dark,
    one_way_street: "one-way-street", Light,
    choose_and_defend: "choose-and-defend", Dark,
    same_door_new_language: "same-door-new-language", Light,
    the_blank_line: "the-blank-line", Dark,
    the_strange_key: "the-strange-key", Light,
    you_are_the_server: "you-are-the-server", Dark,
    already_talking: "already-talking", Light,
    two_bytes_that_rule: "two-bytes-that-rule", Dark,
    lesson_125_126_127: "125-126-127", Light,
    the_mask: "the-mask", Dark,
    why_mask_at_all: "why-mask-at-all", Light,
    you_are_the_encoder: "you-are-the-encoder", Dark,
    text_or_bytes: "text-or-bytes", Light,
    a_stream_not_packets: "a-stream-not-packets", Dark,
    a_message_in_pieces: "a-message-in-pieces", Light,
    ping_in_the_middle: "ping-in-the-middle", Dark,
    ping_pong: "ping-pong", Light,
    below_the_line: "below-the-line", Dark,
    the_polite_goodbye: "the-polite-goodbye", Light,
    codes_you_send: "codes-you-send", Dark,
    the_silent_1006: "the-silent-1006", Light,
    what_loss_really_does: "what-loss-really-does", Dark,
    the_sixty_second_mystery: "the-sixty-second-mystery", Light,
    nobody_hung_up: "nobody-hung-up", Dark,
];
