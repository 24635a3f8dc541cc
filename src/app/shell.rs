//! The shell of the window: the operating system's window, the files that are kept, the clock.

use super::storage::{Loaded, Storage};
use super::window::Window;
use super::{fonts, theme};
use crate::lesson::Library;
use crate::player::{Command, Effect, Player, Progress, Session, Settings, Theme};
use eframe::{CreationContext, Frame, NativeOptions};
use egui::{Ui, ViewportBuilder, vec2};
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The names and versions of the files that are kept.
const PROGRESS: (&str, u32) = ("progress", 1);
const SETTINGS: (&str, u32) = ("settings", 1);

/// What the window opens on.
pub struct Opening {
    /// The lessons.
    pub library: Library,
    /// The lesson to open whatever was open last.
    pub lesson: Option<String>,
    /// The session to open in its place.
    pub session: Option<Box<Session>>,
}

/// Why the window cannot open: one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoWindow(String);

/// Opens the window and stays until it is closed.
///
/// # Errors
/// Why it cannot open, such as where there is no display.
pub fn open(opening: Opening) -> Result<(), NoWindow> {
    let viewport = ViewportBuilder::default()
        .with_title("wirestep")
        .with_app_id("wirestep")
        .with_inner_size(vec2(1440.0, 900.0))
        .with_min_inner_size(vec2(1024.0, 640.0));
    let options = NativeOptions { viewport, ..NativeOptions::default() };
    // A library of the display that is missing panics inside the windowing crate.
    let opened = Arc::new(AtomicBool::new(false));
    let outcome = quietly_until(&opened, || {
        let opened = Arc::clone(&opened);
        eframe::run_native(
            "wirestep",
            options,
            Box::new(move |creation| {
                opened.store(true, Ordering::Relaxed);
                Ok(Box::new(Shell::new(creation, opening)))
            }),
        )
    });
    let advice = "without a window there are `wirestep play`, export, decode, encode, react, handshake and \
         check";
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            let error = error.to_string();
            let error = reason(&error);
            Err(NoWindow(format!("there is no display to open a window on ({error}); {advice}")))
        }
        Err(panic) if opened.load(Ordering::Relaxed) => std::panic::resume_unwind(panic),
        Err(_) => Err(NoWindow(format!(
            "the window system's libraries do not load: there is no usable display, or \
             libxkbcommon-x11-0 is missing; {advice}"
        ))),
    }
}

/// Runs something that may panic, and keeps the panic's text off the screen until `opened`.
fn quietly_until<T>(
    opened: &Arc<AtomicBool>,
    run: impl FnOnce() -> T,
) -> Result<T, Box<dyn Any + Send>> {
    let report = std::panic::take_hook();
    let opened = Arc::clone(opened);
    std::panic::set_hook(Box::new(move |info| {
        if opened.load(Ordering::Relaxed) {
            report(info);
        }
    }));
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(run));
    // The hook that was there is the standard one: nothing else sets hooks.
    let _ = std::panic::take_hook();
    outcome
}

/// The end of the first line of an error: the window system's come with the path of their source.
fn reason(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    line.rsplit(".rs:")
        .next()
        .unwrap_or(line)
        .trim_start_matches(|c: char| " :0123456789".contains(c))
        .trim_end_matches('.')
}

struct Shell {
    window: Window,
    storage: Option<Storage>,
    theme: Theme,
}

impl Shell {
    fn new(creation: &CreationContext<'_>, opening: Opening) -> Self {
        fonts::install(&creation.egui_ctx);
        theme::install(&creation.egui_ctx);
        let storage = Storage::open(None).ok();
        let (mut progress, settings) = kept(storage.as_ref());
        if opening.lesson.is_some() {
            progress.open = opening.lesson;
        }
        let mut player = Player::new(opening.library, progress, settings);
        if let Some(session) = opening.session {
            player.obey(Command::OpenSession(session));
        }
        let theme = player.settings().theme;
        creation.egui_ctx.set_theme(of(theme));
        Self { window: Window::new(player), storage, theme }
    }

    fn carry_out(&self, effect: Effect, ui: &Ui) {
        let player = self.window.player();
        let saved = match (&self.storage, effect) {
            (_, Effect::CopyText(text)) => {
                ui.ctx().copy_text(text);
                Ok(())
            }
            (None, Effect::SaveProgress | Effect::SaveSettings) => Ok(()),
            (Some(storage), Effect::SaveProgress) => {
                storage.save(PROGRESS.0, PROGRESS.1, player.walk().progress())
            }
            (Some(storage), Effect::SaveSettings) => {
                storage.save(SETTINGS.0, SETTINGS.1, player.settings())
            }
        };
        if let Err(error) = saved {
            complain(&error.to_string());
        }
    }
}

fn kept(storage: Option<&Storage>) -> (Progress, Settings) {
    let Some(storage) = storage else { return Default::default() };
    let progress = read(storage.load(PROGRESS.0, PROGRESS.1));
    let settings = read(storage.load(SETTINGS.0, SETTINGS.1));
    (progress, settings)
}

fn read<T: Default>(loaded: Loaded<T>) -> T {
    match loaded {
        Loaded::Read(kept) => kept,
        Loaded::Fresh => T::default(),
        Loaded::SetAside { reason, .. } => {
            complain(&reason);
            T::default()
        }
    }
}

#[expect(clippy::print_stderr, reason = "the shell of the window has no other place to say it")]
fn complain(words: &str) {
    eprintln!("wirestep: {words}");
}

fn of(theme: Theme) -> egui::Theme {
    match theme {
        Theme::Dark => egui::Theme::Dark,
        Theme::Light => egui::Theme::Light,
    }
}

impl eframe::App for Shell {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        for effect in self.window.ui(ui) {
            self.carry_out(effect, ui);
        }
        let theme = self.window.player().settings().theme;
        if theme != self.theme {
            self.theme = theme;
            ui.ctx().set_theme(of(theme));
        }
    }
}
