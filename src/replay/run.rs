//! One run of a scenario with all that is looked at beside its own expectations: whether a second run
//! gives the same trace, and whether the trace is the golden one.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use super::difference::{Comparer, Difference};
use super::golden::{Golden, GoldenComparer, GoldenMode, GoldenWriter, golden_path};
use super::sinks::{Kept, Sinks};
use super::step_counter::StepCounter;
use super::{ReplayError, ReplayOptions, Replayed, Watch, own_seed, replay_watched};
use crate::scenario::ScenarioFile;

/// What is looked at beside what the file expects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// Run a second time, on another number of shards, and compare the traces.
    pub again: bool,
    /// What is done about golden traces.
    pub golden: GoldenMode,
    /// Gather what a picture of the run needs.
    pub timeline: bool,
}

/// What became of one run.
#[derive(Debug)]
pub struct Run {
    /// The run itself.
    pub replayed: Replayed,
    /// What a second run showed; `None` if there was none.
    pub again: Option<Again>,
    /// What became of the golden trace.
    pub golden: Golden,
}

/// What a second run showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// How many shards it had.
    pub shards: usize,
    /// Where its trace parts from that of the first run; `None` if they are equal.
    pub difference: Option<Difference>,
    /// Whether other steps failed than in the first run.
    pub failed_otherwise: bool,
}

impl Again {
    /// Whether it was as the first run.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.difference.is_none() && !self.failed_otherwise
    }
}

impl Run {
    /// Whether all held: what the file expects, and what was looked at beside it.
    #[must_use]
    pub fn held(&self) -> bool {
        let same = self.again.as_ref().is_none_or(Again::is_same);
        self.replayed.held() && same && !matches!(self.golden, Golden::Drifted(_))
    }
}

/// Why a run came to nothing.
#[derive(Debug)]
pub enum RunError {
    /// The replay itself could not be done.
    Replay(ReplayError),
    /// The golden trace could not be read or written.
    Golden(PathBuf, io::Error),
    /// The first trace could not be kept for the comparison with the second.
    Kept(io::Error),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replay(ReplayError::Scenario(problem)) => problem.fmt(f),
            Self::Replay(ReplayError::Trace(error)) => write!(f, "cannot write the trace: {error}"),
            Self::Golden(path, error) => {
                write!(f, "cannot read or write the golden trace {}: {error}", path.display())
            }
            Self::Kept(error) => {
                write!(f, "cannot keep the trace of the first run in a temporary file: {error}")
            }
        }
    }
}

/// The number of shards of a second run; the digest must not depend on it.
#[must_use]
pub const fn other_shards(shards: usize) -> usize {
    if shards == 1 { 4 } else { 1 }
}

/// Runs a scenario and looks at everything that is to be looked at. The trace of the first run is
/// written to `trace`.
///
/// # Errors
/// If the scenario makes no sense, or a trace cannot be written or read. What does not hold is no error;
/// see [`Run::held`].
pub fn run(
    file: &ScenarioFile,
    options: ReplayOptions,
    checks: Checks,
    trace: Option<&mut dyn Write>,
    steps: &StepCounter,
) -> Result<Run, RunError> {
    let mut golden = GoldenLook::begin(file, options, checks.golden)?;
    let mut kept = checks.again.then(Kept::new);
    let mut sinks: Vec<&mut dyn Write> = Vec::new();
    sinks.extend(trace.map(|sink| sink as &mut dyn Write));
    sinks.extend(kept.as_mut().map(|kept| kept as &mut dyn Write));
    sinks.extend(golden.sink());
    let mut sinks = Sinks(sinks);
    let sink = (!sinks.0.is_empty()).then_some(&mut sinks as &mut dyn Write);
    let watch = Watch { steps, timeline: checks.timeline };
    let replayed = replay_watched(file, options, sink, watch).map_err(RunError::Replay)?;
    let again = match kept {
        Some(kept) => Some(again(file, &replayed, kept, steps)?),
        None => None,
    };
    let held = replayed.held() && again.as_ref().is_none_or(Again::is_same);
    let golden = golden.finish(&replayed, held)?;
    Ok(Run { replayed, again, golden })
}

/// Runs a second time and compares.
fn again(
    file: &ScenarioFile,
    first: &Replayed,
    kept: Kept,
    steps: &StepCounter,
) -> Result<Again, RunError> {
    let shards = other_shards(first.shards);
    let options = ReplayOptions { seed: Some(first.seed), shards };
    let mut comparer = Comparer::new(kept.read().map_err(RunError::Kept)?);
    let second = replay_watched(file, options, Some(&mut comparer), Watch::steps(steps));
    let second = second.map_err(RunError::Replay)?;
    // What was found may name jobs by their ids, which differ with the number of shards.
    let places = |run: &Replayed| -> Vec<_> {
        run.failures.iter().map(|failure| (failure.path.clone(), failure.kind)).collect()
    };
    let difference = comparer.finish().map_err(RunError::Kept)?;
    Ok(Again { shards, difference, failed_otherwise: places(first) != places(&second) })
}

/// What is done about the golden trace of one run.
enum GoldenLook {
    Nothing(Golden),
    Compare(PathBuf, GoldenComparer),
    Write(PathBuf, GoldenWriter),
}

impl GoldenLook {
    fn begin(
        file: &ScenarioFile,
        options: ReplayOptions,
        mode: GoldenMode,
    ) -> Result<Self, RunError> {
        let path = golden_path(&file.path);
        let own = own_seed(file);
        if mode == GoldenMode::Ignore {
            return Ok(Self::Nothing(Golden::NotLookedAt));
        }
        if options.seed.is_some_and(|seed| seed != own) {
            let golden =
                if path.exists() { Golden::OtherSeed { own } } else { Golden::NotLookedAt };
            return Ok(Self::Nothing(golden));
        }
        if mode == GoldenMode::Write {
            return Ok(Self::Write(path, GoldenWriter::default()));
        }
        match GoldenComparer::open(&path) {
            Ok(Some(comparer)) => Ok(Self::Compare(path, comparer)),
            Ok(None) => Ok(Self::Nothing(Golden::NotLookedAt)),
            Err(error) => Err(RunError::Golden(path, error)),
        }
    }

    fn sink(&mut self) -> Option<&mut dyn Write> {
        match self {
            Self::Nothing(_) => None,
            Self::Compare(_, comparer) => Some(comparer),
            Self::Write(_, writer) => Some(writer),
        }
    }

    fn finish(self, replayed: &Replayed, held: bool) -> Result<Golden, RunError> {
        match self {
            Self::Nothing(golden) => Ok(golden),
            Self::Compare(path, comparer) => {
                comparer.finish(replayed).map_err(|error| RunError::Golden(path, error))
            }
            Self::Write(_, _) if !held => Ok(Golden::NotWritten),
            Self::Write(path, writer) => match writer.finish(&path, replayed) {
                Ok(()) => Ok(Golden::Written),
                Err(error) => Err(RunError::Golden(path, error)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::report::explain;
    use super::*;

    fn small() -> ScenarioFile {
        let text = r#"{"format": 1, "world": {"projects": {}, "images": {}}, "steps": [{"wait": {"for": "1s"}}]}"#;
        ScenarioFile::parse(Path::new("small.json"), text.to_owned()).expect("it is a scenario")
    }

    fn checked() -> Run {
        let options = ReplayOptions { seed: None, shards: 1 };
        let checks = Checks { again: true, golden: GoldenMode::Ignore, timeline: false };
        run(&small(), options, checks, None, &StepCounter::default()).expect("it can be run")
    }

    #[test]
    fn steps_are_counted_as_they_begin() {
        let (options, steps) = (ReplayOptions { seed: None, shards: 1 }, StepCounter::default());
        let checks = Checks { again: true, golden: GoldenMode::Ignore, timeline: false };
        run(&small(), options, checks, None, &steps).expect("it can be run");
        assert_eq!(steps.begun(), 2, "one step, run twice");
    }

    #[test]
    fn a_second_run_that_differs_is_a_failure_that_says_where() {
        let mut run = checked();
        assert!(run.held() && explain(&run).is_empty());
        let line = |at: u32| Some(format!(r#"{{"at":{at},"event":"job_started"}}"#));
        let difference = Difference { line: 3, expected: line(700), found: line(800) };
        let again =
            |difference, failed_otherwise| Again { shards: 4, difference, failed_otherwise };
        run.again = Some(again(Some(difference), false));
        assert!(!run.held());
        let expected = [
            "a second run gave another trace; line 3 differs",
            r#"on 1 shard   {"at":700,"event":"job_started"}"#,
            r#"on 4 shards  {"at":800,"event":"job_started"}"#,
            r#"differing    {"at":[-700-]{+800+},"event":"job_started"}"#,
            "repeat with: imsim replay small.json --seed 1 --shards 1 --check",
        ];
        let text = explain(&run);
        assert_eq!(text.lines().map(str::trim_start).collect::<Vec<_>>(), expected);
        run.again = Some(again(None, true));
        assert!(!run.held() && explain(&run).contains("but other steps failed"));
    }
}
