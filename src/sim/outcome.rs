//! Outcomes: what an end of a connection does, noted and handed to its flow.

use super::link::Link;
use super::record::{LinkIdx, Log, Reading, Unit, What};
use crate::conn::{Event, Output};
use crate::wire::Side;
use std::sync::Arc;

/// Notes what an end does and hands what it writes to its flow.
pub(super) fn note(
    link: &mut Link,
    idx: LinkIdx,
    side: Side,
    output: Output,
    events: &mut Vec<Event>,
    log: &mut Log,
) {
    let host = link.host(side);
    let what = match output {
        Output::Write(bytes, context) => {
            let start = link.flow_mut(side).write(&bytes);
            What::Wrote(Arc::new(Unit { link: idx, from: side, start, bytes, context }))
        }
        Output::Read(start, len, context) => {
            let (from, range) = (side.peer(), start..start + len);
            What::Read(Arc::new(Reading { link: idx, from, range, context }))
        }
        Output::Breach(breach) => What::Found(idx, Arc::new(breach)),
        Output::Finish => {
            link.flow_mut(side).finish();
            return;
        }
        Output::Event(event) => {
            let what = match &event {
                Event::Ping(data) => Some(What::PingCame(Arc::new(data.clone()))),
                Event::Pong(data) => Some(What::PongCame(Arc::new(data.clone()))),
                Event::Closed(closed) => Some(What::Reported(idx, Arc::new(closed.clone()))),
                _ => None,
            };
            events.push(event);
            let Some(what) = what else { return };
            what
        }
    };
    log.note(host, what);
}
