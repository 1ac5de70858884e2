//! The same scenario and seed give the same run, to the byte, on any number of shards; and chance is
//! keyed, so that what is added to a scenario moves nothing that was there.

#[path = "determinism/random.rs"]
mod random;
#[path = "support/run.rs"]
mod support;

use proptest::prelude::*;
use serde_json::{Value, json};
use support::{Run, run};

/// Everything happens at once: all latencies are equal, so every job of a parallel step meets the others
/// at the same instants, and the rules count deaths among them.
fn contended(timing: &Value) -> Value {
    let delete = |images: &[&str], projects: &[&str]| json!({"delete_members": {"token": "owner", "images": images, "projects": projects}});
    let add = |images: &[&str], projects: &[&str]| json!({"add_members": {"token": "owner", "images": images, "projects": projects}});
    let update = |token: &str, status: &str| json!({"update_members": {"token": token, "images": ["im-*"], "status": status}});
    json!({
        "format": 1,
        "world": {
            "settings": {"image_members": 3},
            "projects": {"owner": {}, "pr": {"count": 4}},
            "images": {"im": {"count": 6, "owner": "owner", "members": {"pr-0": "pending", "pr-1": "accepted"}}},
        },
        "timing": timing,
        "supervision": {"max_restarts": 1},
        "faults": [
            {"id": "one", "at": "image", "when": {"first": 1}, "effect": {"crash": {"after_pairs": 1}}},
            {"id": "three", "at": "image", "when": {"first": 3}, "effect": {"crash": {}}},
        ],
        "steps": [
            {"parallel": [delete(&["im-0"], &["pr-0"]), delete(&["im-0"], &["pr-0"])]},
            {"parallel": [
                delete(&["im-1", "im-2"], &["pr-0", "pr-1"]),
                delete(&["im-2", "im-1"], &["pr-1", "pr-0"]),
                add(&["im-*"], &["pr-*"]),
                add(&["im-2", "im-3", "im-1"], &["pr-3", "pr-2"]),
                update("pr-0", "rejected"),
                update("pr-0", "accepted"),
            ]},
            {"wait": {"for": "10s"}},
            {"parallel": [delete(&["im-*"], &["pr-*"]), add(&["im-*"], &["pr-2"])]},
            {"wait": {"for": "10s"}},
            {"list_members": {"token": "owner", "image": "im-1"}},
        ],
    })
}

fn equal_latencies() -> Value {
    let law = json!({"fixed": "10ms"});
    json!({"init": law, "image": law, "pair": law})
}

fn drawn_latencies() -> Value {
    json!({
        "init": {"exponential": {"mean": "5ms", "max": "50ms"}},
        "image": {"lognormal": {"median": "20ms", "sigma": 1.0, "max": "500ms"}},
        "pair": {"uniform": {"from": "0ms", "to": "9ms"}},
    })
}

fn digest(scenario: &Value, seed: u64, shards: usize) -> String {
    run(scenario, seed, shards).replayed.digest.to_string()
}

#[test]
fn contention_within_an_instant_ends_alike_on_any_number_of_shards() {
    let no_latency =
        json!({"init": {"fixed": "0ms"}, "image": {"fixed": "0ms"}, "pair": {"fixed": "0ms"}});
    for timing in [equal_latencies(), no_latency, drawn_latencies()] {
        let scenario = contended(&timing);
        for seed in [1, 2, 3] {
            let first = digest(&scenario, seed, 1);
            for shards in [1, 2, 8] {
                assert_eq!(digest(&scenario, seed, shards), first, "{timing}, {seed}, {shards}");
            }
        }
    }
}

#[test]
fn the_contended_scenario_contends() {
    let run = run(&contended(&equal_latencies()), 1, 2);
    let pairs = run.events("pair_settled");
    let mut places: Vec<String> =
        pairs.map(|it| format!("{} {} {}", it["at"], it["image"], it["project"])).collect();
    places.sort();
    let met = places.windows(2).filter(|two| two[0] == two[1]).count();
    assert!(met > 0, "two jobs settle one pair at one instant");
    let fired = |rule: &str| run.events("fault_fired").filter(|line| line["rule"] == rule).count();
    assert_eq!((fired("one"), fired("three")), (1, 3));
    assert_eq!(run.events("worker_died").count(), 4);
}

#[test]
fn who_comes_first_within_an_instant_does_not_depend_on_who_was_sent_first() {
    let forth = contended(&equal_latencies());
    let mut back = forth.clone();
    for step in back["steps"].as_array_mut().expect("steps") {
        if let Some(parallel) = step.get_mut("parallel").and_then(Value::as_array_mut) {
            parallel.reverse();
        }
    }
    let work = |run: Run| {
        let lines = run.lines.into_iter().filter(|line| line["event"] != "call");
        lines.collect::<Vec<_>>()
    };
    assert_eq!(work(run(&back, 1, 2)), work(run(&forth, 1, 2)));
}

#[test]
fn every_pair_of_every_job_has_a_latency_of_its_own() {
    let batch =
        json!({"delete_members": {"token": "owner", "images": ["im-*"], "projects": ["pr"]}});
    let scenario = json!({
        "format": 1,
        "world": {
            "projects": {"owner": {}, "pr": {}},
            "images": {"im": {"count": 50, "owner": "owner"}},
        },
        "timing": {
            "init": {"fixed": "0ms"},
            "image": {"fixed": "0ms"},
            "pair": {"uniform": {"from": "0ms", "to": "24h"}},
        },
        "steps": [{"parallel": [batch, batch]}],
    });
    let run = run(&scenario, 1, 1);
    let mut times: Vec<u64> =
        run.events("pair_settled").filter_map(|it| it["at"].as_u64()).collect();
    times.dedup();
    assert_eq!(times.len(), 100, "the same batch sent twice is two jobs, each with its own draws");
}

#[test]
fn another_seed_gives_another_run() {
    let scenario = contended(&drawn_latencies());
    let (one, two) = (run(&scenario, 1, 1), run(&scenario, 2, 1));
    assert_ne!(one.replayed.digest, two.replayed.digest);
    // The digest covers the seed itself, which would be enough to tell them apart. The times differ too.
    let times =
        |run: &Run| run.events("pair_settled").map(|it| it["at"].clone()).collect::<Vec<_>>();
    assert_ne!(times(&one), times(&two));
}

/// Two jobs on three images.
fn plain() -> Value {
    json!({
        "format": 1,
        "world": {
            "projects": {"owner": {}, "lab": {}, "shop": {}},
            "images": {
                "red": {"owner": "owner", "members": {"lab": "pending"}},
                "green": {"owner": "owner", "members": {"lab": "pending"}},
                "blue": {"owner": "owner", "members": {"lab": "pending"}},
            },
        },
        "timing": drawn_latencies(),
        "steps": [
            {"wait": {"for": "1s"}},
            {"delete_members": {"token": "owner", "images": ["red", "green"], "projects": ["lab", "shop"]}},
            {"add_members": {"token": "owner", "images": ["blue", "red"], "projects": ["shop"]}},
        ],
    })
}

/// When each thing happened to the jobs with these keys. What became of a pair is left out: another job
/// may well change that.
fn times_of(jobs: &[String], run: &Run) -> Vec<(Value, Value, Value)> {
    let of_interest = run.lines.iter().filter(|line| {
        let subject = line["subject"].as_str().expect("a subject");
        let event = line["event"].as_str().expect("an event");
        matches!(event, "job_started" | "pair_settled" | "job_ended")
            && jobs.iter().any(|job| subject.starts_with(job.as_str()))
    });
    of_interest.map(|it| (it["at"].clone(), it["event"].clone(), it["subject"].clone())).collect()
}

#[test]
fn what_is_added_to_a_scenario_moves_nothing_that_was_there() {
    let base = run(&plain(), 5, 1);
    let keys = base.events("job_accepted").map(|line| line["subject"].as_str().expect("a key"));
    let jobs: Vec<String> = keys.map(str::to_owned).collect();
    let expected = times_of(&jobs, &base);
    assert_eq!((jobs.len(), expected.len()), (2, 2 * 2 + 4 + 2));
    let check = |what: &str, change: &dyn Fn(&mut Value)| {
        let mut scenario = plain();
        change(&mut scenario);
        for shards in [1, 4] {
            assert_eq!(times_of(&jobs, &run(&scenario, 5, shards)), expected, "{what}, {shards}");
        }
    };
    check("an image", &|it| it["world"]["images"]["amber"] = json!({"owner": "owner"}));
    check("projects", &|it| it["world"]["projects"]["club"] = json!({"count": 3}));
    check("a rule that fires", &|it| {
        it["world"]["images"]["amber"] = json!({"owner": "owner"});
        it["faults"] = json!([
            {"at": "image", "match": {"image": "amber"}, "effect": {"crash": {}}},
        ]);
        insert(
            it,
            1,
            &json!({"delete_members": {"token": "owner", "images": ["amber"], "projects": ["lab"]}}),
        );
    });
    check("a step before", &|it| {
        insert(
            it,
            1,
            &json!({"add_members": {"token": "owner", "images": ["green"], "projects": ["shop"]}}),
        );
    });
    check("a query in between", &|it| {
        insert(it, 2, &json!({"list_members": {"token": "owner", "image": "red"}}));
    });
}

fn insert(scenario: &mut Value, place: usize, step: &Value) {
    scenario["steps"].as_array_mut().expect("steps").insert(place, step.clone());
}

#[test]
fn a_batch_takes_as_long_as_its_longest_worker() {
    let scenario = json!({
        "format": 1,
        "world": {
            "projects": {"owner": {}, "pr": {"count": 100}},
            "images": {"im": {"count": 100, "owner": "owner", "members": {"pr-*": "accepted"}}},
        },
        "timing": {"init": {"fixed": "0ms"}, "image": {"fixed": "0ms"}, "pair": {"fixed": "10ms"}},
        "steps": [{"delete_members": {"token": "owner", "images": ["im-*"], "projects": ["pr-*"]}}],
    });
    let run = run(&scenario, 1, 2);
    let one = |event: &str| run.events(event).map(|line| &line["at"]).collect::<Vec<_>>();
    assert_eq!((one("job_accepted"), one("job_started")), (vec![&json!(0)], vec![&json!(0)]));
    assert_eq!(one("job_ended"), [1_000]);
    let settled: Vec<&Value> = run.events("pair_settled").collect();
    assert_eq!(settled.len(), 10_000);
    // At each instant every worker settles one pair: a hundred of them side by side.
    for (instant, pairs) in (1..).zip(settled.chunks(100)) {
        let mut images: Vec<&str> =
            pairs.iter().filter_map(|pair| pair["image"].as_str()).collect();
        images.sort_unstable();
        images.dedup();
        assert_eq!(images.len(), 100);
        assert!(pairs.iter().all(|pair| pair["at"] == instant * 10));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_scenario_gives_one_digest(scenario in random::scenario(), seed: u64) {
        let first = digest(&scenario, seed, 1);
        prop_assert_eq!(&digest(&scenario, seed, 1), &first);
        prop_assert_eq!(&digest(&scenario, seed, 4), &first);
    }
}
