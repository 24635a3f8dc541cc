//! Autosaves: each open window keeps its session in a file of its own, for the day it dies.
//!
//! **Law:** no window takes the file of another that lives: whoever holds the lock beside a file
//! owns it, and the system lets go of the locks of those that die.
//! **Invariant:** knows no clock: the shell says what time it is.

use super::storage::{Over, set_aside, write_whole};
use crate::player::Session;
use crate::run::Position;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The most windows that are open at once.
const MAX_WINDOWS: usize = 64;

/// A file in which a window keeps its session, held by its lock.
#[derive(Debug)]
struct Slot {
    path: PathBuf,
    /// Unlocked when it is closed, be it by the system.
    _lock: File,
}

/// The file of this window, and when it is to be written.
#[derive(Debug)]
pub(super) struct Autosave {
    slot: Slot,
    due: Due,
}

/// What a window that died has left behind; no other window is offered it meanwhile.
#[derive(Debug)]
pub(super) struct Left {
    slot: Slot,
    pub(super) session: Session,
    /// How long ago it was written, where the file system knows.
    pub(super) age: Option<Duration>,
}

/// What is found in the folder when a window opens.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The file of this window, if there is one.
    pub(super) own: Option<Autosave>,
    /// What others have left behind.
    pub(super) left: Vec<Left>,
    /// What could not be read, and where it was put.
    pub(super) damaged: Vec<String>,
}

impl Autosave {
    /// Looks at what other windows have left in the folder, and takes a file there for this one.
    ///
    /// # Errors
    /// What the file system refuses; there is no autosave then.
    pub(super) fn begin(dir: &Path) -> io::Result<Found> {
        fs::create_dir_all(dir)?;
        let mut found = Found::default();
        for n in 1..=MAX_WINDOWS {
            let lock_path = dir.join(format!("window-{n}.lock"));
            // Locks stay in the folder, so behind the first that is missing there is nothing.
            let last = !lock_path.exists();
            if last && found.own.is_some() {
                break;
            }
            let lock = File::options().create(true).append(true).open(&lock_path)?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => return Err(error),
            }
            let slot = Slot { path: dir.join(format!("window-{n}.ron")), _lock: lock };
            found.take(slot)?;
        }
        Ok(found)
    }

    /// Takes note that the session has changed, or else that somebody has moved in it.
    pub(super) fn note(&mut self, change: Change, now: Duration) {
        self.due.note(change, now);
    }

    /// How long it is until the session is to be written; none if it need not be.
    pub(super) fn due_in(&self, now: Duration) -> Option<Duration> {
        self.due.at.map(|at| at.saturating_sub(now))
    }

    /// Writes the session.
    pub(super) fn keep(&mut self, session: &Session, now: Duration) -> io::Result<()> {
        self.due = Due { at: None, written: Some(now), place: self.due.place };
        write_whole(&self.slot.path, session.to_text().as_bytes(), Over::WhatIsThere)
    }

    /// The window is closed and has nothing to fear.
    pub(super) fn end(self) -> io::Result<()> {
        self.slot.clear()
    }
}

impl Left {
    /// Takes it away: it is brought back, or nobody wants it.
    pub(super) fn clear(self) -> io::Result<()> {
        self.slot.clear()
    }
}

impl Slot {
    fn clear(self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Found {
    /// Takes a slot that no living window holds: it has something left in it, or it is free.
    fn take(&mut self, slot: Slot) -> io::Result<()> {
        let text = match fs::read_to_string(&slot.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.own.get_or_insert(Autosave { slot, due: Due::default() });
                return Ok(());
            }
            Err(error) if error.kind() == ErrorKind::InvalidData => String::new(),
            Err(error) => return Err(error),
        };
        match Session::read(&text, &slot.path.display().to_string()) {
            Ok(session) => {
                let written = fs::metadata(&slot.path).and_then(|metadata| metadata.modified());
                let age = written.ok().and_then(|written| written.elapsed().ok());
                self.left.push(Left { slot, session, age });
            }
            Err(error) => {
                let aside = set_aside(&slot.path)?;
                let aside = aside.display();
                self.damaged.push(format!(
                    "What a window that was not closed has left cannot be read: {error}. It is \
                     kept as {aside}."
                ));
                self.own.get_or_insert(Autosave { slot, due: Due::default() });
            }
        }
        Ok(())
    }
}

/// What has happened to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It is another than before.
    Content,
    /// Somebody stands elsewhere in it.
    Place(Position),
}

/// When the session is to be written.
#[derive(Clone, Copy, Debug, Default)]
struct Due {
    at: Option<Duration>,
    written: Option<Duration>,
    /// Where somebody stood last.
    place: Option<Position>,
}

impl Due {
    /// How long it is at least from one writing to the next.
    const CONTENT_EVERY: Duration = Duration::from_millis(500);
    /// How long it is at least where only the place is another.
    const PLACE_EVERY: Duration = Duration::from_secs(3);

    fn note(&mut self, change: Change, now: Duration) {
        let every = match change {
            Change::Content => Self::CONTENT_EVERY,
            Change::Place(place) => {
                let before = self.place.replace(place);
                // Where the window begins, nobody has moved yet.
                if before.is_none_or(|before| before == place) {
                    return;
                }
                Self::PLACE_EVERY
            }
        };
        let earliest = match self.written {
            None => now,
            Some(written) => now.max(written + every),
        };
        self.at = Some(self.at.map_or(earliest, |at| at.min(earliest)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::Library;
    use crate::player::{Command, Player, Progress, Settings};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tempfile::{TempDir, tempdir};

    fn folder() -> TempDir {
        tempdir().expect("a temporary folder can be made")
    }

    fn begin(dir: &Path) -> Found {
        Autosave::begin(dir).expect("the folder can be written")
    }

    fn own(dir: &Path) -> Autosave {
        begin(dir).own.expect("a file is free")
    }

    fn session(notes: &str) -> Session {
        let player = Player::new(Library::built_in(), Progress::default(), Settings::default());
        let mut player = player;
        player.obey(Command::SetNotes(notes.to_owned()));
        player.session()
    }

    fn keep(autosave: &mut Autosave, notes: &str) {
        autosave.keep(&session(notes), Duration::ZERO).expect("it can be written");
    }

    /// The window dies: the system lets go of its lock, and its file stays.
    fn die(autosave: Autosave) {
        drop(autosave);
    }

    fn notes_left(found: &Found) -> Vec<String> {
        found.left.iter().map(|left| left.session.notes.concat()).collect()
    }

    #[test]
    fn what_a_dead_window_has_left_is_found_once() {
        let dir = folder();
        let mut first = own(dir.path());
        keep(&mut first, "old");
        keep(&mut first, "kept");
        die(first);
        let found = begin(dir.path());
        assert_eq!(notes_left(&found), ["kept"]);
        assert!(found.left[0].age.is_some_and(|age| age < Duration::from_mins(1)));
        // A window that opens meanwhile is not offered the same.
        assert_eq!(notes_left(&begin(dir.path())), [""; 0]);
        // Nobody has decided: the next window is offered it again.
        drop(found);
        let mut found = begin(dir.path());
        assert_eq!(notes_left(&found), ["kept"]);
        found.left.remove(0).clear().expect("it can be taken away");
        drop(found);
        assert_eq!(notes_left(&begin(dir.path())), [""; 0]);
    }

    #[test]
    fn no_window_takes_the_file_of_another_that_lives() {
        let dir = folder();
        let mut windows: Vec<_> = (0..3).map(|_| own(dir.path())).collect();
        for (n, window) in windows.iter_mut().enumerate() {
            keep(window, &n.to_string());
        }
        let found = begin(dir.path());
        assert!(found.left.is_empty() && found.damaged.is_empty());
        drop(found);
        die(windows.remove(1));
        let found = begin(dir.path());
        assert_eq!(notes_left(&found), ["1"]);
        let mut own = found.own.expect("a file is free");
        keep(&mut own, "another");
        for window in windows.into_iter().chain([own]) {
            window.end().expect("it can be taken away");
        }
        assert_eq!(notes_left(&begin(dir.path())), [""; 0], "it is held by the one who found it");
        drop(found.left);
        assert_eq!(notes_left(&begin(dir.path())), ["1"]);
    }

    #[test]
    fn windows_that_open_at_once_find_one_file_each() {
        let dir = folder();
        let mut dead = own(dir.path());
        keep(&mut dead, "left");
        die(dead);
        let n_left = AtomicUsize::new(0);
        let mut found: Vec<Found> = Vec::new();
        #[expect(clippy::disallowed_methods, reason = "windows are processes of their own")]
        std::thread::scope(|scope| {
            let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| begin(dir.path()))).collect();
            for window in opening {
                let window = window.join().expect("it opens");
                n_left.fetch_add(window.left.len(), Ordering::Relaxed);
                found.push(window);
            }
        });
        assert_eq!(n_left.into_inner(), 1);
        let own = found.iter().filter_map(|found| found.own.as_ref());
        let mut paths: Vec<_> = own.map(|own| own.slot.path.clone()).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), 8);
    }

    #[test]
    fn a_window_that_is_closed_leaves_nothing() {
        let dir = folder();
        own(dir.path()).end().expect("there was nothing yet");
        let mut window = own(dir.path());
        keep(&mut window, "a");
        window.end().expect("it can be taken away");
        let found = begin(dir.path());
        assert!(found.left.is_empty() && found.damaged.is_empty() && found.own.is_some());
    }

    #[test]
    fn what_is_damaged_is_set_aside_and_told() {
        for (text, why) in [
            (&b"(version: 1, scenario: ("[..], "window-1.ron:1:"),
            (b"(version: 2, weather: 7)", "this program reads up to 1"),
            (b"", "window-1.ron:1:"),
            (b"\xff\xfe", "window-1.ron:1:"),
        ] {
            let dir = folder();
            fs::write(dir.path().join("window-1.ron"), text).expect("it can be written");
            let found = begin(dir.path());
            assert!(found.left.is_empty());
            let [told] = &found.damaged[..] else { panic!("{:?}", found.damaged) };
            assert!(told.contains(why) && told.contains("window-1.damaged-1"), "{told}");
            let aside = fs::read(dir.path().join("window-1.damaged-1")).expect("it is there");
            assert_eq!(aside, text);
            let mut own = found.own.expect("its place is free");
            keep(&mut own, "a");
            drop(own);
            assert_eq!(notes_left(&begin(dir.path())), ["a"]);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_is_an_error() {
        let dir = folder();
        let file = dir.path().join("file");
        fs::write(&file, "in the way").expect("it can be written");
        assert!(Autosave::begin(&file).is_err());
    }

    #[test]
    fn content_is_written_soon_and_the_place_now_and_then() {
        let ms = Duration::from_millis;
        let place = |n_moves| Change::Place(Position { n_moves, ..Position::default() });
        let dir = folder();
        let mut autosave = own(dir.path());
        autosave.note(place(0), ms(0));
        autosave.note(place(0), ms(10));
        assert_eq!(autosave.due_in(ms(10)), None, "nobody has moved");
        autosave.note(Change::Content, ms(20));
        assert_eq!(autosave.due_in(ms(20)), Some(ms(0)));
        autosave.keep(&session("a"), ms(20)).expect("it can be written");
        assert_eq!(autosave.due_in(ms(21)), None);
        for (n, at) in (1..).zip([100, 200, 300]) {
            autosave.note(place(n), ms(at));
            assert_eq!(autosave.due_in(ms(at)), Some(ms(3020 - at)));
        }
        autosave.note(Change::Content, ms(320));
        assert_eq!(autosave.due_in(ms(320)), Some(ms(200)), "content comes before");
        assert_eq!(autosave.due_in(ms(9000)), Some(ms(0)));
    }
}
