//! Keeps what outlives the window (progress, settings) in small RON files.
//!
//! **Law:** a file is replaced whole or not at all.
//! **Law:** a file that cannot be read is set aside and reported, never deleted and never fatal.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A folder of named RON files, each with the version of its contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    dir: PathBuf,
}

/// What [`Storage::load`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded<T> {
    /// Nothing was kept under this name yet.
    Fresh,
    /// What was kept.
    Read(T),
    /// What was kept could not be used; start afresh and tell the user.
    SetAside {
        /// Where the file is kept: its old path only if it could not be moved.
        path: PathBuf,
        /// Why it could not be used, as a clause without a full stop.
        reason: String,
    },
}

/// Why nothing could be kept.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The system names no home folder, and no folder was given.
    #[error("no home folder is known on this system; name a folder to keep progress in")]
    NoHome,
    /// The contents have no RON form.
    #[error("cannot write {path} as RON: {source}", path = path.display())]
    Encode {
        /// The file that would have been written.
        path: PathBuf,
        /// What the encoder refused.
        source: ron::Error,
    },
    /// The file system refused.
    #[error("cannot save {path}: {source}; what was saved before is untouched", path = path.display())]
    Write {
        /// The file that would have been written.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
}

/// The outermost value of a kept file.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    version: u32,
    contents: T,
}

/// The part of [`Kept`] that every version shares.
#[derive(Deserialize)]
struct Header {
    version: u32,
}

impl Storage {
    /// Names the folder to keep files in: `dir`, or the user's data folder for this program.
    ///
    /// Touches no disk: the folder is created by the first [`Storage::save`].
    ///
    /// # Errors
    /// [`StorageError::NoHome`] if `dir` is `None` and the system names no home folder.
    pub fn open(dir: Option<PathBuf>) -> Result<Self, StorageError> {
        let dir = match dir {
            Some(dir) => dir,
            None => ProjectDirs::from("", "", "wirestep")
                .ok_or(StorageError::NoHome)?
                .data_dir()
                .to_owned(),
        };
        Ok(Self { dir })
    }

    /// The folder the files are kept in.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Reads what was kept under `name`, written by this `version` or an older one.
    ///
    /// An older file is read if `T` still accepts it; give fields added later a serde default.
    #[must_use]
    pub fn load<T: DeserializeOwned>(&self, name: &str, version: u32) -> Loaded<T> {
        let reason = match fs::read_to_string(self.path(name)) {
            Ok(text) => match decode(&text, version) {
                Ok(contents) => return Loaded::Read(contents),
                Err(reason) => reason,
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Loaded::Fresh,
            Err(error) => format!("it cannot be read: {error}"),
        };
        self.set_aside(name, reason)
    }

    /// Replaces what is kept under `name`, atomically.
    ///
    /// # Errors
    /// [`StorageError::Encode`] or [`StorageError::Write`]; the former file is then untouched.
    pub fn save<T: Serialize>(
        &self,
        name: &str,
        version: u32,
        contents: &T,
    ) -> Result<(), StorageError> {
        let path = self.path(name);
        let kept = Kept { version, contents };
        match ron::ser::to_string_pretty(&kept, ron::ser::PrettyConfig::default()) {
            Ok(text) => {
                let written = fs::create_dir_all(&self.dir).and_then(|()| {
                    write_whole(&path, format!("{text}\n").as_bytes(), Over::WhatIsThere)
                });
                written.map_err(|source| StorageError::Write { path, source })
            }
            Err(source) => Err(StorageError::Encode { path, source }),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.ron"))
    }

    fn set_aside<T>(&self, name: &str, reason: String) -> Loaded<T> {
        let path = self.path(name);
        match set_aside(&path) {
            Ok(path) => Loaded::SetAside { path, reason },
            Err(error) => Loaded::SetAside {
                path,
                reason: format!("{reason}; nor can it be moved aside: {error}"),
            },
        }
    }
}

/// What may be written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Nothing: a file that is there already is an error.
    Nothing,
    /// A file that is there already.
    WhatIsThere,
}

/// Writes a file whole or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8], over: Over) -> io::Result<()> {
    // A rename is atomic only within one file system, hence the same folder.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = temporary().tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    // Without this a crash of the machine can leave the new name with no contents.
    file.as_file().sync_all()?;
    let written = match over {
        Over::Nothing => file.persist_noclobber(path),
        Over::WhatIsThere => file.persist(path),
    };
    written.map_err(|error| error.error)?;
    Ok(())
}

/// Temporary files that become files like any other, which others may read where the user says so.
fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

/// Moves a file out of the way; gives where it is.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = (1..=u32::MAX)
        .map(|n| path.with_extension(format!("damaged-{n}")))
        .find(|aside| !aside.exists())
        .expect("a folder holds fewer than 2^32 files");
    fs::rename(path, &aside)?;
    Ok(aside)
}

fn decode<T: DeserializeOwned>(text: &str, version: u32) -> Result<T, String> {
    let Header { version: written } = ron::from_str(text).map_err(|error| damaged(&error))?;
    if written > version {
        return Err(format!(
            "a newer wirestep wrote it (version {written}; this one reads up to {version})"
        ));
    }
    let kept: Kept<T> = ron::from_str(text).map_err(|error| damaged(&error))?;
    Ok(kept.contents)
}

fn damaged(error: &ron::error::SpannedError) -> String {
    format!("it is damaged at {error}")
}

#[cfg(test)]
mod tests {
    use tempfile::{TempDir, tempdir};

    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    enum Answer {
        Open,
        Given(String, u8),
        Locked { right: bool },
    }

    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct Progress {
        lesson: String,
        steps: Vec<(u32, Option<Answer>)>,
        #[serde(default)]
        hints: u32,
    }

    fn storage() -> (TempDir, Storage) {
        let dir = tempdir().expect("a temporary folder can be made");
        let storage = Storage::open(Some(dir.path().join("kept"))).expect("a folder was named");
        (dir, storage)
    }

    fn progress() -> Progress {
        let answers =
            [Answer::Open, Answer::Given("1002 — “no”".into(), 2), Answer::Locked { right: true }];
        Progress {
            lesson: "frames".into(),
            steps: (0..).zip(answers.map(Some)).chain([(9, None)]).collect(),
            hints: 4,
        }
    }

    fn plant(storage: &Storage, text: &[u8]) {
        fs::create_dir_all(storage.dir()).expect("the folder can be made");
        fs::write(storage.path("progress"), text).expect("the file can be written");
    }

    /// Expects `text` to be set aside with a reason that contains `why`, and kept unchanged.
    fn check_set_aside(text: &[u8], why: &str) {
        let (_dir, storage) = storage();
        plant(&storage, text);
        let Loaded::SetAside { path, reason } = storage.load::<Progress>("progress", 2) else {
            panic!("{:?} was not set aside", String::from_utf8_lossy(text));
        };
        assert_eq!(path, storage.dir().join("progress.damaged-1"));
        assert!(reason.contains(why), "{reason:?} does not say {why:?}");
        assert_eq!(fs::read(path).expect("it is still there"), text);
        assert_eq!(storage.load::<Progress>("progress", 2), Loaded::Fresh);
    }

    #[test]
    fn nothing_kept_is_fresh_and_leaves_no_trace() {
        let (_dir, storage) = storage();
        assert_eq!(storage.load::<Progress>("progress", 1), Loaded::Fresh);
        assert!(!storage.dir().exists());
    }

    #[test]
    fn what_is_saved_is_read_back() {
        let (_dir, storage) = storage();
        for hints in 0..3 {
            let saved = Progress { hints, ..progress() };
            storage.save("progress", 1, &saved).expect("it can be saved");
            assert_eq!(storage.load("progress", 1), Loaded::Read(saved));
        }
        let files = fs::read_dir(storage.dir()).expect("the folder is there").count();
        assert_eq!(files, 1, "no temporary file is left behind");
    }

    #[test]
    fn an_older_version_is_read_when_its_shape_still_fits() {
        let (_dir, storage) = storage();
        plant(&storage, br#"(version: 1, contents: (lesson: "a", steps: []))"#);
        let expected = Progress { lesson: "a".into(), steps: Vec::new(), hints: 0 };
        assert_eq!(storage.load("progress", 2), Loaded::Read(expected));
    }

    #[test]
    fn what_cannot_be_used_is_set_aside_with_its_reason() {
        check_set_aside(b"", "damaged at 1:1");
        check_set_aside(b"(version: 2, contents: (lesson: \"a\"", "damaged at 1:");
        check_set_aside(b"(version: 2, contents: (lesson: 7, steps: []))", "damaged at 1:");
        check_set_aside(
            b"(version: 3, contents: (other: [Given(1, \"x\"), Open]))",
            "newer wirestep wrote it (version 3",
        );
        check_set_aside(b"\xff\xfe", "cannot be read");
    }

    #[test]
    fn files_set_aside_do_not_overwrite_each_other() {
        let (_dir, storage) = storage();
        for n in 1..=3 {
            plant(&storage, b"?");
            let Loaded::SetAside { path, .. } = storage.load::<Progress>("progress", 1) else {
                panic!("it was not set aside");
            };
            assert_eq!(path, storage.dir().join(format!("progress.damaged-{n}")));
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_reported_with_its_path() {
        let (dir, _) = storage();
        let file = dir.path().join("file");
        fs::write(&file, "in the way").expect("the file can be written");
        let storage = Storage::open(Some(file.join("kept"))).expect("a folder was named");
        let error = storage.save("progress", 1, &progress()).expect_err("a file is in the way");
        assert!(error.to_string().contains("progress.ron"), "{error}");
    }
}
