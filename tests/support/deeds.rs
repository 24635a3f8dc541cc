//! Arbitrary things done to a run: every kind of edit, and what stands on the path.

use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::Index;
use wirestep::run::{Position, Run};
use wirestep::sim::{Edit, Fault, Host, Middlebox, Network, Wish};

/// When something is done, what it is, to which of all, and how much.
pub(super) type Deed = (Index, u8, Index, u64);

pub(super) fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    proptest::collection::vec((any::<Index>(), any::<u8>(), any::<Index>(), 0_u64..900), 1..8)
}

pub(super) fn middleboxes() -> impl Strategy<Value = Vec<Middlebox>> {
    proptest::collection::vec(middlebox(), 0..3)
}

/// The run with those of the deeds that can be done, each later than the last.
pub(super) fn done_to(mut run: Run, deeds: &[Deed]) -> Run {
    let mut after = 0;
    for (when, what, which, n) in deeds {
        let n_moves = after + when.index(run.n_moves() - after + 1);
        let at = run.made_at(n_moves.saturating_sub(1)).unwrap_or_default();
        let place = Position { at, n_moves, n_fed: 0 };
        let world = run.world_at(n_moves);
        let Some(edit) = deed(&world, *what, *which, *n) else { continue };
        let Ok(mut fork) = run.fork(place, edit) else { continue };
        fork.play_out();
        after = n_moves + 1;
        run = fork;
    }
    run
}

fn middlebox() -> impl Strategy<Value = Middlebox> {
    prop_oneof![
        (50_u64..3000).prop_map(Middlebox::ForgetsIdle),
        (50_u64..3000).prop_map(Middlebox::ResetsIdle),
        Just(Middlebox::StripsUpgrade),
        Just(Middlebox::BuffersResponses),
    ]
}

/// One of all edits, where the world has something to do it to.
fn deed(world: &wirestep::sim::World, what: u8, which: Index, n: u64) -> Option<Edit> {
    let targets: Vec<_> = world.targets().map(|(target, _)| target).collect();
    let links: Vec<_> = world.links().map(|(idx, _)| idx).collect();
    let target = || (!targets.is_empty()).then(|| *which.get(&targets));
    let link = || (!links.is_empty()).then(|| *which.get(&links));
    let host = *which.get(&[Host::Server, Host::Client(1), Host::Client(2)]);
    Some(match what % 13 {
        0 => {
            let target = target()?;
            let flow = world.link(target.link)?.flow(target.from);
            let flight = flow.in_flight().find(|flight| flight.n == target.n)?;
            let bytes = Bytes::from(vec![n as u8; 1]);
            Edit::Patch { link: target.link, from: target.from, start: flight.start, bytes }
        }
        1 => Edit::Lose(target()?),
        2 => Edit::Delay(target()?, n),
        3 => Edit::Cut(target()?, n as usize % 40),
        4 => Edit::Reset(link()?),
        5 => Edit::Silence(link()?),
        6 => Edit::Heal(link()?),
        7 => Edit::Network(Network { up_ms: n, loss_per_mille: n / 2, ..Network::default() }),
        8 => Edit::Misbehave(host, Fault::ALL[n as usize % 4]),
        9 => Edit::Behave(host),
        10 => Edit::Do(host, Wish::Say("x".repeat(n as usize))),
        11 => Edit::Fragment(host, n as usize % 50),
        _ => Edit::PollEvery(n),
    })
}
