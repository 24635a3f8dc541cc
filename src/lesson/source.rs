//! The text of a file for people who write lessons: where in it things stand, and what is wrong.
//!
//! **Invariant:** what cannot be found is said to stand at the start of the file.

use std::fmt;

/// What is wrong in a file, where, and what would work: one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct LessonError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What would work.
    pub remedy: String,
}

impl fmt::Display for LessonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, what, remedy } = self;
        write!(f, "{file}:{line}:{column}: {what}; {remedy}")
    }
}

/// The text of a file.
#[derive(Clone, Debug)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    /// The characters that are neither white space nor remarks, and where they stand: authors
    /// break lines as they like.
    solid: Vec<(usize, char)>,
}

/// A place in a source: an index among its characters that are neither white space nor remarks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot(usize);

impl<'a> Source<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, solid: solid(text) }
    }

    /// Where `needle` stands first from `from` on, whatever the white space.
    pub(super) fn find(&self, needle: &str, from: Spot) -> Option<Spot> {
        let needle: Vec<char> = needle.chars().filter(|c| !c.is_whitespace()).collect();
        let here = self.solid.get(from.0..)?;
        let idx = here
            .windows(needle.len().max(1))
            .position(|window| window.iter().map(|(_, c)| c).eq(&needle))?;
        Some(Spot(from.0 + idx))
    }

    /// Where `needle` stands behind the one at `first`.
    pub(super) fn find_again(&self, needle: &str, first: Spot) -> Option<Spot> {
        self.find(needle, Spot(first.0 + 1))
    }

    /// The text from a place on, as it stands in the file.
    pub(super) fn text_from(&self, at: Spot) -> &'a str {
        self.solid.get(at.0).map_or("", |(offset, _)| &self.text[*offset..])
    }

    /// What is wrong at a place.
    pub(super) fn error(
        &self,
        at: Option<Spot>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> LessonError {
        let offset = at.and_then(|spot| self.solid.get(spot.0)).map_or(0, |(offset, _)| *offset);
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |idx| idx + 1);
        LessonError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

/// The characters of a RON text that are neither white space nor in a `//` remark.
fn solid(text: &str) -> Vec<(usize, char)> {
    let mut solid = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut quoted = false;
    while let Some((offset, c)) = chars.next() {
        if !quoted && c == '/' && chars.peek().is_some_and(|(_, next)| *next == '/') {
            while chars.next_if(|(_, c)| *c != '\n').is_some() {}
            continue;
        }
        if !c.is_whitespace() {
            solid.push((offset, c));
        }
        match c {
            '"' => quoted = !quoted,
            // What follows, a quote for one, is part of the text.
            '\\' if quoted => solid.extend(chars.next()),
            _ => {}
        }
    }
    solid
}

/// What comes closest to a name that is none of `known`, if anything does.
pub(super) fn nearest<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let alike = |name: &&str| strsim::jaro_winkler(found, name);
    known.into_iter().filter(|name| alike(name) > 0.75).max_by(|a, b| alike(a).total_cmp(&alike(b)))
}

/// The most names that are listed beside the nearest.
const MAX_LISTED: usize = 12;

/// Advice for a name that is none of `known`.
pub(super) fn advice<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    let all = known.join(", ");
    match nearest(found, known.iter().copied()) {
        Some(name) if known.len() > MAX_LISTED => format!("did you mean `{name}`?"),
        Some(name) => format!("did you mean `{name}`? choose from {all}"),
        None => format!("choose from {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_found_whatever_the_white_space() {
        let text = "(// id: \"y\"\n  id :\n  \"x\", id: \"y\", é: f( 1 ,2), url: \"a//b\\\"//c\")";
        let source = Source::new("a.ron", text);
        let at = |needle| {
            let error = source.error(source.find(needle, Spot::default()), "", "");
            (error.line, error.column)
        };
        assert_eq!(at("id: \"x\""), (2, 3));
        assert_eq!(at("id: \"y\""), (3, 8));
        assert_eq!(at("f(1, 2)"), (3, 20));
        assert_eq!(at("//c"), (3, 42));
        assert_eq!(at("nowhere"), (1, 1));
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        let known = ["title", "text", "task"];
        assert_eq!(nearest("txet", known), Some("text"));
        assert_eq!(nearest("tilte", known), Some("title"));
        assert_eq!(nearest("qqq", known), None);
    }
}
