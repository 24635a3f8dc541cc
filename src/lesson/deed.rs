//! Deeds: what a learner can do, for the scripts that prove a lesson.

use super::place::{Letter, Place};
use crate::run::StepSize;
use crate::sim::{Edit, Host, Mode};
use serde::{Deserialize, Serialize};

/// A named list of deeds that must not pass a lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What the learner believes who does this.
    pub name: String,
    /// What they do.
    pub deeds: Vec<Deed>,
}

/// Something that a learner does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Deed {
    /// Goes on to the next step of the lesson; refused while a task is not done.
    Continue,
    /// Answers the question of the step, or chooses: the index, from 0.
    Answer(usize),
    /// Steps forward.
    Forward(StepSize),
    /// Steps back.
    Back(StepSize),
    /// Goes to a place of the run.
    GoTo(Place),
    /// Goes to the end of the run.
    ToEnd,
    /// Switches the mode.
    Switch(Mode),
    /// Looks at the `n`th such unit (from 1), among those that travel together.
    Look(Letter, usize),
    /// Selects a field of the unit in the inspector, by its machine name.
    Select(String),
    /// Flips a bit of the unit in flight, counted from its first bit.
    Flip(u64),
    /// Puts the unit in flight back on its way, as it was edited.
    Release,
    /// Takes the edits back.
    Reset,
    /// Explains it in these words.
    Explain(String),
    /// Puts this on the bench in place of what lies there.
    Write(String),
    /// Changes something in the world at this moment.
    Change(Edit),
    /// Loses the segment in flight that carries the unit that is looked at.
    LoseSegment,
    /// Lets the connection of the unit that is looked at go silent, or get through again.
    ToggleSilence,
    /// Resets the connection of the unit that is looked at.
    ResetConnection,
    /// Says this as a host, at this moment.
    Say(Host, String),
    /// Lets polling clients ask this often, in milliseconds, from the start.
    PollEvery(u64),
}
