//! What a run was held against: thresholds, and an earlier run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
