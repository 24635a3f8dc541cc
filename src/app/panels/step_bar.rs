//! The step bar: back, play, step, how far a step goes, and where in time one is.

use super::branches;
use crate::app::actions;
use crate::app::theme::{self, Face, Palette, Tone};
use crate::app::widgets::{Availability, Button, segmented};
use crate::app::window::Wish;
use crate::player::{Command, Player};
use crate::run::{Direction, StepSize};
use crate::sim::{Host, SimTime};
use crate::view::sequence::Arrow;
use egui::{
    Align, Frame, Key, Layout, Margin, Panel, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo,
    pos2, vec2,
};
use lucide_icons::Icon;

/// The speeds to choose from, in simulated milliseconds for each second.
const SPEEDS: [u32; 6] = [10, 25, 50, 100, 250, 1000];

pub(in crate::app) fn show(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(16, 0));
    let height = theme::STEP_BAR + branches::height(player);
    Panel::bottom("step bar").exact_size(height).frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            buttons(ui, player, wishes);
            sizes(ui, player, wishes);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                speed(ui, player, wishes);
                clock(ui, player);
                let size = vec2(ui.available_width(), height);
                scrubber(ui, player, size, wishes);
            });
        });
    });
}

fn buttons(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let mut button = |ui: &mut Ui, button: Button<'_>, action: &str, command: Command| {
        let tip = actions::tooltip(ui.ctx(), action);
        if ui.add(button.tooltip(&tip)).clicked() {
            wishes.push(command.into());
        }
    };
    button(ui, Button::icon(Icon::SkipBack, "To the start"), "To the start", Command::First);
    let back = Button::plain("Back").leading(Icon::StepBack);
    button(ui, back, "Step back", Command::Step(Direction::Back));
    let play = if player.playback().playing {
        Button::plain("Pause").leading(Icon::Pause)
    } else {
        Button::plain("Play").leading(Icon::Play)
    };
    button(ui, play, "Play or pause", Command::TogglePlay);
    let step = Button::primary("Step").trailing(Icon::StepForward);
    button(ui, step, "Step", Command::Step(Direction::Forward));
}

fn sizes(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let options = StepSize::ALL.map(|size| (size.label(), Availability::Ready));
    let chosen = StepSize::ALL.iter().position(|size| *size == player.settings().step_size);
    if let Some(idx) = segmented(ui, "How far a step goes", &options, chosen.unwrap_or(0)) {
        wishes.push(Command::SetSize(StepSize::ALL[idx]).into());
    }
    ui.add_space(theme::GAP);
}

fn speed(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let present = player.playback().speed;
    let label = |speed: u32| format!("{speed} ms/s");
    let menu = egui::ComboBox::from_id_salt("speed")
        .selected_text(Face::Small.text(label(present)))
        .width(theme::SPEED_WIDTH)
        .show_ui(ui, |ui| {
            for speed in SPEEDS {
                if ui.selectable_label(speed == present, label(speed)).clicked() {
                    wishes.push(Command::SetSpeed(speed).into());
                }
            }
        });
    menu.response.widget_info(|| {
        WidgetInfo::labeled(Role::ComboBox, true, format!("Speed: {present} ms/s"))
    });
    menu.response.on_hover_text("Simulated milliseconds for each second of playing");
}

fn clock(ui: &mut Ui, player: &Player) {
    let palette = theme::palette(ui);
    let size = vec2(theme::CLOCK_WIDTH, theme::CONTROL_HEIGHT);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        ui.set_min_size(size);
        let position = player.position();
        let words = match position.n_fed {
            0 => format!("{}", position.at),
            n => format!("{} · byte {n}", position.at),
        };
        ui.label(Face::Mono.text(words).color(palette.text_weak));
    });
}

/// The line of time: ticks for what was sent, a knob for now.
fn scrubber(ui: &mut Ui, player: &Player, size: egui::Vec2, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
    let (strip, rect) = whole.split_top_bottom_at_y(whole.top() + branches::height(player));
    let rect = rect.shrink2(vec2(0.0, (rect.height() - theme::CONTROL_HEIGHT) / 2.0));
    let response = ui.interact(rect, ui.scope_id().with("time"), Sense::click_and_drag());
    let now = player.position().at;
    let ends_at = player.run().ends_at();
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Slider, true, format!("Time: {now} of {ends_at}"));
        info.value = Some(now.as_ms());
        info
    });
    let line = rect.shrink2(vec2(theme::KNOB, 0.0));
    // The diagram's heights fold long silences; the line of time folds the same ones.
    let diagram = &player.branch().diagram;
    let height = diagram.height().max(1.0);
    let x =
        |at: SimTime| line.left() + line.width() * (diagram.y(at) / height).clamp(0.0, 1.0) as f32;
    if player.lane().branches().len() > 1 {
        branches::strip(ui, player, strip.with_min_y(strip.top() + 6.0), &x, wishes);
    }
    if let Some(pointer) = response.interact_pointer_pos() {
        let part = ((pointer.x - line.left()) / line.width()).clamp(0.0, 1.0);
        let at = diagram.at(f64::from(part) * height);
        wishes.push(Command::Seek(nearest_stop(player, at)).into());
    }
    keys(ui, &response, wishes);
    if !ui.is_rect_visible(rect) {
        return;
    }
    let painter = ui.painter();
    let middle = rect.center().y;
    let track =
        Rect::from_min_max(pos2(line.left(), middle - 2.0), pos2(line.right(), middle + 2.0));
    painter.rect_filled(track, 2.0, palette.border);
    // Ticks that would stand on each other are one: the next is looked for behind the last.
    let mut next = diagram.next_laden(SimTime::ZERO);
    while let Some(arrow) = next {
        let place = x(arrow.departs);
        let tick = Rect::from_center_size(pos2(place, middle), vec2(3.0, 14.0));
        painter.rect_filled(tick, 1.0, tick_ink(arrow, palette));
        let behind = f64::from((place + 2.0 - line.left()) / line.width()) * height;
        next = diagram.next_laden(diagram.at(behind).max(arrow.departs.plus(1)));
    }
    let knob = pos2(x(now), middle);
    let attention = palette.tone(Tone::Attention);
    painter.circle(knob, theme::KNOB, attention.solid, Stroke::new(2.0, palette.panel));
    if response.has_focus() {
        painter.circle_stroke(knob, theme::KNOB + 2.0, (theme::FOCUS_LINE, palette.focus));
    }
    response.on_hover_text("Drag to any moment; every tick is something sent");
}

fn keys(ui: &Ui, response: &Response, wishes: &mut Vec<Wish>) {
    if !response.has_focus() {
        return;
    }
    let filter = egui::EventFilter { horizontal_arrows: true, ..egui::EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    ui.input(|input| {
        if input.key_pressed(Key::ArrowRight) {
            wishes.push(Command::Step(Direction::Forward).into());
        }
        if input.key_pressed(Key::ArrowLeft) {
            wishes.push(Command::Step(Direction::Back).into());
        }
    });
}

/// The colour of something that was sent: that of who sent it.
fn tick_ink(arrow: &Arrow, palette: &Palette) -> egui::Color32 {
    let tone = match arrow.from {
        _ if arrow.edited => Tone::Breach,
        Host::Client(_) => Tone::Client,
        Host::Server => Tone::Server,
    };
    palette.tone(tone).line
}

/// The stop of the present step size that is nearest to a moment.
fn nearest_stop(player: &Player, at: SimTime) -> SimTime {
    let stops = player.run().stops().list(player.settings().step_size);
    let idx = stops.partition_point(|stop| *stop < at);
    let around = [idx.checked_sub(1).and_then(|idx| stops.get(idx)), stops.get(idx)];
    let distance = |stop: &SimTime| stop.0.abs_diff(at.0);
    let start = (at.0 < 1_000_000).then_some(SimTime::ZERO);
    start.unwrap_or_else(|| {
        around.into_iter().flatten().copied().min_by_key(distance).unwrap_or(SimTime::ZERO)
    })
}
