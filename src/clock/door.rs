//! Where requests wait for a moment while time is about to move.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;

/// Lets requests in, unless the clock waits for what is happening to end: with many clients there would
/// else always be another request under way, and time would never move.
#[derive(Default)]
pub(super) struct Door {
    /// Who keeps it closed: nobody, or any of the three below.
    closed: AtomicU8,
    opened: Notify,
}

/// The driver closed it, and opens it when it has made its move.
const DRIVER: u8 = 1;
/// Somebody closed it for the driver, which has not seen it yet.
const ASKED: u8 = 2;
/// Somebody keeps everybody out, whatever the driver does.
const HELD: u8 = 4;

impl Door {
    /// The driver closes it: requests that arrive from now on wait for [`Door::open`].
    pub(super) fn close(&self) {
        self.closed.fetch_or(DRIVER, Ordering::SeqCst);
    }

    /// Closes it until the driver, which must be woken, has made a move that begins after this.
    pub(super) fn close_for_driver(&self) {
        self.closed.fetch_or(ASKED, Ordering::SeqCst);
    }

    /// The driver begins a move: from now on it answers for all who closed the door until now.
    pub(super) fn take_over(&self) {
        let asked = |closed: u8| (closed & ASKED != 0).then_some((closed & HELD) | DRIVER);
        let _ = self.closed.fetch_update(Ordering::SeqCst, Ordering::SeqCst, asked);
    }

    /// The driver lets in who waits, unless somebody has closed the door for its next move.
    pub(super) fn open(&self) {
        if self.closed.fetch_and(!DRIVER, Ordering::SeqCst) == DRIVER {
            self.opened.notify_waiters();
        }
    }

    /// Keeps everybody out until [`Door::let_go`]; one at a time does so.
    pub(super) fn hold(&self) {
        self.closed.fetch_or(HELD, Ordering::SeqCst);
    }

    /// Lets in who waits, unless the driver keeps it closed.
    pub(super) fn let_go(&self) {
        if self.closed.fetch_and(!HELD, Ordering::SeqCst) == HELD {
            self.opened.notify_waiters();
        }
    }

    /// Whether somebody keeps everybody out, whatever the driver does.
    pub(super) fn is_held(&self) -> bool {
        self.closed.load(Ordering::SeqCst) & HELD != 0
    }

    /// Returns at once if the door is open, else as soon as it opens. Whoever has waited once goes in,
    /// even if the driver has closed the door again: time may move often, and must not keep anybody out
    /// for ever.
    pub(super) async fn pass(&self) {
        if self.closed.load(Ordering::Relaxed) != 0 {
            // Made before the second look, so that an opening in between is not missed.
            let opened = self.opened.notified();
            if self.closed.load(Ordering::SeqCst) != 0 {
                opened.await;
            }
        }
    }
}
