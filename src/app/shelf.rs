//! The shelf: sessions in files, by name in a folder of our own or anywhere by path.
//!
//! **Law:** a file is replaced whole or not at all.
//! **Invariant:** whatever cannot be done is one line that names the file and the reason.

use super::storage::{Over, write_whole};
use crate::player::{Existing, Home, Opened, Session, SessionError};
use directories::BaseDirs;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The most bytes of a name, so that its file has a name in every file system.
const MAX_NAME: usize = 200;

/// What no name has: it would be no file name, on this system or on another.
const NOT_IN_NAMES: [char; 9] = ['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// Where sessions are kept.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    /// The folder of those with names; none where the system knows no home folder.
    dir: Option<PathBuf>,
}

/// A session on the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) len: u64,
    /// How long ago it was written, where the file system knows.
    pub(super) age: Option<Duration>,
}

/// Why a file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error("no home folder is known on this system; save to a file by its path")]
    NoHome,
    #[error("“{name}” cannot be a name: {why}")]
    Name { name: String, why: String },
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{path}: {why}", path = path.display())]
    Unfit { path: PathBuf, why: String },
    #[error("{path}: it is there already", path = path.display())]
    Taken { path: PathBuf },
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Shelf {
    /// A shelf in this folder, which is made when something is put there.
    pub(super) fn new(dir: Option<PathBuf>) -> Self {
        Self { dir }
    }

    /// The sessions with names, the last one written first.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, FileError> {
        let Some(dir) = &self.dir else { return Ok(Vec::new()) };
        let failed = |source| FileError::File { path: dir.clone(), source };
        let files = match fs::read_dir(dir) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut entries = Vec::new();
        for file in files {
            let path = file.map_err(failed)?.path();
            entries.extend(entry(&path));
        }
        let newest = |entry: &Entry| entry.age.unwrap_or(Duration::MAX);
        entries.sort_by(|a, b| newest(a).cmp(&newest(b)).then_with(|| a.name.cmp(&b.name)));
        Ok(entries)
    }

    /// Writes a session.
    pub(super) fn save(
        &self,
        home: &Home,
        session: &Session,
        existing: Existing,
    ) -> Result<(), FileError> {
        let path = self.path(home)?;
        if let (Home::Named(_), Some(dir)) = (home, &self.dir) {
            fs::create_dir_all(dir)
                .map_err(|source| FileError::File { path: dir.clone(), source })?;
        }
        // A link stays one: what it leads to is written.
        let path = fs::canonicalize(&path).unwrap_or(path);
        if path.is_dir() {
            return Err(FileError::Unfit { path, why: "it is a folder; name a file".to_owned() });
        }
        let over = match existing {
            Existing::Stays => Over::Nothing,
            Existing::Replaced => Over::WhatIsThere,
        };
        match write_whole(&path, session.to_text().as_bytes(), over) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(FileError::Taken { path })
            }
            written => written.map_err(|source| FileError::File { path, source }),
        }
    }

    /// Reads a session, a scenario or a lesson.
    pub(super) fn open(&self, home: &Home) -> Result<Opened, FileError> {
        let path = self.path(home)?;
        Ok(Opened::read(&read(&path)?, &path.display().to_string())?)
    }

    /// Takes away a session with a name.
    pub(super) fn delete(&self, name: &str) -> Result<(), FileError> {
        let path = self.path(&Home::Named(name.to_owned()))?;
        fs::remove_file(&path).map_err(|source| FileError::File { path, source })
    }

    pub(super) fn path(&self, home: &Home) -> Result<PathBuf, FileError> {
        match home {
            Home::File(path) => Ok(at_home(path)),
            Home::Named(name) => {
                check(name)?;
                let dir = self.dir.as_ref().ok_or(FileError::NoHome)?;
                Ok(dir.join(format!("{name}.ron")))
            }
        }
    }
}

/// Reads a file of ours.
pub(super) fn read(path: &Path) -> Result<String, FileError> {
    let failed = |source| FileError::File { path: path.to_owned(), source };
    let unfit = |why| FileError::Unfit { path: path.to_owned(), why };
    if path.is_dir() {
        return Err(unfit("it is a folder; name a file".to_owned()));
    }
    let mut text = String::new();
    let file = File::open(path).map_err(failed)?;
    file.take(Opened::MAX_LEN + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > Opened::MAX_LEN {
        return Err(unfit(format!("it is larger than {} bytes", Opened::MAX_LEN)));
    }
    Ok(text)
}

fn entry(path: &Path) -> Option<Entry> {
    if path.extension()? != "ron" {
        return None;
    }
    let name = path.file_stem()?.to_str()?.to_owned();
    check(&name).ok()?;
    let metadata = path.metadata().ok().filter(fs::Metadata::is_file)?;
    let age = metadata.modified().ok().and_then(|written| written.elapsed().ok());
    Some(Entry { name, len: metadata.len(), age })
}

fn check(name: &str) -> Result<(), FileError> {
    let why = if name.trim().is_empty() {
        "it says nothing".to_owned()
    } else if let Some(c) = name.chars().find(|c| NOT_IN_NAMES.contains(c) || c.is_control()) {
        format!("a name has no {c:?}; a path goes into the field below")
    } else if name.starts_with('.') || name.ends_with('.') || name.trim() != name {
        "it begins or ends with a dot or a blank".to_owned()
    } else if name.len() > MAX_NAME {
        format!("it has more than {MAX_NAME} bytes")
    } else {
        return Ok(());
    };
    // It is said in one line.
    Err(FileError::Name { name: name.replace(char::is_control, " "), why })
}

/// The path, with the home folder in place of a `~` at its beginning.
fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), BaseDirs::new()) {
        (Ok(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => path.to_owned(),
    }
}

/// How long ago something was, for people.
pub(super) fn ago(age: Option<Duration>) -> String {
    let Some(age) = age else { return "some time ago".to_owned() };
    let minutes = age.as_secs() / 60;
    let (n, unit) = match minutes {
        0 => return "just now".to_owned(),
        1..60 => (minutes, "minute"),
        60..1440 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    format!("{n} {unit}{} ago", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::Library;
    use crate::player::{Player, Progress, Settings};
    use tempfile::{TempDir, tempdir};

    fn shelf() -> (TempDir, Shelf) {
        let dir = tempdir().expect("a temporary folder can be made");
        let shelf = Shelf::new(Some(dir.path().join("sessions")));
        (dir, shelf)
    }

    fn session() -> Session {
        Player::new(Library::built_in(), Progress::default(), Settings::default()).session()
    }

    fn named(name: &str) -> Home {
        Home::Named(name.to_owned())
    }

    #[test]
    fn what_is_saved_is_listed_opened_and_deleted() {
        let (_dir, shelf) = shelf();
        assert_eq!(shelf.entries().expect("an empty shelf is one").len(), 0);
        for name in ["Größe 2", "a.b"] {
            shelf.save(&named(name), &session(), Existing::Stays).expect("it can be saved");
            let opened = shelf.open(&named(name)).expect("it was just saved");
            assert_eq!(opened, Opened::Session(Box::new(session())));
        }
        let entries = shelf.entries().expect("there are two");
        let mut names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["Größe 2", "a.b"]);
        assert!(entries.iter().all(|entry| entry.len > 100 && entry.age.is_some()));
        shelf.delete("a.b").expect("it is there");
        assert_eq!(shelf.entries().expect("there is one").len(), 1);
        let error = shelf.delete("a.b").expect_err("it is gone").to_string();
        assert!(error.contains("a.b.ron"), "{error}");
    }

    #[test]
    fn what_is_there_is_replaced_only_where_that_was_asked_for() {
        let (dir, shelf) = shelf();
        let path = dir.path().join("notes.txt");
        fs::write(&path, "mine").expect("it can be written");
        let home = Home::File(path.clone());
        let error = shelf.save(&home, &session(), Existing::Stays).expect_err("it is there");
        assert!(matches!(error, FileError::Taken { .. }), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "mine");
        shelf.save(&home, &session(), Existing::Replaced).expect("it can be replaced");
        assert!(shelf.open(&home).is_ok());
        let files = fs::read_dir(dir.path()).expect("the folder is there").count();
        assert_eq!(files, 1, "no temporary file is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one_and_others_may_read_what_is_saved() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (dir, shelf) = shelf();
        let (path, link) = (dir.path().join("a.ron"), dir.path().join("link.ron"));
        shelf.save(&Home::File(path.clone()), &session(), Existing::Stays).expect("it can be");
        let plain = dir.path().join("plain");
        fs::write(&plain, "").expect("it can be written");
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode();
        assert_eq!(mode(&path), mode(&plain));
        symlink(&path, &link).expect("links can be made");
        shelf.save(&Home::File(link.clone()), &session(), Existing::Replaced).expect("it can be");
        assert!(link.is_symlink() && !path.is_symlink());
    }

    #[test]
    fn names_that_are_no_file_names_are_refused() {
        let (_dir, shelf) = shelf();
        for name in ["", " ", "a/b", "..", ".a", "a.", " a", "a\\b", "a\nb", "C:", &"x".repeat(201)]
        {
            let error = shelf.save(&named(name), &session(), Existing::Stays);
            let error = error.expect_err("that is no name").to_string();
            assert!(error.contains("cannot be a name") && !error.contains('\n'), "{error}");
            assert!(shelf.open(&named(name)).is_err() && shelf.delete(name).is_err());
        }
        assert_eq!(shelf.entries().expect("an empty shelf is one").len(), 0);
    }

    #[test]
    fn what_cannot_be_read_or_written_names_file_and_reason() {
        let (dir, shelf) = shelf();
        let path = |name: &str| Home::File(dir.path().join(name));
        fs::write(dir.path().join("binary"), b"\xff\xfe").expect("it can be written");
        fs::write(dir.path().join("damaged"), "(version: 1, branches: [").expect("it can be");
        fs::write(dir.path().join("newer"), "(version: 9, branches: [])").expect("it can be");
        fs::write(dir.path().join("large"), " ".repeat(5 << 20)).expect("it can be");
        for (name, why) in [
            ("missing", "No such file"),
            ("", "it is a folder"),
            ("binary", "valid UTF-8"),
            ("damaged", ":1:"),
            ("newer", "version 9"),
            ("large", "larger than"),
        ] {
            let error = shelf.open(&path(name)).expect_err("it cannot be read").to_string();
            assert!(error.contains(why) && error.contains(name), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
        for (home, why) in [(path("no/such/folder"), "No such file"), (path(""), "it is a folder")]
        {
            let error = shelf.save(&home, &session(), Existing::Replaced);
            let error = error.expect_err("it cannot be written").to_string();
            assert!(error.contains(why), "{error}");
        }
        let homeless = Shelf::new(None);
        let error = homeless.save(&named("a"), &session(), Existing::Stays);
        assert!(matches!(error, Err(FileError::NoHome)), "{error:?}");
    }

    #[test]
    fn a_tilde_is_the_home_folder_only_at_the_beginning() {
        let Some(dirs) = BaseDirs::new() else { return };
        assert_eq!(at_home(Path::new("~/a/b")), dirs.home_dir().join("a/b"));
        assert_eq!(at_home(Path::new("~")), dirs.home_dir().join(""));
        for path in ["a/~/b", "~b", "/a"] {
            assert_eq!(at_home(Path::new(path)), Path::new(path));
        }
    }

    #[test]
    fn ages_are_told_in_the_unit_that_fits() {
        let told = |secs| ago(Some(Duration::from_secs(secs)));
        assert_eq!(told(59), "just now");
        assert_eq!(told(60), "1 minute ago");
        assert_eq!(told(3599), "59 minutes ago");
        assert_eq!(told(7200), "2 hours ago");
        assert_eq!(told(86_400), "1 day ago");
        assert_eq!(told(864_000), "10 days ago");
        assert_eq!(ago(None), "some time ago");
    }
}
