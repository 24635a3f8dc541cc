//! Delays: how late messages are, each delay with how many messages it held up.
//!
//! **Invariant:** the shortest first, and none twice: a million clients that are equally late take
//! no more room than one.

use crate::sim::SimTime;

/// How long messages took, in nanoseconds, and how many took so long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    counted: Vec<(u64, u64)>,
}

impl Delays {
    /// Each delay and how many messages it held up, the shortest first.
    pub fn counted(&self) -> &[(u64, u64)] {
        &self.counted
    }

    /// How many messages there were.
    pub fn n(&self) -> u64 {
        self.counted.iter().map(|(_, n)| n).sum()
    }

    /// The delay that so many of a thousand messages do not exceed; `None` where there was none.
    pub fn at(&self, per_mille: u64) -> Option<SimTime> {
        // The nearest rank: the smallest delay that is not exceeded by that part.
        let rank = (u128::from(self.n()) * u128::from(per_mille)).div_ceil(1000).max(1);
        let mut n_before = 0;
        let reaches = |(_, n): &&(u64, u64)| {
            n_before += u128::from(*n);
            n_before >= rank
        };
        let (delay, _) = self.counted.iter().find(reaches).or(self.counted.last())?;
        Some(SimTime(*delay))
    }

    /// The mean delay; `None` where there was none.
    pub fn mean(&self) -> Option<SimTime> {
        let sum: u128 = self.counted.iter().map(|(at, n)| u128::from(*at) * u128::from(*n)).sum();
        let mean = sum.checked_div(u128::from(self.n()))?;
        Some(SimTime(u64::try_from(mean).unwrap_or(u64::MAX)))
    }
}

impl FromIterator<u64> for Delays {
    fn from_iter<I: IntoIterator<Item = u64>>(delays: I) -> Self {
        let mut heap = Heap::default();
        for delay in delays {
            heap.push(delay, 1);
        }
        heap.finish()
    }
}

/// Delays in the order in which they were measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Heap {
    counted: Vec<(u64, u64)>,
    /// How many there may be before they are put in order.
    room: usize,
}

impl Heap {
    /// The least number of delays that is worth putting in order.
    const LEAST: usize = 1 << 12;

    /// Takes a delay of `n` messages.
    pub(super) fn push(&mut self, delay: u64, n: u64) {
        if self.counted.len() >= self.room.max(Self::LEAST) {
            self.settle();
            // What is in order takes less than half the room: each delay is moved a few times.
            self.room = self.counted.len() * 2;
        }
        self.counted.push((delay, n));
    }

    /// All of them, in order.
    pub(super) fn finish(mut self) -> Delays {
        self.settle();
        Delays { counted: self.counted }
    }

    /// How many bytes they take.
    pub(super) fn n_bytes(&self) -> usize {
        self.counted.capacity() * size_of::<(u64, u64)>()
    }

    fn settle(&mut self) {
        self.counted.sort_unstable();
        self.counted.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        self.counted.retain(|(_, n)| *n > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn delays_are_what_was_measured(all in prop::collection::vec(0_u64..3000, 0..9000)) {
            let delays: Delays = all.iter().copied().collect();
            let mut sorted = all;
            sorted.sort_unstable();
            let each = |(at, n): &(u64, u64)| std::iter::repeat_n(*at, *n as usize);
            let listed: Vec<u64> = delays.counted().iter().flat_map(each).collect();
            prop_assert_eq!(&listed, &sorted);
            prop_assert!(delays.counted().is_sorted_by(|a, b| a.0 < b.0));
        }
    }
}
