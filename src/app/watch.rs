//! Watching a file: a thread looks at it twice a second and wakes the window when it was changed.
//!
//! **Invariant:** while the file stays as it is, nothing wakes; a file that is still being written, or
//! is gone while it is replaced, is not spoken of before it has settled.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

/// How often a file is looked at.
const PERIOD: Duration = Duration::from_millis(500);

/// A file that is watched until this is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    /// Set where the file has changed and nobody has asked since; shared with the thread, which
    /// ends when it is alone with it.
    changed: Arc<AtomicBool>,
}

impl Watch {
    /// Watches a file as it is at this moment; calls `wake` each time that it was changed.
    #[expect(clippy::disallowed_methods, reason = "the shell is where files are watched")]
    pub(super) fn start(path: &Path, wake: impl Fn() + Send + 'static) -> Self {
        let changed = Arc::new(AtomicBool::new(false));
        let watch = Self { path: path.to_owned(), changed: Arc::clone(&changed) };
        let (path, mut state) = (path.to_owned(), Settled::new(Stamp::of(path)));
        std::thread::spawn(move || {
            while Arc::strong_count(&changed) > 1 {
                std::thread::sleep(PERIOD);
                if state.note(Stamp::of(&path)) {
                    changed.store(true, Ordering::Relaxed);
                    wake();
                }
            }
        });
        watch
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it was changed since this was asked last.
    pub(super) fn take_change(&self) -> bool {
        self.changed.swap(false, Ordering::Relaxed)
    }
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<Duration>,
}

impl Stamp {
    /// How a file is; `None` where there is none.
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let modified = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Some(Self { len: metadata.len(), modified })
    }
}

/// What was told of a file, and what may become of it.
#[derive(Debug)]
struct Settled {
    known: Option<Stamp>,
    last: Option<Stamp>,
}

impl Settled {
    fn new(stamp: Option<Stamp>) -> Self {
        Self { known: stamp, last: stamp }
    }

    /// Notes how the file is; whether it has changed and then stayed so from one look to the next.
    fn note(&mut self, stamp: Option<Stamp>) -> bool {
        let settled = stamp == self.last;
        self.last = stamp;
        let news = settled && stamp.is_some() && stamp != self.known;
        if news {
            self.known = stamp;
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_it_has_settled_and_only_once() {
        let stamp = |len| Some(Stamp { len, modified: None });
        let mut state = Settled::new(stamp(1));
        let seen = [
            (stamp(1), false),
            (stamp(2), false),
            (stamp(3), false),
            (stamp(3), true),
            (stamp(3), false),
            (None, false),
            (None, false),
            (stamp(3), false),
            (stamp(3), false),
            (stamp(4), false),
            (stamp(4), true),
        ];
        for (idx, (stamp, news)) in seen.into_iter().enumerate() {
            assert_eq!(state.note(stamp), news, "{idx}");
        }
    }

    #[test]
    fn a_file_that_is_written_anew_is_another() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a.ron");
        assert_eq!(Stamp::of(&path), None);
        fs::write(&path, "one").expect("it can be written");
        let before = Stamp::of(&path);
        fs::write(&path, "three").expect("it can be written");
        assert_ne!(Stamp::of(&path), before);
    }
}
