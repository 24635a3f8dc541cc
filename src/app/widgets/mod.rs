//! Small controls that know nothing of the program: words and states in, clicks out.
//!
//! **Invariant:** each has a name for screen readers and shows when it has the keyboard.

use std::sync::Arc;

use egui::text::{ByteIndex, LayoutJob, LayoutSection, TextFormat, TextWrapping};
use egui::{Color32, Galley, Response, StrokeKind, Ui};
use lucide_icons::Icon;

use super::theme::{self, Face};

mod button;
mod card;
mod check;
mod choice;
mod pill;
mod rows;
mod scroll_bar;
mod segmented;

pub use button::Button;
pub use card::Card;
pub use check::{Goal, goal};
pub use choice::{Answer, choice};
pub use pill::Pill;
pub use rows::{RowScroll, Rows};
pub use scroll_bar::{Extent, SCROLL_BAR, scroll_bar};
pub use segmented::segmented;

/// Whether a control can be used and, if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability<'a> {
    /// It can be used.
    Ready,
    /// It cannot; the words say why, or what would make it usable.
    Blocked(&'a str),
}

/// Lays out words that must not wrap.
pub(super) fn line(ui: &Ui, words: &str, face: Face) -> Arc<Galley> {
    ui.painter().layout_no_wrap(words.to_owned(), face.font(), Color32::PLACEHOLDER)
}

/// Lays out words that wrap at `width`.
pub(super) fn paragraph(ui: &Ui, words: &str, face: Face, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(words.to_owned(), face.format(Color32::PLACEHOLDER));
    job.wrap.max_width = width;
    ui.painter().layout_job(job)
}

/// Lays out words on one line that ends in `…` where `width` is too little for them.
pub(super) fn elided(ui: &Ui, words: &str, face: Face, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::default();
    append(&mut job, words, &face.format(Color32::PLACEHOLDER));
    job.wrap = TextWrapping::truncate_at_width(width);
    ui.painter().layout_job(job)
}

/// Appends words in which each character keeps its own shape: within one section, the
/// typeface for bytes would draw `==` as a single sign.
pub(super) fn append(job: &mut LayoutJob, words: &str, format: &TextFormat) {
    for part in words.split_inclusive(|c: char| c.is_ascii_punctuation()) {
        let start = ByteIndex(job.text.len());
        job.text.push_str(part);
        let byte_range = start..ByteIndex(job.text.len());
        // `LayoutJob::append` would join sections of one format.
        job.sections.push(LayoutSection { leading_space: 0.0, byte_range, format: format.clone() });
    }
}

/// Words that stay on one line, such as a citation.
pub(super) fn unbroken(words: &str) -> String {
    words.replace(' ', "\u{a0}")
}

/// Lays out an icon.
pub(super) fn icon(ui: &Ui, icon: Icon) -> Arc<Galley> {
    line(ui, char::from(icon).encode_utf8(&mut [0; 4]), Face::Icon)
}

/// Draws the ring around a control that has the keyboard.
pub(super) fn focus_ring(ui: &Ui, response: &Response, radius: u8) {
    if response.has_focus() {
        let stroke = (theme::FOCUS_LINE, theme::palette(ui).focus);
        let rect = response.rect.expand(1.0);
        ui.painter().rect_stroke(rect, radius + 1, stroke, StrokeKind::Outside);
    }
}
