//! What is wrong in a file as people read it: a line that says so, and the place, underlined.

use super::Look;
use crate::lesson::LessonError;
use annotate_snippets::renderer::Style;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// A fault in a text: the line that the other commands say of it, and the place in the text.
pub(super) fn drawn(fault: &LessonError, text: &str, look: Look) -> String {
    let (renderer, strong) = match look {
        Look::Plain => (Renderer::plain(), Style::new()),
        Look::Coloured => (Renderer::styled(), Style::new().bold()),
    };
    let place = AnnotationKind::Primary.span(fault.span.clone());
    let snippet = Snippet::source(text).annotation(place);
    let report = [Group::with_level(Level::ERROR).element(snippet)];
    format!("{strong}{fault}{strong:#}\n{}", renderer.render(&report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_those_who_can_see_them() {
        let text = "(\n    é: nme,\n)";
        let fault = LessonError::about(("a.ron", text), "nme", "what", "remedy");
        let plain = "a.ron:2:8: what; remedy\n  |\n2 |     é: nme,\n  |        ^^^";
        assert_eq!(drawn(&fault, text, Look::Plain), plain);
        let coloured = drawn(&fault, text, Look::Coloured);
        assert!(
            coloured.starts_with("\u{1b}[1ma.ron:2:8: what; remedy\u{1b}[0m\n"),
            "{coloured:?}"
        );
    }
}
