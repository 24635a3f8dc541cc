//! The checkers, each shown offenders and, beside them, what only looks like one.

use super::source::Source;
use super::{
    Checker, PROMISES, colours_outside_the_theme, egui_below_the_app, empty_name, long_file,
    long_functions, machine_below_the_shells, missing_purpose, modules_out_of_order, unfinished,
    upward_names,
};

/// Fails unless `checker` finds offences on just these lines of `text`.
fn check(checker: Checker, path: &str, text: &str, expected: &[usize]) {
    let offences = checker(&Source::new(path, text));
    let mut found: Vec<_> = offences.iter().map(|offence| offence.line).collect();
    found.dedup();
    assert_eq!(found, expected, "in {path}:\n{text}");
}

#[test]
fn upward_names_are_found() {
    let cases = [
        ("src/wire/ws.rs", "use crate::conn::Conn;", &[1][..]),
        ("src/wire/ws.rs", "\nfn f() { crate::app::draw() }", &[2]),
        ("src/sim/mod.rs", "use crate::{\n    wire::Field,\n    run::{self, Run},\n};", &[3]),
        ("src/wire/ws.rs", "use super::super::conn;", &[1]),
        ("src/wire/ws.rs", "use super::{super::conn};", &[1]),
        ("src/wire/mod.rs", "use super::conn;", &[1]),
        ("src/sim/agent/sse.rs", "use super::super::super::run;", &[1]),
        ("src/wire/ws.rs", "use crate::*;", &[1]),
        ("src/wire/ws.rs", "use crate as root;", &[1]),
        ("src/wire/ws.rs", "use crate::{self as root};", &[1]),
        ("src/cli/mod.rs", "use crate::app;", &[1]),
        ("src/app/mod.rs", "use crate::cli::args;", &[1]),
        ("src/app/mod.rs", "use crate::player::Player;\nuse crate::wire::Field;", &[]),
        ("src/sim/agent/sse.rs", "use super::super::host; use crate::conn as c;", &[]),
        ("src/wire/ws.rs", "use super::Field; pub(crate) fn f() {} // crate::conn", &[]),
        ("src/wire/mod.rs", "pub(super) fn f() {}", &[]),
        ("src/wire/ws.rs", "#[cfg(test)]\n#[expect(x)]\nmod tests {\n    use crate::conn;\n}", &[]),
        ("src/wire/ws.rs", "#[cfg(test)]\nmod tests {\n    use crate::conn;\n}", &[]),
        ("src/wire/ws.rs", "const S: &str = r#\"crate::conn\"#;", &[]),
        ("src/main.rs", "use crate::app;", &[]),
    ];
    for (path, text, expected) in cases {
        check(upward_names, path, text, expected);
    }
}

#[test]
fn egui_below_the_app_is_found() {
    check(egui_below_the_app, "src/view/hex.rs", "use egui::Color32;", &[1]);
    check(egui_below_the_app, "src/cli/mod.rs", "\nlet x = ::eframe::run_native;", &[2]);
    check(egui_below_the_app, "src/view/hex.rs", "use {egui_commonmark::Cache};", &[1]);
    check(egui_below_the_app, "src/view/hex.rs", "// no egui here\nlet egui = 1;", &[2]);
    check(egui_below_the_app, "src/app/mod.rs", "use egui::Color32;", &[]);
    check(egui_below_the_app, "src/main.rs", "eframe::run_native()", &[]);
}

#[test]
fn the_machine_below_the_shells_is_found() {
    let text = "use std::time::{Duration, Instant};\nuse std::time;\nstd::thread::spawn(f);\n\
        use std::{fs, sync::Arc};\nstd::env::var(n);\nstd::net::TcpStream::connect(a);\n\
        use std::collections::HashMap;\nlet s: HashSet<u8> = make();\nuse clap::Parser;";
    check(machine_below_the_shells, "src/player/mod.rs", text, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    check(machine_below_the_shells, "src/cli/mod.rs", text, &[]);
    check(machine_below_the_shells, "src/app/mod.rs", text, &[]);
    let text = "use std::time::Duration;\nuse std::collections::BTreeMap;\nenv!(\"X\");";
    check(machine_below_the_shells, "src/sim/mod.rs", text, &[]);
}

#[test]
fn a_missing_purpose_is_found() {
    check(missing_purpose, "src/wire/ws.rs", "", &[1]);
    check(missing_purpose, "src/wire/ws.rs", "//!\nuse a;", &[1]);
    check(missing_purpose, "tests/cli.rs", "// Tests.\n//! Late.", &[1]);
    check(missing_purpose, "src/wire/ws.rs", "//! Frames.", &[]);
}

#[test]
fn a_long_file_is_found() {
    let tests = "#[cfg(test)]\nmod tests {}\n";
    let text = |n_lines: usize| "//\n".repeat(n_lines) + tests;
    check(long_file, "src/wire/ws.rs", &text(501), &[501]);
    check(long_file, "src/wire/ws.rs", &text(500), &[]);
    check(long_file, "src/wire/ws.rs", &(tests.to_owned() + &text(600)), &[]);
    check(long_file, "tests/laws.rs", &text(600), &[]);
}

#[test]
fn a_long_function_is_found() {
    let text =
        |n_lines: usize| format!("/// Doc.\nfn f(g: fn(u8)) {{{}}}\n", "\n".repeat(n_lines - 1));
    check(long_functions, "src/wire/ws.rs", &text(61), &[2]);
    check(long_functions, "src/wire/ws.rs", &text(60), &[]);
    let odd = "trait T {\n    fn f(a: [u8; 3]);\n}\n".to_owned()
        + &"\n".repeat(90)
        + "fn g() { '{'; \"{\"; }";
    check(long_functions, "src/wire/ws.rs", &odd, &[]);
}

#[test]
fn an_empty_name_is_found() {
    check(empty_name, "src/wire/utils.rs", "", &[1]);
    check(empty_name, "tests/common/mod.rs", "", &[1]);
    check(empty_name, "src/wire/mask.rs", "", &[]);
}

#[test]
fn what_is_left_for_later_is_found() {
    for promise in PROMISES {
        check(unfinished, "src/wire/ws.rs", &format!("\n// {promise}: later"), &[2]);
    }
    check(unfinished, "src/wire/ws.rs", "fn f() {\n    todo!()\n}", &[2]);
    check(unfinished, "benches/wire.rs", "std::unimplemented!()", &[1]);
    check(unfinished, "tests/laws.rs", "let a = dbg!(b);", &[1]);
    check(unfinished, "tests/laws.rs", "#[ignore]\n#[ignore = \"slow\"]", &[1, 2]);
    check(unfinished, "tests/laws.rs", "#[should_panic(expected = \"x\")]", &[1]);
    check(unfinished, "tests/laws.rs", "let dbg = \"todo!\"; // dbg!", &[]);
}

#[test]
fn modules_out_of_order_are_found() {
    check(modules_out_of_order, "src/lib.rs", "pub mod conn;\npub mod wire;", &[2]);
    check(modules_out_of_order, "src/lib.rs", "pub mod wire;\nmod extras;", &[2]);
    let text = "pub mod wire;\npub mod run;\n#[cfg(feature = \"app\")]\npub mod app;";
    check(modules_out_of_order, "src/lib.rs", text, &[]);
}

#[test]
fn a_colour_outside_the_theme_is_found() {
    let text = "Color32::from_rgb(1, 2, 3);\negui::Color32::WHITE;\nRgba::from_gray(0.5);\n\
        egui::hex_color!(\"#fff\");\nlet f = Color32::from_hex;\nColor32::TRANSPARENT;\n\
        let c: Color32 = theme.client;";
    check(colours_outside_the_theme, "src/app/panels/hex.rs", text, &[1, 2, 3, 4, 5]);
    check(colours_outside_the_theme, "src/app/theme.rs", text, &[]);
}
