//! Outcomes: what an end of a connection does, noted and handed to its flow.

use super::link::Link;
use super::record::{LinkIdx, Log, Unit, What};
use crate::conn::{Event, Output};
use crate::wire::Side;

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
            What::Wrote(Unit { link: idx, from: side, start, bytes, context })
        }
        Output::Read(start, len, context) => {
            What::Read { link: idx, from: side.peer(), range: start..start + len, context }
        }
        Output::Breach(breach) => What::Found(idx, breach),
        Output::Finish => {
            link.flow_mut(side).finish();
            return;
        }
        Output::Event(event) => {
            let what = match &event {
                Event::Ping(data) => Some(What::PingCame(data.clone())),
                Event::Pong(data) => Some(What::PongCame(data.clone())),
                Event::Closed(closed) => Some(What::Reported(idx, closed.clone())),
                _ => None,
            };
            events.push(event);
            let Some(what) = what else { return };
            what
        }
    };
    log.note(host, what);
}
