//! Units, records and states as plain rows and words.
//!
//! **Invariant:** knows no egui and no colours; every view has a text form.

pub mod words;
