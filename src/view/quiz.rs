//! Questions about what lies ahead, made from what will happen.
//!
//! **Law:** the answer that a question holds to be right is what then happens; no other option is.

use super::{tree, words};
use crate::conn::luck;
use crate::run::{Position, Run};
use crate::sim::{Host, LinkIdx, Record, RecordIdx, Unit, What};
use crate::wire::close;
use crate::wire::unit::{Context, dissect};
use std::collections::BTreeMap;

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// What happens next.
    Next,
    /// With which bytes the next frame or answer begins.
    Bytes,
    /// Which close code each end of a connection reports.
    Ends,
}

/// A question about what lies ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What it is about.
    pub matter: Matter,
    /// What is asked.
    pub asked: String,
    /// The answers to choose from, each once.
    pub options: Vec<String>,
    /// The one that is right, from 0.
    pub right: usize,
    /// Why it comes so, with its clause where there is one.
    pub because: String,
    /// What happens then.
    pub outcome: RecordIdx,
}

/// How many wrong answers a question has at most.
const MAX_WRONG: usize = 3;

/// The questions that can be asked at a place of a run: at most one of each matter.
pub fn questions(run: &Run, place: Position) -> Vec<Question> {
    let ahead = &run.records()[run.records_until(place.n_moves).len()..];
    [next(run, ahead), bytes(run, ahead), ends(run, ahead)].into_iter().flatten().collect()
}

fn next(run: &Run, ahead: &[Record]) -> Option<Question> {
    let mut told = ahead.iter().filter(|record| !words::routine(record));
    let outcome = told.next()?;
    let said = words::told;
    let right = said(outcome);
    // What happens at the same moment is as much next as this is.
    let later = told.filter(|record| record.at > outcome.at).take(MAX_LATER).map(said);
    let mut wrong: Vec<String> = Vec::new();
    for other in later {
        let fresh = other != right && !wrong.contains(&other);
        if fresh && wrong.len() < MAX_WRONG {
            wrong.push(other);
        }
    }
    let at_once = ahead.iter().filter(|record| record.at == outcome.at).map(said);
    let same: Vec<_> = at_once.collect();
    wrong.retain(|other| !same.contains(other));
    let matter = Matter::Next;
    let asked = "What happens next?".to_owned();
    question(matter, asked, right, wrong, because(run, outcome), outcome.idx)
}

/// Among how many later records wrong answers are looked for.
const MAX_LATER: usize = 40;

fn bytes(run: &Run, ahead: &[Record]) -> Option<Question> {
    let mut written = ahead.iter().filter_map(|record| match &record.what {
        What::Wrote(unit) => Some((record, &**unit)),
        _ => None,
    });
    let (record, unit) = written.find(|(_, unit)| {
        matches!(unit.context, Context::Frame(_) | Context::Response) && unit.bytes.len() >= 2
    })?;
    let (right, wrong) = match unit.context {
        Context::Frame(_) => first_octets(&unit.bytes),
        _ => status_lines(unit)?,
    };
    let asked = format!(
        "{} is about to write {}. How does it begin?",
        record.host,
        words::unit_title(unit),
    );
    let because = format!("{} {}", fields_of(unit), because(run, record));
    question(Matter::Bytes, asked, right, wrong, because, record.idx)
}

/// The first two octets of a frame, and what they would be with one thing wrong.
fn first_octets(bytes: &[u8]) -> (String, Vec<String>) {
    let said = |first: u8, second: u8| format!("{first:02x} {second:02x}");
    let (first, second) = (bytes[0], bytes[1]);
    // MASK the other way round, FIN the other way round, and text for binary.
    let wrong =
        [said(first, second ^ 0x80), said(first ^ 0x80, second), said(first ^ 0x03, second)];
    (said(first, second), wrong.to_vec())
}

/// The first line of an answer, and what it would be with another status.
fn status_lines(unit: &Unit) -> Option<(String, Vec<String>)> {
    let end = unit.bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let right = String::from_utf8_lossy(&unit.bytes[..end]).into_owned();
    let others = [101, 200, 204, 400]
        .map(|status| format!("HTTP/1.1 {status} {}", crate::wire::http::reason_phrase(status)));
    let wrong = others.into_iter().filter(|other| *other != right).take(MAX_WRONG).collect();
    Some((right, wrong))
}

/// What the fields of a unit's beginning say.
fn fields_of(unit: &Unit) -> String {
    let found = dissect(&unit.bytes, &unit.context);
    let rows = tree::tree(&unit.bytes, &unit.context, &found);
    let first = match unit.context {
        Context::Frame(_) => rows.iter().take_while(|row| row.locus.bit < 16).collect::<Vec<_>>(),
        _ => rows.iter().take(1).collect(),
    };
    let told: Vec<_> = first.iter().map(|row| format!("{} {}", row.label, row.value)).collect();
    let cite = first.first().map_or("", |row| row.cite);
    format!("{} ({cite}).", told.join(", "))
}

fn ends(run: &Run, ahead: &[Record]) -> Option<Question> {
    let (link, _) = ahead.iter().find_map(reported)?;
    let codes: BTreeMap<Host, u16> = run
        .records()
        .iter()
        .filter_map(|record| {
            reported(record).filter(|(on, _)| *on == link).map(|(_, code)| (record.host, code))
        })
        .collect();
    let outcome =
        ahead.iter().rfind(|record| reported(record).is_some_and(|(on, _)| on == link))?;
    let client = Host::Client(run.client_of(link)?);
    let said = |of_client: Option<u16>, of_server: Option<u16>| {
        let told = |host: Host, code: Option<u16>| match code {
            Some(code) => format!("{host} reports {code} {}", close::name(code)),
            None => format!("{host} reports nothing"),
        };
        format!("{}; {}", told(client, of_client), told(Host::Server, of_server))
    };
    let right = said(codes.get(&client).copied(), codes.get(&Host::Server).copied());
    let pairs = [(1000, 1000), (1006, 1006), (1005, 1005), (1000, 1006), (1006, 1002)];
    let wrong = pairs.into_iter().map(|(a, b)| said(Some(a), Some(b)));
    let wrong = wrong.filter(|other| *other != right).take(MAX_WRONG).collect();
    let asked = format!("How does the connection of {client} end, as each end reports it?");
    question(Matter::Ends, asked, right, wrong, because(run, outcome), outcome.idx)
}

fn reported(record: &Record) -> Option<(LinkIdx, u16)> {
    match &record.what {
        What::Reported(link, closed) => Some((*link, closed.code)),
        _ => None,
    }
}

/// What a record goes back to directly, in words.
fn because(run: &Run, record: &Record) -> String {
    let chain = super::why::why(run, record.idx);
    let [.., cause, itself] = &chain[..] else { return "It is what the scenario says.".to_owned() };
    let cite = itself.cite.or(cause.cite).map(|cite| format!(" ({cite})")).unwrap_or_default();
    format!("It goes back to this: {}{cite}.", cause.text)
}

/// Puts the right answer among the wrong ones; where it stands is drawn from what happens.
fn question(
    matter: Matter,
    asked: String,
    right: String,
    wrong: Vec<String>,
    because: String,
    outcome: RecordIdx,
) -> Option<Question> {
    if wrong.is_empty() {
        return None;
    }
    let mut options = wrong;
    let n_places = options.len() as u64 + 1;
    let place = luck::draw(0, &[outcome.0 as u64, matter as u64]) % n_places;
    let place = usize::try_from(place).expect("there are few options");
    options.insert(place, right);
    Some(Question { matter, asked, options, right: place, because, outcome })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Mode, Scenario, SimTime};
    use std::sync::Arc;

    const STORY: &str = r#"(
        name: "story",
        workload: [
            (at_ms: 300, who: Client(1), what: Say("Hi")),
            (at_ms: 600, who: Client(1), what: Close(1000, "bye")),
        ],
        ends_ms: 900,
    )"#;

    fn check(mode: Mode, ms: u64, matter: Matter, asked: &str, right: &str) {
        let scenario: Scenario = ron::from_str(STORY).unwrap();
        let run = Run::new(Arc::new(scenario), mode);
        let questions = questions(&run, run.position_at(SimTime::from_ms(ms)));
        let question = questions.iter().find(|question| question.matter == matter).unwrap();
        assert!(question.asked.contains(asked), "{question:?}");
        assert!(question.options[question.right].contains(right), "{question:?}");
    }

    #[test]
    fn a_question_is_asked_of_each_matter() {
        check(Mode::WebSocket, 290, Matter::Next, "next", "the user at Client 1 says “Hi”");
        check(Mode::WebSocket, 290, Matter::Bytes, "Client 1 is about to write", "81 82");
        check(Mode::WebSocket, 290, Matter::Ends, "Client 1 end", "Client 1 reports 1000");
        check(Mode::Polling, 290, Matter::Bytes, "Server is about to write", "HTTP/1.1 20");
    }

    #[test]
    fn where_nothing_lies_ahead_nothing_is_asked() {
        let scenario: Scenario = ron::from_str(STORY).unwrap();
        let run = Run::new(Arc::new(scenario), Mode::WebSocket);
        assert_eq!(questions(&run, run.end()), []);
    }
}
