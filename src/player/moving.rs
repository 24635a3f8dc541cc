//! Moving in time: steps, searches, playing, and what is pointed at on the way.

use super::{Player, Search, Stopped};
use crate::run::{Condition, Direction, Position, StepSize, alike};
use crate::sim::{Host, Mode, Record, RecordIdx, SimTime, What};
use crate::view::locus::Locus;
use crate::view::{script, words};

impl Player {
    pub(super) fn step(&mut self, direction: Direction, size: StepSize) {
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

    pub(super) fn seek(&mut self, at: SimTime) {
        self.playback.playing = false;
        let at = at.min(self.run().ends_at());
        self.move_to(self.run().place_at(at));
    }

    /// Goes elsewhere; what was flipped and not released, or cut, stays behind.
    pub(super) fn move_to(&mut self, position: Position) {
        self.scene.position = position;
        self.scene.inspected = None;
        self.scene.chosen = None;
        self.scene.selection = None;
        self.scene.flips.clear();
        self.scene.cuts.clear();
    }

    pub(super) fn set_mode(&mut self, mode: Mode) {
        let at = self.scene.position.at;
        self.scene.mode = mode;
        self.move_to(self.run().place_at(at));
    }

    pub(super) fn toggle_play(&mut self) {
        self.playback.playing = !self.playback.playing;
        let over = self.scene.position.at >= self.run().ends_at();
        if self.playback.playing && over {
            self.move_to(self.run().start());
        }
    }

    /// Plays on; long silences are passed quickly, and breakpoints stop it.
    pub(super) fn tick(&mut self, ns: u64) {
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
        let until = self.run().position_at(at.min(ends_at));
        self.go(until, Stopped::Nowhere);
    }

    /// Goes on to `until`, or to the first breakpoint before it.
    fn go(&mut self, until: Position, stopped: Stopped) {
        let here = self.scene.position;
        match self.breakpoint_between(here, until) {
            Some((record, place)) => {
                self.playback.playing = false;
                self.point_at(record, place);
                self.notice = Some("Stopped at a breakpoint.".to_owned());
            }
            None => match stopped {
                Stopped::At(record) => self.point_at(record, until),
                Stopped::Nowhere => self.move_to(until),
            },
        }
    }

    /// The first breakpoint behind `from` and not behind `until`, whichever way that is.
    fn breakpoint_between(&self, from: Position, until: Position) -> Option<(RecordIdx, Position)> {
        let run = self.run();
        let breakpoints = self.branch().breakpoints.iter();
        let places = breakpoints.map(|idx| (*idx, run.place_of(&run.records()[idx.0])));
        if until < from {
            let between = places.filter(|(_, place)| *place < from && *place > until);
            return between.max_by_key(|(_, place)| *place);
        }
        let between = places.filter(|(_, place)| *place > from && *place < until);
        between.min_by_key(|(_, place)| *place)
    }

    /// To the next place at which a condition is met, or the last one.
    fn run_until(&mut self, condition: Condition, direction: Direction) {
        let here = self.scene.position;
        let run = self.run();
        let found = match &condition {
            Condition::Time(at) => {
                let place = run.place_at((*at).min(run.ends_at()));
                let ahead = match direction {
                    Direction::Forward => place > here,
                    Direction::Back => place < here,
                };
                ahead.then_some((Stopped::Nowhere, place))
            }
            met => run
                .find(here, direction, |record| met.met(run, record))
                .map(|(record, place)| (Stopped::At(record), place)),
        };
        if let Some((stopped, place)) = found {
            self.go(place, stopped);
        } else {
            let never = match direction {
                Direction::Forward => "does not come any more: look back, or in another branch",
                Direction::Back => "did not come before",
            };
            self.notice = Some(format!("“{condition}” {never}."));
        }
        self.condition = Some(condition);
    }

    /// Runs until something comes, or back to where it came last.
    pub(super) fn search(&mut self, search: Search, direction: Direction) {
        self.playback.playing = false;
        match (search, self.condition.clone()) {
            (Search::Condition(condition), _) | (Search::Again, Some(condition)) => {
                self.run_until(condition, direction);
            }
            (Search::Again, None) => {
                self.notice = Some("Say first what to run until: press U.".to_owned());
            }
            (Search::Breakpoint, _) => self.seek_breakpoint(direction),
            (Search::Alike, _) => self.seek_alike(direction),
        }
    }

    /// Shows a branch beside the one that is looked at, if there is such a branch; or none.
    pub(super) fn compare(&mut self, beside: Option<(Mode, usize)>) {
        let shown = (self.scene.mode, self.scene.lane().shown());
        self.scene.beside = beside.filter(|beside| {
            let lane = self.scene.lanes.get(&beside.0);
            *beside != shown && lane.is_some_and(|lane| beside.1 < lane.branches().len())
        });
    }

    /// To the next breakpoint, or the last one.
    fn seek_breakpoint(&mut self, direction: Direction) {
        if self.branch().breakpoints.is_empty() {
            let words = "There is no breakpoint: set one with B on what is looked at.";
            self.notice = Some(words.to_owned());
            return;
        }
        let end = match direction {
            Direction::Forward => Position { n_fed: 1, ..self.run().end() },
            Direction::Back => Position::default(),
        };
        match self.breakpoint_between(self.scene.position, end) {
            Some((record, place)) => self.point_at(record, place),
            None => self.notice = Some("No breakpoint lies there.".to_owned()),
        }
    }

    /// Sets a breakpoint on a record, or takes it away.
    pub(super) fn toggle_breakpoint(&mut self, record: Option<RecordIdx>) {
        let record = record.or_else(|| self.subject());
        let Some(record) = record.filter(|record| record.0 < self.run().records().len()) else {
            self.notice = Some("There is nothing here to stop at: step on first.".to_owned());
            return;
        };
        self.scene.lane_mut().toggle_breakpoint(record);
    }

    /// To the next thing of the same kind as the one that is looked at, or the last one.
    fn seek_alike(&mut self, direction: Direction) {
        let Some(subject) = self.subject() else {
            self.notice = Some("There is nothing here to look for more of: step on first.".into());
            return;
        };
        let run = self.run();
        let like = &run.records()[subject.0];
        // Looking on from what is looked at, wherever one stands.
        let from = match self.scene.chosen {
            Some(_) => self.scene.position,
            None => run.place_of(like),
        };
        let found =
            run.find(from, direction, |record| record.idx != subject && alike(like, record));
        if let Some((record, place)) = found {
            self.point_at(record, place);
            return;
        }
        let words = match direction {
            Direction::Forward => "This was the last one of its kind.",
            Direction::Back => "This was the first one of its kind.",
        };
        self.notice = Some(words.to_owned());
    }

    /// To a record, and what it speaks of.
    pub(super) fn choose(&mut self, record: RecordIdx) {
        self.playback.playing = false;
        match self.run().records().get(record.0) {
            Some(found) => {
                let place = self.run().place_of(found);
                self.point_at(record, place);
            }
            None => self.notice = Some(format!("There is no event {}.", record.0)),
        }
    }

    /// Stands at a place and looks at a record there, at its unit, and at the bits it speaks of.
    pub(super) fn point_at(&mut self, record: RecordIdx, place: Position) {
        self.move_to(place);
        self.scene.chosen = Some(record);
        self.scene.inspected = self.run().unit_of(record);
        let wrote = self.scene.inspected.and_then(|wrote| self.run().records().get(wrote.0));
        self.scene.selection = match (&self.run().records()[record.0].what, wrote) {
            (What::Found(_, breach), Some(Record { what: What::Wrote(unit), .. })) => {
                let bit = breach.bit.checked_sub(unit.start * 8);
                bit.map(|bit| Locus { bit, bits: breach.bits })
            }
            _ => None,
        };
    }

    pub(super) fn inspect(&mut self, wrote: RecordIdx) {
        self.scene.inspected = Some(wrote);
        self.scene.chosen = None;
        self.scene.selection = None;
        self.scene.flips.clear();
        self.scene.cuts.clear();
    }

    pub(super) fn show_branch(&mut self, idx: usize) {
        let at = self.scene.position.at;
        self.scene.lane_mut().show(idx);
        self.move_to(self.run().place_at(at.min(self.run().ends_at())));
    }

    pub(super) fn seek_divergence(&mut self) {
        let lane = self.scene.lane();
        let other = self.beside().map(|branch| &branch.run);
        let parent = lane.branch().forked.map(|(parent, _)| &lane.branches()[parent].run);
        let words = match other.or(parent).map(|other| lane.branch().run.diverges_from(other)) {
            Some(Some(divergence)) => return self.seek(divergence.at),
            Some(None) => "The change has changed nothing.",
            None => "Nothing is changed here.",
        };
        self.notice = Some(words.to_owned());
    }

    /// What is looked at: the record that was chosen, or the unit; else what happened last.
    pub fn subject(&self) -> Option<RecordIdx> {
        let told = || {
            let seen = self.run().records_until(self.scene.position.n_moves);
            let told = seen.iter().rev().find(|record| !words::routine(record));
            told.map(|record| record.idx)
        };
        let unit = self.focus.as_ref().map(|focus| focus.wrote);
        self.scene.chosen.or(unit).or_else(told)
    }

    /// The client of the connection that is looked at, or the first one.
    pub fn looked_at_client(&self) -> Host {
        let link = self.focus.as_ref().map(|focus| focus.unit.link);
        let client = link.and_then(|link| self.run().client_of(link));
        Host::Client(client.unwrap_or(1))
    }

    /// What the script of that client sees up to here, against what is on the wire.
    pub fn below_the_line(&self) -> Vec<script::Row> {
        script::rows(self.run(), self.scene.position, self.looked_at_client())
    }

    /// The last change of state of an end up to now.
    pub fn state_change(&self, host: Host, link: crate::sim::LinkIdx) -> Option<RecordIdx> {
        let seen = self.run().records_until(self.scene.position.n_moves);
        let mut changes = seen.iter().rev().filter(|record| record.host == host);
        changes
            .find(|record| matches!(record.what, What::Became(on, ..) if on == link))
            .map(|record| record.idx)
    }
}
