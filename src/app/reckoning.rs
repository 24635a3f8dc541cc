//! Reckoning: conversations counted on a thread of their own, for the comparison.
//!
//! **Invariant:** what is shown was counted under the settings that stand beside it, or says that it
//! is still being counted.

use crate::run::Tally;
use crate::run::sweep::{self, Axis, Point};
use crate::sim::{Host, Mode, Scenario};
use crate::view::compare::Row;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// What a person can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Knobs {
    pub(super) clients: usize,
    pub(super) poll_ms: u64,
    /// One-way delay, both ways.
    pub(super) delay_ms: u64,
    pub(super) axis: Axis,
}

impl Knobs {
    /// The settings of a scenario.
    pub(super) fn of(scenario: &Scenario) -> Self {
        Self {
            clients: scenario.clients,
            poll_ms: scenario.poll.every_ms,
            delay_ms: scenario.network.up_ms,
            axis: Axis::default(),
        }
    }

    /// The fewest clients that the conversation needs.
    pub(super) fn least_clients(scenario: &Scenario) -> usize {
        let speakers = scenario.workload.iter().map(|want| match want.who {
            Host::Client(n) => n,
            Host::Server => 1,
        });
        speakers.max().unwrap_or(1)
    }

    /// A scenario with these settings.
    fn set(self, scenario: &Scenario) -> Scenario {
        let mut scenario = scenario.clone();
        scenario.clients = self.clients;
        scenario.poll.every_ms = self.poll_ms;
        (scenario.network.up_ms, scenario.network.down_ms) = (self.delay_ms, self.delay_ms);
        scenario
    }
}

/// What comes from the thread.
enum Told {
    Row(Row),
    Point(Point),
}

/// A comparison as far as it was counted.
pub(super) struct Reckoning {
    pub(super) scenario: Arc<Scenario>,
    pub(super) knobs: Knobs,
    pub(super) rows: Vec<Row>,
    pub(super) points: Vec<Point>,
    coming: Option<Receiver<Told>>,
    called_off: Arc<AtomicBool>,
}

impl Reckoning {
    /// Begins to count.
    pub(super) fn begin(scenario: Arc<Scenario>, knobs: Knobs) -> Self {
        let called_off = Arc::new(AtomicBool::new(false));
        let coming = count(knobs.set(&scenario), knobs.axis, Arc::clone(&called_off));
        let (rows, points) = (Vec::new(), Vec::new());
        Self { scenario, knobs, rows, points, coming: Some(coming), called_off }
    }

    /// Takes in what was counted since; whether it goes on.
    pub(super) fn look(&mut self) -> bool {
        let Some(coming) = &self.coming else { return false };
        loop {
            match coming.try_recv() {
                Ok(Told::Row(row)) => self.rows.push(row),
                Ok(Told::Point(point)) => self.points.push(point),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => {
                    self.coming = None;
                    return false;
                }
            }
        }
    }

    /// Whether it is being counted still.
    pub(super) fn under_way(&self) -> bool {
        self.coming.is_some()
    }

    /// Counts no further.
    pub(super) fn call_off(&mut self) {
        self.called_off.store(true, Ordering::Relaxed);
        self.coming = None;
    }
}

impl Drop for Reckoning {
    fn drop(&mut self) {
        self.called_off.store(true, Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "the shell is where long runs go to a thread")]
fn count(scenario: Scenario, axis: Axis, called_off: Arc<AtomicBool>) -> Receiver<Told> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let shared = Arc::new(scenario.clone());
        for mode in Mode::ALL {
            let row = (mode, Tally::of(Arc::clone(&shared), mode));
            if tell.send(Told::Row(row)).is_err() {
                return;
            }
        }
        for value in axis.values() {
            if called_off.load(Ordering::Relaxed) {
                return;
            }
            if tell.send(Told::Point(sweep::point(&scenario, axis, *value))).is_err() {
                return;
            }
        }
    });
    told
}
