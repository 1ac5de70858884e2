//! Replaying scenario files in virtual time: every step goes through the whole HTTP service, and the
//! same file and seed give the same trace, to the byte.

mod calls;
pub(crate) mod changes;
mod compare;
mod difference;
mod failure;
mod golden;
pub mod html;
mod junit;
mod marked;
mod native_calls;
mod report;
pub mod report_form;
mod rule_counts;
mod run;
mod runner;
mod sinks;
mod stage;
mod step_counter;
pub(crate) mod target;
mod text;
pub mod timeline;
mod truth;
mod under_way;
mod whole_file;
mod wire;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::{SimDuration, SimTime, WallTime};
use crate::domain::admission::JobCounts;
use crate::journal::invariants::{Invariants, Violations};
use crate::journal::{Digest, TraceWriter};
use crate::scenario::{MOST_PAIRS, MOST_STEPS, Problem, ScenarioFile};
use crate::seed::Seed;
use crate::simulator::Options;
use crate::simulator::virtual_run::VirtualRun;

use stage::Stage;

pub use difference::Difference;
pub use failure::StepFailure;
pub use golden::{
    Drift, Golden, GoldenMode, MOST_GOLDEN_BYTES, MOST_GOLDEN_LINES, Summary, golden_path,
};
pub use junit::junit;
pub(crate) use report::shell_word;
pub use report::{line, summary, target_line};
pub use rule_counts::RuleCounts;
pub use run::{Again, Checks, Run, RunError, other_shards, run};
pub use step_counter::StepCounter;
pub use target::{
    BaseUrl, Prepare, Question, Skipped, StandIns, TargetError, TargetOptions, TargetReplayed,
    Trust, ask_admin, replay_against,
};
pub use text::FileOutcome;
use timeline::{Gather, Timeline};
pub use whole_file::WholeFile;

/// When a replay starts unless the file says otherwise: 2025-01-01T00:00:00Z.
pub const DEFAULT_EPOCH: SimTime = SimTime::from_millis(1_735_689_600_000);

/// The most shards of a replay; more would show nothing new on one thread.
pub const MOST_REPLAY_SHARDS: usize = 64;

/// How files are replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayOptions {
    /// The seed; if `None`, that of the file, else [`Seed::DEFAULT`].
    pub seed: Option<Seed>,
    /// How many shards share the thread.
    pub shards: usize,
}

/// What became of one file.
#[derive(Debug)]
pub struct Replayed {
    /// The file.
    pub file: PathBuf,
    /// The seed of the run.
    pub seed: Seed,
    /// How many shards it had.
    pub shards: usize,
    /// How much simulated time passed.
    pub simulated: SimDuration,
    /// How much real time it took.
    pub real: Duration,
    /// How many real sleeps there were; a replay has none.
    pub sleeps: u64,
    /// How many waits for simulated time came to their end.
    pub events: u64,
    /// How many lines the trace has.
    pub lines: u64,
    /// The digest of the trace.
    pub digest: Digest,
    /// How the jobs ended.
    pub jobs: JobCounts,
    /// What each rule has counted, in the order of the plan at the end.
    pub rules: Vec<RuleCounts>,
    /// What did not hold; empty if everything did.
    pub failures: Vec<StepFailure>,
    /// Which invariants did not hold; whatever a file describes, they all do, or the simulator is wrong.
    pub violations: Violations,
    /// Who did what when, if somebody wants a picture.
    pub timeline: Option<Timeline>,
}

impl Replayed {
    /// Whether everything held.
    #[must_use]
    pub fn held(&self) -> bool {
        self.failures.is_empty() && self.violations.is_empty()
    }
}

/// Why a file could not be run.
#[derive(Debug)]
pub enum ReplayError {
    /// The file is no scenario, or makes no sense.
    Scenario(Problem),
    /// The trace could not be written.
    Trace(io::Error),
}

/// Replays one file.
///
/// # Errors
/// If the file is no scenario or the trace cannot be written. What does not hold is no error; it stands
/// in [`Replayed::failures`] and [`Replayed::violations`].
pub fn replay(
    path: &Path,
    options: ReplayOptions,
    trace: Option<&mut dyn Write>,
) -> Result<Replayed, ReplayError> {
    let file = ScenarioFile::read(path).map_err(ReplayError::Scenario)?;
    replay_file(&file, options, trace)
}

/// Replays a scenario that is already read. See [`replay`].
///
/// # Errors
/// As [`replay`].
pub fn replay_file(
    file: &ScenarioFile,
    options: ReplayOptions,
    trace: Option<&mut dyn Write>,
) -> Result<Replayed, ReplayError> {
    replay_watched(file, options, trace, Watch::steps(&StepCounter::default()))
}

/// The seed that a file is replayed with unless somebody names another.
#[must_use]
pub fn own_seed(file: &ScenarioFile) -> Seed {
    file.sections.seed.map_or(Seed::DEFAULT, Seed::new)
}

/// Who watches a run.
#[derive(Clone, Copy)]
struct Watch<'a> {
    /// Counts the steps as they begin.
    steps: &'a StepCounter,
    /// Whether to gather what a picture needs.
    timeline: bool,
}

impl<'a> Watch<'a> {
    /// Somebody who counts steps and wants no picture.
    const fn steps(steps: &'a StepCounter) -> Self {
        Self { steps, timeline: false }
    }
}

/// Replays a scenario under somebody's eyes.
fn replay_watched(
    file: &ScenarioFile,
    options: ReplayOptions,
    trace: Option<&mut dyn Write>,
    watch: Watch<'_>,
) -> Result<Replayed, ReplayError> {
    let seed = options.seed.unwrap_or_else(|| own_seed(file));
    let epoch = file.sections.epoch.map_or(DEFAULT_EPOCH, |moment| moment.0);
    let simulation = Options {
        // A registry's part of a bound would depend on the number of shards, so each gets room for all
        // that the steps of a file can ask for.
        keep_jobs: MOST_STEPS * options.shards,
        keep_pairs: MOST_PAIRS * options.shards,
        ..Options::new(seed, options.shards)
    };
    carry_out(file, &simulation, epoch, trace, watch)
}

/// Runs a file as a simulation that is decided on.
fn carry_out(
    file: &ScenarioFile,
    simulation: &Options,
    epoch: SimTime,
    trace: Option<&mut dyn Write>,
    watch: Watch<'_>,
) -> Result<Replayed, ReplayError> {
    let wall = WallTime::default();
    let started = wall.now();
    let run = VirtualRun::new(file, simulation, epoch, wall.clone());
    let run = run.map_err(ReplayError::Scenario)?;
    let shared = run.shared().clone();
    let mut writer = TraceWriter::new(&shared.world, simulation.seed, epoch, trace)
        .map_err(ReplayError::Trace)?;
    let mut invariants = Invariants::new(&shared.world);
    let mut gather = watch.timeline.then(|| Gather::new(&shared.world, epoch));
    let mut written = Ok(());
    let (steps, expect) = (file.sections.steps.clone(), file.sections.expect.clone());
    let (failures, jobs) = run.run_to_the_end(
        |service| runner::run(Stage::Virtual(service), steps, watch.steps.clone()),
        |runner| runner.at_the_end(expect),
        |entries| {
            if written.is_ok() {
                written = writer.write(entries);
            }
            invariants.take(entries);
            if let Some(gather) = &mut gather {
                gather.take(entries);
            }
        },
    );
    written.map_err(ReplayError::Trace)?;
    let (digest, lines) = writer.finish();
    let mut failures = failures.unwrap_or_else(|| vec![StepFailure::stuck()]);
    failures.extend(failure::unfired(&shared.plan.load()));
    let simulated = shared.clock.now() - epoch;
    Ok(Replayed {
        file: file.path.clone(),
        seed: simulation.seed,
        shards: simulation.shards,
        simulated,
        real: wall.elapsed(started),
        sleeps: wall.sleeps(),
        events: shared.clock.status().fired,
        lines,
        digest,
        jobs: shared.admission.counts(),
        rules: RuleCounts::of(&shared.plan.load()),
        failures: failure::with_lines(failures, file),
        violations: invariants.close(&jobs),
        timeline: gather.map(|gather| gather.finish(simulated)),
    })
}

/// The scenario files that a list of files and folders stands for, in the order of the list and, within
/// a folder, by name; folders are searched to the bottom.
///
/// # Errors
/// If one does not exist, or a folder holds no scenario file.
pub fn find_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Problem> {
    let (mut open, mut files) = (Vec::new(), Vec::new());
    for path in paths {
        let before = files.len();
        collect(path, &mut open, &mut files)
            .map_err(|error| unreadable(path, &error.to_string()))?;
        if files.len() == before {
            return Err(unreadable(
                path,
                "the folder holds no scenario, which is a file named *.json",
            ));
        }
    }
    Ok(files)
}

/// Adds a file, or the scenarios in a folder. `open` holds the folders on the way here, so that a link
/// back to one of them ends.
fn collect(path: &Path, open: &mut Vec<PathBuf>, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !std::fs::metadata(path)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let real = path.canonicalize()?;
    if open.contains(&real) {
        return Ok(());
    }
    open.push(real);
    let entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    let mut inside: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    inside.sort();
    for path in inside {
        let named = path.extension().is_some_and(|extension| extension == "json");
        match std::fs::metadata(&path) {
            Ok(kind) if kind.is_dir() => collect(&path, open, files)?,
            // Pipes and devices in a folder are no scenarios, and reading them might never end.
            Ok(kind) if kind.is_file() && named => files.push(path),
            // A file that cannot be looked at is reported when its turn comes; the others still run.
            Err(_) if named => files.push(path),
            Ok(_) | Err(_) => {}
        }
    }
    open.pop();
    Ok(())
}

fn unreadable(path: &Path, message: &str) -> Problem {
    Problem { file: path.to_owned(), place: None, path: String::new(), message: message.to_owned() }
}

#[cfg(test)]
mod tests;
