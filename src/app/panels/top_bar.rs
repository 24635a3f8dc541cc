//! The top bar: where one is in the course, the mode, the theme, help.

use crate::app::actions;
use crate::app::theme::{self, Face};
use crate::app::widgets::{Availability, Button, segmented};
use crate::app::window::{Section, State, Wish};
use crate::lesson::Panel as Part;
use crate::player::{Command, Player, Theme};
use crate::sim::Mode;
use egui::{Align, Frame, Layout, Margin, Panel, Rect, Ui, UiBuilder, vec2};
use lucide_icons::Icon;

/// The width of the choice of modes, and of what belongs to one.
const MODES_WIDTH: f32 = 460.0;

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(16, 0));
    Panel::top("top bar").exact_size(theme::TOP_BAR).frame(frame).show(ui, |ui| {
        let whole = ui.max_rect();
        let shows_modes = player.shows(Part::Modes);
        let width = MODES_WIDTH.min(whole.width());
        let middle = Rect::from_center_size(whole.center(), vec2(width, whole.height()));
        // The name of the lesson gives way to the modes.
        let end = if shows_modes { middle.left() - theme::GAP } else { whole.center().x };
        ui.scope_builder(UiBuilder::new().max_rect(whole.with_max_x(end)), |ui| {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| place(ui, player, wishes));
        });
        if shows_modes {
            ui.scope_builder(UiBuilder::new().max_rect(middle), |ui| {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    modes(ui, player, state, wishes);
                });
            });
        }
        ui.scope_builder(UiBuilder::new().max_rect(whole), |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| tools(ui, player, wishes));
        });
    });
}

fn place(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    ui.label(Face::Title.text("wirestep").color(palette.text));
    ui.add_space(theme::GAP);
    let tip = actions::tooltip(ui.ctx(), "Lessons");
    if ui.add(Button::plain("Lessons").leading(Icon::BookOpen).tooltip(&tip)).clicked() {
        wishes.push(Wish::Lessons);
    }
    let title = &player.lesson().title;
    ui.add(egui::Label::new(Face::Body.text(title).color(palette.text_weak)).truncate());
}

fn modes(ui: &mut Ui, player: &Player, state: &mut State, wishes: &mut Vec<Wish>) {
    let options = Mode::ALL.map(|mode| (mode.label(), Availability::Ready));
    let chosen = Mode::ALL.iter().position(|mode| *mode == player.mode()).unwrap_or(0);
    if let Some(idx) = segmented(ui, "How the conversation is carried", &options, chosen) {
        wishes.push(Command::SetMode(Mode::ALL[idx]).into());
    }
    if player.mode() == Mode::Polling {
        ui.add_space(theme::GAP);
        interval(ui, player, state, wishes);
    }
}

/// How often polling clients ask.
fn interval(ui: &mut Ui, player: &Player, state: &mut State, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    ui.label(Face::Small.text("Poll every").color(palette.text_weak));
    let present = player.poll_every_ms();
    let mut ms = state.interval_ms.unwrap_or(present);
    let drag = egui::DragValue::new(&mut ms).range(20..=60_000).clamp_existing_to_range(false);
    let drag = drag.speed(20.0).suffix(" ms");
    let response = ui.add(drag).on_hover_text("Drag, or click and type; a new branch begins");
    response.widget_info(|| egui::WidgetInfo::drag_value(ui.is_enabled(), ms as f64));
    if response.changed() {
        state.interval_ms = Some(ms);
    }
    let settled = !response.has_focus() && !response.dragged();
    if let Some(ms) = state.interval_ms.filter(|_| settled) {
        state.interval_ms = None;
        if ms != present {
            wishes.push(Command::PollEvery(ms).into());
        }
    }
}

fn tools(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let tip = actions::tooltip(ui.ctx(), "Help");
    if ui.add(Button::icon(Icon::CircleQuestionMark, "Help").tooltip(&tip)).clicked() {
        wishes.push(Wish::Help);
    }
    let tip = actions::tooltip(ui.ctx(), "Compare");
    let compare = Button::icon(Icon::ChartBar, "Compare the transports");
    if ui.add(compare.tooltip(&tip)).clicked() {
        wishes.push(Wish::Comparison);
    }
    let tip = actions::tooltip(ui.ctx(), "Simplified");
    if ui.add(Button::icon(Icon::Info, "What is simplified here").tooltip(&tip)).clicked() {
        wishes.push(Wish::Simplified);
    }
    let tip = actions::tooltip(ui.ctx(), "Open");
    if ui.add(Button::icon(Icon::FolderOpen, "Sessions").tooltip(&tip)).clicked() {
        wishes.push(Wish::Sessions);
    }
    let (icon, name) = match player.settings().theme {
        Theme::Dark => (Icon::Sun, "Light theme"),
        Theme::Light => (Icon::Moon, "Dark theme"),
    };
    let tip = actions::tooltip(ui.ctx(), "Theme");
    if ui.add(Button::icon(icon, name).tooltip(&tip)).clicked() {
        wishes.push(Command::ToggleTheme.into());
    }
    let tip = actions::tooltip(ui.ctx(), "All panels");
    let name = if player.shows_all() { "Fewer panels" } else { "All panels" };
    if ui.add(Button::icon(Icon::LayoutPanelLeft, name).tooltip(&tip)).clicked() {
        wishes.push(Command::ToggleAllPanels.into());
    }
    let tip = actions::tooltip(ui.ctx(), "Change");
    if ui.add(Button::icon(Icon::Wrench, "Change something").tooltip(&tip)).clicked() {
        wishes.push(Wish::Change(Section::Segment, None));
    }
}
