//! A rounded badge that names a state, such as "in flight".

use egui::{Response, Role, Sense, StrokeKind, Ui, Widget, WidgetInfo, vec2};

use super::line;
use crate::app::theme::{self, Face, Tone};

const HEIGHT: f32 = 22.0;

/// A badge; `ui.add` it.
#[must_use = "a pill appears only when it is added to a ui"]
pub struct Pill<'a> {
    tone: Tone,
    weight: Weight,
    words: &'a str,
}

enum Weight {
    Solid,
    Outlined,
}

impl<'a> Pill<'a> {
    /// A badge that draws the eye.
    pub fn solid(tone: Tone, words: &'a str) -> Self {
        Self { tone, weight: Weight::Solid, words }
    }

    /// A badge that is there when looked for.
    pub fn outlined(tone: Tone, words: &'a str) -> Self {
        Self { tone, weight: Weight::Outlined, words }
    }
}

impl Widget for Pill<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let words = line(ui, self.words, Face::CaptionStrong);
        let size = vec2((words.size().x + HEIGHT).ceil(), HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, self.words));

        let tone = theme::palette(ui).tone(self.tone);
        let (fill, border, ink) = match self.weight {
            Weight::Solid => (tone.solid, tone.solid, tone.on_solid),
            Weight::Outlined => (tone.fill, tone.line, tone.text),
        };
        ui.painter().rect(rect, HEIGHT / 2.0, fill, (theme::LINE, border), StrokeKind::Inside);
        ui.painter().galley(rect.center() - words.size() / 2.0, words, ink);
        response
    }
}
