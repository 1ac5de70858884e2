//! The report of a load run: the form in which it is saved, compared, drawn and printed.
//!
//! All latencies are whole microseconds. Every share is a number from 0 to 1.

mod judged;
mod measured;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use super::audit_form::Audit;
use crate::api::json_schema::finish;
use crate::scenario::load_section::LoadSection;
pub use judged::{Comparison, Figure, Threshold};
pub use measured::{Jobs, Kind, Latency, OutcomeCount, Requests, Rule, Second};

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
