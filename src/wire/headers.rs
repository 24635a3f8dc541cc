//! Header lines in their order: one text, and where in it each line stands.
//!
//! **Invariant:** the ranges of a line lie on the boundaries of characters of the text.

use std::fmt;

/// Header lines in their order.
#[derive(Clone, Default)]
pub struct Headers {
    /// All the lines; between names and values lies whatever lay there where they were read.
    text: String,
    lines: Vec<Line>,
    spacing: Spacing,
}

/// What lies around the values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Spacing {
    /// One space before each: the text is what would be written.
    #[default]
    Plain,
    /// More or less than that.
    Other,
}

/// Where in the text the name and the value of a line are.
#[derive(Clone, Copy)]
pub(super) struct Line {
    name: (u32, u32),
    value: (u32, u32),
}

impl Line {
    /// A line whose name and value begin at, and have as many bytes as, these say.
    pub(super) fn at(name: (usize, usize), value: (usize, usize)) -> Self {
        let short = |(start, len)| (narrow(start), narrow(len));
        Self { name: short(name), value: short(value) }
    }
}

/// # Panics
/// Where headers have four gigabytes.
fn narrow(n: usize) -> u32 {
    u32::try_from(n).expect("headers are far smaller than four gigabytes")
}

impl Headers {
    /// The lines at these places in `section`; bytes outside UTF-8 are shown as replacement
    /// characters.
    pub(super) fn of_section(section: &[u8], lines: Vec<Line>, spacing: Spacing) -> Self {
        if let Ok(text) = simdutf8::basic::from_utf8(section) {
            return Self { text: text.to_owned(), lines, spacing };
        }
        let shown = |(start, len): (u32, u32)| {
            String::from_utf8_lossy(&section[start as usize..][..len as usize])
        };
        let mut headers = Self::default();
        for line in lines {
            headers.push(&shown(line.name), shown(line.value));
        }
        headers
    }

    /// Appends a line.
    pub fn push(&mut self, name: &str, value: impl AsRef<str>) {
        let value = value.as_ref();
        if self.lines.is_empty() {
            // Most heads that are written are no longer, so that there is one allocation each.
            self.text.reserve(256);
            self.lines.reserve(8);
        }
        let start = self.text.len();
        self.text.push_str(name);
        self.text.push_str(": ");
        self.lines.push(Line::at((start, name.len()), (self.text.len(), value.len())));
        self.text.push_str(value);
        self.text.push_str("\r\n");
    }

    /// Every line: its name as it was written, to be compared without regard to case, and its
    /// value without the white space around it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|line| (self.part(line.name), self.part(line.value)))
    }

    #[inline]
    fn part(&self, (start, len): (u32, u32)) -> &str {
        &self.text[start as usize..start as usize + len as usize]
    }

    /// The values of every line of this name, in any case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The value of the only line of this name; `None` where there is none or more than one.
    pub fn only<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let mut values = self.all(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// The comma-separated elements of every line of this name (RFC 9110 §5.6.1).
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(elements)
    }

    /// Whether a list header contains `token`, in any case.
    pub fn lists(&self, name: &str, token: &str) -> bool {
        self.list(name).any(|element| element.eq_ignore_ascii_case(token))
    }

    /// The bytes of the lines, each with its line end, behind `start` and its line end, and of the
    /// empty line that ends a head.
    pub(super) fn behind(&self, start: &[&[u8]]) -> Vec<u8> {
        let n_start: usize = start.iter().map(|part| part.len()).sum();
        let mut out = Vec::with_capacity(n_start + self.text.len() + 4);
        for part in start {
            out.extend_from_slice(part);
        }
        out.extend_from_slice(b"\r\n");
        match self.spacing {
            Spacing::Plain => out.extend_from_slice(self.text.as_bytes()),
            Spacing::Other => {
                for (name, value) in self.iter() {
                    out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
                }
            }
        }
        out.extend_from_slice(b"\r\n");
        out
    }
}

/// The comma-separated elements of a value (RFC 9110 §5.6.1).
pub(super) fn elements(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(trim_blanks).filter(|element| !element.is_empty())
}

/// Text without the white space around it (RFC 9110 §5.6.3); no other is passed over.
pub(super) fn trim_blanks(text: &str) -> &str {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = text.bytes().take_while(|byte| blank(byte)).count();
    let text = &text[start..];
    let n_after = text.bytes().rev().take_while(|byte| blank(byte)).count();
    &text[..text.len() - n_after]
}

/// Headers are equal where their lines are.
impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Headers {}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_equal_where_their_lines_are_however_they_came() {
        let section = b"Host:  a \r\nX:\xffy";
        let lines = vec![Line::at((0, 4), (7, 1)), Line::at((11, 1), (13, 2))];
        let read = Headers::of_section(section, lines.clone(), Spacing::Other);
        let mut written = Headers::default();
        written.push("Host", "a");
        written.push("X", "\u{fffd}y");
        assert_eq!(read, written);
        assert_ne!(read, Headers::of_section(b"Host:  b \r\nX: y", lines, Spacing::Other));
        assert_eq!(format!("{read:?}"), r#"[("Host", "a"), ("X", "�y")]"#);
    }
}
