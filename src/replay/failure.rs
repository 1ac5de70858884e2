//! What did not hold in a replay, and where.

use std::sync::Arc;

use super::compare::Mismatch;
use crate::faults::{Plan, Rule};
use crate::scenario::problem::path_text;
use crate::scenario::{ScenarioFile, Segment};

/// A step that did not find what it expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFailure {
    /// Where the step stands in the file.
    pub path: Vec<Segment>,
    /// The rounds in which it stood, of repeated steps from the outside in.
    pub rounds: Vec<u32>,
    /// What the step does.
    pub kind: &'static str,
    /// The line of the file.
    pub line: usize,
    /// What did not hold.
    pub mismatches: Vec<Mismatch>,
}

impl StepFailure {
    /// A scenario whose steps wait for something that never happens.
    pub(super) fn stuck() -> Self {
        let mismatch = Mismatch {
            what: "the run".to_owned(),
            expected: "to end".to_owned(),
            found: "a wait for something that never happens".to_owned(),
        };
        let (path, rounds) = (Vec::new(), Vec::new());
        Self { path, rounds, kind: "steps", line: 1, mismatches: vec![mismatch] }
    }

    /// The place in the file as people write it.
    #[must_use]
    pub fn path_text(&self) -> String {
        path_text(&self.path)
    }

    /// The place with the rounds of repeated steps.
    #[must_use]
    pub fn place(&self) -> String {
        let rounds = self.rounds.iter().map(|round| format!(" (round {round})"));
        self.path_text() + &rounds.collect::<String>()
    }
}

/// The rules that had to fire and did not.
pub(super) fn unfired(plan: &Plan) -> Vec<StepFailure> {
    let failure = |rule: &Arc<Rule>| never_fired(&rule.id, &plan.why_not(rule));
    plan.unfired().map(failure).collect()
}

/// A rule that had to fire and did not, and why.
pub(super) fn never_fired(rule: &str, why_not: &str) -> StepFailure {
    let mismatch = Mismatch {
        what: format!("rule {rule}"),
        expected: "to fire".to_owned(),
        found: format!("it never did; {why_not}"),
    };
    let (path, rounds) = (Vec::new(), Vec::new());
    StepFailure { path, rounds, kind: "must_fire", line: 1, mismatches: vec![mismatch] }
}

/// How many failures are explained; finding a step in the file takes as long as reading the file.
pub(super) const MOST_EXPLAINED: usize = 20;

/// Adds the lines of the file to the failures that are explained.
pub(super) fn with_lines(mut failures: Vec<StepFailure>, file: &ScenarioFile) -> Vec<StepFailure> {
    for failure in failures.iter_mut().take(MOST_EXPLAINED) {
        failure.line = file.line_of(&failure.path);
    }
    failures
}
