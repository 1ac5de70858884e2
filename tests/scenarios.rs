//! Every file under `scenarios/` is a test: it passes, gives the same digest again, and on any number of
//! shards.

use std::path::{Path, PathBuf};

use imsim::replay::{ReplayOptions, Replayed, find_files, line, replay};
use imsim::seed::Seed;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn run(file: &Path, seed: Option<u64>, shards: usize) -> Replayed {
    let options = ReplayOptions { seed: seed.map(Seed::new), shards };
    replay(file, options, None).unwrap_or_else(|error| panic!("{}: {error:?}", file.display()))
}

#[test]
fn every_scenario_holds_and_gives_the_same_digest_on_any_number_of_shards() {
    let files = find_files(&[folder()]).expect("the scenarios are there");
    assert!(files.len() >= 8, "only {} scenarios", files.len());
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

#[test]
fn every_scenario_says_what_it_shows_and_states_what_it_expects() {
    for file in find_files(&[folder()]).expect("the scenarios are there") {
        let text = std::fs::read_to_string(&file).expect("a scenario is text");
        let scenario =
            imsim::scenario::ScenarioFile::parse(&file, text.clone()).expect("it parses");
        let about = scenario.sections.about.unwrap_or_default();
        assert!(about.len() > 40, "{} should say what it shows", file.display());
        assert!(text.contains("\"expect\""), "{} expects nothing", file.display());
    }
}

#[test]
fn another_seed_gives_another_digest() {
    let file = folder().join("latency-laws.json");
    assert_ne!(run(&file, Some(1), 1).digest, run(&file, Some(2), 1).digest);
}
