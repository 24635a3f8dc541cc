//! The laws that any bytes at all are held to: a fuzzer and a plain test try the same functions.
//!
//! **Law:** a law is a function of any bytes that panics exactly where it is broken; the bytes say
//! the case, and too few of them stand for zeros.

pub(crate) mod actions;
pub(crate) mod cut;
mod draw;
pub(crate) mod handshake;
mod line;
pub(crate) mod unit;

/// Holds any bytes to a law, and panics where it is broken.
pub(crate) type Law = fn(&[u8]);

/// Every law under the name of its fuzz target and of the folder of its seeds.
pub(crate) const ALL: [(&str, Law); 4] = [
    ("unit", unit::hold),
    ("cut", cut::hold),
    ("handshake", handshake::hold),
    ("actions", actions::hold),
];
