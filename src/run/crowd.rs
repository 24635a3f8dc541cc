//! Crowds: a million clients counted by playing those that differ.
//!
//! Clients of whom nobody wants anything do the same at the same moments, as long as luck strikes
//! none of them alone: what they send differs in their number and in keys that are equally long, and
//! none of it reaches another client. Of those that nobody can tell apart one is played, in the real
//! world, and what happens to it is counted as often as they are many. Nothing is computed in
//! another way, and no size is known here.
//!
//! **Law:** the tally of a crowd is that of all its clients played one by one.
//!
//! What happens at one moment happens in the order in which it was scheduled, and that of clients
//! which do the same is the order of their numbers. So one stands for others only where their
//! numbers are as long, and where nobody stands between them who says something: whatever comes
//! before or behind one of them then comes before or behind all.

use super::tally::{Counter, Played};
use crate::sim::{Host, Middlebox, Mode, Scenario, World};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Clients that differ, and how many each of them stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowd {
    scenario: Arc<Scenario>,
    /// The number of one of them, and how many follow it that do the same, itself among them.
    stands_for: Vec<(usize, u64)>,
}

/// Luck that strikes each client by itself: no client stands for another then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Luck {
    /// Each segment is late by a time of its own.
    #[error("jitter makes each client late in its own way: set `jitter_ms` to 0")]
    Jitter,
    /// Each client loses segments of its own.
    #[error("loss strikes each client by itself: set `loss_per_mille` to 0")]
    Loss,
    /// Who is cut off comes back after a time that is left to luck.
    #[error(
        "who is cut off comes back after a time that is left to luck: take `ForgetsIdle` and \
         `ResetsIdle` out of `middleboxes`, and leave out `incidents`"
    )]
    Return,
}

impl Crowd {
    /// The clients of a scenario that differ.
    ///
    /// # Errors
    /// Why all of them do.
    pub fn new(scenario: Arc<Scenario>) -> Result<Self, Luck> {
        if let Some(luck) = luck(&scenario) {
            return Err(luck);
        }
        let firsts: Vec<usize> = firsts(&scenario).into_iter().collect();
        let ends = firsts.iter().copied().skip(1).chain([scenario.clients + 1]);
        let stands_for = firsts.iter().zip(ends).map(|(first, end)| (*first, (end - first) as u64));
        Ok(Self { stands_for: stands_for.collect(), scenario })
    }

    /// How many clients are played.
    pub fn n_played(&self) -> usize {
        self.stands_for.len()
    }

    /// Plays those that differ, and counts each as often as there are such.
    pub fn play(&self, mode: Mode) -> Played {
        let members = self.stands_for.iter().map(|(client, _)| *client).collect();
        let world = World::among(members, Arc::clone(&self.scenario), mode);
        Played::to_the_end(world, Counter::of_many(self.stands_for.clone()))
    }
}

fn luck(scenario: &Scenario) -> Option<Luck> {
    let returns = |middlebox: &Middlebox| match middlebox {
        Middlebox::ForgetsIdle(_) | Middlebox::ResetsIdle(_) => true,
        Middlebox::StripsUpgrade | Middlebox::BuffersResponses => false,
    };
    match () {
        () if scenario.network.jitter_ms > 0 => Some(Luck::Jitter),
        () if scenario.network.loss_per_mille > 0 => Some(Luck::Loss),
        () if scenario.middleboxes.iter().any(returns) => Some(Luck::Return),
        () if !scenario.incidents.is_empty() => Some(Luck::Return),
        () => None,
    }
}

/// The clients that do not do the same as the one before them.
fn firsts(scenario: &Scenario) -> BTreeSet<usize> {
    let longer = std::iter::successors(Some(1_usize), |number| number.checked_mul(10));
    let longer = longer.take_while(|number| *number <= scenario.clients);
    let busy = scenario.workload.iter().flat_map(|want| match want.who {
        Host::Client(n) => vec![n, n + 1],
        Host::Server => Vec::new(),
    });
    longer.chain(busy).filter(|number| *number <= scenario.clients).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Want, Wish};

    fn scenario(clients: usize, busy: &[usize]) -> Scenario {
        let says =
            |n: &usize| Want { at_ms: 1, who: Host::Client(*n), what: Wish::Say("Hi".to_owned()) };
        Scenario {
            name: "crowd".to_owned(),
            seed: 1,
            clients,
            network: crate::sim::Network::default(),
            middleboxes: Vec::new(),
            incidents: Vec::new(),
            headers: crate::sim::Headers::Lean,
            deflate: false,
            poll: crate::sim::Poll::default(),
            workload: busy.iter().map(says).collect(),
            ends_ms: 100,
        }
    }

    fn stand(clients: usize, busy: &[usize]) -> Vec<(usize, u64)> {
        Crowd::new(Arc::new(scenario(clients, busy))).expect("no luck is in it").stands_for
    }

    #[test]
    fn who_is_busy_stands_for_itself_and_parts_the_others() {
        assert_eq!(stand(1, &[]), [(1, 1)]);
        assert_eq!(stand(120, &[]), [(1, 9), (10, 90), (100, 21)]);
        assert_eq!(stand(12, &[4, 12]), [(1, 3), (4, 1), (5, 5), (10, 2), (12, 1)]);
        assert_eq!(stand(9, &[1, 9, 9]), [(1, 1), (2, 7), (9, 1)]);
    }
}
