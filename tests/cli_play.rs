//! The command line on lessons and scenarios: `play`, `check`, and opening the window.

use serde_json::Value as Json;
use std::process::{Command, Stdio};
use std::sync::Arc;
use wirestep::lesson::{Library, read_lesson};
use wirestep::player::{Session, faults};
use wirestep::run::Run;
use wirestep::sim::{Edit, LinkIdx, Mode, SimTime, What};
use wirestep::view::trace;

const PICTURE: &str = "lessons/01-the-full-picture.ron";

struct Said {
    code: i32,
    out: String,
    err: String,
}

/// Runs the program where there is no display.
fn wirestep(args: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_wirestep"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .stdin(Stdio::null())
        .output()
        .expect("the program starts and ends");
    Said {
        code: output.status.code().expect("it was not killed"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// Nothing on stdout, one line on stderr, exit code 2; gives the line.
#[track_caller]
fn refused(args: &[&str]) -> String {
    let said = wirestep(args);
    assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}: {}", said.err);
    assert_eq!(said.err.lines().count(), 1, "{args:?}: {}", said.err);
    assert!(said.err.starts_with("wirestep: "), "{args:?}: {}", said.err);
    said.err
}

fn played(args: &[&str]) -> Json {
    let said = wirestep(&[&["play", PICTURE, "--format", "json"], args].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    serde_json::from_str(&said.out).expect("one JSON object")
}

/// The full picture, played here.
fn run(mode: Mode) -> Run {
    let library = Library::built_in();
    let lesson = library.lesson("the-full-picture").expect("it comes with the program");
    Run::new(Arc::new(lesson.scenario.clone()), mode)
}

/// The bytes of every unit written, in order, as hex.
fn written(run: &Run) -> Vec<String> {
    run.records()
        .iter()
        .filter_map(|record| match &record.what {
            What::Wrote(unit) => {
                let pairs: Vec<_> = unit.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                Some(pairs.concat())
            }
            _ => None,
        })
        .collect()
}

fn records(json: &Json) -> &[Json] {
    json["records"].as_array().expect("a list")
}

#[test]
fn play_prints_every_byte_that_the_same_world_writes() {
    for mode in Mode::ALL {
        let json = played(&["--mode", mode.name()]);
        let run = run(mode);
        assert_eq!(json["mode"], mode.name());
        let wrote = records(&json).iter().filter(|record| record["kind"] == "wrote");
        let bytes: Vec<_> = wrote.map(|record| record["bytes"].as_str().expect("hex")).collect();
        assert_eq!(bytes, written(&run), "{mode:?}");
        assert_eq!(records(&json).len(), run.records().len());
    }
}

#[test]
fn play_json_has_the_keys_of_the_contract() {
    let json = played(&["--mode", "websocket"]);
    assert_eq!((&json["scenario"], &json["seed"]), (&"The full picture".into(), &1.into()));
    for (idx, record) in records(&json).iter().enumerate() {
        assert_eq!(record["n"], idx);
        assert!(record["t_ns"].is_u64() && record["kind"].is_string(), "{record}");
        let cause = &record["cause"];
        assert!(cause.is_null() || cause.as_u64().is_some_and(|cause| cause < idx as u64));
    }
    assert_eq!(json["totals"]["frames"], 12);
    assert_eq!(json["totals"]["requests"], 2);
    let hash = json["trace_hash"].as_str().expect("text");
    assert!(hash.len() == 40 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()), "{hash}");
    assert_eq!(json, played(&["--mode", "websocket"]), "the same trace every time");
    assert_ne!(json["trace_hash"], played(&["--mode", "polling"])["trace_hash"]);
}

#[test]
fn a_lesson_is_played_in_its_own_mode_unless_told_otherwise() {
    assert_eq!(played(&[])["mode"], "polling");
}

#[test]
fn play_until_a_moment_is_the_beginning_of_the_whole() {
    let (part, whole) = (played(&["--until", "2600"]), played(&[]));
    let n = records(&part).len();
    assert!(n > 0 && n < records(&whole).len());
    assert_eq!(records(&part), &records(&whole)[..n]);
    let last = |record: &Json| record["t_ns"].as_u64().expect("a number");
    assert!(last(&records(&part)[n - 1]) <= 2_600_000_000);
    assert!(last(&records(&whole)[n]) > 2_600_000_000);
    assert_ne!(part["trace_hash"], whole["trace_hash"]);
    let beyond = played(&["--until", "18446744073709551615"]);
    assert_eq!(beyond["trace_hash"], whole["trace_hash"]);
}

#[test]
fn play_until_something_comes_ends_with_the_move_that_brings_it() {
    let part = played(&["--mode", "websocket", "--until", "client 1 OPEN"]);
    let open = |record: &&Json| record["kind"] == "state" && record["after"] == "OPEN";
    let of_client = |record: &&Json| record["host"] == "Client 1";
    assert_eq!(records(&part).iter().filter(open).filter(of_client).count(), 1);
    let ping = wirestep(&["play", PICTURE, "--mode", "websocket", "--until", "opcode=9"]);
    let last = ping.out.lines().rev().find(|line| line.contains("Client 1")).expect("a line");
    assert!(last.contains("Ping") || last.contains("sends a segment"), "{last}");
    let never = wirestep(&["play", PICTURE, "--until", "breach"]);
    assert_eq!(never.code, 1);
    assert_eq!(never.err.trim(), "wirestep: “breach” did not come: this is the whole");
}

#[test]
fn play_tells_the_story_in_words() {
    for mode in Mode::ALL {
        let said = wirestep(&["play", PICTURE, "--mode", mode.name()]);
        assert_eq!(said.code, 0, "{}", said.err);
        let first = said.out.lines().next().expect("a first line");
        assert_eq!(first, format!("The full picture, by {}, seed 1", mode.label()));
        let json = played(&["--mode", mode.name()]);
        let hash = json["trace_hash"].as_str().expect("text");
        assert!(said.out.ends_with(&format!("trace {hash}\n")));
        let news = match mode {
            Mode::Polling => "HTTP/1.1 204",
            Mode::LongPolling => "&wait=20000",
            Mode::Sse => "| data: Hi",
            Mode::WebSocket => "81 02 48 69",
        };
        assert!(said.out.contains(news), "{}", said.out);
    }
}

#[test]
fn the_course_that_comes_with_the_program_is_well() {
    let said = wirestep(&["check"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let n = Library::built_in().lessons().len();
    assert_eq!(said.out, format!("{n} lessons: all is well\n"));
    assert_eq!(wirestep(&["check", "lessons"]).code, 0, "a folder of lessons");
    assert_eq!(wirestep(&["check", PICTURE]).code, 0, "one lesson");
}

#[test]
fn a_broken_lesson_fails_the_check_at_its_line_and_column() {
    let path = "tests/broken/unknown-variant.ron";
    let said = wirestep(&["check", path]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    let place = said.out.lines().next().expect("a line").strip_prefix(path);
    let mut numbers = place.expect("the file comes first").split(':').skip(1);
    for what in ["line", "column"] {
        let number: usize = numbers.next().expect(what).parse().expect(what);
        assert!(number > 0);
    }
    assert!(said.out.ends_with("1 lesson: 1 to mend\n"), "{}", said.out);
}

#[test]
fn a_fault_is_followed_by_its_place_in_the_file() {
    let said = wirestep(&["check", "tests/broken/unknown-field.ron"]);
    let expected = "tests/broken/unknown-field.ron:25:17: there is no field `qestion` in `Predict`; \
         did you mean `question`? choose from id, question, options, outcome\n   \
         |\n25 |                 qestion: \"What does FIN say?\",\n   |                 \
         ^^^^^^^\n\n1 lesson: 1 to mend\n";
    assert_eq!(said.out, expected);
}

/// Whatever is wrong, its line is the one that other commands say, and something is underlined.
#[test]
fn every_broken_lesson_is_drawn() {
    let library = Library::built_in();
    let folder = std::fs::read_dir("tests/broken").expect("it is there");
    for path in folder.map(|entry| entry.expect("it can be read").path()) {
        let path = path.to_str().expect("a plain path");
        let text = std::fs::read_to_string(path).expect("it is text");
        let said = wirestep(&["check", path]);
        let faults = faults(&text, path, || &library);
        assert_eq!(said.code, i32::from(!faults.is_empty()), "{path}");
        for fault in faults {
            assert!(said.out.contains(&format!("{fault}\n")), "{}", said.out);
            assert!(said.out.contains('^'), "{}", said.out);
        }
        assert!(!said.out.contains('\u{1b}'), "colours are for terminals");
    }
}

#[test]
fn a_lesson_whose_scripts_lie_fails_the_check() {
    let source = std::fs::read_to_string("tests/broken/sound.ron").expect("it is there");
    let folder = tempfile::tempdir().expect("a folder of its own");
    let fails = |source: &str| {
        let path = folder.path().join("lesson.ron");
        std::fs::write(&path, source).expect("it can be written");
        read_lesson(source, "lesson.ron").expect("its scripts alone are wrong");
        let said = wirestep(&["check", path.to_str().expect("a plain path")]);
        assert_eq!(said.code, 1, "{}", said.out);
        said.out
    };
    let stuck = source.replace("Flip(1), Release", "Flip(2), Release");
    assert!(fails(&stuck).contains("the solution stops at step 3"));
    let lax = source.replace("(name: \"Does nothing\", deeds: [Continue])", {
        "(name: \"Does it all\", deeds: [Answer(0), Continue, Answer(0), Continue, Flip(1), \
         Release, Continue])"
    });
    assert!(fails(&lax).contains("this wrong script passes"));
}

#[test]
fn what_cannot_be_read_is_one_clear_line_and_exit_code_2() {
    for args in [
        &["play", "nosuchfile.ron"][..],
        &["play", "tests/broken/missing-comma.ron"],
        &["play", "tests"],
        &["play", PICTURE, "--mode", "pigeons"],
        &["play", PICTURE, "--until", "soon"],
        &["check", "nosuchfile.ron"],
        &["nosuchfile"],
        &["nosuchfile.ron"],
        &["--lessons", "nosuchfolder"],
        &["--lessons", "src/player"],
    ] {
        refused(args);
    }
    assert!(refused(&["play", "nosuchfile.ron"]).contains("nosuchfile.ron"));
    let empty = tempfile::tempdir().expect("a folder of its own");
    let line = refused(&["--lessons", empty.path().to_str().expect("a plain path")]);
    assert!(line.contains("no .ron file"), "{line}");
}

/// Opening the window needs a display; without the window it needs another build.
#[test]
fn without_a_display_one_line_says_what_is_missing() {
    let missing = if cfg!(feature = "app") { "display" } else { "without its window" };
    for args in [&[][..], &[PICTURE], &["--lessons", "lessons"]] {
        let line = refused(args);
        assert!(line.contains(missing), "{line}");
    }
}

#[test]
fn a_scenario_may_speak_of_steps() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("steps.ron");
    let text = r#"(name: "two steps", workload: [], ends_ms: 100)"#;
    std::fs::write(&file, text).expect("it is written");
    let said = wirestep(&["play", file.to_str().expect("UTF-8")]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("two steps, by WebSocket"), "{}", said.out);
}

#[test]
fn a_course_without_lessons_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let text = r#"(title: "x", units: [])"#;
    std::fs::write(dir.path().join("course.ron"), text).expect("it is written");
    let said = refused(&["--lessons", dir.path().to_str().expect("UTF-8")]);
    assert!(said.contains("there is no lesson"), "{said}");
}

#[test]
fn check_reads_every_lesson_whatever_its_file_is_called() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("crash-course.ron"), "(id: 1)").expect("it is written");
    let said = wirestep(&["check", dir.path().to_str().expect("UTF-8")]);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.contains("crash-course.ron:1:"), "{}", said.out);
}

#[test]
fn a_new_lesson_is_written_once_and_is_well() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wirestep"));
        let said = command.args(args).current_dir(dir.path()).output().expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("it is text");
        (said.status.code(), text(said.stdout), text(said.stderr))
    };
    let (code, out, _) = run(&["check", "--new", "my-lesson"]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("my-lesson.ron is written."), "{out}");
    assert!(out.contains("wirestep check my-lesson.ron"), "{out}");
    let path = dir.path().join("my-lesson.ron");
    assert_eq!(run(&["check", "my-lesson.ron"]).1, "1 lesson: all is well\n");
    std::fs::write(&path, "mine").expect("it can be written");
    let (code, _, err) = run(&["check", "--new", "my-lesson"]);
    assert_eq!((code, err.lines().count()), (Some(2), 1), "{err}");
    assert!(err.contains("is there already"), "{err}");
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "mine");
    for args in [&["check", "--new", "My Lesson"][..], &["check", "--new", "a", "my-lesson.ron"]] {
        let (code, _, err) = run(args);
        assert_eq!((code, err.lines().count()), (Some(2), 1), "{err}");
    }
    assert_eq!(dir.path().read_dir().expect("it is there").count(), 1, "nothing is left over");
}

/// A session of the full picture in which the first connection goes silent.
fn session(dir: &std::path::Path) -> String {
    let trunk = run(Mode::WebSocket);
    let at = trunk.position_at(SimTime::from_ms(350));
    let silent = trunk.fork(at, Edit::Silence(LinkIdx(0))).expect("it is open then");
    let mut session = Session::of_run(&trunk);
    let mut branch = Session::of_run(&silent).branches.remove(0);
    (branch.name, branch.forked_from) = ("silent".to_owned(), Some(0));
    session.branches.push(branch);
    session.shown = 1;
    let file = dir.join("session.ron");
    std::fs::write(&file, session.to_text()).expect("it can be written");
    file.to_str().expect("a path of text").to_owned()
}

#[test]
fn a_session_plays_the_branch_that_was_looked_at_or_the_one_that_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = session(dir.path());
    let hash = |args: &[&str]| {
        let said = wirestep(&[&["play", &file, "--format", "json"], args].concat());
        assert_eq!(said.code, 0, "{}", said.err);
        let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
        json["trace_hash"].as_str().expect("a hash").to_owned()
    };
    let trunk = trace::hash(run(Mode::WebSocket).records());
    assert_eq!(hash(&["--branch", "as it was"]), trunk);
    assert_ne!(hash(&[]), trunk);
    assert_eq!(hash(&[]), hash(&["--branch", "silent"]));
    let until = wirestep(&["play", &file, "--until", "349"]);
    assert!(!until.out.contains("goes silent"), "{}", until.out);
    let whole = wirestep(&["play", &file]);
    assert!(whole.out.contains("connection 1 goes silent"), "{}", whole.out);
    let err = refused(&["play", &file, "--branch", "loud"]);
    assert!(err.contains("choose from “as it was” (websocket), “silent” (websocket)"), "{err}");
    let err = refused(&["play", &file, "--mode", "polling"]);
    assert!(err.contains("no such branch"), "{err}");
    let err = refused(&["play", PICTURE, "--branch", "silent"]);
    assert!(err.contains("only a session has branches"), "{err}");
    let newer = std::fs::read_to_string(&file).expect("it is there");
    std::fs::write(&file, newer.replace("version: 1", "version: 9")).expect("it can be written");
    let err = refused(&["play", &file]);
    assert!(err.contains("version 9") && err.contains("up to 1"), "{err}");
}

#[test]
fn what_was_played_is_exported_in_the_format_of_the_name() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = session(dir.path());
    let export = |name: &str| {
        let to = dir.path().join(name).to_str().expect("a path of text").to_owned();
        let said = wirestep(&["export", &file, "--to", &to]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.starts_with(&to), "{}", said.out);
        (std::fs::read(&to).expect("it was written"), to)
    };
    let (capture, _) = export("a.pcapng");
    assert_eq!(capture[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
    let export = |name: &str| {
        let (bytes, to) = export(name);
        (String::from_utf8(bytes).expect("text"), to)
    };
    let (picture, _) = export("a.SVG");
    assert!(picture.starts_with("<svg xmlns=") && picture.ends_with("</svg>\n"));
    let (text, _) = export("a.txt");
    assert_eq!(text, wirestep(&["play", &file]).out);
    let (json, _) = export("a.json");
    assert_eq!(json, wirestep(&["play", &file, "--format", "json"]).out);
    let (_, ron) = export("a.ron");
    assert_eq!(wirestep(&["play", &ron]).out, text, "a session of that run alone");
    let to = dir.path().join("a.docx").to_str().expect("a path of text").to_owned();
    let err = refused(&["export", &file, "--to", &to]);
    assert!(err.contains("end it in .pcapng, .svg, .json, .txt or .ron"), "{err}");
    let to = dir.path().join("none/a.txt").to_str().expect("a path of text").to_owned();
    let err = refused(&["export", &file, "--to", &to]);
    assert!(err.contains("choose a folder that can be written to"), "{err}");
    assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 6, "nothing else is left");
}

#[test]
fn compare_counts_every_mode_alike() {
    let said = wirestep(&["compare", PICTURE, "--format", "json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
    for mode in Mode::ALL {
        let counted = &json["modes"][mode.name()];
        let run = played(&["--mode", mode.name()]);
        for key in [
            "bytes_up",
            "bytes_down",
            "payload_bytes",
            "requests",
            "empty_responses",
            "connections",
            "messages_delivered",
        ] {
            assert_eq!(counted[key], run["totals"][key], "{key} by {}", mode.name());
        }
        assert!(counted["delay_ms"]["p99"].as_f64().expect("a number") > 0.0);
    }
    let table = wirestep(&["compare", PICTURE, "--clients", "5", "--seconds", "4"]);
    assert!(table.out.starts_with("The full picture: 5 clients, 4 s, seed 1\n"), "{}", table.out);
    assert_eq!(table.out.lines().count(), 2 + 4 + 2 + 4, "two tables of four modes");
    assert_eq!(json["modes"]["sse"]["effort"]["engine"], "full");
    assert!(refused(&["compare", PICTURE, "--clients", "1"]).contains("there is no Client 2"));
    assert!(refused(&["compare", PICTURE, "--clients", "0"]).contains("`clients`"));
}

#[test]
fn compare_counts_a_million_by_those_that_differ() {
    let million = ["compare", PICTURE, "--clients", "1000000", "--seconds", "60"];
    let said = wirestep(&[&million[..], &["--format", "json"]].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    let json: Json = serde_json::from_str(&said.out).expect("one JSON object");
    let polling = &json["modes"]["polling"];
    assert_eq!(polling["most_open"], 1_000_000);
    assert_eq!(polling["effort"]["engine"], "crowd");
    assert_eq!(polling["effort"]["events"], polling["records"]);
    assert!(polling["effort"]["bytes_per_client"].as_f64().expect("a number") < 64.0);
    assert!(wirestep(&million).out.contains("crowd"));
    let err = refused(&["compare", PICTURE, "--clients", "1000001"]);
    assert!(err.contains("say 1 to 1000000"), "{err}");
}

#[test]
fn compare_says_why_one_client_cannot_stand_for_many() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("late.ron");
    let file = path.to_str().expect("a path of text");
    let late = "(name: \"late\", network: (jitter_ms: 5), workload: [], ends_ms: 100)";
    std::fs::write(&path, late).expect("written");
    let err = refused(&["compare", file, "--clients", "20000"]);
    assert!(err.contains("set `jitter_ms` to 0, or say --clients 10000"), "{err}");
    assert_eq!(wirestep(&["compare", file, "--clients", "20"]).code, 0);
}
