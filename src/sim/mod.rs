//! A world: one server, any number of clients, the connections between them, and one queue of
//! what happens next.
//!
//! **Law:** a world changes only by `World::play`, and the same world and move give the same
//! world and the same records.
//! **Invariant:** knows no past: history lives in the run.

mod agent;
mod edit;
mod link;
mod outcome;
mod patience;
mod profile;
mod record;
mod room;
mod scenario;
mod time;

use crate::conn::{Action, Output, State};
use crate::wire::Side;
use crate::wire::close::Close;
use agent::{Agent, Demand, Happening};
use bytes::Bytes;
pub use edit::Edit;
pub use link::{Flow, HEADER_BYTES, Link};
pub use profile::HOST;
use record::Log;
pub use record::{Flight, LinkIdx, Record, RecordIdx, Segment, Unit, What};
use room::{Answer, Room};
pub use scenario::{
    Connection, Headers, Host, Mode, Network, Poll, Scenario, ScenarioFault, Want, Wish,
};
use std::collections::BTreeMap;
use std::sync::Arc;
pub use time::SimTime;

/// One world at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    scenario: Arc<Scenario>,
    mode: Mode,
    now: SimTime,
    /// What happens next, by time; at one time in the order in which it was scheduled.
    queue: BTreeMap<(SimTime, u64), Due>,
    n_scheduled: u64,
    n_records: usize,
    /// The connections that are not over.
    links: BTreeMap<LinkIdx, Link>,
    n_links: usize,
    clients: Vec<Client>,
    room: Room,
    poll_every_ms: u64,
    /// The ends that wait for a connection to end, and where that stands in the queue.
    waiting: BTreeMap<(LinkIdx, Side), (SimTime, u64)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Client {
    agent: Agent,
    link: Option<LinkIdx>,
}

/// What is due, and because of what.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Due {
    what: Occasion,
    cause: Option<RecordIdx>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Occasion {
    /// A client's program starts.
    Start(usize),
    /// Somebody wants something: the index in the workload.
    Want(usize),
    /// A client's program asks again.
    Tick(usize),
    /// The next segment that this side sent arrives.
    Arrive(LinkIdx, Side),
    /// A client's person leaves.
    Leave(usize),
    /// An end has waited long enough for the connection to end.
    GiveUp(LinkIdx, Side),
}

/// A step of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// What is due next happens.
    Next,
    /// Somebody outside changes something at this moment.
    Edit(SimTime, Edit),
}

/// Why a move cannot be made; the world is unchanged then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is due.
    #[error("nothing more happens here: step back, or change something earlier")]
    Over,
    /// The moment of an edit is past, or things are due before it.
    #[error("the world stands at {now}; an edit at {at} is not possible")]
    NotAtThatTime {
        /// Where the world stands.
        now: SimTime,
        /// When the edit was to be.
        at: SimTime,
    },
    /// The bytes of a patch are not on the wire.
    #[error(
        "those bytes are not in flight: they have arrived or were not sent yet; go to a moment \
         between"
    )]
    NotInFlight,
    /// A setting that makes no sense.
    #[error("{0}")]
    Setting(&'static str),
}

impl World {
    /// The world before anything has happened.
    pub fn new(scenario: Arc<Scenario>, mode: Mode) -> Self {
        let clients = (1..=scenario.clients)
            .map(|n| Client { agent: Agent::new(mode, &scenario, n), link: None })
            .collect();
        let mut world = Self {
            mode,
            now: SimTime::ZERO,
            queue: BTreeMap::new(),
            n_scheduled: 0,
            n_records: 0,
            links: BTreeMap::new(),
            n_links: 0,
            clients,
            room: Room::new(&scenario),
            poll_every_ms: scenario.poll.every_ms,
            waiting: BTreeMap::new(),
            scenario,
        };
        world.schedule_scenario();
        world
    }

    fn schedule_scenario(&mut self) {
        for client in 1..=self.clients.len() {
            self.schedule(SimTime::ZERO, Occasion::Start(client), None);
        }
        let scenario = Arc::clone(&self.scenario);
        for (idx, want) in scenario.workload.iter().enumerate() {
            self.schedule(SimTime::from_ms(want.at_ms), Occasion::Want(idx), None);
        }
        for client in 1..=self.clients.len() {
            self.schedule(scenario.ends(), Occasion::Leave(client), None);
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
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// The segment whose arrival is the next move, if it is one.
    pub fn next_arrival(&self) -> Option<&Flight> {
        match self.queue.first_key_value()?.1.what {
            Occasion::Arrive(link, from) => self.links.get(&link)?.flow(from).in_flight().next(),
            Occasion::Start(_)
            | Occasion::Want(_)
            | Occasion::Tick(_)
            | Occasion::Leave(_)
            | Occasion::GiveUp(..) => None,
        }
    }

    /// The connections that are not over.
    pub fn links(&self) -> impl Iterator<Item = (LinkIdx, &Link)> {
        self.links.iter().map(|(idx, link)| (*idx, link))
    }

    /// The connection of this number, if it is not over.
    pub fn link(&self, idx: LinkIdx) -> Option<&Link> {
        self.links.get(&idx)
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
        match next {
            Move::Next => {
                let ((at, _), due) = self.queue.pop_first().ok_or(Refusal::Over)?;
                self.now = at;
                let mut log = Log::new(at, self.n_records, due.cause);
                self.happen(&due.what, &mut log);
                Ok(self.close(log))
            }
            Move::Edit(at, edit) => {
                let early = *at < self.now;
                let late = self.next_at().is_some_and(|next| next < *at);
                if early || late {
                    return Err(Refusal::NotAtThatTime { now: self.now, at: *at });
                }
                let host = self.edit(edit)?;
                self.now = *at;
                let mut log = Log::new(*at, self.n_records, None);
                log.note(host, What::Edited(edit.clone()));
                Ok(self.close(log))
            }
        }
    }

    fn close(&mut self, log: Log) -> Vec<Record> {
        let records = log.finish();
        self.n_records += records.len();
        records
    }

    fn schedule(&mut self, at: SimTime, what: Occasion, cause: Option<RecordIdx>) {
        self.queue.insert((at, self.n_scheduled), Due { what, cause });
        self.n_scheduled += 1;
    }

    fn edit(&mut self, edit: &Edit) -> Result<Host, Refusal> {
        match edit {
            Edit::Patch { link, from, start, bytes } => {
                let link = self.links.get_mut(link).ok_or(Refusal::NotInFlight)?;
                let patched = link.flow_mut(*from).patch(*start, bytes);
                patched.then(|| link.host(*from)).ok_or(Refusal::NotInFlight)
            }
            Edit::PollEvery(0) => Err(Refusal::Setting("poll every 1 ms or more")),
            Edit::PollEvery(ms) => {
                self.poll_every_ms = *ms;
                Ok(Host::Client(1))
            }
        }
    }

    fn happen(&mut self, due: &Occasion, log: &mut Log) {
        match due {
            Occasion::Start(client) => self.tell(*client, &Happening::Starts, log),
            Occasion::Want(idx) => self.want(*idx, log),
            // A client that has left asks no more.
            Occasion::Tick(client) if !self.clients[*client - 1].agent.asks_again() => {}
            Occasion::Tick(client) => {
                let cause = log.note(Host::Client(*client), What::PollDue);
                log.because(Some(cause));
                self.tell(*client, &Happening::Ticks, log);
            }
            Occasion::Arrive(link, from) => self.arrive(*link, *from, log),
            Occasion::Leave(client) => self.tell(*client, &Happening::Leaves, log),
            Occasion::GiveUp(link, side) => self.give_up(*link, *side, log),
        }
    }

    fn want(&mut self, idx: usize, log: &mut Log) {
        let scenario = Arc::clone(&self.scenario);
        let want = &scenario.workload[idx];
        let cause = log.note(want.who, What::Wants(want.what.clone()));
        log.because(Some(cause));
        match want.who {
            Host::Client(client) => self.tell(client, &Happening::Wants(&want.what), log),
            Host::Server => self.server_wants(&want.what, log),
        }
    }

    fn server_wants(&mut self, wish: &Wish, log: &mut Log) {
        let skip = match (self.mode, wish) {
            (Mode::Polling, Wish::Ping(_)) => Some("a polling server cannot speak first"),
            (Mode::Polling, Wish::Close(..)) => {
                Some("there is no conversation to end: each answer ends one")
            }
            _ => None,
        };
        if let Some(why) = skip {
            log.note(Host::Server, What::Skipped(why));
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

    /// Does what the room wants done.
    fn answer(&mut self, answers: Vec<Answer>, log: &mut Log) {
        for answer in answers {
            match answer {
                Answer::Act(link, action) => self.act(link, Side::Server, action, log),
                Answer::Heard(message) => {
                    log.note(Host::Server, What::Delivered(message));
                }
            }
        }
    }

    /// Tells a client's program something and does what it wants done.
    fn tell(&mut self, client: usize, happening: &Happening<'_>, log: &mut Log) {
        for demand in self.clients[client - 1].agent.on(happening) {
            match demand {
                Demand::Connect => self.connect(client, log),
                Demand::Act(action) => {
                    if let Some(link) = self.clients[client - 1].link {
                        self.act(link, Side::Client, action, log);
                    }
                }
                Demand::Tick => {
                    let at = log.now().plus(SimTime::from_ms(self.poll_every_ms).0);
                    // By then the client has left: the run need not wait for it in silence.
                    if at < self.scenario.ends() {
                        self.schedule(at, Occasion::Tick(client), log.cause());
                    }
                }
                Demand::Show(message) => {
                    log.note(Host::Client(client), What::Delivered(message));
                }
                Demand::Skip(why) => {
                    log.note(Host::Client(client), What::Skipped(why));
                }
            }
        }
    }

    fn connect(&mut self, client: usize, log: &mut Log) {
        let idx = LinkIdx(self.n_links);
        self.n_links += 1;
        self.links.insert(idx, Link::new(idx, client, self.scenario.seed));
        self.clients[client - 1].link = Some(idx);
        self.send(idx, Side::Client, Segment::Syn, log);
    }

    fn act(&mut self, idx: LinkIdx, side: Side, action: Action, log: &mut Log) {
        let Some(link) = self.links.get_mut(&idx) else { return };
        let before = link.end(side).state();
        match link.end_mut(side).act(action) {
            Ok(outputs) => self.carry_out(idx, side, before, outputs, log),
            Err(_) => {
                log.note(link.host(side), What::Skipped("this end of the connection is done"));
            }
        }
    }

    fn arrive(&mut self, idx: LinkIdx, from: Side, log: &mut Log) {
        let side = from.peer();
        let Some(link) = self.links.get_mut(&idx) else { return };
        let Some(flight) = link.flow_mut(from).arrive() else { return };
        let host = link.host(side);
        let cause = log.note(host, What::Arrived(flight.clone()));
        log.because(Some(cause));
        let before = link.end(side).state();
        match flight.kind {
            Segment::Syn => self.send(idx, Side::Server, Segment::SynAck, log),
            Segment::SynAck => {
                let client = link.client;
                log.note(host, What::TcpOpen(idx));
                self.send(idx, Side::Client, Segment::Ack, log);
                self.tell(client, &Happening::Connected, log);
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
        let Some(link) = self.links.get_mut(&idx) else { return };
        let host = link.host(side);
        let client = link.client;
        let mut events = Vec::new();
        for output in outputs {
            outcome::note(link, idx, side, output, &mut events, log);
        }
        let after = link.end(side).state();
        if after != before {
            log.note(host, What::Became(idx, before, after));
            self.wait(idx, side, log);
        }
        self.flush(idx, side, log);
        for event in events {
            match side {
                Side::Client => self.tell(client, &Happening::Told(&event), log),
                Side::Server => {
                    let answers = self.room.on(idx, client, &event);
                    self.answer(answers, log);
                }
            }
        }
    }

    fn flush(&mut self, idx: LinkIdx, side: Side, log: &mut Log) {
        let Some(link) = self.links.get_mut(&idx) else { return };
        let host = link.host(side);
        for flight in link.flow_mut(side).flush(log.now(), &self.scenario.network) {
            let at = flight.arrives;
            let cause = log.note(host, What::Sent(flight));
            self.schedule(at, Occasion::Arrive(idx, side), Some(cause));
        }
    }

    fn send(&mut self, idx: LinkIdx, side: Side, kind: Segment, log: &mut Log) {
        let Some(link) = self.links.get_mut(&idx) else { return };
        let host = link.host(side);
        let network = &self.scenario.network;
        let flight = link.flow_mut(side).send(kind, (0, Bytes::new()), log.now(), network);
        let at = flight.arrives;
        let cause = log.note(host, What::Sent(flight));
        self.schedule(at, Occasion::Arrive(idx, side), Some(cause));
    }

    fn close_if_over(&mut self, idx: LinkIdx, log: &mut Log) {
        let Some(link) = self.links.get(&idx).filter(|link| link.over()) else { return };
        let client = link.client;
        for side in [Side::Client, Side::Server] {
            log.note(link.host(side), What::TcpClosed(idx));
        }
        self.wait_no_longer(idx, Side::Client);
        self.wait_no_longer(idx, Side::Server);
        self.links.remove(&idx);
        self.clients[client - 1].link = None;
        self.tell(client, &Happening::Disconnected, log);
    }
}
