//! The standard library as the judge of UTF-8 that arrives in pieces.

use proptest::prelude::*;
use proptest::sample::select;
use wirestep::wire::utf8::Utf8;

/// The verdict on a text that may go on: whether it may end here, or the index of the first byte
/// after which the standard library sees more than a code point cut short.
fn standard(bytes: &[u8]) -> Result<bool, usize> {
    let wrong = |n: &usize| {
        std::str::from_utf8(&bytes[..*n]).is_err_and(|error| error.error_len().is_some())
    };
    match (1..=bytes.len()).find(wrong) {
        Some(n) => Err(n - 1),
        None => Ok(std::str::from_utf8(bytes).is_ok()),
    }
}

fn pushed(pieces: &[&[u8]]) -> Result<bool, usize> {
    let mut utf8 = Utf8::default();
    let mut before = 0;
    for piece in pieces {
        utf8.push(piece).map_err(|idx| before + idx)?;
        before += piece.len();
    }
    Ok(utf8.complete())
}

/// Holds a text against the standard library, whole, in two, in three, byte by byte.
#[track_caller]
fn check(bytes: &[u8]) {
    let expected = standard(bytes);
    for a in 0..=bytes.len() {
        for b in a..=bytes.len() {
            let pieces = [&bytes[..a], &bytes[a..b], &bytes[b..]];
            assert_eq!(pushed(&pieces), expected, "{bytes:02x?} cut at {a} and {b}");
        }
    }
    assert_eq!(pushed(&bytes.chunks(1).collect::<Vec<_>>()), expected, "{bytes:02x?}");
}

#[test]
fn every_lead_byte_with_the_edges_of_what_may_follow_is_judged_as_by_the_standard_library() {
    let edges = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
    for lead in 0x7f..=0xff {
        check(&[lead]);
        for second in edges {
            check(&[lead, second]);
            for third in edges {
                let four = [lead, second, third, 0x80];
                assert_eq!(pushed(&[&four]), standard(&four), "{four:02x?}");
                assert_eq!(pushed(&[&four[..3], &four[3..]]), standard(&four), "{four:02x?}");
            }
        }
    }
}

#[test]
fn every_code_point_at_the_edge_of_a_length_is_read_however_it_is_cut() {
    for c in [
        '\0',
        '\u{7f}',
        '\u{80}',
        '\u{7ff}',
        '\u{800}',
        '\u{d7ff}',
        '\u{e000}',
        '\u{ffff}',
        '\u{10000}',
        '\u{10ffff}',
    ] {
        check(format!("a{c}b{c}").as_bytes());
    }
}

proptest! {
    #[test]
    fn text_in_pieces_is_judged_as_by_the_standard_library(
        pieces in proptest::collection::vec(prop_oneof![
            4 => "[a-zé€😀]{1,4}".prop_map(String::into_bytes),
            1 => select(vec![0x80_u8, 0xc0, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5, 0xff]).prop_map(|b| vec![b]),
            1 => any::<u8>().prop_map(|byte| vec![byte]),
        ], 0..7),
    ) {
        check(&pieces.concat());
    }

    #[test]
    fn long_text_in_pieces_is_judged_as_by_the_standard_library(
        text in "[a-zé€😀]{50,300}", wrong in proptest::option::of((any::<proptest::sample::Index>(), any::<u8>())),
        size in 1_usize..80,
    ) {
        let mut bytes = text.into_bytes();
        if let Some((place, value)) = wrong {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        prop_assert_eq!(pushed(&bytes.chunks(size).collect::<Vec<_>>()), standard(&bytes));
    }
}
