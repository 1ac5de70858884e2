//! Runs a scenario that a test put together, and reads its trace.

use std::path::Path;

use imsim::journal::invariants::Violations;
use imsim::replay::{ReplayOptions, Replayed, replay_file};
use imsim::scenario::ScenarioFile;
use imsim::seed::Seed;
use serde_json::Value;

/// What a run left behind.
pub(crate) struct Run {
    /// What the replay says of itself.
    pub(crate) replayed: Replayed,
    /// The lines of the trace, without the first one, which tells only of the run as a whole.
    pub(crate) lines: Vec<Value>,
}

/// Replays a scenario, whose expectations must hold.
pub(crate) fn run(scenario: &Value, seed: u64, shards: usize) -> Run {
    let run = attempt(scenario, seed, shards);
    assert_eq!(run.replayed.failures, [], "seed {seed}, {shards} shards");
    run
}

/// Replays a scenario, whose expectations need not hold; it may not take real time.
pub(crate) fn attempt(scenario: &Value, seed: u64, shards: usize) -> Run {
    let file = ScenarioFile::parse(Path::new("scenario"), scenario.to_string());
    let file = file.unwrap_or_else(|problem| panic!("{problem}"));
    let options = ReplayOptions { seed: Some(Seed::new(seed)), shards };
    let mut trace = Vec::new();
    let replayed = replay_file(&file, options, Some(&mut trace)).expect("the scenario makes sense");
    assert_eq!(replayed.sleeps, 0, "virtual time never sleeps in real time");
    assert_eq!(replayed.violations, Violations::default(), "seed {seed}, {shards} shards");
    let text = String::from_utf8(trace).expect("a trace is text");
    let lines = text.lines().skip(1);
    let lines = lines.map(|line| serde_json::from_str(line).expect("a line of a trace is JSON"));
    Run { replayed, lines: lines.collect() }
}

impl Run {
    /// The lines about one kind of event.
    pub(crate) fn events(&self, event: &str) -> impl Iterator<Item = &Value> {
        self.lines.iter().filter(move |line| line["event"] == event)
    }
}
