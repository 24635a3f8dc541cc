//! Patience: how long an end waits for the closing handshake to be answered and TCP to end.
//!
//! **Invariant:** an end that is no longer waiting leaves nothing in the queue, so that a run is
//! not drawn out by it.

use super::record::{LinkIdx, Log, What};
use super::{Occasion, World};
use crate::conn::{Action, State};
use crate::sim::SimTime;
use crate::wire::Side;

/// How long an end that is closing waits before it hangs up, in milliseconds. RFC 6455 §7.1.1
/// leaves it to the client: "in abnormal cases […] a client MAY initiate the TCP Close".
const PATIENCE_MS: u64 = 5_000;

impl World {
    /// Takes note of a change of state: who is closing waits, who is over waits no longer.
    pub(super) fn wait(&mut self, link: LinkIdx, side: Side, log: &Log) {
        let state = self.links.get(link).map(|link| link.end(side).state());
        match state {
            Some(State::Closing) => {
                let at = log.now().plus(SimTime::from_ms(PATIENCE_MS).0);
                let place = self.agenda.schedule(at, Occasion::GiveUp(link, side), log.cause());
                if let Some(before) = self.waiting.insert((link, side), place) {
                    self.agenda.cancel(before);
                }
            }
            _ => self.wait_no_longer(link, side),
        }
    }

    /// Forgets that an end waits.
    pub(super) fn wait_no_longer(&mut self, link: LinkIdx, side: Side) {
        if let Some(place) = self.waiting.remove(&(link, side)) {
            self.agenda.cancel(place);
        }
    }

    /// An end has waited long enough.
    pub(super) fn give_up(&mut self, link: LinkIdx, side: Side, log: &mut Log) {
        self.waiting.remove(&(link, side));
        let Some(host) = self.links.get(link).map(|link| link.host(side)) else { return };
        let cause = log.note(host, What::GaveUp(link));
        log.because(Some(cause));
        self.act(link, side, Action::HangUp, log);
        self.close_if_over(link, log);
    }
}
