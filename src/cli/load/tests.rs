use clap::Parser;
use serde_json::{Value, json};

use super::*;

#[derive(Debug, Parser)]
struct Only {
    #[command(flatten)]
    load: LoadArgs,
}

fn parse(args: &[&str]) -> Result<LoadArgs, String> {
    let args = std::iter::once("load").chain(args.iter().copied());
    Only::try_parse_from(args).map(|only| only.load).map_err(|error| error.to_string())
}

/// Arguments, and the section of a file that says the same.
fn same(args: &[&str], section: Value) {
    let read: LoadSection = serde_json::from_value(section.clone()).expect("a section");
    let said = parse(args).unwrap_or_else(|error| panic!("{args:?}: {error}")).section();
    assert_eq!(said, read, "{args:?}");
    assert_eq!(serde_json::to_value(&said).expect("a section is JSON"), section);
}

#[test]
fn arguments_and_files_say_the_same_with_the_same_words() {
    same(&[], json!({}));
    same(&["--rate", "200", "--duration", "20s"], json!({"rate": 200.0, "duration": "20s"}));
    same(
        &["--users", "0..50/10s, 50/20s", "--ramp", "5s"],
        json!({"users": "0..50/10s, 50/20s", "ramp": "5s"}),
    );
    same(
        &["--users", "5", "--think-time", "100ms"],
        json!({"users": 5.0, "think_time": {"fixed": "100ms"}}),
    );
    let law = r#"{"exponential": {"mean": "2s", "max": "1m"}}"#;
    same(
        &["--users", "5", "--think-time", law],
        json!({"users": 5.0, "think_time": {"exponential": {"mean": "2s", "max": "1m"}}}),
    );
    same(
        &["--mix", "add_members=3, delete_members=2,list_members"],
        json!({"mix": {"add_members": 3, "list_members": 1, "delete_members": 2}}),
    );
    same(
        &["--images-per-batch", "2", "--projects-per-batch", "100"],
        json!({"images_per_batch": 2, "projects_per_batch": 100}),
    );
    same(
        &["--images", "zipf:1.1", "--projects", "each-once"],
        json!({"images": {"zipf": 1.1}, "projects": "each_once"}),
    );
    same(&["--images", "uniform"], json!({"images": "uniform"}));
    same(
        &["--poll-every", "1s", "--poll-backoff", "1.5", "--poll-longest", "5s"],
        json!({"poll": {"every": "1s", "backoff": 1.5, "longest": "5s"}}),
    );
    same(&["--give-up", "1m"], json!({"poll": {"give_up": "1m"}}));
    same(
        &["--timeout", "2s", "--connections", "64", "--threads", "2", "--late-after", "5ms"],
        json!({"timeout": "2s", "late_after": "5ms", "connections": 64, "threads": 2}),
    );
    same(&["--most-in-flight", "1000000"], json!({"most_in_flight": 1_000_000}));
    same(
        &["--threshold", "p99<20ms", "--threshold", "lost = 0", "--abort-early"],
        json!({"thresholds": ["p99 < 20ms", "lost = 0"], "abort_early": true}),
    );
    same(&["--abort-early=false"], json!({"abort_early": false}));
}

#[test]
fn wrong_arguments_are_told_what_would_be_right() {
    let check = |args: &[&str], says: &str| {
        let error = parse(args).expect_err("wrong");
        assert!(error.contains(says), "{args:?}: {error}");
    };
    check(&["--rate", "5", "--users", "5"], "cannot be used with");
    check(&["--rate", "5", "--think-time", "1s"], "cannot be used with");
    check(&["--rate", "fast"], "`fast` is not a number, or stages");
    check(
        &["--users", "5", "--think-time", "soon"],
        "`soon` is not a duration such as `2s`, or a law",
    );
    check(&["--users", "5", "--think-time", "{\"fixd\": \"1s\"}"], "did you mean `fixed`?");
    check(&["--mix", "add_member5=1"], "did you mean `add_member");
    check(
        &["--mix", "add_members=lots"],
        "`lots`, the weight of `add_members`, is not a whole number",
    );
    check(&["--mix", "add_members,add_members"], "`add_members` stands twice");
    check(&["--images", "zipf"], "`zipf` does not say how steep");
    check(&["--images", "zipf:11"], "with N from 0 to 10");
    check(&["--images", "unifrom"], "did you mean `uniform`?");
    check(&["--images", "each_once"], "did you mean `each-once`?");
    check(&["--projects", "once"], "such as `zipf:1.1`, or `each-once`");
    check(&["--images-per-batch", "129"], "129 is not in 1..=100");
    check(&["--poll-backoff", "0.5"], "a number from 1 to 10");
    check(&["--threads", "65"], "65 is not in 1..=64");
    check(&["--threshold", "p98 < 1s"], "`p98` is no metric");
    check(&["--regression", "10%"], "--baseline <FILE>");
    check(&["--baseline", "b.json", "--regression", "0.1"], "not a percentage such as 10%");
    check(
        &["--report", "junit=a.xml"],
        "there is no report `junit`; a report is written as json=FILE or html=FILE",
    );
    check(&["--target", "http://127.0.0.1:1", "--shards", "2"], "cannot be used with");
    check(&["--token", "a=b"], "--target <URL>");
    check(&["--quiet", "--no-view"], "cannot be used with");
}

#[test]
fn a_regression_is_a_part() {
    let check = |args: &[&str], part: f64| {
        let found = parse(args).expect("good arguments").regression();
        assert!((found - part).abs() < f64::EPSILON, "{args:?}: {found}");
    };
    check(&[], 0.1);
    check(&["--baseline", "b.json"], 0.1);
    check(&["--baseline", "b.json", "--regression", "25%"], 0.25);
}

/// A small world, with a section.
fn file(section: &str) -> String {
    format!(
        r#"{{"format": 1, "world": {{"projects": {{"studio": {{}}, "lab": {{}}}},
            "images": {{"web": {{"owner": "studio"}}}}}}, "load": {section}}}"#
    )
}

#[test]
fn file_and_arguments_are_checked_together_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().expect("room on the disk");
    let place = folder.path().display().to_string();
    let path = |name: &str| format!("{place}/{name}");
    std::fs::write(path("load.json"), file(r#"{"rate": 5, "poll": {"every": "1s"}}"#))
        .expect("room on the disk");
    std::fs::write(path("stages.json"), file(r#"{"rate": "5/2s"}"#)).expect("room on the disk");
    std::fs::write(path("lasting.json"), file(r#"{"rate": 5, "duration": "2s"}"#))
        .expect("room on the disk");
    std::fs::write(path("no.json"), "{}").expect("room on the disk");
    let check = |args: &[&str], says: Option<&str>| {
        let args: Vec<String> = args.iter().map(|arg| arg.replace("./", &path(""))).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let prepared = prepare(&parse(&args).expect("good arguments"));
        let error = prepared.err().map(|error| error.replace(&path(""), "./"));
        match says {
            Some(says) => assert!(error.as_ref().is_some_and(|it| it.contains(says)), "{error:?}"),
            None => assert_eq!(error, None),
        }
    };
    check(&["./load.json"], None);
    check(&["./load.json", "--users", "5", "--think-time", "1s"], None);
    check(
        &["./load.json", "--think-time", "1s"],
        Some("./load.json with these arguments: think_time: only users think"),
    );
    // Stages in the file and a duration beside it contradict each other; with a rate of its own the command line
    // takes the place of both.
    check(
        &["./stages.json", "--duration", "1s"],
        Some(
            "duration: stands beside the stages of `rate`, whose sum it is; leave it out, or give",
        ),
    );
    check(&["./stages.json", "--duration", "1s", "--rate", "5"], None);
    check(&["./lasting.json", "--rate", "5/1s"], None);
    check(
        &["./load.json", "--users", "2.5"],
        Some("users: 2.5 users; users are whole, such as 2 or 3"),
    );
    check(
        &["./load.json", "--users", "1/1s, 0..2.5/1s"],
        Some("users: 2.5 users; users are whole, such as 2 or 3"),
    );
    check(
        &["./load.json", "--poll-longest", "1ms"],
        Some("poll.longest: 1ms is shorter than `every`, 1s"),
    );
    check(&["./gone.json"], Some("./gone.json: No such file"));
    check(&["--baseline", "./no.json"], Some("./no.json: it is no report of a load run"));
    check(
        &["./load.json", "--report", "json=./load.json"],
        Some("--report ./load.json would overwrite the scenario"),
    );
    check(
        &["--baseline", "./no.json", "--report", "json=./no.json"],
        Some("--report ./no.json would overwrite --baseline"),
    );
    check(
        &["--report", "json=./a", "--report", "html=./a"],
        Some("--report and --report name the same file, ./a"),
    );
    check(&["--report", "json=./nowhere/a"], Some("cannot write ./nowhere/a"));
}
