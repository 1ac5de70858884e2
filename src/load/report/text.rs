//! What is printed when a load run is over.

pub(super) mod audit;
mod requests;
mod table;
pub(super) mod verdict;

use std::fmt::Write as _;
use std::time::Duration;

use crate::load::report_form::{Ended, Jobs, LoadReport, Rule, Transactions};
use crate::load::words::{
    NOTHING, count, grouped, is_open, model, per_second, span, target, time_of, visible, with_share,
};
use table::Table;

/// The report as text, at most 100 columns wide where no name is longer, without colours. Its first line is
/// the seed with the command that repeats the run, its last one says whether all held.
#[must_use]
pub fn text(report: &LoadReport) -> String {
    let (seed, command) = (report.seed, visible(&report.command));
    let mut text = format!("seed {seed}  repeat with: {command}\n{}", what_ran(report));
    text.push_str(&requests::requests(report));
    text.push_str(&requests::outcomes(report));
    text.push_str(&transactions(&report.transactions, is_open(report)));
    text.push_str(&jobs(&report.jobs, is_open(report)));
    text.push_str(&rules(&report.rules));
    text.push_str(&audit::audit(&report.audit));
    text.push_str(&verdict::thresholds(&report.thresholds));
    text.push_str(&report.baseline.as_ref().map_or_else(String::new, verdict::baseline));
    text.push_str(&verdict::last_line(report));
    text
}

fn what_ran(report: &LoadReport) -> String {
    let (scenario, target) = (visible(&report.scenario), target(report));
    let took = span(Duration::from_millis(report.took_ms));
    let started = visible(&report.started);
    let ended = ended(report.ended);
    format!(
        "\n{scenario} on {target}\n{}\n{took} from {started}; {ended}\n",
        visible(&model(report))
    )
}

/// Why a run ended, in words.
pub(super) const fn ended(ended: Ended) -> &'static str {
    match ended {
        Ended::NotYet => "still going on",
        Ended::Finished => "ended when its time was over",
        Ended::UsedUp => "ended when every image had been drawn once",
        Ended::Interrupted => "stopped before its time was over",
        Ended::Aborted => "ended early: a threshold did not hold",
    }
}

fn transactions(all: &Transactions, open: bool) -> String {
    let mut table = Table::new(&["transactions", "", ""], 1);
    let rows = [
        (if open { "planned" } else { "begun" }, all.planned, ""),
        ("finished", all.finished, &*per_second(all.per_second)),
        ("broken off", all.broken_off, ""),
        ("died in the driver", all.died, ""),
        ("still under way", all.in_flight, ""),
        ("most at once", all.most_in_flight, ""),
    ];
    for (name, number, beside) in rows {
        if number > 0 || matches!(name, "planned" | "begun" | "finished") {
            table.row([name, &grouped(number), beside]);
        }
    }
    let mut text = table.text();
    if open {
        // What a driver could not send on time is the first thing to know about its figures.
        let (dropped, late) = (all.dropped, all.late);
        let _ = writeln!(
            text,
            "  begun late {}, not begun at all {}",
            with_share(late, all.planned),
            with_share(dropped, all.planned)
        );
        let at = |us| time_of(&all.lateness, us);
        let late = &all.lateness;
        let _ = writeln!(
            text,
            "  begun later than planned by p50 {}, p99 {}, max {}",
            at(late.p50_us),
            at(late.p99_us),
            at(late.max_us)
        );
    }
    text
}

fn jobs(jobs: &Jobs, open: bool) -> String {
    if jobs.accepted == 0 {
        return "\njobs\n  none was accepted\n".to_owned();
    }
    let mut text = format!("\njobs\n  {} accepted", grouped(jobs.accepted));
    let states = [
        (jobs.succeeded, "SUCCESS"),
        (jobs.failed, "FAIL"),
        (jobs.given_up, "given up"),
        (jobs.in_flight, "still polled"),
    ];
    for (number, word) in states {
        let _ = write!(text, ", {} {word}", with_share(number, jobs.accepted));
    }
    if jobs.unreachable > 0 {
        let (number, jobs) = (grouped(jobs.unreachable), count(jobs.given_up, "job"));
        let _ = write!(text, "\n  {number} of the {jobs} given up early: nobody was there to ask");
    }
    let _ = write!(
        text,
        "\n  {} ended, at most {} polled at once; {} of {} pairs failed\n",
        per_second(jobs.per_second),
        grouped(jobs.most_in_flight),
        grouped(jobs.failed_pairs),
        grouped(jobs.pairs)
    );
    let mut table = requests::latency_table("submit to final", false);
    let name = if open { "from planned start" } else { "from sending" };
    table.row(requests::latencies(name, &jobs.submit_to_final));
    if open {
        table.row(requests::latencies("  as sent", &jobs.uncorrected));
    }
    text.push_str(&table.text());
    text
}

fn rules(rules: &[Rule]) -> String {
    if rules.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&["fault rules", "answers", "p50", "p90", "p99", "max"], 1);
    for Rule { id, answers, latency } in rules {
        let mut row = vec![visible(id), grouped(*answers)];
        let us = [latency.p50_us, latency.p90_us, latency.p99_us, latency.max_us];
        row.extend(us.map(|us| time_of(latency, us)));
        table.row(row);
    }
    table.text()
}

/// A figure that may not be known.
pub(super) fn or_nothing(text: Option<&str>) -> String {
    text.map_or_else(|| NOTHING.to_owned(), visible)
}

#[cfg(test)]
mod tests;
