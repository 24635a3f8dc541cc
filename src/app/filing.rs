//! What the window knows of files: where its session is kept, what is saved, what went wrong.
//!
//! **Invariant:** touches no file; a shell does what is asked by effects, and answers here.

use super::window::{Shown, Window};
use crate::lesson::{Lesson, LessonError};
use crate::player::{Command, Effect, Existing, Home, Opened, Session};
use std::time::Duration;

/// A session that is saved under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its name.
    pub name: String,
    /// How old and how large it is, for people.
    pub detail: String,
}

/// What a file came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// It was done.
    Done(String),
    /// It could not be done.
    Failed(String),
}

/// A field of the dialog that takes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    Path,
}

/// What the window remembers of files.
#[derive(Default)]
pub(super) struct Filing {
    pub(super) dialog: Shown,
    /// The field that is to have the keyboard.
    pub(super) calls: Option<Field>,
    /// The name that is typed.
    pub(super) name: String,
    /// The path that is typed.
    pub(super) path: String,
    /// The sessions that are saved.
    pub(super) saved: Vec<Saved>,
    /// The saved session that is asked about before it is deleted.
    pub(super) doomed: Option<String>,
    /// Where something was to be saved and something else is already.
    pub(super) taken: Option<Home>,
    /// What the last file came to.
    pub(super) notice: Option<Notice>,
    /// What was in the window before what it shows.
    pub(super) before: Option<Box<Session>>,
    /// What a window that died has left behind, for people.
    pub(super) left: Option<String>,
    /// What has to be said and belongs to nothing that is shown.
    pub(super) news: Vec<String>,
    /// Where the session is kept.
    home: Option<Home>,
    /// What is kept there.
    kept: Option<Box<Session>>,
    /// What is being left for something else.
    pub(super) departure: Option<Box<Departure>>,
}

/// What a command means for where the session is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// It stays the same session.
    Stay,
    /// It goes on, to another lesson perhaps.
    Onward,
    /// It begins another session, unless it cannot.
    Anew,
    /// It opens what was read there, which is kept there if it is a session.
    File { from: Home, kept: Option<Home> },
    /// It brings back what a window that died has left behind.
    Recovery,
}

/// What was in the window when something else was asked for.
#[derive(Debug)]
pub(super) struct Departure {
    aim: Aim,
    lesson: String,
    before: Session,
}

impl Aim {
    /// What a command means that no file is read for.
    pub(super) fn of(command: &Command) -> Self {
        match command {
            Command::PasteSession(_) | Command::OpenSession(_) | Command::Restart => Self::Anew,
            Command::OpenLesson(_) | Command::Continue => Self::Onward,
            _ => Self::Stay,
        }
    }
}

impl Filing {
    /// Opens the dialog, and has a shell say what is saved.
    pub(super) fn show(&mut self, field: Field) -> Vec<Effect> {
        self.dialog = Shown::Yes;
        self.calls = Some(field);
        self.doomed = None;
        self.taken = None;
        self.notice.take_if(|notice| matches!(notice, Notice::Done(_)));
        vec![Effect::ListSessions]
    }

    /// Closes the dialog; what is typed stays.
    pub(super) fn close(&mut self) {
        self.dialog = Shown::No;
    }

    /// Opens the dialog, or closes it.
    pub(super) fn toggle(&mut self) -> Vec<Effect> {
        match self.dialog {
            Shown::No => self.show(Field::Path),
            Shown::Yes => {
                self.close();
                Vec::new()
            }
        }
    }

    /// Saves where the session is kept; asks where, if that is nowhere yet.
    pub(super) fn save(&mut self) -> Vec<Effect> {
        if let Some(home) = &self.home {
            return vec![Effect::SaveSession(home.clone(), Existing::Replaced)];
        }
        match (self.dialog, self.name.trim()) {
            (Shown::No, _) | (Shown::Yes, "") => self.show(Field::Name),
            (Shown::Yes, name) => vec![self.save_in(Home::Named(name.to_owned()))],
        }
    }

    /// Saves somewhere: what is there is replaced only where that was asked about.
    pub(super) fn save_in(&self, home: Home) -> Effect {
        let known = self.home.as_ref() == Some(&home) || self.taken.as_ref() == Some(&home);
        let existing = if known { Existing::Replaced } else { Existing::Stays };
        Effect::SaveSession(home, existing)
    }

    /// Notes that the window shows another session, which is kept here.
    pub(super) fn moved(&mut self, home: Option<Home>, before: Session) {
        if worth_keeping(&before) {
            self.before = Some(Box::new(before));
        }
        self.home = home;
        self.kept = None;
    }
}

/// Whether somebody did something in a session.
fn worth_keeping(session: &Session) -> bool {
    n_made(session) > 0 || !session.notes.is_empty()
}

/// How many branches somebody has made.
pub(super) fn n_made(session: &Session) -> usize {
    session.branches.iter().filter(|branch| !branch.edits.is_empty()).count()
}

/// What is in a session, in few words.
pub(super) fn contents(session: &Session) -> String {
    let branches = match n_made(session) {
        0 => "no change made".to_owned(),
        1 => "1 branch made".to_owned(),
        n => format!("{n} branches made"),
    };
    let notes = if session.notes.is_empty() { "" } else { ", with notes" };
    format!("“{}”, {branches}{notes}", session.scenario.name)
}

/// Where something is kept, as people read it.
fn name_of(home: &Home) -> String {
    match home {
        Home::Named(name) => name.clone(),
        Home::File(path) => {
            let name = path.file_name().unwrap_or(path.as_os_str());
            name.to_string_lossy().into_owned()
        }
    }
}

impl Window {
    /// The words for the title bar: the session's name first, where it has one.
    pub fn title(&self) -> String {
        match &self.state.filing.home {
            Some(home) => format!("{} – wirestep", name_of(home)),
            None => "wirestep".to_owned(),
        }
    }

    /// The session, where somebody has changed it and not saved it since.
    pub fn unsaved(&self) -> Option<Session> {
        let session = self.player.session();
        let kept = self.state.filing.kept.as_deref().is_some_and(|kept| {
            // Looking about changes nothing.
            let Session { shown, at, .. } = session;
            Session { shown, at, ..kept.clone() } == session
        });
        (worth_keeping(&session) && !kept).then_some(session)
    }

    /// Shows what was read from a file, when it is played; where it cannot be shown, says why and
    /// changes nothing.
    pub fn open(&mut self, opened: Opened, from: &Home, now: Duration) -> Vec<Effect> {
        // What was opened is saved again where it was, but never over a lesson or a scenario.
        let kept = matches!(opened, Opened::Session(_)).then(|| from.clone());
        let aim = Aim::File { from: from.clone(), kept };
        self.obey(opened.into(), aim, now.as_secs_f64())
    }

    /// Whether a command is being obeyed elsewhere, so that another would be lost.
    pub fn busy(&self) -> bool {
        self.errand.is_some()
    }

    /// Takes in a lesson that its author has changed while it is open.
    pub fn reload(&mut self, lesson: Box<Lesson>, now: Duration) -> Vec<Effect> {
        self.state.mistakes.clear();
        let words = format!("Took in “{}” as it was saved.", lesson.title);
        let effects = self.obey(Command::Reload(lesson), Aim::Stay, now.as_secs_f64());
        self.state.filing.notice = Some(Notice::Done(words));
        effects
    }

    /// Says what is wrong with a lesson that its author has changed; what is open stays.
    pub fn mistaken(&mut self, mistakes: Vec<LessonError>) {
        self.state.mistakes = mistakes;
    }

    /// Shows what a window that died has left behind, when it is played, and says so then.
    pub fn recover(&mut self, session: Session, now: Duration) -> Vec<Effect> {
        let command = Command::OpenSession(Box::new(session));
        self.obey(command, Aim::Recovery, now.as_secs_f64())
    }

    /// Takes note of what is in the window before a command.
    pub(super) fn depart(&mut self, command: &Command, aim: Aim) {
        let filing = &mut self.state.filing;
        if !matches!(command, Command::Tick(_)) {
            filing.notice.take_if(|notice| matches!(notice, Notice::Done(_)));
        }
        filing.departure = (aim != Aim::Stay).then(|| {
            let lesson = self.player.lesson().id.clone();
            Box::new(Departure { aim, lesson, before: self.player.session() })
        });
    }

    /// Takes note of what is in the window after it; gives what the shell must do.
    pub(super) fn arrive(&mut self, mut effects: Vec<Effect>) -> Vec<Effect> {
        let Some(departure) = self.state.filing.departure.take() else { return effects };
        let Departure { aim, lesson, before } = *departure;
        let refused = self.player.notice().map(str::to_owned);
        let filing = &mut self.state.filing;
        match (aim, refused) {
            (Aim::Stay, _) | (Aim::Anew, Some(_)) => {}
            (Aim::Onward, _) => {
                if self.player.lesson().id != lesson {
                    filing.moved(None, before);
                }
            }
            (Aim::Anew, None) => filing.moved(None, before),
            (Aim::File { from, .. }, Some(why)) => {
                filing.notice = Some(Notice::Failed(format!("“{}”: {why}", name_of(&from))));
                self.player.obey(Command::Dismiss);
            }
            (Aim::File { from, kept }, None) => {
                self.state.mistakes.clear();
                let filing = &mut self.state.filing;
                filing.moved(kept, before);
                filing.kept = filing.home.is_some().then(|| Box::new(self.player.session()));
                filing.close();
                filing.notice = Some(Notice::Done(format!("Opened “{}”.", name_of(&from))));
                if let Home::Named(name) = from {
                    filing.name = name;
                }
            }
            (Aim::Recovery, Some(why)) => {
                let words = format!("What was left behind cannot be brought back: {why}");
                filing.notice = Some(Notice::Failed(words));
                self.player.obey(Command::Dismiss);
            }
            (Aim::Recovery, None) => {
                filing.moved(None, before);
                let words = "It is here again; it is not saved under a name yet.";
                filing.notice = Some(Notice::Done(words.to_owned()));
                effects.push(Effect::Recovered);
            }
        }
        effects
    }

    /// Takes note of where the session was saved.
    pub fn saved(&mut self, home: Home) {
        let filing = &mut self.state.filing;
        filing.notice = Some(Notice::Done(format!("Saved “{}”.", name_of(&home))));
        filing.home = Some(home);
        filing.kept = Some(Box::new(self.player.session()));
        filing.taken = None;
        filing.close();
    }

    /// Asks before something that is there already is replaced.
    pub fn ask_to_replace(&mut self, home: Home) {
        let words = format!("“{}” is there already: Replace writes over it.", name_of(&home));
        self.fail(words);
        self.state.filing.taken = Some(home);
    }

    /// Takes note of a saved session that is gone.
    pub fn deleted(&mut self, name: &str) {
        let filing = &mut self.state.filing;
        filing.notice = Some(Notice::Done(format!("Deleted “{name}”.")));
        if filing.home == Some(Home::Named(name.to_owned())) {
            filing.home = None;
        }
    }

    /// Says what could not be done with a file.
    pub fn fail(&mut self, words: String) {
        self.state.filing.notice = Some(Notice::Failed(words));
    }

    /// Says something that stays until it is put away.
    pub fn tell(&mut self, words: String) {
        self.state.filing.news.push(words);
    }

    /// Shows which sessions are saved.
    pub fn list(&mut self, saved: Vec<Saved>) {
        self.state.filing.saved = saved;
    }

    /// Offers what a window that died has left behind, and how long ago; or nothing any more.
    pub fn offer(&mut self, left: Option<(&Session, &str)>) {
        self.state.filing.left = left.map(|(session, age)| {
            format!("A window that was not closed has left {}, written {age}.", contents(session))
        });
    }
}
