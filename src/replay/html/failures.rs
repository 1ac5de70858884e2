//! What did not hold of a run.

use maud::{Markup, html};

use super::differing::differing;
use super::words::{count, grouped};
use crate::journal::invariants::Violations;
use crate::replay::failure::MOST_EXPLAINED;
use crate::replay::golden::{Drift, Golden, golden_path};
use crate::replay::report::{place, quoted};
use crate::replay::{Again, Difference, Replayed, Run, StepFailure, Summary};

/// All that did not hold; nothing if all did.
pub(super) fn failures(run: &Run) -> Markup {
    let replayed = &run.replayed;
    let more = replayed.failures.len().saturating_sub(MOST_EXPLAINED) as u64;
    html! {
        @for failure in replayed.failures.iter().take(MOST_EXPLAINED) {
            (step(failure))
        }
        @if more > 0 { p.note { "and " (grouped(more)) " more that did not hold" } }
        (violations(&replayed.violations))
        @if let Some(again) = &run.again { (second_run(again, replayed)) }
        @if let Golden::Drifted(drift) = &run.golden { (drifted(drift, replayed)) }
    }
}

fn step(failure: &StepFailure) -> Markup {
    let rows = failure.mismatches.iter().map(|mismatch| {
        let (expected, found) = (Some(&*mismatch.expected), Some(&*mismatch.found));
        compared(&mismatch.what, expected, found)
    });
    html! {
        div.failure {
            p { (place(failure)) }
            (table(["what", "expected", "found"], rows))
        }
    }
}

/// A table of what was expected and what was found.
fn table(heads: [&str; 3], rows: impl Iterator<Item = Markup>) -> Markup {
    html! {
        table.differences {
            thead { tr { @for head in heads { th { (head) } } } }
            tbody { @for row in rows { (row) } }
        }
    }
}

fn compared(what: &str, expected: Option<&str>, found: Option<&str>) -> Markup {
    let ended = || html! { i { "the trace has ended" } };
    let (expected, found) = match (expected, found) {
        (Some(expected), Some(found)) => differing(expected, found),
        (Some(expected), None) => (html! { (expected) }, ended()),
        (None, Some(found)) => (ended(), html! { (found) }),
        (None, None) => (ended(), ended()),
    };
    html! { tr { td { (what) } td.value { (expected) } td.value { (found) } } }
}

fn violations(violations: &Violations) -> Markup {
    let shown = violations.kept.iter().take(MOST_EXPLAINED);
    let hidden = violations.kept.len().saturating_sub(MOST_EXPLAINED) as u64 + violations.more;
    html! {
        @if !violations.is_empty() {
            div.failure {
                p { "Invariants that hold in every run were broken; that is a defect of imsim itself:" }
                ul { @for violation in shown { li { (violation) } } }
                @if hidden > 0 { p.note { "and " (grouped(hidden)) " more" } }
            }
        }
    }
}

fn second_run(again: &Again, first: &Replayed) -> Markup {
    let on = |shards: usize| format!("on {}", count(shards as u64, "shard"));
    html! {
        @if let Some(difference) = &again.difference {
            div.failure {
                p { "A second run gave another trace." }
                (lines(difference, &on(first.shards), &on(again.shards)))
            }
        } @else if again.failed_otherwise {
            div.failure { p { "A second run, " (on(again.shards)) ", gave the same trace, but other steps failed." } }
        }
    }
}

fn drifted(drift: &Drift, replayed: &Replayed) -> Markup {
    let golden = golden_path(&replayed.file);
    html! {
        div.failure {
            p { "The trace is not the golden one, " (golden.display()) "." }
            @match drift {
                Drift::Line(difference) => (lines(difference, "golden", "found")),
                Drift::Digest { expected, found } => {
                    (table(["what", "golden", "found"], summaries(expected, found).into_iter()))
                },
            }
            @if replayed.held() {
                p.note { "If it is right so, keep it: " code { "imsim replay " (quoted(&replayed.file)) " --golden write" } }
            }
        }
    }
}

fn summaries(expected: &Summary, found: &Summary) -> [Markup; 2] {
    let lines = |summary: &Summary| summary.lines.to_string();
    [
        compared("lines", Some(&lines(expected)), Some(&lines(found))),
        compared("digest", Some(&expected.digest), Some(&found.digest)),
    ]
}

/// The first line in which two traces differ.
fn lines(difference: &Difference, expected: &str, found: &str) -> Markup {
    let what = format!("line {}", difference.line);
    let row = compared(&what, difference.expected.as_deref(), difference.found.as_deref());
    table(["what", expected, found], std::iter::once(row))
}
