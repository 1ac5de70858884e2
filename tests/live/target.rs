//! `imsim replay --target` against a running server: the same files in real time.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::server::Server;

/// What a replay printed, and how it ended.
struct Replay {
    code: Option<i32>,
    /// Standard output, with the address of the server and the real time masked.
    out: String,
    err: String,
}

fn scenario(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    let text = std::fs::read_to_string(file).expect("the scenarios are there");
    serde_json::from_str(&text).expect("a scenario is JSON")
}

fn written(name: &str, scenario: &Value) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("target-{name}.json"));
    std::fs::write(&file, scenario.to_string()).expect("the build's folder can be written");
    file
}

fn imsim(arguments: &[&str]) -> Replay {
    let output = Command::new(env!("CARGO_BIN_EXE_imsim")).arg("replay").args(arguments).output();
    let output = output.expect("the program was built");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Replay { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// Replays a scenario against a server.
fn replay(name: &str, scenario: &Value, server: &Server, arguments: &[&str]) -> Replay {
    let (file, url) = (written(name, scenario), server.url());
    let mut all = vec![file.to_str().expect("a path of this build is text"), "--target", &url];
    all.extend(arguments);
    let replay = imsim(&all);
    Replay { out: replay.out.replace(&url, "<url>"), ..replay }
}

impl Replay {
    #[track_caller]
    fn check(&self, code: i32, out: &[&str], err: &[&str]) {
        let all = format!("--- stdout\n{}--- stderr\n{}", self.out, self.err);
        assert_eq!(self.code, Some(code), "{all}");
        for (stream, texts) in [(&self.out, out), (&self.err, err)] {
            for text in texts {
                assert!(stream.contains(text), "`{text}` is not in {all}");
            }
        }
    }

    /// What it says of the steps that did not hold.
    fn explained(&self) -> &str {
        let from = self.out.find("    line ").unwrap_or(0);
        let to = self.out.find("    repeat with").unwrap_or(self.out.len());
        &self.out[from..to]
    }
}

/// What the tests replay in which nothing but the steps matters.
fn small(steps: &Value) -> Value {
    json!({
        "format": 1,
        "world": {
            "projects": {"studio": {}, "lab": {}},
            "images": {"web": {"owner": "studio"}},
        },
        "steps": steps,
    })
}

#[test]
fn scenarios_hold_on_a_server_as_they_do_in_virtual_time() {
    for name in [
        "basics/accept-and-reject.json",
        "faults-jobs/lost-job.json",
        "faults-jobs/lying-job.json",
        "contract/unknown-member.json",
        "faults-workers/worker-crash-restarted.json",
    ] {
        let scenario = scenario(name);
        let name = &name.replace('/', "-");
        let server = Server::start(&format!("target-{name}"), &scenario, &["--clock", "auto"]);
        // Twice: before the second time the server goes back to its beginning.
        for _ in 0..2 {
            let replay = replay(name, &scenario, &server, &[]);
            replay.check(0, &["passed  ", "target <url>  real ", "1 passed, 0 failed"], &[]);
        }
    }
}

#[test]
fn one_server_takes_the_world_and_the_rules_of_many_files() {
    let server =
        Server::start("target-many", &scenario("faults-jobs/lying-job.json"), &["--clock", "auto"]);
    let other = scenario("contract/unknown-member.json");
    let replay = |arguments: &[&str]| replay("many", &other, &server, arguments);
    replay(&[]).check(2, &["1 could not run"], &["another scenario", "--prepare always"]);
    let note = "    note: the server keeps its own timing and supervision\n";
    replay(&["--prepare", "always"]).check(0, &["passed  ", note], &[]);
    replay(&["--prepare", "always"]).check(0, &["passed  ", note], &[]);
    let mut limited = other.clone();
    limited["world"]["settings"] = json!({"image_members": 3});
    let file = written("limited", &limited);
    let url = format!("http://{}", server.address);
    let file = file.to_str().expect("text");
    let says = "another `image_members`, 128 instead of 3";
    imsim(&[file, "--target", &url, "--prepare", "always"]).check(2, &[], &[says]);
}

#[test]
fn what_does_not_hold_is_told_as_in_virtual_time() {
    let steps = json!([
        {"add_members": {"token": "studio", "images": ["web"], "projects": ["lab"], "save": "j"}},
        {"repeat": {"times": 2, "steps": [
            {"wait_job": {"token": "studio", "job": "j", "every": "10ms"}},
            {"list_members": {"token": "studio", "image": "web", "expect": {"members": {"lab": "accepted"}}}},
        ]}},
        {"show_job": {"token": "studio", "job": "j"}},
    ]);
    let mut scenario = small(&steps);
    scenario["faults"] = json!([
        {"id": "idle", "at": "image", "match": {"image": "web", "member": "studio"}, "effect": {"fail": {}}, "must_fire": true},
    ]);
    let server = Server::start("target-fails", &scenario, &["--clock", "auto"]);
    let there = replay("fails", &scenario, &server, &[]);
    let here = imsim(&[written("fails", &scenario).to_str().expect("text")]);
    there.check(1, &["FAILED  ", "steps[1].repeat.steps[1].list_members (round 0)"], &[]);
    there.check(1, &["rule idle\n        expected  to fire\n        found     it never did"], &[]);
    assert_eq!(there.explained(), here.explained());
    there.check(1, &["    repeat with: imsim replay ", " --target <url>\n"], &[]);
}

/// The step in the background is the last thing that is done, and the only one that does not hold.
#[test]
fn a_run_waits_for_what_goes_on_in_the_background() {
    let scenario = small(&json!([
        {"background": [
            {"wait": {"for": "200ms"}},
            {"list_members": {"token": "studio", "image": "web", "expect": {"members": {"lab": "accepted"}}}},
        ]},
    ]));
    let server = Server::start("target-background", &scenario, &[]);
    let late = "steps[0].background[1].list_members";
    replay("background", &scenario, &server, &[]).check(1, &["FAILED  ", late], &[]);
}

/// Every kind of step and expectation that needs the inside.
fn inside() -> Value {
    let steps = json!([
        {"background": [{"list_members": {"token": "studio", "image": "web", "expect": {"members": {}}}}]},
        {"parallel": [
            {"show_member": {"token": "studio", "image": "web", "member": "lab", "expect": {"status": 404}}},
            {"sequence": [{"wait": {"for": "5ms"}}, {"wait": {"until": "1ms"}}]},
        ]},
        {"request": {"method": "GET", "path": "/__admin/health", "save_values": {"seed": {"body": "/seed"}}}},
        {"request": {"method": "GET", "path": "/v1/x/${seed}", "expect": {"status": 404}}},
        {"change_faults": {"add": [{"id": "late", "at": "request", "match": {"operation": "show_job"}, "effect": {"answer": {"code": "APIGW.0308"}}}]}},
        {"change_world": {"images": {"new": {"owner": "studio", "members": {"lab": "pending"}}}}},
        {"advance_clock": {"by": "1h"}},
        {"look": {"expect": {"members": {"new": {"lab": "pending"}}, "rules": {"late": {"fired": 0}}, "time": "1h"}}},
    ]);
    let mut scenario = small(&steps);
    scenario["expect"] = json!({"job_counts": {"accepted": 0}, "calls": [{"operation": "list_members", "times": 1}]});
    scenario["faults"] = json!([
        {"id": "must", "at": "response", "match": {"operation": "list_members"}, "effect": {"delay": {"fixed": "1ms"}}, "must_fire": true},
    ]);
    scenario
}

#[test]
fn what_needs_the_inside_goes_through_the_admin_api_or_is_skipped() {
    let scenario = inside();
    let arguments =
        ["--clock", "auto", "--admin-addr", "127.0.0.1:0", "--admin-token", "open-sesame"];
    let server = Server::start("target-inside", &scenario, &arguments);
    let replay = |arguments: &[&str]| replay("inside", &scenario, &server, arguments);
    let skipped = "    skipped: 6 steps, what must be true at the end and whether 1 rule fired need the \
                   inside, and there is no admin API\n";
    replay(&[]).check(0, &["passed  ", skipped], &[]);
    let admin = format!("http://{}", server.admin);
    replay(&["--admin-url", &admin]).check(2, &[], &["lets nobody in", "--admin-token"]);
    let with = ["--admin-url", &admin, "--admin-token", "open-sesame"];
    let durations = "    skipped: 1 duration, since the target's clock does not go in real time\n";
    let replayed = replay(&with);
    replayed.check(0, &["passed  ", durations], &[]);
    assert!(!replayed.out.contains("the inside"), "{}", replayed.out);
    let wrong = format!("http://{}/elsewhere", server.admin);
    let none = "there is no admin API at ";
    replay(&["--admin-url", &wrong, "--admin-token", "open-sesame"]).check(2, &[], &[none]);
}

#[test]
fn broken_connections_are_seen_as_what_they_are() {
    let rules: Vec<Value> = ["reset", "close", "garbage", "never_answer"]
        .iter()
        .map(|effect| json!({"at": "response", "match": {"path": format!("/{effect}")}, "effect": effect}))
        .chain([
            json!({"at": "response", "match": {"path": "/truncate"}, "effect": {"truncate": {"after_bytes": 7}}}),
            json!({"at": "response", "match": {"path": "/nothing"}, "effect": {"truncate": {"after_bytes": 0}}}),
        ])
        .collect();
    let outcomes = [
        ("reset", json!({"outcome": "reset"})),
        ("close", json!({"outcome": "closed"})),
        ("garbage", json!({"outcome": "garbage"})),
        ("never_answer", json!({"outcome": "timed_out"})),
        ("truncate", json!({"outcome": "truncated", "status": 404})),
        ("nothing", json!({"outcome": "truncated", "status": 404})),
        ("whole", json!({"status": 404})),
    ];
    let steps = outcomes.map(|(path, expect)| {
        let path = format!("/{path}");
        json!({"request": {"method": "GET", "path": path, "timeout": "2s", "expect": expect}})
    });
    let mut scenario = small(&json!(steps));
    scenario["faults"] = json!(rules);
    let server = Server::start("target-wire", &scenario, &[]);
    let there = replay("wire", &scenario, &server, &[]);
    there.check(0, &["passed  "], &[]);
    let certificate = written("wire-certificate", &json!({}));
    let certificate = certificate.to_str().expect("text");
    let server =
        Server::start("target-wire-tls", &scenario, &["--tls", "--tls-cert-out", certificate]);
    let there = replay("wire", &scenario, &server, &["--ca-file", certificate]);
    there.check(0, &["passed  "], &[]);
    imsim(&[written("wire", &scenario).to_str().expect("text")]).check(0, &["passed  "], &[]);
}

#[test]
fn a_server_that_speaks_tls_is_trusted_if_its_certificate_is() {
    let scenario = scenario("basics/accept-and-reject.json");
    let certificate = written("certificate", &json!({}));
    let certificate = certificate.to_str().expect("text");
    let arguments = ["--tls", "--tls-cert-out", certificate, "--admin-addr", "127.0.0.1:0"];
    let server =
        Server::start("target-tls", &scenario, &[&["--clock", "auto"], &arguments[..]].concat());
    let admin = server.admin_url();
    let replay = |arguments: &[&str]| {
        let all = [&["--admin-url", &admin], arguments].concat();
        replay("tls", &scenario, &server, &all)
    };
    let untrusted = "cannot be reached: its certificate is not trusted: ";
    replay(&[]).check(2, &["1 could not run"], &[untrusted, "; --ca-file FILE names"]);
    let trusted = replay(&["--ca-file", certificate]);
    trusted.check(0, &["passed  ", "target <url>  real "], &[]);
    assert_eq!(trusted.err, "");
    let warned = format!("--insecure: the certificate of {} and {admin} is not", server.url());
    replay(&["--insecure"]).check(0, &["passed  "], &[&warned]);
    replay(&["--insecure", "--ca-file", certificate]).check(2, &[], &["cannot be used with"]);

    let record = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_imsim"));
        let output = command.args(["record", "--from", &admin]).args(arguments).output();
        let output = output.expect("the program was built");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, errors) = record(&[]);
    assert!(code == Some(2) && errors.contains("its certificate is not trusted"), "{errors}");
    assert_eq!(record(&["--ca-file", certificate]), (Some(0), String::new()));
    assert_eq!(record(&["--insecure"]).0, Some(0));

    let plain = Server::start("target-no-tls", &scenario, &[]);
    let file = written("tls", &scenario);
    let url = plain.url().replace("http:", "https:");
    let says = "it does not speak TLS (";
    imsim(&[file.to_str().expect("text"), "--target", &url]).check(2, &[], &[says, "http one?"]);
}

#[test]
fn durations_hold_within_a_tolerance_on_a_clock_that_goes_in_real_time() {
    let took = |took: &str| {
        let expect = json!({"took": took});
        let step = json!({"list_members": {"token": "studio", "image": "web", "expect": expect}});
        let mut scenario = small(&json!([step]));
        scenario["faults"] = json!([
            {"at": "response", "match": {"operation": "list_members"}, "effect": {"delay": {"fixed": "30ms"}}},
        ]);
        scenario
    };
    let server = Server::start("target-took", &took("30ms"), &[]);
    let tolerant = ["--tolerance", "1m"];
    replay("took", &took("30ms"), &server, &tolerant).check(0, &["passed  "], &[]);
    let wrong = replay("took", &took("2m"), &server, &tolerant);
    wrong.check(1, &["took\n        expected  2m, give or take 1m\n"], &[]);
}

#[test]
fn a_run_that_takes_too_long_is_ended() {
    let scenario = small(&json!([
        {"sequence": [{"wait": {"for": "1h"}}]},
        {"list_members": {"token": "studio", "image": "web"}},
    ]));
    let server = Server::start("target-long", &scenario, &[]);
    let ended = replay("long", &scenario, &server, &["--within", "50ms"]);
    ended.check(1, &["steps[0].sequence[0].wait\n      the run\n"], &[]);
    let found = "it was ended in the middle of this step; 2 of 2 steps were not done";
    ended.check(1, &["expected  to end within 50ms", found], &[]);
}

#[test]
fn names_stand_for_what_the_server_has() {
    let (image, lab) = ("11111111-2222-4333-8444-555555555555", "0123456789abcdef0123456789abcdef");
    let there = json!({
        "format": 1,
        "world": {
            "projects": {"theirs": {}, "partner": {"id": lab}},
            "images": {"golden": {"id": image, "owner": "theirs", "members": {"partner": "pending"}}},
            "tokens": {"s3cret": {"project": "theirs"}},
        },
    });
    let here = small(&json!([
        {"list_members": {"token": "studio", "image": "web", "expect": {"members": {"lab": "pending"}}}},
        {"request": {"token": "studio", "method": "GET", "path": format!("/v2/images/{image}/members")}},
    ]));
    let server = Server::start("target-names", &there, &[]);
    let replay = |arguments: &[&str]| {
        let all = [&["--prepare", "never"], arguments].concat();
        replay("names", &here, &server, &all)
    };
    let (image, lab) = (format!("web={image}"), format!("lab={lab}"));
    let names = ["--name", &image, "--name", &lab];
    replay(&[&names[..], &["--token", "studio=s3cret"]].concat()).check(0, &["passed  "], &[]);
    let tokens = written("tokens", &json!({"studio": "s3cret"}));
    let from_file = ["--tokens", tokens.to_str().expect("text")];
    replay(&[&names[..], &from_file].concat()).check(0, &["passed  "], &[]);
    let wrong = replay(&[&names[..], &["--token", "studio=s3cret-no-more"]].concat());
    wrong.check(1, &["found     401 with"], &[]);
    assert!(!wrong.out.contains("s3cret") && !wrong.err.contains("s3cret"), "{}", wrong.out);
    replay(&["--token", "stdio=s3cret"]).check(2, &[], &["`stdio`", "no file has it"]);
    replay(&["--name", "web=7"]).check(2, &[], &["the id of an image is a UUID"]);
    replay(&["--seed", "7"]).check(2, &[], &["runs with seed 1, not 7"]);
}

#[test]
fn what_cannot_be_reached_is_said() {
    let file = written("unreachable", &small(&json!([])));
    let file = file.to_str().expect("a path of this build is text");
    // Nothing listens on a port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    let url = format!("http://{}", free.expect("a port is free"));
    let check = |arguments: &[&str], says: &str| {
        let all = [&[file, "--target"], arguments].concat();
        imsim(&all).check(2, &[], &[says]);
    };
    let unreachable = format!("imsim: {url} cannot be reached: ");
    check(&[&url], &unreachable);
    check(&[&url, "--admin-url", "http://127.0.0.1:1"], &unreachable);
    check(&[&url, "--ca-file", "x.pem"], "--ca-file is for https, and http://127.0.0.1:");
    check(&[&url, "--insecure"], "--insecure is for https, and http://127.0.0.1:");
    check(
        &[&url.replace("http:", "https:"), "--ca-file", "nowhere.pem"],
        "--ca-file nowhere.pem: ",
    );
    for contradiction in [
        ["--trace", "x.jsonl"],
        ["--shards", "1"],
        ["--repeat", "2"],
        ["--golden", "ignore"],
        ["--report", "junit=x.xml"],
        ["--jobs", "2"],
    ] {
        check(&[&[&*url], &contradiction[..]].concat(), "cannot be used with");
    }
    check(&[&url, "--check"], "cannot be used with");
}
