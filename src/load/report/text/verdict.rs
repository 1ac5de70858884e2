//! What was to hold, and whether it did.

use super::or_nothing;
use super::table::Table;
use crate::load::report_form::{Comparison, LoadReport, Threshold};
use crate::load::words::{count, figure, visible, worse};

/// The word for what held and what did not.
pub(in crate::load::report) const fn word(held: bool) -> &'static str {
    if held { "held" } else { "FAILED" }
}

pub(super) fn thresholds(thresholds: &[Threshold]) -> String {
    if thresholds.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&["thresholds", "", "found"], 2);
    for Threshold { threshold, held, found } in thresholds {
        table.row([word(*held).to_owned(), visible(threshold), or_nothing(found.as_deref())]);
    }
    table.text()
}

pub(super) fn baseline(comparison: &Comparison) -> String {
    let Comparison { file, started, allowed, differs, figures, held: _ } = comparison;
    let heads = ["compared", "", "before", "now", ""];
    let mut table = Table::new(&heads, 2);
    for it in figures {
        table.row([
            word(it.held).to_owned(),
            visible(&it.name),
            figure(it.before, &it.unit),
            figure(it.now, &it.unit),
            worse(it.worse_by),
        ]);
    }
    let mut text = table.text();
    let (file, started) = (visible(file), visible(started));
    text.push_str(&format!(
        "  with {file}, started {started}; a figure may be {} worse\n",
        allowed_part(*allowed)
    ));
    for difference in differs {
        text.push_str(&format!("  not the same load: {}\n", visible(difference)));
    }
    text
}

/// By how much a figure may become worse.
pub(in crate::load::report) fn allowed_part(allowed: f64) -> String {
    let percent = (allowed * 1e5).round() / 1e3;
    format!("{percent}%")
}

/// What did not hold, each in a few words; nothing if all did.
pub(in crate::load::report) fn what_failed(report: &LoadReport) -> Vec<String> {
    let mut failed = Vec::new();
    let thresholds = report.thresholds.iter().filter(|it| !it.held).count() as u64;
    if thresholds > 0 {
        failed.push(format!(
            "{thresholds} of {}",
            count(report.thresholds.len() as u64, "threshold")
        ));
    }
    let violations = report.audit.total();
    if violations > 0 {
        failed.push(count(violations, "broken promise"));
    }
    let died = report.transactions.died;
    if died > 0 {
        failed.push(format!("{} died in the driver", count(died, "transaction")));
    }
    if let Some(baseline) = report.baseline.as_ref().filter(|it| !it.held) {
        let worse = baseline.figures.iter().filter(|it| !it.held).count() as u64;
        failed.push(format!("{} worse than before", count(worse, "figure")));
    }
    if failed.is_empty() && !report.held {
        failed.push(match &report.audit.why_not {
            Some(why) if !report.audit.done => format!("nothing was compared: {}", visible(why)),
            _ => "see above".to_owned(),
        });
    }
    failed
}

/// What was looked at and held, in a few words.
fn what_held(report: &LoadReport) -> String {
    let mut held = Vec::new();
    if !report.thresholds.is_empty() {
        held.push(count(report.thresholds.len() as u64, "threshold"));
    }
    if report.audit.done {
        let nothing = "nothing lost, nothing invented".to_owned();
        let in_full = report.audit.why_not.is_none() && report.audit.not_judged == 0;
        held.push(if in_full { nothing } else { format!("{nothing} of what could be compared") });
    } else {
        held.push("nothing was compared".to_owned());
    }
    if report.baseline.is_some() {
        held.push("no worse than before".to_owned());
    }
    held.join(", ")
}

pub(super) fn last_line(report: &LoadReport) -> String {
    let why = if report.held { what_held(report) } else { what_failed(report).join(", ") };
    format!("\n{}: {why}\n", word(report.held))
}
