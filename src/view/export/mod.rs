//! A run as files that other programs read.
//!
//! **Invariant:** what is written is a function of the run: the same run gives the same bytes.

mod capture;
pub mod pcapng;
pub mod svg;
mod tcp;
