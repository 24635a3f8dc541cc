//! Who saw what, and when: each unit as its sender and its receiver know it, and what both ends
//! of a connection believe at one moment.

use super::words;
use crate::conn::State;
use crate::run::{Position, Run};
use crate::sim::{Host, LinkIdx, RecordIdx, SimTime, What, World};
use crate::wire::Side;

/// A unit, and when each end had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The record of its writing.
    pub wrote: RecordIdx,
    /// What it is, in a few words.
    pub title: String,
    /// Who sent it.
    pub from: Host,
    /// When the sender wrote it.
    pub sent: SimTime,
    /// Who gets it.
    pub to: Host,
    /// When the receiver had all of it.
    pub came: Came,
}

/// When a receiver had all of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// At that moment.
    At(SimTime),
    /// It does not have it yet: the sender alone knows of it.
    NotYet,
    /// It never will.
    Never,
}

/// The most rows that are told at once.
pub const MAX_ROWS: usize = 200;

/// The units that were written up to a place, the last one first; at most [`MAX_ROWS`].
pub fn rows(run: &Run, position: Position) -> Vec<Row> {
    let n_records = run.records_until(position.n_moves).len();
    let n = run.passages().partition_point(|passage| passage.wrote.0 < n_records);
    let rows = run.passages()[..n].iter().rev().take(MAX_ROWS).filter_map(|passage| {
        let record = &run.records()[passage.wrote.0];
        let What::Wrote(unit) = &record.what else { return None };
        let client = Host::Client(run.client_of(unit.link)?);
        let (from, to) = match unit.from {
            Side::Client => (client, Host::Server),
            Side::Server => (Host::Server, client),
        };
        // Between the bytes of an arrival the rest of it has not come yet.
        let here =
            passage.arrives < position.at || passage.arrives == position.at && position.n_fed == 0;
        let came = match (passage.sent.is_empty() || !passage.arrived, here) {
            (true, _) => Came::Never,
            (false, true) => Came::At(passage.arrives),
            (false, false) => Came::NotYet,
        };
        let title = words::unit_title(unit);
        Some(Row { wrote: passage.wrote, title, from, sent: record.at, to, came })
    });
    rows.collect()
}

/// What both ends of a connection believe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beliefs {
    /// The connection.
    pub link: LinkIdx,
    /// The client, and the state of its end.
    pub client: (Host, State),
    /// The state of the server's end.
    pub server: State,
    /// Whether they believe the same, and what is between them where they do not.
    pub words: &'static str,
    /// Whether both believe the same.
    pub agree: Agreement,
}

/// Whether two ends believe the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// They do.
    Agree,
    /// They do not, for as long as something is on its way.
    Apart,
    /// They do not, and nothing on its way will change that.
    HalfOpen,
}

/// What the ends of each connection believe.
pub fn beliefs(world: &World) -> Vec<Beliefs> {
    let told = |(idx, link): (LinkIdx, &crate::sim::Link)| {
        let [client, server] = [Side::Client, Side::Server].map(|side| link.end(side).state());
        let flying = |side| link.flow(side).in_flight().next().is_some();
        let silent = link.path() == crate::sim::Path::Silent;
        let under_way = (flying(Side::Client) || flying(Side::Server)) && !silent;
        let (agree, words) = match (client == server, under_way, silent) {
            (true, _, true) => {
                (Agreement::HalfOpen, "nothing gets through, and neither end was told")
            }
            (true, ..) => (Agreement::Agree, "both ends know the same"),
            (false, true, _) => {
                (Agreement::Apart, "one end knows more; what is on its way will tell the other")
            }
            (false, false, _) => (
                Agreement::HalfOpen,
                "one end knows more, and nothing is on its way to tell the other",
            ),
        };
        let client = (link.host(Side::Client), client);
        Beliefs { link: idx, client, server, words, agree }
    };
    world.links().map(told).collect()
}

/// The rows as text.
pub fn text(rows: &[Row]) -> String {
    let cells = |row: &Row| {
        let came = match row.came {
            Came::At(at) => format!("{} has it at {at}", row.to),
            Came::NotYet => format!("{} does not have it yet", row.to),
            Came::Never => format!("{} never gets it", row.to),
        };
        vec![row.title.clone(), format!("{} sends it at {}", row.from, row.sent), came]
    };
    super::columns::aligned(&rows.iter().map(cells).collect::<Vec<_>>())
}
