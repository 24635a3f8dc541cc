//! The window: typefaces, looks and small widgets.
pub mod fonts;
pub mod storage;
pub mod theme;
pub mod widgets;
