//! Pictures of the window, for people: the manual's, and those to look at after a change.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use wirestep::lesson::{Letter, Place};
use wirestep::player::{Progress, Settings, Theme};
use wirestep::run::StepSize;
use wirestep::sim::Mode;

use super::desk::{LARGE, SMALL, Seat, answered_until, progress_at};

/// Where pictures go, if any were asked for.
#[expect(clippy::disallowed_methods, reason = "where pictures go is asked of the environment")]
fn folder() -> Option<PathBuf> {
    let dir = std::env::var_os("WIRESTEP_SHOTS").map(PathBuf::from)?;
    std::fs::create_dir_all(&dir).expect("the folder for pictures can be made");
    Some(dir)
}

fn shoot(seat: &mut Seat, dir: &Path, name: &str, size: Vec2) {
    seat.harness.remove_cursor();
    seat.harness.run();
    let image = seat.harness.render().expect("shapes can be drawn without a graphics card");
    let name = format!("{name}-{}x{}.png", size.x, size.y);
    image.save(dir.join(name)).expect("the picture can be written");
}

fn first_lesson(size: Vec2) -> Seat {
    let mut seat = Seat::at(Progress::default(), size);
    for _ in 0..3 {
        seat.tap(Modifiers::NONE, Key::Space);
    }
    seat
}

/// “Hi” on its way from Client 1, over WebSocket.
fn mid_flight(size: Vec2) -> Seat {
    let mut seat = Seat::at(answered_until("the-full-picture", 5), size);
    assert!(step_to(&mut seat, &Place::InFlight(Letter::FrameUp(1, 1), 1)));
    seat
}

fn edited(size: Vec2) -> Seat {
    let settings = Settings { theme: Theme::Light, step_size: StepSize::Unit };
    let mut seat = Seat::with(answered_until("two-bytes-that-rule", 2), settings, size);
    seat.click(Role::CheckBox, "bit 1, RSV1, 0");
    seat
}

fn polled(size: Vec2) -> Seat {
    let mut seat = Seat::at(answered_until("the-full-picture", 9), size);
    seat.click(Role::RadioButton, Mode::Polling.label());
    seat.press(Key::End);
    seat
}

/// Steps on until a place is reached; whether it is.
fn step_to(seat: &mut Seat, place: &Place) -> bool {
    let target = place.find(seat.player().run()).expect("there is such a place");
    while seat.player().position().at < target.at {
        seat.tap(Modifiers::NONE, Key::Space);
    }
    seat.player().position() == target
}

#[test]
fn pictures_of_the_manual_can_be_taken_in_both_sizes() {
    let folder = folder();
    for size in [SMALL, LARGE] {
        let scenes = vec![
            ("first-lesson", first_lesson(size)),
            ("the-full-picture", mid_flight(size)),
            ("edit", edited(size)),
            ("polling", polled(size)),
        ];
        for (name, mut seat) in scenes {
            if let Some(dir) = &folder {
                shoot(&mut seat, dir, name, size);
            }
        }
    }
}

/// The first frame of every step, to be leafed through.
#[test]
fn every_step_can_be_seen_in_both_themes() {
    let Some(dir) = folder() else { return };
    for (theme, named) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let library = wirestep::lesson::Library::built_in();
        for lesson in library.lessons() {
            for step in 0..lesson.steps.len() {
                let settings = Settings { theme, ..Settings::default() };
                let mut seat = Seat::with(progress_at(&lesson.id, step), settings, SMALL);
                shoot(&mut seat, &dir, &format!("step-{}-{step}-{named}", lesson.id), SMALL);
            }
        }
    }
}
