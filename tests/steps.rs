//! What becomes of steps when they are replayed, each scenario beside what did not hold: `tests/steps.txt`.
//!
//! A case begins with a comment, then come the sections of a scenario beside the format, the world and the
//! timing, which are the same for all, and then `-> held`, or what did not hold, a line for each thing.
//! `UPDATE_EXPECT=1` rewrites these lines; read what it wrote.

use std::path::Path;

use expect_test::expect_file;
use imsim::replay::{ReplayOptions, Replayed, replay_file};
use imsim::scenario::ScenarioFile;
use serde_json::{Value, json};

/// One replay of a case on so many shards.
fn run(case: &str, shards: usize) -> Replayed {
    let mut scenario: Value =
        serde_json::from_str(case).unwrap_or_else(|error| panic!("{error}: {case}"));
    let rest = json!({
        "format": 1,
        "world": {
            "projects": { "studio": {}, "lab": {}, "shop": { "count": 3 } },
            "images": {
                "web": { "owner": "studio", "count": 3 },
                "db": { "owner": "studio", "members": { "lab": "accepted", "shop-0": "pending" } },
            },
        },
        "timing": { "init": { "fixed": "1s" }, "image": { "fixed": "0s" }, "pair": { "fixed": "100ms" } },
    });
    for (key, value) in rest.as_object().expect("an object") {
        scenario.as_object_mut().expect("an object").insert(key.clone(), value.clone());
    }
    let file = ScenarioFile::parse(Path::new("file"), scenario.to_string());
    let file = file.unwrap_or_else(|problem| panic!("{problem}: {case}"));
    let replayed = replay_file(&file, ReplayOptions { seed: None, shards }, None);
    replayed.unwrap_or_else(|error| panic!("{error:?}: {case}"))
}

fn told(replayed: &Replayed) -> String {
    let mut text = String::new();
    for failure in &replayed.failures {
        for mismatch in &failure.mismatches {
            let (what, expected, found) = (&mismatch.what, &mismatch.expected, &mismatch.found);
            let place = failure.place();
            text.push_str(&format!("-> {place}: {what}: expected {expected}; found {found}\n"));
        }
    }
    if text.is_empty() { "-> held\n".to_owned() } else { text }
}

fn outcome(case: &str) -> String {
    let (one, three) = (run(case, 1), run(case, 3));
    let text = told(&one);
    assert_eq!(told(&three), text, "on three shards: {case}");
    assert_eq!(one.digest, three.digest, "on three shards: {case}");
    assert_eq!(one.sleeps, 0, "virtual time never sleeps in real time: {case}");
    text
}

#[test]
fn every_step_holds_or_tells_what_did_not() {
    let mut found = String::new();
    let mut case = String::new();
    for line in include_str!("steps.txt").lines().chain([""]) {
        if line.starts_with("->") {
            continue;
        }
        if line.is_empty() && !case.is_empty() {
            found.push_str(&outcome(&std::mem::take(&mut case)));
        }
        if !line.is_empty() && !line.starts_with('#') {
            case.push_str(line);
        }
        found.push_str(line);
        found.push('\n');
    }
    // The line that ends the last case is not in the file.
    found.truncate(found.trim_end().len() + 1);
    expect_file!["steps.txt"].assert_eq(&found);
}
