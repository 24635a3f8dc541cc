//! What would happen if an edit were released: the real receiver says.

use super::{Position, Run};
use crate::conn::Conn;
use crate::sim::{Edit, Host, LinkIdx, Move, Record, Refusal, Segment, What};
use crate::wire::Side;

/// The most moves that a preview looks ahead.
const MAX_MOVES: usize = 10_000;

/// What a receiver makes of edited bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Who receives them.
    pub host: Host,
    /// What happened at the receiver by the arrivals of the edited bytes.
    pub records: Vec<Record>,
    /// The receiver's end after that; `None` where the connection was over.
    pub end: Option<Conn>,
}

impl Run {
    /// What the receiver would make of bytes in flight, as an edit leaves them, once the byte
    /// before `until` (counted from the start of the flow) has arrived.
    ///
    /// # Errors
    /// Why the edit cannot be made there.
    pub fn preview(
        &self,
        from: Position,
        edit: Option<&Edit>,
        (link, sender, until): (LinkIdx, Side, u64),
    ) -> Result<Preview, Refusal> {
        let mut world = self.world_at(from.n_moves);
        if let Some(edit) = edit {
            world.play(&Move::Edit(from.at, edit.clone()))?;
        }
        let host = world.link(link).ok_or(Refusal::NotInFlight)?.host(sender.peer());
        let mut preview = Preview { host, records: Vec::new(), end: None };
        for _ in 0..MAX_MOVES {
            let records = world.play(&Move::Next)?;
            let arrived = records.iter().find_map(|record| match &record.what {
                What::Arrived(flight) => Some(flight),
                _ => None,
            });
            let Some(flight) = arrived.filter(|flight| {
                (flight.link, flight.from, flight.kind) == (link, sender, Segment::Data)
            }) else {
                continue;
            };
            let last = flight.range().end >= until;
            preview.records.extend(records);
            if last {
                preview.end = world.link(link).map(|link| link.end(sender.peer()).clone());
                return Ok(preview);
            }
        }
        Err(Refusal::NotInFlight)
    }
}
