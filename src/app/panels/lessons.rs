//! The list of lessons.

use super::dialog_frame;
use super::task::plain;
use crate::app::citation::citations;
use crate::app::rich_text::rich_text;
use crate::app::theme::{self, Face};
use crate::app::widgets::{Button, Goal, goal};
use crate::app::window::{Shown, State, Wish};
use crate::lesson::Lesson;
use crate::player::{Command, Player};
use egui::{CollapsingHeader, Id, Modal, ScrollArea, Ui};
use lucide_icons::Icon;

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    if state.lessons == Shown::No {
        return;
    }
    let library = player.walk().library();
    let modal = Modal::new(Id::unique("lessons")).frame(dialog_frame(ui)).show(ui.ctx(), |ui| {
        ui.set_width(theme::DIALOG_WIDTH);
        ui.horizontal(|ui| {
            ui.label(Face::Heading.text(&library.course().title));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.add(Button::icon(Icon::X, "Close the list")).clicked() {
                    wishes.push(Wish::Lessons);
                }
            });
        });
        ScrollArea::vertical().max_height(theme::DIALOG_HEIGHT).show(ui, |ui| {
            for unit in &library.course().units {
                ui.add_space(theme::GAP);
                ui.label(Face::Small.text(&unit.title).color(theme::palette(ui).text_weak));
                for id in &unit.lessons {
                    if let Some(lesson) = library.lesson(id) {
                        row(ui, player, lesson, wishes);
                    }
                }
            }
            ideas(ui, player);
        });
    });
    if modal.should_close() {
        state.lessons = Shown::No;
    }
}

fn row(ui: &mut Ui, player: &Player, lesson: &Lesson, wishes: &mut Vec<Wish>) {
    let finished =
        player.walk().progress().lessons.get(&lesson.id).is_some_and(|kept| kept.finished);
    ui.horizontal_top(|ui| {
        let open = player.lesson().id == lesson.id;
        let name = if open { "Stay" } else { "Open" };
        let spoken = format!("{name}: {}", lesson.title);
        let response = ui.add(Button::plain(name));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &spoken));
        if response.clicked() {
            if !open {
                wishes.push(Command::OpenLesson(lesson.id.clone()).into());
            }
            wishes.push(Wish::Lessons);
        }
        ui.vertical(|ui| {
            ui.label(Face::Strong.text(&lesson.title));
            ui.add(egui::Label::new(Face::Small.text(&lesson.summary)).wrap());
            if finished {
                goal(ui, Goal::Met, "finished");
                card(ui, lesson);
            }
        });
    });
}

/// What is taken home from a lesson that was finished: its reference card.
fn card(ui: &mut Ui, lesson: &Lesson) {
    let title = Face::Small.text(format!("Card: {}", lesson.title));
    CollapsingHeader::new(title).id_salt(("card", &lesson.id)).show(ui, |ui| {
        rich_text(ui, &lesson.debrief.text);
        citations(ui, &lesson.debrief.cites);
    });
}

/// The wrong ideas that the learner's answers stood for.
fn ideas(ui: &mut Ui, player: &Player) {
    let met = player.walk().ideas_met();
    if met.is_empty() {
        return;
    }
    let palette = theme::palette(ui);
    ui.add_space(theme::GAP);
    ui.label(Face::Small.text("Ideas that your answers stood for").color(palette.text_weak));
    for (idx, met) in met.iter().enumerate() {
        let put_right = if met.put_right { " · put right since" } else { "" };
        let title = format!("The idea that {}{put_right}", plain(met.idea));
        CollapsingHeader::new(Face::Body.text(title)).id_salt(("idea", idx)).show(ui, |ui| {
            rich_text(ui, met.because);
            let from = format!("From “{}”", met.lesson.title);
            ui.label(Face::Small.text(from).color(palette.text_weak));
        });
    }
}
