//! Kept worlds: worlds of the past from which any other is a short replay away.
//!
//! **Law:** the worlds that are kept decide how long a seek takes, never what it finds.
//! **Invariant:** the first world stays, and what all of them hold stays within the budget as far
//! as that one alone does.

use super::Run;
use crate::sim::World;

/// How many moves and records lie between two kept worlds at first.
const EVERY: usize = 64;

/// How many lie between them later on, where the budget does not ask for more.
const EVERY_LATER: usize = 4096;

/// The most worlds that are kept as long as fewer than that lie between them: keeping worlds takes
/// time as well.
const MAX_WORLDS: usize = 64;

/// Kept worlds, thinned out as a run grows.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// By rising numbers of moves.
    worlds: Vec<Keep>,
    every: usize,
    budget: usize,
    n_bytes: usize,
}

#[derive(Clone, Debug)]
struct Keep {
    n_moves: usize,
    /// How many moves and records there are before it.
    n_steps: usize,
    /// The bytes that it does not share with the one before.
    n_bytes: usize,
    world: World,
}

/// Runs are equal whichever worlds they keep.
impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Kept {
    /// No worlds, and room for so many bytes of them.
    pub(super) fn within(budget: usize) -> Self {
        Self { worlds: Vec::new(), every: EVERY, budget, n_bytes: 0 }
    }

    /// Keeps the world after `n_moves` moves and `n_records` records, if it is time.
    #[inline]
    pub(super) fn offer(&mut self, n_moves: usize, n_records: usize, world: &World) {
        let n_steps = n_moves + n_records;
        if self.worlds.last().is_none_or(|last| n_steps - last.n_steps >= self.every) {
            self.keep(n_moves, n_steps, world);
        }
    }

    fn keep(&mut self, n_moves: usize, n_steps: usize, world: &World) {
        let n_bytes = world.bytes_beside(self.worlds.last().map(|last| &last.world));
        self.n_bytes += n_bytes;
        self.worlds.push(Keep { n_moves, n_steps, n_bytes, world: world.clone() });
        while self.worlds.len() > 1
            && (self.n_bytes > self.budget
                || self.every < EVERY_LATER && self.worlds.len() > MAX_WORLDS)
        {
            self.thin_out();
        }
    }

    /// Forgets every other world, the first one excepted.
    fn thin_out(&mut self) {
        self.every *= 2;
        let mut nth = 0;
        self.worlds.retain(|_| {
            nth += 1;
            nth % 2 == 1
        });
        self.weigh();
    }

    /// Counts anew what each holds.
    fn weigh(&mut self) {
        for idx in 0..self.worlds.len() {
            let before = idx.checked_sub(1).map(|before| &self.worlds[before].world);
            self.worlds[idx].n_bytes = self.worlds[idx].world.bytes_beside(before);
        }
        self.n_bytes = self.worlds.iter().map(|keep| keep.n_bytes).sum();
    }

    /// The last world that is kept of those after at most `n_moves` moves, and after how many.
    pub(super) fn at_most(&self, n_moves: usize) -> (usize, &World) {
        let n = self.worlds.partition_point(|keep| keep.n_moves <= n_moves);
        let keep = &self.worlds[n.saturating_sub(1)];
        (keep.n_moves, &keep.world)
    }

    /// What a fork after `n_moves` moves keeps of its trunk.
    pub(super) fn until(&self, n_moves: usize) -> Self {
        let n = self.worlds.partition_point(|keep| keep.n_moves <= n_moves);
        let worlds = self.worlds[..n].to_vec();
        let n_bytes = worlds.iter().map(|keep| keep.n_bytes).sum();
        Self { worlds, n_bytes, ..*self }
    }
}

impl Run {
    /// How many worlds of its past it keeps, and about how many bytes they hold.
    pub fn kept_worlds(&self) -> (usize, usize) {
        (self.kept.worlds.len(), self.kept.n_bytes)
    }
}
