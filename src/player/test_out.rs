//! Testing out: who knows what a lesson teaches answers its questions in a row and is done.
//!
//! **Invariant:** nothing is said about an answer before the last one is given; who fails finds the
//! lesson as it was.

use super::Walk;
use crate::lesson::{Predict, Step};

/// A test that is under way, or how the last one came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Test {
    /// Whether each answer so far was right.
    answers: Vec<bool>,
    /// How many questions there are.
    n_questions: usize,
}

impl Test {
    /// How many questions there are.
    pub fn n_questions(&self) -> usize {
        self.n_questions
    }

    /// How many are answered.
    pub fn n_answered(&self) -> usize {
        self.answers.len()
    }

    /// How many answers were right, once all are given.
    pub fn n_right(&self) -> Option<usize> {
        (self.answers.len() == self.n_questions)
            .then(|| self.answers.iter().filter(|right| **right).count())
    }
}

impl Walk {
    /// Whether the lesson can be tested out of: it asks something, and it is not under way.
    pub fn can_test_out(&self) -> bool {
        self.test.is_none() && self.step_idx() == 0 && self.test_questions().next().is_some()
    }

    /// The test that is under way, or how the last one came out.
    pub fn test(&self) -> Option<&Test> {
        self.test.as_ref()
    }

    /// The question that the test asks.
    pub fn test_question(&self) -> Option<&Predict> {
        self.test_questions().nth(self.test.as_ref()?.n_answered())
    }

    /// The steps whose questions a test that is over found not to be known.
    pub fn missed(&self) -> Vec<&str> {
        let Some(test) = self.test.as_ref().filter(|test| test.n_right().is_some()) else {
            return Vec::new();
        };
        let asking = self.lesson().steps.iter().filter(|step| step.own_question().is_some());
        let missed = asking.zip(&test.answers).filter(|(_, right)| !**right);
        missed.map(|(step, _)| step.title.as_str()).collect()
    }

    fn test_questions(&self) -> impl Iterator<Item = &Predict> {
        self.lesson().steps.iter().filter_map(Step::own_question)
    }

    /// Begins the test; whether there is one.
    pub(super) fn begin_test(&mut self) -> bool {
        let n_questions = self.test_questions().count();
        self.test = (n_questions > 0).then(|| Test { answers: Vec::new(), n_questions });
        self.test.is_some()
    }

    /// Puts the test away.
    pub(super) fn leave_test(&mut self) {
        self.test = None;
    }

    /// Answers the question of the test; where all were answered rightly the lesson is finished.
    /// Whether there was such an answer.
    pub(super) fn answer_test(&mut self, choice: usize) -> bool {
        let right = self.test_question().and_then(|question| question.options.get(choice));
        let Some(right) = right.map(|option| option.right) else { return false };
        let Some(test) = &mut self.test else { return false };
        test.answers.push(right);
        if test.n_right() == Some(test.n_questions) {
            self.test = None;
            self.go_to(self.lesson().steps.len());
        }
        true
    }
}
