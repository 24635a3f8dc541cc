//! A lesson that its author changes while it is open: the learner stays, with what was predicted.

use wirestep::lesson::{Library, read_lesson};
use wirestep::player::{Command, Player, Progress, Settings, read_again};

const SOUND: &str = include_str!("broken/sound.ron");

/// Somebody who has come to the last step of the small lesson and flipped a bit there.
fn learner() -> Player {
    let lesson = read_lesson(SOUND, "sound.ron").expect("it is sound");
    let library = Library::built_in().with(lesson);
    let mut player = Player::new(library, Progress::default(), Settings::default());
    for command in [
        Command::OpenLesson("small".to_owned()),
        Command::Answer(0),
        Command::Continue,
        Command::Answer(1),
        Command::Continue,
        Command::Flip(1),
        Command::Release,
    ] {
        player.obey(command);
        assert_eq!(player.notice(), None);
    }
    assert!(player.walk().task_done());
    player
}

/// The player after the author has put other words in place of some.
fn changed(changes: &[(&str, &str)]) -> Player {
    let mut player = learner();
    let text = changes.iter().fold(SOUND.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    let lesson = read_again(&text, "small.ron").unwrap_or_else(|faults| panic!("{faults:?}"));
    player.obey(Command::Reload(lesson));
    player
}

#[test]
fn what_is_read_again_unchanged_changes_nothing() {
    assert_eq!(changed(&[]), learner());
}

#[test]
fn words_change_and_everything_else_stays() {
    let (before, after) = (learner(), changed(&[("Set RSV1.", "Set the second bit.")]));
    assert_eq!(after.walk().task().map(|task| task.task.as_str()), Some("Set the second bit."));
    assert_eq!(after.session(), before.session(), "the branch with the edit is still there");
    assert_eq!(after.position(), before.position());
    assert_eq!(after.walk().progress(), before.walk().progress());
}

#[test]
fn answers_stay_with_their_words_and_are_judged_anew() {
    let swapped = changed(&[
        ("(text: \"Nothing\", right: true,", "(text: \"Thanks\", right: true,"),
        ("(text: \"Thanks\", idea", "(text: \"Nothing\", idea"),
    ]);
    let made = swapped.walk().prediction("next").expect("it was answered");
    assert_eq!((made.choice, made.right), (0, true));
    let worded = changed(&[("(text: \"Thanks\", idea", "(text: \"Merci\", idea")]);
    let made = worded.walk().prediction("next").expect("it was answered");
    assert_eq!((made.choice, made.right), (1, false));
    let renamed = changed(&[
        ("id: \"next\"", "id: \"later\""),
        ("Predicted(\"next\")", "Predicted(\"later\")"),
    ]);
    assert_eq!(renamed.walk().predictions().len(), 1, "the other question is another");
}

#[test]
fn the_learner_stays_at_the_step_wherever_it_stands() {
    let step = "        (title: \"First\", text: \"Before all.\"),\n        (\n            title: \"Look\"";
    let moved = changed(&[("        (\n            title: \"Look\"", step)]);
    assert_eq!(moved.walk().step().map(|step| step.title.as_str()), Some("Change"));
    assert!(moved.walk().task_done());
    let renamed = changed(&[("title: \"Change\"", "title: \"Set a bit\"")]);
    assert_eq!(renamed.walk().step().map(|step| step.title.as_str()), Some("Set a bit"));
}

#[test]
fn a_task_that_asks_for_something_else_is_open_again() {
    let asked = changed(&[("Predicted(\"next\")", "PredictedRight(\"next\")")]);
    assert!(!asked.walk().task_done());
    assert_eq!(asked.walk().step_idx(), 2);
}

#[test]
fn another_world_is_played_from_its_beginning_at_the_same_step() {
    let other = changed(&[("at_ms: 1000", "at_ms: 1200")]);
    assert_eq!(other.walk().step_idx(), 2);
    assert_eq!(other.lane().branches().len(), 1);
    assert!(!other.can_undo());
    assert_eq!(other.walk().predictions().len(), 2);
}

#[test]
fn a_lesson_that_is_not_open_is_taken_in_behind_the_scenes() {
    let mut player = learner();
    player.obey(Command::OpenLesson("the-full-picture".to_owned()));
    let before = player.clone();
    let text = SOUND.replace("A small lesson", "Another");
    player.obey(Command::Reload(read_again(&text, "a.ron").expect("it is sound")));
    assert_eq!(player.session(), before.session());
    assert_eq!(player.lesson().id, "the-full-picture");
    let small = player.walk().library().lesson("small").expect("it is there");
    assert_eq!(small.title, "Another");
}

#[test]
fn what_cannot_be_read_again_says_everything_that_is_wrong() {
    let text = SOUND.replace(" right: true,", " right: false,").replace("\"Click on it.\"", "");
    let faults = read_again(&text, "a.ron").expect_err("it is broken");
    assert_eq!(faults.len(), 3, "{faults:?}");
    let session = learner().session().to_text();
    assert_eq!(read_again(&session, "a.ron").expect_err("it is no lesson").len(), 1);
    assert!(read_again("(name: \"bare\", workload: [], ends_ms: 9)", "a.ron").is_ok());
}
