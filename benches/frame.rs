//! How long it takes to draw the window once, without a display: layout and tessellation.

#[path = "support/long_run.rs"]
mod long_run;

use divan::{Bencher, black_box};
use egui::{Context, Event, Key, Modifiers, Pos2, RawInput, Rect, vec2};
use wirestep::app::window::Window;
use wirestep::app::{fonts, theme};
use wirestep::lesson::{Lesson, Library};
use wirestep::player::{Command, Player, Progress, Settings, Tab};
use wirestep::sim::{Mode, SimTime};

fn main() {
    divan::main();
}

/// What is drawn.
#[derive(Clone, Copy, Debug)]
enum Scene {
    FullPicture,
    LongRun,
}

const SCENES: [Scene; 2] = [Scene::FullPicture, Scene::LongRun];

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

/// A step and the frame in which it is asked for; every step is followed by one back.
#[divan::bench(args = SCENES)]
fn stepping(bencher: Bencher<'_, '_>, scene: Scene) {
    let mut stage = Stage::new(scene, Tab::Frame);
    let mut keys = [Key::ArrowRight, Key::ArrowLeft].into_iter().cycle();
    bencher.bench_local(|| stage.draw(press(keys.next().expect("a cycle goes on"))));
}
