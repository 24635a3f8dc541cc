//! The task of a step: a question, a choice, something to explain or to bring about, and what is
//! said about it.

use crate::app::rich_text::rich_text;
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Answer, Button, Card, Goal, choice, goal};
use crate::app::window::Wish;
use crate::lesson::{Choose, Do, Explain, Predict, Step, Task};
use crate::player::{Command, Player};
use egui::{Label, Link, Role, TextEdit, Ui, WidgetInfo};

/// The explanation that is being written, and the step that asks for it.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct Explanation {
    step: String,
    words: String,
}

pub(super) fn show(
    ui: &mut Ui,
    player: &Player,
    step: &Step,
    explanation: &mut Explanation,
    wishes: &mut Vec<Wish>,
) {
    match &step.task {
        Some(Task::Predict(question)) => predict(ui, player, "Predict", question, wishes),
        Some(Task::Retrieve(retrieve)) => {
            if let Some(question) = &retrieve.item {
                let from = player.walk().library().lesson(&retrieve.lesson);
                let from = from.map_or(retrieve.lesson.as_str(), |lesson| &lesson.title);
                predict(ui, player, &format!("Once more, from “{from}”"), question, wishes);
            }
        }
        Some(Task::Choose(choose)) => choose_way(ui, player, choose, wishes),
        Some(Task::Explain(explain)) => {
            if explanation.step != step.title {
                *explanation = Explanation { step: step.title.clone(), words: String::new() };
            }
            explain_it(ui, player, explain, &mut explanation.words, wishes);
        }
        Some(Task::Do(task)) => your_turn(ui, player, task),
        None => {}
    }
}

fn predict(ui: &mut Ui, player: &Player, title: &str, question: &Predict, wishes: &mut Vec<Wish>) {
    let locked = player.walk().prediction(&question.id);
    let tone = if locked.is_none() { Tone::Attention } else { Tone::Neutral };
    Card::new(tone).title(title).show(ui, |ui| {
        rich_text(ui, &question.question);
        ui.add_space(theme::GAP_SMALL);
        for (idx, option) in question.options.iter().enumerate() {
            let answer = match locked {
                None => Answer::Open,
                Some(_) if option.right => Answer::LockedRight,
                Some(locked) if locked.choice == idx => Answer::LockedWrong,
                Some(_) => Answer::Locked,
            };
            if choice(ui, answer, &plain(&option.text)).clicked() {
                wishes.push(Command::Answer(idx).into());
            }
        }
    });
    let Some(locked) = locked else { return };
    ui.add_space(theme::GAP_SMALL);
    let chosen = question.options.get(locked.choice);
    if let Some(chosen) = chosen.filter(|_| !locked.right) {
        let title = match &chosen.idea {
            Some(idea) => format!("Not quite: the idea that {}", plain(idea)),
            None => "Not quite".to_owned(),
        };
        because(ui, Tone::Attention, &title, &chosen.because);
        ui.add_space(theme::GAP_SMALL);
    }
    if let Some(right) = question.right() {
        let title = if locked.right { "Yes, because" } else { "What happens" };
        because(ui, Tone::Valid, title, &right.because);
    }
    outcome(ui, player, wishes);
}

/// What really happened, each thing a way to go and look at it.
fn outcome(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    if player.outcome().is_empty() {
        return;
    }
    ui.add_space(theme::GAP_SMALL);
    Card::new(Tone::Neutral).title("In this run").show(ui, |ui| {
        for (record, words) in player.outcome() {
            let shown = ui.push_id(record.0, |ui| {
                ui.add(Link::new(Face::Small.text(words))).on_hover_text("Go and look at it")
            });
            if shown.inner.clicked() {
                wishes.push(Command::Choose(*record).into());
            }
        }
    });
}

fn choose_way(ui: &mut Ui, player: &Player, choose: &Choose, wishes: &mut Vec<Wish>) {
    let chosen = player.walk().choice();
    let tone = if chosen.is_none() { Tone::Attention } else { Tone::Neutral };
    Card::new(tone).title("Choose").show(ui, |ui| {
        rich_text(ui, &choose.question);
        ui.add_space(theme::GAP_SMALL);
        for (idx, option) in choose.options.iter().enumerate() {
            let answer = if chosen == Some(idx) { Answer::Selected } else { Answer::Open };
            if choice(ui, answer, &plain(&option.text)).clicked() {
                wishes.push(Command::Answer(idx).into());
            }
        }
    });
    if let Some(option) = chosen.and_then(|idx| choose.options.get(idx)) {
        ui.add_space(theme::GAP_SMALL);
        because(ui, Tone::Neutral, "Where that leads", &option.because);
    }
}

fn explain_it(
    ui: &mut Ui,
    player: &Player,
    explain: &Explain,
    words: &mut String,
    wishes: &mut Vec<Wish>,
) {
    let explained = player.walk().explained();
    let tone = if explained.is_none() { Tone::Attention } else { Tone::Neutral };
    Card::new(tone).title("In your own words").show(ui, |ui| {
        rich_text(ui, &explain.prompt);
        ui.add_space(theme::GAP_SMALL);
        if let Some(explained) = explained {
            ui.add(Label::new(Face::Body.text(&explained.words)).wrap());
            return;
        }
        let edit = TextEdit::multiline(words).desired_rows(4).desired_width(f32::INFINITY);
        let response = ui.add(edit.font(Face::Body.font()).char_limit(MAX_WORDS));
        response.widget_info(|| {
            WidgetInfo::labeled(Role::MultilineTextInput, true, "Your explanation")
        });
        ui.add_space(theme::GAP_SMALL);
        if ui.add(Button::primary("That is my explanation")).clicked() {
            wishes.push(Command::Explain(words.clone()).into());
        }
    });
    let Some(explained) = explained else { return };
    ui.add_space(theme::GAP_SMALL);
    because(ui, Tone::Valid, "Somebody who knows would say", &explain.model);
    ui.add_space(theme::GAP_SMALL);
    Card::new(Tone::Neutral).title("Tick what yours says too").show(ui, |ui| {
        for (idx, point) in explain.points.iter().enumerate() {
            let ticked = explained.ticked.contains(&idx);
            let answer = if ticked { Answer::Selected } else { Answer::Open };
            if choice(ui, answer, &plain(point)).clicked() {
                wishes.push(Command::TickPoint(idx).into());
            }
        }
    });
}

/// The most characters of an explanation.
const MAX_WORDS: usize = 4000;

fn your_turn(ui: &mut Ui, player: &Player, task: &Do) {
    let walk = player.walk();
    let done = walk.task_done();
    let tone = if done { Tone::Valid } else { Tone::Attention };
    Card::new(tone).title(if done { "Done" } else { "Your turn" }).show(ui, |ui| {
        rich_text(ui, &task.task);
        ui.add_space(theme::GAP_SMALL);
        for (words, met) in player.checks() {
            goal(ui, if met { Goal::Met } else { Goal::Open }, &plain(&words));
        }
    });
    for (idx, hint) in walk.hints().iter().enumerate() {
        ui.add_space(theme::GAP_SMALL);
        because(ui, Tone::Neutral, &format!("Hint {}", idx + 1), hint);
    }
    if walk.solution_shown() {
        ui.add_space(theme::GAP_SMALL);
        let words =
            "This is one way to do it. Undo it, and do it yourself: that is when it sticks.";
        because(ui, Tone::Neutral, "The solution", words);
    }
    if done {
        ui.add_space(theme::GAP_SMALL);
        because(ui, Tone::Valid, "Because", &task.because);
    }
}

fn because(ui: &mut Ui, tone: Tone, title: &str, words: &str) {
    Card::new(tone).title(title).show(ui, |ui| {
        rich_text(ui, words);
    });
}

/// Words for a place that shows no Markdown.
pub(super) fn plain(words: &str) -> String {
    words.replace('`', "")
}
