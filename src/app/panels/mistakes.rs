//! What is wrong with a lesson that its author is changing: where, what, and what would work.

use crate::app::rich_text::rich_text;
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Card, unbroken};
use crate::lesson::LessonError;
use crate::view::words::sentence;
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
            rich_text(ui, &sentence(what));
            rich_text(ui, &sentence(remedy));
        }
        let n_more = mistakes.len().saturating_sub(MAX_LISTED);
        if n_more > 0 {
            ui.add_space(theme::GAP_SMALL);
            rich_text(ui, &format!("And {n_more} more: `wirestep check` lists them all."));
        }
    });
    ui.add_space(theme::GAP);
}
