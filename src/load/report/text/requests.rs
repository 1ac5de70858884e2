//! Requests by operation, and how they ended.

use super::table::Table;
use crate::load::report_form::{Latency, LoadReport, Requests};
use crate::load::words::{bytes, grouped, is_open, rate, share, time_of, visible, with_share};

/// The percentiles of a row.
const HEADS: [&str; 5] = ["p50", "p90", "p99", "p99.9", "max"];

/// How many ways in which requests of one operation ended are told.
const MOST_OUTCOMES: usize = 12;

/// A table of latencies; that of requests has three figures before them.
pub(super) fn latency_table(name: &'static str, requests: bool) -> Table {
    let figures: &[&str] = if requests { &["count", "per s", "errors"] } else { &[] };
    Table::new(&[&[name], figures, &HEADS].concat(), 1)
}

/// A name with the percentiles of a distribution.
pub(super) fn latencies(name: &str, latency: &Latency) -> Vec<String> {
    [name.to_owned()].into_iter().chain(percentiles(latency)).collect()
}

fn percentiles(of: &Latency) -> [String; 5] {
    [of.p50_us, of.p90_us, of.p99_us, of.p99_9_us, of.max_us].map(|us| time_of(of, us))
}

pub(super) fn requests(report: &LoadReport) -> String {
    let all = &report.requests;
    if all.count == 0 {
        return "\nrequests\n  none was sent\n".to_owned();
    }
    let open = is_open(report);
    let mut table = latency_table("requests", true);
    for kind in &report.kinds {
        rows(&mut table, &visible(&kind.operation), &kind.requests, open);
    }
    rows(&mut table, "all", all, open);
    let mut text = table.text();
    if open {
        text.push_str(
            "  Latency counts from the planned start; `as sent` is what it was from the moment of sending.\n",
        );
    }
    let (sent, received) = (bytes(all.bytes_sent), bytes(all.bytes_received));
    text.push_str(&format!("  {sent} of bodies sent, {received} received\n"));
    text
}

/// A row, and in the open model one beneath it with the uncorrected figures.
fn rows(table: &mut Table, name: &str, requests: &Requests, open: bool) {
    let figures = [
        grouped(requests.count),
        rate(requests.per_second),
        with_share(requests.errors, requests.count),
    ];
    let row = [name.to_owned()].into_iter().chain(figures);
    table.row(row.chain(percentiles(&requests.latency)));
    if open {
        let row = ["  as sent", "", "", ""].map(str::to_owned).into_iter();
        table.row(row.chain(percentiles(&requests.uncorrected)));
    }
}

/// How the requests of each operation ended.
pub(super) fn outcomes(report: &LoadReport) -> String {
    if report.kinds.iter().all(|kind| kind.outcomes.is_empty()) {
        return String::new();
    }
    let mut table = Table::new(&["answers", "", "count", "share"], 2);
    for kind in &report.kinds {
        let told = kind.outcomes.iter().take(MOST_OUTCOMES);
        for (place, outcome) in told.enumerate() {
            let name = if place == 0 { visible(&kind.operation) } else { String::new() };
            let word = visible(&outcome.outcome);
            let word = if outcome.error { format!("{word}  error") } else { word };
            let part = share(outcome.count, kind.requests.count);
            table.row([name, word, grouped(outcome.count), part]);
        }
        let more: u64 = kind.outcomes.iter().skip(MOST_OUTCOMES).map(|it| it.count).sum();
        if more > 0 {
            let part = share(more, kind.requests.count);
            table.row([String::new(), "others".to_owned(), grouped(more), part]);
        }
    }
    table.text()
}
