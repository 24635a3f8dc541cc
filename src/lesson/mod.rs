//! Lessons: what to look at, what to predict, what to achieve.
//!
//! **Invariant:** a lesson is plain data, read from RON; it knows no player and no window.

mod bench;
mod bench_goal;
pub mod clause;
mod deed;
mod delay;
mod format;
mod frame_test;
mod goal;
mod library;
mod lint;
mod place;
mod prose;
mod soundness;
mod source;
mod tab;
mod task;

use crate::sim::{Mode, Scenario};
use crate::wire::Field;
use crate::wire::unit::Dissection;
pub use bench::{Bench, Deed as BenchDeed, Piece, Reaction, react};
pub use bench_goal::BenchGoal;
pub use deed::{Deed, Script};
pub use format::{read_course, read_lesson, read_ron, read_scenario};
pub use frame_test::FrameTest;
pub use goal::{Compare, Counter, Evidence, Goal, Prediction};
pub use library::{Course, Library, Unit};
pub use lint::lint;
pub use place::{Letter, Place};
use serde::{Deserialize, Serialize};
pub use source::LessonError;
pub use tab::Tab;
pub use task::{Check, Choice, Choose, Do, Explain, Predict, Retrieve, Task};

/// A lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// A stable name in lower case with hyphens, by which progress is kept.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What it is about: one sentence.
    pub summary: String,
    /// The world that it plays in.
    pub scenario: Scenario,
    /// The mode in which it begins.
    pub mode: Mode,
    /// What it shows from the beginning; everything else is one key away.
    #[serde(default)]
    pub shows: Vec<Panel>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// What the learner takes home.
    pub debrief: Debrief,
    /// What the learner does to pass.
    pub solution: Vec<Deed>,
    /// What must not pass: at least two.
    pub wrong: Vec<Script>,
}

/// A part of the window that a lesson can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Panel {
    /// The frame inspector.
    Inspector,
    /// The choice of modes.
    Modes,
    /// What was counted so far.
    Counters,
}

/// A step of a lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it is called.
    pub title: String,
    /// What it says, in Markdown: short, second person, one idea.
    pub text: String,
    /// A remark for those who do this for a living, one click away.
    #[serde(default)]
    pub aside: Option<String>,
    /// Where in time it begins; where the learner is, if absent.
    #[serde(default)]
    pub at: Option<Place>,
    /// The mode that it switches to.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// What it shows from here on.
    #[serde(default)]
    pub shows: Vec<Panel>,
    /// The tab of the inspector that it opens.
    #[serde(default)]
    pub tab: Option<Tab>,
    /// The field to look at: its machine name, or `header:` and the name of a header.
    #[serde(default)]
    pub spotlight: Option<String>,
    /// What the learner does; reading on will do where absent.
    #[serde(default)]
    pub task: Option<Task>,
    /// The clauses of what it says, such as `RFC 6455 §5.2`.
    #[serde(default)]
    pub cites: Vec<String>,
}

/// What the learner takes home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Debrief {
    /// In Markdown.
    pub text: String,
    /// The clauses of what it says.
    pub cites: Vec<String>,
}

impl Lesson {
    /// A lesson without steps around a scenario, to walk in freely.
    pub fn around(scenario: Scenario) -> Self {
        Self {
            id: "scenario".to_owned(),
            title: scenario.name.clone(),
            summary: "A scenario to walk in freely.".to_owned(),
            scenario,
            mode: Mode::WebSocket,
            shows: vec![Panel::Inspector, Panel::Modes, Panel::Counters],
            steps: Vec::new(),
            debrief: Debrief { text: String::new(), cites: Vec::new() },
            solution: Vec::new(),
            wrong: Vec::new(),
        }
    }
}

/// The prefix of a spotlight on the value of a header.
const HEADER: &str = "header:";

/// The field that a spotlight falls on; see [`Step::spotlight`].
pub fn spotlit<'a>(found: &'a Dissection, spotlight: &str) -> Option<&'a Field> {
    match spotlight.strip_prefix(HEADER) {
        Some(name) => found.header_line(name).map(|(_, value)| value),
        None => found.field(spotlight),
    }
}
