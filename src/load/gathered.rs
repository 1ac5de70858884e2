//! What is measured of a load: of one second on one thread, or of all together.

use std::collections::BTreeMap;
use std::sync::Arc;

use hdrhistogram::Histogram;

use super::call::{Answered, Ending};
use super::ledger::Micros;
use super::report_form::Latency;
use crate::api::Operation;
use crate::api::job::JobState;

/// Significant digits of a distribution: a thousandth is finer than any run repeats.
const DIGITS: u8 = 3;
/// How many different ends of requests are told apart; a server that answers more kinds makes them up.
const MOST_ENDINGS: usize = 1_000;
/// How many rules are told apart, each with a distribution of some tens of kilobytes.
const MOST_RULES: usize = 1_000;
/// What the others are counted as.
const OTHERS: &str = "others";

/// A distribution of microseconds.
#[derive(Clone, Debug)]
pub(super) struct Spread(Histogram<u64>);

impl Default for Spread {
    fn default() -> Self {
        Self(Histogram::new(DIGITS).expect("three digits are among those that it can have"))
    }
}

impl Spread {
    /// Takes a duration; it grows by itself to whatever length it has.
    pub(super) fn record(&mut self, time: Micros) {
        // It fails only where it may not grow, and it may.
        let _ = self.0.record(time);
    }

    pub(super) fn add(&mut self, other: &Self) {
        // As above.
        let _ = self.0.add(&other.0);
    }

    /// Its figures.
    pub(super) fn latency(&self) -> Latency {
        let at = |quantile| self.0.value_at_quantile(quantile);
        if self.0.is_empty() {
            return Latency::default();
        }
        Latency {
            count: self.0.len(),
            min_us: self.0.min(),
            mean_us: self.0.mean(),
            stdev_us: self.0.stdev(),
            p50_us: at(0.5),
            p75_us: at(0.75),
            p90_us: at(0.9),
            p95_us: at(0.95),
            p99_us: at(0.99),
            p99_9_us: at(0.999),
            p99_99_us: at(0.9999),
            max_us: self.0.max(),
        }
    }
}

/// A duration twice: from the planned start, and from the moment of sending.
#[derive(Clone, Debug, Default)]
pub(super) struct Twice {
    pub(super) corrected: Spread,
    pub(super) uncorrected: Spread,
}

impl Twice {
    /// Takes a duration; what was never sent has no second one.
    pub(super) fn record(&mut self, planned: Micros, sent: Option<Micros>, ended: Micros) {
        self.corrected.record(ended.saturating_sub(planned));
        if let Some(sent) = sent {
            self.uncorrected.record(ended.saturating_sub(sent));
        }
    }

    fn add(&mut self, other: &Self) {
        self.corrected.add(&other.corrected);
        self.uncorrected.add(&other.uncorrected);
    }
}

/// Requests of one operation.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    pub(super) count: u64,
    /// Those of them that ended while load was put on.
    pub(super) in_time: u64,
    pub(super) errors: u64,
    pub(super) bytes_sent: u64,
    pub(super) bytes_received: u64,
    pub(super) latency: Twice,
    pub(super) endings: BTreeMap<(Ending, Option<Arc<str>>), u64>,
}

/// What is measured of a load.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    pub(super) planned: u64,
    pub(super) late: u64,
    pub(super) dropped: u64,
    pub(super) finished: u64,
    /// Those that finished while load was put on.
    pub(super) finished_in_time: u64,
    pub(super) broken_off: u64,
    /// Those at which the driver panicked.
    pub(super) died: u64,
    pub(super) lateness: Spread,
    pub(super) kinds: BTreeMap<Operation, Requests>,
    pub(super) accepted: u64,
    pub(super) succeeded: u64,
    pub(super) failed: u64,
    /// Jobs that ended while load was put on.
    pub(super) ended_in_time: u64,
    pub(super) given_up: u64,
    /// Those of them whose server was not there any more.
    pub(super) unreachable: u64,
    pub(super) pairs: u64,
    pub(super) failed_pairs: u64,
    pub(super) to_final: Twice,
    pub(super) rules: BTreeMap<Arc<str>, Spread>,
}

impl Requests {
    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.in_time += other.in_time;
        self.errors += other.errors;
        self.bytes_sent += other.bytes_sent;
        self.bytes_received += other.bytes_received;
        self.latency.add(&other.latency);
        for (ending, count) in &other.endings {
            *bounded(&mut self.endings, ending.clone(), MOST_ENDINGS, || {
                (Ending::Broken(OTHERS), None)
            }) += count;
        }
    }
}

/// The value of a key in a map that does not grow without end: where there is no place any more, that of
/// all others.
fn bounded<K: Ord, V: Default>(
    map: &mut BTreeMap<K, V>,
    key: K,
    most: usize,
    others: impl FnOnce() -> K,
) -> &mut V {
    let full = map.len() >= most && !map.contains_key(&key);
    map.entry(if full { others() } else { key }).or_default()
}

impl Gathered {
    /// Takes a request that ended.
    pub(super) fn request(
        &mut self,
        operation: Operation,
        planned: Micros,
        sent_bytes: usize,
        answered: &Answered,
        in_time: bool,
    ) {
        let (sent, ended) = (answered.was_sent.then_some(answered.sent), answered.ended);
        let kind = self.kinds.entry(operation).or_default();
        kind.count += 1;
        kind.in_time += u64::from(in_time);
        kind.errors += u64::from(!answered.is_good());
        kind.bytes_sent += sent.map_or(0, |_| sent_bytes as u64);
        kind.bytes_received += answered.body.len() as u64;
        kind.latency.record(planned, sent, ended);
        let ending = (answered.ending, answered.code.clone());
        *bounded(&mut kind.endings, ending, MOST_ENDINGS, || (Ending::Broken(OTHERS), None)) += 1;
        for rule in &answered.rules {
            bounded(&mut self.rules, Arc::clone(rule), MOST_RULES, || OTHERS.into())
                .record(ended.saturating_sub(planned));
        }
    }

    /// Takes the final state of a job.
    pub(super) fn job_ended(&mut self, state: JobState, pairs: u64, failed_pairs: u64) {
        match state {
            JobState::Success => self.succeeded += 1,
            _ => self.failed += 1,
        }
        self.pairs += pairs;
        self.failed_pairs += failed_pairs;
    }

    pub(super) fn add(&mut self, other: &Self) {
        let mine = [
            (&mut self.planned, other.planned),
            (&mut self.late, other.late),
            (&mut self.dropped, other.dropped),
            (&mut self.finished, other.finished),
            (&mut self.finished_in_time, other.finished_in_time),
            (&mut self.broken_off, other.broken_off),
            (&mut self.died, other.died),
            (&mut self.accepted, other.accepted),
            (&mut self.succeeded, other.succeeded),
            (&mut self.failed, other.failed),
            (&mut self.ended_in_time, other.ended_in_time),
            (&mut self.given_up, other.given_up),
            (&mut self.unreachable, other.unreachable),
            (&mut self.pairs, other.pairs),
            (&mut self.failed_pairs, other.failed_pairs),
        ];
        for (sum, more) in mine {
            *sum += more;
        }
        self.lateness.add(&other.lateness);
        self.to_final.add(&other.to_final);
        for (operation, kind) in &other.kinds {
            self.kinds.entry(*operation).or_default().add(kind);
        }
        for (rule, spread) in &other.rules {
            bounded(&mut self.rules, Arc::clone(rule), MOST_RULES, || OTHERS.into()).add(spread);
        }
    }

    /// All requests together.
    pub(super) fn requests(&self) -> Requests {
        let mut all = Requests::default();
        for kind in self.kinds.values() {
            all.add(kind);
        }
        all
    }
}
