//! Sessions: a scenario, the edits made in it and where one stood, as a file and as a short text.
//!
//! **Law:** a session that was read replays to the runs that it was saved from, record by record.
//! **Invariant:** a file that cannot be read changes nothing and says why in one line.

use super::{Player, Scene};
use crate::lesson::{Lesson, LessonError, read_ron};
use crate::run::{Position, Run};
use crate::sim::{Edit, Mode, Refusal, Scenario, SimTime};
use crate::view::words;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use std::io::{Read as _, Write as _};
use std::sync::Arc;

/// A scenario, what was done to it, and where somebody stood in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// The version of the format: [`Self::VERSION`].
    pub version: u32,
    /// What everything was played from, its seed included.
    pub scenario: Scenario,
    /// The branches, each after the one from which it was forked.
    pub branches: Vec<SavedBranch>,
    /// The index of the branch that was looked at.
    #[serde(default)]
    pub shown: usize,
    /// Where somebody stood on it.
    #[serde(default)]
    pub at: SavedPlace,
    /// What somebody wrote down.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The lesson in which it was made; none for a scenario by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesson: Option<String>,
}

/// A branch as it is saved: what replays to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedBranch {
    /// What it is called.
    pub name: String,
    /// How the conversation is carried on it.
    pub mode: Mode,
    /// The index of the branch from which it was forked; none for a trunk.
    #[serde(default)]
    pub forked_from: Option<usize>,
    /// All edits on it, those of the branches before it included, in order.
    #[serde(default)]
    pub edits: Vec<SavedEdit>,
}

/// An edit and its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedEdit {
    /// When it was made, in nanoseconds.
    pub at_ns: u64,
    /// Behind how many moves; behind all that happens until that moment, if absent.
    #[serde(default)]
    pub after: Option<usize>,
    /// What was changed.
    pub edit: Edit,
}

/// A place in a run as it is saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SavedPlace {
    /// The moment, in nanoseconds.
    pub at_ns: u64,
    /// How many moves were made.
    pub n_moves: usize,
    /// How many bytes of the arriving segment were fed.
    pub n_fed: usize,
}

/// Why a session cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The text is not that of a session.
    #[error(transparent)]
    Text(#[from] LessonError),
    /// It was written by a newer program.
    #[error(
        "{file}: it has version {version}, and this program reads up to {}; open it with a newer one",
        Session::VERSION
    )]
    Newer {
        /// The file.
        file: String,
        /// Its version.
        version: u32,
    },
    /// The text that was pasted is none.
    #[error("{0}; paste all of a text that begins with {PREFIX}")]
    Short(&'static str),
    /// Something in it cannot be.
    #[error("{file}: {what}; {remedy}")]
    Unsound {
        /// The file.
        file: String,
        /// What cannot be.
        what: String,
        /// What would work.
        remedy: String,
    },
}

/// What the short form of a session begins with.
pub const PREFIX: &str = "wirestep:";

/// The most bytes of a session that are taken out of its short form.
const MAX_TEXT: u64 = 4 << 20;

impl Session {
    /// The version of the format that is written.
    pub const VERSION: u32 = 1;

    /// The session of one run alone.
    pub fn of_run(run: &Run) -> Self {
        let trunk = SavedBranch {
            name: "as it was".to_owned(),
            mode: run.mode(),
            forked_from: None,
            edits: saved_edits(run),
        };
        Self {
            version: Self::VERSION,
            scenario: (**run.scenario()).clone(),
            branches: vec![trunk],
            shown: 0,
            at: SavedPlace::default(),
            notes: Vec::new(),
            lesson: None,
        }
    }

    /// Reads a session from the text of a file.
    ///
    /// # Errors
    /// What is wrong with it and what would work.
    pub fn read(text: &str, file: &str) -> Result<Self, SessionError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        // What a newer program wrote may have fields that nobody here knows.
        if let Ok(Version { version }) = read_ron::<Version>(text, file)
            && version > Self::VERSION
        {
            return Err(SessionError::Newer { file: file.to_owned(), version });
        }
        let session: Self = read_ron(text, file)?;
        session.check(file)?;
        Ok(session)
    }

    fn check(&self, file: &str) -> Result<(), SessionError> {
        let unsound = |what: String, remedy: &str| {
            Err(SessionError::Unsound { file: file.to_owned(), what, remedy: remedy.to_owned() })
        };
        if let Some(fault) = self.scenario.faults().into_iter().next() {
            return unsound(
                format!("`{}` of the scenario cannot be so", fault.place),
                &fault.advice,
            );
        }
        if self.shown >= self.branches.len() {
            let n = self.branches.len();
            return unsound(
                format!("there is no branch {}", self.shown),
                &format!("there are {n}, from 0"),
            );
        }
        for (idx, branch) in self.branches.iter().enumerate() {
            if branch.forked_from.is_some_and(|from| from >= idx) {
                return unsound(
                    format!("branch “{}” was forked from one that comes behind it", branch.name),
                    "put branches behind those from which they were forked",
                );
            }
        }
        Ok(())
    }

    /// The text of its file.
    pub fn to_text(&self) -> String {
        let pretty = ron::ser::PrettyConfig::default().struct_names(false);
        let text = ron::ser::to_string_pretty(self, pretty).expect("a session is plain data");
        format!("// A session of wirestep: open it with `wirestep FILE`.\n{text}\n")
    }

    /// A short form to copy and paste.
    pub fn to_short(&self) -> String {
        let text = ron::to_string(self).expect("a session is plain data");
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
        deflate.write_all(text.as_bytes()).expect("memory takes everything");
        let bytes = deflate.finish().expect("memory takes everything");
        format!("{PREFIX}{}", BASE64.encode(bytes))
    }

    /// Reads the short form; white space in it is passed over, as mail programs break lines.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read_short(text: &str) -> Result<Self, SessionError> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let body = text.strip_prefix(PREFIX).ok_or(SessionError::Short("that is no session"))?;
        let bytes = BASE64.decode(body);
        let bytes = bytes.map_err(|_| SessionError::Short("a part of the session is missing"))?;
        let mut ron = String::new();
        let read = DeflateDecoder::new(&bytes[..]).take(MAX_TEXT + 1).read_to_string(&mut ron);
        if read.is_err() {
            return Err(SessionError::Short("the session is damaged"));
        }
        if ron.len() as u64 > MAX_TEXT {
            return Err(SessionError::Short("the session is too large"));
        }
        Self::read(&ron, "the pasted session")
    }

    /// Plays a branch.
    ///
    /// # Errors
    /// The edit that cannot be made where the session says, and why.
    ///
    /// # Panics
    /// Where there is no branch of this index.
    pub fn play(&self, branch: usize) -> Result<Run, SessionError> {
        let branch = &self.branches[branch];
        let edits: Vec<_> = branch
            .edits
            .iter()
            .map(|saved| (SimTime(saved.at_ns), saved.after, saved.edit.clone()))
            .collect();
        Run::replay(Arc::new(self.scenario.clone()), branch.mode, &edits).map_err(
            |(idx, refusal): (usize, Refusal)| SessionError::Unsound {
                file: format!("branch “{}”", branch.name),
                what: format!("edit {} cannot be made", idx + 1),
                remedy: refusal.to_string(),
            },
        )
    }
}

/// The edits of a run as they are saved.
fn saved_edits(run: &Run) -> Vec<SavedEdit> {
    let saved = |(place, edit): (Position, &Edit)| SavedEdit {
        at_ns: place.at.0,
        after: Some(place.n_moves),
        edit: edit.clone(),
    };
    run.edits_made().map(saved).collect()
}

impl Player {
    /// Everything that is needed to come back to where one stands.
    pub fn session(&self) -> Session {
        let Scene { lanes, mode, position, .. } = &self.scene;
        let mut branches = Vec::new();
        let mut shown = 0;
        // What plays by itself alone need not be saved, unless it is looked at.
        let told = lanes.iter().filter(|(of, lane)| *of == mode || lane.branches().len() > 1);
        for (of, lane) in told {
            let first = branches.len();
            if of == mode {
                shown = first + lane.shown();
            }
            branches.extend(lane.branches().iter().map(|branch| SavedBranch {
                name: branch.name.clone(),
                mode: *of,
                forked_from: branch.forked.map(|(from, _)| first + from),
                edits: saved_edits(&branch.run),
            }));
        }
        Session {
            version: Session::VERSION,
            scenario: (**self.run().scenario()).clone(),
            branches,
            shown,
            at: SavedPlace {
                at_ns: position.at.0,
                n_moves: position.n_moves,
                n_fed: position.n_fed,
            },
            notes: self.notes.clone(),
            lesson: (!self.lesson().steps.is_empty()).then(|| self.lesson().id.clone()),
        }
    }

    /// Opens a session from its short form.
    pub(super) fn paste_session(&mut self, text: &str) {
        match Session::read_short(text) {
            Ok(session) => self.open_session(&session),
            Err(error) => self.notice = Some(words::sentence(&error.to_string())),
        }
    }

    /// Writes this down; notes that say the same stay divided as they are.
    pub(super) fn set_notes(&mut self, text: String) {
        if text != self.notes() {
            self.notes = if text.is_empty() { Vec::new() } else { vec![text] };
        }
    }

    /// Opens a session in place of what is open; where it cannot be, says why and changes nothing.
    pub(super) fn open_session(&mut self, session: &Session) {
        let played: Result<Vec<_>, _> =
            (0..session.branches.len()).map(|idx| session.play(idx)).collect();
        match played {
            Ok(runs) => self.take_over(session, runs),
            Err(error) => self.notice = Some(words::sentence(&error.to_string())),
        }
    }

    fn take_over(&mut self, session: &Session, runs: Vec<Run>) {
        if !self.walk.come_back(session) {
            self.walk.take_in(Lesson::around(session.scenario.clone()));
        }
        self.load_lesson();
        self.notes.clone_from(&session.notes);
        // The trunk of each lane is played already; every other branch is added to its lane.
        let mut places = Vec::new();
        for (branch, run) in session.branches.iter().zip(runs) {
            let lane = self.scene.lanes.get_mut(&branch.mode).expect("every mode has a lane");
            let place = match branch.edits.last() {
                None => {
                    lane.show(0);
                    lane.rename(branch.name.clone());
                    0
                }
                Some(last) => {
                    let from = branch.forked_from.map_or(0, |from| places[from]);
                    let forked = Some((from, SimTime(last.at_ns)));
                    lane.adopt(branch.name.clone(), forked, run)
                }
            };
            places.push(place);
        }
        let shown = &session.branches[session.shown];
        self.scene.mode = shown.mode;
        self.scene.lane_mut().show(places[session.shown]);
        let SavedPlace { at_ns, n_moves, n_fed } = session.at;
        let (at, run) = (SimTime(at_ns), self.run());
        let made_at = |n: usize| run.made_at(n);
        let after = n_moves == 0 || made_at(n_moves - 1).is_some_and(|made| made <= at);
        let before = made_at(n_moves).is_none_or(|next| at <= next);
        // Where moment and moves do not go together, somebody wrote the moment by hand.
        let position = if after && before && n_moves <= run.n_moves() {
            Position { at, n_moves, n_fed }
        } else {
            run.place_at(at.min(run.ends_at()))
        };
        self.move_to(position);
    }
}

/// What of a session is worth keeping at once when it changes: all but the place.
pub(super) struct Content {
    lesson: String,
    mode: Mode,
    notes: Vec<String>,
    /// Of every branch its mode, its name, which of the lane is looked at, and its run.
    branches: Vec<(Mode, String, usize, Arc<Run>)>,
}

impl Content {
    pub(super) fn of(player: &Player) -> Self {
        let Scene { lanes, mode, .. } = &player.scene;
        let branches = lanes.iter().flat_map(|(mode, lane)| {
            let all = lane.branches().iter();
            all.map(|b| (*mode, b.name.clone(), lane.shown(), Arc::clone(&b.run)))
        });
        Self {
            lesson: player.lesson().id.clone(),
            mode: *mode,
            notes: player.notes.clone(),
            branches: branches.collect(),
        }
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        let same = |(one, another): (&(Mode, String, usize, Arc<Run>), &(_, _, _, _))| {
            (one.0, &one.1, one.2) == (another.0, &another.1, another.2)
                // A run that was changed is another one; comparing what happens in them takes long.
                && Arc::ptr_eq(&one.3, &another.3)
        };
        (&self.lesson, self.mode, &self.notes) == (&other.lesson, other.mode, &other.notes)
            && self.branches.len() == other.branches.len()
            && self.branches.iter().zip(&other.branches).all(same)
    }
}
