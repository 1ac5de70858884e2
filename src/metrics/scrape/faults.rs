//! Fault rules.

use std::collections::BTreeMap;

use super::Scrape;
use crate::faults::{Hold, Rule};
use crate::metrics::family::{Family, Labels};

/// The rules that are told by name, each with four series. Plans that people write have a few dozen; one with
/// thousands, which a program wrote, must not fill whatever stores the figures.
pub(super) const MOST_NAMED: usize = 100;
/// The rule of those that are summed; no rule can have this id.
const OTHERS: &str = "(others)";

impl Scrape<'_> {
    /// Four for each of the first rules of the plan, and four for each point and effect of the others. Which rules
    /// are the first changes only with the plan, so that no figure falls while a plan stands. A rule that is deleted
    /// is told no more; what it did remains among the events.
    pub(super) fn faults(&self) -> [Family; 5] {
        let rules = self.plan.rules();
        let (named, others) = rules.split_at(rules.len().min(MOST_NAMED));
        let by_rule = |count: &dyn Fn(&Rule) -> u64| {
            let mut figures: Vec<(Labels, u64)> =
                named.iter().map(|rule| (of(&rule.id, rule), count(rule))).collect();
            let mut sums = BTreeMap::<_, (&Rule, u64)>::new();
            for rule in others {
                let sum = sums.entry((rule.point, rule.effect.kind())).or_insert((rule, 0));
                sum.1 = sum.1.saturating_add(count(rule));
            }
            figures.extend(sums.into_values().map(|(rule, sum)| (of(OTHERS, rule), sum)));
            figures
        };
        [
            Family::amount(
                "fault_rules_summed",
                "Fault rules that are told together, for each point and effect, as the plan has so many.",
                others.len(),
            ),
            Family::counters(
                "fault_considered",
                "Events at whose point a fault rule stands.",
                by_rule(&|rule| self.plan.considered(rule).times),
            ),
            Family::counters(
                "fault_matched",
                "Events that a fault rule matched.",
                by_rule(&|rule| rule.state.counts.matched()),
            ),
            Family::counters(
                "fault_fired",
                "Times that a fault rule did what it does.",
                by_rule(&|rule| rule.state.counts.fired()),
            ),
            Family::counters(
                "fault_superseded",
                "Times that a fault rule would have fired, had an earlier one not.",
                by_rule(&|rule| rule.state.counts.held(Hold::Superseded)),
            ),
        ]
    }
}

fn of(name: &str, rule: &Rule) -> Labels {
    vec![
        ("rule", name.to_owned().into()),
        ("point", rule.point.name().into()),
        ("effect", rule.effect.kind().name().into()),
    ]
}
