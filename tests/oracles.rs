//! What others make of the same bytes: tungstenite for frames and handshakes, httparse for heads,
//! the standard library for text, the RFCs for their own examples.
//!
//! **Law:** where a referee judges otherwise, a table in the test says so and why, with an example.

#[path = "oracles/frames.rs"]
mod frames;
#[path = "oracles/handshakes.rs"]
mod handshakes;
#[path = "oracles/heads.rs"]
mod heads;
#[path = "oracles/stream.rs"]
mod stream;
#[path = "oracles/talk.rs"]
mod talk;
#[path = "oracles/texts.rs"]
mod texts;
#[path = "oracles/vectors.rs"]
mod vectors;
