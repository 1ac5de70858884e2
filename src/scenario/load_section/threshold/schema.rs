//! What thresholds are like, for editors: the pattern takes what is read, and little else.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::value::pattern;
use super::{Measure, Metric, Scope, Threshold};

/// The names of the metrics of one measure that there are of a scope, as a part of a pattern.
fn metrics(scope: Scope, measure: Measure) -> String {
    let fitting = Metric::all().filter(|(_, it)| it.is_of(scope) && it.measure() == measure);
    let names: Vec<String> = fitting.map(|(name, _)| name.replace('.', r"\.")).collect();
    names.join("|")
}

/// Every threshold of one scope, or of those that have the same metrics.
fn of(scope: Scope, written: &str) -> Vec<String> {
    let measures = [Measure::Duration, Measure::Rate, Measure::Count, Measure::Part];
    let each = measures.into_iter().filter_map(|measure| {
        let names = metrics(scope, measure);
        let exact = matches!(measure, Measure::Count | Measure::Part);
        let relation = if exact { "[<>]=?|=" } else { "[<>]=?" };
        let limit = pattern(measure);
        (!names.is_empty()).then(|| format!(r"{written}({names})\s*({relation})\s*({limit})"))
    });
    each.collect()
}

impl JsonSchema for Threshold {
    fn schema_name() -> Cow<'static, str> {
        "Threshold".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let operations: Vec<&str> = Scope::operations().map(|operation| operation.name()).collect();
        let operation = Scope::operations().next().map_or(Scope::All, Scope::Operation);
        let mut all = of(Scope::All, "");
        all.extend(of(operation, &format!(r"({})\s+", operations.join("|"))));
        all.extend(of(Scope::Jobs, r"jobs\s+"));
        all.extend(of(Scope::Transactions, r"transactions\s+"));
        json_schema!({
            "description": "`[SCOPE] METRIC OP VALUE`: a figure of all requests, of an operation's, of jobs \
                            or of transactions, and what must hold of it.",
            "type": "string",
            "pattern": format!(r"^\s*({})\s*$", all.join("|")),
            "examples": ["p99 < 20ms", "errors < 0.1%", "jobs p95 < 2s", "lost = 0"],
        })
    }
}
