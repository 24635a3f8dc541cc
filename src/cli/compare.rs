//! `wirestep compare`: one conversation by every way to carry it, counted.
//!
//! **Invariant:** up to [`Scenario::MAX_PLAYED`] clients are played one by one; of more, those that
//! differ. The output says which.

use super::args::{Compare, Format};
use super::library::open;
use super::{Exit, Misuse, Streams};
use crate::player::Opened;
use crate::run::{Crowd, Played};
use crate::sim::{Mode, Scenario};
use crate::view::compare::{self, Effort, Engine};
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

pub(super) fn run(args: &Compare, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    let scenario = match open(&args.file)? {
        Opened::Session(session) => session.scenario,
        Opened::Lesson(lesson) => lesson.scenario,
        Opened::Scenario(scenario) => *scenario,
    };
    let scenario = Arc::new(resized(scenario, args.clients, args.seconds)?);
    let counted = count(&scenario)?;
    let efforts: Vec<_> = counted.iter().map(|(mode, _, effort)| (*mode, *effort)).collect();
    let rows: Vec<_> = counted.into_iter().map(|(mode, played, _)| (mode, played.tally)).collect();
    match args.format {
        Format::Json => {
            let mut json = compare::json(&rows);
            for (mode, effort) in &efforts {
                json["modes"][mode.name()]["effort"] = effort.json();
            }
            json["scenario"] = json!(scenario.name);
            json["seed"] = json!(scenario.seed);
            json["clients"] = json!(scenario.clients);
            json["seconds"] = json!(scenario.ends_ms as f64 / 1000.0);
            writeln!(streams.output, "{json}")?;
        }
        Format::Text => {
            let (name, clients) = (&scenario.name, scenario.clients);
            let seconds = scenario.ends_ms as f64 / 1000.0;
            let seed = scenario.seed;
            writeln!(streams.output, "{name}: {clients} clients, {seconds} s, seed {seed}")?;
            write!(streams.output, "{}", compare::text(&rows))?;
            write!(streams.output, "\n{}", compare::efforts_text(&efforts))?;
        }
    }
    Ok(Exit::Done)
}

/// Every mode, counted by the way that suits so many clients.
fn count(scenario: &Arc<Scenario>) -> Result<Vec<(Mode, Played, Effort)>, Misuse> {
    let clients = scenario.clients;
    let crowd = match Crowd::new(Arc::clone(scenario)) {
        _ if clients <= Scenario::MAX_PLAYED => None,
        Ok(crowd) => Some(crowd),
        Err(luck) => {
            let most = Scenario::MAX_PLAYED;
            return Err(Misuse(format!(
                "more than {most} clients are counted where one stands for many: {luck}, or say \
                 --clients {most}"
            )));
        }
    };
    let counted = Mode::ALL.map(|mode| {
        let (engine, n) = match &crowd {
            Some(crowd) => (Engine::Crowd, crowd.n_played()),
            None => (Engine::Full, clients),
        };
        let (played, seconds) = timed(|| match &crowd {
            Some(crowd) => crowd.play(mode),
            None => Played::of(Arc::clone(scenario), mode),
        });
        let effort = Effort::new(engine, &played, (n, clients), seconds);
        (mode, played, effort)
    });
    Ok(counted.into())
}

#[expect(clippy::disallowed_methods, reason = "the shell is where time passes")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed().as_secs_f64())
}

/// The scenario with so many clients and so long.
fn resized(
    mut scenario: Scenario,
    clients: Option<usize>,
    seconds: Option<u64>,
) -> Result<Scenario, Misuse> {
    scenario.clients = clients.unwrap_or(scenario.clients);
    if let Some(seconds) = seconds {
        scenario.ends_ms = seconds.saturating_mul(1000);
        let ends_ms = scenario.ends_ms;
        scenario.workload.retain(|want| want.at_ms <= ends_ms);
    }
    match scenario.flaws().into_iter().next() {
        Some(fault) => Err(Misuse(format!("`{}` cannot be so: {}", fault.place, fault.advice))),
        None => Ok(scenario),
    }
}
