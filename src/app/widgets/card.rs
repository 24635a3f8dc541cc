//! A framed group with a caption, as wide as its place allows.

use egui::{Frame, InnerResponse, Role, Stroke, Ui, WidgetInfo};

use crate::app::theme::{self, Face, Tone};

/// A card; its border says in colour what its caption says in words.
#[must_use = "a card appears only when it is shown"]
pub struct Card<'a> {
    tone: Tone,
    title: Option<&'a str>,
}

impl<'a> Card<'a> {
    /// A card without a caption.
    pub fn new(tone: Tone) -> Self {
        Self { tone, title: None }
    }

    /// Adds a caption, which is drawn in capitals.
    pub fn title(mut self, title: &'a str) -> Self {
        self.title = Some(title);
        self
    }

    /// Draws the card around `contents`.
    pub fn show<R>(self, ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
        let palette = theme::palette(ui);
        let ink = palette.tone(self.tone);
        Frame::new()
            .fill(palette.card)
            .stroke(Stroke::new(theme::LINE, ink.line))
            .corner_radius(theme::RADIUS_LARGE)
            .inner_margin(theme::CARD_PADDING)
            .show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                if let Some(title) = self.title {
                    let (face, color) = match self.tone {
                        Tone::Neutral => (Face::Caption, palette.text_weak),
                        Tone::Attention
                        | Tone::Breach
                        | Tone::Valid
                        | Tone::Client
                        | Tone::Server => (Face::CaptionStrong, ink.text),
                    };
                    let caption = face
                        .text(title.to_uppercase())
                        .extra_letter_spacing(theme::CAPTION_SPACING)
                        .color(color);
                    // Some screen readers spell out capitals, so they are given the plain words.
                    let spoken = || WidgetInfo::labeled(Role::Label, true, title);
                    ui.label(caption).widget_info(spoken);
                    ui.add_space(theme::GAP_SMALL);
                }
                contents(ui)
            })
    }
}
