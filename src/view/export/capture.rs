//! What a capture of a run holds: each segment as it leaves its sender, with TCP's numbers.
//!
//! **Invariant:** packets stand in the order of time, and those of one sender in the order of its
//! records; each acknowledges what its sender had been handed by then.
//! **Invariant:** all copies of a segment carry the bytes that arrived, or would have: an edit in
//! flight stands for a faulty sender.

use crate::conn::luck;
use crate::run::Run;
use crate::sim::{
    Edit, Flight, Host, LinkIdx, Network, Record, RecordIdx, Segment, SimTime, Target, What,
};
use crate::wire::Side;
use bytes::{Bytes, BytesMut};
use std::collections::BTreeMap;

/// A TCP segment on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packet {
    /// When its first bit leaves.
    pub(super) at: SimTime,
    /// The connection.
    pub(super) link: LinkIdx,
    /// The client of the connection, from 1.
    pub(super) client: usize,
    /// Who sends it.
    pub(super) from: Side,
    /// What it is.
    pub(super) kind: Kind,
    /// Its sequence number.
    pub(super) seq: u32,
    /// Its acknowledgement number, where it acknowledges something.
    pub(super) ack: Option<u32>,
    /// Its payload.
    pub(super) payload: Bytes,
    /// What became of it, or why it is there, where that cannot be seen in it.
    pub(super) notes: Vec<&'static str>,
    /// The record because of which it is there, and its first payload byte in the flow: these order
    /// packets of one moment.
    order: (RecordIdx, u64),
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Asks for a connection; says the most payload that a segment may carry.
    Syn(u16),
    /// Grants it; says the same.
    SynAck(u16),
    /// Confirms it.
    Ack,
    /// Carries bytes.
    Data,
    /// Says that no more bytes will come.
    Fin,
    /// Ends the connection at once.
    Rst,
}

const CHANGED: &str = "changed on its way: it stands here as it arrives";

/// One direction of a connection, as far as the records were read.
#[derive(Debug, Default)]
struct Flow {
    /// The packets that carry it.
    packets: Vec<usize>,
    /// The number of the segment in each.
    numbers: Vec<u64>,
    /// How many segments there were.
    n_segments: u64,
    /// How many sequence numbers were sent.
    sent: u64,
    /// How many sequence numbers the receiver was handed.
    heard: u64,
}

/// Everything that a run put on the wire.
pub(super) fn packets(run: &Run) -> Vec<Packet> {
    let mut tap = Tap {
        run,
        packets: Vec::new(),
        flows: BTreeMap::new(),
        network: run.scenario().network,
        cut_off: BTreeMap::new(),
    };
    for record in run.records() {
        tap.read(record);
    }
    let Tap { mut packets, cut_off, .. } = tap;
    // What still waited for the line when its sender was cut off never left.
    packets.retain(|packet| {
        let until = cut_off.get(&(packet.link, packet.from));
        packet.kind == Kind::Rst || until.is_none_or(|until| packet.at <= *until)
    });
    packets.sort_by_key(|packet| (packet.at, packet.order));
    packets
}

/// Who looks on at every sender, and what was seen.
struct Tap<'a> {
    run: &'a Run,
    packets: Vec<Packet>,
    flows: BTreeMap<(LinkIdx, Side), Flow>,
    network: Network,
    /// When ends were cut off from their connections.
    cut_off: BTreeMap<(LinkIdx, Side), SimTime>,
}

impl Tap<'_> {
    fn read(&mut self, record: &Record) {
        if let Some((link, from, start, bytes)) = record.what.patch() {
            self.overwrite((link, from), start, bytes);
        }
        match &record.what {
            What::Sent(flight) => {
                self.flow(flight.link, flight.from).n_segments += 1;
                self.send(flight, record, &[]);
            }
            What::Resent(flight) => self.send(flight, record, &["sent again"]),
            What::Lost(flight) => self.note(flight, "lost on its way"),
            What::Held(flight) => self.note(flight, "kept back by a proxy"),
            What::Arrived(flight) => {
                let end = numbers(flight).end;
                self.flow(flight.link, flight.from).heard = end;
            }
            What::WasReset(link) => self.reset(*link, record),
            What::TimedOut(link) => {
                self.cut_off.insert((*link, side_of(record.host)), record.at);
            }
            What::Edited(edit) => match &**edit {
                Edit::Cut(target, len) => self.cut(*target, *len),
                Edit::Network(network) => self.network = *network,
                _ => {}
            },
            _ => {}
        }
    }

    fn flow(&mut self, link: LinkIdx, from: Side) -> &mut Flow {
        self.flows.entry((link, from)).or_default()
    }

    fn first_number(&self, link: LinkIdx, from: Side) -> u32 {
        let what = [u64::from_be_bytes(*b"tcp isn\0"), u64::from(link.0), from as u64];
        luck::draw(self.run.scenario().seed, &what) as u32
    }

    /// Sequence number `n` of a flow: they wrap (RFC 9293 §3.4).
    fn number(&self, link: LinkIdx, from: Side, n: u64) -> u32 {
        self.first_number(link, from).wrapping_add(n as u32)
    }

    fn send(&mut self, flight: &Flight, record: &Record, notes: &[&'static str]) {
        let (link, from) = (flight.link, flight.from);
        let Some(client) = self.run.client_of(link) else { return };
        let heard = self.flow(link, from.peer()).heard;
        let mss = u16::try_from(self.network.mss).unwrap_or(u16::MAX);
        let numbers = numbers(flight);
        let packet = Packet {
            at: flight.departs,
            link,
            client,
            from,
            kind: match flight.kind {
                Segment::Syn => Kind::Syn(mss),
                Segment::SynAck => Kind::SynAck(mss),
                Segment::Ack => Kind::Ack,
                Segment::Data => Kind::Data,
                Segment::Fin => Kind::Fin,
            },
            seq: self.number(link, from, numbers.start),
            ack: (flight.kind != Segment::Syn).then(|| self.number(link, from.peer(), heard)),
            payload: flight.bytes.clone(),
            notes: notes.to_vec(),
            order: (record.idx, flight.start),
        };
        let idx = self.packets.len();
        self.packets.push(packet);
        let flow = self.flow(link, from);
        flow.packets.push(idx);
        flow.numbers.push(flight.n);
        flow.sent = flow.sent.max(numbers.end);
    }

    /// The packet that carries a segment, the last one where there are several.
    fn last_of(&self, link: LinkIdx, from: Side, n: u64) -> Option<usize> {
        let flow = self.flows.get(&(link, from))?;
        let place = flow.numbers.iter().rposition(|number| *number == n)?;
        Some(flow.packets[place])
    }

    fn note(&mut self, flight: &Flight, note: &'static str) {
        if let Some(idx) = self.last_of(flight.link, flight.from, flight.n) {
            self.packets[idx].notes.push(note);
        }
    }

    fn overwrite(&mut self, key: (LinkIdx, Side), start: u64, bytes: &Bytes) {
        let Some(flow) = self.flows.get(&key) else { return };
        let end = start + bytes.len() as u64;
        for packet in &flow.packets {
            let packet = &mut self.packets[*packet];
            let begins = packet.order.1;
            let ends = begins + packet.payload.len() as u64;
            let (from, until) = (start.max(begins), end.min(ends));
            if from >= until {
                continue;
            }
            let mut patched = BytesMut::from(&packet.payload[..]);
            let to = (from - begins) as usize..(until - begins) as usize;
            patched[to].copy_from_slice(&bytes[(from - start) as usize..(until - start) as usize]);
            packet.payload = patched.freeze();
            if !packet.notes.contains(&CHANGED) {
                packet.notes.push(CHANGED);
            }
        }
    }

    /// A segment was cut in two on its way: TCP may as well have sent it so.
    fn cut(&mut self, target: Target, len: usize) {
        let Some(idx) = self.last_of(target.link, target.from, target.n) else { return };
        let first = &mut self.packets[idx];
        first.notes.push("cut in two");
        let mut rest = Packet { payload: first.payload.split_off(len), ..first.clone() };
        rest.seq = rest.seq.wrapping_add(len as u32);
        rest.order.1 += len as u64;
        let idx = self.packets.len();
        self.packets.push(rest);
        let flow = self.flow(target.link, target.from);
        flow.packets.push(idx);
        flow.numbers.push(flow.n_segments);
        flow.n_segments += 1;
    }

    /// A host is told that its connection was reset, in the name of its peer.
    fn reset(&mut self, link: LinkIdx, record: &Record) {
        let side = side_of(record.host);
        self.cut_off.insert((link, side), record.at);
        let Some(client) = self.run.client_of(link) else { return };
        let from = side.peer();
        let heard = self.flow(link, from).heard;
        if side == Side::Server && heard == 0 {
            return; // It has heard nothing of the connection.
        }
        let sent = self.flow(link, side).sent;
        self.packets.push(Packet {
            at: record.at,
            link,
            client,
            from,
            kind: Kind::Rst,
            // RFC 9293 §3.10.7.1: in answer to a SYN it is zero.
            seq: if heard == 0 { 0 } else { self.number(link, from, heard) },
            ack: Some(self.number(link, side, sent)),
            payload: Bytes::new(),
            notes: vec!["stands where it is heard: whoever sent it is on the path"],
            order: (record.idx, 0),
        });
    }
}

fn side_of(host: Host) -> Side {
    match host {
        Host::Client(_) => Side::Client,
        Host::Server => Side::Server,
    }
}

/// The sequence numbers that a segment takes, counted from the first of its flow: SYN and FIN take
/// one each (RFC 9293 §3.4).
fn numbers(flight: &Flight) -> std::ops::Range<u64> {
    match flight.kind {
        Segment::Syn | Segment::SynAck => 0..1,
        Segment::Ack => 1..1,
        Segment::Data => flight.start + 1..flight.range().end + 1,
        Segment::Fin => flight.start + 1..flight.start + 2,
    }
}
