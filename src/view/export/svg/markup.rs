//! Markup: elements, attributes and words, none of which can end what it stands in.

/// XML as it is written.
#[derive(Debug, Default)]
pub(super) struct Markup {
    out: String,
    open: Vec<&'static str>,
}

/// The names and values of attributes.
pub(super) type Attributes<'a> = &'a [(&'static str, String)];

impl Markup {
    /// Begins an element that others stand in.
    pub(super) fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.start(name, attributes);
        self.out.push_str(">\n");
        self.open.push(name);
    }

    /// Ends the last element that was begun.
    pub(super) fn close(&mut self) {
        let name = self.open.pop().expect("what was begun is ended once");
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
    }

    /// An element with nothing in it.
    pub(super) fn leaf(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.start(name, attributes);
        self.out.push_str("/>\n");
    }

    /// An element with words in it.
    pub(super) fn words(&mut self, name: &'static str, attributes: Attributes<'_>, words: &str) {
        self.start(name, attributes);
        self.out.push('>');
        escape(words, &mut self.out);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
    }

    /// The whole, as it is written.
    pub(super) fn finish(self) -> String {
        debug_assert!(self.open.is_empty(), "{:?} are not ended", self.open);
        self.out
    }

    fn start(&mut self, name: &str, attributes: Attributes<'_>) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            escape(value, &mut self.out);
            self.out.push('"');
        }
    }
}

/// A length or a place, as exact as a screen is.
pub(super) fn number(n: f64) -> String {
    let text = format!("{n:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// The classes of an element.
pub(super) fn class(name: impl Into<String>) -> (&'static str, String) {
    ("class", name.into())
}

/// A length or a place as an attribute.
pub(super) fn at(name: &'static str, n: f64) -> (&'static str, String) {
    (name, number(n))
}

fn escape(words: &str, out: &mut String) {
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            // XML 1.0 §2.2 has no place for some of these; others would turn words around.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => {
                out.push(char::REPLACEMENT_CHARACTER);
            }
            c if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_nothing() {
        let mut markup = Markup::default();
        markup.open("g", &[("id", "\"/><b>'&".to_owned())]);
        markup.words("text", &[at("x", 1.25), at("y", 3.0)], "</text>\0\u{202e}&amp;");
        markup.close();
        let wanted = "<g id=\"&quot;/&gt;&lt;b&gt;'&amp;\">\n\
            <text x=\"1.2\" y=\"3\">&lt;/text&gt;\u{fffd}\u{fffd}&amp;amp;</text>\n</g>\n";
        assert_eq!(markup.finish(), wanted);
    }
}
