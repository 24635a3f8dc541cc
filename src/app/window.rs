//! The window: draws a player, collects commands, and has the player obey them.
//!
//! **Invariant:** drawing takes the player by shared reference; it changes only between frames.

use super::actions::{self, Deed, Holder};
use super::errand::{Errand, Progress};
use super::filing::{Aim, Filing};
use super::panels;
use super::panels::change::Change;
use super::panels::comparison::Comparison;
use super::panels::diagram::{Compared, PaneState};
use super::panels::glossary::Glossary;
use super::panels::inspector::EventList;
use super::panels::lesson::Told;
use super::panels::task::Explanation;
use super::panels::until::Until;
use crate::lesson::LessonError;
use crate::player::{Command, Effect, Home, PREFIX, Player};
use crate::run::Position;
use crate::sim::Host;
use crate::view::locus::Locus;
use egui::{Event, Key, Modifiers, Ui};

/// The window and what it shows beyond the player: what is open, what the pointer is on.
pub struct Window {
    pub(super) player: Player,
    pub(super) state: State,
    pub(super) errand: Option<Errand>,
}

/// What the window remembers that is nobody else's business.
#[derive(Default)]
pub(super) struct State {
    pub(super) help: Shown,
    pub(super) glossary: Glossary,
    pub(super) lessons: Shown,
    pub(super) filing: Filing,
    /// The bits under the pointer, in the unit that is looked at.
    pub(super) hovered: Option<Locus>,
    /// Where the diagram stands, and the one beside it.
    pub(super) panes: [PaneState; 4],
    /// How much the lesson has said.
    pub(super) told: Told,
    /// An explanation that is being written.
    pub(super) explanation: Explanation,
    /// A polling interval that is being typed.
    pub(super) interval_ms: Option<u64>,
    pub(super) simplified: Shown,
    pub(super) change: Change,
    pub(super) until: Until,
    pub(super) events: EventList,
    /// The name of a branch that is being typed.
    pub(super) rename: Option<String>,
    /// How two branches differ that are shown beside each other.
    pub(super) compared: Option<Compared>,
    pub(super) comparison: Comparison,
    /// What is wrong with the file of the lesson as it was saved last.
    pub(super) mistakes: Vec<LessonError>,
}

/// Whether something is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shown {
    #[default]
    No,
    Yes,
}

impl Shown {
    fn toggle(&mut self) {
        *self = match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
        };
    }
}

/// What a panel asks for.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    Player(Command),
    Help,
    /// Shows the glossary, or puts it away.
    Glossary,
    Lessons,
    /// Shows or hides what is simplified here.
    Simplified,
    /// Shows the comparison in place of the conversation, or puts it away.
    Comparison,
    /// Opens the dialog of changes, to speak as a host.
    Change(Section, Option<Host>),
    /// Something was changed: its dialog goes, unless it could not be.
    Changed,
    /// Opens the dialog that says what to run until.
    Until,
    /// Opens the dialog that gives the branch another name.
    Rename,
    /// Takes the filter off the list of events.
    ShowAllEvents,
    /// Shows the dialog for sessions, or puts it away.
    Sessions,
    /// Saves where the session is kept.
    Save,
    /// Something that only a shell can do.
    Shell(Effect),
}

/// A part of the dialog of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// What is on its way, and its connection.
    Segment,
    /// What somebody types and sends.
    Say,
    /// What hosts do wrong.
    Hosts,
    /// The network from here on.
    Network,
}

impl Section {
    pub(super) const ALL: [Self; 4] = [Self::Segment, Self::Say, Self::Hosts, Self::Network];

    /// The name that people read.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Segment => "On its way",
            Self::Say => "Type and send",
            Self::Hosts => "Hosts",
            Self::Network => "Network",
        }
    }
}

impl From<Command> for Wish {
    fn from(command: Command) -> Self {
        Self::Player(command)
    }
}

impl Window {
    /// A window onto a player.
    pub fn new(player: Player) -> Self {
        Self { player, state: State::default(), errand: None }
    }

    /// What the window shows.
    pub fn player(&self) -> &Player {
        &self.player
    }

    /// Draws the window and does what was asked; gives what the shell must do about it.
    pub fn ui(&mut self, ui: &mut Ui) -> Vec<Effect> {
        let mut wishes = Vec::new();
        let mut effects = self.wait_for_errand(ui);
        if self.errand.is_none() {
            wishes.extend(self.keys(ui));
        }
        let (player, state) = (&self.player, &mut self.state);
        panels::top_bar::show(ui, player, state, &mut wishes);
        panels::news::show(ui, state, &mut wishes);
        if state.comparison.shown == Shown::Yes {
            panels::comparison::show(ui, player, state, &mut wishes);
        } else {
            panels::step_bar::show(ui, player, &mut wishes);
            panels::notice::show(ui, player, state, &mut wishes);
            // Four lanes need all the room there is.
            if !player.shows_lanes() {
                panels::lesson::show(ui, player, state, &mut wishes);
                panels::inspector::show(ui, player, state, &mut wishes);
            }
            panels::diagram::show(ui, player, state, &mut wishes);
        }
        panels::help::show(ui, player, state, &mut wishes);
        panels::glossary::show(ui, state, &mut wishes);
        panels::lessons::show(ui, player, state, &mut wishes);
        panels::simplified::show(ui, player, state, &mut wishes);
        panels::change::show(ui, player, state, &mut wishes);
        panels::until::show(ui, player, state, &mut wishes);
        panels::branches::rename(ui, player, state, &mut wishes);
        panels::sessions::show(ui, player, state, &mut wishes);
        if player.playback().playing {
            let passed = ui.input(|input| f64::from(input.stable_dt.min(0.1)));
            wishes.push(Command::Tick((passed * 1e9) as u64).into());
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(16));
        }
        let before = self.place();
        let now = ui.input(|input| input.time);
        effects.extend(wishes.into_iter().flat_map(|wish| self.grant(wish, now)));
        if self.place() != before && !self.state.events.focused() {
            // What had the keyboard spoke of another moment: Space is for stepping again.
            release_keyboard(ui);
        }
        effects
    }

    /// Where in the story the window stands.
    fn place(&self) -> (usize, usize, Position) {
        let player = &self.player;
        (player.walk().step_idx(), player.lane().shown(), player.position())
    }

    fn keys(&mut self, ui: &Ui) -> Vec<Wish> {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
            self.state.help = Shown::No;
            self.state.glossary.shown = Shown::No;
            self.state.lessons = Shown::No;
            self.state.simplified = Shown::No;
            self.state.change.close();
            self.state.until.close();
            self.state.rename = None;
            self.state.filing.close();
            egui::Popup::close_all(ui.ctx());
            release_keyboard(ui);
        }
        let wish = |action: &actions::Action| match action.deed {
            Deed::Player(make) => Wish::Player(make(&self.player)),
            Deed::Help => Wish::Help,
            Deed::Glossary => Wish::Glossary,
            Deed::Lessons => Wish::Lessons,
            Deed::Simplified => Wish::Simplified,
            Deed::Compare => Wish::Comparison,
            Deed::Change => Wish::Change(Section::Segment, None),
            Deed::Say => Wish::Change(Section::Say, None),
            Deed::Until => Wish::Until,
            Deed::Rename => Wish::Rename,
            Deed::Save => Wish::Save,
            Deed::Sessions => Wish::Sessions,
        };
        let holder = if self.state.events.focused() { Holder::List } else { Holder::Other };
        let mut pressed = actions::pressed(ui.ctx(), holder);
        if self.state.filing.dialog == Shown::Yes {
            // Delete and Enter speak of what the dialog lists, not of what lies behind it.
            pressed.retain(|action| action.deed.is_about_files());
        }
        let mut wishes: Vec<_> = pressed.into_iter().map(wish).collect();
        wishes.extend(dropped(ui));
        wishes.extend(pasted(ui).map(|text| Command::PasteSession(text).into()));
        wishes
    }

    /// Looks after an errand that is under way.
    fn wait_for_errand(&mut self, ui: &Ui) -> Vec<Effect> {
        let Some(errand) = self.errand.take() else { return Vec::new() };
        self.take_in(errand.wait(ui))
    }

    fn take_in(&mut self, progress: Progress) -> Vec<Effect> {
        match progress {
            Progress::Done(done) => {
                let effects;
                (self.player, effects) = *done;
                self.arrive(effects)
            }
            Progress::UnderWay(errand) => {
                self.errand = Some(errand);
                Vec::new()
            }
            Progress::Over => {
                self.state.filing.departure = None;
                Vec::new()
            }
        }
    }

    /// Has the player obey, elsewhere where that takes long; what is asked for meanwhile would be
    /// lost when it is done.
    pub(super) fn obey(&mut self, command: Command, aim: Aim, now: f64) -> Vec<Effect> {
        if self.errand.is_some() {
            return Vec::new();
        }
        self.depart(&command, aim);
        if Errand::is(&self.player, &command) {
            return self.take_in(Errand::start(&self.player, command, now));
        }
        let effects = self.player.obey(command);
        self.arrive(effects)
    }

    fn grant(&mut self, wish: Wish, now: f64) -> Vec<Effect> {
        match wish {
            Wish::Player(command) => {
                let aim = Aim::of(&command);
                return self.obey(command, aim, now);
            }
            Wish::Help => self.state.help.toggle(),
            Wish::Glossary => self.state.glossary.toggle(),
            Wish::Lessons => self.state.lessons.toggle(),
            Wish::Simplified => self.state.simplified.toggle(),
            Wish::Comparison => self.state.comparison.shown.toggle(),
            Wish::Change(section, who) => self.state.change.open(section, who),
            // What could not be changed is said in the dialog.
            Wish::Changed if self.player.notice().is_some() => {}
            Wish::Changed => self.state.change.close(),
            Wish::Until => self.state.until.open(),
            Wish::Rename => self.state.rename = Some(self.player.branch().name.clone()),
            Wish::ShowAllEvents => self.state.events.show_all(),
            Wish::Sessions => return self.state.filing.toggle(),
            Wish::Save => return self.state.filing.save(),
            Wish::Shell(effect) => return vec![effect],
        }
        Vec::new()
    }
}

/// Files that were dropped on the window: the last is what stays open.
fn dropped(ui: &Ui) -> Option<Wish> {
    ui.input(|input| {
        let file = input.raw.dropped_files.last()?;
        Some(Wish::Shell(Effect::OpenFile(Home::File(file.path().to_owned()))))
    })
}

/// A session that is pasted, where no field for text takes it.
fn pasted(ui: &Ui) -> Option<String> {
    if ui.ctx().text_edit_focused() {
        return None;
    }
    ui.input(|input| {
        input.events.iter().find_map(|event| match event {
            Event::Paste(text) if text.trim_start().starts_with(PREFIX) => Some(text.clone()),
            _ => None,
        })
    })
}

fn release_keyboard(ui: &Ui) {
    ui.memory_mut(|memory| {
        if let Some(focused) = memory.focused() {
            memory.surrender_focus(focused);
        }
    });
}
