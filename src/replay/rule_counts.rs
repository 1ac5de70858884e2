//! What a rule has counted in a run, for reports.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::faults::{Hold, Plan, Rule};

/// What a rule has counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "RuleReport")]
pub struct RuleCounts {
    /// Its id.
    pub id: String,
    /// How many events came to its point since it was written.
    pub considered: u64,
    /// How many of them it is about.
    pub matched: u64,
    /// How often it fired.
    pub fired: u64,
    /// How often an earlier rule's effect won.
    pub superseded: u64,
    /// Why it never fired, in words; null if it did.
    pub why_not: Option<String>,
}

impl RuleCounts {
    /// What the rules of a plan have counted, in the plan's order.
    pub(super) fn of(plan: &Plan) -> Vec<Self> {
        let rule = |rule: &Arc<Rule>| {
            let (counts, considered) = (&rule.state.counts, plan.considered(rule));
            Self {
                id: rule.id.to_string(),
                considered: considered.times,
                matched: counts.matched(),
                fired: counts.fired(),
                superseded: counts.held(Hold::Superseded),
                why_not: (counts.fired() == 0).then(|| plan.why_not(rule).to_string()),
            }
        };
        plan.rules().iter().map(rule).collect()
    }
}
