//! Scopes: simulations beside the server's own that share nothing with it but its sockets and threads.

#[path = "scopes/ending.rs"]
mod ending;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::thread;

use imsim::clock::SimDuration;
use imsim::http::scopes::{LONGEST_TIME_TO_LIVE, MOST_SCOPES};
use serde_json::{Value, json};

use crate::server::{Answer, Connection};
use crate::stage::{AdminAt, Stage, members_path, with_clock, with_server};
use crate::world::{BATCH, OWNER, sharing, world};

const SCOPES: &str = "/__admin/scopes";

/// A connection whose requests name a scope, or none where it is empty.
struct Scoped {
    connection: Connection,
    scope: String,
}

impl Scoped {
    fn open(address: SocketAddr, scope: &str) -> Self {
        Self { connection: Connection::open(address), scope: scope.to_owned() }
    }

    fn send(&mut self, method: &str, path: &str, body: &str) {
        let (length, scope) = (body.len(), &self.scope);
        let scope =
            if scope.is_empty() { String::new() } else { format!("X-Imsim-Scope: {scope}\r\n") };
        let head = format!("{method} {path} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: owner\r\n{scope}");
        let request = format!("{head}Content-Length: {length}\r\n\r\n{body}");
        self.connection.send(request.as_bytes());
    }

    fn call(&mut self, method: &str, path: &str, body: &str) -> Answer {
        self.send(method, path, body);
        self.connection.answer().expect("an answer")
    }

    /// A call that must do what it should.
    fn good(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.call(method, path, &body);
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
        answer.json()
    }

    fn list(&mut self) -> u16 {
        self.call("GET", &members_path(0), "").status
    }

    fn submit(&mut self, images: &[usize], projects: &[usize]) -> String {
        self.call("DELETE", BATCH, &sharing(images, projects)).job()
    }

    fn add_rule(&mut self, rule: &Value) {
        self.good("POST", "/__admin/faults", rule);
    }

    /// How many calls its scope has had.
    fn calls(&mut self) -> u64 {
        let question = json!({ "operation": "list_members" });
        self.good("POST", "/__admin/verify", &question)["count"].as_u64().expect("a number")
    }
}

/// Creates a scope, and gives a connection for it.
fn scope(stage: &Stage, wanted: &Value) -> Scoped {
    let created = create(stage, wanted);
    assert_eq!(created.status, 201, "{created:?}");
    Scoped::open(stage.address, created.json()["name"].as_str().expect("a name"))
}

fn create(stage: &Stage, wanted: &Value) -> Answer {
    Connection::open(stage.admin).call("POST", SCOPES, "", &wanted.to_string())
}

fn close(stage: &Stage, name: &str) -> Answer {
    Connection::open(stage.admin).call("DELETE", &format!("{SCOPES}/{name}"), "", "")
}

#[test]
fn one_does_not_see_the_other() {
    with_clock("frozen", "1s", "0s", |stage| {
        let (mut one, mut other) = (scope(stage, &json!({})), scope(stage, &json!({})));
        one.add_rule(&json!({ "at": "request", "effect": { "answer": { "status": 418 } } }));
        assert_eq!((one.list(), other.list(), stage.list(0).status), (418, 200, 200));
        one.good("DELETE", "/__admin/faults", &Value::Null);
        // The same names and ids, each with its own members, clock, jobs and journal.
        let job = one.submit(&[0], &[0]);
        one.good("POST", "/__admin/clock/advance", &json!({ "by": "1h" }));
        let members = |client: &mut Scoped| {
            let listed = client.call("GET", &members_path(0), "").json();
            listed["members"].as_array().expect("a list").len()
        };
        assert_eq!((members(&mut one), members(&mut other)), (7, 8));
        let path = format!("/v1/{OWNER}/jobs/{job}");
        let status = |client: &mut Scoped| client.call("GET", &path, "").status;
        assert_eq!(
            (status(&mut one), status(&mut other), stage.show(&job).status),
            (200, 400, 400)
        );
        assert_eq!((one.calls(), other.calls()), (2, 2));
        let running = |client: &mut Scoped| {
            let counts = client.good("GET", "/__admin/health", &Value::Null)["jobs"].clone();
            counts["accepted"].as_u64().expect("a number")
        };
        assert_eq!((running(&mut one), running(&mut other)), (1, 0));
        assert_eq!(stage.shared.admission.counts().accepted, 0);
        // What was written in one can be exported from it alone.
        other.add_rule(&json!({ "id": "own", "at": "request", "effect": "close" }));
        let rules = |client: &mut Scoped| {
            let shown = client.good("GET", "/__admin/faults", &Value::Null);
            shown["faults"].as_array().expect("a list").len()
        };
        assert_eq!(
            (rules(&mut one), rules(&mut other), stage.shared.rules().rules().len()),
            (0, 1, 0)
        );
        let recorded = |client: &mut Scoped| {
            client.good("GET", "/__admin/recording", &Value::Null)["happenings"].clone()
        };
        assert_ne!(recorded(&mut one), recorded(&mut other));
    });
}

#[test]
fn equal_seeds_give_equal_ids() {
    with_clock("frozen", "1s", "0s", |stage| {
        let ids = |seed: u64| {
            let mut scope = scope(stage, &json!({ "seed": seed }));
            let job = scope.submit(&[0, 1], &[2]);
            let listed = scope.call("GET", &members_path(0), "");
            let request = listed.header("x-request-id").expect("its id").to_owned();
            // Between them stands the time of the submission.
            (job[..16].to_owned(), job[28..].to_owned(), request)
        };
        let first = ids(7);
        assert_eq!(first, ids(7));
        assert_ne!(first, ids(8));
    });
}

#[test]
fn a_reset_leaves_the_others() {
    with_clock("frozen", "1s", "0s", |stage| {
        let (mut one, mut other) = (scope(stage, &json!({})), scope(stage, &json!({})));
        let jobs = [one.submit(&[0], &[0]), other.submit(&[0], &[0]), stage.submit(&[0], &[0])];
        let reset = one.good("POST", "/__admin/reset", &Value::Null);
        assert_eq!(reset["jobs_ended"], 1);
        let path = |job: &str| format!("/__admin/jobs/{job}");
        assert_eq!(one.call("GET", &path(&jobs[0]), "").status, 404);
        assert_eq!(other.call("GET", &path(&jobs[1]), "").status, 200);
        assert_eq!(stage.connect().call("GET", &path(&jobs[2]), "", "").status, 200);
    });
}

#[test]
fn what_is_unknown_gets_no_world_at_all() {
    with_clock("frozen", "1s", "0s", |stage| {
        let known = scope(stage, &json!({ "name": "known" })).scope;
        for path in [members_path(0), "/v1/nothing".to_owned(), "/__admin/health".to_owned()] {
            for name in ["knwon", "KNOWN", " "] {
                let refused = Scoped::open(stage.address, name).call("GET", &path, "");
                assert_eq!(refused.status, 404, "{refused:?}");
                let error = &refused.json()["error"];
                assert_eq!(error["at"], "X-Imsim-Scope");
                assert!(
                    error["message"].as_str().is_some_and(|it| it.contains("POST /__admin/scopes"))
                );
            }
            let twice = format!("{known}\r\nX-Imsim-Scope: {known}");
            assert_eq!(Scoped::open(stage.address, &twice).call("GET", &path, "").status, 400);
            assert_eq!(Scoped::open(stage.address, &known).call("GET", &path, "").status / 100, {
                if path.contains("nothing") { 4 } else { 2 }
            });
        }
        assert!(stage.calls().is_empty());
        let near = Scoped::open(stage.address, "knwon").call("GET", "/", "").text;
        assert!(near.contains("did you mean `known`?"), "{near}");
        assert_eq!(close(stage, "known").status, 200);
        assert_eq!(Scoped::open(stage.address, "known").list(), 404);
        assert_eq!(close(stage, "known").status, 404);
    });
}

#[test]
fn what_is_wrong_in_a_wish_is_told_with_its_place() {
    with_clock("frozen", "1s", "0s", |stage| {
        scope(stage, &json!({ "name": "taken" }));
        let long = "x".repeat(200);
        let too_long = (LONGEST_TIME_TO_LIVE + SimDuration::from_millis(1)).to_string();
        let world = |world: Value| json!({ "scenario": { "format": 1, "world": world } });
        let owner = json!({ "projects": { "a": {} }, "images": { "disk": { "owner": "b" } } });
        let key = json!({ "projects": {}, "imges": {} });
        for (wish, status, at, said) in [
            (json!({ "name": "taken" }), 409, "name", "already"),
            (json!({ "name": "a b" }), 400, "name", "found `a b`"),
            (json!({ "name": "" }), 400, "name", "1 to 128"),
            (json!({ "name": ".." }), 400, "name", "not `.` or `..`"),
            (json!({ "name": long }), 400, "name", "1 to 128"),
            (json!({ "nmae": "x" }), 400, "nmae", "did you mean `name`?"),
            (json!({ "clock": "frosen" }), 400, "clock", "frozen, real"),
            (json!({ "seed": -1 }), 400, "seed", "invalid value"),
            (json!({ "time_to_live": "10" }), 400, "time_to_live", "a duration such as"),
            (json!({ "time_to_live": "999ms" }), 400, "time_to_live", "from 1s to"),
            (json!({ "time_to_live": too_long }), 400, "time_to_live", "from 1s to"),
            (json!({ "scenario": 5 }), 400, "scenario", "a JSON object"),
            (json!({ "scenario": {} }), 400, "scenario", "missing field `format`"),
            (json!({ "scenario": { "format": 2 } }), 400, "scenario.format", "format 1"),
            (world(key), 400, "scenario.world.imges", "did you mean `images`?"),
            (world(owner), 400, "scenario.world.images.disk.owner", "no project is named `b`"),
        ] {
            let refused = create(stage, &wish);
            let error = &refused.json()["error"];
            assert_eq!((refused.status, error["at"].as_str()), (status, Some(at)), "{refused:?}");
            assert!(error["message"].as_str().is_some_and(|it| it.contains(said)), "{refused:?}");
        }
        assert_eq!(stage.scopes.all().len(), 1);
        // Full.
        let created: Vec<Answer> = (1..MOST_SCOPES).map(|_| create(stage, &json!({}))).collect();
        assert!(created.iter().all(|answer| answer.status == 201));
        assert_eq!(create(stage, &json!({})).status, 429);
        assert_eq!(close(stage, "taken").status, 200);
        assert_eq!(create(stage, &json!({})).status, 201);
    });
}

#[test]
fn a_scope_may_have_a_scenario_of_its_own() {
    with_clock("real", "1s", "0s", |stage| {
        let wish = json!({
            "name": "small",
            "scenario": {
                "format": 1,
                "seed": 9,
                "world": { "projects": { "solo": {} }, "images": { "disk": { "owner": "solo" } } }
            },
            "clock": "frozen",
        });
        let created = create(stage, &wish).json();
        assert_eq!((&created["seed"], &created["clock"]), (&json!(9), &json!("frozen")));
        assert_eq!(
            (&created["tokens"], &created["total"]["images"]),
            (&json!({ "solo": "solo" }), &json!(1))
        );
        let image = created["images"]["disk"].as_str().expect("its id");
        let mut small = Scoped::open(stage.address, "small");
        let head =
            format!("GET /v2/images/{image}/members HTTP/1.1\r\nHost: t\r\nX-Auth-Token: solo\r\n");
        small.connection.send(format!("{head}X-Imsim-Scope: small\r\n\r\n").as_bytes());
        assert_eq!(small.connection.answer().expect("an answer").status, 200);
        let listed = stage.connect().call("GET", SCOPES, "", "").json();
        assert_eq!(
            (&listed["scopes"][0]["name"], &listed["scopes"][0]["calls"]),
            (&json!("small"), &json!(1))
        );
        let shown = stage.connect().call("GET", &format!("{SCOPES}/small"), "", "").json();
        assert_eq!(shown["projects"], created["projects"]);
    });
}

#[test]
fn many_at_once_stay_apart() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 4;
    with_clock("auto", "1s", "1s", |stage| {
        let jobs: BTreeSet<String> = thread::scope(|threads| {
            let run = |number: usize| {
                move || {
                    let mut jobs = Vec::new();
                    for round in 0..ROUNDS {
                        let wish =
                            json!({ "name": format!("load-{number}-{round}"), "seed": number });
                        let mut client = scope(stage, &wish);
                        let asked = 5 + (number + round) % 3;
                        for _ in 0..asked {
                            let mut again = Scoped::open(stage.address, &client.scope);
                            assert_eq!((client.list(), again.list()), (200, 200));
                        }
                        let job = client.submit(&[number], &[round]);
                        let path = format!("/__admin/wait?job={job}");
                        assert_eq!(client.good("GET", &path, &Value::Null)["state"], "SUCCESS");
                        assert_eq!(client.calls(), 2 * asked as u64);
                        jobs.push(job);
                        if round % 2 == 0 {
                            assert_eq!(close(stage, &client.scope).json()["jobs_ended"], 0);
                        }
                    }
                    jobs
                }
            };
            let all: Vec<_> = (0..THREADS).map(|number| threads.spawn(run(number))).collect();
            all.into_iter().flat_map(|thread| thread.join().expect("it holds")).collect()
        });
        assert_eq!(jobs.len(), THREADS * ROUNDS);
        assert_eq!(stage.scopes.all().len(), THREADS * ROUNDS / 2);
        assert!(stage.calls().is_empty());
    });
}

#[test]
fn a_connection_carries_the_faults_of_each_scope_alone() {
    with_clock("frozen", "1s", "0s", |stage| {
        let (one, other) = (scope(stage, &json!({})), scope(stage, &json!({})));
        let rule =
            |effect: Value| json!({ "at": "connection", "when": { "nth": 2 }, "effect": effect });
        let answer = json!({ "answer": { "status": 418 } });
        Scoped::open(stage.address, &one.scope).add_rule(&rule(answer));
        // One connection of a client that pools them, for requests of all tests.
        let mut pooled = Scoped::open(stage.address, "");
        let mut status = |scope: &str| {
            pooled.scope = scope.to_owned();
            pooled.list()
        };
        let names = [one.scope.as_str(), "", other.scope.as_str(), &one.scope];
        assert_eq!(names.map(&mut status), [200; 4]);
        // The next one is the second of each of them, whoever was asked for on it first.
        let mut pooled = Scoped::open(stage.address, "");
        let mut status = |scope: &str| {
            pooled.scope = scope.to_owned();
            pooled.list()
        };
        assert_eq!(names.map(&mut status), [418, 200, 200, 418]);
    });
}

#[test]
fn an_admin_address_of_its_own_knows_them_too() {
    with_server("frozen", &world("1s", "0s"), AdminAt::OwnAddress, |stage| {
        let mut client = scope(stage, &json!({ "name": "apart" }));
        let job = client.submit(&[0], &[0]);
        let mut admin = Scoped::open(stage.admin, "apart");
        assert_eq!(
            admin.good("GET", &format!("/__admin/jobs/{job}"), &Value::Null)["state"],
            "INIT"
        );
        assert_eq!(
            Scoped::open(stage.admin, "").call("GET", &format!("/__admin/jobs/{job}"), "").status,
            404
        );
        assert_eq!(admin.good("DELETE", "/__admin/scopes/apart", &Value::Null)["jobs_ended"], 1);
    });
}
