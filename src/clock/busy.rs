//! Tokens that mean "something is still happening", and the look at whether one is alive.
//!
//! There is one slot for each shard, so that a token costs its holder one count that no other thread
//! touches. What is rare pays instead: whoever wants to know whether anything happens looks at all slots.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Means that something is still happening. While one is alive anywhere the clock counts as unsettled, so
/// every message that causes anything carries a clone, and whoever waits for the clock gives his up.
#[derive(Clone)]
pub struct Busy(Arc<Flag>);

/// What the tokens of a slot share; it is dropped with the last of them.
struct Flag {
    shard: u8,
    watch: Arc<Watch>,
}

/// How the end of a slot's last token is heard of.
struct Watch {
    /// Whether somebody waits for this slot. It is asked whenever a slot falls quiet, and seldom set, so
    /// that a server whose clock nobody waits for sends no signals.
    watched: AtomicBool,
    quiet: Arc<Notify>,
}

/// The place of a shard's tokens. Neighbouring slots never share a line of the cache.
#[repr(align(128))]
struct Slot {
    watch: Arc<Watch>,
    current: Mutex<Weak<Flag>>,
}

/// The slots of all shards.
pub(super) struct Tokens {
    slots: [Slot; SLOTS],
    quiet: Arc<Notify>,
}

/// How many slots there are. More shards than this share them, which costs a little and changes nothing;
/// fewer would be shared where the cores are many, and every look goes through all.
const SLOTS: usize = 32;

impl Busy {
    /// The shard that the token was taken for.
    pub(super) fn shard(&self) -> u8 {
        self.0.shard
    }
}

impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Busy({})", self.0.shard)
    }
}

impl Drop for Flag {
    fn drop(&mut self) {
        // Either this sees that the slot is watched, or the watcher sees that no token is left.
        fence(Ordering::SeqCst);
        if self.watch.watched.load(Ordering::Relaxed) {
            self.watch.quiet.notify_one();
        }
    }
}

impl Default for Tokens {
    fn default() -> Self {
        let quiet = Arc::new(Notify::new());
        let slot = |_| {
            let watched = AtomicBool::new(false);
            let watch = Arc::new(Watch { watched, quiet: Arc::clone(&quiet) });
            Slot { watch, current: Mutex::new(Weak::new()) }
        };
        Self { slots: std::array::from_fn(slot), quiet: Arc::clone(&quiet) }
    }
}

impl Tokens {
    /// A token of a shard.
    pub(super) fn take(&self, shard: u8) -> Busy {
        let slot = &self.slots[usize::from(shard) % SLOTS];
        let mut current = slot.current.lock();
        if let Some(flag) = current.upgrade() {
            return Busy(flag);
        }
        let flag = Arc::new(Flag { shard, watch: Arc::clone(&slot.watch) });
        *current = Arc::downgrade(&flag);
        Busy(flag)
    }

    /// How many tokens are alive.
    pub(super) fn alive(&self) -> usize {
        self.slots.iter().map(|slot| slot.current.lock().strong_count()).sum()
    }

    /// Returns when no token is alive anywhere.
    ///
    /// One look after the other is enough: what happens in a slot makes tokens of that slot only, but for
    /// requests that arrive from outside, and those could as well have arrived a moment later.
    pub(super) async fn settled(&self) {
        while !self.slots.iter().all(Slot::is_quiet) {
            self.quiet.notified().await;
        }
    }
}

impl Slot {
    /// Whether no token of the slot is alive; if one is, its end will be heard of.
    fn is_quiet(&self) -> bool {
        self.watch.watched.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let quiet = self.current.lock().strong_count() == 0;
        if quiet {
            self.watch.watched.store(false, Ordering::Relaxed);
        }
        // What the last holder did is seen by whoever learns that it has ended.
        fence(Ordering::SeqCst);
        quiet
    }
}
