//! The sleepers of the queue, the next one first.
//!
//! A binary heap of whole entries moves a good deal of memory whenever one is taken, and looks at much more
//! of it. Here what moves are times with the places of the entries; four of them fit a cache line, so each
//! node has four children, and entries are compared only where their times are equal.

use super::SimTime;
use super::queue::Entry;

/// How many children a node has.
const CHILDREN: usize = 4;

/// Entries, of which the first in their order can be taken.
#[derive(Default)]
pub(super) struct Heap {
    /// No node comes before its parent; the children of the node at `i` begin at `CHILDREN * i + 1`.
    nodes: Vec<Node>,
    entries: Vec<Option<Entry>>,
    /// Places of `entries` that are free.
    free: Vec<u32>,
}

/// When an entry is due, and where it is kept.
#[derive(Clone, Copy)]
struct Node {
    due: SimTime,
    place: u32,
}

impl Heap {
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The entry that comes first.
    pub(super) fn first(&self) -> Option<&Entry> {
        self.entries[self.nodes.first()?.place as usize].as_ref()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        let due = entry.due;
        let place = match self.free.pop() {
            Some(place) => {
                self.entries[place as usize] = Some(entry);
                place
            }
            None => {
                self.entries.push(Some(entry));
                u32::try_from(self.entries.len() - 1).expect("far fewer than 2^32 can wait")
            }
        };
        self.nodes.push(Node { due, place });
        self.rise(self.nodes.len() - 1);
    }

    /// Takes the entry that comes first.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        let last = self.nodes.pop()?;
        let first = match self.nodes.first_mut() {
            Some(first) => std::mem::replace(first, last),
            None => last,
        };
        self.sink();
        self.free.push(first.place);
        self.entries[first.place as usize].take()
    }

    /// Takes all entries, in no order.
    pub(super) fn take_all(&mut self) -> Vec<Entry> {
        let Self { entries, .. } = std::mem::take(self);
        entries.into_iter().flatten().collect()
    }

    /// Keeps only some entries.
    pub(super) fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        if self.entries.iter().flatten().all(&keep) {
            return;
        }
        self.take_all().into_iter().filter(|entry| keep(entry)).for_each(|entry| self.push(entry));
    }

    fn comes_before(&self, one: Node, other: Node) -> bool {
        if one.due != other.due {
            return one.due < other.due;
        }
        self.entries[one.place as usize] < self.entries[other.place as usize]
    }

    /// Lets a node rise to where its parent comes before it.
    fn rise(&mut self, mut at: usize) {
        let node = self.nodes[at];
        while at > 0 {
            let parent = (at - 1) / CHILDREN;
            if !self.comes_before(node, self.nodes[parent]) {
                break;
            }
            self.nodes[at] = self.nodes[parent];
            at = parent;
        }
        self.nodes[at] = node;
    }

    /// Lets the topmost node sink: to the bottom, where it came from, and up again as far as it must.
    fn sink(&mut self) {
        let Some(node) = self.nodes.first().copied() else { return };
        let mut at = 0;
        loop {
            let children = CHILDREN * at + 1..(CHILDREN * at + 1 + CHILDREN).min(self.nodes.len());
            let before = |one: &usize, other: &usize| {
                if self.comes_before(self.nodes[*one], self.nodes[*other]) {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                }
            };
            let Some(child) = children.min_by(before) else { break };
            self.nodes[at] = self.nodes[child];
            at = child;
        }
        self.nodes[at] = node;
        self.rise(at);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tokio::sync::oneshot;

    use super::super::queue::Queue;
    use super::*;
    use crate::seed::{Subject, hash_of};

    #[test]
    fn sleepers_come_in_their_order_while_others_are_added_and_go() {
        let (mut queue, mut expected, mut sleepers) =
            (Queue::default(), BTreeSet::new(), Vec::new());
        for number in 0..6_000_u64 {
            let drawn = hash_of(&number);
            let [due, step] = [drawn % 500, drawn % 1_000_003]
                .map(|part| u64::try_from(part).expect("a small number"));
            let (fire, fired) = oneshot::channel();
            let first = queue.push(SimTime::from_millis(due), Subject::Step(step), 0, fire);
            expected.insert((due, step));
            // One whose sleeper has gone can still stand before it.
            assert!(!first || expected.first() == Some(&(due, step)));
            if drawn % 5 == 0 {
                drop(fired);
                expected.remove(&(due, step));
            } else {
                sleepers.push(fired);
            }
            if number % 3 == 0 {
                let due = queue.pop().map(|entry| entry.due.as_millis());
                assert_eq!(due, expected.pop_first().map(|(due, _)| due));
            }
        }
        assert_eq!(queue.waiting(), expected.len());
        while let Some((due, step)) = expected.pop_first() {
            let (found, subject, _) = queue.pop().expect("there is one").key();
            assert_eq!((found.as_millis(), subject), (due, Subject::Step(step)));
        }
        assert!(queue.pop().is_none());
    }
}
