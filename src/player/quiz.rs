//! Questions that nobody wrote: the program runs ahead and asks what will happen.
//!
//! **Invariant:** an answer that was given stays; the outcome is gone to only then.

use super::{Command, Player};
use crate::view::quiz::{Question, questions};

/// A question that is being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiz {
    /// The question.
    pub question: Question,
    /// The answer that was given, from 0.
    pub chosen: Option<usize>,
}

impl Quiz {
    /// Whether the answer that was given is right; `None` before there is one.
    pub fn is_right(&self) -> Option<bool> {
        self.chosen.map(|chosen| chosen == self.question.right)
    }
}

impl Player {
    /// The question that is being asked, apart from any lesson.
    pub fn quiz(&self) -> Option<&Quiz> {
        self.quiz.as_ref()
    }

    pub(super) fn do_quiz(&mut self, command: &Command) {
        match command {
            Command::Ask => self.ask(),
            Command::AnswerAsked(choice) => self.answer_asked(*choice),
            _ => self.quiz = None,
        }
    }

    /// Asks about what lies ahead of here; asked again in the same place, about something else.
    fn ask(&mut self) {
        self.playback.playing = false;
        let mut all = questions(self.run(), self.scene.position);
        let before = self.quiz.take().filter(|quiz| quiz.chosen.is_none());
        let matter = before.map(|quiz| quiz.question.matter);
        let idx = matter.and_then(|matter| all.iter().position(|other| other.matter > matter));
        if all.is_empty() {
            let words = "Nothing lies ahead here that could be asked about: step back.";
            self.notice = Some(words.to_owned());
            return;
        }
        let question = all.swap_remove(idx.unwrap_or(0));
        self.quiz = Some(Quiz { question, chosen: None });
    }

    fn answer_asked(&mut self, choice: usize) {
        let Some(quiz) = &mut self.quiz else { return };
        if quiz.chosen.is_some() || choice >= quiz.question.options.len() {
            self.notice = Some("The answer is locked.".to_owned());
            return;
        }
        quiz.chosen = Some(choice);
        let outcome = quiz.question.outcome;
        self.choose(outcome);
    }
}
