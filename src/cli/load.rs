//! `imsim load`: what is to be done, once the arguments are found to make sense together.

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use super::args::{LoadArgs, ReportKind};
use super::files_apart::{NamedFile, keep_apart};
use crate::clock::{SimDuration, WallTime};
use crate::load::baseline;
use crate::load::report_form::LoadReport;
use crate::replay::{TargetOptions, WholeFile, own_seed};
use crate::scenario::load_section::LoadSection;
use crate::scenario::{ScenarioFile, check_load, compile};
use crate::seed::Seed;

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
    check_load(&section, &blueprint)
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
