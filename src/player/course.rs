//! The learner's way through a course: the lesson that is open, its step, what is answered and
//! done, and what is kept of it.

use super::Session;
use crate::lesson::{Check, Do, Evidence, Lesson, Library, Predict, Prediction, Step, Task};
use crate::sim::Mode;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is kept of a learner's way from one start of the program to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The lesson that was open last.
    pub open: Option<String>,
    /// By lesson.
    pub lessons: BTreeMap<String, LessonProgress>,
}

/// What is kept of a learner's way through one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LessonProgress {
    /// The step that was reached, from 0.
    pub step: usize,
    /// The answers that were locked.
    pub predictions: Vec<Prediction>,
    /// The steps whose task is done.
    pub done: BTreeSet<usize>,
    /// Whether it was finished once.
    pub finished: bool,
}

/// The course, and where the learner is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Walk {
    library: Library,
    progress: Progress,
    lesson: usize,
    n_hints: usize,
}

/// Whether a learner may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The step asks for nothing, or it is done.
    Open,
    /// A question is not answered yet.
    Unanswered,
    /// A task is not done yet.
    Undone,
}

impl Walk {
    /// Begins where the progress says.
    ///
    /// # Panics
    /// Where the library has no lesson.
    pub fn new(library: Library, progress: Progress) -> Self {
        assert!(!library.lessons().is_empty(), "a library has lessons");
        let open = progress.open.clone();
        let mut walk = Self { library, progress, lesson: 0, n_hints: 0 };
        if let Some(open) = open {
            walk.open(&open);
        }
        walk
    }

    /// The lessons.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// What is kept.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The lesson that is open.
    pub fn lesson(&self) -> &Lesson {
        &self.library.lessons()[self.lesson]
    }

    /// The index of the step, from 0; as many as there are steps where the lesson is finished.
    pub fn step_idx(&self) -> usize {
        self.here().map_or(0, |here| here.step).min(self.lesson().steps.len())
    }

    /// The step; `None` behind the last one.
    pub fn step(&self) -> Option<&Step> {
        self.lesson().steps.get(self.step_idx())
    }

    /// How the conversation is carried in the step: as it or the last one before it says.
    pub fn mode(&self) -> Mode {
        let steps = self.lesson().steps.iter().take(self.step_idx() + 1);
        steps.rev().find_map(|step| step.mode).unwrap_or(self.lesson().mode)
    }

    /// The answers that were locked in this lesson.
    pub fn predictions(&self) -> &[Prediction] {
        self.here().map_or(&[], |here| &here.predictions)
    }

    /// The answer locked for a question.
    pub fn prediction(&self, id: &str) -> Option<&Prediction> {
        self.predictions().iter().find(|prediction| prediction.id == id)
    }

    /// The question of the step.
    pub fn question(&self) -> Option<&Predict> {
        match self.step()?.task.as_ref()? {
            Task::Predict(predict) => Some(predict),
            Task::Do(_) => None,
        }
    }

    /// What the step asks to bring about.
    pub fn task(&self) -> Option<&Do> {
        match self.step()?.task.as_ref()? {
            Task::Do(task) => Some(task),
            Task::Predict(_) => None,
        }
    }

    /// Whether the task of the step was done.
    pub fn task_done(&self) -> bool {
        self.here().is_some_and(|here| here.done.contains(&self.step_idx()))
    }

    /// The hints that were asked for.
    pub fn hints(&self) -> &[String] {
        self.task().map_or(&[], |task| &task.hints[..self.n_hints.min(task.hints.len())])
    }

    /// Whether the learner may go on.
    pub fn gate(&self) -> Gate {
        match self.step().and_then(|step| step.task.as_ref()) {
            Some(Task::Predict(predict)) if self.prediction(&predict.id).is_none() => {
                Gate::Unanswered
            }
            Some(Task::Do(_)) if !self.task_done() => Gate::Undone,
            Some(Task::Predict(_) | Task::Do(_)) | None => Gate::Open,
        }
    }

    /// The checks of the step's task and whether each is met.
    pub fn checks(&self, evidence: &Evidence<'_>) -> Vec<(&Check, bool)> {
        let done = self.task_done();
        let checks = self.task().map_or(&[][..], |task| &task.goals);
        checks.iter().map(|check| (check, done || check.goal.met(evidence))).collect()
    }

    /// Opens a lesson; whether there is one of this name.
    pub(super) fn open(&mut self, id: &str) -> bool {
        let Some(idx) = self.library.lessons().iter().position(|lesson| lesson.id == id) else {
            return false;
        };
        self.lesson = idx;
        self.n_hints = 0;
        // A scenario to walk in freely is gone at the next start; the lesson before it is not.
        if !self.lesson().steps.is_empty() {
            self.progress.open = Some(id.to_owned());
        }
        true
    }

    /// Opens the lesson in which a session was made; whether there is one that is played from the
    /// same scenario.
    pub(super) fn come_back(&mut self, session: &Session) -> bool {
        let Some(id) = &session.lesson else { return false };
        let same =
            self.library.lesson(id).is_some_and(|lesson| lesson.scenario == session.scenario);
        same && self.open(id)
    }

    /// Takes in a lesson that is not part of the course, and opens it.
    pub(super) fn take_in(&mut self, lesson: Lesson) {
        let id = lesson.id.clone();
        self.library = self.library.clone().with(lesson);
        self.open(&id);
    }

    /// Locks an answer; whether it was open and is one.
    pub(super) fn answer(&mut self, choice: usize) -> bool {
        let Some(question) = self.question() else { return false };
        let Some(chosen) = question.options.get(choice) else { return false };
        if self.prediction(&question.id).is_some() {
            return false;
        }
        let prediction = Prediction { id: question.id.clone(), choice, right: chosen.right };
        self.here_mut().predictions.push(prediction);
        true
    }

    /// Notes that the task of the step is done where all its checks are met.
    pub(super) fn grade(&mut self, met: &[bool]) {
        if self.task().is_some() && met.iter().all(|met| *met) {
            let step = self.step_idx();
            self.here_mut().done.insert(step);
        }
    }

    /// Goes to the next step.
    pub(super) fn go_on(&mut self) {
        let next = self.step_idx() + 1;
        let n_steps = self.lesson().steps.len();
        self.n_hints = 0;
        let here = self.here_mut();
        here.step = next.min(n_steps);
        here.finished |= next >= n_steps;
    }

    /// Goes to the step before.
    pub(super) fn go_back(&mut self) {
        let before = self.step_idx().saturating_sub(1);
        self.n_hints = 0;
        self.here_mut().step = before;
    }

    /// Shows one more hint.
    pub(super) fn hint(&mut self) {
        self.n_hints += 1;
    }

    /// Forgets the way through this lesson, but not that it was finished.
    pub(super) fn restart(&mut self) {
        self.n_hints = 0;
        let here = self.here_mut();
        *here = LessonProgress { finished: here.finished, ..LessonProgress::default() };
    }

    fn here(&self) -> Option<&LessonProgress> {
        self.progress.lessons.get(&self.lesson().id)
    }

    fn here_mut(&mut self) -> &mut LessonProgress {
        let id = self.lesson().id.clone();
        self.progress.lessons.entry(id).or_default()
    }
}
