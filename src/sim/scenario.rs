//! What a world is made from: its hosts, its network, and what people want to say when.
//!
//! **Invariant:** a [`Scenario`] is plain data; together with a [`Mode`] and the moves made it
//! decides everything that happens.

use super::edit::Edit;
use super::time::SimTime;
use crate::conn::Message;
use crate::wire::Side;
use serde::{Deserialize, Serialize};

/// How a conversation is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Mode {
    /// The client asks for news again and again.
    Polling,
    /// The client asks for news, and the server answers when there are some (RFC 6202 §2).
    LongPolling,
    /// One answer that does not end, an event for each message (WHATWG HTML §9.2).
    Sse,
    /// One connection, upgraded once, on which both ends speak when they like.
    WebSocket,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::Polling, Self::LongPolling, Self::Sse, Self::WebSocket];

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Polling => "Polling",
            Self::LongPolling => "Long polling",
            Self::Sse => "SSE",
            Self::WebSocket => "WebSocket",
        }
    }

    /// The name that the command line uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::LongPolling => "long-polling",
            Self::Sse => "sse",
            Self::WebSocket => "websocket",
        }
    }
}

/// A world before anything has happened in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// What all luck is drawn from.
    #[serde(default = "one")]
    pub seed: u64,
    /// How many clients there are: 1 to [`Scenario::MAX_CLIENTS`].
    #[serde(default = "two")]
    pub clients: usize,
    /// The network between each client and the server.
    #[serde(default)]
    pub network: Network,
    /// What stands on its path.
    #[serde(default)]
    pub middleboxes: Vec<Middlebox>,
    /// When a host begins to do something wrong, or stops, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<Incident>,
    /// Which headers HTTP messages carry.
    #[serde(default)]
    pub headers: Headers,
    /// Whether WebSocket clients offer permessage-deflate, and the server agrees (RFC 7692).
    #[serde(default)]
    pub deflate: bool,
    /// How polling clients behave.
    #[serde(default)]
    pub poll: Poll,
    /// What people want, in any order.
    pub workload: Vec<Want>,
    /// When the clients leave, in milliseconds.
    pub ends_ms: u64,
}

/// The network between each client and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// One-way delay from client to server, in milliseconds.
    pub up_ms: u64,
    /// One-way delay from server to client, in milliseconds.
    pub down_ms: u64,
    /// Bits per millisecond (kbit/s) each way.
    pub kbit_per_s: u64,
    /// The most payload that a segment carries, in bytes (RFC 9293 §3.7.1).
    pub mss: usize,
    /// How much later than its delay a segment may be, in milliseconds; it overtakes none.
    pub jitter_ms: u64,
    /// How many segments of a thousand are lost on their way.
    pub loss_per_mille: u64,
    /// How long a sender waits before it sends a segment again that was not acknowledged, in
    /// milliseconds; twice as long before each further time (RFC 6298 §5).
    pub resend_ms: u64,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            up_ms: 20,
            down_ms: 20,
            kbit_per_s: 10_000,
            mss: 1460,
            jitter_ms: 0,
            loss_per_mille: 0,
            resend_ms: 200,
        }
    }
}

impl Network {
    /// What is wrong with it: which field, and what would work; empty where nothing is.
    pub fn faults(&self) -> Vec<ScenarioFault> {
        let within = |value: u64, least: u64, most: u64, place: &'static str| {
            let advice = if least == 0 {
                format!("say at most {most}")
            } else {
                format!("say {least} to {most}")
            };
            (!(least..=most).contains(&value)).then_some(ScenarioFault { place, advice })
        };
        let faults = [
            within(self.up_ms, 0, 60_000, "up_ms"),
            within(self.down_ms, 0, 60_000, "down_ms"),
            within(self.kbit_per_s, 1, 100_000_000, "kbit_per_s"),
            within(self.mss as u64, 1, 65_495, "mss"),
            within(self.jitter_ms, 0, 60_000, "jitter_ms"),
            within(self.loss_per_mille, 0, 500, "loss_per_mille"),
            within(self.resend_ms, 1, 60_000, "resend_ms"),
        ];
        faults.into_iter().flatten().collect()
    }

    /// One-way delay of what `from` sends, in milliseconds.
    pub fn latency_ms(&self, from: Side) -> u64 {
        match from {
            Side::Client => self.up_ms,
            Side::Server => self.down_ms,
        }
    }
}

/// What stands on the path between each client and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Middlebox {
    /// Forgets a connection on which nothing came for so many milliseconds, and tells neither end:
    /// what they send from then on is lost.
    ForgetsIdle(u64),
    /// Resets a connection on which nothing came for so many milliseconds.
    ResetsIdle(u64),
    /// A proxy that does not hand on Upgrade and Connection, which go from hop to hop (RFC 9110
    /// §7.6.1): it overwrites their names.
    StripsUpgrade,
    /// A proxy that hands on an answer once it is whole.
    BuffersResponses,
}

/// When a host begins to do something wrong, or does nothing wrong any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// When, in milliseconds.
    pub at_ms: u64,
    /// What changes: [`Edit::Misbehave`] or [`Edit::Behave`].
    pub what: Edit,
}

impl Incident {
    /// At which host it is; `None` where it is none of the changes that an incident can be.
    pub fn host(&self) -> Option<Host> {
        match &self.what {
            Edit::Misbehave(host, _) | Edit::Behave(host) => Some(*host),
            _ => None, // All others need a connection, or are somebody's wish.
        }
    }
}

/// Which headers HTTP messages carry; named and shown, so that no comparison is rigged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Headers {
    /// What the protocol demands and nothing else.
    Lean,
    /// What a browser and a common server add: cookies, user agent, dates.
    #[default]
    Browser,
}

impl Headers {
    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Lean => "lean",
            Self::Browser => "browser",
        }
    }
}

/// How polling clients behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Poll {
    /// From one question to the next, in milliseconds.
    pub every_ms: u64,
    /// Whether the connection is kept between questions.
    pub connection: Connection,
    /// How long a server holds the question of a long-polling client that it has no answer to, in
    /// milliseconds.
    pub hold_ms: u64,
}

impl Default for Poll {
    fn default() -> Self {
        Self { every_ms: 2000, connection: Connection::KeepAlive, hold_ms: 20_000 }
    }
}

/// What becomes of a connection after an answer (RFC 9112 §9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Connection {
    /// It is kept for the next request.
    KeepAlive,
    /// It is closed; each request opens one of its own.
    PerRequest,
}

/// What somebody wants at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Want {
    /// When, in milliseconds.
    pub at_ms: u64,
    /// Who.
    pub who: Host,
    /// What.
    pub what: Wish,
}

/// A host of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Host {
    /// The client of this number, from 1.
    Client(usize),
    /// The server.
    Server,
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Client(n) => write!(f, "Client {n}"),
            Self::Server => f.write_str("Server"),
        }
    }
}

/// What somebody wants done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wish {
    /// Say this to all others.
    Say(String),
    /// Send these bytes to all others.
    Send(Vec<u8>),
    /// Say this to all others, in fragments.
    SayInParts(Vec<String>),
    /// Ask whether the other end is there.
    Ping(String),
    /// Say goodbye with this code and reason.
    Close(u16, String),
}

impl Wish {
    /// What is to be said, in the fragments asked for; nothing where nothing is.
    pub fn parts(&self) -> Vec<Message> {
        match self {
            Self::Say(text) => vec![Message::text(text.as_str())],
            Self::Send(bytes) => vec![Message::binary(bytes.clone())],
            Self::SayInParts(parts) => {
                parts.iter().map(|part| Message::text(part.as_str())).collect()
            }
            Self::Ping(_) | Self::Close(..) => Vec::new(),
        }
    }
}

impl Wish {
    /// How many bytes a control frame for it carries; 0 where it takes none.
    pub(super) fn control_len(&self) -> usize {
        match self {
            Self::Ping(text) => text.len(),
            Self::Close(_, reason) => reason.len() + 2,
            Self::Say(_) | Self::Send(_) | Self::SayInParts(_) => 0,
        }
    }
}

impl Scenario {
    /// The most clients of a scenario that is shown.
    pub const MAX_CLIENTS: usize = 1000;
    /// The most clients of a scenario that are played one by one to be counted.
    pub const MAX_PLAYED: usize = 10_000;
    /// The most clients of a scenario that is counted.
    pub const MAX_COUNTED: usize = 1_000_000;
    /// The longest conversation, in milliseconds: an hour.
    pub const MAX_MS: u64 = 3_600_000;
    /// The most segments that a scenario's messages may need.
    pub const MAX_SEGMENTS: u64 = 400_000;
    /// The most polls that a scenario may ask for.
    pub const MAX_POLLS: u64 = 400_000;

    /// What is wrong with the scenario: where, and what would work; empty where nothing is.
    pub fn faults(&self) -> Vec<ScenarioFault> {
        let mut faults = self.flaws();
        let mut demand = |holds: bool, place: &'static str, advice: String| {
            if !holds {
                faults.push(ScenarioFault { place, advice });
            }
        };
        let most = Self::MAX_CLIENTS;
        demand(self.clients <= most, "clients", format!("say 1 to {most}"));
        let polls = (self.ends_ms / self.poll.every_ms.max(1)).saturating_mul(self.clients as u64);
        demand(
            polls <= Self::MAX_POLLS,
            "every_ms",
            format!("{polls} polls are too many to show; poll less often or end sooner"),
        );
        let segments = self.segments();
        demand(
            segments <= Self::MAX_SEGMENTS,
            "mss",
            format!("{segments} segments are too many to show; say less or in larger ones"),
        );
        faults
    }

    /// What is wrong with the scenario however large it is: a conversation that is counted and not
    /// shown may be larger than one that is.
    pub fn flaws(&self) -> Vec<ScenarioFault> {
        let mut flaws = Vec::new();
        let mut demand = |holds: bool, place: &'static str, advice: String| {
            if !holds {
                flaws.push(ScenarioFault { place, advice });
            }
        };
        let most = Self::MAX_COUNTED;
        demand((1..=most).contains(&self.clients), "clients", format!("say 1 to {most}"));
        for middlebox in &self.middleboxes {
            if let Middlebox::ForgetsIdle(ms) | Middlebox::ResetsIdle(ms) = middlebox {
                demand(*ms > 0, "middleboxes", "say at least 1 ms".to_owned());
            }
        }
        demand(self.ends_ms <= Self::MAX_MS, "ends_ms", format!("say at most {}", Self::MAX_MS));
        demand(self.poll.every_ms > 0, "every_ms", "say at least 1".to_owned());
        let held = (1000..=120_000).contains(&self.poll.hold_ms);
        demand(held, "hold_ms", "say 1000 to 120000".to_owned());
        for incident in &self.incidents {
            let advice = "an incident is Misbehave(host, fault) or Behave(host)".to_owned();
            demand(incident.host().is_some(), "incidents", advice);
            if let Some(host) = incident.host() {
                let advice = format!("there is no {host}; there are {} clients", self.clients);
                demand(self.has(host), "incidents", advice);
            }
            let (at, ends) = (incident.at_ms, self.ends_ms);
            demand(at <= ends, "incidents", format!("{at} ms is after the end at {ends} ms"));
        }
        for want in &self.workload {
            let advice = format!("there is no {}; there are {} clients", want.who, self.clients);
            demand(self.has(want.who), "who", advice);
            let advice = format!("{} ms is after the end at {} ms", want.at_ms, self.ends_ms);
            demand(want.at_ms <= self.ends_ms, "at_ms", advice);
            if let Wish::Close(code, _) = &want.what {
                let sendable = crate::wire::close::sendable(*code);
                let advice = format!("close code {code} must not be sent; 1000 would do");
                demand(sendable, "Close", advice);
            }
            let longest = want.what.control_len();
            let advice = "a control frame carries at most 125 bytes (RFC 6455 §5.5)".to_owned();
            demand(longest <= 125, "what", advice);
        }
        flaws.extend(self.network.faults());
        flaws
    }

    fn has(&self, host: Host) -> bool {
        match host {
            Host::Client(n) => (1..=self.clients).contains(&n),
            Host::Server => true,
        }
    }

    /// About how many records a run of it makes in a mode.
    pub fn weight(&self, mode: Mode) -> u64 {
        let clients = self.clients as u64;
        let said = self.segments().saturating_mul(5);
        let opening = clients.saturating_mul(30);
        match mode {
            Mode::Polling => {
                let polls = self.ends_ms / self.poll.every_ms.max(1);
                opening.saturating_add(polls.saturating_mul(clients).saturating_mul(14))
            }
            Mode::LongPolling => opening.saturating_add(said.saturating_mul(2)),
            Mode::Sse | Mode::WebSocket => opening.saturating_add(said),
        }
    }

    /// About how many segments carry what people want to say.
    fn segments(&self) -> u64 {
        let mss = self.network.mss.max(1) as u64;
        let said = self.workload.iter().flat_map(|want| want.what.parts());
        let lens = said.map(|part| part.data.len() as u64);
        lens.map(|len| len.div_ceil(mss).saturating_mul(self.clients as u64)).sum()
    }

    /// When the clients leave.
    pub fn ends(&self) -> SimTime {
        SimTime::from_ms(self.ends_ms)
    }

    /// Every host: the first client, the server, the other clients.
    pub fn hosts(&self) -> Vec<Host> {
        let mut hosts = vec![Host::Client(1), Host::Server];
        hosts.extend((2..=self.clients).map(Host::Client));
        hosts
    }
}

/// What is wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioFault {
    /// The field that is wrong.
    pub place: &'static str,
    /// What would work.
    pub advice: String,
}

fn one() -> u64 {
    1
}

fn two() -> usize {
    2
}
