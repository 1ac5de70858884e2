//! Every file under `scenarios/` is a test: it passes, gives the same digest again, and on any number of
//! shards. Together they show everything that a scenario can say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use imsim::faults::{EffectKind, Point};
use imsim::replay::{
    self, Checks, Golden, GoldenMode, ReplayOptions, Replayed, StepCounter, find_files, line,
    replay,
};
use imsim::scenario::ScenarioFile;
use imsim::scenario::step::{StepEntry, Truth};
use imsim::seed::Seed;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn files() -> Vec<PathBuf> {
    find_files(&[folder()]).expect("the scenarios are there")
}

fn read(file: &Path) -> ScenarioFile {
    ScenarioFile::read(file).unwrap_or_else(|problem| panic!("{problem}"))
}

fn run(file: &Path, seed: Option<u64>, shards: usize) -> Replayed {
    let options = ReplayOptions { seed: seed.map(Seed::new), shards };
    replay(file, options, None).unwrap_or_else(|error| panic!("{}: {error:?}", file.display()))
}

#[test]
fn every_scenario_holds_and_gives_the_same_digest_on_any_number_of_shards() {
    let files = files();
    assert!(files.len() >= 34, "only {} scenarios", files.len());
    for file in files {
        let first = run(&file, None, 1);
        assert!(first.held(), "{}", line(&first, 0));
        assert_eq!(first.sleeps, 0, "{}: a replay never sleeps in real time", file.display());
        for shards in [1, 2, 4, 8] {
            let again = run(&file, None, shards);
            assert!(again.held(), "{}", line(&again, 0));
            assert_eq!(again.digest, first.digest, "{} on {shards} shards", file.display());
        }
    }
}

/// `imsim replay scenarios/ --golden write` writes them anew, where a change is meant.
#[test]
fn every_scenario_has_a_golden_trace_and_gives_it() {
    let checks = Checks { again: false, golden: GoldenMode::Compare, timeline: false };
    for file in files() {
        let options = ReplayOptions { seed: None, shards: 2 };
        let run = replay::run(&read(&file), options, checks, None, &StepCounter::default());
        let run = run.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(matches!(run.golden, Golden::Same), "{}: {:?}", file.display(), run.golden);
    }
}

#[test]
fn every_scenario_stands_in_a_folder_says_what_it_shows_and_states_what_is_true_in_the_end() {
    for file in files() {
        let (scenario, name) = (read(&file).sections, file.display());
        assert_ne!(file.parent(), Some(folder().as_path()), "{name} should stand in a folder");
        let about = scenario.about.unwrap_or_default();
        assert!(about.len() > 80, "{name} should say what it shows, and why that matters");
        assert!(scenario.expect.is_some(), "{name} should say what is true in the end");
        for rule in &scenario.faults {
            assert!(rule.id.is_some(), "{name}: a rule without a name is hard to read about");
        }
    }
}

/// The words that serde lists when it reads one that is none of them.
fn valid<T: serde::de::DeserializeOwned>() -> BTreeSet<String> {
    let wrong = json!({ "": {} });
    let message = serde_json::from_value::<T>(wrong).err().expect("no such word").to_string();
    message.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

/// Goes through steps and those inside them.
fn each_step(steps: &[StepEntry], visit: &mut dyn FnMut(&StepEntry)) {
    for step in steps {
        visit(step);
        if let Some((_, inside)) = step.inside() {
            each_step(inside, visit);
        }
    }
}

#[test]
fn the_scenarios_use_every_kind_of_step_and_every_key_of_what_must_be_true() {
    let (mut steps, mut truths) = (BTreeSet::new(), BTreeSet::new());
    let mut said = |truth: &Truth| {
        let keys = Truth::KEYS.iter().zip(truth.said());
        truths.extend(keys.filter(|(_, said)| *said).map(|(key, _)| (*key).to_owned()));
    };
    for file in files() {
        let sections = read(&file).sections;
        sections.expect.iter().for_each(&mut said);
        each_step(&sections.steps, &mut |step| {
            steps.insert(step.kind().to_owned());
            if let StepEntry::Look(look) = step {
                said(&look.expect);
            }
        });
    }
    assert_eq!(steps, valid::<StepEntry>());
    assert_eq!(truths, valid::<Truth>());
}

/// The points and effects of the rules of a file, each with its id.
fn rules(file: &Path) -> Vec<(String, Value, Value)> {
    let sections = read(file).sections;
    let mut rules = sections.faults;
    each_step(&sections.steps, &mut |step| {
        if let StepEntry::ChangeFaults(step) = step {
            rules.extend(step.add.iter().cloned());
        }
    });
    let written = rules.iter().map(|rule| serde_json::to_value(rule).expect("it was read"));
    let parts = |rule: Value| {
        let id = rule["id"].as_str().unwrap_or_default().to_owned();
        (id, rule["at"].clone(), rule["effect"].clone())
    };
    written.map(parts).collect()
}

#[test]
fn in_the_scenarios_every_effect_strikes_at_every_point_where_it_can() {
    let mut missing: BTreeSet<(Point, EffectKind)> = EffectKind::ALL
        .iter()
        .flat_map(|kind| kind.points().iter().map(|point| (*point, *kind)))
        .collect();
    for file in files() {
        let rules = rules(&file);
        if rules.is_empty() {
            continue;
        }
        let counts = run(&file, None, 1).rules;
        for (id, at, effect) in rules {
            let fired = counts.iter().any(|rule| rule.id == id && rule.fired > 0);
            let is = |kind: EffectKind| {
                effect.as_str() == Some(kind.name()) || effect.get(kind.name()).is_some()
            };
            missing.retain(|(point, kind)| !(fired && at == point.name() && is(*kind)));
        }
    }
    assert_eq!(missing, BTreeSet::new(), "no scenario shows these");
}

#[test]
fn another_seed_gives_another_digest() {
    let file = folder().join("load/latency-laws.json");
    assert_ne!(run(&file, Some(1), 1).digest, run(&file, Some(2), 1).digest);
}
