//! What a file holds: a lesson, a scenario by itself, or a session; its text tells which.
//!
//! **Invariant:** knows no files; a shell hands it their texts.

use super::session::{PREFIX, Session, SessionError};
use super::{Command, Player};
use crate::lesson::{Lesson, read_lesson, read_scenario};
use crate::sim::Scenario;

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
        // A session has branches, which nothing else has; people may speak of them in a lesson.
        if text.contains("branches:") && !text.contains("steps:") {
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

impl Player {
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
