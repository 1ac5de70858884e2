//! When a job is asked for again: plain arithmetic.

use std::time::Duration;

use super::ledger::Micros;
use super::plan::Poll;
use crate::clock::SimDuration;

/// The pauses between the polls of one job.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pauses {
    poll: Poll,
    next_ms: f64,
}

impl Pauses {
    #[expect(clippy::cast_precision_loss, reason = "pauses are far below 2^53 ms")]
    pub(super) fn new(poll: Poll) -> Self {
        Self { poll, next_ms: poll.every.as_millis() as f64 }
    }

    /// The next pause: longer than the one before, but not longer than the longest; and never shorter than
    /// the server asked for.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "pauses are far below 2^53 ms, and not negative"
    )]
    pub(super) fn next(&mut self, retry_after: Option<Duration>) -> SimDuration {
        let longest = self.poll.longest.as_millis() as f64;
        let own = self.next_ms.min(longest);
        self.next_ms = (self.next_ms * self.poll.backoff).min(longest);
        let asked = retry_after.map_or(0, |asked| asked.as_millis() as u64);
        SimDuration::from_millis((own.round() as u64).max(asked))
    }
}

/// Polls of one job in a row for which no connection came about, from which on its server is held for dead: one
/// or two happen to any server that has too much to do.
const MOST_UNREACHABLE: u32 = 10;

/// How long at least that goes on, in microseconds: as long as it takes a service to come back that is started
/// again. Where jobs are polled every few milliseconds, so many polls alone would say nothing.
const LONGEST_UNREACHABLE: Micros = 5_000_000;

/// How long a server has not been reached by those who poll one job.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Silence {
    in_a_row: u32,
    since: Micros,
}

impl Silence {
    /// Takes note of a poll that ended; whether there is nobody left to ask.
    pub(super) fn is_death(&mut self, unreachable: bool, now: Micros) -> bool {
        if !unreachable {
            *self = Self::default();
            return false;
        }
        if self.in_a_row == 0 {
            self.since = now;
        }
        self.in_a_row += 1;
        self.in_a_row >= MOST_UNREACHABLE && now.saturating_sub(self.since) >= LONGEST_UNREACHABLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_dead_after_so_many_polls_and_so_long() {
        let check = |every: Micros, reached_at: Option<u32>, expected: Option<u32>| {
            let mut silence = Silence::default();
            let mut polls = 1..100_u32;
            let found = polls.find(|poll| {
                let unreachable = Some(*poll) != reached_at;
                silence.is_death(unreachable, Micros::from(*poll) * every)
            });
            assert_eq!(found, expected, "{every} {reached_at:?}");
        };
        // Ten in a row.
        check(1_000_000, None, Some(10));
        check(1_000_000, Some(9), Some(19));
        // Five seconds.
        check(100_000, None, Some(51));
        check(1_000, None, None);
    }

    fn pauses(every: u64, backoff: f64, longest: u64) -> Pauses {
        let ms = SimDuration::from_millis;
        let poll = Poll { every: ms(every), backoff, longest: ms(longest), give_up: ms(60_000) };
        Pauses::new(poll)
    }

    #[test]
    fn pauses_grow_to_the_longest() {
        let check = |mut pauses: Pauses, expected: &[u64]| {
            let found: Vec<u64> = expected.iter().map(|_| pauses.next(None).as_millis()).collect();
            assert_eq!(found, expected);
        };
        check(pauses(100, 1.0, 1_000), &[100, 100, 100]);
        check(pauses(100, 2.0, 1_000), &[100, 200, 400, 800, 1_000, 1_000]);
        check(pauses(100, 1.5, 200), &[100, 150, 200]);
    }

    #[test]
    fn the_server_may_ask_for_more_and_not_for_less() {
        let mut pauses = pauses(100, 2.0, 1_000);
        assert_eq!(pauses.next(Some(Duration::from_secs(5))).as_millis(), 5_000);
        assert_eq!(pauses.next(Some(Duration::from_millis(1))).as_millis(), 200);
        assert_eq!(pauses.next(None).as_millis(), 400);
    }
}
