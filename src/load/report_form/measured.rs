//! What was measured in a run: requests, jobs, rules, each second, and how long things took.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Requests together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// How many were sent.
    pub count: u64,
    /// Those that got no whole answer, or one of status 400 or above.
    pub errors: u64,
    /// Bytes of the bodies that were sent.
    pub bytes_sent: u64,
    /// Bytes of the bodies that came.
    pub bytes_received: u64,
    /// Those that ended while load was put on, in a second of that time.
    pub per_second: f64,
    /// Latency from the planned start to the last byte of the answer.
    pub latency: Latency,
    /// The same from the moment of sending: what a driver would report that does not see its own lateness. It
    /// begins when one of the connections is free, so that the wait for one is no part of it; setting up one that
    /// is not there yet is.
    pub uncorrected: Latency,
}

/// Requests of one operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// The operation's name.
    pub operation: String,
    /// What there is to say of all of them.
    pub requests: Requests,
    /// How the requests ended, the most frequent first.
    pub outcomes: Vec<OutcomeCount>,
}

/// How many requests ended in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeCount {
    /// The status of the answer with the error code of its body, if it has one; or `reset`, `closed`,
    /// `garbage`, `truncated`, `timed_out`, `unreachable`; `unreadable` if a success is no JSON; `no_job_id` if
    /// that of a batch names no job; `not_sent` if no connection came free in time; `cut_off` if it ended with the
    /// run.
    pub outcome: String,
    /// Whether it counts as an error.
    pub error: bool,
    /// How many.
    pub count: u64,
}

/// What became of the batches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Batches for which a job id came.
    pub accepted: u64,
    /// Jobs that were seen in `SUCCESS`.
    pub succeeded: u64,
    /// Jobs that were seen in `FAIL`.
    pub failed: u64,
    /// Jobs whose end was waited for no longer.
    pub given_up: u64,
    /// Those of them that were given up early, since ten polls in a row, over at least five seconds, found nobody
    /// to connect to.
    #[serde(default)]
    pub unreachable: u64,
    /// Jobs that are still polled.
    pub in_flight: u64,
    /// The most that were polled at once.
    pub most_in_flight: u64,
    /// Pairs of jobs that ended, and those of them that failed.
    pub pairs: u64,
    /// Failed pairs of jobs that ended.
    pub failed_pairs: u64,
    /// Jobs seen in a final state while load was put on, in a second of that time.
    pub per_second: f64,
    /// From the planned start of the batch to the answer that showed the final state.
    pub submit_to_final: Latency,
    /// The same from the moment of sending.
    pub uncorrected: Latency,
}

/// What a fault rule did, as the answers tell that name it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The id of the rule.
    pub id: String,
    /// How many answers named it.
    pub answers: u64,
    /// The latency of the requests that those answered.
    pub latency: Latency,
}

/// One second of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Second {
    /// Which second, from 0.
    pub second: u64,
    /// Transactions whose time came in it.
    pub planned: u64,
    /// Transactions that were begun late or dropped.
    pub late: u64,
    /// Requests that ended.
    pub requests: u64,
    /// Those of them that were errors.
    pub errors: u64,
    /// Transactions that finished.
    pub finished: u64,
    /// Jobs that were polled at its end.
    pub jobs_in_flight: u64,
    /// Jobs seen in a final state.
    pub jobs_ended: u64,
    /// Latency of the requests that ended.
    pub p50_us: u64,
    /// The same.
    pub p90_us: u64,
    /// The same.
    pub p99_us: u64,
    /// The same.
    pub max_us: u64,
    /// Those of the requests of which a thread told only when the row was made, since it was stuck for a minute: the
    /// percentiles leave them out.
    #[serde(default)]
    pub late_told: u64,
    /// Fault rules that answers named, each with how many did.
    pub rules: Vec<(String, u64)>,
}

/// A distribution of durations, from an HDR histogram with three significant digits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// How many were measured; all the rest is 0 if none was.
    pub count: u64,
    /// The shortest.
    pub min_us: u64,
    /// The mean.
    pub mean_us: f64,
    /// The standard deviation.
    pub stdev_us: f64,
    /// Half of them were at most so long.
    pub p50_us: u64,
    /// 75 %.
    pub p75_us: u64,
    /// 90 %.
    pub p90_us: u64,
    /// 95 %.
    pub p95_us: u64,
    /// 99 %.
    pub p99_us: u64,
    /// 99.9 %.
    pub p99_9_us: u64,
    /// 99.99 %.
    pub p99_99_us: u64,
    /// The longest.
    pub max_us: u64,
}
