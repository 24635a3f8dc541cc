//! Lessons: those that come with the program are sound, and broken ones are told what is wrong.

use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use wirestep::lesson::{Deed, Library, Panel, Task, lint, read_course, read_lesson, read_scenario};
use wirestep::player::{Outcome, done_on_arrival, faults, play_script};

fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lesson of which the broken ones are variants.
fn small() -> String {
    read("tests/broken/sound.ron")
}

/// The course that comes with the program.
static LIBRARY: LazyLock<Library> = LazyLock::new(Library::built_in);

fn said_of(source: &str, file: &str) -> Vec<String> {
    faults(source, file, || &LIBRARY).iter().map(ToString::to_string).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().expect("a file has a name").to_string_lossy().into_owned()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = folder.read_dir().expect("the folder is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.sort();
    files
}

#[test]
fn every_lesson_in_the_folder_comes_with_the_program() {
    let built_in: Vec<_> = Library::built_in_sources().map(|(file, _)| file).collect();
    for path in files("lessons") {
        let file = format!("lessons/{}", name_of(&path));
        assert!(built_in.contains(&file), "list {file} in src/lesson/library.rs");
    }
}

#[test]
fn the_lessons_of_the_program_are_clean() {
    for (file, source) in Library::built_in_sources().filter(|(file, _)| !file.contains("course")) {
        let found = said_of(&source, &file);
        assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    }
}

#[test]
fn lessons_come_in_the_order_of_the_course() {
    let library = Library::built_in();
    let ids: Vec<_> = library.lessons().iter().map(|lesson| lesson.id.as_str()).collect();
    let units = &library.course().units;
    let listed: Vec<_> = units.iter().flat_map(|unit| &unit.lessons).collect();
    assert_eq!(ids, listed);
    for pair in ids.windows(2) {
        assert_eq!(library.next_after(pair[0]).map(|next| next.id.as_str()), Some(pair[1]));
    }
    assert_eq!(library.next_after(ids[ids.len() - 1]), None);
    assert!(library.lesson("are-we-there-yet").is_some());
    assert!(library.lesson("never-written").is_none());
}

#[test]
fn the_first_lesson_starts_nearly_empty() {
    let library = Library::built_in();
    let first = &library.lessons()[0];
    assert_eq!(first.shows, []);
    let shown: Vec<_> = first.steps.iter().flat_map(|step| &step.shows).collect();
    assert!(shown.contains(&&Panel::Counters));
}

#[test]
fn every_explanation_in_the_program_names_a_clause() {
    for lesson in Library::built_in().lessons() {
        for step in &lesson.steps {
            let whys: Vec<_> = match &step.task {
                Some(Task::Predict(predict)) => {
                    predict.options.iter().map(|option| &option.because).collect()
                }
                Some(Task::Do(task)) => vec![&task.because],
                Some(Task::Choose(choose)) => {
                    choose.options.iter().map(|option| &option.because).collect()
                }
                Some(Task::Explain(explain)) => vec![&explain.model],
                Some(Task::Retrieve(_)) | None => Vec::new(),
            };
            for why in whys {
                // What a wrong answer to a matter of the wire says is backed by a clause.
                assert!(why.contains('§') || why.contains("WHATWG"), "{}: {why}", step.title);
            }
        }
    }
}

/// Each broken file says in its first line what is said about it; `UPDATE=1` writes it there.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever changes a message rewrites these on purpose"
)]
fn a_broken_lesson_is_told_where_it_is_wrong_and_what_would_work() {
    for path in files("tests/broken") {
        let source = read(&path);
        let (first, rest) = source.split_once('\n').expect("the first line says what is wrong");
        let found = said_of(&source, &name_of(&path));
        let said = if found.is_empty() { "sound".to_owned() } else { found.join(" | ") };
        let said = format!("// {said}");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, format!("{said}\n{rest}")).expect("the file can be written");
        } else {
            assert_eq!(first, said, "{}", path.display());
        }
    }
}

#[test]
fn a_library_says_what_is_wrong_with_a_course() {
    let small = small();
    let library = |course: &str| {
        let course = ("my/course.ron".to_owned(), course.to_owned());
        let lesson = ("my/small.ron".to_owned(), small.clone());
        Library::from_sources([lesson, course]).map_err(|errors| errors[0].to_string())
    };
    assert!(library("(title: \"t\", units: [(title: \"u\", lessons: [\"small\"])])").is_ok());
    assert_eq!(
        library("(title: \"t\", units: [(title: \"u\", lessons: [\"smal\"])])"),
        Err("my/course.ron:1:45: there is no lesson `smal`; did you mean `small`? choose from small"
            .to_owned())
    );
    assert_eq!(
        library("(title: \"t\", units: [(title: \"u\", lessons: [\"small\", \"small\"])])"),
        Err("my/course.ron:1:54: the lesson `small` is listed twice; list it once".to_owned())
    );
    assert_eq!(
        library("(title: \"t\", units: [])"),
        Err("my/course.ron:1:1: the lesson `small` is in no unit; list it in one".to_owned())
    );
}

#[test]
fn without_a_course_lessons_come_by_file_name() {
    let small = small();
    let other = small.replacen("id: \"small\"", "id: \"other\"", 1);
    let files = [("b.ron".to_owned(), small.clone()), ("a.ron".to_owned(), other)];
    let library = Library::from_sources(files).unwrap();
    let ids: Vec<_> = library.lessons().iter().map(|lesson| lesson.id.as_str()).collect();
    assert_eq!(ids, ["other", "small"]);
    let files = [("b.ron".to_owned(), small.clone()), ("a.ron".to_owned(), small)];
    let errors = Library::from_sources(files).unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "b.ron:3:5: `small` is the name of a.ron already; give each lesson a name of its own"
    );
}

/// The manual's examples are files of the kind that their first line names.
#[test]
fn the_examples_of_the_manual_are_read() {
    let manual = read("docs/lesson-format.md");
    let examples: Vec<_> = manual
        .split("```ron\n")
        .skip(1)
        .map(|rest| rest.split_once("```").expect("a fence is closed").0)
        .collect();
    assert!(examples.len() >= 3);
    for example in examples {
        let kind = example.lines().next().unwrap_or_default();
        let read = match kind {
            "// A lesson." => lint(example, "lesson").into_iter().next().map_or(Ok(()), Err),
            "// A scenario." => read_scenario(example, "scenario").map(|_| ()),
            "// A course." => read_course(example, "course").map(|_| ()),
            "// A step." => read_lesson(&around_step(example), "step").map(|_| ()),
            other => panic!("an example begins with what it is, not with {other:?}"),
        };
        assert_eq!(read.map_err(|error| error.to_string()), Ok(()), "{example}");
    }
}

/// The small lesson with another first step.
fn around_step(step: &str) -> String {
    small().replacen("    steps: [", &format!("    steps: [\n{step},"), 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_a_file_says_an_error_points_into_it(
        from in 0_usize..4000,
        len in 0_usize..40,
        put in "[a-z0-9(),:\"\\[\\]/ é\n]{0,6}",
    ) {
        let small = small();
        let mut chars: Vec<_> = small.chars().collect();
        let from = from.min(chars.len());
        let end = (from + len).min(chars.len());
        chars.splice(from..end, put.chars());
        let source: String = chars.into_iter().collect();
        for error in lint(&source, "some.ron") {
            prop_assert!(!error.what.is_empty() && !error.remedy.is_empty());
            // The end of a file that ends too early stands behind its last line.
            let line = source.split('\n').nth(error.line - 1);
            prop_assert!(
                line.is_some_and(|line| error.column <= line.chars().count() + 1),
                "{error} in\n{source}"
            );
            prop_assert!(source.get(error.span.clone()).is_some(), "{error}");
        }
    }
}

#[test]
fn every_solution_finishes_its_lesson() {
    for lesson in Library::built_in().lessons() {
        assert_eq!(play_script(lesson, &lesson.solution), Outcome::Passed, "{}", lesson.id);
    }
}

#[test]
fn every_wrong_script_is_held_by_its_lesson() {
    for lesson in Library::built_in().lessons() {
        for script in &lesson.wrong {
            let outcome = play_script(lesson, &script.deeds);
            let held = matches!(outcome, Outcome::Held(..));
            assert!(held, "{}, {:?}: {outcome:?}", lesson.id, script.name);
        }
    }
}

#[test]
fn no_task_is_done_before_the_learner_does_anything() {
    for lesson in Library::built_in().lessons() {
        assert_eq!(done_on_arrival(lesson), Vec::<usize>::new(), "{}", lesson.id);
    }
}

#[test]
fn a_script_that_skips_a_deed_of_the_solution_is_held() {
    for lesson in Library::built_in().lessons() {
        for skipped in 0..lesson.solution.len() {
            let mut deeds = lesson.solution.clone();
            let deed = deeds.remove(skipped);
            // To begin from the frame as it was is a way of working, and whoever has come to the end
            // stays there.
            let needed = !matches!(deed, Deed::Reset | Deed::Forward(_) | Deed::ToEnd);
            let passed = play_script(lesson, &deeds) == Outcome::Passed;
            assert!(!(needed && passed), "{} passes without {deed:?}", lesson.id);
        }
    }
}
