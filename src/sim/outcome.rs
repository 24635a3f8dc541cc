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
    match output {
        Output::Write(bytes, context) => {
            let start = link.flow_mut(side).write(&bytes);
            let unit = || Unit { link: idx, from: side, start, bytes, context };
            log.tell(host, || What::Wrote(Arc::new(unit())));
        }
        Output::Read(start, len, context) => {
            let (from, range) = (side.peer(), start..start + len);
            let read = || Reading { link: idx, from, range, context };
            log.tell(host, || What::Read(Arc::new(read())));
        }
        Output::Breach(breach) => {
            log.note(host, What::Found(idx, Arc::new(breach)));
        }
        Output::Finish => link.flow_mut(side).finish(),
        Output::Event(event) => {
            match &event {
                Event::Ping(data) => {
                    log.tell(host, || What::PingCame(Arc::new(data.clone())));
                }
                Event::Pong(data) => {
                    log.tell(host, || What::PongCame(Arc::new(data.clone())));
                }
                Event::Closed(closed) => {
                    log.tell(host, || What::Reported(idx, Arc::new(closed.clone())));
                }
                _ => {}
            }
            events.push(event);
        }
    }
}
