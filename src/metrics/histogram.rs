//! How often something took how long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper bounds of the buckets, each of which counts what took at most so long; a last one has none. An
/// answer without a fault takes tens of microseconds, and delays that rules add go up to minutes.
pub const BOUNDS: [Duration; 20] = [
    Duration::from_micros(50),
    Duration::from_micros(100),
    Duration::from_micros(250),
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_micros(2_500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2_500),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(25),
    Duration::from_secs(60),
    Duration::from_secs(300),
];

/// How many buckets there are, with the one that has no bound.
const BUCKETS: usize = BOUNDS.len() + 1;

/// Counts durations. One thread writes to it, and any may read: whoever else wrote at the same time could make
/// it lose some.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    nanoseconds: AtomicU64,
}

/// What a histogram has counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// How many durations fell into each bucket and into none before it; the last is the one without a bound.
    pub buckets: [u64; BUCKETS],
    /// The sum of all durations.
    pub sum: Duration,
}

impl Histogram {
    /// Counts a duration.
    pub fn observe(&self, duration: Duration) {
        let place = BOUNDS.iter().position(|bound| duration <= *bound).unwrap_or(BOUNDS.len());
        raise(&self.buckets[place], 1);
        raise(&self.nanoseconds, u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Adds what it has counted.
    pub(super) fn add_to(&self, measured: &mut Measured) {
        for (sum, bucket) in measured.buckets.iter_mut().zip(&self.buckets) {
            *sum += bucket.load(Ordering::Relaxed);
        }
        measured.sum += Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed));
    }
}

/// Raises a count that only the present thread writes to. An addition in one step, which it need not be, costs
/// some ten times as much.
pub(super) fn raise(count: &AtomicU64, by: u64) {
    count.store(count.load(Ordering::Relaxed).wrapping_add(by), Ordering::Relaxed);
}

impl Measured {
    /// What was counted since this much was.
    pub(super) fn since(&self, before: &Self) -> Self {
        let mut since = self.clone();
        for (count, before) in since.buckets.iter_mut().zip(before.buckets) {
            *count = count.saturating_sub(before);
        }
        since.sum = since.sum.saturating_sub(before.sum);
        since
    }

    /// How many durations were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_rise() {
        assert!(BOUNDS.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn a_duration_falls_into_the_first_bucket_that_it_fits() {
        let check = |nanoseconds: u64, bucket: usize| {
            let histogram = Histogram::default();
            histogram.observe(Duration::from_nanos(nanoseconds));
            let mut measured = Measured::default();
            histogram.add_to(&mut measured);
            assert_eq!(measured.buckets.iter().position(|count| *count == 1), Some(bucket));
            assert_eq!((measured.count(), measured.sum), (1, Duration::from_nanos(nanoseconds)));
        };
        check(0, 0);
        check(50_000, 0);
        check(50_001, 1);
        check(1_000_000, 4);
        check(1_000_001, 5);
        check(300_000_000_000, BOUNDS.len() - 1);
        check(300_000_000_001, BOUNDS.len());
    }

    #[test]
    fn several_histograms_are_told_as_one() {
        let (one, other) = (Histogram::default(), Histogram::default());
        for milliseconds in [3, 7, 7] {
            one.observe(Duration::from_millis(milliseconds));
        }
        other.observe(Duration::from_millis(8));
        let mut measured = Measured::default();
        one.add_to(&mut measured);
        other.add_to(&mut measured);
        assert_eq!((measured.buckets[6], measured.buckets[7], measured.count()), (1, 3, 4));
        assert_eq!(measured.sum, Duration::from_millis(25));
        let before = measured.clone();
        one.observe(Duration::from_millis(1));
        one.add_to(&mut measured);
        other.add_to(&mut measured);
        let since = measured.since(&before);
        assert_eq!((since.buckets[4], since.count()), (1, 5));
    }
}
