//! Simulated time: nanoseconds since the world began.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment, in nanoseconds since the world began.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct SimTime(pub u64);

impl SimTime {
    /// The beginning of the world.
    pub const ZERO: Self = Self(0);

    /// The moment this many milliseconds after the beginning.
    pub fn from_ms(ms: u64) -> Self {
        Self(ms.saturating_mul(1_000_000))
    }

    /// The moment `ns` nanoseconds later.
    #[must_use]
    pub fn plus(self, ns: u64) -> Self {
        Self(self.0.saturating_add(ns))
    }

    /// The moment halfway to `later`.
    #[must_use]
    pub fn midway(self, later: Self) -> Self {
        Self(self.0 + later.0.saturating_sub(self.0) / 2)
    }

    /// In milliseconds.
    pub fn as_ms(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl fmt::Display for SimTime {
    /// Milliseconds with the fraction that there is, at most three digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = (self.0 + 500) / 1000;
        let (ms, fraction) = (us / 1000, us % 1000);
        if fraction == 0 {
            return write!(f, "{ms} ms");
        }
        let digits = format!("{fraction:03}");
        write!(f, "{ms}.{} ms", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_milliseconds() {
        assert_eq!(SimTime::from_ms(95).to_string(), "95 ms");
        assert_eq!(SimTime(20_321_000).to_string(), "20.321 ms");
        assert_eq!(SimTime(1_500_000).to_string(), "1.5 ms");
    }
}
