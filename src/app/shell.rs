//! The shell of the window: the operating system's window, the files that are kept, the clock.

use super::archive::Archive;
use super::watch::Watch;
use super::window::Window;
use super::{fonts, theme};
use crate::lesson::Library;
use crate::player::{Opened, Player, Theme};
use eframe::{CreationContext, Frame, NativeOptions, glow};
use egui::{Context, Ui, ViewportBuilder, ViewportCommand, vec2};
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What the window opens on.
pub struct Opening {
    /// The lessons.
    pub library: Library,
    /// The file to open whatever was open last, and what it holds.
    pub file: Option<(PathBuf, Opened)>,
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
    archive: Archive,
    theme: Theme,
    title: String,
    /// The file of the lesson that is open, watched for changes.
    watch: Option<Watch>,
}

impl Shell {
    fn new(creation: &CreationContext<'_>, opening: Opening) -> Self {
        let ctx = &creation.egui_ctx;
        fonts::install(ctx);
        theme::install(ctx);
        let mut archive = Archive::open(None);
        let (progress, settings) = archive.kept();
        let player = Player::new(opening.library, progress, settings);
        let theme = player.settings().theme;
        ctx.set_theme(of(theme));
        let mut window = Window::new(player);
        archive.greet(&mut window);
        if let Some((path, opened)) = opening.file {
            archive.begin_with(path, opened, &mut window, now(ctx));
        }
        Self { window, archive, theme, title: "wirestep".to_owned(), watch: None }
    }

    fn carry_out(&mut self, ui: &mut Ui) {
        let effects = self.window.ui(ui);
        let now = now(ui.ctx());
        if let Some(text) = self.archive.carry_out_all(effects, &mut self.window, now) {
            ui.ctx().copy_text(text);
        }
        self.look_at_file(ui.ctx(), now);
        if let Some(due_in) = self.archive.keep_in_time(&mut self.window, now) {
            ui.ctx().request_repaint_after(due_in);
        }
    }
}

impl Shell {
    /// Watches the file of the lesson that is open, and takes in what its author has saved.
    fn look_at_file(&mut self, ctx: &Context, now: Duration) {
        let authored = self.archive.authored();
        if self.watch.as_ref().map(Watch::path) != authored {
            self.watch = authored.map(|path| {
                let ctx = ctx.clone();
                Watch::start(path, move || ctx.request_repaint())
            });
        }
        // A window that is busy draws itself until it no longer is.
        if !self.window.busy() && self.watch.as_ref().is_some_and(Watch::take_change) {
            self.archive.reload(&mut self.window, now);
            ctx.request_repaint();
        }
    }
}

/// How long the window has been open.
fn now(ctx: &Context) -> Duration {
    Duration::from_secs_f64(ctx.input(|input| input.time.max(0.0)))
}

#[expect(clippy::print_stderr, reason = "no window is left to say it in")]
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
        self.carry_out(ui);
        let theme = self.window.player().settings().theme;
        if theme != self.theme {
            self.theme = theme;
            ui.ctx().set_theme(of(theme));
        }
        let title = self.window.title();
        if title != self.title {
            ui.ctx().send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    fn on_exit(&mut self, _gl: Option<&glow::Context>) {
        if let Err(error) = self.archive.close(&self.window) {
            complain(&error);
        }
    }
}
