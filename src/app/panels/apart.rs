//! What the lesson's panel shows apart from its steps: the sandbox, the test, the debrief.

use super::lesson::heading;
use super::task::plain;
use crate::app::actions;
use crate::app::citation::citations;
use crate::app::rich_text::rich_text;
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Answer, Button, Card, choice};
use crate::app::window::Wish;
use crate::lesson::Tab;
use crate::player::{Command, Player, Quiz};
use egui::Ui;
use lucide_icons::Icon;

pub(super) fn sandbox(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let from = format!("Beside “{}”", player.lesson().title);
    ui.label(Face::Small.text(from).color(palette.text_weak));
    heading(ui, "Sandbox");
    rich_text(
        ui,
        "The same world, without a lesson. Step, switch the mode, flip bits, lose segments, type as \
         any host: nothing here counts for a task, and your place in the lesson is kept as it \
         is.\n\nWhat you do here stays here until you open another lesson.",
    );
    ui.add_space(theme::GAP_SMALL);
    ui.horizontal_wrapped(|ui| {
        let tip = actions::tooltip(ui.ctx(), "Start over");
        let again = Button::plain("Start over").leading(Icon::RotateCcw);
        if ui.add(again.tooltip(&tip)).clicked() {
            wishes.push(Command::StartOver.into());
        }
    });
}

/// The question that the program made of what lies ahead.
pub(super) fn quiz(ui: &mut Ui, quiz: &Quiz, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    ui.label(Face::Small.text("Made of what lies ahead").color(palette.text_weak));
    heading(ui, "What do you expect?");
    let question = &quiz.question;
    let tone = if quiz.chosen.is_none() { Tone::Attention } else { Tone::Neutral };
    Card::new(tone).title("Predict").show(ui, |ui| {
        rich_text(ui, &question.asked);
        ui.add_space(theme::GAP_SMALL);
        for (idx, option) in question.options.iter().enumerate() {
            let answer = match quiz.chosen {
                None => Answer::Open,
                Some(_) if idx == question.right => Answer::LockedRight,
                Some(chosen) if chosen == idx => Answer::LockedWrong,
                Some(_) => Answer::Locked,
            };
            if choice(ui, answer, option).clicked() {
                wishes.push(Command::AnswerAsked(idx).into());
            }
        }
    });
    if let Some(right) = quiz.is_right() {
        ui.add_space(theme::GAP_SMALL);
        let title = if right { "Yes" } else { "Not quite" };
        let tone = if right { Tone::Valid } else { Tone::Attention };
        Card::new(tone).title(title).show(ui, |ui| {
            let words = format!("{} You stand where it happens.", question.because);
            ui.add(egui::Label::new(Face::Body.text(words)).wrap());
            if ui.link(Face::Small.text("Why? The whole chain")).clicked() {
                wishes.push(Command::Choose(question.outcome).into());
                wishes.push(Command::ShowTab(Tab::Why).into());
            }
        });
    }
    ui.add_space(theme::GAP_SMALL);
    ui.horizontal_wrapped(|ui| {
        let tip = actions::tooltip(ui.ctx(), "Ask me");
        if ui.add(Button::plain("Another one").tooltip(&tip)).clicked() {
            wishes.push(Command::Ask.into());
        }
        if ui.add(Button::plain("Enough")).clicked() {
            wishes.push(Command::StopAsking.into());
        }
    });
}

/// The question of the test.
pub(super) fn test(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let walk = player.walk();
    let (Some(test), Some(question)) = (walk.test(), walk.test_question()) else { return };
    let place = format!("Question {} of {}", test.n_answered() + 1, test.n_questions());
    ui.label(Face::Small.text(place).color(palette.text_weak));
    heading(ui, &player.lesson().title);
    Card::new(Tone::Attention).title("Do you know this?").show(ui, |ui| {
        rich_text(ui, &question.question);
        ui.add_space(theme::GAP_SMALL);
        for (idx, option) in question.options.iter().enumerate() {
            let shown = ui.push_id((test.n_answered(), idx), |ui| {
                choice(ui, Answer::Open, &plain(&option.text))
            });
            if shown.inner.clicked() {
                wishes.push(Command::Answer(idx).into());
            }
        }
    });
    let words = "All right, and the lesson is done. Nothing is said before the last answer.";
    ui.add_space(theme::GAP_SMALL);
    ui.add(egui::Label::new(Face::Small.text(words).color(palette.text_weak)).wrap());
}

/// The offer to be tested, or how the last test came out.
pub(super) fn test_out(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let walk = player.walk();
    ui.add_space(theme::GAP);
    if let Some((test, n_right)) = walk.test().and_then(|test| Some((test, test.n_right()?))) {
        let title = format!("{n_right} of {} were right", test.n_questions());
        Card::new(Tone::Neutral).title(&title).show(ui, |ui| {
            let missed: Vec<_> = walk.missed().iter().map(|step| format!("- {step}")).collect();
            rich_text(ui, &format!("These steps have the rest:\n\n{}", missed.join("\n")));
        });
    } else if walk.can_test_out() {
        let tip = actions::tooltip(ui.ctx(), "Test");
        let test = Button::plain("I know this: test me").leading(Icon::FastForward);
        if ui.add(test.tooltip(&tip)).clicked() {
            wishes.push(Command::ToggleTest.into());
        }
    }
}

pub(super) fn debrief(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let lesson = player.lesson();
    let palette = theme::palette(ui);
    ui.label(Face::Small.text("Lesson finished").color(palette.text_weak));
    heading(ui, &lesson.title);
    rich_text(ui, &lesson.debrief.text);
    citations(ui, &lesson.debrief.cites);
    ui.add_space(theme::GAP);
    let right = player.walk().predictions().iter().filter(|prediction| prediction.right).count();
    let n = player.walk().predictions().len();
    if n > 0 {
        let words = format!("{right} of {n} predictions were right.");
        ui.label(Face::Small.text(words).color(palette.text_weak));
        ui.add_space(theme::GAP_SMALL);
    }
    ui.horizontal(|ui| {
        if let Some(next) = player.walk().library().next_after(&lesson.id) {
            let button = Button::primary("Next lesson").trailing(Icon::ChevronRight);
            if ui.add(button.tooltip(&next.title)).clicked() {
                wishes.push(Command::OpenLesson(next.id.clone()).into());
            }
        }
        if ui.add(Button::plain("Again").leading(Icon::RotateCcw)).clicked() {
            wishes.push(Command::Restart.into());
        }
    });
}

/// The way back to the lesson's steps.
pub(super) fn navigation(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let (name, action, command) = if player.in_sandbox() {
        ("Back to the lesson", "Sandbox", Command::ToggleSandbox)
    } else {
        ("Leave the test", "Test", Command::ToggleTest)
    };
    let tip = actions::tooltip(ui.ctx(), action);
    let back = Button::primary(name).leading(Icon::ChevronLeft);
    if ui.add(back.tooltip(&tip)).clicked() {
        wishes.push(command.into());
    }
}
