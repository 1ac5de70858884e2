//! Loads on servers that keep their word, that break it, and that cannot help it: what the end of a run says.

use std::cell::Cell;

use actix_web::rt::System;
use serde_json::{Value, json};

use super::super::audit_form::{Audit, ViolationKind};
use super::super::ledger::{Deed, Ledger, Promise};
use super::super::report_form::{Ended, LoadReport};
use super::super::run::own_target;
use super::super::stock::Stock;
use super::super::tests::scenario;
use super::super::{LoadOptions, run};
use super::{Promised, Server, audit, begin};
use crate::actors::Sabotage;
use crate::api::{JobId, Operation};
use crate::clock::WallTime;
use crate::replay::target::Reached;
use crate::scenario::ScenarioFile;
use crate::scenario::load_section::LoadSection;
use crate::seed::Seed;
use crate::simulator::{Options, embedded::Simulator};
use ViolationKind::{
    ChangedJob, InventedJob, InventedMembership, LostJob, LostMembership, UnendedJob,
};

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

/// Somebody who changes the world by hand is a tester at work. His changes are told, and what they touched is
/// not judged; everything else is, as ever.
#[test]
fn what_is_changed_by_hand_is_told_and_blames_nobody() {
    let check = |sabotage: Option<Sabotage>, lost: u64| {
        let file = shares(&json!([]));
        let server = serve(&file, Seen::Inside, |options| options.sabotage = sabotage);
        let report = put_on(&file, &server, || {
            let member = |image, project| format!("/world/images/{image}/members/{project}");
            let image = server.image("web-5").expect("it is there");
            let project = server.project("team-1").expect("it is there");
            // One that a job shared, by name; two that none touched, by id.
            let status = json!({ "status": "accepted" });
            for (method, path) in [
                ("PUT", member("web-3", "team-0")),
                ("PUT", member(&image, &project)),
                ("DELETE", member("shared-2", "team-3")),
            ] {
                let body = if method == "PUT" { status.clone() } else { Value::Null };
                let body = if body.is_null() { String::new() } else { body.to_string() };
                server.admin(method, &path, body.as_str()).expect("it can be changed");
            }
        });
        let audit = &report.audit;
        assert!(audit.done && why_not(audit).contains("changed by hand"), "{audit:?}");
        assert_eq!(audit.not_judged, 3, "{audit:?}");
        assert_eq!((audit.count(LostMembership), audit.total()), (lost, lost), "{audit:?}");
        assert_eq!(report.held, lost == 0);
    };
    check(None, 0);
    check(Some(Sabotage::DoNothing), 39);
}

#[test]
fn a_server_that_was_put_back_is_not_judged() {
    let check = |parts: &str| {
        let file = shares(&json!([]));
        let server = serve(&file, Seen::Inside, |_| {});
        let report = put_on(&file, &server, || {
            server.admin("POST", "/reset", parts).expect("it goes back");
        });
        let audit = &report.audit;
        assert!(!audit.done && !report.held, "{parts} {audit:?}");
        assert!(why_not(audit).contains("put back"), "{parts} {audit:?}");
        // What was not looked at does not hold.
        assert!(report.thresholds.iter().all(|threshold| !threshold.held), "{audit:?}");
    };
    check("");
    check(r#"{ "parts": ["world"] }"#);
    check(r#"{ "parts": ["journal", "world"] }"#);
}

/// What was changed is known to have been, though nobody can say any more what it was.
#[test]
fn changes_by_hand_that_the_journal_has_forgotten_still_excuse() {
    let file = shares(&json!([]));
    let server = serve(&file, Seen::Inside, |_| {});
    let report = put_on(&file, &server, || {
        let path = "/world/images/web-3/members/team-0";
        server.admin("DELETE", path, "").expect("it is a member");
        server.admin("DELETE", "/journal", "").expect("it forgets");
    });
    assert_clean(&report, "than the journal still tells");
    assert_eq!(report.audit.not_judged, 1, "{:?}", report.audit);
}

/// Where no rule can have made anybody lie, nobody needs the journal to say so.
#[test]
fn a_journal_that_has_forgotten_everything_excuses_nothing() {
    let file = shares(&json!([]));
    let server = serve(&file, Seen::Inside, |options| options.sabotage = Some(Sabotage::DoNothing));
    let report = put_on(&file, &server, || {
        server.admin("DELETE", "/journal", "").expect("it forgets");
    });
    assert_eq!(report.audit.count(LostMembership), 40, "{:?}", report.audit);
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
fn what_others_do_meanwhile_is_told_and_not_invented() {
    let file = shares(&json!([]));
    let server = serve(&file, Seen::Inside, |_| {});
    let report = put_on(&file, &server, || {
        let token = server.token("studio").expect("it is there");
        let image = |name: &str| server.image(name).expect("it is there");
        let project = |name: &str| server.project(name).expect("it is there");
        let post = |path: &str, body: Value| -> Value {
            let request = ureq::post(server.url() + path).header("X-Auth-Token", &token);
            let mut answer = request.send_json(body).expect("it is granted");
            answer.body_mut().read_json().expect("it is JSON")
        };
        // A pair that no job of the load touched, and one that one did.
        post(
            &format!("/v2/images/{}/members", image("web-1")),
            json!({ "member": project("team-3") }),
        );
        for (method, name) in [("batch", "web-2"), ("withdraw", "web-3")] {
            let (images, projects) = (vec![image(name)], vec![project("team-0")]);
            let body = json!({ "images": images, "projects": projects });
            let job = match method {
                "batch" => post(
                    "/v1/cloudimages/members",
                    json!({
                        "images": [image(name)], "projects": [project("team-2")]
                    }),
                ),
                _ => {
                    let url = server.url() + "/v1/cloudimages/members";
                    let request = ureq::delete(url).header("X-Auth-Token", &token);
                    let request = request.force_send_body().send_json(body);
                    request.expect("it is granted").body_mut().read_json().expect("it is JSON")
                }
            };
            server.wait_for_job(job["job_id"].as_str().expect("it has an id")).expect("it ends");
        }
    });
    assert_clean(&report, "others used the server");
    assert_eq!(report.audit.count(InventedJob), 0);
    // Two jobs, and three pairs.
    assert_eq!(report.audit.not_judged, 5, "{:?}", report.audit);
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

/// Asks a server whose clock stands still about a job that was just accepted.
fn audit_of_open_job(cut: bool, promise: impl FnOnce(JobId) -> Promise) -> Audit {
    let file = shares(&json!([]));
    let server = serve(&file, Seen::Inside, |options| {
        options.clock = "frozen".parse().expect("it is a mode");
    });
    let wall = WallTime::default();
    let target = own_target(Some(&server), SEED).expect("it is a URL");
    System::new().block_on(async {
        let reached = Reached::reach(&file, &target, &wall).await.expect("it is there");
        let stock = Stock::of(&file, &reached.blueprint.names, &target.stand_ins);
        let inside = std::rc::Rc::new(reached.inside.expect("it is a simulator"));
        let truth = Server::Simulator(inside);
        let start = begin(&stock, &truth, false, &wall).await.expect("it tells");
        // The time at which a job is submitted is behind that of the start.
        server.clock().advance(std::time::Duration::from_millis(5)).expect("it moves");
        let asked = ureq::post(server.url() + "/v1/cloudimages/members")
            .header("X-Auth-Token", server.token("studio").expect("it is there"))
            .send_json(json!({
                "images": [server.image("web-0").expect("it is there")],
                "projects": [server.project("team-0").expect("it is there")],
            }));
        let answer: Value = asked.expect("it is granted").body_mut().read_json().expect("JSON");
        let job = answer["job_id"].as_str().and_then(JobId::parse).expect("it has an id");
        let mut ledger = Ledger::default();
        let place = |name: &str| stock.projects.iter().position(|it| it.name == name).unwrap_or(0);
        ledger.note(Deed {
            operation: Operation::AddMembers,
            caller: u32::try_from(place("studio")).expect("there are few"),
            images: [0].into(),
            projects: [u32::try_from(place("team-0")).expect("there are few")].into(),
            status: None,
            sent: 0,
            known: 1_000,
            promise: promise(job),
            struck: false,
        });
        let promised = Promised { ledger: &ledger, stock: &stock, cut };
        audit(&promised, &start, &truth, &wall).await
    })
}

#[test]
fn of_transactions_that_were_cut_off_no_end_is_expected() {
    let cut = audit_of_open_job(true, |job| Promise::Open { job });
    assert_eq!((cut.done, cut.total(), cut.not_judged), (true, 0, 1), "{cut:?}");
    assert!(why_not(&cut).contains("cut off"), "{cut:?}");
    let waited = audit_of_open_job(false, |job| Promise::Open { job });
    assert_eq!((waited.count(UnendedJob), waited.total()), (1, 1), "{waited:?}");
}

#[test]
fn jobs_that_the_server_has_otherwise_are_found() {
    use crate::api::job::JobState::Success;
    let ended = |job| Promise::Ended { job, state: Success, failed: [(0, 0)].into() };
    let changed = audit_of_open_job(false, ended);
    assert_eq!(changed.count(ChangedJob), 1, "{changed:?}");
    // Another job than the one that is there: the one is lost, the other is somebody else's.
    let other = |job: JobId| JobId::compose(77, job.shard(), job.submitted_ms());
    let lost = audit_of_open_job(false, |job| Promise::Open { job: other(job) });
    assert_eq!((lost.count(LostJob), lost.total()), (1, 1), "{lost:?}");
    assert!(why_not(&lost).contains("others used the server"), "{lost:?}");
    // An answer that nobody saw explains the job.
    let unseen = audit_of_open_job(false, |_| Promise::Ambiguous);
    assert_eq!((unseen.total(), unseen.ambiguous, unseen.not_judged), (0, 1, 0), "{unseen:?}");
}
