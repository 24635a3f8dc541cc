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
