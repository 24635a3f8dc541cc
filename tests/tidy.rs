//! Holds the house to its plan: reads the sources and fails where one breaks a law.
//!
//! **Law:** every law is a checker from one source to its offences, and every
//! checker is shown made-up offenders in `tidy/offenders.rs`, so that none can pass by seeing nothing.

#[path = "tidy/offenders.rs"]
mod offenders;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/tokens.rs"]
mod tokens;

use source::{Source, sources};
use tokens::{Token, is_name, paths, tokens};

/// The layers, lowest first; `cli` and `app` stand side by side at the top.
const LAYERS: [&str; 9] = ["wire", "conn", "sim", "run", "view", "lesson", "player", "cli", "app"];
const SHELLS: [&str; 2] = ["cli", "app"];
const FOLDERS: [&str; 6] =
    ["src", "tests", "benches", "examples", "fuzz/fuzz_targets", "fuzz/laws"];
const LINES_PER_FILE: usize = 500;
const LINES_PER_FUNCTION: usize = 60;
/// Names that say nothing of what a file is for.
const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"];
const UNFINISHED_MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];
/// Constants that stand for "none" and "whatever the painter says".
const NO_COLOURS: [&str; 2] = ["TRANSPARENT", "PLACEHOLDER"];
const SKIPPED_TESTS: [&str; 2] = ["#[ignore", "#[should_panic"];
// In two parts, or this file would break the law it checks.
const PROMISES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

#[test]
fn a_layer_names_only_the_layers_before_it() {
    hold(upward_names);
}

#[test]
fn egui_is_named_only_in_the_app() {
    hold(egui_below_the_app);
}

#[test]
fn nothing_below_the_shells_knows_the_machine_it_runs_on() {
    hold(machine_below_the_shells);
}

#[test]
fn every_file_begins_with_its_purpose() {
    hold(missing_purpose);
}

#[test]
fn a_file_is_at_most_500_lines_without_its_tests() {
    hold(long_file);
}

#[test]
fn a_function_is_at_most_60_lines() {
    hold(long_functions);
}

#[test]
fn a_file_is_named_for_its_one_idea() {
    hold(empty_name);
}

#[test]
fn nothing_is_left_for_later() {
    hold(unfinished);
}

#[test]
fn lib_lists_the_modules_in_the_order_of_the_layers() {
    hold(modules_out_of_order);
}

#[test]
fn every_layer_that_has_files_is_listed_in_lib() {
    let sources = sources();
    let listed = listed_modules(sources);
    let missing: Vec<_> = LAYERS
        .into_iter()
        .filter(|layer| sources.iter().any(|source| source.layer() == Some(layer)))
        .filter(|layer| !listed.iter().any(|module| module == layer))
        .collect();
    assert!(missing.is_empty(), "src/lib.rs: list these modules, lowest first: {missing:?}");
}

#[test]
fn colours_are_made_only_in_the_theme() {
    hold(colours_outside_the_theme);
}

#[test]
fn the_sources_were_read() {
    let sources = sources();
    let paths: Vec<_> = sources.iter().map(|source| source.path.as_str()).collect();
    for path in ["src/lib.rs", "src/main.rs", "tests/tidy.rs"] {
        assert!(paths.contains(&path), "{path} is not among the files read: {paths:?}");
    }
    for module in listed_modules(sources) {
        let read = sources.iter().any(|source| source.layer() == Some(&module));
        assert!(read, "src/lib.rs lists `{module}`, but no file of it was read: {paths:?}");
    }
}

struct Offence {
    path: String,
    line: usize,
    advice: String,
}

impl Offence {
    fn new(source: &Source, line: usize, advice: impl Into<String>) -> Self {
        Self { path: source.path.clone(), line, advice: advice.into() }
    }
}

type Checker = fn(&Source) -> Vec<Offence>;

fn upward_names(source: &Source) -> Vec<Offence> {
    let Some(here) = source.module_path() else { return Vec::new() };
    let mut offences = Vec::new();
    for named in paths(source.own_code()) {
        let n_supers = named.segments.iter().take_while(|segment| *segment == "super").count();
        let segments: Vec<_> = named.segments.iter().map(String::as_str).collect();
        let advice = match segments[..] {
            _ if n_supers >= here.len() && n_supers < segments.len() => {
                "say `crate::…`: `super` climbs out of the layer here".to_owned()
            }
            ["crate", "*" | "self"] | ["crate", "as", ..] => {
                "name what you use: this takes in every layer at once".to_owned()
            }
            ["crate", other, ..] if !may_name(here[0], other) => format!(
                "`{}` may not name `{other}`: move what you need down, or the use of it up",
                here[0]
            ),
            _ => continue,
        };
        offences.push(Offence::new(source, named.line, advice));
    }
    offences
}

fn may_name(layer: &str, other: &str) -> bool {
    let height = |name| LAYERS.iter().position(|layer| *layer == name);
    let side_by_side = SHELLS.contains(&layer) && SHELLS.contains(&other);
    // What is no layer, such as a macro at the crate root, has no height.
    layer == other || height(other).is_none() || (height(other) < height(layer) && !side_by_side)
}

fn egui_below_the_app(source: &Source) -> Vec<Offence> {
    if source.layer().is_none_or(|layer| layer == "app") {
        return Vec::new();
    }
    paths(source.own_code())
        .filter(|named| {
            matches!(named.segments[0].as_str(), "egui" | "eframe" | "lucide_icons")
                || named.segments[0].starts_with("egui_")
        })
        .map(|named| Offence::new(source, named.line, "only `app` draws: give it data it can draw"))
        .collect()
}

fn machine_below_the_shells(source: &Source) -> Vec<Offence> {
    if !source.is_below_the_shells() {
        return Vec::new();
    }
    let mut offences = Vec::new();
    for named in paths(source.own_code()) {
        let segments: Vec<_> = named.segments.iter().map(String::as_str).collect();
        let advice = match segments[..] {
            ["std" | "core", "time", "Duration", ..] => continue,
            ["std" | "core", "time", ..] => "take the time as a `SimTime` argument",
            ["std", "thread", ..] => "a world makes one move at a time: no threads here",
            ["std", "fs" | "env" | "net" | "process", ..]
            | ["clap" | "directories" | "tempfile", _, ..] => {
                "files, environment and sockets belong to `cli` and `app`: take bytes or text"
            }
            _ if segments.iter().any(|name| matches!(*name, "HashMap" | "HashSet")) => {
                "hash order differs from run to run: use `BTreeMap` or `BTreeSet`"
            }
            _ => continue,
        };
        offences.push(Offence::new(source, named.line, advice));
    }
    offences
}

fn missing_purpose(source: &Source) -> Vec<Offence> {
    let purpose = source.text.lines().next().and_then(|line| line.strip_prefix("//!"));
    if purpose.is_some_and(|purpose| !purpose.trim().is_empty()) {
        return Vec::new();
    }
    vec![Offence::new(source, 1, "say in a first line `//! …` what this file is for")]
}

fn long_file(source: &Source) -> Vec<Offence> {
    let n_lines = source.own_code().lines().count();
    if !source.path.starts_with("src/") || n_lines <= LINES_PER_FILE {
        return Vec::new();
    }
    let advice =
        format!("{n_lines} lines before the tests, {LINES_PER_FILE} at most: split by idea");
    vec![Offence::new(source, n_lines, advice)]
}

fn long_functions(source: &Source) -> Vec<Offence> {
    if !source.path.starts_with("src/") {
        return Vec::new();
    }
    let tokens: Vec<_> = tokens(source.own_code()).collect();
    let mut offences = Vec::new();
    for (idx, pair) in tokens.windows(2).enumerate() {
        // `fn(` is a type; a function has a name.
        if pair[0].text != "fn" || !is_name(pair[1].text) {
            continue;
        }
        let n_lines = last_line(&tokens[idx..]) - pair[0].line + 1;
        if n_lines > LINES_PER_FUNCTION {
            let advice = format!(
                "`{}` has {n_lines} lines, {LINES_PER_FUNCTION} at most: split by idea",
                pair[1].text
            );
            offences.push(Offence::new(source, pair[0].line, advice));
        }
    }
    offences
}

/// The line on which the function ends whose first token is the first of `tokens`.
fn last_line(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for token in tokens {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(token.text, "}" | ";") {
            return token.line;
        }
    }
    tokens.last().map_or(0, |token| token.line)
}

fn empty_name(source: &Source) -> Vec<Offence> {
    let stem = source.path.strip_suffix(".rs").unwrap_or(&source.path);
    stem.split('/')
        .filter(|name| EMPTY_NAMES.contains(name))
        .map(|name| {
            Offence::new(source, 1, format!("`{name}` says nothing: name the idea, a noun"))
        })
        .collect()
}

fn unfinished(source: &Source) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (idx, (code, text)) in source.code.lines().zip(source.text.lines()).enumerate() {
        for promise in PROMISES.into_iter().filter(|promise| text.contains(promise)) {
            let advice = format!("`{promise}`: do it, or write down elsewhere what is to be done");
            offences.push(Offence::new(source, idx + 1, advice));
        }
        for skipped in SKIPPED_TESTS.into_iter().filter(|skipped| code.contains(skipped)) {
            let advice = format!("`{skipped}]`: a test runs, and states what it expects");
            offences.push(Offence::new(source, idx + 1, advice));
        }
    }
    let tokens: Vec<_> = tokens(&source.code).collect();
    for pair in tokens.windows(2) {
        if UNFINISHED_MACROS.contains(&pair[0].text) && pair[1].text == "!" {
            let advice = format!("`{}!`: finish it or take it out", pair[0].text);
            offences.push(Offence::new(source, pair[0].line, advice));
        }
    }
    offences
}

fn modules_out_of_order(source: &Source) -> Vec<Offence> {
    if source.path != "src/lib.rs" {
        return Vec::new();
    }
    let mut offences = Vec::new();
    let mut n_before = 0;
    for (line, module) in modules(source) {
        match LAYERS.iter().position(|layer| *layer == module) {
            None => {
                let advice = format!("`{module}` is no layer: put it into one of {LAYERS:?}");
                offences.push(Offence::new(source, line, advice));
            }
            Some(height) if height < n_before => {
                let advice = format!("`{module}` comes too late: the order is {LAYERS:?}");
                offences.push(Offence::new(source, line, advice));
            }
            Some(height) => n_before = height + 1,
        }
    }
    offences
}

fn listed_modules(sources: &[Source]) -> Vec<String> {
    let lib = sources.iter().find(|source| source.path == "src/lib.rs");
    let lib = lib.expect("a library has a src/lib.rs");
    modules(lib).into_iter().map(|(_, module)| module).collect()
}

/// The modules a file declares, with their lines.
fn modules(source: &Source) -> Vec<(usize, String)> {
    let tokens: Vec<_> = tokens(source.own_code()).collect();
    let pairs = tokens.windows(2).filter(|pair| pair[0].text == "mod" && is_name(pair[1].text));
    pairs.map(|pair| (pair[1].line, pair[1].text.to_owned())).collect()
}

fn colours_outside_the_theme(source: &Source) -> Vec<Offence> {
    let is_theme = source.path == "src/app/theme.rs" || source.path.starts_with("src/app/theme/");
    if is_theme || !source.path.starts_with("src/") {
        return Vec::new();
    }
    paths(source.own_code())
        .filter(|named| names_a_colour(&named.segments))
        .map(|named| Offence::new(source, named.line, "take the colour from `app::theme`"))
        .collect()
}

fn names_a_colour(segments: &[String]) -> bool {
    let made = segments.windows(2).any(|pair| {
        let is_type = matches!(pair[0].as_str(), "Color32" | "Rgba" | "Hsva" | "HsvaGamma");
        let is_constant = pair[1].starts_with(|first: char| first.is_ascii_uppercase());
        let is_maker = pair[1].starts_with("from_") || pair[1] == "new";
        is_type && (is_maker || is_constant && !NO_COLOURS.contains(&pair[1].as_str()))
    });
    made || segments.last().is_some_and(|last| last == "hex_color")
}

/// Fails with every offence in the house, one a line.
fn hold(checker: Checker) {
    let offences: Vec<_> = sources().iter().flat_map(checker).collect();
    let lines =
        offences.iter().map(|Offence { path, line, advice }| format!("{path}:{line}: {advice}"));
    let lines: Vec<_> = lines.collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}
