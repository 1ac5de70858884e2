//! Overlapping batches on several threads lose nothing and invent nothing.

use std::collections::BTreeMap;
use std::path::Path;

use imsim::seed::hash_of;
use serde_json::{Value, json};

use crate::server::Server;
use crate::world::{BATCH, IMAGES, PROJECTS, image, project, sharing, world};

const CLIENTS: usize = 8;
const BATCHES: usize = 1_000;

/// A number below `bound` that belongs to a batch and a purpose.
fn pick(batch: usize, purpose: u64, bound: usize) -> usize {
    let bits = hash_of(&(batch as u64, purpose));
    usize::try_from(bits % bound as u128).expect("below the bound")
}

/// Submits one batch and polls it to its end.
fn submit(server: &Server, batch: usize) -> Value {
    let images = [pick(batch, 1, IMAGES), pick(batch, 2, IMAGES)];
    let projects = [pick(batch, 3, PROJECTS), pick(batch, 4, PROJECTS)];
    let job = match batch % 3 {
        0 => server.batch("DELETE", &images, &projects),
        1 => server.batch("POST", &images, &projects),
        _ => {
            let own = projects[0];
            let images: Vec<String> = images.iter().copied().map(image).collect();
            let status = ["accepted", "rejected"][pick(batch, 5, 2)];
            let body = json!({ "images": images, "project_id": project(own), "status": status });
            let token = format!("project-{own}");
            let job = server.call("PUT", BATCH, &token, &body.to_string()).job();
            return server.ended_job_of(&job, &project(own), &token);
        }
    };
    server.ended_job(&job.job())
}

#[test]
fn a_thousand_overlapping_batches_over_sockets_change_exactly_what_they_report() {
    let trace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live-contention.jsonl");
    let trace_argument = trace.to_str().expect("the path is text");
    let arguments = ["--shards", "4", "--trace", trace_argument];
    let server = Server::start("contention", &world("0s", "0s"), &arguments);
    let run = |client: usize| {
        let mine = (0..BATCHES).filter(|batch| batch % CLIENTS == client);
        mine.map(|batch| submit(&server, batch)).collect::<Vec<Value>>()
    };
    let jobs: Vec<Value> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|client| scope.spawn(move || run(client))).collect();
        clients.into_iter().flat_map(|client| client.join().expect("the client ran")).collect()
    });
    let members: Vec<Vec<String>> = (0..IMAGES).map(|number| server.members(number)).collect();
    let ended = server.stop();
    assert_eq!(ended.counts(), (BATCHES as u64, BATCHES as u64));
    assert!(ended.stdout.contains("; 0 older entries had made room"), "the whole journal is there");
    let lines = settled_pairs(&trace);
    changes_lead_to_the_members(&lines, &members);
    jobs_report_what_was_settled(&lines, &jobs);
}

/// The `pair_settled` lines of the trace.
fn settled_pairs(trace: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(trace).expect("the trace was written");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.filter(|line| line["event"] == "pair_settled").collect()
}

/// At first everything was shared; what was added and removed since leads to what is there now.
fn changes_lead_to_the_members(lines: &[Value], members: &[Vec<String>]) {
    let mut balance: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    for line in lines {
        let number = |key: &str| {
            let name = line[key].as_str().and_then(|name| name.rsplit('-').next());
            name.and_then(|number| number.parse().ok()).expect("a numbered name")
        };
        let change = match line["done"].as_str() {
            Some("added") => 1,
            Some("removed") => -1,
            _ => 0,
        };
        *balance.entry((number("image"), number("project"))).or_default() += change;
    }
    for (image, members) in members.iter().enumerate() {
        for recipient in 0..PROJECTS {
            let there = members.iter().filter(|id| **id == project(recipient)).count();
            let balance = balance.get(&(image, recipient)).copied().unwrap_or_default();
            assert_eq!(1 + balance, there as i64, "image {image}, project {recipient}");
        }
    }
}

/// The jobs' results, taken together, are the settled pairs: as many successes and failures of each pair.
fn jobs_report_what_was_settled(lines: &[Value], jobs: &[Value]) {
    type Counts = BTreeMap<(String, String, bool), usize>;
    let number_of = |name: &str| name.rsplit('-').next().and_then(|n| n.parse::<usize>().ok());
    let mut settled = Counts::new();
    for line in lines {
        let number = |key: &str| line[key].as_str().and_then(number_of).expect("a numbered name");
        let success = line["reported"] == "success";
        let key = (image(number("image")), project(number("project")), success);
        *settled.entry(key).or_default() += 1;
    }
    let mut reported = Counts::new();
    for result in jobs.iter().flat_map(|job| job["entities"]["results"].as_array().expect("a list"))
    {
        let text = |key: &str| result[key].as_str().expect("text").to_owned();
        let key = (text("image_id"), text("project_id"), result["status"] == "success");
        *reported.entry(key).or_default() += 1;
    }
    assert_eq!(settled, reported);
}

#[test]
fn of_racing_revocations_exactly_one_succeeds_for_each_pair() {
    let server = Server::start("race", &world("0s", "0s"), &["--shards", "4"]);
    let body = sharing(&[0, 1], &[0, 1, 2]);
    let jobs: Vec<Value> = std::thread::scope(|scope| {
        let race = |_| {
            scope.spawn(|| server.ended_job(&server.call("DELETE", BATCH, "owner", &body).job()))
        };
        let racers: Vec<_> = (0..CLIENTS).map(race).collect();
        racers.into_iter().map(|racer| racer.join().expect("the racer ran")).collect()
    });
    let mut successes = BTreeMap::new();
    for result in jobs.iter().flat_map(|job| job["entities"]["results"].as_array().expect("a list"))
    {
        let pair = (result["image_id"].to_string(), result["project_id"].to_string());
        *successes.entry(pair).or_insert(0) += usize::from(result["status"] == "success");
    }
    assert_eq!(successes.len(), 6);
    assert!(successes.values().all(|count| *count == 1), "{successes:?}");
    assert_eq!(server.members(0).len(), PROJECTS - 3);
    server.stop();
}
