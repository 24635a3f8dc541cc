//! `wirestep handshake`: one end of an opening handshake, and the reasons for what it says.

use super::args::{End, Format, Handshake};
use super::decode::breach_json;
use super::react::delivery;
use super::{Exit, Misuse, Streams};
use crate::conn::{Action, Config, Conn, Event, Output};
use crate::wire::Breach;
use crate::wire::extension::{Agreement, DeflateOffer};
use crate::wire::handshake::{Offer, Terms};
use crate::wire::http::{Request, Response};
use crate::wire::unit::Context;
use bytes::Bytes;
use serde_json::{Value as Json, json};
use std::path::Path;

/// What the end made of the bytes.
#[derive(Default)]
struct Verdict {
    outcome: &'static str,
    response: Bytes,
    protocol: Option<String>,
    breaches: Vec<Breach>,
    delivered: Vec<Json>,
}

pub(super) fn run(args: &Handshake, streams: &mut Streams<'_>) -> Result<Exit, Misuse> {
    let raw = read(args.file.as_deref(), streams)?;
    let verdict = match args.end {
        End::Server => serve(&raw, args),
        End::Client => receive(&raw, args),
    };
    match args.format {
        Format::Text => print_text(&verdict, args.end, streams)?,
        Format::Json => writeln!(streams.output, "{}", to_json(&verdict, args.end))?,
    }
    let fails = args.strict && verdict.outcome != "accept";
    Ok(if fails { Exit::Fails } else { Exit::Done })
}

fn read(file: Option<&Path>, streams: &mut Streams<'_>) -> Result<Vec<u8>, Misuse> {
    let mut raw = Vec::new();
    match file {
        Some(path) if path != Path::new("-") => {
            raw = std::fs::read(path).map_err(|error| {
                Misuse(format!(
                    "{}: {error}; give a file that holds the raw head, or - for standard input",
                    path.display()
                ))
            })?;
        }
        _ => {
            streams.input.read_to_end(&mut raw)?;
        }
    }
    Ok(raw)
}

fn serve(raw: &[u8], args: &Handshake) -> Verdict {
    let mut conn = Conn::new(Config::new(crate::wire::Side::Server, 0));
    let mut outputs = conn.receive(raw);
    if outputs.iter().any(|output| matches!(output, Output::Event(Event::Request(..)))) {
        let terms = Terms {
            protocols: args.protocols.clone(),
            deflate: args.deflate.then(Agreement::default),
        };
        let accept = Action::Accept(terms);
        outputs.extend(conn.act(accept).expect("the request that came is to be answered"));
    }
    verdict(outputs, "reject")
}

fn receive(raw: &[u8], args: &Handshake) -> Verdict {
    let mut conn = Conn::new(Config::new(crate::wire::Side::Client, 0));
    let offer = Offer {
        key: args.key.clone(),
        protocols: args.protocols.clone(),
        deflate: args.deflate.then(DeflateOffer::browser).into_iter().collect(),
    };
    let request = Request::new("GET", "/chat").with("Host", "server.example.com");
    conn.act(Action::Upgrade(request, offer)).expect("a client may begin with an upgrade");
    verdict(conn.receive(raw), "fail")
}

fn verdict(outputs: Vec<Output>, refused: &'static str) -> Verdict {
    let mut verdict = Verdict { outcome: "wait", ..Verdict::default() };
    let mut response = Vec::new();
    for output in outputs {
        match output {
            // What the end writes once it is open answers frames, not the handshake.
            Output::Write(bytes, Context::Response | Context::Body(_) | Context::Chunk(_)) => {
                response.extend_from_slice(&bytes);
            }
            Output::Breach(breach) => {
                if verdict.outcome == "wait" {
                    verdict.outcome = refused;
                }
                verdict.breaches.push(breach);
            }
            Output::Event(Event::Opened(opened)) => {
                verdict.outcome = "accept";
                verdict.protocol = opened.protocol;
            }
            Output::Event(event) => verdict.delivered.extend(delivery(&event)),
            Output::Write(..) | Output::Read(..) | Output::Finish => {}
        }
    }
    verdict.response = response.into();
    verdict
}

/// The head of the response that was written.
fn head(verdict: &Verdict) -> Option<Response> {
    let notes = &mut ();
    Response::read(&mut crate::wire::Reader::new(&verdict.response, 0, notes)).ok()
}

fn to_json(verdict: &Verdict, end: End) -> Json {
    let breaches: Vec<_> = verdict.breaches.iter().map(|breach| breach_json(breach, 0)).collect();
    match end {
        End::Server => {
            let head = head(verdict);
            let extensions =
                head.as_ref().and_then(|head| head.headers.only("sec-websocket-extensions"));
            let accept = head.as_ref().and_then(|head| head.headers.only("sec-websocket-accept"));
            json!({
                "outcome": verdict.outcome,
                "status": head.as_ref().map(|head| head.status),
                "response": String::from_utf8_lossy(&verdict.response),
                "accept": accept,
                "protocol": verdict.protocol,
                "extensions": extensions,
                "breaches": breaches,
                "delivered": verdict.delivered,
            })
        }
        End::Client => json!({
            "outcome": verdict.outcome,
            "protocol": verdict.protocol,
            "delivered": verdict.delivered,
            "breaches": breaches,
        }),
    }
}

fn print_text(verdict: &Verdict, end: End, streams: &mut Streams<'_>) -> Result<(), Misuse> {
    let out = &mut *streams.output;
    let who = end.side().name();
    match verdict.outcome {
        "wait" => {
            writeln!(out, "the {who} waits: the head has not ended (its last line is empty)")?;
        }
        outcome => writeln!(out, "the {who} says: {outcome}")?,
    }
    for breach in &verdict.breaches {
        let (byte, rule) = (breach.bit / 8, breach.rule);
        writeln!(out, "  byte {byte}: {} ({})", rule.statement(), rule.cite())?;
    }
    for delivered in &verdict.delivered {
        writeln!(out, "  delivered {delivered}")?;
    }
    if !verdict.response.is_empty() {
        writeln!(out, "\n{}", String::from_utf8_lossy(&verdict.response).replace("\r\n", "\n"))?;
    }
    Ok(())
}
