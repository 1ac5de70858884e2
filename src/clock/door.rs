//! Where requests wait for a moment while time is about to move.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Lets requests in, unless the clock waits for what is happening to end: with many clients there would
/// else always be another request under way, and time would never move.
#[derive(Default)]
pub(super) struct Door {
    closed: AtomicBool,
    opened: Notify,
}

impl Door {
    /// Makes requests that arrive from now on wait for [`Door::open`].
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Lets in who waits.
    pub(super) fn open(&self) {
        if self.closed.swap(false, Ordering::SeqCst) {
            self.opened.notify_waiters();
        }
    }

    /// Returns at once if the door is open, else as soon as it opens. Whoever has waited once goes in,
    /// even if the door has closed again: time may move often, and must not keep anybody out for ever.
    pub(super) async fn pass(&self) {
        if self.closed.load(Ordering::Relaxed) {
            // Made before the second look, so that an opening in between is not missed.
            let opened = self.opened.notified();
            if self.closed.load(Ordering::SeqCst) {
                opened.await;
            }
        }
    }
}
