//! The charts over time: rates, latency, jobs, errors.

use std::time::Duration;

use maud::{Markup, html};

use super::buckets::{Bucket, Buckets};
use super::chart::{Chart, Series};
use super::lanes;
use super::scale::Scale;
use crate::load::report_form::LoadReport;
use crate::load::words::{count, grouped, is_open, per_second, span, time, with_share};

/// All charts, one below the other on the same time axis.
pub(super) fn over_time(report: &LoadReport) -> Markup {
    let buckets = Buckets::of(&report.timeline);
    html! {
        section {
            h2 { "Over time" }
            @if buckets.list.is_empty() {
                p.note { "The run ended before there was anything to draw." }
            } @else {
                (explained(&buckets, report))
                @let drawing = Drawing { report, buckets: &buckets };
                (drawing.rates()) (drawing.latency()) (drawing.jobs()) (drawing.errors())
                (lanes::lanes(report, &buckets))
            }
        }
    }
}

fn explained(buckets: &Buckets, report: &LoadReport) -> Markup {
    let late: u64 = report.timeline.iter().map(|second| second.late_told).sum();
    let fired = buckets.known().any(|(_, it)| !it.rules.is_empty());
    html! {
        @if buckets.width > 1 {
            p.note {
                "Each point stands for " (span(Duration::from_secs(buckets.width)))
                ": rates are those over it, all else is the highest of its seconds."
            }
        }
        @if late > 0 {
            p.note { "A thread was stuck: the percentiles below leave out " (count(late, "request")) " that it told of too late." }
        }
        @if fired { p.note { "Shaded: answers named a fault rule then; the more answers the darker. The rules' ids stand above." } }
    }
}

struct Drawing<'a> {
    report: &'a LoadReport,
    buckets: &'a Buckets,
}

impl Drawing<'_> {
    fn chart<'a>(
        &'a self,
        title: &'a str,
        note: &'a str,
        scale: Scale,
        series: &'a [Series<'a>],
        tell: &'a dyn Fn(&Bucket) -> String,
    ) -> Markup {
        let load_end = Duration::from_millis(self.report.took_ms).as_secs_f64();
        Chart { title, note, buckets: self.buckets, load_end, scale, series, tell }.draw()
    }

    /// The highest of some figures of all buckets.
    fn highest(&self, series: &[Series<'_>]) -> f64 {
        let all = self.buckets.known().flat_map(|(_, it)| series.iter().map(|of| (of.figure)(it)));
        all.flatten().fold(0.0, f64::max)
    }

    fn rates(&self) -> Markup {
        let open = is_open(self.report);
        let planned = |it: &Bucket| Some(it.rate(it.planned));
        let requests = |it: &Bucket| Some(it.rate(it.requests));
        let finished = |it: &Bucket| Some(it.rate(it.finished));
        let begun = if open { "transactions planned" } else { "transactions begun" };
        let series = [
            Series { name: "requests", class: "requests", filled: true, figure: &requests },
            Series {
                name: "transactions finished",
                class: "finished",
                filled: false,
                figure: &finished,
            },
            Series { name: begun, class: "planned", filled: false, figure: &planned },
        ];
        let tell = |it: &Bucket| {
            let [requests, planned, finished] =
                [it.requests, it.planned, it.finished].map(|sum| per_second(it.rate(sum)));
            format!("requests {requests}\n{begun} {planned}\ntransactions finished {finished}")
        };
        let scale = Scale::linear(self.highest(&series));
        self.chart("Rate", "a second", scale, &series, &tell)
    }

    #[expect(clippy::cast_precision_loss, reason = "drawn")]
    fn latency(&self) -> Markup {
        // A second in which nothing was answered has no latency.
        let of = |us: fn(&Bucket) -> u64| {
            move |it: &Bucket| if it.requests > 0 { Some(us(it) as f64) } else { None }
        };
        let (p50, p90) = (of(|it| it.p50_us), of(|it| it.p90_us));
        let (p99, max) = (of(|it| it.p99_us), of(|it| it.max_us));
        let series = [
            Series { name: "max", class: "max", filled: false, figure: &max },
            Series { name: "p99", class: "p99", filled: false, figure: &p99 },
            Series { name: "p90", class: "p90", filled: false, figure: &p90 },
            Series { name: "p50", class: "p50", filled: false, figure: &p50 },
        ];
        let tell = |it: &Bucket| {
            let [p50, p90, p99, max] = [it.p50_us, it.p90_us, it.p99_us, it.max_us].map(time);
            match it.requests {
                0 => "no answers".to_owned(),
                _ => format!("p50 {p50}\np90 {p90}\np99 {p99}\nmax {max}"),
            }
        };
        let lowest = self.buckets.known().filter_map(|(_, it)| p50(it)).fold(f64::MAX, f64::min);
        let highest = self.highest(&series);
        let scale = Scale::log(lowest.min(highest), highest);
        let note = if is_open(self.report) {
            "of the answers of each second, from the planned start; a step is ten times as long"
        } else {
            "of the answers of each second; a step is ten times as long"
        };
        self.chart("Latency", note, scale, &series, &tell)
    }

    #[expect(clippy::cast_precision_loss, reason = "drawn")]
    fn jobs(&self) -> Markup {
        let jobs = |it: &Bucket| Some(it.jobs_in_flight as f64);
        let series = [Series { name: "jobs", class: "jobs", filled: true, figure: &jobs }];
        let tell = |it: &Bucket| count(it.jobs_in_flight, "job");
        let scale = Scale::linear(self.highest(&series));
        self.chart("Jobs in flight", "accepted and not yet seen final", scale, &series, &tell)
    }

    fn errors(&self) -> Markup {
        let errors = |it: &Bucket| Some(it.rate(it.errors));
        let late = |it: &Bucket| Some(it.rate(it.late));
        let open = is_open(self.report);
        let mut series =
            vec![Series { name: "errors", class: "errors", filled: true, figure: &errors }];
        if open {
            let name = "begun late or dropped";
            series.push(Series { name, class: "late", filled: false, figure: &late });
        }
        let tell = |it: &Bucket| {
            let text = format!("errors {}", with_share(it.errors, it.requests));
            if open { format!("{text}\nlate or dropped {}", grouped(it.late)) } else { text }
        };
        let scale = Scale::linear(self.highest(&series));
        self.chart("Errors", "a second", scale, &series, &tell)
    }
}
