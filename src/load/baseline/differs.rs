//! What two runs were asked for, and where it differs.

use serde_json::{Map, Value};

use crate::load::report_form::{Ended, LoadReport, Target};

/// What a run must hold changes nothing of what it measures.
const WITHOUT_EFFECT: [&str; 2] = ["thresholds", "abort_early"];

/// What differs in what was asked for, each as a sentence; empty if nothing does. Another version of the
/// program is no difference: to compare versions is what baselines are for.
pub(super) fn differs(before: &LoadReport, now: &LoadReport) -> Vec<String> {
    let mut found = Vec::new();
    let mut note = |what: &str, before: &str, now: &str| {
        if before != now {
            found.push(format!("{what}: {before} before, {now} now"));
        }
    };
    note("scenario", &before.scenario, &now.scenario);
    note("seed", &before.seed.to_string(), &now.seed.to_string());
    note("target", kind(&before.target), kind(&now.target));
    note("end", end(before.ended), end(now.ended));
    let (load, load_now) = (section(before), section(now));
    let keys = load.keys().chain(load_now.keys().filter(|key| !load.contains_key(*key)));
    for key in keys.filter(|key| !WITHOUT_EFFECT.contains(&key.as_str())) {
        note(&format!("load.{key}"), &text(load.get(key)), &text(load_now.get(key)));
    }
    let operations =
        |report: &LoadReport| report.kinds.iter().map(|kind| kind.operation.clone()).collect();
    let (sent, sent_now): (Vec<String>, Vec<String>) = (operations(before), operations(now));
    let only = |these: &[String], those: &[String], when: &str| {
        let only: Vec<&str> =
            these.iter().filter(|it| !those.contains(it)).map(String::as_str).collect();
        (!only.is_empty()).then(|| format!("sent only {when}: {}", only.join(", ")))
    };
    found.extend(only(&sent, &sent_now, "before"));
    found.extend(only(&sent_now, &sent, "now"));
    found
}

/// The URL of a server that a run starts itself is another one each time.
fn kind(target: &Target) -> &str {
    if target.own { "a server of its own" } else { &target.url }
}

const fn end(ended: Ended) -> &'static str {
    match ended {
        Ended::NotYet => "still going on",
        // Both are what was asked for.
        Ended::Finished | Ended::UsedUp => "finished",
        Ended::Interrupted => "interrupted",
        Ended::Aborted => "aborted",
    }
}

fn section(report: &LoadReport) -> Map<String, Value> {
    match serde_json::to_value(&report.load) {
        Ok(Value::Object(section)) => section,
        _ => Map::new(),
    }
}

fn text(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}
