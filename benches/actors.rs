//! What the actors cost: one batch through all of them beside as many actors that do nothing, and a
//! whole scenario of 1,000 jobs replayed.
//!
//! `cargo bench --bench actors` takes about a minute. The figures are good for comparison within one run.

#[path = "support/empty_actor.rs"]
mod empty_actor;

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr};
use actix_web::rt::{System, SystemRunner};
use actix_web::web::Bytes;
use criterion::{BenchmarkId, Criterion};
use empty_actor::Empty;
use imsim::actors::messages::SubmitBatch;
use imsim::actors::{Front, Shared};
use imsim::api::Operation;
use imsim::clock::WallTime;
use imsim::domain::caller::Credentials;
use imsim::domain::checks;
use imsim::http::ShardState;
use imsim::replay::{ReplayOptions, replay_file};
use imsim::scenario::ScenarioFile;
use imsim::seed::Seed;
use imsim::simulator::{Options, in_real_time};
use serde_json::{Value, json};

/// Jobs of the replayed scenario.
const REPLAYED_JOBS: usize = 1_000;
/// Jobs of it that are submitted at the same instant.
const REPLAYED_AT_ONCE: usize = 100;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(2))
        .measurement_time(Duration::from_secs(5))
        .configure_from_args();
    batches(&mut criterion);
    replays(&mut criterion);
    criterion.final_summary();
}

/// A batch of N images needs one supervisor and N workers, so it stands beside 1 + N empty actors.
fn batches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("actors");
    for images in [2, 100] {
        let system = System::new();
        let bench = system.block_on(async move { Bench::start(images) });
        group.bench_function(BenchmarkId::new("batch of images x 2 projects", images), |bencher| {
            bencher.iter_custom(|times| bench.batches(&system, times));
        });
        let name = BenchmarkId::new("as many empty actors", images + 1);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| empty_actors(&system, images + 1, times));
        });
    }
    group.finish();
}

/// One shard of a simulation without latency and without sockets.
///
/// Its clock is the real one: a stepped clock queues even waits of no length, which a live server does
/// not, so it would measure the queue instead of the actors.
struct Bench {
    shared: Arc<Shared>,
    front: Addr<Front>,
    body: Bytes,
}

impl Bench {
    fn start(images: usize) -> Self {
        let none = json!({ "fixed": "0ms" });
        let file = json!({
            "format": 1,
            "world": {
                "projects": { "owner": {}, "member": { "count": 2 } },
                "images": { "image": { "owner": "owner", "count": images } },
            },
            "timing": { "init": none, "image": none, "pair": none },
        });
        let file = parse(file.to_string());
        let (shared, names) =
            in_real_time(&file, &Options::new(Seed::DEFAULT, 1)).expect("a world that makes sense");
        let images: Vec<_> = shared.world.images().iter().map(|image| image.id).collect();
        let members = ["member-0", "member-1"].map(|name| names.project_id(name));
        let body = json!({ "images": images, "projects": members }).to_string().into();
        let front = ShardState::start(Arc::clone(&shared), 0).front;
        Self { shared, front, body }
    }

    /// Sends batches one after the other, each when the one before has ended. They share and withdraw in
    /// turn, so that every pair of every batch truly changes a membership.
    fn batches(&self, system: &SystemRunner, times: u64) -> Duration {
        let wall = WallTime::default();
        let before = self.shared.admission.counts();
        let taken = system.block_on(async {
            let start = wall.now();
            for number in 0..times {
                // An odd number of batches leaves the images shared, and the next ones go on from there.
                let shared = !(before.accepted + number).is_multiple_of(2);
                self.batch(if shared { Operation::DeleteMembers } else { Operation::AddMembers })
                    .await;
            }
            wall.elapsed(start)
        });
        let after = self.shared.admission.counts();
        assert_eq!(after.succeeded - before.succeeded, times, "every job ends in SUCCESS");
        taken
    }

    async fn batch(&self, operation: Operation) {
        let credentials = Credentials::Token("owner".into());
        let batch = SubmitBatch {
            operation,
            credentials,
            batch: checks::read_batch(operation, &self.body, 100),
            body: 1,
            generation: self.shared.generation(),
            busy: self.shared.clock.busy(0),
        };
        let submission = self.front.send(batch).await.expect("the front lives");
        submission.job.expect("the batch is a good one");
        while self.shared.admission.running_jobs() > 0 {
            tokio::task::yield_now().await;
        }
    }
}

fn empty_actors(system: &SystemRunner, actors: usize, times: u64) -> Duration {
    let wall = WallTime::default();
    system.block_on(async {
        let start = wall.now();
        for _ in 0..times {
            let stopped = Rc::new(Cell::new(0));
            for _ in 0..actors {
                Empty { stopped: Rc::clone(&stopped) }.start();
            }
            while stopped.get() < actors {
                tokio::task::yield_now().await;
            }
        }
        wall.elapsed(start)
    })
}

/// A replay goes the whole way of a scenario but for reading the file: compiling the world, every request
/// through the HTTP service, the trace and its digest.
fn replays(criterion: &mut Criterion) {
    let file = parse(scenario_of_many_jobs());
    let mut group = criterion.benchmark_group("replay");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    group.bench_function(BenchmarkId::new("a scenario of jobs", REPLAYED_JOBS), |bencher| {
        bencher.iter(|| {
            let options = ReplayOptions { seed: None, shards: 1 };
            let replayed = replay_file(&file, options, None).expect("a scenario that can be run");
            assert!(replayed.held(), "{:?} {:?}", replayed.failures, replayed.violations);
        });
    });
    group.finish();
}

/// Every job withdraws two images from two projects. The jobs of a round start at the same instant, with
/// the default latencies, and are polled until all have ended in SUCCESS; then the next round starts.
fn scenario_of_many_jobs() -> String {
    let members = json!({ "member-0": "accepted", "member-1": "pending" });
    let image = json!({ "owner": "owner", "count": 2 * REPLAYED_JOBS, "members": members });
    let mut steps = Vec::new();
    for round in 0..REPLAYED_JOBS / REPLAYED_AT_ONCE {
        let jobs = round * REPLAYED_AT_ONCE..(round + 1) * REPLAYED_AT_ONCE;
        let deletes: Vec<Value> = jobs.clone().map(delete_step).collect();
        let waits: Vec<Value> = jobs.map(wait_step).collect();
        steps.extend([json!({ "parallel": deletes }), json!({ "parallel": waits })]);
    }
    let world = json!({
        "projects": { "owner": {}, "member": { "count": 2 } },
        "images": { "image": image },
    });
    json!({ "format": 1, "world": world, "steps": steps }).to_string()
}

fn delete_step(job: usize) -> Value {
    let images = [2 * job, 2 * job + 1].map(|image| format!("image-{image}"));
    json!({ "delete_members": {
        "token": "owner", "images": images, "projects": ["member-*"], "save": format!("job-{job}"),
    } })
}

fn wait_step(job: usize) -> Value {
    json!({ "wait_job": { "token": "owner", "job": format!("job-{job}") } })
}

fn parse(text: String) -> ScenarioFile {
    ScenarioFile::parse(Path::new("benchmark"), text).unwrap_or_else(|problem| panic!("{problem}"))
}
