//! Logging in, signing, and not being asked, over real sockets; and what a recording tells of it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::process::Command;

use imsim::domain::signature::{Signable, sign};
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::world::{BATCH, OWNER, image, project, sharing, world};

/// A password that is wrong here and right elsewhere.
const SECRET: &str = "hunter2";

/// The host that the tests' connections name.
const HOST: &str = "t";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("identity-{name}.json"))
}

/// Runs what was recorded; it must hold.
fn replay(file: &Path) -> String {
    for shards in ["1", "3"] {
        let command = Command::new(env!("CARGO_BIN_EXE_imsim"))
            .args(["replay", &file.to_string_lossy(), "--shards", shards])
            .output();
        let output = command.expect("the program was built");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    }
    std::fs::read_to_string(file).expect("it was written")
}

/// The body of a request for a token of a project.
fn login(user: &str, password: &str, project: &str) -> String {
    json!({ "auth": {
        "identity": {
            "methods": ["password"],
            "password": {
                "user": { "name": user, "domain": { "name": "sim-account" }, "password": password },
            },
        },
        "scope": { "project": { "name": project } },
    } })
    .to_string()
}

impl Server {
    fn log_in(&self, body: &str) -> (Answer, String) {
        let answer = self.call("POST", "/v3/auth/tokens", "", body);
        assert_eq!(answer.status, 201, "{answer:?}");
        let token = answer.header("x-subject-token").expect("a token").to_owned();
        assert!(token.starts_with("MII"), "{token}");
        (answer, token)
    }

    /// A call that is signed at the server's own time.
    fn signed(&self, method: &str, target: &str, secret: &str, body: &str) -> Answer {
        let clock = self.connect_admin().call("GET", "/__admin/clock", "", "").json();
        let now = clock["now"].as_str().expect("a time").to_owned();
        let date = format!("{}Z", now.split('.').next().unwrap_or_default());
        let date = date.replace(['-', ':'], "").replace("ZZ", "Z");
        let header = |name: &str| match name {
            "host" => Some(Cow::Borrowed(HOST.as_bytes())),
            "x-sdk-date" => Some(Cow::Borrowed(date.as_bytes())),
            _ => None,
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Signable { method, path, query, header: &header, body: body.as_bytes() };
        let signature = sign(&request, &["host", "x-sdk-date"], "ak-owner", secret);
        let mut connection = self.connect();
        connection.send(
            format!(
                "{method} {target} HTTP/1.1\r\nHost: {HOST}\r\nX-Sdk-Date: {date}\r\n\
                 Authorization: {signature}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        );
        connection.answer().expect("an answer")
    }
}

#[test]
fn what_was_done_by_tokens_and_signatures_can_be_replayed() {
    let file = path("recorded");
    let arguments = ["--record", &*file.to_string_lossy(), "--shards", "2"];
    let server = Server::start("identity-recorded", &world("50ms", "20ms"), &arguments);
    let members = format!("/v2/images/{}/members", image(1));

    let (answer, first) = server.log_in(&login("owner", "owner", "sim-region-1"));
    let token = &answer.json()["token"];
    assert_eq!(token["project"]["id"], OWNER);
    assert_eq!(token["catalog"][1]["endpoints"][0]["url"], "http://t", "C-2: the client's host");
    assert_eq!(server.call("GET", &members, &first, "").status, 200);
    let job = server.call("DELETE", BATCH, &first, &sharing(&[0], &[0])).job();
    let jobs = format!("/v1/{OWNER}/jobs/{job}");
    assert_eq!(server.call("GET", &jobs, &first, "").status, 200);
    let by_token = json!({ "auth": {
        "identity": { "methods": ["token"], "token": { "id": first } },
        "scope": { "project": { "id": OWNER } },
    } });
    let (_, second) = server.log_in(&by_token.to_string());
    assert_ne!(first, second);
    let mut shows = server.connect();
    shows.send(
        format!(
            "GET /v3/auth/tokens?nocatalog HTTP/1.1\r\nHost: t\r\nX-Auth-Token: {second}\r\n\
             X-Subject-Token: {first}\r\n\r\n"
        )
        .as_bytes(),
    );
    assert_eq!(shows.answer().expect("an answer").header("x-subject-token"), Some(&*first));
    let wrong = server.call("POST", "/v3/auth/tokens", "", &login("owner", SECRET, "owner"));
    assert_eq!(wrong.json()["error"]["title"], "Unauthorized");

    let found = server.signed("GET", "/v3/projects?name=sim-region-1", "sk-owner", "").json();
    assert_eq!(found["projects"][0]["id"], OWNER, "C-5");
    assert_eq!(found["projects"].as_array().map(Vec::len), Some(1), "C-5");
    assert_eq!(server.signed("DELETE", BATCH, "sk-owner", &sharing(&[2], &[2])).status, 200);
    let refused = server.signed("DELETE", BATCH, SECRET, &sharing(&[2], &[2]));
    let message = refused.json()["error_msg"].as_str().map(str::to_owned).unwrap_or_default();
    assert!(message.contains("canonicalRequest:DELETE|/v1/cloudimages/members/||"), "{message}");
    let ended = server.stop();
    assert!(ended.stdout.contains("  ak-owner  sk-owner  owner\n"), "{}", ended.stdout);

    let scenario = replay(&file);
    for secret in [&*first, &*second, SECRET] {
        assert!(!scenario.contains(secret), "{scenario}");
    }
    let says = |text: &str, times: usize| {
        assert_eq!(scenario.matches(text).count(), times, "{text}: {scenario}");
    };
    says("\"token\": \"${token-1}\"", 3);
    says("\"id\": \"${token-1}\"", 1);
    says("\"x-subject-token\": \"${token-1}\"", 1);
    says("\"token\": \"${token-2}\"", 1);
    says("\"password\": \"***\"", 1);
    says("\"sign\": { \"access_key\": \"ak-owner\" }", 2);
}

#[test]
fn where_nobody_asks_everybody_is_let_in() {
    let file = path("off");
    let arguments = ["--record", &*file.to_string_lossy(), "--auth", "off"];
    let server = Server::start("identity-off", &world("0s", "0s"), &arguments);
    let own = |token: &str| -> Value {
        let answer = server.call("GET", "/v3/projects", token, "");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["projects"][0]["id"].clone()
    };
    assert_eq!(own("project-3"), project(3));
    assert_eq!(own("anything"), OWNER, "the first project of the world");
    assert_eq!(server.signed("GET", "/v3/projects", "anything", "").status, 200);
    assert_eq!(server.call("DELETE", BATCH, "", &sharing(&[0], &[0])).status, 200);
    let ended = server.stop();
    assert!(ended.stdout.contains("auth is off"), "{}", ended.stdout);
    let scenario = replay(&file);
    assert!(scenario.contains("\"auth\":\"off\""), "{scenario}");
}
