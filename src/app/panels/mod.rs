//! The panels of the window, one file each.
//!
//! **Invariant:** a panel draws from the player and asks by wishes; it changes nothing.

mod apart;
pub(super) mod branches;
pub(super) mod change;
pub(super) mod comparison;
pub(super) mod diagram;
pub(super) mod glossary;
pub(super) mod help;
pub(super) mod inspector;
pub(super) mod lesson;
pub(super) mod lessons;
pub(super) mod menus;
pub(super) mod mistakes;
pub(super) mod news;
pub(super) mod notice;
pub(super) mod sessions;
pub(super) mod simplified;
pub(super) mod step_bar;
pub(super) mod task;
pub(super) mod top_bar;
pub(super) mod until;

use super::theme;
use egui::{Frame, Ui};

/// The frame of a dialog.
fn dialog_frame(ui: &Ui) -> Frame {
    Frame::popup(ui.style()).inner_margin(theme::PANEL_PADDING)
}
