//! The comparison: one conversation by every way to carry it, as a table.
//!
//! **Invariant:** every number is one of a tally, or of what it took to count it.

use super::words;
use crate::run::{Played, Tally, Weight};
use crate::sim::{Mode, SimTime};
use serde_json::{Map, Value as Json, json};

/// The tally of one mode.
pub type Row = (Mode, Tally);

/// The rows as one JSON object.
pub fn json(rows: &[Row]) -> Json {
    let modes: Map<String, Json> =
        rows.iter().map(|(mode, tally)| (mode.name().to_owned(), tally_json(tally))).collect();
    json!({ "modes": modes })
}

fn tally_json(tally: &Tally) -> Json {
    let ms = |at: Option<SimTime>| at.map(SimTime::as_ms);
    json!({
        "bytes_up": tally.up.without_tcp_ip(),
        "bytes_down": tally.down.without_tcp_ip(),
        "payload_bytes": tally.payload_bytes,
        "up": weight_json(&tally.up),
        "down": weight_json(&tally.down),
        "requests": tally.requests,
        "empty_responses": tally.empty_answers,
        "connections": tally.connections,
        "most_open": tally.most_open,
        "segments": tally.segments,
        "frames": tally.frames,
        "messages_delivered": tally.delivered,
        "delay_ms": {
            "mean": ms(tally.mean_delay()),
            "p50": ms(tally.delay_at(500)),
            "p95": ms(tally.delay_at(950)),
            "p99": ms(tally.delay_at(990)),
            "max": ms(tally.delay_at(1000)),
        },
        "records": tally.records,
    })
}

fn weight_json(weight: &Weight) -> Json {
    json!({
        "payload": weight.payload,
        "framing": weight.framing,
        "heads": weight.heads,
        "tcp_ip": weight.tcp_ip,
        "again": weight.again,
    })
}

/// How a mode was counted, and what that took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// What counted.
    pub engine: Engine,
    /// How many clients there are.
    pub clients: usize,
    /// How many of them were played.
    pub clients_played: usize,
    /// How many records were counted.
    pub events: u64,
    /// How many of them were made by playing.
    pub events_played: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// About how much memory it took, in bytes.
    pub bytes: usize,
}

/// Ways to count a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Every client is played.
    Full,
    /// One client of those that nobody can tell apart is played.
    Crowd,
}

impl Engine {
    /// The name that data use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Crowd => "crowd",
        }
    }
}

impl Effort {
    /// What it took to play `clients_played` of `clients`.
    pub fn new(
        engine: Engine,
        played: &Played,
        (clients_played, clients): (usize, usize),
        seconds: f64,
    ) -> Self {
        let (events, events_played) = (played.tally.records, played.n_records);
        let bytes = played.n_bytes;
        Self { engine, clients, clients_played, events, events_played, seconds, bytes }
    }

    fn bytes_per_client(&self) -> f64 {
        self.bytes as f64 / self.clients.max(1) as f64
    }

    /// So many in a second; none where no time passed.
    fn rate(&self, n: u64) -> u64 {
        if self.seconds > 0.0 { (n as f64 / self.seconds) as u64 } else { 0 }
    }

    /// As one JSON object. Events are records.
    pub fn json(&self) -> Json {
        json!({
            "engine": self.engine.name(),
            "clients_played": self.clients_played,
            "events": self.events,
            "events_played": self.events_played,
            "seconds": self.seconds,
            "events_per_second": self.rate(self.events),
            "events_played_per_second": self.rate(self.events_played),
            "bytes_per_client": self.bytes_per_client(),
        })
    }
}

/// What it took to count each mode, as a table.
pub fn efforts_text(efforts: &[(Mode, Effort)]) -> String {
    let head =
        ["mode", "engine", "clients played", "events", "events played", "a second", "memory"];
    let row = |(mode, effort): &(Mode, Effort)| {
        vec![
            mode.label().to_owned(),
            effort.engine.name().to_owned(),
            words::grouped(effort.clients_played as u64),
            words::grouped(effort.events),
            words::grouped(effort.events_played),
            words::grouped(effort.rate(effort.events_played)),
            format!(
                "{}, {:.3} a client",
                words::size(effort.bytes as u64),
                effort.bytes_per_client()
            ),
        ]
    };
    let head = head.map(str::to_owned).to_vec();
    super::columns::aligned(
        &std::iter::once(head).chain(efforts.iter().map(row)).collect::<Vec<_>>(),
    )
}

/// What stands above the columns.
pub const HEADS: [&str; 10] =
    ["mode", "up", "down", "requests", "empty", "connections", "delivered", "p50", "p95", "max"];

/// A row as cells, one for each of [`HEADS`].
pub fn cells((mode, tally): &Row) -> [String; 10] {
    let delay = |per_mille| {
        let at = tally.delay_at(per_mille).map(|at| format!("{:.1} ms", at.as_ms()));
        at.unwrap_or_else(|| "–".to_owned())
    };
    [
        mode.label().to_owned(),
        words::size(tally.up.without_tcp_ip()),
        words::size(tally.down.without_tcp_ip()),
        words::grouped(tally.requests),
        words::grouped(tally.empty_answers),
        words::grouped(tally.connections),
        words::grouped(tally.delivered),
        delay(500),
        delay(950),
        delay(1000),
    ]
}

/// The table as text.
pub fn text(rows: &[Row]) -> String {
    let head = HEADS.map(str::to_owned).to_vec();
    let rows = rows.iter().map(|row| cells(row).to_vec());
    super::columns::aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}

/// The table as comma-separated values (RFC 4180): plain numbers, bytes and milliseconds.
pub fn csv(rows: &[Row]) -> String {
    let head = "mode,bytes_up,bytes_down,payload_up,payload_down,framing_up,framing_down,\
                heads_up,heads_down,tcp_ip_up,tcp_ip_down,requests,empty_responses,connections,\
                messages_delivered,p50_ms,p95_ms,p99_ms,max_ms";
    let mut lines = vec![head.to_owned()];
    for (mode, tally) in rows {
        let (up, down) = (&tally.up, &tally.down);
        let numbers = [
            up.without_tcp_ip(),
            down.without_tcp_ip(),
            up.payload,
            down.payload,
            up.framing,
            down.framing,
            up.heads,
            down.heads,
            up.tcp_ip,
            down.tcp_ip,
            tally.requests,
            tally.empty_answers,
            tally.connections,
            tally.delivered,
        ];
        let delays = [500, 950, 990, 1000].map(|per_mille| {
            tally.delay_at(per_mille).map(|at| at.as_ms().to_string()).unwrap_or_default()
        });
        let cells = numbers.iter().map(u64::to_string).chain(delays);
        lines.push(format!("{},{}", mode.name(), cells.collect::<Vec<_>>().join(",")));
    }
    lines.join("\r\n") + "\r\n"
}
