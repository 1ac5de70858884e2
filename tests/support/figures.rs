//! The figures of `/__admin/metrics`, read by a parser that nobody here wrote and that refuses what is wrong.

use std::collections::BTreeMap;

use openmetrics_parser::prometheus::parse_prometheus;
use openmetrics_parser::{HistogramValue, PrometheusType, PrometheusValue};

/// All figures of a page.
pub(crate) struct Figures {
    /// By name, and by labels in the form `one=a two=b`, in the order of their names.
    plain: BTreeMap<String, BTreeMap<String, f64>>,
    histograms: BTreeMap<String, BTreeMap<String, HistogramValue>>,
}

impl Figures {
    /// Reads a page and holds every family against what monitoring expects of names, help and types.
    ///
    /// # Panics
    /// If the page is wrong.
    pub(crate) fn read(page: &str) -> Self {
        let parsed = parse_prometheus(page).unwrap_or_else(|error| panic!("{error}\n{page}"));
        let (mut plain, mut histograms) = (BTreeMap::new(), BTreeMap::new());
        let families: BTreeMap<_, _> = parsed.families.into_iter().collect();
        for (name, family) in families {
            assert!(name.starts_with("imsim_") && !family.help.is_empty(), "{name}");
            let counts = matches!(family.family_type, PrometheusType::Counter);
            assert_eq!(name.ends_with("_total"), counts, "{name}");
            for sample in family.iter_samples() {
                let labels = sample.get_labelset().expect("labels have names");
                let mut labels: Vec<String> =
                    labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
                labels.sort();
                let labels = labels.join(" ");
                let value = match &sample.value {
                    PrometheusValue::Counter(counter) => counter.value.as_f64(),
                    PrometheusValue::Gauge(gauge) => gauge.as_f64(),
                    PrometheusValue::Histogram(value) => {
                        check_histogram(&name, value);
                        let all: &mut BTreeMap<_, _> = histograms.entry(name.clone()).or_default();
                        assert!(all.insert(labels, value.clone()).is_none(), "{name} twice");
                        continue;
                    }
                    other => panic!("{name}: {other:?}"),
                };
                let all: &mut BTreeMap<_, _> = plain.entry(name.clone()).or_default();
                assert!(all.insert(labels, value).is_none(), "{name} twice");
            }
        }
        Self { plain, histograms }
    }

    /// The figures of one name, by labels; empty if there are none.
    pub(crate) fn all(&self, name: &str) -> BTreeMap<String, f64> {
        self.plain.get(&format!("imsim_{name}")).cloned().unwrap_or_default()
    }

    /// One figure.
    pub(crate) fn one(&self, name: &str, labels: &str) -> f64 {
        let all = self.all(name);
        *all.get(labels).unwrap_or_else(|| panic!("no {name} {{{labels}}} among {all:?}"))
    }

    /// How often something was measured, by labels.
    pub(crate) fn measured(&self, name: &str) -> BTreeMap<String, f64> {
        let all = self.histograms.get(&format!("imsim_{name}"));
        let counts = all.into_iter().flatten().map(|(labels, value)| {
            (labels.clone(), value.count.expect("a histogram tells it") as f64)
        });
        counts.collect()
    }

    /// The sum of what was measured.
    pub(crate) fn sum(&self, name: &str, labels: &str) -> f64 {
        let value = &self.histograms[&format!("imsim_{name}")][labels];
        value.sum.as_ref().expect("a histogram tells it").as_f64()
    }

    /// How much of what was measured is at most so much.
    pub(crate) fn at_most(&self, name: &str, labels: &str, bound: f64) -> f64 {
        let value = &self.histograms[&format!("imsim_{name}")][labels];
        let bucket = value.buckets.iter().find(|bucket| bucket.upper_bound == bound);
        bucket.unwrap_or_else(|| panic!("no bound {bound}")).count.as_f64()
    }
}

/// Buckets are cumulative, and the last one, without a bound, holds all.
fn check_histogram(name: &str, value: &HistogramValue) {
    let counts: Vec<f64> = value.buckets.iter().map(|bucket| bucket.count.as_f64()).collect();
    assert!(counts.is_sorted(), "{name}: {counts:?}");
    assert!(value.buckets.is_sorted_by(|one, next| one.upper_bound < next.upper_bound), "{name}");
    let last = value.buckets.last().expect("there are buckets");
    assert_eq!(last.upper_bound, f64::INFINITY, "{name}");
    assert_eq!(Some(last.count.as_f64()), value.count.map(|count| count as f64), "{name}");
}
