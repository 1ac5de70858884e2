//! What became of jobs.

use std::sync::atomic::AtomicU64;

use crate::api::job::JobType;

/// Shards beyond it share stripes, which costs a little and changes nothing.
pub(super) const STRIPES: usize = 16;

/// What became of the jobs of some shards, by type. Neighbours never share a line of the cache.
#[derive(Default)]
#[repr(align(128))]
pub(super) struct Stripe(pub(super) [Became; JobType::ALL.len()]);

/// What became of the jobs of one type.
#[derive(Default)]
pub(super) struct Became {
    pub(super) accepted: AtomicU64,
    pub(super) succeeded: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) lost: AtomicU64,
}

/// Exact counts of jobs since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Jobs that were accepted.
    pub accepted: u64,
    /// Jobs that ended with `SUCCESS`.
    pub succeeded: u64,
    /// Jobs that ended with `FAIL`.
    pub failed: u64,
    /// Jobs that a fault rule lost: accepted, never run, never ended.
    pub lost: u64,
}
