//! A run beside an earlier one: did any figure become worse by more than is allowed?

mod differs;
mod read;
#[cfg(test)]
mod tests;

use super::report_form::{Comparison, Figure, Latency, LoadReport, Requests};
use super::thresholds::{FEWEST, fewest_for};
use crate::api::Operation;
use differs::differs;
pub use read::{LARGEST_REPORT, read};

/// By which part a figure may become worse unless somebody says otherwise.
pub const DEFAULT_REGRESSION: f64 = 0.1;

/// Latencies that differ by no more are taken for equal: on one machine the scheduler alone, between two runs
/// of the same program, moves them by as much.
const LATENCY_FLOOR_US: f64 = 1_000.0;

/// Rates that differ by no more are taken for equal: one thing more or less in ten seconds.
const RATE_FLOOR: f64 = 0.1;

/// Shares of errors that differ by no more are taken for equal: one request in a thousand.
const SHARE_FLOOR: f64 = 0.001;

/// Holds a run against an earlier one. `allowed` is the part by which a figure may become worse: 0.1 is 10 %.
///
/// - Of each operation: the latency at the middle, at 90 and at 99 %, the requests in a second, the share of
///   errors; of jobs: submit-to-final at the middle and at 99 %, and how many ended in a second; of
///   transactions: how many finished in a second. The queries that poll jobs are judged by their latency
///   alone: when jobs end sooner, there are fewer of them.
/// - A figure is left out that one of the runs measured too rarely to tell it, see [`fewest_for`]. Rates are
///   there if the earlier run had enough, so that what stopped altogether is seen.
/// - Small differences do not count, whatever part of the earlier figure they are: see the floors above.
///
/// If nothing at all could be compared the comparison does not hold: nothing shows that the run is as good.
#[must_use]
pub fn compare(file: &str, before: &LoadReport, now: &LoadReport, allowed: f64) -> Comparison {
    let mut figures = Figures { allowed, found: Vec::new() };
    figures.rate(
        "transactions per second",
        (before.transactions.finished, before.transactions.per_second),
        now.transactions.per_second,
    );
    for kind in &before.kinds {
        let same = now.kinds.iter().find(|it| it.operation == kind.operation);
        let nothing = Requests::default();
        let requests = same.map_or(&nothing, |kind| &kind.requests);
        figures.requests(&kind.operation, &kind.requests, requests);
    }
    let (jobs, jobs_now) = (&before.jobs, &now.jobs);
    let name = "jobs submit-to-final";
    figures.latency(name, P50, &jobs.submit_to_final, &jobs_now.submit_to_final);
    figures.latency(name, P99, &jobs.submit_to_final, &jobs_now.submit_to_final);
    let ended = jobs.succeeded + jobs.failed;
    figures.rate("jobs per second", (ended, jobs.per_second), jobs_now.per_second);
    let figures = figures.found;
    let mut differs = differs(before, now);
    if figures.is_empty() {
        differs.push("no figure: one of the runs is too short to compare any".to_owned());
    }
    Comparison {
        file: file.to_owned(),
        started: before.started.clone(),
        held: !figures.is_empty() && figures.iter().all(|figure| figure.held),
        allowed,
        differs,
        figures,
    }
}

/// A percentile: its name, how it is found, and in thousandths of a percent.
type Percentile = (&'static str, fn(&Latency) -> u64, u32);

const P50: Percentile = ("p50", |latency| latency.p50_us, 50_000);
const P90: Percentile = ("p90", |latency| latency.p90_us, 90_000);
const P99: Percentile = ("p99", |latency| latency.p99_us, 99_000);

/// Which way a figure becomes worse.
#[derive(Clone, Copy)]
enum Worse {
    Higher,
    Lower,
}

/// The figures that were compared so far.
struct Figures {
    allowed: f64,
    found: Vec<Figure>,
}

impl Figures {
    fn requests(&mut self, operation: &str, before: &Requests, now: &Requests) {
        for percentile in [P50, P90, P99] {
            self.latency(operation, percentile, &before.latency, &now.latency);
        }
        let polls = [Operation::ShowJob, Operation::ShowJobProgress];
        if !polls.iter().any(|poll| poll.name() == operation) {
            let name = format!("{operation} per second");
            self.rate(&name, (before.count, before.per_second), now.per_second);
        }
        if before.count >= FEWEST && now.count >= FEWEST {
            let name = format!("{operation} errors");
            let values = (share(before), share(now));
            self.add(&name, "share", values, SHARE_FLOOR, Worse::Higher);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "latencies are exact up to three hundred years")]
    fn latency(
        &mut self,
        of: &str,
        (name, value, place): Percentile,
        before: &Latency,
        now: &Latency,
    ) {
        let fewest = fewest_for(place).max(FEWEST);
        if before.count >= fewest && now.count >= fewest {
            let values = (value(before) as f64, value(now) as f64);
            self.add(&format!("{of} {name}"), "us", values, LATENCY_FLOOR_US, Worse::Higher);
        }
    }

    fn rate(&mut self, name: &str, (count, before): (u64, f64), now: f64) {
        if count >= FEWEST {
            self.add(name, "per second", (before, now), RATE_FLOOR, Worse::Lower);
        }
    }

    fn add(&mut self, name: &str, unit: &str, values: (f64, f64), floor: f64, worse: Worse) {
        let (before, now) = values;
        let by = match worse {
            Worse::Higher => now - before,
            Worse::Lower => before - now,
        };
        // Of nothing there is no part; what does not count is the least that a part can be of.
        let worse_by = by / before.max(floor);
        self.found.push(Figure {
            name: name.to_owned(),
            unit: unit.to_owned(),
            before,
            now,
            worse_by,
            held: by <= floor || worse_by <= self.allowed,
        });
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a run are exact far beyond a year of load"
)]
fn share(requests: &Requests) -> f64 {
    requests.errors as f64 / requests.count.max(1) as f64
}
