//! Editing: whether an edit can be made in a world, and making it.
//!
//! **Invariant:** an edit that is refused has changed nothing.

use super::edit::{Edit, Target};
use super::link::{Link, Path, Way};
use super::record::{Flight, LinkIdx, Log, Segment};
use super::scenario::{Host, Wish};
use super::time::SimTime;
use super::{Refusal, World};
use crate::conn::{Action, Last, Message};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The longest delay of a segment, in milliseconds.
const MAX_DELAY_MS: u64 = 600_000;

impl World {
    /// At which host an edit is to be seen, where it can be made.
    pub(super) fn admit(&self, edit: &Edit) -> Result<Host, Refusal> {
        match edit {
            Edit::Patch { link, from, start, bytes } => {
                let link = self.links.get(*link).ok_or(Refusal::NotInFlight)?;
                let wanted = *start..start.saturating_add(bytes.len() as u64);
                let carried = link.flow(*from).carries(&wanted);
                carried.then(|| link.host(*from)).ok_or(Refusal::NotInFlight)
            }
            Edit::Lose(target) => {
                let (link, _) = self.coming(*target)?;
                Ok(link.host(target.from))
            }
            Edit::Delay(target, ms) => {
                let (link, _) = self.coming(*target)?;
                if !(1..=MAX_DELAY_MS).contains(ms) {
                    return Err(Refusal::Setting("delay it by 1 to 600000 ms"));
                }
                Ok(link.host(target.from))
            }
            Edit::Cut(target, len) => {
                let (link, flight) = self.coming(*target)?;
                match flight.bytes.len() {
                    0 => Err(Refusal::NothingToCut(flight.kind)),
                    1 => Err(Refusal::Setting("one byte cannot be cut apart")),
                    n if (1..n).contains(len) => Ok(link.host(target.from)),
                    n => Err(Refusal::CutOutside(n)),
                }
            }
            Edit::Reset(link) => Ok(Host::Client(self.open_link(*link)?.client)),
            Edit::Silence(link) => self.with_path(*link, Path::Open, "silent"),
            Edit::Heal(link) => self.with_path(*link, Path::Silent, "healthy"),
            Edit::Network(network) => match network.faults().into_iter().next() {
                Some(fault) => Err(Refusal::Network(fault)),
                None => Ok(Host::Server),
            },
            Edit::Misbehave(host, _) | Edit::Behave(host) | Edit::Fragment(host, _) => {
                self.known(*host)
            }
            Edit::Do(host, wish) => {
                if let Wish::Close(code, _) = wish
                    && !crate::wire::close::sendable(*code)
                {
                    return Err(Refusal::Setting(
                        "that close code must not be sent; 1000 or 4000 to 4999 would do",
                    ));
                }
                if wish.control_len() > 125 {
                    return Err(Refusal::Setting("a control frame carries at most 125 bytes"));
                }
                self.known(*host)
            }
            Edit::PollEvery(0) => Err(Refusal::Setting("poll every 1 ms or more")),
            Edit::PollEvery(_) => Ok(Host::Client(1)),
        }
    }

    fn known(&self, host: Host) -> Result<Host, Refusal> {
        match host {
            Host::Client(n) if n == 0 || n > self.scenario.clients => {
                Err(Refusal::NoSuchHost(host))
            }
            host => Ok(host),
        }
    }

    /// A connection on which something can still happen.
    fn open_link(&self, idx: LinkIdx) -> Result<&Link, Refusal> {
        self.links.get(idx).ok_or(Refusal::NoSuchConnection)
    }

    fn with_path(&self, idx: LinkIdx, path: Path, other: &'static str) -> Result<Host, Refusal> {
        let link = self.open_link(idx)?;
        if link.path() != path {
            return Err(Refusal::Already(other));
        }
        Ok(Host::Client(link.client))
    }

    /// A segment that is on its way and would arrive.
    fn coming(&self, target: Target) -> Result<(&Link, &Arc<Flight>), Refusal> {
        let link = self.links.get(target.link).ok_or(Refusal::NotInFlight)?;
        let on = link.flow(target.from).get(target.n).ok_or(Refusal::NotInFlight)?;
        match on.way {
            Way::Coming => Ok((link, &on.flight)),
            Way::Lost => Err(Refusal::Already("lost: it will be sent again")),
            Way::Waiting | Way::Held => Err(Refusal::NotInFlight),
        }
    }

    /// Makes an edit that was admitted.
    pub(super) fn edit(&mut self, edit: &Edit, log: &mut Log) {
        match edit {
            Edit::Patch { link, from, start, bytes } => {
                if let Some(link) = self.links.get_mut(*link) {
                    link.flow_mut(*from).patch(*start, bytes);
                }
            }
            Edit::Lose(target) => {
                if let Ok(flight) = self.coming(*target).map(|(_, flight)| Arc::clone(flight)) {
                    self.lose(target.link, &flight, log);
                }
            }
            Edit::Delay(target, ms) => self.delay(*target, *ms, log),
            Edit::Cut(target, len) => {
                let link = self.links.get_mut(target.link);
                let cut = link.and_then(|link| link.flow_mut(target.from).cut(target.n, *len));
                if let Some(second) = cut {
                    self.come(target.link, &second, second.arrives, log.cause());
                }
            }
            Edit::Reset(link) => self.reset(*link, log),
            Edit::Silence(link) => self.silence(*link, log),
            Edit::Heal(link) => {
                if let Some(link) = self.links.get_mut(*link) {
                    link.path = Path::Open;
                }
            }
            Edit::Network(network) => self.network = *network,
            Edit::Misbehave(host, fault) => {
                self.faults.entry(*host).or_default().insert(*fault);
            }
            Edit::Behave(host) => {
                self.faults.remove(host);
            }
            Edit::Do(host, wish) => self.wish(*host, wish, log),
            Edit::Fragment(host, 0) => {
                self.fragments.remove(host);
            }
            Edit::Fragment(host, size) => {
                self.fragments.insert(*host, *size);
            }
            Edit::PollEvery(ms) => self.poll_every_ms = *ms,
        }
    }

    fn delay(&mut self, target: Target, ms: u64, log: &Log) {
        let Some(link) = self.links.get_mut(target.link) else { return };
        let Some(on) = link.flow_mut(target.from).get_mut(target.n) else { return };
        let flight = Arc::make_mut(&mut on.flight);
        flight.arrives = flight.arrives.plus(SimTime::from_ms(ms).0);
        let flight = Arc::clone(&on.flight);
        self.come(target.link, &flight, flight.arrives, log.cause());
    }

    /// Nothing gets through from here on: what is on its way is lost as well.
    fn silence(&mut self, idx: LinkIdx, log: &mut Log) {
        let Some(link) = self.links.get_mut(idx) else { return };
        link.path = Path::Silent;
        let flows = [&link.up, &link.down];
        let coming = flows.into_iter().flat_map(super::link::Flow::coming);
        let coming: Vec<_> = coming.map(Arc::clone).collect();
        for flight in coming {
            self.lose(idx, &flight, log);
        }
        self.watch_no_longer(idx);
    }

    /// What an application at a host does, in fragments where it sends them.
    pub(super) fn in_fragments(&self, host: Host, action: Action) -> Vec<Action> {
        match (action, self.fragments.get(&host)) {
            (Action::Part(message, last), Some(size)) if message.data.len() > *size => {
                let Message { kind, mut data } = message;
                let mut parts = Vec::new();
                while data.len() > *size {
                    parts.push((data.split_to(*size), Last::No));
                }
                parts.push((data, last));
                let part = |(data, last)| Action::Part(Message { kind, data }, last);
                parts.into_iter().map(part).collect()
            }
            (action, _) => vec![action],
        }
    }

    /// What each host does wrong.
    pub fn faults(&self) -> impl Iterator<Item = (Host, &BTreeSet<super::Fault>)> {
        self.faults.iter().map(|(host, faults)| (*host, faults))
    }

    /// The segments in flight that would arrive, for edits to name.
    pub fn targets(&self) -> impl Iterator<Item = (Target, Segment)> {
        self.links.iter().flat_map(|(idx, link)| {
            let flows = [&link.up, &link.down];
            let coming = flows.into_iter().flat_map(super::link::Flow::coming);
            coming.map(move |flight| {
                (Target { link: idx, from: flight.from, n: flight.n }, flight.kind)
            })
        })
    }
}
