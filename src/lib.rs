//! x
#[cfg(feature = "app")]
pub mod app;
