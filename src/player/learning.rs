//! Learning: what is asked of a learner, and what the learner asks of the lesson.
//!
//! **Invariant:** what is done in the sandbox, or for the solution to be seen, is done by `obey` like
//! everything else.

use super::{Command, Gate, Player};
use crate::lesson::Step;
use crate::run::Position;
use crate::sim::{Record, RecordIdx, What};
use crate::view::words;

/// How much is told of a moment.
const MAX_TOLD: usize = 6;

impl Player {
    /// Does what is asked about the lesson; refused in the sandbox, which has none.
    pub(super) fn learn(&mut self, command: Command) {
        if self.in_sandbox && !matches!(command, Command::OpenLesson(_) | Command::Restart) {
            let words = "This is the sandbox: go back to the lesson first (F5).";
            self.notice = Some(words.to_owned());
            return;
        }
        self.quiz = None;
        match command {
            Command::Answer(choice) => self.answer(choice),
            Command::OpenLesson(id) => self.open_lesson(&id),
            Command::Restart => {
                self.walk.restart();
                self.load_lesson();
            }
            Command::Explain(words) => self.explain(words),
            Command::TickPoint(point) => self.walk.tick_point(point),
            Command::ShowSolution => self.show_solution(),
            Command::ToggleTest => self.toggle_test(),
            Command::Continue => self.go_on(),
            Command::StepBackInLesson => self.go_back_in_lesson(),
            Command::Hint if self.walk.hints().is_empty() && self.walk.task().is_none() => {
                let words = "There is no task here to give a hint for.";
                self.notice = Some(words.to_owned());
            }
            Command::Hint => self.walk.hint(),
            _ => {} // Nothing else is about the lesson.
        }
    }

    /// Locks the answer and goes to where the outcome shows.
    fn answer(&mut self, choice: usize) {
        if self.walk.test_question().is_some() {
            self.answer_test(choice);
            return;
        }
        if !self.walk.answer(choice) {
            self.notice = Some("The answer is locked.".to_owned());
            return;
        }
        let outcome = self.walk.step().and_then(Step::outcome);
        let Some(position) = outcome.and_then(|place| place.find(self.run())) else { return };
        self.move_to(position);
        // Where a rule was found broken, the byte that broke it is pointed at.
        let records = self.run().records();
        let broken = self
            .told_at(position)
            .into_iter()
            .find(|(record, _)| matches!(records[record.0].what, What::Found(..)));
        if let Some((record, _)) = broken {
            self.point_at(record, position);
        }
    }

    /// What really happened where the outcome of the step's question shows, once it is answered:
    /// each thing a few words, and the record that says so.
    pub fn outcome(&self) -> &[(RecordIdx, String)] {
        &self.outcome
    }

    /// Looks at what happened where the outcome shows.
    pub(super) fn note_outcome(&mut self) {
        let step = self.walk.step().filter(|_| !self.in_sandbox);
        let answered = step.filter(|step| {
            let asked = step.own_question();
            asked.is_some_and(|question| self.walk.prediction(&question.id).is_some())
        });
        let place = answered.and_then(Step::outcome).and_then(|place| place.find(self.run()));
        self.outcome = place.map(|place| self.told_at(place)).unwrap_or_default();
    }

    /// What happens at a moment that is worth telling, the first few of it.
    fn told_at(&self, place: Position) -> Vec<(RecordIdx, String)> {
        let seen = self.run().records_until(place.n_moves);
        let first = seen.partition_point(|record| record.at < place.at);
        let told = seen[first..].iter().filter(|record| !words::routine(record));
        let said = |record: &Record| (record.idx, words::told(record));
        told.take(MAX_TOLD).map(said).collect()
    }

    fn explain(&mut self, words: String) {
        if !self.walk.explain(words) {
            self.notice = Some("Say it in a sentence: three words at least.".to_owned());
        }
    }

    fn answer_test(&mut self, choice: usize) {
        if !self.walk.answer_test(choice) {
            self.notice = Some("There is no such answer.".to_owned());
        } else if self.walk.step().is_none() {
            self.notice = Some("All right: you know this. The card is yours.".to_owned());
        }
    }

    fn toggle_test(&mut self) {
        if self.walk.test().is_some() {
            self.walk.leave_test();
        } else if !self.walk.begin_test() {
            self.notice = Some("This lesson asks nothing that could be a test.".to_owned());
        }
    }

    fn go_on(&mut self) {
        if self.walk.test_question().is_some() {
            self.notice = Some("Choose an answer, or leave the test.".to_owned());
            return;
        }
        self.walk.leave_test();
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
            Gate::Unchosen => "Choose a way first; none is wrong.",
            Gate::Unexplained => "Say it in your own words first; nobody else will read it.",
        };
        self.notice = Some(words.to_owned());
    }

    fn go_back_in_lesson(&mut self) {
        self.walk.leave_test();
        self.walk.go_back();
        self.set_mode(self.walk.mode());
        self.enter_step();
    }

    /// Does what the lesson's solution does in the step, from the beginning of the step.
    fn show_solution(&mut self) {
        if !self.walk.offers_solution() {
            let words = "The solution comes after the hints, to a task that is not done.";
            self.notice = Some(words.to_owned());
            return;
        }
        let deeds = self.walk.solution();
        self.start_over();
        self.walk.note_solution();
        for deed in &deeds {
            if let Some(words) = self.perform(deed).or_else(|| self.notice.take()) {
                self.notice = Some(words);
                return;
            }
        }
    }

    /// Notes whether the task of the step is done.
    pub(super) fn grade(&mut self) {
        if self.in_sandbox {
            return;
        }
        let checks = self.walk.checks(&self.evidence());
        let met: Vec<bool> = checks.into_iter().map(|(_, met)| met).collect();
        self.walk.grade(&met);
    }
}
