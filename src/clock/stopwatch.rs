//! How long something took, for figures that people look at; nothing is decided by them.

use std::time::Duration;

use super::{Clock, Pace, SimTime};

/// The beginning of what is measured, in nanoseconds since the clock began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopwatch(u64);

impl Clock {
    /// Begins to measure: real time on a live clock, in whatever mode; on a stepped one, whose runs take no
    /// real time, the simulated time, so that every run measures the same.
    #[must_use]
    pub fn stopwatch(&self) -> Stopwatch {
        Stopwatch(self.moment().1)
    }

    /// The present simulated time, and how long ago that was: both by one look at the machine's clock, since
    /// every call wants both.
    #[must_use]
    pub fn now_and_since(&self, begun: Stopwatch) -> (SimTime, Duration) {
        let (now, elapsed) = self.moment();
        (now, Duration::from_nanos(elapsed.saturating_sub(begun.0)))
    }

    fn moment(&self) -> (SimTime, u64) {
        match &self.inner.pace {
            Pace::Stepped { .. } => {
                let now = self.now();
                (now, now.as_millis().saturating_mul(1_000_000))
            }
            Pace::Live(live) => live.moment(),
        }
    }
}
