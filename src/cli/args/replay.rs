//! The arguments of `imsim replay`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::target::TargetArgs;
use super::shards;
use crate::replay::{GoldenMode, MOST_REPLAY_SHARDS};
use crate::scenario::problem::nearest;

pub(super) const REPLAY_EXAMPLES: &str = "\
Prints the digest of each run's canonical trace: the same file, seed and
version give the same digest, on any machine and any number of shards.

A golden trace, NAME.trace.jsonl beside NAME.json, is the trace as it was
once found right; a run with the file's own seed that gives another one
fails, and shows the first line that differs.

Examples:
  imsim replay scenarios/
  imsim replay scenarios/contract/partial-failure.json --seed 7 --shards 4 --trace run.jsonl
  imsim replay scenarios/ --check --report junit=junit.xml --report json=report.json
  imsim replay scenarios/load/latency-laws.json --repeat 100
  imsim replay scenarios/contract/partial-failure.json --golden write
  imsim replay scenarios/contract/partial-failure.json --target http://127.0.0.1:8787";

/// The most runs of one command, over all files and seeds: reports name each of them.
pub(in crate::cli) const MOST_RUNS: u64 = 100_000;

/// The most threads that run files side by side; more than cores would only cost memory.
const MOST_JOBS: u64 = 256;

#[derive(Debug, Args)]
pub(in crate::cli) struct ReplayArgs {
    /// Scenario files, and folders that are searched for *.json
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// Seed of everything that is drawn [default: that of each file, else 1]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) seed: Option<u64>,

    /// Run each file with so many seeds, one after the other from the first on; at most 100000 runs in all
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=MOST_RUNS))]
    pub(in crate::cli) repeat: u64,

    /// Number of shards, from 1 to 64, all on one thread; the digest does not depend on it
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = shards(MOST_REPLAY_SHARDS))]
    pub(in crate::cli) shards: u64,

    /// Run everything twice, the second time on another number of shards, and compare the traces
    #[arg(long)]
    pub(in crate::cli) check: bool,

    /// Golden traces: compare where there is one, write that of each run that holds, or ignore them
    #[arg(long, value_name = "WHAT", default_value = "compare")]
    pub(in crate::cli) golden: GoldenChoice,

    /// Write the canonical trace, JSON lines, to this file; only with one scenario and one seed
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) trace: Option<PathBuf>,

    /// Write a report: junit=FILE for CI systems, json=FILE for programs, html=FILE for people to look at; may be said several times
    #[arg(long, value_name = "KIND=FILE", value_parser = ReportTarget::parse)]
    pub(in crate::cli) report: Vec<ReportTarget>,

    /// Number of runs side by side, from 1 to 256 [default: one for each core]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=MOST_JOBS))]
    pub(in crate::cli) jobs: Option<u64>,

    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
}

/// What is done about golden traces, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum GoldenChoice {
    Compare,
    Write,
    Ignore,
}

impl From<GoldenChoice> for GoldenMode {
    fn from(choice: GoldenChoice) -> Self {
        match choice {
            GoldenChoice::Compare => Self::Compare,
            GoldenChoice::Write => Self::Write,
            GoldenChoice::Ignore => Self::Ignore,
        }
    }
}

/// A report to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct ReportTarget {
    pub(in crate::cli) kind: ReportKind,
    pub(in crate::cli) path: PathBuf,
}

/// The kinds of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum ReportKind {
    Junit,
    Json,
    Html,
}

/// The kinds as they are typed.
const REPORT_KINDS: [(&str, ReportKind); 3] =
    [("junit", ReportKind::Junit), ("json", ReportKind::Json), ("html", ReportKind::Html)];

impl ReportTarget {
    /// A report of a replay.
    fn parse(text: &str) -> Result<Self, String> {
        Self::of(&REPORT_KINDS, text)
    }

    /// A report of a load run: those that CI systems read have no place for what it measures.
    pub(super) fn parse_of_load(text: &str) -> Result<Self, String> {
        Self::of(&REPORT_KINDS[1..], text)
    }

    fn of(kinds: &[(&str, ReportKind)], text: &str) -> Result<Self, String> {
        let forms: Vec<String> = kinds.iter().map(|(name, _)| format!("{name}=FILE")).collect();
        let forms = forms.join(" or ");
        let (name, path) =
            text.split_once('=').ok_or_else(|| format!("a report is written as {forms}"))?;
        let known = kinds.iter().find(|(known, _)| *known == name);
        let Some((_, kind)) = known else {
            let meant = nearest(name, kinds.iter().map(|(name, _)| *name));
            return Err(format!(
                "there is no report `{name}`; a report is written as {forms}{meant}"
            ));
        };
        if path.is_empty() {
            return Err(format!("no file is named; a report is written as {forms}"));
        }
        Ok(Self { kind: *kind, path: path.into() })
    }
}
