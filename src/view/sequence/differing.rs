//! How two diagrams of one scenario differ: the arrows that are in one alone.

use super::{Arrow, Diagram};
use crate::sim::{Host, RecordIdx, SimTime};
use std::collections::BTreeSet;

/// What two arrows have in common that are the same.
type Sameness<'a> = (Host, Host, SimTime, SimTime, &'a str, &'a str, bool);

fn sameness(arrow: &Arrow) -> Sameness<'_> {
    let (title, detail) = (arrow.title.as_str(), arrow.detail.as_str());
    (arrow.from, arrow.to, arrow.departs, arrow.arrives, title, detail, arrow.arrived)
}

/// The arrows of `here` that are not in `there`, by the record of their sending.
pub fn differing(here: &Diagram, there: &Diagram) -> BTreeSet<RecordIdx> {
    let others: BTreeSet<_> = there.arrows.iter().map(sameness).collect();
    let alone = here.arrows.iter().filter(|arrow| !others.contains(&sameness(arrow)));
    alone.map(|arrow| arrow.record).collect()
}
