//! The traces of the built-in lessons, as hashes: equal on every machine and in every build.
//!
//! `UPDATE=1 cargo test --test golden` writes them anew, where they were meant to change.

use std::fmt::Write as _;
use std::sync::Arc;
use wirestep::lesson::Library;
use wirestep::run::Run;
use wirestep::sim::Mode;
use wirestep::view::trace;

const FILE: &str = "tests/golden/traces.txt";

#[test]
#[expect(clippy::disallowed_methods, reason = "a test may read its environment and its files")]
fn the_lessons_play_as_they_always_did() {
    let mut traces = String::new();
    for lesson in Library::built_in().lessons() {
        for mode in Mode::ALL {
            let run = Run::new(Arc::new(lesson.scenario.clone()), mode);
            let hash = trace::hash(run.records());
            writeln!(traces, "{hash}  {} {}", lesson.id, mode.name()).expect("a string takes all");
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all("tests/golden").expect("the folder can be made");
        std::fs::write(FILE, &traces).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(FILE).unwrap_or_default();
    assert_eq!(traces, kept, "where that was meant: UPDATE=1 cargo test --test golden");
}
