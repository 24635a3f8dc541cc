//! Programs: what clients' programs and the room want done, and what they are told.

use super::World;
use super::agenda::Occasion;
use super::agent::{Demand, Happening, Line, Loss};
use super::link::Link;
use super::record::{LinkIdx, Log, RecordIdx, Segment, Skip, What};
use super::room::Answer;
use super::scenario::Host;
use super::time::SimTime;
use crate::conn::Action;
use crate::wire::Side;
use std::sync::Arc;

impl World {
    /// Does what the room wants done.
    pub(super) fn answer(&mut self, answers: Vec<Answer>, log: &mut Log) {
        for answer in answers {
            match answer {
                Answer::Act(link, action) => {
                    self.hold_no_longer(link);
                    self.act(link, Side::Server, action, log);
                }
                Answer::Heard(message) => {
                    log.tell(Host::Server, || What::Delivered(Arc::new(message)));
                }
                Answer::Hold(link, n, ms) => {
                    let at = log.now().plus(SimTime::from_ms(ms).0);
                    let what = Occasion::HoldOver(link, n);
                    let place = self.agenda.schedule(at, what, log.cause());
                    self.held.insert(link.0 as usize, place);
                }
                Answer::CaughtUp(link, n) => {
                    log.note(Host::Server, What::CaughtUp(link, n));
                }
            }
        }
    }

    /// Waits no longer for the end of a question's time, where it is not held any more.
    pub(super) fn hold_no_longer(&mut self, link: LinkIdx) {
        if !self.room.holds(link)
            && let Some(place) = self.held.remove(link.0 as usize)
        {
            self.agenda.cancel(place);
        }
    }

    /// What a client's program wants done; one that learns nothing from it stays shared.
    fn heed(
        &mut self,
        client: usize,
        happening: &Happening<'_>,
        cause: Option<RecordIdx>,
    ) -> Vec<Demand> {
        let mut agent = self.client(client).agent.clone();
        let demands = agent.on(happening, cause);
        if agent != self.client(client).agent {
            self.client_mut(client).agent = agent;
        }
        demands
    }

    /// Tells a client's program something and does what it wants done.
    pub(super) fn tell(&mut self, client: usize, happening: &Happening<'_>, log: &mut Log) {
        for demand in self.heed(client, happening, log.cause()) {
            match demand {
                Demand::Connect(line) => self.connect(client, line, log),
                Demand::Act(line, action) => self.act_for(client, line, action, log),
                Demand::ActAtLast(line, action, cause) => {
                    let before = log.because(cause.or(log.cause()));
                    self.act_for(client, line, action, log);
                    log.because(before);
                }
                Demand::RetryIn(line, ms) => {
                    let at = log.now().plus(SimTime::from_ms(ms).0);
                    if at < self.scenario.ends() {
                        self.agenda.schedule(at, Occasion::Retry(client, line), log.cause());
                    }
                }
                Demand::CaughtUp(n) => {
                    if let Some(link) = self.client(client).links[Line::Main as usize] {
                        log.note(Host::Client(client), What::CaughtUp(link, n));
                    }
                }
                Demand::Tick => {
                    let at = log.now().plus(SimTime::from_ms(self.poll_every_ms).0);
                    // By then the client has left: the run need not wait for it in silence.
                    if at < self.scenario.ends() {
                        self.agenda.schedule(at, Occasion::Tick(client), log.cause());
                    }
                }
                Demand::Show(message) => {
                    log.tell(Host::Client(client), || What::Delivered(Arc::new(message)));
                }
                Demand::Skip(why) => {
                    let skip = Skip { link: None, why };
                    log.note(Host::Client(client), What::Skipped(Arc::new(skip)));
                }
            }
        }
    }

    fn act_for(&mut self, client: usize, line: Line, action: Action, log: &mut Log) {
        if let Some(link) = self.client(client).links[line as usize] {
            self.act(link, Side::Client, action, log);
        }
    }

    fn connect(&mut self, client: usize, line: Line, log: &mut Log) {
        let idx = LinkIdx(self.n_links);
        self.n_links += 1;
        self.links.insert(idx, Link::new(idx, client, self.scenario.seed));
        self.client_mut(client).links[line as usize] = Some(idx);
        self.send(idx, Side::Client, Segment::Syn, log);
    }

    /// Which of a client's connections one is.
    pub(super) fn line_of(&self, client: usize, idx: LinkIdx) -> Option<Line> {
        let links = &self.client(client).links;
        [Line::Main, Line::Aside].into_iter().find(|line| links[*line as usize] == Some(idx))
    }

    /// Tells a client's program that its connection is gone, if it is not known yet.
    pub(super) fn disconnect(&mut self, (idx, client): (LinkIdx, usize), how: Loss, log: &mut Log) {
        if let Some(line) = self.line_of(client, idx) {
            self.client_mut(client).links[line as usize] = None;
            self.tell(client, &Happening::Disconnected(line, how), log);
        }
    }
}
