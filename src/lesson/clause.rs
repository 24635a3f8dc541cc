//! Clauses: what a lesson may cite, what it is called, and where it can be read.
//!
//! **Invariant:** a clause is written one way, `RFC 6455 §5.2`, so that it can be looked up; which
//! there are stands in `sections.txt`, taken from the documents' own tables of contents.

/// Every document that can be cited and its sections: a paragraph each. The first line of one is
/// the name by which the document is cited and what it is about.
const SECTIONS: &str = include_str!("sections.txt");

/// How many sections are suggested in place of one that does not exist.
const MAX_SUGGESTED: usize = 2;

/// A document that can be cited.
#[derive(Clone, Copy)]
struct Document {
    /// By what it is cited, such as `RFC 6455`.
    name: &'static str,
    about: &'static str,
    /// A line for each section: its number, a space, its title.
    sections: &'static str,
}

impl Document {
    fn all() -> impl Iterator<Item = Self> {
        SECTIONS.split("\n\n").map(|paragraph| {
            let (head, sections) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
            let name_end = head.match_indices(' ').nth(1).map_or(head.len(), |(idx, _)| idx);
            let (name, about) = head.split_at(name_end);
            Self { name, about: about.trim(), sections }
        })
    }

    fn named(name: &str) -> Option<Self> {
        Self::all().find(|document| document.name == name)
    }

    fn sections(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.sections.lines().filter_map(|line| line.split_once(' '))
    }
}

/// What the section that `cite` names is called, or what the document is about where it names no
/// section; `None` where `cite` is no clause.
pub fn title(cite: &str) -> Option<&'static str> {
    let Some((name, number)) = cite.split_once(" §") else {
        // Documents that are cited as a whole have no sections here.
        return Document::named(cite)
            .filter(|document| document.sections.trim().is_empty())
            .map(|document| document.about);
    };
    Document::named(name)?.sections().find(|(known, _)| *known == number).map(|(_, title)| title)
}

/// Where `cite` can be read; `None` where it is no clause.
pub fn url(cite: &str) -> Option<String> {
    title(cite)?;
    let (name, number) = cite.split_once(" §").unwrap_or((cite, ""));
    Some(match name.split_once(' ')? {
        ("RFC", rfc) => format!("https://www.rfc-editor.org/rfc/rfc{rfc}#section-{number}"),
        (_, "HTML") => {
            let page = "https://html.spec.whatwg.org/multipage/server-sent-events.html";
            let anchor = html_anchor(number)?;
            format!("{page}#{anchor}")
        }
        (_, standard) => format!("https://{}.spec.whatwg.org/", standard.to_lowercase()),
    })
}

/// The anchors of the HTML standard do not follow from the numbers.
fn html_anchor(number: &str) -> Option<&'static str> {
    Some(match number {
        "9.2" => "server-sent-events",
        "9.2.1" => "server-sent-events-intro",
        "9.2.2" => "the-eventsource-interface",
        "9.2.3" => "sse-processing-model",
        "9.2.4" => "the-last-event-id-header",
        "9.2.5" => "parsing-an-event-stream",
        "9.2.6" => "event-stream-interpretation",
        "9.2.7" => "authoring-notes",
        "9.2.8" => "eventsource-push",
        "9.2.9" => "garbage-collection",
        "9.2.10" => "implementation-advice",
        _ => return None,
    })
}

/// Why `cite` is no clause, and what would be; `None` where it is one.
pub(super) fn fault(cite: &str) -> Option<String> {
    if title(cite).is_some() {
        return None;
    }
    let form = "write it as `RFC 6455 §5.2` or `WHATWG HTML §9.2.4`".to_owned();
    let (name, number) = match cite.split_once(" §") {
        Some((name, number)) => (name, Some(number)),
        None => (cite, None),
    };
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let well_formed = number.is_some_and(|number| number.split('.').all(is_part));
    let is_name = name.strip_prefix("RFC ").is_some_and(is_part) || name.starts_with("WHATWG ");
    if !is_name || !(well_formed || name.starts_with("WHATWG ")) {
        return Some(form);
    }
    let Some(document) = Document::named(name) else {
        let known =
            Document::all().map(|document| format!("{} ({})", document.name, document.about));
        return Some(format!("lessons cite {}", known.collect::<Vec<_>>().join(", ")));
    };
    let Some(number) = number.filter(|_| well_formed) else { return Some(form) };
    if document.sections.trim().is_empty() {
        return Some(format!("cite it as a whole: `{name}`"));
    }
    let near = nearest(document, number);
    let near: Vec<_> = near.iter().map(|(number, title)| format!("§{number} ({title})")).collect();
    Some(format!("there is {}", near.join(" and ")))
}

/// The sections whose numbers come closest to one that does not exist, the closest first.
fn nearest(document: Document, number: &str) -> Vec<(&'static str, &'static str)> {
    let wanted = parts(number);
    let mut sections: Vec<_> = document.sections().collect();
    sections.sort_by_key(|(known, _)| {
        let known = parts(known);
        let n_common = wanted.iter().zip(&known).take_while(|(a, b)| a == b).count();
        let part = |of: &[u32]| of.get(n_common).copied().unwrap_or(0);
        let apart = part(&wanted).abs_diff(part(&known));
        (std::cmp::Reverse(n_common), apart, known.len())
    });
    sections.truncate(MAX_SUGGESTED);
    sections
}

fn parts(number: &str) -> Vec<u32> {
    // A number too large to be one of a section is far from all of them.
    number.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_is_written_one_way() {
        let good = [
            "RFC 6455 §5.2",
            "RFC 9112 §9",
            "RFC 7692 §7.2.3.1",
            "RFC 9293 §3.10.7.4",
            "WHATWG HTML §9.2.4",
            "WHATWG WebSockets",
        ];
        for good in good {
            assert_eq!(fault(good), None, "{good}");
        }
        let bad = [
            "RFC6455 §5.2",
            "RFC 6455 5.2",
            "RFC 6455 §",
            "RFC 6455 §5.",
            "§5.2",
            "RFC 1 §1",
            "RFC 6455",
            "WHATWG ",
            "WHATWG HTML",
            "WHATWG WebSockets §1",
            "",
        ];
        for bad in bad {
            assert!(fault(bad).is_some(), "{bad}");
            assert_eq!((title(bad), url(bad)), (None, None), "{bad}");
        }
    }

    #[test]
    fn a_section_that_does_not_exist_is_told_which_do() {
        let check = |cite, expected: &str| assert_eq!(fault(cite).as_deref(), Some(expected));
        check("RFC 6455 §5.9", "there is §5.8 (Extensibility) and §5.7 (Examples)");
        check("RFC 6455 §5.5.4", "there is §5.5.3 (Pong) and §5.5.2 (Ping)");
        check(
            "RFC 6455 §99",
            "there is §12 (Using the WebSocket Protocol from Other Specifications) and §11 (IANA \
             Considerations)",
        );
        check(
            "WHATWG HTML §9.2.11",
            "there is §9.2.10 (Implementation advice) and §9.2.9 (Garbage collection)",
        );
        check("WHATWG WebSockets §9", "cite it as a whole: `WHATWG WebSockets`");
    }

    #[test]
    fn every_section_stands_once_in_order_below_its_parent_and_can_be_opened() {
        for document in Document::all() {
            let numbers: Vec<_> = document.sections().map(|(number, _)| parts(number)).collect();
            assert!(numbers.is_sorted_by(|a, b| a < b), "{}", document.name);
            assert_eq!(numbers.len(), document.sections.lines().count(), "{}", document.name);
            for (number, title) in document.sections() {
                assert!(!title.is_empty(), "{} {number}", document.name);
                let cite = format!("{} §{number}", document.name);
                let parent = number.rsplit_once('.').map(|(parent, _)| parent);
                let orphan = parent.is_some_and(|parent| {
                    parent != "9" && !document.sections().any(|(known, _)| known == parent)
                });
                assert!(!orphan, "{cite}");
                assert!(url(&cite).is_some_and(|url| url.starts_with("https://")), "{cite}");
            }
        }
        let url = |cite| url(cite).expect("it is a clause");
        assert_eq!(url("RFC 6455 §5.2"), "https://www.rfc-editor.org/rfc/rfc6455#section-5.2");
        assert_eq!(url("WHATWG WebSockets"), "https://websockets.spec.whatwg.org/");
        assert_eq!(title("RFC 6455 §5.2"), Some("Base Framing Protocol"));
    }
}
