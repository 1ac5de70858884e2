//! Rules that no step can reach.

use serde_json::Value;

use super::calls::Calls;
use crate::faults::{Point, Rule};
use crate::scenario::Blueprint;
use crate::scenario::problem::{Misfit, Within};
use crate::scenario::rule::happens_at;

/// Looks for rules that are asked about nothing that the steps do.
pub(super) fn look(steps: &Value, blueprint: &Blueprint, found: &mut Vec<Misfit>) {
    let rules = blueprint.plan.rules();
    if rules.is_empty() {
        return;
    }
    let Some(calls) = Calls::of(steps, &blueprint.names) else { return };
    // A rule that is switched off waits for somebody to switch it on.
    for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
        if !reaches(&calls, rule) {
            let message = format!(
                "no step can reach this rule: none makes a call that comes to `{}` and is what the rule \
                 is about",
                rule.point
            );
            let misfit: Result<(), Misfit> = Err(Misfit::new(message));
            found.extend(misfit.within(index).within("faults").err());
        }
    }
}

/// Whether some call comes to the rule's point and may match, as far as its operation, its caller and its
/// images tell.
fn reaches(calls: &Calls, rule: &Rule) -> bool {
    let matches = &rule.matches;
    let image = matches.image.as_ref().and_then(|image| image.id);
    calls.any(|operation, project, is_about| {
        let of_operation = rule.point == Point::Connection
            || matches.operations.is_none_or(|set| set.contains(operation));
        happens_at(operation, rule.point)
            && of_operation
            && matches.project.is_none_or(|wanted| project == Some(wanted))
            && image.is_none_or(is_about)
    })
}
