//! Goals: what must be so for a task to be done, held against what really happened.
//!
//! **Invariant:** a goal reads records, the bytes as they were edited and the predictions made; it
//! knows no script, so every way that brings it about will do.

use super::bench::Reaction;
use super::bench_goal::BenchGoal;
use super::delay;
use super::frame_test::{FrameTest, number};
use super::place::Place;
use crate::conn::{Kind, State};
use crate::run::Run;
use crate::sim::{Host, LinkIdx, Mode, Record, Segment, SimTime, What};
use crate::wire::unit::{Context, Dissection, dissect};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a goal is held against.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The branch on which the learner is.
    pub run: &'a Run,
    /// How many of its moves the learner has seen.
    pub n_moves: usize,
    /// The moment at which the learner stands.
    pub at: SimTime,
    /// The predictions made so far.
    pub predictions: &'a [Prediction],
    /// The field that is selected, by its machine name.
    pub selected: Option<&'a str>,
    /// The choices made so far: a name, and which way, from 0.
    pub choices: &'a BTreeMap<String, usize>,
    /// What a real end does with what lies on the bench, where something does.
    pub built: Option<&'a Reaction>,
}

/// A prediction that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prediction {
    /// Which question.
    pub id: String,
    /// Which choice, from 0.
    pub choice: usize,
    /// Whether it is what happens.
    pub right: bool,
}

/// What must be so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Goal {
    /// The client's end of its latest connection is in this state.
    ClientState(usize, State),
    /// The server's end of this client's latest connection is in this state.
    ServerState(usize, State),
    /// The host was handed this text.
    Delivered(Host, String),
    /// The host was not handed this text.
    NotDelivered(Host, String),
    /// The host was handed these texts in this order, and nothing else.
    Heard(Host, Vec<String>),
    /// The host wrote a head with this header: its name in any case, and its whole value.
    Head(Host, String, String),
    /// The host was told that a connection of its was reset.
    WasReset(Host),
    /// The host wrote such a frame, or one was made so in flight.
    FrameWhere(Host, Vec<FrameTest>),
    /// The host put a Close with this code on the wire.
    CloseOnWire(Host, u16),
    /// The host reports that its connection ended with this code.
    CloseSeen(Host, u16),
    /// The host found this rule broken, by the rule's machine name.
    Found(Host, String),
    /// Nobody found a rule broken.
    NothingBroken,
    /// A count, compared with a number.
    Count(Counter, Compare, u64),
    /// The longest delay from a wish to say something to its delivery at a client, in
    /// milliseconds, compared with a number.
    Staleness(Compare, u64),
    /// The mean delay from a wish to say something to its delivery at a client, in milliseconds,
    /// compared with a number.
    MeanStaleness(Compare, u64),
    /// Time has come to this place.
    Reached(Place),
    /// The conversation is carried in this mode.
    InMode(Mode),
    /// A field is selected, by its machine name.
    Selected(String),
    /// A question was answered.
    Predicted(String),
    /// A question was answered rightly.
    PredictedRight(String),
    /// A choice was made: which way, from 0.
    Chose(String, usize),
    /// The host reports that its connection ended so: `true` where both Closes were seen.
    Clean(Host, bool),
    /// It is so on the bench.
    Bench(BenchGoal),
    /// No more than so many edits were made, and at least one.
    EditedAtMost(usize),
    /// All of them.
    All(Vec<Goal>),
    /// One of them at least.
    Any(Vec<Goal>),
    /// It is not so.
    Not(Box<Goal>),
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counter {
    /// HTTP requests.
    Requests,
    /// Answers without news.
    EmptyAnswers,
    /// WebSocket frames.
    Frames,
    /// Connections.
    Connections,
    /// Requests that wait at the server for the end of their answer, at this moment.
    Waiting,
    /// For how long connections were open at the server, in milliseconds, all of them together.
    ConnectionMs,
    /// Bytes both ways, without TCP/IP headers.
    Bytes,
    /// How often an end was given bytes of a connection to read: segments with data that arrived.
    Reads,
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compare {
    /// At most.
    AtMost,
    /// Exactly.
    Exactly,
    /// At least.
    AtLeast,
}

impl Goal {
    /// Whether it is so, as far as the learner has seen.
    pub fn met(&self, evidence: &Evidence<'_>) -> bool {
        match self {
            Self::ClientState(client, state) => {
                evidence.state(*client, Host::Client(*client)) == Some(*state)
            }
            Self::ServerState(client, state) => {
                evidence.state(*client, Host::Server) == Some(*state)
            }
            Self::Delivered(host, text) => evidence.was_handed(*host, text),
            Self::NotDelivered(host, text) => !evidence.was_handed(*host, text),
            Self::Heard(host, texts) => {
                evidence.heard(*host).eq(texts.iter().map(String::as_bytes))
            }
            Self::Head(host, name, value) => evidence.wrote_header(*host, name, value.as_bytes()),
            Self::WasReset(host) => {
                evidence.happened(*host, |what| matches!(what, What::WasReset(_)))
            }
            Self::FrameWhere(host, tests) => {
                evidence.frames(*host).any(|(_, found)| tests.iter().all(|test| test.holds(&found)))
            }
            Self::CloseOnWire(host, code) => evidence
                .frames(*host)
                .any(|(written, _)| number(&written, "close_code") == Some(u64::from(*code))),
            Self::CloseSeen(host, code) => evidence.happened(
                *host,
                |what| matches!(what, What::Reported(_, closed) if closed.code == *code),
            ),
            Self::Found(host, rule) => evidence.happened(
                *host,
                |what| matches!(what, What::Found(_, breach) if breach.rule.name() == rule),
            ),
            Self::NothingBroken => {
                !evidence.records().iter().any(|record| matches!(record.what, What::Found(..)))
            }
            Self::Count(counter, compare, n) => compare.holds(evidence.count(*counter), *n),
            Self::Staleness(compare, ms) => {
                let longest = delay::all_ns(evidence.records()).max();
                longest.is_some_and(|ns| compare.holds(ns, ms.saturating_mul(1_000_000)))
            }
            Self::MeanStaleness(compare, ms) => delay::mean_ns(evidence.records())
                .is_some_and(|ns| compare.holds(ns, ms.saturating_mul(1_000_000))),
            Self::Reached(place) => place
                .find(evidence.run)
                .is_some_and(|there| there.n_moves <= evidence.n_moves && there.at <= evidence.at),
            Self::InMode(mode) => evidence.run.mode() == *mode,
            Self::Selected(field) => evidence.selected == Some(field),
            Self::Predicted(id) => evidence.prediction(id).is_some(),
            Self::PredictedRight(id) => evidence.prediction(id).is_some_and(|made| made.right),
            Self::Chose(id, way) => evidence.choices.get(id) == Some(way),
            Self::Clean(host, clean) => evidence.happened(
                *host,
                |what| matches!(what, What::Reported(_, closed) if closed.clean == *clean),
            ),
            Self::Bench(goal) => evidence.built.is_some_and(|built| goal.met(built)),
            Self::EditedAtMost(most) => (1..=*most).contains(&evidence.n_edits()),
            Self::All(goals) => goals.iter().all(|goal| goal.met(evidence)),
            Self::Any(goals) => goals.iter().any(|goal| goal.met(evidence)),
            Self::Not(goal) => !goal.met(evidence),
        }
    }

    /// The goal itself and every goal within it.
    pub(super) fn parts(&self) -> Vec<&Self> {
        let mut parts = vec![self];
        match self {
            Self::All(goals) | Self::Any(goals) => {
                parts.extend(goals.iter().flat_map(Self::parts));
            }
            Self::Not(goal) => parts.extend(goal.parts()),
            _ => {} // The others stand alone.
        }
        parts
    }
}

impl Evidence<'_> {
    fn records(&self) -> &[Record] {
        self.run.records_until(self.n_moves)
    }

    fn happened(&self, host: Host, wanted: impl Fn(&What) -> bool) -> bool {
        self.records().iter().any(|record| record.host == host && wanted(&record.what))
    }

    fn was_handed(&self, host: Host, text: &str) -> bool {
        self.happened(host, |what| match what {
            What::Delivered(message) => {
                message.kind == Kind::Text && message.data == text.as_bytes()
            }
            _ => false,
        })
    }

    /// What a host was handed, in order.
    fn heard(&self, host: Host) -> impl Iterator<Item = &[u8]> {
        let mine = self.records().iter().filter(move |record| record.host == host);
        mine.filter_map(|record| match &record.what {
            What::Delivered(message) => Some(&message.data[..]),
            _ => None,
        })
    }

    fn wrote_header(&self, host: Host, name: &str, value: &[u8]) -> bool {
        self.happened(host, |what| match what {
            What::Wrote(unit) if matches!(unit.context, Context::Request | Context::Response) => {
                let found = dissect(&unit.bytes, &unit.context);
                found.header_line(name).is_some_and(|(_, found)| found.octets() == value)
            }
            _ => false,
        })
    }

    /// How many connections have a request at the server that is not answered to the end.
    fn n_waiting(&self) -> u64 {
        let mut states = BTreeMap::new();
        for record in self.records().iter().filter(|record| record.host == Host::Server) {
            if let What::Became(link, _, after) = &record.what {
                states.insert(*link, *after);
            }
        }
        states.into_values().filter(|state| *state == State::Asking).count() as u64
    }

    /// For how long connections were open at the server, all of them together.
    fn connection_ns(&self) -> u64 {
        let mut open = BTreeMap::new();
        let mut ns = 0;
        for record in self.records().iter().filter(|record| record.host == Host::Server) {
            match &record.what {
                What::TcpOpen(link) => {
                    open.insert(*link, record.at);
                }
                What::TcpClosed(link) | What::WasReset(link) | What::TimedOut(link) => {
                    ns += open.remove(link).map_or(0, |since| record.at.0 - since.0);
                }
                _ => {} // Nothing else opens or closes one.
            }
        }
        ns + open.into_values().map(|since| self.at.0.saturating_sub(since.0)).sum::<u64>()
    }

    /// The frames that a host wrote: as it wrote them, and as they were left in flight.
    fn frames(&self, host: Host) -> impl Iterator<Item = (Dissection, Dissection)> {
        self.records().iter().filter(move |record| record.host == host).filter_map(|record| {
            let What::Wrote(unit) = &record.what else { return None };
            let Context::Frame(_) = &unit.context else { return None };
            let bytes = self.run.bytes_of(record.idx, self.n_moves);
            Some((dissect(&unit.bytes, &unit.context), dissect(&bytes, &unit.context)))
        })
    }

    /// The state of an end of a client's latest connection; `None` before there is one.
    fn state(&self, client: usize, host: Host) -> Option<State> {
        let link = self.latest_link(client)?;
        let became = self.records().iter().rev().find_map(|record| match &record.what {
            What::Became(of, _, after) if *of == link && record.host == host => Some(*after),
            _ => None,
        });
        Some(became.unwrap_or(State::Idle))
    }

    fn latest_link(&self, client: usize) -> Option<LinkIdx> {
        self.records().iter().rev().find_map(|record| match &record.what {
            What::Sent(flight)
                if flight.kind == Segment::Syn && record.host == Host::Client(client) =>
            {
                Some(flight.link)
            }
            _ => None,
        })
    }

    fn count(&self, counter: Counter) -> u64 {
        let totals = self.run.totals(self.n_moves);
        match counter {
            Counter::Requests => totals.requests,
            Counter::EmptyAnswers => totals.empty_answers,
            Counter::Frames => totals.frames,
            Counter::Connections => totals.connections,
            Counter::Waiting => self.n_waiting(),
            Counter::ConnectionMs => self.connection_ns() / 1_000_000,
            Counter::Bytes => totals.bytes(),
            Counter::Reads => self.n_reads(),
        }
    }

    fn n_reads(&self) -> u64 {
        let read = |record: &&Record| match &record.what {
            What::Arrived(flight) => flight.kind == Segment::Data,
            _ => false,
        };
        self.records().iter().filter(read).count() as u64
    }

    fn prediction(&self, id: &str) -> Option<&Prediction> {
        self.predictions.iter().find(|made| made.id == id)
    }

    fn n_edits(&self) -> usize {
        self.run.edits_until(self.n_moves).count()
    }
}

impl Compare {
    pub(super) fn holds(self, found: u64, wanted: u64) -> bool {
        match self {
            Self::AtMost => found <= wanted,
            Self::Exactly => found == wanted,
            Self::AtLeast => found >= wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::Letter;
    use crate::sim::{Edit, Scenario, Target};
    use crate::wire::Side;
    use std::sync::Arc;

    /// Text both ways, a binary push, a ping, a close: Client 1 → Server → Client 2.
    const STORY: &str = r#"(
        name: "story",
        poll: (every_ms: 500),
        workload: [
            (at_ms: 300, who: Client(1), what: Say("Hi")),
            (at_ms: 400, who: Client(2), what: Say("Hello there")),
            (at_ms: 500, who: Server, what: Send([1, 2, 3, 4])),
            (at_ms: 600, who: Client(1), what: Ping("you?")),
            (at_ms: 1100, who: Client(1), what: Close(1000, "bye")),
        ],
        ends_ms: 1300,
    )"#;

    fn run(mode: Mode) -> Run {
        let scenario: Scenario = crate::lesson::read_scenario(STORY, "story").unwrap();
        Run::new(Arc::new(scenario), mode)
    }

    /// Whether each goal, as a lesson writes it, is met after `ms` milliseconds.
    fn check(run: &Run, ms: u64, expected: bool, goals: &[&str]) {
        let predictions = [Prediction { id: "q".to_owned(), choice: 1, right: false }];
        let n_moves = run.n_moves_until(SimTime::from_ms(ms));
        let selected = Some("fin");
        let at = SimTime::from_ms(ms);
        let choices = BTreeMap::from([("way".to_owned(), 1)]);
        let (predictions, choices) = (&predictions, &choices);
        let evidence = Evidence { run, n_moves, at, predictions, selected, choices, built: None };
        for goal in goals {
            let goal: Goal = ron::from_str(goal).unwrap();
            assert_eq!(goal.met(&evidence), expected, "{goal:?} after {ms} ms");
        }
    }

    /// The run in which bits of the `n`th text frame to a client are flipped in flight.
    fn flipped(run: &Run, client: usize, bits: &[u64]) -> Run {
        let letter = Letter::FrameDown(client, 1);
        let place = Place::InFlight(letter, 1);
        let unit = place.unit(run).unwrap();
        let mut bytes = unit.bytes.to_vec();
        for bit in bits {
            bytes[(bit / 8) as usize] ^= 0x80 >> (bit % 8);
        }
        let patch = Edit::Patch {
            link: unit.link,
            from: unit.from,
            start: unit.start,
            bytes: bytes.into(),
        };
        run.fork(place.find(run).unwrap(), patch).unwrap()
    }

    #[test]
    fn nothing_is_reached_before_it_happened() {
        let socket = run(Mode::WebSocket);
        let goals = [
            "Delivered(Client(2), \"Hi\")",
            "Delivered(Server, \"Hello there\")",
            "FrameWhere(Client(1), [Opcode(9), Mask(1), Length(4)])",
            "CloseOnWire(Server, 1000)",
            "CloseSeen(Client(1), 1000)",
            "Count(Frames, AtLeast, 12)",
            "Staleness(AtMost, 41)",
            "Reached(Arrived(FrameDown(1, 10), 1))",
            "Reached(End)",
            "ServerState(2, Closed)",
        ];
        check(&socket, 250, false, &goals);
        check(&socket, 9999, true, &goals);
    }

    #[test]
    fn the_states_of_both_ends_are_those_of_the_latest_connection() {
        let socket = run(Mode::WebSocket);
        check(&socket, 30, true, &["ClientState(1, Idle)", "ServerState(1, Idle)"]);
        check(&socket, 50, true, &["ClientState(1, Connecting)", "ServerState(1, Idle)"]);
        check(&socket, 70, true, &["ClientState(1, Connecting)", "ServerState(1, Open)"]);
        check(&socket, 1110, true, &["ClientState(1, Closing)", "ClientState(2, Open)"]);
    }

    #[test]
    fn counts_and_delays_tell_the_modes_apart() {
        let polling = run(Mode::Polling);
        check(&polling, 9999, true, &["InMode(Polling)", "Count(Requests, AtLeast, 8)"]);
        check(&polling, 9999, true, &["Count(Connections, Exactly, 2)", "Staleness(AtLeast, 200)"]);
        check(&polling, 9999, false, &["InMode(WebSocket)", "Count(EmptyAnswers, Exactly, 0)"]);
        check(&run(Mode::WebSocket), 9999, true, &["Count(EmptyAnswers, Exactly, 0)"]);
    }

    #[test]
    fn a_segment_that_is_cut_is_read_twice() {
        let trunk = run(Mode::WebSocket);
        let flying = Place::InFlight(Letter::FrameUp(1, 1), 1).find(&trunk).unwrap();
        let world = trunk.world_at(flying.n_moves);
        let (link, from) = (LinkIdx(0), Side::Client);
        let mut flights = world.link(link).unwrap().flow(from).in_flight();
        let target = Target { link, from, n: flights.next().unwrap().n };
        let fork = trunk.fork(flying, Edit::Cut(target, 1)).unwrap();
        // Two requests, two answers, and “Hi”.
        check(&trunk, 330, true, &["Count(Reads, Exactly, 5)"]);
        check(&fork, 330, true, &["Count(Reads, Exactly, 6)", "Delivered(Server, \"Hi\")"]);
    }

    #[test]
    fn a_frame_counts_as_it_was_left_in_flight() {
        let trunk = run(Mode::WebSocket);
        let set = ["FrameWhere(Server, [Rsv1(1)])", "EditedAtMost(1)"];
        check(&trunk, 9999, false, &set);
        let fork = flipped(&trunk, 2, &[1]);
        check(&fork, 9999, true, &set);
        check(&fork, 325, false, &set);
        check(
            &fork,
            9999,
            true,
            &[
                "Found(Client(2), \"rsv1_without_extension\")",
                "CloseOnWire(Client(2), 1002)",
                "CloseSeen(Client(2), 1006)",
                "ClientState(2, Failed)",
                "NotDelivered(Client(2), \"Hi\")",
                "Not(NothingBroken)",
            ],
        );
    }

    #[test]
    fn a_closing_handshake_is_clean_where_both_closes_were_seen() {
        let socket = run(Mode::WebSocket);
        check(&socket, 9999, true, &["Clean(Client(1), true)", "Not(Clean(Client(1), false))"]);
        let at = socket.position_at(SimTime::from_ms(700));
        let fork = socket.fork(at, Edit::Reset(LinkIdx(0))).unwrap();
        check(&fork, 9999, true, &["Clean(Client(1), false)"]);
    }

    #[test]
    fn text_that_became_bytes_was_not_delivered_as_text() {
        let fork = flipped(&run(Mode::WebSocket), 2, &[6, 7]);
        check(&fork, 360, true, &["NotDelivered(Client(2), \"Hi\")", "NothingBroken"]);
        check(&fork, 360, true, &["FrameWhere(Server, [Opcode(2), Fin(1)])"]);
    }

    #[test]
    fn a_header_that_breaks_off_is_tested_as_far_as_it_goes() {
        let fork = flipped(&run(Mode::WebSocket), 2, &[8]);
        check(&fork, 9999, true, &["FrameWhere(Server, [Mask(1), Length(2)])"]);
    }

    #[test]
    fn what_was_heard_is_all_of_it_in_order() {
        let socket = run(Mode::WebSocket);
        check(&socket, 390, true, &["Heard(Client(2), [\"Hi\"])", "Heard(Client(1), [])"]);
        let others = ["Heard(Client(2), [])", "Heard(Client(2), [\"Hi\", \"Hi\"])"];
        check(&socket, 390, false, &others);
    }

    #[test]
    fn headers_are_found_by_name_and_whole_value() {
        let socket = run(Mode::WebSocket);
        check(&socket, 9999, true, &["Head(Client(1), \"upgrade\", \"websocket\")"]);
        let others =
            ["Head(Client(1), \"Upgrade\", \"web\")", "Head(Client(1), \"Last-Event-ID\", \"1\")"];
        check(&socket, 9999, false, &others);
    }

    #[test]
    fn questions_wait_while_they_are_held() {
        let held = run(Mode::LongPolling);
        check(&held, 50, true, &["Count(Waiting, Exactly, 0)"]);
        check(&held, 290, true, &["Count(Waiting, Exactly, 2)"]);
        check(&held, 9999, true, &["Count(Waiting, Exactly, 0)"]);
    }

    #[test]
    fn a_reset_is_told_and_ends_the_time_of_a_connection() {
        let trunk = run(Mode::Sse);
        let at = trunk.position_at(SimTime::from_ms(200));
        let fork = trunk.fork(at, Edit::Reset(LinkIdx(0))).unwrap();
        check(&fork, 250, true, &["WasReset(Client(1))", "Not(WasReset(Client(2)))"]);
        check(&trunk, 9999, false, &["WasReset(Client(1))"]);
        // From 60 ms on, two of them.
        check(&trunk, 160, true, &["Count(ConnectionMs, Exactly, 199)"]);
        check(&trunk, 260, true, &["Count(ConnectionMs, Exactly, 399)"]);
        check(&fork, 260, true, &["Count(ConnectionMs, AtMost, 360)"]);
    }

    #[test]
    fn the_mean_delay_is_at_most_the_longest() {
        let polling = run(Mode::Polling);
        check(&polling, 9999, true, &["MeanStaleness(AtMost, 190)", "MeanStaleness(AtLeast, 90)"]);
        check(&polling, 100, false, &["MeanStaleness(AtMost, 9999)"]);
    }

    #[test]
    fn predictions_and_the_selection_count() {
        let run = run(Mode::WebSocket);
        check(&run, 0, true, &["Predicted(\"q\")", "Selected(\"fin\")", "Chose(\"way\", 1)"]);
        check(&run, 0, false, &["Chose(\"way\", 0)", "Chose(\"other\", 1)", "Bench(Taken)"]);
        check(&run, 0, false, &["PredictedRight(\"q\")", "Predicted(\"r\")", "Selected(\"mask\")"]);
        check(&run, 0, true, &["Any([Predicted(\"r\"), Predicted(\"q\")])"]);
        check(&run, 0, false, &["All([Predicted(\"r\"), Predicted(\"q\")])"]);
    }
}
