//! The report of a run, from what was measured.

use std::time::Duration;

use super::audit_form::Audit;
use super::call::Ending;
use super::collect::Collected;
use super::gathered::{Gathered, Requests as Measured};
use super::report_form::{
    Ended, Jobs, Kind, LoadReport, OutcomeCount, REPORT_FORMAT, Requests, Rule, Target,
    Transactions,
};
use super::thresholds;
use super::under_way::UnderWay;
use crate::scenario::load_section::LoadSection;
use crate::seed::Seed;

/// What is known of a run before it begins.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub(super) seed: Seed,
    pub(super) command: String,
    pub(super) scenario: String,
    pub(super) target: Target,
    pub(super) started: String,
    pub(super) load: LoadSection,
}

/// The report as it stands; what is judged at the end is judged as if this were it.
pub(super) fn report(
    about: &About,
    collected: &Collected,
    under_way: &UnderWay,
    took: Duration,
    ended: Ended,
    audit: Audit,
) -> LoadReport {
    let sums = &collected.sums;
    let mut report = LoadReport {
        format: REPORT_FORMAT,
        imsim: env!("CARGO_PKG_VERSION").to_owned(),
        seed: about.seed.number(),
        command: about.command.clone(),
        held: true,
        scenario: about.scenario.clone(),
        target: about.target.clone(),
        started: about.started.clone(),
        took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        ended,
        load: about.load.clone(),
        transactions: transactions(sums, under_way, took),
        requests: requests(&sums.requests(), took),
        kinds: kinds(sums, took),
        jobs: jobs(sums, under_way, took),
        rules: rules(sums),
        timeline: collected.rows.clone(),
        audit,
        thresholds: Vec::new(),
        baseline: None,
    };
    let thresholds = about.load.thresholds.as_deref().unwrap_or_default();
    report.thresholds = thresholds::judge(thresholds, &report);
    report.held = held(&report);
    report
}

/// Whether all held that is to hold. A run that somebody stopped may hold; one that ended early by a
/// threshold does not, and neither does one whose server could not be held against its word in the end, or in
/// which the driver itself failed.
pub(super) fn held(report: &LoadReport) -> bool {
    let compared = report.audit.done || matches!(report.ended, Ended::NotYet | Ended::Interrupted);
    compared
        && report.ended != Ended::Aborted
        && report.transactions.died == 0
        && report.thresholds.iter().all(|threshold| threshold.held)
        && report.audit.total() == 0
        && report.baseline.as_ref().is_none_or(|baseline| baseline.held)
}

#[expect(clippy::cast_precision_loss, reason = "rates are for people")]
fn per_second(count: u64, took: Duration) -> f64 {
    let seconds = took.as_secs_f64();
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}

fn transactions(sums: &Gathered, under_way: &UnderWay, took: Duration) -> Transactions {
    Transactions {
        planned: sums.planned,
        finished: sums.finished,
        broken_off: sums.broken_off,
        in_flight: under_way.transactions.now(),
        most_in_flight: under_way.transactions.most(),
        dropped: sums.dropped,
        died: sums.died,
        late: sums.late,
        lateness: sums.lateness.latency(),
        per_second: per_second(sums.finished_in_time, took),
    }
}

fn jobs(sums: &Gathered, under_way: &UnderWay, took: Duration) -> Jobs {
    Jobs {
        accepted: sums.accepted,
        succeeded: sums.succeeded,
        failed: sums.failed,
        given_up: sums.given_up,
        unreachable: sums.unreachable,
        in_flight: under_way.jobs.now(),
        most_in_flight: under_way.jobs.most(),
        pairs: sums.pairs,
        failed_pairs: sums.failed_pairs,
        per_second: per_second(sums.ended_in_time, took),
        submit_to_final: sums.to_final.corrected.latency(),
        uncorrected: sums.to_final.uncorrected.latency(),
    }
}

fn requests(measured: &Measured, took: Duration) -> Requests {
    Requests {
        count: measured.count,
        errors: measured.errors,
        bytes_sent: measured.bytes_sent,
        bytes_received: measured.bytes_received,
        per_second: per_second(measured.in_time, took),
        latency: measured.latency.corrected.latency(),
        uncorrected: measured.latency.uncorrected.latency(),
    }
}

fn kinds(sums: &Gathered, took: Duration) -> Vec<Kind> {
    let kinds = sums.kinds.iter().map(|(operation, measured)| {
        let mut outcomes: Vec<OutcomeCount> = measured
            .endings
            .iter()
            .map(|((ending, code), count)| OutcomeCount {
                outcome: match (ending, code) {
                    (Ending::Status(status), Some(code)) => format!("{status} {code}"),
                    (Ending::Status(status), None) => status.to_string(),
                    (Ending::Broken(word), _) => (*word).to_owned(),
                },
                error: !matches!(ending, Ending::Status(..400)),
                count: *count,
            })
            .collect();
        // The order of equally frequent ones is that of their statuses.
        outcomes.sort_by_key(|outcome| std::cmp::Reverse(outcome.count));
        Kind {
            operation: operation.name().to_owned(),
            requests: requests(measured, took),
            outcomes,
        }
    });
    kinds.collect()
}

fn rules(sums: &Gathered) -> Vec<Rule> {
    let rules = sums.rules.iter().map(|(id, spread)| {
        let latency = spread.latency();
        Rule { id: id.to_string(), answers: latency.count, latency }
    });
    rules.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::example;

    #[test]
    fn a_run_in_which_the_driver_itself_failed_does_not_hold() {
        let audit = Audit { done: true, ..Audit::default() };
        let mut report = LoadReport { audit, ..example::report() };
        for ended in [Ended::Finished, Ended::Interrupted] {
            report.ended = ended;
            report.transactions.died = 0;
            assert!(held(&report), "{ended:?}");
            report.transactions.died = 1;
            assert!(!held(&report), "{ended:?}");
        }
    }

    #[test]
    fn what_nothing_was_held_against_does_not_hold() {
        let check = |done, ended, expected| {
            let audit = Audit { done, ..Audit::default() };
            let report = LoadReport { audit, ended, ..example::report() };
            assert_eq!(held(&report), expected, "{done} {ended:?}");
        };
        check(true, Ended::Finished, true);
        check(false, Ended::Finished, false);
        check(false, Ended::UsedUp, false);
        check(false, Ended::Interrupted, true);
        check(true, Ended::Aborted, false);
    }
}
