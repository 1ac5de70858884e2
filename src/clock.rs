//! The one door to time: simulated time with one ordered queue, and real time for what is truly real.
//!
//! Everything that is simulated waits through [`Clock::sleep_until`]. The queue behind it is ordered by
//! due time and then by [`Subject`], never by arrival, so that what falls due at the same instant happens
//! in the same order in every run and on any number of shards. Two paces take entries off that queue:
//! the stepped one of a virtual run, one at a time, letting everything settle in between, and the live
//! one, in one of several [`Mode`]s. Whoever waits cannot tell which.
//!
//! **Settled** means that nothing happens any more by itself. In a virtual run an idle runtime shows it;
//! a live clock learns it from [`Busy`] tokens: whoever does anything holds one, every message that
//! causes anything carries a clone, and whoever waits for the clock gives his up and wakes with another.

mod busy;
mod door;
mod heap;
mod idle;
mod live;
mod mode;
mod queue;
mod rate;
mod sim_time;
mod sleep;
mod status;
mod stopwatch;
mod wake;
mod wall;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::api::time::LAST_MS;
use crate::seed::Subject;
pub use busy::Busy;
use busy::Tokens;
pub use idle::Idle;
pub use live::Advanced;
use live::Live;
pub use mode::{Factor, Mode, NoMode};
use queue::{Entry, Queue};
pub use sim_time::{SimDuration, SimTime};
use sleep::Parked;
pub use sleep::{Sleep, Wake};
pub use status::ClockStatus;
pub use stopwatch::Stopwatch;
pub use wake::Held;
pub use wall::{WallInstant, WallTime};

/// A handle on simulated time; clones share it.
#[derive(Clone)]
pub struct Clock {
    inner: Arc<Inner>,
}

struct Inner {
    pace: Pace,
    queue: Mutex<Queue>,
    tokens: Tokens,
    /// Requests that wait for the clock.
    parked: Arc<AtomicUsize>,
    /// Entries that were fired.
    fired: AtomicU64,
    wall: WallTime,
}

/// There is one of them in a simulation, so their sizes do not matter.
#[expect(clippy::large_enum_variant, reason = "there is one for each simulation")]
enum Pace {
    /// Time stands still between entries and jumps to each as it is taken.
    Stepped { now_ms: AtomicU64, idle: Idle },
    /// Time moves as the mode says.
    Live(Live),
}

/// A virtual run moves its own clock, which has no mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLive;

/// Lets work go on without polls as long as it lives; see [`Clock::hurry`].
pub struct Hurry {
    clock: Clock,
}

impl Clock {
    /// A clock that starts at `start` and moves only when [`Clock::step`] takes an entry, which `idle` lets
    /// it do.
    #[must_use]
    pub fn stepped(start: SimTime, wall: WallTime, idle: &Idle) -> Self {
        let now_ms = AtomicU64::new(start.as_millis());
        Self::new(Pace::Stepped { now_ms, idle: idle.clone() }, wall)
    }

    /// A clock that starts at `start` and moves as its mode says; [`Clock::drive`] must run for sleepers
    /// to wake and for time to be advanced. It never goes beyond the year 9999, the last that can be
    /// written.
    #[must_use]
    pub fn live(mode: Mode, start: SimTime, wall: WallTime) -> Self {
        Self::new(Pace::Live(Live::new(mode, start, wall.clone())), wall)
    }

    fn new(pace: Pace, wall: WallTime) -> Self {
        let inner = Inner {
            pace,
            queue: Mutex::default(),
            tokens: Tokens::default(),
            parked: Arc::default(),
            fired: AtomicU64::new(0),
            wall,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The present simulated time; under a stepped clock, the due time of the entry last taken.
    #[must_use]
    pub fn now(&self) -> SimTime {
        match &self.inner.pace {
            Pace::Stepped { now_ms, .. } => SimTime::from_millis(now_ms.load(Ordering::Acquire)),
            Pace::Live(live) => live.now(),
        }
    }

    /// A token for something that begins on a shard. See [`Busy`].
    #[must_use]
    pub fn busy(&self, shard: u8) -> Busy {
        self.inner.tokens.take(shard)
    }

    /// A token for a request that has arrived on a shard. While time is about to move it waits for a
    /// moment, so that the clock comes to its turn however many clients there are.
    ///
    /// A request that will never be answered drops its token, or time could not move any more by
    /// anything but its flow.
    pub async fn arrive(&self, shard: u8) -> Busy {
        let Pace::Live(live) = &self.inner.pace else {
            return self.busy(shard);
        };
        loop {
            live.door.pass().await;
            // Asked with the token in hand: either whoever holds the door now waits for the token's end, or
            // this sees that he does, although the door stood open a moment before.
            let busy = self.busy(shard);
            if !live.door.is_held() {
                return busy;
            }
        }
    }

    /// Waits until `due`. The sleeper gives up its token, and wakes with one.
    ///
    /// Under a stepped clock, and for work that goes on by polls, a wait that is already over still takes
    /// its turn in the queue. Else it is over at once and costs nothing.
    #[must_use]
    pub fn sleep_until(&self, due: SimTime, subject: Subject, busy: Busy) -> Sleep {
        let is_work = queue::is_work(subject);
        let (due, live) = match &self.inner.pace {
            Pace::Stepped { .. } => (due.max(self.now()), None),
            Pace::Live(live) => (due.min(SimTime::from_millis(LAST_MS)), Some(live)),
        };
        let per_poll = live.is_some_and(Live::is_per_poll);
        if live.is_some_and(|live| !(per_poll && is_work) && due <= live.now()) {
            return Sleep::none(due, busy);
        }
        let parked = (!is_work).then(|| Parked::new(&self.inner.parked));
        let (fire, fired) = oneshot::channel();
        let first = self.inner.queue.lock().push(due, subject, busy.shard(), fire);
        if let Some(live) = live
            && (first || (per_poll && !is_work))
        {
            live.changed.notify_one();
        }
        Sleep::new(due, busy, fired, parked)
    }

    /// Waits so long from a moment that has come. Where there is nothing to wait for, nobody looks what time it
    /// is; see [`Clock::sleep_until`].
    #[must_use]
    pub fn sleep_for(
        &self,
        from: SimTime,
        duration: SimDuration,
        subject: Subject,
        busy: Busy,
    ) -> Sleep {
        match &self.inner.pace {
            Pace::Live(live) if duration == SimDuration::ZERO => {
                if !(live.is_per_poll() && queue::is_work(subject)) {
                    return Sleep::none(from, busy);
                }
            }
            Pace::Live(_) | Pace::Stepped { .. } => {}
        }
        self.sleep_until(from + duration, subject, busy)
    }

    /// Stepped: lets the system settle, then moves to the next entry and wakes its sleeper. `false` if
    /// nothing waits, which means that nothing more will happen by itself.
    ///
    /// Must run on the runtime of [`Idle::runtime`]: that every task of it is idle is what "settled" means
    /// here.
    pub async fn step(&self) -> bool {
        let Pace::Stepped { now_ms, idle } = &self.inner.pace else {
            return false;
        };
        idle.wait().await;
        let Some(entry) = self.inner.queue.lock().pop() else {
            return false;
        };
        now_ms.store(entry.due.as_millis(), Ordering::Release);
        self.inner.fire(entry);
        true
    }

    /// Live: moves time and wakes sleepers in the order of the queue, as the mode says, for ever.
    pub async fn drive(&self) {
        if let Pace::Live(live) = &self.inner.pace {
            live.drive(&self.inner).await;
        }
    }

    /// How time moves; `None` if by the steps of a scenario.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        match &self.inner.pace {
            Pace::Stepped { .. } => None,
            Pace::Live(live) => Some(live.mode()),
        }
    }

    /// Changes how time moves, from the present time on: the change alone makes it neither jump nor run
    /// back.
    ///
    /// # Errors
    /// If the clock is not live.
    pub fn set_mode(&self, mode: Mode) -> Result<(), NotLive> {
        match &self.inner.pace {
            Pace::Stepped { .. } => Err(NotLive),
            Pace::Live(live) => {
                live.set_mode(mode);
                Ok(())
            }
        }
    }

    /// Moves time on by so much, in whatever mode, and returns when everything that fell due has settled:
    /// sleepers wake in order, one after the other has done what it waited for, those included that begin
    /// to wait on the way. Several advances come one after the other.
    ///
    /// The caller must hold no [`Busy`] token, or he waits for himself. One who gives up waiting has
    /// advanced time all the same.
    pub async fn advance(&self, by: SimDuration) -> Advanced {
        let from = self.now();
        let before = self.inner.fired.load(Ordering::Relaxed);
        match &self.inner.pace {
            Pace::Live(live) => live.ask(by).await.unwrap_or(Advanced { from, to: from, fired: 0 }),
            // The steps go on until the last turn of the target's instant.
            Pace::Stepped { .. } => {
                let turn = Subject::Step(u64::MAX);
                let to = self.sleep_until(from + by, turn, self.busy(0)).await.at;
                let fired = self.inner.fired.load(Ordering::Relaxed) - before - 1;
                Advanced { from, to, fired }
            }
        }
    }

    /// The same, waited for at most so long in real time; `None` if something is still under way then. Of
    /// a stepped clock, whose runs take no real time, the end is waited for.
    pub async fn advance_within(&self, by: SimDuration, bound: SimDuration) -> Option<Advanced> {
        match &self.inner.pace {
            Pace::Live(_) => self.inner.wall.within(bound, self.advance(by)).await,
            Pace::Stepped { .. } => Some(self.advance(by).await),
        }
    }

    /// Says that a job query was answered. Where work goes on by polls, its next due entry now may.
    pub fn poll_answered(&self) {
        if let Pace::Live(live) = &self.inner.pace {
            live.poll_answered();
        }
    }

    /// Lets work go on without polls as long as the guard lives, for somebody who waits for a job in
    /// another way.
    #[must_use]
    pub fn hurry(&self) -> Hurry {
        if let Pace::Live(live) = &self.inner.pace {
            live.hurry(true);
        }
        Hurry { clock: self.clone() }
    }
}

impl Inner {
    /// Wakes the sleeper of an entry at the time it waited for.
    fn fire(&self, entry: Entry) {
        let due = entry.due;
        self.fire_at(entry, due);
    }

    /// Wakes the sleeper of an entry at another time than it waited for.
    fn fire_at(&self, entry: Entry, at: SimTime) {
        self.fired.fetch_add(1, Ordering::Relaxed);
        entry.fire(at, &self.tokens);
    }
}

impl Drop for Hurry {
    fn drop(&mut self) {
        if let Pace::Live(live) = &self.clock.inner.pace {
            live.hurry(false);
        }
    }
}

#[cfg(test)]
mod tests;
