//! `wirestep check`: lints lessons and plays their scripts.

use super::args::Check;
use super::library::{read, sources};
use super::{Exit, Misuse, Streams};
use crate::lesson::{Lesson, Library, Retrieve, Task, lint, read_lesson};
use crate::player::{Outcome, done_on_arrival, play_script};

pub(super) fn run(args: &Check, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    let sources = if args.paths.is_empty() {
        Library::built_in_sources().collect()
    } else {
        let mut all = Vec::new();
        for path in &args.paths {
            if path.is_dir() {
                all.extend(sources(path)?);
            } else {
                all.push((path.display().to_string(), read(path)?));
            }
        }
        all
    };
    let mut n_lessons = 0;
    let mut faults = Vec::new();
    let lessons = || sources.iter().filter(|(file, _)| !Library::is_course(file));
    // A lesson may ask again what one of these asks, or one that comes with the program.
    let known = lessons()
        .filter_map(|(file, source)| read_lesson(source, file).ok())
        .fold(Library::built_in(), Library::with);
    for (file, source) in lessons() {
        n_lessons += 1;
        faults.extend(lint(source, file).iter().map(ToString::to_string));
        if let Ok(mut lesson) = read_lesson(source, file) {
            known.find_recalled(&mut lesson);
            faults.extend(script_faults(&lesson, source, file));
        }
    }
    // Files by themselves are no course: what they ask again comes with the program.
    let course = args.paths.is_empty() || args.paths.iter().any(|path| path.is_dir());
    if course
        && faults.is_empty()
        && let Err(errors) = Library::from_sources(sources.clone())
    {
        faults.extend(errors.iter().map(ToString::to_string));
    }
    for fault in &faults {
        writeln!(streams.output, "{fault}")?;
    }
    let lessons = if n_lessons == 1 { "lesson" } else { "lessons" };
    if faults.is_empty() {
        writeln!(streams.output, "{n_lessons} {lessons}: all is well")?;
        Ok(Exit::Done)
    } else {
        writeln!(streams.output, "{n_lessons} {lessons}: {} to mend", faults.len())?;
        Ok(Exit::Fails)
    }
}

/// What playing the scripts of a lesson shows to be wrong.
fn script_faults(lesson: &Lesson, source: &str, file: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |near: &str, words: String| {
        let (line, column) = locate(source, near);
        faults.push(format!("{file}:{line}:{column}: {words}"));
    };
    for step in done_on_arrival(lesson) {
        let words = "the task is done before the learner does anything; ask for something that \
                     does not hold yet";
        fault(&lesson.steps[step].title, words.to_owned());
    }
    for step in &lesson.steps {
        let Some(Task::Retrieve(asked)) = &step.task else { continue };
        if asked.item.is_none() {
            let Retrieve { lesson, question, .. } = asked;
            let words = format!("no lesson `{lesson}` asks `{question}`; name another question");
            fault(question, words);
        }
    }
    match play_script(lesson, &lesson.solution) {
        Outcome::Passed => {}
        Outcome::Held(step, why) | Outcome::Broken(step, why) => {
            fault("solution:", format!("the solution stops at step {}: {why}", step + 1));
        }
    }
    for script in &lesson.wrong {
        match play_script(lesson, &script.deeds) {
            Outcome::Held(..) => {}
            Outcome::Passed => {
                let words = "this wrong script passes; the tasks let a wrong idea through";
                fault(&script.name, words.to_owned());
            }
            Outcome::Broken(step, why) => {
                let words = format!("this script cannot be played past step {}: {why}", step + 1);
                fault(&script.name, words);
            }
        }
    }
    faults
}

/// The line and column, from 1, where some text first stands; the beginning where it does not.
fn locate(source: &str, near: &str) -> (usize, usize) {
    let before = source.find(near).map_or("", |at| &source[..at]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    (line, column)
}
