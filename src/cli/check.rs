//! `wirestep check`: lints lessons and plays their scripts.

use super::args::Check;
use super::library::{read, sources};
use super::snippet::drawn;
use super::{Exit, Misuse, Streams, starter};
use crate::lesson::{LessonError, Library, read_lesson};
use crate::player::faults;
use std::cell::LazyCell;
use std::path::Path;

pub(super) fn run(args: &Check, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    if let Some(name) = &args.new {
        return starter::run(name, Path::new("."), streams);
    }
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
    let mut found = Vec::new();
    let lessons = || sources.iter().filter(|(file, _)| !Library::is_course(file));
    // A lesson may ask again what one of these asks, or one that comes with the program.
    let known = LazyCell::new(|| {
        let read = lessons().filter_map(|(file, text)| read_lesson(text, file).ok());
        read.fold(Library::built_in(), Library::with)
    });
    for (file, text) in lessons() {
        n_lessons += 1;
        found.extend(faults(text, file, || &known));
    }
    // Files by themselves are no course: what they ask again comes with the program.
    let course = args.paths.is_empty() || args.paths.iter().any(|path| path.is_dir());
    if course
        && found.is_empty()
        && let Err(errors) = Library::from_sources(sources.clone())
    {
        found = errors;
    }
    for fault in &found {
        let text = text_of(fault, &sources);
        writeln!(streams.output, "{}\n", drawn(fault, text, streams.look))?;
    }
    let lessons = if n_lessons == 1 { "lesson" } else { "lessons" };
    if found.is_empty() {
        writeln!(streams.output, "{n_lessons} {lessons}: all is well")?;
        Ok(Exit::Done)
    } else {
        writeln!(streams.output, "{n_lessons} {lessons}: {} to mend", found.len())?;
        Ok(Exit::Fails)
    }
}

/// The text of the file that a fault speaks of.
fn text_of<'a>(fault: &LessonError, sources: &'a [(String, String)]) -> &'a str {
    sources.iter().find(|(file, _)| *file == fault.file).map_or("", |(_, text)| text)
}
