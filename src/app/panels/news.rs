//! The bar below the top bar: what a window that died has left behind, and what was found damaged.

use crate::app::filing::Filing;
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::Button;
use crate::app::window::{State, Wish};
use crate::player::Effect;
use egui::{Align, Frame, Label, Layout, Margin, Panel, Ui};
use lucide_icons::Icon;

/// What is chosen in a row.
enum Choice {
    Wish(Effect),
    PutAway,
}

pub(in crate::app) fn show(ui: &mut Ui, state: &mut State, wishes: &mut Vec<Wish>) {
    let filing = &mut state.filing;
    if filing.left.is_none() && filing.news.is_empty() {
        return;
    }
    let ink = theme::palette(ui).tone(Tone::Attention);
    let margin = Margin::symmetric(theme::PANEL_PADDING, theme::GAP as i8);
    let frame = Frame::new().fill(ink.fill).inner_margin(margin);
    Panel::top("news").frame(frame).show(ui, |ui| {
        left_behind(ui, filing, wishes);
        let mut put_away = None;
        for (idx, words) in filing.news.iter().enumerate() {
            let choice = row(ui, words, |ui| {
                let clicked = ui.add(Button::icon(Icon::X, "Put away")).clicked();
                clicked.then_some(Choice::PutAway)
            });
            if let Some(Choice::PutAway) = choice {
                put_away = Some(idx);
            }
        }
        if let Some(idx) = put_away {
            filing.news.remove(idx);
        }
    });
}

fn left_behind(ui: &mut Ui, filing: &Filing, wishes: &mut Vec<Wish>) {
    let Some(words) = &filing.left else { return };
    let choice = row(ui, words, |ui| {
        // From right to left.
        let discard = Button::plain("Discard").tooltip("Take it away for good");
        let discarded = ui.add(discard).clicked();
        let recover = Button::primary("Recover").tooltip("Bring it back into this window");
        let recovered = ui.add(recover).clicked();
        let choice = recovered.then_some(Choice::Wish(Effect::Recover));
        choice.or(discarded.then_some(Choice::Wish(Effect::Discard)))
    });
    if let Some(Choice::Wish(effect)) = choice {
        wishes.push(Wish::Shell(effect));
    }
}

/// Words with buttons at their right.
fn row(
    ui: &mut Ui,
    words: &str,
    buttons: impl FnOnce(&mut Ui) -> Option<Choice>,
) -> Option<Choice> {
    let color = theme::palette(ui).text;
    let size = egui::vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    let layout = Layout::right_to_left(Align::Center);
    let row = ui.allocate_ui_with_layout(size, layout, |ui| {
        let choice = buttons(ui);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(Label::new(Face::Body.text(words).color(color)).wrap());
        });
        choice
    });
    row.inner
}
