//! Running text written in Markdown: paragraphs, stressed words, code, lists.
//!
//! **Invariant:** words flow at the theme's line height, which a reader of prose needs.

use super::theme::{self, Face};
use super::widgets::append;
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Label, Ui};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// Draws Markdown as wide as its place allows.
pub(super) fn rich_text(ui: &mut Ui, markdown: &str) {
    let palette = theme::palette(ui);
    let mut writer = Writer::new(palette.text, palette.accent_text, palette.card_hovered);
    Parser::new(markdown).for_each(|event| writer.take(event));
    for job in writer.finish() {
        ui.add(Label::new(job).wrap());
    }
}

struct Writer {
    done: Vec<LayoutJob>,
    job: LayoutJob,
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
        let (done, job, lists) = (Vec::new(), LayoutJob::default(), Vec::new());
        Self { done, job, n_strong: 0, lists, ink, code_ink, code_ground }
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
        append(&mut self.job, code, &format);
    }

    fn flush(&mut self) {
        if !self.job.is_empty() {
            self.done.push(std::mem::take(&mut self.job));
        }
    }

    fn finish(mut self) -> Vec<LayoutJob> {
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
        let texts: Vec<_> = writer.finish().into_iter().map(|job| job.text).collect();
        assert_eq!(texts, expected);
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
