//! Moving in time and asking about it: conditions, breakpoints, what is alike, what speaks of what,
//! branches beside each other, and everything that can be changed at a place.

#[path = "support/scenarios.rs"]
mod scenarios;

use proptest::prelude::*;
use proptest::sample::Index;
use scenarios::{arbitrary, story};
use std::sync::Arc;
use wirestep::lesson::{Lesson, Library, Tab};
use wirestep::player::{
    About, Command, Copied, Effect, Player, Progress, Search, Settings, Whereabouts,
};
use wirestep::run::{Condition, Direction, Position, Run, alike};
use wirestep::sim::{Edit, Host, Mode, RecordIdx, Scenario, SimTime, What, Wish};
use wirestep::view::events::{Filter, Sort};
use wirestep::view::witness::{self, Agreement, Came};
use wirestep::view::{sequence, simplified, why};

fn player(scenario: Scenario) -> Player {
    let library = Library::of(Lesson::around(scenario));
    let mut player = Player::new(library, Progress::default(), Settings::default());
    player.obey(Command::SetMode(Mode::WebSocket));
    player
}

fn until(player: &mut Player, condition: &str, direction: Direction) {
    let condition: Condition = condition.parse().expect("a condition");
    player.obey(Command::Search(Search::Condition(condition), direction));
}

fn find(run: &Run, is: impl Fn(&What) -> bool) -> RecordIdx {
    let found = run.records().iter().find(|record| is(&record.what));
    found.expect("it happens").idx
}

#[track_caller]
fn check_until(condition: &str, expected: &str) {
    let mut player = player(story());
    until(&mut player, condition, Direction::Forward);
    let told = player.happening().join(" · ");
    assert!(told.contains(expected), "{condition}: {told:?} {:?}", player.notice());
}

#[test]
fn running_until_a_condition_stops_where_it_shows() {
    check_until("ping", "Ping “you?” is on its way to Server");
    check_until("opcode=0xA", "Pong “you?” is on its way to Client 1");
    check_until("binary", "Binary 01 02 03 04 is on its way");
    check_until("close_code=1000", "Close 1000 “bye” is on its way to Server");
    check_until("status=101", "101 Switching Protocols is on its way");
    check_until("client 1 CLOSING", "Client 1 goes OPEN → CLOSING");
    check_until("delivery", "is handed “Hi”");
    check_until("400 ms", "the user at Client 2 says “Hello there”");
}

#[test]
fn what_does_not_come_is_said_and_one_stays() {
    let mut player = player(story());
    let here = player.position();
    until(&mut player, "breach", Direction::Forward);
    assert_eq!(player.position(), here);
    assert!(player.notice().is_some_and(|notice| notice.contains("“breach” does not come")));
    player.obey(Command::Last);
    until(&mut player, "ping", Direction::Back);
    let ping = player.position();
    assert!(ping < player.run().end());
    player.obey(Command::Search(Search::Again, Direction::Back));
    assert_eq!(player.position(), ping, "there was one alone");
    assert!(player.notice().is_some_and(|notice| notice.contains("did not come before")));
}

#[test]
fn a_breakpoint_stops_running_playing_and_searching() {
    let mut player = player(story());
    let pong = find(player.run(), |what| matches!(what, What::PongCame(_)));
    player.obey(Command::ToggleBreakpoint(Some(pong)));
    until(&mut player, "CLOSED", Direction::Forward);
    assert_eq!(player.chosen(), Some(pong));
    let there = player.position();
    assert_eq!(player.run().records()[pong.0].at, there.at);
    player.obey(Command::First);
    player.obey(Command::TogglePlay);
    player.obey(Command::SetSpeed(10_000));
    for _ in 0..100 {
        player.obey(Command::Tick(100_000_000));
    }
    assert_eq!((player.position(), player.playback().playing), (there, false));
    player.obey(Command::Last);
    player.obey(Command::Search(Search::Breakpoint, Direction::Back));
    assert_eq!(player.position(), there);
    player.obey(Command::ToggleBreakpoint(None));
    assert!(player.branch().breakpoints.is_empty(), "what is looked at is meant");
    player.obey(Command::First);
    player.obey(Command::Search(Search::Breakpoint, Direction::Forward));
    assert!(player.notice().is_some_and(|notice| notice.contains("no breakpoint")));
}

#[test]
fn a_fork_keeps_the_breakpoints_of_its_past_alone() {
    let mut player = player(story());
    let early = find(player.run(), |what| matches!(what, What::TcpOpen(_)));
    let late = find(player.run(), |what| matches!(what, What::PongCame(_)));
    for record in [early, late] {
        player.obey(Command::ToggleBreakpoint(Some(record)));
    }
    player.obey(Command::Seek(SimTime::from_ms(450)));
    player.obey(Command::Edit(Edit::Do(Host::Server, Wish::Say("!".to_owned()))));
    assert_eq!(player.branch().breakpoints.iter().copied().collect::<Vec<_>>(), [early]);
}

#[test]
fn the_next_of_its_kind_is_like_the_one_before() {
    let mut player = player(story());
    until(&mut player, "text", Direction::Forward);
    let mut seen = Vec::new();
    while player.notice().is_none() {
        seen.push(player.subject().expect("something is looked at"));
        player.obey(Command::Search(Search::Alike, Direction::Forward));
    }
    let records = player.run().records();
    let texts: Vec<_> = records
        .iter()
        .filter(|record| alike(&records[seen[0].0], record))
        .map(|record| record.idx)
        .collect();
    assert_eq!(seen, texts, "each text frame, and none twice");
    assert!(texts.len() >= 4);
}

#[test]
fn choosing_what_happened_looks_at_what_it_speaks_of() {
    let mut player = player(story());
    until(&mut player, "text", Direction::Forward);
    assert_eq!(player.focus().map(|focus| focus.whereabouts), Some(Whereabouts::InFlight));
    player.obey(Command::Flip(1));
    player.obey(Command::Release);
    let breach = find(player.run(), |what| matches!(what, What::Found(..)));
    player.obey(Command::Choose(breach));
    assert_eq!(player.selected_field(), Some("rsv1"), "the bit that broke the rule");
    let reason = player.reason().expect("there is something to ask about");
    assert_eq!(reason.subject, breach);
    let edit = find(player.run(), |what| matches!(what, What::Edited(_)));
    assert!(reason.chain.iter().any(|link| link.record == edit), "{:?}", reason.chain);
    // The same by the byte: what changed it is its last reason.
    let locus = player.selection().expect("a bit is selected");
    player.obey(Command::Select(locus));
    let reason = player.reason().expect("there is something to ask about");
    assert_eq!(reason.byte, Some(0));
    assert_eq!(reason.chain.last().map(|link| link.record), Some(edit));
}

#[test]
fn whether_it_came_is_told_when_it_has_and_not_before() {
    let mut player = player(story());
    until(&mut player, "text", Direction::Forward);
    let fates = player.reason().expect("a frame is there").fates;
    let hosts: Vec<_> = fates.iter().map(|(host, _)| *host).collect();
    assert_eq!(hosts, [Host::Server, Host::Client(2)]);
    assert!(fates.iter().all(|(_, fate)| fate.is_none()), "it may still come");
    let wrote = player.focus().expect("a frame is there").wrote;
    player.obey(Command::Last);
    player.obey(Command::Inspect(wrote));
    let fates = player.reason().expect("a frame is there").fates;
    assert!(fates.iter().all(|(_, fate)| matches!(fate, Some(why::Fate::Came(_)))), "{fates:?}");
}

#[test]
fn a_branch_beside_shows_what_differs() {
    let mut player = player(story());
    until(&mut player, "text", Direction::Forward);
    player.obey(Command::Flip(60));
    player.obey(Command::Release);
    player.obey(Command::Compare(Some((Mode::WebSocket, 0))));
    let beside = player.beside().expect("the trunk is beside").clone();
    let wrote = find(player.run(), |what| matches!(what, What::Edited(_)));
    let alone = sequence::differing(&player.branch().diagram, &beside.diagram);
    assert!(!alone.is_empty());
    let unit = player.run().unit_of(wrote).expect("bytes of a unit were changed");
    assert!(alone.contains(&unit), "what was changed on its way differs");
    player.obey(Command::Inspect(unit));
    assert_eq!(player.differing_bytes().iter().copied().collect::<Vec<_>>(), [7]);
    assert_eq!(sequence::differing(&beside.diagram, &beside.diagram).len(), 0);
    // Nothing is beside itself, nor beside what is not there.
    player.obey(Command::Compare(Some((Mode::WebSocket, 1))));
    assert!(player.beside().is_none());
    player.obey(Command::Compare(Some((Mode::WebSocket, 9))));
    assert!(player.beside().is_none());
}

#[test]
fn events_are_filtered_by_host_sort_words_and_fields() {
    let run = Run::new(Arc::new(story()), Mode::WebSocket);
    let n = run.records().len();
    let wanted = |filter: &Filter| filter.wanted(&run, 0..n);
    assert_eq!(wanted(&Filter::default()).len(), n);
    let server = Filter { host: Some(Host::Server), ..Filter::default() };
    let expected = run.records().iter().filter(|record| record.host == Host::Server).count();
    assert_eq!(wanted(&server).len(), expected);
    let parts: usize = Sort::ALL
        .map(|sort| wanted(&Filter { sort: Some(sort), ..Filter::default() }).len())
        .iter()
        .sum();
    assert_eq!(parts, n, "each event is of one sort");
    let text = |text: &str| Filter { text: text.to_owned(), ..Filter::default() };
    assert_eq!(wanted(&text("HELLO there")).len(), wanted(&text("hello")).len());
    let pings = wanted(&text("opcode=9"));
    assert_eq!(pings.len(), 1, "one Ping is written");
    let both = Filter { host: Some(Host::Server), ..text("opcode=9") };
    assert!(wanted(&both).is_empty(), "Client 1 writes it");
    // In parts it is the same.
    let halves = [server.wanted(&run, 0..n / 2), server.wanted(&run, n / 2..n)].concat();
    assert_eq!(halves, wanted(&server));
}

#[test]
fn who_saw_what_is_told_of_both_ends() {
    let mut player = player(story());
    until(&mut player, "text", Direction::Forward);
    let rows = witness::rows(player.run(), player.position());
    assert_eq!((rows[0].from, rows[0].came), (Host::Client(1), Came::NotYet));
    assert!(witness::text(&rows).contains("Server does not have it yet"));
    let link = player.focus().expect("a frame is there").unit.link;
    player.obey(Command::Edit(Edit::Silence(link)));
    let world = player.run().world_at(player.position().n_moves);
    let beliefs = witness::beliefs(&world);
    assert_eq!(beliefs[0].agree, Agreement::HalfOpen, "{beliefs:?}");
    player.obey(Command::Last);
    let rows = witness::rows(player.run(), player.position());
    assert!(rows.iter().any(|row| row.came == Came::Never));
}

#[test]
fn what_is_simplified_says_the_network_that_is_in_force() {
    let mut player = player(story());
    assert!(simplified::text(player.run()).contains("20 ms up, 20 ms down"));
    let lossy = story().network;
    let lossy = wirestep::sim::Network { loss_per_mille: 15, up_ms: 77, ..lossy };
    player.obey(Command::Edit(Edit::Network(lossy)));
    let text = simplified::text(player.run());
    assert!(text.contains("1.5 % of the segments are lost") && text.contains("77 ms up"), "{text}");
}

#[test]
fn each_tab_can_be_copied_as_text() {
    let mut player = player(story());
    until(&mut player, "delivery", Direction::Forward);
    player.obey(Command::Search(Search::Again, Direction::Forward));
    for (tab, expected) in [
        (Tab::Events, "Client 2 receives a segment of 4 B"),
        (Tab::Why, "the user at Client 1 says “Hi”"),
        (Tab::Seen, "Client 2 has it at"),
    ] {
        player.obey(Command::ShowTab(tab));
        match &player.obey(Command::Copy(Copied::Tab))[..] {
            [Effect::CopyText(text)] => assert!(text.contains(expected), "{tab:?}: {text}"),
            other => panic!("{tab:?}: {other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_offered_can_be_made(
        scenario in arbitrary(),
        mode in prop_oneof![Just(Mode::Polling), Just(Mode::WebSocket)],
        at in any::<Index>(),
        pick in any::<Index>(),
        about in any::<Index>(),
    ) {
        let mut player = player(scenario);
        player.obey(Command::SetMode(mode));
        let passage = player.run().passages().get(at.index(player.run().passages().len().max(1)));
        let Some(passage) = passage.cloned() else { return Ok(()) };
        player.obey(Command::Choose(passage.wrote));
        let mut abouts = vec![About::Arrow(passage.wrote), About::Network];
        abouts.extend(player.run().scenario().hosts().into_iter().map(About::Host));
        let offers = player.offers(abouts[about.index(abouts.len())]);
        if offers.is_empty() {
            return Ok(());
        }
        let offer = &offers[pick.index(offers.len())];
        player.obey(Command::Edit(offer.edit.clone()));
        prop_assert_eq!(player.notice(), None, "{}", offer.label);
        prop_assert_eq!(player.lane().branches().len(), 2);
        prop_assert_eq!(player.edit(), Some(offer.edit.clone()));
    }

    #[test]
    fn every_record_can_be_chosen_and_asked_about(
        scenario in arbitrary(),
        pick in any::<Index>(),
    ) {
        let mut player = player(scenario);
        let record = RecordIdx(pick.index(player.run().records().len()));
        player.obey(Command::Choose(record));
        prop_assert_eq!(player.chosen(), Some(record));
        let reason = player.reason().expect("it was chosen");
        prop_assert_eq!(reason.chain.last().map(|link| link.record), Some(record));
        let run = player.run();
        let here = player.position();
        prop_assert_eq!(here, Position { n_fed: 0, ..run.place_of(&run.records()[record.0]) });
        // Looking forward from before it finds it, or one like it before.
        let before = run.start();
        let found = run.find(before, Direction::Forward, |other| other.idx == record);
        prop_assert_eq!(found.map(|(idx, _)| idx), (here > before).then_some(record));
    }

    #[test]
    fn a_unit_that_a_record_speaks_of_is_one(scenario in arbitrary(), pick in any::<Index>()) {
        let run = Run::new(Arc::new(scenario), Mode::WebSocket);
        let record = &run.records()[pick.index(run.records().len())];
        if let Some(wrote) = run.unit_of(record.idx) {
            let What::Wrote(unit) = &run.records()[wrote.0].what else {
                panic!("{wrote:?} writes nothing");
            };
            if let What::Read(read) = &record.what {
                prop_assert_eq!((read.link, read.from, read.range.start), (unit.link, unit.from, unit.start));
            }
        } else {
            let speaks = matches!(record.what, What::Read(_) | What::Wrote(_) | What::Delivered(_));
            prop_assert!(!speaks, "{:?}", record);
        }
    }
}
