//! The laws of the views of one unit, for any bytes in any context.

use proptest::prelude::*;
use wirestep::view::{bits, hex, prefix, tree};
use wirestep::wire::Side;
use wirestep::wire::body::{self, Content};
use wirestep::wire::sse;
use wirestep::wire::unit::{Context, dissect};
use wirestep::wire::ws::{Expect, Opcode};

fn context() -> impl Strategy<Value = Context> {
    let side = prop_oneof![Just(Side::Client), Just(Side::Server)];
    let message = prop_oneof![Just(None), Just(Some(Opcode::TEXT)), Just(Some(Opcode::BINARY))];
    let frame = (side, message, any::<bool>()).prop_map(|(from, message, closed)| {
        Context::Frame(Expect { message, closed, ..Expect::start(from) })
    });
    prop_oneof![
        Just(Context::Request),
        Just(Context::Response),
        (0_u64..80).prop_map(Context::Body),
        Just(Context::Chunk(body::Expect::start(Content::Plain))),
        Just(Context::Chunk(body::Expect::start(Content::Events(sse::Expect::start())))),
        Just(Context::Event(sse::Expect::start())),
        frame,
    ]
}

/// Bytes that are nothing in particular, and bytes that are nearly a head or a frame.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let nearly_a_head =
        "(GET|PUT) ?/[a-z]{0,3} HTTP/1.[01]\r?\n([A-Z]: ?[a-z\u{e9}]{0,4}\r\n){0,3}\r?\n?";
    let frame = (any::<[u8; 2]>(), proptest::collection::vec(any::<u8>(), 0..40))
        .prop_map(|([first, second], rest)| [vec![first & 0x8f, second & 0x9f], rest].concat());
    let nearly_a_chunk = "[0-9a]{1,2}( ?;[a-z]{0,3})?\r?\n(data:[a-z]{0,4}\n{0,2}){0,2}(\r\n){0,2}";
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..64),
        nearly_a_head.prop_map(String::into_bytes),
        "HTTP/1.1 [12]0[01] [A-Z]{0,4}\r\n(Upgrade: websocket\r\n){0,2}(\r\n)?"
            .prop_map(String::into_bytes),
        frame,
        nearly_a_chunk.prop_map(String::into_bytes),
        "(\u{feff}?(data|id|x)?:? ?[a-z]{0,3}(\r|\n|\r\n)){0,4}\n?".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_view_of_a_unit_agrees_with_its_bytes(bytes in bytes(), context in context()) {
        let found = dissect(&bytes, &context);

        for bit in 0..bytes.len() as u64 * 8 {
            let n_fields = found.fields.iter().filter(|field| field.range().contains(&bit)).count();
            prop_assert!(n_fields <= 1, "bit {bit} belongs to {n_fields} fields");
        }

        let rows = tree::tree(&bytes, &context, &found);
        for pair in rows.windows(2) {
            prop_assert_eq!(pair[0].locus.end(), pair[1].locus.bit, "rows leave no gap");
        }
        if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
            prop_assert_eq!((first.locus.bit, last.locus.end()), (0, bytes.len() as u64 * 8));
        }
        prop_assert_eq!(rows.is_empty(), bytes.is_empty());
        let told = rows.iter().any(|row| row.breach.is_some());
        prop_assert_eq!(told, !found.breaches.is_empty() && !rows.is_empty());
        tree::text(&rows);

        let cells = hex::cells(&bytes, &found, 0..hex::n_cells(&bytes, &found));
        let shown: Vec<_> = cells.iter().filter_map(|cell| cell.byte).collect();
        prop_assert_eq!(&shown, &bytes);
        hex::text(&bytes);

        let bit_rows = bits::rows(&bytes, &found, 0..bits::n_rows(&bytes));
        let n_cells: usize = bit_rows.iter().map(|row| row.cells.len()).sum();
        prop_assert_eq!(n_cells, bytes.len() * 8);
        for row in &bit_rows {
            let mut col = 0;
            for bracket in &row.brackets {
                prop_assert_eq!(bracket.first_col, col, "brackets lie side by side");
                col += bracket.n_cols;
            }
            prop_assert_eq!(col, row.cells.len());
        }
        bits::text(&bit_rows);

        let steps = prefix::rows(&bytes, &context, 0..bytes.len());
        let shown: Vec<_> = steps.iter().map(|row| row.byte).collect();
        prop_assert_eq!(&shown, &bytes);
        prop_assert_eq!(steps.last().and_then(|row| row.needs), found.needs.filter(|_| !bytes.is_empty()));
        prefix::text(&steps);
    }
}
