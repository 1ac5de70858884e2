//! Fault rules.

use super::Scrape;
use crate::faults::{Hold, Rule};
use crate::metrics::family::{Family, Labels};

impl Scrape<'_> {
    /// Four for each rule, of which a plan has a bounded number. A rule that is deleted is told no more; what it
    /// did remains among the events.
    pub(super) fn faults(&self) -> [Family; 4] {
        let by_rule = |count: &dyn Fn(&Rule) -> u64| {
            let rules = self.plan.rules().iter();
            rules.map(|rule| (of(rule), count(rule))).collect::<Vec<_>>()
        };
        [
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

fn of(rule: &Rule) -> Labels {
    vec![
        ("rule", rule.id.to_string().into()),
        ("point", rule.point.name().into()),
        ("effect", rule.effect.kind().name().into()),
    ]
}
