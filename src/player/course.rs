//! The learner's way through a course: the lesson that is open, its step, what is answered and
//! done, and what is kept of it.

use super::Session;
use super::test_out::Test;
use crate::lesson::{
    Check, Deed, Do, Evidence, Lesson, Library, Piece, Predict, Prediction, Step, Task,
};
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

/// What is kept of a learner's way through one lesson. Steps go by their titles, so that it means
/// the same after the lesson has got more of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LessonProgress {
    /// The step that was reached; the first one if absent.
    pub at: Option<String>,
    /// Whether the last step was gone on from.
    pub over: bool,
    /// The answers that were locked.
    pub predictions: Vec<Prediction>,
    /// The choices that were made: which way, from 0.
    pub choices: BTreeMap<String, usize>,
    /// What was explained.
    pub explained: BTreeMap<String, Explained>,
    /// What was put on the bench, by step.
    pub written: BTreeMap<String, String>,
    /// The steps whose task is done.
    pub did: BTreeSet<String>,
    /// The steps whose solution was shown.
    pub shown: BTreeSet<String>,
    /// Whether it was finished once.
    pub finished: bool,
}

/// An explanation in the learner's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Explained {
    /// The words.
    pub words: String,
    /// The points that the learner found in them, from 0.
    pub ticked: BTreeSet<usize>,
}

/// The course, and where the learner is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Walk {
    library: Library,
    progress: Progress,
    lesson: usize,
    n_hints: usize,
    pub(super) test: Option<Test>,
}

/// How many words an explanation has at least.
const MIN_WORDS: usize = 3;

/// Whether a learner may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The step asks for nothing, or it is done.
    Open,
    /// A question is not answered yet.
    Unanswered,
    /// A task is not done yet.
    Undone,
    /// A way is not chosen yet.
    Unchosen,
    /// Nothing is explained yet.
    Unexplained,
}

impl Walk {
    /// Begins where the progress says.
    ///
    /// # Panics
    /// Where the library has no lesson.
    pub fn new(library: Library, progress: Progress) -> Self {
        assert!(!library.lessons().is_empty(), "a library has lessons");
        let open = progress.open.clone();
        let mut walk = Self { library, progress, lesson: 0, n_hints: 0, test: None };
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
        let Some(here) = self.here() else { return 0 };
        let steps = &self.lesson().steps;
        if here.over {
            return steps.len();
        }
        let Some(title) = &here.at else { return 0 };
        let reached = steps.iter().position(|step| step.title == *title);
        // Where the step is gone from the lesson, the first one that is still to be done will do.
        reached.or_else(|| steps.iter().position(|step| !here.passes(step))).unwrap_or(0)
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
        self.step()?.question()
    }

    /// What the step asks to bring about.
    pub fn task(&self) -> Option<&Do> {
        self.step()?.task_to_do()
    }

    /// The way that was chosen in the step.
    pub fn choice(&self) -> Option<usize> {
        self.here()?.choices.get(&self.step()?.choose()?.id).copied()
    }

    /// The choices that were made in this lesson.
    pub fn choices(&self) -> &BTreeMap<String, usize> {
        static NONE: BTreeMap<String, usize> = BTreeMap::new();
        self.here().map_or(&NONE, |here| &here.choices)
    }

    /// What was explained in the step.
    pub fn explained(&self) -> Option<&Explained> {
        self.here()?.explained.get(&self.step()?.explain()?.id)
    }

    /// What lies on the step's bench: what was written last, else what was given.
    pub fn bench(&self) -> Option<(&Piece, &str)> {
        let step = self.step()?;
        let bench = step.task_to_do()?.bench.as_ref()?;
        let written = self.here().and_then(|here| here.written.get(&step.title));
        Some((&bench.piece, written.unwrap_or(&bench.given)))
    }

    /// Whether the task of the step was done.
    pub fn task_done(&self) -> bool {
        let Some(step) = self.step() else { return false };
        self.here().is_some_and(|here| here.did.contains(&step.title))
    }

    /// The hints that were asked for.
    pub fn hints(&self) -> &[String] {
        self.task().map_or(&[], |task| &task.hints[..self.n_hints.min(task.hints.len())])
    }

    /// Whether the learner may go on.
    pub fn gate(&self) -> Gate {
        let Some(step) = self.step() else { return Gate::Open };
        if self.here().is_some_and(|here| here.passes(step)) {
            return Gate::Open;
        }
        match &step.task {
            Some(Task::Predict(_) | Task::Retrieve(_)) if step.question().is_some() => {
                Gate::Unanswered
            }
            Some(Task::Do(_)) => Gate::Undone,
            Some(Task::Choose(_)) => Gate::Unchosen,
            Some(Task::Explain(_)) => Gate::Unexplained,
            Some(Task::Predict(_) | Task::Retrieve(_)) | None => Gate::Open,
        }
    }

    /// Whether the step's solution can be shown: every hint was.
    pub fn offers_solution(&self) -> bool {
        self.task().is_some_and(|task| self.n_hints >= task.hints.len()) && !self.task_done()
    }

    /// Whether the step's solution was shown.
    pub fn solution_shown(&self) -> bool {
        let Some(step) = self.step() else { return false };
        self.here().is_some_and(|here| here.shown.contains(&step.title))
    }

    /// What the lesson's solution does in the step.
    pub(super) fn solution(&self) -> Vec<Deed> {
        let mut parts = self.lesson().solution.split(|deed| *deed == Deed::Continue);
        parts.nth(self.step_idx()).unwrap_or_default().to_vec()
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
        self.test = None;
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

    /// Takes in a lesson in place of the one of its name; `carry` says what is kept of the way
    /// through it.
    pub(super) fn replace(&mut self, lesson: Lesson, carry: fn(&mut LessonProgress, [&Lesson; 2])) {
        let id = lesson.id.clone();
        let before = self.library.lesson(&id).cloned();
        self.library = self.library.clone().with(lesson);
        let after = self.library.lesson(&id);
        if let (Some(before), Some(after)) = (&before, after)
            && let Some(kept) = self.progress.lessons.get_mut(&id)
        {
            carry(kept, [before, after]);
        }
        if self.lesson().id == id {
            self.test = None;
        }
    }

    /// Locks an answer or makes a choice; whether it was open and is one.
    pub(super) fn answer(&mut self, choice: usize) -> bool {
        if let Some(choose) = self.step().and_then(Step::choose) {
            let there = choice < choose.options.len();
            let id = choose.id.clone();
            if there {
                self.here_mut().choices.insert(id, choice);
            }
            return there;
        }
        let Some(question) = self.question() else { return false };
        let Some(chosen) = question.options.get(choice) else { return false };
        if self.prediction(&question.id).is_some() {
            return false;
        }
        let prediction = Prediction { id: question.id.clone(), choice, right: chosen.right };
        self.here_mut().predictions.push(prediction);
        true
    }

    /// Keeps an explanation; whether one is asked for and it says anything.
    pub(super) fn explain(&mut self, words: String) -> bool {
        let Some(id) = self.step().and_then(Step::explain).map(|explain| explain.id.clone()) else {
            return false;
        };
        let says_something = words.split_whitespace().nth(MIN_WORDS - 1).is_some();
        if says_something {
            let explained = Explained { words, ticked: BTreeSet::new() };
            self.here_mut().explained.insert(id, explained);
        }
        says_something
    }

    /// Ticks a point that the explanation has, or no longer.
    pub(super) fn tick_point(&mut self, point: usize) {
        let Some(explain) = self.step().and_then(Step::explain) else { return };
        let (id, n_points) = (explain.id.clone(), explain.points.len());
        let Some(explained) = self.here_mut().explained.get_mut(&id) else { return };
        if point < n_points && !explained.ticked.remove(&point) {
            explained.ticked.insert(point);
        }
    }

    /// Puts this on the step's bench; whether it has one.
    pub(super) fn write(&mut self, text: String) -> bool {
        let Some(step) = self.step().filter(|_| self.bench().is_some()) else { return false };
        let title = step.title.clone();
        self.here_mut().written.insert(title, text);
        true
    }

    /// Notes that the solution of the step was shown.
    pub(super) fn note_solution(&mut self) {
        if let Some(title) = self.step().map(|step| step.title.clone()) {
            self.here_mut().shown.insert(title);
        }
    }

    /// Notes that the task of the step is done where all its checks are met.
    pub(super) fn grade(&mut self, met: &[bool]) {
        let title = self.step().filter(|step| step.task_to_do().is_some());
        let Some(title) = title.map(|step| step.title.clone()) else { return };
        if met.iter().all(|met| *met) && !self.task_done() {
            self.here_mut().did.insert(title);
        }
    }

    /// Goes to the next step.
    pub(super) fn go_on(&mut self) {
        self.go_to(self.step_idx() + 1);
    }

    /// Goes to the step before.
    pub(super) fn go_back(&mut self) {
        self.go_to(self.step_idx().saturating_sub(1));
    }

    /// Goes to a step; behind the last one, the lesson is finished.
    pub(super) fn go_to(&mut self, idx: usize) {
        let title = self.lesson().steps.get(idx).map(|step| step.title.clone());
        self.n_hints = 0;
        let here = self.here_mut();
        here.over = title.is_none();
        here.finished |= here.over;
        here.at = title;
    }

    /// Shows one more hint.
    pub(super) fn hint(&mut self) {
        self.n_hints += 1;
    }

    /// Forgets the way through this lesson, but not that it was finished.
    pub(super) fn restart(&mut self) {
        self.n_hints = 0;
        self.test = None;
        let here = self.here_mut();
        *here = LessonProgress { finished: here.finished, ..LessonProgress::default() };
    }

    pub(super) fn here(&self) -> Option<&LessonProgress> {
        self.progress.lessons.get(&self.lesson().id)
    }

    pub(super) fn here_mut(&mut self) -> &mut LessonProgress {
        let id = self.lesson().id.clone();
        self.progress.lessons.entry(id).or_default()
    }
}

impl LessonProgress {
    /// Whether what a step asks for was done, if it asks for anything.
    fn passes(&self, step: &Step) -> bool {
        match &step.task {
            Some(Task::Predict(_) | Task::Retrieve(_)) => {
                let answered = |id: &str| self.predictions.iter().any(|made| made.id == id);
                step.question().is_none_or(|question| answered(&question.id))
            }
            Some(Task::Do(_)) => self.did.contains(&step.title),
            Some(Task::Choose(choose)) => self.choices.contains_key(&choose.id),
            Some(Task::Explain(explain)) => self.explained.contains_key(&explain.id),
            None => true,
        }
    }
}
