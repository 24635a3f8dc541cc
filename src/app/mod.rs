//! The window: draws a player, emits commands.
//!
//! **Invariant:** knows no command line; what it keeps goes through `storage`.

pub mod actions;
pub mod archive;
mod autosave;
mod citation;
mod errand;
pub mod filing;
pub mod fonts;
pub mod inspector;
mod panels;
mod reckoning;
mod rich_text;
mod shelf;
pub mod shell;
pub mod storage;
mod term_links;
pub mod theme;
mod watch;
pub mod widgets;
pub mod window;
