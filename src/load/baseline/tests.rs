use super::*;
use crate::load::example::{latency, report};
use crate::load::report_form::{Ended, Target};
use crate::scenario::load_section::{LoadSection, PollEntry};

/// How a run compares that a change was made to: the figures that did not hold, each with the percentage by
/// which it became worse.
fn fails(change: fn(&mut LoadReport)) -> Vec<(String, f64)> {
    let (before, mut now) = (report(), report());
    change(&mut now);
    let comparison = compare("before.json", &before, &now, DEFAULT_REGRESSION);
    let failed: Vec<_> = comparison.figures.iter().filter(|figure| !figure.held).collect();
    assert_eq!(comparison.held, failed.is_empty());
    failed.iter().map(|it| (it.name.clone(), (it.worse_by * 100.0).round())).collect()
}

#[test]
fn a_figure_fails_that_became_worse_by_more_than_is_allowed() {
    let check = |change: fn(&mut LoadReport), expected: &[(&str, f64)]| {
        let found = fails(change);
        let found: Vec<_> = found.iter().map(|(name, by)| (name.as_str(), *by)).collect();
        assert_eq!(found, expected);
    };
    check(|_| {}, &[]);
    // 4, 12 and 20 ms become 5, 15 and 25: the first differs by no more than the floor.
    check(
        |now| now.kinds[0].requests.latency = latency(1_000, 5_000),
        &[("add_members p90", 25.0), ("add_members p99", 25.0)],
    );
    check(|now| now.kinds[0].requests.latency = latency(1_000, 4_300), &[]);
    check(|now| now.kinds[0].requests.latency = latency(1_000, 2_000), &[]);
    // Too few to tell the 99th.
    check(
        |now| now.kinds[0].requests.latency = latency(999, 8_000),
        &[("add_members p50", 100.0), ("add_members p90", 100.0)],
    );
    check(
        |now| now.jobs.submit_to_final = latency(970, 600_000),
        &[("jobs submit-to-final p50", 20.0)],
    );
    check(|now| now.jobs.per_second = 80.0, &[("jobs per second", 18.0)]);
    check(|now| now.jobs.per_second = 200.0, &[]);
    check(|now| now.transactions.per_second = 48.5, &[("transactions per second", 50.0)]);
    check(|now| now.kinds[0].requests.errors = 2, &[]);
    check(|now| now.kinds[0].requests.errors = 3, &[("add_members errors", 200.0)]);
    // Fewer polls are better, if anything.
    check(|now| now.kinds[1].requests.per_second = 1.0, &[]);
    // What stopped altogether is seen, though nothing is left to measure.
    check(|now| now.kinds.truncate(0), &[("add_members per second", 100.0)]);
}

#[test]
fn what_there_was_none_of_before_is_worse_by_a_number() {
    let (mut before, now) = (report(), report());
    before.kinds[1].requests.errors = 0;
    let mut worse = now.clone();
    worse.kinds[1].requests.errors = 40;
    let compared = compare("before.json", &before, &worse, DEFAULT_REGRESSION);
    let errors = compared.figures.iter().find(|figure| figure.name == "show_job errors");
    assert_eq!(errors.map(|figure| (figure.worse_by.round(), figure.held)), Some((10.0, false)));
    assert!(compare("before.json", &before, &now, DEFAULT_REGRESSION).held);
}

#[test]
fn runs_of_which_nothing_can_be_compared_do_not_hold() {
    let empty = LoadReport {
        kinds: Vec::new(),
        jobs: Default::default(),
        transactions: Default::default(),
        ..report()
    };
    let comparison = compare("before.json", &empty, &empty, DEFAULT_REGRESSION);
    assert!(!comparison.held);
    assert_eq!(comparison.differs, ["no figure: one of the runs is too short to compare any"]);
}

#[test]
fn what_was_asked_for_in_another_way_is_told() {
    let check = |change: fn(&mut LoadReport), expected: &[&str]| {
        let (before, mut now) = (report(), report());
        change(&mut now);
        assert_eq!(compare("before.json", &before, &now, DEFAULT_REGRESSION).differs, expected);
    };
    check(|now| now.target.url = "http://127.0.0.1:2".to_owned(), &[]);
    check(|now| now.load.abort_early = Some(true), &[]);
    check(|now| now.imsim = "9.9.9".to_owned(), &[]);
    check(|now| now.seed = 2, &["seed: 1 before, 2 now"]);
    check(
        |now| now.scenario = "a.json".to_owned(),
        &["scenario: built-in load before, a.json now"],
    );
    check(
        |now| now.target = Target { url: "http://a".to_owned(), own: false, simulator: false },
        &["target: a server of its own before, http://a now"],
    );
    check(|now| now.ended = Ended::Interrupted, &["end: finished before, interrupted now"]);
    check(
        |now| {
            let rate = "0..5/1s".parse().expect("a profile");
            let poll = PollEntry { backoff: Some(2.0), ..PollEntry::default() };
            now.load = LoadSection { rate: Some(rate), poll: Some(poll), ..LoadSection::default() };
        },
        &[
            r#"load.poll: nothing before, {"backoff":2.0} now"#,
            "load.rate: nothing before, 0..5/1s now",
        ],
    );
    check(
        |now| now.kinds[0].operation = "delete_members".to_owned(),
        &["sent only before: add_members", "sent only now: delete_members"],
    );
}

#[test]
fn a_report_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().expect("room on the disk");
    let path = folder.path().join("report.json");
    let text = serde_json::to_string_pretty(&report()).expect("a report is JSON");
    std::fs::write(&path, text).expect("room on the disk");
    assert_eq!(read(&path), Ok(report()));
}

#[test]
fn what_is_no_report_is_refused_with_what_would_be_right() {
    let check = |text: &str, says: &str| {
        let error = read::parse(text.as_bytes()).expect_err(text);
        assert!(error.contains(says), "{text}: {error}");
    };
    check("", "no JSON");
    check("<html>", "no JSON");
    check("[1]", "no report");
    check("{}", "it is no report of a load run; a baseline is what `imsim load --report");
    check(r#"{"format": 1, "runs": []}"#, "it is a report of `imsim replay`");
    check(r#"{"format": 1, "world": {}}"#, "it is a scenario");
    check(
        r#"{"format": 2, "kinds": []}"#,
        "its format is 2, and this program compares with format 1",
    );
    check(r#"{"kinds": []}"#, "its format is null");
    check(r#"{"format": 1, "kinds": []}"#, "missing field `imsim`");
    check(r#"{"format": 1, "kinds": [{"operation": 3}]}"#, "kinds[0].operation: invalid type");
    let missing = read(std::path::Path::new("/nowhere/report.json")).expect_err("no such file");
    assert!(missing.starts_with("/nowhere/report.json: No such file"), "{missing}");
}
