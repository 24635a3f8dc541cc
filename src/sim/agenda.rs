//! The agenda: what happens next, by time; at one time in the order in which it was scheduled.
//!
//! **Invariant:** what the scenario has people do is written down once and shared by all copies;
//! only what came up since then is copied.

use super::agent::Line;
use super::record::{LinkIdx, RecordIdx};
use super::time::SimTime;
use crate::wire::Side;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where something stands on the agenda: its moment, and its number in the order of scheduling.
pub(super) type Place = (SimTime, u64);

/// What happens next.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Agenda {
    /// What the scenario has people do, in order.
    script: Arc<[(Place, Occasion)]>,
    /// How much of it was done.
    n_done: usize,
    /// What came up since.
    queue: BTreeMap<Place, Due>,
    n_scheduled: u64,
}

/// What is due, and because of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) what: Occasion,
    pub(super) cause: Option<RecordIdx>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// A client's program starts.
    Start(usize),
    /// A host begins to do something wrong, or stops: the index among the incidents.
    Incident(usize),
    /// Somebody wants something: the index in the workload.
    Want(usize),
    /// A client's program asks again.
    Tick(usize),
    /// The segment of this number that this side sent arrives.
    Arrive(LinkIdx, Side, u64),
    /// This side has waited long enough for that segment to be acknowledged.
    Resend(LinkIdx, Side, u64),
    /// This side is told that the connection is reset.
    Reset(LinkIdx, Side),
    /// Nothing has come on a connection for as long as a middlebox puts up with.
    Idle(LinkIdx),
    /// A client's person leaves.
    Leave(usize),
    /// An end has waited long enough for the connection to end.
    GiveUp(LinkIdx, Side),
    /// A client's program tries a connection again.
    Retry(usize, Line),
    /// The server has held this question on this connection for as long as it may.
    HoldOver(LinkIdx, u64),
}

impl Agenda {
    /// What people do by themselves, in any order.
    pub(super) fn new(script: impl Iterator<Item = (SimTime, Occasion)>) -> Self {
        let numbered = (0..).zip(script).map(|(n, (at, what))| ((at, n), what));
        let mut script: Vec<_> = numbered.collect();
        script.sort_unstable_by_key(|(place, _)| *place);
        let n_scheduled = script.len() as u64;
        Self { script: script.into(), n_done: 0, queue: BTreeMap::new(), n_scheduled }
    }

    /// What is due first, and when.
    pub(super) fn first(&self) -> Option<(SimTime, &Occasion)> {
        let scripted = self.script.get(self.n_done).map(|(place, what)| (place, what));
        let queued = self.queue.first_key_value().map(|(place, due)| (place, &due.what));
        let first = match (scripted, queued) {
            (Some(a), Some(b)) if b.0 < a.0 => Some(b),
            (a, b) => a.or(b),
        };
        first.map(|((at, _), what)| (*at, what))
    }

    /// Takes off what is due first.
    pub(super) fn pop(&mut self) -> Option<(SimTime, Due)> {
        let scripted = self.script.get(self.n_done);
        let queued = self.queue.first_entry();
        match (scripted, queued) {
            (Some(((at, n), what)), queued)
                if queued.as_ref().is_none_or(|queued| (*at, *n) < *queued.key()) =>
            {
                self.n_done += 1;
                Some((*at, Due { what: what.clone(), cause: None }))
            }
            (_, queued) => {
                let ((at, _), due) = queued?.remove_entry();
                Some((at, due))
            }
        }
    }

    /// Puts something on the agenda; gives where it stands there.
    pub(super) fn schedule(
        &mut self,
        at: SimTime,
        what: Occasion,
        cause: Option<RecordIdx>,
    ) -> Place {
        let place = (at, self.n_scheduled);
        self.queue.insert(place, Due { what, cause });
        self.n_scheduled += 1;
        place
    }

    /// How many bytes hold what the scenario has people do.
    pub(super) fn script_bytes(&self) -> usize {
        size_of_val(&*self.script)
    }

    /// How many things came up and are due.
    pub(super) fn n_queued(&self) -> usize {
        self.queue.len()
    }

    /// Takes something off the agenda that came up.
    pub(super) fn cancel(&mut self, place: Place) {
        self.queue.remove(&place);
    }
}
