mod named;

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::api::{Code, JobId, Operation};
use crate::journal::{Asked, CallRecord, KeptBody, SentToken};
use crate::scenario::{ScenarioFile, compile};
use crate::seed::{JobKey, Seed};

const START: SimTime = SimTime::from_millis(1_735_689_600_000);
const STUDIO: &str = "0a1b2c3d4e5f40718293a4b5c6d7e8f9";
const LAB: &str = "5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e";
const WEB: &str = "3f0e1c52-7a64-4b0d-9c1f-2d5b8a6e4f10";
const JOB: JobId = JobId::compose(7, 1, START.as_millis());

const WORLD: &str = r#"{
  "format": 1,
  "seed": 9,
  "world": {
    "projects": {
      "studio": { "id": "0a1b2c3d4e5f40718293a4b5c6d7e8f9" },
      "lab": { "id": "5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e" }
    },
    "images": { "web": { "id": "3f0e1c52-7a64-4b0d-9c1f-2d5b8a6e4f10", "owner": "studio" } }
  },
  "timing": { "init": { "fixed": "1s" } }
}"#;

/// A call of `studio` that arrives so many milliseconds after the start and is answered with 200.
fn call(at: u64, operation: Operation, target: &str, body: &str, answer: &str) -> CallRecord {
    let method = operation.method().unwrap_or("GET");
    CallRecord {
        operation,
        method: method.into(),
        target: target.to_owned().into(),
        project: None,
        request: KeptBody::new(body.as_bytes()),
        status: 200,
        refusal: None,
        answer: KeptBody::new(answer.as_bytes()),
        job: None,
        delivery: Delivery::Answered,
        asked: Asked {
            subject: SentToken::None,
            issued: None,
            arrived: 0,
            saw: 0,
            at: START + SimDuration::from_millis(at),
            waited: false,
            lasts: false,
            token: SentToken::Known("studio".into()),
            headers: Box::default(),
        },
    }
}

fn happening(what: Happened, at: SimTime, answered: u64) -> Happening {
    let answered = START + SimDuration::from_millis(answered);
    Happening { order: (0, 0), at, answered, what }
}

fn answered(call: CallRecord, at: u64) -> Happening {
    let arrived = call.asked.at;
    happening(Happened::Call(Arc::new(call)), arrived, at)
}

fn batch(at: u64, body: &str) -> CallRecord {
    let answer = format!("{{\"job_id\":\"{JOB}\"}}");
    let job = Some((JOB, JobKey::new(1, 1)));
    let submission = call(at, Operation::AddMembers, "/v1/cloudimages/members", body, &answer);
    CallRecord { job, ..submission }
}

fn share() -> CallRecord {
    batch(0, &format!("{{\"images\": [\"{WEB}\"], \"projects\": [\"{LAB}\"]}}"))
}

fn show_job(at: u64) -> CallRecord {
    let answer = format!("{{\"job_id\":\"{JOB}\",\"status\":\"INIT\"}}");
    call(at, Operation::ShowJob, &format!("/v1/{STUDIO}/jobs/{JOB}"), "", &answer)
}

fn unknown(at: u64, target: &str, body: &str) -> CallRecord {
    let refused = "{\"error_msg\":\"no\",\"error_code\":\"APIGW.0101\",\"request_id\":\"1\"}";
    let call = call(at, Operation::Unknown, target, body, refused);
    CallRecord { status: 404, refusal: Some(Code::ApiNotFound), method: "POST".into(), ..call }
}

fn recorded(happenings: &[Happening]) -> Recorded {
    let file = ScenarioFile::parse(Path::new("w"), WORLD.to_owned()).expect("a scenario");
    let made = compile(&file, Seed::new(9), START).expect("it makes sense");
    record(&Start { origin: &made.origin, world: &made.world, begun: START }, happenings)
}

/// Checks the steps that happenings become, each a line, and that the file is one.
fn check(happenings: &[Happening], expected: &[&str]) {
    let recorded = recorded(happenings);
    let lines = recorded.scenario.lines().filter_map(|line| line.strip_prefix("    { "));
    let steps = recorded.scenario.find("\"steps\"").expect("there are some");
    let lines: Vec<String> = lines
        .filter(|line| recorded.scenario[steps..].contains(line))
        .map(|line| format!("{{ {}", line.trim_end_matches(',')))
        .collect();
    assert_eq!(lines, expected);
    let file = ScenarioFile::parse(Path::new("r"), recorded.scenario.clone());
    let file = file.unwrap_or_else(|problem| panic!("{problem}\n{}", recorded.scenario));
    compile(&file, Seed::new(9), START).unwrap_or_else(|problem| panic!("{problem}"));
}

const SHARED: &str = r#"{ "add_members": { "token": "studio", "images": ["web"], "projects": ["lab"], "save": "job-1" } }"#;

#[test]
fn the_file_begins_as_the_simulation_did() {
    let recorded = recorded(&[]);
    let world = WORLD.find("\"world\"").expect("there is one");
    let expected = format!(
        "{{\n  \"about\": \"Recorded from a running server.\",\n  \"format\": 1,\n  \"seed\": 9,\n  \
         \"epoch\": \"2025-01-01T00:00:00.000Z\",\n  {},\n  \"steps\": []\n}}\n",
        WORLD[world..].trim_end_matches("\n}")
    );
    assert_eq!(recorded.scenario, expected);
}

#[test]
fn other_calls_are_told_as_they_were_sent() {
    let raw =
        |rest: &str| format!(r#"{{ "request": {{ "method": "POST", "path": "/x", {rest} }} }}"#);
    let refused = r#""expect": { "status": 404, "error_code": "APIGW.0101", "body": { "error_code": "APIGW.0101", "error_msg": "no" } }"#;
    let with_body = |body: &str, written: &str| {
        let expected = raw(&format!("\"token\": \"studio\", {written}, {refused}"));
        check(&[answered(unknown(0, "/x", body), 0)], &[&expected]);
    };
    with_body("{\"b\":1, \"a\":[ ]}", r#""body": { "a": [], "b": 1 }"#);
    with_body("{\"a\":1,\"a\":2}", r#""text": "{\"a\":1,\"a\":2}""#);
    with_body("{\"a\":1.50}", r#""text": "{\"a\":1.50}""#);
    with_body("null", r#""text": "null""#);
    with_body("{\"a\"", r#""text": "{\"a\"""#);
    with_body("{\"${a}\":\"${b}\"}", r#""body": { "$${a}": "$${b}" }"#);
    // An id in capitals is that of the same job.
    let twice = r#"{ "add_members": { "token": "studio", "images": ["web"], "projects": ["lab"], "save": "job-1" } }"#;
    let path = format!("/x?a={}&b={STUDIO}", JOB.to_string().to_uppercase());
    let expected = format!(
        r#"{{ "request": {{ "method": "POST", "path": "/x?a=${{job-1}}&b={STUDIO}", "token": "studio", {refused} }} }}"#
    );
    check(&[answered(share(), 0), answered(unknown(0, &path, ""), 0)], &[twice, &expected]);
}

#[test]
fn tokens_that_the_world_does_not_know_have_made_up_names() {
    let with = |token: SentToken| {
        let call = unknown(0, "/x", "");
        answered(CallRecord { asked: Asked { token, ..call.asked.clone() }, ..call }, 0)
    };
    let happenings = [5, 6, 5].map(|hash| with(SentToken::Unknown(hash)));
    let scenario = recorded(&happenings).scenario;
    let tokens = scenario.split("\"token\": ").skip(1);
    let names: Vec<&str> = tokens.filter_map(|rest| rest.split('"').nth(1)).collect();
    assert_eq!(names, ["unknown-token-1", "unknown-token-2", "unknown-token-1"]);
}

#[test]
fn what_a_fault_leaves_of_an_answer_is_expected() {
    let with = |delivery: Delivery, waited: bool, answered_at: u64| {
        let call = show_job(0);
        let asked = Asked { waited, ..call.asked.clone() };
        answered(CallRecord { status: 0, delivery, asked, ..call }, answered_at)
    };
    let path = format!("/v1/{STUDIO}/jobs/{JOB}");
    let step = |rest: &str| {
        format!(
            r#"{{ "request": {{ "method": "GET", "path": "{path}", "token": "studio", {rest} }} }}"#
        )
    };
    for (delivery, word) in [
        (Delivery::Reset, "reset"),
        (Delivery::Closed, "closed"),
        (Delivery::Garbage, "garbage"),
        (Delivery::Unanswered, "unanswered"),
    ] {
        let expected = step(&format!(r#""expect": {{ "outcome": "{word}" }}"#));
        check(&[with(delivery, false, 0)], &[&expected]);
    }
    let given_up = |time: &str| {
        step(&format!(r#""timeout": "{time}", "expect": {{ "outcome": "timed_out" }}"#))
    };
    check(&[with(Delivery::GivenUp, true, 700)], &[&given_up("700ms")]);
    check(&[with(Delivery::GivenUp, true, 0)], &[&given_up("1ms")]);
    let lost = recorded(&[with(Delivery::GivenUp, false, 0)]);
    assert_eq!((lost.happenings, lost.left_out), (0, 1), "nothing let him wait");
}

#[test]
fn calls_that_go_on_when_the_next_thing_happens_stand_in_the_background() {
    let slow = |waited: bool, lasts: bool, until: u64| {
        let call = unknown(0, "/x", "");
        answered(CallRecord { asked: Asked { waited, lasts, ..call.asked.clone() }, ..call }, until)
    };
    let behind = |first: Happening, expected: bool| {
        let scenario = recorded(&[first, answered(share(), 5)]).scenario;
        assert_eq!(scenario.contains("background"), expected, "{scenario}");
    };
    behind(slow(true, false, 0), false);
    behind(slow(true, false, 9), true);
    behind(slow(false, true, 0), true);
    // Real time that passed is none in a replay.
    behind(slow(false, false, 9), false);
}

#[test]
fn changes_by_hand_are_sent_again_and_time_is_advanced() {
    let change = |action: &'static str, method: &str, target: &str, body: &str| {
        let (method, target, body) = (method.into(), target.into(), body.as_bytes().into());
        let request = AdminRequest { method, target, body };
        happening(Happened::Change(action, Arc::new(request)), START, 0)
    };
    let rule = r#"{"at":"image","effect":{"fail":{}},"id":"${x}"}"#;
    check(
        &[
            change("add_rule", "POST", "/__admin/faults?first=true", rule),
            change("delete_member", "DELETE", "/__admin/world/images/web/members/lab", ""),
            change("set_clock", "PUT", "/__admin/clock", r#"{"mode":"frozen"}"#),
            change("advance_clock", "POST", "/__admin/clock/advance", r#"{"by":"5m"}"#),
        ],
        &[
            r#"{ "request": { "method": "POST", "path": "/__admin/faults?first=true", "body": { "at": "image", "effect": { "fail": {} }, "id": "$${x}" }, "expect": { "status": 201 } } }"#,
            r#"{ "request": { "method": "DELETE", "path": "/__admin/world/images/web/members/lab" } }"#,
            r#"{ "advance_clock": { "by": "5m" } }"#,
        ],
    );
}

#[test]
fn what_no_step_can_say_is_left_out_and_counted() {
    let left_out = |call: CallRecord| {
        let recorded = recorded(&[answered(call, 0)]);
        assert_eq!((recorded.happenings, recorded.left_out), (0, 1));
    };
    left_out(unknown(0, "/%20 x", ""));
    left_out(unknown(0, "*", ""));
    left_out(unknown(0, "/__admin/health", ""));
    left_out(unknown(LONGEST.as_millis() + 1, "/x", ""));
    left_out(unknown(0, "/x", &"x".repeat(20_000)));
}

#[test]
fn tokens_signatures_and_passwords_are_named_and_never_told() {
    let login = r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"studio","password":"***"}}}}}"#;
    let shown = r#"{"token":{"methods":["password"],"catalog":[{"type":"image"}]}}"#;
    let create = |at, issued| {
        let created = call(at, Operation::CreateToken, "/v3/auth/tokens", login, shown);
        let asked = Asked { token: SentToken::None, issued, ..created.asked };
        let status = if issued.is_some() { 201 } else { 401 };
        answered(CallRecord { status, asked, ..created }, at)
    };
    let with = |operation: Operation, target: &str, token: SentToken, subject: SentToken| {
        let call = call(0, operation, target, "", "");
        answered(CallRecord { asked: Asked { token, subject, ..call.asked }, ..call }, 0)
    };
    let given = || SentToken::Unknown(7);
    check(
        &[
            create(0, Some(7)),
            with(Operation::ListProjects, "/v3/projects", given(), SentToken::None),
            with(Operation::ShowToken, "/v3/auth/tokens", given(), given()),
            with(Operation::ListProjects, "/", SentToken::Signed("ak-lab".into()), SentToken::None),
            create(0, None),
        ],
        &[
            r#"{ "request": { "method": "POST", "path": "/v3/auth/tokens", "body": { "auth": { "identity": { "methods": ["password"], "password": { "user": { "name": "studio", "password": "studio" } } } } }, "save_values": { "token-1": { "header": "x-subject-token" } }, "expect": { "status": 201, "body": { "token": { "methods": ["password"] } } } } }"#,
            r#"{ "request": { "method": "GET", "path": "/v3/projects", "token": "${token-1}" } }"#,
            r#"{ "request": { "method": "GET", "path": "/v3/auth/tokens", "token": "${token-1}", "headers": { "x-subject-token": "${token-1}" } } }"#,
            r#"{ "request": { "method": "GET", "path": "/", "sign": { "access_key": "ak-lab" } } }"#,
            r#"{ "request": { "method": "POST", "path": "/v3/auth/tokens", "body": { "auth": { "identity": { "methods": ["password"], "password": { "user": { "name": "studio", "password": "***" } } } } }, "expect": { "status": 401, "body": { "token": { "methods": ["password"] } } } } }"#,
        ],
    );
    // Wrong signatures, and those by a key that no file names, cannot be made again.
    for token in [SentToken::WronglySigned, SentToken::Signed("ak-nobody".into())] {
        let left = recorded(&[with(Operation::ListProjects, "/", token, SentToken::None)]);
        assert_eq!((left.happenings, left.left_out), (0, 1));
    }
}
