//! A stretch of bits within a unit: what views select, highlight and compare.
//!
//! **Invariant:** half-open, counted from the unit's first bit.

use crate::wire::Field;
use std::ops::Range;

/// A stretch of bits within a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Locus {
    /// The first bit.
    pub bit: u64,
    /// How many bits; none where only a place between two bits is meant.
    pub bits: u64,
}

impl Locus {
    /// One bit.
    pub fn bit(bit: u64) -> Self {
        Self { bit, bits: 1 }
    }

    /// The eight bits of one byte.
    pub fn byte(idx: usize) -> Self {
        Self { bit: idx as u64 * 8, bits: 8 }
    }

    /// The bits that were there of a field.
    pub fn of(field: &Field) -> Self {
        Self { bit: field.bit, bits: field.bits }
    }

    /// From the first bit of this one to the last of `other`, which lies behind it.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { bit: self.bit, bits: other.end().saturating_sub(self.bit) }
    }

    /// The bit after the last.
    pub fn end(self) -> u64 {
        self.bit.saturating_add(self.bits)
    }

    /// Whether `bit` lies in it.
    pub fn covers(self, bit: u64) -> bool {
        (self.bit..self.end()).contains(&bit)
    }

    /// Whether a bit lies in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.bit.max(other.bit) < self.end().min(other.end())
    }

    /// The bytes that it touches.
    pub fn bytes(self) -> Range<usize> {
        let byte = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        byte(self.bit / 8)..byte(self.end().div_ceil(8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_do_not_overlap() {
        let (fin, rsv) = (Locus::bit(0), Locus { bit: 1, bits: 3 });
        assert!(!fin.overlaps(rsv) && !rsv.overlaps(fin));
        assert!(Locus::byte(0).overlaps(rsv));
        assert!(rsv.covers(3) && !rsv.covers(4));
        assert_eq!(fin.to(rsv), Locus { bit: 0, bits: 4 });
    }

    #[test]
    fn a_place_between_two_bits_overlaps_nothing() {
        let between = Locus { bit: 8, bits: 0 };
        assert!(!between.overlaps(Locus::byte(1)) && !between.covers(8));
    }

    #[test]
    fn the_bytes_of_a_stretch_are_all_that_it_touches() {
        assert_eq!(Locus { bit: 9, bits: 7 }.bytes(), 1..2);
        assert_eq!(Locus { bit: 7, bits: 2 }.bytes(), 0..2);
        assert_eq!(Locus::byte(3).bytes(), 3..4);
    }
}
