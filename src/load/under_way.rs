//! How much is under way at once, on all threads that send.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is under way on all threads together.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    pub(super) transactions: Gauge,
    pub(super) jobs: Gauge,
}

/// How many there are, and the most there were.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    now: AtomicU64,
    most: AtomicU64,
}

/// One of those; it counts until it is dropped, so that one that panics does not count for ever.
pub(super) struct Counted<'a>(&'a Gauge);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gauge {
    /// One more.
    pub(super) fn one(&self) -> Counted<'_> {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        Counted(self)
    }

    pub(super) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    pub(super) fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed)
    }
}
