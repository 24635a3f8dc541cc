//! How long it takes to go elsewhere in a run of forty thousand moves, and to change it there.

#[path = "support/long_run.rs"]
mod long_run;

use divan::{Bencher, black_box};
use std::sync::{Arc, LazyLock};
use wirestep::run::{Direction, Position, Run, StepSize};
use wirestep::sim::{Edit, Mode, What};
use wirestep::view::sequence::Diagram;

static RUN: LazyLock<Run> = LazyLock::new(play);

fn play() -> Run {
    let run = Run::new(Arc::new(long_run::scenario()), Mode::WebSocket);
    assert!(run.n_moves() >= long_run::N_MOVES, "the run has {} moves", run.n_moves());
    run
}

fn main() {
    divan::main();
}

/// Moves all over the run, in no order.
fn anywhere(run: &Run) -> impl FnMut() -> usize {
    let (n_moves, mut seed) = (run.n_moves() as u64, 1_u64);
    move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((seed >> 33) % n_moves).expect("a move has an index")
    }
}

/// A frame in flight in the middle of the run, where, and the edit that sets its RSV1.
fn edit_in_the_middle(run: &Run) -> (Position, Edit, u64) {
    let passage = &run.passages()[run.passages().len() / 2];
    let position = run.position_at(passage.last_departs.midway(passage.arrives));
    let What::Wrote(unit) = &run.records()[passage.wrote.0].what else {
        unreachable!("a passage is of something written")
    };
    let bytes = vec![unit.bytes[0] | 0x40].into();
    let edit = Edit::Patch { link: unit.link, from: unit.from, start: unit.start, bytes };
    (position, edit, unit.range().end)
}

#[divan::bench]
fn play_it_all(bencher: Bencher<'_, '_>) {
    bencher.bench(play);
}

#[divan::bench]
fn world_anywhere(bencher: Bencher<'_, '_>) {
    let run = &*RUN;
    let mut anywhere = anywhere(run);
    bencher.bench_local(|| run.world_at(anywhere()));
}

#[divan::bench]
fn preview_an_edit(bencher: Bencher<'_, '_>) {
    let run = &*RUN;
    let (position, edit, until) = edit_in_the_middle(run);
    let Edit::Patch { link, from, start, .. } = edit else { unreachable!("it patches") };
    bencher.bench(|| run.preview(position, Some(&edit), (link, from, start..until)));
}

#[divan::bench]
fn fork_in_the_middle(bencher: Bencher<'_, '_>) {
    let run = &*RUN;
    let (position, edit, _) = edit_in_the_middle(run);
    bencher.bench(|| run.fork(position, edit.clone()));
}

#[divan::bench]
fn diagram_of_it_all(bencher: Bencher<'_, '_>) {
    let run = &*RUN;
    bencher.bench(|| Diagram::of(run));
}

#[divan::bench(args = StepSize::ALL)]
fn step(bencher: Bencher<'_, '_>, size: StepSize) {
    let run = &*RUN;
    let mut position = run.position_at(run.passages()[run.passages().len() / 2].departs);
    bencher.bench_local(|| {
        position = run.step(position, size, Direction::Forward).unwrap_or_else(|| run.start());
        black_box(position)
    });
}
