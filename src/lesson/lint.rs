//! Lints: what makes a sound lesson a poor one.

use super::format::load_lesson;
use super::soundness::{quoted, runs};
use super::source::{Source, Spot};
use super::{
    Choice, Choose, Goal, Lesson, LessonError, Panel, Predict, Step, Task, clause, spotlit,
};
use crate::run::Run;
use crate::sim::Mode;
use crate::wire::unit::dissect;
use std::collections::{BTreeMap, BTreeSet};

/// How many questions a lesson asks at least.
const MIN_QUESTIONS: usize = 2;
/// How many steps may follow each other in which the learner decides nothing.
const MAX_PASSIVE: usize = 3;
/// How many words a step says at most.
const MAX_WORDS: usize = 110;

/// Everything that is wrong with a lesson: what keeps it from being loaded, else what makes it
/// a poor one.
pub fn lint(source: &str, file: &str) -> Vec<LessonError> {
    match load_lesson(source, file) {
        Err(faults) => faults,
        Ok(lesson) => lint_sound(&lesson, &Source::new(file, source)),
    }
}

fn lint_sound(lesson: &Lesson, source: &Source<'_>) -> Vec<LessonError> {
    let mut errors = Vec::new();
    let asks = |step: &&Step| matches!(step.task, Some(Task::Predict(_) | Task::Retrieve(_)));
    let n_questions = lesson.steps.iter().filter(asks).count();
    if n_questions < MIN_QUESTIONS {
        let what = "the lesson asks for fewer than two predictions";
        let at = source.find("steps:", Spot::default());
        errors.push(source.error(at, what, "ask for two: watching alone teaches little (rule 2)"));
    }
    let runs = runs(&lesson.scenario);
    let mut mode = lesson.mode;
    let mut shown = lesson.shows.clone();
    let mut n_passive = 0;
    let mut at = source.find("steps:", Spot::default()).unwrap_or_default();
    for step in &lesson.steps {
        at = source.find(&format!("title: {}", quoted(&step.title)), at).unwrap_or(at);
        mode = step.mode.unwrap_or(mode);
        n_passive = if step.decides() { 0 } else { n_passive + 1 };
        if n_passive == MAX_PASSIVE + 1 {
            let what = format!("{n_passive} steps follow each other without a decision");
            let remedy = "let the learner predict or do something (rule 1)";
            errors.push(source.error(Some(at), what, remedy));
        }
        let faults = wordy(step)
            .into_iter()
            .chain(chance_list(step))
            .chain(uncited(step))
            .chain(nameless(step))
            .chain(shown_too_soon(step, &runs[&mode]))
            .chain(alike(step))
            .chain(dead_cues(step, &shown, (mode, &runs)));
        errors.extend(faults.map(|Remark { about, what, remedy }| {
            let spot = source.find(&about, at).unwrap_or(at);
            source.error(Some(spot), what, remedy)
        }));
        shown.extend(&step.shows);
    }
    errors.extend(whole(lesson, source));
    errors.extend(badly_cited(source));
    errors
}

/// What is wrong with a step, and what would be better.
struct Remark {
    /// The text in the step at which to look.
    about: String,
    what: String,
    remedy: String,
}

impl Remark {
    fn new(about: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { about: about.into(), what: what.into(), remedy: remedy.into() }
    }
}

fn wordy(step: &Step) -> Option<Remark> {
    let n_words = step.text.split_whitespace().count();
    (n_words > MAX_WORDS).then(|| {
        let remedy =
            format!("say one idea in {MAX_WORDS} at most, and the rest in an aside (rule 18)");
        Remark::new("text:", format!("the step says {n_words} words"), remedy)
    })
}

/// A line that begins with `1.` because it was broken there: Markdown makes a list of it.
fn chance_list(step: &Step) -> Option<Remark> {
    let texts = [Some(&step.text), step.aside.as_ref()].into_iter().flatten();
    let lines = texts.flat_map(|text| text.lines().zip(text.lines().skip(1)));
    let mut found = lines.filter(|(before, line)| {
        !before.trim().is_empty() && (line.starts_with("1. ") || line.starts_with("1) "))
    });
    found.next().map(|(_, line)| {
        let what = "a line begins with `1.` within a paragraph, and becomes a list";
        Remark::new(line, what, "break the line elsewhere, or put an empty line before a list")
    })
}

fn uncited(step: &Step) -> Option<Remark> {
    (step.decides() && step.cites.is_empty()).then(|| {
        let remedy = "name the clause by which it comes out: cites: [\"RFC 6455 §5.2\"] (rule 12)";
        Remark::new("task:", "the task cites nothing", remedy)
    })
}

/// Wrong answers that stand for no named idea.
fn nameless(step: &Step) -> Vec<Remark> {
    let options = step.own_question().map_or(&[][..], |question| &question.options);
    let wrong = options.iter().filter(|option| !option.right && option.idea.is_none());
    let remark = |option: &Choice| {
        let text = quoted(&option.text);
        let what = format!("the wrong option {text} stands for no named idea");
        let remedy = "name it as it would be held: idea: \"a server can start\" (rule 7)";
        Remark::new(format!("text: {text}"), what, remedy)
    };
    wrong.map(remark).collect()
}

/// A question whose outcome has shown before it is asked for.
fn shown_too_soon(step: &Step, run: &Run) -> Option<Remark> {
    let outcome = step.outcome()?;
    let (asked, shown) = (step.at.as_ref()?.find(run)?, outcome.find(run)?);
    (shown <= asked).then(|| {
        let what = "the outcome shows no later than the question is asked";
        let remedy = "ask earlier, or name a later outcome (rule 2)";
        Remark::new("outcome:", what, remedy)
    })
}

/// Answers or hints that say the same.
fn alike(step: &Step) -> Option<Remark> {
    let (texts, what, remedy) = match step.task.as_ref()? {
        Task::Predict(Predict { options, .. }) | Task::Choose(Choose { options, .. }) => (
            options.iter().map(|option| &option.text).collect::<Vec<_>>(),
            "two options say the same",
            "let each stand for an idea that people have (rule 7)",
        ),
        Task::Explain(explain) => (
            explain.points.iter().collect(),
            "two points say the same",
            "let each ask for something else (rule 5)",
        ),
        Task::Retrieve(_) => return None,
        Task::Do(task) => (
            task.hints.iter().collect(),
            "two hints say the same",
            "let each say more than the one before (rule 8)",
        ),
    };
    repeated(texts).map(|text| Remark::new(quoted(text), what, remedy))
}

/// The first text that was there before.
fn repeated<'a>(texts: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let mut seen = BTreeSet::new();
    texts.into_iter().find(|text| !seen.insert(*text))
}

/// What is wrong with a lesson apart from its single steps.
fn whole(lesson: &Lesson, source: &Source<'_>) -> Vec<LessonError> {
    let mut errors = Vec::new();
    let debrief = source.find("debrief:", Spot::default());
    if lesson.debrief.text.trim().is_empty() {
        let remedy = "write what the learner takes home (rule 8)";
        errors.push(source.error(debrief, "the debrief says nothing", remedy));
    }
    for (idx, script) in lesson.wrong.iter().enumerate() {
        if lesson.wrong[..idx].iter().any(|before| before.deeds == script.deeds) {
            let what = format!("{} does what another wrong script does", quoted(&script.name));
            let at = source.find(&format!("name: {}", quoted(&script.name)), Spot::default());
            errors.push(source.error(at, what, "let each stand for a wrong idea (rule 20)"));
        }
    }
    errors
}

/// Cues that change nothing or point at nothing.
fn dead_cues(
    step: &Step,
    shown: &[Panel],
    (mode, runs): (Mode, &BTreeMap<Mode, Run>),
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for panel in step.shows.iter().filter(|panel| shown.contains(panel)) {
        let what = format!("{panel:?} is shown already");
        remarks.push(Remark::new("shows:", what, "take it out of `shows` (rule 16)"));
    }
    let inspector = shown.contains(&Panel::Inspector) || step.shows.contains(&Panel::Inspector);
    if step.tab.is_some() && !inspector {
        let what = "a tab is opened and no inspector is shown";
        remarks.push(Remark::new("tab:", what, "show it: shows: [Inspector] (rule 13)"));
    }
    let Some(field) = &step.spotlight else { return remarks };
    if !inspector {
        let what = format!("the spotlight on `{field}` falls on nothing: no inspector is shown");
        remarks.push(Remark::new("spotlight:", what, "show it: shows: [Inspector] (rule 13)"));
    }
    if asks_to_select(step, field) {
        let what = format!("the spotlight on `{field}` does what the task asks for");
        let remedy = "put it on another field, or take it out (rule 1)";
        remarks.push(Remark::new("spotlight:", what, remedy));
    }
    let unit = step.at.as_ref().and_then(|place| place.unit(&runs[&mode]));
    if let Some(unit) = unit {
        let found = dissect(&unit.bytes, &unit.context);
        if spotlit(&found, field).is_none() {
            let what = format!("the unit at this place has no field `{field}`");
            let names: BTreeSet<_> = found.fields.iter().map(|read| read.spec.name).collect();
            let names: Vec<_> = names.into_iter().collect();
            remarks.push(Remark::new(
                "spotlight:",
                what,
                format!("it has {} (rule 13)", names.join(", ")),
            ));
        }
    }
    remarks
}

fn asks_to_select(step: &Step, field: &str) -> bool {
    let Some(Task::Do(task)) = &step.task else { return false };
    let goals = task.goals.iter().flat_map(|check| check.goal.parts());
    goals.into_iter().any(|goal| matches!(goal, Goal::Selected(wanted) if wanted == field))
}

/// Clauses in running text that are not written as clauses.
fn badly_cited(source: &Source<'_>) -> Vec<LessonError> {
    let mut errors = Vec::new();
    for document in ["RFC", "WHATWG"] {
        let mut next = source.find(document, Spot::default());
        while let Some(at) = next {
            let clause = clause_at(source.text_from(at));
            if let Some(remedy) = clause::fault(&clause) {
                let remedy = format!("{remedy} (rule 12)");
                let span = source.span_over(at, &clause);
                errors.push(source.error_over(span, format!("`{clause}` is no clause"), remedy));
            }
            next = source.find_again(document, at);
        }
    }
    errors
}

/// The clause that some text begins with: as many words of it as one may have.
fn clause_at(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().take(3).collect();
    let n_words = if words.get(2).is_some_and(|word| word.starts_with('§')) { 3 } else { 2 };
    let n_words = if words[0] == "WHATWG" { n_words } else { 3 };
    let clause = words[..n_words.min(words.len())].join(" ");
    clause.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '§').to_owned()
}
