//! Whatever the world, the plan and the steps: the same file and seed give the same run on any number of
//! shards, to the byte, and the same things hold or do not hold in it.
//!
//! `IMSIM_FULL=1` runs many more cases.

use std::path::Path;

use imsim::replay::{ReplayOptions, Replayed, replay_file};
use imsim::scenario::ScenarioFile;
use imsim::seed::Seed;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

fn cases(short: u32, full: u32) -> ProptestConfig {
    let cases = if std::env::var_os("IMSIM_FULL").is_some() { full } else { short };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// What was made of a run: its trace, and what did not hold.
fn run(scenario: &Value, seed: u64, shards: usize) -> (Vec<u8>, Replayed) {
    let file = ScenarioFile::parse(Path::new("random"), scenario.to_string());
    let file = file.unwrap_or_else(|problem| panic!("{problem}\n{scenario:#}"));
    let mut trace = Vec::new();
    let options = ReplayOptions { seed: Some(Seed::new(seed)), shards };
    let replayed = replay_file(&file, options, Some(&mut trace));
    (trace, replayed.unwrap_or_else(|error| panic!("{error:?}\n{scenario:#}")))
}

proptest! {
    #![proptest_config(cases(48, 2_000))]

    #[test]
    fn any_steps_give_one_trace(scenario in scenario(), seed: u64) {
        let (trace, first) = run(&scenario, seed, 1);
        for shards in [1, 4] {
            let (again, replayed) = run(&scenario, seed, shards);
            prop_assert_eq!(replayed.digest, first.digest);
            prop_assert_eq!(&replayed.failures, &first.failures);
            prop_assert_eq!(&replayed.rules, &first.rules);
            prop_assert_eq!(&replayed.jobs, &first.jobs);
            prop_assert!(again == trace);
        }
    }
}

/// Not all scenarios may stop at their first step: enough of them have to come to their end.
#[test]
fn most_of_what_is_generated_holds_to_its_end() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let held = (0..40)
        .filter(|seed| {
            let tree = scenario().new_tree(&mut runner).expect("no case is refused");
            run(&tree.current(), *seed, 1).1.failures.is_empty()
        })
        .count();
    assert!(held >= 20, "only {held} of 40");
}

const IMAGES: [&str; 4] = ["base", "image-0", "image-1", "image-*"];
const MEMBERS: [&str; 4] = ["lab", "shop-0", "shop-1", "shop-*"];

fn span() -> impl Strategy<Value = Value> {
    (0_u64..5_000).prop_map(|ms| json!(format!("{ms}ms")))
}

fn scenario() -> impl Strategy<Value = Value> {
    let rules = proptest::collection::vec(rule(), 0..4);
    let steps = proptest::collection::vec(step(), 1..8);
    (rules, steps, span(), span(), 1_u64..4).prop_map(|(rules, steps, init, pair, spread)| {
        // Two that say the same would have the same id.
        let numbered = rules.into_iter().enumerate().map(|(number, mut rule): (usize, Value)| {
            rule["id"] = json!(format!("rule-{number}"));
            rule
        });
        let rules: Vec<Value> = numbered.collect();
        let mut saved = 0;
        let steps: Vec<Value> = steps.into_iter().map(|step| named(step, &mut saved)).collect();
        let mut pair = json!({ "fixed": pair });
        if spread > 1 {
            pair = json!({ "uniform": { "from": "10ms", "to": format!("{}ms", spread * 500) } });
        }
        json!({
            "format": 1,
            "world": {
                "projects": { "owner": {}, "lab": {}, "shop": { "count": 2 } },
                "images": {
                    "base": { "owner": "owner", "members": { "lab": "accepted" } },
                    "image": { "owner": "owner", "count": 2, "members": { "shop-*": "pending" } },
                },
                "settings": { "delete_unknown_member": "ignore" },
            },
            "timing": { "init": { "fixed": init }, "pair": pair },
            "faults": rules,
            "steps": steps,
            "expect": { "calls": [{ "operation": "add_members", "times": { "at_most": 1_000_000 } }] },
        })
    })
}

/// Stands for the job that was saved last.
const THE_LAST: &str = "@last";

/// Gives what a step saves a name of its own.
fn named(mut step: Value, saved: &mut usize) -> Value {
    fn walk(value: &mut Value, saved: &mut usize) {
        match value {
            Value::Object(object) => {
                if object.contains_key("save") {
                    *saved += 1;
                    object.insert("save".to_owned(), json!(format!("job-{saved}")));
                }
                object.values_mut().for_each(|value| walk(value, saved));
            }
            Value::Array(list) => list.iter_mut().for_each(|value| walk(value, saved)),
            Value::String(text) if text.contains(THE_LAST) => {
                *text = text.replace(THE_LAST, &format!("${{job-{saved}}}"));
            }
            _ => {}
        }
    }
    walk(&mut step, saved);
    step
}

/// A rule that leaves the steps their answers.
fn rule() -> impl Strategy<Value = Value> {
    let about = prop_oneof![
        span().prop_map(|span| json!({ "at": "pair", "effect": { "delay": { "fixed": span } } })),
        span()
            .prop_map(|span| json!({ "at": "response", "effect": { "delay": { "fixed": span } } })),
        Just(json!({ "at": "image", "effect": { "fail": {} } })),
        Just(json!({ "at": "image", "effect": { "crash": { "after_pairs": 0 } } })),
        Just(json!({ "at": "job", "effect": { "stick": {} } })),
        Just(json!({ "at": "pair", "effect": { "fail": {} } })),
    ];
    let when = prop_oneof![
        (0.1..0.9).prop_map(|probability: f64| json!({ "probability": probability })),
        (1_u32..3).prop_map(|first| json!({ "first": first })),
        (2_u32..4).prop_map(|every| json!({ "every": every })),
    ];
    (about, when).prop_map(|(mut rule, when)| {
        rule["when"] = when;
        rule
    })
}

fn call() -> BoxedStrategy<Value> {
    let (image, member) = (select(&IMAGES[..]), select(&MEMBERS[..]));
    let one_image = select(&IMAGES[..3]);
    prop_oneof![
        (image.clone(), member.clone()).prop_map(|(image, member)| json!({
            "add_members": {
                "token": "owner", "images": [image], "projects": [member, "lab"], "save": "",
            }
        })),
        (image, member).prop_map(|(image, member)| json!({
            "delete_members": { "token": "owner", "images": [image], "projects": [member], "save": "" }
        })),
        one_image.clone().prop_map(|image| json!({
            "list_members": { "token": "owner", "image": image }
        })),
        one_image.prop_map(|image| json!({
            "update_members": { "token": "lab", "images": [image], "status": "accepted", "save": "" }
        })),
        Just(json!({
            "request": { "method": "GET", "path": "/v2/nothing", "expect": { "status": 404 } }
        })),
        span().prop_map(|span| json!({ "wait": { "for": span } })),
        span().prop_map(|span| json!({ "advance_clock": { "by": span } })),
        select(&IMAGES[..3]).prop_map(|image| json!({
            "change_world": { "members": { image: { "lab": "rejected" } } }
        })),
        Just(json!({ "change_faults": { "remove_all": true } })),
        Just(json!({ "look": { "expect": { "job_counts": { "accepted": { "at_most": 1_000_000 } } } } })),
    ]
    .boxed()
}

fn step() -> impl Strategy<Value = Value> {
    let several = || proptest::collection::vec(call(), 1..4);
    let branch = prop_oneof![call(), several().prop_map(|steps| json!({ "sequence": steps }))];
    let branches = proptest::collection::vec(branch, 1..4);
    prop_oneof![
        4 => call(),
        1 => branches.prop_map(|steps| json!({ "parallel": steps })),
        1 => several().prop_map(|steps| json!({ "background": steps })),
        1 => (several(), 1_u32..3).prop_map(|(mut steps, times)| {
            steps.push(json!({ "add_members": {
                "token": "owner", "images": ["image-${round}"], "projects": ["shop-0"], "save": "",
            } }));
            steps.push(json!({ "request": {
                "method": "GET", "path": format!("/v1/cloudimages/job/{THE_LAST}"), "token": "owner",
            } }));
            json!({ "repeat": { "times": times, "index": "round", "steps": steps } })
        }),
    ]
}
