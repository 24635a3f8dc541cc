//! The laws of worlds and runs, over arbitrary scenarios, moments and edits.

#[path = "support/scenarios.rs"]
mod scenarios;

use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::Index;
use scenarios::arbitrary;
use std::sync::Arc;
use wirestep::run::{Direction, Position, Run, StepSize};
use wirestep::sim::{Edit, Host, Mode, Move, Refusal, Segment, What, World};

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Polling), Just(Mode::WebSocket)]
}

/// A patch of one byte of a data segment while it is in flight, and the place for it.
fn patch(run: &Run, which: Index, byte: Index, bits: u8) -> Option<(Position, Edit)> {
    let flights: Vec<_> = run
        .records()
        .iter()
        .filter_map(|record| match &record.what {
            What::Sent(flight) if flight.kind == Segment::Data => Some(flight),
            _ => None,
        })
        .collect();
    if flights.is_empty() {
        return None;
    }
    let flight = which.get(&flights);
    let idx = byte.index(flight.bytes.len());
    let edit = Edit::Patch {
        link: flight.link,
        from: flight.from,
        start: flight.start + idx as u64,
        bytes: Bytes::copy_from_slice(&[flight.bytes[idx] ^ bits]),
    };
    Some((run.position_at(flight.departs.midway(flight.arrives)), edit))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_same_world_and_move_give_the_same_world_and_records(
        scenario in arbitrary(), mode in mode(), n in any::<Index>(),
    ) {
        let run = Run::new(Arc::new(scenario.clone()), mode);
        let mut world = run.world_at(n.index(run.n_moves()));
        let mut twin = world.clone();
        prop_assert_eq!(world.play(&Move::Next), twin.play(&Move::Next));
        prop_assert_eq!(world, twin);
        prop_assert_eq!(run, Run::new(Arc::new(scenario), mode));
    }

    #[test]
    fn a_world_is_the_same_from_whichever_kept_world_it_is_computed(
        scenario in arbitrary(), mode in mode(), phase in 0_usize..5,
    ) {
        let run = Run::new(Arc::new(scenario.clone()), mode);
        let mut world = World::new(Arc::new(scenario), mode);
        let mut records = Vec::new();
        for n in 0..=run.n_moves() {
            if n % 5 == phase || n == run.n_moves() {
                prop_assert_eq!(&run.world_at(n), &world, "after {} moves", n);
                prop_assert_eq!(run.records_until(n), &records[..]);
            }
            match world.play(&Move::Next) {
                Ok(more) => records.extend(more),
                Err(refusal) => prop_assert_eq!((refusal, n), (Refusal::Over, run.n_moves())),
            }
        }
    }

    #[test]
    fn thinning_worlds_out_keeps_to_the_budget_and_changes_no_seek(
        scenario in arbitrary(), mode in mode(), budget in 0_usize..1 << 18,
    ) {
        let run = Run::within(budget, Arc::new(scenario.clone()), mode);
        let (n_worlds, n_bytes) = run.kept_worlds();
        prop_assert!(n_worlds == 1 || n_bytes <= budget, "{n_worlds} worlds hold {n_bytes} bytes");
        let mut world = World::new(Arc::new(scenario), mode);
        for n in 0..=run.n_moves() {
            if n % 7 == 0 || n == run.n_moves() {
                prop_assert_eq!(&run.world_at(n), &world, "after {} moves", n);
            }
            prop_assert_eq!(world.replay(&Move::Next).is_ok(), n < run.n_moves());
        }
    }

    #[test]
    fn a_run_played_in_slices_is_the_run_played_at_once(
        scenario in arbitrary(), mode in mode(), slices in prop::collection::vec(1_usize..60, 1..9),
        which in any::<Index>(), byte in any::<Index>(), bits in 1_u8..,
    ) {
        let scenario = Arc::new(scenario);
        let whole = Run::new(Arc::clone(&scenario), mode);
        let change = patch(&whole, which, byte, bits);
        let mut run = Run::begin(scenario, mode, slices[0]);
        for n_moves in slices.into_iter().cycle() {
            prop_assert_eq!(run.is_played(), run.n_moves() == whole.n_moves());
            if let Some((at, edit)) = change.clone().filter(|(at, _)| at.n_moves <= run.n_moves()) {
                let mut early = run.fork(at, edit.clone()).expect("the bytes are in flight");
                early.play_out();
                prop_assert_eq!(early, whole.fork(at, edit).expect("they are"));
            }
            if run.is_played() {
                break;
            }
            run.play_on(n_moves);
        }
        prop_assert_eq!(run, whole);
    }

    #[test]
    fn a_fork_shares_its_past_and_leaves_the_trunk_alone(
        scenario in arbitrary(), mode in mode(), which in any::<Index>(), byte in any::<Index>(),
        bits in 1_u8..,
    ) {
        let run = Run::new(Arc::new(scenario), mode);
        let before = run.clone();
        let Some((at, edit)) = patch(&run, which, byte, bits) else { return Ok(()) };
        let fork = run.fork(at, edit.clone()).expect("the bytes are in flight");
        prop_assert_eq!(&run, &before);
        prop_assert_eq!(fork.records_until(at.n_moves), run.records_until(at.n_moves));
        for n in [0, at.n_moves / 2, at.n_moves] {
            prop_assert_eq!(fork.world_at(n), run.world_at(n));
        }
        let edited = &fork.records()[run.records_until(at.n_moves).len()];
        prop_assert_eq!(&edited.what, &What::Edited(Arc::new(edit.clone())));
        prop_assert_eq!(fork.edits().collect::<Vec<_>>(), vec![(at.at, &edit)]);
        // Undoing the edit at the same moment brings the old future back.
        let Edit::Patch { link, from, start, bytes } = edit else { unreachable!() };
        let back = Edit::Patch { link, from, start, bytes: vec![bytes[0] ^ bits].into() };
        let mut restored = fork.fork(fork.position_at(at.at), back).expect("still in flight");
        restored.play_out();
        let future = |run: &Run, n_moves| {
            let past = run.records_until(n_moves).len();
            run.records()[past..].iter().map(|r| (r.at, r.host)).collect::<Vec<_>>()
        };
        prop_assert_eq!(future(&restored, at.n_moves + 2), future(&run, at.n_moves));
    }

    #[test]
    fn a_receiver_fed_byte_by_byte_is_the_one_that_the_arrival_leaves(
        scenario in arbitrary(), mode in mode(),
    ) {
        let run = Run::new(Arc::new(scenario), mode);
        for n in 0..run.n_moves() {
            let world = run.world_at(n);
            let Some(flight) = world.next_arrival().cloned() else { continue };
            if flight.kind != Segment::Data {
                continue;
            }
            let at = run.made_at(n).expect("it was made");
            let n_fed = flight.bytes.len();
            let (_, by_bytes) = run.fed(Position { at, n_moves: n, n_fed }).expect("it is fed");
            let side = flight.from.peer();
            // What an application does about it is its own move's doing: compare the reader.
            let mut at_once = world.link(flight.link).expect("it is there").end(side).clone();
            at_once.receive(&flight.bytes);
            prop_assert_eq!(by_bytes, at_once);
        }
    }

    #[test]
    fn steps_go_forward_to_the_end_and_back_to_the_start(
        scenario in arbitrary(), mode in mode(), size in 0_usize..3,
    ) {
        let run = Run::new(Arc::new(scenario), mode);
        let size = StepSize::ALL[size];
        let mut places = vec![run.start()];
        while let Some(next) = run.step(places[places.len() - 1], size, Direction::Forward) {
            prop_assert!(next.at > places[places.len() - 1].at || places.len() == 1);
            places.push(next);
        }
        let mut here = places.pop().expect("there is a place");
        for place in places.into_iter().rev() {
            let back = run.step(here, size, Direction::Back).expect("not at the start");
            prop_assert_eq!(back.at, place.at);
            here = back;
        }
    }
}

#[test]
fn byte_steps_visit_every_byte_and_come_back() {
    let mut scenario = scenarios::story();
    scenario.clients = 1;
    scenario.workload.retain(|want| want.who != Host::Client(2));
    let run = Run::new(Arc::new(scenario), Mode::WebSocket);
    let mut here = run.start();
    let mut fed = 0;
    let mut places = vec![here];
    while let Some(next) = run.step(here, StepSize::Byte, Direction::Forward) {
        assert!(next > here || next.n_fed == 0, "{here:?} → {next:?}");
        fed += usize::from(next.n_fed > 0);
        here = next;
        places.push(here);
    }
    assert_eq!(run.records_until(here.n_moves).len(), run.records().len());
    // The last byte of a segment is its arrival.
    let lens = run.records().iter().filter_map(|record| match &record.what {
        What::Arrived(flight) => Some(flight.bytes.len().saturating_sub(1)),
        _ => None,
    });
    assert_eq!(fed, lens.sum::<usize>());
    for place in places.into_iter().rev().skip(1) {
        here = run.step(here, StepSize::Byte, Direction::Back).expect("not at the start");
        assert_eq!(here, place);
    }
}

#[test]
fn an_edit_of_bytes_that_have_arrived_is_refused_with_what_would_work() {
    let run = Run::new(Arc::new(scenarios::story()), Mode::WebSocket);
    let (position, edit) = run
        .records()
        .iter()
        .find_map(|record| match &record.what {
            What::Sent(flight) if flight.kind == Segment::Data => Some((
                run.position_at(flight.arrives),
                Edit::Patch {
                    link: flight.link,
                    from: flight.from,
                    start: flight.start,
                    bytes: Bytes::from_static(b"X"),
                },
            )),
            _ => None,
        })
        .expect("data is sent");
    let refusal = run.fork(position, edit).expect_err("it has arrived");
    assert_eq!(refusal, Refusal::NotInFlight);
    assert!(refusal.to_string().contains("go to a moment between"), "{refusal}");
}
