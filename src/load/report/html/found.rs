//! What became of transactions and jobs, and whether what was to hold held.

use maud::{Markup, html};

use super::badge;
use super::operations::{bars, cell_heads, cells};
use crate::load::audit_form::{Audit, Violation, ViolationKind};
use crate::load::report::text::audit::sentence;
use crate::load::report::text::or_nothing;
use crate::load::report::text::verdict::allowed_part;
use crate::load::report_form::{Comparison, LoadReport};
use crate::load::words::{figure, grouped, is_open, per_second, time_of, with_share, worse};

/// Some facts, each with its name; what is not to be told is none.
fn facts<const N: usize>(facts: [(&str, Option<String>); N]) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in facts {
                @if let Some(value) = value { div { dt { (name) } dd { (value) } } }
            }
        }
    }
}

/// A number if there is something to it.
fn some(number: u64) -> Option<String> {
    (number > 0).then(|| grouped(number))
}

pub(super) fn thresholds(report: &LoadReport) -> Markup {
    html! {
        @if !report.thresholds.is_empty() {
            section {
                h2 { "Thresholds" }
                div.wide {
                    table {
                        thead { tr { th {} th { "must hold" } th.number { "found" } } }
                        tbody {
                            @for it in &report.thresholds {
                                tr { td { (badge(it.held)) } td { code { (it.threshold) } } td.number { (or_nothing(it.found.as_deref())) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn transactions(report: &LoadReport) -> Markup {
    let (all, open) = (&report.transactions, is_open(report));
    let late = &all.lateness;
    let at = |us| open.then(|| time_of(late, us));
    html! {
        section {
            h2 { "Transactions" }
            (facts([
                (if open { "planned" } else { "begun" }, Some(grouped(all.planned))),
                ("finished", Some(grouped(all.finished))),
                ("finished a second", Some(per_second(all.per_second))),
                ("broken off", some(all.broken_off)),
                ("died in the driver", some(all.died)),
                ("still under way", some(all.in_flight)),
                ("most at once", some(all.most_in_flight)),
                ("begun late", open.then(|| with_share(all.late, all.planned))),
                ("dropped", open.then(|| with_share(all.dropped, all.planned))),
                ("later than planned, p50", at(late.p50_us)),
                ("p99", at(late.p99_us)),
                ("max", at(late.max_us)),
            ]))
        }
    }
}

pub(super) fn jobs(report: &LoadReport) -> Markup {
    let jobs = &report.jobs;
    html! {
        section {
            h2 { "Jobs" }
            @if jobs.accepted == 0 {
                p.note { "No batch was accepted." }
            } @else {
                (facts([
                    ("accepted", Some(grouped(jobs.accepted))),
                    ("SUCCESS", Some(with_share(jobs.succeeded, jobs.accepted))),
                    ("FAIL", Some(with_share(jobs.failed, jobs.accepted))),
                    ("given up", Some(with_share(jobs.given_up, jobs.accepted))),
                    ("nobody there to ask", some(jobs.unreachable)),
                    ("still polled", some(jobs.in_flight)),
                    ("most polled at once", some(jobs.most_in_flight)),
                    ("ended a second", Some(per_second(jobs.per_second))),
                    ("pairs", some(jobs.pairs)),
                    ("failed pairs", Some(with_share(jobs.failed_pairs, jobs.pairs))),
                ]))
                h3 { "From submission to the final state" }
                (bars(&[("all jobs", &jobs.submit_to_final)]))
                div.wide {
                    table {
                        thead { tr { th {} (cell_heads()) } }
                        tbody {
                            tr { td { @if is_open(report) { "from the planned start" } @else { "from sending" } } (cells(&jobs.submit_to_final)) }
                            @if is_open(report) { tr.uncorrected { td { "as sent" } (cells(&jobs.uncorrected)) } }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn rules(report: &LoadReport) -> Markup {
    html! {
        @if !report.rules.is_empty() {
            section {
                h2 { "Fault rules" }
                p.note { "Those that answers named, with the latency of the requests that were answered so." }
                div.wide {
                    table.rules {
                        thead { tr { th { "rule" } th.number { "answers" } (cell_heads()) } }
                        tbody {
                            @for rule in &report.rules {
                                tr { td { (rule.id) } td.number { (grouped(rule.answers)) } (cells(&rule.latency)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn audit(report: &LoadReport) -> Markup {
    let audit = &report.audit;
    html! {
        section {
            h2 { "Promised and found" @if audit.done { (badge(audit.total() == 0)) } }
            @if let Some(why) = &audit.why_not {
                p.lead { @if audit.done { "Not in full: " } @else { "Not compared: " } (why) }
            } @else if !audit.done {
                p.lead { "Not compared." }
            }
            @if audit.done { (compared(audit)) }
        }
    }
}

fn compared(audit: &Audit) -> Markup {
    let kinds = ViolationKind::ALL.into_iter().filter(|kind| audit.count(*kind) > 0);
    let more = audit.total().saturating_sub(audit.violations.len() as u64);
    html! {
        p.lead { (sentence(audit)) "." }
        (facts([
            ("explained by a fault rule", some(audit.explained)),
            ("nothing certain to say", some(audit.not_judged)),
            ("batches of unknown fate", some(audit.ambiguous)),
        ]))
        @if audit.total() > 0 {
            dl.facts { @for kind in kinds { div { dt { (kind.words()) } dd.fail-word { (grouped(audit.count(kind))) } } } }
            div.wide {
                table.violations {
                    thead { tr { th { "what" } th { "image" } th { "project" } th { "by" } th { "expected" } th { "found" } } }
                    tbody { @for it in &audit.violations { (violation(it)) } }
                }
            }
            @if more > 0 { p.note { "and " (grouped(more)) " more" } }
        }
    }
}

fn violation(it: &Violation) -> Markup {
    html! {
        tr {
            td.fail-word { (it.kind.words()) }
            td { (it.image.as_deref().unwrap_or_default()) }
            td { (it.project.as_deref().unwrap_or_default()) }
            td { @for by in &it.by { code { (by) } " " } }
            td { (it.expected) }
            td { (it.found) }
        }
    }
}

pub(super) fn baseline(report: &LoadReport) -> Markup {
    html! { @if let Some(comparison) = &report.baseline { (comparison_with(comparison)) } }
}

fn comparison_with(comparison: &Comparison) -> Markup {
    let Comparison { file, started, held, allowed, differs, figures } = comparison;
    html! {
        section {
            h2 { "Beside an earlier run" (badge(*held)) }
            p.lead { span.file { (file) } ", started " (started) ". A figure may be " (allowed_part(*allowed)) " worse." }
            @for difference in differs { p.note { "Not the same load: " (difference) } }
            div.wide {
                table {
                    thead { tr { th {} th { "figure" } th.number { "before" } th.number { "now" } th.number { "change" } } }
                    tbody {
                        @for it in figures {
                            tr {
                                td { (badge(it.held)) }
                                td { (it.name) }
                                td.number { (figure(it.before, &it.unit)) }
                                td.number { (figure(it.now, &it.unit)) }
                                td.number { (worse(it.worse_by)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
