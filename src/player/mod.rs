//! The application without a face: runs, position, selection, the way through a course.
//!
//! **Invariant:** changes only by `Player::obey`; what a shell must do about it comes back as
//! effects. Knows no clock: time passes by `Command::Tick`.

mod bench;
mod changing;
mod command;
mod course;
mod focus;
mod ideas;
mod lane;
mod learning;
mod moving;
mod obey;
mod offers;
mod opened;
mod proof;
mod quiz;
mod reason;
mod reload;
mod sandbox;
mod script;
mod session;
mod test_out;

use crate::lesson::{Evidence, Lesson, Library, Panel, Piece, Tab};
use crate::run::{Condition, Position, Run, Totals};
use crate::sim::{Edit, Mode, RecordIdx, Scenario, SimTime, What};
use crate::view::chunks::Stream;
use crate::view::locus::Locus;
use crate::view::words;
use crate::wire::Reader;
use crate::wire::http::Request;
use crate::wire::unit::Context;
use bench::Built;
pub use bench::told;
pub use command::{Command, Copied, Effect, Existing, Home, Search, Settings, Theme};
pub use course::{Explained, Gate, LessonProgress, Progress, Walk};
pub use focus::{Focus, Whereabouts};
pub use ideas::Met;
pub use lane::{Branch, Lane};
pub use offers::{About, Offer};
pub use opened::{Opened, read_again};
pub use proof::faults;
pub use quiz::Quiz;
pub use reason::Reason;
pub use script::{Outcome, done_on_arrival, play_script};
pub use session::{PREFIX, SavedBranch, SavedEdit, SavedPlace, Session, SessionError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
pub use test_out::Test;

/// The application without a face.
#[derive(Clone, Debug, PartialEq)]
pub struct Player {
    walk: Walk,
    settings: Settings,
    scene: Scene,
    /// What was there before each change that can be taken back, the last one last.
    past: Vec<Scene>,
    /// What was taken back and can be done again, the last one last.
    undone: Vec<Scene>,
    playback: Playback,
    /// What somebody wrote down.
    notes: Vec<String>,
    notice: Option<String>,
    /// What was run until last.
    condition: Option<Condition>,
    panels: BTreeSet<Panel>,
    all_panels: bool,
    /// What the bench shows where the lesson lays nothing on it.
    bench: (Piece, String),
    /// What a real end does with what lies on the bench; kept for the same reason as the focus.
    built: Option<Built>,
    /// What happened where the outcome of the lesson's question shows; kept for the same reason.
    outcome: Vec<(RecordIdx, String)>,
    /// A question that no lesson asks.
    quiz: Option<Quiz>,
    /// What is left aside: the lesson while somebody is in the sandbox, the sandbox otherwise.
    aside: Option<Box<sandbox::Aside>>,
    in_sandbox: bool,
    /// The unit that is looked at; kept, since drawing asks for it in every frame.
    focus: Option<Focus>,
    /// The bytes of it that differ on the branch beside; kept for the same reason.
    differing: BTreeSet<usize>,
    /// The flow of the unit that is looked at, where the tab of cuts shows it; kept likewise.
    stream: Option<Stream>,
}

/// Everything that a change can change and undoing brings back.
#[derive(Clone, Debug, PartialEq)]
struct Scene {
    lanes: BTreeMap<Mode, Lane>,
    mode: Mode,
    position: Position,
    /// The unit that a person has chosen to look at.
    inspected: Option<RecordIdx>,
    /// What happened that a person has chosen to look at.
    chosen: Option<RecordIdx>,
    /// The branch that is shown beside the one that is looked at.
    beside: Option<(Mode, usize)>,
    /// Whether all modes are shown side by side.
    shows_lanes: bool,
    selection: Option<Locus>,
    /// The bits of the unit in flight that are flipped and not released.
    flips: BTreeSet<u64>,
    /// The bytes of the flow that is looked at before which it is cut.
    cuts: BTreeSet<usize>,
    tab: Tab,
}

/// Playing by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Playback {
    /// Whether it plays.
    pub playing: bool,
    /// Simulated milliseconds for each second.
    pub speed: u32,
}

/// Where somebody came to rest who went on.
#[derive(Clone, Copy)]
enum Stopped {
    /// At a record.
    At(RecordIdx),
    /// At a moment alone.
    Nowhere,
}

/// How many changes can be taken back.
const MAX_UNDO: usize = 1000;

impl Scene {
    fn new(scenario: &Arc<Scenario>, mode: Mode) -> Self {
        let lanes = Mode::ALL
            .into_iter()
            .map(|mode| (mode, Lane::new(Arc::clone(scenario), mode)))
            .collect();
        Self {
            lanes,
            mode,
            position: Position::default(),
            inspected: None,
            chosen: None,
            beside: None,
            shows_lanes: false,
            selection: None,
            flips: BTreeSet::new(),
            cuts: BTreeSet::new(),
            tab: Tab::Frame,
        }
    }

    fn lane(&self) -> &Lane {
        &self.lanes[&self.mode]
    }

    fn lane_mut(&mut self) -> &mut Lane {
        self.lanes.get_mut(&self.mode).expect("every mode has a lane")
    }

    fn run(&self) -> &Run {
        &self.lane().branch().run
    }
}

impl Player {
    /// Opens the lesson that the progress names, or the first one.
    pub fn new(library: Library, progress: Progress, settings: Settings) -> Self {
        let walk = Walk::new(library, progress);
        let lesson = walk.lesson();
        let scene = Scene::new(&Arc::new(lesson.scenario.clone()), lesson.mode);
        let mut player = Self {
            walk,
            settings,
            scene,
            past: Vec::new(),
            undone: Vec::new(),
            playback: Playback { playing: false, speed: 50 },
            notes: Vec::new(),
            notice: None,
            condition: None,
            panels: BTreeSet::new(),
            all_panels: false,
            bench: (Piece::default(), String::new()),
            built: None,
            outcome: Vec::new(),
            quiz: None,
            aside: None,
            in_sandbox: false,
            focus: None,
            differing: BTreeSet::new(),
            stream: None,
        };
        player.catch_up();
        player.refocus();
        player.rebuild();
        player.note_outcome();
        player.grade();
        player
    }

    /// The way through the course.
    pub fn walk(&self) -> &Walk {
        &self.walk
    }

    /// The lesson that is open.
    pub fn lesson(&self) -> &Lesson {
        self.walk.lesson()
    }

    /// What is kept beside progress.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How the conversation is carried.
    pub fn mode(&self) -> Mode {
        self.scene.mode
    }

    /// The branches of the mode.
    pub fn lane(&self) -> &Lane {
        self.scene.lane()
    }

    /// The branch that is looked at.
    pub fn branch(&self) -> &Branch {
        self.scene.lane().branch()
    }

    /// The branch that is shown beside the one that is looked at.
    pub fn beside(&self) -> Option<&Branch> {
        let (mode, idx) = self.scene.beside?;
        self.scene.lanes.get(&mode)?.branches().get(idx)
    }

    /// Which branch is shown beside the one that is looked at.
    pub fn beside_key(&self) -> Option<(Mode, usize)> {
        self.scene.beside
    }

    /// Whether all modes are shown side by side.
    pub fn shows_lanes(&self) -> bool {
        self.scene.shows_lanes
    }

    /// The branches of every mode.
    pub fn lanes(&self) -> impl Iterator<Item = (Mode, &Lane)> {
        self.scene.lanes.iter().map(|(mode, lane)| (*mode, lane))
    }

    /// What happened that a person has chosen to look at.
    pub fn chosen(&self) -> Option<RecordIdx> {
        self.scene.chosen
    }

    /// What was run until last.
    pub fn condition(&self) -> Option<&Condition> {
        self.condition.as_ref()
    }

    /// What happens on the branch that is looked at.
    pub fn run(&self) -> &Run {
        self.scene.run()
    }

    /// Where the learner stands in it.
    pub fn position(&self) -> Position {
        self.scene.position
    }

    /// Playing by itself.
    pub fn playback(&self) -> Playback {
        self.playback
    }

    /// What somebody wrote down, each note a paragraph or more.
    pub fn notes(&self) -> String {
        self.notes.join("\n\n")
    }

    /// What the program has to say about the last command, where it could not be done.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// The unit that is looked at.
    pub fn focus(&self) -> Option<&Focus> {
        self.focus.as_ref()
    }

    /// The bytes of the unit that is looked at that differ on the branch beside: all of them where
    /// nothing was sent there.
    pub fn differing_bytes(&self) -> &BTreeSet<usize> {
        &self.differing
    }

    /// The bits that are selected.
    pub fn selection(&self) -> Option<Locus> {
        self.scene.selection
    }

    /// The machine name of the field that is selected.
    pub fn selected_field(&self) -> Option<&'static str> {
        let selection = self.scene.selection?;
        let fields = &self.focus.as_ref()?.found.fields;
        let field = fields.iter().find(|field| field.range().contains(&selection.bit))?;
        Some(field.spec.name)
    }

    /// The bits that are flipped and not released.
    pub fn flips(&self) -> &BTreeSet<u64> {
        &self.scene.flips
    }

    /// The flow of frames up to the one that is looked at, where the tab of cuts is shown.
    pub fn stream(&self) -> Option<&Stream> {
        self.stream.as_ref()
    }

    /// The bytes of that flow before which it is cut.
    pub fn cuts(&self) -> &BTreeSet<usize> {
        &self.scene.cuts
    }

    /// The edit that is being made, or else the last one that was made on this branch.
    pub fn edit(&self) -> Option<Edit> {
        let draft = self.focus.as_ref().and_then(|focus| focus.patch(&self.scene.flips));
        draft.or_else(|| self.run().edits().last().map(|(_, edit)| edit.clone()))
    }

    /// What happens at this very moment, each thing a few words; what is on its way where nothing
    /// else happens.
    pub fn happening(&self) -> Vec<String> {
        let (run, position) = (self.run(), self.position());
        if let Some((flight, end)) = run.fed(position) {
            let len = flight.bytes.len();
            let state = end.state().name();
            return vec![format!("byte {} of {len} is read; the end is {state}", position.n_fed)];
        }
        let seen = run.records_until(position.n_moves);
        let first = seen.partition_point(|record| record.at < position.at);
        let told = seen[first..].iter().filter(|record| !words::routine(record));
        let told: Vec<_> = told.map(words::told).collect();
        if !told.is_empty() {
            return told;
        }
        let flying = self.branch().diagram.in_flight(position.at);
        flying.map(|arrow| format!("{} is on its way to {}", arrow.title, arrow.to)).collect()
    }

    /// The units that travel with the one that is looked at, itself among them, and what each is.
    pub fn siblings(&self) -> Vec<(RecordIdx, String)> {
        let Some(focus) = &self.focus else { return Vec::new() };
        let passage = self.run().passage(focus.wrote);
        let departs = passage.map_or(SimTime::ZERO, |passage| passage.last_departs);
        let arrow = self.branch().diagram.arrow_of(focus.wrote, departs);
        let units = arrow.map_or(&[][..], |arrow| &arrow.units);
        let named = units.iter().filter_map(|wrote| match &self.run().records()[wrote.0].what {
            What::Wrote(unit) => Some((*wrote, words::part(unit))),
            _ => None,
        });
        named.collect()
    }

    /// The key of the last opening handshake up to here, as it is on the wire.
    pub fn handshake_key(&self) -> Option<String> {
        let n_moves = self.position().n_moves;
        self.run().records_until(n_moves).iter().rev().find_map(|record| {
            let What::Wrote(unit) = &record.what else { return None };
            if unit.context != Context::Request {
                return None;
            }
            let bytes = self.run().bytes_of(record.idx, n_moves);
            let request = Request::read(&mut Reader::new(&bytes, 0, &mut ())).ok()?;
            request.headers.only("sec-websocket-key").map(str::to_owned)
        })
    }

    /// The tab of the inspector.
    pub fn tab(&self) -> Tab {
        self.scene.tab
    }

    /// Whether a panel is to be seen.
    pub fn shows(&self, panel: Panel) -> bool {
        self.all_panels || self.in_sandbox || self.panels.contains(&panel)
    }

    /// Whether every panel is shown, whatever the lesson asks for.
    pub fn shows_all(&self) -> bool {
        self.all_panels
    }

    /// Whether there is a change to take back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// How often polling clients ask on this branch, in milliseconds.
    pub fn poll_every_ms(&self) -> u64 {
        let edits = self.run().edits().filter_map(|(_, edit)| match edit {
            Edit::PollEvery(ms) => Some(*ms),
            _ => None,
        });
        edits.last().unwrap_or(self.run().scenario().poll.every_ms)
    }

    /// What was counted so far in each mode, at the same moment, as each plays by itself or as
    /// its branch that is looked at has it.
    pub fn totals(&self) -> Vec<(Mode, Totals)> {
        let at = self.scene.position.at;
        let lanes = self.scene.lanes.iter();
        lanes
            .map(|(mode, lane)| {
                let run = &lane.branch().run;
                (*mode, run.totals(run.n_moves_until(at)))
            })
            .collect()
    }

    /// The checks of the step's task and whether each is met.
    pub fn checks(&self) -> Vec<(String, bool)> {
        let checks = self.walk.checks(&self.evidence());
        checks.into_iter().map(|(check, met)| (check.text.clone(), met)).collect()
    }

    /// About how many records must be made to obey a command: what takes long need not be waited for.
    pub fn weight_of(&self, command: &Command) -> u64 {
        let run = self.run().records().len() as u64;
        let of_scenario =
            |scenario: &Scenario| Mode::ALL.iter().map(|mode| scenario.weight(*mode)).sum::<u64>();
        let of_session = |session: &Session| {
            let branches = session.branches.iter().filter(|branch| !branch.edits.is_empty());
            let branches = branches.map(|branch| session.scenario.weight(branch.mode));
            of_scenario(&session.scenario) + branches.sum::<u64>()
        };
        match command {
            Command::Edit(_)
            | Command::Release
            | Command::PollEvery(_)
            | Command::LoseSegment
            | Command::ToggleSilence
            | Command::ResetConnection => run,
            Command::OpenLesson(id) => {
                let lesson = self.walk.library().lesson(id);
                lesson.map_or(0, |lesson| of_scenario(&lesson.scenario))
            }
            Command::Restart => of_scenario(self.run().scenario()),
            Command::Reload(lesson) if lesson.scenario == **self.run().scenario() => 0,
            Command::Reload(lesson) => of_scenario(&lesson.scenario),
            Command::OpenSession(session) => of_session(session),
            Command::Open(opened) => match opened.as_ref() {
                Opened::Session(session) => of_session(session),
                Opened::Scenario(scenario) => of_scenario(scenario),
                Opened::Lesson(lesson) => of_scenario(&lesson.scenario),
            },
            Command::PasteSession(text) => {
                Session::read_short(text).map_or(0, |session| of_session(&session))
            }
            _ => 0,
        }
    }

    fn evidence(&self) -> Evidence<'_> {
        Evidence {
            run: self.scene.run(),
            n_moves: self.scene.position.n_moves,
            at: self.scene.position.at,
            predictions: self.walk.predictions(),
            selected: self.selected_field(),
            choices: self.walk.choices(),
            built: self.reaction().and_then(|built| built.as_ref().ok()),
        }
    }

    fn refocus(&mut self) {
        let (run, position) = (self.scene.run(), self.scene.position);
        let wrote = self.scene.inspected.or_else(|| Focus::default_at(run, position));
        self.focus = wrote.and_then(|wrote| Focus::on(run, position, wrote, &self.scene.flips));
        let twin = self.focus.as_ref().zip(self.beside());
        let differing = twin.map(|(focus, beside)| focus.differing_bytes(&beside.run));
        self.differing = differing.unwrap_or_default();
        self.stream = (self.scene.tab == Tab::Cuts).then(|| self.flow()).flatten();
    }

    /// The flow of frames up to the one that is looked at.
    pub(crate) fn flow(&self) -> Option<Stream> {
        Stream::of(self.run(), self.position(), self.focus.as_ref()?.wrote)
    }
}
