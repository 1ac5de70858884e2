//! `imsim check`: scenarios, each beside what is found in it: `tests/check.txt`.
//!
//! A case is a line of JSON, in which `$WORLD` stands for a small world, `$SHARE` for a step that shares its
//! image and `$WAIT` for one that waits for that, and below it what is found, or `good`. `UPDATE_EXPECT=1`
//! rewrites what is found; read what it wrote.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::expect_file;
use imsim::clock::SimTime;
use imsim::replay::find_files;
use imsim::scenario::ScenarioFile;
use imsim::scenario::check::{Checked, MOST_TOLD, check};
use imsim::seed::Seed;
use serde_json::{Value, json};

const WORLD: &str =
    r#"{"projects": {"studio": {}, "lab": {}}, "images": {"web": {"owner": "studio"}}}"#;
const SHARE: &str =
    r#"{"add_members": {"token": "studio", "images": ["web"], "projects": ["lab"], "save": "j"}}"#;
const WAIT: &str =
    r#"{"wait_job": {"token": "studio", "job": "j", "expect": {"job": {"state": "SUCCESS"}}}}"#;

/// 2025-01-01T00:00:00Z.
const NOW: SimTime = SimTime::from_millis(1_735_689_600_000);

fn checked(text: &str) -> Checked {
    let text = text.replace("$WORLD", WORLD).replace("$SHARE", SHARE).replace("$WAIT", WAIT);
    let file = ScenarioFile::parse(Path::new("file"), text).expect("it has the form of a scenario");
    check(&file, Seed::DEFAULT, NOW)
}

fn found(case: &str) -> String {
    let Checked { problems, warnings, untold } = checked(case);
    assert_eq!(untold, 0, "{case}");
    let problems = problems.iter().map(|problem| format!("-> error: {problem}\n"));
    let warnings = warnings.iter().map(|warning| format!("-> warning: {warning}\n"));
    let lines: String = problems.chain(warnings).collect();
    if lines.is_empty() { "-> good\n".to_owned() } else { lines }
}

#[test]
fn each_file_is_told_what_is_wrong_and_what_can_hardly_be_meant() {
    let mut text = String::new();
    for line in include_str!("check.txt").lines().filter(|line| !line.starts_with("-> ")) {
        text.push_str(&format!("{line}\n"));
        if !line.is_empty() && !line.starts_with('#') {
            text.push_str(&found(line));
        }
    }
    expect_file!["check.txt"].assert_eq(&text);
}

#[test]
fn no_scenario_of_ours_has_a_warning() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for path in find_files(&[folder]).expect("the scenarios are there") {
        let file = ScenarioFile::read(&path).expect("it has the form of a scenario");
        let Checked { problems, warnings, .. } = check(&file, Seed::DEFAULT, NOW);
        let all: Vec<String> = problems.iter().chain(&warnings).map(ToString::to_string).collect();
        assert!(all.is_empty(), "{all:#?}");
    }
}

#[test]
fn what_cannot_be_run_always_has_a_problem_and_what_can_has_none() {
    let cases = include_str!("problems.txt").lines().filter(|line| line.starts_with('{'));
    for case in cases {
        let text = case.replace("$WORLD", WORLD);
        let Ok(file) = ScenarioFile::parse(Path::new("file"), text) else { continue };
        let compiled = imsim::scenario::compile(&file, Seed::DEFAULT, NOW);
        let Checked { problems, .. } = check(&file, Seed::DEFAULT, NOW);
        match compiled {
            Ok(_) => assert!(problems.is_empty(), "{case}: {problems:?}"),
            Err(first) => assert!(problems.contains(&first), "{case}: {problems:?}"),
        }
    }
}

#[test]
fn more_than_anybody_reads_is_counted() {
    let images: Vec<String> =
        (0..MOST_TOLD + 7).map(|n| format!(r#""i{n}": {{"owner": "studio"}}"#)).collect();
    let world = format!(
        r#"{{"projects": {{"studio": {{}}, "lab": {{}}}}, "images": {{"web": {{"owner": "studio"}}, {}}}}}"#,
        images.join(", ")
    );
    let text = r#"{"about": "x", "format": 1, "world": $MANY, "steps": [$SHARE, $WAIT]}"#;
    let Checked { problems, warnings, untold } = checked(&text.replace("$MANY", &world));
    assert_eq!((problems.len(), warnings.len(), untold), (0, MOST_TOLD, 7));
}

/// A folder of this test's own, with a good file, a suspicious one, and two wrong ones.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("the build's folder can be written");
    let files = [
        ("good.json", r#"{"about": "x", "format": 1, "world": $WORLD}"#),
        ("suspicious.json", r#"{"format": 1, "world": $WORLD}"#),
        ("form.json", "{\n  \"format\": 1,\n  \"wolrd\": {}\n}\n"),
        (
            "meaning.json",
            "{\"format\": 1, \"world\": $WORLD, \"steps\": [\n  {\"show_job\": {\"job\": \"no\\u0007ne\"}}\n]}",
        ),
    ];
    for (name, text) in files {
        fs::write(folder.join(name), text.replace("$WORLD", WORLD)).expect("written");
    }
    folder
}

fn imsim(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imsim"));
    command.current_dir(folder).args(arguments).output().expect("the program was built")
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it prints text")
}

#[test]
fn the_exit_code_tells_how_bad_it_is() {
    let folder = folder("check-codes");
    let run = |arguments: &[&str], code: i32| {
        let output = imsim(&folder, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        printed(&output)
    };
    assert_eq!(run(&["check", "good.json"], 0), "1 file: 0 errors, 0 warnings\n");
    run(&["check", "--strict", "good.json"], 0);
    let warned = "suspicious.json:1:1: warning: does not say what it shows; add `about`\n";
    let summary = "1 file: 0 errors, 1 warning\n";
    assert_eq!(run(&["check", "suspicious.json"], 0), format!("{warned}{summary}"));
    run(&["check", "--strict", "suspicious.json"], 1);
    run(&["check", "--strict", "form.json", "suspicious.json"], 2);
    run(&["check"], 2);
}

#[test]
fn all_files_are_reported_each_line_with_its_place() {
    let folder = folder("check-lines");
    let text = printed(&imsim(&folder, &["check", "nowhere.json", "."]));
    let lines: Vec<&str> = text.lines().collect();
    let starts = [
        "nowhere.json:1:1: error: ",
        "./form.json:3:9: error: wolrd: unknown field `wolrd`",
        "./meaning.json:2:24: error: steps[0].show_job.job: no earlier step saves anything as `no\\u{7}ne`",
        "./suspicious.json:1:1: warning: ",
        "5 files: 3 errors, 1 warning",
    ];
    assert_eq!(lines.len(), starts.len(), "{text}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "`{start}` should begin {line}");
    }
}

#[test]
fn the_report_for_tools_has_the_form_that_its_schema_says() {
    let folder = folder("check-json");
    let text = printed(&imsim(&folder, &["schema", "check-report"]));
    expect_file!["schema/check_report.json"].assert_eq(&text);
    let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("its meta schema takes it");
    let validator = jsonschema::draft202012::new(&schema).expect("it makes a validator");
    for arguments in [["good.json"].as_slice(), &["."], &["nowhere.json", "form.json"]] {
        let arguments = [["check", "--format", "json"].as_slice(), arguments].concat();
        let report = serde_json::from_str(&printed(&imsim(&folder, &arguments))).expect("JSON");
        validator.validate(&report).unwrap_or_else(|error| panic!("{error}: {report}"));
    }
    let report = printed(&imsim(&folder, &["check", "--format", "json", "meaning.json"]));
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let problem = &report["files"][0]["problems"][0];
    assert_eq!(
        json!([problem["line"], problem["column"], problem["at"], report["problems"]]),
        json!([2, 24, "steps[0].show_job.job", 1]),
        "{report:#}"
    );
}
