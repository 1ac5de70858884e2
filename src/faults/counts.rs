//! What a rule tells about itself: how often it was asked, and what came of it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::point::Matcher;
use super::when::Hold;

/// How many matchers there are; the client is the last of them.
const MATCHERS: usize = Matcher::Client as usize + 1;

/// Exact counts of one rule.
#[derive(Debug, Default)]
pub struct Counts {
    fired: AtomicU64,
    mismatches: [AtomicU64; MATCHERS],
    holds: [AtomicU64; Hold::ALL.len()],
}

/// What came of asking a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Fired,
    Mismatch(Matcher),
    Held(Hold),
}

impl Counts {
    pub(super) fn see(&self, seen: Seen) {
        let count = match seen {
            Seen::Fired => &self.fired,
            Seen::Mismatch(matcher) => &self.mismatches[matcher as usize],
            Seen::Held(hold) => &self.holds[hold as usize],
        };
        count.fetch_add(1, Ordering::AcqRel);
    }

    /// How often the rule fired.
    #[must_use]
    pub fn fired(&self) -> u64 {
        self.fired.load(Ordering::Acquire)
    }

    /// How often it matched and was held by this.
    #[must_use]
    pub fn held(&self, hold: Hold) -> u64 {
        self.holds[hold as usize].load(Ordering::Acquire)
    }

    /// How often it was asked in full and did not match because of this.
    #[must_use]
    pub fn mismatched(&self, matcher: Matcher) -> u64 {
        self.mismatches[matcher as usize].load(Ordering::Acquire)
    }

    /// How often it matched.
    #[must_use]
    pub fn matched(&self) -> u64 {
        self.fired() + Hold::ALL.iter().map(|hold| self.held(*hold)).sum::<u64>()
    }

    /// How often it was asked in full, rather than passed over by the index.
    pub(super) fn evaluated(&self) -> u64 {
        let mismatches = self.mismatches.iter().map(|count| count.load(Ordering::Acquire));
        self.matched() + mismatches.sum::<u64>()
    }
}
