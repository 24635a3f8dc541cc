//! A sweep: one conversation under one setting after another, in every mode, and where each wins.

use super::Tally;
use crate::sim::{Host, Mode, Scenario, Want, Wish};
use std::sync::Arc;

/// What is changed from one point of a sweep to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// From one poll to the next, in milliseconds.
    #[default]
    PollEvery,
    /// One-way delay both ways, in milliseconds.
    Delay,
    /// How many clients there are.
    Clients,
    /// How many messages the server says in a minute, in place of the conversation.
    Rate,
}

impl Axis {
    /// Every axis.
    pub const ALL: [Self; 4] = [Self::PollEvery, Self::Delay, Self::Clients, Self::Rate];

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::PollEvery => "poll interval, ms",
            Self::Delay => "one-way delay, ms",
            Self::Clients => "clients",
            Self::Rate => "messages a minute",
        }
    }

    /// The settings of a sweep.
    pub fn values(self) -> &'static [u64] {
        match self {
            Self::PollEvery => &[100, 200, 500, 1000, 2000, 5000, 10_000, 30_000],
            Self::Delay => &[1, 5, 20, 50, 100, 200, 400],
            Self::Clients => &[2, 5, 10, 20, 50, 100, 200],
            Self::Rate => &[1, 2, 6, 20, 60, 200, 600],
        }
    }

    /// The scenario with a setting.
    pub fn set(self, scenario: &Scenario, value: u64) -> Scenario {
        let mut scenario = scenario.clone();
        match self {
            Self::PollEvery => scenario.poll.every_ms = value,
            Self::Delay => (scenario.network.up_ms, scenario.network.down_ms) = (value, value),
            Self::Clients => {
                let speakers = scenario.workload.iter().map(|want| match want.who {
                    Host::Client(n) => n,
                    Host::Server => 1,
                });
                let least = speakers.max().unwrap_or(1);
                scenario.clients = usize::try_from(value).unwrap_or(least).max(least);
            }
            Self::Rate => {
                scenario.ends_ms = 60_000;
                let apart = 59_000 / value.max(1);
                let says = |n: u64| Want {
                    at_ms: 500 + n * apart,
                    who: Host::Server,
                    what: Wish::Say("Hello there".to_owned()),
                };
                scenario.workload = (0..value).map(says).collect();
            }
        }
        scenario
    }
}

/// What is compared at each point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// Bytes both ways with TCP/IP headers.
    #[default]
    Bytes,
    /// Mean delay, in milliseconds.
    Delay,
    /// HTTP requests.
    Requests,
    /// The most connections that the server had open at one time.
    Open,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 4] = [Self::Bytes, Self::Delay, Self::Requests, Self::Open];

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Delay => "mean delay, ms",
            Self::Requests => "requests",
            Self::Open => "open connections",
        }
    }

    /// What a tally measures; `None` where nothing was delivered that could be late.
    pub fn of(self, tally: &Tally) -> Option<f64> {
        match self {
            Self::Bytes => Some((tally.up.all() + tally.down.all()) as f64),
            Self::Delay => tally.mean_delay().map(crate::sim::SimTime::as_ms),
            Self::Requests => Some(tally.requests as f64),
            Self::Open => Some(tally.most_open as f64),
        }
    }
}

/// A point of a sweep: the setting, and the tally of each mode.
pub type Point = (u64, Vec<(Mode, Tally)>);

/// Counts a conversation in every mode under a setting.
pub fn point(scenario: &Scenario, axis: Axis, value: u64) -> Point {
    let scenario = Arc::new(axis.set(scenario, value));
    let tally = |mode| (mode, Tally::of(Arc::clone(&scenario), mode));
    (value, Mode::ALL.into_iter().map(tally).collect())
}

/// Where one way to carry a conversation takes over from another as the better one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossover {
    /// The setting at which both are equal, between two points of the sweep.
    pub value: f64,
    /// What is measured there.
    pub measured: f64,
    /// Which is better below.
    pub below: Mode,
    /// Which is better above.
    pub above: Mode,
}

/// Where the best mode changes along a sweep: the smaller measure is the better one, and of equals
/// the one that comes first in [`Mode::ALL`].
pub fn crossovers(points: &[Point], measure: Measure) -> Vec<Crossover> {
    let best = |point: &Point| {
        let measured = point.1.iter().filter_map(|(mode, tally)| Some((*mode, measure.of(tally)?)));
        measured.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(mode, _)| mode)
    };
    let at = |point: &Point, mode: Mode| {
        let tally = point.1.iter().find(|(other, _)| *other == mode);
        tally.and_then(|(_, tally)| measure.of(tally))
    };
    let crossing = |pair: &[Point]| {
        let [left, right] = pair else { return None };
        let (below, above) = (best(left)?, best(right)?);
        if below == above {
            return None;
        }
        let (l0, l1) = (at(left, below)?, at(left, above)?);
        let (r0, r1) = (at(right, below)?, at(right, above)?);
        // Both run straight between the points: they meet where their difference is none.
        let (before, after) = (l1 - l0, r1 - r0);
        let part = before / (before - after);
        let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.5 };
        let (x0, x1) = (left.0 as f64, right.0 as f64);
        let value = x0 + (x1 - x0) * part;
        Some(Crossover { value, measured: l0 + (r0 - l0) * part, below, above })
    };
    points.windows(2).filter_map(crossing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(value: u64, bytes: [u64; 2]) -> Point {
        let tally = |requests: u64| Tally { requests, ..Tally::default() };
        let modes = [Mode::Polling, Mode::WebSocket];
        (value, modes.into_iter().zip(bytes.map(tally)).collect())
    }

    #[test]
    fn lines_cross_where_they_meet() {
        let points = [point(0, [10, 40]), point(10, [50, 40]), point(20, [90, 40])];
        let found = crossovers(&points, Measure::Requests);
        let expected =
            Crossover { value: 7.5, measured: 40.0, below: Mode::Polling, above: Mode::WebSocket };
        assert_eq!(found, [expected]);
        assert_eq!(crossovers(&points[1..], Measure::Requests), []);
        assert_eq!(crossovers(&[], Measure::Requests), []);
    }

    #[test]
    fn what_is_not_measured_does_not_win() {
        let points = [point(0, [1, 1]), point(1, [2, 2])];
        assert_eq!(crossovers(&points, Measure::Delay), []);
    }
}
