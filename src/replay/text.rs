//! What became of a file in all its runs, and what is printed of it.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::golden::Golden;
use super::report::{explain, other_seed, run_line};
use super::run::Run;
use crate::seed::Seed;

/// What became of a file.
#[derive(Debug)]
pub struct FileOutcome {
    /// The file.
    pub file: PathBuf,
    /// What it shows, in its own words.
    pub about: Option<String>,
    /// Its runs, by seed.
    pub runs: Vec<Run>,
    /// Why it could not be run, or not to the end; then the runs say nothing of the file.
    pub broken: Option<String>,
}

/// How many seeds that did not hold are explained; the others are named.
const MOST_SEEDS_EXPLAINED: usize = 5;

/// How many seeds that did not hold are named.
const MOST_SEEDS_NAMED: usize = 100;

impl FileOutcome {
    /// Whether all held in all runs.
    #[must_use]
    pub fn held(&self) -> bool {
        self.broken.is_none() && self.runs.iter().all(Run::held)
    }

    /// One line if all held, and beneath it what did not; the name of the file takes `width` columns.
    /// Why a file could not be run stands in [`FileOutcome::broken`].
    #[must_use]
    pub fn text(&self, width: usize) -> String {
        match &self.runs[..] {
            _ if self.broken.is_some() => String::new(),
            [] => String::new(),
            [run] => run_line(run, width),
            [first, ..] => self.text_of_seeds(first.replayed.seed, width),
        }
    }

    fn text_of_seeds(&self, first: Seed, width: usize) -> String {
        let failed: Vec<&Run> = self.runs.iter().filter(|run| !run.held()).collect();
        let verdict = if failed.is_empty() { "passed" } else { "FAILED" };
        let (file, all) = (self.file.display().to_string(), self.runs.len());
        let held = all - failed.len();
        let real: f64 = self.runs.iter().map(|run| run.replayed.real.as_secs_f64()).sum();
        let mut text = format!("{verdict}  {file:width$}  {held} of {all} seeds from {first}");
        if let Some(again) = self.runs.iter().find_map(|run| run.again.as_ref())
            && self.runs.iter().filter_map(|run| run.again.as_ref()).all(|again| again.is_same())
        {
            let _ = write!(text, "  each the same on {} shards", again.shards);
        }
        let _ = writeln!(text, "  real {:.1}ms{}", real * 1_000.0, self.golden_note());
        for run in failed.iter().take(MOST_SEEDS_EXPLAINED) {
            let _ = writeln!(text, "    seed {}:", run.replayed.seed);
            text.push_str(&explain(run));
        }
        text.push_str(&names_of(&failed));
        text
    }

    /// Which seed was held against the golden trace, if there is one.
    fn golden_note(&self) -> String {
        let own = self.runs.iter().find_map(|run| match run.golden {
            Golden::OtherSeed { own } => Some(own),
            _ => None,
        });
        own.map_or_else(String::new, other_seed)
    }
}

/// The seeds that did not hold, in one line.
fn names_of(failed: &[&Run]) -> String {
    if failed.is_empty() {
        return String::new();
    }
    let named = failed.iter().take(MOST_SEEDS_NAMED);
    let named: Vec<String> = named.map(|run| run.replayed.seed.to_string()).collect();
    let more = match failed.len().saturating_sub(MOST_SEEDS_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let noun = if failed.len() == 1 { "seed" } else { "seeds" };
    format!("    did not hold for {} {noun}: {}{more}\n", failed.len(), named.join(", "))
}
