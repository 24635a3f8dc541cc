//! Tasks: what the learner does in a step, and what is said about it.
//!
//! **Invariant:** a question that has a right answer has exactly one, and every answer says why.

use super::bench::Bench;
use super::place::Place;
use super::{Goal, Step};
use serde::{Deserialize, Serialize};

/// What the learner does in a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// Commits to an answer before the outcome shows.
    Predict(Predict),
    /// Brings something about.
    Do(Do),
    /// Takes one of several ways, none of which is wrong, and learns where it leads.
    Choose(Choose),
    /// Says it in words of their own, and holds that against what it must say.
    Explain(Explain),
    /// Answers a question of an earlier lesson once more.
    Retrieve(Retrieve),
}

/// A question whose answer is locked before the outcome shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predict {
    /// The name that goals use.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// The answers to choose from, two or more.
    pub options: Vec<Choice>,
    /// Where the outcome shows; the learner is taken there on answering.
    #[serde(default)]
    pub outcome: Option<Place>,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The answer.
    pub text: String,
    /// Whether it is what happens.
    #[serde(default)]
    pub right: bool,
    /// The wrong idea for which it stands, by its name in the course.
    #[serde(default)]
    pub idea: Option<String>,
    /// Why it is what happens, or what happens instead, and by which rule.
    pub because: String,
}

/// A choice between ways of which none is wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choose {
    /// The name that goals use.
    pub id: String,
    /// What is to be decided.
    pub question: String,
    /// The ways, two or more; each `because` says where it leads.
    pub options: Vec<Choice>,
}

/// Something to say in words of one's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    /// The name under which the words are kept.
    pub id: String,
    /// What is to be explained.
    pub prompt: String,
    /// What a good explanation says, two points or more; the learner ticks those that theirs has.
    pub points: Vec<String>,
    /// How somebody would say it who knows.
    pub model: String,
}

/// A question of an earlier lesson, asked once more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retrieve {
    /// The lesson that asked it.
    pub lesson: String,
    /// The question.
    pub question: String,
    /// What is asked: found by the library that holds both lessons.
    #[serde(skip)]
    pub item: Option<Box<Predict>>,
}

/// Something to bring about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Do {
    /// What to do.
    pub task: String,
    /// What lies on the bench, where bytes are to be written by hand.
    #[serde(default)]
    pub bench: Option<Bench>,
    /// What is checked, all of it.
    pub goals: Vec<Check>,
    /// Three rungs, the last nearly the solution.
    pub hints: Vec<String>,
    /// Why it came out so: shown when it is done.
    pub because: String,
}

/// One thing that is checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What the learner reads.
    pub text: String,
    /// What holds when it is done.
    pub goal: Goal,
}

impl Step {
    /// Where the outcome of its question shows, if it asks one that says so.
    pub fn outcome(&self) -> Option<&Place> {
        self.question()?.outcome.as_ref()
    }

    /// Whether the learner decides something in it.
    pub fn decides(&self) -> bool {
        self.task.is_some()
    }

    /// The question that has a right answer, its own or one of an earlier lesson.
    pub fn question(&self) -> Option<&Predict> {
        match self.task.as_ref()? {
            Task::Predict(predict) => Some(predict),
            Task::Retrieve(retrieve) => retrieve.item.as_deref(),
            Task::Do(_) | Task::Choose(_) | Task::Explain(_) => None,
        }
    }

    /// The question that it asks itself.
    pub fn own_question(&self) -> Option<&Predict> {
        match self.task.as_ref()? {
            Task::Predict(predict) => Some(predict),
            Task::Retrieve(_) | Task::Do(_) | Task::Choose(_) | Task::Explain(_) => None,
        }
    }

    /// What it asks to bring about.
    pub fn task_to_do(&self) -> Option<&Do> {
        match self.task.as_ref()? {
            Task::Do(task) => Some(task),
            Task::Predict(_) | Task::Retrieve(_) | Task::Choose(_) | Task::Explain(_) => None,
        }
    }

    /// The choice that it leaves to the learner.
    pub fn choose(&self) -> Option<&Choose> {
        match self.task.as_ref()? {
            Task::Choose(choose) => Some(choose),
            Task::Predict(_) | Task::Retrieve(_) | Task::Do(_) | Task::Explain(_) => None,
        }
    }

    /// What it asks to explain.
    pub fn explain(&self) -> Option<&Explain> {
        match self.task.as_ref()? {
            Task::Explain(explain) => Some(explain),
            Task::Predict(_) | Task::Retrieve(_) | Task::Do(_) | Task::Choose(_) => None,
        }
    }
}

impl Predict {
    /// The question as another lesson asks it: under a name of its own, with nothing to go to.
    pub(super) fn recalled_from(&self, lesson: &str) -> Self {
        Self { id: format!("{lesson}/{}", self.id), outcome: None, ..self.clone() }
    }

    /// The answer that is what happens.
    pub fn right(&self) -> Option<&Choice> {
        self.options.iter().find(|option| option.right)
    }
}
