//! The sequence diagram: hosts as columns, time downwards, messages as slanted arrows.
//!
//! **Invariant:** the layout is computed over the whole run, so that nothing moves while one
//! steps; what lies in the future is there and left undrawn.
//! **Invariant:** labels of the same lane stand apart; long silences are folded and say so.

mod differing;
mod layout;
mod near;

use super::words;
use crate::conn::State;
use crate::run::{Passage, Run};
use crate::sim::{Host, LinkIdx, Record, RecordIdx, Segment, SimTime, Unit, What};
use crate::wire::Side;
use crate::wire::unit::Context;
pub use differing::differing;
pub use layout::ticks;
use layout::{Scale, lay_out};
use std::collections::BTreeMap;

/// The height that a mark takes, in points.
pub const MARK_HEIGHT: f64 = 22.0;
/// How far above its moment a mark at the server stands, clear of the arrows that leave there.
pub const SERVER_MARK_LIFT: f64 = 12.0;

/// A diagram of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagram {
    /// The columns.
    pub hosts: Vec<Host>,
    /// The arrows in the order of their departure.
    pub arrows: Vec<Arrow>,
    /// The marks in the order of time.
    pub marks: Vec<Mark>,
    /// How the states of ends follow each other, by their end.
    pub spans: Vec<Span>,
    /// Silences that are not drawn to scale.
    pub folds: Vec<Fold>,
    scale: Scale,
    /// How long the longest arrow is on its way.
    longest_ns: u64,
    /// How long the longest state lasts.
    longest_span_ns: u64,
}

/// What an arrow carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// TCP alone.
    Tcp,
    /// HTTP.
    Http,
    /// WebSocket frames.
    Frame,
}

/// Something that went from one host to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    /// The connection.
    pub link: LinkIdx,
    /// Who sent it.
    pub from: Host,
    /// Who gets it.
    pub to: Host,
    /// Which end sent it.
    pub side: Side,
    /// What it carries.
    pub load: Load,
    /// The record of its sending.
    pub record: RecordIdx,
    /// What it is, in a few words.
    pub title: String,
    /// Its size and what else is worth a glance; may be empty.
    pub detail: String,
    /// The records of the writing of its units; empty for TCP alone.
    pub units: Vec<RecordIdx>,
    /// When each of its segments departs and arrives.
    pub segments: Vec<(SimTime, SimTime)>,
    /// When the first segment departs.
    pub departs: SimTime,
    /// When the last segment arrives.
    pub arrives: SimTime,
    /// Whether it was changed on its way.
    pub edited: bool,
    /// Whether it arrives at all.
    pub arrived: bool,
}

/// Something that happened at a host.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The record.
    pub record: RecordIdx,
    /// Where.
    pub host: Host,
    /// When.
    pub at: SimTime,
    /// What kind of thing it is.
    pub kind: MarkKind,
    /// What happened, in a few words.
    pub text: String,
    /// On which side of the lifeline it stands.
    pub edge: Edge,
    /// How many marks of the same moment stand below it.
    pub stacked: usize,
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// Somebody wants something.
    Want,
    /// A message reached its application.
    Delivery,
    /// An end changed its state.
    State,
    /// A rule was found broken.
    Breach,
    /// Something was changed from outside, or could not be done.
    Note,
}

/// A side of a lifeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edge {
    /// Left of it.
    Left,
    /// Right of it.
    Right,
}

/// A state of one end for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where.
    pub host: Host,
    /// The client of the connection, from 1.
    pub client: usize,
    /// The state.
    pub state: State,
    /// From when.
    pub from: SimTime,
    /// Until when.
    pub until: SimTime,
}

/// A silence that is not drawn to scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fold {
    /// When it begins.
    pub from: SimTime,
    /// When it ends.
    pub until: SimTime,
}

impl Diagram {
    /// Lays out a run.
    pub fn of(run: &Run) -> Self {
        let hosts = run.scenario().hosts();
        let mut arrows = tcp_arrows(run);
        arrows.extend(unit_arrows(run));
        arrows.sort_by_key(|arrow| (arrow.departs, arrow.arrives));
        let marks = marks(run, &arrows);
        let spans = spans(run);
        let (scale, folds) = lay_out(&hosts, &arrows, &marks, run.ends_at());
        let flights = arrows.iter().map(|arrow| arrow.arrives.0 - arrow.departs.0);
        let longest_ns = flights.max().unwrap_or(0);
        let lasting = spans.iter().map(|span| span.until.0 - span.from.0);
        let longest_span_ns = lasting.max().unwrap_or(0);
        Self { hosts, arrows, marks, spans, folds, scale, longest_ns, longest_span_ns }
    }

    /// The height of a moment, in points from the top.
    pub fn y(&self, at: SimTime) -> f64 {
        self.scale.y(at)
    }

    /// The moment at a height.
    pub fn at(&self, y: f64) -> SimTime {
        self.scale.at(y)
    }

    /// The height of the whole.
    pub fn height(&self) -> f64 {
        self.scale.knots.last().map_or(0.0, |(_, y)| *y)
    }

    /// The column of a host.
    pub fn column(&self, host: Host) -> usize {
        self.hosts.iter().position(|other| *other == host).unwrap_or(0)
    }

    /// The diagram as lines of text up to a moment: what a screen reader reads.
    pub fn text(&self, until: SimTime) -> String {
        let mut lines: Vec<(SimTime, String)> = Vec::new();
        for arrow in self.arrows.iter().filter(|arrow| arrow.departs <= until) {
            let state = match () {
                () if arrow.arrives > until => " (in flight)",
                () if !arrow.arrived => " (never arrives)",
                () => "",
            };
            let (from, to, title) = (arrow.from, arrow.to, &arrow.title);
            let line = format!("{from} → {to}: {title}, {}{state}", arrow.detail);
            lines.push((arrow.departs, line.replace(", ,", ",")));
        }
        for mark in self.marks.iter().filter(|mark| mark.at <= until) {
            lines.push((mark.at, format!("{}: {}", mark.host, mark.text)));
        }
        lines.sort_by_key(|(at, _)| *at);
        let rows: Vec<_> = lines.into_iter().map(|(at, line)| vec![at.to_string(), line]).collect();
        super::columns::aligned(&rows)
    }
}

/// SYN, SYN-ACK, ACK and FIN.
fn tcp_arrows(run: &Run) -> Vec<Arrow> {
    let arrow = |record: &Record| match &record.what {
        What::Sent(flight) if flight.kind != Segment::Data => {
            let client = Host::Client(run.client_of(flight.link)?);
            let (from, to) = match flight.from {
                Side::Client => (client, Host::Server),
                Side::Server => (Host::Server, client),
            };
            Some(Arrow {
                link: flight.link,
                from,
                to,
                side: flight.from,
                load: Load::Tcp,
                record: record.idx,
                title: flight.kind.name().to_owned(),
                detail: String::new(),
                units: Vec::new(),
                segments: vec![(flight.departs, run.arrival_of(flight))],
                departs: flight.departs,
                arrives: run.arrival_of(flight),
                edited: false,
                arrived: run.arrived(flight),
            })
        }
        _ => None,
    };
    run.records().iter().filter_map(arrow).collect()
}

fn written(run: &Run, passage: &Passage) -> Option<Unit> {
    match &run.records().get(passage.wrote.0)?.what {
        What::Wrote(unit) => Some(Unit::clone(unit)),
        _ => None,
    }
}

/// One arrow for the units that share a segment: a head and its body.
fn unit_arrows(run: &Run) -> Vec<Arrow> {
    let shares = |a: &Passage, b: &Passage| a.sent.last() == b.sent.first() && !a.sent.is_empty();
    let groups = run.passages().chunk_by(shares);
    groups.filter_map(|group| unit_arrow(run, group)).collect()
}

fn unit_arrow(run: &Run, group: &[Passage]) -> Option<Arrow> {
    let (first, last) = (group.first()?, group.last()?);
    let lead = written(run, first)?;
    let client = Host::Client(run.client_of(lead.link)?);
    let (from, to) = match lead.from {
        Side::Client => (client, Host::Server),
        Side::Server => (Host::Server, client),
    };
    let load = match lead.context {
        Context::Frame(_) => Load::Frame,
        Context::Request
        | Context::Response
        | Context::Body(_)
        | Context::Chunk(_)
        | Context::Event(_) => Load::Http,
    };
    let sent_units: Vec<Unit> = group.iter().filter_map(|passage| written(run, passage)).collect();
    let units: Vec<Unit> = sent_units
        .iter()
        .zip(group)
        .map(|(unit, passage)| Unit {
            bytes: run.bytes_of(passage.wrote, run.n_moves()),
            ..unit.clone()
        })
        .collect();
    let edited = units != sent_units;
    let lead = units.first()?;
    let size: u64 = units.iter().map(|unit| unit.bytes.len() as u64).sum();
    let (title, detail) = (title(&units, load), detail(&units, size));
    let mut sent: Vec<RecordIdx> = group.iter().flat_map(|passage| passage.sent.clone()).collect();
    sent.dedup();
    let segments = sent
        .iter()
        .filter_map(|idx| match &run.records()[idx.0].what {
            What::Sent(flight) => Some((flight.departs, run.arrival_of(flight))),
            _ => None,
        })
        .collect();
    Some(Arrow {
        link: lead.link,
        from,
        to,
        side: lead.from,
        load,
        record: first.wrote,
        title,
        detail,
        units: group.iter().map(|passage| passage.wrote).collect(),
        segments,
        departs: first.departs,
        arrives: last.arrives,
        edited,
        arrived: group.iter().all(|passage| passage.arrived),
    })
}

/// What an arrow carries, in a few words.
fn title(units: &[Unit], load: Load) -> String {
    match (load, units) {
        // A body belongs to its head.
        (Load::Tcp | Load::Http, [lead, ..]) if is_head(lead) => words::unit_title(lead),
        // Frames, chunks and events in one segment are equals.
        _ => units.iter().map(words::unit_title).collect::<Vec<_>>().join(" + "),
    }
}

/// The size of what an arrow carries, and what stands behind a head.
fn detail(units: &[Unit], size: u64) -> String {
    let behind_head = units.first().is_some_and(is_head);
    let mut detail = words::size(size);
    for unit in units {
        match unit.context {
            Context::Body(_) => detail = format!("{detail} · {}", words::quote(&unit.bytes)),
            Context::Chunk(_) | Context::Event(_) if behind_head => {
                detail = format!("{detail} · {}", words::unit_title(unit));
            }
            _ => {} // The title says it.
        }
    }
    detail
}

fn is_head(unit: &Unit) -> bool {
    matches!(unit.context, Context::Request | Context::Response)
}

fn marks(run: &Run, arrows: &[Arrow]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for record in run.records() {
        let Some((kind, text)) = mark_of(record) else { continue };
        let edge = edge_of(run, record, arrows);
        let stacked = marks
            .iter()
            .rev()
            .take_while(|mark| mark.at == record.at)
            .filter(|mark| (mark.host, mark.edge) == (record.host, edge))
            .count();
        let (record, host, at) = (record.idx, record.host, record.at);
        marks.push(Mark { record, host, at, kind, text, edge, stacked });
    }
    marks
}

fn mark_of(record: &Record) -> Option<(MarkKind, String)> {
    match &record.what {
        What::Wants(wish) => Some((MarkKind::Want, words::wish(wish))),
        What::Delivered(message) => {
            Some((MarkKind::Delivery, format!("got {}", words::message(message))))
        }
        // The server's lifeline carries its states; beside it arrows come and go on both sides.
        What::Became(_, before, after)
            if record.host != Host::Server
                && *before != State::Idle
                && !matches!(after, State::Idle | State::Asking | State::Connecting) =>
        {
            Some((MarkKind::State, format!("{} → {}", before.name(), after.name())))
        }
        What::Found(_, breach) => {
            let section = breach.rule.cite().rsplit(' ').next().unwrap_or_default();
            Some((MarkKind::Breach, format!("breach of {section}")))
        }
        What::Skipped(skip) => Some((MarkKind::Note, skip.why.to_owned())),
        What::GaveUp(_) => Some((MarkKind::Note, "no end came: hangs up".to_owned())),
        What::Edited(_) => Some((MarkKind::Note, "changed here".to_owned())),
        What::Lost(_) => Some((MarkKind::Note, "lost".to_owned())),
        What::Resent(_) => Some((MarkKind::Note, "sent again".to_owned())),
        What::Held(_) => Some((MarkKind::Note, "a proxy keeps it back".to_owned())),
        What::Overwritten { .. } => Some((MarkKind::Note, "a proxy overwrites it".to_owned())),
        What::WasReset(_) => Some((MarkKind::Note, "connection reset".to_owned())),
        What::TimedOut(_) => Some((MarkKind::Note, "no answer: gives up".to_owned())),
        What::Forgotten(_) => Some((MarkKind::Note, "forgotten on the path".to_owned())),
        What::Retries => Some((MarkKind::Note, "tries again".to_owned())),
        What::HeldLong(_) => Some((MarkKind::Note, "held long enough".to_owned())),
        What::CaughtUp(_, n) => Some((MarkKind::Note, format!("{n} missed, made up for"))),
        What::Starts
        | What::Leaves
        | What::Wrote(_)
        | What::Sent(_)
        | What::Arrived(_)
        | What::Waits(_)
        | What::Read { .. }
        | What::PingCame(_)
        | What::PongCame(_)
        | What::PollDue
        | What::Became(..)
        | What::TcpOpen(_)
        | What::TcpClosed(_)
        | What::Reported(..) => None,
    }
}

/// Clients have their marks on the outside, the server on the side from which nothing comes.
fn edge_of(run: &Run, record: &Record, arrows: &[Arrow]) -> Edge {
    match record.host {
        Host::Client(1) => Edge::Left,
        Host::Client(_) => Edge::Right,
        Host::Server => {
            let arrived = record.cause.and_then(|cause| match &run.records()[cause.0].what {
                What::Arrived(flight) => run.client_of(flight.link),
                _ => None,
            });
            let from_left = arrived == Some(1) || arrows.is_empty();
            if from_left || arrived.is_none() { Edge::Right } else { Edge::Left }
        }
    }
}

fn spans(run: &Run) -> Vec<Span> {
    let mut open: BTreeMap<(LinkIdx, Host), (State, SimTime)> = BTreeMap::new();
    let mut spans = Vec::new();
    let mut end = |link: LinkIdx, host, (state, from), until| {
        let Some(client) = run.client_of(link) else { return };
        spans.push(Span { host, client, state, from, until });
    };
    for record in run.records() {
        match &record.what {
            What::TcpOpen(link) => {
                // The server may have read data together with the last segment of the opening.
                open.entry((*link, record.host)).or_insert((State::Idle, record.at));
            }
            What::Became(link, _, after) => {
                if let Some(before) = open.insert((*link, record.host), (*after, record.at)) {
                    end(*link, record.host, before, record.at);
                }
            }
            What::TcpClosed(link) | What::WasReset(link) | What::TimedOut(link) => {
                if let Some(before) = open.remove(&(*link, record.host)) {
                    end(*link, record.host, before, record.at);
                }
            }
            _ => {}
        }
    }
    for ((link, host), before) in open {
        end(link, host, before, run.ends_at());
    }
    spans.sort_by_key(|span| span.until);
    spans
}
