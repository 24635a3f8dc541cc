//! `wirestep check --new`: a lesson to begin with.
//!
//! **Invariant:** a file that is there already is never touched, and a new one is whole or not there.

use super::{Exit, Misuse, Streams};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

/// The lesson, with `NAME` and `TITLE` to be filled in.
const STARTER: &str = include_str!("starter.ron");

/// The name of a lesson: a to z, 0 to 9, and single hyphens between them.
#[derive(Clone, Debug)]
pub(super) struct LessonName(String);

impl LessonName {
    /// Reads a name.
    ///
    /// # Errors
    /// What a name is made of.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let is_word = |word: &str| {
            !word.is_empty() && word.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9'))
        };
        if text.split('-').all(is_word) {
            return Ok(Self(text.to_owned()));
        }
        Err("a name is words of a to z and 0 to 9 with hyphens between them, like my-first-lesson"
            .to_owned())
    }

    /// The name as a title.
    fn title(&self) -> String {
        let words = self.0.replace('-', " ");
        let mut chars = words.chars();
        chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
    }
}

/// The text of a lesson of this name.
pub(super) fn starter(name: &LessonName) -> String {
    STARTER.replace("NAME", &name.0).replace("TITLE", &name.title())
}

/// Writes a lesson to begin with into this folder, and says what to do next.
pub(super) fn run(
    name: &LessonName,
    folder: &Path,
    streams: &mut Streams<'_>,
) -> Result<Exit, Misuse> {
    let file = format!("{}.ron", name.0);
    write_new(folder, &file, &starter(name)).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Misuse(format!("{file} is there already; choose another name, or take it away first"))
        }
        _ => Misuse(format!("{file} cannot be written: {error}")),
    })?;
    writeln!(
        streams.output,
        "{file} is written. Change it, then\n  \
         wirestep check {file}   says what is wrong with it\n  \
         wirestep {file}         opens it, and takes in what you save while it is open"
    )?;
    Ok(Exit::Done)
}

fn write_new(folder: &Path, file: &str, text: &str) -> std::io::Result<()> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        // Others may read it where the user says so, as of any file.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut written = builder.tempfile_in(folder)?;
    written.write_all(text.as_bytes())?;
    written.as_file().sync_all()?;
    written.persist_noclobber(folder.join(file))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::{Library, Task, read_lesson};
    use crate::player::faults;

    fn name(text: &str) -> LessonName {
        LessonName::parse(text).expect("it is a name")
    }

    #[test]
    fn a_lesson_to_begin_with_is_a_good_one() {
        let library = Library::built_in();
        let text = starter(&name("over-the-wire"));
        assert_eq!(faults(&text, "over-the-wire.ron", || &library), []);
        let lesson = read_lesson(&text, "over-the-wire.ron").expect("it is sound");
        assert_eq!((lesson.id.as_str(), lesson.title.as_str()), ("over-the-wire", "Over the wire"));
    }

    #[test]
    fn it_shows_every_kind_of_step() {
        let lesson = read_lesson(&starter(&name("all")), "all.ron").expect("it is sound");
        let shown = |kind: fn(&Task) -> bool| {
            lesson.steps.iter().filter_map(|step| step.task.as_ref()).any(kind)
        };
        // Whoever adds a kind is asked here to show it.
        let (Task::Predict(_)
        | Task::Do(_)
        | Task::Choose(_)
        | Task::Explain(_)
        | Task::Retrieve(_)) =
            lesson.steps.iter().find_map(|step| step.task.clone()).expect("it has a task");
        assert!(lesson.steps.iter().any(|step| step.task.is_none()), "one to read");
        assert!(shown(|task| matches!(task, Task::Predict(_))));
        assert!(shown(|task| matches!(task, Task::Choose(_))));
        assert!(shown(|task| matches!(task, Task::Explain(_))));
        assert!(shown(|task| matches!(task, Task::Retrieve(_))));
        assert!(shown(|task| matches!(task, Task::Do(task) if task.bench.is_none())));
        assert!(shown(|task| matches!(task, Task::Do(task) if task.bench.is_some())));
    }

    #[test]
    fn a_name_is_words_with_hyphens_between_them() {
        for good in ["a", "my-lesson", "2-bytes"] {
            assert!(LessonName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-", "a-", "-a", "a--b", "A", "a b", "a/b", "..", "a.ron", "é"] {
            assert!(LessonName::parse(bad).is_err(), "{bad}");
        }
    }
}
