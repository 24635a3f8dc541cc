//! Sessions through the window: saved, opened, dropped, deleted and recovered, with real files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{DroppedFile, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use tempfile::{TempDir, tempdir};
use wirestep::app::archive::Archive;
use wirestep::player::{Command, Opened, Player, Progress, Session, Settings};
use wirestep::sim::{Edit, LinkIdx};

use super::desk::{LARGE, SMALL, Seat, answered_until, progress_at};

const NAME: &str = "Save this session under a name";
const NOTES: &str = "Notes, which are saved with it";
const PATH: &str = "Any file: open a session, a scenario or a lesson, or save here";

/// A seat whose shell keeps files in a folder.
struct Study {
    seat: Seat,
    archive: Archive,
    dir: PathBuf,
    /// Simulated time: each look at the shell is a second later.
    now: Duration,
}

impl Study {
    fn at(dir: &Path, progress: Progress) -> Self {
        let mut archive = Archive::open(Some(dir.to_owned()));
        let mut seat = Seat::at(progress, SMALL);
        archive.greet(&mut seat.harness.state_mut().window);
        seat.harness.run();
        Self { seat, archive, dir: dir.to_owned(), now: Duration::ZERO }
    }

    /// Has the shell do what was asked, and draws what comes of it.
    fn settle(&mut self) {
        self.now += Duration::from_secs(1);
        let desk = self.seat.harness.state_mut();
        let effects = std::mem::take(&mut desk.effects);
        self.archive.carry_out_all(effects, &mut desk.window, self.now);
        self.archive.keep_in_time(&mut desk.window, self.now);
        self.seat.harness.run();
    }

    fn click(&mut self, name: &str) {
        self.seat.click(Role::Button, name);
        self.settle();
    }

    fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.seat.press_with(modifiers, key);
        self.settle();
    }

    fn type_into(&mut self, role: Role, field: &str, text: &str) {
        self.seat.harness.get_by_role_and_label(role, field).focus();
        self.seat.harness.run();
        self.seat.harness.get_by_role_and_label(role, field).type_text(text);
        self.seat.harness.run();
        self.settle();
    }

    fn save_as(&mut self, name: &str) {
        self.press(Modifiers::COMMAND, Key::S);
        self.type_into(Role::TextInput, NAME, name);
        self.press(Modifiers::NONE, Key::Enter);
    }

    /// Changes something in the world.
    fn change(&mut self) {
        self.press(Modifiers::NONE, Key::Escape);
        for _ in 0..4 {
            self.press(Modifiers::NONE, Key::ArrowRight);
        }
        let n = self.seat.player().lane().branches().len();
        self.press(Modifiers::NONE, Key::S);
        assert_eq!(self.seat.player().lane().branches().len(), n + 1);
    }

    fn title(&self) -> String {
        self.seat.harness.state().window.title()
    }

    fn saved(&self, name: &str) -> Session {
        let path = self.dir.join("sessions").join(format!("{name}.ron"));
        let text = fs::read_to_string(&path).expect("it is saved");
        Session::read(&text, name).expect("it is whole")
    }
}

fn folder() -> TempDir {
    tempdir().expect("a temporary folder can be made")
}

#[test]
fn a_session_is_saved_by_keys_alone_and_again_without_a_question() {
    let dir = folder();
    let mut study = Study::at(dir.path(), progress_at("the-full-picture", 0));
    study.change();
    study.save_as("Silent");
    assert!(study.seat.says("Saved “Silent”."));
    assert!(!study.seat.says(NAME), "the dialog has closed");
    assert_eq!(study.title(), "Silent – wirestep");
    assert_eq!(study.saved("Silent"), study.seat.player().session());
    study.change();
    assert!(!study.seat.says("Saved “Silent”."), "what is said of a file does not stay for ever");
    assert_ne!(study.saved("Silent"), study.seat.player().session());
    study.press(Modifiers::COMMAND, Key::S);
    assert_eq!(study.saved("Silent"), study.seat.player().session());
}

#[test]
fn keys_are_letters_while_the_dialog_is_open() {
    let dir = folder();
    let mut study = Study::at(dir.path(), Progress::default());
    study.change();
    let before = study.seat.player().clone();
    study.press(Modifiers::COMMAND, Key::O);
    for key in [Key::Delete, Key::S, Key::Enter, Key::Home, Key::Space] {
        study.press(Modifiers::NONE, key);
    }
    // Nor do they mean what lies behind the dialog where a button of it has the keyboard.
    study.seat.harness.get_by_role_and_label(Role::Button, "Close the sessions").focus();
    for key in [Key::Delete, Key::S, Key::Home, Key::M] {
        study.press(Modifiers::NONE, key);
    }
    assert_eq!(study.seat.player().session().branches, before.session().branches);
    assert_eq!(study.seat.player().position(), before.position());
    study.press(Modifiers::COMMAND, Key::O);
    assert!(!study.seat.says(NAME), "the key that opens it closes it");
}

#[test]
fn notes_are_written_in_the_dialog_and_saved_from_there() {
    let dir = folder();
    let mut study = Study::at(dir.path(), Progress::default());
    study.press(Modifiers::COMMAND, Key::O);
    study.type_into(Role::MultilineTextInput, NOTES, "Client 1 asks first.");
    study.press(Modifiers::NONE, Key::Enter);
    study.type_into(Role::MultilineTextInput, NOTES, "Why?");
    assert_eq!(study.seat.player().notes(), "Client 1 asks first.\nWhy?");
    study.type_into(Role::TextInput, NAME, "Noted");
    study.press(Modifiers::COMMAND, Key::S);
    assert_eq!(study.saved("Noted").notes, ["Client 1 asks first.\nWhy?"]);
}

#[test]
fn saved_sessions_are_opened_and_deleted_from_the_list() {
    let dir = folder();
    let mut study = Study::at(dir.path(), progress_at("the-full-picture", 0));
    study.save_as("Untouched");
    study.change();
    let changed = study.seat.player().session();
    study.press(Modifiers::COMMAND, Key::O);
    assert!(study.seat.says("just now"));
    study.click("Open: Untouched");
    assert_eq!(study.title(), "Untouched – wirestep");
    assert_eq!(study.seat.player().lane().branches().len(), 1);
    assert_eq!(study.seat.player().lesson().id, "the-full-picture");
    // What was changed and not saved is not lost by opening something.
    study.press(Modifiers::COMMAND, Key::O);
    assert!(study.seat.says("1 branch made"));
    study.click("Go back: Before this: “The full picture”, 1 branch made");
    assert_eq!(study.seat.player().session(), changed);
    assert_eq!(study.title(), "wirestep", "what was gone back to is saved nowhere");

    study.press(Modifiers::COMMAND, Key::O);
    study.click("Delete: Untouched");
    study.click("Keep: Untouched");
    assert!(dir.path().join("sessions/Untouched.ron").exists());
    study.click("Delete: Untouched");
    study.click("Delete for good: Untouched");
    assert!(study.seat.says("Deleted “Untouched”.") && study.seat.says("There is none yet."));
    assert!(!dir.path().join("sessions/Untouched.ron").exists());
}

#[test]
fn nothing_that_is_there_is_written_over_unasked() {
    let dir = folder();
    let mut study = Study::at(dir.path(), Progress::default());
    study.save_as("Same");
    let first = study.saved("Same");
    // A lesson that is opened is another session.
    study.seat.press(Key::L);
    study.click("Open: Hold the line");
    assert_eq!(study.title(), "wirestep");
    study.press(Modifiers::COMMAND, Key::S);
    study.seat.press_with(Modifiers::COMMAND, Key::A);
    study.type_into(Role::TextInput, NAME, "Same");
    study.press(Modifiers::NONE, Key::Enter);
    assert!(study.seat.says("“Same” is there already: Replace writes over it."));
    assert_eq!(study.saved("Same"), first);
    study.click("Replace");
    assert_eq!(study.saved("Same").lesson.as_deref(), Some("hold-the-line"));
}

#[test]
fn any_path_can_be_saved_to_and_opened() {
    let dir = folder();
    let mut study = Study::at(dir.path(), Progress::default());
    study.change();
    let path = dir.path().join("my story.ron");
    study.press(Modifiers::COMMAND, Key::O);
    study.type_into(Role::TextInput, PATH, &format!(" {} ", path.display()));
    study.click("Save to the file");
    assert_eq!(study.title(), "my story.ron – wirestep");
    let session = study.seat.player().session();
    study.change();
    study.press(Modifiers::COMMAND, Key::O);
    study.click("Open the file");
    assert_eq!(study.seat.player().session(), session);
}

#[test]
fn what_cannot_be_opened_or_saved_is_said_in_the_dialog() {
    let dir = folder();
    let mut study = Study::at(dir.path(), Progress::default());
    study.change();
    let before = study.seat.player().session();
    let damaged = dir.path().join("damaged.ron");
    fs::write(&damaged, &before.to_text()[..300]).expect("it can be written");
    study.press(Modifiers::COMMAND, Key::O);
    study.type_into(Role::TextInput, PATH, &damaged.display().to_string());
    study.press(Modifiers::NONE, Key::Enter);
    assert!(study.seat.says("damaged.ron:"), "{:?}", study.seat.names(Role::Label));
    assert!(study.seat.says(PATH), "the dialog stays");
    assert_eq!(study.seat.player().session(), before);
    study.type_into(Role::TextInput, NAME, "a/b");
    study.click("Save");
    assert!(study.seat.says("“a/b” cannot be a name"));
    study.click("Put away");
    assert!(!study.seat.says("cannot be a name"));
}

/// A file as the window system hands it over.
#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        fs::read(&self.0).map_err(|error| error.to_string())
    }
}

#[test]
fn a_file_that_is_dropped_is_opened_whatever_it_holds() {
    let dir = folder();
    let mut study = Study::at(dir.path(), Progress::default());
    study.change();
    let session = study.seat.player().session();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).expect("it can be written");
        path
    };
    let lesson = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons/01-the-full-picture.ron");
    let scenario = "(name: \"Dropped\", ends_ms: 500, workload: [])";
    for (path, says, title) in [
        (write("scenario.ron", scenario), "Dropped", "wirestep"),
        (lesson, "The full picture", "wirestep"),
        (
            write("session.ron", &session.to_text()),
            "Opened “session.ron”.",
            "session.ron – wirestep",
        ),
        (write("wrong.ron", "("), "wrong.ron:1:", "session.ron – wirestep"),
    ] {
        let input = study.seat.harness.input_mut();
        input.dropped_files.push(Arc::new(Dropped(path.clone())));
        study.seat.harness.run();
        study.settle();
        assert!(study.seat.says(says), "{}", path.display());
        assert_eq!(study.title(), title, "{}", path.display());
    }
    assert_eq!(study.seat.player().session(), session);
}

#[test]
fn a_window_that_died_is_recovered_in_the_next_and_can_be_discarded() {
    let dir = folder();
    let mut study = Study::at(dir.path(), answered_until("two-bytes-that-rule", 2));
    study.change();
    let before = study.seat.player().session();
    drop(study);

    let mut study = Study::at(dir.path(), answered_until("two-bytes-that-rule", 2));
    assert!(study.seat.says("A window that was not closed has left"));
    assert!(study.seat.says("“Two bytes that rule”, 1 branch made, written just now."));
    study.click("Recover");
    assert_eq!(study.seat.player().session(), before);
    assert_eq!(study.seat.player().walk().step_idx(), 2);
    assert!(!study.seat.says("A window that was not closed has left"));
    drop(study);

    let mut study = Study::at(dir.path(), Progress::default());
    study.click("Discard");
    assert!(!study.seat.says("A window that was not closed has left"));
    let window = &study.seat.harness.state().window;
    study.archive.close(window).expect("there is nothing to take away");
    drop(study);
    let study = Study::at(dir.path(), Progress::default());
    assert!(!study.seat.says("A window that was not closed has left"));
}

#[test]
fn what_was_found_damaged_is_said_until_it_is_put_away() {
    let dir = folder();
    fs::write(dir.path().join("progress.ron"), "(").expect("it can be written");
    let mut archive = Archive::open(Some(dir.path().to_owned()));
    let (progress, settings) = archive.kept();
    let player = Player::new(wirestep::lesson::Library::built_in(), progress, settings);
    let mut seat = Seat::before(player, LARGE);
    archive.greet(&mut seat.harness.state_mut().window);
    seat.harness.run();
    assert!(seat.says("The file with the progress cannot be used: it is damaged at 1:"));
    seat.press(Key::Space);
    assert!(seat.says("The file with the progress cannot be used"));
    seat.click(Role::Button, "Put away");
    assert!(!seat.says("The file with the progress cannot be used"));
}

#[test]
fn going_on_in_a_scenario_without_a_lesson_goes_nowhere() {
    let dir = folder();
    let mut study = Study::at(dir.path(), Progress::default());
    let path = dir.path().join("free.ron");
    fs::write(&path, "(name: \"Free\", ends_ms: 500, workload: [])").expect("it can be written");
    study.press(Modifiers::COMMAND, Key::O);
    study.type_into(Role::TextInput, PATH, &path.display().to_string());
    study.press(Modifiers::NONE, Key::Enter);
    study.save_as("Kept");
    study.press(Modifiers::NONE, Key::Enter);
    assert_eq!(study.title(), "Kept – wirestep");
}

#[test]
fn in_a_scenario_without_a_lesson_notices_are_seen_too() {
    let lesson = wirestep::lesson::Lesson::around(
        wirestep::lesson::read_scenario("(name: \"a\", ends_ms: 500, workload: [])", "a.ron")
            .expect("it is sound"),
    );
    let library = wirestep::lesson::Library::of(lesson);
    let mut seat =
        Seat::before(Player::new(library, Progress::default(), Settings::default()), SMALL);
    seat.harness.state_mut().window.fail("a.ron: no.".to_owned());
    seat.harness.run();
    assert!(seat.says("a.ron: no."));
    seat.click(Role::Button, "Put away");
    seat.press(Key::ArrowLeft);
    assert!(seat.says("This is the start"));
    seat.click(Role::Button, "Put away");
    assert!(!seat.says("This is the start"));
}

#[test]
fn a_pasted_session_has_no_file_to_be_saved_over() {
    let dir = folder();
    let mut study = Study::at(dir.path(), Progress::default());
    study.save_as("Mine");
    let mut other = study.seat.player().clone();
    other.obey(Command::Last);
    other.obey(Command::Edit(Edit::Silence(LinkIdx(0))));
    study.seat.harness.event(egui::Event::Paste(other.session().to_short()));
    study.seat.harness.run();
    study.settle();
    assert_eq!(study.title(), "wirestep");
    let opened = Opened::read(&other.session().to_short(), "a").expect("it is one");
    assert!(matches!(opened, Opened::Session(session) if *session == other.session()));
}

#[test]
fn a_long_session_is_played_in_sight_and_kept_track_of() {
    let dir = folder();
    let mut study = Study::at(dir.path(), Progress::default());
    let path = dir.path().join("long.ron");
    let scenario =
        "(name: \"Long\", clients: 3, ends_ms: 60_000, poll: (every_ms: 20), workload: [])";
    let scenario = wirestep::lesson::read_scenario(scenario, "long.ron").expect("it is sound");
    assert!(scenario.weight(wirestep::sim::Mode::Polling) > 60_000);
    let mut session = study.seat.player().session();
    session.scenario = scenario;
    fs::write(&path, session.to_text()).expect("it can be written");
    let input = study.seat.harness.input_mut();
    input.dropped_files.push(Arc::new(Dropped(path)));
    study.seat.harness.step();
    let desk = study.seat.harness.state_mut();
    let effects = std::mem::take(&mut desk.effects);
    study.archive.carry_out_all(effects, &mut desk.window, study.now);
    for _ in 0..4000 {
        study.seat.harness.step();
        if !study.seat.says("Playing a long conversation…") && study.title() != "wirestep" {
            study.settle();
            assert_eq!(study.title(), "long.ron – wirestep");
            assert_eq!(study.seat.player().run().scenario().name, "Long");
            return;
        }
        std::thread::yield_now();
    }
    panic!("it is never done");
}
