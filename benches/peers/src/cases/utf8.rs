//! UTF-8 checked as it arrives, in chunks of 16 KiB, against simdutf8 that sees all at once.

use crate::Wanted;
use crate::input::{Script, text};
use crate::measure::{Contender, Lap};
use crate::table::{Goal, Row, Unit};
use std::hint::black_box;
use wirestep::wire::utf8::Utf8;

const CHUNK: usize = 16 * 1024;
const LEN: usize = 256 * 1024;

/// Both kinds of text.
pub fn all(wanted: &Wanted, run: &mut dyn FnMut(Row<'_>)) {
    for (name, script) in [("ASCII", Script::Ascii), ("mixed", Script::Mixed)] {
        let what = format!("UTF-8 {name} in 16 KiB chunks");
        if !wanted.wants(&what) {
            continue;
        }
        let bytes = text(LEN, script);
        run(Row {
            what,
            unit: Unit::Gigabytes(LEN as f64),
            goal: Goal::new(0.45, 0.9),
            contenders: vec![
                checker("wirestep", &bytes, |bytes| {
                    let mut utf8 = Utf8::default();
                    bytes.chunks(CHUNK).all(|chunk| utf8.push(chunk).is_ok()) && utf8.complete()
                }),
                checker("simdutf8 at once", &bytes, |bytes| {
                    simdutf8::basic::from_utf8(bytes).is_ok()
                }),
                checker("simdutf8 compat at once", &bytes, |bytes| {
                    simdutf8::compat::from_utf8(bytes).is_ok()
                }),
                checker("sockudo-ws", &bytes, |bytes| {
                    let mut utf8 = sockudo_ws::utf8::Utf8Stream::new();
                    bytes.chunks(CHUNK).all(|chunk| utf8.push(chunk)) && utf8.finish()
                }),
            ],
        });
    }
}

fn checker<'a>(
    name: &'static str,
    bytes: &'a [u8],
    check: impl Fn(&[u8]) -> bool + 'a,
) -> Contender<'a> {
    Contender::new(name, move |lap: &mut Lap| {
        let valid = lap.time(|_| check(black_box(bytes)));
        lap.show(&[u8::from(valid)]);
        let mut broken = bytes.to_vec();
        *broken.last_mut().expect("a text") = 0xff;
        lap.show(&[u8::from(check(&broken))]);
    })
}
