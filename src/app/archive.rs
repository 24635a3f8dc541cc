//! The archive: everything that the window keeps on disk, and what is done there for it.
//!
//! **Invariant:** what cannot be done is said in the window; nothing that is there is lost by it.

use super::autosave::{Autosave, Change, Left};
use super::filing::Saved;
use super::shelf::{self, FileError, Shelf, ago};
use super::storage::{Loaded, Storage};
use super::window::Window;
use crate::player::{Effect, Existing, Home, Opened, Progress, Settings, read_again};
use crate::view::words;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The names and versions of the files that are kept.
const PROGRESS: (&str, u32) = ("progress", 1);
const SETTINGS: (&str, u32) = ("settings", 1);

/// The name under which a session is saved that nobody has saved.
const UNSAVED: &str = "Unsaved when last closed";

/// Everything that the window keeps on disk.
#[derive(Debug)]
pub struct Archive {
    /// Progress and settings; none where the system knows no home folder.
    storage: Option<Storage>,
    shelf: Shelf,
    /// None where the file system does not let this window hold a file.
    autosave: Option<Autosave>,
    left: Vec<Left>,
    /// The file of the lesson or the scenario that is open.
    authored: Option<PathBuf>,
    /// What has to be said once there is a window.
    complaints: Vec<String>,
}

impl Archive {
    /// The archive in this folder, or in the user's data folder for this program.
    pub fn open(dir: Option<PathBuf>) -> Self {
        let storage = Storage::open(dir);
        let mut complaints = Vec::new();
        let storage = storage.map_err(|error| complaints.push(words::sentence(&error.to_string())));
        let storage = storage.ok();
        let dir = |name| storage.as_ref().map(|storage| storage.dir().join(name));
        let shelf = Shelf::new(dir("sessions"));
        let mut archive = Self {
            storage: None,
            shelf,
            autosave: None,
            left: Vec::new(),
            authored: None,
            complaints,
        };
        if let Some(dir) = dir("open") {
            match Autosave::begin(&dir) {
                Ok(found) => {
                    archive.autosave = found.own;
                    archive.left = found.left;
                    archive.complaints.extend(found.damaged);
                }
                Err(error) => archive.complaints.push(format!(
                    "{}: {error}. After a crash there will be nothing to recover.",
                    dir.display()
                )),
            }
        }
        archive.storage = storage;
        archive
    }

    /// What is kept of progress and settings; what is damaged is set aside, and the window says so.
    pub fn kept(&mut self) -> (Progress, Settings) {
        (self.load("progress", PROGRESS), self.load("settings", SETTINGS))
    }

    fn load<T: Default + DeserializeOwned>(
        &mut self,
        what: &str,
        (name, version): (&str, u32),
    ) -> T {
        let Some(storage) = &self.storage else { return T::default() };
        match storage.load(name, version) {
            Loaded::Read(kept) => kept,
            Loaded::Fresh => T::default(),
            Loaded::SetAside { path, reason } => {
                let kept = path.display();
                self.complaints.push(format!(
                    "The file with the {what} cannot be used: {reason}. It is kept as {kept}."
                ));
                T::default()
            }
        }
    }

    /// Says in a window that was just opened what was found.
    pub fn greet(&mut self, window: &mut Window) {
        for words in self.complaints.drain(..) {
            window.tell(words);
        }
        self.offer(window);
        self.list(window);
    }

    /// Opens a file that was named when the program was started.
    pub fn begin_with(
        &mut self,
        path: PathBuf,
        opened: Opened,
        window: &mut Window,
        now: Duration,
    ) {
        let home = Home::File(path);
        self.note_authored(&opened, &home);
        let effects = window.open(opened, &home, now);
        self.carry_out_all(effects, window, now);
    }

    /// Notes what may change while it is open: sessions do not.
    fn note_authored(&mut self, opened: &Opened, home: &Home) {
        self.authored = match opened {
            Opened::Lesson(_) | Opened::Scenario(_) => self.shelf.path(home).ok(),
            Opened::Session(_) => None,
        };
    }

    /// The file of the lesson or the scenario that is open: its author may change it.
    pub fn authored(&self) -> Option<&Path> {
        self.authored.as_deref()
    }

    /// Reads the file of the lesson again, since it was changed; the window says what is wrong.
    pub fn reload(&mut self, window: &mut Window, now: Duration) {
        let Some(path) = &self.authored else { return };
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let read = match shelf::read(path) {
            Ok(text) => read_again(&text, &name),
            Err(error) => return window.fail(said(&error)),
        };
        match read {
            Ok(lesson) => {
                let effects = window.reload(lesson, now);
                self.carry_out_all(effects, window, now);
            }
            Err(mistakes) => window.mistaken(mistakes),
        }
    }

    /// Does what is asked, and what follows from it; gives what is to be put on the clipboard.
    pub fn carry_out_all(
        &mut self,
        effects: Vec<Effect>,
        window: &mut Window,
        now: Duration,
    ) -> Option<String> {
        let mut clipboard = None;
        let mut effects = std::collections::VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::CopyText(text) => clipboard = Some(text),
                effect => effects.extend(self.carry_out(effect, window, now)),
            }
        }
        clipboard
    }

    fn carry_out(&mut self, effect: Effect, window: &mut Window, now: Duration) -> Vec<Effect> {
        match effect {
            Effect::SaveProgress | Effect::SaveSettings => self.store(&effect, window),
            Effect::SessionChanged => {
                if let Some(autosave) = &mut self.autosave {
                    autosave.note(Change::Content, now);
                }
            }
            Effect::SaveSession(home, existing) => self.save(home, existing, window),
            Effect::OpenFile(home) => match self.shelf.open(&home) {
                Ok(opened) => {
                    self.note_authored(&opened, &home);
                    return window.open(opened, &home, now);
                }
                Err(error) => window.fail(said(&error)),
            },
            Effect::DeleteSession(name) => {
                match self.shelf.delete(&name) {
                    Ok(()) => window.deleted(&name),
                    Err(error) => window.fail(said(&error)),
                }
                self.list(window);
            }
            Effect::ListSessions => self.list(window),
            Effect::Recover => {
                if let Some(left) = self.left.first() {
                    return window.recover(left.session.clone(), now);
                }
            }
            Effect::Recovered => {
                // It must be in a file of ours before it is in none of its own.
                if self.keep(window, now) {
                    self.clear_first_left(window);
                }
            }
            Effect::Discard => self.clear_first_left(window),
            Effect::CopyText(_) => {}
        }
        Vec::new()
    }

    fn store(&self, effect: &Effect, window: &mut Window) {
        let Some(storage) = &self.storage else { return };
        let player = window.player();
        let saved = if *effect == Effect::SaveProgress {
            storage.save(PROGRESS.0, PROGRESS.1, player.walk().progress())
        } else {
            storage.save(SETTINGS.0, SETTINGS.1, player.settings())
        };
        if let Err(error) = saved {
            window.fail(words::sentence(&error.to_string()));
        }
    }

    fn save(&mut self, home: Home, existing: Existing, window: &mut Window) {
        match self.shelf.save(&home, &window.player().session(), existing) {
            Ok(()) => window.saved(home),
            Err(FileError::Taken { .. }) => window.ask_to_replace(home),
            Err(error) => window.fail(said(&error)),
        }
        self.list(window);
    }

    fn list(&self, window: &mut Window) {
        let entries = match self.shelf.entries() {
            Ok(entries) => entries,
            Err(error) => return window.fail(said(&error)),
        };
        let saved = entries.into_iter().map(|entry| {
            let detail = format!("{} · {}", ago(entry.age), words::size(entry.len));
            Saved { name: entry.name, detail }
        });
        window.list(saved.collect());
    }

    fn offer(&self, window: &mut Window) {
        let first = self.left.first();
        let age = first.map(|left| ago(left.age)).unwrap_or_default();
        window.offer(first.map(|left| (&left.session, age.as_str())));
    }

    fn clear_first_left(&mut self, window: &mut Window) {
        if !self.left.is_empty()
            && let Err(error) = self.left.remove(0).clear()
        {
            window.fail(format!("What was left behind cannot be taken away: {error}."));
        }
        self.offer(window);
    }

    /// Keeps the session for the day on which this window dies, if it is time; gives how long it
    /// is until it will be.
    pub fn keep_in_time(&mut self, window: &mut Window, now: Duration) -> Option<Duration> {
        let autosave = self.autosave.as_mut()?;
        autosave.note(Change::Place(window.player().position()), now);
        let due_in = autosave.due_in(now)?;
        if !due_in.is_zero() {
            return Some(due_in);
        }
        self.keep(window, now);
        None
    }

    /// Writes the session into this window's file; whether it is there.
    fn keep(&mut self, window: &mut Window, now: Duration) -> bool {
        let Some(autosave) = &mut self.autosave else { return false };
        let Err(error) = autosave.keep(&window.player().session(), now) else { return true };
        window.tell(format!(
            "The session cannot be kept for the case of a crash: {error}. Save it under a name."
        ));
        // One complaint will do.
        self.autosave = None;
        false
    }

    /// The window is closed: what somebody did not save is put among the saved sessions, in place
    /// of what was there the time before.
    ///
    /// # Errors
    /// One line: what the file system refuses; the next window will then offer what is left.
    pub fn close(&mut self, window: &Window) -> Result<(), String> {
        if let Some(session) = window.unsaved() {
            let home = Home::Named(UNSAVED.to_owned());
            let saved = self.shelf.save(&home, &session, Existing::Replaced);
            saved.map_err(|error| error.to_string())?;
        }
        let ended = self.autosave.take().map_or(Ok(()), Autosave::end);
        ended.map_err(|error| format!("what was kept for a crash cannot be taken away: {error}"))
    }
}

/// An error as a line in the window; a path at its beginning stays as it is.
fn said(error: &FileError) -> String {
    match error {
        FileError::NoHome => words::sentence(&error.to_string()),
        FileError::Name { .. }
        | FileError::File { .. }
        | FileError::Unfit { .. }
        | FileError::Taken { .. }
        | FileError::Session(_) => format!("{error}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::Library;
    use crate::player::{Command, Player};
    use std::fs;
    use tempfile::{TempDir, tempdir};

    const NOW: Duration = Duration::from_secs(9);

    /// A window that is opened over this folder.
    fn start(dir: &Path) -> (Archive, Window) {
        let mut archive = Archive::open(Some(dir.to_owned()));
        let (progress, settings) = archive.kept();
        let mut window = Window::new(Player::new(Library::built_in(), progress, settings));
        archive.greet(&mut window);
        (archive, window)
    }

    fn folder() -> TempDir {
        tempdir().expect("a temporary folder can be made")
    }

    /// Has the player obey, and does what follows.
    fn obey(archive: &mut Archive, window: &mut Window, command: Command) {
        let effects = window.player.obey(command);
        archive.carry_out_all(effects, window, NOW);
    }

    fn go_on(archive: &mut Archive, window: &mut Window) {
        obey(archive, window, Command::OpenLesson("the-full-picture".to_owned()));
        obey(archive, window, Command::Last);
        obey(archive, window, Command::Continue);
        obey(archive, window, Command::SetNotes("so far".to_owned()));
        assert_eq!(archive.keep_in_time(window, NOW), None);
    }

    #[test]
    fn after_a_crash_everything_comes_back_with_the_lesson() {
        let dir = folder();
        let (mut archive, mut window) = start(dir.path());
        go_on(&mut archive, &mut window);
        let before = window.player().session();
        drop((archive, window));

        let (mut archive, mut window) = start(dir.path());
        let offer = window.state.filing.left.clone().expect("something was left behind");
        assert!(offer.contains("The full picture") && offer.contains("with notes"), "{offer}");
        archive.carry_out_all(vec![Effect::Recover], &mut window, NOW);
        assert_eq!(window.state.filing.left, None);
        assert_eq!(window.player().session(), before);
        assert_eq!(window.player().walk().step_idx(), 1);
        // This window dies at once.
        drop((archive, window));

        let (mut archive, mut window) = start(dir.path());
        assert!(window.state.filing.left.is_some());
        archive.carry_out_all(vec![Effect::Discard], &mut window, NOW);
        assert_eq!(window.state.filing.left, None);
        assert_eq!(window.player().walk().step_idx(), 1, "progress is not a session");
        archive.close(&window).expect("it can be taken away");
        assert_eq!(start(dir.path()).1.state.filing.left, None);
    }

    #[test]
    fn a_window_that_is_closed_offers_nothing_and_keeps_what_was_not_saved() {
        let dir = folder();
        let unsaved = Home::Named(UNSAVED.to_owned());
        let (mut archive, window) = start(dir.path());
        archive.close(&window).expect("there is nothing to keep");
        assert!(archive.shelf.open(&unsaved).is_err());

        let (mut archive, mut window) = start(dir.path());
        go_on(&mut archive, &mut window);
        let session = window.player().session();
        archive.close(&window).expect("it can be taken away");
        let opened = archive.shelf.open(&unsaved).expect("it is kept");
        assert_eq!(opened, Opened::Session(Box::new(session)));
        archive.shelf.delete(UNSAVED).expect("it is there");
        drop((archive, window));

        let (mut archive, mut window) = start(dir.path());
        assert_eq!(window.state.filing.left, None);
        go_on(&mut archive, &mut window);
        let home = Home::Named("Mine".to_owned());
        let save = vec![Effect::SaveSession(home.clone(), Existing::Stays)];
        archive.carry_out_all(save, &mut window, NOW);
        assert_eq!(window.unsaved(), None);
        obey(&mut archive, &mut window, Command::Last);
        assert_eq!(window.unsaved(), None, "looking about changes nothing");
        archive.carry_out_all(vec![Effect::OpenFile(home)], &mut window, NOW);
        archive.close(&window).expect("it can be taken away");
        assert!(archive.shelf.open(&unsaved).is_err(), "it is saved already");
        obey(&mut archive, &mut window, Command::SetNotes("more".to_owned()));
        assert!(window.unsaved().is_some());
    }

    #[test]
    fn what_is_damaged_is_said_in_the_window_and_nothing_is_lost() {
        let dir = folder();
        for name in ["progress.ron", "settings.ron"] {
            fs::write(dir.path().join(name), "(version: 1, contents: (op").expect("it can be");
        }
        fs::create_dir(dir.path().join("open")).expect("it can be made");
        fs::write(dir.path().join("open/window-1.ron"), "(").expect("it can be written");
        let (_archive, window) = start(dir.path());
        let news = &window.state.filing.news;
        for part in ["progress.damaged-1", "settings.damaged-1", "window-1.damaged-1"] {
            assert_eq!(news.iter().filter(|words| words.contains(part)).count(), 1, "{news:?}");
        }
    }

    #[test]
    fn what_cannot_be_opened_changes_nothing_and_says_why() {
        let dir = folder();
        let (mut archive, mut window) = start(dir.path());
        go_on(&mut archive, &mut window);
        let before = window.player().clone();
        let mut session = before.session();
        session.branches[0].edits = vec![crate::player::SavedEdit {
            at_ns: 0,
            after: Some(100_000),
            edit: crate::sim::Edit::PollEvery(9),
        }];
        for (name, text) in [
            ("damaged.ron", "(version: 1, branches: [".to_owned()),
            ("newer.ron", "(version: 9, branches: [])".to_owned()),
            ("impossible.ron", session.to_text()),
        ] {
            let path = dir.path().join(name);
            fs::write(&path, text).expect("it can be written");
            let effects = vec![Effect::OpenFile(Home::File(path))];
            archive.carry_out_all(effects, &mut window, NOW);
            let notice = window.state.filing.notice.clone();
            let Some(super::super::filing::Notice::Failed(why)) = notice else {
                panic!("{notice:?}");
            };
            assert!(why.contains(name), "{why}");
            assert_eq!(window.player().session(), before.session());
            assert_eq!(window.title(), "wirestep");
        }
    }

    #[test]
    fn a_lesson_that_is_changed_is_taken_in_and_a_broken_one_loses_nothing() {
        let dir = folder();
        let path = dir.path().join("mine.ron");
        let lesson = include_str!("../../tests/broken/sound.ron");
        let write = |text: &str| fs::write(&path, text).expect("it can be written");
        write(lesson);
        let (mut archive, mut window) = start(dir.path());
        archive.reload(&mut window, NOW);
        assert_eq!(archive.authored(), None, "a lesson of the course has no file");
        let open = vec![Effect::OpenFile(Home::File(path.clone()))];
        archive.carry_out_all(open, &mut window, NOW);
        assert_eq!(archive.authored(), Some(path.as_path()));
        obey(&mut archive, &mut window, Command::Answer(0));
        obey(&mut archive, &mut window, Command::Continue);
        let before = window.player().clone();

        write(&lesson.replace("question:", "qestion:"));
        archive.reload(&mut window, NOW);
        let said: Vec<_> = window.state.mistakes.iter().map(ToString::to_string).collect();
        assert!(said[0].starts_with("mine.ron:26:17: there is no field `qestion`"), "{said:?}");
        assert_eq!(*window.player(), before);

        write(&lesson.replace("What comes next?", "What follows?"));
        archive.reload(&mut window, NOW);
        assert_eq!(window.state.mistakes, []);
        let walk = window.player().walk();
        assert_eq!((walk.step_idx(), walk.predictions().len()), (1, 1));
        assert_eq!(walk.step().map(|step| step.text.as_str()), Some("What follows?"));
        assert_eq!(window.player().session(), before.session());
    }
}
