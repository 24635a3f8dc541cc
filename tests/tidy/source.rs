//! One source file, and the reading of them all.

use super::tokens::is_word;
use super::{FOLDERS, SHELLS};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// One file: as it stands, and with comments and literals blanked out.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) code: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), code: blank(text) }
    }

    /// The code before the file's tests.
    pub(crate) fn own_code(&self) -> &str {
        let tests = self.code.match_indices("#[cfg(test)]").find(|(start, attribute)| {
            let mut after = self.code[start + attribute.len()..].trim_start();
            while let Some((_, rest)) =
                after.strip_prefix("#[").and_then(|rest| rest.split_once(']'))
            {
                after = rest.trim_start();
            }
            after.starts_with("mod ")
        });
        tests.map_or(self.code.as_str(), |(start, _)| &self.code[..start])
    }

    /// The modules between `src` and this file's own content: `["wire", "ws"]`.
    pub(crate) fn module_path(&self) -> Option<Vec<&str>> {
        let inside = self.path.strip_prefix("src/")?.strip_suffix(".rs")?;
        let mut modules: Vec<_> = inside.split('/').collect();
        modules.pop_if(|last| *last == "mod");
        (!matches!(modules[..], ["lib" | "main"] | ["bin", ..])).then_some(modules)
    }

    pub(crate) fn layer(&self) -> Option<&str> {
        Some(self.module_path()?[0])
    }

    pub(crate) fn is_below_the_shells(&self) -> bool {
        self.layer().is_some_and(|layer| !SHELLS.contains(&layer))
    }
}

/// Every Rust source of the house, sorted by path.
pub(crate) fn sources() -> &'static [Source] {
    static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(read_all);
    &SOURCES
}

fn read_all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    for folder in FOLDERS.into_iter().filter(|folder| root.join(folder).is_dir()) {
        read_folder(root, folder, &mut sources);
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn read_folder(root: &Path, folder: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(root.join(folder)).expect("the folder can be listed") {
        let entry = entry.expect("the folder can be listed");
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read_folder(root, &path, sources);
        } else if entry.path().extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(entry.path()).expect("a source is readable UTF-8");
            sources.push(Source::new(&path, &text));
        }
    }
}

/// The text with comments and the insides of literals turned into spaces, line by line the same.
fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_word = code.ends_with(is_word);
        let (kept, len) = match literal_len(rest, after_word) {
            Some(len) => ("", len),
            None => (&rest[..first.len_utf8()], first.len_utf8()),
        };
        code.push_str(kept);
        let blanked = rest[kept.len()..len].chars();
        code.extend(blanked.map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[len..];
    }
    code
}

/// How long the comment or literal is that `rest` begins with, if it begins with one.
fn literal_len(rest: &str, after_word: bool) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_len(rest));
    }
    if rest.starts_with('"') {
        return Some(closed_by('"', rest));
    }
    if rest.starts_with('\'') {
        // `'a'` and `'\n'` are characters; `'a` is a lifetime.
        let is_char = rest.starts_with("'\\") || rest.chars().nth(2) == Some('\'');
        return is_char.then(|| closed_by('\'', rest));
    }
    let raw = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = &raw[..raw.len() - raw.trim_start_matches('#').len()];
    let inside = raw[hashes.len()..].strip_prefix('"').filter(|_| !after_word)?;
    let end = format!("\"{hashes}");
    let len = inside.find(&end).map_or(inside.len(), |start| start + end.len());
    Some(rest.len() - inside.len() + len)
}

/// The length of what begins with `quote` and ends with the next one not escaped.
fn closed_by(quote: char, rest: &str) -> usize {
    let mut escaped = false;
    for (start, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return start + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

/// Block comments nest.
fn block_comment_len(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut len = 0;
    while len < rest.len() {
        let step = match &rest[len..] {
            here if here.starts_with("/*") => {
                depth += 1;
                2
            }
            here if here.starts_with("*/") => {
                depth -= 1;
                2
            }
            here => here.chars().next().map_or(1, char::len_utf8),
        };
        len += step;
        if depth == 0 {
            break;
        }
    }
    len
}

#[test]
fn comments_and_literals_are_blanked_and_lines_kept() {
    let cases = [
        ("a // b\nc", "a     \nc"),
        ("a /* /* b */\n */ c", "a           \n    c"),
        (r#"f("\"{", 'x', '\'', b)"#, "f(     ,    ,     , b)"),
        ("r#\"a\"b\"# c", "         c"),
        ("br\"a\\\" c", "       c"),
        ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
        ("for\"a\" é", "for    é"),
    ];
    for (text, expected) in cases {
        assert_eq!(blank(text), expected, "of {text}");
    }
}
