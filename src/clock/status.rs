//! How a clock stands, for those who look at it from outside.

use std::sync::atomic::Ordering;

use super::{Clock, Mode, Pace, SimTime};

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockStatus {
    /// How it moves; `None` if by the steps of a scenario.
    pub mode: Option<Mode>,
    /// The present simulated time.
    pub now: SimTime,
    /// How many sleepers wait.
    pub waiting: usize,
    /// When the first of them is due.
    pub next_due: Option<SimTime>,
    /// How many sleepers were woken since the start.
    pub fired: u64,
    /// How often time jumped because nothing happened any more.
    pub jumps: u64,
    /// How many [`Busy`](super::Busy) tokens are alive; at 0 everything has settled.
    pub busy: usize,
    /// How many real sleeps there were in the whole simulation.
    pub real_sleeps: u64,
}

impl Clock {
    /// How the clock stands.
    #[must_use]
    pub fn status(&self) -> ClockStatus {
        let inner = &*self.inner;
        let mut queue = inner.queue.lock();
        let next_due = queue.first().map(|first| first.due);
        let waiting = queue.waiting();
        drop(queue);
        ClockStatus {
            mode: self.mode(),
            now: self.now(),
            waiting,
            next_due,
            fired: inner.fired.load(Ordering::Relaxed),
            jumps: match &inner.pace {
                Pace::Stepped { .. } => 0,
                Pace::Live(live) => live.jumps(),
            },
            busy: inner.tokens.alive(),
            real_sleeps: inner.wall.sleeps(),
        }
    }

    /// How many sleepers wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.inner.queue.lock().waiting()
    }
}
