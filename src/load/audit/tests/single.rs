//! Single promises, held against a server whose clock stands still.

use std::rc::Rc;
use std::time::Duration;

use actix_web::rt::System;
use serde_json::{Value, json};

use super::super::super::audit_form::Audit;
use super::super::super::audit_form::ViolationKind::{ChangedJob, LostJob, UnendedJob};
use super::super::super::ledger::{Deed, Ledger, Promise};
use super::super::super::run::own_target;
use super::super::super::stock::stock;
use super::super::{Promised, Server, audit, begin};
use super::{SEED, Seen, serve, shares, why_not};
use crate::api::job::JobState::Success;
use crate::api::{JobId, Operation};
use crate::clock::WallTime;
use crate::replay::target::Reached;

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
        let stock = stock(&file, &reached.blueprint.names, &target.stand_ins);
        let inside = Rc::new(reached.inside.expect("it is a simulator"));
        let truth = Server::Simulator(inside);
        let start = begin(&stock, &truth, false, &wall).await.expect("it tells");
        // The time at which a job is submitted is behind that of the start.
        server.clock().advance(Duration::from_millis(5)).expect("it moves");
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
