//! Keeps what a recording is made of from the first call on, whatever the journal forgets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use log::warn;
use parking_lot::Mutex;

use super::entry::{CallRecord, Entry, Event};
use super::reel::Reel;

/// The most calls and changes on a tape: each may become three steps of a file, which has at most 100,000.
pub const MOST_HAPPENINGS: usize = 33_000;

/// The most bytes of paths, headers and bodies on a tape, so that the file that comes of it stays below
/// the longest one that can be read.
pub const MOST_BYTES: usize = 24 * 1024 * 1024;

/// A tape that runs while a server does. It has one lock for all shards: whoever records a session does
/// not measure it.
pub struct Tape {
    reel: Mutex<Reel>,
    /// Requests that arrive when the journal has come to this number are not heard any more.
    until: AtomicU64,
    /// How many calls and changes came when it was full.
    missed: AtomicU64,
}

impl Default for Tape {
    fn default() -> Self {
        Self { reel: Mutex::default(), until: AtomicU64::new(u64::MAX), missed: AtomicU64::new(0) }
    }
}

impl Tape {
    /// Hears of an entry of the journal, of which `whole` is the call with all of its bodies.
    pub fn hear(&self, number: u64, entry: &Entry, whole: Option<Arc<CallRecord>>) {
        let whole = whole.map(Event::Call);
        let event = whole.as_ref().unwrap_or(&entry.event);
        let happens = match event {
            Event::Call(call) if call.asked.arrived >= self.until.load(Ordering::SeqCst) => return,
            Event::Call(_) | Event::Admin { .. } => true,
            _ => false,
        };
        // Under the lock numbers of different shards may come in another order; they are sorted later.
        let mut reel = self.reel.lock();
        let full = reel.len() >= MOST_HAPPENINGS || reel.bytes() + event.body_bytes() > MOST_BYTES;
        if happens && full {
            drop(reel);
            if self.missed.fetch_add(1, Ordering::SeqCst) == 0 {
                warn!("the recording is full; what comes from now on is missing in it");
            }
            return;
        }
        reel.hear(number, entry.at, entry.subject, event);
    }

    /// Requests that arrive from now on, when the journal has come to this number, are not heard: a server
    /// that stops refuses what it would else do.
    pub fn end(&self, next: u64) {
        self.until.fetch_min(next, Ordering::SeqCst);
    }

    /// What was heard so far.
    #[must_use]
    pub fn reel(&self) -> Reel {
        self.reel.lock().clone()
    }

    /// How many calls and changes came when the tape was full.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SimTime;
    use crate::journal::AdminRequest;
    use crate::seed::Subject;

    fn change(body: usize) -> Entry {
        let body = vec![b'x'; body].into();
        let request = AdminRequest { method: "POST".into(), target: "/".into(), body };
        let event =
            Event::Admin { action: "reset", object: "".into(), asked: Some(Arc::new(request)) };
        Entry { at: SimTime::from_millis(0), subject: Subject::Admin(1), event }
    }

    /// Checks how many of many changes are kept.
    fn check(entry: &Entry, times: usize, kept: usize) {
        let tape = Tape::default();
        for number in 0..times as u64 {
            tape.hear(number, entry, None);
        }
        assert_eq!((tape.reel().len(), tape.missed()), (kept, (times - kept) as u64));
    }

    #[test]
    fn a_full_tape_keeps_the_beginning_and_counts_the_rest() {
        check(&change(0), 3, 3);
        check(&change(0), MOST_HAPPENINGS + 5, MOST_HAPPENINGS);
        check(&change(MOST_BYTES / 4), 9, 3);
    }
}
