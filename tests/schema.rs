//! The JSON Schema of scenario files: what an editor says must be what the program says.
//!
//! `tests/schema.json` is the schema itself, so that changes to it are seen. `tests/schema/wrong.txt` sorts
//! the wrong scenarios of `tests/problems.txt` and the wrong rules of `tests/rules.txt` by who refuses them.
//! `UPDATE_EXPECT=1` rewrites both; read what it wrote.

#[path = "schema/mutation.rs"]
mod mutation;

use std::fs;
use std::path::Path;

use expect_test::expect_file;
use imsim::clock::SimTime;
use imsim::scenario::schema::schema;
use imsim::scenario::{ScenarioFile, compile};
use imsim::seed::Seed;
use jsonschema::Validator;
use mutation::Mutation;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The world of the cases in `tests/problems.txt`.
const WORLD: &str =
    r#"{"projects": {"studio": {}, "lab": {}}, "images": {"web": {"owner": "studio"}}}"#;

/// The world of the rules in `tests/rules.txt`.
const WORLD_OF_RULES: &str = r#"{
    "projects": {"studio": {}, "lab": {}},
    "images": {"web-base": {"owner": "studio", "tags": ["prod"]}, "db": {"owner": "studio"}}
}"#;

/// 2025-01-01T00:00:00Z.
const NOW: SimTime = SimTime::from_millis(1_735_689_600_000);

fn validator() -> Validator {
    jsonschema::draft202012::new(schema().as_value()).expect("the schema makes a validator")
}

/// How the program takes a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Takes,
    /// The first pass refuses it: it has not the form of a scenario.
    RefusesForm,
    /// The second pass refuses it: its names or numbers make no sense.
    RefusesMeaning,
}

fn reader(text: &str) -> Reader {
    match ScenarioFile::parse(Path::new("file"), text.to_owned()) {
        Err(_) => Reader::RefusesForm,
        Ok(file) => match compile(&file, Seed::DEFAULT, NOW) {
            Ok(_) => Reader::Takes,
            Err(_) => Reader::RefusesMeaning,
        },
    }
}

#[test]
fn the_schema_is_what_it_was() {
    let text = serde_json::to_string_pretty(&schema()).expect("a schema is JSON");
    expect_file!["schema.json"].assert_eq(&(text + "\n"));
}

#[test]
fn the_schema_is_a_schema() {
    let schema = schema();
    jsonschema::draft202012::meta::validate(schema.as_value()).expect("its meta schema takes it");
}

#[test]
fn every_description_is_for_people_who_have_not_seen_the_source() {
    fn each(value: &Value, check: &mut impl FnMut(&str)) {
        match value {
            Value::Object(keys) => {
                if let Some(Value::String(text)) = keys.get("description") {
                    check(text);
                }
                keys.values().for_each(|value| each(value, check));
            }
            Value::Array(list) => list.iter().for_each(|value| each(value, check)),
            _ => {}
        }
    }
    each(schema().as_value(), &mut |text| {
        assert!(!text.contains("[`") && !text.contains("::"), "a link of the source: {text}");
        assert!(!text.replace("\n\n", "").contains('\n'), "a broken line: {text}");
    });
}

/// The objects of the schema that stand for objects with known keys refuse all others.
#[test]
fn no_object_with_known_keys_takes_others() {
    fn each(value: &Value, path: &str) {
        if let Value::Object(keys) = value {
            let known =
                keys.get("type") == Some(&json!("object")) && keys.contains_key("properties");
            assert!(!known || keys.get("additionalProperties") == Some(&json!(false)), "{path}");
            keys.iter().for_each(|(key, value)| each(value, &format!("{path}/{key}")));
        }
        if let Value::Array(list) = value {
            list.iter().for_each(|value| each(value, path));
        }
    }
    each(schema().as_value(), "");
}

/// Every scenario file with its text.
fn scenarios() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut open = vec![folder];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("the scenarios are there") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let text = fs::read_to_string(&path).expect("a scenario is text");
                found.push((path.display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_scenario_is_valid() {
    let validator = validator();
    for (path, text) in scenarios() {
        let document = serde_json::from_str(&text).expect("it is JSON");
        if let Err(error) = validator.validate(&document) {
            panic!("{path}: {}: {error}", error.instance_path());
        }
    }
}

/// Cases that the reader refuses for their form while the schema takes them, each with the reason.
const BLIND: &[(&str, &str)] = &[
    (
        r#"{"format": 1, "world": $WORLD, "format": 1}"#,
        "a key that stands twice is seen once by whatever reads JSON first",
    ),
    (
        r#"{"format": 1, "world": {"projects": {"a": {}}, "images": {"i": {"owner": "a"}, "i": {"owner": "a"}}}}"#,
        "so is a name",
    ),
];

/// The cases of a file that is made of cases and, behind an arrow, messages.
fn cases(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("-> "))
}

#[test]
fn what_is_wrong_in_form_the_schema_refuses_too() {
    let validator = validator();
    let of_files =
        cases(include_str!("problems.txt")).map(|case| (case, case.replace("$WORLD", WORLD)));
    let of_rules = cases(include_str!("rules.txt")).map(|case| {
        (case, format!(r#"{{"format": 1, "world": {WORLD_OF_RULES}, "faults": {case}}}"#))
    });
    let (mut form, mut bounds, mut meaning) = (String::new(), String::new(), String::new());
    let mut blind = Vec::new();
    for (case, text) in of_files.chain(of_rules) {
        // What is no JSON at all an editor refuses without any schema.
        let Ok(document) = serde_json::from_str::<Value>(&text) else { continue };
        let list = match (reader(&text), validator.is_valid(&document)) {
            (Reader::Takes, true) => continue,
            (Reader::Takes, false) => panic!("the schema refuses a good scenario: {text}"),
            (Reader::RefusesForm, true) => {
                blind.push(case);
                continue;
            }
            (Reader::RefusesForm, false) => &mut form,
            (Reader::RefusesMeaning, false) => &mut bounds,
            (Reader::RefusesMeaning, true) => &mut meaning,
        };
        list.push_str(&format!("{case}\n"));
    }
    let named: Vec<&str> = BLIND.iter().map(|(case, _)| *case).collect();
    assert_eq!(blind, named, "what the schema cannot see");
    expect_file!["schema/wrong.txt"].assert_eq(&format!(
        "# Wrong in form: the schema refuses it, too.\n{form}\n\
         # Outside of a bound that the schema knows: it refuses it, too.\n{bounds}\n\
         # Wrong in meaning: the schema takes it, and only `imsim check` and a run refuse it.\n{meaning}"
    ));
}

/// Durations, each with whether reader and schema take it.
const SPANS: &[(&str, bool, bool)] = &[
    ("250ms", true, true),
    ("0s", true, true),
    ("1m 30s", true, true),
    ("1m30s", true, true),
    (" 2 s ", true, true),
    ("1.5s", true, true),
    ("5M", true, true),
    ("2weeks 1day", true, true),
    ("1000us", true, true),
    ("3000000ns", true, true),
    ("", false, false),
    (" ", false, false),
    ("10", false, false),
    ("s", false, false),
    ("-1s", false, false),
    ("fast", false, false),
    ("2S", false, false),
    ("1.s", false, false),
    ("0.5ms", false, false),
    ("10us", false, false),
    // A pattern can neither add up nor multiply.
    ("500us 500us", true, false),
    ("1.0ms", true, false),
    ("0.0001s", false, true),
    ("99999999999999999999s", false, true),
];

/// Points in time, likewise.
const MOMENTS: &[(&str, bool, bool)] = &[
    ("2025-01-02T03:04:05Z", true, true),
    ("2025-01-02T03:04:05.678Z", true, true),
    ("2025-01-02T03:04:05+00:00", true, true),
    ("1970-01-01T00:00:00Z", true, true),
    ("1969-12-31T23:59:59Z", false, false),
    ("2025-01-02T03:04:05", false, false),
    ("2025-01-02T03:04:05+01:00", false, false),
    ("2025-01-02 03:04:05Z", false, false),
    ("2025-13-02T03:04:05Z", false, false),
    ("2025-01-02T24:04:05Z", false, false),
    ("2025-01-02", false, false),
    // Nor does it know how long a month is.
    ("2025-02-30T00:00:00Z", false, true),
];

#[test]
fn durations_and_points_in_time_have_the_form_that_the_reader_takes() {
    let validator = validator();
    let check = |cases: &[(&str, bool, bool)], key: &str, holder: fn(&str) -> Value| {
        for (text, by_reader, by_schema) in cases {
            let mut document = json!({"format": 1, "world": {"projects": {}}});
            document[key] = holder(text);
            let read = reader(&document.to_string()) != Reader::RefusesForm;
            let valid = validator.is_valid(&document);
            assert_eq!((read, valid), (*by_reader, *by_schema), "`{text}`");
        }
    };
    check(SPANS, "steps", |text| json!([{"wait": {"for": text}}]));
    check(MOMENTS, "epoch", |text| json!(text));
}

/// Whether a mutation is one of a kind.
type Excuse = fn(&Mutation) -> bool;

/// What the reader takes in a mutated scenario and the schema does not, each with the reason.
const DIFFERENCES: &[(&str, Excuse)] = &[(
    "derived readers also take the values of an object as a list, in their order, which nobody means",
    |mutation| matches!(mutation, Mutation::Replace(Value::Array(_))),
)];

fn check_mutated(path: &str, text: &str, place: prop::sample::Index, mutation: &Mutation) {
    let mut document: Value = serde_json::from_str(text).expect("it is JSON");
    let Some(done) = mutation.apply(&mut document, place) else { return };
    let takes = validator().is_valid(&document);
    let reader = reader(&document.to_string());
    let named = || DIFFERENCES.iter().any(|(_, excuses)| excuses(mutation));
    let agree = match reader {
        Reader::Takes => takes || named(),
        Reader::RefusesForm => !takes,
        Reader::RefusesMeaning => true,
    };
    assert!(agree, "{path}{done}: the schema takes it: {takes}; the reader: {reader:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn schema_and_reader_agree_on_scenarios_with_one_random_change(
        file: prop::sample::Index,
        place: prop::sample::Index,
        mutation in mutation::any(),
    ) {
        let scenarios = scenarios();
        let (path, text) = file.get(&scenarios);
        check_mutated(path, text, place, &mutation);
    }
}
