//! What lies near a height or a moment: found without passing over the whole of a long run.

use super::{Arrow, Diagram, Fold, Load, Mark, Span};
use crate::sim::{RecordIdx, SimTime};

impl Diagram {
    /// The arrows that may touch the heights between `top` and `bottom`.
    pub fn arrows_between(&self, top: f64, bottom: f64) -> impl Iterator<Item = &Arrow> {
        let (from, until) = (self.at(top), self.at(bottom));
        let n = self.arrows.partition_point(|arrow| arrow.departs <= until);
        // What departed earlier than the longest flight before `from` has arrived by then.
        let earliest = SimTime(from.0.saturating_sub(self.longest_ns));
        let first = self.arrows[..n].partition_point(|arrow| arrow.departs < earliest);
        self.arrows[first..n].iter().filter(move |arrow| arrow.arrives >= from)
    }

    /// The arrows that are on their way at a moment.
    pub fn in_flight(&self, at: SimTime) -> impl Iterator<Item = &Arrow> {
        self.departed_near(at).filter(move |arrow| arrow.departs <= at && at < arrow.arrives)
    }

    /// The arrow that carries a unit, of which some was on its way at `at`.
    pub fn arrow_of(&self, wrote: RecordIdx, at: SimTime) -> Option<&Arrow> {
        self.departed_near(at).find(|arrow| arrow.units.contains(&wrote))
    }

    /// The arrows that departed so late before a moment that they may be on their way still.
    fn departed_near(&self, at: SimTime) -> impl Iterator<Item = &Arrow> {
        let earliest = SimTime(at.0.saturating_sub(self.longest_ns));
        let first = self.arrows.partition_point(|arrow| arrow.departs < earliest);
        self.arrows[first..].iter().take_while(move |arrow| arrow.departs <= at)
    }

    /// The first arrow that departs at a moment or later and is more than TCP's own.
    pub fn next_laden(&self, at: SimTime) -> Option<&Arrow> {
        let first = self.arrows.partition_point(|arrow| arrow.departs < at);
        self.arrows[first..].iter().find(|arrow| arrow.load != Load::Tcp)
    }

    /// The marks that may touch the heights between `top` and `bottom`.
    pub fn marks_between(&self, top: f64, bottom: f64) -> impl Iterator<Item = &Mark> {
        let (from, until) = (self.at(top), self.at(bottom));
        let first = self.marks.partition_point(|mark| mark.at < from);
        self.marks[first..].iter().take_while(move |mark| mark.at <= until)
    }

    /// The states that touch the heights between `top` and `bottom`.
    pub fn spans_between(&self, top: f64, bottom: f64) -> impl Iterator<Item = &Span> {
        let (from, until) = (self.at(top), self.at(bottom));
        // Sorted by their end: those that ended before are passed over at once.
        let first = self.spans.partition_point(|span| span.until < from);
        // One that ends later than the longest one after the view begins behind it.
        let last = until.plus(self.longest_span_ns);
        let near = self.spans[first..].iter().take_while(move |span| span.until <= last);
        near.filter(move |span| span.from <= until)
    }

    /// The folds that touch the heights between `top` and `bottom`.
    pub fn folds_between(&self, top: f64, bottom: f64) -> impl Iterator<Item = &Fold> {
        let (from, until) = (self.at(top), self.at(bottom));
        let first = self.folds.partition_point(|fold| fold.until < from);
        self.folds[first..].iter().take_while(move |fold| fold.from <= until)
    }
}
