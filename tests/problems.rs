//! Wrong scenario files, each beside the message that a person gets: `tests/problems.txt`.
//!
//! A case is a line of JSON, in which `$WORLD` stands for a small world, and below it the message, or
//! `good`. `UPDATE_EXPECT=1` rewrites the messages; read what it wrote.

use std::path::Path;

use expect_test::expect_file;
use imsim::clock::SimTime;
use imsim::scenario::{ScenarioFile, compile};
use imsim::seed::Seed;

const WORLD: &str =
    r#"{"projects": {"studio": {}, "lab": {}}, "images": {"web": {"owner": "studio"}}}"#;

fn verdict(case: &str) -> String {
    let text = case.replace("$WORLD", WORLD);
    let file = ScenarioFile::parse(Path::new("file"), text);
    let compiled = file.and_then(|file| compile(&file, Seed::DEFAULT, SimTime::from_millis(0)));
    compiled.map_or_else(|problem| problem.to_string(), |_| "good".to_owned())
}

#[test]
fn every_wrong_scenario_gets_a_message_with_its_place_and_what_would_be_right() {
    let cases = include_str!("problems.txt");
    let mut found = String::new();
    for line in cases.lines() {
        match line.strip_prefix("-> ") {
            Some(_) => {}
            None if line.is_empty() || line.starts_with('#') => {
                found.push_str(&format!("{line}\n"))
            }
            None => found.push_str(&format!("{line}\n-> {}\n", verdict(line))),
        }
    }
    expect_file!["problems.txt"].assert_eq(&found);
}

#[test]
fn lines_and_columns_count_from_one_over_several_lines() {
    let text = "{\n  \"format\": 1,\n  \"world\": {\n    \"projects\": {},\n    \"images\": {\n      \
                \"ü\": {\"owner\": \"nobody\"}\n    }\n  }\n}\n";
    let file = ScenarioFile::parse(Path::new("file"), text.to_owned()).expect("the form is right");
    let problem = compile(&file, Seed::DEFAULT, SimTime::from_millis(0)).err().expect("no owner");
    assert_eq!(problem.place, Some((6, 22)));
}

#[test]
fn ids_that_are_not_given_are_keyed_by_name_and_seed() {
    let id = |world: &str, seed: u64| {
        let text = format!(r#"{{"format": 1, "world": {world}}}"#);
        let file = ScenarioFile::parse(Path::new("file"), text).expect("a good scenario");
        let blueprint = compile(&file, Seed::new(seed), SimTime::from_millis(0));
        blueprint.expect("a good scenario").names.image_id("web").expect("an image")
    };
    let more = WORLD.replace(r#""images": {"#, r#""images": {"new": {"owner": "lab"}, "#);
    assert_eq!(id(WORLD, 1), id(&more, 1));
    assert_ne!(id(WORLD, 1), id(WORLD, 2));
}
