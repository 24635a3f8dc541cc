//! Questions that nobody wrote: what they hold to be right is what then happens.

#[path = "support/deeds.rs"]
mod deeds;
#[path = "support/scenarios.rs"]
mod scenarios;

use deeds::{deeds, done_to, middleboxes};
use proptest::prelude::*;
use proptest::sample::Index;
use scenarios::{arbitrary, story};
use std::collections::BTreeSet;
use std::sync::Arc;
use wirestep::lesson::Library;
use wirestep::player::{Command, Player, Progress, Settings};
use wirestep::run::{Direction, Position, Run, StepSize};
use wirestep::sim::{Mode, Scenario, SimTime, What};
use wirestep::view::quiz::{Matter, Question, questions};
use wirestep::view::words;
use wirestep::wire::Side;
use wirestep::wire::unit::Context;

/// What somebody sees first who steps on from a place, segment by segment.
fn seen_first(run: &Run, place: Position) -> Option<String> {
    let mut here = place;
    loop {
        let n_seen = run.records_until(here.n_moves).len();
        here = run.step(here, StepSize::Segment, Direction::Forward)?;
        let fresh = &run.records_until(here.n_moves)[n_seen..];
        if let Some(record) = fresh.iter().find(|record| !words::routine(record)) {
            return Some(words::told(record));
        }
    }
}

/// What each end holds to have come of its connection, as long as the world keeps it.
fn held_by_the_ends(run: &Run, question: &Question) -> Vec<String> {
    let What::Reported(link, _) = &run.records()[question.outcome.0].what else {
        panic!("the outcome is a report")
    };
    let behind = run.move_of(question.outcome) + 1;
    let mut worlds = (0..=behind).rev().map(|n_moves| run.world_at(n_moves));
    let world = worlds.find(|world| world.link(*link).is_some()).expect("it was opened");
    let link = world.link(*link).expect("it was found");
    let sides = [Side::Client, Side::Server].into_iter();
    let told = sides.filter_map(|side| {
        let closed = link.end(side).report().filter(|_| link.end(side).over())?;
        Some(format!("{} reports {} ", link.host(side), closed.code))
    });
    told.collect()
}

fn check(run: &Run, place: Position, question: &Question) -> Result<(), TestCaseError> {
    let options: BTreeSet<_> = question.options.iter().collect();
    prop_assert_eq!(options.len(), question.options.len(), "each answer once: {:?}", question);
    prop_assert!(question.options.len() >= 2);
    prop_assert!(run.move_of(question.outcome) >= place.n_moves, "it lies ahead");
    let right = &question.options[question.right];
    match question.matter {
        Matter::Next => prop_assert_eq!(Some(right.clone()), seen_first(run, place)),
        Matter::Bytes => {
            let What::Wrote(unit) = &run.records()[question.outcome.0].what else {
                panic!("the outcome is written")
            };
            let begins = match unit.context {
                Context::Frame(_) => format!("{:02x} {:02x}", unit.bytes[0], unit.bytes[1]),
                _ => String::from_utf8_lossy(&unit.bytes[..right.len()]).into_owned(),
            };
            prop_assert_eq!(right, &begins);
        }
        Matter::Ends => {
            for told in held_by_the_ends(run, question) {
                prop_assert!(right.contains(&told), "{} not in {}", told, right);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_held_to_be_right_is_what_then_happens(
        scenario in arbitrary(),
        mode in prop::sample::select(Mode::ALL.to_vec()),
        changed in deeds(),
        boxes in middleboxes(),
        at in any::<Index>(),
    ) {
        let scenario = Scenario { middleboxes: boxes, ..scenario };
        let run = done_to(Run::new(Arc::new(scenario), mode), &changed);
        for at in [at.index(4_000_000_000), at.index(300_000_000)] {
            let place = run.place_at(SimTime(at as u64));
            for question in questions(&run, place) {
                check(&run, place, &question)?;
            }
        }
    }
}

#[test]
fn every_moment_of_a_talk_can_be_asked_about_until_it_is_over() {
    for mode in Mode::ALL {
        let run = Run::new(Arc::new(story()), mode);
        let mut here = run.start();
        while let Some(next) = run.step(here, StepSize::Segment, Direction::Forward) {
            let ahead = run.records()[run.records_until(here.n_moves).len()..].iter();
            let told = ahead.filter(|record| !words::routine(record));
            let moments: BTreeSet<_> = told.map(|record| record.at).collect();
            let asked = questions(&run, here);
            assert!(moments.len() < 2 || !asked.is_empty(), "{} at {}", mode.label(), here.at);
            here = next;
        }
    }
}

#[test]
fn a_question_is_asked_answered_and_put_away() {
    let mut player = Player::new(Library::built_in(), Progress::default(), Settings::default());
    player.obey(Command::SetMode(Mode::WebSocket));
    player.obey(Command::Ask);
    let first = player.quiz().expect("something lies ahead").question.clone();
    player.obey(Command::Ask);
    let second = player.quiz().expect("there is more to ask").question.clone();
    assert!(second.matter > first.matter);
    let before = player.position();
    let wrong = (second.right + 1) % second.options.len();
    player.obey(Command::AnswerAsked(wrong));
    assert_eq!(player.quiz().and_then(wirestep::player::Quiz::is_right), Some(false));
    assert!(player.position() > before, "the outcome is gone to");
    assert_eq!(player.chosen(), Some(second.outcome));
    player.obey(Command::AnswerAsked(second.right));
    assert_eq!(player.notice(), Some("The answer is locked."));
    player.obey(Command::StopAsking);
    assert_eq!(player.quiz(), None);
    player.obey(Command::Last);
    player.obey(Command::Ask);
    assert_eq!(player.quiz(), None);
    assert!(player.notice().is_some_and(|words| words.contains("step back")));
}
