//! Playing a script of deeds through a lesson, as a learner would do them.

use super::{Command, Player, Progress, Settings};
use crate::lesson::{Deed, Lesson, Letter, Library, Place};
use crate::run::Direction;
use crate::sim::{Edit, Wish};

/// How a script came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The lesson was finished.
    Passed,
    /// The lesson did not let the learner go on: at which step, from 0, and why.
    Held(usize, String),
    /// A deed could not be done at all: at which step, from 0, and why. The script is wrong.
    Broken(usize, String),
}

/// Plays deeds through a lesson from its beginning.
pub fn play_script(lesson: &Lesson, deeds: &[Deed]) -> Outcome {
    let library = Library::of(lesson.clone());
    let mut player = Player::new(library, Progress::default(), Settings::default());
    for deed in deeds {
        let obstacle = player.perform(deed).or_else(|| player.notice().map(str::to_owned));
        let step = player.walk().step_idx();
        match obstacle {
            None => {}
            Some(why) if *deed == Deed::Continue => return Outcome::Held(step, why),
            Some(why) => return Outcome::Broken(step, format!("{deed:?}: {why}")),
        }
    }
    let step = player.walk().step_idx();
    if step == lesson.steps.len() {
        Outcome::Passed
    } else {
        Outcome::Held(step, "the script ends before the lesson does".to_owned())
    }
}

/// The steps, from 0, whose task is done as soon as the learner comes to it.
pub fn done_on_arrival(lesson: &Lesson) -> Vec<usize> {
    let library = Library::of(lesson.clone());
    let mut player = Player::new(library, Progress::default(), Settings::default());
    let mut steps = Vec::new();
    let mut entered = None;
    for deed in &lesson.solution {
        let step = player.walk().step_idx();
        if entered != Some(step) {
            entered = Some(step);
            let checks = player.checks();
            if !checks.is_empty() && checks.iter().all(|(_, met)| *met) {
                steps.push(step);
            }
        }
        player.perform(deed);
    }
    steps
}

impl Player {
    /// Does what a learner would; gives what stands in the way of a deed that is no command.
    pub(super) fn perform(&mut self, deed: &Deed) -> Option<String> {
        let command = match deed {
            Deed::Continue => Command::Continue,
            Deed::Answer(choice) => Command::Answer(*choice),
            Deed::Forward(size) => Command::StepBy(Direction::Forward, *size),
            Deed::Back(size) => Command::StepBy(Direction::Back, *size),
            Deed::GoTo(place) => return self.go_to(place),
            Deed::ToEnd => Command::Last,
            Deed::Switch(mode) => Command::SetMode(*mode),
            Deed::Look(letter, n) => return self.look(*letter, *n),
            Deed::Select(field) => {
                let there = self.select_field(field);
                self.obey(Command::Dismiss);
                return (!there).then(|| format!("the unit has no field {field}"));
            }
            Deed::Flip(bit) => Command::Flip(*bit),
            Deed::Release => Command::Release,
            Deed::Reset => Command::Reset,
            Deed::ResetConnection => Command::ResetConnection,
            Deed::Explain(words) => Command::Explain(words.clone()),
            Deed::Write(text) => Command::Write(text.clone()),
            Deed::Change(edit) => Command::Edit(edit.clone()),
            Deed::LoseSegment => Command::LoseSegment,
            Deed::ToggleSilence => Command::ToggleSilence,
            Deed::Say(host, text) => Command::Edit(Edit::Do(*host, Wish::Say(text.clone()))),
            Deed::PollEvery(ms) => Command::PollEvery(*ms),
        };
        self.obey(command);
        None
    }

    /// Looks at one of the units that travel with the one that is looked at.
    fn look(&mut self, letter: Letter, n: usize) -> Option<String> {
        let wrote = letter.wrote(self.run(), n);
        let here = self.siblings().into_iter().find(|(sibling, _)| Some(*sibling) == wrote);
        let Some((wrote, _)) = here else {
            return Some("no such unit is here".to_owned());
        };
        self.obey(Command::Inspect(wrote));
        None
    }

    fn go_to(&mut self, place: &Place) -> Option<String> {
        let Some(position) = place.find(self.run()) else {
            return Some("there is no such place in this run".to_owned());
        };
        self.obey(Command::Seek(position.at));
        None
    }
}
