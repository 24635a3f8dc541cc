//! Commands: everything that a person can ask of the program; effects: what a shell must do.

use super::opened::Opened;
use super::session::Session;
use crate::lesson::{Lesson, Piece, Tab};
use crate::run::{Condition, Direction, StepSize};
use crate::sim::{Edit, Mode, RecordIdx, SimTime};
use crate::view::locus::Locus;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a person asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// One step of the chosen size.
    Step(Direction),
    /// One step of this size.
    StepBy(Direction, StepSize),
    /// To the start.
    First,
    /// To the end.
    Last,
    /// To a moment.
    Seek(SimTime),
    /// Choose how far a step goes.
    SetSize(StepSize),
    /// Carry the conversation in another mode, at the same moment.
    SetMode(Mode),
    /// Play, or stop playing.
    TogglePlay,
    /// How fast to play: simulated milliseconds for each second.
    SetSpeed(u32),
    /// So many real nanoseconds have passed.
    Tick(u64),
    /// Look at a unit.
    Inspect(RecordIdx),
    /// Go to something that happened, and look at what it speaks of.
    Choose(RecordIdx),
    /// Run until something comes, or back to where it came last.
    Search(Search, Direction),
    /// Set a breakpoint on a record, or take it away; on what is looked at, if absent.
    ToggleBreakpoint(Option<RecordIdx>),
    /// Show all modes side by side, or only the one that is looked at.
    ToggleLanes,
    /// Show a branch of a mode beside the one that is looked at, or none.
    Compare(Option<(Mode, usize)>),
    /// Select bits of the unit.
    Select(Locus),
    /// Select nothing.
    SelectNothing,
    /// Show a tab of the inspector.
    ShowTab(Tab),
    /// Cut the flow of frames before this byte of what the tab of cuts shows, or take the cut away.
    ToggleCut(usize),
    /// Take all cuts away.
    ClearCuts,
    /// Flip a bit of the unit in flight.
    Flip(u64),
    /// Let the unit go as it was edited.
    Release,
    /// Take the edits back: the draft, or else the branch.
    Reset,
    /// Look at a branch of this mode.
    ShowBranch(usize),
    /// Call the branch that is looked at something else.
    RenameBranch(String),
    /// Take away the branch that is looked at.
    DeleteBranch,
    /// To where the branch that is looked at first differs from the one it was forked from.
    ToDivergence,
    /// Let polling clients ask this often, in milliseconds, from the start.
    PollEvery(u64),
    /// Take back the last change.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Answer the question of the lesson's step, or of the test; or choose a way.
    Answer(usize),
    /// Explain what the step asks for, in these words.
    Explain(String),
    /// Tick a point that the explanation has, or no longer.
    TickPoint(usize),
    /// Put this on the bench in place of what lies there.
    Write(String),
    /// Write something else on the bench, where no lesson says what.
    SetPiece(Piece),
    /// See how the step is done.
    ShowSolution,
    /// Be asked all that the lesson asks, so as to be done with it; or no longer.
    ToggleTest,
    /// Be asked about what lies ahead of here.
    Ask,
    /// Answer what was asked so.
    AnswerAsked(usize),
    /// Put that question away.
    StopAsking,
    /// Go to the sandbox, or back to the lesson.
    ToggleSandbox,
    /// Set the world as it is at the beginning of the step, or of the sandbox.
    StartOver,
    /// Go on in the lesson.
    Continue,
    /// Go back in the lesson.
    StepBackInLesson,
    /// Show one more hint.
    Hint,
    /// Open a lesson.
    OpenLesson(String),
    /// Begin the lesson again.
    Restart,
    /// Show every panel, or only what the lesson asks for.
    ToggleAllPanels,
    /// Switch between the light and the dark theme.
    ToggleTheme,
    /// Change something in the world at this moment.
    Edit(Edit),
    /// Lose the segment in flight that carries the unit that is looked at.
    LoseSegment,
    /// Let the connection of the unit that is looked at go silent, or get through again.
    ToggleSilence,
    /// Reset the connection of the unit that is looked at.
    ResetConnection,
    /// Open what a file holds in place of what is open.
    Open(Box<Opened>),
    /// Take in a lesson whose author has changed it, in place of the one of its name.
    Reload(Box<Lesson>),
    /// Open a session in place of what is open.
    OpenSession(Box<Session>),
    /// Open a session from its short form.
    PasteSession(String),
    /// Write this down in place of what was written down before.
    SetNotes(String),
    /// Copy the text form of a view.
    Copy(Copied),
    /// Put the notice away.
    Dismiss,
}

/// What to run until.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// A condition is met, or a breakpoint comes before.
    Condition(Condition),
    /// The last condition is met again.
    Again,
    /// A breakpoint comes.
    Breakpoint,
    /// Something comes that is like what is looked at.
    Alike,
}

/// A view whose text form can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The unit as hex.
    Hex,
    /// The unit's fields.
    Tree,
    /// The diagram up to now.
    Diagram,
    /// What the tab of the inspector shows.
    Tab,
    /// Everything: the scenario, all branches and this place, in a form that can be pasted again.
    Session,
}

/// What a shell must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Keep the progress.
    SaveProgress,
    /// Keep the settings.
    SaveSettings,
    /// Put this on the clipboard.
    CopyText(String),
    /// The session is not what it was: where a crash must not lose it, keep it.
    SessionChanged,
    /// Write the session there.
    SaveSession(Home, Existing),
    /// Read what is there, and have the player open it.
    OpenFile(Home),
    /// Take a saved session away.
    DeleteSession(String),
    /// Say which sessions are saved.
    ListSessions,
    /// Bring back what a window that died has left behind.
    Recover,
    /// What a window that died has left behind is in this one: it need not lie there any longer.
    Recovered,
    /// Take away what a window that died has left behind.
    Discard,
}

/// Where a session is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    /// Among the saved sessions, by its name.
    Named(String),
    /// In a file anywhere; a `~` at its beginning stands for the home folder.
    File(PathBuf),
}

/// What is to become of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays; nothing is written.
    Stays,
    /// It is replaced.
    Replaced,
}

/// The theme of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
}

impl Theme {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }
}

/// What is kept from one start of the program to the next, beside progress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The theme.
    pub theme: Theme,
    /// How far a step goes.
    pub step_size: StepSize,
}
