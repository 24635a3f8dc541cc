//! Words that can be asked about: terms, clauses, the glossary, and what is wrong with a file.

use egui::accesskit::Role;
use egui::{Key, Modifiers, OutputCommand};
use egui_kittest::kittest::Queryable as _;
use wirestep::lesson::lint;

use super::desk::{SMALL, Seat, progress_at};

/// The first step about frames, which speaks of several terms and cites a clause.
fn at_frames() -> Seat {
    Seat::at(progress_at("two-bytes-that-rule", 0), SMALL)
}

#[test]
fn a_term_says_what_it_means_on_enter() {
    let mut seat = at_frames();
    let links = seat.names(Role::Link);
    let name = links.iter().find(|name| *name == "What is “payload”?");
    let name = name.unwrap_or_else(|| panic!("{links:#?}")).clone();
    assert!(!seat.says("What a frame carries"));
    seat.harness.get_by_role_and_label(Role::Link, &name).focus();
    seat.harness.run();
    seat.press(Key::Enter);
    assert!(seat.says("What a frame carries"), "the meaning");
    assert_eq!(seat.player().walk().step_idx(), 0, "Enter was meant for the word");
    seat.press(Key::Escape);
    assert!(!seat.says("What a frame carries"));
}

#[test]
fn a_term_is_linked_where_it_stands_first() {
    let seat = at_frames();
    let mut links: Vec<_> = seat.names(Role::Link);
    links.retain(|name| name.starts_with("What is"));
    let n = links.len();
    links.sort();
    links.dedup();
    assert!(n > 0);
    assert_eq!(links.len(), n);
}

#[test]
fn a_clause_opens_its_text() {
    let mut seat = at_frames();
    let links = seat.names(Role::Link);
    let clause = links.iter().find(|name| name.starts_with("RFC 6455 §"));
    let clause = clause.unwrap_or_else(|| panic!("{links:#?}")).clone();
    let (cite, title) = clause.split_once(", ").expect("a clause has a title");
    assert!(!title.is_empty());
    seat.harness.get_by_role_and_label(Role::Link, &clause).click();
    // A click takes a press and a release.
    let opened = (0..4).find_map(|_| {
        seat.harness.step();
        let commands = seat.harness.output().platform_output.commands.clone();
        commands.into_iter().find_map(|command| match command {
            OutputCommand::OpenUrl(open) => Some(open.url),
            _ => None,
        })
    });
    let number = cite.strip_prefix("RFC 6455 §").expect("it was looked for");
    let url = format!("https://www.rfc-editor.org/rfc/rfc6455#section-{number}");
    assert_eq!(opened, Some(url));
}

#[test]
fn the_glossary_is_searched_as_one_types() {
    let mut seat = at_frames();
    seat.press_with(Modifiers::SHIFT, Key::F1);
    assert!(seat.says("Glossary") && seat.says("backoff") && seat.says("opcode"));
    seat.type_text("goodbye");
    assert!(seat.says("says goodbye") && !seat.says("backoff"));
    seat.type_text(" nowhere");
    assert!(seat.says("No term speaks of this."));
    seat.press(Key::Escape);
    assert!(!seat.says("No term speaks of this."));
    seat.press(Key::F1);
    seat.click(Role::Button, "Glossary");
    assert!(seat.says("opcode"), "the help leads to it");
}

#[test]
fn what_is_wrong_with_the_file_is_said_in_a_card_until_it_is_mended() {
    let mut seat = at_frames();
    let before = seat.player().clone();
    let text = include_str!("../broken/unknown-field.ron");
    seat.harness.state_mut().window.mistaken(lint(text, "mine.ron"));
    seat.harness.run();
    assert!(seat.says("Not taken in"));
    for words in ["25:17", "There is no field qestion in Predict.", "Did you mean question?"] {
        assert!(seat.says(words), "{words}");
    }
    assert_eq!(*seat.player(), before);
    seat.harness.state_mut().window.mistaken(Vec::new());
    seat.harness.run();
    assert!(!seat.says("Not taken in"));
}
