//! How long it takes to draw the window once, without a display: layout and tessellation.

#[path = "support/crowd.rs"]
mod crowd;
#[path = "support/long_run.rs"]
mod long_run;

use divan::{Bencher, black_box};
use egui::{
    Context, Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, RawInput, Rect,
    TouchPhase, Vec2, vec2,
};
use wirestep::app::window::Window;
use wirestep::app::{fonts, theme};
use wirestep::lesson::{Lesson, Library, Tab};
use wirestep::player::{Command, Player, Progress, Settings};
use wirestep::sim::{Mode, Scenario, SimTime};

fn main() {
    divan::main();
}

/// What is drawn.
#[derive(Clone, Copy, Debug)]
enum Scene {
    FullPicture,
    LongRun,
    /// A million records: 64 people who chat.
    Crowd,
}

const SCENES: [Scene; 3] = [Scene::FullPicture, Scene::LongRun, Scene::Crowd];

/// A window with all panels in the middle of a run, and the context that it is drawn in.
struct Stage {
    ctx: Context,
    window: Window,
}

impl Stage {
    fn new(scene: Scene, tab: Tab) -> Self {
        let library = match scene {
            Scene::FullPicture => Library::built_in(),
            Scene::LongRun => Library::of(Lesson::around(long_run::scenario())),
            Scene::Crowd => Library::of(Lesson::around(chat())),
        };
        let open = Some("the-full-picture".to_owned());
        let progress = Progress { open, ..Progress::default() };
        let mut player = Player::new(library, progress, Settings::default());
        player.obey(Command::SetMode(Mode::WebSocket));
        player.obey(Command::ToggleAllPanels);
        player.obey(Command::ShowTab(tab));
        player.obey(Command::Seek(SimTime(player.run().ends_at().0 / 2)));
        let enough = match scene {
            Scene::FullPicture => 1,
            Scene::LongRun => long_run::N_MOVES,
            Scene::Crowd => 200_000,
        };
        assert!(player.run().n_moves() >= enough, "the run has {} moves", player.run().n_moves());
        let ctx = Context::default();
        fonts::install(&ctx);
        theme::install(&ctx);
        let mut stage = Self { ctx, window: Window::new(player) };
        for _ in 0..5 {
            stage.draw(Vec::new());
        }
        stage
    }

    fn draw(&mut self, events: Vec<Event>) {
        let rect = Rect::from_min_size(Pos2::ZERO, vec2(1440.0, 900.0));
        let input = RawInput { screen_rect: Some(rect), events, ..RawInput::default() };
        let mut output = self.ctx.run_ui(input, |ui| {
            self.window.ui(ui);
        });
        output.textures_delta.clear();
        black_box(self.ctx.tessellate(output.shapes, output.pixels_per_point));
    }
}

/// The chat of 64, with a million records over a WebSocket.
fn chat() -> Scenario {
    let [_, chat, ..] = crowd::crowds();
    let meant = (chat.name, chat.mode) == ("64 WebSockets, a chat", Mode::WebSocket);
    assert!(meant, "{} by {:?}", chat.name, chat.mode);
    chat.scenario
}

fn press(key: Key) -> Vec<Event> {
    let event = |pressed| Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    vec![event(true), event(false)]
}

#[divan::bench(args = SCENES)]
fn at_rest(bencher: Bencher<'_, '_>, scene: Scene) {
    let mut stage = Stage::new(scene, Tab::Frame);
    bencher.bench_local(|| stage.draw(Vec::new()));
}

#[divan::bench(args = SCENES)]
fn with_states(bencher: Bencher<'_, '_>, scene: Scene) {
    let mut stage = Stage::new(scene, Tab::States);
    bencher.bench_local(|| stage.draw(Vec::new()));
}

#[divan::bench(args = SCENES)]
fn with_bytes(bencher: Bencher<'_, '_>, scene: Scene) {
    let mut stage = Stage::new(scene, Tab::Bytes);
    bencher.bench_local(|| stage.draw(Vec::new()));
}

#[divan::bench(args = SCENES)]
fn with_events(bencher: Bencher<'_, '_>, scene: Scene) {
    let mut stage = Stage::new(scene, Tab::Events);
    bencher.bench_local(|| stage.draw(Vec::new()));
}

/// The wheel is turned over the diagram.
#[divan::bench(args = SCENES)]
fn scrolling(bencher: Bencher<'_, '_>, scene: Scene) {
    let mut stage = Stage::new(scene, Tab::Frame);
    bencher.bench_local(|| stage.draw(wheel(vec2(800.0, 200.0))));
}

/// The wheel is turned over the list of events.
#[divan::bench(args = SCENES)]
fn scrolling_events(bencher: Bencher<'_, '_>, scene: Scene) {
    let mut stage = Stage::new(scene, Tab::Events);
    bencher.bench_local(|| stage.draw(wheel(vec2(600.0, 700.0))));
}

fn wheel(at: Vec2) -> Vec<Event> {
    let turned = Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, 40.0),
        phase: TouchPhase::Move,
        modifiers: Modifiers::NONE,
        source: MouseWheelSource::Wheel,
    };
    vec![Event::PointerMoved(at.to_pos2()), turned]
}

/// A step and the frame in which it is asked for; every step is followed by one back.
#[divan::bench(args = SCENES)]
fn stepping(bencher: Bencher<'_, '_>, scene: Scene) {
    let mut stage = Stage::new(scene, Tab::Frame);
    let mut keys = [Key::ArrowRight, Key::ArrowLeft].into_iter().cycle();
    bencher.bench_local(|| stage.draw(press(keys.next().expect("a cycle goes on"))));
}
