//! Keeps the pace of the open model: a thread that does nothing but sleep until the next transaction is due,
//! since the timers of a runtime are only as fine as a millisecond.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::call::{Phase, micros};
use super::ledger::Micros;
use super::plan::Plan;
use crate::clock::{WallInstant, WallTime};

/// Starts that can wait for a driver that is slow; a pacer that finds no room waits, and what it starts then
/// counts as late.
pub(super) const MOST_WAITING: usize = 65_536;

/// The longest sleep at once, so that it is soon noticed that a run ends.
const LONGEST_SLEEP: Duration = Duration::from_millis(50);

/// A transaction whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) number: u64,
    pub(super) planned: Micros,
}

/// The pace of one of several drivers, which take the transactions in turn.
pub(super) struct Pacer {
    pub(super) plan: Arc<Plan>,
    pub(super) wall: WallTime,
    /// When the run began.
    pub(super) start: WallInstant,
    /// The first transaction of the driver.
    pub(super) first: u64,
    /// How many drivers there are.
    pub(super) step: u64,
    pub(super) phase: watch::Receiver<Phase>,
}

impl Pacer {
    /// Sends each start when it is due, until the load or the run ends.
    pub(super) fn keep(self, starts: &mpsc::Sender<Start>) {
        let left = self.plan.mix.used_up_after().unwrap_or(u64::MAX);
        let mut number = self.first;
        while number < left {
            let Some(planned) = self.plan.arrivals.due(number) else { return };
            if !self.wait(planned) || starts.blocking_send(Start { number, planned }).is_err() {
                return;
            }
            number += self.step;
        }
    }

    /// Sleeps until a time of the run; false if the run ends before.
    fn wait(&self, until: Micros) -> bool {
        loop {
            if *self.phase.borrow() != Phase::On {
                return false;
            }
            let now = micros(self.wall.elapsed(self.start));
            if now >= until {
                return true;
            }
            self.wall.block(Duration::from_micros(until - now).min(LONGEST_SLEEP));
        }
    }
}
