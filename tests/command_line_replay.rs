//! `imsim replay` as a person and a CI system use it: many seeds, a second run, golden traces, reports.

#[path = "support/program.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect_file;
use imsim::replay::{MOST_GOLDEN_LINES, find_files, golden_path};
use quick_junit::{NonSuccessKind, TestCaseStatus};
use serde_json::{Value, json};
use support::{GOOD, WRONG, check, folder, imsim, scenario};

/// An empty folder with these files.
fn stage(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = folder(name);
    fs::remove_dir_all(&folder).expect("it was just made");
    fs::create_dir_all(&folder).expect("it can be made again");
    for (file, text) in files {
        fs::write(folder.join(file), text).expect("written");
    }
    folder
}

fn text_of(path: PathBuf) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Its job takes as long as is drawn, and the step expects what seed 42 draws.
const LUCKY: &str = r#"{
  "format": 1,
  "seed": 42,
  "world": {
    "projects": { "studio": {}, "lab": {} },
    "images": { "web": { "owner": "studio" } }
  },
  "timing": { "init": { "uniform": { "from": "0s", "to": "10s" } }, "image": { "fixed": "0s" }, "pair": { "fixed": "0s" } },
  "steps": [
    { "add_members": { "token": "studio", "images": ["web"], "projects": ["lab"], "save": "j" } },
    { "wait_job": { "token": "studio", "job": "j", "expect": { "job": { "took": "TOOK" } } } }
  ]
}
"#;

/// [`LUCKY`] with what is drawn, which it tells itself.
fn lucky() -> String {
    let folder = stage("lucky-draw", &[("a.json", &LUCKY.replace("TOOK", "1h"))]);
    let output = imsim(&folder, &["replay", "a.json"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let found = text.split("found").nth(1).expect("an hour is wrong").lines().next();
    LUCKY.replace("TOOK", found.expect("a line").trim())
}

#[test]
fn many_seeds_are_told_in_one_line_and_each_that_fails_can_be_repeated() {
    let folder = stage("seeds", &[("good.json", &scenario(GOOD)), ("lucky.json", &lucky())]);
    check(&folder, &["replay", "good.json", "--repeat", "5"], 0, &["5 of 5 seeds from 1  "], &[]);
    let from_7 = ["replay", "good.json", "--repeat", "5", "--seed", "7", "--shards", "2"];
    check(&folder, &from_7, 0, &["passed  good.json  5 of 5 seeds from 7", "1 passed"], &[]);
    let told = [
        "FAILED  lucky.json  1 of 9 seeds from 42",
        "seed 43:\n    line 11: steps[1].wait_job\n      job.took\n        expected",
        "repeat with: imsim replay lucky.json --seed 43 --shards 1",
        "did not hold for 8 seeds: 43, 44, 45, 46, 47, 48, 49, 50\n",
        "1 scenario: 0 passed, 1 failed",
    ];
    check(&folder, &["replay", "lucky.json", "--repeat", "9"], 1, &told, &[]);
    let repeated = ["replay", "lucky.json", "--seed", "43", "--shards", "1"];
    check(&folder, &repeated, 1, &["FAILED  lucky.json  seed 43"], &[]);
    check(&folder, &["replay", "lucky.json"], 0, &["seed 42"], &[]);
}

#[test]
fn a_second_run_on_other_shards_is_the_same() {
    let folder =
        stage("again", &[("good.json", &scenario(GOOD)), ("wrong.json", &scenario(WRONG))]);
    check(&folder, &["replay", "good.json", "--check"], 0, &["  same on 4 shards\n"], &[]);
    let on_8 = ["replay", "good.json", "--check", "--shards", "8"];
    check(&folder, &on_8, 0, &["  same on 1 shard\n"], &[]);
    let seeds = ["replay", "good.json", "--check", "--repeat", "3"];
    check(&folder, &seeds, 0, &["3 of 3 seeds from 1  each the same on 4 shards"], &[]);
    let repeat = "repeat with: imsim replay wrong.json --seed 1 --shards 1 --check";
    check(&folder, &["replay", "wrong.json", "--check"], 1, &[repeat], &[]);
}

#[test]
fn a_golden_trace_is_written_compared_and_left_out() {
    let folder = stage("golden", &[("a.json", &scenario(GOOD)), ("wrong.json", &scenario(WRONG))]);
    let golden = folder.join("a.trace.jsonl");
    assert_eq!(golden_path(&folder.join("a.json")), golden);
    let written = ["replay", "a.json", "--golden", "write"];
    check(&folder, &written, 0, &["  golden trace written\n"], &[]);
    let first = text_of(golden.clone());
    check(&folder, &["replay", "a.json", "--trace", "t"], 0, &["  same as golden\n"], &[]);
    assert_eq!(first, text_of(folder.join("t")), "a short trace is kept whole");
    // Twice the same, and no search takes it for a scenario.
    check(&folder, &["replay", "a.json", "--golden", "write", "--check"], 0, &["same on 4"], &[]);
    assert_eq!(first, text_of(golden.clone()));
    assert_eq!(find_files(std::slice::from_ref(&folder)).expect("there are some").len(), 2);
    let drift = [
        "FAILED  a.json",
        "golden trace a.trace.jsonl: line 2 differs\n        golden     {\"at\":77,",
        "        found      {\"at\":0,",
        "        differing  {\"at\":[-77-]{+0+},",
        "if it is right so, keep it: imsim replay a.json --golden write",
        "repeat with: imsim replay a.json --seed 1 --shards 1",
    ];
    fs::write(&golden, first.replace("\"at\":0", "\"at\":77")).expect("written");
    check(&folder, &["replay", "a.json"], 1, &drift, &[]);
    check(&folder, &["replay", "a.json", "--repeat", "3"], 1, &["for 1 seed: 1\n"], &[]);
    check(&folder, &["replay", "a.json", "--golden", "ignore"], 0, &["1 passed"], &[]);
    let other = ["replay", "a.json", "--seed", "5"];
    check(&folder, &other, 0, &["  golden trace is of seed 1\n"], &[]);
    fs::write(&golden, first.lines().next().expect("a line")).expect("written");
    let longer = ["line 2 differs\n        golden     the trace has ended"];
    check(&folder, &["replay", "a.json"], 1, &longer, &[]);
    fs::write(&golden, format!("{first}more\n")).expect("written");
    let shorter = ["found      the trace has ended"];
    check(&folder, &["replay", "a.json"], 1, &shorter, &[]);
    check(&folder, &written, 0, &["golden trace written"], &[]);
    check(&folder, &["replay", "a.json"], 0, &["  same as golden\n"], &[]);
    let not = ["replay", "wrong.json", "--golden", "write"];
    check(&folder, &not, 1, &["golden trace not written: the run did not hold"], &[]);
    assert!(!folder.join("wrong.trace.jsonl").exists());
}

/// Settles so many pairs that its trace is not kept whole.
fn long() -> String {
    let count = 50;
    assert!(count * count > MOST_GOLDEN_LINES);
    let batch = json!({"add_members": {"token": "owner", "images": ["im-*"], "projects": ["pr-*"], "save": "j"}});
    let wait = json!({"wait_job": {"token": "owner", "job": "j"}});
    json!({
        "format": 1,
        "world": {
            "projects": {"owner": {}, "pr": {"count": count}},
            "images": {"im": {"count": count, "owner": "owner"}},
        },
        "steps": [batch, wait],
    })
    .to_string()
}

#[test]
fn of_a_long_trace_only_the_digest_is_golden() {
    let folder = stage("golden-long", &[("a.json", &long())]);
    check(&folder, &["replay", "a.json", "--golden", "write"], 0, &["written"], &[]);
    let golden = folder.join("a.trace.jsonl");
    let text = text_of(golden.clone());
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(lines[0]["seed"], 1);
    assert!(lines[1]["lines"].as_u64() > Some(MOST_GOLDEN_LINES as u64), "{text}");
    check(&folder, &["replay", "a.json"], 0, &["  same as golden\n"], &[]);
    let digest = lines[1]["digest"].as_str().expect("a digest");
    fs::write(&golden, text.replace(digest, "0123")).expect("written");
    let drift = [
        "golden trace a.trace.jsonl: another digest; of a long trace no lines are kept",
        "lines, digest 0123\n",
        "--golden write",
    ];
    check(&folder, &["replay", "a.json"], 1, &drift, &[]);
    fs::write(&golden, text.replacen("\"seed\":1", "\"seed\":2", 1)).expect("written");
    check(&folder, &["replay", "a.json"], 1, &["line 1 differs", "\"seed\":[-2-]{+1+}"], &[]);
}

#[test]
fn what_makes_no_sense_together_ends_with_2_and_says_why() {
    let files =
        [("a.json", scenario(GOOD)), ("b.json", scenario(GOOD)), ("c.json", scenario(GOOD))];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let folder = stage("senseless", &files);
    fs::create_dir_all(folder.join("b.trace.jsonl")).expect("created");
    fs::create_dir_all(folder.join("folder")).expect("created");
    let check = |arguments: &[&str], err: &str| {
        check(&folder, &[&["replay"], arguments].concat(), 2, &[], &[err]);
    };
    check(&["a.json", "--repeat", "0"], "0 is not in 1..=100000");
    check(&["a.json", "--jobs", "0"], "0 is not in 1..=256");
    check(
        &["a.json", "a.json", "--repeat", "60000"],
        "2 scenarios with 60000 seeds are 120000 runs; at most 100000",
    );
    check(
        &["a.json", "--repeat", "2", "--trace", "t"],
        "--trace takes one run, and --repeat asks for 2",
    );
    check(
        &["a.json", "--repeat", "3", "--seed", "18446744073709551614"],
        "a.json: 3 seeds from 18446744073709551614 on go beyond the largest one, 18446744073709551615",
    );
    let own =
        "--golden write writes the trace of each file's own seed; leave out --seed and --repeat";
    check(&["a.json", "--golden", "write", "--seed", "1"], own);
    check(&["a.json", "--golden", "write", "--repeat", "2"], own);
    let golden = "--trace a.trace.jsonl would overwrite the golden trace; see --golden write";
    check(&["a.json", "--trace", "a.trace.jsonl"], golden);
    check(&["a.json", "--golden", "wirte"], "[possible values: compare, write, ignore]");
    let of_b = "cannot read or write the golden trace b.trace.jsonl: ";
    check(&["b.json"], of_b);
    check(&["b.json", "--golden", "write"], of_b);
    let forms = "a report is written as junit=FILE or json=FILE or html=FILE";
    check(&["a.json", "--report", "xml=r"], &format!("there is no report `xml`; {forms}"));
    check(&["a.json", "--report", "jnuit=r"], &format!("{forms}; did you mean `junit`?"));
    check(&["a.json", "--report", "r.xml"], forms);
    check(&["a.json", "--report", "json="], "no file is named");
    let report =
        |path: &str, err: &str| check(&["a.json", "--report", &format!("json={path}")], err);
    report("./a.json", "--report ./a.json would overwrite a file that is to be replayed");
    report("a.trace.jsonl", "would overwrite a golden trace");
    report("no/such/folder", "cannot write no/such/folder: No such file or directory");
    report("folder", "cannot write folder: is a directory");
    let twice = ["a.json", "--report", "json=r", "--report", "junit=./r"];
    check(&twice, "--report ./r would overwrite another report");
    check(&["a.json", "--trace", "r", "--report", "json=r"], "would overwrite the trace");
    let left = fs::read_dir(&folder).expect("readable").count();
    assert_eq!(left, 5, "what cannot run leaves no file behind");
}

#[test]
fn files_run_side_by_side_are_told_in_their_order() {
    let folder = stage("jobs", &[]);
    for number in 0..20 {
        let text = match number % 4 {
            // The slow ones come first, so that they end last.
            0 => long(),
            1 => scenario(WRONG),
            2 => scenario(GOOD).replace("\"steps\"", "\"step\""),
            _ => scenario(GOOD),
        };
        fs::write(folder.join(format!("{number:02}.json")), text).expect("written");
    }
    let told = |jobs: &str| {
        let output = imsim(&folder, &["replay", ".", "--jobs", jobs]);
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let real = regex::Regex::new("real [0-9.]+ms").expect("a good pattern");
        let text = real.replace_all(&text, "real").into_owned();
        (text, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let one = told("1");
    assert_eq!(one, told("8"));
    assert!(one.0.ends_with("20 scenarios: 10 passed, 5 failed, 5 could not run\n"), "{}", one.0);
    assert_eq!(one.1.lines().count(), 5, "no progress where no terminal is: {}", one.1);
}

/// Files of each kind: one holds, one fails, one has a rule that never fires, one cannot be run.
fn of_each_kind(name: &str) -> PathBuf {
    let rule = r#""faults": [{ "id": "never", "at": "image", "must_fire": true, "effect": "crash" }], "steps""#;
    let unfired = scenario(GOOD).replace("\"steps\"", rule);
    let about = r#""about": "Less < more & \"quoted\".", "format""#;
    let wrong = scenario(WRONG).replace("\"format\"", about);
    let broken = scenario(GOOD).replace("list_members", "list_member");
    stage(
        name,
        &[
            ("1-good.json", &scenario(GOOD)),
            ("2-wrong.json", &wrong),
            ("3-unfired.json", &unfired),
            ("4-broken.json", &broken),
        ],
    )
}

#[test]
fn a_junit_report_can_be_read_back() {
    let folder = of_each_kind("junit");
    let arguments = ["replay", ".", "--repeat", "2", "--report", "junit=r.xml"];
    check(&folder, &arguments, 2, &["1 passed, 2 failed, 1 could not run"], &[]);
    let report = quick_junit::Report::deserialize_from_str(&text_of(folder.join("r.xml")));
    let report = report.expect("it is JUnit");
    assert_eq!((report.tests, report.failures, report.errors), (8 - 1, 4, 1));
    let suites: Vec<&str> = report.test_suites.iter().map(|suite| suite.name.as_str()).collect();
    assert_eq!(suites, ["./1-good.json", "./2-wrong.json", "./3-unfired.json", "./4-broken.json"]);
    let cases = &report.test_suites[1].test_cases;
    assert_eq!(report.test_suites[1].properties[0].value.as_str(), "Less < more & \"quoted\".");
    assert_eq!((cases[0].name.as_str(), cases[1].name.as_str()), ("seed 1", "seed 2"));
    let digest = cases[0].properties.iter().find(|property| property.name.as_str() == "digest");
    assert_eq!(digest.expect("a digest").value.as_str().len(), 64);
    let of = |suite: usize| match &report.test_suites[suite].test_cases[0].status {
        TestCaseStatus::NonSuccess { kind, message, ty, description, .. } => {
            let text = |it: &Option<quick_junit::XmlString>| {
                it.as_ref().map_or_else(String::new, |it| it.as_str().to_owned())
            };
            (*kind, text(ty), text(message), text(description))
        }
        status => panic!("{status:?}"),
    };
    let (kind, ty, message, text) = of(1);
    assert_eq!((kind, ty.as_str()), (NonSuccessKind::Failure, "list_members"));
    assert_eq!(message, "seed 1: line 8: steps[0].list_members");
    assert!(text.starts_with("seed 1\n"), "{text}");
    assert!(text.contains("expected  pending") && text.contains("--seed 1"), "{text}");
    let (kind, ty, _, text) = of(2);
    assert_eq!((kind, ty.as_str()), (NonSuccessKind::Failure, "must_fire"));
    assert!(text.contains("rule never"), "{text}");
    let (kind, ty, message, _) = of(3);
    assert_eq!((kind, ty.as_str()), (NonSuccessKind::Error, "could_not_run"));
    assert!(message.contains("4-broken.json:8:19: steps[0]: unknown variant"), "{message}");
}

#[test]
fn a_json_report_says_all_and_obeys_its_schema() {
    let folder = of_each_kind("json");
    let printed = imsim(&folder, &["schema", "replay-report"]);
    let schema_text = String::from_utf8(printed.stdout).expect("it is text");
    expect_file!["schema/replay_report.json"].assert_eq(&schema_text);
    let run = |more: &[&str], code: i32| {
        let arguments = [&["replay", ".", "--report", "json=r.report"], more].concat();
        check(&folder, &arguments, code, &[], &[]);
        let report: Value = serde_json::from_str(&text_of(folder.join("r.report"))).expect("JSON");
        let schema = serde_json::from_str(&schema_text).expect("a schema is JSON");
        let validator = jsonschema::draft202012::new(&schema).expect("a good schema");
        let errors: Vec<String> =
            validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(errors, [] as [&str; 0], "{report:#}");
        report
    };
    let report = run(&["--check"], 2);
    assert_eq!((&report["format"], &report["held"]), (&json!(1), &json!(false)));
    let runs = report["runs"].as_array().expect("runs");
    let seen: Vec<_> = runs.iter().map(|run| (run["file"].as_str(), &run["held"])).collect();
    let expected =
        [("./1-good.json", true), ("./2-wrong.json", false), ("./3-unfired.json", false)];
    for ((file, held), (expected, holds)) in seen.iter().zip(expected) {
        assert_eq!((*file, held.as_bool()), (Some(expected), Some(holds)));
    }
    assert_eq!(runs[0]["check"], json!({"shards": 4, "same": true, "difference": null}));
    assert_eq!(runs[0]["golden"], json!({"state": "not_looked_at", "difference": null}));
    assert_eq!(runs[1]["about"], "Less < more & \"quoted\".");
    assert_eq!(
        runs[1]["failures"],
        json!([{
            "line": 8, "step": "steps[0].list_members", "rounds": [], "kind": "list_members",
            "mismatches": [{"what": "members.lab", "expected": "pending", "found": "accepted"}],
        }])
    );
    assert_eq!(runs[2]["failures"][0]["kind"], "must_fire");
    assert_eq!(
        (&runs[2]["rules"][0]["id"], &runs[2]["rules"][0]["fired"]),
        (&json!("never"), &json!(0))
    );
    assert!(runs[2]["rules"][0]["why_not"].is_string());
    assert_eq!(report["could_not_run"][0]["file"], "./4-broken.json");
    fs::remove_file(folder.join("4-broken.json")).expect("it was there");
    fs::write(folder.join("1-good.trace.jsonl"), "{}\n").expect("written");
    let report = run(&["--repeat", "2"], 1);
    let golden = |run: usize| report["runs"][run]["golden"].clone();
    assert_eq!(
        (&golden(0)["state"], &golden(0)["difference"]["expected"]),
        (&json!("drifted"), &json!("{}"))
    );
    assert_eq!(golden(1)["state"], "other_seed");
}

#[test]
fn an_html_report_has_a_picture_of_each_run_and_is_the_same_whatever_ran_side_by_side() {
    let folder = of_each_kind("html");
    let run = |jobs: &str| {
        let arguments = ["replay", ".", "--repeat", "3", "--jobs", jobs, "--report", "html=r.html"];
        check(&folder, &arguments, 2, &["1 passed, 2 failed, 1 could not run"], &[]);
        let real = regex::Regex::new("<span class=\"real\">[0-9.]+ms</span>").expect("it is good");
        real.replace_all(&text_of(folder.join("r.html")), "real").into_owned()
    };
    let page = run("1");
    assert_eq!(page, run("8"));
    for text in ["3 of 4 scenarios did not hold", "Less &lt; more &amp; &quot;quoted&quot;."] {
        assert!(page.contains(text), "`{text}` is not on the page");
    }
    // The first seed of what holds, all three of what does not, none of what could not be run.
    assert_eq!(page.matches("<svg").count(), 1 + 3 + 3);
    assert!(!page.contains("<script") && !page.contains("http"), "it needs neither");
}

#[test]
fn reports_are_written_whole_whatever_becomes_of_the_output() {
    let folder = of_each_kind("reports");
    let program = env!("CARGO_BIN_EXE_imsim");
    let shell = |command: &str| {
        let mut bash = Command::new("bash");
        bash.current_dir(&folder).args(["-c", &command.replace("imsim", program)]);
        bash.output().expect("there is a bash")
    };
    fs::write(folder.join("old.json"), "x".repeat(100_000)).expect("written");
    let both = "--report json=../reports/old.json --report junit=r.xml";
    let gone = shell(&format!("(sleep 0.2; imsim replay 1-good.json {both}; echo $? >&2) | true"));
    assert_eq!(String::from_utf8_lossy(&gone.stderr), "0\n");
    let report: Value = serde_json::from_str(&text_of(folder.join("old.json"))).expect("JSON");
    assert_eq!(report["held"], true);
    assert!(text_of(folder.join("r.xml")).contains("testsuites"));
    // A report that goes where the output goes.
    let both = shell("imsim replay 1-good.json --report json=/dev/stdout | tail -n 1");
    assert_eq!(String::from_utf8_lossy(&both.stdout), "}\n");
    // Nothing is left of the files in which they were prepared.
    let entries = fs::read_dir(&folder).expect("readable");
    let hidden = entries.filter(|it| is_hidden(&it.as_ref().expect("readable").path()));
    assert_eq!(hidden.count(), 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
        let null = fs::metadata("/dev/null").expect("there is one").file_type();
        check(&folder, &["replay", "1-good.json", "--report", "json=/dev/null"], 0, &[], &[]);
        assert!(null.is_char_device());
        let rights = |name: &str| {
            fs::metadata(folder.join(name)).expect("there").permissions().mode() & 0o777
        };
        assert_eq!(rights("r.xml"), rights("1-good.json"), "as any other new file");
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}
