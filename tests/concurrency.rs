//! A thousand overlapping batches on the same images lose nothing and invent nothing.

#[path = "concurrency/model.rs"]
mod model;
#[path = "support/run.rs"]
mod support;

use std::collections::BTreeMap;

use imsim::seed::{Seed, What};
use model::{Model, Request};
use serde_json::{Value, json};
use support::{Run, run};

const BATCHES: usize = 1_000;
const IN_PARALLEL: usize = 50;
const IMAGES: usize = 6;
const PROJECTS: usize = 6;
const MEMBERS: usize = 4;

/// A number below `bound` for the `nth` choice of a batch.
fn choose(batch: usize, nth: u64, bound: usize) -> usize {
    let bits = Seed::new(11).draw(What::PairTime, &(batch as u64, nth)).bits();
    usize::try_from(bits % bound as u128).expect("below the bound")
}

/// One to three names, the same ones now and then twice.
fn some(batch: usize, nth: u64, name: &str, count: usize) -> Vec<String> {
    let length = 1 + choose(batch, nth, 3);
    (nth + 1..).take(length).map(|n| format!("{name}-{}", choose(batch, n, count))).collect()
}

fn batch(number: usize) -> Value {
    let images = some(number, 0, "im", IMAGES);
    let projects = some(number, 10, "pr", PROJECTS);
    let save = format!("job {number}");
    let body = json!({"token": "owner", "images": images, "projects": projects, "save": save});
    match choose(number, 20, 3) {
        0 => json!({"add_members": body}),
        1 => json!({"delete_members": body}),
        _ => {
            let status = ["accepted", "rejected"][choose(number, 21, 2)];
            json!({"update_members": {
                "token": projects[0], "images": images, "status": status, "save": save,
            }})
        }
    }
}

fn image_id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn project_id(number: usize) -> String {
    format!("{number:032}")
}

/// Groups of parallel batches, each group while the jobs of those before it are still at work.
fn scenario() -> Value {
    let mut steps = Vec::new();
    let mut looks = Vec::new();
    let batches: Vec<usize> = (0..BATCHES).collect();
    for group in batches.chunks(IN_PARALLEL) {
        let parallel: Vec<Value> = group.iter().map(|number| batch(*number)).collect();
        for (number, step) in group.iter().zip(&parallel) {
            let body = step.as_object().and_then(|step| step.values().next()).expect("a body");
            let query = json!({"token": body["token"], "job": format!("job {number}")});
            looks.push(json!({"show_job": query}));
        }
        steps.push(json!({"parallel": parallel}));
        steps.push(json!({"wait": {"for": "7ms"}}));
    }
    steps.push(json!({"wait": {"for": "10s"}}));
    steps.extend(looks);
    // A trace is ordered by subject within an instant, so each list has an instant of its own.
    for image in 0..IMAGES {
        steps.push(json!({"list_members": {"token": "owner", "image": format!("im-{image}")}}));
        steps.push(json!({"wait": {"for": "1ms"}}));
    }
    let projects = (0..PROJECTS).map(|n| (format!("pr-{n}"), json!({"id": project_id(n)})));
    let projects: serde_json::Map<String, Value> =
        projects.chain([("owner".to_owned(), json!({}))]).collect();
    let image = |n| json!({"id": image_id(n), "owner": "owner", "members": {"pr-0": "pending"}});
    let images: serde_json::Map<String, Value> =
        (0..IMAGES).map(|n| (format!("im-{n}"), image(n))).collect();
    let law = |to: &str| json!({"uniform": {"from": "1ms", "to": to}});
    json!({
        "format": 1,
        "world": {
            "settings": {"delete_results": "all", "image_members": MEMBERS},
            "projects": projects,
            "images": images,
        },
        "timing": {"init": law("9ms"), "image": law("9ms"), "pair": law("9ms")},
        "steps": steps,
    })
}

/// The batches by the keys of their jobs, as they were sent.
fn requests(run: &Run) -> BTreeMap<&str, Request> {
    let accepted = run.events("call").filter(|call| call["method"] != "GET");
    accepted
        .map(|call| {
            let key = call["answer"]["job_id"].as_str().expect("every batch becomes a job");
            (key, Request::of(&call["operation"], &call["body"]["status"]))
        })
        .collect()
}

/// The job and the places of image and project that a pair's line is about.
fn subject(line: &Value) -> (&str, (usize, usize)) {
    let mut parts = line["subject"].as_str().expect("a subject").split('/');
    let job = parts.next().expect("a job");
    let mut place = || parts.next().and_then(|it| it.parse().ok()).expect("a place");
    (job, (place(), place()))
}

/// The pairs of a job by their places in the request: image, project, and what is reported.
type Pairs<'a> = BTreeMap<(usize, usize), [&'a str; 3]>;

#[test]
fn a_thousand_overlapping_batches_lose_and_invent_nothing() {
    let run = run(&scenario(), 1, 3);
    let requests = requests(&run);
    assert_eq!(requests.len(), BATCHES);
    let most = overlap(&run);
    assert!(most > 2 * IN_PARALLEL, "at most {most} jobs ran at once");

    let mut model = Model::new(MEMBERS);
    (0..IMAGES).for_each(|image| model.share(&format!("im-{image}"), "pr-0"));
    let mut reported: BTreeMap<&str, Pairs> = BTreeMap::new();
    for line in run.events("pair_settled") {
        let (job, place) = subject(line);
        let text = |key: &str| line[key].as_str().expect("a text");
        let expected = model.settle(requests[job], text("image"), text("project"));
        assert_eq!((text("reported"), text("done")), expected, "{line}");
        let pair = [text("image"), text("project"), text("reported")];
        let before = reported.entry(job).or_default().insert(place, pair);
        assert_eq!(before, None, "a pair is settled once: {line}");
    }
    assert_eq!(reported.len(), BATCHES);
    check_jobs(&run, &reported);
    check_members(&run, &model);
    // The same happens on one shard, so that all this holds there too.
    assert_eq!(run.replayed.digest, support::run(&scenario(), 1, 1).replayed.digest);
}

/// The number behind a name.
fn last_number(name: &str) -> usize {
    name.rsplit_once('-').and_then(|(_, number)| number.parse().ok()).expect("a numbered name")
}

/// The most jobs that ran at once.
fn overlap(run: &Run) -> usize {
    let mut running = 0_usize;
    let counts = run.lines.iter().map(|line| {
        match line["event"].as_str() {
            Some("job_started") => running += 1,
            Some("job_ended") => running -= 1,
            _ => {}
        }
        running
    });
    counts.max().unwrap_or_default()
}

/// Every job reports its pairs as they were settled, all of them and in request order.
fn check_jobs(run: &Run, reported: &BTreeMap<&str, Pairs>) {
    let queries: Vec<&Value> =
        run.events("call").filter(|call| call["operation"] == "show_job").collect();
    assert_eq!(queries.len(), BATCHES);
    for query in queries {
        let job = &query["answer"];
        let pairs = &reported[job["job_id"].as_str().expect("a job")];
        let shown = |[image, project, word]: &[&str; 3]| {
            json!({
                "image_id": image_id(last_number(image)),
                "project_id": project_id(last_number(project)),
                "status": if *word == "success" { "success" } else { "failed" },
            })
        };
        let expected: Vec<Value> = pairs.values().map(shown).collect();
        assert_eq!(job["entities"]["results"], Value::Array(expected));
        let first_failure = pairs.values().map(|pair| pair[2]).find(|word| *word != "success");
        assert_eq!(job["error_code"].as_str(), first_failure, "{job}");
        assert_eq!(job["status"], if first_failure.is_some() { "FAIL" } else { "SUCCESS" });
    }
}

/// The memberships at the end are those that the pairs add up to, in the order of sharing.
fn check_members(run: &Run, model: &Model) {
    let lists: Vec<&Value> =
        run.events("call").filter(|call| call["operation"] == "list_members").collect();
    assert_eq!(lists.len(), IMAGES);
    let mut changed = 0;
    for (image, list) in lists.into_iter().enumerate() {
        let members = list["answer"]["members"].as_array().expect("members");
        let found = members.iter().map(|it| (it["member_id"].clone(), it["status"].clone()));
        let found: Vec<(Value, Value)> = found.collect();
        let expected = model.members(&format!("im-{image}")).iter().map(|(project, status)| {
            (Value::from(project_id(last_number(project))), Value::from(*status))
        });
        assert_eq!(found, expected.collect::<Vec<_>>(), "im-{image}");
        changed += usize::from(found.len() > 1);
    }
    assert!(changed > 0, "a run that changes nothing shows nothing");
}
