//! The figures of a report that thresholds are about.

use std::fmt;

use crate::api::Operation;
use crate::load::audit_form::{Audit, ViolationKind};
use crate::load::report_form::{Kind, Latency, LoadReport, Requests};
use crate::scenario::load_section::threshold::{Limit, Metric, Scope, Threshold, micros_text};

/// What a report says, in the unit of the limit that it is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Figure {
    /// A duration in microseconds, of so many that were measured.
    Duration {
        /// The microseconds; those of a mean have a fraction.
        micros: f64,
        /// How many durations it is of.
        of: u64,
    },
    /// So many in a second.
    Rate(f64),
    /// A number.
    Count(u64),
    /// A percentage of so many.
    Share {
        /// From 0 to 100.
        percent: f64,
        /// Of how many.
        of: u64,
    },
}

impl Figure {
    /// As a number in the unit of the limit.
    #[expect(clippy::cast_precision_loss, reason = "limits have few digits")]
    pub(super) const fn number(self) -> f64 {
        match self {
            Self::Duration { micros, .. } => micros,
            Self::Rate(number) => number,
            Self::Count(number) => number as f64,
            Self::Share { percent, .. } => percent,
        }
    }
}

impl fmt::Display for Figure {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a duration that was measured"
    )]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duration { micros, .. } => f.write_str(&micros_text(micros.round() as u64)),
            Self::Rate(number) => f.write_str(&decimal(*number, 2)),
            Self::Count(number) => number.fmt(f),
            Self::Share { percent, .. } => write!(f, "{}%", decimal(*percent, 4)),
        }
    }
}

/// A number with at most so many digits behind the point.
fn decimal(number: f64, behind: usize) -> String {
    let text = format!("{number:.behind$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What a report has to say on a threshold; `None` if nothing.
pub(super) fn figure(threshold: &Threshold, report: &LoadReport) -> Option<Figure> {
    let Threshold { scope, metric, limit, .. } = threshold;
    let share = matches!(limit, Limit::Percent(_));
    match scope {
        Scope::All => of_run(*metric, report, share),
        Scope::Operation(operation) => match kind(*operation, report) {
            Some(kind) => of_requests(*metric, &kind.requests, share),
            None => of_requests(*metric, &Requests::default(), share),
        },
        Scope::Jobs => of_jobs(*metric, report, share),
        Scope::Transactions => of_transactions(*metric, report, share),
    }
}

fn kind(operation: Operation, report: &LoadReport) -> Option<&Kind> {
    report.kinds.iter().find(|kind| kind.operation == operation.name())
}

fn of_run(metric: Metric, report: &LoadReport, share: bool) -> Option<Figure> {
    match metric {
        Metric::Late | Metric::Dropped => of_transactions(metric, report, share),
        Metric::Lost | Metric::Invented | Metric::Unended | Metric::Violations => {
            of_audit(metric, &report.audit)
        }
        _ => of_requests(metric, &report.requests, share),
    }
}

fn of_requests(metric: Metric, requests: &Requests, share: bool) -> Option<Figure> {
    match metric {
        Metric::Errors => part(requests.errors, requests.count, share),
        Metric::Rate => Some(Figure::Rate(requests.per_second)),
        Metric::Count => Some(Figure::Count(requests.count)),
        _ => duration(metric, &requests.latency),
    }
}

fn of_jobs(metric: Metric, report: &LoadReport, share: bool) -> Option<Figure> {
    let jobs = &report.jobs;
    let ended = jobs.succeeded + jobs.failed;
    match metric {
        Metric::Failed => part(jobs.failed, ended, share),
        Metric::FailedPairs => part(jobs.failed_pairs, jobs.pairs, share),
        Metric::GivenUp => part(jobs.given_up, jobs.accepted, share),
        Metric::Rate => Some(Figure::Rate(jobs.per_second)),
        Metric::Count => Some(Figure::Count(ended)),
        _ => duration(metric, &jobs.submit_to_final),
    }
}

fn of_transactions(metric: Metric, report: &LoadReport, share: bool) -> Option<Figure> {
    let transactions = &report.transactions;
    match metric {
        Metric::Late => part(transactions.late, transactions.planned, share),
        Metric::Dropped => part(transactions.dropped, transactions.planned, share),
        Metric::BrokenOff => part(transactions.broken_off, transactions.planned, share),
        Metric::Rate => Some(Figure::Rate(transactions.per_second)),
        Metric::Count => Some(Figure::Count(transactions.finished)),
        _ => None,
    }
}

fn of_audit(metric: Metric, audit: &Audit) -> Option<Figure> {
    let sum = |kinds: &[ViolationKind]| kinds.iter().map(|kind| audit.count(*kind)).sum();
    let count = match metric {
        Metric::Lost => sum(&[ViolationKind::LostMembership, ViolationKind::LostJob]),
        Metric::Invented => sum(&[ViolationKind::InventedMembership, ViolationKind::InventedJob]),
        Metric::Unended => sum(&[ViolationKind::UnendedJob]),
        _ => audit.total(),
    };
    // What was found counts, whatever else could not be looked at.
    (audit.done || count > 0).then_some(Figure::Count(count))
}

/// A number, or a share of how many there are.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a run are exact far beyond a year of load"
)]
fn part(count: u64, of: u64, share: bool) -> Option<Figure> {
    match (share, of) {
        (false, _) => Some(Figure::Count(count)),
        (true, 0) => None,
        (true, _) => Some(Figure::Share { percent: count as f64 * 100.0 / of as f64, of }),
    }
}

#[expect(clippy::cast_precision_loss, reason = "latencies are exact up to three hundred years")]
fn duration(metric: Metric, latency: &Latency) -> Option<Figure> {
    let of = latency.count;
    let micros = match metric {
        Metric::Mean => latency.mean_us,
        Metric::Min => latency.min_us as f64,
        Metric::Max => latency.max_us as f64,
        Metric::Percentile(thousandths) => percentile(thousandths, latency)? as f64,
        _ => return None,
    };
    (of > 0).then_some(Figure::Duration { micros, of })
}

/// A percentile that reports have.
const fn percentile(thousandths: u32, latency: &Latency) -> Option<u64> {
    match thousandths {
        50_000 => Some(latency.p50_us),
        75_000 => Some(latency.p75_us),
        90_000 => Some(latency.p90_us),
        95_000 => Some(latency.p95_us),
        99_000 => Some(latency.p99_us),
        99_900 => Some(latency.p99_9_us),
        99_990 => Some(latency.p99_99_us),
        _ => None,
    }
}
