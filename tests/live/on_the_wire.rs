//! Faults where HTTP has corners: HEAD, pipelines, bodies that nobody reads, clients that close one side,
//! and answers without a body.

use std::sync::Arc;

use imsim::clock::SimDuration;
use imsim::faults::{self, AnswerContent, Effect, Match, Point, Rule, When};
use imsim::journal::Delivery;
use serde_json::{Value, json};

use crate::effects::client::{End, Wire, get, header, split};
use crate::stage::{Stage, members_path, with_clock};
use crate::world::{BATCH, sharing};

const RULE: &str = "struck";

/// Serves with one rule under a frozen clock.
fn with_rule(rule: Value, client: impl FnOnce(&Stage)) {
    with_clock("frozen", "0s", "0s", |stage| {
        let mut rule = rule;
        rule["id"] = RULE.into();
        stage.set_rules(&json!([rule]));
        client(stage);
        stage.set_rules(&json!([]));
        let answer = stage.list(0);
        assert_eq!(answer.status, 200, "it still serves");
        stage.until("all settles", |stage| stage.shared.clock.status().busy == 0);
    });
}

fn request(method: &str, path: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: owner\r\n{more}Content-Length: {length}\r\n\r\n{body}"
    )
}

fn deliveries(stage: &Stage) -> Vec<Delivery> {
    let calls = stage.calls();
    calls.iter().map(|call| call.delivery).collect()
}

#[test]
fn the_answer_to_head_is_a_head_whatever_becomes_of_bodies() {
    let check = |effect: Value, status: Option<u16>, delivery: Delivery| {
        let name = effect.to_string();
        with_rule(json!({ "at": "request", "effect": effect }), |stage| {
            let mut wire = Wire::open(stage.address);
            wire.send(request("HEAD", &members_path(0), "", ""));
            match status {
                Some(status) => {
                    let head = wire.head();
                    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {head}");
                    let length = header(&head, "content-length").and_then(|it| it.parse().ok());
                    assert!(length.is_some_and(|length: usize| length > 0), "{name}: {head}");
                    // Nothing follows the head, and the connection goes on.
                    stage.set_rules(&json!([]));
                    wire.get(&members_path(0));
                    assert!(wire.head().starts_with("HTTP/1.1 200 "), "{name}");
                }
                None => assert_eq!(wire.rest(), (Vec::new(), End::Closed), "{name}"),
            }
            assert_eq!(deliveries(stage)[0], delivery, "{name}");
        });
    };
    check(json!({ "answer": { "code": "IMG.0061" } }), Some(500), Delivery::Answered);
    check(json!({ "dribble": { "bytes": 1, "every": "1s" } }), Some(404), Delivery::Answered);
    check(json!({ "bandwidth": { "bytes_per_second": 1 } }), Some(404), Delivery::Answered);
    check(json!({ "truncate": {} }), None, Delivery::Closed);
    check(json!("close"), None, Delivery::Closed);
}

#[test]
fn answers_to_earlier_requests_of_a_pipeline_come_whole() {
    let check = |point: &str, effect: Value, struck: &dyn Fn(&[u8]) -> bool, end: End| {
        let name = format!("{effect} at {point}");
        let rule = json!({ "at": point, "when": { "nth": 3 }, "effect": effect });
        with_rule(rule, |stage| {
            let mut wire = Wire::open(stage.address);
            wire.send((0..4).map(|image| get(&members_path(image))).collect::<String>());
            for _ in 0..2 {
                let head = wire.head();
                let length = header(&head, "content-length").and_then(|it| it.parse().ok());
                wire.read(length.unwrap_or_else(|| panic!("{name}: {head}")));
            }
            let (bytes, seen) = wire.rest();
            assert!(struck(&bytes), "{name}: {}", String::from_utf8_lossy(&bytes));
            assert_eq!((seen, deliveries(stage).len()), (end, 3), "{name}");
        });
    };
    for point in ["request", "response"] {
        check(point, json!("reset"), &<[u8]>::is_empty, End::Reset);
        check(point, json!("close"), &<[u8]>::is_empty, End::Closed);
        check(point, json!("garbage"), &|bytes| !bytes.starts_with(b"HTTP"), End::Closed);
        let truncated = |bytes: &[u8]| split(bytes).1 == 5;
        check(point, json!({ "truncate": { "after_bytes": 5 } }), &truncated, End::Closed);
    }
}

#[test]
fn what_nobody_read_does_not_turn_an_end_into_a_reset() {
    let check = |effect: &str, end: End| {
        with_rule(json!({ "at": "request", "effect": effect }), |stage| {
            let mut wire = Wire::open(stage.address);
            // The body of an unknown call is not read, and more of it comes than any buffer holds.
            let head = "POST /nowhere HTTP/1.1\r\nHost: t\r\nContent-Length: 9000000\r\n\r\n";
            wire.send(head);
            wire.send([b' '; 300_000]);
            let (bytes, seen) = wire.rest();
            assert_eq!((bytes.is_empty(), seen), (effect != "garbage", end), "{effect}");
        });
    };
    check("close", End::Closed);
    check("garbage", End::Closed);
    check("reset", End::Reset);
}

#[test]
fn who_expects_to_be_told_to_continue_is_told_so_before_anything_strikes() {
    let check = |effect: &str, end: End| {
        with_rule(json!({ "at": "request", "effect": effect }), |stage| {
            let mut wire = Wire::open(stage.address);
            let body = sharing(&[0], &[0]);
            let whole = request("DELETE", BATCH, "Expect: 100-continue\r\n", &body);
            let (head, body) = whole.split_once("\r\n\r\n").expect("a head");
            wire.send(format!("{head}\r\n\r\n"));
            assert_eq!(wire.head(), "HTTP/1.1 100 Continue\r\n\r\n", "{effect}");
            wire.send(body);
            let (bytes, seen) = wire.rest();
            assert_eq!((bytes.is_empty(), seen), (effect != "garbage", end), "{effect}");
        });
    };
    check("reset", End::Reset);
    check("close", End::Closed);
    check("garbage", End::Closed);
}

#[test]
fn who_closes_his_side_has_gone_where_he_would_have_to_wait() {
    let check = |effect: Value, delivery: Delivery, answered: bool| {
        let name = effect.to_string();
        with_rule(json!({ "at": "response", "effect": effect }), |stage| {
            let mut wire = Wire::open(stage.address);
            wire.get(&members_path(0));
            wire.finish();
            let (bytes, end) = wire.rest();
            assert_eq!((bytes.starts_with(b"HTTP/1.1 "), end), (answered, End::Closed), "{name}");
            assert_eq!(deliveries(stage), [delivery], "{name}");
            stage.until(&name, |stage| stage.shared.clock.status().next_due.is_none());
        });
    };
    check(json!({ "answer": { "status": 503 } }), Delivery::Answered, true);
    check(json!({ "truncate": { "after_bytes": 9 } }), Delivery::Truncated { sent: 9 }, true);
    check(json!({ "delay": { "fixed": "1s" } }), Delivery::GivenUp, false);
    check(json!("never_answer"), Delivery::Unanswered, false);
}

#[test]
fn answers_of_ones_own_are_well_formed() {
    let check = |answer: Value, status: u16, expected: &[(&str, Option<&str>)], body: &str| {
        let name = answer.to_string();
        with_rule(json!({ "at": "request", "effect": { "answer": answer } }), |stage| {
            let mut wire = Wire::open(stage.address);
            // The second one shows that the first one ended where it should.
            for _ in 0..2 {
                wire.get(&members_path(0));
                let head = wire.head();
                assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {head}");
                for (key, value) in expected {
                    assert_eq!(header(&head, key), *value, "{name}: {head}");
                    let lines = head.lines().map(str::to_ascii_lowercase);
                    let times = lines.filter(|line| line.starts_with(&format!("{key}:"))).count();
                    assert_eq!(times, usize::from(value.is_some()), "{name}: {key}");
                }
                assert_eq!(wire.read(body.len()), body, "{name}");
                assert!(wire.is_silent(), "{name}");
            }
        });
    };
    check(json!({ "status": 204 }), 204, &[("content-length", None), ("content-type", None)], "");
    check(json!({ "status": 200 }), 200, &[("content-length", Some("0"))], "");
    check(json!({ "status": 418, "body": "tea" }), 418, &[("content-length", Some("3"))], "tea");
    let given_twice = json!({
        "status": 503,
        "headers": { "Retry-After": "9", "content-type": "text/x", "X-Request-Of": "me" },
        "retry_after": "2s",
        "body": "busy",
    });
    let expected = [
        ("retry-after", Some("2")),
        ("content-type", Some("text/x")),
        ("x-request-of", Some("me")),
    ];
    check(given_twice, 503, &expected, "busy");
}

/// Of a body that is larger than what the kernel holds for a client that does not read.
const LARGE: usize = 20_000_000;

/// Two rules: a large answer, larger than a file may write it, and something that deforms it.
fn with_large_answer(deform: &Value, client: impl FnOnce(&Stage, Wire)) {
    with_clock("frozen", "0s", "0s", |stage| {
        let deform = json!([{ "id": "deform", "at": "connection", "effect": deform }]);
        let mut rules = stage.set_rules(&deform);
        let body = "x".repeat(LARGE).into();
        let content = AnswerContent::Own { status: 200, headers: Vec::new(), body };
        let answer = Effect::Answer(faults::Answer { content, retry_after: None });
        let (all, always) = (Match::default(), When::default());
        rules.push(Arc::new(Rule::new("large", Point::Request, all, always, answer)));
        stage.shared.plan.replace(rules);
        client(stage, Wire::with_small_buffer(stage.address));
    });
}

#[test]
fn a_large_body_breaks_off_exactly_where_the_journal_says() {
    with_large_answer(&json!({ "truncate": { "after_bytes": 19_000_000 } }), |stage, mut wire| {
        wire.get(&members_path(0));
        // By now the server has sent what goes without a reader.
        stage.until("it is recorded", |stage| !stage.calls().is_empty());
        let (bytes, end) = wire.rest();
        let (head, came) = split(&bytes);
        assert_eq!(header(&head, "content-length"), Some("20000000"));
        assert_eq!((came, end), (19_000_000, End::Closed));
        assert_eq!(deliveries(stage), [Delivery::Truncated { sent: 19_000_000 }]);
    });
}

#[test]
fn a_client_that_does_not_read_does_not_hold_the_clock() {
    let slow = json!({ "dribble": { "bytes": 400_000, "every": "1s" } });
    with_large_answer(&slow, |stage, mut wire| {
        wire.get(&members_path(0));
        stage.until("it waits", |stage| stage.shared.clock.waiting() == 1);
        for _ in 0..100 {
            stage.advance(SimDuration::from_millis(1_000));
        }
        // He gets no more than what could be sent, and the rest waits for him and not for the clock.
        assert_eq!(stage.shared.clock.waiting(), 0);
        let head = wire.head();
        assert_eq!(header(&head, "content-length"), Some("20000000"));
        // What could not be sent meanwhile goes on at its pace as he reads.
        let reading = std::thread::scope(|scope| {
            let reading = scope.spawn(|| wire.read(LARGE).len());
            stage.until("all has come", |stage| {
                stage.advance(SimDuration::from_millis(1_000));
                reading.is_finished()
            });
            reading.join().expect("it reads")
        });
        assert_eq!(reading, LARGE);
    });
}
