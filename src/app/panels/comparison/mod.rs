//! The comparison: one conversation by every way to carry it, weighed, timed and swept.

mod bars;
mod curves;

use crate::app::actions;
use crate::app::reckoning::{Knobs, Reckoning};
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Availability, Button, Card, segmented};
use crate::app::window::{Shown, State, Wish};
use crate::player::{Effect, Player};
use crate::run::sweep::{Axis, Measure};
use crate::sim::{Mode, Scenario};
use crate::view::compare::{self, Row};
use crate::view::words;
use egui::{Align, CentralPanel, DragValue, Frame, Grid, Layout, Role, ScrollArea, Ui, WidgetInfo};
use lucide_icons::Icon;
use std::sync::Arc;

/// The comparison, while it is shown.
#[derive(Default)]
pub(in crate::app) struct Comparison {
    pub(in crate::app) shown: Shown,
    reckoning: Option<Reckoning>,
    /// Settings that are being dragged.
    draft: Option<Knobs>,
    measure: Measure,
}

impl Comparison {
    /// Counts what is to be shown, if it is not what was counted last.
    fn prepare(&mut self, player: &Player) -> &mut Reckoning {
        let scenario = player.run().scenario();
        let fits = |reckoning: &Reckoning| reckoning.scenario == *scenario;
        if !self.reckoning.as_ref().is_some_and(fits) {
            let knobs = Knobs::of(scenario);
            self.reckoning = Some(Reckoning::begin(Arc::clone(scenario), knobs));
            self.draft = None;
        }
        self.reckoning.as_mut().expect("it was begun")
    }
}

/// Draws the comparison in place of everything between the bars, if it is shown.
pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    let palette = theme::palette(ui);
    let comparison = &mut state.comparison;
    let measure = comparison.measure;
    let mut draft = comparison.draft;
    let reckoning = comparison.prepare(player);
    if reckoning.look() {
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(30));
    }
    let frame = Frame::new().fill(palette.background).inner_margin(theme::PANEL_PADDING);
    let mut chosen = measure;
    CentralPanel::default().frame(frame).show(ui, |ui| {
        let mut knobs = draft.unwrap_or(reckoning.knobs);
        let mut settled = true;
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            heading(ui, reckoning, wishes);
            settled = dials(ui, &reckoning.scenario, &mut knobs);
            ui.add_space(theme::GAP);
            Card::new(Tone::Neutral).title("Bytes on the wire").show(ui, |ui| {
                bars::bars(ui, &reckoning.rows, wishes);
            });
            ui.add_space(theme::GAP);
            ui.columns(2, |columns| {
                Card::new(Tone::Neutral).title("Delivery delay").show(&mut columns[0], |ui| {
                    curves::delays(ui, &reckoning.rows);
                });
                let title = "What the server holds and does";
                Card::new(Tone::Neutral).title(title).show(&mut columns[1], |ui| {
                    table(ui, &reckoning.rows);
                });
            });
            ui.add_space(theme::GAP);
            Card::new(Tone::Neutral).title("Where each wins").show(ui, |ui| {
                sweep_controls(ui, &mut knobs, &mut chosen);
                curves::sweep(ui, reckoning, chosen);
            });
        });
        draft = (knobs != reckoning.knobs).then_some(knobs);
        if let Some(knobs) = draft.filter(|_| settled) {
            *reckoning = Reckoning::begin(Arc::clone(&reckoning.scenario), knobs);
            draft = None;
            ui.ctx().request_repaint();
        }
    });
    comparison.draft = draft;
    comparison.measure = chosen;
}

fn heading(ui: &mut Ui, reckoning: &mut Reckoning, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        ui.label(Face::Heading.text("Same conversation, four transports"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let tip = actions::tooltip(ui.ctx(), "Compare");
            let back = Button::plain("Back").leading(Icon::X).tooltip(&tip);
            if ui.add(back).clicked() {
                wishes.push(Wish::Comparison);
            }
            copies(ui, &reckoning.rows, wishes);
            if reckoning.under_way() {
                if ui.add(Button::plain("Stop counting")).clicked() {
                    reckoning.call_off();
                }
                ui.add(egui::Spinner::new());
                let n = reckoning.points.len() + reckoning.rows.len();
                let all = reckoning.knobs.axis.values().len() + Mode::ALL.len();
                ui.label(Face::Small.text(format!("{n} of {all} counted")));
            }
        });
    });
    let name = &reckoning.scenario.name;
    let words = format!(
        "{name}: every byte below was really encoded, carried and decoded. Click a part of a bar to \
         see such a byte."
    );
    ui.label(Face::Body.text(words).color(palette.text_weak));
    ui.add_space(theme::GAP_SMALL);
}

/// The numbers, to be pasted elsewhere.
fn copies(ui: &mut Ui, rows: &[Row], wishes: &mut Vec<Wish>) {
    let ready = if rows.is_empty() {
        Availability::Blocked("Nothing is counted yet")
    } else {
        Availability::Ready
    };
    let mut copy = |ui: &mut Ui, name: &str, text: &dyn Fn() -> String| {
        let button = Button::plain(name).leading(Icon::Copy).availability(ready);
        if ui.add(button).clicked() {
            wishes.push(Wish::Shell(Effect::CopyText(text())));
        }
    };
    copy(ui, "JSON", &|| compare::json(rows).to_string());
    copy(ui, "CSV", &|| compare::csv(rows));
    copy(ui, "Table", &|| compare::text(rows));
}

/// The settings; whether none of them is being dragged or typed.
fn dials(ui: &mut Ui, scenario: &Scenario, knobs: &mut Knobs) -> bool {
    let mut settled = true;
    ui.horizontal(|ui| {
        let mut clients = knobs.clients as u64;
        let least = Knobs::least_clients(scenario) as u64;
        let most = Scenario::MAX_CLIENTS as u64;
        settled &= dial(ui, "Clients", &mut clients, (least, most, ""));
        knobs.clients = usize::try_from(clients).unwrap_or(knobs.clients);
        settled &= dial(ui, "Poll every", &mut knobs.poll_ms, (50, 60_000, " ms"));
        settled &= dial(ui, "One-way delay", &mut knobs.delay_ms, (0, 1000, " ms"));
    });
    settled
}

fn dial(ui: &mut Ui, name: &str, value: &mut u64, (least, most, unit): (u64, u64, &str)) -> bool {
    ui.label(Face::Small.text(name).color(theme::palette(ui).text_weak));
    let speed = (*value as f64 / 50.0).max(0.2);
    let drag = DragValue::new(value).range(least..=most).suffix(unit).speed(speed);
    let response = ui.add(drag);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::SpinButton, true, name);
        info.value = Some(*value as f64);
        info
    });
    ui.add_space(theme::GAP);
    !response.has_focus() && !response.dragged()
}

fn table(ui: &mut Ui, rows: &[Row]) {
    let palette = theme::palette(ui);
    let heads = ["", "requests", "empty", "open at once", "median", "p95"];
    let spacing = egui::vec2(theme::GAP_LARGE, 6.0);
    Grid::new("server").num_columns(heads.len()).spacing(spacing).show(ui, |ui| {
        for head in heads {
            ui.label(Face::Small.text(head).color(palette.text_weak));
        }
        ui.end_row();
        for (mode, tally) in rows {
            ui.label(Face::Body.text(mode.label()).color(palette.text));
            let late = |per_mille| {
                let at = tally.delay_at(per_mille);
                at.map_or_else(|| "–".to_owned(), |at| format!("{:.1} ms", at.as_ms()))
            };
            let numbers = [
                words::grouped(tally.requests),
                words::grouped(tally.empty_answers),
                words::grouped(tally.most_open),
                late(500),
                late(950),
            ];
            for number in numbers {
                ui.label(Face::Mono.text(number));
            }
            ui.end_row();
        }
    });
    if let Some(words) = verdict(rows) {
        ui.add_space(theme::GAP_SMALL);
        ui.add(egui::Label::new(Face::Small.text(words).color(palette.text_weak)).wrap());
    }
}

/// Which mode is best at what, in a sentence.
fn verdict(rows: &[Row]) -> Option<String> {
    let best = |measure: Measure| {
        let measured = rows.iter().filter_map(|(mode, tally)| Some((*mode, measure.of(tally)?)));
        measured.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(mode, _)| mode.label())
    };
    let (bytes, delay) = (best(Measure::Bytes)?, best(Measure::Delay)?);
    let open = rows.iter().map(|(_, tally)| tally.most_open).max()?;
    let first = if bytes == delay {
        format!("{bytes} wins on bytes and on delay.")
    } else {
        format!("{bytes} wins on bytes, {delay} on delay.")
    };
    let price = words::count(open, "connection");
    Some(format!("{first} The price of not asking: up to {price} open at once."))
}

fn sweep_controls(ui: &mut Ui, knobs: &mut Knobs, measure: &mut Measure) {
    ui.horizontal_wrapped(|ui| {
        let options = Axis::ALL.map(|axis| (axis.label(), Availability::Ready));
        let chosen = Axis::ALL.iter().position(|axis| *axis == knobs.axis).unwrap_or(0);
        if let Some(idx) = segmented(ui, "What changes", &options, chosen) {
            knobs.axis = Axis::ALL[idx];
        }
        let options = Measure::ALL.map(|measure| (measure.label(), Availability::Ready));
        let chosen = Measure::ALL.iter().position(|other| other == measure).unwrap_or(0);
        if let Some(idx) = segmented(ui, "What is measured", &options, chosen) {
            *measure = Measure::ALL[idx];
        }
    });
    ui.add_space(theme::GAP_SMALL);
}
