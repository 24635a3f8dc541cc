//! `wirestep play`: plays a scenario or a session to its end and prints what happened.

use super::args::{Format, Play};
use super::library;
use super::{Exit, Misuse, Streams};
use crate::run::{Condition, Run};
use crate::sim::{RecordIdx, Unit, What};
use crate::view::{self, trace, why, words};
use crate::wire::unit::Context;
use serde_json::json;
use std::io::Write;

pub(super) fn run(args: &Play, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    let run = library::play(&args.file, args.mode, args.branch.as_deref())?;
    if let Some(n) = args.why {
        return explain(&run, n, args.format, streams);
    }
    let until = args.until.as_ref().map(|condition| (condition, n_moves_until(&run, condition)));
    let n_moves = until.and_then(|(_, n_moves)| n_moves).unwrap_or(run.n_moves());
    match args.format {
        Format::Json => writeln!(streams.output, "{}", trace::json(&run, n_moves))?,
        Format::Text => transcript(&run, n_moves, streams.output)?,
    }
    if let Some((condition, None)) = until {
        writeln!(streams.errors, "wirestep: “{condition}” did not come: this is the whole")?;
        return Ok(Exit::Fails);
    }
    Ok(Exit::Done)
}

/// How many moves it takes until a condition is met; `None` where it never is.
fn n_moves_until(run: &Run, condition: &Condition) -> Option<usize> {
    if let Condition::Time(at) = condition {
        return Some(run.n_moves_until(*at));
    }
    let met = run.records().iter().find(|record| condition.met(run, record));
    met.map(|record| run.move_of(record.idx) + 1)
}

/// Says why a record is there.
fn explain(run: &Run, n: usize, format: Format, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    let Some(last) = run.records().len().checked_sub(1).filter(|last| n <= *last) else {
        let n_records = run.records().len();
        return Err(Misuse(format!("there is no record {n}: there are {n_records}, from 0")));
    };
    debug_assert!(n <= last, "it was looked for");
    let chain = why::why(run, RecordIdx(n));
    match format {
        Format::Text => write!(streams.output, "{}", why::text(&chain))?,
        Format::Json => {
            let links = chain
                .iter()
                .map(|link| json!({ "n": link.record.0, "text": link.text, "cite": link.cite }));
            writeln!(streams.output, "{}", json!({ "why": links.collect::<Vec<_>>() }))?;
        }
    }
    Ok(Exit::Done)
}

/// Writes what happened in the first `n_moves` moves for people.
pub(super) fn transcript(run: &Run, n_moves: usize, out: &mut dyn Write) -> Result<(), Misuse> {
    let records = run.records_until(n_moves);
    let (name, seed) = (&run.scenario().name, run.scenario().seed);
    writeln!(out, "{name}, by {}, seed {seed}", run.mode().label())?;
    for record in records {
        let (at, host) = (record.at.to_string(), record.host.to_string());
        writeln!(out, "{at:>12}  {host:<9} {}", words::event(record))?;
        if let What::Wrote(unit) = &record.what {
            print_unit(unit, out)?;
        }
    }
    let totals = run.totals(n_moves);
    writeln!(
        out,
        "{} up, {} down in {} segments on {} connections; {} requests, {} empty answers, \
         {} frames",
        words::size(totals.bytes_up),
        words::size(totals.bytes_down),
        totals.segments,
        totals.connections,
        totals.requests,
        totals.empty_answers,
        totals.frames
    )?;
    writeln!(out, "trace {}", trace::hash(records))?;
    Ok(())
}

/// The bytes of a unit: heads, and chunks and events of text, as their lines; others in hex.
fn print_unit(unit: &Unit, out: &mut dyn Write) -> Result<(), Misuse> {
    let text = String::from_utf8_lossy(&unit.bytes);
    let in_lines = match unit.context {
        Context::Request | Context::Response => true,
        Context::Chunk(_) | Context::Event(_) => !text.replace("\r\n", "\n").contains(unprintable),
        Context::Body(_) | Context::Frame(_) => false,
    };
    let text = if in_lines { text.into_owned() } else { view::hex::text(&unit.bytes) };
    for line in text.lines() {
        writeln!(out, "{:24}| {line}", "")?;
    }
    Ok(())
}

fn unprintable(c: char) -> bool {
    c == char::REPLACEMENT_CHARACTER || c.is_control() && !matches!(c, '\n' | '\t')
}
