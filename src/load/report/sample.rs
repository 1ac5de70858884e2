//! Reports to show, for tests.

use crate::load::report_form::LoadReport;

/// A run in which much happened: the file that is also held against the schema. It is read and not built in,
/// since the program is built where there are no tests.
pub(crate) fn rich() -> LoadReport {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/load/report.json");
    let text = std::fs::read_to_string(path).expect("it is there");
    serde_json::from_str(&text).expect("it is a report")
}

/// A run that ended before anything was sent.
pub(crate) fn empty() -> LoadReport {
    let mut report = rich();
    report.held = true;
    report.took_ms = 0;
    report.transactions = Default::default();
    report.requests = Default::default();
    report.jobs = Default::default();
    report.audit = Default::default();
    (report.kinds, report.rules, report.timeline) = Default::default();
    (report.thresholds, report.baseline) = Default::default();
    report
}
