//! Every effect at every point where it is allowed, observed in virtual time: by the client, whose steps
//! must find it, and in the trace, which tells what was done and what was said.
//!
//! A case is one scenario in the world of `tests/effects/world.json`. The files beside it have one for each
//! pair of a point and an effect, and the list of pairs comes from the program. Every case is run once more
//! with the rule switched off, and must then find nothing of what it looks for: so none can hold that an
//! effect without consequence would pass.

#[path = "support/run.rs"]
mod support;

use imsim::faults::{EffectKind, Point};
use serde::Deserialize;
use serde_json::{Value, json};
use support::{Run, attempt};

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The effect that it is for, of the rule with the id `it`.
    effect: String,
    /// What it shows.
    about: String,
    /// The rules.
    faults: Vec<Value>,
    /// What is done, and what a client sees.
    steps: Vec<Value>,
    /// Lines that the trace has, each of them another one; a line may say more.
    trace: Vec<Value>,
    /// What no line of the trace says.
    never: Vec<Value>,
}

fn cases(file: &str) -> Vec<Case> {
    let text = match file {
        "connection" => include_str!("effects/connection.json"),
        "request" => include_str!("effects/request.json"),
        "response" => include_str!("effects/response.json"),
        "job" => include_str!("effects/job.json"),
        "image" => include_str!("effects/image.json"),
        "pair" => include_str!("effects/pair.json"),
        "read" => include_str!("effects/read.json"),
        "together" => include_str!("effects/together.json"),
        other => panic!("no cases are read for the point {other}"),
    };
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The scenario of a case.
fn scenario(case: &Case) -> Value {
    let mut scenario: Value =
        serde_json::from_str(include_str!("effects/world.json")).expect("the world is JSON");
    scenario["faults"] = json!(case.faults);
    scenario["steps"] = json!(case.steps);
    scenario
}

/// Whether a line says all that is expected; objects may have more keys.
fn says(line: &Value, expected: &Value) -> bool {
    match (line, expected) {
        (Value::Object(line), Value::Object(expected)) => expected
            .iter()
            .all(|(key, value)| line.get(key).is_some_and(|found| says(found, value))),
        (line, expected) => line == expected,
    }
}

/// What the trace of a run has that it should not, or lacks.
fn misses(case: &Case, run: &Run) -> Vec<String> {
    let mut lines: Vec<&Value> = run.lines.iter().collect();
    let mut misses = Vec::new();
    for expected in &case.trace {
        match lines.iter().position(|line| says(line, expected)) {
            Some(place) => drop(lines.remove(place)),
            None => misses.push(format!("no line of the trace says {expected}")),
        }
    }
    for unwanted in &case.never {
        if let Some(line) = run.lines.iter().find(|line| says(line, unwanted)) {
            misses.push(format!("a line of the trace says {line}"));
        }
    }
    misses
}

/// The case holds, its rule fires at its point, and it gives one digest on any number of shards.
fn check(point: Option<Point>, case: &Case) {
    let name = format!("{:?}, {}: {}", point.map(Point::name), case.effect, case.about);
    let scenario = scenario(case);
    let run = attempt(&scenario, 1, 1);
    let shown = || run.lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    assert_eq!(run.replayed.failures, [], "{name}\n{}", shown());
    assert_eq!(misses(case, &run), Vec::<String>::new(), "{name}\n{}", shown());
    let mut it = json!({"event": "fault_fired", "rule": "it", "effect": case.effect});
    if let Some(point) = point {
        it["point"] = json!(point.name());
    }
    let fired = run.events("fault_fired").any(|line| says(line, &it));
    assert!(fired, "{name}: it never fired\n{}", shown());
    let again = support::run(&scenario, 1, 4);
    assert_eq!(again.replayed.digest, run.replayed.digest, "{name}: on four shards");
    // Where several rules do their part, none of them may matter alone.
    check_without(case, &name, &scenario, |rule| point.is_none() || rule["id"] == "it");
}

/// Without some rules neither the client nor the trace sees what the case looks for.
fn check_without(case: &Case, name: &str, scenario: &Value, which: impl Fn(&Value) -> bool) {
    let mut off = scenario.clone();
    for rule in off["faults"].as_array_mut().into_iter().flatten().filter(|rule| which(rule)) {
        rule["enabled"] = json!(false);
    }
    let run = attempt(&off, 1, 1);
    assert!(!run.replayed.failures.is_empty(), "{name}: its client sees the same without it");
    // A run ends with the first step that fails, so the trace is looked at where none can.
    for step in off["steps"].as_array_mut().into_iter().flatten() {
        for what in step.as_object_mut().into_iter().flat_map(|step| step.values_mut()) {
            if let Some(fields) = what.as_object_mut() {
                fields.remove("expect");
            }
        }
    }
    let run = attempt(&off, 1, 1);
    assert_ne!(
        misses(case, &run),
        Vec::<String>::new(),
        "{name}: its trace is the same without it"
    );
}

#[test]
fn every_effect_at_every_point_where_it_is_allowed_does_what_it_says() {
    for point in Point::ALL {
        for case in cases(point.name()) {
            assert!(
                case.faults.iter().any(|rule| rule["id"] == "it" && rule["at"] == point.name())
            );
            check(Some(point), &case);
        }
    }
}

#[test]
fn every_pair_of_an_effect_and_a_point_has_a_case() {
    let mut missing = Vec::new();
    for kind in EffectKind::ALL {
        for point in kind.points() {
            if !cases(point.name()).iter().any(|case| case.effect == kind.name()) {
                missing.push(format!("{} at {point}", kind.name()));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "these have no case in tests/effects");
}

#[test]
fn every_kind_of_query_can_see_the_past() {
    let operation = |case: Case| case.faults[0]["match"]["operation"].as_str().map(str::to_owned);
    let mut seen: Vec<String> = cases("read").into_iter().filter_map(operation).collect();
    seen.sort();
    assert_eq!(
        seen,
        [
            "list_cloud_images",
            "list_images",
            "list_members",
            "show_image",
            "show_job",
            "show_job_progress",
            "show_member",
        ]
    );
}

#[test]
fn several_rules_at_once_each_do_their_part() {
    for case in cases("together") {
        check(None, &case);
    }
}
