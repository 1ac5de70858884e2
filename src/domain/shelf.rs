//! Things by their keys, in the order in which they were put there.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::hash::Hash;

use rustc_hash::FxHashMap;

/// An ordered map: a thing is found by its key at once, and taking one of a million away leaves the
/// others where they are.
///
/// Things are small or shared. Each stands beside its key as well, since the way to it through its place takes
/// several looks at memory that nobody has looked at for long.
#[derive(Debug)]
pub(super) struct Shelf<K, V> {
    by_key: FxHashMap<K, (u64, V)>,
    things: BTreeMap<u64, V>,
    /// The place of the next thing. Places are never used again, so they tell the order for ever.
    next: u64,
}

impl<K, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self { by_key: FxHashMap::default(), things: BTreeMap::new(), next: 0 }
    }
}

impl<K: Eq + Hash, V: Clone> Shelf<K, V> {
    /// How many things there are.
    pub(super) fn len(&self) -> usize {
        self.things.len()
    }

    /// Where the thing with this key stands.
    pub(super) fn place<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<u64>
    where
        K: Borrow<Q>,
    {
        self.by_key.get(key).map(|(place, _)| *place)
    }

    /// The thing with this key.
    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.by_key.get(key).map(|(_, thing)| thing)
    }

    /// The thing at this place.
    pub(super) fn at(&self, place: u64) -> Option<&V> {
        self.things.get(&place)
    }

    /// Puts a thing behind all others and gives its place; `None`, and nothing done, if its key is taken.
    pub(super) fn put(&mut self, key: K, thing: V) -> Option<u64> {
        match self.by_key.entry(key) {
            std::collections::hash_map::Entry::Occupied(_) => None,
            std::collections::hash_map::Entry::Vacant(free) => {
                let place = self.next;
                free.insert((place, thing.clone()));
                self.things.insert(place, thing);
                self.next += 1;
                Some(place)
            }
        }
    }

    /// Puts another thing in the place of the one with this key; `false` if there is none.
    pub(super) fn replace<Q: Eq + Hash + ?Sized>(&mut self, key: &Q, thing: V) -> bool
    where
        K: Borrow<Q>,
    {
        let Some((place, present)) = self.by_key.get_mut(key) else { return false };
        *present = thing.clone();
        self.things.insert(*place, thing);
        true
    }

    /// Takes a thing away, with the place where it stood.
    pub(super) fn take<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<(u64, V)>
    where
        K: Borrow<Q>,
    {
        let taken = self.by_key.remove(key)?;
        self.things.remove(&taken.0);
        Some(taken)
    }

    /// All things, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &V> {
        self.things.values()
    }

    /// At most `limit` things behind the one with the key `after`, or from the first on; `None` if there
    /// is no thing with that key.
    pub(super) fn page<Q: Eq + Hash + ?Sized>(
        &self,
        after: Option<&Q>,
        limit: usize,
    ) -> Option<Vec<V>>
    where
        K: Borrow<Q>,
    {
        let from = match after {
            None => 0,
            Some(key) => self.place(key)? + 1,
        };
        Some(self.things.range(from..).take(limit).map(|(_, thing)| thing.clone()).collect())
    }

    /// At most `limit` things from a place on, and the place behind the last of them.
    pub(super) fn from(&self, place: u64, limit: usize) -> (Vec<V>, u64) {
        let found = self.things.range(place..).take(limit);
        let mut next = place;
        let things = found.map(|(place, thing)| {
            next = place + 1;
            thing.clone()
        });
        (things.collect(), next)
    }

    /// All things, in order, without the shelf.
    pub(super) fn into_things(self) -> impl Iterator<Item = V> {
        self.things.into_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_pages_outlive_what_is_taken_away() {
        let mut shelf: Shelf<u32, u32> = Shelf::default();
        for number in 0..6 {
            assert!(shelf.put(number, number * 10).is_some());
        }
        assert_eq!(shelf.put(3, 99), None);
        assert_eq!(shelf.take(&2), Some((2, 20)));
        assert_eq!(shelf.put(2, 21), Some(6), "what comes again stands last");
        assert_eq!(shelf.iter().copied().collect::<Vec<_>>(), [0, 10, 30, 40, 50, 21]);
        assert_eq!(shelf.page(Some(&1), 2), Some(vec![30, 40]));
        assert_eq!(shelf.page(None, 1), Some(vec![0]));
        assert_eq!(shelf.page(Some(&2), 9), Some(vec![]));
        assert_eq!(shelf.page(Some(&7), 9), None);
        assert_eq!((shelf.len(), shelf.get(&4), shelf.get(&9)), (6, Some(&40), None));
        assert!(shelf.replace(&4, 41) && !shelf.replace(&9, 91));
        assert_eq!((shelf.get(&4), shelf.page(Some(&3), 2)), (Some(&41), Some(vec![41, 50])));
        let mut by_key: Vec<(u64, u32)> = shelf.by_key.values().copied().collect();
        by_key.sort_unstable();
        let in_order: Vec<(u64, u32)> =
            shelf.things.iter().map(|(place, it)| (*place, *it)).collect();
        assert_eq!(by_key, in_order, "what is kept twice is the same");
    }
}
