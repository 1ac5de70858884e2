//! When a job is asked for again: plain arithmetic.

use std::time::Duration;

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

#[cfg(test)]
mod tests {
    use super::*;

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
