//! `imsim check`.

use std::path::{Path, PathBuf};

use super::args::{CheckArgs, CheckFormat};
use super::check_report::{CheckReport, CheckedFile, Finding};
use super::output::Output;
use super::{Exit, could_not_run};
use crate::replay::{DEFAULT_EPOCH, find_files};
use crate::scenario::check::{Checked, check};
use crate::scenario::{Problem, ScenarioFile};
use crate::seed::Seed;

pub(super) fn run(args: &CheckArgs) -> Exit {
    let mut report = CheckReport::default();
    let mut output = Output::default();
    let text = args.format == CheckFormat::Text;
    for path in &args.paths {
        // One path that leads nowhere does not keep the others from being looked at.
        let files = find_files(std::slice::from_ref(path));
        let files = files.map_or_else(|problem| vec![refused(path, &problem)], each);
        for file in files {
            if text {
                output.print(lines(&file));
            }
            report.add(file);
        }
    }
    if text {
        output.print(summary(&report));
    } else {
        match serde_json::to_string_pretty(&report) {
            Ok(json) => output.print(json + "\n"),
            Err(error) => return could_not_run(&error),
        }
    }
    output.exit(match (report.problems, report.warnings) {
        (1.., _) => Exit::CouldNotRun,
        (0, 1..) if args.strict => Exit::DidNotHold,
        (0, _) => Exit::Held,
    })
}

fn each(files: Vec<PathBuf>) -> Vec<CheckedFile> {
    files.iter().map(|file| look_at(file)).collect()
}

/// Reads and compiles a file as a replay does.
fn look_at(path: &Path) -> CheckedFile {
    match ScenarioFile::read(path) {
        Err(problem) => refused(path, &problem),
        Ok(file) => {
            let seed = file.sections.seed.map_or(Seed::DEFAULT, Seed::new);
            let start = file.sections.epoch.map_or(DEFAULT_EPOCH, |moment| moment.0);
            let Checked { problems, warnings, untold } = check(&file, seed, start);
            CheckedFile {
                file: path.display().to_string(),
                problems: problems.iter().map(Finding::of).collect(),
                warnings: warnings.iter().map(Finding::of).collect(),
                untold,
            }
        }
    }
}

fn refused(path: &Path, problem: &Problem) -> CheckedFile {
    CheckedFile {
        file: path.display().to_string(),
        problems: vec![Finding::of(problem)],
        ..CheckedFile::default()
    }
}

/// A line for each finding, of the form that editors jump to.
fn lines(file: &CheckedFile) -> String {
    let problems = file.problems.iter().map(|finding| ("error", finding));
    let warnings = file.warnings.iter().map(|finding| ("warning", finding));
    let mut text = String::new();
    for (kind, finding) in problems.chain(warnings) {
        text.push_str(&format!("{}:{}\n", file.file, finding.line_as(kind)));
    }
    if file.untold > 0 {
        text.push_str(&format!("{}: and {} more\n", file.file, file.untold));
    }
    text
}

fn summary(report: &CheckReport) -> String {
    let count = |count: usize, what: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural}")
    };
    let CheckReport { files, problems, warnings } = report;
    let (files, problems) = (count(files.len(), "file"), count(*problems, "error"));
    format!("{files}: {problems}, {}\n", count(*warnings, "warning"))
}
