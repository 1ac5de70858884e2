//! The figures for Prometheus are what the other parts of the admin API say, on any number of shards.

#[path = "support/figures.rs"]
mod figures;

use std::collections::BTreeMap;
use std::path::Path;

use actix_web::http::Method;
use figures::Figures;
use imsim::clock::{SimDuration, WallTime};
use imsim::scenario::ScenarioFile;
use imsim::seed::{Seed, Subject};
use imsim::simulator::Options;
use imsim::simulator::virtual_run::{VirtualAnswer, VirtualRequest, VirtualRun, VirtualService};
use serde_json::{Value, json};

const BATCH: &str = "/v1/cloudimages/members";
const OWNER: &str = "0a1b2c3d4e5f40718293a4b5c6d7e8f9";
const LAB: &str = "5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e";
const IMAGES: [&str; 3] = [
    "00000000-0000-4000-8000-000000000000",
    "00000001-0000-4000-8000-000000000000",
    "00000002-0000-4000-8000-000000000000",
];

/// Faults of several kinds; of the two workers that die one goes on.
fn world() -> Value {
    let image = |number: usize| json!({ "id": IMAGES[number], "owner": "studio" });
    let rule = |id: &str, at: &str, matches: Value, effect: Value| json!({ "id": id, "at": at, "match": matches, "effect": effect });
    let crash = |restart: bool| json!({ "crash": { "after_pairs": 0, "restart": restart } });
    let of = |operation: &str| json!({ "operation": operation });
    let mut faults = vec![
        rule("slow.1", "request", of("list_versions"), json!({ "delay": { "fixed": "300ms" } })),
        rule("busy_2", "request", of("show_quota"), json!({ "answer": { "code": "APIGW.0308" } })),
        rule("lost-race", "request", of("show_quota"), json!("close")),
        rule("Cut", "response", of("list_images"), json!("reset")),
        rule("again", "image", json!({ "image": "web" }), crash(true)),
        rule("for-good", "image", json!({ "image": "db" }), crash(false)),
        rule("kept", "job", of("update_members"), json!("lose")),
    ];
    // The first of these always fires, and would leave nothing for the second.
    faults[1]["when"] = json!({ "probability": 0.999_999_999 });
    faults[4]["when"] = json!({ "first": 1 });
    json!({
        "format": 1,
        "epoch": "2025-01-02T03:04:05.678Z",
        "timing": {
            "init": { "fixed": "1s" }, "image": { "fixed": "1s" }, "pair": { "fixed": "1s" }
        },
        "supervision": { "max_restarts": 2 },
        "world": {
            "projects": { "studio": { "id": OWNER }, "lab": { "id": LAB } },
            "images": { "web": image(0), "db": image(1), "cache": image(2) },
            "tokens": { "studio": { "project": "studio" }, "lab": { "project": "lab" } },
        },
        "faults": faults,
    })
}

/// A simulation, and whose turn it is.
struct Stage {
    service: VirtualService,
    shards: usize,
    turns: usize,
}

impl Stage {
    async fn pass(&mut self, ms: u64) {
        let clock = &self.service.shared.clock;
        let due = clock.now() + SimDuration::from_millis(ms);
        self.turns += 1;
        clock.sleep_until(due, Subject::Step(self.turns as u64), clock.busy(0)).await;
    }

    async fn call(&mut self, method: &str, path: &str, token: &str, body: &str) -> VirtualAnswer {
        self.pass(0).await;
        let request = VirtualRequest {
            method: Method::from_bytes(method.as_bytes()).expect("a method"),
            target: path.parse().expect("a path"),
            headers: vec![("x-auth-token".to_owned(), token.as_bytes().to_vec())],
            body: body.to_owned().into(),
        };
        self.service.call(self.turns % self.shards, &request).await
    }

    async fn batch(&mut self, method: &str, image: usize) {
        let body = json!({ "images": [IMAGES[image]], "projects": [LAB] });
        self.call(method, BATCH, "studio", &body.to_string()).await;
    }

    async fn json(&mut self, path: &str) -> Value {
        let answer = self.call("GET", &format!("/__admin/{path}"), "", "").await;
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    async fn page(&mut self) -> String {
        let answer = self.call("GET", "/__admin/metrics", "", "").await;
        let content_type = answer.headers.get("content-type").expect("a type");
        assert_eq!(
            (answer.status, content_type),
            (200, &"text/plain; version=0.0.4; charset=utf-8".parse().expect("a value"))
        );
        String::from_utf8(answer.body.to_vec()).expect("text")
    }

    /// Calls of every kind, and jobs of every type.
    async fn play(&mut self) {
        for image in 0..3 {
            self.batch("POST", image).await;
        }
        self.batch("DELETE", 0).await;
        let update = json!({ "images": [IMAGES[2]], "project_id": LAB, "status": "accepted" });
        self.call("PUT", BATCH, "lab", &update.to_string()).await;
        // Refused by the checks, by the token, by the router.
        self.call("POST", BATCH, "studio", "{}").await;
        self.call("POST", BATCH, "nobody", "{}").await;
        self.call("GET", "/nowhere", "", "").await;
        for _ in 0..2 {
            self.call("GET", "/", "", "").await;
            self.call("GET", "/v1/cloudimages/quota", "studio", "").await;
            self.call("GET", "/v2/images", "studio", "").await;
        }
        self.pass(60_000).await;
        // One that is still in INIT.
        self.batch("POST", 2).await;
    }
}

/// Runs what is asked on so many shards after everything was called, and gives what it comes to.
fn after_play<T: 'static, F>(shards: usize, ask: impl FnOnce(Stage) -> F + 'static) -> T
where
    F: Future<Output = T> + 'static,
{
    let file = ScenarioFile::parse(Path::new("world"), world().to_string());
    let file = file.unwrap_or_else(|problem| panic!("{problem}"));
    let epoch = file.sections.epoch.expect("it says so").0;
    let options = Options::new(Seed::DEFAULT, shards);
    let run = VirtualRun::new(&file, &options, epoch, WallTime::default());
    let run = run.unwrap_or_else(|problem| panic!("{problem}"));
    let story = move |service| async move {
        let mut stage = Stage { service, shards, turns: 0 };
        stage.play().await;
        ask(stage).await
    };
    run.run(story, |_| {}).expect("it comes to its end")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// What rows of JSON come to, by labels; those that come to nothing are left out.
fn sums(rows: &Value, row: impl Fn(&Value) -> (String, f64)) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for one in rows.as_array().expect("rows") {
        let (labels, count) = row(one);
        *sums.entry(labels).or_default() += count;
    }
    sums.retain(|_, count| *count > 0.0);
    sums
}

fn without_nothing(mut all: BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    all.retain(|_, count| *count > 0.0);
    all
}

async fn calls_are_those_of_the_counters(mut stage: Stage) {
    let counters = stage.json("counters").await;
    let figures = Figures::read(&stage.page().await);
    let requests = sums(&counters["calls"], |row| {
        let code = text(&row["error_code"]);
        let labels =
            format!("code={code} operation={} status={}", text(&row["operation"]), row["status"]);
        (labels, number(&row["count"]))
    });
    assert_eq!(figures.all("requests_total"), requests);
    let seen = |labels: &str| requests.contains_key(labels);
    assert!(seen("code=APIGW.0308 operation=show_quota status=429"), "{requests:?}");
    assert!(seen("code= operation=list_images status=0"), "{requests:?}");
    let events = counters["events"].as_object().expect("events");
    let events = events.iter().map(|(name, count)| (format!("event={name}"), number(count)));
    assert_eq!(figures.all("events_total"), events.collect());
    let durations = sums(&counters["calls"], |row| {
        (format!("operation={}", text(&row["operation"])), number(&row["count"]))
    });
    assert_eq!(figures.measured("request_duration_seconds"), durations);
    // In a replay only simulated time counts: that which the rule adds.
    let slow = ("request_duration_seconds", "operation=list_versions");
    assert!((figures.sum(slow.0, slow.1) - 0.6).abs() < 1e-9);
    assert_eq!([0.25, 0.5].map(|bound| figures.at_most(slow.0, slow.1, bound)), [0.0, 2.0]);
}

async fn rules_are_those_of_the_faults(mut stage: Stage) {
    let faults = stage.json("faults").await;
    let figures = Figures::read(&stage.page().await);
    for count in ["considered", "matched", "fired", "superseded"] {
        let told = sums(&faults["faults"], |rule| {
            let counts = &rule["counts"];
            let counted = counts.get(count).or_else(|| rule.get(count));
            let effect = match &rule["rule"]["effect"] {
                Value::Object(effect) => effect.keys().next().cloned().expect("one"),
                effect => text(effect).to_owned(),
            };
            let (id, at) = (text(&rule["rule"]["id"]), text(&rule["rule"]["at"]));
            let counted = counted.unwrap_or_else(|| panic!("{rule}"));
            (format!("effect={effect} point={at} rule={id}"), number(counted))
        });
        let name = format!("fault_{count}_total");
        assert_eq!(without_nothing(figures.all(&name)), told, "{count}");
        assert_eq!(figures.all(&name).len(), 7, "every rule is told");
        assert!(!told.is_empty(), "{count}");
    }
    assert_eq!(figures.one("image_worker_deaths_total", ""), 2.0);
    assert_eq!(figures.one("image_worker_restarts_total", ""), 1.0);
}

async fn jobs_are_those_that_are_listed(mut stage: Stage) {
    let (jobs, health) = (stage.json("jobs").await, stage.json("health").await);
    let figures = Figures::read(&stage.page().await);
    let listed = sums(&jobs["jobs"], |job| {
        (format!("state={} type={}", text(&job["state"]), text(&job["job_type"])), 1.0)
    });
    assert_eq!(without_nothing(figures.all("jobs")), listed);
    assert_eq!(figures.all("jobs").len(), 3 * 4, "every type and state is told");
    let sum = |name: &str| figures.all(name).values().sum::<f64>();
    let jobs = &health["jobs"];
    assert_eq!(sum("jobs_accepted_total"), number(&jobs["accepted"]));
    assert_eq!(sum("jobs_lost_total"), 1.0);
    let ended = |state: &str| {
        let all = figures.all("jobs_ended_total");
        all.iter().filter(|(labels, _)| labels.contains(state)).map(|(_, count)| count).sum::<f64>()
    };
    assert_eq!(ended("SUCCESS"), number(&jobs["succeeded"]));
    assert_eq!(ended("FAIL"), number(&jobs["failed"]));
    assert_eq!(figures.one("admission_jobs", ""), number(&jobs["running"]));
    assert_eq!(figures.one("jobs_lost_total", "type=imsUpdateImageMembersJob"), 1.0);
    // The job in INIT has room for its worker, which does not live yet.
    assert_eq!(
        (figures.one("image_workers", ""), figures.one("admission_workers", "")),
        (0.0, 1.0)
    );
    stage.pass(1_500).await;
    assert_eq!(Figures::read(&stage.page().await).one("image_workers", ""), 1.0);
    stage.pass(60_000).await;
    assert_eq!(Figures::read(&stage.page().await).one("image_workers", ""), 0.0);
}

async fn a_reset_lets_them_begin_again(mut stage: Stage) {
    stage.call("POST", "/__admin/reset", "", "").await;
    let figures = Figures::read(&stage.page().await);
    let nothing = BTreeMap::new();
    assert_eq!(figures.all("requests_total"), nothing);
    assert_eq!(figures.measured("request_duration_seconds"), nothing);
    for name in ["jobs", "jobs_accepted_total", "jobs_ended_total", "fault_fired_total"] {
        assert_eq!(without_nothing(figures.all(name)), nothing, "{name}");
    }
}

#[test]
fn calls_and_their_durations_are_counted() {
    after_play(1, calls_are_those_of_the_counters);
    after_play(2, calls_are_those_of_the_counters);
}

#[test]
fn every_rule_is_told_with_its_counts() {
    after_play(1, rules_are_those_of_the_faults);
    after_play(2, rules_are_those_of_the_faults);
}

#[test]
fn jobs_are_told_by_type_and_state() {
    after_play(1, jobs_are_those_that_are_listed);
    after_play(2, jobs_are_those_that_are_listed);
}

#[test]
fn after_a_reset_everything_is_counted_anew() {
    after_play(2, a_reset_lets_them_begin_again);
}

/// The page tells the same whenever the run is the same: it has no real time in it and no order by chance.
#[test]
fn the_page_is_the_same_in_every_run() {
    let page = || after_play(2, async move |mut stage: Stage| stage.page().await);
    let first = page();
    assert_eq!(page(), first);
    let figures = Figures::read(&first);
    assert_eq!(figures.one("clock_mode", "mode=stepped"), 1.0);
    assert_eq!(figures.one("start_time_seconds", ""), 1_735_787_045.678);
    assert_eq!(figures.one("build_info", concat!("version=", env!("CARGO_PKG_VERSION"))), 1.0);
}
