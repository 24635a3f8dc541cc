//! Travel: how segments leave, are lost and sent again, wait for each other and arrive.
//!
//! **Invariant:** a segment in flight is due exactly once, or is held until it is released, or
//! waits for one before it; when it is in flight no more, nothing of it is left on the agenda.

use super::agent::{Happening, Loss};
use super::link::{Link, OnItsWay, Path, Way};
use super::record::{Flight, LinkIdx, Log, RecordIdx, Segment, What};
use super::time::SimTime;
use super::{Occasion, World};
use crate::wire::Side;
use bytes::Bytes;
use std::sync::Arc;

/// How often a segment is sent again before the sender takes the connection for dead. With 200 ms
/// before the first time that is after 102 seconds; RFC 9293 §3.8.3 asks for at least 100.
const MAX_RESENDS: u32 = 8;

impl World {
    /// Sends what an end has written.
    pub(super) fn flush(&mut self, idx: LinkIdx, side: Side, log: &mut Log) {
        let Some(link) = self.links.get_mut(idx) else { return };
        for flight in link.flow_mut(side).flush(log.now(), &self.network) {
            self.launch(idx, &flight, log);
        }
    }

    /// Sends a segment without bytes.
    pub(super) fn send(&mut self, idx: LinkIdx, side: Side, kind: Segment, log: &mut Log) {
        let Some(link) = self.links.get_mut(idx) else { return };
        let flow = link.flow_mut(side);
        let flight = flow.send(kind, (0, Bytes::new()), log.now(), &self.network);
        self.launch(idx, &flight, log);
    }

    fn launch(&mut self, idx: LinkIdx, flight: &Arc<Flight>, log: &mut Log) {
        let Some(host) = self.links.get(idx).map(|link| link.host(flight.from)) else { return };
        let cause = log.note(host, What::Sent(Arc::clone(flight)));
        self.overwrite(idx, flight, cause, log);
        self.travel(idx, flight, cause, log);
    }

    /// What becomes of a segment that has just left because of `cause`.
    fn travel(&mut self, idx: LinkIdx, flight: &Arc<Flight>, cause: RecordIdx, log: &mut Log) {
        self.watch(idx, log);
        let Some(link) = self.links.get(idx) else { return };
        let silent = link.path() == Path::Silent;
        if silent || link.flow(flight.from).loses(flight.departs, &self.network) {
            let before = log.because(Some(cause));
            self.lose(idx, flight, log);
            log.because(before);
        } else {
            self.come(idx, flight, flight.arrives, Some(cause));
        }
    }

    /// Lets a segment in flight arrive at `at`.
    pub(super) fn come(
        &mut self,
        idx: LinkIdx,
        flight: &Flight,
        at: SimTime,
        cause: Option<RecordIdx>,
    ) {
        let what = Occasion::Arrive(idx, flight.from, flight.n);
        self.set_out(idx, flight, Way::Coming, (at, what, cause));
    }

    /// Loses a segment in flight: its sender will send it again.
    pub(super) fn lose(&mut self, idx: LinkIdx, flight: &Arc<Flight>, log: &mut Log) {
        let Some(link) = self.links.get(idx) else { return };
        let Some(on) = link.flow(flight.from).get(flight.n) else { return };
        let patience = SimTime::from_ms(self.network.resend_ms << on.n_resent.min(MAX_RESENDS)).0;
        let at = flight.departs.plus(patience).max(log.now());
        let cause = log.note(link.host(flight.from), What::Lost(Arc::clone(flight)));
        let what = Occasion::Resend(idx, flight.from, flight.n);
        self.set_out(idx, flight, Way::Lost, (at, what, Some(cause)));
    }

    /// Says what becomes of a segment in flight, in place of what was to become of it.
    fn set_out(
        &mut self,
        idx: LinkIdx,
        flight: &Flight,
        way: Way,
        (at, what, cause): (SimTime, Occasion, Option<RecordIdx>),
    ) {
        let place = self.agenda.schedule(at, what, cause);
        let on = self.links.get_mut(idx).and_then(|link| {
            let on = link.flow_mut(flight.from).get_mut(flight.n)?;
            on.way = way;
            Some(on)
        });
        let before = match on {
            Some(on) => on.due.replace(place),
            None => Some(place),
        };
        if let Some(place) = before {
            self.agenda.cancel(place);
        }
    }

    /// Sends a segment again that was not acknowledged, or gives the connection up.
    pub(super) fn resend(&mut self, idx: LinkIdx, from: Side, n: u64, log: &mut Log) {
        let Some(link) = self.links.get_mut(idx) else { return };
        let host = link.host(from);
        let Some(on) = link.flow_mut(from).get_mut(n) else { return };
        on.due = None;
        if on.n_resent == MAX_RESENDS {
            let cause = log.note(host, What::TimedOut(idx));
            log.because(Some(cause));
            self.cut_off(idx, from, log);
            return;
        }
        let flow = link.flow_mut(from);
        let Some(flight) = flow.resend(n, log.now(), &self.network) else { return };
        let cause = log.note(host, What::Resent(Arc::clone(&flight)));
        self.travel(idx, &flight, cause, log);
    }

    /// A segment is at its goal; it is handed on if none before it is missing.
    pub(super) fn arrive(&mut self, idx: LinkIdx, from: Side, n: u64, log: &mut Log) {
        let Some(link) = self.links.get(idx) else { return };
        let Some(flight) = link.flow(from).get(n).map(|on| Arc::clone(&on.flight)) else { return };
        let first = link.flow(from).front().is_some_and(|first| first.flight.n == n);
        let host = link.host(from.peer());
        let (way, what) = match () {
            () if self.holds(link, &flight) => (Way::Held, What::Held(flight)),
            () if !first => (Way::Waiting, What::Waits(flight)),
            () if link.gone(from.peer()) => return self.refuse(idx, from, log),
            () => return self.deliver(idx, from, log),
        };
        let kept_by = log.note(host, what);
        self.keep(idx, from, n, (way, kept_by));
        self.watch(idx, log);
    }

    /// Nothing happens to a segment until something else does.
    fn keep(&mut self, idx: LinkIdx, from: Side, n: u64, (way, kept_by): (Way, RecordIdx)) {
        if let Some(link) = self.links.get_mut(idx)
            && let Some(on) = link.flow_mut(from).get_mut(n)
        {
            (on.way, on.due, on.kept_by) = (way, None, Some(kept_by));
        }
    }

    /// A segment is there, and nobody is who would take it: it is answered with RST (RFC 9293
    /// §3.10.7.1).
    fn refuse(&mut self, idx: LinkIdx, from: Side, log: &mut Log) {
        let Some(link) = self.links.get_mut(idx) else { return };
        let host = link.host(from.peer());
        let Some(flight) = link.flow_mut(from).arrive() else { return };
        let cause = log.note(host, What::Arrived(flight));
        log.because(Some(cause));
        self.tell_peer(idx, from.peer(), log);
    }

    /// Hands on the segment that is next in turn, and lets those follow that waited for it.
    fn deliver(&mut self, idx: LinkIdx, from: Side, log: &mut Log) {
        self.watch(idx, log);
        let Some(link) = self.links.get_mut(idx) else { return };
        let Some(flight) = link.flow_mut(from).arrive() else { return };
        let side = from.peer();
        let host = link.host(side);
        let cause = log.note(host, What::Arrived(Arc::clone(&flight)));
        log.because(Some(cause));
        let next = link.flow(from).front().filter(|next| next.way == Way::Waiting);
        if let Some((next, kept_by)) = next.map(|next| (Arc::clone(&next.flight), next.kept_by)) {
            self.come(idx, &next, log.now().plus(1), kept_by);
        }
        self.receive(idx, side, &flight, log);
    }

    fn receive(&mut self, idx: LinkIdx, side: Side, flight: &Flight, log: &mut Log) {
        let Some(link) = self.links.get_mut(idx) else { return };
        let (host, client) = (link.host(side), link.client);
        let before = link.end(side).state();
        match flight.kind {
            Segment::Syn => self.send(idx, Side::Server, Segment::SynAck, log),
            Segment::SynAck => {
                log.note(host, What::TcpOpen(idx));
                self.send(idx, Side::Client, Segment::Ack, log);
                if let Some(line) = self.line_of(client, idx) {
                    self.tell(client, &Happening::Connected(line), log);
                }
            }
            Segment::Ack => {
                log.note(host, What::TcpOpen(idx));
            }
            Segment::Data => {
                let outputs = link.end_mut(side).receive(&flight.bytes);
                self.carry_out(idx, side, before, outputs, log);
            }
            Segment::Fin => {
                let outputs = link.end_mut(side).receive_end();
                self.carry_out(idx, side, before, outputs, log);
                self.close_if_over(idx, log);
            }
        }
    }

    /// Both ends will be told that the connection is reset, each after half its way; until then
    /// nothing gets through.
    pub(super) fn reset(&mut self, idx: LinkIdx, log: &mut Log) {
        let Some(link) = self.links.get_mut(idx) else { return };
        link.path = Path::Silent;
        let flights = [Side::Client, Side::Server].map(|from| {
            let coming = link.flow(from).iter().map(|on| Arc::clone(&on.flight));
            coming.collect::<Vec<_>>()
        });
        for flight in flights.iter().flatten() {
            self.unschedule(idx, flight);
        }
        for side in [Side::Client, Side::Server] {
            let half_ms = SimTime::from_ms(self.network.latency_ms(side.peer())).0 / 2;
            let at = log.now().plus(half_ms);
            self.agenda.schedule(at, Occasion::Reset(idx, side), log.cause());
        }
    }

    /// Takes what was to become of a segment in flight off the agenda.
    fn unschedule(&mut self, idx: LinkIdx, flight: &Flight) {
        let on = self.links.get_mut(idx);
        let on = on.and_then(|link| link.flow_mut(flight.from).get_mut(flight.n));
        if let Some(place) = on.and_then(|on| on.due.take()) {
            self.agenda.cancel(place);
        }
    }

    /// An end is told that the connection is reset.
    pub(super) fn be_reset(&mut self, idx: LinkIdx, side: Side, log: &mut Log) {
        let Some(link) = self.links.get(idx).filter(|link| !link.gone(side)) else { return };
        let cause = log.note(link.host(side), What::WasReset(idx));
        log.because(Some(cause));
        self.cut_off(idx, side, log);
    }

    /// An end sends and receives nothing more on a connection that did not end in order.
    fn cut_off(&mut self, idx: LinkIdx, side: Side, log: &mut Log) {
        let Some(link) = self.links.get_mut(idx) else { return };
        let client = link.client;
        let places: Vec<_> = link.cut_off(side).filter_map(|on: OnItsWay| on.due).collect();
        let before = link.end(side).state();
        let outputs = link.end_mut(side).receive_end();
        for place in places {
            self.agenda.cancel(place);
        }
        self.carry_out(idx, side, before, outputs, log);
        if side == Side::Client {
            self.disconnect((idx, client), Loss::Lost, log);
        }
        self.close_if_over(idx, log);
        self.tell_peer(idx, side, log);
    }

    /// The other end is told, where something still gets through to it; where nothing does, it
    /// learns of it when what it sends is answered with RST, or never is answered.
    fn tell_peer(&mut self, idx: LinkIdx, side: Side, log: &Log) {
        let peer = side.peer();
        let Some(link) = self.links.get(idx).filter(|link| !link.gone(peer)) else { return };
        if link.path() == Path::Open {
            let delay = SimTime::from_ms(self.network.latency_ms(side)).0;
            self.agenda.schedule(log.now().plus(delay), Occasion::Reset(idx, peer), log.cause());
        }
    }

    /// Whether a proxy on the path keeps a segment back.
    pub(super) fn holds(&self, link: &Link, flight: &Flight) -> bool {
        flight.kind == Segment::Data && self.buffers(link, flight.from)
    }
}
