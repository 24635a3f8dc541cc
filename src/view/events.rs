//! The list of events: every record as one line, and which of them are wanted.
//!
//! **Invariant:** a filter looks at one record at a time, so that a list of any length can be
//! filtered a part at a time.

use super::words;
use crate::run::{Condition, Run};
use crate::sim::{Host, Record, What};
use std::ops::Range;

/// What sort of thing a record tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// What people and programs do.
    People,
    /// Units that were written or read.
    Units,
    /// Segments on their way, and connections of TCP.
    Tcp,
    /// Messages, pings and pongs that were handed on.
    Messages,
    /// States of ends, and what they report.
    States,
    /// Rules that were broken.
    Breaches,
    /// What was changed from outside, on the path or by hand.
    Changes,
}

impl Sort {
    /// Every sort.
    pub const ALL: [Self; 7] = [
        Self::People,
        Self::Units,
        Self::Tcp,
        Self::Messages,
        Self::States,
        Self::Breaches,
        Self::Changes,
    ];

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Units => "units",
            Self::Tcp => "TCP",
            Self::Messages => "messages",
            Self::States => "states",
            Self::Breaches => "breaches",
            Self::Changes => "changes",
        }
    }

    /// The sort of a record.
    pub fn of(record: &Record) -> Self {
        match &record.what {
            What::Starts
            | What::Leaves
            | What::Wants(_)
            | What::Skipped(_)
            | What::PollDue
            | What::Retries
            | What::HeldLong(_)
            | What::CaughtUp(..) => Self::People,
            What::Wrote(_) | What::Read(_) => Self::Units,
            What::Sent(_)
            | What::Lost(_)
            | What::Resent(_)
            | What::Waits(_)
            | What::Held(_)
            | What::Arrived(_)
            | What::TcpOpen(_)
            | What::GaveUp(_)
            | What::TcpClosed(_)
            | What::WasReset(_)
            | What::TimedOut(_)
            | What::Forgotten(_) => Self::Tcp,
            What::Delivered(_) | What::PingCame(_) | What::PongCame(_) => Self::Messages,
            What::Became(..) | What::Reported(..) => Self::States,
            What::Found(..) => Self::Breaches,
            What::Overwritten(_) | What::Edited(_) => Self::Changes,
        }
    }
}

/// Which records are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of one host.
    pub host: Option<Host>,
    /// Those of one sort.
    pub sort: Option<Sort>,
    /// Those whose line holds these words, in any case, or that meet this condition.
    pub text: String,
}

impl Filter {
    /// Whether every record is wanted.
    pub fn open(&self) -> bool {
        self.host.is_none() && self.sort.is_none() && self.text.trim().is_empty()
    }

    /// The indices of the wanted records among those of `range`.
    pub fn wanted(&self, run: &Run, range: Range<usize>) -> Vec<u32> {
        let words = self.text.trim().to_lowercase();
        let field = words.contains('=').then(|| self.text.parse::<Condition>().ok()).flatten();
        let wanted = |record: &&Record| {
            self.host.is_none_or(|host| host == record.host)
                && self.sort.is_none_or(|sort| sort == Sort::of(record))
                && match &field {
                    Some(condition) => condition.met(run, record),
                    None => words.is_empty() || line(record).to_lowercase().contains(&words),
                }
        };
        let records = run.records()[range].iter().filter(wanted);
        records.filter_map(|record| u32::try_from(record.idx.0).ok()).collect()
    }
}

/// A record without its moment: to whom what happened.
pub fn line(record: &Record) -> String {
    words::told(record)
}

/// The list as text, each line with the number of its record.
pub fn text(run: &Run, idxs: impl Iterator<Item = usize>) -> String {
    let rows = idxs.filter_map(|idx| {
        let record = run.records().get(idx)?;
        Some(vec![idx.to_string(), record.at.to_string(), line(record)])
    });
    super::columns::aligned(&rows.collect::<Vec<_>>())
}
