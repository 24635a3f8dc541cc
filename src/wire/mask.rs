//! Masking: each payload byte XOR the key byte at its index modulo 4 (RFC 6455 §5.3).

/// A masking key: four bytes, fresh for each frame that a client sends.
pub type MaskingKey = [u8; 4];

/// Masks or unmasks `payload` in place; `offset` is the index of its first byte within the
/// frame's payload. Applying it twice restores the bytes.
pub fn apply(key: MaskingKey, offset: u64, payload: &mut [u8]) {
    let shift = usize::try_from(offset % 4).expect("less than four");
    let turned = [key[shift], key[(shift + 1) % 4], key[(shift + 2) % 4], key[(shift + 3) % 4]];
    let word = u32::from_ne_bytes(turned);
    let (words, tail) = payload.as_chunks_mut::<4>();
    for chunk in words {
        *chunk = (u32::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(turned) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_6455_5_7_unmasks_to_hello() {
        let mut payload = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        apply([0x37, 0xfa, 0x21, 0x3d], 0, &mut payload);
        assert_eq!(&payload, b"Hello");
    }

    #[test]
    fn unmasking_in_pieces_equals_unmasking_at_once() {
        let key = [1, 2, 3, 4];
        let whole: Vec<u8> = (0..40).collect();
        let mut expected = whole.clone();
        apply(key, 0, &mut expected);
        for cut in 0..=whole.len() {
            let mut pieces = whole.clone();
            let (a, b) = pieces.split_at_mut(cut);
            apply(key, 0, a);
            apply(key, cut as u64, b);
            assert_eq!(pieces, expected, "cut at {cut}");
        }
    }
}
