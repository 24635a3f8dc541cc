//! Masking: each payload byte XOR the key byte at its index modulo 4 (RFC 6455 §5.3).

#![expect(clippy::inline_always, reason = "a loop is only compiled for other registers in place")]

use multiversion::multiversion;

/// A masking key: four bytes, fresh for each frame that a client sends.
pub type MaskingKey = [u8; 4];

/// Up to this many bytes, choosing among versions of a loop takes longer than its best version
/// saves.
const SMALL: usize = 256;

/// From this many bytes on, it pays to begin a copy at a line of the cache.
const LONG: usize = 4096;

/// The bytes of a line of the cache.
const LINE: usize = 64;

/// Masks or unmasks `payload` in place; `offset` is the index of its first byte within the
/// frame's payload. Applying it twice restores the bytes.
#[inline]
pub fn apply(key: MaskingKey, offset: u64, payload: &mut [u8]) {
    let word = word(key, offset);
    if payload.len() <= SMALL { mask(word, payload) } else { mask_fast(word, payload) }
}

/// Masks or unmasks `from` into `to` in one pass; `offset` is as for [`apply`].
///
/// # Panics
/// Where the two are not of one length.
#[inline(always)]
pub fn copy(key: MaskingKey, offset: u64, from: &[u8], to: &mut [u8]) {
    assert_eq!(from.len(), to.len(), "every byte has its place");
    let word = word(key, offset);
    if from.len() <= SMALL {
        mask_into_short(word, from, to);
    } else {
        mask_into_fast(word, from, to);
    }
}

/// Two turns of the key, the first byte being the one for `offset`, as they lie in memory.
#[inline(always)]
fn word(key: MaskingKey, offset: u64) -> u64 {
    let turn = u32::try_from(offset % 4 * 8).expect("at most 24");
    let turned = u64::from(u32::from_le_bytes(key).rotate_right(turn));
    (turned << 32 | turned).to_le()
}

/// `word` for the last eight of `len` bytes, and for those that follow them.
#[inline(always)]
fn last_word(word: u64, len: usize) -> u64 {
    let turn = u32::try_from(len % 4 * 8).expect("at most 24");
    u64::from_le(word).rotate_right(turn).to_le()
}

// One flat loop over eight bytes at a time is what the compiler makes the best vector code of;
// the versions differ only in the registers that it may use.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl", "x86_64+avx2", "x86_64+avx"))]
fn mask_fast(word: u64, payload: &mut [u8]) {
    // Registers that lie across two lines of the cache are twice the work.
    let n = payload.as_ptr().align_offset(LINE).min(payload.len());
    let (before, aligned) = payload.split_at_mut(n);
    mask(word, before);
    mask(last_word(word, n), aligned);
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512vl", "x86_64+avx2", "x86_64+avx"))]
fn mask_into_fast(word: u64, from: &[u8], to: &mut [u8]) {
    let n = if to.len() < LONG { 0 } else { to.as_ptr().align_offset(LINE).min(to.len()) };
    let ((from_before, from), (before, to)) = (from.split_at(n), to.split_at_mut(n));
    mask_into_short(word, from_before, before);
    let word = last_word(word, n);
    for (masked, bytes) in to.as_chunks_mut().0.iter_mut().zip(from.as_chunks().0) {
        *masked = xor(*bytes, word);
    }
    if let (Some(bytes), Some(masked)) = (from.last_chunk(), to.last_chunk_mut()) {
        *masked = xor(*bytes, last_word(word, from.len()));
    }
}

/// No step reaches back over what another has masked, so that who reads the bytes next need not
/// wait for both.
#[inline(always)]
fn mask(word: u64, payload: &mut [u8]) {
    let (words, rest) = payload.as_chunks_mut();
    for bytes in words {
        *bytes = xor(*bytes, word);
    }
    let (half, rest) = rest.as_chunks_mut::<4>();
    if let [bytes, ..] = half {
        *bytes = (u32::from_le_bytes(*bytes) ^ u64::from_le(word) as u32).to_le_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(word.to_ne_bytes()) {
        *byte ^= key;
    }
}

/// The last step reaches back over what the one before has masked, so that there are few.
#[inline(always)]
fn mask_into_short(word: u64, from: &[u8], to: &mut [u8]) {
    let last = last_word(word, from.len());
    if let (Some(bytes), Some(masked)) = (from.last_chunk::<32>(), to.last_chunk_mut()) {
        *masked = xor_block(*bytes, last);
        for (masked, bytes) in to.as_chunks_mut().0.iter_mut().zip(from.as_chunks().0) {
            *masked = xor_block::<32>(*bytes, word);
        }
        return;
    }
    if let (Some(first), Some(bytes)) = (from.first_chunk::<16>(), from.last_chunk::<16>())
        && let Some(masked) = to.last_chunk_mut()
    {
        *masked = xor_block(*bytes, last);
        if let Some(masked) = to.first_chunk_mut() {
            *masked = xor_block(*first, word);
        }
        return;
    }
    if let (Some(first), Some(bytes)) = (from.first_chunk(), from.last_chunk())
        && let Some(masked) = to.last_chunk_mut()
    {
        *masked = xor(*bytes, last);
        if let Some(masked) = to.first_chunk_mut() {
            *masked = xor(*first, word);
        }
        return;
    }
    for ((masked, byte), key) in to.iter_mut().zip(from).zip(word.to_ne_bytes()) {
        *masked = byte ^ key;
    }
}

#[inline(always)]
fn xor(bytes: [u8; 8], word: u64) -> [u8; 8] {
    (u64::from_ne_bytes(bytes) ^ word).to_ne_bytes()
}

/// [`xor`] of a block of some words.
#[inline(always)]
fn xor_block<const LEN: usize>(mut block: [u8; LEN], word: u64) -> [u8; LEN] {
    for bytes in block.as_chunks_mut().0 {
        *bytes = xor(*bytes, word);
    }
    block
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

    #[test]
    fn every_length_and_offset_masks_byte_by_byte_as_the_rfc_says() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        let plain: Vec<u8> = (0..LONG + 70).map(|idx| (idx * 7 % 251) as u8).collect();
        for len in (0..SMALL + 100).chain(LONG - 3..LONG + 70) {
            for offset in 0..5 {
                let masked = |(idx, byte): (usize, &u8)| byte ^ key[(idx + offset) % 4];
                let expected: Vec<_> = plain[..len].iter().enumerate().map(masked).collect();
                // Where in memory it begins must not matter either.
                let mut payload = [&[0; 5], &plain[..len]].concat();
                apply(key, offset as u64, &mut payload[5..]);
                assert_eq!(payload[5..], expected, "{len} bytes at {offset}, in place");
                let mut copied = vec![0; offset + len];
                copy(key, offset as u64, &plain[..len], &mut copied[offset..]);
                assert_eq!(copied[offset..], expected, "{len} bytes at {offset}, copied");
            }
        }
    }
}
