//! What is raced: one file for each kind of work.

pub mod decode;
pub mod encode;
pub mod handshake;
pub mod mask;
pub mod reads;
pub mod utf8;
