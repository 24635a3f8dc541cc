//! Changing: bits, segments, connections, hosts, branches; and taking changes back.
//!
//! **Invariant:** a change that cannot be made changes nothing and says why.

use super::{Command, MAX_UNDO, Player, Scene, focus};
use crate::sim::{Edit, Mode, Path, Target};
use crate::view::words;

impl Player {
    /// Makes a change that can be taken back; where it cannot be made, says why.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Self) -> Result<(), String>) {
        let before = self.scene.clone();
        match change(self) {
            Ok(()) => self.remember(before),
            Err(words) => {
                self.scene = before;
                self.notice = Some(words);
            }
        }
    }

    pub(super) fn undo(&mut self) {
        match self.past.pop() {
            Some(scene) => self.undone.push(std::mem::replace(&mut self.scene, scene)),
            None => self.notice = Some("There is nothing to undo in this step.".to_owned()),
        }
    }

    pub(super) fn redo(&mut self) {
        match self.undone.pop() {
            Some(scene) => self.past.push(std::mem::replace(&mut self.scene, scene)),
            None => self.notice = Some("There is nothing to do again.".to_owned()),
        }
    }

    pub(super) fn remember(&mut self, before: Scene) {
        if before == self.scene {
            return;
        }
        self.undone.clear();
        if self.past.len() == MAX_UNDO {
            self.past.remove(0);
        }
        self.past.push(before);
    }

    pub(super) fn flip(&mut self, bit: u64) -> Result<(), String> {
        let focus = self.focus.as_ref().ok_or("There is no unit here: step on to one.")?;
        focus::refuse(focus.whereabouts)
            .map_err(|refusal| words::sentence(&refusal.to_string()))?;
        if bit >= focus.bytes.len() as u64 * 8 {
            return Err(format!("The unit has {} bits.", focus.bytes.len() * 8));
        }
        let wrote = focus.wrote;
        self.scene.inspected = Some(wrote);
        if !self.scene.flips.remove(&bit) {
            self.scene.flips.insert(bit);
        }
        Ok(())
    }

    /// Changes the draft of an edit, makes it, or takes it back.
    pub(super) fn redraft(&mut self, command: &Command) {
        match command {
            Command::Flip(bit) => self.change(|player| player.flip(*bit)),
            Command::Release => self.change(Self::release),
            _ => self.change(Self::reset),
        }
    }

    /// Cuts the flow that is looked at, or takes cuts away.
    pub(super) fn cut(&mut self, command: &Command) {
        match command {
            Command::ToggleCut(at) => self.change(|player| player.toggle_cut(*at)),
            _ => self.change(Self::clear_cuts),
        }
    }

    /// Cuts the flow before a byte of it, or takes the cut away.
    pub(super) fn toggle_cut(&mut self, at: usize) -> Result<(), String> {
        let stream = self.flow().ok_or("Cuts are made in a flow of frames: look at one.")?;
        let n = stream.bytes.len();
        if !(1..n).contains(&at) {
            return Err(match n {
                0 | 1 => "There is nothing here to cut.".to_owned(),
                _ => format!("Cuts can be made before bytes 1 to {}.", n - 1),
            });
        }
        // The flow is that of this unit, also when time goes on.
        self.scene.inspected = self.focus.as_ref().map(|focus| focus.wrote);
        if !self.scene.cuts.remove(&at) {
            self.scene.cuts.insert(at);
        }
        Ok(())
    }

    pub(super) fn clear_cuts(&mut self) -> Result<(), String> {
        if self.scene.cuts.is_empty() {
            return Err("There are no cuts.".to_owned());
        }
        self.scene.cuts.clear();
        Ok(())
    }

    pub(super) fn release(&mut self) -> Result<(), String> {
        let focus = self.focus.as_ref().ok_or("There is no unit here: step on to one.")?;
        let wrote = focus.wrote;
        let edit = focus
            .patch(&self.scene.flips)
            .ok_or("Nothing is changed yet: flip a bit of the unit in flight.")?;
        let n = self.scene.lane().branches().len();
        let name = format!("change {n}: {}", words::unit_title(&focus.unit));
        let position = self.scene.position;
        self.scene
            .lane_mut()
            .fork(position, edit, name)
            .map_err(|refusal| words::sentence(&refusal.to_string()))?;
        let run = self.run();
        let arrives = run.passage(wrote).map_or(position.at, |passage| passage.arrives);
        self.move_to(run.position_at(arrives));
        Ok(())
    }

    /// Makes the edit that what is looked at asks for, if there is something.
    pub(super) fn change_pointed_at(&mut self, edit: impl FnOnce(&Self) -> Option<Edit>) {
        if let Some(edit) = edit(self) {
            self.change(|player| player.edit_world(edit));
            return;
        }
        let words = "Nothing of that kind is here: step to a moment when it is in flight.";
        self.notice = Some(words.to_owned());
    }

    /// The loss of the segment in flight that carries the unit that is looked at.
    pub(super) fn losing(&self) -> Option<Edit> {
        let unit = &self.focus.as_ref()?.unit;
        let world = self.run().world_at(self.scene.position.n_moves);
        let mut flights = world.link(unit.link)?.flow(unit.from).in_flight();
        let flight = flights
            .find(|flight| flight.range().end > unit.start && flight.start < unit.range().end)?;
        Some(Edit::Lose(Target { link: unit.link, from: unit.from, n: flight.n }))
    }

    /// The reset of the connection of the unit that is looked at.
    pub(super) fn resetting(&self) -> Option<Edit> {
        self.focus.as_ref().map(|focus| Edit::Reset(focus.unit.link))
    }

    /// The silence of the connection of the unit that is looked at, or its end.
    pub(super) fn silencing(&self) -> Option<Edit> {
        let link = self.focus.as_ref()?.unit.link;
        let world = self.run().world_at(self.scene.position.n_moves);
        Some(match world.link(link)?.path() {
            Path::Open => Edit::Silence(link),
            Path::Silent => Edit::Heal(link),
        })
    }

    /// Makes an edit where one stands; what follows is a branch.
    pub(super) fn edit_world(&mut self, edit: Edit) -> Result<(), String> {
        let mut position = self.scene.position;
        // A segment that is read byte by byte has not arrived yet.
        position.n_fed = 0;
        let n = self.scene.lane().branches().len();
        let name = format!("change {n}: {}", words::edit_name(&edit));
        self.scene
            .lane_mut()
            .fork(position, edit, name)
            .map_err(|refusal| words::sentence(&refusal.to_string()))?;
        self.move_to(self.run().place_at(position.at));
        Ok(())
    }

    pub(super) fn reset(&mut self) -> Result<(), String> {
        if !self.scene.flips.is_empty() {
            self.scene.flips.clear();
            return Ok(());
        }
        let lane = self.scene.lane();
        let Some((parent, at)) = lane.branch().forked else {
            return Err("Nothing is changed here.".to_owned());
        };
        self.scene.lane_mut().show(parent);
        // Back to where the change was made, so that another one can be tried.
        self.move_to(self.run().place_at(at));
        Ok(())
    }

    pub(super) fn poll_every(&mut self, ms: u64) -> Result<(), String> {
        let at = self.scene.position.at;
        let mut polls = (*self.scene.lane().branches()[0].run.scenario().as_ref()).clone();
        polls.poll.every_ms = ms;
        if let Some(fault) = polls.faults().first() {
            return Err(words::sentence(&fault.advice));
        }
        if self.scene.mode != Mode::Polling {
            return Err("Only polling clients ask again: switch to polling first.".to_owned());
        }
        self.scene.lane_mut().show(0);
        let start = self.run().start();
        let n = self.scene.lane().branches().len();
        let name = format!("change {n}: poll every {ms} ms");
        self.scene
            .lane_mut()
            .fork(start, Edit::PollEvery(ms), name)
            .map_err(|refusal| words::sentence(&refusal.to_string()))?;
        self.move_to(self.run().place_at(at));
        Ok(())
    }

    pub(super) fn rename_branch(&mut self, name: &str) -> Result<(), String> {
        let name = name.trim();
        if name.is_empty() || name.contains(char::is_control) {
            return Err("A name is a line of text.".to_owned());
        }
        self.scene.lane_mut().rename(name.to_owned());
        Ok(())
    }

    pub(super) fn delete_branch(&mut self) -> Result<(), String> {
        self.scene.beside = None;
        let at = self.scene.position.at;
        if !self.scene.lane_mut().delete() {
            return Err("This is how it was by itself: it stays.".to_owned());
        }
        self.move_to(self.run().place_at(at.min(self.run().ends_at())));
        Ok(())
    }
}
