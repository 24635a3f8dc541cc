//! An errand: a command that takes long, obeyed on a thread of its own while the window lives on.
//!
//! **Invariant:** the player that is shown does not change until the errand is done; what was called
//! off never happened.

use super::theme::{self, Face};
use super::widgets::Button;
use crate::player::{Command, Effect, Player};
use egui::{Id, Modal, ProgressBar, Spinner, Ui};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::time::Duration;

/// How many records a command may make while a frame waits for it.
const LIGHT: u64 = 60_000;
/// How long a frame waits for an errand that may be short, so that nothing flickers.
const PATIENCE: Duration = Duration::from_millis(8);

/// A command that is being obeyed elsewhere.
pub(super) struct Errand {
    done: Receiver<Done>,
    /// When it was begun, in seconds of the window.
    since: f64,
    /// About how many records it makes.
    weight: u64,
}

/// What came of an errand.
type Done = (Player, Vec<Effect>);

/// How an errand stands.
pub(super) enum Progress {
    /// It is done.
    Done(Box<Done>),
    /// It goes on.
    UnderWay(Errand),
    /// It was called off, or its thread is gone.
    Over,
}

impl Errand {
    /// Whether a command is better obeyed elsewhere.
    pub(super) fn is(player: &Player, command: &Command) -> bool {
        player.weight_of(command) > LIGHT
    }

    /// Has a command obeyed by a copy of a player.
    #[expect(clippy::disallowed_methods, reason = "the shell is where long runs go to a thread")]
    pub(super) fn start(player: &Player, command: Command, now: f64) -> Progress {
        let (tell, done) = sync_channel(1);
        let weight = player.weight_of(&command);
        let mut player = player.clone();
        std::thread::spawn(move || {
            let effects = player.obey(command);
            // Nobody listens any more where the errand was called off.
            let _ = tell.send((player, effects));
        });
        match done.recv_timeout(PATIENCE) {
            Ok(done) => Progress::Done(Box::new(done)),
            Err(RecvTimeoutError::Timeout) => Progress::UnderWay(Self { done, since: now, weight }),
            Err(RecvTimeoutError::Disconnected) => Progress::Over,
        }
    }

    /// Shows that it goes on, and looks whether it is done.
    pub(super) fn wait(self, ui: &Ui) -> Progress {
        match self.done.try_recv() {
            Ok(done) => return Progress::Done(Box::new(done)),
            Err(TryRecvError::Disconnected) => return Progress::Over,
            Err(TryRecvError::Empty) => {}
        }
        let passed = (ui.input(|input| input.time) - self.since).max(0.0);
        let mut called_off = false;
        Modal::new(Id::unique("errand")).show(ui.ctx(), |ui| {
            ui.set_width(theme::DIALOG_WIDTH * 0.5);
            ui.horizontal(|ui| {
                ui.add(Spinner::new());
                ui.label(Face::Strong.text("Playing a long conversation…"));
            });
            let expected = self.weight as f64 / RECORDS_EACH_SECOND;
            let part = (passed / (passed + expected)).min(0.99) as f32;
            ui.add(ProgressBar::new(part).text(format!("{passed:.0} s of about {expected:.0} s")));
            let n = crate::view::words::grouped(self.weight);
            let words = format!("About {n} events. Nothing changes until it is done.");
            ui.label(Face::Small.text(words).color(theme::palette(ui).text_weak));
            called_off = ui.add(Button::plain("Call it off")).clicked();
        });
        // Nothing else asks for the next frame.
        ui.ctx().request_repaint_after(Duration::from_millis(50));
        if called_off { Progress::Over } else { Progress::UnderWay(self) }
    }
}

/// How many records are made and drawn in a second, for the guess how long it takes.
const RECORDS_EACH_SECOND: f64 = 250_000.0;
