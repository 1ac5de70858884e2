//! How far a replay has come, for whoever watches it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the steps that have begun, those inside others included; clones share the count.
#[derive(Clone, Debug, Default)]
pub struct StepCounter(Arc<AtomicU64>);

impl StepCounter {
    /// How many steps have begun.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// One more has begun.
    pub(super) fn advance(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
