//! A push button: the one thing to do next, anything else, or a lone icon.

use std::sync::Arc;

use egui::{
    Color32, Galley, Response, Role, Sense, StrokeKind, Ui, Widget, WidgetInfo, pos2, vec2,
};
use lucide_icons::Icon;

use super::{Availability, focus_ring, icon, line};
use crate::app::theme::{self, Face, Palette};

/// A button; `ui.add` it, and ask the response whether it was clicked.
#[must_use = "a button appears only when it is added to a ui"]
pub struct Button<'a> {
    name: &'a str,
    look: Look,
    leading: Option<Icon>,
    trailing: Option<Icon>,
    availability: Availability<'a>,
    tooltip: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Primary,
    Plain,
    Icon,
}

impl<'a> Button<'a> {
    /// The one thing to do next.
    pub fn primary(name: &'a str) -> Self {
        Self::with_look(name, Look::Primary)
    }

    /// Anything else.
    pub fn plain(name: &'a str) -> Self {
        Self::with_look(name, Look::Plain)
    }

    /// A lone icon; `name` is its tooltip and what screen readers say.
    pub fn icon(icon: Icon, name: &'a str) -> Self {
        Self::with_look(name, Look::Icon).leading(icon).tooltip(name)
    }

    /// Puts an icon before the words.
    pub fn leading(mut self, icon: Icon) -> Self {
        self.leading = Some(icon);
        self
    }

    /// Puts an icon behind the words.
    pub fn trailing(mut self, icon: Icon) -> Self {
        self.trailing = Some(icon);
        self
    }

    /// Says whether the button can be used; a blocked one says why in its tooltip.
    pub fn availability(mut self, availability: Availability<'a>) -> Self {
        self.availability = availability;
        self
    }

    /// Says more, such as the key that does the same, while the pointer rests on the button.
    pub fn tooltip(mut self, words: &'a str) -> Self {
        self.tooltip = Some(words);
        self
    }

    fn with_look(name: &'a str, look: Look) -> Self {
        Self {
            name,
            look,
            leading: None,
            trailing: None,
            availability: Availability::Ready,
            tooltip: None,
        }
    }

    fn parts(&self, ui: &Ui) -> Vec<Arc<Galley>> {
        let words = match self.look {
            Look::Primary => Some(line(ui, self.name, Face::Strong)),
            Look::Plain => Some(line(ui, self.name, Face::Body)),
            Look::Icon => None,
        };
        let [leading, trailing] =
            [self.leading, self.trailing].map(|part| part.map(|part| icon(ui, part)));
        [leading, words, trailing].into_iter().flatten().collect()
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let ready = self.availability == Availability::Ready && ui.is_enabled();
        let parts = self.parts(ui);
        let inner = parts.iter().map(|part| part.size().x + theme::GAP_SMALL).sum::<f32>();
        let inner = inner - theme::GAP_SMALL;
        let width = (inner + 2.0 * theme::CONTROL_PADDING).ceil().max(theme::CONTROL_HEIGHT);
        let width = if self.look == Look::Icon { theme::CONTROL_HEIGHT } else { width };
        let sense = if ready { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2(width, theme::CONTROL_HEIGHT), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ready, self.name));

        if ui.is_rect_visible(rect) {
            let palette = theme::palette(ui);
            let (fill, border, ink) = colors(self.look, palette, &response);
            ui.painter().rect(rect, theme::RADIUS, fill, (theme::LINE, border), StrokeKind::Inside);
            let mut left = rect.center().x - inner / 2.0;
            for part in parts {
                let size = part.size();
                ui.painter().galley(pos2(left, rect.center().y - size.y / 2.0), part, ink);
                left += size.x + theme::GAP_SMALL;
            }
            focus_ring(ui, &response, theme::RADIUS);
        }
        match (self.availability, self.tooltip) {
            (Availability::Blocked(reason), _) => response.on_hover_text(reason),
            (Availability::Ready, Some(words)) => response.on_hover_text(words),
            (Availability::Ready, None) => response,
        }
    }
}

/// The fill, border and ink of a button in its present state.
fn colors(look: Look, palette: &Palette, response: &Response) -> (Color32, Color32, Color32) {
    if !response.sense.senses_click() {
        return (palette.panel, palette.border, palette.text_disabled);
    }
    let pick = |[rest, hovered, pressed]: [Color32; 3]| {
        if response.is_pointer_button_down_on() {
            pressed
        } else if response.hovered() {
            hovered
        } else {
            rest
        }
    };
    match look {
        Look::Primary => {
            let fill = pick([palette.accent_solid, palette.accent_hovered, palette.accent_pressed]);
            (fill, fill, palette.on_accent)
        }
        Look::Plain | Look::Icon => {
            let fill = pick([palette.card, palette.card_hovered, palette.card_pressed]);
            (
                fill,
                pick([palette.border, palette.border_strong, palette.border_strong]),
                palette.text,
            )
        }
    }
}
