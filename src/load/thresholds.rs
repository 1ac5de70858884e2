//! Whether thresholds hold, and which can be judged while a run is under way.

mod figure;
#[cfg(test)]
mod tests;

use super::report_form::{self, LoadReport};
use crate::scenario::load_section::threshold::{Metric, Relation, Threshold};
use figure::{Figure, figure};

/// How long a run must have gone on before anything is judged that can still become better: while
/// connections are opened and caches are cold, a good server looks bad.
pub const EARLIEST_MS: u64 = 5_000;

/// How many values must lie beyond a percentile before it says anything: with fewer, one value moves it.
const BEYOND: u64 = 10;

/// How many values a mean or a share must be of before it says anything.
pub const FEWEST: u64 = 100;

/// How many values there must be before a percentile, in thousandths of a percent, says anything: ten must
/// lie beyond it, so the 99th needs a thousand.
#[must_use]
pub const fn fewest_for(thousandths: u32) -> u64 {
    let beyond = 100_000_u64.saturating_sub(thousandths as u64);
    if beyond == 0 { u64::MAX } else { (BEYOND * 100_000).div_ceil(beyond) }
}

/// Judges thresholds by a report, in their order.
///
/// A threshold with nothing to judge it by does not hold, and nothing stands for what was found: the latency
/// of an operation that was never sent, a share of no requests, `lost = 0` of a run that was not held against
/// the server. Whoever writes a threshold wants it shown that it holds, and a run that measures nothing, since
/// it is set up wrongly, must not pass. Counts and rates are there in every run; of nothing they are 0.
#[must_use]
pub fn judge(thresholds: &[Threshold], report: &LoadReport) -> Vec<report_form::Threshold> {
    let each = thresholds.iter().map(|threshold| {
        let found = figure(threshold, report);
        report_form::Threshold {
            threshold: threshold.to_string(),
            held: found.is_some_and(|found| holds(threshold, found)),
            found: found.map(|found| found.to_string()),
        }
    });
    each.collect()
}

fn holds(threshold: &Threshold, found: Figure) -> bool {
    threshold.relation.holds(found.number(), threshold.limit.number())
}

/// The first threshold for which a run that is under way is worth ending, by the report so far.
///
/// - A bound above something that only grows is broken for good as soon as it is passed: a count, the longest
///   duration. So is a bound below the shortest duration.
/// - A percentile, a mean and a share can become better again. They are judged once the run has gone on for
///   [`EARLIEST_MS`] and enough was measured, see [`fewest_for`] and [`FEWEST`].
/// - What may still be reached is not judged before the end: a count or a longest duration that must be high,
///   any rate, since a load that rises has a low one at first.
/// - What the run is held against the server for is known at the end alone: a job that is not there yet is not
///   lost.
#[must_use]
pub fn worth_aborting<'a>(
    thresholds: &'a [Threshold],
    report: &LoadReport,
) -> Option<&'a Threshold> {
    thresholds.iter().find(|threshold| is_broken(threshold, report))
}

fn is_broken(threshold: &Threshold, report: &LoadReport) -> bool {
    if threshold.metric.is_of_the_audit() {
        return false;
    }
    let Some(found) = figure(threshold, report) else { return false };
    if holds(threshold, found) {
        return false;
    }
    let limit = threshold.limit.number();
    let beyond = match threshold.relation {
        Relation::Below | Relation::AtMost => true,
        Relation::Above | Relation::AtLeast => false,
        Relation::Equal => found.number() > limit,
    };
    match (threshold.metric, found) {
        (Metric::Rate, _) => false,
        (Metric::Max, _) | (_, Figure::Count(_)) => beyond,
        (Metric::Min, _) => !beyond,
        (Metric::Percentile(thousandths), Figure::Duration { of, .. }) => {
            report.took_ms >= EARLIEST_MS && of >= fewest_for(thousandths)
        }
        (_, Figure::Duration { of, .. } | Figure::Share { of, .. }) => {
            report.took_ms >= EARLIEST_MS && of >= FEWEST
        }
        (_, Figure::Rate(_)) => false,
    }
}
