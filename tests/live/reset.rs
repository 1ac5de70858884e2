//! Rules, the world and the clock changed over sockets, and the way back to the beginning.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use imsim::clock::SimTime;
use imsim::scenario::{ScenarioFile, compile};
use imsim::seed::Seed;
use serde_json::{Value, json};

use crate::server::{Answer, Connection, Server};
use crate::world::{BATCH, OWNER, image, project, sharing, world};

const FAULTS: &str = "/__admin/faults";
const RESET: &str = "/__admin/reset";

/// The world with rules in it.
fn with_faults(init: &str, faults: Value) -> Value {
    let mut world = world(init, "0s");
    world["faults"] = faults;
    world
}

fn admin(server: &Server, method: &str, path: &str, body: &str) -> Answer {
    server.connect_admin().call(method, path, "", body)
}

fn members(number: usize) -> String {
    format!("/v2/images/{}/members", image(number))
}

#[test]
fn a_rule_holds_for_the_next_request() {
    let server = Server::start("faults-at-once", &world("0s", "0s"), &["--shards", "2"]);
    let (mut calling, mut asking) = (server.connect(), server.connect_admin());
    let mut status = || calling.call("GET", &members(0), "owner", "").status;
    for _ in 0..50 {
        let rule = r#"{"id": "busy", "at": "request", "effect": {"answer": {"status": 418}}}"#;
        assert_eq!(status(), 200);
        assert_eq!(asking.call("POST", FAULTS, "", rule).status, 201);
        assert_eq!(status(), 418);
        assert_eq!(asking.call("DELETE", &format!("{FAULTS}/busy"), "", "").status, 200);
    }
    assert_eq!(status(), 200);
    server.stop();
}

#[test]
fn what_is_exported_can_stand_in_a_file() {
    let rules = json!([
        { "at": "image", "effect": "claim_success", "when": { "per": "job", "nth": 2 } },
        { "id": "first", "about": "once", "at": "pair", "match": { "image": "image-0" },
          "when": { "first": 3, "until": "2h" }, "effect": { "fail": { "code": "IMG.0113" } } },
        { "id": "then", "at": "request", "ttl": "5m", "must_fire": true,
          "when": { "after": { "rule": "first" }, "probability": 0.5 },
          "effect": { "delay": { "fixed": "1s" } } },
        { "id": "off", "at": "connection", "enabled": false, "effect": "reset" },
    ]);
    let server = Server::start("faults-export", &world("0s", "0s"), &[]);
    for rule in rules.as_array().expect("a list") {
        let added = admin(&server, "POST", FAULTS, &rule.to_string());
        assert_eq!(added.status, 201, "{added:?}");
    }
    let exported = admin(&server, "GET", &format!("{FAULTS}/export"), "").json();
    let mut file = world("0s", "0s");
    file["faults"] = exported["faults"].clone();
    let file = ScenarioFile::parse(Path::new("exported"), file.to_string()).expect("a scenario");
    let book = compile(&file, Seed::DEFAULT, SimTime::from_millis(0)).expect("it makes sense").plan;
    let read: Vec<Value> = book.entries().map(|(entry, _)| json!(entry)).collect();
    assert_eq!(json!(read), exported["faults"]);
    // Nothing but the id of the first was added.
    let mut without_id = exported["faults"].clone();
    without_id[0].as_object_mut().expect("a rule").remove("id").expect("it has one");
    let written: Vec<Value> = admin(&server, "GET", FAULTS, "").json()["faults"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|shown| shown["rule"].clone())
        .collect();
    assert_eq!(json!(written), without_id);
    // A rule that had to fire and did not makes the whole run one that did not hold.
    server.signal("INT");
    let ended = server.wait();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("rule then had to fire and never did"), "{ended:?}");
}

#[test]
fn five_minutes_pass_in_one_request() {
    let server = Server::start("advance", &world("4m", "30s"), &["--clock", "frozen"]);
    let job = server.batch("DELETE", &[0, 1], &[0, 1]).job();
    let late = admin(&server, "GET", &format!("/__admin/wait?job={job}&timeout=0s"), "");
    let why = late.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(late.status == 408 && why.contains("the clock is frozen"), "{late:?}");
    let advanced = admin(&server, "POST", "/__admin/clock/advance", r#"{"by": "5m"}"#);
    assert_eq!((advanced.status, advanced.json()["waiting"].as_u64()), (200, Some(0)));
    assert_eq!(server.show_job(&job).json()["status"], "SUCCESS");
    // The mode changes, and the server says so.
    for mode in ["x60", "auto-per-poll", "auto", "real", "frozen"] {
        let body = json!({ "mode": mode }).to_string();
        assert_eq!(admin(&server, "PUT", "/__admin/clock", &body).json()["mode"], mode);
    }
    server.stop();
}

#[test]
fn whoever_waits_for_a_job_need_not_poll() {
    let server = Server::start("hurry", &world("4m", "30s"), &["--clock", "auto-per-poll"]);
    let job = server.batch("DELETE", &[0], &[0]).job();
    let ended = admin(&server, "GET", &format!("/__admin/wait?job={job}"), "");
    assert_eq!((ended.status, &ended.json()["state"]), (200, &json!("SUCCESS")));
    server.stop();
}

/// What one stretch between resets leaves behind: calls that wait for ever or for long, jobs that run or
/// are stuck.
struct Left {
    hung: Connection,
    delayed: Connection,
}

/// The rules of the tests below: about half of the calls fail, one is never answered, one is answered in
/// an hour, two jobs stick.
fn rules() -> Value {
    json!([
        { "id": "hang", "at": "response", "match": { "operation": "show_member" },
          "effect": "never_answer" },
        { "id": "late", "at": "request", "match": { "path": "/late*" },
          "effect": { "delay": { "fixed": "1h" } } },
        { "id": "job-sticks", "at": "job", "match": { "image": "image-1" },
          "effect": { "stick": { "in": "INIT" } } },
        { "id": "image-sticks", "at": "image", "match": { "image": "image-2" },
          "effect": { "stick": {} } },
        { "id": "chance", "at": "request", "match": { "operation": "list_members" },
          "when": { "probability": 0.5 }, "effect": { "answer": { "code": "IMG.0061" } } },
        { "id": "two", "at": "request", "match": { "operation": "add_members" },
          "when": { "first": 2 }, "effect": { "answer": { "status": 503 } } },
        { "id": "some-connections", "at": "connection", "when": { "every": 3 },
          "effect": { "answer": { "status": 429 } } },
    ])
}

/// Makes the same requests, one after the other on as many connections, and returns what was answered.
fn story(server: &Server) -> (Vec<(u16, Option<String>, String)>, Left) {
    let mut seen = Vec::new();
    let mut call = |method: &str, path: &str, body: &str| {
        let answer = server.call(method, path, "owner", body);
        let request_id = answer.header("x-request-id").map(str::to_owned);
        seen.push((answer.status, request_id, answer.text));
    };
    for number in 0..8 {
        call("GET", &members(number), "");
    }
    for number in [0, 1, 2, 3, 4] {
        call("DELETE", BATCH, &sharing(&[number], &[0, 1]));
    }
    for number in [0, 0, 0, 0] {
        call("POST", BATCH, &sharing(&[number], &[2]));
    }
    let send = |path: &str| {
        // Every third connection is refused before the rules that are meant here.
        let mut connection = server.connect();
        connection.request("GET", "/nowhere", "", "");
        let refused = connection.answer().expect("an answer").status == 429;
        let mut connection = if refused { server.connect() } else { connection };
        connection.request("GET", path, "owner", "");
        connection
    };
    let member = format!("{}/{}", members(3), project(0));
    let left = Left { hung: send(&member), delayed: send("/late") };
    (seen, left)
}

/// Waits until everything that the story sent has come to where it waits.
fn settled(server: &Server) -> Value {
    for _ in 0..10_000 {
        admin(server, "POST", "/__admin/clock/advance", r#"{"by": "0s"}"#);
        let fired = admin(server, "GET", &format!("{FAULTS}/hang"), "").json();
        let late = admin(server, "GET", &format!("{FAULTS}/late"), "").json();
        if fired["counts"]["fired"] == 1 && late["counts"]["fired"] == 1 {
            return admin(server, "GET", "/__admin/health", "").json();
        }
    }
    panic!("the calls that hang never came");
}

#[test]
fn after_a_reset_the_same_requests_get_the_same_answers() {
    let arguments = ["--clock", "frozen", "--shards", "1"];
    let server = Server::start("reset-same", &with_faults("0s", rules()), &arguments);
    let (first, mut left) = story(&server);
    let jobs: Vec<String> = first
        .iter()
        .filter_map(|(.., body)| serde_json::from_str::<Value>(body).ok())
        .filter_map(|body| body["job_id"].as_str().map(str::to_owned))
        .collect();
    assert!(jobs.len() >= 3, "{first:?}");
    assert!(first.iter().any(|(status, ..)| *status == 429), "connections are refused: {first:?}");
    for round in 0..5 {
        assert_eq!(settled(&server)["jobs"]["running"], 2, "those that are stuck");
        let reset = admin(&server, "POST", RESET, "");
        assert_eq!((reset.status, &reset.json()["jobs_ended"]), (200, &json!(2)), "{reset:?}");
        // Whoever hung or was delayed is cut off.
        assert!(left.hung.answer().is_none() && left.delayed.answer().is_none());
        let health = admin(&server, "GET", "/__admin/health", "").json();
        assert_eq!(health["jobs"]["running"], 0);
        let journal = admin(&server, "GET", "/__admin/journal", "").json();
        assert_eq!(journal["entries"], json!([]));
        for job in &jobs {
            assert_eq!(admin(&server, "GET", &format!("/__admin/jobs/{job}"), "").status, 404);
        }
        let again = story(&server);
        assert_eq!(first, again.0, "round {round}");
        left = again.1;
    }
    admin(&server, "POST", RESET, "");
    server.stop();
}

#[test]
fn a_connection_that_is_kept_over_a_reset_counts_as_a_new_one() {
    let rule = json!({ "at": "connection", "when": { "first": 1 }, "effect": { "answer": { "status": 418 } } });
    let world = with_faults("0s", json!([rule]));
    let server = Server::start("reset-connections", &world, &["--shards", "2"]);
    let mut kept = [server.connect(), server.connect()];
    let mut status = |number: usize| kept[number].call("GET", &members(0), "owner", "").status;
    // Whichever is used first is the first, and stays it.
    assert_eq!([1, 0, 1, 0].map(&mut status), [418, 200, 418, 200]);
    assert_eq!(admin(&server, "POST", RESET, r#"{"parts": ["faults"]}"#).status, 200);
    assert_eq!([0, 1].map(&mut status), [200, 418], "what was decided stands");
    assert_eq!(admin(&server, "POST", RESET, "").status, 200);
    assert_eq!([0, 1, 0, 1].map(&mut status), [418, 200, 418, 200]);
    server.stop();
}

#[test]
fn jobs_that_run_end_silently_on_all_shards() {
    let server = Server::start("reset-running", &world("1h", "0s"), &["--shards", "2"]);
    let jobs: Vec<String> = (0..16).map(|n| server.batch("DELETE", &[n % 8], &[0]).job()).collect();
    let mut waiting = server.connect_admin();
    waiting.request("GET", &format!("/__admin/wait?job={}", jobs[0]), "", "");
    let reset = admin(&server, "POST", RESET, r#"{"parts": ["jobs"]}"#);
    assert_eq!(reset.json()["jobs_ended"], 16, "{reset:?}");
    let forgotten = waiting.answer().expect("an answer");
    assert_eq!(forgotten.status, 404, "{forgotten:?}");
    for job in &jobs {
        assert_eq!(server.show_job(job).status, 400);
    }
    let counted = admin(&server, "GET", "/__admin/counters", "").json();
    assert_eq!(counted["events"]["job_ended"], 0, "{counted}");
    assert_eq!(admin(&server, "GET", "/__admin/clock", "").json()["waiting"], 0);
    assert_eq!(server.stop().counts(), (0, 0));
}

#[test]
fn a_thousand_resets_leave_nothing_behind() {
    let arguments = ["--clock", "frozen", "--shards", "2"];
    let server = Server::start("reset-often", &with_faults("1h", rules()), &arguments);
    let (mut asking, mut calling) = (server.connect_admin(), server.connect());
    let member = format!("{}/{}", members(3), project(0));
    let mut once = || {
        calling.call("DELETE", BATCH, "owner", &sharing(&[0, 1, 2, 3], &[0, 1, 2, 3]));
        let mut hung = server.connect();
        hung.request("GET", &member, "owner", "");
        let reset = asking.call("POST", RESET, "", "");
        assert_eq!(reset.status, 200, "{reset:?}");
    };
    (0..200).for_each(|_| once());
    let (descriptors, memory) = (server.descriptors(), server.memory());
    (0..800).for_each(|_| once());
    // The last connections may take a moment to close.
    let closed = (0..200_000).any(|_| server.descriptors() <= descriptors + 8);
    assert!(closed, "{descriptors}, {}", server.descriptors());
    // What 800 worlds, or jobs, or calls take is far more.
    assert!(server.memory() < memory + 8 * 1024 * 1024, "{memory}, {}", server.memory());
    server.stop();
}

#[test]
fn the_world_changes_under_a_running_server() {
    let server = Server::start("world-live", &world("0s", "0s"), &["--shards", "2"]);
    let path = "/__admin/world/images/image-0/members/project-0";
    assert_eq!(server.members(0).len(), 8);
    assert_eq!(admin(&server, "DELETE", path, "").status, 200);
    assert_eq!(server.members(0).len(), 7);
    let job = server.batch("DELETE", &[0], &[0]).job();
    assert_eq!(server.ended_job(&job)["status"], "FAIL", "it is no member any more");
    assert_eq!(admin(&server, "DELETE", "/__admin/world/tokens/owner", "").status, 200);
    let refused = server.call("GET", &format!("/v1/{OWNER}/jobs/{job}"), "owner", "");
    assert_eq!(refused.status, 401);
    assert_eq!(admin(&server, "POST", RESET, r#"{"parts": ["world"]}"#).status, 200);
    assert_eq!((server.members(0).len(), server.show_job(&job).status), (8, 200));
    server.stop();
}

/// Clients that do not know of it lose a call now and then, and nothing else.
#[test]
fn resets_under_load_come_to_an_end_in_every_mode_of_the_clock() {
    for mode in ["real", "auto", "x60"] {
        let arguments = ["--clock", mode, "--shards", "2"];
        let server =
            Server::start(&format!("reset-load-{mode}"), &world("10ms", "5ms"), &arguments);
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for client in 0..6 {
                let (server, done) = (&server, &done);
                scope.spawn(move || {
                    let mut connection = server.connect();
                    while !done.load(Ordering::Relaxed) {
                        let body = sharing(&[client], &[0, 1, 2]);
                        for method in ["DELETE", "POST"] {
                            connection.request(method, BATCH, "owner", &body);
                            let Some(answer) = connection.answer() else {
                                connection = server.connect();
                                continue;
                            };
                            assert_eq!(answer.status, 200, "{answer:?}");
                        }
                    }
                });
            }
            let mut asking = server.connect_admin();
            for _ in 0..60 {
                let reset = asking.call("POST", RESET, "", "");
                assert_eq!(reset.status, 200, "{reset:?}");
            }
            done.store(true, Ordering::Relaxed);
        });
        assert_eq!(admin(&server, "POST", RESET, "").status, 200);
        let journal = admin(&server, "GET", "/__admin/journal", "").json();
        assert_eq!(journal["entries"], json!([]), "{mode}");
        assert_eq!(admin(&server, "GET", "/__admin/health", "").json()["jobs"]["running"], 0);
        assert_eq!(server.members(0).len(), 8, "{mode}");
        server.stop();
    }
}
