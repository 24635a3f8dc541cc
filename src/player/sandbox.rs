//! The sandbox: the same world without a lesson, one key away.
//!
//! **Invariant:** going there and back loses nothing on either side; what is done there counts for
//! no task.

use super::{Command, Player, Scene};
use crate::run::Condition;

/// What is left aside.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Aside {
    scene: Scene,
    past: Vec<Scene>,
    undone: Vec<Scene>,
    condition: Option<Condition>,
}

impl Player {
    /// Whether somebody plays freely, apart from the lesson.
    pub fn in_sandbox(&self) -> bool {
        self.in_sandbox
    }

    /// Does what is asked beside the lesson.
    pub(super) fn play_freely(&mut self, command: Command) {
        match command {
            Command::Write(text) => self.write(text),
            Command::SetPiece(piece) => self.bench = (piece, String::new()),
            Command::ToggleSandbox => self.toggle_sandbox(),
            Command::StartOver => self.start_over(),
            _ => {} // Nothing else is done freely alone.
        }
    }

    /// Goes to the sandbox as it was left, or else to one that begins as things stand; or back.
    fn toggle_sandbox(&mut self) {
        self.playback.playing = false;
        self.quiz = None;
        let here = Aside {
            scene: self.scene.clone(),
            past: std::mem::take(&mut self.past),
            undone: std::mem::take(&mut self.undone),
            condition: self.condition.clone(),
        };
        if let Some(there) = self.aside.take() {
            self.scene = there.scene;
            self.past = there.past;
            self.undone = there.undone;
            self.condition = there.condition;
        }
        self.aside = Some(Box::new(here));
        self.in_sandbox = !self.in_sandbox;
    }

    /// Sets the world as it was: at the beginning of the step, or of everything in the sandbox.
    pub(super) fn start_over(&mut self) {
        let before = self.scene.clone();
        let (scenario, mode) = (self.lesson().scenario.clone(), self.scene.mode);
        if self.in_sandbox {
            self.scene = Scene::new(&scenario.into(), mode);
            self.remember(before);
            return;
        }
        let past = std::mem::take(&mut self.past);
        self.scene = Scene::new(&scenario.into(), self.lesson().mode);
        self.catch_up();
        // Starting over is done in the step, and can be taken back like what it took back.
        self.past = past;
        self.remember(before);
    }
}
