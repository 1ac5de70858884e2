//! Families of figures, and the text that they are told in.

use std::borrow::Cow;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, prometheus_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use super::histogram::{BOUNDS, Measured};

/// What the text is: format 0.0.4, which everything that reads figures for Prometheus understands.
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// What stands before every name.
const PREFIX: &str = "imsim";

/// The labels of a figure, in the order in which they are told.
pub(super) type Labels = Vec<(&'static str, Cow<'static, str>)>;

/// Figures of one name, told apart by labels.
#[derive(Debug)]
pub(super) struct Family {
    /// Without the prefix, and without the `_total` of counters.
    name: &'static str,
    help: &'static str,
    figures: Figures,
}

#[derive(Debug)]
enum Figures {
    /// What only rises, or begins again at 0.
    Counters(Vec<(Labels, u64)>),
    Gauges(Vec<(Labels, f64)>),
    /// In seconds.
    Histograms(Vec<(Labels, Measured)>),
}

impl Family {
    /// One counter.
    pub(super) fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self::counters(name, help, [(Labels::new(), value)])
    }

    /// One gauge.
    pub(super) fn gauge(name: &'static str, help: &'static str, value: f64) -> Self {
        Self::gauges(name, help, [(Labels::new(), value)])
    }

    /// One gauge of what is counted in whole numbers.
    pub(super) fn amount(name: &'static str, help: &'static str, value: usize) -> Self {
        Self::gauge(name, help, value as f64)
    }

    pub(super) fn counters(
        name: &'static str,
        help: &'static str,
        all: impl IntoIterator<Item = (Labels, u64)>,
    ) -> Self {
        Self { name, help, figures: Figures::Counters(all.into_iter().collect()) }
    }

    pub(super) fn gauges(
        name: &'static str,
        help: &'static str,
        all: impl IntoIterator<Item = (Labels, f64)>,
    ) -> Self {
        Self { name, help, figures: Figures::Gauges(all.into_iter().collect()) }
    }

    pub(super) fn histograms(
        name: &'static str,
        help: &'static str,
        all: impl IntoIterator<Item = (Labels, Measured)>,
    ) -> Self {
        Self { name, help, figures: Figures::Histograms(all.into_iter().collect()) }
    }

    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let (kind, count) = match &self.figures {
            Figures::Counters(all) => (MetricType::Counter, all.len()),
            Figures::Gauges(all) => (MetricType::Gauge, all.len()),
            Figures::Histograms(all) => (MetricType::Histogram, all.len()),
        };
        if count == 0 {
            return Ok(());
        }
        let mut encoder = encoder.encode_descriptor(self.name, self.help, None, kind)?;
        match &self.figures {
            Figures::Counters(all) => all.iter().try_for_each(|(labels, value)| {
                encoder.encode_family(labels)?.encode_counter::<NoLabelSet, _, u64>(value, None)
            }),
            Figures::Gauges(all) => all
                .iter()
                .try_for_each(|(labels, value)| encoder.encode_family(labels)?.encode_gauge(value)),
            Figures::Histograms(all) => all.iter().try_for_each(|(labels, measured)| {
                encode_histogram(encoder.encode_family(labels)?, measured)
            }),
        }
    }
}

fn encode_histogram(mut encoder: MetricEncoder<'_>, measured: &Measured) -> fmt::Result {
    let bounds = BOUNDS.iter().map(|bound| bound.as_secs_f64()).chain([f64::INFINITY]);
    let buckets: Vec<(f64, u64)> = bounds.zip(measured.buckets).collect();
    let (sum, count) = (measured.sum.as_secs_f64(), measured.count());
    encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
}

/// Families that were gathered at one moment.
#[derive(Debug)]
struct Gathered(Vec<Family>);

impl Collector for Gathered {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|family| family.encode(&mut encoder))
    }
}

/// Tells families in their order.
pub(super) fn page(families: Vec<Family>) -> String {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(Gathered(families)));
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry).expect("a string takes all text");
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use expect_test::expect;

    use super::*;
    use crate::metrics::Histogram;

    #[test]
    fn figures_are_told_under_their_names_with_labels_escaped() {
        let histogram = Histogram::default();
        for milliseconds in [3, 3, 400_000] {
            histogram.observe(Duration::from_millis(milliseconds));
        }
        let mut measured = Measured::default();
        histogram.add_to(&mut measured);
        let odd = Cow::Borrowed("a \"b\" \\n\n{c},d=e");
        let text = page(vec![
            Family::counter("calls", "Calls.", u64::MAX),
            Family::gauges("speed", "A \\ and\na line.", [(vec![("rule", odd)], 0.5)]),
            Family::counters("never", "Left out, as there is none.", []),
            Family::histograms("took_seconds", "Seconds.", [(vec![("x", "y".into())], measured)]),
        ]);
        expect![[r##"
            # HELP imsim_calls_total Calls.
            # TYPE imsim_calls_total counter
            imsim_calls_total 18446744073709551615
            # HELP imsim_speed A \\ and\na line.
            # TYPE imsim_speed gauge
            imsim_speed{rule="a \"b\" \\n\n{c},d=e"} 0.5
            # HELP imsim_took_seconds Seconds.
            # TYPE imsim_took_seconds histogram
            imsim_took_seconds_bucket{x="y",le="5e-05"} 0
            imsim_took_seconds_bucket{x="y",le="0.0001"} 0
            imsim_took_seconds_bucket{x="y",le="0.00025"} 0
            imsim_took_seconds_bucket{x="y",le="0.0005"} 0
            imsim_took_seconds_bucket{x="y",le="0.001"} 0
            imsim_took_seconds_bucket{x="y",le="0.0025"} 0
            imsim_took_seconds_bucket{x="y",le="0.005"} 2
            imsim_took_seconds_bucket{x="y",le="0.01"} 2
            imsim_took_seconds_bucket{x="y",le="0.025"} 2
            imsim_took_seconds_bucket{x="y",le="0.05"} 2
            imsim_took_seconds_bucket{x="y",le="0.1"} 2
            imsim_took_seconds_bucket{x="y",le="0.25"} 2
            imsim_took_seconds_bucket{x="y",le="0.5"} 2
            imsim_took_seconds_bucket{x="y",le="1"} 2
            imsim_took_seconds_bucket{x="y",le="2.5"} 2
            imsim_took_seconds_bucket{x="y",le="5"} 2
            imsim_took_seconds_bucket{x="y",le="10"} 2
            imsim_took_seconds_bucket{x="y",le="25"} 2
            imsim_took_seconds_bucket{x="y",le="60"} 2
            imsim_took_seconds_bucket{x="y",le="300"} 2
            imsim_took_seconds_bucket{x="y",le="+Inf"} 3
            imsim_took_seconds_sum{x="y"} 400.006
            imsim_took_seconds_count{x="y"} 3
        "##]]
        .assert_eq(&text);
    }
}
