//! Fault rules, each plan beside what becomes of it: `tests/rules.txt`.
//!
//! A case is a line of JSON, the list of rules, and below it `good` or the message that a person gets. It
//! is read as a file's `faults` section, and then rule by rule as the admin API reads them; both must say
//! the same. `UPDATE_EXPECT=1` rewrites the messages; read what it wrote.

use std::path::Path;

use actix_web::http::{Method, Uri};
use expect_test::expect_file;
use imsim::clock::{SimTime, WallTime};
use imsim::faults::EffectKind;
use imsim::scenario::pattern::LONGEST_PATTERN;
use imsim::scenario::{Problem, ScenarioFile, compile};
use imsim::seed::Seed;
use imsim::simulator::Options;
use imsim::simulator::virtual_run::{VirtualRequest, VirtualRun, VirtualService};
use serde_json::{Value, json};

/// When everything here is written: 2025-01-01T00:00:00Z.
const NOW: SimTime = SimTime::from_millis(1_735_689_600_000);

fn scenario(faults: &Value) -> Result<ScenarioFile, Problem> {
    let world = json!({
        "projects": {"studio": {}, "lab": {}},
        "images": {
            "web-base": {"owner": "studio", "tags": ["prod"]},
            "db": {"owner": "studio"},
        },
    });
    let scenario = json!({"format": 1, "world": world, "faults": faults});
    // On lines of its own, so that serde's places can be told from its messages.
    let text = serde_json::to_string_pretty(&scenario).expect("it is JSON");
    ScenarioFile::parse(Path::new("file"), text)
}

/// What the file reader says, with the place within the list of rules.
fn from_file(faults: &Value) -> String {
    match scenario(faults).and_then(|file| compile(&file, Seed::DEFAULT, NOW)) {
        Ok(_) => "good".to_owned(),
        Err(problem) => format!("{}: {}", problem.path, problem.message),
    }
}

/// What the admin API says when the rules are written one after the other into a simulation that runs.
fn over_the_admin_api(faults: &Value) -> String {
    let rules = faults.as_array().expect("a list").clone();
    let file = scenario(&json!([])).expect("the world is good");
    let options = Options::new(Seed::DEFAULT, 1);
    let run = VirtualRun::new(&file, &options, NOW, WallTime::default()).expect("it compiles");
    let story = |service: VirtualService| async move {
        for (index, rule) in rules.iter().enumerate() {
            let request = VirtualRequest {
                method: Method::POST,
                target: Uri::from_static("/__admin/faults"),
                headers: Vec::new(),
                body: rule.to_string().into(),
            };
            let answer = service.call(0, &request).await;
            if answer.status != 201 {
                let body: Value = serde_json::from_slice(&answer.body).expect("it is JSON");
                let at =
                    body["error"]["at"].as_str().map_or_else(String::new, |at| format!(".{at}"));
                let message = body["error"]["message"].as_str().expect("an error has a message");
                return format!("faults[{index}]{at}: {message}");
            }
        }
        "good".to_owned()
    };
    run.run(story, |_| {}).expect("it ends")
}

#[test]
fn every_plan_is_taken_or_refused_with_a_message_that_helps() {
    let cases = include_str!("rules.txt");
    let mut found = String::new();
    for line in cases.lines().filter(|line| !line.starts_with("-> ")) {
        found.push_str(&format!("{line}\n"));
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let faults = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let message = from_file(&faults);
        // A rule that waits for one that comes later can stand in a file; written one by one it must wait.
        if !line.contains("\"after\": {\"rule\"") {
            assert_eq!(over_the_admin_api(&faults), message, "{line}");
        }
        found.push_str(&format!("-> {message}\n"));
    }
    expect_file!["rules.txt"].assert_eq(&found);
}

#[test]
fn a_pattern_is_bounded_wherever_it_stands() {
    // Places in `match`, each with the beginning of a pattern that it takes.
    let places = [
        ("path", "/*"),
        ("client", "127.*"),
        ("operation", "show_*"),
        ("image", "web-*"),
        ("image.name", "web-*"),
        ("header.value", "*"),
    ];
    for (place, start) in places {
        let rule = |length: usize| {
            let pattern = format!("{start}{}", "*".repeat(length - start.len()));
            let said = match place.split_once('.') {
                None => json!({ place: pattern }),
                Some(("header", _)) => json!({ "header": { "name": "x", "value": pattern } }),
                Some((outer, inner)) => json!({ outer: { inner: pattern, "index": 0 } }),
            };
            json!([{ "at": "request", "match": said, "effect": "reset" }])
        };
        let check = |length: usize, expected: &str| {
            assert_eq!(from_file(&rule(length)), expected, "{place}");
            assert_eq!(over_the_admin_api(&rule(length)), expected, "{place}");
        };
        check(LONGEST_PATTERN, "good");
        let at = if place == "image" { "image.name" } else { place };
        let length = LONGEST_PATTERN + 1;
        check(length, &format!("faults[0].match.{at}: {length} bytes; a pattern has at most 1000"));
    }
}

/// The rows of the README's table of effects: name, points, example.
fn readme_rows() -> Vec<(String, Vec<String>, Value)> {
    let readme = include_str!("../README.md");
    let table = readme.split("| `effect` | `at` |").nth(1).expect("the README has the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cell = |cell: &str| cell.trim().trim_matches('`').to_owned();
    rows.map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        let points = cells[1].split(", ").map(cell).collect();
        let example = cell(cells[2]);
        let example = serde_json::from_str(&example).unwrap_or_else(|_| panic!("no JSON: {row}"));
        (cell(cells[0].trim_start_matches('|')), points, example)
    })
    .collect()
}

#[test]
fn the_readme_shows_every_effect_with_its_points_and_an_example_that_is_taken() {
    let rows = readme_rows();
    let named: Vec<&str> = rows.iter().map(|(name, _, _)| name.as_str()).collect();
    let kinds: Vec<&str> = EffectKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(named, kinds, "the table's rows");
    for (kind, (name, points, example)) in EffectKind::ALL.iter().zip(&rows) {
        let expected: Vec<&str> = kind.points().iter().map(|point| point.name()).collect();
        assert_eq!(*points, expected, "{name}");
        for point in points {
            let rule = json!([{"at": point, "effect": example}]);
            assert_eq!(from_file(&rule), "good", "{name} at {point}");
            let word = example.as_str().unwrap_or_default();
            assert!(word == *name || example.get(name.as_str()).is_some(), "{name}: {example}");
        }
    }
}
