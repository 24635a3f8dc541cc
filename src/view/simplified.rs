//! What is simplified here: every abstraction in force, so that nobody takes the picture for the
//! whole.
//!
//! **Invariant:** what depends on the scenario is said of the scenario that is played.

use super::words;
use crate::run::Run;
use crate::sim::{Edit, HEADER_BYTES, Middlebox};

/// What holds in every scenario.
const ALWAYS: [&str; 7] = [
    "There is no TLS: wss:// would encrypt every byte shown here.",
    "There is no name lookup: clients know the server's address.",
    "TCP's pure acknowledgements are not shown; the opening, FIN and RST's effect are.",
    "TCP has no congestion or receive window: a segment leaves as soon as the line is free.",
    "Hosts think in no time: an answer leaves in the moment in which the question arrived.",
    "One bandwidth serves both directions, each on a line of its own.",
    "A bit edited in flight stands for a faulty sender or a middlebox: TCP's checksum would not \
     let a damaged segment through.",
];

/// The abstractions in force in a run, each a sentence.
pub fn lines(run: &Run) -> Vec<String> {
    let scenario = run.scenario();
    let network = run.edits().fold(scenario.network, |network, (_, edit)| match edit {
        Edit::Network(other) => *other,
        _ => network,
    });
    let mut lines: Vec<String> = ALWAYS.iter().map(|line| (*line).to_owned()).collect();
    lines.push(format!(
        "Sizes are HTTP and WebSocket bytes; TCP and IP add {HEADER_BYTES} bytes to each segment."
    ));
    lines.push(match (network.loss_per_mille, network.resend_ms) {
        (0, _) => "Nothing is lost by itself.".to_owned(),
        (lost, after) => format!(
            "{} % of the segments are lost, in spells of a millisecond; each is sent again after \
             {after} ms, then after twice as long, and so on.",
            lost as f64 / 10.0
        ),
    });
    lines.push(match network.jitter_ms {
        0 => "Delays are constant.".to_owned(),
        jitter => format!("Delays vary by up to {jitter} ms, and nothing overtakes."),
    });
    lines.extend(scenario.middleboxes.iter().map(|middlebox| middlebox_line(*middlebox)));
    lines.push(format!(
        "Here: {} ms up, {} ms down, {} kbit/s, segments of at most {} bytes, {} headers, seed {}.",
        network.up_ms,
        network.down_ms,
        words::grouped(network.kbit_per_s),
        network.mss,
        scenario.headers.label(),
        scenario.seed
    ));
    lines
}

fn middlebox_line(middlebox: Middlebox) -> String {
    match middlebox {
        Middlebox::ForgetsIdle(after_ms) => {
            format!("On the path: something that forgets connections idle for {after_ms} ms.")
        }
        Middlebox::ResetsIdle(after_ms) => {
            format!("On the path: something that resets connections idle for {after_ms} ms.")
        }
        Middlebox::StripsUpgrade => {
            "On the path: a proxy that overwrites the names of Upgrade and Connection.".to_owned()
        }
        Middlebox::BuffersResponses => {
            "On the path: a proxy that keeps a response back until it is whole.".to_owned()
        }
    }
}

/// All of it as text.
pub fn text(run: &Run) -> String {
    lines(run).join("\n") + "\n"
}
