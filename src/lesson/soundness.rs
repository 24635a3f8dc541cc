//! Soundness: what a lesson must hold to be loaded at all, beyond its form.
//!
//! **Invariant:** everything a lesson names is there: fields, rules, questions, hosts, clauses,
//! and places in the runs of its own scenario.

use super::bench::react;
use super::bench_goal::BenchGoal;
use super::frame_test::FrameTest;
use super::goal::Goal;
use super::place::Place;
use super::source::{Source, Spot, advice};
use super::{
    Choice, Choose, Deed, Do, Explain, HEADER, Lesson, LessonError, Predict, Step, Task, clause,
};
use crate::run::Run;
use crate::sim::{Host, Mode, Scenario, ScenarioFault};
use crate::view::hex;
use crate::wire::rule::Rule;
use crate::wire::unit::specs;
use crate::wire::{Side, close};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many hints a task has.
const N_HINTS: usize = 3;
/// How many scripts that must fail a lesson has at least.
const MIN_WRONG: usize = 2;

/// What is wrong with a scenario that stands at or behind `from`.
pub(super) fn scenario(scenario: &Scenario, source: &Source<'_>, from: Spot) -> Vec<LessonError> {
    let error = |fault: &ScenarioFault, from: Spot| {
        let label = match fault.place {
            // A wish is written as its name and what is in it.
            "Close" => "Close(".to_owned(),
            field => format!("{field}:"),
        };
        let at = source.find(&label, from).unwrap_or(from);
        let what = format!("`{}` does not work", fault.place);
        source.error(Some(at), what, fault.advice.as_str())
    };
    let bare = Scenario { workload: Vec::new(), ..scenario.clone() };
    let general = bare.faults();
    let mut errors: Vec<_> = general.iter().map(|fault| error(fault, from)).collect();
    let mut at = source.find("workload:", from).unwrap_or(from);
    for want in &scenario.workload {
        at = source.find_again("at_ms:", at).unwrap_or(at);
        let alone = Scenario { workload: vec![want.clone()], ..bare.clone() };
        let own = alone.faults().into_iter().filter(|fault| !general.contains(fault));
        errors.extend(own.map(|fault| error(&fault, at)));
    }
    errors
}

/// What is wrong with a lesson.
pub(super) fn lesson(lesson: &Lesson, source: &Source<'_>) -> Vec<LessonError> {
    let world = source.find("scenario:", Spot::default()).unwrap_or_default();
    let faults = scenario(&lesson.scenario, source, world);
    if !faults.is_empty() {
        // What happens in a world that cannot be is not worth asking.
        return faults;
    }
    let mut inspector = Inspector {
        lesson,
        source,
        runs: runs(&lesson.scenario),
        mode: lesson.mode,
        at: Spot::default(),
        errors: Vec::new(),
    };
    inspector.whole();
    inspector.errors.dedup();
    inspector.errors
}

/// The lesson's runs before anybody has touched them.
pub(super) fn runs(scenario: &Scenario) -> BTreeMap<Mode, Run> {
    let scenario = Arc::new(scenario.clone());
    Mode::ALL.into_iter().map(|mode| (mode, Run::new(Arc::clone(&scenario), mode))).collect()
}

/// A string as RON writes it.
pub(super) fn quoted(text: &str) -> String {
    ron::to_string(text).expect("a string can be written")
}

/// Goes through a lesson and notes what is wrong.
struct Inspector<'a> {
    lesson: &'a Lesson,
    source: &'a Source<'a>,
    runs: BTreeMap<Mode, Run>,
    /// The mode in force.
    mode: Mode,
    /// Where the part that is looked at begins.
    at: Spot,
    errors: Vec<LessonError>,
}

impl Inspector<'_> {
    /// Notes that what `needle` finds is wrong.
    fn fault(&mut self, needle: &str, what: impl Into<String>, remedy: impl Into<String>) {
        let at = self.source.find(needle, self.at).unwrap_or(self.at);
        self.errors.push(self.source.error(Some(at), what, remedy));
    }

    /// Looks at what follows the next `needle`.
    fn enter(&mut self, needle: &str) {
        self.at = self.source.find(needle, self.at).unwrap_or(self.at);
    }

    fn whole(&mut self) {
        let lesson = self.lesson;
        let well_named = lesson.id.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'));
        if lesson.id.is_empty() || !well_named {
            let what = format!("`{}` is no name for a lesson", lesson.id);
            self.fault("id:", what, "use a to z, 0 to 9 and hyphens");
        }
        self.enter("steps:");
        if lesson.steps.is_empty() {
            // What the scripts do means nothing then.
            return self.fault("steps:", "there are no steps", "write one at least");
        }
        for (idx, step) in lesson.steps.iter().enumerate() {
            self.step(idx, step);
            // Progress is kept by the titles of steps.
            if lesson.steps[..idx].iter().any(|before| before.title == step.title) {
                let what = format!("two steps are called {}", quoted(&step.title));
                self.fault("title:", what, "give each step a title of its own");
            }
        }
        self.enter("debrief:");
        if lesson.debrief.cites.is_empty() {
            self.fault("cites:", "the debrief cites nothing", "every claim has a clause (rule 12)");
        }
        self.cites(&lesson.debrief.cites);
        self.enter("solution:");
        if lesson.solution.is_empty() {
            let remedy = "write what the learner does to pass (rule 20)";
            self.fault("solution:", "there is no solution", remedy);
        }
        self.deeds(&lesson.solution);
        self.enter("wrong:");
        if lesson.wrong.len() < MIN_WRONG {
            let what = "the lesson has fewer than two wrong scripts";
            let remedy = "write two that must not pass, each for a wrong idea (rule 20)";
            self.fault("wrong:", what, remedy);
        }
        for script in &lesson.wrong {
            self.enter(&format!("name: {}", quoted(&script.name)));
            self.deeds(&script.deeds);
        }
    }

    fn step(&mut self, idx: usize, step: &Step) {
        self.enter(&format!("title: {}", quoted(&step.title)));
        self.mode = step.mode.unwrap_or(self.mode);
        if step.text.trim().is_empty() {
            self.fault("text:", "the step says nothing", "write what it is about (rule 18)");
        }
        if let Some(place) = &step.at {
            self.place(place);
        }
        if let Some(field) = step.spotlight.as_deref().filter(|field| !field.starts_with(HEADER)) {
            self.field(field);
        }
        match &step.task {
            Some(Task::Predict(predict)) => self.predict(idx, predict),
            Some(Task::Do(task)) => self.task(task),
            Some(Task::Choose(choose)) => self.choose(choose),
            Some(Task::Explain(explain)) => self.explain(explain),
            // What another lesson asks is for the library to find.
            Some(Task::Retrieve(_)) | None => {}
        }
        self.cites(&step.cites);
    }

    fn predict(&mut self, idx: usize, predict: &Predict) {
        let id = format!("id: {}", quoted(&predict.id));
        let before = self.lesson.steps[..idx].iter();
        if before.filter_map(Step::own_question).any(|before| before.id == predict.id) {
            let what = format!("`{}` is the name of another question", predict.id);
            self.fault(&id, what, "give each question a name of its own");
        }
        if predict.options.len() < 2 {
            let what = format!("`{}` has fewer than two options", predict.id);
            self.fault(&id, what, "write two to choose from at least (rule 7)");
        }
        let n_right = predict.options.iter().filter(|option| option.right).count();
        if n_right != 1 {
            let what = format!("`{}` has {n_right} options that are right", predict.id);
            self.fault(&id, what, "mark exactly one with `right: true` (rule 2)");
        }
        if let Some(option) = predict.right().filter(|option| option.idea.is_some()) {
            let needle = format!("text: {}", quoted(&option.text));
            let what =
                format!("the option {} is right and stands for a wrong idea", quoted(&option.text));
            self.fault(&needle, what, "take `idea` out of it (rule 7)");
        }
        self.whys(&predict.options);
        if let Some(place) = &predict.outcome {
            self.place(place);
        }
    }

    /// Every answer says why.
    fn whys(&mut self, options: &[Choice]) {
        for option in options {
            if option.because.trim().is_empty() {
                let what = format!("the option {} says no why", quoted(&option.text));
                let needle = format!("text: {}", quoted(&option.text));
                let remedy = "write in `because` what happens and by which rule (rule 5)";
                self.fault(&needle, what, remedy);
            }
        }
    }

    fn choose(&mut self, choose: &Choose) {
        let id = format!("id: {}", quoted(&choose.id));
        if choose.options.len() < 2 {
            let what = format!("`{}` has fewer than two options", choose.id);
            self.fault(&id, what, "write two to choose from at least (rule 7)");
        }
        if choose.options.iter().any(|option| option.right || option.idea.is_some()) {
            let what = format!("`{}` is a choice between ways of which none is wrong", choose.id);
            self.fault(&id, what, "take `right` and `idea` out, or ask by `Predict` (rule 7)");
        }
        self.whys(&choose.options);
    }

    fn explain(&mut self, explain: &Explain) {
        let id = format!("id: {}", quoted(&explain.id));
        if explain.points.len() < 2 || explain.model.trim().is_empty() {
            let what = format!("`{}` has nothing to hold an explanation against", explain.id);
            self.fault(&id, what, "write two `points` at least, and a `model` (rule 5)");
        }
    }

    fn task(&mut self, task: &Do) {
        if task.goals.is_empty() {
            self.fault("goals:", "nothing is checked", "write a goal (rule 19)");
        }
        if task.because.trim().is_empty() {
            self.fault("because:", "the task says no why", "write why it came out so (rule 5)");
        }
        if task.hints.len() != N_HINTS {
            let remedy = "write three, the last nearly the solution (rule 8)";
            self.fault("hints:", "the task has not three hints", remedy);
        }
        if let Some(bench) = &task.bench
            && let Err(error) = react(&bench.piece, &bench.given)
        {
            self.fault("given:", error.to_string(), "write bytes in hex: 81 05 48 65");
        }
        for goal in task.goals.iter().flat_map(|check| check.goal.parts()) {
            if matches!(goal, Goal::Bench(_)) && task.bench.is_none() {
                let what = "a goal is about the bench, and nothing lies on it";
                self.fault("Bench(", what, "lay something there: bench: (piece: ClientFrames)");
            }
            self.goal(goal);
        }
    }

    /// Checks what one goal names, goals within it aside.
    fn goal(&mut self, goal: &Goal) {
        match goal {
            Goal::ClientState(n, _) | Goal::ServerState(n, _) => self.host(Host::Client(*n)),
            Goal::Delivered(host, _)
            | Goal::NotDelivered(host, _)
            | Goal::Heard(host, _)
            | Goal::Head(host, ..)
            | Goal::WasReset(host)
            | Goal::CloseSeen(host, _)
            | Goal::Clean(host, _) => self.host(*host),
            Goal::Chose(id, way) => self.chose(id, *way),
            Goal::Bench(goal) => self.bench_goal(goal),
            Goal::FrameWhere(host, tests) => {
                self.host(*host);
                for test in tests {
                    self.frame_test(*test);
                }
            }
            Goal::CloseOnWire(host, code) => {
                self.host(*host);
                if !close::sendable(*code) {
                    let what = format!("the code {code} never stands on the wire");
                    let remedy = "say `CloseSeen` for what a host reports, or another code";
                    self.fault(&code.to_string(), what, remedy);
                }
            }
            Goal::Found(host, rule) => self.found(*host, rule),
            Goal::Reached(place) => self.place_in_any_mode(place),
            Goal::Selected(field) => self.field(field),
            Goal::Predicted(id) | Goal::PredictedRight(id) => {
                let ids: Vec<_> = self.lesson.steps.iter().filter_map(Step::own_question).collect();
                if !ids.iter().any(|question| question.id == *id) {
                    let what = format!("there is no question `{id}`");
                    let known = ids.iter().map(|question| question.id.as_str());
                    self.fault(&format!("({})", quoted(id)), what, advice(id, known));
                }
            }
            Goal::NothingBroken
            | Goal::Count(..)
            | Goal::Staleness(..)
            | Goal::MeanStaleness(..)
            | Goal::InMode(_)
            | Goal::EditedAtMost(_)
            | Goal::All(_)
            | Goal::Any(_)
            | Goal::Not(_) => {}
        }
    }

    fn chose(&mut self, id: &str, way: usize) {
        let choices: Vec<_> = self.lesson.steps.iter().filter_map(Step::choose).collect();
        let needle = format!("Chose({}", quoted(id));
        match choices.iter().find(|choose| choose.id == id) {
            None => {
                let what = format!("there is no choice `{id}`");
                let known = choices.iter().map(|choose| choose.id.as_str());
                self.fault(&needle, what, advice(id, known));
            }
            Some(choose) if way >= choose.options.len() => {
                let what = format!("`{id}` has no option {way}");
                self.fault(&needle, what, "count the options from 0");
            }
            Some(_) => {}
        }
    }

    fn bench_goal(&mut self, goal: &BenchGoal) {
        match goal {
            BenchGoal::Breaks(name) => {
                self.rule(name);
            }
            BenchGoal::Octets(octets) | BenchGoal::YieldsBytes(octets) => {
                if let Err(error) = hex::parse(octets) {
                    self.fault(&quoted(octets), error.to_string(), "write bytes in hex: 81 05");
                }
            }
            _ => {} // The others name nothing.
        }
        if let BenchGoal::Gets(opcode, _) = goal
            && !(8..=10).contains(opcode)
        {
            let what = format!("{opcode} is no control frame");
            self.fault("Gets(", what, "say 8 for a Close, 9 for a Ping or 10 for a Pong");
        }
        for test in goal.frame_tests() {
            self.frame_test(*test);
        }
    }

    fn rule(&mut self, name: &str) -> Option<Rule> {
        let found = Rule::ALL.iter().find(|rule| rule.name() == name).copied();
        if found.is_none() {
            let names = Rule::ALL.iter().map(|rule| rule.name());
            let what = format!("there is no rule `{name}`");
            self.fault(&quoted(name), what, advice(name, names));
        }
        found
    }

    fn found(&mut self, host: Host, name: &str) {
        self.host(host);
        let Some(rule) = self.rule(name) else { return };
        let (peer, finder) = match host {
            Host::Client(_) => (Side::Server, "Server"),
            Host::Server => (Side::Client, "Client(1)"),
        };
        if !rule.binds().binds(peer) {
            let what =
                format!("{host} never finds `{name}` broken: the {} cannot break it", peer.name());
            self.fault(&quoted(name), what, format!("say Found({finder}, …), or another rule"));
        }
    }

    fn frame_test(&mut self, test: FrameTest) {
        let (bits, most) = match test {
            FrameTest::Fin(bit)
            | FrameTest::Rsv1(bit)
            | FrameTest::Rsv2(bit)
            | FrameTest::Rsv3(bit)
            | FrameTest::Mask(bit) => (bit, 1),
            FrameTest::Opcode(opcode) => (opcode, 15),
            FrameTest::LengthBits(7 | 16 | 64)
            | FrameTest::HeaderBytes(_)
            | FrameTest::Key(_)
            | FrameTest::Length(_) => return,
            FrameTest::LengthBits(_) => {
                let what = format!("no frame has {test:?}");
                return self.fault(&format!("{test:?}"), what, "say 7, 16 or 64");
            }
        };
        if bits > most {
            let what = format!("no frame has {test:?}");
            self.fault(&format!("{test:?}"), what, format!("say 0 to {most}"));
        }
    }

    fn host(&mut self, host: Host) {
        let n_clients = self.lesson.scenario.clients;
        if let Host::Client(n) = host
            && !(1..=n_clients).contains(&n)
        {
            let remedy = format!("the scenario has {n_clients}: say 1 to {n_clients}");
            self.fault(&format!("({n}"), format!("there is no {host}"), remedy);
        }
    }

    fn field(&mut self, field: &str) {
        if !specs().any(|spec| spec.name == field) {
            let what = format!("there is no field `{field}`");
            self.fault(&quoted(field), what, advice(field, specs().map(|spec| spec.name)));
        }
    }

    fn cites(&mut self, cites: &[String]) {
        for cite in cites {
            if let Some(remedy) = clause::fault(cite) {
                let remedy = format!("{remedy} (rule 12)");
                self.fault(&quoted(cite), format!("`{cite}` is no clause"), remedy);
            }
        }
    }

    fn deeds(&mut self, deeds: &[Deed]) {
        let questions = self.lesson.steps.iter().filter_map(Step::own_question);
        let choices = self.lesson.steps.iter().filter_map(Step::choose);
        let most_options = questions
            .map(|question| question.options.len())
            .chain(choices.map(|choose| choose.options.len()))
            .max()
            .unwrap_or(0);
        let retrieves = |step: &Step| matches!(step.task, Some(Task::Retrieve(_)));
        // How many options a question of another lesson has is not known here.
        let foreign = self.lesson.steps.iter().any(retrieves);
        for deed in deeds {
            match deed {
                Deed::Select(field) => self.field(field),
                Deed::Say(host, _) => self.host(*host),
                Deed::Answer(choice) if *choice >= most_options && !foreign => {
                    let what = format!("no question has an option {choice}");
                    let remedy = "count the options from 0";
                    self.fault(&format!("Answer({choice})"), what, remedy);
                }
                Deed::PollEvery(0) => {
                    self.fault("PollEvery(0)", "nobody polls every 0 ms", "say 1 or more");
                }
                _ => {} // What can be done at all depends on the deeds before.
            }
        }
    }

    fn place(&mut self, place: &Place) {
        let run = &self.runs[&self.mode];
        if !happens(place, run) {
            let remedy = what_happens(place, run);
            let what = format!("`{}` never happens in {} mode", written(place), self.mode.label());
            self.fault(&written(place), what, remedy);
        }
    }

    fn place_in_any_mode(&mut self, place: &Place) {
        if !self.runs.values().any(|run| happens(place, run)) {
            let remedy = what_happens(place, &self.runs[&self.mode]);
            self.fault(&written(place), format!("`{}` never happens", written(place)), remedy);
        }
    }
}

fn happens(place: &Place, run: &Run) -> bool {
    place.find(run).is_some_and(|position| position.at <= run.ends_at())
}

fn what_happens(place: &Place, run: &Run) -> String {
    match place.n_units(run) {
        Some(0) => "no such unit is sent; name another kind, client or mode".to_owned(),
        Some(1) => "there is one such unit: say 1".to_owned(),
        Some(n) => format!("there are {n} such units: say 1 to {n}"),
        None => format!("the conversation ends at {}", run.ends_at()),
    }
}

/// A place as an author writes it.
fn written(place: &Place) -> String {
    ron::to_string(place).expect("a place can be written").replace(',', ", ")
}
