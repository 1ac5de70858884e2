//! The queue of everything that waits for simulated time, ordered by due time and subject.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use tokio::sync::oneshot;

use super::SimTime;
use crate::seed::Subject;

/// Entries in the order in which they fire. Their number is bounded by what may wait: the workers and jobs
/// that admission lets in, and the steps of a scenario. An entry whose sleeper has gone stays until its
/// turn comes, and is then passed over.
#[derive(Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<Entry>>,
    pushed: u64,
}

/// One sleeper.
pub(super) struct Entry {
    pub(super) due: SimTime,
    subject: Subject,
    /// Tells apart two waits of one subject for one instant; they keep the order in which they were made.
    number: u64,
    fire: oneshot::Sender<()>,
}

impl Queue {
    /// Adds a sleeper; `true` if it is now the first to fire.
    pub(super) fn push(
        &mut self,
        due: SimTime,
        subject: Subject,
        fire: oneshot::Sender<()>,
    ) -> bool {
        let number = self.pushed;
        self.pushed += 1;
        self.heap.push(Reverse(Entry { due, subject, number, fire }));
        self.heap.peek().is_some_and(|Reverse(first)| first.number == number)
    }

    /// Takes the first sleeper that still waits.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        self.drop_gone();
        self.heap.pop().map(|Reverse(entry)| entry)
    }

    /// When the first sleeper that still waits is due.
    pub(super) fn next_due(&mut self) -> Option<SimTime> {
        self.drop_gone();
        self.heap.peek().map(|Reverse(entry)| entry.due)
    }

    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    /// A sleeper that was dropped must not move time.
    fn drop_gone(&mut self) {
        while self.heap.peek().is_some_and(|Reverse(entry)| entry.fire.is_closed()) {
            self.heap.pop();
        }
    }
}

impl Entry {
    pub(super) fn fire(self) {
        // The sleeper may have gone since; then nobody is there to tell.
        let _ = self.fire.send(());
    }

    fn key(&self) -> (SimTime, Subject, u64) {
        (self.due, self.subject, self.number)
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}
