//! Jobs without HTTP: batches through the actors of several shards at once, each shard on a thread of its
//! own as in a server, or as many actors that do nothing.
//!
//! `benches/speed` runs it to know what a worker costs and how shards get on with each other. Works only
//! when asked to, since `cargo bench` and `cargo test --all-targets` start every benchmark:
//!
//! - `--jobs` or `--empty`: the batches, or empty actors
//! - `--threads N`: shards
//! - `--images N`: images of a batch, each with two projects
//! - `--batches N`: batches of each shard; or
//! - `--seconds N`: until so many seconds have passed
//!
//! It prints how many image workers, or empty actors, there were and in how many seconds.

#[path = "support/empty_actor.rs"]
mod empty_actor;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use actix::{Actor, Addr};
use actix_web::rt::System;
use actix_web::web::Bytes;
use empty_actor::Empty;
use imsim::actors::messages::SubmitBatch;
use imsim::actors::{Front, Shared};
use imsim::api::Operation;
use imsim::clock::WallTime;
use imsim::domain::caller::Credentials;
use imsim::domain::checks;
use imsim::http::ShardState;
use imsim::scenario::ScenarioFile;
use imsim::seed::Seed;
use imsim::simulator::{Options, in_real_time};
use serde_json::json;

/// Allocates as the program does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Images of the world: batches take them in turn.
const IMAGES: usize = 10_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let number = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)?.parse::<usize>().ok()
    };
    let empty = has("--empty");
    if !empty && !has("--jobs") {
        return;
    }
    let threads = number("--threads").unwrap_or(1);
    let images = number("--images").unwrap_or(2);
    let until = match (number("--batches"), number("--seconds")) {
        (Some(batches), _) => Until::Batches(batches),
        (None, seconds) => Until::Passed(Duration::from_secs(seconds.unwrap_or(1) as u64)),
    };
    let work = if empty { empty_actors } else { jobs };
    let (workers, taken) = work(threads, images, until);
    println!("{workers} in {:.6} s", taken.as_secs_f64());
}

/// When a thread has done enough.
#[derive(Clone, Copy)]
enum Until {
    Batches(usize),
    Passed(Duration),
}

impl Until {
    fn is_over(self, batches: usize, passed: Duration) -> bool {
        match self {
            Self::Batches(all) => batches >= all,
            Self::Passed(all) => passed >= all,
        }
    }
}

/// Does `work` on so many threads at once, each on a system of its own, and adds up what they did.
fn on_threads<F: Future<Output = (usize, Duration)>>(
    threads: usize,
    work: impl Fn(usize, Arc<Barrier>) -> F + Sync,
) -> (usize, Duration) {
    let barrier = Arc::new(Barrier::new(threads));
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads)
            .map(|thread| {
                let (barrier, work) = (Arc::clone(&barrier), &work);
                scope.spawn(move || System::new().block_on(work(thread, barrier)))
            })
            .collect();
        let done = all.into_iter().map(|thread| thread.join().expect("a thread that ends well"));
        done.fold((0, Duration::ZERO), |(count, longest), (more, taken)| {
            (count + more, longest.max(taken))
        })
    })
}

fn jobs(threads: usize, images: usize, until: Until) -> (usize, Duration) {
    let (shared, bodies) = world(threads, images);
    let done = on_threads(threads, |thread, barrier| {
        let (shared, bodies) = (Arc::clone(&shared), &bodies);
        async move {
            let front =
                ShardState::start(Arc::clone(&shared), u8::try_from(thread).expect("few shards"))
                    .front;
            barrier.wait();
            let (wall, mut batches) = (WallTime::default(), 0);
            let start = wall.now();
            while !until.is_over(batches, wall.elapsed(start)) {
                // Each thread begins at another place, so that two rarely work on one image.
                let place = bodies.len() * thread / threads + batches;
                batch(&shared, &front, thread, &bodies[place % bodies.len()]).await;
                batches += 1;
            }
            // The last ones end.
            while shared.admission.running_jobs() > 0 {
                tokio::task::yield_now().await;
            }
            (batches * images, wall.elapsed(start))
        }
    });
    let counts = shared.admission.counts();
    assert_eq!(counts.accepted, counts.succeeded, "every job ends in SUCCESS");
    done
}

/// A world without latency, with ten rules that match nothing, and the bodies of the batches. The members
/// are gone after the first round of bodies, and later jobs find that out.
fn world(threads: usize, images: usize) -> (Arc<Shared>, Vec<Bytes>) {
    let none = json!({ "fixed": "0ms" });
    let points = ["request", "response", "job", "image", "pair"];
    let rules: Vec<_> = (0..10)
        .map(|number| {
            let (name, image) = (format!("rule-{number}"), format!("other-{number}"));
            json!({ "id": name, "at": points[number % 5], "match": { "image": image },
                    "effect": { "delay": none } })
        })
        .collect();
    let members = json!({ "member-0": "accepted", "member-1": "accepted" });
    let file = json!({
        "format": 1,
        "world": {
            "settings": { "delete_unknown_member": "ignore" },
            "projects": { "owner": {}, "member": { "count": 2 } },
            "images": {
                "image": { "owner": "owner", "count": IMAGES, "members": members },
                "other": { "owner": "owner", "count": 10 },
            },
        },
        "timing": { "init": none, "image": none, "pair": none },
        "faults": rules,
    });
    let file = ScenarioFile::parse(std::path::Path::new("benchmark"), file.to_string());
    let file = file.unwrap_or_else(|problem| panic!("{problem}"));
    let (shared, names) = in_real_time(&file, &Options::new(Seed::DEFAULT, threads))
        .expect("a world that makes sense");
    let all: Vec<_> = shared.world.images().iter().map(|image| image.id).take(IMAGES).collect();
    let members = ["member-0", "member-1"].map(|name| names.project_id(name));
    let body = |ids: &[_]| json!({ "images": ids, "projects": members }).to_string().into();
    let bodies = all.chunks_exact(images).map(body).collect();
    (shared, bodies)
}

async fn batch(shared: &Shared, front: &Addr<Front>, shard: usize, body: &Bytes) {
    let operation = Operation::DeleteMembers;
    let batch = checks::read_batch(operation, body, 100);
    let key = batch.as_ref().map_or(0, checks::ReadBatch::canonical_hash);
    let batch = SubmitBatch {
        operation,
        credentials: Credentials::Token("owner".into()),
        batch,
        body: key,
        generation: shared.generation(),
        busy: shared.clock.busy(u8::try_from(shard).expect("few shards")),
    };
    let submission = front.send(batch).await.expect("the front lives");
    submission.job.expect("the batch is a good one");
    // Lets the job's actors have their turns before the next batch.
    tokio::task::yield_now().await;
}

fn empty_actors(threads: usize, images: usize, until: Until) -> (usize, Duration) {
    on_threads(threads, |_, barrier| async move {
        barrier.wait();
        let (wall, mut batches) = (WallTime::default(), 0);
        let start = wall.now();
        while !until.is_over(batches, wall.elapsed(start)) {
            let stopped = Rc::new(Cell::new(0));
            for _ in 0..images {
                Empty { stopped: Rc::clone(&stopped) }.start();
            }
            while stopped.get() < images {
                tokio::task::yield_now().await;
            }
            batches += 1;
        }
        (batches * images, wall.elapsed(start))
    })
}
