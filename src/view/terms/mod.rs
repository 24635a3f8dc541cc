//! Terms: the words of the trade that the course uses, what each means, and where that is laid down.
//!
//! **Invariant:** a term is found as a whole word, the longest where several would do.

mod list;

pub use list::TERMS;
use std::ops::Range;

/// A word of the trade.
#[derive(Debug, PartialEq, Eq)]
pub struct Term {
    /// The word; its plural with an `s` is found too.
    pub name: &'static str,
    /// Other words for the same.
    pub also: &'static [&'static str],
    /// What it means: a sentence or two.
    pub meaning: &'static str,
    /// The clause that says so.
    pub cite: &'static str,
}

/// The terms that `words` occur in: in the name, another name or the meaning; all where empty.
pub fn search(words: &str) -> impl Iterator<Item = &'static Term> {
    let words = words.trim().to_lowercase();
    let holds = move |text: &str| text.to_lowercase().contains(&words);
    TERMS.iter().filter(move |term| {
        holds(term.name) || term.also.iter().any(|name| holds(name)) || holds(term.meaning)
    })
}

/// The terms in a text, in order, where each stands first.
pub fn found_in(text: &str) -> Vec<(Range<usize>, &'static Term)> {
    let mut found: Vec<(Range<usize>, &'static Term)> = Vec::new();
    let mut end = 0;
    for (start, _) in text.char_indices() {
        if start < end || !begins_word(text, start) {
            continue;
        }
        if let Some((len, term)) = longest_at(&text[start..]) {
            end = start + len;
            if !found.iter().any(|(_, before)| *before == term) {
                found.push((start..end, term));
            }
        }
    }
    found
}

/// The term that a whole text is, such as a word set as code.
pub fn named(text: &str) -> Option<&'static Term> {
    longest_at(text).filter(|(len, _)| *len == text.len()).map(|(_, term)| term)
}

/// The longest term that a text begins with, and how many bytes of it that takes.
fn longest_at(text: &str) -> Option<(usize, &'static Term)> {
    let names = TERMS.iter().flat_map(|term| {
        std::iter::once(&term.name).chain(term.also).map(move |name| (*name, term))
    });
    let fits = names.filter_map(|(name, term)| Some((len_at(text, name)?, term)));
    fits.max_by_key(|(len, _)| *len)
}

/// How much of a text its first word takes if that is this name, or its plural.
fn len_at(text: &str, name: &str) -> Option<usize> {
    let (first, rest) = (name.chars().next()?, &name[name.chars().next()?.len_utf8()..]);
    let head = text.chars().next()?;
    // A sentence may begin with it; what is a name keeps its capital.
    let same = head == first || (first.is_lowercase() && head.to_lowercase().eq([first]));
    let after = text[head.len_utf8()..].strip_prefix(rest).filter(|_| same)?;
    let plural = after.strip_prefix('s').filter(|after| ends_word(after));
    let after = plural.unwrap_or(after);
    ends_word(after).then(|| text.len() - after.len())
}

fn begins_word(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '/' | '§' | '.'))
        && text[at..].starts_with(char::is_alphanumeric)
}

fn ends_word(after: &str) -> bool {
    let mut chars = after.chars();
    match (chars.next(), chars.next()) {
        // A hyphen, a point or a slash goes on with the word where a letter follows.
        (Some('-' | '.' | '/' | '_' | ','), Some(next)) => !next.is_alphanumeric(),
        (Some(c), _) => !c.is_alphanumeric() && c != '_',
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = found_in(text).into_iter().map(|(at, _)| &text[at]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn whole_words_are_found_the_longest_first_and_each_once() {
        check("Frames have a masking key; a frame is no key.", &["Frames", "masking key"]);
        check("The payload length, then the payload.", &["payload length", "payload"]);
        check("A framework reframes; time-frame, frame-like.", &[]);
        check("Head-of-line blocking", &["Head-of-line blocking"]);
        check("“FIN”, RSV1 and the opcode", &["FIN", "RSV1", "opcode"]);
        check("Close it. Or close it: pong, Pong.", &["Close", "Pong"]);
        check("status 101, 1013 and 10.101", &["101"]);
        check("RFC 6455 §101", &[]);
    }

    #[test]
    fn code_is_a_term_only_as_a_whole() {
        assert_eq!(named("FIN").map(|term| term.name), Some("FIN"));
        assert_eq!(named("Upgrade").map(|term| term.name), Some("Upgrade"));
        assert_eq!(named("Upgrade: websocket"), None);
        assert_eq!(named(""), None);
    }

    #[test]
    fn terms_stand_in_order_once_and_say_something() {
        let names: Vec<_> = TERMS.iter().map(|term| term.name.to_lowercase()).collect();
        assert!(names.is_sorted(), "{names:?}");
        let mut all: Vec<_> =
            TERMS.iter().flat_map(|t| std::iter::once(&t.name).chain(t.also)).collect();
        let n = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), n, "a word means one thing");
        for term in TERMS {
            assert!(term.meaning.ends_with('.') && term.meaning.len() < 200, "{}", term.name);
            assert!(term.cite.contains('§'), "{}", term.name);
        }
    }

    #[test]
    fn the_list_is_searched_by_name_and_by_meaning() {
        let names = |words| search(words).map(|term| term.name).collect::<Vec<_>>();
        assert!(names("ping").contains(&"Ping"));
        assert!(names("SSE").contains(&"event stream"));
        assert!(names("goodbye").contains(&"Close"));
        assert_eq!(names("  ").len(), TERMS.len());
        assert!(names("no such words").is_empty());
    }
}
