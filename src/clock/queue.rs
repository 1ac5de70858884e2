//! The queue of everything that waits for simulated time, ordered by due time and subject.

use std::cmp::Ordering;

use tokio::sync::oneshot;

use super::heap::Heap;
use super::{SimTime, Tokens, Wake};
use crate::seed::Subject;

/// Entries in the order in which they fire. Their number is bounded by what may wait: the workers and jobs
/// that admission lets in, the requests on open connections, and the steps of a scenario. An entry whose
/// sleeper has gone is passed over when its turn comes; of those there are never more than there were
/// entries at once, or clients that give up long delays would fill the queue behind a single live entry.
#[derive(Default)]
pub(super) struct Queue {
    heap: Heap,
    /// How many entries there may be before those whose sleepers have gone are looked for.
    room: usize,
    /// Those that no time will wake, in the order in which they came.
    stuck: Vec<Entry>,
    /// How many of them there may be before those that have gone are looked for.
    stuck_room: usize,
    pushed: u64,
}

/// How many entries may be kept before those whose sleepers have gone are looked for: so few cost nothing.
const LEAST_ROOM: usize = 1_024;

/// How many sleepers that no time will wake may be kept before those that have gone are looked for.
const STUCK_ROOM: usize = 64;

/// One sleeper.
pub(super) struct Entry {
    pub(super) due: SimTime,
    subject: Subject,
    /// Whose token the sleeper wakes with.
    shard: u8,
    /// Tells apart two waits of one subject for one instant; they keep the order in which they were made.
    number: u64,
    fire: oneshot::Sender<Wake>,
}

/// What waits first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct First {
    pub(super) due: SimTime,
    /// Whether it is part of a job; everything else is a request or a step that somebody waits for.
    pub(super) is_work: bool,
}

/// Whether a subject is a part of a job.
pub(super) fn is_work(subject: Subject) -> bool {
    matches!(subject, Subject::Job(..) | Subject::Image(..) | Subject::Pair(..))
}

impl Queue {
    /// Adds a sleeper; `true` if it is now the first to fire.
    pub(super) fn push(
        &mut self,
        due: SimTime,
        subject: Subject,
        shard: u8,
        fire: oneshot::Sender<Wake>,
    ) -> bool {
        if self.heap.len() >= self.room {
            // Looked for only when they have doubled, so that each addition costs little.
            self.forget_gone();
            self.room = (self.heap.len() * 2).max(LEAST_ROOM);
        }
        let number = self.next_number();
        self.heap.push(Entry { due, subject, shard, number, fire });
        self.heap.first().is_some_and(|first| first.number == number)
    }

    fn next_number(&mut self) -> u64 {
        self.pushed += 1;
        self.pushed
    }

    /// Adds a sleeper that no time will wake.
    pub(super) fn push_stuck(
        &mut self,
        due: SimTime,
        subject: Subject,
        shard: u8,
        fire: oneshot::Sender<Wake>,
    ) {
        if self.stuck.len() >= self.stuck_room {
            // Looked for only when they have doubled, so that each addition costs little.
            self.stuck.retain(|entry| !entry.fire.is_closed());
            self.stuck_room = (self.stuck.len() * 2).max(STUCK_ROOM);
        }
        let number = self.next_number();
        self.stuck.push(Entry { due, subject, shard, number, fire });
    }

    /// Takes all sleepers of which `wanted` says so, in their order; those that no time will wake come
    /// last.
    pub(super) fn take(&mut self, wanted: impl Fn(Subject) -> bool) -> Vec<Entry> {
        let all = self.heap.take_all().into_iter();
        let (mut taken, rest): (Vec<_>, Vec<_>) = all.partition(|it| wanted(it.subject));
        rest.into_iter().for_each(|entry| self.heap.push(entry));
        taken.sort_unstable();
        let (stuck, rest) =
            std::mem::take(&mut self.stuck).into_iter().partition(|it| wanted(it.subject));
        self.stuck = rest;
        taken.extend::<Vec<_>>(stuck);
        taken.retain(|entry| !entry.fire.is_closed());
        taken
    }

    /// Takes the first sleeper that still waits.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        self.drop_gone();
        self.heap.pop()
    }

    /// Takes the first sleeper that still waits, if it is due by then.
    pub(super) fn pop_due(&mut self, by: SimTime) -> Option<Entry> {
        self.first().is_some_and(|first| first.due <= by).then(|| self.pop())?
    }

    /// The first sleeper that still waits.
    pub(super) fn first(&mut self) -> Option<First> {
        self.drop_gone();
        let entry = self.heap.first()?;
        Some(First { due: entry.due, is_work: is_work(entry.subject) })
    }

    /// How many entries are kept of those that no time will wake.
    #[cfg(test)]
    pub(super) fn stuck_len(&self) -> usize {
        self.stuck.len()
    }

    /// How many sleepers wait, without those that have gone.
    pub(super) fn waiting(&mut self) -> usize {
        self.forget_gone();
        self.heap.len()
    }

    fn forget_gone(&mut self) {
        self.heap.retain(|entry| !entry.fire.is_closed());
    }

    /// How many entries there are, those of sleepers that have gone among them.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    /// A sleeper that was dropped must not move time.
    fn drop_gone(&mut self) {
        while self.heap.first().is_some_and(|entry| entry.fire.is_closed()) {
            self.heap.pop();
        }
    }
}

impl Entry {
    /// Wakes the sleeper, with a token that lasts until it has done what it waited for.
    pub(super) fn fire(self, at: SimTime, tokens: &Tokens) {
        let wake = Wake { at, busy: tokens.take(self.shard) };
        // The sleeper may have gone since; then nobody is there to tell.
        let _ = self.fire.send(wake);
    }

    pub(super) fn key(&self) -> (SimTime, Subject, u64) {
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
