//! Lays out every small control in both themes and checks what a learner or a screen reader meets.
//!
//! With `WIRESTEP_SHOTS=DIR` it also writes the pictures to that folder.
#![cfg(feature = "app")]

#[path = "support/raster.rs"]
mod raster;

use std::path::PathBuf;

use egui::accesskit::{Role, Toggled};
use egui::{
    Align, CentralPanel, Color32, Frame, Key, Layout, RichText, Sense, StrokeKind, Theme, Ui, vec2,
};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use lucide_icons::Icon;
use wirestep::app::theme;
use wirestep::app::theme::{Face, Fill, Tone};
use wirestep::app::widgets::{
    Answer, Availability, Button, Card, Goal, Pill, choice, goal, segmented,
};
use wirestep::view::kind::Kind;

/// What the learner did.
#[derive(Default)]
struct Clicks {
    unit: usize,
    answer: Option<usize>,
    continued: u32,
    hinted: u32,
}

const ANSWERS: [&str; 3] = ["Ignores the bit", "Closes with 1002", "Answers with a Pong"];
const UNITS: [(&str, Availability<'_>); 4] = [
    ("Message", Availability::Ready),
    ("Frame", Availability::Ready),
    ("Segment", Availability::Ready),
    ("Byte", Availability::Blocked("Nothing is in flight")),
];

fn harness(theme: Theme) -> Harness<'static, Clicks> {
    raster::harness(vec2(980.0, 820.0))
        .with_theme(theme)
        .build_ui_state(gallery, Clicks { unit: 1, ..Clicks::default() })
}

fn gallery(ui: &mut Ui, clicks: &mut Clicks) {
    let fill = theme::palette(ui).panel;
    CentralPanel::default().frame(Frame::new().fill(fill).inner_margin(18)).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            column(ui, |ui| lesson(ui, clicks));
            column(ui, settled);
            column(ui, colours);
        });
        ui.add_space(theme::GAP_LARGE);
        transport(ui, clicks);
    });
}

fn column(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let size = vec2(300.0, ui.available_height());
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::LEFT), |ui| {
        ui.set_width(300.0);
        contents(ui);
    });
}

fn lesson(ui: &mut Ui, clicks: &mut Clicks) {
    let palette = theme::palette(ui);
    ui.label(RichText::new("Lesson 3 · step 4 of 9").color(palette.text_weak));
    ui.label(Face::Heading.text("Six bytes of envelope"));
    ui.label(Face::Body.text(
        "The connection is open. Client 1 sends “Hi” — the frame is halfway across the wire.",
    ));
    ui.add_space(theme::GAP);
    Card::new(Tone::Neutral).title("Predict").show(ui, |ui| {
        ui.label(Face::Body.text("What does the server do if RSV1 is set to 1?"));
        for (idx, words) in ANSWERS.into_iter().enumerate() {
            let state = if clicks.answer == Some(idx) { Answer::Selected } else { Answer::Open };
            if choice(ui, state, words).clicked() {
                clicks.answer = Some(idx);
            }
        }
    });
    ui.add_space(theme::GAP);
    Card::new(Tone::Attention).title("Your turn").show(ui, |ui| {
        ui.label(Face::Body.text("Flip RSV1 in flight, then release the frame and watch."));
        goal(ui, Goal::Met, "RSV1 = 1");
        goal(ui, Goal::Open, "the server closed the connection with 1002, and said why");
    });
    ui.add_space(theme::GAP);
    ui.horizontal(|ui| {
        ui.add(Button::plain("Back").leading(Icon::ChevronLeft));
        let next =
            Button::primary("Continue").trailing(Icon::ChevronRight).tooltip("Next step (→)");
        clicks.continued += u32::from(ui.add(next).clicked());
        let blocked = Availability::Blocked("Try it first");
        clicks.hinted += u32::from(ui.add(Button::plain("Hint").availability(blocked)).clicked());
    });
}

fn settled(ui: &mut Ui) {
    Card::new(Tone::Neutral).title("Predict").show(ui, |ui| {
        choice(ui, Answer::Locked, "Ignores it");
        choice(ui, Answer::LockedRight, "Fails the connection");
        choice(ui, Answer::LockedWrong, "Answers with a Pong, whatever the payload may have been");
    });
    Card::new(Tone::Breach).title("If you release this").show(ui, |ui| {
        ui.label(
            Face::Body
                .text("Server must fail the connection: Close 1002 protocol error, RFC 6455 §5.2"),
        );
    });
    Card::new(Tone::Valid).title("Valid").show(ui, |ui| {
        ui.label(Face::Body.text("6 header bytes + 2 payload bytes."));
    });
    ui.horizontal_wrapped(|ui| {
        ui.add(Pill::solid(Tone::Attention, "in flight"));
        ui.add(Pill::solid(Tone::Breach, "edited · in flight"));
        ui.add(Pill::outlined(Tone::Server, "CONNECTING → OPEN"));
        ui.add(Pill::outlined(Tone::Client, "Client 1"));
        ui.add(Pill::solid(Tone::Client, "Client 2"));
        ui.add(Pill::outlined(Tone::Neutral, "paused"));
        ui.add(Pill::outlined(Tone::Breach, "RESET"));
    });
    for face in [
        Face::Title,
        Face::Body,
        Face::Strong,
        Face::Small,
        Face::Mono,
        Face::MonoStrong,
        Face::MonoSmall,
    ] {
        ui.label(face.text(format!("{face:?} 37 fa 21 3d → “Hi”")));
    }
    let _ = ui.button("egui's own button");
    ui.checkbox(&mut true, "egui's own box");
}

fn colours(ui: &mut Ui) {
    for hue in Kind::ALL {
        ui.horizontal(|ui| {
            let palette = theme::palette(ui);
            bit(ui, "0", palette.hue_fill(hue, Fill::Weak), palette.hue_line(hue));
            bit(ui, "1", palette.hue_fill(hue, Fill::Strong), palette.hue_line(hue));
            ui.label(RichText::new(format!("{hue:?}")).color(palette.hue(hue)));
        });
    }
}

fn bit(ui: &mut Ui, digit: &str, fill: Color32, line: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(18.0, 26.0), Sense::hover());
    let ink = theme::palette(ui).text;
    ui.painter().rect(rect, theme::RADIUS_SMALL, fill, (theme::LINE, line), StrokeKind::Inside);
    ui.painter().text(
        rect.center(),
        egui::Align2::CENTER_CENTER,
        digit,
        Face::MonoStrong.font(),
        ink,
    );
}

fn transport(ui: &mut Ui, clicks: &mut Clicks) {
    ui.horizontal(|ui| {
        ui.add(Button::icon(Icon::List, "Events"));
        ui.add(Button::plain("Step").leading(Icon::StepBack));
        ui.add(Button::plain("Play").leading(Icon::Play));
        ui.add(Button::primary("Step on").trailing(Icon::StepForward));
        if let Some(unit) = segmented(ui, "Step by", &UNITS, clicks.unit) {
            clicks.unit = unit;
        }
        ui.add(Button::plain("Commands").leading(Icon::Command));
        ui.add(Button::icon(Icon::SunMoon, "Switch theme"));
        ui.add(Button::icon(Icon::CircleQuestionMark, "Help"));
    });
}

/// Writes the harness's picture if pictures were asked for.
#[expect(clippy::disallowed_methods, reason = "where pictures go is asked of the environment")]
fn shoot(harness: &mut Harness<'_, Clicks>, name: &str) {
    let image = harness.render().expect("shapes can be drawn without a graphics card");
    if let Some(dir) = std::env::var_os("WIRESTEP_SHOTS").map(PathBuf::from) {
        std::fs::create_dir_all(&dir).expect("the folder for pictures can be made");
        image.save(dir.join(format!("widgets-{name}.png"))).expect("the picture can be written");
    }
}

#[test]
fn every_control_has_a_name_and_a_role_in_both_themes() {
    for (theme, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let mut harness = harness(theme);
        harness.run();
        for button in ["Back", "Continue", "Hint", "Events", "Step on", "Switch theme", "Help"] {
            harness.get_by_role_and_label(Role::Button, button);
        }
        for (unit, _) in UNITS {
            harness.get_by_role_and_label(Role::RadioButton, unit);
        }
        harness.get_by_role_and_label(Role::RadioGroup, "Step by");
        for answer in ["Closes with 1002", "Ignores it", "Fails the connection (right)"] {
            harness.get_by_role_and_label(Role::RadioButton, answer);
        }
        for words in ["Your turn", "Done: RSV1 = 1", "in flight", "If you release this"] {
            harness.get_by_label(words);
        }
        shoot(&mut harness, name);
    }
}

#[test]
fn a_click_chooses_and_shows_as_chosen() {
    let mut harness = harness(Theme::Dark);
    harness.get_by_label("Closes with 1002").click();
    harness.get_by_label("Message").click();
    harness.get_by_label("Continue").click();
    harness.run();
    assert_eq!(
        (harness.state().answer, harness.state().unit, harness.state().continued),
        (Some(1), 0, 1)
    );
    for (label, expected) in [
        ("Closes with 1002", Toggled::True),
        ("Ignores the bit", Toggled::False),
        ("Message", Toggled::True),
    ] {
        let node = harness.get_by_label(label);
        assert_eq!(node.accesskit_node().toggled(), Some(expected), "{label}");
    }
    shoot(&mut harness, "chosen");
}

#[test]
fn blocked_controls_do_nothing_and_say_so() {
    let mut harness = harness(Theme::Light);
    for label in ["Byte", "Hint", "Fails the connection (right)"] {
        let node = harness.get_by_label(label);
        assert!(node.accesskit_node().is_disabled(), "{label}");
        node.click();
    }
    harness.run();
    assert_eq!((harness.state().unit, harness.state().hinted), (1, 0));
    harness.get_by_label("Hint").hover();
    harness.run();
    harness.get_by_label("Try it first");
    shoot(&mut harness, "blocked");
}

#[test]
fn the_keyboard_reaches_every_control_that_can_be_used() {
    let mut harness = harness(Theme::Light);
    let mut reached = Vec::new();
    for _ in 0..24 {
        harness.key_press(Key::Tab);
        harness.run();
        let focused = harness
            .query_all(egui_kittest::kittest::By::new())
            .find(|node| node.accesskit_node().is_focused());
        reached.extend(focused.and_then(|node| node.accesskit_node().label()));
    }
    for label in ["Answers with a Pong", "Back", "Continue", "Play", "Segment", "Help"] {
        assert!(reached.iter().any(|name| name == label), "{label} is not among {reached:?}");
    }
    assert!(!reached.iter().any(|name| name == "Hint"), "a blocked control takes no keyboard");

    harness.get_by_label("Segment").focus();
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(harness.state().unit, 2);
    shoot(&mut harness, "focus");
}
