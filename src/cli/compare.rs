//! `wirestep compare`: one conversation by every way to carry it, counted.

use super::args::{Compare, Format};
use super::library::open;
use super::{Exit, Misuse, Streams};
use crate::player::Opened;
use crate::run::Tally;
use crate::sim::{Mode, Scenario};
use crate::view::compare;
use serde_json::json;
use std::sync::Arc;

pub(super) fn run(args: &Compare, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    let scenario = match open(&args.file)? {
        Opened::Session(session) => session.scenario,
        Opened::Lesson(lesson) => lesson.scenario,
        Opened::Scenario(scenario) => *scenario,
    };
    let scenario = Arc::new(resized(scenario, args.clients, args.seconds)?);
    let rows: Vec<_> =
        Mode::ALL.into_iter().map(|mode| (mode, Tally::of(Arc::clone(&scenario), mode))).collect();
    match args.format {
        Format::Json => {
            let mut json = compare::json(&rows);
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
        }
    }
    Ok(Exit::Done)
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
