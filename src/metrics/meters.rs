//! What is counted for the figures alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::histogram::{Histogram, Measured, raise};
use crate::api::Operation;

/// Counts how long calls took, image workers, and connections.
///
/// Each shard has its own part, which only the shard's thread writes to: an entry costs two additions to memory
/// that no other thread wants, takes no lock and allocates nothing.
#[derive(Debug)]
pub struct Meters {
    shards: Box<[ShardMeters]>,
    /// What had been measured of each operation when counting began anew: nobody but a shard's thread may set
    /// its counts to zero.
    before: Mutex<Vec<Measured>>,
    connections: AtomicU64,
    closed_connections: AtomicU64,
}

/// The part of one shard, on cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct ShardMeters {
    calls: [Histogram; Operation::ALL.len()],
    workers: AtomicU64,
    ended_workers: AtomicU64,
}

impl Meters {
    /// Meters with one part for each shard.
    #[must_use]
    pub fn new(shards: usize) -> Self {
        Self {
            shards: (0..shards).map(|_| ShardMeters::default()).collect(),
            before: Mutex::new(vec![Measured::default(); Operation::ALL.len()]),
            connections: AtomicU64::new(0),
            closed_connections: AtomicU64::new(0),
        }
    }

    fn shard(&self, shard: u8) -> &ShardMeters {
        &self.shards[usize::from(shard) % self.shards.len()]
    }

    /// Counts a call that took so long; like all that is counted by shard, on the shard's thread.
    pub fn called(&self, shard: u8, operation: Operation, took: Duration) {
        self.shard(shard).calls[operation as usize].observe(took);
    }

    /// Counts the beginning of an image worker's life.
    pub fn worker_begins(&self, shard: u8) {
        raise(&self.shard(shard).workers, 1);
    }

    /// Counts the end of an image worker's life, however it ends.
    pub fn worker_ends(&self, shard: u8) {
        raise(&self.shard(shard).ended_workers, 1);
    }

    /// Counts a connection, which is open until what is given back is dropped.
    #[must_use]
    pub fn connection(self: &Arc<Self>) -> OpenConnection {
        self.connections.fetch_add(1, Ordering::Relaxed);
        OpenConnection(Arc::clone(self))
    }

    /// Counts calls from the beginning again. Workers and connections go on to be counted, since some are alive.
    pub fn restart_calls(&self) {
        let mut before = self.before.lock();
        for (operation, before) in Operation::ALL.into_iter().zip(before.iter_mut()) {
            *before = self.all_calls(operation);
        }
    }

    /// How long the calls of an operation took.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> Measured {
        let before = self.before.lock();
        self.all_calls(operation).since(&before[operation as usize])
    }

    fn all_calls(&self, operation: Operation) -> Measured {
        let mut measured = Measured::default();
        for shard in &self.shards {
            shard.calls[operation as usize].add_to(&mut measured);
        }
        measured
    }

    /// How many image workers are alive, and how many there ever were.
    #[must_use]
    pub fn workers(&self) -> (u64, u64) {
        let sum = |count: fn(&ShardMeters) -> &AtomicU64| {
            self.shards.iter().map(|shard| count(shard).load(Ordering::Relaxed)).sum::<u64>()
        };
        // The ends are read first, so that none is seen of a life of which the beginning is not.
        let ended = sum(|shard| &shard.ended_workers);
        let begun = sum(|shard| &shard.workers);
        (begun.saturating_sub(ended), begun)
    }

    /// How many connections are open, and how many there ever were.
    #[must_use]
    pub fn connections(&self) -> (u64, u64) {
        let closed = self.closed_connections.load(Ordering::Relaxed);
        let all = self.connections.load(Ordering::Relaxed);
        (all.saturating_sub(closed), all)
    }
}

/// A connection that is open as long as this lives.
#[derive(Debug)]
pub struct OpenConnection(Arc<Meters>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.closed_connections.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_told_as_one() {
        let meters = Meters::new(2);
        for shard in 0..3 {
            meters.called(shard, Operation::ShowJob, Duration::from_millis(1));
            meters.worker_begins(shard);
        }
        meters.worker_ends(1);
        assert_eq!(meters.calls(Operation::ShowJob).count(), 3);
        assert_eq!(meters.calls(Operation::AddMembers).count(), 0);
        assert_eq!(meters.workers(), (2, 3));
        meters.restart_calls();
        assert_eq!(meters.calls(Operation::ShowJob), Measured::default());
        assert_eq!(meters.workers(), (2, 3), "who is alive stays so");
    }

    #[test]
    fn a_connection_is_open_until_it_is_dropped() {
        let meters = Arc::new(Meters::new(1));
        let (one, _other) = (meters.connection(), meters.connection());
        assert_eq!(meters.connections(), (2, 2));
        drop(one);
        assert_eq!(meters.connections(), (1, 2));
    }
}
