//! Any bytes at any end, however they are cut; see `laws/cut.rs`.

#![no_main]

#[path = "../laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::cut::hold(bytes));
