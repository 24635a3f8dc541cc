//! Reading lessons and scenarios from files, for every command that wants some.

use super::Misuse;
use super::args::Transport;
use crate::lesson::Library;
use crate::player::{Opened, SavedBranch, Session};
use crate::run::Run;
use crate::sim::Mode;
use std::path::Path;
use std::sync::Arc;

/// Plays what a file holds: in this mode, and of a session this branch, or as the file has it.
pub(super) fn play(
    path: &Path,
    mode: Option<Transport>,
    branch: Option<&str>,
) -> Result<Run, Misuse> {
    let mode = mode.map(Transport::mode);
    let (scenario, own) = match open(path)? {
        Opened::Session(session) => return play_session(&session, mode, branch),
        Opened::Lesson(lesson) => (lesson.scenario, lesson.mode),
        Opened::Scenario(scenario) => (*scenario, Mode::WebSocket),
    };
    if let Some(name) = branch {
        return Err(Misuse(format!("only a session has branches: leave out --branch {name}")));
    }
    Ok(Run::new(Arc::new(scenario), mode.unwrap_or(own)))
}

fn play_session(
    session: &Session,
    mode: Option<Mode>,
    branch: Option<&str>,
) -> Result<Run, Misuse> {
    let fits = |found: &SavedBranch| {
        mode.is_none_or(|mode| found.mode == mode) && branch.is_none_or(|name| found.name == name)
    };
    let shown = Some(session.shown).filter(|idx| fits(&session.branches[*idx]));
    let Some(idx) = shown.or_else(|| session.branches.iter().position(fits)) else {
        let named = session
            .branches
            .iter()
            .map(|found| format!("“{}” ({})", found.name, found.mode.name()));
        let all = named.collect::<Vec<_>>().join(", ");
        return Err(Misuse(format!("the session has no such branch; choose from {all}")));
    };
    session.play(idx).map_err(|error| Misuse(error.to_string()))
}

/// Reads a lesson, a scenario or a session.
pub(super) fn open(path: &Path) -> Result<Opened, Misuse> {
    let text = read(path)?;
    Opened::read(&text, &path.display().to_string()).map_err(|error| Misuse(error.to_string()))
}

/// Reads the lessons of a folder.
pub(super) fn open_folder(dir: &Path) -> Result<Library, Misuse> {
    let sources = sources(dir)?;
    Library::from_sources(sources).map_err(|errors| {
        let n_more = errors.len().saturating_sub(1);
        let more = if n_more == 0 { String::new() } else { format!(" (and {n_more} more)") };
        let first = errors.first().map(ToString::to_string).unwrap_or_default();
        Misuse(format!("{first}{more}"))
    })
}

/// The names and texts of the RON files in a folder.
pub(super) fn sources(dir: &Path) -> Result<Vec<(String, String)>, Misuse> {
    let failed = |error: std::io::Error| {
        Misuse(format!("{}: {error}; give a folder with lessons in .ron files", dir.display()))
    };
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "ron") {
            sources.push((path.display().to_string(), read(&path)?));
        }
    }
    sources.sort();
    if sources.is_empty() {
        let dir = dir.display();
        return Err(Misuse(format!("{dir}: there is no .ron file in this folder")));
    }
    Ok(sources)
}

/// Reads a text file.
pub(super) fn read(path: &Path) -> Result<String, Misuse> {
    use std::io::Read as _;
    let failed = |why: &dyn std::fmt::Display| {
        Misuse(format!("{}: {why}; give a lesson, a scenario or a session in RON", path.display()))
    };
    let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
    let mut text = String::new();
    file.take(Opened::MAX_LEN + 1).read_to_string(&mut text).map_err(|error| failed(&error))?;
    if text.len() as u64 > Opened::MAX_LEN {
        return Err(failed(&format!("it is larger than {} bytes", Opened::MAX_LEN)));
    }
    Ok(text)
}
