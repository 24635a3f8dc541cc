//! The window: typefaces, looks, small widgets and the inspector of one unit.
pub mod fonts;
pub mod inspector;
pub mod storage;
pub mod theme;
pub mod widgets;
