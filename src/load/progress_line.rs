//! Progress of a load where there is no terminal to draw on: one line now and then.

use std::time::Duration;

use super::report_form::LoadReport;
use super::words::{grouped, per_second, span, time, with_share};

/// How long the first line is waited with.
pub const FIRST_AFTER: Duration = Duration::from_secs(1);
/// How long each later one is: often enough to see that it lives, and no flood in the log of a long run.
pub const EVERY: Duration = Duration::from_secs(5);

/// How a load stands, in one line without its end: what happened since the beginning, and the latency and
/// the rate of the last whole second.
#[must_use]
pub fn line(report: &LoadReport) -> String {
    let LoadReport { requests, jobs, transactions, .. } = report;
    let elapsed = span(Duration::from_millis(report.took_ms));
    let mut parts = vec![format!(
        "{} requests, errors {}",
        grouped(requests.count),
        with_share(requests.errors, requests.count)
    )];
    match report.timeline.last() {
        Some(last) if last.requests > 0 => {
            #[expect(clippy::cast_precision_loss, reason = "requests of one second")]
            let rate = per_second(last.requests as f64);
            parts.push(format!("now {rate}, p50 {}, p99 {}", time(last.p50_us), time(last.p99_us)));
        }
        Some(_) => parts.push("now no answers".to_owned()),
        None => {}
    }
    let ended = jobs.succeeded + jobs.failed;
    if jobs.accepted > 0 {
        parts.push(format!("jobs {} in flight, {} ended", grouped(jobs.in_flight), grouped(ended)));
    }
    for (number, word) in [(transactions.late, "late"), (transactions.dropped, "dropped")] {
        if number > 0 {
            parts.push(format!("{} {word}", grouped(number)));
        }
    }
    format!("{elapsed}: {}", parts.join("; "))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::report::sample::{empty, rich};
    use super::*;

    #[test]
    fn a_line_says_how_it_stands() {
        let text = [line(&rich()), line(&empty())].join("\n");
        expect![[r#"
            30s: 49,511 requests, errors 311 (0.628%); now 64.0/s, p50 957µs, p99 4.02ms; jobs 0 in flight, 12,138 ended; 440 late; 37 dropped
            0s: 0 requests, errors 0"#]].assert_eq(&text);
    }
}
