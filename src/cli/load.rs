//! `imsim load`: the arguments, what is shown while it runs, and what comes of it.

mod shown;
#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::args::{LoadArgs, ReportKind};
use super::files_apart::{NamedFile, keep_apart};
use super::output::Output;
use super::{Exit, could_not_run, descriptors};
use crate::clock::{SimDuration, WallTime};
use crate::load::report::{html::page, text::text};
use crate::load::report_form::LoadReport;
use crate::load::{self, Baseline, LoadOptions, baseline};
use crate::replay::{TargetOptions, WholeFile, own_seed};
use crate::scenario::load_section::LoadSection;
use crate::scenario::{ScenarioFile, check_load, compile};
use crate::seed::Seed;
use shown::Shown;

/// Puts a load on a server.
pub(super) fn load(args: &LoadArgs) -> Exit {
    let prepared = match prepare(args) {
        Ok(prepared) => prepared,
        Err(reason) => return could_not_run(&reason),
    };
    let shards = args.shards.map_or_else(cores, |shards| usize::try_from(shards).unwrap_or(1));
    if let Err(reason) = descriptors::provide(shards) {
        return could_not_run(&reason);
    }
    let planned = shown::planned(&prepared);
    let mut shown = Shown::new(&args.verdict, planned);
    let Prepared { scenario, section, target, baseline, reports } = prepared;
    let allowed = args.regression();
    let options = LoadOptions {
        file: scenario,
        said: section,
        target,
        seed: args.seed.map(Seed::new),
        shards,
        cores: u32::try_from(cores()).unwrap_or(1),
        command: shown::command(std::env::args_os().skip(1)),
        baseline: baseline.map(|(path, report)| Baseline {
            file: path.display().to_string(),
            report,
            allowed,
        }),
    };
    let ran = load::run(options, &mut |report| shown.show(report));
    // The terminal is as it was before anything is printed.
    drop(shown);
    match ran {
        Ok(report) => told(&report, reports),
        Err(reason) => could_not_run(&reason),
    }
}

/// Prints what came of it, and writes the reports.
fn told(report: &LoadReport, reports: Vec<(ReportKind, PathBuf, WholeFile)>) -> Exit {
    let mut output = Output::default();
    output.print(text(report));
    let mut result = Ok(());
    for (kind, path, file) in reports {
        let wrong = |error: &dyn Display| format!("cannot write {}: {error}", path.display());
        let page = match kind {
            ReportKind::Html => Ok(page(report)),
            _ => serde_json::to_string_pretty(report).map(|text| text + "\n"),
        };
        let written = page
            .map_err(|error| wrong(&error))
            .and_then(|page| file.write(page.as_bytes()).map_err(|error| wrong(&error)));
        result = result.and(written);
    }
    match result {
        Ok(()) => output.exit(if report.held { Exit::Held } else { Exit::DidNotHold }),
        Err(reason) => could_not_run(&reason),
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// What is to be done.
pub(super) struct Prepared {
    /// The scenario that was named; without one it is the built-in load.
    pub(super) scenario: Option<ScenarioFile>,
    /// What the file and the arguments say together, checked beside the world of the file if one was named.
    pub(super) section: LoadSection,
    /// The server that was named; without one the run starts its own.
    pub(super) target: Option<TargetOptions>,
    /// The file of the earlier run with its report.
    pub(super) baseline: Option<(PathBuf, LoadReport)>,
    /// The reports to write; each file was tried.
    pub(super) reports: Vec<(ReportKind, PathBuf, WholeFile)>,
}

/// Reads and tries all that the arguments name, before any load is put on anything.
///
/// # Errors
/// A sentence for people.
pub(super) fn prepare(args: &LoadArgs) -> Result<Prepared, String> {
    apart(args)?;
    let scenario = args.scenario.as_deref().map(ScenarioFile::read).transpose();
    let scenario = scenario.map_err(|problem| problem.to_string())?;
    let section = together(args, scenario.as_ref())?;
    let server = &args.target.server;
    let target = args.target.url.as_ref();
    // Nothing of a load is held against a duration, and how long it takes the section says.
    let none = SimDuration::ZERO;
    let target = target.map(|url| server.options(url, args.seed, none, none)).transpose()?;
    let baseline = args.verdict.baseline.clone();
    let baseline = baseline.map(|path| baseline::read(&path).map(|report| (path, report)));
    let baseline = baseline.transpose()?;
    let reports = args.verdict.report.iter().map(|report| {
        let wrong = |error| format!("cannot write {}: {error}", report.path.display());
        let file = WholeFile::open(&report.path).map_err(wrong)?;
        Ok((report.kind, report.path.clone(), file))
    });
    let reports = reports.collect::<Result<_, String>>()?;
    Ok(Prepared { scenario, section, target, baseline, reports })
}

/// What the file and the arguments say together. A file must make sense by itself, too.
fn together(args: &LoadArgs, file: Option<&ScenarioFile>) -> Result<LoadSection, String> {
    let Some(file) = file else { return Ok(args.section()) };
    let seed = args.seed.map_or_else(|| own_seed(file), Seed::new);
    let start = WallTime::default().since_1970();
    let blueprint = compile(file, seed, start).map_err(|problem| problem.to_string())?;
    let section = file.sections.load.clone().unwrap_or_default().with(args.section());
    check_load(&section, &file.sections.world, &blueprint.names)
        .map_err(|reason| format!("{} with these arguments: {reason}", file.path.display()))?;
    Ok(section)
}

/// Makes sure that no report takes the place of anything that is read, or of another report.
fn apart(args: &LoadArgs) -> Result<(), String> {
    let [tokens, ca_file] = args.target.server.files();
    let scenario = args.scenario.as_deref();
    let baseline = args.verdict.baseline.as_deref();
    let read = [("the scenario", scenario), ("--baseline", baseline), tokens, ca_file];
    let reports: Vec<NamedFile<'_>> =
        args.verdict.report.iter().map(|it| ("--report", Some(it.path.as_path()))).collect();
    keep_apart(&read, &reports)
}
