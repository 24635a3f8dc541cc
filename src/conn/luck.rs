//! Luck drawn by what it decides: the same seed and the same question give the same answer.
//!
//! **Invariant:** there is no stream of random numbers, so that no edit can reshuffle later luck.

/// Sixty-four bits decided by a seed and the numbers that say what they are for.
pub fn draw(seed: u64, what: &[u64]) -> u64 {
    what.iter().fold(mix(seed), |state, part| mix(state ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// The finalizer of `SplitMix64` behind its increment: every input bit moves every output bit.
fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}

/// The masking key of the `n`th frame of an end with this seed.
pub fn masking_key(seed: u64, n: u64) -> [u8; 4] {
    let drawn = draw(seed, &[u64::from_be_bytes(*b"mask key"), n]);
    u32::try_from(drawn >> 32).expect("half of 64 bits").to_be_bytes()
}

/// The sixteen bytes behind the key of the opening handshake.
pub fn nonce(seed: u64) -> [u8; 16] {
    let half = |n| draw(seed, &[u64::from_be_bytes(*b"ws nonce"), n]);
    (u128::from(half(0)) << 64 | u128::from(half(1))).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_frame_and_by_seed_and_never_change() {
        assert_eq!(masking_key(1, 0), masking_key(1, 0));
        assert_ne!(masking_key(1, 0), masking_key(1, 1));
        assert_ne!(masking_key(1, 0), masking_key(2, 0));
        assert_ne!(nonce(1), nonce(2));
    }
}
