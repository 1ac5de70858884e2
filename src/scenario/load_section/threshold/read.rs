//! Reads thresholds, and says of wrong ones what would be right.

use std::str::FromStr;

use super::{Limit, Measure, Metric, Relation, Scope, Threshold};
use crate::scenario::problem::nearest;

/// The longest text of a threshold; no good one comes near it.
const LONGEST: usize = 200;

const RIGHT: &str = "a threshold is written as `[SCOPE] METRIC OP VALUE`, such as `p99 < 20ms`";

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("{} bytes; a threshold has at most {LONGEST}", text.len()));
        }
        let (left, relation, value) = split(text.trim())?;
        let words: Vec<&str> = left.split_whitespace().collect();
        let (scope, metric) = match words[..] {
            [] => return Err(format!("`{text}` does not say of which metric; {RIGHT}")),
            [word] => (Scope::All, metric(word)?),
            [first, second] => (scope(first)?, metric(second)?),
            [..] => {
                return Err(format!("`{left}` is more than a scope and a metric; {RIGHT}"));
            }
        };
        fits(scope, metric)?;
        let limit = Limit::read(value, metric.measure())
            .map_err(|reason| format!("`{}`: {reason}", metric.name()))?;
        let exact = matches!(metric.measure(), Measure::Count | Measure::Part);
        if relation == Relation::Equal && !exact {
            let name = metric.name();
            return Err(format!(
                "`{name} =` would hold by accident alone; use `<`, `<=`, `>` or `>=`"
            ));
        }
        Ok(Self { scope, metric, relation, limit })
    }
}

/// The parts before and behind the relation.
fn split(text: &str) -> Result<(&str, Relation, &str), String> {
    let at = text.find(['<', '>', '=', '!']);
    let Some(at) = at else {
        return Err(format!("`{text}` has none of `<`, `<=`, `>`, `>=` and `=`; {RIGHT}"));
    };
    let rest = &text[at..];
    let length = rest.find(|c| !"<>=!".contains(c)).unwrap_or(rest.len());
    let (sign, value) = rest.split_at(length);
    let Some(relation) = Relation::ALL.into_iter().find(|relation| relation.sign() == sign) else {
        let meant = if sign.starts_with("==") { "; did you mean `=`?" } else { "" };
        return Err(format!("`{sign}` is not one of `<`, `<=`, `>`, `>=` and `=`{meant}"));
    };
    let value = value.trim();
    if value.is_empty() {
        return Err(format!("`{text}` has no value; {RIGHT}"));
    }
    Ok((text[..at].trim(), relation, value))
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::written().find(|scope| scope.name() == word).ok_or_else(|| {
        let near = nearest(word, Scope::written().map(Scope::name));
        format!(
            "`{word}` is no scope{near}; there are `jobs`, `transactions` and the operations that a load sends"
        )
    })
}

fn metric(word: &str) -> Result<Metric, String> {
    let known = Metric::all().find(|(name, _)| *name == word);
    known.map(|(_, metric)| metric).ok_or_else(|| {
        if Scope::written().any(|scope| scope.name() == word) {
            return format!("`{word}` is a scope, and no metric follows; {RIGHT}");
        }
        let near = nearest(word, Metric::all().map(|(name, _)| name));
        let names: Vec<&str> = Metric::all().map(|(name, _)| name).collect();
        format!("`{word}` is no metric{near}; there are {}", names.join(", "))
    })
}

/// There is not every figure of everything.
fn fits(scope: Scope, metric: Metric) -> Result<(), String> {
    if metric.is_of(scope) {
        return Ok(());
    }
    let name = metric.name();
    if metric.is_of(Scope::All) && metric.is_of_the_audit() {
        return Err(format!("`{name}` is of the run as a whole: it has no scope"));
    }
    let fitting = Metric::all().filter(|(_, metric)| metric.is_of(scope));
    let fitting: Vec<&str> = fitting.map(|(name, _)| name).collect();
    let fitting = fitting.join(", ");
    Err(match scope {
        Scope::All => {
            let of = if metric.is_of(Scope::Jobs) { Scope::Jobs } else { Scope::Transactions };
            format!("`{name}` is a metric of {0}; write `{0} {name}`", of.name())
        }
        _ => format!("there is no `{name}` of `{}`; there are {fitting}", scope.name()),
    })
}
