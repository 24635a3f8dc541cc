//! The wrong ideas that a learner was found to hold, and whether they were put right since.
//!
//! **Invariant:** read from the answers that were locked; nothing else is kept of them.

use super::Walk;
use crate::lesson::{Lesson, Prediction, Step};

/// A wrong idea that an answer stood for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Met<'a> {
    /// The idea, as a clause that follows “the idea that”.
    pub idea: &'a str,
    /// What happens instead.
    pub because: &'a str,
    /// The lesson in which it showed.
    pub lesson: &'a Lesson,
    /// Whether the same question was answered rightly in a later lesson.
    pub put_right: bool,
}

impl Walk {
    /// The wrong ideas that the learner's answers stood for, in the order of the course.
    pub fn ideas_met(&self) -> Vec<Met<'_>> {
        let lessons = self.library().lessons().iter();
        lessons.flat_map(|lesson| self.ideas_in(lesson)).collect()
    }

    fn ideas_in<'a>(&'a self, lesson: &'a Lesson) -> impl Iterator<Item = Met<'a>> {
        let kept = self.progress().lessons.get(&lesson.id);
        let made = kept.map_or(&[][..], |kept| &kept.predictions).iter();
        made.filter(|made| !made.right).filter_map(move |made| {
            let asked = lesson.steps.iter().filter_map(Step::own_question);
            let question = asked.into_iter().find(|question| question.id == made.id)?;
            let option = question.options.get(made.choice)?;
            let idea = option.idea.as_deref()?;
            let put_right = self.retrieved(&format!("{}/{}", lesson.id, made.id));
            Some(Met { idea, because: &option.because, lesson, put_right })
        })
    }

    /// Whether a question of an earlier lesson was answered rightly when it was asked again.
    fn retrieved(&self, id: &str) -> bool {
        let all = self.progress().lessons.values().flat_map(|kept| &kept.predictions);
        let rightly = |made: &Prediction| made.id == id && made.right;
        all.into_iter().any(rightly)
    }
}
