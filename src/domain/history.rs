//! What the members of images were before, for readers that see an older state than the present one.
//!
//! Nothing is recorded until somebody wants it, and what is recorded has no gaps: a change that is not
//! recorded wipes out what was known before it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use super::members::{Members, Undo};
use crate::clock::SimTime;

/// The most changes that are remembered of one image: a reader that lags by a minute sees the right past
/// of an image that changes sixty times a second.
pub(super) const CHANGES_KEPT: usize = 4_096;

/// The most changes that are remembered of all images together; they take some 300 megabytes.
pub(super) const CHANGES_KEPT_IN_ALL: usize = 4_000_000;

/// What a world counts over all its images.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// Whether somebody wants to see the past.
    wanted: AtomicBool,
    /// How many changes are remembered.
    remembered: AtomicUsize,
    /// How many memberships there are.
    memberships: AtomicUsize,
    /// How often the order of the images may have changed.
    reordered: AtomicU64,
}

impl Books {
    pub(super) fn want_history(&self, wanted: bool) {
        self.wanted.store(wanted, Ordering::Relaxed);
    }

    pub(super) fn history_is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    pub(super) fn memberships(&self) -> usize {
        self.memberships.load(Ordering::Relaxed)
    }

    /// Notes that images came or were given other times, so that they may stand in another order.
    pub(super) fn note_order(&self) {
        self.reordered.fetch_add(1, Ordering::Release);
    }

    /// A number that changes when the order of the images may have changed.
    pub(super) fn order(&self) -> u64 {
        self.reordered.load(Ordering::Acquire)
    }

    /// Notes how many memberships an image had before something was done to it, and has now.
    pub(super) fn note(&self, before: usize, after: usize) {
        if after > before {
            self.memberships.fetch_add(after - before, Ordering::Relaxed);
        } else if before > after {
            self.memberships.fetch_sub(before - after, Ordering::Relaxed);
        }
    }

    /// Whether one more change can be remembered; then it is counted.
    fn has_room(&self) -> bool {
        let has_room = self.remembered.fetch_add(1, Ordering::Relaxed) < CHANGES_KEPT_IN_ALL;
        if !has_room {
            self.remembered.fetch_sub(1, Ordering::Relaxed);
        }
        has_room
    }
}

/// What takes back the last changes of one image, the newest last.
#[derive(Debug)]
pub(super) struct History {
    changes: VecDeque<(SimTime, Undo)>,
    books: Arc<Books>,
}

impl History {
    pub(super) fn new(books: &Arc<Books>) -> Self {
        Self { changes: VecDeque::new(), books: Arc::clone(books) }
    }

    /// Remembers a change; the oldest one makes room for it where needed. `false` if there is no room
    /// at all.
    pub(super) fn record(&mut self, at: SimTime, undo: Undo) -> bool {
        // On several threads a change can carry a slightly earlier time than the one before it.
        let at = self.changes.back().map_or(at, |(last, _)| at.max(*last));
        let full = self.changes.len() >= CHANGES_KEPT || !self.books.has_room();
        if full && self.changes.pop_front().is_none() {
            return false;
        }
        self.changes.push_back((at, undo));
        true
    }

    /// Takes all changes back that were made after `time`.
    pub(super) fn rewind(&self, members: &mut Members, time: SimTime) {
        let later = self.changes.iter().rev().take_while(|(at, _)| *at > time);
        later.for_each(|(_, undo)| members.take_back(*undo));
    }
}

impl Drop for History {
    fn drop(&mut self) {
        self.books.remembered.fetch_sub(self.changes.len(), Ordering::Relaxed);
    }
}
