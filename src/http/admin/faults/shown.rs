//! A rule, as the admin API shows it.

use serde::Serialize;

use super::why_not::{self, WhyNot};
use crate::clock::SimTime;
use crate::faults::{Hold, Plan, Rule};
use crate::scenario::rule::RuleEntry;

/// A rule with what it has counted.
#[derive(Serialize)]
pub(super) struct RuleShown {
    id: String,
    state: &'static str,
    /// Whether it has fired; only of a rule that must.
    #[serde(skip_serializing_if = "Option::is_none")]
    must_fire: Option<&'static str>,
    counts: CountsShown,
    why_not: Vec<WhyNot>,
    /// As it was written.
    rule: RuleEntry,
}

#[derive(Serialize)]
struct CountsShown {
    /// What came to its point since it was written.
    considered: u64,
    matched: u64,
    fired: u64,
    superseded: u64,
}

impl RuleShown {
    /// A rule among others.
    pub(super) fn in_list(entry: &RuleEntry, rule: &Rule, plan: &Plan, now: SimTime) -> Self {
        let mut shown = Self::full(entry, rule, plan, now);
        shown.why_not.iter_mut().for_each(WhyNot::leave_out_sentence);
        shown
    }

    /// A rule with sentences that say why it did not fire.
    pub(super) fn full(entry: &RuleEntry, rule: &Rule, plan: &Plan, now: SimTime) -> Self {
        let (counts, considered) = (&rule.state.counts, plan.considered(rule));
        let fired = counts.fired();
        let met = if fired > 0 { "met" } else { "unmet" };
        Self {
            id: rule.id.to_string(),
            state: rule.standing(now, plan).name(),
            must_fire: rule.must_fire.then_some(met),
            counts: CountsShown {
                considered: considered.times,
                matched: counts.matched(),
                fired,
                superseded: counts.held(Hold::Superseded),
            },
            why_not: why_not::reasons(rule, &considered),
            rule: entry.clone(),
        }
    }
}
