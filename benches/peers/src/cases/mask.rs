//! Masking in place.

use crate::Wanted;
use crate::input::{KEY, noise};
use crate::measure::{Contender, Lap};
use crate::table::{Goal, Row, Unit};
use std::hint::black_box;

/// Bytes masked in one lap, so that a lap is long against the clock.
const LAP: usize = 64 * 1024;

/// All sizes.
pub fn all(wanted: &Wanted, run: &mut dyn FnMut(Row<'_>)) {
    for len in [4, 8, 16, 32, 64, 125, 256, 512, 1024, 4096, 16384, 65536, 262_144, 1_048_576] {
        let what = format!("mask {len} B");
        if !wanted.wants(&what) {
            continue;
        }
        let times = (LAP / len).max(1);
        run(Row {
            what,
            unit: Unit::Gigabytes((len * times) as f64),
            goal: Goal::new(0.7, 0.9),
            contenders: vec![
                masker("wirestep", len, times, |payload| {
                    wirestep::wire::mask::apply(black_box(KEY), 0, payload);
                }),
                masker("sockudo-ws", len, times, |payload| {
                    sockudo_ws::mask::apply_mask(payload, black_box(KEY));
                }),
                masker("yawc", len, times, |payload| {
                    yawc::mask::apply_mask(payload, black_box(KEY));
                }),
                masker("fastwebsockets", len, times, |payload| {
                    fastwebsockets::unmask(payload, black_box(KEY));
                }),
            ],
        });
    }
}

fn masker<'a>(
    name: &'static str,
    len: usize,
    times: usize,
    mask: impl Fn(&mut [u8]) + 'a,
) -> Contender<'a> {
    let mut payload = noise(len);
    let fresh = payload.clone();
    Contender::new(name, move |lap: &mut Lap| {
        lap.time(|_| {
            for _ in 0..times {
                mask(black_box(&mut payload[..]));
            }
        });
        payload.copy_from_slice(&fresh);
        mask(&mut payload);
        lap.show(&payload);
        payload.copy_from_slice(&fresh);
    })
}
