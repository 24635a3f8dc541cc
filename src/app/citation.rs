//! A citation: the clause by which something is so, its title, and the way to its text.

use super::theme::{self, Face};
use super::widgets::{Button, focus_ring, line, unbroken};
use crate::lesson::clause;
use egui::{OpenUrl, Rect, Response, Role, Sense, Ui, UiBuilder, WidgetInfo, vec2};
use lucide_icons::Icon;

/// Clauses one behind the other, as wide as their place allows.
pub(super) fn citations(ui: &mut Ui, cites: &[String]) {
    if cites.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(theme::GAP_SMALL, 0.0);
        for (idx, cite) in cites.iter().enumerate() {
            if idx > 0 {
                ui.label(Face::Small.text("·").color(theme::palette(ui).text_weak));
            }
            citation(ui, cite);
        }
    });
}

/// One clause, right within `place` and in the middle of its height.
pub(super) fn citation_in(ui: &mut Ui, place: Rect, cite: &str) -> Response {
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    let within = UiBuilder::new().max_rect(place).layout(layout);
    ui.scope_builder(within, |ui| citation(ui, cite)).inner
}

/// One clause: the pointer on it reads its title, a click opens its text in a browser.
pub(super) fn citation(ui: &mut Ui, cite: &str) -> Response {
    let palette = theme::palette(ui);
    let (Some(title), Some(url)) = (clause::title(cite), clause::url(cite)) else {
        return ui.label(Face::Small.text(unbroken(cite)).color(palette.text_weak));
    };
    let words = line(ui, &unbroken(cite), Face::Small);
    let (rect, response) = ui.allocate_exact_size(words.size(), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, format!("{cite}, {title}")));
    let looked_at = response.hovered() || response.has_focus();
    let ink = if looked_at { palette.accent_text } else { palette.text_weak };
    ui.painter().galley(rect.min, words, ink);
    if looked_at {
        ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, (theme::LINE, ink));
    }
    focus_ring(ui, &response, theme::RADIUS_SMALL);
    if response.clicked() {
        ui.open_url(OpenUrl::new_tab(&url));
    }
    response.context_menu(|ui| {
        if ui.add(Button::plain("Copy the clause").leading(Icon::Copy)).clicked() {
            ui.copy_text(cite.to_owned());
            ui.close();
        }
        if ui.add(Button::plain("Copy its address").leading(Icon::Link)).clicked() {
            ui.copy_text(url.clone());
            ui.close();
        }
    });
    response.on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_ui(|ui| {
        ui.label(Face::Strong.text(format!("{cite}: {title}")));
        ui.label(Face::Small.text(format!("Click to read it: {url}")).color(palette.text_weak));
    })
}
