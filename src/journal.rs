//! What happened, as structured entries, and the canonical trace made of them.
//!
//! Each shard writes into a part of its own, so that shards never wait for each other. An entry is there
//! before the answer that it is about leaves.

mod entry;
mod trace;

use std::collections::VecDeque;

use parking_lot::Mutex;

pub use entry::{CallRecord, Delivery, Entry, Event, KeptBody};
pub use trace::{Digest, TraceWriter};

/// How many entries one shard keeps; at some 100 bytes each, about 6 MB.
pub const ENTRIES_KEPT: usize = 65_536;
/// How many bytes of bodies one shard keeps; a few large batches must not fill the memory.
pub const BODY_BYTES_KEPT: usize = 16 * 1024 * 1024;

/// What is kept of the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The newest ones, within [`ENTRIES_KEPT`] and [`BODY_BYTES_KEPT`] per shard.
    Newest,
    /// All, until they are taken; whoever asks for this takes them at every instant.
    UntilTaken,
}

/// The journal of a simulation.
pub struct Journal {
    keep: Keep,
    parts: Box<[Mutex<Part>]>,
}

#[derive(Default)]
struct Part {
    entries: VecDeque<Entry>,
    body_bytes: usize,
    evicted: u64,
}

impl Journal {
    /// A journal with one part for each shard.
    #[must_use]
    pub fn new(shards: usize, keep: Keep) -> Self {
        Self { keep, parts: (0..shards).map(|_| Mutex::default()).collect() }
    }

    /// Records an entry of a shard.
    pub fn record(&self, shard: usize, entry: Entry) {
        let mut part = self.parts[shard % self.parts.len()].lock();
        part.body_bytes += entry.event.body_bytes();
        part.entries.push_back(entry);
        if self.keep == Keep::Newest {
            part.evict();
        }
    }

    /// Takes all entries, ordered by time and subject; entries of one subject keep their own order.
    #[must_use]
    pub fn take(&self) -> Vec<Entry> {
        let mut all: Vec<Entry> = Vec::new();
        for part in &self.parts {
            let mut part = part.lock();
            part.body_bytes = 0;
            all.extend(part.entries.drain(..));
        }
        // The sort is stable, and all entries of one subject are in one part, in their own order.
        all.sort_by_key(|entry| (entry.at, entry.subject));
        all
    }

    /// How many entries had to make room for newer ones.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.parts.iter().map(|part| part.lock().evicted).sum()
    }
}

impl Part {
    fn evict(&mut self) {
        while self.entries.len() > ENTRIES_KEPT || self.body_bytes > BODY_BYTES_KEPT {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            self.body_bytes -= oldest.event.body_bytes();
            self.evicted += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Operation;
    use crate::clock::SimTime;
    use crate::seed::{JobKey, Subject};

    fn started(at: u64, job: u128) -> Entry {
        let subject = Subject::Job(JobKey::new(job, 1));
        Entry { at: SimTime::from_millis(at), subject, event: Event::JobStarted }
    }

    #[test]
    fn the_newest_entries_stay_and_the_others_are_counted() {
        let journal = Journal::new(1, Keep::Newest);
        for at in 0..ENTRIES_KEPT as u64 + 10 {
            journal.record(0, started(at, 1));
        }
        assert_eq!(journal.evicted(), 10);
        assert_eq!(journal.take().first().map(|entry| entry.at.as_millis()), Some(10));
    }

    #[test]
    fn what_clients_decide_the_length_of_is_bounded_wherever_it_stands() {
        let long = "X".repeat(BODY_BYTES_KEPT / 4);
        let kept = |method: &str, target: &str| {
            let journal = Journal::new(1, Keep::Newest);
            for _ in 0..10 {
                let call = Event::Call(Box::new(CallRecord {
                    operation: Operation::Unknown,
                    method: method.to_owned().into(),
                    target: target.to_owned().into(),
                    project: None,
                    request: KeptBody::default(),
                    status: 404,
                    refusal: None,
                    answer: KeptBody::default(),
                    job: None,
                    delivery: Delivery::Answered,
                }));
                journal.record(0, Entry { event: call, ..started(0, 1) });
            }
            journal.take().len()
        };
        assert_eq!(kept("GET", "/"), 10);
        assert_eq!(kept("GET", &long), 3);
        assert_eq!(kept(&long, "/"), 3);
    }

    #[test]
    fn entries_come_out_by_time_and_subject_whichever_shard_wrote_them() {
        let order = |shards: usize| {
            let journal = Journal::new(shards, Keep::UntilTaken);
            for (number, job) in [3, 1, 2, 5, 4].into_iter().enumerate() {
                journal.record(number, started(7, job));
                journal.record(number, started(6, job));
            }
            journal.take().iter().map(|entry| (entry.at, entry.subject)).collect::<Vec<_>>()
        };
        assert_eq!(order(1), order(4));
        assert!(order(4).is_sorted());
    }
}
