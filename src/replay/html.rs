//! The report that people look at: one HTML file with everything in it, which needs neither a network nor
//! a script.

mod differing;
mod failures;
mod jobs;
mod kept;
mod picture;
mod section;
pub(crate) mod words;

use std::time::Duration;

use maud::{Markup, html};

use super::FileOutcome;
use super::run::Run;
use crate::clock::SimDuration;
pub use kept::{MOST_PICTURED, Pictured};
use words::{brief, count, grouped};

/// How the page looks; colours follow what the reader prefers.
pub(crate) const STYLE: &str = include_str!("html/style.css");

/// The most files with a section of their own: beyond that those that failed are preferred.
const MOST_SECTIONS: usize = 1_000;

/// The page about files in all their runs. It is the same for the same runs, but for the real time, which
/// stands in elements of the class `real`.
#[must_use]
pub fn page(files: &[FileOutcome]) -> String {
    let shown = shown(files);
    let totals = Totals::of(files);
    let title = if totals.all_held() { "All held" } else { "Not all held" };
    let mut pictures = 0;
    let body = html! {
        header id="top" { (summary(&totals)) }
        main {
            (table(&shown, files.len() - shown.len()))
            @for (index, file) in &shown {
                (section::section(*index, file, &mut pictures))
            }
        }
        footer { "Made by imsim " (env!("CARGO_PKG_VERSION")) "." }
    };
    crate::page::page(&format!("{title} · imsim replay"), &[STYLE], &body)
}

/// The files that are shown, each with its place in the list.
fn shown(files: &[FileOutcome]) -> Vec<(usize, &FileOutcome)> {
    let mut shown: Vec<(usize, &FileOutcome)> = files.iter().enumerate().collect();
    if shown.len() > MOST_SECTIONS {
        shown.sort_by_key(|(place, file)| (file.held(), *place));
        shown.truncate(MOST_SECTIONS);
        shown.sort_by_key(|(place, _)| *place);
    }
    shown
}

/// Sums over all files.
#[derive(Default)]
struct Totals {
    passed: u64,
    failed: u64,
    broken: u64,
    runs: u64,
    jobs: u64,
    simulated: SimDuration,
    real: Duration,
}

impl Totals {
    fn of(files: &[FileOutcome]) -> Self {
        let mut totals = Self::default();
        for file in files {
            let counter = match verdict(file) {
                Verdict::Passed => &mut totals.passed,
                Verdict::Failed => &mut totals.failed,
                Verdict::Broken => &mut totals.broken,
            };
            *counter += 1;
            for Run { replayed, .. } in &file.runs {
                totals.runs += 1;
                totals.jobs += replayed.jobs.accepted;
                totals.simulated = totals.simulated + replayed.simulated;
                totals.real += replayed.real;
            }
        }
        totals
    }

    const fn all_held(&self) -> bool {
        self.failed + self.broken == 0
    }
}

/// What became of a file.
#[derive(Clone, Copy)]
enum Verdict {
    Passed,
    Failed,
    Broken,
}

fn verdict(file: &FileOutcome) -> Verdict {
    match (&file.broken, file.held()) {
        (Some(_), _) => Verdict::Broken,
        (None, true) => Verdict::Passed,
        (None, false) => Verdict::Failed,
    }
}

impl Verdict {
    /// The word, with the class that gives it its colour.
    fn badge(self) -> Markup {
        let (class, word) = match self {
            Self::Passed => ("badge passed", "passed"),
            Self::Failed => ("badge failed", "FAILED"),
            Self::Broken => ("badge failed", "could not run"),
        };
        html! { span class=(class) { (word) } }
    }
}

fn summary(totals: &Totals) -> Markup {
    let files = totals.passed + totals.failed + totals.broken;
    let sentence = match (totals.all_held(), files) {
        (true, 1) => "The scenario held".to_owned(),
        (true, _) => format!("All {} held", count(files, "scenario")),
        (false, 1) => "The scenario did not hold".to_owned(),
        (false, _) => {
            format!(
                "{} of {} did not hold",
                grouped(files - totals.passed),
                count(files, "scenario")
            )
        }
    };
    let class = if totals.all_held() { "verdict passed" } else { "verdict failed" };
    html! {
        p.program { "imsim replay" }
        h1 class=(class) { (sentence) }
        dl.tiles {
            (tile("passed", &grouped(totals.passed), if totals.passed > 0 { "passed" } else { "" }))
            (tile("failed", &grouped(totals.failed), if totals.failed > 0 { "failed" } else { "" }))
            @if totals.broken > 0 {
                (tile("could not run", &grouped(totals.broken), "failed"))
            }
            (tile("runs", &grouped(totals.runs), ""))
            (tile("jobs accepted", &grouped(totals.jobs), ""))
            (tile("simulated time", &brief(totals.simulated), ""))
            div { dt { "real time" } dd { (real(totals.real)) } }
        }
    }
}

/// A figure that stands out, with its name.
pub(crate) fn tile(name: &str, value: &str, class: &str) -> Markup {
    html! { div class=(class) { dt { (name) } dd { (value) } } }
}

/// Real time, alone on the page in being another one each time.
fn real(time: Duration) -> Markup {
    html! { span.real { (format!("{:.1}", time.as_secs_f64() * 1_000.0)) "ms" } }
}

/// The name by which a section is linked to.
fn anchor(index: usize) -> String {
    format!("scenario-{}", index + 1)
}

/// All files with their verdicts.
fn table(shown: &[(usize, &FileOutcome)], more: usize) -> Markup {
    html! {
        div.wide {
            table.files {
                thead {
                    tr {
                        th { "verdict" }
                        th { "scenario" }
                        th.number { "seed" }
                        th.number { "shards" }
                        th.number { "jobs" }
                        th.number { "simulated" }
                        th.number { "real" }
                    }
                }
                tbody { @for (index, file) in shown { (row(*index, file)) } }
            }
        }
        @if more > 0 {
            p.note { "and " (count(more as u64, "scenario")) " more, which are not shown" }
        }
        p.note {
            "A run is repeated, to the byte, by " code { "imsim replay " i { "scenario" } " --seed " i { "seed" } " --shards " i { "shards" } } "."
        }
    }
}

fn row(index: usize, file: &FileOutcome) -> Markup {
    let runs = || file.runs.iter().map(|run| &run.replayed);
    let seeds = match &file.runs[..] {
        [] => String::new(),
        [run] => run.replayed.seed.to_string(),
        [first, ..] => format!("{} from {}", grouped(file.runs.len() as u64), first.replayed.seed),
    };
    let jobs: u64 = runs().map(|run| run.jobs.accepted).sum();
    let simulated = runs().fold(SimDuration::ZERO, |sum, run| sum + run.simulated);
    html! {
        tr {
            td { (verdict(file).badge()) }
            td {
                a href=(format!("#{}", anchor(index))) { (file.file.display()) }
                @if let Some(about) = &file.about { div.about { (section::first_sentence(about)) } }
            }
            td.number { (seeds) }
            td.number { @if let Some(run) = runs().next() { (run.shards) } }
            td.number { (grouped(jobs)) }
            td.number { (brief(simulated)) }
            td.number { (real(runs().map(|run| run.real).sum())) }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
