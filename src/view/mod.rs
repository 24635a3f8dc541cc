//! Units, records and states as plain rows and words: what is drawn, printed and read aloud.
//!
//! **Invariant:** every row of a unit comes from the fields and breaches of a dissection, every
//! row of a run from its records; nothing here reads bytes for what they mean.
//! **Invariant:** knows no colours and no window; every view has a text form.

pub mod accept;
pub mod bits;
pub mod chunks;
mod columns;
pub mod compare;
pub mod events;
mod excerpt;
pub mod export;
mod glossary;
pub mod hex;
pub mod kind;
pub mod locus;
pub mod machine;
pub mod mask;
pub mod prefix;
pub mod quiz;
pub mod reading;
pub mod script;
pub mod sequence;
pub mod simplified;
pub mod terms;
pub mod trace;
pub mod tree;
pub mod verdict;
pub mod why;
pub mod witness;
pub mod words;

use crate::wire::unit::Dissection;
use crate::wire::{Breach, Field};
use locus::Locus;

/// The field that `bit` belongs to; fields lie in order and never overlap.
fn field_at(found: &Dissection, bit: u64) -> Option<&Field> {
    let n_before = found.fields.partition_point(|field| field.bit <= bit);
    let field = found.fields[..n_before].last()?;
    field.range().contains(&bit).then_some(field)
}

/// Whether a rule was broken anywhere in `locus`.
fn broken(found: &Dissection, locus: Locus) -> bool {
    found.breaches.iter().any(|breach| place(breach).overlaps(locus))
}

fn place(breach: &Breach) -> Locus {
    Locus { bit: breach.bit, bits: breach.bits }
}

/// The end of the last field in bits: what comes after was not read.
fn read_to(found: &Dissection) -> u64 {
    found.fields.last().map_or(0, |field| field.range().end)
}
