//! What there is to say of a run, in sections of lines. Each line has a rank: where there is little room the
//! lowest ranks, 0 first, are shown.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use crate::load::report_form::{Ended, Latency, LoadReport, Second};
use crate::load::words::{NOTHING, grouped, is_open, per_second, time_of, visible, with_share};

/// How many ways in which requests ended are told.
const MOST_OUTCOMES: usize = 8;
/// How many fault rules are told.
const MOST_RULES: usize = 6;

/// Some lines with a title, and perhaps a curve of the last seconds.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) left: bool,
    pub(super) lines: Vec<(u8, Line<'static>)>,
    pub(super) curve: Vec<u64>,
}

/// All sections, the most important first.
pub(super) fn all(report: &LoadReport) -> Vec<Section> {
    let sections =
        [requests(report), latency(report), starts(report), jobs(report), answers(report)];
    let more = [rules(report), thresholds(report)];
    sections.into_iter().chain(more).filter(|section| !section.lines.is_empty()).collect()
}

fn bad(text: String, is_bad: bool) -> Span<'static> {
    let style = if is_bad { Style::new().fg(Color::Red) } else { Style::new() };
    Span::styled(text, style)
}

#[expect(clippy::cast_precision_loss, reason = "what happened in one second")]
fn in_last(report: &LoadReport, figure: fn(&Second) -> u64) -> String {
    report
        .timeline
        .last()
        .map_or_else(|| NOTHING.to_owned(), |last| per_second(figure(last) as f64))
}

fn curve(report: &LoadReport, figure: fn(&Second) -> u64) -> Vec<u64> {
    report.timeline.iter().map(figure).collect()
}

fn requests(report: &LoadReport) -> Section {
    let all = &report.requests;
    let now = in_last(report, |last| last.requests);
    let errors = with_share(all.errors, all.count);
    let lines = vec![
        (0, Line::from(format!("{} sent, now {now}", grouped(all.count)))),
        (1, Line::from(bad(format!("{errors} errors"), all.errors > 0))),
    ];
    let curve = curve(report, |second| second.requests);
    Section { title: "requests", left: true, lines, curve }
}

fn latency(report: &LoadReport) -> Section {
    let of = &report.requests.latency;
    let mut lines = vec![(0, percentiles(of))];
    if is_open(report) {
        let sent = &report.requests.uncorrected;
        let dim = Style::new().add_modifier(Modifier::DIM);
        lines.push((5, percentiles(sent).style(dim)));
        lines.push((6, Line::from("beneath: from the moment of sending").style(dim)));
    }
    Section { title: "latency", left: true, lines, curve: Vec::new() }
}

fn percentiles(of: &Latency) -> Line<'static> {
    let figures = [("p50", of.p50_us), ("p90", of.p90_us), ("p99", of.p99_us), ("max", of.max_us)];
    let figures = figures.map(|(name, us)| format!("{name} {}", time_of(of, us)));
    Line::from(figures.join(" "))
}

fn starts(report: &LoadReport) -> Section {
    let all = &report.transactions;
    let (finished, begun) = (grouped(all.finished), grouped(all.in_flight));
    let mut lines = vec![(4, Line::from(format!("{finished} finished, {begun} under way")))];
    if is_open(report) {
        let (late, dropped) = (all.late, all.dropped);
        let text = format!("{} late, {} dropped", grouped(late), grouped(dropped));
        lines.push((2, Line::from(bad(text, late + dropped > 0))));
    }
    Section { title: "starts", left: true, lines, curve: Vec::new() }
}

fn jobs(report: &LoadReport) -> Section {
    let jobs = &report.jobs;
    let counts = [(jobs.succeeded, "SUCCESS"), (jobs.failed, "FAIL"), (jobs.given_up, "given up")];
    let counts = counts.map(|(number, word)| format!("{} {word}", grouped(number)));
    let (polled, accepted) = (grouped(jobs.in_flight), grouped(jobs.accepted));
    let ended = &jobs.submit_to_final;
    let (p50, p99) = (time_of(ended, ended.p50_us), time_of(ended, ended.p99_us));
    let lines = vec![
        (1, Line::from(format!("{polled} in flight of {accepted}"))),
        (3, Line::from(counts.join(", "))),
        (6, Line::from(format!("to the end p50 {p50}  p99 {p99}"))),
    ];
    let curve = curve(report, |second| second.jobs_in_flight);
    Section { title: "jobs", left: true, lines, curve }
}

/// How requests ended, of all operations together, the most frequent first.
fn answers(report: &LoadReport) -> Section {
    let mut sums: Vec<(&str, bool, u64)> = Vec::new();
    for outcome in report.kinds.iter().flat_map(|kind| &kind.outcomes) {
        match sums.iter_mut().find(|(name, ..)| *name == outcome.outcome) {
            Some(sum) => sum.2 += outcome.count,
            None => sums.push((&outcome.outcome, outcome.error, outcome.count)),
        }
    }
    sums.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(b.0)));
    let lines = sums.iter().take(MOST_OUTCOMES).map(|(name, error, number)| {
        (7, Line::from(bad(format!("{:>10}  {}", grouped(*number), visible(name)), *error)))
    });
    Section { title: "answers", left: false, lines: lines.collect(), curve: Vec::new() }
}

/// The fault rules that fired, those of the last second before the others.
fn rules(report: &LoadReport) -> Section {
    let last = report.timeline.last().map_or(&[][..], |last| &last.rules);
    let now = |id: &str| last.iter().find(|(rule, _)| rule == id).map_or(0, |(_, number)| *number);
    let mut rules: Vec<(u64, u64, &str)> =
        report.rules.iter().map(|rule| (now(&rule.id), rule.answers, &*rule.id)).collect();
    rules.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(b.2)));
    let lines = rules.iter().take(MOST_RULES).map(|(now, all, id)| {
        let text = format!("{:>10}  {}", grouped(*all), visible(id));
        let text = if *now > 0 { format!("{text}, now {}/s", grouped(*now)) } else { text };
        let style = if *now > 0 { Style::new().fg(Color::Yellow) } else { Style::new() };
        (8, Line::styled(text, style))
    });
    Section { title: "faults", left: false, lines: lines.collect(), curve: Vec::new() }
}

fn thresholds(report: &LoadReport) -> Section {
    let lines = report.thresholds.iter().map(|it| {
        let found = it.found.as_deref().unwrap_or(NOTHING);
        // What has nothing to judge it by yet, such as what the server will be asked at the end, fails nothing.
        if it.found.is_none() && report.ended == Ended::NotYet {
            return (9, Line::from(format!("later {}", visible(&it.threshold))));
        }
        let word = if it.held { "holds " } else { "FAILS " };
        let text = format!("{} ({})", visible(&it.threshold), visible(found));
        (if it.held { 9 } else { 2 }, Line::from(vec![bad(word.to_owned(), !it.held), text.into()]))
    });
    Section { title: "must hold", left: false, lines: lines.collect(), curve: Vec::new() }
}
