//! The report that programs read, as JSON.

use std::path::Path;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::compare::Mismatch;
use super::difference::Difference;
use super::failure::MOST_EXPLAINED;
use super::golden::{Drift, Golden};
use super::report::place;
use super::run::{Again, Run};
use super::text::FileOutcome;
use super::{RuleCounts, StepFailure};
use crate::api::json_schema::finish;
use crate::domain::admission::JobCounts;

/// The version of the report's form; it grows when something is renamed or taken away.
pub const REPORT_FORMAT: u32 = 1;

/// The schema of [`Report`].
#[must_use]
pub fn schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Report>();
    finish(&mut schema);
    schema.insert("$id".to_owned(), "urn:imsim:replay-report:1".into());
    schema.insert("title".to_owned(), "imsim replay report".into());
    schema
}

/// What became of a replay of scenario files.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Report {
    /// The version of this form: 1.
    pub format: u32,
    /// The version of the program.
    pub imsim: &'static str,
    /// Whether all held in all runs of all files, and each could be run.
    pub held: bool,
    /// All runs, in the order of the files and, within one, by seed.
    pub runs: Vec<RunReport>,
    /// The files that could not be run.
    pub could_not_run: Vec<BrokenFile>,
}

/// A file that could not be run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct BrokenFile {
    /// The file, as it was named on the command line or found in a folder.
    pub file: String,
    /// Why, with the place.
    pub reason: String,
}

/// What became of one run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RunReport {
    /// The seed. It is first, since with it and the file the run can be repeated.
    pub seed: u64,
    /// The file, as it was named on the command line or found in a folder.
    pub file: String,
    /// What the scenario shows, in its own words.
    pub about: Option<String>,
    /// How many shards the run had.
    pub shards: usize,
    /// Whether all held: what the file expects, `check` and `golden`.
    pub held: bool,
    /// How much simulated time passed, in milliseconds.
    pub simulated_ms: u64,
    /// How much real time it took, in milliseconds.
    pub real_ms: f64,
    /// The SHA-256 of the canonical trace.
    pub digest: String,
    /// How many lines the canonical trace has.
    pub lines: u64,
    /// How the jobs ended.
    pub jobs: JobsReport,
    /// What each rule has counted, in the order of the plan at the end.
    pub rules: Vec<RuleCounts>,
    /// How many steps or rules did not hold.
    pub failed: usize,
    /// What did not hold of them, by place in the file; the first 20.
    pub failures: Vec<FailureReport>,
    /// The invariants that did not hold, at most 100.
    pub violations: Vec<String>,
    /// What a second run showed; null without `--check`.
    pub check: Option<CheckReport>,
    /// What became of the golden trace.
    pub golden: GoldenReport,
}

/// How the jobs of a run ended.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct JobsReport {
    /// Jobs that were accepted.
    pub accepted: u64,
    /// Jobs that ended with `SUCCESS`.
    pub succeeded: u64,
    /// Jobs that ended with `FAIL`.
    pub failed: u64,
    /// Jobs that a fault rule lost: accepted, never run, never ended.
    pub lost: u64,
}

/// A step that did not find what it expected, or a rule that had to fire and did not.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FailureReport {
    /// The line of the file, from 1.
    pub line: usize,
    /// The place in the file, such as `steps[2].parallel[0].wait_job`; empty for a rule.
    pub step: String,
    /// The rounds in which the step stood, from 0, of repeated steps from the outside in.
    pub rounds: Vec<u32>,
    /// What the step does, or `must_fire`.
    pub kind: String,
    /// What did not hold.
    pub mismatches: Vec<MismatchReport>,
}

/// One thing that did not hold.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MismatchReport {
    /// What was looked at, for example `job.state`.
    pub what: String,
    /// What should have been there.
    pub expected: String,
    /// What was there.
    pub found: String,
}

/// What a second run, on another number of shards, showed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CheckReport {
    /// How many shards the second run had.
    pub shards: usize,
    /// Whether it gave the same trace, and the same steps failed.
    pub same: bool,
    /// The first line in which the traces differ.
    pub difference: Option<DifferenceReport>,
}

/// The first line in which two traces differ.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct DifferenceReport {
    /// The number of the line, from 1.
    pub line: u64,
    /// The line that was to come; null if the trace was to end before it.
    pub expected: Option<String>,
    /// The line that came; null if the trace had ended.
    pub found: Option<String>,
}

/// What became of the golden trace of a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct GoldenReport {
    /// Whether it was compared, and how that ended.
    pub state: GoldenState,
    /// The first line that differs; null if none does, or if only the digest of the trace is kept.
    pub difference: Option<DifferenceReport>,
}

/// Whether a golden trace was compared, and how that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoldenState {
    /// There is none, or nobody wanted to look at it.
    NotLookedAt,
    /// It is of the file's own seed, and the run has another.
    OtherSeed,
    /// The trace is the golden one.
    Same,
    /// The trace is another one.
    Drifted,
    /// The trace was written as the golden one.
    Written,
    /// It was to be written, but something did not hold.
    NotWritten,
}

impl Report {
    /// The report on files in all their runs.
    #[must_use]
    pub fn of(files: &[FileOutcome]) -> Self {
        let runs = files.iter().flat_map(|file| file.runs.iter().map(|run| run_report(file, run)));
        let broken = |file: &FileOutcome| {
            let reason = file.broken.clone()?;
            Some(BrokenFile { file: shown(&file.file), reason })
        };
        Self {
            format: REPORT_FORMAT,
            imsim: env!("CARGO_PKG_VERSION"),
            held: files.iter().all(FileOutcome::held),
            runs: runs.collect(),
            could_not_run: files.iter().filter_map(broken).collect(),
        }
    }
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

fn run_report(file: &FileOutcome, run: &Run) -> RunReport {
    let replayed = &run.replayed;
    RunReport {
        seed: replayed.seed.number(),
        file: shown(&file.file),
        about: file.about.clone(),
        shards: replayed.shards,
        held: run.held(),
        simulated_ms: replayed.simulated.as_millis(),
        real_ms: replayed.real.as_secs_f64() * 1_000.0,
        digest: replayed.digest.to_string(),
        lines: replayed.lines,
        jobs: replayed.jobs.into(),
        rules: replayed.rules.clone(),
        failed: replayed.failures.len(),
        failures: replayed.failures.iter().take(MOST_EXPLAINED).map(Into::into).collect(),
        violations: replayed.violations.kept.iter().map(ToString::to_string).collect(),
        check: run.again.as_ref().map(CheckReport::from),
        golden: (&run.golden).into(),
    }
}

/// The kind of the first thing that did not hold of a run, and a line that says it.
pub(super) fn what_failed(run: &Run) -> (&'static str, String) {
    if let Some(failure) = run.replayed.failures.first() {
        return (failure.kind, place(failure));
    }
    if let Some(violation) = run.replayed.violations.kept.first() {
        return ("broken_invariant", violation.to_string());
    }
    if let Golden::Drifted(_) = run.golden {
        return ("golden_drift", "the trace is not the golden one".to_owned());
    }
    ("not_the_same", "a second run went otherwise".to_owned())
}

impl From<JobCounts> for JobsReport {
    fn from(counts: JobCounts) -> Self {
        let JobCounts { accepted, succeeded, failed, lost } = counts;
        Self { accepted, succeeded, failed, lost }
    }
}

impl From<&StepFailure> for FailureReport {
    fn from(failure: &StepFailure) -> Self {
        let mismatch = |Mismatch { what, expected, found }: &Mismatch| MismatchReport {
            what: what.clone(),
            expected: expected.clone(),
            found: found.clone(),
        };
        Self {
            line: failure.line,
            step: failure.path_text(),
            rounds: failure.rounds.clone(),
            kind: failure.kind.to_owned(),
            mismatches: failure.mismatches.iter().map(mismatch).collect(),
        }
    }
}

impl From<&Again> for CheckReport {
    fn from(again: &Again) -> Self {
        let difference = again.difference.as_ref().map(DifferenceReport::from);
        Self { shards: again.shards, same: again.is_same(), difference }
    }
}

impl From<&Difference> for DifferenceReport {
    fn from(difference: &Difference) -> Self {
        let Difference { line, expected, found } = difference.clone();
        Self { line, expected, found }
    }
}

impl From<&Golden> for GoldenReport {
    fn from(golden: &Golden) -> Self {
        let state = match golden {
            Golden::NotLookedAt => GoldenState::NotLookedAt,
            Golden::OtherSeed { .. } => GoldenState::OtherSeed,
            Golden::Same => GoldenState::Same,
            Golden::Drifted(_) => GoldenState::Drifted,
            Golden::Written => GoldenState::Written,
            Golden::NotWritten => GoldenState::NotWritten,
        };
        let difference = match golden {
            Golden::Drifted(Drift::Line(difference)) => Some(difference.into()),
            _ => None,
        };
        Self { state, difference }
    }
}
