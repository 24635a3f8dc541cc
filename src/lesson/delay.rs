//! Delays: how long what people want to say takes to those who hear it.

use crate::conn::Message;
use crate::sim::{Host, Record, SimTime, What};
use std::collections::BTreeMap;

/// For every message that was delivered, the time from the wish to say it until the last of the
/// clients that hear it was handed it.
pub(super) fn all_ns(records: &[Record]) -> impl Iterator<Item = u64> {
    records.iter().enumerate().filter_map(|(idx, record)| {
        let message = wished(&record.what)?;
        slowest_delivery(&records[idx..], record.host, &message).map(|at| at.0 - record.at.0)
    })
}

/// The mean of these times; `None` before anything was delivered.
pub(super) fn mean_ns(records: &[Record]) -> Option<u64> {
    let (mut n, mut sum) = (0, 0);
    for delay_ns in all_ns(records) {
        n += 1;
        sum += delay_ns;
    }
    (n > 0).then(|| sum / n)
}

/// When the last of the clients that hear a message is handed it.
fn slowest_delivery(later: &[Record], speaker: Host, message: &Message) -> Option<SimTime> {
    let mut heard: BTreeMap<Host, SimTime> = BTreeMap::new();
    for record in later {
        let hears = record.host != Host::Server && record.host != speaker;
        let said = matches!(&record.what, What::Delivered(delivered) if **delivered == *message);
        if hears && said {
            // The same words may be said again: the first delivery is the one that counts.
            heard.entry(record.host).or_insert(record.at);
        }
    }
    heard.into_values().max()
}

/// What somebody wants to say, as its hearers get it.
fn wished(what: &What) -> Option<Message> {
    let What::Wants(wish) = what else { return None };
    let parts = wish.parts();
    (!parts.is_empty()).then(|| Message::joined(&parts))
}
