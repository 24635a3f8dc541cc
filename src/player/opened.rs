//! What a file holds: a lesson, a scenario by itself, or a session; its text tells which.
//!
//! **Invariant:** knows no files; a shell hands it their texts.

use super::session::{PREFIX, Session, SessionError};
use super::{Command, Player};
use crate::lesson::{Lesson, LessonError, lint, read_lesson, read_ron, read_scenario};
use crate::sim::Scenario;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What was read from a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Opened {
    /// A lesson.
    Lesson(Box<Lesson>),
    /// A scenario by itself.
    Scenario(Box<Scenario>),
    /// A session.
    Session(Box<Session>),
}

impl Opened {
    /// The most bytes that a file of ours has: a shell reads no more.
    pub const MAX_LEN: u64 = 4 << 20;

    /// Reads the text of a file.
    ///
    /// # Errors
    /// What is wrong with it and what would work.
    pub fn read(text: &str, file: &str) -> Result<Self, SessionError> {
        // Some keep the short form in a file.
        if text.trim_start().starts_with(PREFIX) {
            return Ok(Self::Session(Box::new(Session::read_short(text)?)));
        }
        if is_session(text, file) {
            return Ok(Self::Session(Box::new(Session::read(text, file)?)));
        }
        let scenario = read_scenario(text, file);
        // A scenario has no steps: what does not even name them is not meant as a lesson.
        if scenario.is_err() && text.contains("steps") {
            return Ok(Self::Lesson(Box::new(read_lesson(text, file)?)));
        }
        Ok(Self::Scenario(Box::new(scenario?)))
    }
}

/// Reads a lesson or a scenario that was changed while it is open.
///
/// # Errors
/// Everything that keeps it from being opened.
pub fn read_again(text: &str, file: &str) -> Result<Box<Lesson>, Vec<LessonError>> {
    let other = || {
        let remedy = "open it anew to see it";
        vec![LessonError::about((file, text), "", "this is a session, no lesson any more", remedy)]
    };
    match Opened::read(text, file) {
        Ok(Opened::Lesson(lesson)) => Ok(lesson),
        Ok(Opened::Scenario(scenario)) => Ok(Box::new(Lesson::around(*scenario))),
        // A lesson says all that is wrong with it at once.
        Err(SessionError::Text(error)) => {
            let all = lint(text, file);
            Err(if all.contains(&error) { all } else { vec![error] })
        }
        Ok(Opened::Session(_)) | Err(_) => Err(other()),
    }
}

/// Whether a text is meant as a session: nothing else has branches or a version.
fn is_session(text: &str, file: &str) -> bool {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Fields {
        version: Option<IgnoredAny>,
        branches: Option<IgnoredAny>,
    }
    if let Ok(Fields { version, branches }) = read_ron(text, file) {
        return version.is_some() || branches.is_some();
    }
    // What is damaged is told by what comes first: people may speak of anything further on.
    let first = |names: [&str; 2]| names.iter().filter_map(|name| text.find(name)).min();
    match (first(["version:", "branches:"]), first(["steps:", "summary:"])) {
        (Some(session), Some(lesson)) => session < lesson,
        (session, _) => session.is_some(),
    }
}

impl Player {
    /// Takes what a file holds.
    pub(super) fn take_file(&mut self, command: Command) {
        match command {
            Command::Open(opened) => self.open(*opened),
            Command::Reload(lesson) => self.reload(*lesson),
            _ => {} // Nothing else comes from files.
        }
    }

    /// Opens what a file holds, in place of what is open.
    pub(super) fn open(&mut self, opened: Opened) {
        let lesson = match opened {
            Opened::Session(session) => return self.open_session(&session),
            Opened::Lesson(lesson) => *lesson,
            Opened::Scenario(scenario) => Lesson::around(*scenario),
        };
        self.walk.take_in(lesson);
        self.load_lesson();
    }
}

impl From<Opened> for Command {
    fn from(opened: Opened) -> Self {
        Self::Open(Box::new(opened))
    }
}
