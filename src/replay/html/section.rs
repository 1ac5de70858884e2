//! The section of one file: what it shows, and what became of its runs.

use maud::{Markup, html};

use super::kept::MOST_SEEDS_SHOWN;
use super::words::{count, grouped};
use super::{Verdict, anchor, failures, jobs, picture, real, verdict};
use crate::replay::golden::Golden;
use crate::replay::report::quoted;
use crate::replay::{Again, FileOutcome, Replayed, RuleCounts, Run};

/// The section of a file; `pictures` counts those of the page.
pub(super) fn section(index: usize, file: &FileOutcome, pictures: &mut usize) -> Markup {
    html! {
        section id=(anchor(index)) {
            h2 {
                (verdict(file).badge()) " " span.file { (file.file.display()) }
                a.up href="#top" { "to the top" }
            }
            @if let Some(about) = &file.about { p.lead { (about) } }
            @if let Some(reason) = &file.broken {
                div.failure { p { "It could not be run:" } pre { (reason) } }
            } @else {
                (runs(file, pictures))
            }
        }
    }
}

/// The first run, and the first that did not hold; the others are counted.
fn runs(file: &FileOutcome, pictures: &mut usize) -> Markup {
    let many = file.runs.len() > 1;
    let failed = file.runs.iter().skip(1).filter(|run| !run.held());
    let shown: Vec<&Run> = file.runs.iter().take(1).chain(failed.take(MOST_SEEDS_SHOWN)).collect();
    let held = file.runs.iter().filter(|run| run.held()).count() as u64;
    html! {
        @if many {
            p {
                (grouped(held)) " of " (count(file.runs.len() as u64, "seed")) " held. Shown: the first"
                @if shown.len() > 1 { ", and the first of those that did not hold" }
                "."
            }
        }
        @for run in shown {
            @if many {
                h3 {
                    @if run.held() { (Verdict::Passed.badge()) } @else { (Verdict::Failed.badge()) }
                    " seed " (run.replayed.seed)
                }
            }
            (one(run, pictures))
        }
    }
}

fn one(run: &Run, pictures: &mut usize) -> Markup {
    *pictures += 1;
    let replayed = &run.replayed;
    html! {
        (facts(run))
        (failures::failures(run))
        @match &replayed.timeline {
            Some(timeline) => { (picture::picture(timeline, *pictures)) },
            None => p.note { "No picture: the page has as many as it can take." },
        }
        (rules(&replayed.rules))
        @if let Some(timeline) = &replayed.timeline { (jobs::jobs(timeline)) }
        p.repeat { "Repeat with " code { (command(run)) } }
    }
}

fn facts(run: &Run) -> Markup {
    let Replayed { seed, shards, simulated, real: time, digest, lines, jobs, .. } = &run.replayed;
    let digest = digest.to_string();
    html! {
        dl.facts {
            div { dt { "seed" } dd { (seed) } }
            div { dt { "shards" } dd { (shards) } }
            div { dt { "simulated" } dd { (simulated) } }
            div { dt { "real" } dd { (real(*time)) } }
            div {
                dt { "jobs" }
                dd {
                    (grouped(jobs.accepted)) " accepted"
                    @for (number, word) in [(jobs.succeeded, "succeeded"), (jobs.failed, "failed"), (jobs.lost, "lost")] {
                        @if number > 0 { ", " (grouped(number)) " " (word) }
                    }
                }
            }
            div { dt { "trace" } dd { (count(*lines, "line")) } }
            div { dt { "digest" } dd { code title=(digest) { (&digest[..16]) } } }
            @if let Some(again) = run.again.as_ref().filter(|again| again.is_same()) {
                div { dt { "second run" } dd { "the same on " (count(again.shards as u64, "shard")) } }
            }
            @if let Some(golden) = golden(&run.golden) {
                div { dt { "golden trace" } dd { (golden) } }
            }
        }
    }
}

fn golden(golden: &Golden) -> Option<String> {
    match golden {
        Golden::NotLookedAt => None,
        Golden::OtherSeed { own } => Some(format!("is of seed {own}")),
        Golden::Same => Some("the same".to_owned()),
        Golden::Drifted(_) => Some("another one".to_owned()),
        Golden::Written => Some("written".to_owned()),
        Golden::NotWritten => Some("not written: the run did not hold".to_owned()),
    }
}

/// The command that repeats a run.
fn command(run: &Run) -> String {
    let Replayed { file, seed, shards, .. } = &run.replayed;
    let check = if run.again.as_ref().is_some_and(|again: &Again| !again.is_same()) {
        " --check"
    } else {
        ""
    };
    format!("imsim replay {} --seed {seed} --shards {shards}{check}", quoted(file))
}

/// What each rule has counted.
fn rules(rules: &[RuleCounts]) -> Markup {
    let all_fired = rules.iter().all(|rule| rule.why_not.is_none());
    html! {
        @if !rules.is_empty() {
            h4 { "Fault rules" }
            div.wide {
                table.rules {
                    thead {
                        tr {
                            th { "rule" }
                            th.number { "considered" }
                            th.number { "matched" }
                            th.number { "fired" }
                            th.number { "superseded" }
                            @if !all_fired { th { "why not" } }
                        }
                    }
                    tbody {
                        @for rule in rules {
                            tr class=(if rule.fired == 0 { "idle" } else { "" }) {
                                td { (rule.id) }
                                td.number { (grouped(rule.considered)) }
                                td.number { (grouped(rule.matched)) }
                                td.number { (grouped(rule.fired)) }
                                td.number { (grouped(rule.superseded)) }
                                @if !all_fired { td { (rule.why_not.as_deref().unwrap_or_default()) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The first sentence of a text, for a table.
pub(super) fn first_sentence(text: &str) -> &str {
    let end = text.find(". ").map_or(text.len(), |end| end + 1);
    &text[..end]
}
