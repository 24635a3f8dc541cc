//! The text of a file for people who write lessons: where in it things stand, and what is wrong.
//!
//! **Invariant:** what cannot be found is said to stand at the start of the file.

use std::fmt;
use std::ops::Range;

/// What is wrong in a file, where, and what would work: one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct LessonError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The bytes of the file that are spoken of; none where something is missing there.
    pub span: Range<usize>,
    /// What is wrong.
    pub what: String,
    /// What would work.
    pub remedy: String,
}

impl LessonError {
    /// What is wrong with the first text in a file that reads `needle`, whatever the white space.
    pub fn about(
        (file, text): (&str, &str),
        needle: &str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let source = Source::new(file, text);
        source.error(source.find(needle, Spot::default()), what, remedy)
    }
}

impl fmt::Display for LessonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, span: _, what, remedy } = self;
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

/// A place in a source, counted in its characters that are neither white space nor remarks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// Where it begins.
    idx: usize,
    /// How many were looked for.
    len: usize,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, solid: solid(text) }
    }

    /// Where `needle` stands first from `from` on, whatever the white space.
    pub(super) fn find(&self, needle: &str, from: Spot) -> Option<Spot> {
        let needle: Vec<char> = needle.chars().filter(|c| !c.is_whitespace()).collect();
        let here = self.solid.get(from.idx..)?;
        let len = needle.len();
        let idx = here
            .windows(len.max(1))
            .position(|window| window.iter().map(|(_, c)| c).eq(&needle))?;
        Some(Spot { idx: from.idx + idx, len })
    }

    /// Where `needle` stands behind the one at `first`.
    pub(super) fn find_again(&self, needle: &str, first: Spot) -> Option<Spot> {
        self.find(needle, Spot { idx: first.idx + 1, len: 0 })
    }

    /// The text from a place on, as it stands in the file.
    pub(super) fn text_from(&self, at: Spot) -> &'a str {
        self.solid.get(at.idx).map_or("", |(offset, _)| &self.text[*offset..])
    }

    /// What is wrong at a place.
    pub(super) fn error(
        &self,
        at: Option<Spot>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> LessonError {
        self.error_over(at.map_or(0..0, |spot| self.span(spot)), what, remedy)
    }

    /// What is wrong with some bytes of the file, which begin and end with a character.
    pub(super) fn error_over(
        &self,
        span: Range<usize>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> LessonError {
        let before = &self.text[..span.start];
        let line_start = before.rfind('\n').map_or(0, |idx| idx + 1);
        LessonError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span,
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// The bytes that were looked for: of a field its name alone, of a value all of it.
    fn span(&self, spot: Spot) -> Range<usize> {
        let found = &self.solid[spot.idx.min(self.solid.len())..];
        let Some((start, first)) = found.first().copied() else { return 0..0 };
        let Some((last, c)) = found.get(spot.len.max(1) - 1).copied() else { return start..start };
        match c {
            ':' if spot.len > 1 => start..last,
            _ if first == '(' => {
                let inside = found.get(1).map_or(start, |(inside, _)| *inside);
                inside..self.end_of(inside)
            }
            _ => start..(last + c.len_utf8()).max(self.end_of(start)),
        }
    }

    /// The bytes of some words that begin at a place, however they are broken into lines.
    pub(super) fn span_over(&self, at: Spot, words: &str) -> Range<usize> {
        let len = words.chars().filter(|c| !c.is_whitespace()).count();
        self.span(Spot { len, ..at })
    }

    /// Where the name, number or text ends that begins at `start`; texts end with their line.
    pub(super) fn end_of(&self, start: usize) -> usize {
        let rest = &self.text[start..];
        let line = rest.lines().next().unwrap_or_default();
        let len = if let Some(text) = line.strip_prefix('"') {
            text.find('"').map_or(line.len(), |len| len + 2)
        } else {
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
            let len = line.find(|c| !is_part(c)).unwrap_or(line.len());
            len.max(line.chars().next().map_or(0, char::len_utf8))
        };
        start + len
    }

    /// Where a character stands that is told by its line and its place in it, both from 1.
    pub(super) fn offset(&self, line: usize, column: usize) -> usize {
        let mut lines = self.text.split_inclusive('\n');
        let before: usize = lines.by_ref().take(line.saturating_sub(1)).map(str::len).sum();
        let line = lines.next().unwrap_or_default();
        let within = line.char_indices().nth(column.saturating_sub(1));
        before + within.map_or(line.len(), |(idx, _)| idx)
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
    fn the_whole_name_or_value_is_spoken_of() {
        let text = "(id: \"a name\", hosts: [Client(12)], n: -3, é: f( 1 ,2))";
        let source = Source::new("a.ron", text);
        let check = |needle, expected| {
            let error = source.error(source.find(needle, Spot::default()), "", "");
            assert_eq!(&text[error.span], expected, "{needle}");
        };
        check("id:", "id");
        check("\"a name\"", "\"a name\"");
        check("(12", "12");
        check("Client", "Client");
        check("f(1, 2)", "f( 1 ,2)");
        check("nowhere", "");
        for (line, column, offset) in [(1, 1, 0), (1, 6, 5), (2, 1, text.len())] {
            assert_eq!(source.offset(line, column), offset);
        }
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        let known = ["title", "text", "task"];
        assert_eq!(nearest("txet", known), Some("text"));
        assert_eq!(nearest("tilte", known), Some("title"));
        assert_eq!(nearest("qqq", known), None);
    }
}
