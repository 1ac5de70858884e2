//! The report that people look at: one HTML file with everything in it, which needs neither a network nor
//! a script.

mod asked;
mod buckets;
mod chart;
mod found;
mod lanes;
mod operations;
mod over_time;
mod scale;

use std::time::Duration;

use maud::{Markup, html};

use super::text::ended;
use super::text::verdict::what_failed;
use crate::load::report_form::LoadReport;
use crate::load::words::{grouped, is_open, model, per_second, span, target, time_of, with_share};
use crate::replay::html::{STYLE, tile};

/// What the page adds to the looks of all our pages.
const MORE_STYLE: &str = include_str!("html/style.css");

/// The page about a run.
#[must_use]
pub fn page(report: &LoadReport) -> String {
    let title = if report.held { "Held" } else { "Did not hold" };
    let body = html! {
        header id="top" { (summary(report)) }
        main {
            (found::thresholds(report))
            (over_time::over_time(report))
            (operations::latency(report))
            (operations::outcomes(report))
            (found::transactions(report))
            (found::jobs(report))
            (found::rules(report))
            (found::audit(report))
            (found::baseline(report))
            (asked::asked(report))
        }
        footer { "Made by imsim " (report.imsim) "." }
    };
    crate::page::page(&format!("{title} · imsim load"), &[STYLE, MORE_STYLE], &body)
}

fn summary(report: &LoadReport) -> Markup {
    let (class, sentence) = if report.held {
        ("verdict passed", "The load held".to_owned())
    } else {
        ("verdict failed", format!("Did not hold: {}", what_failed(report).join(", ")))
    };
    let took = span(Duration::from_millis(report.took_ms));
    html! {
        p.program { "imsim load" }
        h1 class=(class) { (sentence) }
        p.lead {
            span.file { (report.scenario) } " on " (target(report)) "; " (model(report)) ". "
            (took) " from " (report.started) "; " (ended(report.ended)) "."
        }
        (tiles(report))
        p.repeat { "Seed " (report.seed) ". Repeat with " code { (report.command) } }
    }
}

/// The figures that are asked for first.
fn tiles(report: &LoadReport) -> Markup {
    let LoadReport { requests, jobs, transactions, audit, .. } = report;
    let of = &requests.latency;
    let (ended, wrong) = (&jobs.submit_to_final, audit.total());
    html! {
        dl.tiles {
            (tile("requests", &grouped(requests.count), ""))
            (tile("a second", &per_second(requests.per_second), ""))
            (tile("errors", &with_share(requests.errors, requests.count), if requests.errors > 0 { "failed" } else { "" }))
            (tile("p50", &time_of(of, of.p50_us), ""))
            (tile("p99", &time_of(of, of.p99_us), ""))
            (tile("jobs ended", &grouped(jobs.succeeded + jobs.failed), ""))
            (tile("submit to final p99", &time_of(ended, ended.p99_us), ""))
            @if is_open(report) {
                @let off = transactions.late + transactions.dropped;
                (tile("late or dropped", &with_share(off, transactions.planned), if off > 0 { "failed" } else { "" }))
            }
            @if audit.done {
                (tile("broken promises", &grouped(wrong), if wrong > 0 { "failed" } else { "passed" }))
            }
        }
    }
}

/// What held or did not, as a word with its colour.
fn badge(held: bool) -> Markup {
    if held {
        html! { span class="badge passed" { "held" } }
    } else {
        html! { span class="badge failed" { "FAILED" } }
    }
}

#[cfg(test)]
mod tests;
