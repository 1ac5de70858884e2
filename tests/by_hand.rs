//! What is done by hand is as deterministic as everything else: the same changes and resets give the same
//! trace on any number of shards.

use std::path::Path;

use imsim::clock::{SimDuration, WallTime};
use imsim::journal::TraceWriter;
use imsim::journal::invariants::{Invariants, Violations};
use imsim::scenario::ScenarioFile;
use imsim::seed::{Seed, Subject};
use imsim::simulator::Options;
use imsim::simulator::virtual_run::{VirtualAnswer, VirtualRequest, VirtualRun, VirtualService};
use serde_json::{Value, json};

const BATCH: &str = "/v1/cloudimages/members";

fn scenario() -> ScenarioFile {
    let text = json!({
        "format": 1,
        "epoch": "2025-01-01T00:00:00Z",
        "world": {
            "projects": { "owner": {}, "lab": {}, "shop": {} },
            "images": {
                "one": { "owner": "owner", "members": { "lab": "accepted", "shop": "pending" } },
                "two": { "owner": "owner", "members": { "lab": "accepted", "shop": "pending" } },
            },
        },
        "timing": {
            "init": { "fixed": "100ms" },
            "image": { "uniform": { "from": "0ms", "to": "100ms" } },
            "pair": { "fixed": "100ms" },
        },
        "faults": [
            { "id": "two-sticks", "at": "image", "match": { "image": "two" }, "effect": { "stick": {} } },
            { "id": "chance", "at": "request", "match": { "operation": "list_members" },
              "when": { "probability": 0.5 }, "effect": { "answer": { "code": "IMG.0061" } } },
        ],
    });
    ScenarioFile::parse(Path::new("scenario"), text.to_string()).expect("a scenario")
}

/// A request after so many milliseconds: method, target, body. Names in angle brackets stand for ids.
type Story = Vec<(u64, &'static str, &'static str, &'static str)>;

struct Played {
    trace: String,
    answers: Vec<VirtualAnswer>,
}

fn play(story: Story, shards: usize) -> Played {
    let file = scenario();
    let epoch = file.sections.epoch.expect("it has one").0;
    let options = Options::new(Seed::DEFAULT, shards);
    let run = VirtualRun::new(&file, &options, epoch, WallTime::default()).expect("it makes sense");
    let shared = run.shared().clone();
    let mut text = Vec::new();
    let mut trace = TraceWriter::new(&shared.world, shared.seed, epoch, Some(&mut text))
        .expect("memory takes it");
    let mut invariants = Invariants::new(&shared.world);
    let (answers, jobs) = run.run_to_the_end(
        |service| async move {
            let mut answers = Vec::new();
            for (step, (after, method, target, body)) in story.into_iter().enumerate() {
                let clock = &service.shared.clock;
                let due = clock.now() + SimDuration::from_millis(after);
                clock.sleep_until(due, Subject::Step(step as u64), clock.busy(0)).await;
                // Every request goes to another shard.
                answers.push(service.call(step, &request(&service, method, target, body)).await);
            }
            answers
        },
        std::future::ready,
        |entries| {
            trace.write(entries).expect("memory takes it");
            invariants.take(entries);
        },
    );
    assert_eq!(invariants.close(&jobs), Violations::default());
    let _ = trace.finish();
    let trace = String::from_utf8(text).expect("a trace is text");
    Played { trace, answers: answers.expect("the story comes to its end") }
}

fn request(service: &VirtualService, method: &str, target: &str, body: &str) -> VirtualRequest {
    let names = &service.names;
    let fill = |text: &str| {
        let mut text = text.to_owned();
        for image in ["one", "two"] {
            text = text.replace(
                &format!("<{image}>"),
                &names.image_id(image).expect("an image").to_string(),
            );
        }
        for project in ["lab", "shop"] {
            text = text.replace(
                &format!("<{project}>"),
                &names.project_id(project).expect("a project").to_string(),
            );
        }
        text
    };
    VirtualRequest {
        method: method.parse().expect("a method"),
        target: fill(target).parse().expect("a target"),
        headers: vec![("x-auth-token".to_owned(), b"owner".to_vec())],
        body: fill(body).into(),
    }
}

/// Calls that are made again after each reset.
fn calls() -> Story {
    let both = r#"{"images": ["<one>", "<two>"], "projects": ["<lab>", "<shop>"]}"#;
    let one = r#"{"images": ["<one>"], "projects": ["<lab>"]}"#;
    vec![
        (0, "DELETE", BATCH, both),
        (0, "DELETE", BATCH, one),
        (0, "DELETE", BATCH, one),
        (0, "GET", "/v2/images/<one>/members", ""),
        (0, "GET", "/v2/images/<one>/members", ""),
        (0, "GET", "/v2/images/<two>/members", ""),
    ]
}

#[test]
fn changes_by_hand_give_the_same_trace_on_any_number_of_shards() {
    let mut story = calls();
    story.extend([
        (0, "POST", "/__admin/faults", r#"{"at": "pair", "effect": {"fail": {}}}"#),
        (150, "PUT", "/__admin/world/images/one/members/shop", r#"{"status": "accepted"}"#),
        (0, "POST", "/__admin/reset", r#"{"parts": ["jobs"]}"#),
    ]);
    story.extend(calls());
    story.push((5_000, "POST", "/__admin/reset", ""));
    story.extend(calls());
    story.push((0, "POST", "/__admin/clock/advance", r#"{"by": "10s"}"#));
    let first = play(story.clone(), 1);
    assert!(first.answers.iter().all(|answer| answer.status < 600));
    for shards in [1, 2, 3, 8] {
        assert_eq!(play(story.clone(), shards).trace, first.trace, "{shards} shards");
    }
}

#[test]
fn a_reset_leaves_nothing_of_what_was_under_way() {
    let mut story = calls();
    // The first batch is at work then, one of its images is stuck, and all time that it had passes.
    story.push((150, "POST", "/__admin/reset", ""));
    story.push((60_000, "GET", "/__admin/jobs", ""));
    let played = play(story, 4);
    let lines: Vec<Value> =
        played.trace.lines().skip(1).map(|it| serde_json::from_str(it).expect("JSON")).collect();
    let late = lines.iter().filter(|line| line["at"].as_u64() > Some(150));
    assert_eq!(late.count(), 0, "{}", played.trace);
    assert!(lines.iter().any(|line| line["event"] == "job_started"), "{}", played.trace);
    assert!(!lines.iter().any(|line| line["event"] == "job_ended"), "{}", played.trace);
    let jobs = played.answers.last().expect("an answer");
    let jobs: Value = serde_json::from_slice(&jobs.body).expect("JSON");
    assert_eq!(jobs["jobs"], json!([]));
}

#[test]
fn after_a_reset_the_same_calls_are_answered_alike() {
    let mut story = calls();
    let length = story.len();
    story.push((0, "POST", "/__admin/reset", ""));
    story.extend(calls());
    let answers = play(story, 1).answers;
    let shown = |answer: &VirtualAnswer| {
        (answer.status, answer.headers.get("x-request-id").cloned(), answer.body.clone())
    };
    let first: Vec<_> = answers[..length].iter().map(shown).collect();
    let again: Vec<_> = answers[length + 1..].iter().map(shown).collect();
    assert_eq!(first, again);
    assert!(first.iter().all(|(_, request_id, _)| request_id.is_some()));
}
