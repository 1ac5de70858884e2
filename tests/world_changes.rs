//! A world that changes while jobs run in it, in virtual time.

use std::path::Path;

use imsim::clock::{SimDuration, SimTime, WallTime};
use imsim::journal::TraceWriter;
use imsim::scenario::world_edit::{self, EditError, WorldEdit};
use imsim::scenario::{ScenarioFile, compile};
use imsim::seed::{Seed, Subject};
use imsim::simulator::Options;
use imsim::simulator::virtual_run::{VirtualRequest, VirtualRun, VirtualService};
use serde_json::{Value, json};

const EPOCH: SimTime = SimTime::from_millis(1_735_689_600_000);

/// An image that every project but its owner's is a member of, and one without members.
fn scenario() -> ScenarioFile {
    let text = json!({
        "format": 1,
        "world": {
            "settings": {"delete_results": "all"},
            "projects": {"owner": {}, "lab": {}, "shop": {}, "club": {}},
            "images": {
                "full": {"owner": "owner", "members": {"lab": "pending", "shop": "pending", "club": "pending"}},
                "bare": {"owner": "owner"},
            },
        },
        "timing": {"init": {"fixed": "10ms"}, "image": {"fixed": "10ms"}, "pair": {"fixed": "10ms"}},
    });
    ScenarioFile::parse(Path::new("scenario"), text.to_string()).expect("a good scenario")
}

/// What a run leaves behind: the answers in order, and its trace with the digest.
struct Left {
    answers: Vec<Value>,
    trace: String,
    digest: String,
}

/// Plays a story in which requests and changes have their times, in milliseconds since the start.
fn play(shards: usize, story: &[(u64, Act)]) -> Left {
    let file = scenario();
    let options = Options::new(Seed::DEFAULT, shards);
    let wall = WallTime::default();
    let run = VirtualRun::new(&file, &options, EPOCH, wall).expect("a good scenario");
    let shared = run.shared().clone();
    let mut sink = Vec::new();
    let mut trace = TraceWriter::new(&shared.world, Seed::DEFAULT, EPOCH, Some(&mut sink))
        .expect("memory takes everything");
    let story: Vec<(u64, Act)> = story.to_vec();
    let answers = run.run(
        |service| async move { Player { service, job: String::new() }.play(story).await },
        |entries| trace.write(entries).expect("memory takes everything"),
    );
    let (digest, _) = trace.finish();
    Left {
        answers: answers.expect("the story ends"),
        trace: String::from_utf8(sink).expect("a trace is text"),
        digest: digest.to_string(),
    }
}

#[derive(Clone)]
enum Act {
    /// A batch on these images with all other projects, or for `PUT` with the project `lab`.
    Batch(&'static str, &'static [&'static str]),
    /// Asks for the job of the last batch, with a token.
    ShowJob(&'static str),
    /// Asks for the members of an image; a name that is gone needs its id from before.
    Members(&'static str, imsim::api::ImageId),
    /// Changes the world.
    Change(fn(WorldEdit) -> Result<(), EditError>),
    /// Puts the world back.
    Reset,
}

struct Player {
    service: VirtualService,
    job: String,
}

impl Player {
    async fn play(mut self, story: Vec<(u64, Act)>) -> Vec<Value> {
        let mut answers = Vec::new();
        for (step, (at, act)) in story.into_iter().enumerate() {
            let shared = self.service.shared.clone();
            let due = EPOCH + SimDuration::from_millis(at);
            let busy = shared.clock.busy(0);
            shared.clock.sleep_until(due, Subject::Step(step as u64), busy).await;
            let now = shared.clock.now();
            match act {
                Act::Change(change) => {
                    change(WorldEdit::new(&shared.world, shared.seed, now)).expect("a good change");
                }
                Act::Reset => {
                    let blueprint =
                        compile(&scenario(), shared.seed, now).expect("a good scenario");
                    world_edit::reset(&shared.world, &blueprint.origin, now).expect("it was good");
                }
                Act::Batch(method, images) => {
                    let answer = self.batch(method, images).await;
                    self.job = answer["job_id"].as_str().unwrap_or_default().to_owned();
                    answers.push(answer);
                }
                Act::ShowJob(token) => {
                    let project = shared.world.project_named(token).expect("a project");
                    let target = format!("/v1/{project}/jobs/{}", self.job);
                    answers.push(self.call("GET", &target, token, &Value::Null).await);
                }
                Act::Members(token, image) => {
                    let target = format!("/v2/images/{image}/members");
                    answers.push(self.call("GET", &target, token, &Value::Null).await);
                }
            }
        }
        answers
    }

    async fn batch(&self, method: &str, images: &[&str]) -> Value {
        let names = &self.service.names;
        let images: Vec<_> = images.iter().map(|name| names.image_id(name)).collect();
        let project = |name: &str| names.project_id(name);
        let (token, body) = match method {
            "PUT" => {
                let own = project("lab");
                let body = json!({"images": images, "project_id": own, "status": "accepted"});
                ("lab", body)
            }
            _ => {
                let projects = ["lab", "shop", "club"].map(project);
                ("owner", json!({"images": images, "projects": projects}))
            }
        };
        self.call(method, "/v1/cloudimages/members", token, &body).await
    }

    async fn call(&self, method: &str, target: &str, token: &str, body: &Value) -> Value {
        let request = VirtualRequest {
            method: method.parse().expect("a method"),
            target: target.parse().expect("a target"),
            headers: vec![
                ("x-auth-token".to_owned(), token.as_bytes().to_vec()),
                ("accept".to_owned(), b"application/json".to_vec()),
            ],
            body: if body.is_null() { String::new() } else { body.to_string() }.into(),
        };
        let answer = self.service.call(0, &request).await;
        serde_json::from_slice(&answer.body).expect("JSON was asked for")
    }
}

fn image(name: &str) -> imsim::api::ImageId {
    let run =
        VirtualRun::new(&scenario(), &Options::new(Seed::DEFAULT, 1), EPOCH, WallTime::default());
    let world = &run.expect("a good scenario").shared().clone().world;
    world.image_named(name).expect("an image")
}

/// The pairs of an image, as the trace has them: project, what is reported, what was done.
fn pairs(trace: &str, image: &str) -> Vec<(String, String, String)> {
    let lines = trace.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let pairs = lines.filter(|line| line["event"] == "pair_settled" && line["image"] == image);
    let text = |line: &Value, key: &str| line[key].as_str().expect("a text").to_owned();
    pairs.map(|it| (text(&it, "project"), text(&it, "reported"), text(&it, "done"))).collect()
}

#[test]
fn a_running_job_sees_a_deleted_image_as_missing_and_the_trace_still_names_it() {
    let delete = Act::Change(|edit| edit.delete_image("full"));
    for (method, code, token) in
        [("POST", "IMG.0112", "owner"), ("DELETE", "IMG.0113", "owner"), ("PUT", "IMG.0114", "lab")]
    {
        // The first pairs are settled at 30 ms, the second ones at 40 ms.
        let gone_at = if method == "PUT" { 25 } else { 35 };
        let story = [
            (0, Act::Batch(method, &["full"])),
            (gone_at, delete.clone()),
            (100, Act::ShowJob(token)),
            (101, Act::Members("owner", image("full"))),
            (102, Act::Batch(method, &["full"])),
        ];
        let left = play(1, &story);
        let found = pairs(&left.trace, "full");
        let failed: Vec<_> = found.iter().filter(|pair| pair.1 == code).collect();
        let expected = if method == "PUT" { (1, 1) } else { (3, 2) };
        assert_eq!((found.len(), failed.len()), expected, "{method}: {found:?}");
        assert!(failed.iter().all(|pair| pair.2 == "nothing"));
        let [_, job, members, refused] = &left.answers[..] else { panic!("four answers") };
        assert_eq!((&job["status"], &job["error_code"]), (&json!("FAIL"), &json!(code)));
        assert_eq!(members["code"], "404 Not Found", "{members}");
        assert_eq!(refused["error"]["code"], "IMG.0066");
        assert_eq!(left.digest, play(4, &story).digest, "on any number of shards");
    }
}

#[test]
fn what_happens_behind_the_clients_back_meets_the_rules() {
    let story = [
        (0, Act::Batch("POST", &["bare"])),
        // Before the first pair: the project is gone; after it: the image can no longer be shared.
        (25, Act::Change(|edit| edit.delete_project("lab").map(drop))),
        (
            35,
            Act::Change(|edit| {
                edit.set_member("bare", "shop", br#"{"status": "rejected"}"#).map(drop)
            }),
        ),
        (45, Act::Change(|edit| edit.patch_image("bare", br#"{"encrypted": true}"#).map(drop))),
        (100, Act::Members("owner", image("bare"))),
        (101, Act::Members("lab", image("full"))),
    ];
    let left = play(1, &story);
    let text = |it: [&str; 3]| (it[0].to_owned(), it[1].to_owned(), it[2].to_owned());
    let expected = [
        ["lab", "IMG.0108", "nothing"],
        ["shop", "success", "set to pending"],
        ["club", "IMG.0098", "nothing"],
    ];
    assert_eq!(pairs(&left.trace, "bare"), expected.map(text));
    let members = left.answers[1]["members"].as_array().expect("members");
    assert_eq!(members.len(), 1);
    assert_eq!(left.answers[2]["error_code"], "APIGW.0301", "its token went with the project");
    assert_eq!(left.digest, play(4, &story).digest);
}

#[test]
fn a_reset_brings_everything_back_and_running_jobs_do_not_touch_it() {
    let story = [
        (0, Act::Batch("DELETE", &["full"])),
        (35, Act::Reset),
        (100, Act::ShowJob("owner")),
        (101, Act::Members("owner", image("full"))),
        (102, Act::Batch("DELETE", &["full"])),
        (200, Act::ShowJob("owner")),
    ];
    let left = play(2, &story);
    let [_, before, members, _, after] = &left.answers[..] else { panic!("five answers") };
    assert_eq!((&before["status"], &before["error_code"]), (&json!("FAIL"), &json!("IMG.0113")));
    assert_eq!(members["members"].as_array().map(Vec::len), Some(3));
    assert_eq!(after["status"], "SUCCESS");
}
