//! Any doings of two ends and of what lies between them; see `laws/actions.rs`.

#![no_main]

#[path = "../laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::actions::hold(bytes));
