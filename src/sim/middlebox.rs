//! Middleboxes: what stands on the path and meddles.
//!
//! **Invariant:** a middlebox that no longer watches a connection leaves nothing in the queue.

use super::link::{Link, Path, Way};
use super::record::{Flight, LinkIdx, Log, Patch, RecordIdx, What};
use super::scenario::{Host, Middlebox};
use super::time::SimTime;
use super::{Occasion, World};
use crate::conn::State;
use crate::wire::Side;
use bytes::Bytes;
use std::sync::Arc;

impl World {
    /// How long a connection may be idle before somebody on the path has had enough, in
    /// milliseconds.
    fn idle_ms(&self) -> Option<u64> {
        let idle = |middlebox: &Middlebox| match middlebox {
            Middlebox::ForgetsIdle(ms) | Middlebox::ResetsIdle(ms) => Some(*ms),
            Middlebox::StripsUpgrade | Middlebox::BuffersResponses => None,
        };
        self.scenario.middleboxes.iter().filter_map(idle).min()
    }

    /// A segment was seen on a connection: whoever watches it begins to wait anew.
    pub(super) fn watch(&mut self, idx: LinkIdx, log: &Log) {
        let Some(ms) = self.idle_ms() else { return };
        self.watch_no_longer(idx);
        let open = self.links.get(idx).is_some_and(|link| link.path() == Path::Open);
        if open {
            let at = log.now().plus(SimTime::from_ms(ms).0);
            let place = self.agenda.schedule(at, Occasion::Idle(idx), log.cause());
            self.watched.insert(idx.0 as usize, place);
        }
    }

    /// Forgets that a connection is watched.
    pub(super) fn watch_no_longer(&mut self, idx: LinkIdx) {
        if let Some(place) = self.watched.remove(idx.0 as usize) {
            self.agenda.cancel(place);
        }
    }

    /// Nothing has come on a connection for too long.
    pub(super) fn idle(&mut self, idx: LinkIdx, log: &mut Log) {
        self.watched.remove(idx.0 as usize);
        let idle_ms = self.idle_ms();
        let Some(link) = self.links.get_mut(idx) else { return };
        let cause = log.note(Host::Client(link.client), What::Forgotten(idx));
        log.because(Some(cause));
        if self.scenario.middleboxes.iter().any(|middlebox| match middlebox {
            Middlebox::ResetsIdle(ms) => Some(*ms) == idle_ms,
            _ => false,
        }) {
            self.reset(idx, log);
        } else {
            link.path = Path::Silent;
        }
    }

    /// Overwrites the names of headers that a proxy does not hand on, where the segment asks for
    /// an upgrade. The bytes stay as many as they were: some proxies did just that, so as not to
    /// have to count anew.
    pub(super) fn overwrite(
        &mut self,
        idx: LinkIdx,
        flight: &Flight,
        cause: RecordIdx,
        log: &mut Log,
    ) {
        let Some(link) = self.links.get(idx) else { return };
        let asks =
            flight.from == Side::Client && link.end(Side::Client).state() == State::Connecting;
        if !asks || !self.scenario.middleboxes.contains(&Middlebox::StripsUpgrade) {
            return;
        }
        let host = link.host(flight.from);
        let Some(link) = self.links.get_mut(idx) else { return };
        let before = log.because(Some(cause));
        for (at, len) in hop_by_hop(&flight.bytes) {
            let bytes = Bytes::from(vec![b'X'; len]);
            let start = flight.start + at as u64;
            link.flow_mut(flight.from).patch(start, &bytes);
            let patch = Patch { link: idx, from: flight.from, start, bytes };
            log.note(host, What::Overwritten(Arc::new(patch)));
        }
        log.because(before);
    }

    /// Whether a proxy keeps back what the server sends on a connection: until it has the whole
    /// answer.
    pub(super) fn buffers(&self, link: &Link, from: Side) -> bool {
        from == Side::Server
            && link.end(Side::Server).state() == State::Asking
            && self.scenario.middleboxes.contains(&Middlebox::BuffersResponses)
    }

    /// Lets segments go on that a proxy has kept back, once the answer is whole.
    pub(super) fn release(&mut self, idx: LinkIdx, log: &Log) {
        let Some(link) = self.links.get(idx) else { return };
        let held = link.flow(Side::Server).iter().filter(|on| on.way == Way::Held);
        let held: Vec<_> = held.map(|on| (Arc::clone(&on.flight), on.kept_by)).collect();
        if held.is_empty() || self.buffers(link, Side::Server) {
            return;
        }
        let half = SimTime::from_ms(self.network.latency_ms(Side::Server)).0 / 2;
        for (n, (flight, kept_by)) in (1..).zip(held) {
            self.come(idx, &flight, log.now().plus(half + n), kept_by);
        }
    }
}

/// Where in a head the names of headers are that a proxy takes for its own, and how long they are.
fn hop_by_hop(head: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    let lines = head.split_inclusive(|byte| *byte == b'\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line)
    });
    lines.filter_map(|(start, line)| {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let hop = name.eq_ignore_ascii_case(b"upgrade") || name.eq_ignore_ascii_case(b"connection");
        (hop && name.len() < line.len()).then_some((start, name.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_between_neighbours_are_found_in_any_case() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nupgrade: x\r\nConnection: Upgrade\r\n\r\n";
        let found: Vec<_> = hop_by_hop(head).map(|(at, len)| &head[at..at + len]).collect();
        assert_eq!(found, [&b"upgrade"[..], b"Connection"]);
    }
}
