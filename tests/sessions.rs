//! Sessions: saved, opened, pasted, damaged, and exported from the command line.

#[path = "support/scenarios.rs"]
mod scenarios;

use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::Index;
use scenarios::{arbitrary, story};
use std::sync::Arc;
use wirestep::lesson::{Lesson, Library};
use wirestep::player::{
    Command, Copied, Effect, Opened, PREFIX, Player, Progress, SavedEdit, Session, SessionError,
    Settings,
};
use wirestep::run::Run;
use wirestep::sim::{
    Edit, Fault, Host, LinkIdx, Mode, Network, RecordIdx, SimTime, Target, What, Wish,
};
use wirestep::view::trace;
use wirestep::wire::Side;

/// A player in a free scenario, some moments into it.
fn player() -> Player {
    let lesson = Lesson::around(story());
    let progress = Progress { open: Some(lesson.id.clone()), ..Progress::default() };
    Player::new(Library::built_in().with(lesson), progress, Settings::default())
}

/// One who has tried several things in both modes.
fn busy() -> Player {
    let mut player = player();
    for command in [
        Command::Seek(SimTime::from_ms(350)),
        Command::Edit(Edit::Silence(LinkIdx(0))),
        Command::Seek(SimTime::from_ms(700)),
        Command::Edit(Edit::Heal(LinkIdx(0))),
        Command::ShowBranch(0),
        Command::Edit(Edit::Misbehave(Host::Server, Fault::MutesPongs)),
        Command::SetMode(Mode::Polling),
        Command::Edit(Edit::PollEvery(77)),
        Command::SetMode(Mode::WebSocket),
        Command::ShowBranch(2),
        Command::Seek(SimTime::from_ms(800)),
    ] {
        player.obey(command);
        assert_eq!(player.notice(), None);
    }
    player
}

fn hashes(player: &mut Player) -> Vec<(Mode, String, String)> {
    let mut all = Vec::new();
    let was = player.mode();
    for mode in Mode::ALL {
        player.obey(Command::SetMode(mode));
        let branches = player.lane().branches().iter();
        all.extend(branches.map(|b| (mode, b.name.clone(), trace::hash(b.run.records()))));
    }
    player.obey(Command::SetMode(was));
    all
}

#[test]
fn a_session_brings_back_every_branch_and_the_place() {
    let mut before = busy();
    let session = before.session();
    assert_eq!(session.branches.len(), 4 + 2);
    let text = session.to_text();
    let read = Session::read(&text, "a.ron").expect("it was just written");
    assert_eq!(read, session);
    let mut after = player();
    after.obey(Command::OpenSession(Box::new(read)));
    assert_eq!(after.notice(), None);
    assert_eq!(hashes(&mut after), hashes(&mut before));
    assert_eq!(after.position(), before.position());
    assert_eq!(after.mode(), before.mode());
    assert_eq!(after.lane().shown(), 2);
    let forks = |player: &Player| {
        player.lane().branches().iter().map(|branch| branch.forked).collect::<Vec<_>>()
    };
    assert_eq!(forks(&after), forks(&before));
    assert!(text.len() < 4000, "a session is small: {} bytes", text.len());
}

#[test]
fn branches_are_named_taken_away_and_brought_back() {
    let mut player = busy();
    let before = player.lane().branches().to_vec();
    // Looked at is branch 2, healed; forked from 1, silent; forked from 0.
    player.obey(Command::RenameBranch("  healed ".to_owned()));
    assert_eq!(player.branch().name, "healed");
    player.obey(Command::RenameBranch(" ".to_owned()));
    assert_eq!(player.notice(), Some("A name is a line of text."));
    player.obey(Command::ShowBranch(1));
    player.obey(Command::DeleteBranch);
    assert_eq!(player.notice(), None);
    let names = |player: &Player| -> Vec<(String, Option<usize>)> {
        let branches = player.lane().branches().iter();
        branches.map(|b| (b.name.clone(), b.forked.map(|(from, _)| from))).collect()
    };
    let left = names(&player);
    assert_eq!(left.len(), 3);
    assert_eq!(left[1], ("healed".to_owned(), Some(0)), "it hangs on to the trunk");
    assert_eq!(player.lane().shown(), 0);
    player.obey(Command::DeleteBranch);
    assert_eq!(player.notice(), Some("This is how it was by itself: it stays."));
    player.obey(Command::Undo);
    assert_eq!(player.lane().branches().len(), before.len());
    player.obey(Command::Undo);
    assert_eq!(player.lane().branches(), before);
    // What is saved meanwhile can be opened.
    player.obey(Command::Redo);
    player.obey(Command::Redo);
    let text = player.session().to_text();
    assert!(Session::read(&text, "a.ron").is_ok());
}

#[test]
fn what_is_looked_at_can_be_lost_silenced_and_reset() {
    let mut player = player();
    player.obey(Command::LoseSegment);
    assert!(player.notice().is_some_and(|words| words.contains("in flight")), "nothing is there");
    player.obey(Command::Seek(SimTime::from_ms(310)));
    let edit = |player: &Player| player.run().edits().last().map(|(_, edit)| edit.clone());
    player.obey(Command::LoseSegment);
    assert!(matches!(edit(&player), Some(Edit::Lose(_))), "{:?}", player.notice());
    player.obey(Command::LoseSegment);
    assert!(player.notice().is_some_and(|words| words.contains("sent again")), "lost already");
    player.obey(Command::ToggleSilence);
    assert_eq!(edit(&player), Some(Edit::Silence(LinkIdx(0))));
    player.obey(Command::ToggleSilence);
    assert_eq!(edit(&player), Some(Edit::Heal(LinkIdx(0))));
    player.obey(Command::ResetConnection);
    assert_eq!(edit(&player), Some(Edit::Reset(LinkIdx(0))));
    assert_eq!(player.lane().branches().len(), 5);
    for _ in 0..4 {
        player.obey(Command::Undo);
    }
    assert_eq!(player.lane().branches().len(), 1);
}

#[test]
fn one_goes_to_where_a_branch_first_differs() {
    let mut player = player();
    player.obey(Command::ToDivergence);
    assert_eq!(player.notice(), Some("Nothing is changed here."));
    player.obey(Command::Seek(SimTime::from_ms(200)));
    player.obey(Command::Edit(Edit::Silence(LinkIdx(0))));
    player.obey(Command::Last);
    player.obey(Command::ToDivergence);
    // What Client 1 says at 300 ms is the first that is lost.
    assert_eq!(player.position().at, SimTime::from_ms(300));
    let (trunk, silent) = (&player.lane().branches()[0].run, &player.branch().run);
    let found = silent.diverges_from(trunk).expect("it differs");
    let what = |run: &Run, idx: Option<RecordIdx>| run.records()[idx.unwrap().0].what.clone();
    assert!(matches!(what(silent, found.here), What::Lost(_)));
    assert!(matches!(what(trunk, found.there), What::Arrived(_)));
    assert_eq!(trunk.diverges_from(trunk), None);
    player.obey(Command::ShowBranch(0));
    player.obey(Command::Edit(Edit::Behave(Host::Server)));
    player.obey(Command::ToDivergence);
    assert_eq!(player.notice(), Some("The change has changed nothing."));
}

#[test]
fn the_short_form_can_be_copied_broken_into_lines_and_pasted() {
    let mut before = busy();
    let effects = before.obey(Command::Copy(Copied::Session));
    let [Effect::CopyText(short)] = &effects[..] else { panic!("{effects:?}") };
    assert!(short.starts_with(PREFIX) && short.len() < 1200, "{} characters", short.len());
    let lines: Vec<_> = short.as_bytes().chunks(60).map(String::from_utf8_lossy).collect();
    let mailed = format!("  {}\r\n", lines.join("\r\n  "));
    let mut after = player();
    after.obey(Command::PasteSession(mailed));
    assert_eq!(after.notice(), None);
    assert_eq!(hashes(&mut after), hashes(&mut before));
}

#[test]
fn what_cannot_be_pasted_says_why_and_changes_nothing() {
    let short = busy().session().to_short();
    let bomb = {
        use base64::Engine as _;
        use flate2::write::DeflateEncoder;
        use std::io::Write as _;
        let mut deflate = DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        deflate.write_all(&vec![b' '; 64 << 20]).expect("memory takes it");
        let bytes = deflate.finish().expect("memory takes it");
        format!("{PREFIX}{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
    };
    let cases = [
        (String::new(), "That is no session"),
        ("hello".to_owned(), "That is no session"),
        (short[..short.len() - 7].to_owned(), "session"),
        (format!("{PREFIX}AAAA"), "The session is damaged"),
        (format!("{PREFIX}%%%"), "A part of the session is missing"),
        (bomb, "The session is too large"),
    ];
    for (text, why) in cases {
        let mut player = busy();
        let mut before = player.clone();
        player.obey(Command::PasteSession(text));
        let notice = player.notice().expect("it says why").to_owned();
        assert!(notice.contains(why), "{notice}");
        assert_eq!(hashes(&mut player), hashes(&mut before), "{notice}");
    }
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let error = Session::read(text, "s.ron").expect_err("it is damaged").to_string();
    assert!(!error.contains('\n'), "{error}");
    for part in expected {
        assert!(error.contains(part), "{part:?} in {error:?}");
    }
}

#[test]
fn a_damaged_file_says_where_and_what_would_work() {
    let text = busy().session().to_text();
    let line = |needle: &str| text.lines().position(|line| line.contains(needle)).unwrap() + 1;
    check(
        &text.replace("scenario:", "scenery:"),
        &["s.ron:", "scenery", "did you mean `scenario`"],
    );
    let at = format!("s.ron:{}:", line("Silence"));
    check(&text.replace("Silence(", "Silense("), &[&at, "did you mean `Silence`"]);
    check(&text[..text.len() / 2], &["s.ron:"]);
    check(&text.replace("shown: 4", "shown: 99"), &["there is no branch 99", "there are 6"]);
    check(&text.replace("mss: 1460", "mss: 0"), &["`mss` of the scenario", "say 1 to 65495"]);
    check(&text.replace("forked_from: Some(2)", "forked_from: Some(5)"), &["comes behind it"]);
    let newer = text.replace("version: 1", "version: 2, weather_map: \"sunny\"");
    let error = Session::read(&newer, "s.ron").expect_err("it is newer");
    assert_eq!(error, SessionError::Newer { file: "s.ron".to_owned(), version: 2 });
    assert!(error.to_string().contains("this program reads up to 1"), "{error}");
    // One whose edits cannot be made.
    let mut session = busy().session();
    session.branches[5].edits[0].after = Some(1000);
    let error = session.play(5).expect_err("the run is not that long").to_string();
    assert!(error.contains("edit 1 cannot be made"), "{error}");
    let mut player = player();
    let mut before = player.clone();
    player.obey(Command::OpenSession(Box::new(session)));
    assert!(player.notice().is_some());
    assert_eq!(hashes(&mut player), hashes(&mut before));
}

#[test]
fn every_edit_can_be_saved_and_read_back() {
    let target = Target { link: LinkIdx(1), from: Side::Server, n: 3 };
    let bytes = Bytes::from((0..=u8::MAX).collect::<Vec<_>>());
    let edits = [
        Edit::Patch { link: LinkIdx(0), from: Side::Client, start: 9, bytes },
        Edit::Lose(target),
        Edit::Delay(target, 5),
        Edit::Cut(target, 7),
        Edit::Reset(LinkIdx(0)),
        Edit::Silence(LinkIdx(0)),
        Edit::Heal(LinkIdx(0)),
        Edit::Network(Network { jitter_ms: 3, ..Network::default() }),
        Edit::Misbehave(Host::Client(1), Fault::ForgetsBlankLine),
        Edit::Behave(Host::Server),
        Edit::Do(Host::Server, Wish::Close(1000, "“bye”\n".to_owned())),
        Edit::Fragment(Host::Client(2), 4),
        Edit::PollEvery(9),
    ];
    let mut session = Session::of_run(&Run::new(Arc::new(story()), Mode::WebSocket));
    let saved = |edit| SavedEdit { at_ns: 1, after: Some(1), edit };
    session.branches[0].edits = edits.into_iter().map(saved).collect();
    session.notes = vec!["a note\nof two lines".to_owned()];
    assert_eq!(Session::read(&session.to_text(), "a.ron").as_ref(), Ok(&session));
    assert_eq!(Session::read_short(&session.to_short()), Ok(session));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_run_saved_alone_replays_to_the_same_trace(
        scenario in arbitrary(), polls in any::<bool>(), at in any::<Index>(), says in "[a-zé]{0,20}",
    ) {
        let mode = if polls { Mode::Polling } else { Mode::WebSocket };
        let run = Run::new(Arc::new(scenario), mode);
        let here = run.position_at(SimTime(at.index(3_000_000_000) as u64));
        let said = Edit::Do(Host::Client(2), Wish::Say(says));
        let mut run = run.fork(here, said).expect("it can");
        run.play_out();
        let session = Session::of_run(&run);
        let read = Session::read(&session.to_text(), "a.ron").expect("it was just written");
        // A run that is not the same would be printed whole: megabytes.
        prop_assert!(read.play(0).expect("it was played before") == run);
        let short = Session::read_short(&session.to_short()).expect("it was just written");
        prop_assert_eq!(short, session);
    }

    #[test]
    fn no_text_at_all_makes_a_session_that_panics(text in ".{0,200}", cut in any::<Index>()) {
        let _ = Session::read(&text, "a.ron");
        let _ = Session::read_short(&format!("{PREFIX}{text}"));
        let whole = Session::of_run(&Run::new(Arc::new(story()), Mode::Polling)).to_text();
        let _ = Session::read(&whole[..cut.index(whole.len())], "a.ron");
    }
}

#[test]
fn a_session_can_be_written_by_hand() {
    let text = r#"(
        version: 1,
        scenario: (name: "By hand", workload: [(at_ms: 400, who: Client(1), what: Say("Hi"))], ends_ms: 900),
        branches: [
            (name: "as it was", mode: WebSocket),
            (
                name: "the cable",
                mode: WebSocket,
                forked_from: 0,
                edits: [(at_ns: 300_000_000, edit: Silence(0)), (at_ns: 800_000_000, edit: Heal(0))],
            ),
        ],
    )"#;
    let session = Session::read(text, "hand.ron").expect("it is one");
    let (trunk, cable) = (session.play(0).expect("it plays"), session.play(1).expect("it plays"));
    let heard = |run: &Run| {
        let is = |what: &What| matches!(what, What::Delivered(message) if message.data == "Hi");
        run.records().iter().find(|record| is(&record.what)).map(|record| record.at)
    };
    assert!(heard(&trunk) < Some(SimTime::from_ms(450)));
    assert!(heard(&cable) > Some(SimTime::from_ms(800)), "{:?}", heard(&cable));
}

/// One in a lesson, at its second step, who has changed something there.
fn in_a_lesson() -> Player {
    let id = "the-full-picture".to_owned();
    let mut player = Player::new(
        Library::built_in(),
        Progress { open: Some(id), ..Progress::default() },
        Settings::default(),
    );
    player.obey(Command::Seek(SimTime::from_ms(100)));
    player.obey(Command::Continue);
    assert_eq!(player.walk().step_idx(), 1, "{:?}", player.notice());
    player.obey(Command::Seek(SimTime::from_ms(350)));
    player.obey(Command::Edit(Edit::Silence(LinkIdx(0))));
    assert_eq!(player.lane().branches().len(), 2);
    player
}

#[test]
fn a_session_comes_back_to_its_lesson_and_loses_no_progress() {
    let mut before = in_a_lesson();
    let session = before.session();
    assert_eq!(session.lesson.as_deref(), Some("the-full-picture"));
    let progress = before.walk().progress().clone();
    let again = || Player::new(Library::built_in(), progress.clone(), Settings::default());
    let mut after = again();
    after.obey(Command::PasteSession(session.to_short()));
    assert_eq!(after.notice(), None);
    assert_eq!(after.lesson().id, "the-full-picture");
    assert_eq!(after.walk().step_idx(), 1);
    assert_eq!(after.walk().progress(), &progress);
    assert_eq!(after.position(), before.position());
    assert_eq!(hashes(&mut after), hashes(&mut before));
    // A lesson that is another by now, or none of ours, is a scenario to walk in freely.
    let mut other = session.clone();
    other.scenario.seed += 1;
    let mut unknown = session;
    unknown.lesson = Some("no-lesson-of-ours".to_owned());
    for session in [other, unknown] {
        let mut after = again();
        after.obey(Command::OpenSession(Box::new(session)));
        assert_eq!(after.notice(), None);
        assert!(after.lesson().steps.is_empty());
        assert_eq!(after.walk().progress(), &progress, "the lesson is what the next start opens");
    }
}

#[test]
fn notes_are_kept_in_every_form() {
    let mut before = busy();
    let text = "Client 2 waits.\n\n– why?\n\tSee §5.5 “…”";
    let effects = before.obey(Command::SetNotes(text.to_owned()));
    assert_eq!(effects, [Effect::SessionChanged]);
    assert_eq!(before.notes(), text);
    let session = before.session();
    let file = Session::read(&session.to_text(), "a.ron").expect("it was just written");
    for command in [
        Command::OpenSession(Box::new(file)),
        Command::PasteSession(session.to_short()),
        Command::Open(Box::new(Opened::Session(Box::new(session.clone())))),
    ] {
        let mut after = player();
        after.obey(command);
        assert_eq!(after.notes(), text);
        assert_eq!(after.session().notes, session.notes);
    }
    // Another lesson is no reason to lose them; a session without any has none.
    before.obey(Command::OpenLesson("the-full-picture".to_owned()));
    assert_eq!(before.notes(), text);
    before.obey(Command::OpenSession(Box::new(busy().session())));
    assert_eq!(before.notes(), "");
    assert!(before.session().notes.is_empty());
}

#[test]
fn notes_stay_divided_until_somebody_changes_them() {
    let mut session = busy().session();
    session.notes = vec!["one".to_owned(), "two\n\nand more".to_owned()];
    let mut player = player();
    player.obey(Command::OpenSession(Box::new(session.clone())));
    let text = player.notes();
    assert_eq!(text, "one\n\ntwo\n\nand more");
    assert_eq!(player.obey(Command::SetNotes(text)), []);
    assert_eq!(player.session().notes, session.notes);
    player.obey(Command::SetNotes("three".to_owned()));
    assert_eq!(player.session().notes, ["three"]);
    player.obey(Command::SetNotes(String::new()));
    assert!(player.session().notes.is_empty());
}

#[test]
fn the_name_of_a_trunk_is_kept() {
    let mut before = player();
    before.obey(Command::RenameBranch("by itself".to_owned()));
    let mut after = player();
    after.obey(Command::OpenSession(Box::new(before.session())));
    assert_eq!(after.branch().name, "by itself");
    assert_eq!(after.session(), before.session());
}

#[test]
fn what_a_file_holds_is_told_by_its_text() {
    let session = busy().session();
    let whole = Opened::read(&session.to_text(), "a.ron");
    assert_eq!(whole, Ok(Opened::Session(Box::new(session.clone()))));
    let short = format!("\n{}\n", session.to_short());
    assert_eq!(Opened::read(&short, "a.txt"), whole);
    // People may write down anything.
    let mut noted = session.clone();
    noted.notes = vec!["steps: 1, branches: 2, wirestep:".to_owned()];
    let read = Opened::read(&noted.to_text(), "a.ron");
    assert_eq!(read, Ok(Opened::Session(Box::new(noted.clone()))));
    for text in [session.to_text(), noted.to_text()] {
        for cut in [200, text.len() - 9] {
            let error = Opened::read(&text[..cut], "a.ron").expect_err("it is damaged").to_string();
            assert!(!error.contains("in `Scenario`"), "it is read as a session: {error}");
        }
    }
    let says = "(name: \"a\", ends_ms: 900, workload: [
        (at_ms: 1, who: Client(1), what: Say(\"branches: version: steps:\"))])";
    assert!(matches!(Opened::read(says, "a.ron"), Ok(Opened::Scenario(_))));
    let scenario = Opened::read("(name: \"a\", ends_ms: 500, workload: [])", "a.ron");
    assert!(matches!(scenario, Ok(Opened::Scenario(_))), "{scenario:?}");
    let (file, text) = Library::built_in_sources().nth(1).expect("there are lessons");
    assert!(matches!(Opened::read(&text, &file), Ok(Opened::Lesson(_))));
    let error = Opened::read("(name: 7)", "a.ron").expect_err("a name is text").to_string();
    assert!(error.starts_with("a.ron:1:"), "{error}");
}

#[test]
fn any_file_is_opened_and_a_free_scenario_does_not_take_the_place_of_a_lesson() {
    let mut player = in_a_lesson();
    let progress = player.walk().progress().clone();
    player.obey(Opened::Scenario(Box::new(story())).into());
    assert!(player.lesson().steps.is_empty());
    assert_eq!(player.run().scenario().as_ref(), &story());
    assert_eq!(player.walk().progress(), &progress);
    let lesson = Library::built_in().lessons()[1].clone();
    let effects = player.obey(Opened::Lesson(Box::new(lesson.clone())).into());
    assert_eq!(player.lesson(), &lesson);
    assert_eq!(effects, [Effect::SaveProgress, Effect::SessionChanged]);
}

#[test]
fn what_changes_a_session_is_told_and_moving_about_in_it_is_not() {
    let mut player = player();
    let at = Command::Seek(SimTime::from_ms(350));
    for (command, changes) in [
        (at, false),
        (Command::First, false),
        (Command::ToggleAllPanels, false),
        (Command::Copy(Copied::Diagram), false),
        (Command::Edit(Edit::Silence(LinkIdx(0))), false),
        (Command::Seek(SimTime::from_ms(350)), false),
        (Command::Edit(Edit::Silence(LinkIdx(0))), true),
        (Command::RenameBranch("quiet".to_owned()), true),
        (Command::RenameBranch("quiet".to_owned()), false),
        (Command::DeleteBranch, true),
        (Command::Undo, true),
        (Command::Redo, true),
        (Command::SetMode(Mode::Polling), true),
        (Command::SetMode(Mode::Polling), false),
        (Command::OpenLesson("the-full-picture".to_owned()), true),
        (Command::PasteSession("nothing".to_owned()), false),
    ] {
        let effects = player.obey(command.clone());
        assert_eq!(effects.contains(&Effect::SessionChanged), changes, "{command:?}");
    }
}
