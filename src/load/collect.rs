//! Brings together what the threads measure: sums over the run, and a row for each second.

use std::collections::BTreeMap;

use super::gathered::{Gathered, Spread};
use super::report_form::Second;
use super::under_way::UnderWay;

/// The rows of a run: a day, at some hundred bytes each. What is measured later is in the sums alone.
const MOST_SECONDS: u64 = 86_400;
/// How many rules one row names; more at once are seen in the sums.
const MOST_RULES_OF_A_SECOND: usize = 20;

/// What was measured so far.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) sums: Gathered,
    pub(super) rows: Vec<Second>,
    /// Seconds of which not every thread has told yet, with how many have.
    open: BTreeMap<u64, (Gathered, u32)>,
}

impl Collected {
    /// Takes what a thread measured in a second; true if that made a row whole.
    pub(super) fn take(
        &mut self,
        second: u64,
        gathered: &Gathered,
        threads: u32,
        under_way: &UnderWay,
    ) -> bool {
        self.sums.add(gathered);
        let (open, told) = self.open.entry(second).or_default();
        open.add(gathered);
        *told += 1;
        if *told < threads {
            return false;
        }
        // A thread that ended tells no more of the seconds before; what it did tell counts.
        let later = self.open.split_off(&(second + 1));
        for (second, (gathered, _)) in std::mem::replace(&mut self.open, later) {
            self.row(second, &gathered, under_way);
        }
        true
    }

    /// Makes rows of what is left.
    pub(super) fn end(&mut self, under_way: &UnderWay) {
        for (second, (gathered, _)) in std::mem::take(&mut self.open) {
            self.row(second, &gathered, under_way);
        }
    }

    fn row(&mut self, second: u64, gathered: &Gathered, under_way: &UnderWay) {
        if second >= MOST_SECONDS {
            return;
        }
        let requests = gathered.requests();
        let latency = requests.latency.corrected.latency();
        let rules = gathered.rules.iter().map(|(id, spread)| (id.to_string(), spread.count()));
        let row = Second {
            second,
            planned: gathered.planned,
            late: gathered.late + gathered.dropped,
            requests: requests.count,
            errors: requests.errors,
            finished: gathered.finished,
            jobs_in_flight: under_way.jobs.now(),
            jobs_ended: gathered.succeeded + gathered.failed,
            p50_us: latency.p50_us,
            p90_us: latency.p90_us,
            p99_us: latency.p99_us,
            max_us: latency.max_us,
            rules: rules.take(MOST_RULES_OF_A_SECOND).collect(),
        };
        match self.rows.binary_search_by_key(&second, |row| row.second) {
            // A thread that was late told of a second whose row is whole; its counts belong there.
            Ok(at) => add(&mut self.rows[at], row),
            Err(at) => self.rows.insert(at, row),
        }
    }
}

/// Adds counts; of percentiles that only one thread told there is none that both would have.
fn add(row: &mut Second, late: Second) {
    row.planned += late.planned;
    row.late += late.late;
    row.requests += late.requests;
    row.errors += late.errors;
    row.finished += late.finished;
    row.jobs_ended += late.jobs_ended;
    row.max_us = row.max_us.max(late.max_us);
    for (rule, count) in late.rules {
        match row.rules.binary_search_by(|(known, _)| known.cmp(&rule)) {
            Ok(at) => row.rules[at].1 += count,
            Err(at) if row.rules.len() < MOST_RULES_OF_A_SECOND => {
                row.rules.insert(at, (rule, count))
            }
            Err(_) => {}
        }
    }
}

impl Spread {
    fn count(&self) -> u64 {
        self.latency().count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(planned: u64, rule: &str) -> Gathered {
        let mut gathered = Gathered { planned, ..Gathered::default() };
        gathered.rules.entry(rule.into()).or_default().record(1);
        gathered
    }

    #[test]
    fn what_is_told_late_belongs_to_its_own_second() {
        let (mut collected, under_way) = (Collected::default(), UnderWay::default());
        for second in 0..3 {
            assert!(!collected.take(second, &told(1, "slow"), 2, &under_way));
            // Of the second in the middle one thread tells nothing yet.
            if second != 1 {
                assert!(collected.take(second, &told(10, "slow"), 2, &under_way));
            }
        }
        collected.take(1, &told(100, "lost"), 2, &under_way);
        collected.take(4, &told(1_000, "slow"), 2, &under_way);
        collected.end(&under_way);
        let rows: Vec<(u64, u64)> =
            collected.rows.iter().map(|row| (row.second, row.planned)).collect();
        assert_eq!(rows, [(0, 11), (1, 101), (2, 11), (4, 1_000)]);
        let rules: Vec<(&str, u64)> =
            collected.rows[1].rules.iter().map(|(id, count)| (id.as_str(), *count)).collect();
        assert_eq!(rules, [("lost", 1), ("slow", 1)]);
        assert_eq!(collected.sums.planned, rows.iter().map(|(_, planned)| planned).sum::<u64>());
    }
}
