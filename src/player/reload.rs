//! Reloading: a lesson that its author changes while it is open.
//!
//! **Law:** a lesson that is read again unchanged changes nothing.

use super::{LessonProgress, Player};
use crate::lesson::{Choice, Goal, Lesson, Predict, Prediction, Step};
use std::collections::BTreeSet;

impl Player {
    /// Takes in a lesson in place of the one of its name; the learner stays at the same step where
    /// there still is one, with what was predicted and, where the world is the same, all branches.
    pub(super) fn reload(&mut self, lesson: Lesson) {
        let Some(before) = self.walk.library().lesson(&lesson.id).cloned() else {
            // Its author calls it something else: it is another one.
            self.walk.take_in(lesson);
            self.load_lesson();
            return;
        };
        let open = self.lesson().id == lesson.id;
        let step_before = self.walk.step().cloned();
        let same_world = before.scenario == lesson.scenario && before.mode == lesson.mode;
        self.walk.replace(lesson, carry_over);
        if !open {
            return;
        }
        let same_cues = self.walk.step().map(cues) == step_before.as_ref().map(cues);
        if !same_world {
            self.load_lesson();
        } else if same_cues || self.in_sandbox() {
            self.show_panels();
        } else {
            self.enter_step();
        }
    }
}

/// What sets the scene of a step.
fn cues(step: &Step) -> impl PartialEq {
    (step.at.clone(), step.mode, step.tab, step.spotlight.clone())
}

/// Changes what is kept of the way through a lesson as its author has changed the lesson.
fn carry_over(kept: &mut LessonProgress, [before, after]: [&Lesson; 2]) {
    let renamed = |title: &String| title_after(title, before, after);
    kept.at = kept.at.as_ref().and_then(renamed);
    let predictions = kept.predictions.iter();
    kept.predictions = predictions.filter_map(|made| prediction(made, before, after)).collect();
    let choices = std::mem::take(&mut kept.choices).into_iter();
    kept.choices = choices
        .filter_map(|(id, way)| {
            let ways = |lesson| options_of_choice(&id, lesson);
            Some((id.clone(), same_option(way, ways(before)?, ways(after)?)?))
        })
        .collect();
    for (id, explained) in &mut kept.explained {
        let explain =
            after.steps.iter().filter_map(Step::explain).find(|explain| explain.id == *id);
        let n_points = explain.map_or(0, |explain| explain.points.len());
        explained.ticked.retain(|point| *point < n_points);
    }
    let written = std::mem::take(&mut kept.written).into_iter();
    kept.written = written.filter_map(|(title, text)| Some((renamed(&title)?, text))).collect();
    kept.shown = kept.shown.iter().filter_map(renamed).collect();
    let did = kept.did.iter().filter(|title| asks_the_same(title, before, after));
    kept.did = did.filter_map(renamed).collect::<BTreeSet<_>>();
}

fn step_called<'a>(title: &str, lesson: &'a Lesson) -> Option<&'a Step> {
    lesson.steps.iter().find(|step| step.title == title)
}

/// What a step is called after the change: the one of the same title, or else the one in its place.
fn title_after(title: &String, before: &Lesson, after: &Lesson) -> Option<String> {
    if step_called(title, after).is_some() {
        return Some(title.clone());
    }
    let idx = before.steps.iter().position(|step| step.title == *title)?;
    let last = after.steps.len().checked_sub(1)?;
    Some(after.steps[idx.min(last)].title.clone())
}

/// The same answer to the same question, where both are still there.
fn prediction(made: &Prediction, before: &Lesson, after: &Lesson) -> Option<Prediction> {
    let options = |lesson| question(&made.id, lesson).map(|question| &*question.options);
    let now = options(after)?;
    let choice = same_option(made.choice, options(before).unwrap_or(now), now)?;
    Some(Prediction { id: made.id.clone(), choice, right: now[choice].right })
}

fn question<'a>(id: &str, lesson: &'a Lesson) -> Option<&'a Predict> {
    lesson.steps.iter().filter_map(Step::question).find(|question| question.id == id)
}

fn options_of_choice<'a>(id: &str, lesson: &'a Lesson) -> Option<&'a [Choice]> {
    let mut choices = lesson.steps.iter().filter_map(Step::choose);
    choices.find(|choose| choose.id == id).map(|choose| &*choose.options)
}

/// Where an option stands after the change: the one of the same words, or else the one in its place.
fn same_option(choice: usize, before: &[Choice], after: &[Choice]) -> Option<usize> {
    let text = before.get(choice).map(|option| &option.text);
    let same = after.iter().position(|option| Some(&option.text) == text);
    same.or_else(|| (choice < after.len()).then_some(choice))
}

/// Whether a step that was done asks for what it asked for.
fn asks_the_same(title: &str, before: &Lesson, after: &Lesson) -> bool {
    let goals = |lesson, title: &str| {
        let task = step_called(title, lesson).and_then(Step::task_to_do)?;
        Some(task.goals.iter().map(|check| check.goal.clone()).collect::<Vec<Goal>>())
    };
    let now = title_after(&title.to_owned(), before, after);
    now.is_some_and(|now| goals(before, title) == goals(after, &now))
}
