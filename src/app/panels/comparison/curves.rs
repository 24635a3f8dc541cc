//! Curves: how late messages are, and how each mode fares along a sweep.

use crate::app::reckoning::Reckoning;
use crate::app::theme::{self, Face};
use crate::run::Tally;
use crate::run::sweep::{Measure, crossovers};
use crate::sim::Mode;
use crate::view::compare::Row;
use crate::view::words;
use egui::{Ui, Vec2b};
use egui_plot::{Corner, GridMark, Legend, Line, Plot, PlotPoint, PlotPoints, Points, Text};
use std::ops::RangeInclusive;

/// The height of a plot.
const HEIGHT: f32 = 190.0;
const SWEEP_HEIGHT: f32 = 230.0;

/// The share of messages that were delivered within a time, which stands on a logarithmic scale.
pub(super) fn delays(ui: &mut Ui, rows: &[Row]) {
    let palette = theme::palette(ui);
    let plot = quiet(Plot::new("delays"), HEIGHT)
        .legend(Legend::default().position(Corner::RightBottom))
        .include_y(0.0)
        .include_y(100.0)
        .x_axis_formatter(|mark, _| milliseconds(mark))
        .y_axis_formatter(|mark, _| format!("{} %", mark.value));
    plot.show(ui, |plot| {
        for (mode, tally) in rows {
            let points = PlotPoints::from(shares(tally));
            let line = Line::new(mode.label(), points).color(palette.mode(*mode)).width(2.0);
            // Steps are no noise to be drawn as a band.
            plot.line(line.allow_band(false));
        }
    });
    let words = "Share of messages handed over within a time after they were said.";
    ui.label(Face::Small.text(words).color(palette.text_weak));
}

/// The points of a curve of shares, as steps: two for each delay.
fn shares(tally: &Tally) -> Vec<[f64; 2]> {
    let mut points: Vec<[f64; 2]> = Vec::new();
    for per_mille in (1..=200).map(|n| n * 5) {
        let Some(at) = tally.delay_at(per_mille) else { break };
        let (x, y) = (at.as_ms().max(0.01).log10(), per_mille as f64 / 10.0);
        match points.last_mut() {
            Some(last) if x - last[0] < 1e-9 => last[1] = y,
            last => {
                let before = last.map_or(0.0, |last| last[1]);
                points.extend([[x, before], [x, y]]);
            }
        }
    }
    points
}

/// Each mode along a sweep, and where the best one changes.
pub(super) fn sweep(ui: &mut Ui, reckoning: &Reckoning, measure: Measure) {
    let palette = theme::palette(ui);
    let points = &reckoning.points;
    let log = |value: f64| value.max(0.01).log10();
    let crossings = crossovers(points, measure);
    let plot = quiet(Plot::new(("sweep", reckoning.knobs.axis.label())), SWEEP_HEIGHT)
        .legend(Legend::default())
        .x_axis_formatter(plain)
        .y_axis_formatter(plain)
        .x_axis_label(reckoning.knobs.axis.label());
    plot.show(ui, |plot| {
        for mode in Mode::ALL {
            let measured = points.iter().filter_map(|(value, rows)| {
                let (_, tally) = rows.iter().find(|(other, _)| *other == mode)?;
                Some([log(*value as f64), log(measure.of(tally)?)])
            });
            let line = PlotPoints::from(measured.collect::<Vec<_>>());
            plot.line(Line::new(mode.label(), line).color(palette.mode(mode)).width(2.0));
        }
        for crossing in &crossings {
            let at = [log(crossing.value), log(crossing.measured)];
            let dot = Points::new("", PlotPoints::from(vec![at])).radius(4.5).color(palette.text);
            plot.points(dot);
            let words = format!(
                "  {} before {}, {} behind",
                crossing.below.label(),
                words::grouped(crossing.value.round() as u64),
                crossing.above.label()
            );
            let text = Face::Small.text(words).color(palette.text);
            let place = PlotPoint::new(at[0], at[1]);
            plot.text(Text::new("", place, text).anchor(egui::Align2::LEFT_BOTTOM));
        }
    });
    let best = best_everywhere(reckoning, measure);
    let words = match (crossings.is_empty(), best) {
        (true, Some(mode)) => {
            format!(
                "{} has the fewest {} all along. Both scales are logarithmic.",
                mode.label(),
                measure.label()
            )
        }
        (true, None) => "Nothing is counted yet.".to_owned(),
        (false, _) => {
            "Dots show where another one takes over. Both scales are logarithmic.".to_owned()
        }
    };
    ui.label(Face::Small.text(words).color(palette.text_weak));
}

/// The mode that is best at the first point.
fn best_everywhere(reckoning: &Reckoning, measure: Measure) -> Option<Mode> {
    let (_, rows) = reckoning.points.first()?;
    let measured = rows.iter().filter_map(|(mode, tally)| Some((*mode, measure.of(tally)?)));
    measured.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(mode, _)| mode)
}

/// A plot that is looked at and not dragged about: the page scrolls.
fn quiet(plot: Plot<'_>, height: f32) -> Plot<'_> {
    plot.height(height)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_background(false)
        .show_axes(Vec2b::TRUE)
}

fn milliseconds(mark: GridMark) -> String {
    let ms = 10_f64.powf(mark.value);
    if ms >= 1000.0 { format!("{:.1} s", ms / 1000.0) } else { format!("{ms:.0} ms") }
}

fn plain(mark: GridMark, _: &RangeInclusive<f64>) -> String {
    let value = 10_f64.powf(mark.value);
    if value >= 10.0 { words::grouped(value.round() as u64) } else { format!("{value:.1}") }
}
