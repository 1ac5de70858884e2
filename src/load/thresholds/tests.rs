use super::*;
use crate::load::audit_form::Audit;
use crate::load::example::report;
use crate::load::report_form::{Jobs, Requests};

fn threshold(text: &str) -> Threshold {
    text.parse().expect(text)
}

#[test]
fn each_figure_is_held_against_its_limit_and_shown_in_its_unit() {
    let report = report();
    let check = |text: &str, held: bool, found: &str| {
        let judged = judge(&[threshold(text)], &report);
        let expected = report_form::Threshold {
            threshold: text.to_owned(),
            held,
            found: Some(found.to_owned()),
        };
        assert_eq!(judged, [expected]);
    };
    check("p50 < 2ms", false, "2ms");
    check("p50 <= 2ms", true, "2ms");
    check("p75 < 5ms", true, "4ms");
    check("p90 > 5ms", true, "6ms");
    check("p95 >= 8.001ms", false, "8ms");
    check("p99 < 20ms", true, "10ms");
    check("p99.9 < 12ms", false, "12ms");
    check("p99.99 < 15ms", true, "14ms");
    check("max < 10ms", false, "16ms");
    check("min >= 200us", true, "200us");
    check("mean < 2.5ms", false, "2.5ms");
    check("show_job p99 < 5.5ms", true, "5ms");
    check("add_members p99 < 5.5ms", false, "20ms");
    check("jobs p99 < 2s", false, "2.5s");
    check("errors < 0.1%", false, "0.1%");
    check("errors = 0.1%", true, "0.1%");
    check("errors <= 5", true, "5");
    check("add_members errors = 1", true, "1");
    check("rate > 500", false, "500");
    check("add_members rate >= 100", true, "100");
    check("count >= 5000", true, "5000");
    check("list_members count = 0", true, "0");
    check("list_members errors = 0", true, "0");
    check("jobs count > 1000", false, "970");
    check("jobs rate > 96.5", true, "97");
    check("jobs failed < 3%", true, "2.0619%");
    check("jobs failed_pairs <= 1%", true, "1%");
    check("jobs given_up = 0", false, "10");
    check("transactions count > 900", true, "970");
    check("transactions broken_off < 1%", false, "1%");
    check("late < 1%", true, "0.5%");
    check("transactions dropped = 0", false, "20");
    check("lost = 0", false, "3");
    check("invented = 0", false, "4");
    check("unended < 9", true, "8");
    check("violations = 0", false, "15");
}

#[test]
fn what_there_is_nothing_to_judge_by_does_not_hold() {
    let report = LoadReport {
        requests: Requests::default(),
        jobs: Jobs::default(),
        audit: Audit::default(),
        ..report()
    };
    for text in ["p99 < 1s", "errors < 1%", "jobs p50 < 1s", "show_quota p99 < 1s", "lost = 0"] {
        let judged = judge(&[threshold(text)], &report);
        assert_eq!((judged[0].held, &judged[0].found), (false, &None), "{text}");
    }
}

#[test]
fn what_was_found_counts_though_not_all_could_be_looked_at() {
    let mut report = report();
    report.audit.done = false;
    let judged = judge(&[threshold("lost = 0"), threshold("violations < 100")], &report);
    assert_eq!(judged[0].found.as_deref(), Some("3"));
    assert!(judged[1].held);
}

#[test]
fn a_run_ends_early_for_what_cannot_become_better_or_was_measured_enough() {
    let early = LoadReport { took_ms: EARLIEST_MS - 1, ..report() };
    let check = |text: &str, expected: [bool; 2]| {
        let thresholds = [threshold("p99 < 60m"), threshold(text)];
        let of = |report| worth_aborting(&thresholds, report).map(ToString::to_string);
        let found = [of(&early), of(&report())].map(|found| found.as_deref() == Some(text));
        assert_eq!(found, expected, "{text}");
    };
    // Only grows.
    check("errors = 0", [true, true]);
    check("errors < 5", [true, true]);
    check("errors < 6", [false, false]);
    check("max < 10ms", [true, true]);
    check("count < 5000", [true, true]);
    check("jobs given_up = 0", [true, true]);
    check("dropped <= 19", [true, true]);
    // Only falls.
    check("min > 1ms", [true, true]);
    // Can still be reached.
    check("min < 1us", [false, false]);
    check("max > 1s", [false, false]);
    check("count > 10000", [false, false]);
    check("count = 10000", [false, false]);
    check("rate > 1000", [false, false]);
    check("rate < 10", [false, false]);
    // Can become better.
    check("p99 < 5ms", [false, true]);
    check("mean < 1ms", [false, true]);
    check("errors < 0.1%", [false, true]);
    check("p50 > 1s", [false, true]);
    // A thousand polls are too few for one in a thousand, and so are 970 jobs for one in a hundred.
    check("add_members p99.9 < 1us", [false, false]);
    check("jobs p99 < 1ms", [false, false]);
    check("jobs p95 < 1ms", [false, true]);
    // Known at the end alone.
    check("lost = 0", [false, false]);
    check("violations = 0", [false, false]);
}

#[test]
fn ten_values_must_lie_beyond_a_percentile() {
    let found = [50_000, 90_000, 99_000, 99_900, 99_990, 100_000].map(fewest_for);
    assert_eq!(found, [20, 100, 1_000, 10_000, 100_000, u64::MAX]);
}
