//! The rows of a run, put together so that a chart has only so many points.

use std::collections::BTreeMap;

use crate::load::report_form::Second;

/// The most points of a chart: about as many as a page has columns of dots for it.
const MOST_POINTS: u64 = 600;

/// How many seconds a point may stand for, so that people can name it.
const WIDTHS: [u64; 12] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600];

/// What happened in some seconds on end.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bucket {
    /// How many seconds of the run it has.
    pub(super) seconds: u64,
    pub(super) planned: u64,
    pub(super) late: u64,
    pub(super) requests: u64,
    pub(super) errors: u64,
    pub(super) finished: u64,
    /// The most at the end of a second.
    pub(super) jobs_in_flight: u64,
    /// The highest of its seconds: percentiles cannot be added up, and a mean would hide the bad second.
    pub(super) p50_us: u64,
    /// The same.
    pub(super) p90_us: u64,
    /// The same.
    pub(super) p99_us: u64,
    /// The same.
    pub(super) max_us: u64,
    /// The rules that fired, with the number of answers that named them, by id.
    pub(super) rules: BTreeMap<String, u64>,
}

impl Bucket {
    fn add(&mut self, second: &Second) {
        self.seconds += 1;
        self.planned += second.planned;
        self.late += second.late;
        self.requests += second.requests;
        self.errors += second.errors;
        self.finished += second.finished;
        self.jobs_in_flight = self.jobs_in_flight.max(second.jobs_in_flight);
        self.p50_us = self.p50_us.max(second.p50_us);
        self.p90_us = self.p90_us.max(second.p90_us);
        self.p99_us = self.p99_us.max(second.p99_us);
        self.max_us = self.max_us.max(second.max_us);
        for (id, number) in &second.rules {
            *self.rules.entry(id.clone()).or_default() += number;
        }
    }

    /// A sum as a rate.
    #[expect(clippy::cast_precision_loss, reason = "drawn")]
    pub(super) fn rate(&self, sum: u64) -> f64 {
        sum as f64 / self.seconds.max(1) as f64
    }
}

/// All of a run, from its beginning.
#[derive(Debug)]
pub(super) struct Buckets {
    /// How many seconds each has; the last may have fewer.
    pub(super) width: u64,
    /// How many seconds there are.
    pub(super) end: u64,
    /// One after the other; none where nothing is known of any of its seconds.
    pub(super) list: Vec<Option<Bucket>>,
}

impl Buckets {
    pub(super) fn of(timeline: &[Second]) -> Self {
        let end = timeline.iter().map(|it| it.second.saturating_add(1)).max().unwrap_or(0);
        let enough = |width: &u64| end.div_ceil(*width) <= MOST_POINTS;
        let width = WIDTHS.into_iter().find(enough).unwrap_or(end.div_ceil(MOST_POINTS));
        let number = usize::try_from(end.div_ceil(width)).unwrap_or(0);
        let mut list = vec![None; number];
        for second in timeline {
            let place = usize::try_from(second.second / width).unwrap_or(usize::MAX);
            if let Some(bucket) = list.get_mut(place) {
                bucket.get_or_insert_with(Bucket::default).add(second);
            }
        }
        Self { width, end, list }
    }

    /// The first second of a bucket and the one behind its last.
    pub(super) fn bounds(&self, place: usize) -> (u64, u64) {
        let from = place as u64 * self.width;
        (from, from.saturating_add(self.width).min(self.end))
    }

    /// Those of which something is known, with their places.
    pub(super) fn known(&self) -> impl Iterator<Item = (usize, &Bucket)> {
        self.list.iter().enumerate().filter_map(|(place, it)| Some((place, it.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: u64, requests: u64) -> Second {
        let rules = vec![("a".to_owned(), requests)];
        Second { second, requests, p99_us: requests * 10, rules, ..Second::default() }
    }

    #[test]
    fn short_runs_stay_as_they_are() {
        let buckets = Buckets::of(&[second(0, 5), second(1, 7), second(4, 1)]);
        assert_eq!((buckets.width, buckets.end, buckets.list.len()), (1, 5, 5));
        assert_eq!(
            buckets.known().map(|(place, it)| (place, it.requests)).collect::<Vec<_>>(),
            [(0, 5), (1, 7), (4, 1)]
        );
    }

    #[test]
    fn of_hours_each_point_is_some_seconds_and_no_request_is_lost() {
        for hours in [1, 3, 12, 800] {
            let rows: Vec<Second> = (0..hours * 3_600).map(|at| second(at, at % 10)).collect();
            let buckets = Buckets::of(&rows);
            assert!(buckets.list.len() as u64 <= MOST_POINTS, "{hours}");
            let sum = |of: &dyn Fn(&Bucket) -> u64| buckets.known().map(|(_, it)| of(it)).sum();
            let expected: u64 = rows.iter().map(|it| it.requests).sum();
            assert_eq!((sum(&|it| it.requests), sum(&|it| it.rules["a"])), (expected, expected));
            assert!(buckets.known().all(|(_, it)| it.p99_us == 90), "{hours}");
            assert_eq!(buckets.bounds(buckets.list.len() - 1).1, hours * 3_600);
        }
    }

    #[test]
    fn nothing_and_numbers_without_sense_are_taken() {
        assert!(Buckets::of(&[]).list.is_empty());
        assert!(Buckets::of(&[second(u64::MAX, 1)]).list.len() as u64 <= MOST_POINTS);
    }
}
