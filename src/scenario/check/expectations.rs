//! Expectations that are missing, that look at nothing, or that can never hold.

use serde_json::{Map, Value};

use super::calls::{Step, each_step};
use crate::scenario::problem::{Misfit, Segment};
use crate::scenario::span::Span;

/// Looks at what the steps expect.
pub(super) fn look(document: &Value, steps: &Value, found: &mut Vec<Misfit>) {
    let mut expects = says_something(document.get("expect")) || must_fire(document);
    for (place, step) in each_step(steps) {
        let Some(Value::Object(expect)) = step.said.get("expect") else { continue };
        expects |= !expect.is_empty();
        let mut note = |within: &[&str], message: String| {
            let mut misfit = Misfit::new(message);
            misfit.path.clone_from(&place);
            misfit.path.extend([step.kind.into(), "expect".into()]);
            misfit.path.extend(within.iter().map(|key| Segment::from(*key)));
            found.push(misfit);
        };
        empty(expect, &mut note);
        never(&step, expect, &mut note);
    }
    if !expects && !steps.as_array().is_none_or(Vec::is_empty) {
        let message = "no step says what it expects, so a replay only sees that calls are answered with \
                       200 and that jobs which are waited for succeed; add `expect`";
        let mut misfit = Misfit::new(message);
        misfit.path.push("steps".into());
        found.push(misfit);
    }
}

fn says_something(expect: Option<&Value>) -> bool {
    match expect {
        None | Some(Value::Null) => false,
        Some(Value::Object(keys)) => !keys.is_empty(),
        Some(Value::Array(list)) => !list.is_empty(),
        Some(_) => true,
    }
}

fn must_fire(document: &Value) -> bool {
    let rules = document.get("faults").and_then(Value::as_array);
    rules.into_iter().flatten().any(|rule| rule["must_fire"] == true)
}

/// Looks for objects that say nothing. Of `members` and `body` an empty one says something.
fn empty(expect: &Map<String, Value>, note: &mut impl FnMut(&[&str], String)) {
    let is_empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
    if expect.is_empty() {
        note(&[], "looks at nothing; say what must hold, or leave it out".to_owned());
    }
    for key in ["job", "headers"] {
        if expect.get(key).is_some_and(is_empty) {
            note(&[key], "looks at nothing; say what must hold, or leave it out".to_owned());
        }
    }
}

/// Looks for expectations that the step's own `timeout` rules out.
fn never(step: &Step<'_>, expect: &Map<String, Value>, note: &mut impl FnMut(&[&str], String)) {
    let span = |value: Option<&Value>| Span::parse(value?.as_str()?).ok();
    let timeout = span(step.said.get("timeout"));
    match (expect.get("outcome").and_then(Value::as_str), timeout) {
        (Some("timed_out"), None) if step.said.get("timeout").is_none_or(Value::is_null) => {
            let message = "can never be so: without a `timeout` the client waits for ever";
            note(&["outcome"], message.to_owned());
        }
        (Some("unanswered"), Some(_)) => {
            let message =
                "can never be so: the client gives up after its `timeout`; say `timed_out`";
            note(&["outcome"], message.to_owned());
        }
        _ => {}
    }
    if let (Some(took), Some(timeout)) = (span(expect.get("took")), timeout)
        && took > timeout
    {
        let message = format!("can never be so: the client gives up after {}", timeout.0);
        note(&["took"], message);
    }
}
