//! Real time, for what is truly real: the live clock, the bound on draining, the real-time column of a
//! replay. It counts its sleeps, so that a test can assert that there were none.

// This is the door that every other module is told to use.
#![allow(clippy::disallowed_methods)]

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::{SimDuration, SimTime};

/// A handle on real time; clones share the count of sleeps.
#[derive(Clone, Default)]
pub struct WallTime {
    sleeps: Arc<AtomicU64>,
}

/// A point in real time, good only for differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallInstant(Instant);

impl WallInstant {
    /// The point so much later, as far as the machine can say it.
    #[must_use]
    pub fn later(self, by: SimDuration) -> Self {
        self.0.checked_add(by.to_std()).map_or(self, Self)
    }
}

impl WallTime {
    /// Now.
    #[must_use]
    pub fn now(&self) -> WallInstant {
        WallInstant(Instant::now())
    }

    /// The real date as the start of a simulated one.
    #[must_use]
    pub fn since_1970(&self) -> SimTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        SimTime::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// The whole milliseconds from `start` to now.
    #[must_use]
    pub fn since(&self, start: WallInstant) -> SimDuration {
        let elapsed = start.0.elapsed().as_millis();
        SimDuration::from_millis(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    /// The time from `start` to now, as finely as the machine measures it.
    #[must_use]
    pub fn elapsed(&self, start: WallInstant) -> Duration {
        start.0.elapsed()
    }

    /// Sleeps in real time, and counts it.
    pub async fn sleep(&self, duration: SimDuration) {
        self.sleeps.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(duration.to_std()).await;
    }

    /// Sleeps the whole thread, as finely as the machine can, and counts it: for threads that do nothing but
    /// keep the pace of something.
    pub fn block(&self, duration: Duration) {
        self.sleeps.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(duration);
    }

    /// Runs a future for at most `bound` of real time; `None` if it takes longer. Not a sleep: a future
    /// that is ready is never waited for.
    pub async fn within<F: Future>(&self, bound: SimDuration, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        if let Some(output) = ready_soon(future.as_mut()).await {
            return Some(output);
        }
        tokio::time::timeout(bound.to_std(), future).await.ok()
    }

    /// How many sleeps there were.
    #[must_use]
    pub fn sleeps(&self) -> u64 {
        self.sleeps.load(Ordering::Relaxed)
    }
}

/// Looks at a future twice: at once, and when everybody else who can has had a turn. What is ready by then, as the
/// body of most requests is, needs no timer.
async fn ready_soon<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    let mut looked = false;
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if std::mem::replace(&mut looked, true) => Poll::Ready(None),
        Poll::Pending => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}
