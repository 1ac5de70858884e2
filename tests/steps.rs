//! What becomes of steps when they are replayed, each scenario beside what did not hold: `tests/steps.txt`.
//!
//! A case begins with a comment, then come the sections of a scenario beside the format, the world and the
//! timing, which are the same for all, and then `-> held`, or what did not hold, a line for each thing.
//! `UPDATE_EXPECT=1` rewrites these lines; read what it wrote. What the README shows of steps is tested here,
//! too.

use std::path::Path;

use expect_test::expect_file;
use imsim::replay::{ReplayOptions, Replayed, replay_file};
use imsim::scenario::ScenarioFile;
use imsim::scenario::expect::Expect;
use imsim::scenario::step::{StepEntry, Truth};
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

const README: &str = include_str!("../README.md");

/// The rows of a table of the README, the cells of each without their blanks.
fn rows(head: &str) -> Vec<Vec<&'static str>> {
    let table = README.split(head).nth(1).expect("the README has the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// Replays steps in the README's world.
fn replay_shown(steps: &[Value]) -> Replayed {
    let scenario = json!({
        "format": 1,
        "world": {
            "projects": { "studio": {}, "lab": {}, "team": { "count": 3 } },
            "images": { "web": { "owner": "studio" } },
        },
        "faults": [{ "id": "slow", "at": "response", "effect": { "delay": { "fixed": "1s" } }, "enabled": false }],
        "steps": steps,
    });
    let file = ScenarioFile::parse(Path::new("README"), scenario.to_string());
    let file = file.unwrap_or_else(|problem| panic!("{problem}: {scenario}"));
    let replayed = replay_file(&file, ReplayOptions { seed: None, shards: 1 }, None);
    replayed.unwrap_or_else(|error| panic!("{error:?}: {scenario}"))
}

/// The words that serde lists when it reads one that is none of them.
fn valid<T: serde::de::DeserializeOwned>() -> Vec<String> {
    let message = serde_json::from_value::<T>(json!({ "": {} })).err().expect("no such word");
    message.to_string().split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_readme_shows_every_step_with_an_example_that_holds() {
    let rows = rows("| Step | Example |");
    let named: Vec<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(named, valid::<StepEntry>(), "the table's rows");
    let example = |row: &[&str]| -> Value {
        serde_json::from_str(row[1].trim_matches('`')).expect("it is JSON")
    };
    // The first one saves the job that the others are about, and shares what some of them look at.
    let share = example(&rows[0]);
    let later = [
        "change_world",
        "list_cloud_images",
        "list_members",
        "show_member",
        "update_member",
        "delete_member",
        "update_members",
    ];
    for (name, row) in named.iter().zip(&rows) {
        let shown = example(row);
        assert!(shown.get(name).is_some(), "{name}: {shown}");
        let mut steps = vec![share.clone()];
        if later.contains(name) {
            steps.push(json!({ "wait": { "for": "10s" } }));
        }
        if shown != share {
            steps.push(shown);
        }
        assert_eq!(replay_shown(&steps).failures, [], "{name}");
    }
}

#[test]
fn the_readme_shows_everything_that_can_be_expected_and_in_the_right_form() {
    let shown = |head: &str, read: &dyn Fn(Value)| {
        let mut keys = Vec::new();
        for row in rows(head) {
            let example: Value = serde_json::from_str(&format!("{{{}}}", row[0].replace('`', "")))
                .expect("it is JSON");
            keys.extend(example.as_object().expect("an object").keys().cloned());
            read(example);
        }
        keys.sort_unstable();
        keys
    };
    let sorted = |mut keys: Vec<String>| {
        keys.sort_unstable();
        keys
    };
    let of_calls = shown("| `expect` of a call |", &|example| {
        drop(serde_json::from_value::<Expect>(example).expect("its form is right"));
    });
    assert_eq!(of_calls, sorted(valid::<Expect>()));
    let of_truth = shown("| `expect` of `look` and of the run |", &|example| {
        drop(serde_json::from_value::<Truth>(example).expect("its form is right"));
    });
    assert_eq!(of_truth, sorted(valid::<Truth>()));
}

#[test]
fn the_scenario_that_the_readme_shows_holds() {
    let section = README.split("## Write a scenario").nth(1).expect("there is such a section");
    let block = section.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
    let text = block.expect("it begins with a scenario").to_owned();
    let file = ScenarioFile::parse(Path::new("README"), text).expect("it is a scenario");
    let replayed = replay_file(&file, ReplayOptions { seed: None, shards: 1 }, None);
    assert_eq!(replayed.expect("it makes sense").failures, []);
}
