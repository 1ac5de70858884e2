//! Rate limits: token buckets that refill with simulated time.

use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::{SimDuration, SimTime};

/// How many buckets one rule keeps: as many callers as a load test has, in a few megabytes. Beyond it,
/// buckets that are full again are forgotten, which changes nothing; this is done at most once in the time
/// of one request, and as long as there is no room newcomers share one.
pub const MOST_BUCKETS: usize = 65_536;

/// How fast something may come, and counted for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests in one period.
    pub requests: u64,
    /// The period.
    pub period: SimDuration,
    /// How many may come at once after a pause.
    pub burst: u64,
    /// Who has a bucket of his own.
    pub by: RateBy,
}

/// Who has a bucket of his own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateBy {
    /// All share one.
    Rule,
    /// Each token.
    #[default]
    Token,
    /// Each calling project.
    Project,
    /// Each client address.
    Client,
}

impl RateBy {
    /// The word in a rule's `rate_limit.by`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Token => "token",
            Self::Project => "project",
            Self::Client => "client",
        }
    }
}

/// The buckets of one rule.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    by_key: FxHashMap<u128, Bucket>,
    /// When full buckets are looked for again.
    next_look: Option<SimTime>,
}

/// What is left, in parts of a request: a period holds exactly `requests` times `period` of them, so that
/// whole milliseconds lose nothing.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    parts: u128,
    at: SimTime,
}

/// The bucket of those who come when there is room for no more.
const SHARED: u128 = u128::MAX;

impl Buckets {
    /// Takes one request out of the bucket of `key`; `false` if it is empty.
    pub(super) fn take(&mut self, rate: &Rate, key: u128, now: SimTime) -> bool {
        let key = self.room_for(rate, key, now);
        let one = u128::from(rate.period.as_millis().max(1));
        let full = one * u128::from(rate.burst);
        let bucket = self.by_key.entry(key).or_insert(Bucket { parts: full, at: now });
        bucket.parts = bucket.refilled(rate, now);
        bucket.at = bucket.at.max(now);
        let enough = bucket.parts >= one;
        if enough {
            bucket.parts -= one;
        }
        enough
    }

    fn room_for(&mut self, rate: &Rate, key: u128, now: SimTime) -> u128 {
        if self.by_key.len() < MOST_BUCKETS || self.by_key.contains_key(&key) {
            return key;
        }
        // A look goes through all of them, so newcomers do not get one each.
        if self.next_look.is_none_or(|next| now >= next) {
            let full = u128::from(rate.period.as_millis().max(1)) * u128::from(rate.burst);
            self.by_key.retain(|_, bucket| bucket.refilled(rate, now) < full);
            let one = rate.period.as_millis() / rate.requests.max(1);
            self.next_look = Some(now + SimDuration::from_millis(one.max(1)));
        }
        if self.by_key.len() < MOST_BUCKETS { key } else { SHARED }
    }
}

impl Bucket {
    fn refilled(&self, rate: &Rate, now: SimTime) -> u128 {
        let full = u128::from(rate.period.as_millis().max(1)) * u128::from(rate.burst);
        let since = u128::from((now - self.at).as_millis());
        self.parts.saturating_add(since * u128::from(rate.requests)).min(full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes at the given times and says which were let through.
    fn taken(requests: u64, period_ms: u64, burst: u64, times: &[u64]) -> Vec<bool> {
        let period = SimDuration::from_millis(period_ms);
        let rate = Rate { requests, period, burst, by: RateBy::Rule };
        let mut buckets = Buckets::default();
        times.iter().map(|at| buckets.take(&rate, 1, SimTime::from_millis(*at))).collect()
    }

    #[test]
    fn a_burst_goes_through_and_then_the_rate_holds() {
        let check = |rate: (u64, u64, u64), times: &[u64], expected: &[bool]| {
            assert_eq!(taken(rate.0, rate.1, rate.2, times), expected, "{rate:?} at {times:?}");
        };
        check((1, 1_000, 1), &[0, 500, 999, 1_000, 1_001], &[true, false, false, true, false]);
        check((2, 1_000, 3), &[0, 0, 0, 0, 500, 500], &[true, true, true, false, true, false]);
        // Three a second are not a whole number of milliseconds apart, and still three a second.
        check((3, 1_000, 1), &[0, 333, 334, 667, 1_000], &[true, false, true, false, true]);
        check((1, 10, 2), &[0, 100_000, 100_000, 100_000], &[true, true, true, false]);
        let most = u64::MAX;
        check((most, most, most), &[0, most, most], &[true, true, true]);
    }

    #[test]
    fn each_key_has_its_own_bucket_and_full_ones_are_forgotten() {
        let period = SimDuration::from_millis(1);
        let rate = Rate { requests: 1, period, burst: 1, by: RateBy::Client };
        let mut buckets = Buckets::default();
        let at = SimTime::from_millis;
        for key in 0..MOST_BUCKETS as u128 {
            assert!(buckets.take(&rate, key, at(0)));
        }
        assert!(
            buckets.take(&rate, 1 << 64, at(0)),
            "the first newcomer finds the shared bucket full"
        );
        assert!(!buckets.take(&rate, 1 << 65, at(0)), "the second shares it");
        assert!(buckets.take(&rate, 1 << 65, at(5)));
        assert!(buckets.by_key.len() < 3);
    }
}
