//! What would happen if an edit were released: the real receiver says.

use super::{Position, Run};
use crate::sim::{Edit, Host, LinkIdx, Move, Record, Refusal, Segment, What};
use crate::wire::Side;
use std::ops::Range;

/// The most moves that a preview looks ahead.
const MAX_MOVES: usize = 10_000;

/// What a receiver makes of edited bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Who receives them.
    pub host: Host,
    /// What happened at the receiver by the arrivals of the edited bytes.
    pub records: Vec<Record>,
    /// Whether the receiver had given up the connection before and read nothing of it.
    pub deaf: bool,
}

impl Run {
    /// What the receiver would make of the bytes of `range` (counted from the start of the flow),
    /// as an edit leaves them, once the last of them has arrived.
    ///
    /// # Errors
    /// Why the edit cannot be made there.
    pub fn preview(
        &self,
        from: Position,
        edit: Option<&Edit>,
        (link, sender, range): (LinkIdx, Side, Range<u64>),
    ) -> Result<Preview, Refusal> {
        let mut world = self.world_at(from.n_moves);
        if let Some(edit) = edit {
            world.play(&Move::Edit(from.at, edit.clone()))?;
        }
        let host = world.link(link).ok_or(Refusal::NotInFlight)?.host(sender.peer());
        let mut preview = Preview { host, records: Vec::new(), deaf: false };
        for _ in 0..MAX_MOVES {
            let deaf = world.link(link).is_some_and(|link| link.end(sender.peer()).over());
            let records = world.play(&Move::Next)?;
            let arrived = records.iter().find_map(|record| match &record.what {
                What::Arrived(flight) => Some(flight),
                _ => None,
            });
            let Some(flight) = arrived.filter(|flight| {
                (flight.link, flight.from, flight.kind) == (link, sender, Segment::Data)
                    && flight.range().end > range.start
            }) else {
                continue;
            };
            let last = flight.range().end >= range.end;
            // Whoever gave up in the midst of the unit was not deaf to it.
            preview.deaf |= deaf && preview.records.is_empty();
            preview.records.extend(records);
            if last {
                return Ok(preview);
            }
        }
        Err(Refusal::NotInFlight)
    }
}
