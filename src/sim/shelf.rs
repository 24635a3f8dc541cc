//! A shelf: values by number, in chunks that copies share.
//!
//! **Law:** what is changed in a copy is not changed in what it was copied from.
//! **Invariant:** a copy costs one count for each chunk; a change costs at most one chunk.

use std::collections::BTreeMap;
use std::sync::Arc;

/// How many numbers a chunk holds.
const ROOM: usize = 32;

/// Values by number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shelf<T> {
    chunks: BTreeMap<usize, Arc<[Option<T>; ROOM]>>,
}

impl<T: Clone> Shelf<T> {
    pub(super) fn new() -> Self {
        Self { chunks: BTreeMap::new() }
    }

    /// Puts a value in the place of a number; gives what was there.
    pub(super) fn insert(&mut self, n: usize, value: T) -> Option<T> {
        let chunk = self.chunks.entry(n / ROOM);
        let chunk = chunk.or_insert_with(|| Arc::new([const { None }; ROOM]));
        Arc::make_mut(chunk)[n % ROOM].replace(value)
    }

    pub(super) fn get(&self, n: usize) -> Option<&T> {
        self.chunks.get(&(n / ROOM))?[n % ROOM].as_ref()
    }

    /// The value of a number, to be changed: nothing is copied where there is none.
    pub(super) fn get_mut(&mut self, n: usize) -> Option<&mut T> {
        let chunk = self.chunks.get_mut(&(n / ROOM)).filter(|chunk| chunk[n % ROOM].is_some())?;
        Arc::make_mut(chunk)[n % ROOM].as_mut()
    }

    /// Takes the value of a number away.
    pub(super) fn remove(&mut self, n: usize) -> Option<T> {
        let chunk = self.chunks.get_mut(&(n / ROOM)).filter(|chunk| chunk[n % ROOM].is_some())?;
        let value = Arc::make_mut(chunk)[n % ROOM].take();
        if chunk.iter().all(Option::is_none) {
            self.chunks.remove(&(n / ROOM));
        }
        value
    }

    /// The bytes of the chunks that it does not share with another, with what their values hold
    /// beside those of the other.
    pub(super) fn bytes_beside(
        &self,
        other: Option<&Self>,
        held: impl Fn(&T, Option<&T>) -> usize,
    ) -> usize {
        let chunks = self.chunks.iter().map(|(idx, chunk)| {
            let before = other.and_then(|other| other.chunks.get(idx));
            if before.is_some_and(|before| Arc::ptr_eq(before, chunk)) {
                return 0;
            }
            let values = chunk.iter().enumerate().filter_map(|(n, value)| {
                let before = before.and_then(|before| before[n].as_ref());
                value.as_ref().map(|value| held(value, before))
            });
            size_of_val(&**chunk) + values.sum::<usize>()
        });
        chunks.sum()
    }

    /// The numbers that have a value, and the values, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.chunks.iter().flat_map(|(first, chunk)| {
            let numbered = (first * ROOM..).zip(chunk.iter());
            numbered.filter_map(|(n, value)| Some((n, value.as_ref()?)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_shelf_is_a_map_and_its_copies_stay_as_they_were(
            changes in prop::collection::vec((0_usize..200, prop::option::of(0_u8..9)), 0..60),
        ) {
            let mut shelf = Shelf::new();
            let mut map = BTreeMap::new();
            let mut copies = Vec::new();
            for (n, value) in changes {
                copies.push((shelf.clone(), map.clone()));
                let (was, expected) = match value {
                    Some(value) => (shelf.insert(n, value), map.insert(n, value)),
                    None => (shelf.remove(n), map.remove(&n)),
                };
                prop_assert_eq!(was, expected);
                if let Some(value) = shelf.get_mut(n / 2) {
                    *value += 1;
                    *map.get_mut(&(n / 2)).expect("the map has it too") += 1;
                }
                prop_assert_eq!(shelf.get(n), map.get(&n));
            }
            copies.push((shelf, map));
            for (shelf, map) in copies {
                let entries: Vec<_> = shelf.iter().map(|(n, value)| (n, *value)).collect();
                prop_assert_eq!(entries, map.into_iter().collect::<Vec<_>>());
            }
        }
    }
}
