//! wirestep: step through how real-time web transport works, down to the bit.
//!
//! The layers, lowest first; each names only those before it. `cli` and `app` never name each
//! other.

/// Units as bytes: HTTP heads and bodies, WebSocket frames, and the rules that they obey.
pub mod wire;

/// One end of a connection as a plain value: bytes in, outputs out.
pub mod conn;

/// A world: hosts, a network, a chat room, and one move at a time.
pub mod sim;

/// The list of moves made in a world: stepping, seeking, forking.
pub mod run;

/// Units, records and states as plain rows, cells and words.
pub mod view;

/// Lessons: what to look at, what to predict, what to achieve.
pub mod lesson;

/// The command line: reads arguments, prints views.
pub mod cli;

/// The window: draws a player, emits commands.
#[cfg(feature = "app")]
pub mod app;
