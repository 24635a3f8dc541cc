//! Divergence: where two runs of one scenario first differ.

use super::Run;
use crate::sim::{Record, RecordIdx, SimTime, What};

/// Where two runs first differ, and what happened there in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The moment of the first thing that happens in one alone.
    pub at: SimTime,
    /// What the first run has there; `None` where it is over.
    pub here: Option<RecordIdx>,
    /// What the other one has there; `None` where it is over.
    pub there: Option<RecordIdx>,
}

impl Run {
    /// Where this run and another first differ in what happens; `None` where they never do. An
    /// edit is no difference by itself: what comes of it is.
    pub fn diverges_from(&self, other: &Self) -> Option<Divergence> {
        let told = |record: &&Record| !matches!(record.what, What::Edited(_));
        let mut here = self.records().iter().filter(told);
        let mut there = other.records().iter().filter(told);
        loop {
            match (here.next(), there.next()) {
                (None, None) => return None,
                (Some(a), Some(b)) if same(a, b) => {}
                (a, b) => {
                    let at = a.into_iter().chain(b).map(|record| record.at).min()?;
                    let idx = |record: Option<&Record>| record.map(|record| record.idx);
                    return Some(Divergence { at, here: idx(a), there: idx(b) });
                }
            }
        }
    }
}

/// Whether the same happens at the same moment to the same host; numbers of records differ behind
/// an edit.
fn same(a: &Record, b: &Record) -> bool {
    (a.at, a.host, &a.what) == (b.at, b.host, &b.what)
}
