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
        let failed = |source| FileError::File { path: path.clone(), source };
        if path.is_dir() {
            let why = "it is a folder; name a file".to_owned();
            return Err(FileError::Unfit { path, why });
        }
        let mut text = String::new();
        let file = File::open(&path).map_err(failed)?;
        file.take(Opened::MAX_LEN + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > Opened::MAX_LEN {
            let why = format!("it is larger than {} bytes", Opened::MAX_LEN);
            return Err(FileError::Unfit { path, why });
        }
        Ok(Opened::read(&text, &path.display().to_string())?)
    }

    /// Takes away a session with a name.
    pub(super) fn delete(&self, name: &str) -> Result<(), FileError> {
        let path = self.path(&Home::Named(name.to_owned()))?;
        fs::remove_file(&path).map_err(|source| FileError::File { path, source })
    }

    fn path(&self, home: &Home) -> Result<PathBuf, FileError> {
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
    Err(FileError::Name { name: name.to_owned(), why })
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
