//! What is wrong with a lesson that its author is changing: where, what, and what would work.

use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Card, unbroken};
use crate::lesson::LessonError;
use egui::{Label, Ui};

/// The most faults that are listed.
const MAX_LISTED: usize = 3;

/// A card with what is wrong; draws nothing where nothing is.
pub(super) fn card(ui: &mut Ui, mistakes: &[LessonError]) {
    let Some(first) = mistakes.first() else { return };
    let palette = theme::palette(ui);
    Card::new(Tone::Breach).title("Not taken in").show(ui, |ui| {
        let words = format!(
            "What was saved in {} cannot be read. The version before it stays open.",
            first.file
        );
        ui.add(Label::new(Face::Small.text(words).color(palette.text_weak)).wrap());
        for mistake in mistakes.iter().take(MAX_LISTED) {
            ui.add_space(theme::GAP_SMALL);
            let LessonError { file, line, column, what, remedy, .. } = mistake;
            let place = format!("{file}:{line}:{column}");
            let ink = palette.tone(Tone::Breach).text;
            ui.add(Label::new(Face::MonoStrong.text(unbroken(&place)).color(ink)).wrap());
            ui.add(Label::new(Face::Body.text(sentence(what)).color(palette.text)).wrap());
            let remedy = sentence(remedy);
            ui.add(Label::new(Face::Small.text(remedy).color(palette.text_weak)).wrap());
        }
        let n_more = mistakes.len().saturating_sub(MAX_LISTED);
        if n_more > 0 {
            ui.add_space(theme::GAP_SMALL);
            let words = format!("And {n_more} more: `wirestep check` lists them all.");
            ui.label(Face::Small.text(words.replace('`', "")).color(palette.text_weak));
        }
    });
    ui.add_space(theme::GAP_SMALL);
}

/// Words of a fault as a sentence; names stand between quotes that Markdown alone would hide.
fn sentence(words: &str) -> String {
    crate::view::words::sentence(words)
}
