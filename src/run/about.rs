//! What a record speaks of: the unit that was written, carried, read or handed on.

use super::Run;
use crate::sim::{Flight, Host, LinkIdx, Record, RecordIdx, Segment, What};
use crate::wire::Side;
use std::ops::Range;

/// Bytes of a flow: the connection, who sends, the bytes.
type Stretch = (LinkIdx, Side, Range<u64>);

impl Run {
    /// The record of the writing of the unit that a record speaks of, if it speaks of one; the
    /// first one where there are several.
    pub fn unit_of(&self, record: RecordIdx) -> Option<RecordIdx> {
        let record = self.records().get(record.0)?;
        match &record.what {
            What::Wrote(_) => Some(record.idx),
            What::Wants(_) => self.next_written(record),
            _ => self.written(&self.stretch(record)?, record.idx),
        }
    }

    /// The bytes that a record speaks of.
    fn stretch(&self, record: &Record) -> Option<Stretch> {
        let carried = |flight: &Flight| {
            let data = flight.kind == Segment::Data;
            data.then(|| (flight.link, flight.from, flight.range()))
        };
        match &record.what {
            What::Sent(flight)
            | What::Lost(flight)
            | What::Resent(flight)
            | What::Waits(flight)
            | What::Held(flight)
            | What::Arrived(flight) => carried(flight),
            What::Read(read) => Some((read.link, read.from, read.range.clone())),
            What::Found(link, breach) => {
                let from = match record.host {
                    Host::Client(_) => Side::Server,
                    Host::Server => Side::Client,
                };
                let byte = breach.bit / 8;
                Some((*link, from, byte..byte + 1))
            }
            What::Overwritten(_) | What::Edited(_) => {
                let (link, from, start, bytes) = record.what.patch()?;
                Some((link, from, start..start + bytes.len() as u64))
            }
            What::Delivered(_)
            | What::PingCame(_)
            | What::PongCame(_)
            | What::Became(..)
            | What::Reported(..)
            | What::Skipped(_) => self.read_before(record),
            What::Starts
            | What::Leaves
            | What::Wants(_)
            | What::PollDue
            | What::Wrote(_)
            | What::TcpOpen(_)
            | What::GaveUp(_)
            | What::TcpClosed(_)
            | What::WasReset(_)
            | What::TimedOut(_)
            | What::Forgotten(_)
            | What::Retries
            | What::HeldLong(_)
            | What::CaughtUp(..) => None,
        }
    }

    /// What the host read last before something that came of the same arrival.
    fn read_before(&self, record: &Record) -> Option<Stretch> {
        let cause = record.cause?;
        let between = self.records()[cause.0..record.idx.0].iter().rev();
        let mut mine = between.filter(|other| other.host == record.host);
        mine.find(|other| matches!(other.what, What::Read(_) | What::Arrived(_)))
            .and_then(|other| self.stretch(other))
    }

    /// The first unit that was written because of a record.
    fn next_written(&self, record: &Record) -> Option<RecordIdx> {
        let after = self.records()[record.idx.0..].iter();
        let now = after.take_while(|other| other.at == record.at);
        let mut written = now.filter(|other| matches!(other.what, What::Wrote(_)));
        written.find(|other| other.cause == Some(record.idx)).map(|other| other.idx)
    }

    /// The first unit written up to `until` that has one of these bytes.
    fn written(&self, (link, from, bytes): &Stretch, until: RecordIdx) -> Option<RecordIdx> {
        let n = self.passages().partition_point(|passage| passage.wrote <= until);
        let units = self.passages()[..n].iter().rev().filter_map(|passage| {
            match &self.records()[passage.wrote.0].what {
                What::Wrote(unit) if (unit.link, unit.from) == (*link, *from) => {
                    Some((passage.wrote, unit.range()))
                }
                _ => None,
            }
        });
        // Units of a flow follow each other: behind the first that ends before, none is meant.
        let mut found = None;
        for (wrote, range) in units.take_while(|(_, range)| range.end > bytes.start) {
            if range.start < bytes.end {
                found = Some(wrote);
            }
        }
        found
    }
}
