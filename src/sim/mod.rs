//! A world: one server, any number of clients, the connections between them, and one queue of
//! what happens next.
//!
//! **Law:** a world changes only by `World::play`, and the same world and move give the same
//! world and the same records.
//! **Invariant:** knows no past: history lives in the run.

mod agenda;
mod agent;
mod edit;
mod editing;
mod fault;
mod link;
mod middlebox;
mod outcome;
mod patience;
mod profile;
mod programs;
mod record;
mod refusal;
mod room;
mod scenario;
mod shelf;
mod size;
mod time;
mod travel;
mod weather;

use crate::conn::{Action, Output, State};
use crate::wire::Side;
use crate::wire::close::Close;
use agenda::{Agenda, Occasion, Place};
use agent::{Agent, Happening, Loss};
use bytes::Bytes;
pub use edit::{Edit, Layer, Target};
pub use fault::Fault;
use link::Links;
pub use link::{Flow, HEADER_BYTES, Link, Path};
pub use profile::HOST;
use record::Log;
pub use record::{Flight, LinkIdx, Patch, Reading, Record, RecordIdx, Segment, Skip, Unit, What};
pub use refusal::Refusal;
pub use room::news_payload;
use room::{Answer, Room};
pub use scenario::{
    Connection, Headers, Host, Incident, Middlebox, Mode, Network, Poll, Scenario, ScenarioFault,
    Want, Wish,
};
use shelf::Shelf;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
pub use time::SimTime;

/// One world at one moment. Copies share what neither has changed, so that a copy costs
/// microseconds and holds little memory of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    scenario: Arc<Scenario>,
    mode: Mode,
    now: SimTime,
    agenda: Agenda,
    next_record: RecordIdx,
    /// The connections that are not over.
    links: Links,
    n_links: u32,
    /// By their numbers, from 1.
    clients: Shelf<Arc<Client>>,
    room: Room,
    poll_every_ms: u64,
    /// The ends that wait for a connection to end, and where that stands on the agenda.
    waiting: BTreeMap<(LinkIdx, Side), Place>,
    /// The questions that the server holds, and where the end of that stands on the agenda.
    held: Shelf<Place>,
    /// The connections that a middlebox watches, and when it has had enough.
    watched: Shelf<Place>,
    /// The network as it is now.
    network: Network,
    /// What hosts do wrong.
    faults: BTreeMap<Host, BTreeSet<Fault>>,
    /// Hosts that send messages in fragments of at most so many bytes.
    fragments: BTreeMap<Host, usize>,
}

#[derive(Clone, Debug, PartialEq)]
struct Client {
    agent: Agent,
    /// Its connections, by line.
    links: [Option<LinkIdx>; 2],
}

/// A step of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// What is due next happens.
    Next,
    /// Somebody outside changes something at this moment.
    Edit(SimTime, Edit),
}

impl World {
    /// The world before anything has happened.
    pub fn new(scenario: Arc<Scenario>, mode: Mode) -> Self {
        let everybody = (1..=scenario.clients).collect();
        Self::among(everybody, scenario, mode)
    }

    /// The world as these clients alone see it, by their numbers in rising order: the others are not
    /// in it. Whoever wants something must be among them.
    pub fn among(members: Arc<[usize]>, scenario: Arc<Scenario>, mode: Mode) -> Self {
        let mut clients = Shelf::new();
        for n in members.iter().copied() {
            let agent = Agent::new(mode, &scenario, n);
            clients.insert(n, Arc::new(Client { agent, links: [None; 2] }));
        }
        Self {
            mode,
            now: SimTime::ZERO,
            agenda: Agenda::new(script(&members, &scenario)),
            next_record: RecordIdx(0),
            links: Links::new(),
            n_links: 0,
            clients,
            room: Room::new(&scenario, members),
            poll_every_ms: scenario.poll.every_ms,
            waiting: BTreeMap::new(),
            held: Shelf::new(),
            watched: Shelf::new(),
            network: scenario.network,
            faults: BTreeMap::new(),
            fragments: BTreeMap::new(),
            scenario,
        }
    }

    /// What the world was made from.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// How the conversation is carried.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The moment of the last move.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// When the next move is due; `None` where nothing more happens.
    pub fn next_at(&self) -> Option<SimTime> {
        self.agenda.first().map(|(at, _)| at)
    }

    /// The segment whose arrival is the next move, if it is one.
    pub fn next_arrival(&self) -> Option<&Flight> {
        match self.agenda.first()?.1 {
            Occasion::Arrive(link, from, n) => {
                let link = self.links.get(*link)?;
                let next = link.flow(*from).front()?;
                let comes = next.flight.n == *n && !self.holds(link, &next.flight);
                comes.then_some(&next.flight)
            }
            Occasion::Start(_)
            | Occasion::Incident(_)
            | Occasion::Want(_)
            | Occasion::Tick(_)
            | Occasion::Leave(_)
            | Occasion::Resend(..)
            | Occasion::Reset(..)
            | Occasion::Idle(_)
            | Occasion::GiveUp(..)
            | Occasion::Retry(..)
            | Occasion::HoldOver(..) => None,
        }
    }

    /// The connections that are not over.
    pub fn links(&self) -> impl Iterator<Item = (LinkIdx, &Link)> {
        self.links.iter()
    }

    /// The connection of this number, if it is not over.
    pub fn link(&self, idx: LinkIdx) -> Option<&Link> {
        self.links.get(idx)
    }

    /// The network as it is now.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// From one question of a polling client to the next, in milliseconds.
    pub fn poll_every_ms(&self) -> u64 {
        self.poll_every_ms
    }

    /// Makes a move; gives what happened.
    ///
    /// # Errors
    /// Why it cannot be made; nothing has changed then.
    pub fn play(&mut self, next: &Move) -> Result<Vec<Record>, Refusal> {
        let mut records = Vec::new();
        self.play_into(next, &mut records)?;
        Ok(records)
    }

    /// Makes a move, and appends what happened to `records`.
    ///
    /// # Errors
    /// Why it cannot be made; nothing has changed then.
    pub fn play_into(&mut self, next: &Move, records: &mut Vec<Record>) -> Result<(), Refusal> {
        let mut told = Some(std::mem::take(records));
        let made = self.make(next, &mut told);
        *records = told.unwrap_or_default();
        made
    }

    /// Makes a move again of which it is known what happened.
    ///
    /// # Errors
    /// Why it cannot be made; nothing has changed then.
    pub fn replay(&mut self, next: &Move) -> Result<(), Refusal> {
        self.make(next, &mut None)
    }

    fn make(&mut self, next: &Move, records: &mut Option<Vec<Record>>) -> Result<(), Refusal> {
        match next {
            Move::Next => {
                let (at, due) = self.agenda.pop().ok_or(Refusal::Over)?;
                self.now = at;
                let mut log = Log::new(at, self.next_record, records.take());
                log.because(due.cause);
                self.happen(&due.what, &mut log);
                (self.next_record, *records) = log.finish();
            }
            Move::Edit(at, edit) => {
                let early = *at < self.now;
                let late = self.next_at().is_some_and(|next| next < *at);
                if early || late {
                    return Err(Refusal::NotAtThatTime { now: self.now, at: *at });
                }
                let host = self.admit(edit)?;
                self.now = *at;
                let mut log = Log::new(*at, self.next_record, records.take());
                let cause = log.note(host, What::Edited(Arc::new(edit.clone())));
                log.because(Some(cause));
                self.edit(edit, &mut log);
                (self.next_record, *records) = log.finish();
            }
        }
        Ok(())
    }

    fn client(&self, n: usize) -> &Client {
        self.clients.get(n).expect("clients are numbered from 1 and stay")
    }

    fn client_mut(&mut self, n: usize) -> &mut Client {
        Arc::make_mut(self.clients.get_mut(n).expect("clients are numbered from 1 and stay"))
    }

    fn happen(&mut self, due: &Occasion, log: &mut Log) {
        match due {
            Occasion::Start(client) => {
                let cause = log.note(Host::Client(*client), What::Starts);
                log.because(Some(cause));
                self.tell(*client, &Happening::Starts, log);
            }
            Occasion::Incident(idx) => self.incident(*idx, log),
            Occasion::Want(idx) => self.want(*idx, log),
            // A client that has left asks no more.
            Occasion::Tick(client) if !self.client(*client).agent.asks_again() => {}
            Occasion::Tick(client) => {
                let cause = log.note(Host::Client(*client), What::PollDue);
                log.because(Some(cause));
                self.tell(*client, &Happening::Ticks, log);
            }
            Occasion::Arrive(link, from, n) => self.arrive(*link, *from, *n, log),
            Occasion::Resend(link, from, n) => self.resend(*link, *from, *n, log),
            Occasion::Reset(link, side) => self.be_reset(*link, *side, log),
            Occasion::Idle(link) => self.idle(*link, log),
            Occasion::Leave(client) if self.client(*client).agent.has_left() => {}
            Occasion::Leave(client) => {
                let cause = log.note(Host::Client(*client), What::Leaves);
                log.because(Some(cause));
                self.tell(*client, &Happening::Leaves, log);
            }
            Occasion::GiveUp(link, side) => self.give_up(*link, *side, log),
            Occasion::Retry(client, line) => {
                let cause = log.note(Host::Client(*client), What::Retries);
                log.because(Some(cause));
                self.tell(*client, &Happening::Retries(*line), log);
            }
            Occasion::HoldOver(link, n) => {
                self.held.remove(link.0 as usize);
                let answers = self.room.hold_over(*link, *n);
                let cause = log.note(Host::Server, What::HeldLong(*link));
                log.because(Some(cause));
                self.answer(answers, log);
            }
        }
    }

    /// What the scenario has a host do wrong from here on, or no more.
    fn incident(&mut self, idx: usize, log: &mut Log) {
        let edit = &Arc::clone(&self.scenario).incidents[idx].what;
        if let Ok(host) = self.admit(edit) {
            log.note(host, What::Edited(Arc::new(edit.clone())));
            self.edit(edit, log);
        }
    }

    fn want(&mut self, idx: usize, log: &mut Log) {
        let scenario = Arc::clone(&self.scenario);
        let want = &scenario.workload[idx];
        self.wish(want.who, &want.what, log);
    }

    /// Somebody at a host wants something.
    fn wish(&mut self, who: Host, what: &Wish, log: &mut Log) {
        let cause = log.tell(who, || What::Wants(Arc::new(what.clone())));
        log.because(Some(cause));
        match who {
            Host::Client(client) => self.tell(client, &Happening::Wants(what), log),
            Host::Server => self.server_wants(what, log),
        }
    }

    fn server_wants(&mut self, wish: &Wish, log: &mut Log) {
        let skip = match (self.mode, wish) {
            (Mode::Polling | Mode::LongPolling, Wish::Ping(_)) => {
                Some("a polling server cannot speak first")
            }
            (Mode::Polling | Mode::LongPolling, Wish::Close(..)) => {
                Some("there is no conversation to end: each answer ends one")
            }
            (Mode::Sse, Wish::Ping(_)) => Some("a stream of events has no ping, only comments"),
            (Mode::Sse, Wish::Close(..)) => {
                Some("a stream that ends is opened again: only 204 would tell a client to stop")
            }
            _ => None,
        };
        if let Some(why) = skip {
            log.note(Host::Server, What::Skipped(Arc::new(Skip { link: None, why })));
            return;
        }
        let answers = match wish {
            Wish::Say(_) | Wish::Send(_) | Wish::SayInParts(_) => self.room.say(&wish.parts()),
            Wish::Ping(text) => {
                let ping = Action::Ping(Bytes::from(text.clone()));
                self.room.sockets().map(|link| Answer::Act(link, ping.clone())).collect()
            }
            Wish::Close(code, reason) => {
                room::goodbye(self.room.sockets(), &Close::new(*code, reason.as_str()))
            }
        };
        self.answer(answers, log);
    }

    fn act(&mut self, idx: LinkIdx, side: Side, action: Action, log: &mut Log) {
        let Some(link) = self.links.get(idx).filter(|link| !link.gone(side)) else { return };
        let host = link.host(side);
        for action in self.in_fragments(host, action) {
            let Some(link) = self.links.get_mut(idx) else { return };
            let before = link.end(side).state();
            if let Ok(outputs) = link.end_mut(side).act(action) {
                self.carry_out(idx, side, before, outputs, log);
            } else {
                let why = "this end of the connection is done";
                log.note(host, What::Skipped(Arc::new(Skip { link: Some(idx), why })));
            }
        }
    }

    /// Carries out what an end of a connection does: first what it writes, then what the
    /// application makes of what it was told.
    fn carry_out(
        &mut self,
        idx: LinkIdx,
        side: Side,
        before: State,
        outputs: Vec<Output>,
        log: &mut Log,
    ) {
        let Some(link) = self.links.get_mut(idx) else { return };
        let host = link.host(side);
        let client = link.client;
        let mut events = Vec::new();
        let faults = self.faults.get(&host);
        for output in outputs {
            let Some(output) = fault::distort(output, faults) else { continue };
            outcome::note(link, idx, side, output, &mut events, log);
        }
        let after = link.end(side).state();
        if after != before {
            log.note(host, What::Became(idx, before, after));
            self.wait(idx, side, log);
        }
        self.flush(idx, side, log);
        self.release(idx, log);
        for event in events {
            match side {
                Side::Client => {
                    if let Some(line) = self.line_of(client, idx) {
                        self.tell(client, &Happening::Told(line, &event), log);
                    }
                }
                Side::Server => {
                    let answers = self.room.on(idx, client, &event);
                    self.hold_no_longer(idx);
                    self.answer(answers, log);
                }
            }
        }
    }

    fn close_if_over(&mut self, idx: LinkIdx, log: &mut Log) {
        let Some(link) = self.links.get(idx).filter(|link| link.over()) else { return };
        let client = link.client;
        if !link.gone(Side::Client) {
            for side in [Side::Client, Side::Server] {
                log.note(link.host(side), What::TcpClosed(idx));
            }
        }
        self.wait_no_longer(idx, Side::Client);
        self.wait_no_longer(idx, Side::Server);
        self.watch_no_longer(idx);
        self.links.remove(idx);
        self.disconnect((idx, client), Loss::Closed, log);
    }
}

/// What happens by itself: hosts go wrong, programs start, somebody wants something, everybody
/// leaves.
fn script(members: &[usize], scenario: &Scenario) -> impl Iterator<Item = (SimTime, Occasion)> {
    let here = |incident: &Incident| match incident.host() {
        Some(Host::Client(n)) => members.contains(&n),
        Some(Host::Server) => true,
        None => false,
    };
    let incidents = scenario.incidents.iter().enumerate().filter(move |(_, what)| here(what));
    let incidents = incidents
        .map(|(idx, incident)| (SimTime::from_ms(incident.at_ms), Occasion::Incident(idx)));
    let starts = members.iter().map(|n| (SimTime::ZERO, Occasion::Start(*n)));
    let wants = scenario.workload.iter().enumerate();
    let wants = wants.map(|(idx, want)| (SimTime::from_ms(want.at_ms), Occasion::Want(idx)));
    let leave = members.iter().map(|n| (scenario.ends(), Occasion::Leave(*n)));
    incidents.chain(starts).chain(wants).chain(leave)
}
