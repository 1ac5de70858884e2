//! Waiting that no time ends, and waking before the time: how a reset ends what is under way.

use tokio::sync::oneshot;

use super::{Busy, Clock, Pace, SimTime, Sleep};
use crate::api::time::LAST_MS;
use crate::seed::Subject;

/// Keeps requests out as long as it lives; see [`Clock::hold_arrivals`].
pub struct Held {
    clock: Clock,
}

impl Clock {
    /// Waits for what no time will bring: nothing but [`Clock::wake`] ends it. The sleeper gives up its
    /// token, is not among those who wait, and makes no time jump.
    #[must_use]
    pub fn stay(&self, subject: Subject, busy: Busy) -> Sleep {
        let never = SimTime::from_millis(LAST_MS);
        let (fire, fired) = oneshot::channel();
        self.inner.queue.lock().push_stuck(never, subject, busy.shard(), fire);
        Sleep::new(never, busy, fired, None)
    }

    /// Wakes all sleepers at once of which `wanted` says so, those that [stay](Clock::stay) included, at
    /// the present time or when they were due, whichever is earlier. Says how many they were.
    pub fn wake(&self, wanted: impl Fn(Subject) -> bool) -> usize {
        let now = self.now();
        let entries = self.inner.queue.lock().take(wanted);
        let count = entries.len();
        for entry in entries {
            let at = entry.due.min(now);
            self.inner.fire_at(entry, at);
        }
        count
    }

    /// Keeps requests out that [arrive](Clock::arrive) as long as the guard lives; one at a time does so. A
    /// stepped clock keeps nobody out: its requests come by the steps.
    #[must_use]
    pub fn hold_arrivals(&self) -> Held {
        if let Pace::Live(live) = &self.inner.pace {
            live.door.hold();
        }
        Held { clock: self.clone() }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Pace::Live(live) = &self.clock.inner.pace {
            live.door.let_go();
        }
    }
}
