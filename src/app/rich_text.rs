//! Running text written in Markdown: paragraphs, stressed words, code, lists.
//!
//! **Invariant:** words flow at the theme's line height, which a reader of prose needs.

use super::term_links::linked;
use super::theme::{self, Face};
use super::widgets::append;
use crate::view::terms::{self, Term};
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Ui};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use std::ops::Range;

/// Draws Markdown as wide as its place allows.
pub(super) fn rich_text(ui: &mut Ui, markdown: &str) {
    let palette = theme::palette(ui);
    let mut writer = Writer::new(palette.text, palette.accent_text, palette.card_hovered);
    Parser::new(markdown).for_each(|event| writer.take(event));
    for Paragraph { job, terms } in writer.finish() {
        linked(ui, job, &terms);
    }
}

/// Running text with its terms.
struct Paragraph {
    job: LayoutJob,
    /// Where terms stand that no paragraph before has.
    terms: Vec<(Range<usize>, &'static Term)>,
}

struct Writer {
    done: Vec<Paragraph>,
    job: LayoutJob,
    /// Where code stands in the paragraph.
    code: Vec<Range<usize>>,
    /// How many stresses are open.
    n_strong: usize,
    /// The next number of the list that is open; `None` for one without numbers.
    lists: Vec<Option<u64>>,
    ink: Color32,
    code_ink: Color32,
    code_ground: Color32,
}

impl Writer {
    fn new(ink: Color32, code_ink: Color32, code_ground: Color32) -> Self {
        Self {
            done: Vec::new(),
            job: LayoutJob::default(),
            code: Vec::new(),
            n_strong: 0,
            lists: Vec::new(),
            ink,
            code_ink,
            code_ground,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Strong | Tag::Emphasis) => self.n_strong += 1,
            Event::End(TagEnd::Strong | TagEnd::Emphasis) => self.n_strong -= 1,
            Event::Start(Tag::List(first)) => {
                self.flush();
                self.lists.push(first);
            }
            Event::End(TagEnd::List(_)) => {
                self.flush();
                self.lists.pop();
            }
            Event::Start(Tag::Item) => self.bullet(),
            Event::End(TagEnd::Item | TagEnd::Paragraph | TagEnd::Heading(_)) => self.flush(),
            Event::Text(text) => self.write(&text),
            Event::Code(code) => self.write_code(&code),
            Event::SoftBreak => self.write(" "),
            Event::HardBreak => self.write("\n"),
            // Lessons use nothing else; its text arrives as text.
            _ => {}
        }
    }

    fn bullet(&mut self) {
        let bullet = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            Some(None) | None => "· ".to_owned(),
        };
        self.write(&bullet);
    }

    fn write(&mut self, text: &str) {
        let face = if self.n_strong > 0 { Face::Strong } else { Face::Body };
        self.job.append(&unbroken_numbers(text), 0.0, face.format(self.ink));
    }

    fn write_code(&mut self, code: &str) {
        let body = Face::Body.format(self.code_ink);
        let format = TextFormat {
            font_id: Face::Mono.font(),
            background: self.code_ground,
            expand_bg: 2.0,
            ..body
        };
        let start = self.job.text.len();
        append(&mut self.job, code, &format);
        self.code.push(start..self.job.text.len());
    }

    /// Where terms stand in the paragraph that no paragraph before has: code is one or has none.
    fn terms(&mut self) -> Vec<(Range<usize>, &'static Term)> {
        let text = &self.job.text;
        let mut found = Vec::new();
        let mut end = 0;
        for code in self.code.drain(..).chain(std::iter::once(text.len()..text.len())) {
            let prose = terms::found_in(&text[end..code.start]).into_iter();
            found.extend(prose.map(|(at, term)| (end + at.start..end + at.end, term)));
            end = code.end;
            found.extend(terms::named(&text[code.clone()]).map(|term| (code, term)));
        }
        let seen = self.done.iter().flat_map(|paragraph| &paragraph.terms);
        let mut seen: Vec<_> = seen.map(|(_, term)| *term).collect();
        found.retain(|(_, term)| {
            let first = !seen.contains(term);
            seen.push(term);
            first
        });
        found
    }

    fn flush(&mut self) {
        if !self.job.is_empty() {
            let terms = self.terms();
            self.done.push(Paragraph { job: std::mem::take(&mut self.job), terms });
        }
    }

    fn finish(mut self) -> Vec<Paragraph> {
        self.flush();
        self.done
    }
}

/// Text in which the spaces between thousands do not end a line.
fn unbroken_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let digit_before = text[..at].ends_with(|c: char| c.is_ascii_digit());
        let after = &text.as_bytes()[at + c.len_utf8()..];
        let thousands = after.len() >= 3 && after[..3].iter().all(u8::is_ascii_digit);
        out.push(if c == ' ' && digit_before && thousands { '\u{a0}' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markdown: &str, expected: &[&str]) {
        let mut writer = Writer::new(Color32::WHITE, Color32::WHITE, Color32::BLACK);
        Parser::new(markdown).for_each(|event| writer.take(event));
        let texts: Vec<_> = writer.finish().into_iter().map(|done| done.job.text).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn a_term_is_linked_once_and_code_only_as_a_whole() {
        let text =
            "A masking\nkey, a frame.\n\nThe frame: `Upgrade`, `Upgrade: x`, `let frame`, FIN.";
        let mut writer = Writer::new(Color32::WHITE, Color32::WHITE, Color32::BLACK);
        Parser::new(text).for_each(|event| writer.take(event));
        let paragraphs = writer.finish();
        let linked = paragraphs
            .iter()
            .flat_map(|Paragraph { job, terms }| terms.iter().map(|(at, _)| &job.text[at.clone()]));
        assert_eq!(linked.collect::<Vec<_>>(), ["masking key", "frame", "Upgrade", "FIN"]);
    }

    #[test]
    fn paragraphs_and_items_stand_apart_and_signs_disappear() {
        check("One **two**\nthree.\n\nFour.", &["One two three.", "Four."]);
        check("1. a\n2. b", &["1. a", "2. b"]);
        check("- a *b*", &["· a b"]);
        check("**b**", &["b"]);
        check("6 067 bytes in 2 frames", &["6\u{a0}067 bytes in 2 frames"]);
    }
}
