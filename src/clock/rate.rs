//! How simulated time follows from real time.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{SimTime, WallInstant, WallTime};
use crate::api::time::LAST_MS;

/// A line in real time: so much simulated time at an instant, and how fast it goes on from there. Every
/// handler reads it and a change is rare, so reading takes no lock and writes nothing: whoever reads
/// while it changes reads again. Changes must exclude each other.
pub(super) struct Rate {
    /// Odd while it changes.
    version: AtomicU64,
    base_ms: AtomicU64,
    /// Nanoseconds from `origin` to where the line begins.
    anchor_ns: AtomicU64,
    /// 0 is standing still, 1,000 is real time.
    thousandths: AtomicU64,
    origin: WallInstant,
    wall: WallTime,
}

/// How often a reader looks again before it gives way to the one that changes the line.
const LOOKS: u32 = 100;

impl Rate {
    /// A line that begins now at `start`.
    pub(super) fn new(start: SimTime, thousandths: u64, wall: WallTime) -> Self {
        Self {
            version: AtomicU64::new(0),
            base_ms: AtomicU64::new(start.as_millis().min(LAST_MS)),
            anchor_ns: AtomicU64::new(0),
            thousandths: AtomicU64::new(thousandths),
            origin: wall.now(),
            wall,
        }
    }

    /// The present simulated time.
    pub(super) fn now(&self) -> SimTime {
        self.moment().0
    }

    /// The present simulated time, and nanoseconds of real time since the line was made.
    pub(super) fn moment(&self) -> (SimTime, u64) {
        let mut looks = 0;
        loop {
            let before = self.version.load(Ordering::SeqCst);
            let now = self.read();
            // Unchanged also means that no change began before the real time was read.
            if before.is_multiple_of(2) && self.version.load(Ordering::SeqCst) == before {
                return now;
            }
            looks += 1;
            if looks < LOOKS { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }

    /// The present simulated time, and nanoseconds from `origin` to now.
    fn read(&self) -> (SimTime, u64) {
        let base = self.base_ms.load(Ordering::SeqCst);
        let anchor = self.anchor_ns.load(Ordering::SeqCst);
        let thousandths = self.thousandths.load(Ordering::SeqCst);
        let elapsed = self.wall.elapsed(self.origin).as_nanos();
        let elapsed = u64::try_from(elapsed).unwrap_or(u64::MAX);
        let passed = match (elapsed.saturating_sub(anchor), thousandths) {
            (_, 0) => 0,
            (real, 1_000) => real / 1_000_000,
            (real, _) => {
                let scaled = u128::from(real) * u128::from(thousandths) / 1_000_000_000;
                u64::try_from(scaled).unwrap_or(u64::MAX)
            }
        };
        (SimTime::from_millis(base.saturating_add(passed).min(LAST_MS)), elapsed)
    }

    /// Begins a new line now, at the present simulated time or at `at_least`, whichever is later, and
    /// returns where it begins: by a change of its pace alone, time neither jumps nor runs back.
    pub(super) fn change(&self, at_least: Option<SimTime>, thousandths: u64) -> SimTime {
        self.version.fetch_add(1, Ordering::SeqCst);
        let (present, elapsed) = self.read();
        let base = present.max(at_least.unwrap_or(present));
        let base = base.min(SimTime::from_millis(LAST_MS));
        self.base_ms.store(base.as_millis(), Ordering::SeqCst);
        self.anchor_ns.store(elapsed, Ordering::SeqCst);
        self.thousandths.store(thousandths, Ordering::SeqCst);
        self.version.fetch_add(1, Ordering::SeqCst);
        base
    }
}
