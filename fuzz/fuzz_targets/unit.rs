//! Any bytes as a unit in any context; see `laws/unit.rs`.

#![no_main]

#[path = "../laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::unit::hold(bytes));
