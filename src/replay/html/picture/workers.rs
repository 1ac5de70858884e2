//! The image workers of a job: a row each, or one curve for all.

use maud::{Markup, html};

use super::job::{INDENT, WORKER_ROOM};
use super::layout::{NAMED, Workers};
use super::marks::{cross, diamond, merged, px};
use super::{Drawing, Part, RIGHT, Row};
use crate::replay::html::words::{count, fitted};
use crate::replay::timeline::{FaultMark, JobSpan, Progress, Struck, WorkerSpan};

/// The narrowest mark of settled pairs, so that a single one is seen.
const NARROWEST: f64 = 4.0;

/// Faults of one worker closer together than this are drawn as one.
const APART: f64 = 5.0;

impl Drawing<'_> {
    /// The rows of a job's workers; nothing if none was heard of.
    pub(super) fn worker_rows(&self, job: &JobSpan) -> Row {
        if job.progress.is_empty() && job.workers.is_empty() {
            return Row {
                band: false,
                names: html! {},
                part: Part { height: 0.0, markup: html! {} },
            };
        }
        match self.layout.workers {
            Workers::Rows(height) => self.rows(job, height),
            Workers::Curve(height) => self.curve(job, height),
        }
    }

    fn rows(&self, job: &JobSpan, height: f64) -> Row {
        let named = height >= NAMED;
        let tops = || (0_u32..).map(|place| f64::from(place) * height);
        let faults = self.faults_of(job);
        let all = tops().nth(job.workers.len()).unwrap_or_default();
        let rows = html! {
            @for (worker, top) in job.workers.iter().zip(tops()) {
                g { title { (told(worker, job)) } (self.row(worker, job, top, height)) }
                (self.marks(worker, faults, top, height))
                @if named {
                    (note(worker, job, &px(top + height / 2.0 + 3.5)))
                }
            }
        };
        let names = html! {
            @if named {
                @for (worker, top) in job.workers.iter().zip(tops()) {
                    text.worker-name x=(px(INDENT)) y=(px(top + height / 2.0 + 3.5)) {
                        (fitted(&worker.image, WORKER_ROOM)) title { (worker.image) }
                    }
                }
            } @else {
                (self.all_named(job, all))
            }
        };
        Row { band: false, names, part: Part { height: all + 2.0, markup: rows } }
    }

    /// One name for all workers of a job, where there is no room for each.
    fn all_named(&self, job: &JobSpan, height: f64) -> Markup {
        let text = count(job.images.into(), "image worker");
        html! {
            @if self.layout.job >= NAMED && height >= NAMED {
                text.worker-name x=(px(INDENT)) y="9" { (text) }
            }
        }
    }

    /// From when the job started until the worker's last pair was settled: light before the first one,
    /// then in the colours of what became of the pairs.
    fn row(&self, worker: &WorkerSpan, job: &JobSpan, top: f64, height: f64) -> Markup {
        let (top, thick) =
            if height >= NAMED { (top + 2.0, height - 4.0) } else { (top, height * 0.8) };
        let start = self.axis.x(job.started.unwrap_or(job.accepted));
        let (first, last) = match worker.settled {
            Some((first, last)) => (self.axis.x(first), self.axis.x(last)),
            None => (start, start),
        };
        let (left, width) = (first.min(last + 1.0 - NARROWEST), (last - first).max(NARROWEST));
        let settled = worker.succeeded + worker.failed;
        let bad = thick * f64::from(worker.failed) / f64::from(settled.max(1));
        let bad = match worker.failed {
            0 => 0.0,
            // What fails must be seen even where there is no room for a share of the height.
            _ if height < NAMED => thick,
            _ => bad.clamp(2.0, thick),
        };
        let goes_on = is_open(worker, job).then(|| self.axis.x(self.timeline.end));
        let (y, high) = (px(top), px(thick));
        html! {
            @if first > start {
                rect.waiting x=(px(start)) y=(y) width=(px(first - start)) height=(high) {}
            }
            @if let Some(end) = goes_on {
                rect.waiting.open x=(px(last)) y=(y) width=(px((end - last).max(1.0))) height=(high) {}
            }
            @if worker.settled.is_some() {
                rect.success x=(px(left)) y=(y) width=(px(width)) height=(high) {}
                @if bad > 0.0 {
                    rect.fail x=(px(left)) y=(px(top + thick - bad)) width=(px(width)) height=(px(bad)) {}
                }
            }
        }
    }

    /// Where faults struck the worker, and where it died.
    fn marks(&self, worker: &WorkerSpan, faults: &[&FaultMark], top: f64, height: f64) -> Markup {
        let own = |fault: &&&FaultMark| matches!(fault.on, Struck::Worker(_, place) if place == worker.place);
        let marks = faults.iter().filter(own).map(|fault| self.fault_mark(fault));
        let (middle, radius) = (top + height / 2.0, (height / 2.6).clamp(2.0, 4.5));
        html! {
            @for mark in merged(marks, APART) {
                path.fault d=(diamond(mark.x, middle, radius)) { title { (mark.title()) } }
            }
            @for death in &worker.deaths {
                path.death d=(cross(self.axis.x(death.at), middle, radius.max(2.5))) {
                    title {
                        (death.at) "  " (worker.image) " died with " (count(death.settled.into(), "pair")) " settled, "
                        @match death.restart {
                            Some(number) => { "restart " (number) " follows" },
                            None => "no restart follows",
                        }
                    }
                }
            }
        }
    }

    /// How many of a job's pairs were settled at each time: the failed ones from the bottom, the others
    /// above them.
    fn curve(&self, job: &JobSpan, height: f64) -> Row {
        let low = height - 3.0;
        let per_pair = low / (f64::from(job.images) * f64::from(job.projects)).max(1.0);
        let start = px(self.axis.x(job.started.unwrap_or(job.accepted)));
        let end = job.ended.map_or(self.timeline.end, |end| end.at);
        let end = px(self.axis.x(end));
        let path = |settled: fn(&Progress) -> u32| {
            let mut path = format!("M{start} {}", px(low));
            for point in &job.progress {
                let high = low - f64::from(settled(point)) * per_pair;
                path.push_str(&format!("H{}V{}", px(self.axis.x(point.at)), px(high)));
            }
            format!("{path}H{end}V{}z", px(low))
        };
        let title = format!(
            "{} by {}: {} pairs succeeded, {} failed",
            count(job.images.into(), "image"),
            count(job.projects.into(), "project"),
            job.succeeded,
            job.failed
        );
        let markup = html! {
            g {
                title { (title) }
                path.waiting d=(format!("M{start} 0H{end}V{}H{start}z", px(low))) {}
                path.success d=(path(|point| point.succeeded + point.failed)) {}
                @if job.failed > 0 {
                    path.fail d=(path(|point| point.failed)) {}
                }
            }
        };
        Row { band: false, names: self.all_named(job, height), part: Part { height, markup } }
    }
}

/// Whether the worker has pairs left to settle and a job that never ended.
pub(super) fn is_open(worker: &WorkerSpan, job: &JobSpan) -> bool {
    job.ended.is_none() && worker.succeeded + worker.failed < job.projects
}

/// What became of a worker's pairs, in words behind the time, unless all went well.
fn note(worker: &WorkerSpan, job: &JobSpan, baseline: &str) -> Markup {
    let settled = worker.succeeded + worker.failed;
    let mut notes = Vec::new();
    if worker.failed > 0 {
        notes.push(format!("{}/{settled} failed", worker.failed));
    }
    if is_open(worker, job) {
        notes.push(format!("{settled}/{} settled", job.projects));
    }
    match worker.deaths.len() {
        0 => {}
        1 => notes.push("died".to_owned()),
        number => notes.push(format!("died {number} times")),
    }
    html! {
        @if !notes.is_empty() {
            text.worker-note x=(px(RIGHT + 12.0)) y=(baseline) { (notes.join(", ")) }
        }
    }
}

/// All about a worker, for whoever rests the pointer on it.
fn told(worker: &WorkerSpan, job: &JobSpan) -> String {
    let mut text = format!("{} (image {} of {})", worker.image, worker.place + 1, job.images);
    match worker.settled {
        None => text.push_str("\nsettled nothing"),
        Some((first, last)) if first == last => text.push_str(&format!("\nsettled at {last}")),
        Some((first, last)) => text.push_str(&format!("\nsettled from {first} to {last}")),
    }
    let (succeeded, failed) = (worker.succeeded, worker.failed);
    text.push_str(&format!("\npairs: {succeeded} succeeded, {failed} failed"));
    text
}
