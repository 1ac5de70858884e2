//! Brings together what the threads measure: sums over the run, and a row for each second.

use std::collections::BTreeMap;

use super::gathered::{Gathered, Spread};
use super::report_form::Second;
use super::under_way::UnderWay;

/// The rows of a run: a day, at some hundred bytes each. What is measured later is in the sums alone.
const MOST_SECONDS: u64 = 86_400;
/// Seconds that are kept open for a thread that tells nothing; at some hundred kilobytes each, some ten megabytes,
/// and more where hundreds of rules strike in each, whose distributions come on top. A thread that is silent for a
/// minute is stuck, and the rows go on without it.
const MOST_OPEN: usize = 60;
/// How many rules one row names; more at once are seen in the sums.
const MOST_RULES_OF_A_SECOND: usize = 20;

/// What was measured so far.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) sums: Gathered,
    pub(super) rows: Vec<Second>,
    /// Seconds of which not every thread has told yet, with the jobs that were under way when the first did.
    open: BTreeMap<u64, (u64, Gathered)>,
    /// The last second of which each thread has told that will tell of more. Each tells in their order.
    telling: BTreeMap<u32, Option<u64>>,
}

impl Collected {
    /// Of what so many threads measure, which are numbered from 0.
    pub(super) fn of(threads: u32) -> Self {
        Self { telling: (0..threads).map(|thread| (thread, None)).collect(), ..Self::default() }
    }

    /// Takes what a thread measured in a second; true if that made a row whole.
    pub(super) fn take(
        &mut self,
        thread: u32,
        second: u64,
        gathered: &Gathered,
        under_way: &UnderWay,
    ) -> bool {
        self.sums.add(gathered);
        let new = || (under_way.jobs.now(), Gathered::default());
        self.open.entry(second).or_insert_with(new).1.add(gathered);
        if let Some(told) = self.telling.get_mut(&thread) {
            *told = (*told).max(Some(second));
        }
        self.close()
    }

    /// A thread has told its last; nobody waits for it any more.
    pub(super) fn done(&mut self, thread: u32) -> bool {
        self.telling.remove(&thread);
        self.close()
    }

    /// Threads that have not told their last.
    pub(super) fn are_telling(&self) -> usize {
        self.telling.len()
    }

    /// Makes rows of the seconds of which all have told; true if there were any.
    fn close(&mut self) -> bool {
        let Some(told) = self.telling.values().min() else { return false };
        let later = told.map_or(0, |told| told + 1);
        let surplus = self.open.keys().rev().nth(MOST_OPEN).map_or(0, |second| second + 1);
        let later = self.open.split_off(&later.max(surplus));
        let whole = std::mem::replace(&mut self.open, later);
        for (second, (jobs, gathered)) in &whole {
            self.row(*second, gathered, *jobs);
        }
        !whole.is_empty()
    }

    /// Makes rows of what is left.
    pub(super) fn end(&mut self) {
        for (second, (jobs, gathered)) in std::mem::take(&mut self.open) {
            self.row(second, &gathered, jobs);
        }
    }

    fn row(&mut self, second: u64, gathered: &Gathered, jobs_in_flight: u64) {
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
            jobs_in_flight,
            jobs_ended: gathered.succeeded + gathered.failed,
            p50_us: latency.p50_us,
            p90_us: latency.p90_us,
            p99_us: latency.p99_us,
            max_us: latency.max_us,
            late_told: 0,
            rules: rules.take(MOST_RULES_OF_A_SECOND).collect(),
        };
        match self.rows.binary_search_by_key(&second, |row| row.second) {
            // A thread that was stuck told of a second whose row was made without it; its counts belong there.
            Ok(at) => add(&mut self.rows[at], row),
            Err(at) => self.rows.insert(at, row),
        }
    }
}

/// Adds counts; of percentiles of two parts there is none that both together would have, so the row says of how many
/// requests it leaves out.
fn add(row: &mut Second, late: Second) {
    row.planned += late.planned;
    row.late += late.late;
    row.requests += late.requests;
    row.errors += late.errors;
    row.finished += late.finished;
    row.jobs_ended += late.jobs_ended;
    row.max_us = row.max_us.max(late.max_us);
    row.late_told += late.requests;
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
    use crate::api::Operation;

    fn told(planned: u64, rule: &str) -> Gathered {
        let mut gathered = Gathered { planned, ..Gathered::default() };
        gathered.rules.entry(rule.into()).or_default().record(1);
        gathered
    }

    fn told_latency(us: u64) -> Gathered {
        let mut gathered = Gathered::default();
        let kind = gathered.kinds.entry(Operation::ShowImage).or_default();
        kind.count = 1;
        kind.latency.record(0, Some(0), us);
        gathered
    }

    fn seconds(collected: &Collected) -> Vec<(u64, u64)> {
        collected.rows.iter().map(|row| (row.second, row.planned)).collect()
    }

    /// A row waits for all who still tell, whoever of the others has gone, and then has the percentiles of all.
    #[test]
    fn a_row_is_made_when_all_have_told_who_still_tell() {
        let (mut collected, under_way) = (Collected::of(3), UnderWay::default());
        assert!(!collected.take(0, 0, &told_latency(10), &under_way));
        assert!(!collected.take(1, 0, &told_latency(10), &under_way));
        assert!(!collected.done(1));
        // Two have told, and two still tell; but one of those is slow.
        assert!(!collected.take(0, 1, &told_latency(10), &under_way));
        assert_eq!(collected.rows, []);
        assert!(collected.take(2, 0, &told_latency(1_000), &under_way));
        let [row] = &*collected.rows else { panic!("{:?}", collected.rows) };
        assert_eq!((row.requests, row.p50_us, row.late_told), (3, 10, 0));
        assert!(row.p99_us >= 1_000, "{row:?}");
        // One that tells of a later second had nothing to tell of those before.
        assert!(collected.take(2, 3, &told_latency(10), &under_way));
        assert_eq!(collected.rows.len(), 2);
        assert!(collected.done(0));
        assert_eq!(collected.rows.len(), 3);
    }

    #[test]
    fn a_row_says_how_many_jobs_there_were_at_its_second_however_late_it_is_made() {
        let (mut collected, under_way) = (Collected::of(2), UnderWay::default());
        let jobs: Vec<_> = (0..3).map(|_| under_way.jobs.one()).collect();
        collected.take(0, 0, &told(1, "one"), &under_way);
        drop(jobs);
        collected.take(0, 1, &told(1, "one"), &under_way);
        assert!(collected.take(1, 1, &told(1, "one"), &under_way));
        let in_flight: Vec<u64> = collected.rows.iter().map(|row| row.jobs_in_flight).collect();
        assert_eq!(in_flight, [3, 0]);
    }

    #[test]
    fn rows_go_on_without_a_thread_that_is_stuck_and_what_it_tells_then_is_counted() {
        let (mut collected, under_way) = (Collected::of(2), UnderWay::default());
        for second in 0..200 {
            let closed = collected.take(0, second, &told(1, "slow"), &under_way);
            assert_eq!(closed, second >= MOST_OPEN as u64, "{second}");
            assert!(collected.open.len() <= MOST_OPEN);
        }
        collected.take(1, 1, &told_latency(7), &under_way);
        collected.take(1, 1, &told(100, "lost"), &under_way);
        collected.end();
        let rows = &collected.rows;
        assert_eq!((rows.len(), rows[0].planned, rows[1].planned), (200, 1, 101));
        assert_eq!((rows[0].late_told, rows[1].late_told, rows[1].max_us), (0, 1, 7));
        let rules: Vec<(&str, u64)> =
            rows[1].rules.iter().map(|(id, count)| (id.as_str(), *count)).collect();
        assert_eq!(rules, [("lost", 1), ("slow", 1)]);
        let sum = seconds(&collected).iter().map(|(_, planned)| planned).sum::<u64>();
        assert_eq!(collected.sums.planned, sum);
    }
}
