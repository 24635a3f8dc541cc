//! Weather: how late a segment is, and whether it is lost.
//!
//! **Law:** the weather is a function of the seed, the path, the direction and the time alone, so
//! that every mode and every branch meets the same.

use super::scenario::Network;
use super::time::SimTime;
use crate::conn::luck;
use crate::wire::Side;

/// For how long the weather stays the same, in nanoseconds.
const SPELL_NS: u64 = 1_000_000;

/// The weather between one client and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weather {
    pub(super) seed: u64,
    /// The client's number, from 1.
    pub(super) client: u32,
    /// Who sends.
    pub(super) from: Side,
}

impl Weather {
    /// How much later than its delay a segment is that leaves at `at`, in nanoseconds.
    pub(super) fn jitter(self, at: SimTime, network: &Network) -> u64 {
        match SimTime::from_ms(network.jitter_ms).0 {
            0 => 0,
            most => self.draw(*b"jitter  ", at) % (most + 1),
        }
    }

    /// Whether a segment is lost that leaves at `at`.
    pub(super) fn loses(self, at: SimTime, network: &Network) -> bool {
        network.loss_per_mille > 0 && self.draw(*b"loss    ", at) % 1000 < network.loss_per_mille
    }

    fn draw(self, what: [u8; 8], at: SimTime) -> u64 {
        let path = u64::from(self.client) * 2 + u64::from(self.from == Side::Server);
        luck::draw(self.seed, &[u64::from_be_bytes(what), path, at.0 / SPELL_NS])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_as_many_segments_are_lost_as_the_network_says() {
        let network = Network { loss_per_mille: 100, jitter_ms: 10, ..Network::default() };
        let weather = Weather { seed: 7, client: 1, from: Side::Client };
        let times = || (0..10_000).map(SimTime::from_ms);
        let n_lost = times().filter(|at| weather.loses(*at, &network)).count();
        assert!((900..1100).contains(&n_lost), "{n_lost} of 10000");
        let mean = times().map(|at| weather.jitter(at, &network)).sum::<u64>() / 10_000;
        assert!((4_800_000..5_200_000).contains(&mean), "{mean} ns");
        assert!(times().all(|at| weather.jitter(at, &network) <= 10_000_000));
        let down = Weather { from: Side::Server, ..weather };
        assert!(times().any(|at| weather.loses(at, &network) != down.loses(at, &network)));
    }
}
