//! Size: how much memory a world holds that another one does not share.
//!
//! **Invariant:** what lies in records as well (the bytes of segments) is not counted.

use super::World;
use super::agenda::{Due, Place};
use super::link::{Flow, Link, OnItsWay};
use std::mem::size_of;
use std::sync::Arc;

/// What the memory of a value behind a count costs beside the value.
const COUNTS: usize = 16;

impl World {
    /// About how many bytes this world holds that `other` does not hold with it.
    pub fn bytes_beside(&self, other: Option<&Self>) -> usize {
        let links = self.links.bytes_beside(other.map(|other| &other.links));
        let clients =
            self.clients.bytes_beside(other.map(|other| &other.clients), |client, before| {
                match before {
                    Some(before) if Arc::ptr_eq(before, client) => 0,
                    _ => size_of_val(&**client) + COUNTS,
                }
            });
        let watched = other.map(|other| &other.watched);
        let watched = self.watched.bytes_beside(watched, |_, _| 0);
        let room = self.room.bytes_beside(other.map(|other| &other.room));
        // The leaves of a tree are two thirds full.
        let queued = (size_of::<Place>() + size_of::<Due>()) * 3 / 2;
        let queue = self.agenda.n_queued() * queued;
        let script = if other.is_none() { self.agenda.script_bytes() } else { 0 };
        size_of::<Self>() + script + links + clients + watched + room + queue
    }
}

impl Link {
    /// About how many bytes it holds, itself included.
    pub(super) fn n_bytes(&self) -> usize {
        let ends = self.client_end.n_held() + self.server_end.n_held();
        size_of::<Self>() + COUNTS + ends + self.up.n_held() + self.down.n_held()
    }
}

impl Flow {
    fn n_held(&self) -> usize {
        self.iter().count() * size_of::<OnItsWay>()
    }
}
