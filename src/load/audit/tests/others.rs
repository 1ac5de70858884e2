//! What people do to a server while a load is on it: by hand, or as its clients.

use serde_json::{Value, json};

use super::super::super::audit_form::ViolationKind::{InventedJob, LostMembership};
use super::{Seen, assert_clean, put_on, serve, shares, why_not};
use crate::actors::Sabotage;

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
