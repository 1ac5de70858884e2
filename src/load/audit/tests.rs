//! Loads on servers that keep their word, that break it, and that cannot help it: what the end of a run says.

mod others;
mod single;

use std::cell::Cell;

use serde_json::{Value, json};

use super::super::audit_form::Audit;
use super::super::audit_form::ViolationKind::{
    self, InventedMembership, LostMembership, UnendedJob,
};
use super::super::report_form::{Ended, LoadReport};
use super::super::run::own_target;
use super::super::tests::scenario;
use super::super::{LoadOptions, run};
use crate::actors::Sabotage;
use crate::api::JobId;
use crate::scenario::ScenarioFile;
use crate::scenario::load_section::LoadSection;
use crate::seed::Seed;
use crate::simulator::{Options, embedded::Simulator};

const SEED: Seed = Seed::new(5);

/// How the driver sees the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// With its admin API.
    Inside,
    /// As a service, and nothing else.
    Outside,
}

/// A server that was not started for the load.
fn serve(file: &ScenarioFile, seen: Seen, change: impl FnOnce(&mut Options)) -> Simulator {
    let mut options = Options::new(SEED, 2);
    change(&mut options);
    let server = match seen {
        Seen::Inside => Simulator::serve(file.to_serve(), options),
        Seen::Outside => Simulator::serve_apart(file.to_serve(), options),
    };
    server.expect("there is a free port")
}

/// Puts the load of a file on a server. `at_the_end` is called once all transactions have ended.
fn put_on(file: &ScenarioFile, server: &Simulator, at_the_end: impl Fn()) -> LoadReport {
    let called = Cell::new(false);
    let report = run(options(file, server), &mut |report| {
        let idle = report.transactions.in_flight == 0 && report.ended != Ended::NotYet;
        if idle && !called.replace(true) {
            at_the_end();
        }
    });
    assert!(called.get());
    report.expect("there is a server")
}

fn options(file: &ScenarioFile, server: &Simulator) -> LoadOptions {
    LoadOptions {
        file: Some(file.to_serve()),
        said: file.sections.load.clone().unwrap_or_default().with(LoadSection::default()),
        target: Some(own_target(Some(server), SEED).expect("it is a URL")),
        seed: Some(SEED),
        shards: 2,
        cores: 2,
        command: "imsim load".to_owned(),
        baseline: None,
    }
}

/// Ten jobs, each of which shares four images, that no other touches, with one project.
fn shares(faults: &Value) -> ScenarioFile {
    let mix =
        json!({ "add_members": { "weight": 1, "images": ["web-*"], "projects": ["team-0"] } });
    one_by_one(&mix, faults)
}

fn one_by_one(mix: &Value, faults: &Value) -> ScenarioFile {
    let load = json!({
        "rate": 200,
        "duration": "5s",
        "mix": mix,
        "images": "each_once",
        "images_per_batch": 4,
        "projects_per_batch": 1,
        "poll": { "every": "5ms", "longest": "20ms", "give_up": "400ms" },
        "timeout": "300ms",
        "thresholds": ["lost = 0", "invented = 0", "unended = 0"]
    });
    scenario(&load, faults)
}

/// Everything at once, at the same few images.
fn everything() -> ScenarioFile {
    let load = json!({
        "rate": 400,
        "duration": "400ms",
        "mix": {
            "add_members": 3, "update_members": 2, "delete_members": 2,
            "add_member": 1, "update_member": 1, "delete_member": 1, "list_members": 1
        },
        "images": { "zipf": 1.1 },
        "poll": { "every": "5ms", "longest": "20ms" },
        "thresholds": ["violations = 0"]
    });
    scenario(&load, &json!([]))
}

fn why_not(audit: &Audit) -> &str {
    audit.why_not.as_deref().unwrap_or_default()
}

/// Nothing is wrong; `says` is what is remarked.
fn assert_clean(report: &LoadReport, says: &str) {
    let audit = &report.audit;
    assert!(audit.done && report.held, "{audit:?}");
    assert_eq!(audit.total(), 0, "{audit:?}");
    match says {
        "" => assert_eq!(audit.why_not, None),
        says => assert!(why_not(audit).contains(says), "{audit:?}"),
    }
}

#[test]
fn a_server_that_keeps_its_word_is_told_so() {
    for seen in [Seen::Inside, Seen::Outside] {
        let file = everything();
        let server = serve(&file, seen, |_| {});
        let report = put_on(&file, &server, || {});
        assert_clean(&report, "");
        let audit = &report.audit;
        assert_eq!(report.target.simulator, seen == Seen::Inside);
        assert_eq!((audit.jobs, audit.ambiguous), (report.jobs.accepted, 0));
        // All members that there were, and all that somebody touched.
        assert!(audit.memberships >= 50, "{audit:?}");
        assert_eq!((audit.explained, audit.not_judged), (0, 0), "{audit:?}");
    }
}

/// Sound in the other direction: nothing that a server does against its word passes.
#[test]
fn each_way_to_break_its_word_is_found_and_named() {
    let check = |sabotage: Sabotage, seen: Seen, kind: ViolationKind, count: u64| {
        let file = shares(&json!([]));
        let server = serve(&file, seen, |options| options.sabotage = Some(sabotage));
        let report = put_on(&file, &server, || {});
        let audit = &report.audit;
        assert!(audit.done && !report.held, "{sabotage:?} {seen:?} {audit:?}");
        assert_eq!(audit.count(kind), count, "{sabotage:?} {seen:?} {audit:?}");
        assert_eq!(audit.total(), count, "{sabotage:?} {seen:?} {audit:?}");
        for violation in &audit.violations {
            assert!(violation.by.iter().any(|by| JobId::parse(by).is_some()), "{violation:?}");
        }
        assert!(report.thresholds.iter().any(|threshold| !threshold.held), "{audit:?}");
    };
    for seen in [Seen::Inside, Seen::Outside] {
        check(Sabotage::DoNothing, seen, LostMembership, 40);
        check(Sabotage::DenyWork, seen, InventedMembership, 40);
        check(Sabotage::ReportOpposite, seen, InventedMembership, 40);
        check(Sabotage::NeverEnd, seen, UnendedJob, 10);
    }
}

#[test]
fn a_fault_rule_that_struck_the_job_explains_what_it_did() {
    let check = |at: &str, effect: Value, explains: bool| {
        let file = shares(&json!([
            { "id": "it", "at": at, "when": { "first": 2 }, "effect": effect }
        ]));
        let server = serve(&file, Seen::Inside, |_| {});
        let report = put_on(&file, &server, || {});
        let audit = &report.audit;
        assert_clean(&report, "");
        assert_eq!(audit.explained > 0, explains, "{at} {effect} {audit:?}");
        assert_eq!(audit.jobs, 10, "{at} {effect} {audit:?}");
    };
    check("job", json!("report_opposite"), true);
    check("job", json!("lose"), true);
    check("job", json!({ "stick": { "in": "RUNNING" } }), true);
    // What is done twice is the same as what is done once.
    check("job", json!("run_twice"), false);
    check("image", json!("run_twice"), false);
    check("image", json!("stick"), true);
    check("image", json!("claim_success"), true);
    check("image", json!({ "claim_failure": { "code": "IMG.0113" } }), true);
}

/// A rule explains what the jobs did that it struck, and nothing else.
#[test]
fn a_fault_rule_explains_no_other_job() {
    let rule = json!([
        { "id": "it", "at": "job", "when": { "first": 2 }, "effect": "report_opposite" }
    ]);
    let file = shares(&rule);
    let server = serve(&file, Seen::Inside, |options| options.sabotage = Some(Sabotage::DoNothing));
    let report = put_on(&file, &server, || {});
    // The two that were to lie did nothing, and said so.
    assert_eq!(report.audit.count(LostMembership), 32, "{:?}", report.audit);
}

#[test]
fn jobs_that_never_end_are_named_and_a_clock_that_stands_still_is_told() {
    let file = shares(&json!([]));
    let server = serve(&file, Seen::Inside, |options| {
        options.clock = "frozen".parse().expect("it is a mode");
    });
    let report = put_on(&file, &server, || {});
    let audit = &report.audit;
    assert!(audit.done && !report.held);
    assert_eq!((audit.count(UnendedJob), audit.total()), (10, 10), "{audit:?}");
    assert!(why_not(audit).contains("stands still"), "{audit:?}");
}

#[test]
fn a_clock_that_stands_still_is_no_matter_where_nothing_takes_time() {
    let mix = json!({ "add_member": { "weight": 1, "images": ["web-*"], "projects": ["team-0"] } });
    let file = one_by_one(&mix, &json!([]));
    let server = serve(&file, Seen::Inside, |options| {
        options.clock = "frozen".parse().expect("it is a mode");
    });
    assert_clean(&put_on(&file, &server, || {}), "");
}

#[test]
fn an_answer_that_is_lost_behind_the_work_is_no_violation() {
    let check = |effect: Value| {
        let file = shares(&json!([
            { "at": "response", "match": { "operation": "add_members" },
              "when": { "first": 3 }, "effect": effect }
        ]));
        for seen in [Seen::Inside, Seen::Outside] {
            let server = serve(&file, seen, |_| {});
            let report = put_on(&file, &server, || {});
            assert_clean(&report, "");
            assert_eq!(report.audit.ambiguous, 3, "{effect} {:?}", report.audit);
            assert_eq!(report.audit.jobs, 7, "{effect} {:?}", report.audit);
        }
    };
    check(json!({ "answer": { "code": "IMG.0061" } }));
    check(json!("close"));
}

#[test]
fn a_promise_that_a_rule_made_up_is_not_the_servers() {
    let mix = json!({ "add_member": { "weight": 1, "images": ["web-*"], "projects": ["team-0"] } });
    let file = one_by_one(
        &mix,
        &json!([
            { "at": "request", "match": { "operation": "add_member" }, "when": { "first": 3 },
              "effect": { "answer": { "status": 200, "body": {} } } }
        ]),
    );
    for seen in [Seen::Inside, Seen::Outside] {
        let server = serve(&file, seen, |_| {});
        let report = put_on(&file, &server, || {});
        assert_clean(&report, "made up");
        assert_eq!(report.audit.not_judged, 3, "{:?}", report.audit);
    }
}

/// The service tells of nobody else; so what is not there is missing.
#[test]
fn through_the_service_a_lost_membership_is_named_with_its_job() {
    let file = shares(&json!([]));
    let server = serve(&file, Seen::Outside, |_| {});
    let report = put_on(&file, &server, || {
        let path = "/world/images/web-3/members/team-0";
        server.admin("DELETE", path, "").expect("it is a member");
    });
    let [violation] = &*report.audit.violations else { panic!("{:?}", report.audit) };
    assert_eq!((violation.kind, report.audit.total()), (LostMembership, 1));
    let place = (violation.image.as_deref(), violation.project.as_deref());
    assert_eq!(place, (Some("web-3"), Some("team-0")));
    assert_eq!((&*violation.expected, &*violation.found), ("pending", "no member"));
    let [job] = &*violation.by else { panic!("{violation:?}") };
    let operation = server.admin("GET", &format!("/jobs/{job}"), "").expect("it knows the job");
    assert_eq!(operation["operation"], "add_members");
}

#[test]
fn a_job_that_made_room_is_not_lost() {
    let file = shares(&json!([]));
    let server = serve(&file, Seen::Inside, |options| options.keep_jobs = 2);
    let report = put_on(&file, &server, || {});
    assert_clean(&report, "forgotten");
    assert!(report.audit.not_judged > 0, "{:?}", report.audit);
    assert_eq!(report.audit.jobs + report.audit.not_judged, 10, "{:?}", report.audit);
}

#[test]
fn a_server_that_is_gone_leaves_a_report_that_does_not_hold() {
    for seen in [Seen::Inside, Seen::Outside] {
        let mix = json!({ "add_members": 1, "show_image": 3 });
        let load = json!({
            "rate": 60,
            "duration": "1200ms",
            "mix": mix,
            "poll": { "every": "5ms", "give_up": "300ms" },
            "timeout": "300ms",
            "thresholds": ["lost = 0"]
        });
        let file = scenario(&load, &json!([]));
        let server = serve(&file, seen, |_| {});
        let options = options(&file, &server);
        let mut server = Some(server);
        let report = run(options, &mut |_| drop(server.take())).expect("it was there");
        assert!(report.requests.errors > 0, "{:?}", report.requests);
        let audit = &report.audit;
        assert!(!audit.done && !why_not(audit).is_empty() && !report.held, "{audit:?}");
        assert!(report.thresholds.iter().all(|threshold| !threshold.held));
    }
}

#[test]
fn the_jobs_of_a_server_that_died_are_not_asked_for_until_the_bitter_end() {
    let load = json!({
        "rate": 20,
        "duration": "2s",
        "mix": { "add_members": 1 },
        "poll": { "every": "100ms", "longest": "500ms", "give_up": "10h" },
    });
    let file = scenario(&load, &json!([]));
    let server = serve(&file, Seen::Inside, |options| {
        options.clock = "frozen".parse().expect("it is a mode");
    });
    let options = options(&file, &server);
    let mut server = Some(server);
    let died = |report: &LoadReport| report.jobs.accepted > 0;
    let report = run(options, &mut |report| drop(server.take_if(|_| died(report))));
    let report = report.expect("it was there");
    let jobs = &report.jobs;
    assert!(jobs.accepted > 0 && report.requests.errors > 0, "{jobs:?}");
    assert_eq!((jobs.unreachable, jobs.given_up), (jobs.accepted, jobs.accepted), "{jobs:?}");
    assert!(!report.held && !report.audit.done, "{:?}", report.audit);
}
