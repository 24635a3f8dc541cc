//! Counting: what was sent, asked and delivered, summed from records.
//!
//! **Invariant:** a count comes from records alone, so that it cannot disagree with the picture.

use crate::sim::{HEADER_BYTES, Host, Record, Segment, What};
use crate::wire::http::Response;
use crate::wire::unit::Context;
use crate::wire::{Reader, Side};

/// How many records lie between two sums that are kept.
const STRIDE: usize = 1024;

/// Sums over a stretch of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes that clients sent in segments, again or not, without TCP/IP headers.
    pub bytes_up: u64,
    /// Bytes that the server sent in segments, again or not, without TCP/IP headers.
    pub bytes_down: u64,
    /// Segments of all kinds, both ways.
    pub segments: u64,
    /// Connections that were opened.
    pub connections: u64,
    /// HTTP requests.
    pub requests: u64,
    /// Answers that brought no news: 204.
    pub empty_answers: u64,
    /// WebSocket frames, both ways.
    pub frames: u64,
    /// Bytes of application messages handed to clients.
    pub payload_bytes: u64,
    /// Application messages handed to clients.
    pub delivered: u64,
}

impl Totals {
    /// Bytes both ways, without TCP/IP headers.
    pub fn bytes(&self) -> u64 {
        self.bytes_up + self.bytes_down
    }

    /// Bytes both ways with 40 bytes of TCP/IP headers for each segment.
    pub fn bytes_with_headers(&self) -> u64 {
        self.bytes() + self.segments * HEADER_BYTES
    }

    fn count(&mut self, records: &[Record]) {
        for record in records {
            self.count_one(record);
        }
    }

    fn count_one(&mut self, record: &Record) {
        match &record.what {
            What::Sent(flight) => {
                self.segments += 1;
                self.connections += u64::from(flight.kind == Segment::Syn);
                let len = flight.bytes.len() as u64;
                match flight.from {
                    Side::Client => self.bytes_up += len,
                    Side::Server => self.bytes_down += len,
                }
            }
            What::Resent(flight) => {
                self.segments += 1;
                let len = flight.bytes.len() as u64;
                match flight.from {
                    Side::Client => self.bytes_up += len,
                    Side::Server => self.bytes_down += len,
                }
            }
            What::Wrote(unit) => match unit.context {
                Context::Request => self.requests += 1,
                // Behind the eight letters of the version and a space: most heads need not be read.
                Context::Response if unit.bytes.get(9..12) == Some(b"204") => {
                    let head = Response::read(&mut Reader::new(&unit.bytes, 0, &mut ()));
                    self.empty_answers += u64::from(head.is_ok_and(|head| head.status == 204));
                }
                Context::Frame(_) => self.frames += 1,
                Context::Response | Context::Body(_) | Context::Chunk(_) | Context::Event(_) => {}
            },
            What::Delivered(message) if record.host != Host::Server => {
                self.delivered += 1;
                self.payload_bytes += message.data.len() as u64;
            }
            _ => {}
        }
    }
}

/// What was counted up to every so manieth record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// What the first 1024 records come to, the first 2048, and so on.
    sums: Vec<Totals>,
}

impl Sums {
    /// Counts what has come since.
    pub(super) fn read(&mut self, records: &[Record]) {
        while let Some(next) = records.get(self.sums.len() * STRIDE..(self.sums.len() + 1) * STRIDE)
        {
            let mut totals = self.sums.last().copied().unwrap_or_default();
            totals.count(next);
            self.sums.push(totals);
        }
    }

    /// What these records come to, the first ones of those that were read.
    pub(super) fn of(&self, records: &[Record]) -> Totals {
        let n_sums = (records.len() / STRIDE).min(self.sums.len());
        let mut totals = n_sums.checked_sub(1).map_or_else(Totals::default, |idx| self.sums[idx]);
        totals.count(&records[n_sums * STRIDE..]);
        totals
    }

    /// What was counted up to record `n`.
    pub(super) fn until(&self, n: usize) -> Self {
        Self { sums: self.sums[..(n / STRIDE).min(self.sums.len())].to_vec() }
    }
}
