//! The report of a load run: the form in which it is saved, compared, drawn and printed.
//!
//! All latencies are whole microseconds. Every share is a number from 0 to 1.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use super::audit_form::Audit;
use crate::api::json_schema::finish;
use crate::scenario::load_section::LoadSection;

/// The version of the report's form; it grows when something is renamed or taken away.
pub const REPORT_FORMAT: u32 = 1;

/// The schema of [`LoadReport`].
#[must_use]
pub fn schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<LoadReport>();
    finish(&mut schema);
    schema.insert("$id".to_owned(), "urn:imsim:load-report:1".into());
    schema.insert("title".to_owned(), "imsim load report".into());
    schema
}

/// What a load run did and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadReport {
    /// The version of this form: 1.
    pub format: u32,
    /// The version of the program.
    pub imsim: String,
    /// The seed. With it and the command the same load can be put on again.
    pub seed: u64,
    /// The command line that repeats the run.
    pub command: String,
    /// Whether all held: the thresholds, the comparison with the server, the baseline. A run that ended early by a
    /// threshold does not hold, and neither does one at whose end the server was not compared, unless somebody stopped
    /// it, nor one of which a transaction died in the driver.
    pub held: bool,
    /// The scenario file, or `built-in load`.
    pub scenario: String,
    /// Where the requests went.
    pub target: Target,
    /// The real time of the start, RFC 3339.
    pub started: String,
    /// How long load was put on, in real milliseconds, without the time in which jobs ended afterwards.
    pub took_ms: u64,
    /// Why it ended.
    pub ended: Ended,
    /// What was asked for, with every default filled in, in the form of a scenario file's `load` section.
    pub load: LoadSection,
    /// What became of the transactions.
    pub transactions: Transactions,
    /// All requests together.
    pub requests: Requests,
    /// Requests by operation, in the order of the contract; those that were sent.
    pub kinds: Vec<Kind>,
    /// What became of the batches.
    pub jobs: Jobs,
    /// The fault rules that answers named, by id.
    pub rules: Vec<Rule>,
    /// One row for each second of the run, and one for each in which jobs ended afterwards.
    pub timeline: Vec<Second>,
    /// What the server has, held against what it promised.
    pub audit: Audit,
    /// The thresholds, in their order.
    pub thresholds: Vec<Threshold>,
    /// How it compares with an earlier run, if one was given.
    pub baseline: Option<Comparison>,
}

/// Where the requests went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The URL of the service.
    pub url: String,
    /// Whether the run started the server itself.
    pub own: bool,
    /// Whether it is a simulator whose admin API could be asked.
    pub simulator: bool,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It is still going on.
    NotYet,
    /// Its time was over.
    Finished,
    /// Every image had been drawn once.
    UsedUp,
    /// Somebody stopped it.
    Interrupted,
    /// A threshold did not hold, and the run was to end then.
    Aborted,
}

/// What became of the transactions. Each is counted once: `planned` is the sum of `finished`, `broken_off`,
/// `in_flight`, `dropped` and `died`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transactions {
    /// Those whose time had come, or that a user began.
    pub planned: u64,
    /// Those that went to their end: a final job, or an answer where there is no job.
    pub finished: u64,
    /// Those that did not: refused, unanswered, or the job was given up.
    pub broken_off: u64,
    /// Those that are under way.
    pub in_flight: u64,
    /// The most that were under way at once.
    pub most_in_flight: u64,
    /// Those that were not begun, since as many as allowed were under way.
    pub dropped: u64,
    /// Those that the driver itself failed at, by a defect of its own; with any the run does not hold, since what
    /// they were promised is not known.
    #[serde(default)]
    pub died: u64,
    /// Those that were begun more than the tolerance after their planned start.
    pub late: u64,
    /// How much later than planned transactions were begun.
    pub lateness: Latency,
    /// Those that finished while load was put on, in a second of that time.
    pub per_second: f64,
}

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

/// What became of a threshold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// As it was written.
    pub threshold: String,
    /// Whether it held.
    pub held: bool,
    /// What was found, in the unit of the threshold; none if there was nothing to judge it by.
    pub found: Option<String>,
}

/// How a run compares with an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The file of the earlier report.
    pub file: String,
    /// When the earlier run started.
    pub started: String,
    /// Whether no figure became worse by more than is allowed.
    pub held: bool,
    /// By which part a figure may become worse.
    pub allowed: f64,
    /// What differs in what was asked for, so that the runs can hardly be compared; empty if nothing does.
    pub differs: Vec<String>,
    /// The figures that were compared.
    pub figures: Vec<Figure>,
}

/// A figure of two runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// What it is, such as `show_job p99`.
    pub name: String,
    /// Its unit: `us`, `per second`, `share`, or empty for counts.
    pub unit: String,
    /// In the earlier run.
    pub before: f64,
    /// In this run.
    pub now: f64,
    /// By which part it became worse; below 0 it became better.
    pub worse_by: f64,
    /// Whether that is allowed.
    pub held: bool,
}
