//! The format of lesson, scenario and course files: RON, and what is wrong with a file said so
//! that its author can mend it.
//!
//! **Law:** a lesson that was read is sound: its questions have one right answer, its names name
//! something, its places happen.

use super::library::Course;
use super::source::{Source, Spot, advice};
use super::{Lesson, LessonError, prose, soundness};
use crate::sim::Scenario;
use ron::extensions::Extensions;
use serde::de::DeserializeOwned;

/// Reads a lesson.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn read_lesson(source: &str, file: &str) -> Result<Lesson, LessonError> {
    load_lesson(source, file).map_err(first)
}

/// Reads a scenario.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn read_scenario(source: &str, file: &str) -> Result<Scenario, LessonError> {
    let source = Source::new(file, source);
    let scenario: Scenario = parse(&source)?;
    let faults = soundness::scenario(&scenario, &source, Spot::default());
    faults.into_iter().next().map_or(Ok(scenario), Err)
}

/// Reads a course.
///
/// # Errors
/// What is wrong with it.
pub fn read_course(source: &str, file: &str) -> Result<Course, LessonError> {
    parse(&Source::new(file, source))
}

/// Reads a lesson; gives everything that is wrong with it.
pub(super) fn load_lesson(source: &str, file: &str) -> Result<Lesson, Vec<LessonError>> {
    let source = Source::new(file, source);
    let mut lesson: Lesson = parse(&source).map_err(|error| vec![error])?;
    prose::tidy(&mut lesson);
    let mut faults = soundness::lesson(&lesson, &source);
    if faults.is_empty() {
        return Ok(lesson);
    }
    faults.sort_by_key(|fault| (fault.line, fault.column));
    Err(faults)
}

fn first(mut errors: Vec<LessonError>) -> LessonError {
    errors.swap_remove(0)
}

/// Reads any RON, with what is wrong said as it is of a lesson.
///
/// # Errors
/// The first thing that is wrong.
pub fn read_ron<T: DeserializeOwned>(text: &str, file: &str) -> Result<T, LessonError> {
    parse(&Source::new(file, text))
}

fn parse<T: DeserializeOwned>(source: &Source<'_>) -> Result<T, LessonError> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    options.from_str(source.text).map_err(|error| {
        let (what, remedy) = explain(&error.code);
        let offset = |at: ron::error::Position| source.offset(at.line, at.col);
        let (start, end) = (offset(error.span.start), offset(error.span.end));
        let span = match &error.code {
            // Of a name, its beginning is where the author looks.
            ron::Error::NoSuchStructField { .. } | ron::Error::NoSuchEnumVariant { .. } => {
                start..source.end_of(start)
            }
            ron::Error::MissingStructField { .. } | ron::Error::Eof => end..end,
            _ => end..source.end_of(end),
        };
        source.error_over(span, what, remedy)
    })
}

/// What is wrong, and what would work.
fn explain(error: &ron::Error) -> (String, String) {
    let within = |outer: &Option<String>| match outer {
        Some(outer) => format!(" in `{outer}`"),
        None => String::new(),
    };
    match error {
        ron::Error::NoSuchStructField { expected, found, outer } => (
            format!("there is no field `{found}`{}", within(outer)),
            advice(found, expected.iter().copied()),
        ),
        ron::Error::NoSuchEnumVariant { expected, found, outer } => (
            format!("there is no `{found}`{}", within(outer)),
            advice(found, expected.iter().copied()),
        ),
        ron::Error::MissingStructField { field, outer } => (
            format!("the field `{field}` is missing{}", within(outer)),
            format!("write `{field}: …` before the bracket that closes it here"),
        ),
        ron::Error::DuplicateStructField { field, outer } => (
            format!("the field `{field}` is there twice{}", within(outer)),
            "take one of them out".to_owned(),
        ),
        other => (lowered(&other.to_string()), remedy(other).to_owned()),
    }
}

fn remedy(error: &ron::Error) -> &'static str {
    match error {
        ron::Error::ExpectedComma => "put a comma between this and what stands before it",
        ron::Error::Eof => "close the brackets and quotes that are open",
        ron::Error::TrailingCharacters => "end the file after the bracket that closes the first",
        ron::Error::ExpectedString | ron::Error::ExpectedStringEnd => {
            "put text between quotes: \"…\""
        }
        ron::Error::ExpectedArray => "put a list between square brackets: […]",
        ron::Error::ExpectedInteger | ron::Error::IntegerOutOfBounds => "write a whole number",
        ron::Error::ExpectedStructLike | ron::Error::ExpectedNamedStructLike(_) => {
            "put fields between round brackets: (…)"
        }
        _ => "look at the brackets, quotes and commas around here",
    }
}

fn lowered(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
