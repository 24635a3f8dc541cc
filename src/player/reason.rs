//! Reasons: why what is looked at happened, and whether what was wanted came about.

use super::Player;
use crate::sim::{Host, RecordIdx, What};
use crate::view::why::{self, Fate, Link};

/// Why something is as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What is asked about.
    pub subject: RecordIdx,
    /// The byte of its unit that is asked about.
    pub byte: Option<u64>,
    /// From what came first to the subject.
    pub chain: Vec<Link>,
    /// Whether what somebody wanted reached each other host; `None` where it may still.
    pub fates: Vec<(Host, Option<Fate>)>,
}

impl Player {
    /// Why what is looked at happened, or the byte of it that is selected is as it is.
    pub fn reason(&self) -> Option<Reason> {
        let subject = self.subject()?;
        let run = self.run();
        let selected = self.scene.selection.filter(|_| self.scene.chosen.is_none());
        let byte = match run.records()[subject.0].what {
            What::Wrote(_) => selected.map(|locus| locus.bit / 8),
            _ => None,
        };
        let chain = match byte {
            Some(byte) => why::why_byte(run, subject, byte),
            None => why::why(run, subject),
        };
        let wish = chain.iter().map(|link| link.record).find(|record| {
            matches!(&run.records()[record.0].what, What::Wants(wish) if !wish.parts().is_empty())
        });
        let fates = wish.map(|wish| self.fates(wish)).unwrap_or_default();
        Some(Reason { subject, byte, chain, fates })
    }

    fn fates(&self, wish: RecordIdx) -> Vec<(Host, Option<Fate>)> {
        let run = self.run();
        let n_seen = run.records_until(self.scene.position.n_moves).len();
        let speaker = run.records()[wish.0].host;
        let others = run.scenario().hosts().into_iter().filter(|host| *host != speaker);
        let told = |host: Host| {
            let fate = why::why_not(run, wish, host);
            // What lies ahead is not told: it may still come.
            let last = match &fate {
                Fate::Came(record) => Some(*record),
                Fate::Stopped { chain, .. } => chain.last().map(|link| link.record),
            };
            (host, last.is_some_and(|last| last.0 < n_seen).then_some(fate))
        };
        others.map(told).collect()
    }
}

/// A reason as text.
pub(super) fn text(reason: &Reason) -> String {
    let mut text = why::text(&reason.chain);
    for (host, fate) in &reason.fates {
        let line = match fate {
            None => format!("{host}: not yet\n"),
            Some(Fate::Came(record)) => format!("{host}: it came [{}]\n", record.0),
            Some(Fate::Stopped { why, .. }) => format!("{host}: it did not come: {why}\n"),
        };
        text.push_str(&line);
    }
    text
}
