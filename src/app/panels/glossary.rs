//! The glossary: every term of the course, what it means, and a field to search in.

use super::dialog_frame;
use crate::app::citation::citation;
use crate::app::term_links::meaning;
use crate::app::theme::{self, Face};
use crate::app::widgets::Button;
use crate::app::window::{Shown, State, Wish};
use crate::view::terms;
use egui::{Align2, Id, Modal, Role, ScrollArea, TextEdit, Ui, WidgetInfo, vec2};
use lucide_icons::Icon;

/// What the window remembers of the glossary.
#[derive(Default)]
pub(in crate::app) struct Glossary {
    pub(in crate::app) shown: Shown,
    /// What is searched for.
    words: String,
    /// Whether the field is to have the keyboard.
    calls: bool,
}

impl Glossary {
    /// Opens it with nothing searched for, or closes it.
    pub(in crate::app) fn toggle(&mut self) {
        let shown = match self.shown {
            Shown::No => Shown::Yes,
            Shown::Yes => Shown::No,
        };
        *self = Self { shown, words: String::new(), calls: true };
    }
}

pub(in crate::app) fn show(ui: &mut Ui, state: &mut State, wishes: &mut Vec<Wish>) {
    let glossary = &mut state.glossary;
    if glossary.shown == Shown::No {
        return;
    }
    let modal = Modal::new(Id::unique("glossary")).frame(dialog_frame(ui)).show(ui.ctx(), |ui| {
        ui.set_width(theme::DIALOG_WIDTH);
        ui.horizontal(|ui| {
            ui.label(Face::Heading.text("Glossary"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.add(Button::icon(Icon::X, "Close the glossary")).clicked() {
                    wishes.push(Wish::Glossary);
                }
            });
        });
        field(ui, glossary);
        ui.add_space(theme::GAP);
        let scroll = ScrollArea::vertical().auto_shrink(false).max_height(theme::DIALOG_HEIGHT);
        let scroll = scroll.min_scrolled_height(theme::DIALOG_HEIGHT);
        scroll.show(ui, |ui| list(ui, &glossary.words));
    });
    if modal.should_close() {
        glossary.shown = Shown::No;
    }
}

fn field(ui: &mut Ui, glossary: &mut Glossary) {
    let size = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    let edit = TextEdit::singleline(&mut glossary.words).hint_text("Search for a word");
    let edit = edit.align(Align2::LEFT_CENTER).font(Face::Body.font());
    let response = ui.add_sized(size, edit);
    let words = glossary.words.clone();
    response.widget_info(|| {
        WidgetInfo::labeled(Role::TextInput, true, format!("Search for a word: {words}"))
    });
    if std::mem::take(&mut glossary.calls) {
        response.request_focus();
    }
}

fn list(ui: &mut Ui, words: &str) {
    let mut n_shown = 0;
    for term in terms::search(words) {
        n_shown += 1;
        meaning(ui, term);
        ui.horizontal_wrapped(|ui| {
            citation(ui, term.cite);
            if !term.also.is_empty() {
                let also = format!("also: {}", term.also.join(", "));
                ui.label(Face::Small.text(also).color(theme::palette(ui).text_weak));
            }
        });
        ui.add_space(theme::GAP);
    }
    if n_shown == 0 {
        let words = "No term speaks of this.";
        ui.label(Face::Body.text(words).color(theme::palette(ui).text_weak));
    }
}
