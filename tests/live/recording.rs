//! What a server saw becomes a scenario that replays to the same answers.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::world::{BATCH, OWNER, image, project, sharing, world};

/// A token that is nobody's but some person's.
const SECRET: &str = "gAAAAABsomebodys-real-token";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("recording-{name}.json"))
}

fn imsim(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_imsim")).args(arguments).output();
    output.expect("the program was built")
}

/// Runs a file that must hold.
fn replay(file: &Path) {
    for shards in ["1", "3"] {
        let output = imsim(&["replay", &file.to_string_lossy(), "--shards", shards]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

/// Asks a running server for its recording.
fn record(server: &Server, file: &Path) -> String {
    let url = format!("http://{}", server.admin);
    let output = imsim(&["record", "--from", &url, "-o", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    std::fs::read_to_string(file).expect("it was written")
}

fn steps(scenario: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(scenario).expect("JSON");
    file["steps"].as_array().expect("a list").clone()
}

impl Server {
    fn admin(&self, method: &str, below: &str, body: &Value) -> Answer {
        let path = format!("/__admin{below}");
        let answer = self.connect_admin().call(method, &path, "", &body.to_string());
        assert!(answer.status < 300, "{answer:?}");
        answer
    }

    /// Waits for the end of a job without polling it.
    fn ends(&self, job: &str) {
        let answer = self.connect_admin().call("GET", &format!("/__admin/wait?job={job}"), "", "");
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    fn member(&self, number: usize, token: &str) -> Answer {
        let path = format!("/v2/images/{}/members/{}", image(number), project(0));
        self.call("GET", &path, token, "")
    }
}

/// A session that meets most of what a recording must tell. The rules come first, so that it can be told
/// again after a reset.
fn session(server: &Server) {
    let failing = json!({
        "id": "bad-image", "at": "image", "match": { "image": "image-1" }, "effect": { "fail": {} }
    });
    let slow = json!({
        "id": "slow", "at": "response", "match": { "operation": "list_members" },
        "effect": { "delay": { "fixed": "1500ms" } }
    });
    let limit = json!({
        "id": "limit", "at": "request", "match": { "operation": "show_member" },
        "effect": { "rate_limit": { "requests": 1, "per": "1h", "burst": 2 } }
    });
    let cut = json!({
        "id": "cut", "at": "response", "match": { "header": { "name": "x-cut" } }, "effect": "close"
    });
    for rule in [failing, slow, limit, cut] {
        server.admin("POST", "/faults", &rule);
    }
    let job = server.batch("DELETE", &[0, 1], &[0, 1]).job();
    assert_eq!(server.show_job(&job).status, 200);
    // Two calls that overlap in simulated time, too.
    let mut listing = server.connect();
    listing.request("GET", &format!("/v2/images/{}/members", image(2)), "owner", "");
    assert_eq!(server.show_job(&job).status, 200);
    assert_eq!(server.member(2, "project-0").status, 200);
    server.ends(&job);
    assert_eq!(server.show_job(&job).json()["status"], "FAIL");
    assert_eq!(listing.answer().expect("an answer").status, 200);

    let member = format!("/world/images/image-3/members/project-{}", 5);
    server.admin("PUT", &member, &json!({ "status": "rejected" }));
    let shared = server.batch("POST", &[0], &[0]).job();
    server.ends(&shared);
    let accept = json!({ "images": [image(0)], "project_id": project(0), "status": "accepted" });
    let accepted = server.call("PUT", BATCH, "project-0", &accept.to_string()).job();
    server.ends(&accepted);
    let progress = format!("/v1/cloudimages/job/{accepted}");
    assert_eq!(server.call("GET", &progress, "project-0", "").json()["status"], "SUCCESS");
    let statuses = [2, 0, 2].map(|number| server.member(number, "project-0").status);
    assert_eq!(statuses[1..], [429, 429], "{statuses:?}");

    assert_eq!(server.member(3, SECRET).status, 401);
    assert_eq!(server.call("POST", BATCH, SECRET, &sharing(&[0], &[0])).status, 401);
    assert_eq!(server.call("POST", BATCH, "owner", "{\"images\": ${x}").status, 400);
    assert_eq!(server.call("GET", "/nowhere", "", "").status, 404);
    let mut cut = server.connect();
    cut.send(
        format!(
            "GET /v1/{OWNER}/jobs/{job} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: owner\r\nX-Cut: 1\r\n\
             Authorization: Bearer {SECRET}\r\nCookie: s={SECRET}\r\n\r\n"
        )
        .as_bytes(),
    );
    assert!(cut.answer().is_none());
}

#[test]
fn a_server_that_records_writes_what_it_saw_when_it_stops() {
    let (file, asked) = (path("stop"), path("asked"));
    let _ = std::fs::remove_file(&file);
    let arguments = ["--record", &*file.to_string_lossy(), "--shards", "2", "--seed", "7"];
    let server = Server::start("recording-stop", &world("300ms", "20ms"), &arguments);
    session(&server);
    let scenario = record(&server, &asked);
    let ended = server.stop();
    assert!(ended.stdout.contains("calls and changes in"), "{ended:?}");
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), scenario);
    replay(&file);

    assert!(!scenario.contains(SECRET), "{scenario}");
    assert_eq!(scenario.matches("unknown-token-1").count(), 2, "{scenario}");
    let has = |key: &str| steps(&scenario).iter().any(|step| !step[key].is_null());
    for key in
        ["background", "delete_members", "add_members", "update_members", "show_job", "request"]
    {
        assert!(has(key), "{key}: {scenario}");
    }
    for text in ["${job-3}", "$${x}", "\"outcome\": \"closed\"", "\"x-cut\": \"1\"", "APIGW.0308"] {
        assert!(scenario.contains(text), "{text}: {scenario}");
    }
}

#[test]
fn any_server_is_asked_for_what_its_journal_has_since_everything_began() {
    let (first, second) = (path("journal"), path("after-reset"));
    let server = Server::start("recording-journal", &world("300ms", "20ms"), &["--shards", "2"]);
    session(&server);
    let before = record(&server, &first);
    server.admin("POST", "/reset", &json!({}));
    assert!(steps(&record(&server, &second)).is_empty(), "nothing has happened since");
    session(&server);
    let after = record(&server, &second);
    server.stop();
    replay(&first);
    replay(&second);
    assert!(!before.contains(SECRET));
    // The same but for the times, and which of two that overlap came first.
    let kinds = |scenario: &str| -> Vec<String> {
        let steps = steps(scenario).into_iter();
        let inner = steps.map(|step| match step.get("background") {
            Some(inside) => inside[0].clone(),
            None => step,
        });
        let keys = inner.filter_map(|step| step.as_object()?.keys().next().cloned());
        let mut kinds: Vec<String> = keys.filter(|key| key != "wait").collect();
        kinds.sort();
        kinds
    };
    assert_eq!(kinds(&before), kinds(&after));
}

#[test]
fn a_recording_goes_on_over_resets_and_advances() {
    let file = path("reset");
    let arguments = ["--record", &*file.to_string_lossy(), "--clock", "frozen"];
    let server = Server::start("recording-reset", &world("1s", "1s"), &arguments);
    for _ in 0..2 {
        let job = server.batch("DELETE", &[0], &[0, 1]).job();
        server.admin("POST", "/clock/advance", &json!({ "by": "2s" }));
        assert_eq!(server.show_job(&job).json()["status"], "RUNNING");
        server.admin("POST", "/clock/advance", &json!({ "by": "1h" }));
        assert_eq!(server.show_job(&job).json()["status"], "SUCCESS");
        server.admin("POST", "/reset", &json!({}));
        assert_eq!(server.show_job(&job).status, 400);
    }
    server.stop();
    replay(&file);
}

#[test]
fn what_is_missing_is_said() {
    let server = Server::start("recording-missing", &world("0s", "0s"), &[]);
    assert_eq!(server.call("GET", "/nowhere", "", "").status, 404);
    let deleted = server.connect_admin().call("DELETE", "/__admin/journal", "", "");
    assert_eq!(deleted.json()["removed"], 1, "{deleted:?}");
    let shown = server.connect_admin().call("GET", "/__admin/recording", "", "").json();
    assert_eq!((&shown["missing"], &shown["happenings"]), (&json!(1), &json!(0)), "{shown}");
    let output = imsim(&["record", "--from", &format!("http://{}", server.admin)]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("the recording is not complete: 1 entr"), "{errors}");
    server.stop();
}

#[test]
fn whoever_cannot_record_is_told_why() {
    let check = |arguments: &[&str], message: &str| {
        let output = imsim(&[&["record"], arguments].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains(message), "{errors}");
    };
    check(&["--from", "127.0.0.1:8787"], "it is not a URL such as http://");
    check(&["--from", "http://127.0.0.1:1"], "cannot ask http://127.0.0.1:1/__admin/recording");
    let folder = env!("CARGO_TARGET_TMPDIR");
    check(&["--from", "http://127.0.0.1:1", "-o", folder], "is a directory");
    let arguments = ["--admin-token", "right", "--admin-addr", "127.0.0.1:0"];
    let server = Server::start("recording-token", &world("0s", "0s"), &arguments);
    let (service, admin) =
        (format!("http://{}", server.address), format!("http://{}/__admin", server.admin));
    check(&["--from", &service], "answers 404: no admin API of imsim answers there");
    check(&["--from", &admin], "answers 401: the admin API is protected");
    check(&["--from", &admin, "--admin-token", "wrong"], "answers 401: the token is not the one");
    let output = imsim(&["record", "--from", &admin, "--admin-token", "right"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"steps\": []"), "{output:?}");
    server.stop();
}
