//! Doing what is asked.

use super::session::Content;
use super::{Command, Copied, Effect, Player, Scene, reason};
use crate::lesson::{Panel, Tab, spotlit};
use crate::sim::SimTime;
use crate::view::locus::Locus;
use crate::view::{
    accept, bits, chunks, events, hex, machine, mask, prefix, script, tree, witness,
};
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
        let content = Content::of(self);
        let mut effects = Vec::new();
        if let Command::Copy(what) = command {
            effects.push(Effect::CopyText(self.text_of(what)));
        } else {
            self.carry_out(command);
            self.refocus();
            self.rebuild();
            self.note_outcome();
            self.grade();
        }
        if *self.walk.progress() != progress {
            effects.push(Effect::SaveProgress);
        }
        if self.settings != settings {
            effects.push(Effect::SaveSettings);
        }
        if Content::of(self) != content {
            effects.push(Effect::SessionChanged);
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
            Command::SetSpeed(speed) => self.set_speed(speed),
            Command::Inspect(wrote) => self.inspect(wrote),
            Command::Select(locus) => self.select(locus),
            Command::SelectNothing => self.scene.selection = None,
            Command::ShowTab(tab) => self.scene.tab = tab,
            Command::ShowBranch(idx) => self.show_branch(idx),
            Command::RenameBranch(name) => self.change(|player| player.rename_branch(&name)),
            Command::DeleteBranch => self.change(Self::delete_branch),
            Command::ToggleLanes => self.scene.shows_lanes = !self.scene.shows_lanes,
            Command::Compare(beside) => self.compare(beside),
            Command::Choose(record) => self.choose(record),
            Command::Search(search, direction) => self.search(search, direction),
            Command::ToggleBreakpoint(record) => self.toggle_breakpoint(record),
            Command::ToDivergence => self.seek_divergence(),
            Command::Flip(_) | Command::Release | Command::Reset => self.redraft(&command),
            Command::ToggleCut(_) | Command::ClearCuts => self.cut(&command),
            Command::PollEvery(ms) => self.change(|player| player.poll_every(ms)),
            Command::Edit(edit) => self.change(|player| player.edit_world(edit)),
            Command::LoseSegment => self.change_pointed_at(Self::losing),
            Command::ToggleSilence => self.change_pointed_at(Self::silencing),
            Command::ResetConnection => self.change_pointed_at(Self::resetting),
            Command::Open(_) | Command::Reload(_) => self.take_file(command),
            Command::OpenSession(session) => self.open_session(&session),
            Command::PasteSession(text) => self.paste_session(&text),
            Command::SetNotes(text) => self.set_notes(text),
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::Ask | Command::AnswerAsked(_) | Command::StopAsking => self.do_quiz(&command),
            Command::Write(_)
            | Command::SetPiece(_)
            | Command::ToggleSandbox
            | Command::StartOver => self.play_freely(command),
            Command::OpenLesson(_)
            | Command::Restart
            | Command::Answer(_)
            | Command::Explain(_)
            | Command::TickPoint(_)
            | Command::ShowSolution
            | Command::ToggleTest
            | Command::Continue
            | Command::StepBackInLesson
            | Command::Hint => self.learn(command),
            Command::ToggleAllPanels => self.all_panels = !self.all_panels,
            Command::ToggleTheme => self.settings.theme = self.settings.theme.other(),
            Command::Tick(ns) => self.tick(ns),
            Command::Copy(_) | Command::Dismiss => {}
        }
    }

    fn select(&mut self, locus: Locus) {
        // Who selects asks about bits of the unit, no longer about what happened.
        self.scene.chosen = None;
        self.scene.selection = Some(locus);
    }

    fn set_speed(&mut self, speed: u32) {
        self.playback.speed = speed.clamp(*SPEEDS.start(), *SPEEDS.end());
    }

    pub(super) fn open_lesson(&mut self, id: &str) {
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
        self.aside = None;
        self.quiz = None;
        self.in_sandbox = false;
        self.catch_up();
    }

    /// Sets the scene for a step that is not come to from the one before it.
    pub(super) fn catch_up(&mut self) {
        self.set_mode(self.walk.mode());
        let before = &self.walk.lesson().steps[..self.walk.step_idx()];
        let mut places = before.iter().rev().filter_map(|step| step.outcome().or(step.at.as_ref()));
        // A place of another mode may not be there in this one: then the one before it will do.
        let position = places.find_map(|place| place.find(self.run()));
        if let Some(position) = position {
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
        self.show_panels();
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
        if self.walk.bench().is_some() {
            self.panels.insert(Panel::Inspector);
            self.scene.tab = Tab::Bench;
        } else if let Some(tab) = step.tab {
            self.scene.tab = tab;
        } else if self.scene.tab == Tab::Bench {
            self.scene.tab = Tab::default();
        }
        if let Some(field) = &step.spotlight {
            self.refocus();
            self.select_field(field);
        }
    }

    /// Shows what the lesson asks for up to its step.
    pub(super) fn show_panels(&mut self) {
        let lesson = self.walk.lesson();
        let until = self.walk.step_idx();
        let steps = &lesson.steps[..lesson.steps.len().min(until + 1)];
        self.panels = lesson.shows.iter().copied().collect();
        self.panels.extend(steps.iter().flat_map(|step| step.shows.iter().copied()));
    }

    /// Selects a field of the unit that is looked at, by its machine name; whether it has one.
    pub(super) fn select_field(&mut self, name: &str) -> bool {
        let found = self.focus.as_ref().map(|focus| &focus.found);
        let locus = found.and_then(|found| spotlit(found, name)).map(Locus::of);
        self.scene.selection = locus.or(self.scene.selection);
        locus.is_some()
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
            (Copied::Tab, Tab::Mask) => {
                let masking = mask::of(&focus.bytes, &focus.context, &focus.found);
                mask::text(&focus.bytes, &masking)
            }
            (Copied::Tab, Tab::Cuts) => self
                .stream
                .as_ref()
                .map_or_else(String::new, |stream| chunks::text(stream, &self.scene.cuts)),
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
            (Copied::Tab, Tab::Handshake) => {
                self.handshake_key().map_or_else(String::new, |key| accept::text(&key))
            }
            (Copied::Tab, Tab::States) => {
                machine::text(&machine::rows(&self.run().world_at(self.position().n_moves)))
            }
            (Copied::Tab, Tab::Script) => script::text(&self.below_the_line()),
            (Copied::Tab, Tab::Events) => {
                let n_seen = self.run().records_until(self.position().n_moves).len();
                events::text(self.run(), 0..n_seen)
            }
            (Copied::Tab, Tab::Why) => {
                self.reason().map_or_else(String::new, |reason| reason::text(&reason))
            }
            (Copied::Tab, Tab::Bench) => self.text_of_bench(),
            (Copied::Tab, Tab::Seen) => witness::text(&witness::rows(self.run(), self.position())),
            (Copied::Hex | Copied::Tree, _)
            | (Copied::Tab, Tab::Frame | Tab::Mask | Tab::Bytes | Tab::Cuts) => String::new(),
        }
    }
}
