//! Proof: everything that is wrong with a lesson, its scripts played.

use super::{Outcome, done_on_arrival, play_script};
use crate::lesson::{Lesson, LessonError, Library, Retrieve, Step, Task, lint, read_lesson};

/// Everything that is wrong with the text of a lesson: what keeps it from being loaded, or else
/// what makes it a poor one and what its scripts show. It may ask again what a lesson in `known` asks.
pub fn faults<'a>(text: &str, file: &str, known: impl FnOnce() -> &'a Library) -> Vec<LessonError> {
    let mut faults = lint(text, file);
    if let Ok(mut lesson) = read_lesson(text, file) {
        let retrieves = |step: &Step| matches!(step.task, Some(Task::Retrieve(_)));
        if lesson.steps.iter().any(retrieves) {
            known().find_recalled(&mut lesson);
        }
        faults.extend(script_faults(&lesson, (file, text)));
    }
    faults
}

/// What playing the scripts of a lesson shows to be wrong.
fn script_faults(lesson: &Lesson, source: (&str, &str)) -> Vec<LessonError> {
    let mut faults = Vec::new();
    let mut fault = |needle: &str, what: String, remedy: &str| {
        faults.push(LessonError::about(source, needle, what, remedy));
    };
    for step in done_on_arrival(lesson) {
        let what = "the task is done before the learner does anything".to_owned();
        let remedy = "ask for something that does not hold yet (rule 20)";
        fault(&named("title", &lesson.steps[step].title), what, remedy);
    }
    for step in &lesson.steps {
        let Some(Task::Retrieve(asked)) = &step.task else { continue };
        if asked.item.is_none() {
            let Retrieve { lesson, question, .. } = asked;
            let what = format!("no lesson `{lesson}` asks `{question}`");
            fault(&named("question", question), what, "name another question");
        }
    }
    match play_script(lesson, &lesson.solution) {
        Outcome::Passed => {}
        Outcome::Held(step, why) | Outcome::Broken(step, why) => {
            let what = format!("the solution stops at step {}: {}", step + 1, plain(&why));
            fault("solution:", what, "write what the learner does to pass (rule 20)");
        }
    }
    for script in &lesson.wrong {
        let name = named("name", &script.name);
        match play_script(lesson, &script.deeds) {
            Outcome::Held(..) => {}
            Outcome::Passed => {
                let remedy = "the tasks let a wrong idea through: ask for more (rule 20)";
                fault(&name, "this wrong script passes".to_owned(), remedy);
            }
            Outcome::Broken(step, why) => {
                let what =
                    format!("this script cannot be played past step {}: {}", step + 1, plain(&why));
                fault(&name, what, "write what can be done there (rule 20)");
            }
        }
    }
    faults
}

/// A field with a text, as an author writes it.
fn named(field: &str, text: &str) -> String {
    format!("{field}: {text:?}")
}

/// A sentence as a part of another.
fn plain(sentence: &str) -> &str {
    sentence.trim_end_matches('.')
}
