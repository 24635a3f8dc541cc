//! Rust code as tokens, and the paths in it; as much of the grammar as the laws need.

/// A path as the code writes it, groups spelt out: `a::{b, c}` gives `a::b` and `a::c`.
pub(crate) struct Named {
    pub(crate) line: usize,
    pub(crate) segments: Vec<String>,
}

pub(crate) fn paths(code: &str) -> impl Iterator<Item = Named> {
    let tokens: Vec<_> = tokens(code).collect();
    let mut named = Vec::new();
    let mut rest = &tokens[..];
    while let Some(token) = rest.first() {
        rest = if is_name(token.text) { read_path(rest, &[], &mut named) } else { &rest[1..] };
    }
    named.into_iter()
}

/// Reads one path, or one branch of a group, and gives back what follows it.
fn read_path<'a>(
    mut rest: &'a [Token<'a>],
    stem: &[String],
    named: &mut Vec<Named>,
) -> &'a [Token<'a>] {
    let mut segments = stem.to_vec();
    let line = rest[0].line;
    loop {
        segments.push(rest[0].text.to_owned());
        rest = &rest[1..];
        if segments.len() == 1 && segments[0] == "crate" && next_is(rest, "as") {
            segments.push("as".to_owned());
        }
        if !next_is(rest, "::") {
            break;
        }
        match rest.get(1) {
            Some(next) if is_name(next.text) || next.text == "*" => rest = &rest[1..],
            Some(next) if next.text == "{" => return read_group(&rest[2..], &segments, named),
            _ => break,
        }
    }
    named.push(Named { line, segments });
    rest
}

fn read_group<'a>(
    mut rest: &'a [Token<'a>],
    stem: &[String],
    named: &mut Vec<Named>,
) -> &'a [Token<'a>] {
    while let Some(token) = rest.first() {
        rest = match token.text {
            "}" => return &rest[1..],
            // `as other` names nothing that is not named already.
            "as" => rest.get(2..).unwrap_or_default(),
            text if is_name(text) || text == "*" => read_path(rest, stem, named),
            _ => &rest[1..],
        };
    }
    rest
}

fn next_is(rest: &[Token], text: &str) -> bool {
    rest.first().is_some_and(|token| token.text == text)
}

/// A name, `::`, or a single other character.
pub(crate) struct Token<'a> {
    pub(crate) line: usize,
    pub(crate) text: &'a str,
}

pub(crate) fn tokens(code: &str) -> impl Iterator<Item = Token<'_>> {
    code.lines().enumerate().flat_map(|(idx, line)| {
        let mut rest = line.trim_start();
        std::iter::from_fn(move || {
            let first = rest.chars().next()?;
            let len = match rest.find(|c| !is_word(c)) {
                Some(0) if rest.starts_with("::") => 2,
                Some(0) => first.len_utf8(),
                Some(end) => end,
                None => rest.len(),
            };
            let (text, after) = rest.split_at(len);
            rest = after.trim_start();
            Some(Token { line: idx + 1, text })
        })
    })
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| is_word(first) && !first.is_numeric())
}
