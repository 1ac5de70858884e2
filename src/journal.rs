//! What happened, as structured entries, and the canonical trace made of them.
//!
//! Each shard writes into a part of its own, so that shards never wait for each other. An entry is there
//! before the answer that it is about leaves.

mod counters;
mod entry;
mod filter;
pub mod invariants;
mod kind;
mod of_job;
mod reel;
mod select;
mod tape;
mod trace;
mod verify;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use counters::Counters;
pub use counters::{CallRow, MOST_ROWS, Outline, Totals};
pub use entry::{
    AdminRequest, Asked, CallRecord, Delivery, Entry, Event, FaultRecord, KeptBody, SentToken,
};
pub use filter::{Filter, names_image};
pub use kind::EventKind;
pub use of_job::JobEntries;
pub use reel::{Happened, Happening, Reel};
pub use select::Selected;
pub use tape::{MOST_BYTES, MOST_HAPPENINGS, Tape};
pub use trace::{Digest, Shown, TraceWriter};
pub use verify::{Field, MOST_NEAREST, Miss, Question, Verdict};

/// How many entries one shard keeps; at some 100 bytes each, about 6 MB.
pub const ENTRIES_KEPT: usize = 65_536;
/// How many bytes of bodies one shard keeps; a few large batches must not fill the memory.
pub const BODY_BYTES_KEPT: usize = 16 * 1024 * 1024;

/// What is kept of the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The newest ones, within [`ENTRIES_KEPT`] and [`BODY_BYTES_KEPT`] per shard.
    Newest,
    /// The newest ones, and all others until they are taken; whoever asks for this takes them at every
    /// instant.
    UntilTaken,
}

/// The journal of a simulation.
pub struct Journal {
    keep: Keep,
    numbers: Numbers,
    parts: Box<[Mutex<Part>]>,
}

/// Gives entries their numbers, from 1, over all shards: with one number whoever reads can go on where he
/// stopped. It is written to all the time, so it has a cache line of its own; measured with two threads that
/// do nothing else, sharing it costs some 15 ns an entry, where handling an event takes microseconds.
#[repr(align(128))]
struct Numbers(AtomicU64);

/// An entry with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// Unique and increasing in the order of recording.
    pub number: u64,
    /// The entry.
    pub entry: Entry,
}

#[derive(Default)]
struct Part {
    /// Ordered by number.
    entries: VecDeque<Numbered>,
    /// How many of the last entries nobody has taken.
    untaken: usize,
    body_bytes: usize,
    evicted: u64,
    /// How many were deleted before their time since everything last began.
    forgotten: u64,
    /// Entries with lower numbers are not shown: they made room, or the journal was emptied.
    shown_from: u64,
    counters: Counters,
}

impl Journal {
    /// A journal with one part for each shard.
    #[must_use]
    pub fn new(shards: usize, keep: Keep) -> Self {
        let parts = (0..shards).map(|_| Mutex::default()).collect();
        Self { keep, numbers: Numbers(AtomicU64::new(1)), parts }
    }

    /// Records an entry of a shard, and says its number.
    pub fn record(&self, shard: usize, entry: Entry) -> u64 {
        let mut part = self.parts[shard % self.parts.len()].lock();
        part.counters.count(&entry.event);
        part.body_bytes += entry.event.body_bytes();
        // Under the lock, so that whoever read `next` before he took the lock misses no lower number.
        let number = self.numbers.0.fetch_add(1, Ordering::Relaxed);
        part.entries.push_back(Numbered { number, entry });
        part.untaken += 1;
        if self.keep == Keep::Newest {
            part.evict();
        }
        number
    }

    /// Takes the entries that were not taken yet, ordered by time and subject; entries of one subject keep
    /// their own order. The newest stay to be read. In virtual time the numbers tell in which order
    /// everything happened, within an instant, too.
    #[must_use]
    pub fn take(&self) -> Vec<Numbered> {
        let mut all: Vec<Numbered> = Vec::new();
        for part in &self.parts {
            let mut part = part.lock();
            let first = part.entries.len() - part.untaken;
            all.extend(part.entries.range(first..).cloned());
            part.untaken = 0;
            part.evict();
        }
        // All entries of one subject are in one part, unless a reset lies between them.
        all.sort_unstable_by_key(|numbered| {
            (numbered.entry.at, numbered.entry.subject, numbered.number)
        });
        all
    }

    /// Empties the journal for whoever reads it, and says how many entries that were. Counters stay, and
    /// so does what is still to be taken for a trace in virtual time.
    pub fn clear(&self) -> u64 {
        let next = self.next();
        self.parts.iter().map(|part| part.lock().clear(next, self.keep)).sum()
    }

    /// Empties the journal and sets every counter to zero; numbers go on. What it had is missing in
    /// recordings, unless everything begins anew. Readers are not shown `last`, which tells of the reset
    /// itself; whoever takes all entries is.
    pub fn reset(&self, everything: bool, last: Entry) {
        if self.keep == Keep::UntilTaken {
            self.record(0, last);
        }
        let next = self.next();
        for part in &self.parts {
            let mut part = part.lock();
            part.clear(next, self.keep);
            part.forgotten = if everything { 0 } else { part.forgotten + part.evicted };
            part.evicted = 0;
            part.counters = Counters::default();
        }
    }

    /// How many entries had to make room for newer ones.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.parts.iter().map(|part| part.lock().evicted).sum()
    }

    /// How many entries a recording lacks: those that had to make room, and those that were deleted while
    /// the rest went on.
    #[must_use]
    pub fn missing(&self) -> u64 {
        let missing = |part: &Mutex<Part>| {
            let part = part.lock();
            part.evicted + part.forgotten
        };
        self.parts.iter().map(missing).sum()
    }

    /// How many events of which kinds there were, and how many calls of which kinds; exact for ever.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for part in &self.parts {
            part.lock().counters.add_to(&mut totals);
        }
        totals
    }

    /// The same in short, for those who ask often.
    #[must_use]
    pub fn outline(&self) -> Outline {
        let mut outline = Outline::default();
        for part in &self.parts {
            let part = part.lock();
            part.counters.outline(&mut outline);
            outline.evicted += part.evicted;
        }
        outline
    }

    /// The number of the next entry: every lower one is seen by whoever looks from now on.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.numbers.0.load(Ordering::Relaxed)
    }
}

impl Part {
    fn evict(&mut self) {
        while self.entries.len() > ENTRIES_KEPT || self.body_bytes > BODY_BYTES_KEPT {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            self.body_bytes -= oldest.entry.event.body_bytes();
            // One that was cleared and stayed for the trace alone has made room for nobody.
            if oldest.number >= self.shown_from {
                self.evicted += 1;
                self.shown_from = oldest.number + 1;
            }
        }
        self.untaken = self.untaken.min(self.entries.len());
    }

    fn clear(&mut self, next: u64, keep: Keep) -> u64 {
        let shown = self.entries.len() - self.place(self.shown_from);
        self.shown_from = next;
        let stay = match keep {
            Keep::Newest => 0,
            Keep::UntilTaken => self.untaken,
        };
        // What came while the other parts were emptied belongs to the time after.
        let go = self.place(next).min(self.entries.len() - stay);
        for gone in self.entries.drain(..go) {
            self.body_bytes -= gone.entry.event.body_bytes();
        }
        self.untaken = self.untaken.min(self.entries.len());
        let cleared = (shown - (self.entries.len() - self.place(next))) as u64;
        self.forgotten += cleared;
        cleared
    }

    /// The place of the first entry that has this number or a higher one.
    fn place(&self, number: u64) -> usize {
        self.entries.partition_point(|entry| entry.number < number)
    }
}

#[cfg(test)]
mod tests;
