//! What comes of a unit, in a card: that it is valid, or what a peer does about it.

use egui::text::LayoutJob;
use egui::{Response, Ui, Widget};

use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Card, unbroken};

/// A verdict; `ui.add` it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a verdict appears only when it is added to a ui"]
pub struct Verdict<'a> {
    /// What it means to the learner; the card's border and the headline's colour.
    pub tone: Tone,
    /// The verdict in a word or two, such as `Valid.`
    pub headline: &'a str,
    /// The rest of it.
    pub words: &'a str,
    /// Where that is laid down, such as `RFC 6455 §5.2`; may be empty.
    pub cite: &'a str,
}

impl Widget for Verdict<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let palette = theme::palette(ui);
        // Good news needs no frame; whatever else there is to say does.
        let frame = match self.tone {
            Tone::Valid => Tone::Neutral,
            tone => tone,
        };
        let card = Card::new(frame).show(ui, |ui| {
            let mut job = LayoutJob::default();
            let cite = unbroken(self.cite);
            let parts = [
                (self.headline, Face::Strong, palette.tone(self.tone).text),
                (self.words, Face::Body, palette.text),
                (cite.as_str(), Face::Body, palette.text_weak),
            ];
            for (words, face, ink) in parts.into_iter().filter(|(words, ..)| !words.is_empty()) {
                let leading = if job.is_empty() { "" } else { " " };
                job.append(&format!("{leading}{words}"), 0.0, face.format(ink));
            }
            ui.label(job)
        });
        card.inner
    }
}
