//! How scopes end: when nobody asks for them, and when somebody closes them.

use std::sync::Arc;

use imsim::clock::{SimDuration, WallTime};
use imsim::http::scopes::{LONGEST_TIME_TO_LIVE, USUAL_TIME_TO_LIVE};
use serde_json::{Value, json};

use super::{Scoped, close, create, scope};
use crate::stage::{Stage, members_path, with_clock};

/// Runs what is asynchronous to its end.
fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(future)
}

#[test]
fn a_scope_that_nobody_asks_for_ends_in_time() {
    with_clock("frozen", "1s", "0s", |stage| {
        let mut long = scope(stage, &json!({ "name": "long", "time_to_live": "23h" }));
        scope(stage, &json!({ "name": "usual" })).submit(&[0], &[0]);
        let wall = WallTime::default();
        let sweep = |by| block_on(stage.scopes.sweep(wall.now().later(by)));
        let names: &[Box<str>] = &[];
        assert_eq!(sweep(SimDuration::ZERO), names);
        assert_eq!(sweep(USUAL_TIME_TO_LIVE), ["usual".into()]);
        assert_eq!((long.list(), Scoped::open(stage.address, "usual").list()), (200, 404));
        // Whoever waits for an answer in it keeps it, however long.
        long.add_rule(&json!({ "at": "response", "match": { "operation": "list_members" },
            "effect": { "delay": { "fixed": "1h" } } }));
        let mut late = Scoped::open(stage.address, "long");
        late.send("GET", &members_path(0), "");
        let job = long.submit(&[0], &[0]);
        let mut waiting = Scoped::open(stage.address, "long");
        waiting.send("GET", &format!("/__admin/wait?job={job}"), "");
        let scope = stage.scopes.look("long").expect("it lives");
        stage.until("both wait", |_| scope.waiting() == 2);
        assert_eq!(sweep(LONGEST_TIME_TO_LIVE), names);
        long.good("POST", "/__admin/clock/advance", &json!({ "by": "1h" }));
        assert_eq!(waiting.connection.answer().expect("an answer").status, 200);
        assert_eq!(late.connection.answer().expect("an answer").status, 200);
        let gone = Arc::downgrade(scope.shared());
        drop(scope);
        stage.until("the wait is over", |_| sweep(LONGEST_TIME_TO_LIVE) == ["long".into()]);
        stage.until("nothing is left", |_| gone.upgrade().is_none());
    });
}

/// Everything that can be under way in a scope.
fn fill(stage: &Stage, name: &str) -> Vec<Scoped> {
    let mut client = Scoped::open(stage.address, name);
    let jobs: Vec<String> = (0..8).map(|image| client.submit(&[image], &[0, 1])).collect();
    client.add_rule(&json!({ "at": "job", "effect": { "stick": { "in": "INIT" } } }));
    client.submit(&[0], &[3]);
    client.good("DELETE", "/__admin/faults", &Value::Null);
    let mut open = Vec::new();
    for effect in [
        json!("never_answer"),
        json!({ "delay": { "fixed": "1h" } }),
        json!({ "dribble": { "bytes": 1, "every": "1h" } }),
    ] {
        client.add_rule(&json!({ "id": "slow", "at": "response", "effect": effect }));
        for _ in 0..6 {
            let mut hung = Scoped::open(stage.address, name);
            hung.send("GET", &members_path(0), "");
            open.push(hung);
        }
        let fired = |client: &mut Scoped| {
            client.good("GET", "/__admin/faults/slow", &Value::Null)["counts"]["fired"] == 6
        };
        assert!((0..200_000).any(|_| fired(&mut client)));
        client.good("DELETE", "/__admin/faults/slow", &Value::Null);
    }
    let mut waiting = Scoped::open(stage.address, name);
    waiting.send("GET", &format!("/__admin/wait?job={}", jobs[0]), "");
    open.push(waiting);
    open
}

#[test]
fn what_is_under_way_ends_with_it_and_nothing_is_left() {
    for mode in ["frozen", "real", "x2"] {
        with_clock(mode, "1h", "1h", |stage| {
            let mut other = scope(stage, &json!({ "name": "other" }));
            let others = other.submit(&[0], &[0]);
            // The same name again and again.
            for _ in 0..3 {
                scope(stage, &json!({ "name": "full" }));
                let open = fill(stage, "full");
                let shared = Arc::clone(stage.scopes.look("full").expect("it lives").shared());
                assert_eq!(shared.admission.running_jobs(), 9);
                let gone = Arc::downgrade(&shared);
                drop(shared);
                let closed = close(stage, "full");
                assert_eq!((closed.status, &closed.json()["jobs_ended"]), (200, &json!(9)));
                // Clients are cut off, or get what is left at once; whoever waits for a job hears that it is
                // gone.
                let answers: Vec<_> = open
                    .into_iter()
                    .map(|mut it| it.connection.answer().map(|it| it.status))
                    .collect();
                assert_eq!(answers[..12], [None; 12]);
                assert_eq!((&answers[12..18], answers[18]), (&[Some(200); 6][..], Some(404)));
                stage.until("nothing is left", |_| gone.upgrade().is_none());
            }
            let path = format!("/__admin/jobs/{others}");
            assert_eq!(other.call("GET", &path, "").status, 200);
            let gone = Arc::downgrade(stage.scopes.look("other").expect("it lives").shared());
            block_on(stage.scopes.close_all());
            stage.until("nothing is left", |_| gone.upgrade().is_none());
            assert_eq!(create(stage, &json!({})).status, 503);
        });
    }
}
