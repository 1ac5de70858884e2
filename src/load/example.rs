//! A report to try things on that read reports.

use super::audit_form::{Audit, ViolationCount, ViolationKind};
use super::report_form::{
    Ended, Jobs, Kind, Latency, LoadReport, REPORT_FORMAT, Requests, Target, Transactions,
};
use crate::scenario::load_section::LoadSection;

/// A distribution with this middle.
pub(super) fn latency(count: u64, p50_us: u64) -> Latency {
    Latency {
        count,
        min_us: p50_us / 10,
        mean_us: 1.25 * p50_us as f64,
        stdev_us: 1.0,
        p50_us,
        p75_us: 2 * p50_us,
        p90_us: 3 * p50_us,
        p95_us: 4 * p50_us,
        p99_us: 5 * p50_us,
        p99_9_us: 6 * p50_us,
        p99_99_us: 7 * p50_us,
        max_us: 8 * p50_us,
    }
}

/// Requests of which one in a thousand is an error.
pub(super) fn requests(count: u64, p50_us: u64) -> Requests {
    Requests {
        count,
        errors: count / 1_000,
        bytes_sent: 0,
        bytes_received: 0,
        per_second: count as f64 / 10.0,
        latency: latency(count, p50_us),
        uncorrected: latency(count, p50_us),
    }
}

/// Ten seconds with 1,000 batches and 4,000 polls.
pub(super) fn report() -> LoadReport {
    let kind = |operation: &str, count, p50_us| Kind {
        operation: operation.to_owned(),
        requests: requests(count, p50_us),
        outcomes: Vec::new(),
    };
    let counts = vec![
        ViolationCount { kind: ViolationKind::LostMembership, count: 1 },
        ViolationCount { kind: ViolationKind::LostJob, count: 2 },
        ViolationCount { kind: ViolationKind::InventedJob, count: 4 },
        ViolationCount { kind: ViolationKind::UnendedJob, count: 8 },
    ];
    LoadReport {
        format: REPORT_FORMAT,
        imsim: "0.0.0".to_owned(),
        seed: 1,
        command: "imsim load".to_owned(),
        held: true,
        scenario: "built-in load".to_owned(),
        target: Target { url: "http://127.0.0.1:1".to_owned(), own: true, simulator: true },
        started: "2025-01-01T00:00:00Z".to_owned(),
        took_ms: 10_000,
        ended: Ended::Finished,
        load: LoadSection::default(),
        transactions: transactions(),
        requests: requests(5_000, 2_000),
        kinds: vec![kind("add_members", 1_000, 4_000), kind("show_job", 4_000, 1_000)],
        jobs: jobs(),
        rules: Vec::new(),
        timeline: Vec::new(),
        audit: Audit { done: true, counts, ..Audit::default() },
        thresholds: Vec::new(),
        baseline: None,
    }
}

fn transactions() -> Transactions {
    Transactions {
        planned: 1_000,
        finished: 970,
        broken_off: 10,
        dropped: 20,
        late: 5,
        per_second: 97.0,
        ..Transactions::default()
    }
}

fn jobs() -> Jobs {
    Jobs {
        accepted: 980,
        succeeded: 950,
        failed: 20,
        given_up: 10,
        pairs: 4_000,
        failed_pairs: 40,
        per_second: 97.0,
        submit_to_final: latency(970, 500_000),
        ..Jobs::default()
    }
}
