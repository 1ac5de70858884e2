//! `imsim replay`.

use std::path::Path;

use super::args::ReplayArgs;
use super::output::Output;
use super::trace_file::TraceFile;
use super::{Exit, could_not_run};
use crate::replay::{self, ReplayError, ReplayOptions, Replayed};
use crate::seed::Seed;

pub(super) fn replay(args: &ReplayArgs) -> Exit {
    let files = match replay::find_files(&args.paths) {
        Ok(files) => files,
        Err(problem) => return could_not_run(&problem),
    };
    if args.trace.is_some() && files.len() > 1 {
        let reason = format!("--trace takes one scenario, and these are {}", files.len());
        return could_not_run(&reason);
    }
    let shards = usize::try_from(args.shards).unwrap_or(1);
    let options = ReplayOptions { seed: args.seed.map(Seed::new), shards };
    let width = files.iter().map(|file| file.display().to_string().len()).max().unwrap_or(0);
    let (mut passed, mut failed, mut broken) = (0_usize, 0_usize, 0_usize);
    let mut output = Output::default();
    for file in &files {
        match run(file, options, args.trace.as_deref()) {
            Ok(replayed) => {
                let counter = if replayed.held() { &mut passed } else { &mut failed };
                *counter += 1;
                output.print(replay::line(&replayed, width));
            }
            Err(reason) => {
                broken += 1;
                could_not_run(&reason);
            }
        }
    }
    output.print(replay::summary(passed, failed, broken));
    output.exit(match (failed, broken) {
        (_, 1..) => Exit::CouldNotRun,
        (1.., 0) => Exit::DidNotHold,
        (0, 0) => Exit::Held,
    })
}

fn run(file: &Path, options: ReplayOptions, trace: Option<&Path>) -> Result<Replayed, String> {
    let Some(path) = trace else {
        return replay::replay(file, options, None).map_err(|error| explain(&error));
    };
    let mut trace = TraceFile::open(path, Some(file))?;
    let replayed = replay::replay(file, options, Some(&mut trace));
    let replayed = replayed.map_err(|error| explain(&error))?;
    trace.finish()?;
    Ok(replayed)
}

fn explain(error: &ReplayError) -> String {
    match error {
        ReplayError::Scenario(problem) => problem.to_string(),
        ReplayError::Trace(error) => format!("cannot write the trace: {error}"),
    }
}
