//! Any bytes as an opening handshake; see `laws/handshake.rs`.

#![no_main]

#[path = "../laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::handshake::hold(bytes));
