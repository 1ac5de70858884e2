//! How long the requests of each operation took, and how they ended.

use maud::{Markup, html};

use super::scale::Scale;
use crate::load::report_form::{Kind, Latency, LoadReport, Requests};
use crate::load::words::{
    NOTHING, bytes, grouped, is_open, rate, share, time, time_of, with_share,
};

/// A distribution with its name.
type Named<'a> = (&'a str, &'a Latency);

pub(super) fn latency(report: &LoadReport) -> Markup {
    let measured: Vec<&Kind> = report.kinds.iter().filter(|it| it.requests.count > 0).collect();
    let open = is_open(report);
    html! {
        section {
            h2 { "Latency by operation" }
            @if measured.is_empty() {
                p.note { "No request was sent." }
            } @else {
                (bars(&measured.iter().map(|it| (&*it.operation, &it.requests.latency)).collect::<Vec<_>>()))
                div.wide {
                    table.figures {
                        thead { (heads()) }
                        tbody {
                            @for kind in &measured { (rows(&kind.operation, &kind.requests, open)) }
                            (rows("all", &report.requests, open))
                        }
                    }
                }
                @if open {
                    p.note { "Latency counts from the planned start, so that what was sent late counts as well. Beneath it, as sent: from the moment of sending." }
                }
            }
        }
    }
}

fn heads() -> Markup {
    let names = [
        "count", "per s", "errors", "min", "mean", "p50", "p75", "p90", "p95", "p99", "p99.9",
        "p99.99", "max", "sent", "received",
    ];
    html! { tr { th { "operation" } @for name in names { th.number { (name) } } } }
}

/// All percentiles, with the mean, rounded to what a histogram knows.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time")]
fn percentiles(of: &Latency) -> [String; 10] {
    let mean = of.mean_us.round() as u64;
    let (low, high) = ([of.min_us, mean, of.p50_us, of.p75_us, of.p90_us], [of.p95_us, of.p99_us]);
    let top = [of.p99_9_us, of.p99_99_us, of.max_us];
    let mut all = [low.as_slice(), &high, &top].concat().into_iter();
    std::array::from_fn(|_| all.next().map_or_else(String::new, |us| time_of(of, us)))
}

fn rows(name: &str, requests: &Requests, open: bool) -> Markup {
    html! {
        tr {
            td { (name) }
            td.number { (grouped(requests.count)) }
            td.number { (rate(requests.per_second)) }
            td.number { (with_share(requests.errors, requests.count)) }
            @for figure in percentiles(&requests.latency) { td.number { (figure) } }
            td.number { (bytes(requests.bytes_sent)) }
            td.number { (bytes(requests.bytes_received)) }
        }
        @if open {
            tr.uncorrected {
                td colspan="4" { "as sent" }
                @for figure in percentiles(&requests.uncorrected) { td.number { (figure) } }
                td colspan="2" {}
            }
        }
    }
}

/// Each distribution as a bar on one axis: thin from the shortest to the longest, thick from the median to p99.
#[expect(clippy::cast_precision_loss, reason = "drawn")]
pub(super) fn bars(all: &[Named<'_>]) -> Markup {
    let measured = || all.iter().filter(|(_, of)| of.count > 0);
    let low = measured().map(|(_, of)| of.min_us).min().unwrap_or(1);
    let high = measured().map(|(_, of)| of.max_us).max().unwrap_or(1);
    let scale = Scale::log(low as f64, high as f64);
    html! {
        figure.bars {
            @for (name, of) in measured() { (bar(name, of, scale)) }
            div.times.scale {
                @for (place, label) in scale.ticks() {
                    span class=(if place > 0.95 { "last" } else { "" }) style=(format!("left:{:.1}%", place * 100.0)) { (label) }
                }
            }
            figcaption.note { "Thin: from the shortest to the longest. Thick: from p50 to p90, and paler to p99." }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "drawn")]
fn bar(name: &str, of: &Latency, scale: Scale) -> Markup {
    let at = |us: u64| scale.place(us as f64) * 1_000.0;
    let part = |from: u64, to: u64| {
        (format!("{:.1}", at(from)), format!("{:.1}", (at(to) - at(from)).max(3.0)))
    };
    let parts = [
        ("range", part(of.min_us, of.max_us), 7, 2),
        ("far", part(of.p90_us, of.p99_us), 2, 12),
        ("near", part(of.p50_us, of.p90_us), 2, 12),
    ];
    let (p50, p90, p99) = (time(of.p50_us), time(of.p90_us), time(of.p99_us));
    html! {
        p.lane { (name) span.note { " p50 " (p50) ", p99 " (p99) } }
        svg.bar viewBox="0 0 1000 16" preserveAspectRatio="none" role="img" aria-label=(name) {
            title { (name) "\nmin " (time(of.min_us)) "\np50 " (p50) "\np90 " (p90) "\np99 " (p99) "\nmax " (time(of.max_us)) }
            @for (class, (left, width), top, height) in parts {
                rect class=(class) x=(left) y=(top) width=(width) height=(height) {}
            }
        }
    }
}

/// How the requests of each operation ended.
pub(super) fn outcomes(report: &LoadReport) -> Markup {
    html! {
        @if report.kinds.iter().any(|kind| !kind.outcomes.is_empty()) {
            section {
                h2 { "Answers" }
                div.wide {
                    table {
                        thead { tr { th { "operation" } th { "answer" } th.number { "count" } th.number { "share" } } }
                        tbody { @for kind in &report.kinds { (outcomes_of(kind)) } }
                    }
                }
            }
        }
    }
}

fn outcomes_of(kind: &Kind) -> Markup {
    html! {
        @for (place, outcome) in kind.outcomes.iter().enumerate() {
            tr {
                td { @if place == 0 { (kind.operation) } }
                td { @if outcome.error { span.fail-word { (outcome.outcome) } } @else { (outcome.outcome) } }
                td.number { (grouped(outcome.count)) }
                td.number { (share(outcome.count, kind.requests.count)) }
            }
        }
    }
}

/// The percentiles of one distribution as the cells of a row, or dashes.
pub(super) fn cells(of: &Latency) -> Markup {
    let all = [of.p50_us, of.p90_us, of.p99_us, of.p99_9_us, of.max_us];
    html! {
        @for us in all { td.number { @if of.count == 0 { (NOTHING) } @else { (time(us)) } } }
    }
}

/// The heads above [`cells`].
pub(super) fn cell_heads() -> Markup {
    html! { @for name in ["p50", "p90", "p99", "p99.9", "max"] { th.number { (name) } } }
}
