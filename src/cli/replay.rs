//! `imsim replay`.

mod pool;
mod progress;
mod reports;

use std::path::{Path, PathBuf};

use super::args::ReplayArgs;
use super::output::Output;
use super::{Exit, could_not_run, target};
use crate::replay::{self, Checks, FileOutcome, GoldenMode};
use crate::seed::Seed;
use pool::Work;
use progress::Progress;
use reports::Reports;

pub(super) fn replay(args: &ReplayArgs) -> Exit {
    if let Some(url) = &args.target.url {
        return target::replay_against(url, args);
    }
    let (work, mut reports) = match prepare(args) {
        Ok(prepared) => prepared,
        Err(reason) => return could_not_run(&reason),
    };
    let width = work.files.iter().map(|file| file.display().to_string().len()).max().unwrap_or(0);
    let mut counts = Counts::default();
    let mut output = Output::default();
    let mut progress = Progress::new(&work);
    let finished = pool::run(&work, &mut progress, |outcome, progress| {
        counts.add(&outcome);
        progress.beside(|| print(&outcome, width, &mut output));
        reports.add(outcome);
    });
    progress.end();
    if let Err(reason) = finished {
        return could_not_run(&reason);
    }
    output.print(replay::summary(counts.passed, counts.failed, counts.broken));
    let exit = match reports.write() {
        Ok(()) => counts.exit(),
        Err(reason) => could_not_run(&reason),
    };
    output.exit(exit)
}

fn print(outcome: &FileOutcome, width: usize, output: &mut Output) {
    match &outcome.broken {
        Some(reason) => {
            could_not_run(reason);
        }
        None => output.print(outcome.text(width)),
    }
}

/// What became of the files.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) broken: usize,
}

impl Counts {
    fn add(&mut self, outcome: &FileOutcome) {
        let counter = match (&outcome.broken, outcome.held()) {
            (Some(_), _) => &mut self.broken,
            (None, true) => &mut self.passed,
            (None, false) => &mut self.failed,
        };
        *counter += 1;
    }

    pub(super) fn exit(&self) -> Exit {
        match (self.failed, self.broken) {
            (_, 1..) => Exit::CouldNotRun,
            (1.., 0) => Exit::DidNotHold,
            (0, 0) => Exit::Held,
        }
    }
}

/// What is to be done, once the arguments are found to make sense together.
fn prepare(args: &ReplayArgs) -> Result<(Work, Reports), String> {
    let files = replay::find_files(&args.paths).map_err(|problem| problem.to_string())?;
    check_counts(args, &files)?;
    let golden = GoldenMode::from(args.golden);
    if golden == GoldenMode::Write && (args.seed.is_some() || args.repeat > 1) {
        let reason = "--golden write writes the trace of each file's own seed; leave out --seed and --repeat";
        return Err(reason.to_owned());
    }
    if let Some(trace) = &args.trace
        && files.iter().any(|file| is_same_file(trace, &replay::golden_path(file)))
    {
        let trace = trace.display();
        return Err(format!(
            "--trace {trace} would overwrite the golden trace; see --golden write"
        ));
    }
    let reports = Reports::open(&args.report, args.trace.as_deref(), &files)?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let work = Work {
        files,
        seed: args.seed.map(Seed::new),
        repeat: args.repeat,
        shards: usize::try_from(args.shards).unwrap_or(1),
        checks: Checks { again: args.check, golden, timeline: reports.want_pictures() },
        trace: args.trace.clone(),
        jobs: args.jobs.and_then(|jobs| usize::try_from(jobs).ok()).unwrap_or(cores),
    };
    Ok((work, reports))
}

fn check_counts(args: &ReplayArgs, files: &[PathBuf]) -> Result<(), String> {
    if args.trace.is_some() && files.len() > 1 {
        return Err(format!("--trace takes one scenario, and these are {}", files.len()));
    }
    if args.trace.is_some() && args.repeat > 1 {
        return Err(format!("--trace takes one run, and --repeat asks for {}", args.repeat));
    }
    let (most, runs) = (super::args::MOST_RUNS, args.repeat.saturating_mul(files.len() as u64));
    if runs > most {
        let (files, repeat) = (files.len(), args.repeat);
        return Err(format!(
            "{files} scenarios with {repeat} seeds are {runs} runs; at most {most}"
        ));
    }
    Ok(())
}

/// Whether two paths lead to the same file.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| {
        // A file that does not exist yet is known by its folder.
        path.canonicalize().ok().or_else(|| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            Some(folder.unwrap_or(Path::new(".")).canonicalize().ok()?.join(path.file_name()?))
        })
    };
    real(one).is_some() && real(one) == real(other)
}
