//! A wait in simulated time, and how it ends.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use super::{Busy, SimTime};

/// The end of a wait.
#[derive(Debug)]
pub struct Wake {
    /// When the wait ended: the time that it was made for, even when a busy machine wakes the sleeper
    /// later, so that simulated durations add up exactly. Earlier if all sleepers were woken.
    pub at: SimTime,
    /// Holds the clock until what the wait was for has been done.
    pub busy: Busy,
}

/// A wait in simulated time. Dropping it gives it up: its entry never fires and moves no time.
pub struct Sleep {
    due: SimTime,
    /// The sleeper's own token: it goes on with it if the wait is over, else it keeps it until it is asked
    /// for the first time and truly waits.
    busy: Option<Busy>,
    fired: Option<oneshot::Receiver<Wake>>,
    parked: Option<Parked>,
}

/// Counts a request that waits for the clock, as long as it does.
pub(super) struct Parked(Arc<AtomicUsize>);

impl Parked {
    pub(super) fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Sleep {
    /// A wait that is over before it begins.
    pub(super) fn none(due: SimTime, busy: Busy) -> Self {
        Self { due, busy: Some(busy), fired: None, parked: None }
    }

    /// A wait that ends when the entry fires.
    pub(super) fn new(
        due: SimTime,
        busy: Busy,
        fired: oneshot::Receiver<Wake>,
        parked: Option<Parked>,
    ) -> Self {
        Self { due, busy: Some(busy), fired: Some(fired), parked }
    }

    /// When it is due.
    #[must_use]
    pub const fn due(&self) -> SimTime {
        self.due
    }

    /// The sleeper's token, until it truly waits: whoever still has something to tell clones it.
    #[must_use]
    pub const fn busy(&self) -> Option<&Busy> {
        self.busy.as_ref()
    }

    /// The end of the wait if it is already over, so that a loop can go on without giving way.
    ///
    /// # Errors
    /// The wait itself if it is not.
    pub fn over(mut self) -> Result<Wake, Self> {
        match (&self.fired, self.busy.take()) {
            (None, Some(busy)) => Ok(Wake { at: self.due, busy }),
            (_, busy) => Err(Self { busy, ..self }),
        }
    }
}

impl Future for Sleep {
    type Output = Wake;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Wake> {
        let Some(fired) = &mut self.fired else {
            let at = self.due;
            return self.busy.take().map_or(Poll::Pending, |busy| Poll::Ready(Wake { at, busy }));
        };
        let fired = Pin::new(fired).poll(cx);
        if fired.is_ready() {
            (self.fired, self.parked) = (None, None);
        }
        self.busy = None;
        match fired {
            Poll::Ready(Ok(wake)) => Poll::Ready(wake),
            // An error means that the clock itself is gone: no time will ever come again.
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Pending,
        }
    }
}
