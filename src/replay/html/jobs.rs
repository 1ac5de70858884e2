//! The jobs of a run as a table, for whoever looks for numbers.

use maud::{Markup, html};

use super::picture::class_of;
use super::words::{count, grouped};
use crate::api::job::JobState;
use crate::replay::timeline::{JobSpan, Timeline};

/// The table, folded.
pub(super) fn jobs(timeline: &Timeline) -> Markup {
    let jobs = &timeline.jobs;
    html! {
        @if !jobs.is_empty() {
            details {
                summary { (count(jobs.len() as u64, "job")) " in numbers" }
                div.wide {
                    table.jobs {
                        thead {
                            tr {
                                th.number { "" }
                                th { "job" }
                                th { "operation" }
                                th { "owner" }
                                th.number { "images" }
                                th.number { "projects" }
                                th.number { "accepted" }
                                th.number { "started" }
                                th.number { "ended" }
                                th { "state" }
                                th.number { "failed pairs" }
                            }
                        }
                        tbody { @for (index, job) in jobs.iter().enumerate() { (row(index, job)) } }
                    }
                }
            }
        }
    }
}

fn row(index: usize, job: &JobSpan) -> Markup {
    let pairs = u64::from(job.succeeded + job.failed);
    html! {
        tr {
            td.number { (index + 1) }
            td { code { (job.key) } }
            td { (job.operation.name()) }
            td { (job.owner) }
            td.number { (job.images) }
            td.number { (job.projects) }
            td.number { (job.accepted) }
            td.number { @if let Some(started) = job.started { (started) } @else { "never" } }
            td.number { @if let Some(end) = job.ended { (end.at) } @else { "never" } }
            td { (state(job)) }
            td.number { (grouped(job.failed.into())) " of " (grouped(pairs)) }
        }
    }
}

fn state(job: &JobSpan) -> Markup {
    let (state, reported) = match (job.ended, job.started) {
        (Some(end), _) => (end.state, end.reported),
        (None, Some(_)) => (JobState::Running, JobState::Running),
        (None, None) => (JobState::Init, JobState::Init),
    };
    html! {
        span class=(format!("{}-word", class_of(state))) { (state.as_str()) }
        @if let Some(code) = job.ended.and_then(|end| end.error_code) { " " (code.code()) }
        @if reported != state { ", told as " (reported.as_str()) }
    }
}
