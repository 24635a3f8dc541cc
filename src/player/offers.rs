//! Offers: the edits that can be made here and now to something that is pointed at.
//!
//! **Invariant:** what is offered can be made: an offer that the world would refuse is not one.

use super::Player;
use crate::sim::{
    Edit, Fault, Flight, Host, LinkIdx, Move, Network, Path, RecordIdx, Segment, Target, What,
    World,
};
use crate::view::words;

/// Something that can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Something that went from one host to another, by the record of its first unit or, of TCP
    /// alone, of its sending.
    Arrow(RecordIdx),
    /// A host.
    Host(Host),
    /// The network.
    Network,
}

/// An edit that can be made, and how it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it does, in a few words.
    pub label: String,
    /// The edit.
    pub edit: Edit,
}

/// How many milliseconds a segment can be delayed by from a menu.
const DELAYS_MS: [u64; 2] = [100, 1000];
/// The sizes of fragments that a menu offers, in bytes.
const FRAGMENTS: [usize; 3] = [1, 16, 125];

impl Player {
    /// The edits that can be made to something at this moment.
    pub fn offers(&self, about: About) -> Vec<Offer> {
        let world = self.run().world_at(self.scene.position.n_moves);
        let edits = match about {
            About::Arrow(record) => self.arrow_edits(&world, record),
            About::Host(host) => host_edits(&world, host),
            About::Network => network_edits(&world),
        };
        let at = self.scene.position.at;
        let possible = |(label, edit): (String, Edit)| {
            let made = world.clone().play(&Move::Edit(at, edit.clone()));
            made.is_ok().then_some(Offer { label, edit })
        };
        edits.into_iter().filter_map(possible).collect()
    }

    fn arrow_edits(&self, world: &World, record: RecordIdx) -> Vec<(String, Edit)> {
        let Some(found) = self.run().records().get(record.0) else { return Vec::new() };
        let (link, from, meant): (_, _, Vec<Flight>) = match &found.what {
            What::Wrote(unit) => {
                let carries = |flight: &&Flight| {
                    flight.kind == Segment::Data
                        && flight.start < unit.range().end
                        && unit.start < flight.range().end
                };
                let flow = world.link(unit.link).map(|link| link.flow(unit.from).in_flight());
                let flights = flow.into_iter().flatten().filter(carries);
                (unit.link, unit.from, flights.cloned().collect())
            }
            What::Sent(sent) => {
                let flow = world.link(sent.link).map(|link| link.flow(sent.from).in_flight());
                let flights = flow.into_iter().flatten().filter(|flight| flight.n == sent.n);
                (sent.link, sent.from, flights.cloned().collect())
            }
            _ => return Vec::new(),
        };
        let several = meant.len() > 1;
        let mut edits = Vec::new();
        for (idx, flight) in meant.iter().enumerate() {
            let target = Target { link, from, n: flight.n };
            let name = match (flight.kind, several) {
                (Segment::Data, false) => "the segment".to_owned(),
                (Segment::Data, true) => format!("segment {} of {}", idx + 1, meant.len()),
                (kind, _) => kind.name().to_owned(),
            };
            edits.push((format!("Lose {name}"), Edit::Lose(target)));
            for ms in DELAYS_MS {
                edits.push((format!("Delay {name} by {ms} ms"), Edit::Delay(target, ms)));
            }
            for len in cuts(flight.bytes.len()) {
                let bytes = words::count(len as u64, "byte");
                edits.push((format!("Cut {name} behind {bytes}"), Edit::Cut(target, len)));
            }
        }
        edits.extend(link_edits(world, link));
        edits
    }
}

/// Where a segment may be worth cutting: behind its first byte, and in the middle.
fn cuts(len: usize) -> Vec<usize> {
    let mut cuts = vec![1, len / 2];
    cuts.dedup();
    cuts.retain(|cut| (1..len).contains(cut));
    cuts
}

fn link_edits(world: &World, idx: LinkIdx) -> Vec<(String, Edit)> {
    let Some(link) = world.link(idx) else { return Vec::new() };
    let path = match link.path() {
        Path::Open => ("Pull the cable: silence, nobody is told".to_owned(), Edit::Silence(idx)),
        Path::Silent => ("Plug the cable in again".to_owned(), Edit::Heal(idx)),
    };
    vec![path, ("Reset the connection: both ends are told".to_owned(), Edit::Reset(idx))]
}

fn host_edits(world: &World, host: Host) -> Vec<(String, Edit)> {
    let faulty = world.faults().find(|(whose, _)| *whose == host).map(|(_, faults)| faults);
    let mut edits: Vec<_> = Fault::ALL
        .into_iter()
        .filter(|fault| faulty.is_none_or(|faults| !faults.contains(fault)))
        .map(|fault| (format!("From here on it {}", fault.label()), Edit::Misbehave(host, fault)))
        .collect();
    if faulty.is_some() {
        edits.push(("Mend it: it does everything right".to_owned(), Edit::Behave(host)));
    }
    let fragments = FRAGMENTS.map(|size| {
        let bytes = words::count(size as u64, "byte");
        (format!("Send messages in fragments of {bytes}"), Edit::Fragment(host, size))
    });
    edits.extend(fragments);
    edits.push(("Send messages whole".to_owned(), Edit::Fragment(host, 0)));
    edits
}

/// Networks that people know.
fn network_edits(world: &World) -> Vec<(String, Edit)> {
    let here = *world.network();
    let known = [
        ("The network of the scenario", world.scenario().network),
        ("The next room: 1 ms, 1 Gbit/s", of(here, (1, 0, 0), 1_000_000)),
        ("Another continent: 120 ms", of(here, (120, 5, 0), 50_000)),
        ("A train: 80 ms, 60 ms of jitter, 5 % loss", of(here, (80, 60, 50), 2_000)),
        ("A satellite: 300 ms", of(here, (300, 10, 5), 20_000)),
        ("A modem: 100 ms, 56 kbit/s", of(here, (100, 10, 0), 56)),
    ];
    let other = known.into_iter().filter(|(_, network)| *network != here);
    other.map(|(label, network)| (label.to_owned(), Edit::Network(network))).collect()
}

fn of(here: Network, (delay_ms, jitter_ms, loss_per_mille): (u64, u64, u64), rate: u64) -> Network {
    let (up_ms, down_ms) = (delay_ms, delay_ms);
    Network { up_ms, down_ms, jitter_ms, loss_per_mille, kbit_per_s: rate, ..here }
}
