//! The laws of the player: whatever is asked of it, it stands somewhere sensible and says what to
//! keep.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::LazyLock;
use wirestep::lesson::{Lesson, Letter, Library, Place, Tab, Task};
use wirestep::player::{
    Command, Copied, Effect, LessonProgress, Player, Progress, Settings, Theme, Whereabouts,
};
use wirestep::run::{Direction, StepSize};
use wirestep::sim::{Mode, RecordIdx, SimTime, What};
use wirestep::view::locus::Locus;
use wirestep::view::verdict::Outcome;

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::built_in);

fn player(progress: Progress) -> Player {
    Player::new(LIBRARY.clone(), progress, Settings::default())
}

fn opened(id: &str) -> Player {
    player(Progress { open: Some(id.to_owned()), ..Progress::default() })
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Polling), Just(Mode::WebSocket)]
}

fn size() -> impl Strategy<Value = StepSize> {
    proptest::sample::select(&StepSize::ALL[..])
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![3 => Just(Direction::Forward), 1 => Just(Direction::Back)]
}

/// Moments within a run, and far beyond it.
fn moment() -> impl Strategy<Value = SimTime> {
    prop_oneof![4 => (0_u64..9000).prop_map(SimTime::from_ms), 1 => any::<u64>().prop_map(SimTime)]
}

/// Small numbers that mean something, and huge ones that do not.
fn idx() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 0_usize..64, 1 => any::<usize>()]
}

fn lesson() -> impl Strategy<Value = String> {
    let mut ids: Vec<_> = LIBRARY.lessons().iter().map(|lesson| lesson.id.clone()).collect();
    ids.push("never-written".to_owned());
    proptest::sample::select(ids)
}

fn moving() -> impl Strategy<Value = Command> {
    prop_oneof![
        4 => direction().prop_map(Command::Step),
        4 => (direction(), size()).prop_map(|(to, size)| Command::StepBy(to, size)),
        1 => Just(Command::First),
        1 => Just(Command::Last),
        3 => moment().prop_map(Command::Seek),
        1 => size().prop_map(Command::SetSize),
        2 => mode().prop_map(Command::SetMode),
        1 => Just(Command::TogglePlay),
        1 => any::<u32>().prop_map(Command::SetSpeed),
        1 => "[a\n]{0,3}".prop_map(Command::SetNotes),
        2 => prop_oneof![0_u64..1_000_000_000, Just(u64::MAX)].prop_map(Command::Tick),
    ]
}

fn changing() -> impl Strategy<Value = Command> {
    // Polls every few milliseconds would be allowed, and too many for a test.
    let interval = prop_oneof![200_u64..5000, Just(0), Just(u64::MAX)];
    prop_oneof![
        6 => prop_oneof![8 => 0_u64..40, 1 => any::<u64>()].prop_map(Command::Flip),
        4 => Just(Command::Release),
        2 => Just(Command::Reset),
        2 => idx().prop_map(Command::ShowBranch),
        1 => interval.prop_map(Command::PollEvery),
        2 => Just(Command::Undo),
    ]
}

fn looking() -> impl Strategy<Value = Command> {
    let locus = (any::<u64>(), any::<u64>()).prop_map(|(bit, bits)| Locus { bit, bits });
    let near = (0_u64..64, 0_u64..64).prop_map(|(bit, bits)| Locus { bit, bits });
    prop_oneof![
        2 => prop_oneof![0_usize..300, any::<usize>()].prop_map(|n| Command::Inspect(RecordIdx(n))),
        2 => prop_oneof![near, locus].prop_map(Command::Select),
        1 => Just(Command::SelectNothing),
        1 => proptest::sample::select(&Tab::ALL[..]).prop_map(Command::ShowTab),
        1 => Just(Command::ToggleAllPanels),
        1 => Just(Command::ToggleTheme),
        1 => prop_oneof![Just(Copied::Hex), Just(Copied::Tree), Just(Copied::Diagram)]
            .prop_map(Command::Copy),
        1 => Just(Command::Dismiss),
    ]
}

fn learning() -> impl Strategy<Value = Command> {
    prop_oneof![
        4 => idx().prop_map(|n| Command::Answer(n % 5)),
        1 => any::<usize>().prop_map(Command::Answer),
        6 => Just(Command::Continue),
        2 => Just(Command::StepBackInLesson),
        1 => Just(Command::Hint),
        1 => lesson().prop_map(Command::OpenLesson),
        1 => Just(Command::Restart),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![4 => moving(), 3 => changing(), 2 => looking(), 2 => learning()]
}

fn commands() -> impl Strategy<Value = (String, Vec<Command>)> {
    (lesson(), proptest::collection::vec(command(), 1..24))
}

/// What always holds of a player.
fn sound(player: &Player) -> Result<(), TestCaseError> {
    let (run, position) = (player.run(), player.position());
    prop_assert!(position.n_moves <= run.n_moves());
    // Another branch or mode may last longer, but none much longer than the clients stay.
    let latest = SimTime::from_ms(run.scenario().ends_ms + 1000);
    prop_assert!(position.at <= latest, "{position:?}");
    prop_assert!(player.lane().shown() < player.lane().branches().len());
    prop_assert!(player.walk().step_idx() <= player.lesson().steps.len());
    let Some(focus) = player.focus() else { return Ok(()) };
    let wrote = run.records().get(focus.wrote.0).map(|record| &record.what);
    prop_assert_eq!(wrote, Some(&What::Wrote(Arc::new(focus.unit.clone()))));
    prop_assert_eq!(focus.bytes.len(), focus.unit.bytes.len());
    let mut bytes = run.bytes_of(focus.wrote, position.n_moves).to_vec();
    for bit in player.flips() {
        bytes[usize::try_from(bit / 8).expect("a flip lies in its unit")] ^= 0x80 >> (bit % 8);
    }
    prop_assert_eq!(&focus.bytes[..], &bytes[..]);
    if !player.flips().is_empty() {
        prop_assert_eq!(focus.whereabouts, Whereabouts::InFlight);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_the_player_stays_sound((id, commands) in commands()) {
        let mut player = opened(&id);
        sound(&player)?;
        for command in commands {
            let trunk = player.lane().branches()[0].run.clone();
            let (mode, lesson) = (player.mode(), player.lesson().id.clone());
            let before = (player.walk().progress().clone(), player.settings().clone());
            let effects = player.obey(command.clone());
            sound(&player)?;
            let saved = effects.contains(&Effect::SaveProgress);
            prop_assert_eq!(saved, *player.walk().progress() != before.0, "{:?}", &command);
            let kept = effects.contains(&Effect::SaveSettings);
            prop_assert_eq!(kept, *player.settings() != before.1, "{:?}", &command);
            let copied = effects.iter().any(|effect| matches!(effect, Effect::CopyText(_)));
            prop_assert_eq!(copied, matches!(command, Command::Copy(_)));
            if (mode, &lesson) == (player.mode(), &player.lesson().id) {
                prop_assert_eq!(&trunk, &player.lane().branches()[0].run, "forks spare the trunk");
            }
        }
    }

    #[test]
    fn a_change_that_is_undone_was_never_made(
        (id, commands) in commands(),
        change in changing(),
    ) {
        let mut player = opened(&id);
        for command in commands {
            player.obey(command);
        }
        let before = player.clone();
        player.obey(change.clone());
        let scene = |player: &Player| (
            player.mode(),
            player.position(),
            player.lane().clone(),
            player.flips().clone(),
            player.selection(),
            player.tab(),
            player.focus().cloned(),
        );
        let undoable = !matches!(change, Command::Undo | Command::ShowBranch(_));
        if undoable && scene(&player) != scene(&before) {
            player.obey(Command::Undo);
            prop_assert_eq!(scene(&player), scene(&before), "{:?}", &change);
        }
    }

    #[test]
    fn another_mode_shows_the_same_moment((id, commands) in commands(), mode in mode()) {
        let mut player = opened(&id);
        for command in commands {
            player.obey(command);
        }
        let at = player.position().at;
        player.obey(Command::SetMode(mode));
        prop_assert_eq!((player.mode(), player.position().at), (mode, at));
    }
}

#[test]
fn a_flip_is_undone_and_so_is_its_release() {
    let mut player = player(in_flight());
    let start = player.clone();
    player.obey(Command::Flip(1));
    let flipped = player.clone();
    assert_eq!(player.flips(), &BTreeSet::from([1]));
    assert_eq!(player.focus().map(|focus| focus.verdict.outcome), Some(Outcome::Refused));
    player.obey(Command::Release);
    assert_eq!((player.lane().branches().len(), player.flips().len()), (2, 0));
    player.obey(Command::Undo);
    let scene = |player: &Player| {
        (player.position(), player.lane().clone(), player.flips().clone(), player.focus().cloned())
    };
    assert_eq!(scene(&player), scene(&flipped));
    player.obey(Command::Undo);
    assert_eq!(scene(&player), scene(&start));
    assert!(!player.can_undo());
    player.obey(Command::Undo);
    assert_eq!(player.notice(), Some("There is nothing to undo in this step."));
}

/// The step in which a frame of the server is in flight, to be changed.
fn in_flight() -> Progress {
    let id = "two-bytes-that-rule";
    let at = Some(
        Library::built_in().lesson(id).expect("it comes with the program").steps[2].title.clone(),
    );
    let here = LessonProgress { at, ..LessonProgress::default() };
    Progress { open: Some(id.to_owned()), lessons: BTreeMap::from([(id.to_owned(), here)]) }
}

#[test]
fn the_same_edit_twice_makes_the_same_world() {
    let run = |player: &mut Player| {
        player.obey(Command::Flip(1));
        player.obey(Command::Release);
        player.run().clone()
    };
    let mut once = player(in_flight());
    let first = run(&mut once);
    once.obey(Command::Reset);
    assert_eq!(run(&mut once), first);
    assert_eq!(once.lane().branches().len(), 3, "nothing that was tried is lost");
}

#[test]
fn bits_that_have_arrived_are_left_alone_and_the_reason_is_given() {
    let mut player = player(in_flight());
    let arrives = Place::Arrived(Letter::FrameDown(1, 1), 1).find(player.run()).unwrap();
    player.obey(Command::Seek(arrives.at));
    let before = player.lane().clone();
    for command in [Command::Flip(1), Command::Release] {
        player.obey(command.clone());
        assert!(player.notice().is_some(), "{command:?}");
        assert_eq!(player.lane(), &before);
    }
}

#[test]
fn an_answer_is_locked() {
    let mut player = opened("choose-and-defend");
    assert_eq!(player.obey(Command::Answer(99)), [], "there is no such answer");
    assert_eq!(player.obey(Command::Answer(0)), [Effect::SaveProgress]);
    let answered = player.walk().progress().clone();
    assert_eq!(player.obey(Command::Answer(1)), []);
    assert_eq!(player.walk().progress(), &answered);
    assert!(player.notice().is_some());
}

#[test]
fn nobody_goes_on_with_a_task_undone() {
    for lesson in LIBRARY.lessons() {
        let mut player = opened(&lesson.id);
        for _ in 0..=lesson.steps.len() {
            player.obey(Command::Continue);
        }
        let first_task = lesson.steps.iter().position(|step| step.task.is_some());
        assert_eq!(Some(player.walk().step_idx()), first_task, "{}", lesson.id);
        assert!(player.notice().is_some());
    }
}

#[test]
fn progress_and_settings_are_the_same_after_they_were_kept() {
    let mut player = opened("two-bytes-that-rule");
    let deeds =
        [Command::Continue, Command::Answer(2), Command::Hint, Command::ToggleTheme, Command::Last];
    for command in deeds {
        player.obey(command);
    }
    player.obey(Command::OpenLesson("choose-and-defend".to_owned()));
    player.obey(Command::Answer(1));
    let progress = player.walk().progress();
    let text = ron::to_string(progress).expect("progress is plain data");
    assert_eq!(&ron::from_str::<Progress>(&text).expect("it is read back"), progress);
    let settings = Settings { theme: Theme::Light, step_size: StepSize::Byte };
    let text = ron::to_string(&settings).expect("settings are plain data");
    assert_eq!(ron::from_str::<Settings>(&text).expect("they are read back"), settings);
    assert_eq!(ron::from_str::<Settings>("()").expect("what is missing is as it was"), {
        Settings::default()
    });
    assert_eq!(ron::from_str::<Progress>("()").expect("the same"), Progress::default());
}

/// Whoever closes the window in the middle of a lesson finds it as it was taught up to there.
#[test]
fn a_lesson_that_is_opened_again_shows_what_its_step_speaks_of() {
    for lesson in LIBRARY.lessons() {
        for step in 0..lesson.steps.len() {
            let at = Some(lesson.steps[step].title.clone());
            let here = LessonProgress { at, ..LessonProgress::default() };
            let lessons = BTreeMap::from([(lesson.id.clone(), here)]);
            let player = player(Progress { open: Some(lesson.id.clone()), lessons });
            let named = format!("{}, step {}", lesson.id, step + 1);
            let until = &lesson.steps[..=step];
            let mode = until.iter().rev().find_map(|step| step.mode).unwrap_or(lesson.mode);
            assert_eq!(player.mode(), mode, "{named}");
            if let Some(place) = &lesson.steps[step].at {
                assert_eq!(Some(player.position()), place.find(player.run()), "{named}");
            }
            // Where the step begins, or else where the one before it that says so has led.
            let mut before = until[..step].iter().rev();
            let led = before.find_map(|step| step.outcome().or(step.at.as_ref()));
            let place = lesson.steps[step].at.as_ref().or(led);
            let begun = place.is_some_and(|place| *place != Place::Start);
            assert_eq!(player.position() != player.run().start(), begun, "{named}");
        }
    }
}

#[test]
fn going_back_in_a_lesson_goes_back_to_its_mode() {
    let lesson = LIBRARY.lesson("the-full-picture").unwrap();
    let switches = lesson.steps.iter().position(|step| step.mode == Some(Mode::WebSocket));
    let at = Some(lesson.steps[switches.unwrap()].title.clone());
    let here = LessonProgress { at, ..LessonProgress::default() };
    let lessons = BTreeMap::from([(lesson.id.clone(), here)]);
    let mut player = player(Progress { open: Some(lesson.id.clone()), lessons });
    assert_eq!(player.mode(), Mode::WebSocket);
    player.obey(Command::StepBackInLesson);
    assert_eq!(player.mode(), Mode::LongPolling);
}

#[test]
fn progress_of_another_version_still_opens() {
    let far = LessonProgress {
        at: Some("A step that is gone".to_owned()),
        did: BTreeSet::from(["A step that is gone".to_owned()]),
        predictions: vec![wirestep::lesson::Prediction {
            id: "never-asked".to_owned(),
            choice: usize::MAX,
            right: true,
        }],
        ..LessonProgress::default()
    };
    let unknown = Progress {
        open: Some("never-written".to_owned()),
        lessons: BTreeMap::from([("never-written".to_owned(), far.clone())]),
    };
    assert_eq!(player(unknown).lesson().id, LIBRARY.lessons()[0].id);
    for lesson in LIBRARY.lessons() {
        let lessons = BTreeMap::from([(lesson.id.clone(), far.clone())]);
        let mut player = player(Progress { open: Some(lesson.id.clone()), lessons });
        let to_do = lesson.steps.iter().position(wirestep::lesson::Step::decides);
        assert_eq!(
            Some(player.walk().step_idx()),
            to_do,
            "the first step that is still to be done"
        );
        player.obey(Command::Restart);
        assert_eq!(player.walk().step_idx(), 0);
    }
}

#[test]
fn going_on_from_a_finished_lesson_opens_the_next() {
    let [first, second, ..] = LIBRARY.lessons() else { panic!("there are two lessons") };
    let finished = LessonProgress { over: true, ..LessonProgress::default() };
    let lessons = BTreeMap::from([(first.id.clone(), finished)]);
    let mut player = player(Progress { open: Some(first.id.clone()), lessons });
    player.obey(Command::Continue);
    assert_eq!(player.lesson().id, second.id);
}

#[test]
fn a_prediction_with_an_answer_that_is_gone_still_opens() {
    let lesson = LIBRARY.lesson("choose-and-defend").unwrap();
    let Some(Task::Predict(predict)) = &lesson.steps[0].task else { panic!("it asks first") };
    let gone =
        wirestep::lesson::Prediction { id: predict.id.clone(), choice: usize::MAX, right: false };
    let here = LessonProgress { predictions: vec![gone], ..LessonProgress::default() };
    let lessons = BTreeMap::from([(lesson.id.clone(), here)]);
    let mut player = player(Progress { open: Some(lesson.id.clone()), lessons });
    player.obey(Command::Continue);
    assert_eq!(player.walk().step_idx(), 1);
}

#[test]
fn a_unit_in_several_segments_is_judged_by_the_first_that_breaks_a_rule() {
    let picture = LIBRARY.lesson("the-full-picture").expect("it is in the course");
    let mut lesson = Lesson::around(picture.scenario.clone());
    lesson.scenario.network.mss = 4;
    lesson.mode = Mode::WebSocket;
    let library = Library::of(lesson);
    let mut player = Player::new(library, Progress::default(), Settings::default());
    let wrote = player
        .run()
        .records()
        .iter()
        .find_map(|record| match &record.what {
            What::Wrote(unit) if unit.bytes.first() == Some(&0x81) => Some(record.idx),
            _ => None,
        })
        .expect("a text is written");
    let passage = player.run().passage(wrote).expect("it is sent").clone();
    assert!(passage.sent.len() > 1, "the frame needs several segments");
    player.obey(Command::Seek(passage.departs));
    player.obey(Command::Inspect(wrote));
    player.obey(Command::Flip(1));
    let before = player.focus().expect("it is looked at").verdict.clone();
    assert!(before.words.contains("Close 1002"), "{before:?}");
    player.obey(Command::Release);
    player.obey(Command::Inspect(wrote));
    let after = player.focus().expect("it is looked at").verdict.clone();
    assert!(after.words.contains("Close 1002"), "{after:?}");
}
