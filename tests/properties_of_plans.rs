//! Whatever the plan: the same file and seed give the same run on any number of shards, and the invariants
//! hold, each suspended only where the effect that fired says so.
//!
//! `IMSIM_FULL=1` runs many more cases.

#[path = "support/invariants.rs"]
mod invariants;
#[path = "properties_of_plans/random.rs"]
mod random;
#[path = "support/story.rs"]
mod story;

use std::collections::BTreeSet;

use actix_web::http::Method;
use imsim::api::ImageId;
use imsim::faults::{EffectKind, Point};
use imsim::journal::{Entry, Event, Numbered};
use imsim::seed::{JobKey, Subject};
use invariants::violations;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use story::{Action, Ask, START, Story, Told, live, prepare, tell};

/// Whether everything is to be run, or a part that is quick.
fn full() -> bool {
    std::env::var_os("IMSIM_FULL").is_some()
}

/// How many cases a property gets: few enough for every run of the tests, or all.
fn cases(short: u32, full: u32) -> ProptestConfig {
    let cases = if self::full() { full } else { short };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(32, 1_000))]

    #[test]
    fn any_plan_gives_one_digest_and_keeps_the_invariants(story in random::story(), seed: u64) {
        let told = tell(&story, seed, 1);
        prop_assert_eq!(violations(&told), Vec::<String>::new());
        prop_assert_eq!(&tell(&story, seed, 1).digest, &told.digest);
        let spread = tell(&story, seed, 4);
        prop_assert_eq!(&spread.digest, &told.digest);
        prop_assert_eq!(violations(&spread), Vec::<String>::new());
    }

    /// A draw depends on the rule and on whom it is for, not on what else there is.
    #[test]
    fn other_rules_and_images_change_no_decision_of_a_rule(
        story in random::independent_story(),
        at in proptest::sample::select(Point::ALL.to_vec()),
        others in proptest::collection::vec(random::harmless(), 1..4),
        place: prop::sample::Index,
        seed: u64,
    ) {
        let rule = json!({
            "id": "it", "at": at.name(), "when": {"probability": 0.5}, "effect": random::harmless_effect(at),
        });
        let mut alone = story.clone();
        alone.scenario["faults"] = json!([rule]);
        let expected = decisions(&tell(&alone, seed, 1), "it");
        let among = random::that_make_sense(story.scenario.clone(), others);
        let mut rules = among["faults"].as_array().cloned().unwrap_or_default();
        rules.insert(place.index(rules.len() + 1), rule);
        let mut more = alone;
        more.scenario["faults"] = json!(rules);
        prop_assume!(prepare(&more.scenario, seed, 1).is_some());
        // The new image is shared when all else is over, as connections are counted.
        more.scenario["world"]["images"]["new"] = json!({"owner": "owner"});
        more.actions.push(share(100_000, &["new"], &["lab"]));
        for shards in [1, 4] {
            let told = tell(&more, seed, shards);
            let found = decisions(&told, "it");
            let old: BTreeSet<_> =
                found.iter().filter(|(at, _)| *at < 100_000).map(|(_, whom)| whom).collect();
            prop_assert_eq!(&old, &expected.iter().map(|(_, whom)| whom).collect());
        }
    }

    /// Everybody comes at once, and still the same are the first on any number of shards.
    #[test]
    fn the_first_are_the_same_on_any_number_of_shards(
        at in proptest::sample::select(Point::ALL.to_vec()),
        first in 1_u64..8,
        clients in 2_usize..12,
        seed: u64,
    ) {
        let story = crowd(at, first, clients);
        let fired = |shards| {
            let told = tell(&story, seed, shards);
            assert_eq!(violations(&told), Vec::<String>::new());
            let rule = told.shared.plan.load().rule("it").cloned().expect("the rule is there");
            assert_eq!(rule.state.counts.fired(), first.min(rule.state.counts.matched()));
            decisions(&told, "it")
        };
        let one = fired(1);
        prop_assert!(!one.is_empty());
        prop_assert_eq!(&fired(2), &one);
        prop_assert_eq!(&fired(8), &one);
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn share(at: u64, images: &[&str], projects: &[&str]) -> Action {
    let (images, projects) = (names(images), names(projects));
    let ask = Ask::Share { method: Method::POST, images, projects };
    Action { at, token: "owner".to_owned(), timeout: None, ask }
}

/// When and on what a rule fired, or would have but for an earlier one.
fn decisions(told: &Told, rule: &str) -> BTreeSet<(u64, String)> {
    let of_rule = told.entries.iter().filter(|entry| match &entry.event {
        Event::FaultFired(fault) | Event::FaultSuperseded(fault) => *fault.rule == *rule,
        _ => false,
    });
    let place = |entry: &Entry| ((entry.at - START).as_millis(), entry.subject.to_string());
    of_rule.map(place).collect()
}

/// Clients that all do the same at the same instant, and a rule that strikes the first of them.
fn crowd(at: Point, first: u64, clients: usize) -> Story {
    let law = json!({"fixed": "10ms"});
    let effect = random::harmless_effect(at);
    let list = Ask::Members { image: "im-0".to_owned(), member: None };
    let lists = Action { at: 0, token: "owner".to_owned(), timeout: None, ask: list };
    let batch = || share(0, &["im-0", "im-1", "im-2"], &["lab", "shop"]);
    let batches = (0..clients).flat_map(|_| [batch(), lists.clone()]);
    Story {
        scenario: json!({
            "format": 1,
            "world": {
                "projects": {"owner": {}, "lab": {}, "shop": {}},
                "images": {"im": {"count": 3, "owner": "owner"}},
            },
            "timing": {"init": law, "image": law, "pair": law},
            "faults": [{"id": "it", "at": at.name(), "when": {"first": first}, "effect": effect}],
        }),
        actions: batches.collect(),
    }
}

/// What the properties say is worth only as much as their plans do.
#[test]
fn random_plans_let_every_effect_fire_at_every_point() {
    let mut missing: BTreeSet<(EffectKind, Point)> = EffectKind::ALL
        .iter()
        .flat_map(|kind| kind.points().iter().map(|at| (*kind, *at)))
        .collect();
    let mut runner = TestRunner::deterministic();
    for _ in 0..1_000 {
        let story = random::story().new_tree(&mut runner).expect("any story will do").current();
        for entry in tell(&story, 1, 2).entries {
            if let Event::FaultFired(fault) = entry.event {
                missing.remove(&(fault.effect, fault.point));
            }
        }
        if missing.is_empty() {
            return;
        }
    }
    panic!("a thousand random plans never let these fire: {missing:?}");
}

/// Jobs of one size on the same hundred images, and the images on which a rule of 0.3 fired: the keys of
/// the jobs and the places of the images.
fn struck(jobs: usize, shards: usize, others: bool) -> Vec<(JobKey, u32, ImageId)> {
    let law = |ms: u64| json!({"fixed": format!("{ms}ms")});
    let rule = |id: &str, part: f64| json!({"id": id, "at": "image", "when": {"probability": part}, "effect": {"delay": law(1)}});
    let mut rules: Vec<Value> = vec![rule("it", 0.3)];
    if others {
        rules.insert(0, rule("before", 0.5));
        rules.push(rule("behind", 0.9));
        rules.push(json!({"at": "pair", "when": {"probability": 0.5}, "effect": "fail"}));
    }
    let scenario = json!({
        "format": 1,
        "world": {
            "projects": {"owner": {}, "lab": {}},
            "images": {"im": {"count": 100, "owner": "owner"}},
        },
        "timing": {"init": law(1), "image": law(1), "pair": law(1)},
        "faults": rules,
    });
    let batch = |number: usize| share(number as u64, &["im-*"], &["lab"]);
    let run = prepare(&scenario, 7, shards).expect("the scenario makes sense");
    let mut struck = Vec::new();
    live(run, (0..jobs).map(batch).collect(), |entries| {
        for Numbered { entry, .. } in entries {
            if let (Subject::Image(job, place), Event::FaultFired(fault)) =
                (entry.subject, &entry.event)
                && *fault.rule == *"it"
            {
                struck.push((job, place, fault.image.expect("an image's worker has an image")));
            }
        }
    });
    struck.sort_unstable();
    struck
}

/// Of n draws of 0.3 the standard deviation is the root of 0.21 n; five of them are one in two million.
#[test]
fn a_probability_strikes_the_same_images_in_every_run_and_its_part_of_them() {
    let jobs: u32 = if full() { 1_000 } else { 100 };
    let draws = f64::from(jobs) * 100.0;
    let found = struck(jobs as usize, 1, false);
    let distance = (found.len() as f64 - 0.3 * draws).abs();
    assert!(distance < 5.0 * (0.21 * draws).sqrt(), "{} of {draws}", found.len());
    assert_eq!(struck(jobs as usize, 1, false), found);
    assert_eq!(struck(jobs as usize, 4, true), found, "on four shards, among other rules");
}
