//! The one door to time: simulated time with one ordered queue, and real time for what is truly real.
//!
//! Everything that is simulated waits through [`Clock::sleep_until`]. The queue behind it is ordered by
//! due time and then by [`Subject`], never by arrival, so that what falls due at the same instant happens
//! in the same order in every run and on any number of shards. Two paces take entries off that queue:
//! the real one when their time has come, the stepped one one at a time, letting everything settle in
//! between. Whoever waits cannot tell which.

mod queue;
mod sim_time;
mod wall;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use crate::seed::Subject;
use queue::Queue;
pub use sim_time::{SimDuration, SimTime};
pub use wall::{WallInstant, WallTime};

/// A handle on simulated time; clones share it.
#[derive(Clone)]
pub struct Clock {
    inner: Arc<Inner>,
}

struct Inner {
    pace: Pace,
    queue: Mutex<Queue>,
    /// Tells the driver that an entry is due earlier than the one it waits for.
    earlier: Notify,
    wall: WallTime,
}

enum Pace {
    /// Time stands still between entries and jumps to each as it is taken.
    Stepped { now_ms: AtomicU64 },
    /// Time follows real time from a start.
    Real { start: SimTime, anchor: WallInstant },
}

impl Clock {
    /// A clock that starts at `start` and moves only when [`Clock::step`] takes an entry.
    #[must_use]
    pub fn stepped(start: SimTime, wall: WallTime) -> Self {
        Self::new(Pace::Stepped { now_ms: AtomicU64::new(start.as_millis()) }, wall)
    }

    /// A clock that shows real time; [`Clock::drive`] must run for sleepers to wake.
    #[must_use]
    pub fn real(wall: WallTime) -> Self {
        let pace = Pace::Real { start: wall.since_1970(), anchor: wall.now() };
        Self::new(pace, wall)
    }

    fn new(pace: Pace, wall: WallTime) -> Self {
        let queue = Mutex::new(Queue::default());
        Self { inner: Arc::new(Inner { pace, queue, earlier: Notify::new(), wall }) }
    }

    /// The present simulated time; under a stepped clock, the due time of the entry last taken.
    #[must_use]
    pub fn now(&self) -> SimTime {
        match &self.inner.pace {
            Pace::Stepped { now_ms } => SimTime::from_millis(now_ms.load(Ordering::Acquire)),
            Pace::Real { start, anchor } => *start + self.inner.wall.since(*anchor),
        }
    }

    /// Waits until `due` and gives the time at which the wait ended: `due` itself, even when a busy
    /// machine wakes the sleeper later, so that simulated durations add up exactly.
    ///
    /// Under a stepped clock a wait that is already over still takes its turn in the queue. Under a real
    /// one it is over at once and costs nothing.
    #[must_use]
    pub fn sleep_until(&self, due: SimTime, subject: Subject) -> Sleep {
        let due = match &self.inner.pace {
            Pace::Stepped { .. } => due.max(self.now()),
            Pace::Real { .. } if due <= self.now() => return Sleep { due, fired: None },
            Pace::Real { .. } => due,
        };
        let (fire, fired) = oneshot::channel();
        if self.inner.queue.lock().push(due, subject, fire) {
            self.inner.earlier.notify_one();
        }
        Sleep { due, fired: Some(fired) }
    }

    /// Stepped: lets the system settle, then moves to the next entry and wakes its sleeper. `false` if
    /// nothing waits, which means that nothing more will happen by itself.
    ///
    /// Must run on a current-thread runtime whose tokio clock is paused: it moves only when every task
    /// of the runtime is idle, which is what "settled" means here.
    pub async fn step(&self) -> bool {
        let Pace::Stepped { now_ms } = &self.inner.pace else {
            return false;
        };
        wall::idle().await;
        let Some(entry) = self.inner.queue.lock().pop() else {
            return false;
        };
        now_ms.store(entry.due.as_millis(), Ordering::Release);
        entry.fire();
        true
    }

    /// Real: wakes sleepers as their time comes, in the order of the queue, for ever.
    pub async fn drive(&self) {
        loop {
            let next = self.fire_due();
            let earlier = self.inner.earlier.notified();
            match next {
                None => earlier.await,
                Some(due) => {
                    let wait = due - self.now();
                    tokio::select! {
                        biased;
                        () = earlier => {}
                        () = self.inner.wall.sleep(wait) => {}
                    }
                }
            }
        }
    }

    /// Fires everything that is due and returns the time of the next entry.
    fn fire_due(&self) -> Option<SimTime> {
        loop {
            let now = self.now();
            let mut queue = self.inner.queue.lock();
            let next = queue.next_due()?;
            if next > now {
                return Some(next);
            }
            let entry = queue.pop();
            drop(queue);
            if let Some(entry) = entry {
                entry.fire();
            }
        }
    }

    /// How many sleepers wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.inner.queue.lock().len()
    }
}

/// A wait in simulated time. Dropping it gives it up: its entry never fires and moves no time.
pub struct Sleep {
    due: SimTime,
    fired: Option<oneshot::Receiver<()>>,
}

impl Sleep {
    /// The end of the wait if it is already over, so that a loop can go on without giving way.
    #[must_use]
    pub fn over(&self) -> Option<SimTime> {
        self.fired.is_none().then_some(self.due)
    }
}

impl Future for Sleep {
    type Output = SimTime;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<SimTime> {
        let due = self.due;
        match &mut self.fired {
            None => Poll::Ready(due),
            Some(fired) => match Pin::new(fired).poll(cx) {
                Poll::Pending => Poll::Pending,
                // An error means that the clock itself is gone, and with it everything that waits.
                Poll::Ready(Ok(()) | Err(_)) => {
                    self.fired = None;
                    Poll::Ready(due)
                }
            },
        }
    }
}

#[cfg(test)]
mod tests;
