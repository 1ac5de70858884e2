//! The row of a job, with its workers beneath.

use maud::{Markup, html};

use super::lanes::SHAPES_APART;
use super::layout::{NAMED, Workers};
use super::marks::{diamond, merged, px};
use super::{Drawing, Part, RIGHT, Row, WIDTH};
use crate::api::job::JobState;
use crate::clock::SimDuration;
use crate::replay::html::words::{brief, count, fitted};
use crate::replay::timeline::{FaultMark, JobSpan, Struck};

/// How many letters of a name fit before the time, about; what is too long is clipped, too.
const ROOM: usize = 32;

/// How far behind the time it stands what became of the pairs: behind the longest state.
const PAIRS: f64 = 76.0;

/// How wide the end of a job is drawn.
const END: f64 = 6.0;

impl Drawing<'_> {
    /// The row of a job, with those of its workers.
    pub(super) fn job_row(&self, index: usize, job: &JobSpan) -> Row {
        let height = self.layout.job;
        let workers = self.worker_rows(job);
        let named = height >= NAMED;
        let total = height + workers.part.height + self.layout.gap;
        let name = format!("{} {} by {}", index + 1, job.operation.name(), job.owner);
        let baseline = px(height / 2.0 + 4.0);
        Row {
            band: index.is_multiple_of(2),
            names: html! {
                @if named {
                    text.name x="8" y=(baseline) { (fitted(&name, ROOM)) title { (name) } }
                }
                g transform=(format!("translate(0 {})", px(height))) { (workers.names) }
            },
            part: Part {
                height: total,
                markup: html! {
                    g { title { (told(job)) } (self.bar(job)) }
                    (self.job_faults(job))
                    @if named {
                        (outcome(job, &baseline))
                    }
                    g transform=(format!("translate(0 {})", px(height))) { (workers.part.markup) }
                },
            },
        }
    }

    /// The bar from when the job was accepted until it ended.
    fn bar(&self, job: &JobSpan) -> Markup {
        let (top, height) = (self.layout.job * 0.18, self.layout.job * 0.64);
        let end = job.ended.map_or(self.timeline.end, |end| end.at);
        let (accepted, ended) = (self.axis.x(job.accepted), self.axis.x(end));
        let started = job.started.map_or(ended, |at| self.axis.x(at));
        let bar = |class: &str, from: f64, to: f64| {
            let class =
                if job.ended.is_some() { class.to_owned() } else { format!("{class} open") };
            html! {
                @if to > from {
                    rect class=(class) x=(px(from)) y=(px(top)) width=(px((to - from).max(1.0))) height=(px(height)) {}
                }
            }
        };
        html! {
            // Something to point at, however short the job was.
            rect.target x=(px(accepted - 2.0)) y="0" width=(px(ended - accepted + 4.0)) height=(px(self.layout.job)) {}
            (bar("init", accepted, started))
            (bar("running", started, ended))
            @if let Some(end) = job.ended {
                (cap(end.state, ended, top - 1.5, height + 3.0))
                @if end.reported != end.state {
                    (cap(end.reported, ended, top + height / 2.0, height / 2.0 + 1.5))
                }
            }
        }
    }

    /// The faults that struck the job itself, and those of workers that have no row.
    fn job_faults(&self, job: &JobSpan) -> Markup {
        let curve = matches!(self.layout.workers, Workers::Curve(_));
        let has_row = |place: u32| {
            !curve && job.workers.binary_search_by_key(&place, |worker| worker.place).is_ok()
        };
        let own = |fault: &&&FaultMark| match fault.on {
            Struck::Worker(_, place) => !has_row(place),
            Struck::Job(_) | Struck::Call => true,
        };
        let marks = self.faults_of(job).iter().filter(own).map(|fault| self.fault_mark(fault));
        let (middle, radius) = (self.layout.job / 2.0, (self.layout.job / 3.0).clamp(2.5, 5.0));
        html! {
            @for mark in merged(marks, SHAPES_APART) {
                path.fault d=(diamond(mark.x, middle, radius)) { title { (mark.title()) } }
            }
        }
    }
}

fn cap(state: JobState, x: f64, top: f64, height: f64) -> Markup {
    html! {
        rect class=(class_of(state)) x=(px(x + 1.0 - END)) y=(px(top)) width=(px(END)) height=(px(height)) rx="1" {}
    }
}

/// The class of what has ended so.
pub(in crate::replay::html) const fn class_of(state: JobState) -> &'static str {
    match state {
        JobState::Success => "success",
        JobState::Fail => "fail",
        JobState::Init | JobState::Running => "running",
    }
}

/// How the job ended, in words behind the time.
fn outcome(job: &JobSpan, baseline: &str) -> Markup {
    let x = px(RIGHT + 12.0);
    let Some(end) = job.ended else {
        let state = if job.started.is_some() { JobState::Running } else { JobState::Init };
        return html! {
            text.note x=(x) y=(baseline) { tspan.open-word { (state.as_str()) } ", never ended" }
        };
    };
    let took = SimDuration::from_millis(end.at.as_millis() - job.accepted.as_millis());
    let pairs = match job.failed {
        0 => count(u64::from(job.succeeded), "pair"),
        failed => format!("{failed}/{} failed", job.succeeded + failed),
    };
    let word = |state: JobState| {
        html! {
            tspan class=(format!("{}-word", class_of(state))) { (state.as_str()) }
        }
    };
    html! {
        text.note x=(x) y=(baseline) {
            (word(end.state))
            @if end.reported != end.state { ", told as " (word(end.reported)) }
        }
        @if end.reported == end.state {
            text.note x=(px(RIGHT + PAIRS)) y=(baseline) { (pairs) }
        }
        text.note x=(px(WIDTH - 8.0)) y=(baseline) text-anchor="end" { (brief(took)) }
    }
}

/// All about a job, for whoever rests the pointer on it.
fn told(job: &JobSpan) -> String {
    let (images, projects) = (u64::from(job.images), u64::from(job.projects));
    let mut text = format!(
        "{}\n{} by {}, {} × {}\naccepted at {}",
        job.key,
        job.operation.name(),
        job.owner,
        count(images, "image"),
        count(projects, "project"),
        job.accepted
    );
    match job.started {
        Some(at) => text.push_str(&format!("\nleft INIT at {at}")),
        None => text.push_str("\nnever left INIT"),
    }
    match job.ended {
        None => text.push_str("\nnever ended"),
        Some(end) => {
            text.push_str(&format!("\nended at {} in {}", end.at, end.state.as_str()));
            if let Some(code) = end.error_code {
                text.push_str(&format!(" with {}", code.code()));
            }
            if end.reported != end.state {
                text.push_str(&format!(", told as {}", end.reported.as_str()));
            }
        }
    }
    text.push_str(&format!("\npairs: {} succeeded, {} failed", job.succeeded, job.failed));
    if job.again > 0 {
        text.push_str(&format!(", {} settled once more", job.again));
    }
    text
}

/// Where the names of workers stand, a little to the right of those of jobs.
pub(super) const INDENT: f64 = 26.0;

/// How many letters of a worker's name fit.
pub(super) const WORKER_ROOM: usize = 30;
