//! The inspector: one unit as bits, bytes, a tree, byte by byte, and the verdict on it.
//!
//! **Invariant:** draws view data and hands back what was touched; it changes nothing.
//! **Invariant:** each grid or table is one stop of the Tab key; arrow keys move within it.

use crate::view::locus::Locus;

mod accept_recipe;
mod bit_grid;
mod cursor;
mod cut_strip;
mod hex_strip;
mod machine_drawing;
mod mask_table;
mod prefix_table;
mod tree_table;
mod verdict;

pub use accept_recipe::{accept_recipe, wrong_recipes};
pub use bit_grid::BitGrid;
pub use cut_strip::CutStrip;
pub use hex_strip::HexStrip;
pub use machine_drawing::{End, machine_drawing};
pub use mask_table::MaskTable;
pub use prefix_table::PrefixTable;
pub use tree_table::TreeTable;
pub use verdict::Verdict;

/// Room for a scroll bar, kept free whether there is one or not.
const SCROLL_BAR: f32 = 12.0;

/// The parts of a unit that stand out, in this view as in the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// What is selected; the keyboard is at its beginning.
    pub selected: Option<Locus>,
    /// What is pointed at.
    pub hovered: Option<Locus>,
}

/// What the learner did to a part of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Chose it, by mouse or keyboard.
    Select(Locus),
    /// Asked for this bit to be flipped.
    Flip(u64),
    /// Points at it; reported in every frame while the pointer rests there.
    Hover(Locus),
}
