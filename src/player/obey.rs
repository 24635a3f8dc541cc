//! Doing what is asked.

use super::{Command, Copied, Effect, Gate, MAX_UNDO, Player, Scene, Session, Tab, focus};
use crate::lesson::Step;
use crate::lesson::spotlit;
use crate::run::{Direction, Position, StepSize};
use crate::sim::{Edit, Mode, Path, RecordIdx, SimTime, Target};
use crate::view::locus::Locus;
use crate::view::{accept, bits, hex, machine, prefix, tree, words};
use std::sync::Arc;

/// The speeds that can be chosen: simulated milliseconds for each second.
const SPEEDS: std::ops::RangeInclusive<u32> = 1..=10_000;

impl Player {
    /// Does what is asked; gives what the shell must do about it.
    pub fn obey(&mut self, command: Command) -> Vec<Effect> {
        if matches!(command, Command::Tick(_)) && !self.playback.playing {
            return Vec::new();
        }
        self.notice = None;
        let progress = self.walk.progress().clone();
        let settings = self.settings.clone();
        let mut effects = Vec::new();
        if let Command::Copy(what) = command {
            effects.push(Effect::CopyText(self.text_of(what)));
        } else {
            self.carry_out(command);
            self.refocus();
            self.grade();
        }
        if *self.walk.progress() != progress {
            effects.push(Effect::SaveProgress);
        }
        if self.settings != settings {
            effects.push(Effect::SaveSettings);
        }
        effects
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Step(direction) => self.step(direction, self.settings.step_size),
            Command::StepBy(direction, size) => self.step(direction, size),
            Command::First => self.seek(SimTime::ZERO),
            Command::Last => self.seek(self.run().ends_at()),
            Command::Seek(at) => self.seek(at),
            Command::SetSize(size) => self.settings.step_size = size,
            Command::SetMode(mode) => self.set_mode(mode),
            Command::TogglePlay => self.toggle_play(),
            Command::SetSpeed(speed) => {
                self.playback.speed = speed.clamp(*SPEEDS.start(), *SPEEDS.end());
            }
            Command::Inspect(wrote) => self.inspect(wrote),
            Command::Select(locus) => self.scene.selection = Some(locus),
            Command::SelectNothing => self.scene.selection = None,
            Command::ShowTab(tab) => self.scene.tab = tab,
            Command::ShowBranch(idx) => self.show_branch(idx),
            Command::RenameBranch(name) => self.change(|player| player.rename_branch(&name)),
            Command::DeleteBranch => self.change(Self::delete_branch),
            Command::ToDivergence => self.seek_divergence(),
            Command::Flip(bit) => self.change(|player| player.flip(bit)),
            Command::Release => self.change(Self::release),
            Command::Reset => self.change(Self::reset),
            Command::PollEvery(ms) => self.change(|player| player.poll_every(ms)),
            Command::Edit(edit) => self.change(|player| player.edit_world(edit)),
            Command::LoseSegment => self.change_pointed_at(Self::losing),
            Command::ToggleSilence => self.change_pointed_at(Self::silencing),
            Command::ResetConnection => self.change_pointed_at(|player| {
                player.focus.as_ref().map(|focus| Edit::Reset(focus.unit.link))
            }),
            Command::OpenSession(session) => self.open_session(&session),
            Command::PasteSession(text) => match Session::read_short(&text) {
                Ok(session) => self.open_session(&session),
                Err(error) => self.notice = Some(words::sentence(&error.to_string())),
            },
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::Answer(choice) => self.answer(choice),
            Command::Continue => self.go_on(),
            Command::StepBackInLesson => {
                self.walk.go_back();
                self.set_mode(self.walk.mode());
                self.enter_step();
            }
            Command::Hint => self.walk.hint(),
            Command::OpenLesson(id) => self.open_lesson(&id),
            Command::Restart => {
                self.walk.restart();
                self.load_lesson();
            }
            Command::ToggleAllPanels => self.all_panels = !self.all_panels,
            Command::ToggleTheme => self.settings.theme = self.settings.theme.other(),
            Command::Tick(ns) => self.tick(ns),
            Command::Copy(_) | Command::Dismiss => {}
        }
    }

    fn step(&mut self, direction: Direction, size: StepSize) {
        self.playback.playing = false;
        if let Some(position) = self.run().step(self.scene.position, size, direction) {
            self.move_to(position);
            return;
        }
        let words = match direction {
            Direction::Forward => "The run ends here: step back, or go on in the lesson.",
            Direction::Back => "This is the start: nothing has happened yet.",
        };
        self.notice = Some(words.to_owned());
    }

    fn seek(&mut self, at: SimTime) {
        self.playback.playing = false;
        let at = at.min(self.run().ends_at());
        self.move_to(self.run().place_at(at));
    }

    /// Goes elsewhere; what was flipped and not released stays behind.
    pub(super) fn move_to(&mut self, position: Position) {
        self.scene.position = position;
        self.scene.inspected = None;
        self.scene.selection = None;
        self.scene.flips.clear();
    }

    pub(super) fn set_mode(&mut self, mode: Mode) {
        let at = self.scene.position.at;
        self.scene.mode = mode;
        self.move_to(self.run().place_at(at));
    }

    fn toggle_play(&mut self) {
        self.playback.playing = !self.playback.playing;
        let over = self.scene.position.at >= self.run().ends_at();
        if self.playback.playing && over {
            self.move_to(self.run().start());
        }
    }

    /// Plays on; long silences are passed quickly.
    fn tick(&mut self, ns: u64) {
        let (here, ends_at) = (self.scene.position.at, self.run().ends_at());
        let simulated = u128::from(ns) * u128::from(self.playback.speed) / 1000;
        let mut at = here.plus(u64::try_from(simulated).unwrap_or(u64::MAX));
        let diagram = &self.branch().diagram;
        if let Some(fold) = diagram.folds.iter().find(|fold| fold.from <= here && here < fold.until)
        {
            // A fold is as high as 32 ms drawn to scale; it passes as fast.
            let stretch = (fold.until.0 - fold.from.0) / SimTime::from_ms(32).0;
            let faster = simulated.saturating_mul(u128::from(stretch.max(1)));
            at = here.plus(u64::try_from(faster).unwrap_or(u64::MAX)).min(fold.until);
        }
        self.playback.playing = at < ends_at;
        self.move_to(self.run().position_at(at.min(ends_at)));
    }

    fn inspect(&mut self, wrote: RecordIdx) {
        self.scene.inspected = Some(wrote);
        self.scene.selection = None;
        self.scene.flips.clear();
    }

    fn show_branch(&mut self, idx: usize) {
        let at = self.scene.position.at;
        self.scene.lane_mut().show(idx);
        self.move_to(self.run().place_at(at));
    }

    fn rename_branch(&mut self, name: &str) -> Result<(), String> {
        let name = name.trim();
        if name.is_empty() || name.contains(char::is_control) {
            return Err("A name is a line of text.".to_owned());
        }
        self.scene.lane_mut().rename(name.to_owned());
        Ok(())
    }

    fn delete_branch(&mut self) -> Result<(), String> {
        let at = self.scene.position.at;
        if !self.scene.lane_mut().delete() {
            return Err("This is how it was by itself: it stays.".to_owned());
        }
        self.move_to(self.run().place_at(at.min(self.run().ends_at())));
        Ok(())
    }

    fn seek_divergence(&mut self) {
        let lane = self.scene.lane();
        let parent = lane.branch().forked.map(|(parent, _)| &lane.branches()[parent].run);
        let words = match parent.map(|parent| lane.branch().run.diverges_from(parent)) {
            Some(Some(divergence)) => return self.seek(divergence.at),
            Some(None) => "The change has changed nothing.",
            None => "Nothing is changed here.",
        };
        self.notice = Some(words.to_owned());
    }

    /// Makes a change that can be taken back; where it cannot be made, says why.
    fn change(&mut self, change: impl FnOnce(&mut Self) -> Result<(), String>) {
        let before = self.scene.clone();
        match change(self) {
            Ok(()) => self.remember(before),
            Err(words) => {
                self.scene = before;
                self.notice = Some(words);
            }
        }
    }

    fn undo(&mut self) {
        match self.past.pop() {
            Some(scene) => self.undone.push(std::mem::replace(&mut self.scene, scene)),
            None => self.notice = Some("There is nothing to undo in this step.".to_owned()),
        }
    }

    fn redo(&mut self) {
        match self.undone.pop() {
            Some(scene) => self.past.push(std::mem::replace(&mut self.scene, scene)),
            None => self.notice = Some("There is nothing to do again.".to_owned()),
        }
    }

    fn remember(&mut self, before: Scene) {
        if before == self.scene {
            return;
        }
        self.undone.clear();
        if self.past.len() == MAX_UNDO {
            self.past.remove(0);
        }
        self.past.push(before);
    }

    fn flip(&mut self, bit: u64) -> Result<(), String> {
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

    fn release(&mut self) -> Result<(), String> {
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
    fn change_pointed_at(&mut self, edit: impl FnOnce(&Self) -> Option<Edit>) {
        if let Some(edit) = edit(self) {
            self.change(|player| player.edit_world(edit));
            return;
        }
        let words = "Nothing of that kind is here: step to a moment when it is in flight.";
        self.notice = Some(words.to_owned());
    }

    /// The loss of the segment in flight that carries the unit that is looked at.
    fn losing(&self) -> Option<Edit> {
        let unit = &self.focus.as_ref()?.unit;
        let world = self.run().world_at(self.scene.position.n_moves);
        let mut flights = world.link(unit.link)?.flow(unit.from).in_flight();
        let flight = flights
            .find(|flight| flight.range().end > unit.start && flight.start < unit.range().end)?;
        Some(Edit::Lose(Target { link: unit.link, from: unit.from, n: flight.n }))
    }

    /// The silence of the connection of the unit that is looked at, or its end.
    fn silencing(&self) -> Option<Edit> {
        let link = self.focus.as_ref()?.unit.link;
        let world = self.run().world_at(self.scene.position.n_moves);
        Some(match world.link(link)?.path() {
            Path::Open => Edit::Silence(link),
            Path::Silent => Edit::Heal(link),
        })
    }

    /// Makes an edit where one stands; what follows is a branch.
    fn edit_world(&mut self, edit: Edit) -> Result<(), String> {
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

    fn reset(&mut self) -> Result<(), String> {
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

    fn poll_every(&mut self, ms: u64) -> Result<(), String> {
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

    /// Locks the answer and goes to where the outcome shows.
    fn answer(&mut self, choice: usize) {
        if !self.walk.answer(choice) {
            self.notice = Some("The answer is locked.".to_owned());
            return;
        }
        let outcome = self.walk.step().and_then(Step::outcome);
        if let Some(position) = outcome.and_then(|place| place.find(self.run())) {
            self.move_to(position);
        }
    }

    fn go_on(&mut self) {
        let words = match self.walk.gate() {
            Gate::Open if self.walk.step().is_none() => {
                let next = self.walk.library().next_after(&self.lesson().id);
                if let Some(id) = next.map(|next| next.id.clone()) {
                    self.open_lesson(&id);
                }
                return;
            }
            Gate::Open => {
                self.walk.go_on();
                self.enter_step();
                return;
            }
            Gate::Unanswered => "Choose an answer first; a guess will do.",
            Gate::Undone => "The task is not done yet; a hint may help.",
        };
        self.notice = Some(words.to_owned());
    }

    fn open_lesson(&mut self, id: &str) {
        if self.walk.open(id) {
            self.load_lesson();
        } else {
            self.notice = Some(format!("There is no lesson {id}."));
        }
    }

    pub(super) fn load_lesson(&mut self) {
        let lesson = self.walk.lesson();
        self.scene = Scene::new(&Arc::new(lesson.scenario.clone()), lesson.mode);
        self.playback.playing = false;
        self.catch_up();
    }

    /// Sets the scene for a step that is not come to from the one before it.
    pub(super) fn catch_up(&mut self) {
        self.set_mode(self.walk.mode());
        let before = &self.walk.lesson().steps[..self.walk.step_idx()];
        let place = before.iter().rev().find_map(|step| step.outcome().or(step.at.as_ref()));
        if let Some(position) = place.and_then(|place| place.find(self.run())) {
            self.move_to(position);
        }
        self.enter_step();
    }

    /// Sets the scene for the step of the lesson.
    pub(super) fn enter_step(&mut self) {
        // What is undone in a step was done in it.
        self.past.clear();
        self.undone.clear();
        self.scene.flips.clear();
        let lesson = self.walk.lesson();
        let until = self.walk.step_idx();
        let steps = &lesson.steps[..lesson.steps.len().min(until + 1)];
        self.panels = lesson.shows.iter().copied().collect();
        self.panels.extend(steps.iter().flat_map(|step| step.shows.iter().copied()));
        let Some(step) = self.walk.step().cloned() else { return };
        if let Some(mode) = step.mode {
            self.set_mode(mode);
        }
        if let Some(place) = &step.at {
            // A step that says where it begins speaks of the run as it plays by itself.
            self.scene.lane_mut().show(0);
            if let Some(position) = place.find(self.run()) {
                self.move_to(position);
            }
        }
        if let Some(field) = &step.spotlight {
            self.refocus();
            self.select_field(field);
        }
    }

    /// Selects a field of the unit that is looked at, by its machine name; whether it has one.
    pub(super) fn select_field(&mut self, name: &str) -> bool {
        let found = self.focus.as_ref().map(|focus| &focus.found);
        let locus = found.and_then(|found| spotlit(found, name)).map(Locus::of);
        self.scene.selection = locus.or(self.scene.selection);
        locus.is_some()
    }

    /// Notes whether the task of the step is done.
    pub(super) fn grade(&mut self) {
        let checks = self.walk.checks(&self.evidence());
        let met: Vec<bool> = checks.into_iter().map(|(_, met)| met).collect();
        self.walk.grade(&met);
    }

    fn text_of(&self, what: Copied) -> String {
        let Some(focus) = &self.focus else { return self.text_without_unit(what) };
        match (what, self.tab()) {
            (Copied::Hex, _) => hex::text(&focus.bytes),
            (Copied::Tree, _) => {
                tree::text(&tree::tree(&focus.bytes, &focus.context, &focus.found))
            }
            (Copied::Tab, Tab::Frame) => {
                let range = 0..bits::n_rows(&focus.bytes);
                bits::text(&bits::rows(&focus.bytes, &focus.found, range))
            }
            (Copied::Tab, Tab::Bytes) => {
                let range = 0..focus.bytes.len();
                prefix::text(&prefix::rows(&focus.bytes, &focus.context, range))
            }
            (Copied::Diagram | Copied::Tab | Copied::Session, _) => self.text_without_unit(what),
        }
    }

    fn text_without_unit(&self, what: Copied) -> String {
        match (what, self.tab()) {
            (Copied::Session, _) => self.session().to_short(),
            (Copied::Diagram, _) => self.branch().diagram.text(self.position().at),
            (Copied::Tab, Tab::Handshake) => self
                .handshake_key()
                .map_or_else(String::new, |key| accept::text(&accept::rows(&key))),
            (Copied::Tab, Tab::States) => {
                machine::text(&machine::rows(&self.run().world_at(self.position().n_moves)))
            }
            (Copied::Hex | Copied::Tree | Copied::Tab, _) => String::new(),
        }
    }
}
