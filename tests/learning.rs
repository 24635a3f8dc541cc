//! The way through a lesson: every kind of step, help, the test, the sandbox, what is kept.

use std::sync::LazyLock;
use wirestep::lesson::{Library, Tab, Task, read_lesson};
use wirestep::player::{Command, Explained, Gate, Player, Progress, Settings};
use wirestep::run::Direction;
use wirestep::sim::{Edit, Host, Mode, Wish};

/// A lesson with a step of each kind, behind one whose question it asks again.
static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let sources = [("a.ron", FIRST), ("b.ron", SECOND), ("course.ron", COURSE)];
    let sources = sources.map(|(file, text)| (file.to_owned(), text.to_owned()));
    Library::from_sources(sources).expect("they are sound")
});

const COURSE: &str = r#"(title: "t", units: [(title: "u", lessons: ["first", "second"])])"#;

const FIRST: &str = r#"(
    id: "first", title: "First", summary: "s",
    scenario: (name: "n", workload: [(at_ms: 300, who: Client(1), what: Say("Hi"))], ends_ms: 900),
    mode: WebSocket,
    steps: [
        (title: "ask", text: "t", cites: ["RFC 6455 §5.2"], task: Predict((
            id: "who", question: "q", outcome: Arrived(FrameDown(2, 1), 1), options: [
                (text: "a", right: true, because: "yes"),
                (text: "b", idea: "a server may not speak", because: "no"),
            ]))),
        (title: "ask more", text: "t", cites: ["RFC 6455 §5.2"], task: Predict((
            id: "more", question: "q", options: [
                (text: "a", idea: "more is less", because: "no"),
                (text: "b", right: true, because: "yes"),
            ]))),
    ],
    debrief: (text: "d", cites: ["RFC 6455 §5.2"]),
    solution: [Answer(0), Continue, Answer(1), Continue],
    wrong: [(name: "x", deeds: [Continue]), (name: "y", deeds: [Answer(0), Continue])],
)"#;

const SECOND: &str = r#"(
    id: "second", title: "Second", summary: "s",
    scenario: (name: "n", workload: [(at_ms: 300, who: Client(1), what: Say("Hi"))], ends_ms: 900),
    mode: WebSocket,
    steps: [
        (title: "again", text: "t", cites: ["RFC 6455 §5.2"],
            task: Retrieve((lesson: "first", question: "who"))),
        (title: "way", text: "t", cites: ["RFC 6455 §5.2"], task: Choose((
            id: "way", question: "q", options: [
                (text: "left", because: "l"), (text: "right", because: "r")]))),
        (title: "say", text: "t", cites: ["RFC 6455 §5.2"], task: Explain((
            id: "why", prompt: "p", points: ["one", "two"], model: "m"))),
        (title: "build", text: "t", cites: ["RFC 6455 §5.2"], task: Do((
            task: "t", bench: (piece: ClientFrames, given: "81"),
            goals: [(text: "g", goal: Bench(Yields("Hi")))],
            hints: ["1", "2", "3"], because: "b"))),
        (title: "do", text: "t", tab: States, shows: [Inspector], cites: ["RFC 6455 §5.2"],
            task: Do((task: "t", goals: [(text: "g", goal: Delivered(Client(2), "more"))],
            hints: ["1", "2", "3"], because: "b"))),
    ],
    debrief: (text: "d", cites: ["RFC 6455 §5.2"]),
    solution: [
        Answer(0), Continue, Answer(1), Continue, Explain("because it is so"), Continue,
        Write("81 82 00 00 00 00 48 69"), Continue,
        Forward(Unit), Change(Do(Client(1), Say("more"))), ToEnd, Continue,
    ],
    wrong: [(name: "x", deeds: [Continue]), (name: "y", deeds: [Answer(0), Continue])],
)"#;

fn player() -> Player {
    Player::new(LIBRARY.clone(), Progress::default(), Settings::default())
}

fn obey(player: &mut Player, commands: impl IntoIterator<Item = Command>) {
    for command in commands {
        player.obey(command);
    }
}

/// A player in the second lesson who has come to a step.
fn at(step: &str) -> Player {
    let mut player = player();
    obey(&mut player, [Command::OpenLesson("second".to_owned())]);
    let ways = [
        Command::Answer(0),
        Command::Answer(1),
        Command::Explain("because it is so".to_owned()),
        Command::Write("81 82 00 00 00 00 48 69".to_owned()),
    ];
    for way in ways {
        if player.walk().step().expect("it is not over").title == step {
            break;
        }
        obey(&mut player, [way, Command::Continue]);
    }
    assert_eq!(player.walk().step().map(|step| step.title.as_str()), Some(step));
    player
}

#[test]
fn a_question_of_an_earlier_lesson_is_asked_again_under_its_own_name() {
    let mut player = at("again");
    assert_eq!(player.walk().gate(), Gate::Unanswered);
    assert_eq!(player.walk().question().map(|asked| asked.id.as_str()), Some("first/who"));
    obey(&mut player, [Command::Answer(1)]);
    assert_eq!(player.walk().gate(), Gate::Open);
    assert!(!player.walk().predictions()[0].right);
}

#[test]
fn what_is_asked_again_and_cannot_be_found_is_said_where_it_stands() {
    let wrong = SECOND.replace("question: \"who\"", "question: \"whom\"");
    let sources = [("a.ron", FIRST), ("b.ron", wrong.as_str()), ("course.ron", COURSE)];
    let sources = sources.map(|(file, text)| (file.to_owned(), text.to_owned()));
    let errors = Library::from_sources(sources).expect_err("there is no such question");
    let said = errors[0].to_string();
    assert!(said.starts_with("b.ron:7:") && said.contains("did you mean `who`"), "{said}");
}

#[test]
fn none_of_the_ways_is_wrong_and_another_can_be_taken() {
    let mut player = at("way");
    obey(&mut player, [Command::Continue]);
    assert!(player.notice().is_some_and(|words| words.contains("none is wrong")));
    obey(&mut player, [Command::Answer(1)]);
    assert_eq!(player.walk().choice(), Some(1));
    obey(&mut player, [Command::Answer(0)]);
    assert_eq!(player.walk().choice(), Some(0));
    obey(&mut player, [Command::Answer(7)]);
    assert_eq!(player.walk().choice(), Some(0));
    assert_eq!(player.walk().gate(), Gate::Open);
}

#[test]
fn an_explanation_says_something_and_is_held_against_points() {
    let mut player = at("say");
    obey(&mut player, [Command::Explain("well".to_owned())]);
    assert_eq!(player.walk().gate(), Gate::Unexplained);
    assert!(player.notice().is_some());
    let words = "because it says so".to_owned();
    obey(&mut player, [Command::Explain(words.clone())]);
    obey(&mut player, [0, 1, 1, 9].map(Command::TickPoint));
    let explained = Explained { words, ticked: [0].into() };
    assert_eq!(player.walk().explained(), Some(&explained));
    assert_eq!(player.walk().gate(), Gate::Open);
}

#[test]
fn the_bench_is_laid_and_kept_and_judged_by_a_real_end() {
    let mut player = at("build");
    assert_eq!(player.tab(), Tab::Bench);
    assert_eq!(player.bench().1, "81");
    assert!(player.reaction().is_some());
    obey(&mut player, [Command::Write("81 02 48 69".to_owned())]);
    assert_eq!(player.walk().gate(), Gate::Undone, "a client masks");
    obey(&mut player, [Command::StepBackInLesson, Command::Continue]);
    assert_eq!(player.bench().1, "81 02 48 69", "what was written stays");
    obey(&mut player, [Command::Write("81 82 00 00 00 00 48 69".to_owned())]);
    assert_eq!(player.walk().gate(), Gate::Open);
    obey(&mut player, [Command::Continue]);
    assert_eq!(player.tab(), Tab::States, "the step says which tab");
}

#[test]
fn after_three_hints_the_solution_is_shown_and_counts_as_done() {
    let mut player = at("do");
    obey(&mut player, [Command::ShowSolution]);
    assert!(player.notice().is_some(), "not before the hints");
    obey(&mut player, [Command::Hint, Command::Hint, Command::Hint]);
    assert!(player.walk().offers_solution());
    obey(&mut player, [Command::Last, Command::ShowSolution]);
    assert_eq!(player.notice(), None);
    assert!(player.walk().task_done() && player.walk().solution_shown());
    obey(&mut player, [Command::Undo]);
    assert!(player.can_undo(), "what was shown can be taken back");
}

#[test]
fn who_knows_it_all_is_done_and_who_does_not_is_told_where_to_look() {
    let mut player = player();
    assert!(player.walk().can_test_out());
    obey(&mut player, [Command::ToggleTest, Command::Answer(1)]);
    assert_eq!(player.walk().predictions(), [], "a test locks nothing");
    obey(&mut player, [Command::Answer(1)]);
    assert_eq!(player.walk().missed(), ["ask"]);
    assert_eq!(player.walk().step_idx(), 0);
    obey(&mut player, [Command::ToggleTest, Command::ToggleTest]);
    obey(&mut player, [Command::Answer(0), Command::Answer(1)]);
    assert!(player.walk().step().is_none());
    assert!(player.walk().progress().lessons["first"].finished);
}

#[test]
fn nothing_is_lost_between_the_lesson_and_the_sandbox() {
    let mut player = at("do");
    obey(&mut player, [Command::StepBy(Direction::Forward, wirestep::run::StepSize::Unit)]);
    let here = (player.position(), player.run().clone());
    obey(&mut player, [Command::ToggleSandbox]);
    assert!(player.in_sandbox());
    assert_eq!(player.position(), here.0, "it begins as things stand");
    let more = Edit::Do(Host::Client(1), Wish::Say("more".to_owned()));
    obey(&mut player, [Command::Edit(more), Command::Last]);
    assert_eq!(player.walk().gate(), Gate::Undone, "what is done here counts for no task");
    obey(&mut player, [Command::Hint]);
    assert!(player.notice().is_some_and(|words| words.contains("sandbox")));
    let there = player.run().clone();
    obey(&mut player, [Command::ToggleSandbox]);
    assert_eq!((player.position(), player.run().clone()), here);
    obey(&mut player, [Command::ToggleSandbox]);
    assert!(*player.run() == there, "and back again");
    obey(&mut player, [Command::StartOver]);
    assert_eq!(player.run().edits().count(), 0);
    obey(&mut player, [Command::Undo]);
    assert!(*player.run() == there, "starting over can be taken back");
}

#[test]
fn starting_over_sets_the_world_as_the_step_begins() {
    let mut player = at("do");
    let fresh = (player.position(), player.run().clone());
    obey(&mut player, [Command::SetMode(Mode::Polling), Command::PollEvery(77), Command::Last]);
    obey(&mut player, [Command::StartOver]);
    assert_eq!((player.position(), player.run().clone()), fresh);
    obey(&mut player, [Command::Undo]);
    assert_eq!(player.mode(), Mode::Polling);
    assert_eq!(player.walk().predictions().len(), 1, "answers stay");
}

#[test]
fn a_wrong_answer_names_its_idea_until_it_is_put_right() {
    let mut player = player();
    obey(&mut player, [Command::Answer(1), Command::Continue, Command::Answer(0)]);
    let ideas = |player: &Player| -> Vec<(String, bool)> {
        let met = player.walk().ideas_met();
        met.iter().map(|met| (met.idea.to_owned(), met.put_right)).collect()
    };
    let (first, second) = ("a server may not speak".to_owned(), "more is less".to_owned());
    assert_eq!(ideas(&player), [(first.clone(), false), (second.clone(), false)]);
    obey(&mut player, [Command::OpenLesson("second".to_owned()), Command::Answer(0)]);
    assert_eq!(ideas(&player), [(first, true), (second, false)]);
}

#[test]
fn what_really_happened_is_told_once_the_answer_is_locked() {
    let mut player = player();
    assert_eq!(player.outcome(), []);
    obey(&mut player, [Command::Answer(1)]);
    let told: Vec<_> = player.outcome().iter().map(|(_, words)| words.as_str()).collect();
    assert!(told.iter().any(|words| words.contains("Client 2 is handed “Hi”")), "{told:?}");
    let (record, _) = player.outcome()[0];
    obey(&mut player, [Command::First, Command::Choose(record)]);
    assert_eq!(player.chosen(), Some(record));
}

#[test]
fn a_lesson_that_asks_again_can_be_read_alone() {
    let mut lesson = read_lesson(SECOND, "b.ron").expect("it is sound");
    LIBRARY.find_recalled(&mut lesson);
    let Some(Task::Retrieve(asked)) = &lesson.steps[0].task else { panic!("it asks again") };
    assert!(asked.item.is_some());
}
