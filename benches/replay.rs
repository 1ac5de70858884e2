//! How long scenarios take to replay: five simulated minutes of a polled job, and what one event costs beside
//! a bare timer of a paused tokio runtime.
//!
//! `cargo bench --bench replay` takes about a minute; `cargo bench --bench replay -- --ratio` takes a few
//! seconds, prints what part of the rate of bare timers the events of a replay have, and fails if it is too
//! small. The figures are good for comparison within one run;
//! under them stand how much faster than real time the five minutes went, and how many events they had.

use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use imsim::clock::WallTime;
use imsim::replay::{ReplayOptions, Replayed, replay_file};
use imsim::scenario::ScenarioFile;
use serde_json::{Value, json};

/// That of the program, on both sides of the comparison.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    if std::env::args().any(|argument| argument == "--ratio") {
        return ratio();
    }
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(5))
        .configure_from_args();
    five_minutes(&mut criterion);
    events(&mut criterion);
    criterion.final_summary();
}

fn scenario(text: &Value) -> ScenarioFile {
    ScenarioFile::parse(Path::new("bench"), text.to_string()).expect("it is a scenario")
}

fn replay(file: &ScenarioFile) -> Replayed {
    let replayed = replay_file(file, ReplayOptions { seed: None, shards: 1 }, None);
    let replayed = replayed.expect("it can be run");
    assert!(replayed.held(), "{:?}", replayed.failures);
    replayed
}

/// Twenty images are shared with five projects, which takes five minutes, and polled every second.
fn five_minutes(criterion: &mut Criterion) {
    let file = scenario(&json!({
        "format": 1,
        "world": {
            "projects": { "studio": {}, "shop": { "count": 5 } },
            "images": { "web": { "owner": "studio", "count": 20 } },
        },
        "timing": { "init": { "fixed": "5s" }, "pair": { "fixed": "59s" } },
        "steps": [
            { "add_members": {
                "token": "studio", "images": ["web-*"], "projects": ["shop-*"], "save": "share",
            } },
            { "wait_job": { "token": "studio", "job": "share", "every": "1s", "deadline": "10m" } },
        ],
    }));
    criterion.bench_function("five minutes of a polled job", |bencher| {
        bencher.iter(|| replay(&file));
    });
    let replayed = replay(&file);
    let simulated = replayed.simulated.as_millis() as f64 / 1_000.0;
    println!(
        "{simulated} s in {:.1} ms: {:.0} times as fast as real time, {} events, {} lines of trace",
        replayed.real.as_secs_f64() * 1_000.0,
        simulated / replayed.real.as_secs_f64(),
        replayed.events,
        replayed.lines,
    );
}

/// Two thousand jobs of ten images, whose pairs end at times of their own.
fn many_events() -> ScenarioFile {
    scenario(&json!({
        "format": 1,
        "world": {
            "projects": { "studio": {}, "shop": { "count": 5 } },
            "images": { "web": { "owner": "studio", "count": 10 } },
        },
        "timing": {
            "init": { "uniform": { "from": "1s", "to": "9s" } },
            "pair": { "uniform": { "from": "1s", "to": "9s" } },
        },
        "steps": [ { "repeat": { "times": 2_000, "steps": [ { "add_members": {
            "token": "studio", "images": ["web-*"], "projects": ["shop-*"],
        } } ] } } ],
    }))
}

/// The least part of the rate of bare timers at which events are to be replayed.
const LEAST: f64 = 0.4;

/// Measures both in turn, and fails if the ratio of the medians is below [`LEAST`].
fn ratio() {
    let file = many_events();
    let events = replay(&file).events;
    let (mut replays, mut timers) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        replays.push(seconds(|| drop(replay(&file))));
        timers.push(seconds(|| bare_timers(events)));
    }
    let (replays, timers) = (median(replays), median(timers));
    let rate = |seconds: f64| events as f64 / seconds / 1_000.0;
    let ratio = timers / replays;
    println!(
        "replay events: {ratio:.3} of bare timers (at least {LEAST}); {:.0} and {:.0} thousand a second",
        rate(replays),
        rate(timers),
    );
    if ratio < LEAST {
        std::process::exit(1);
    }
}

/// How often both are measured.
const ROUNDS: usize = 9;

fn seconds(run: impl FnOnce()) -> f64 {
    let wall = WallTime::default();
    let start = wall.now();
    run();
    wall.elapsed(start).as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The same events beside as many timers.
fn events(criterion: &mut Criterion) {
    let file = many_events();
    let events = replay(&file).events;
    let mut group = criterion.benchmark_group("events");
    group.sample_size(10);
    group.throughput(Throughput::Elements(events));
    group.bench_function("of a replay", |bencher| bencher.iter(|| replay(&file)));
    group.bench_function("bare timers of a paused runtime", |bencher| {
        bencher.iter(|| bare_timers(events));
    });
    group.finish();
}

/// Lets so many tasks sleep once each, at times that are spread like those of the jobs.
#[expect(clippy::disallowed_methods, reason = "they are what the clock is measured against")]
fn bare_timers(timers: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without sockets needs nothing that could be missing");
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async move {
        let sleepers = (0..timers).map(|number| {
            let span = Duration::from_millis(1_000 + number.wrapping_mul(7_919) % 44_000);
            tokio::task::spawn_local(tokio::time::sleep(span))
        });
        for sleeper in sleepers.collect::<Vec<_>>() {
            sleeper.await.expect("a sleeper wakes");
        }
    });
}
