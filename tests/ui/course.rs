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

/// One test for each lesson and theme, so that they run side by side.
macro_rules! lessons {
    ($($module:ident: $id:literal),* $(,)?) => {
        $(mod $module {
            use super::{Theme, check};

            #[test]
            fn is_finished_by_hand_in_the_dark_theme() {
                check($id, Theme::Dark);
            }

            #[test]
            fn is_finished_by_hand_in_the_light_theme() {
                check($id, Theme::Light);
            }
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
    the_full_picture: "the-full-picture",
    are_we_there_yet: "are-we-there-yet",
    what_a_poll_weighs: "what-a-poll-weighs",
    hold_the_line: "hold-the-line",
    one_way_street: "one-way-street",
    choose_and_defend: "choose-and-defend",
    same_door_new_language: "same-door-new-language",
    two_bytes_that_rule: "two-bytes-that-rule",
];
