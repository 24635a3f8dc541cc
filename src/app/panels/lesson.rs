//! The lesson: narration, the question or the task of the step, hints, and the way on.

use super::{apart, mistakes, notice, task};
use crate::app::actions;
use crate::app::citation::citations;
use crate::app::rich_text::rich_text;
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Availability, Button, Card};
use crate::app::window::{State, Wish};
use crate::lesson::Step;
use crate::player::{Command, Gate, Player};
use egui::{Align, Frame, Margin, Panel, ScrollArea, Ui};
use lucide_icons::Icon;

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    let asked = player.quiz().is_some() || player.in_sandbox();
    if player.lesson().steps.is_empty() && !asked {
        return;
    }
    let palette = theme::palette(ui);
    let margin = Margin { left: 18, right: 0, top: 14, bottom: 14 };
    let frame = Frame::new().fill(palette.panel).inner_margin(margin);
    let width = theme::lesson_width(ui.available_width());
    Panel::left("lesson").exact_size(width).frame(frame).show(ui, |ui| {
        let nav = Panel::bottom("lesson nav").show_separator_line(false);
        let margin = Margin { left: 0, right: 18, top: 8, bottom: 0 };
        nav.frame(Frame::new().inner_margin(margin)).show(ui, |ui| {
            notice::in_lesson(ui, &mut state.filing);
            notice(ui, player, wishes);
            ui.horizontal(|ui| navigation(ui, player, wishes));
        });
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new().inner_margin(Margin { right: 18, ..Margin::ZERO }).show(ui, |ui| {
                ui.set_width(ui.available_width());
                mistakes::card(ui, &state.mistakes);
                contents(ui, player, state, wishes);
                // What has come to be said is brought into view.
                let told = Told::of(player);
                if state.told != told {
                    if state.told.step == told.step {
                        ui.scroll_to_cursor(Some(Align::BOTTOM));
                    }
                    state.told = told;
                }
            });
        });
    });
}

/// How much of a step the lesson has said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::app) struct Told {
    step: (String, usize),
    n_answers: usize,
    n_hints: usize,
    done: bool,
}

impl Told {
    fn of(player: &Player) -> Self {
        let walk = player.walk();
        Self {
            step: (player.lesson().id.clone(), walk.step_idx()),
            n_answers: walk.predictions().len(),
            n_hints: walk.hints().len(),
            done: walk.task_done(),
        }
    }
}

fn contents(ui: &mut Ui, player: &Player, state: &mut State, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let walk = player.walk();
    if let Some(quiz) = player.quiz() {
        return apart::quiz(ui, quiz, wishes);
    }
    if player.in_sandbox() {
        return apart::sandbox(ui, player, wishes);
    }
    if walk.test_question().is_some() {
        return apart::test(ui, player, wishes);
    }
    let (idx, n_steps) = (walk.step_idx(), player.lesson().steps.len());
    let Some(step) = walk.step() else {
        return apart::debrief(ui, player, wishes);
    };
    let place = format!("Step {} of {n_steps}", idx + 1);
    ui.label(Face::Small.text(place).color(palette.text_weak));
    heading(ui, &step.title);
    rich_text(ui, &step.text);
    citations(ui, &step.cites);
    ui.add_space(theme::GAP_SMALL);
    task::show(ui, player, step, &mut state.explanation, wishes);
    aside(ui, step, idx);
    if idx == 0 {
        apart::test_out(ui, player, wishes);
    }
}

pub(super) fn heading(ui: &mut Ui, words: &str) {
    let text = Face::Heading.text(words).color(theme::palette(ui).text);
    let label = ui.add(egui::Label::new(text).wrap());
    label.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Heading, true, words));
    ui.add_space(theme::GAP_SMALL);
}

fn aside(ui: &mut Ui, step: &Step, idx: usize) {
    let Some(words) = &step.aside else { return };
    ui.add_space(theme::GAP_SMALL);
    let title = Face::Small.text("In practice");
    egui::CollapsingHeader::new(title).id_salt(("aside", idx)).show(ui, |ui| {
        rich_text(ui, words);
    });
}

pub(super) fn notice(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let Some(words) = player.notice() else { return };
    Card::new(Tone::Attention).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            let width = ui.available_width() - theme::CONTROL_HEIGHT - theme::GAP;
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.add(egui::Label::new(Face::Body.text(words)).wrap());
            });
            if ui.add(Button::icon(Icon::X, "Put away")).clicked() {
                wishes.push(Command::Dismiss.into());
            }
        });
    });
    ui.add_space(theme::GAP);
}

fn navigation(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let walk = player.walk();
    if player.in_sandbox() || walk.test_question().is_some() {
        return apart::navigation(ui, player, wishes);
    }
    if player.lesson().steps.is_empty() {
        return;
    }
    let first = walk.step_idx() == 0;
    let tip = actions::tooltip(ui.ctx(), "Lesson back");
    let blocked =
        if first { Availability::Blocked("This is the first step") } else { Availability::Ready };
    // The step bar has a Back of its own: that one goes back in time.
    let back = Button::icon(Icon::ChevronLeft, "Previous page").availability(blocked);
    if ui.add(back.tooltip(&tip)).clicked() {
        wishes.push(Command::StepBackInLesson.into());
    }
    if walk.step().is_none() {
        return;
    }
    let tip = actions::tooltip(ui.ctx(), "Continue");
    let name =
        if walk.step_idx() + 1 == player.lesson().steps.len() { "Finish" } else { "Continue" };
    let button = match walk.gate() {
        Gate::Open => Button::primary(name),
        Gate::Unanswered => {
            Button::plain(name).availability(Availability::Blocked("Choose an answer first"))
        }
        Gate::Undone => {
            Button::plain(name).availability(Availability::Blocked("The task is not done yet"))
        }
        Gate::Unchosen => {
            Button::plain(name).availability(Availability::Blocked("Choose a way first"))
        }
        Gate::Unexplained => {
            Button::plain(name).availability(Availability::Blocked("Explain it first"))
        }
    };
    if ui.add(button.trailing(Icon::ChevronRight).tooltip(&tip)).clicked() {
        wishes.push(Command::Continue.into());
    }
    if walk.offers_solution() {
        let solution = Button::plain("Show me").leading(Icon::GraduationCap);
        let tip = actions::tooltip(ui.ctx(), "Show the solution");
        if ui.add(solution.tooltip(&tip)).clicked() {
            wishes.push(Command::ShowSolution.into());
        }
    }
    let more = walk.task().is_some_and(|task| walk.hints().len() < task.hints.len());
    if more && !walk.task_done() {
        let tip = actions::tooltip(ui.ctx(), "Hint");
        if ui.add(Button::plain("Hint").leading(Icon::Lightbulb).tooltip(&tip)).clicked() {
            wishes.push(Command::Hint.into());
        }
    }
}
