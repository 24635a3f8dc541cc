//! Every action of the window: its name, what it does, its key. Tooltips, shortcuts and the help
//! page are read from here.

use crate::lesson::Tab;
use crate::player::{Command, Copied, Player, Search};
use crate::run::{Direction, StepSize};
use crate::sim::Mode;
use egui::{Context, Key, KeyboardShortcut, Modifiers};

/// Something that a person can do with one key.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// What it is called.
    pub name: &'static str,
    /// What it does, one line.
    pub help: &'static str,
    /// Its key.
    pub key: KeyboardShortcut,
    /// What it asks of the player or the window.
    pub deed: Deed,
}

/// What an action asks for.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    /// A command to the player.
    Player(fn(&Player) -> Command),
    /// Shows or hides the help page.
    Help,
    /// Shows or hides the glossary.
    Glossary,
    /// Shows or hides the list of lessons.
    Lessons,
    /// Shows or hides what is simplified here.
    Simplified,
    /// Shows the comparison, or puts it away.
    Compare,
    /// Opens the dialog of changes.
    Change,
    /// Opens the dialog of changes to type and send.
    Say,
    /// Opens the dialog that says what to run until.
    Until,
    /// Opens the dialog that gives the branch another name.
    Rename,
    /// Saves the session.
    Save,
    /// Shows or hides the dialog for sessions.
    Sessions,
}

impl Deed {
    /// Whether it is meant even while a field for text has the keyboard.
    pub(super) fn is_about_files(self) -> bool {
        match self {
            Self::Save | Self::Sessions => true,
            Self::Player(_)
            | Self::Help
            | Self::Glossary
            | Self::Lessons
            | Self::Simplified
            | Self::Compare
            | Self::Change
            | Self::Say
            | Self::Until
            | Self::Rename => false,
        }
    }
}

const fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

const fn command(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

/// Every action, in the order of the help page.
pub const ACTIONS: &[Action] = &[
    act("Step", "One step forward", key(Key::Space), |_| Command::Step(Direction::Forward)),
    act("Step back", "One step back", shift(Key::Space), |_| Command::Step(Direction::Back)),
    act("Forward", "One step forward", key(Key::ArrowRight), |_| Command::Step(Direction::Forward)),
    act("Back", "One step back", key(Key::ArrowLeft), |_| Command::Step(Direction::Back)),
    act("To the start", "Before everything", key(Key::Home), |_| Command::First),
    act("To the end", "After everything", key(Key::End), |_| Command::Last),
    act("Play or pause", "Let time pass by itself", key(Key::P), |_| Command::TogglePlay),
    act("Step by message", "Steps go to whole messages", key(Key::Num1), |_| {
        Command::SetSize(StepSize::Message)
    }),
    act("Step by frame", "Steps go to frames and heads", key(Key::Num2), |_| {
        Command::SetSize(StepSize::Unit)
    }),
    act("Step by segment", "Steps go to TCP segments", key(Key::Num3), |_| {
        Command::SetSize(StepSize::Segment)
    }),
    act("Step by byte", "Steps go to single bytes", key(Key::Num4), |_| {
        Command::SetSize(StepSize::Byte)
    }),
    act("Switch mode", "The same conversation, carried another way", key(Key::M), |player| {
        let next = Mode::ALL.iter().position(|mode| *mode == player.mode()).map_or(0, |n| n + 1);
        Command::SetMode(Mode::ALL[next % Mode::ALL.len()])
    }),
    Action {
        name: "Run until",
        help: "Run until a moment, a breach, a state, a frame with …",
        key: key(Key::U),
        deed: Deed::Until,
    },
    act("Until again", "Run until the same once more", shift(Key::U), |_| {
        Command::Search(Search::Again, Direction::Forward)
    }),
    act("Next of its kind", "To the next one like what is looked at", key(Key::N), |_| {
        Command::Search(Search::Alike, Direction::Forward)
    }),
    act("Last of its kind", "To the one before like what is looked at", shift(Key::N), |_| {
        Command::Search(Search::Alike, Direction::Back)
    }),
    act("Breakpoint", "Stop at what is looked at, or no more", key(Key::B), |_| {
        Command::ToggleBreakpoint(None)
    }),
    act("To the next breakpoint", "Run until a breakpoint", key(Key::G), |_| {
        Command::Search(Search::Breakpoint, Direction::Forward)
    }),
    act("To the last breakpoint", "Back to a breakpoint", shift(Key::G), |_| {
        Command::Search(Search::Breakpoint, Direction::Back)
    }),
    act("Events", "The list of everything that happens", key(Key::E), |_| {
        Command::ShowTab(Tab::Events)
    }),
    act("Build", "Write bytes by hand, and see what a real end does", key(Key::F), |_| {
        Command::ShowTab(Tab::Bench)
    }),
    act("Next tab", "The next tab of the inspector", key(Key::CloseBracket), |player| {
        Command::ShowTab(tab_beside(player, Direction::Forward))
    }),
    act("Last tab", "The tab of the inspector before this one", key(Key::OpenBracket), |player| {
        Command::ShowTab(tab_beside(player, Direction::Back))
    }),
    act("Why", "Why what is looked at happened", key(Key::W), |_| Command::ShowTab(Tab::Why)),
    Action {
        name: "Change",
        help: "Everything that can be changed here and now",
        key: key(Key::C),
        deed: Deed::Change,
    },
    Action {
        name: "Say",
        help: "Type and send as any host",
        key: key(Key::Slash),
        deed: Deed::Say,
    },
    act("Release", "Let the edited frame go on its way", key(Key::R), |_| Command::Release),
    act("Reset", "Take the edits back", key(Key::X), |_| Command::Reset),
    act("Lose the segment", "Lose the segment in flight that is looked at", key(Key::K), |_| {
        Command::LoseSegment
    }),
    act(
        "Silence or heal",
        "Nothing gets through on this connection, and nobody is told; or it does again",
        key(Key::S),
        |_| Command::ToggleSilence,
    ),
    act("Reset connection", "Both ends are told that it is gone", shift(Key::R), |_| {
        Command::ResetConnection
    }),
    act("To the difference", "Where this branch first differs", key(Key::D), |_| {
        Command::ToDivergence
    }),
    act("Beside", "Show the other branch beside this one, or no more", key(Key::V), beside),
    act("Lanes", "All four transports side by side, at one moment", shift(Key::V), |_| {
        Command::ToggleLanes
    }),
    Action {
        name: "Rename branch",
        help: "Give this branch another name",
        key: key(Key::F2),
        deed: Deed::Rename,
    },
    act("Delete branch", "Take this branch away", key(Key::Delete), |_| Command::DeleteBranch),
    act("Undo", "Take back the last change", command(Key::Z), |_| Command::Undo),
    act("Redo", "Do again what was taken back", command(Key::Y), |_| Command::Redo),
    act("Continue", "Go on in the lesson", key(Key::Enter), |_| Command::Continue),
    act("Lesson back", "Go back in the lesson", key(Key::Backspace), |_| Command::StepBackInLesson),
    act("Hint", "Show one more hint", key(Key::H), |_| Command::Hint),
    act("Show the solution", "See how the task is done, after the hints", shift(Key::H), |_| {
        Command::ShowSolution
    }),
    act(
        "Test",
        "Be done with the lesson by knowing it all; or leave the test",
        key(Key::Y),
        |_| Command::ToggleTest,
    ),
    act(
        "Ask me",
        "Be asked what comes next here; again, and it asks something else",
        key(Key::Q),
        |_| Command::Ask,
    ),
    act("Sandbox", "Play freely beside the lesson, or go back to it", key(Key::F5), |_| {
        Command::ToggleSandbox
    }),
    act("Start over", "The world as the step begins, or as the sandbox does", key(Key::F6), |_| {
        Command::StartOver
    }),
    Action {
        name: "Lessons",
        help: "Show the list of lessons",
        key: key(Key::L),
        deed: Deed::Lessons,
    },
    Action {
        name: "Save",
        help: "Save the session where it is kept; asks where, the first time",
        key: command(Key::S),
        deed: Deed::Save,
    },
    Action {
        name: "Open",
        help: "Saved sessions, notes, and any file: a session, a scenario or a lesson",
        key: command(Key::O),
        deed: Deed::Sessions,
    },
    act("All panels", "Show every panel, whatever the lesson needs", key(Key::A), |_| {
        Command::ToggleAllPanels
    }),
    act("Copy hex", "Copy the unit as hex", command(Key::H), |_| Command::Copy(Copied::Hex)),
    act("Copy fields", "Copy the unit's fields as text", command(Key::T), |_| {
        Command::Copy(Copied::Tree)
    }),
    act("Copy tab", "Copy what the inspector's tab shows as text", command(Key::B), |_| {
        Command::Copy(Copied::Tab)
    }),
    act("Copy diagram", "Copy the diagram up to here as text", command(Key::D), |_| {
        Command::Copy(Copied::Diagram)
    }),
    act(
        "Copy session",
        "Copy the scenario, all changes and this place; paste it here again, or send it",
        command(Key::E),
        |_| Command::Copy(Copied::Session),
    ),
    act("Theme", "Switch between dark and light", key(Key::T), |_| Command::ToggleTheme),
    Action {
        name: "Compare",
        help: "The same conversation by all four transports, weighed and timed",
        key: key(Key::F4),
        deed: Deed::Compare,
    },
    Action {
        name: "Simplified",
        help: "What is simplified here",
        key: key(Key::I),
        deed: Deed::Simplified,
    },
    Action {
        name: "Glossary",
        help: "The words of the trade, and what they mean",
        key: shift(Key::F1),
        deed: Deed::Glossary,
    },
    Action { name: "Help", help: "Show or hide this page", key: key(Key::F1), deed: Deed::Help },
];

const fn act(
    name: &'static str,
    help: &'static str,
    key: KeyboardShortcut,
    make: fn(&Player) -> Command,
) -> Action {
    Action { name, help, key, deed: Deed::Player(make) }
}

/// The tab beside the one that is shown, round and round.
fn tab_beside(player: &Player, direction: Direction) -> Tab {
    let n = Tab::ALL.len();
    let here = Tab::ALL.iter().position(|tab| *tab == player.tab()).unwrap_or(0);
    let by = match direction {
        Direction::Forward => 1,
        Direction::Back => n - 1,
    };
    Tab::ALL[(here + by) % n]
}

/// Shows the branch from which this one was forked beside it, or the last one beside the trunk.
fn beside(player: &Player) -> Command {
    if player.beside().is_some() {
        return Command::Compare(None);
    }
    let lane = player.lane();
    let other = match lane.branch().forked {
        Some((parent, _)) => parent,
        None => lane.branches().len() - 1,
    };
    Command::Compare(Some((player.mode(), other)))
}

/// The action of a name.
///
/// # Panics
/// Where there is none: names are written in this program alone.
pub fn named(name: &str) -> &'static Action {
    ACTIONS.iter().find(|action| action.name == name).expect("actions are named as in the table")
}

/// What the button of an action says while the pointer rests on it.
pub fn tooltip(ctx: &Context, name: &str) -> String {
    let action = named(name);
    format!("{} ({})", action.help, key_name(ctx, action))
}

/// The key of an action as people read it.
pub fn key_name(ctx: &Context, action: &Action) -> String {
    match action.key.logical_key {
        Key::ArrowRight => "→".to_owned(),
        Key::ArrowLeft => "←".to_owned(),
        _ => ctx.format_shortcut(&action.key),
    }
}

/// The keys that a control with the keyboard uses itself.
const KEYS_OF_CONTROLS: [Key; 6] =
    [Key::Space, Key::Enter, Key::ArrowLeft, Key::ArrowRight, Key::Home, Key::End];

/// The keys that a list with the keyboard uses itself.
const KEYS_OF_LISTS: [Key; 2] = [Key::Home, Key::End];

/// What has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A list of rows.
    List,
    /// Whatever egui says.
    Other,
}

/// The actions whose keys were pressed and not meant for what has the keyboard.
pub fn pressed(ctx: &Context, holder: Holder) -> Vec<&'static Action> {
    let typing = ctx.text_edit_focused();
    let kept = match (ctx.memory(|memory| memory.focused().is_some()), holder) {
        (false, _) => &[][..],
        (true, Holder::List) => &KEYS_OF_LISTS[..],
        (true, Holder::Other) => &KEYS_OF_CONTROLS[..],
    };
    let mut actions: Vec<_> = ACTIONS
        .iter()
        .filter(|action| !typing || action.deed.is_about_files())
        .filter(|action| !kept.contains(&action.key.logical_key))
        .collect();
    // Shift+Space also answers to Space: the longer shortcut goes first.
    actions.sort_by_key(|action| action.key.modifiers == Modifiers::NONE);
    actions
        .into_iter()
        .filter(|action| ctx.input_mut(|input| input.consume_shortcut(&action.key)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys_are_given_once() {
        for (idx, action) in ACTIONS.iter().enumerate() {
            for other in &ACTIONS[..idx] {
                assert_ne!(action.name, other.name);
                assert_ne!(action.key, other.key, "{} and {}", action.name, other.name);
            }
        }
    }
}
