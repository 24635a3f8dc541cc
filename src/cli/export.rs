//! `wirestep export`: writes what was played into a file, in the format that its name asks for.

use super::args::Export;
use super::library;
use super::play::transcript;
use super::{Exit, Misuse, Streams};
use crate::player::Session;
use crate::run::Run;
use crate::view::export::{pcapng, svg};
use crate::view::trace;
use std::io::Write as _;
use std::path::Path;

pub(super) fn run(args: &Export, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    let write = format_of(&args.to)?;
    let run = library::play(&args.file, args.mode, args.branch.as_deref())?;
    let bytes = write(&run)?;
    save(&args.to, &bytes)?;
    let n = bytes.len();
    writeln!(streams.output, "{}: {n} bytes, {} records", args.to.display(), run.records().len())?;
    Ok(Exit::Done)
}

type Writer = fn(&Run) -> Result<Vec<u8>, Misuse>;

fn format_of(to: &Path) -> Result<Writer, Misuse> {
    let extension = to.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("json") => Ok(|run| Ok(format!("{}\n", trace::json(run, run.n_moves())).into_bytes())),
        Some("txt") => Ok(|run| {
            let mut text = Vec::new();
            transcript(run, run.n_moves(), &mut text)?;
            Ok(text)
        }),
        Some("pcapng") => Ok(|run| Ok(pcapng::bytes(run))),
        Some("svg") => Ok(|run| Ok(svg::text(run).into_bytes())),
        Some("ron") => Ok(|run| Ok(Session::of_run(run).to_text().into_bytes())),
        _ => Err(Misuse(format!(
            "{}: the name says no format that can be written; end it in .pcapng, .svg, .json, .txt or .ron",
            to.display()
        ))),
    }
}

/// Writes a file whole or not at all.
fn save(to: &Path, bytes: &[u8]) -> Result<(), Misuse> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let failed = |why: &dyn std::fmt::Display| {
        Misuse(format!("{}: {why}; choose a folder that can be written to", to.display()))
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .map_err(|error| failed(&std::io::Error::from(error.kind())))?;
    file.write_all(bytes).map_err(|error| failed(&error))?;
    file.as_file().sync_all().map_err(|error| failed(&error))?;
    file.persist(to).map_err(|error| failed(&error.error))?;
    Ok(())
}
