//! Whole runs, over real sockets. What is asserted are counts, which no machine changes.

use std::path::Path;

use serde_json::{Value, json};

use super::report_form::{Ended, LoadReport};
use super::{LoadOptions, run};
use crate::scenario::ScenarioFile;
use crate::scenario::load_section::LoadSection;
use crate::seed::Seed;

/// A world with images to share, and the load.
pub(super) fn scenario(load: &Value, faults: &Value) -> ScenarioFile {
    let none = json!({ "fixed": "0s" });
    let text = json!({
        "format": 1,
        "world": {
            "settings": { "delete_unknown_member": "ignore" },
            "projects": { "studio": {}, "team": { "count": 5 } },
            "images": {
                "web": { "owner": "studio", "count": 40 },
                "shared": { "owner": "studio", "count": 10, "members": { "team-*": "pending" } }
            }
        },
        "timing": { "init": none, "image": none, "pair": { "fixed": "2ms" } },
        "faults": faults,
        "load": load,
    });
    ScenarioFile::parse(Path::new("test"), text.to_string()).expect("it is a scenario")
}

#[test]
fn what_is_said_is_held_against_the_built_in_load_too() {
    let check = |said: Value, says: &str| {
        let said: LoadSection = serde_json::from_value(said).expect("it is a section");
        let error =
            run(LoadOptions { said, ..options(None) }, &mut |_| {}).expect_err("it is wrong");
        assert!(error.to_string().starts_with(says), "{error}");
    };
    check(json!({ "duration": "25h" }), "load.duration: 1day 1h is longer than 1day");
    check(json!({ "users": 2.5 }), "load.users: 2.5 users; users are whole, such as 2 or 3");
    check(
        json!({ "users": "5/1s", "duration": "20s" }),
        "load.duration: stands beside the stages of `users`",
    );
}

fn put_on(file: ScenarioFile) -> LoadReport {
    run(options(Some(file)), &mut |_| {}).expect("there is a server")
}

fn options(file: Option<ScenarioFile>) -> LoadOptions {
    LoadOptions {
        said: LoadSection::default(),
        file,
        target: None,
        seed: Some(Seed::new(5)),
        shards: 2,
        cores: 2,
        command: "imsim load".to_owned(),
        baseline: None,
    }
}

fn kind<'a>(report: &'a LoadReport, operation: &str) -> Option<&'a super::report_form::Kind> {
    report.kinds.iter().find(|kind| kind.operation == operation)
}

#[test]
fn an_open_load_begins_what_was_planned() {
    let report = put_on(scenario(
        &json!({
            "rate": "100/1s, 300/200ms",
            "mix": { "add_members": 1, "delete_members": 1, "show_image": 1 },
            "poll": { "every": "5ms" }
        }),
        &json!([]),
    ));
    assert_eq!(report.ended, Ended::Finished);
    let done = &report.transactions;
    assert_eq!((done.planned, done.finished, done.broken_off), (160, 160, 0));
    assert_eq!((done.dropped, done.in_flight), (0, 0));
    let sent = |operation| kind(&report, operation).map_or(0, |kind| kind.requests.count);
    let batches = sent("add_members") + sent("delete_members");
    assert_eq!(batches + sent("show_image"), 160);
    assert_eq!((report.jobs.accepted, report.jobs.succeeded), (batches, batches));
    assert_eq!(report.jobs.pairs, batches * 4);
    assert_eq!(report.jobs.submit_to_final.count, batches);
    assert_eq!(report.requests.errors, 0);
    let rows = &report.timeline;
    assert_eq!(rows.iter().map(|row| row.planned).sum::<u64>(), 160);
    assert_eq!(rows.iter().map(|row| row.requests).sum::<u64>(), report.requests.count);
}

#[test]
fn users_begin_one_transaction_after_the_other() {
    let report = put_on(scenario(
        &json!({
            "users": 3,
            "duration": "500ms",
            "think_time": { "uniform": { "from": "5ms", "to": "15ms" } },
            "mix": { "add_members": 1, "list_members": 2 },
            "poll": { "every": "5ms" }
        }),
        &json!([]),
    ));
    let done = &report.transactions;
    assert!(done.planned >= 6, "each of three users began at least two: {done:?}");
    assert_eq!((done.finished, done.broken_off, done.late), (done.planned, 0, 0));
    assert!(done.most_in_flight <= 3);
    assert_eq!(report.requests.errors, 0);
}

#[test]
fn each_image_is_taken_once_and_then_the_run_ends() {
    let report = put_on(scenario(
        &json!({
            "rate": 1000,
            "duration": "10s",
            "mix": { "add_members": { "weight": 1, "images": ["web-*"], "projects": ["team-0"] } },
            "images_per_batch": 3,
            "projects_per_batch": 1,
            "images": "each_once",
            "poll": { "every": "5ms" }
        }),
        &json!([]),
    ));
    assert_eq!(report.ended, Ended::UsedUp);
    // Forty images in threes, and one that is left.
    assert_eq!((report.jobs.accepted, report.jobs.pairs), (14, 40));
    assert_eq!(report.audit.total(), 0, "{:?}", report.audit);
}

#[test]
fn what_there_is_no_room_for_is_dropped_and_counted() {
    let report = put_on(scenario(
        &json!({
            "rate": 200,
            "duration": "500ms",
            "mix": { "show_image": 1 },
            "most_in_flight": 1,
            "timeout": "1s"
        }),
        &json!([{ "at": "request", "effect": { "delay": { "fixed": "300ms" } } }]),
    ));
    let done = &report.transactions;
    assert_eq!(done.planned, 100);
    assert_eq!(done.most_in_flight, 1);
    assert!(done.dropped >= 90, "{done:?}");
    assert_eq!(done.finished + done.dropped, 100);
}

#[test]
fn a_batch_that_was_taken_and_names_no_job_is_an_error_and_nothing_certain() {
    let report = put_on(scenario(
        &json!({ "rate": 50, "duration": "200ms", "mix": { "add_members": 1 }, "poll": { "every": "5ms" } }),
        &json!([
            { "at": "response", "when": { "first": 3 }, "match": { "operation": "add_members" },
              "effect": { "answer": { "status": 202, "body": { "job": 1 } } } },
            { "at": "response", "when": { "range": [4, 5] },
              "match": { "operation": "add_members" },
              "effect": { "answer": { "status": 200, "body": { "job_id": "it is on its way" } } } },
        ]),
    ));
    let batches = kind(&report, "add_members").expect("some were sent");
    assert_eq!((batches.requests.count, batches.requests.errors), (10, 5));
    let nameless = batches.outcomes.iter().find(|it| it.outcome == "no_job_id");
    assert_eq!(nameless.map(|it| (it.error, it.count)), Some((true, 5)), "{:?}", batches.outcomes);
    assert_eq!((report.jobs.accepted, report.transactions.broken_off), (5, 5));
    // The jobs are there, and nobody calls them invented.
    assert_eq!((report.audit.ambiguous, report.audit.total()), (5, 0), "{:?}", report.audit);
}

/// What waits for the one connection there is takes as long as all before it.
#[test]
fn the_wait_for_a_free_connection_is_no_part_of_what_was_sent() {
    let report = put_on(scenario(
        &json!({
            "rate": "1000/20ms",
            "mix": { "show_image": 1 },
            "connections": 1,
            "threads": 1,
            "timeout": "1m"
        }),
        &json!([{ "at": "request", "effect": { "delay": { "fixed": "50ms" } } }]),
    ));
    let all = &report.requests;
    assert_eq!((all.count, all.errors, all.uncorrected.count), (20, 0, 20));
    assert!(all.uncorrected.mean_us * 3.0 < all.latency.mean_us, "{all:?}");
}

#[test]
fn what_no_connection_came_free_for_was_not_sent() {
    let report = put_on(scenario(
        &json!({
            "rate": "1000/20ms",
            "mix": { "add_member": 1 },
            "connections": 1,
            "threads": 1,
            "timeout": "300ms"
        }),
        &json!([{ "at": "request", "effect": "never_answer" }]),
    ));
    let calls = kind(&report, "add_member").expect("some were to be sent");
    let count = |outcome: &str| {
        let found = calls.outcomes.iter().find(|it| it.outcome == outcome);
        found.map_or(0, |it| it.count)
    };
    let (sent, not_sent) = (count("timed_out"), count("not_sent"));
    assert!(sent >= 1 && not_sent >= 10, "{:?}", calls.outcomes);
    assert_eq!((sent + not_sent, calls.requests.errors), (20, 20));
    assert_eq!((calls.requests.latency.count, calls.requests.uncorrected.count), (20, sent));
}

#[test]
fn rules_are_told_with_what_they_cost_and_retry_after_is_obeyed() {
    let report = put_on(scenario(
        &json!({
            "rate": 50,
            "duration": "200ms",
            "mix": { "add_members": 1 },
            "poll": { "every": "5ms" },
            "threads": 1
        }),
        &json!([
            { "id": "slow", "at": "request", "match": { "operation": "add_members" },
              "effect": { "delay": { "fixed": "20ms" } } },
            { "id": "later", "at": "request", "match": { "operation": "show_job" },
              "when": { "first": 10 },
              "effect": { "answer": { "code": "APIGW.0308", "retry_after": "1s" } } },
        ]),
    ));
    assert_eq!((report.jobs.accepted, report.jobs.succeeded), (10, 10));
    let rule = |id: &str| report.rules.iter().find(|rule| rule.id == id);
    let slow = rule("slow").expect("it fired");
    assert_eq!(slow.answers, 10);
    assert!(slow.latency.min_us >= 20_000, "{slow:?}");
    let later = rule("later").expect("it fired");
    let polls = kind(&report, "show_job").expect("jobs were polled");
    assert_eq!((later.answers, polls.requests.errors), (10, 10));
    // One refusal and one answer for each job: nobody asked in between.
    assert_eq!(polls.requests.count, 20);
    assert!(report.jobs.submit_to_final.min_us >= 1_000_000);
    let refused = polls.outcomes.iter().find(|outcome| outcome.error);
    assert_eq!(refused.map(|it| (it.outcome.as_str(), it.count)), Some(("429 APIGW.0308", 10)));
}

#[test]
fn the_same_seed_puts_on_the_same_load_on_any_number_of_threads() {
    let counts = |threads: u32| {
        let report = put_on(scenario(
            &json!({
                "rate": 300,
                "duration": "500ms",
                "mix": { "list_members": 3, "show_image": 2, "show_quota": 1, "add_member": 1 },
                "images": { "zipf": 1.2 },
                "threads": threads
            }),
            &json!([]),
        ));
        let counts = report.kinds.iter().map(|kind| (kind.operation.clone(), kind.requests.count));
        counts.collect::<Vec<_>>()
    };
    assert_eq!(counts(1), counts(3));
}
