//! How many events there were at each point. A rule that the index passes over is counted through these.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::Point;
use crate::api::Operation;

/// One place for each operation, and one for events without.
pub(super) const SLOTS: usize = Operation::ALL.len() + 1;
/// How many points there are.
pub(super) const POINTS: usize = Point::ALL.len();
/// Shards beyond it share stripes, which costs a little and changes nothing.
const STRIPES: usize = 16;

/// The place of an operation's counts and rules.
pub(super) fn slot(operation: Option<Operation>) -> usize {
    operation.map_or(SLOTS - 1, |operation| operation as usize)
}

/// The counts of one point at one moment, by operation.
pub(super) type PointCounts = [u64; SLOTS];

/// The events that one plan was asked about, from its first to its last. What is counted here every rule of
/// that plan was asked about, and no other rule: an event that still holds the plan of a moment ago counts
/// for that one.
#[derive(Debug, Default)]
pub(super) struct Events {
    stripes: [Stripe; STRIPES],
    /// Nobody holds the plan any more, so that nothing more is counted.
    over: AtomicBool,
}

/// The counts of some shards. Neighbours never share a line of the cache, since every event is counted.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe([[AtomicU64; SLOTS]; POINTS]);

impl Events {
    pub(super) fn count(&self, shard: u8, point: Point, operation: Option<Operation>) {
        let Stripe(counts) = &self.stripes[usize::from(shard) % STRIPES];
        counts[point as usize][slot(operation)].fetch_add(1, Ordering::Relaxed);
    }

    /// Their plan is gone.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Release);
    }

    fn add_to(&self, sum: &mut PointCounts, point: Point) {
        for (slot, sum) in sum.iter_mut().enumerate() {
            let counts = self.stripes.iter().map(|stripe| &stripe.0[point as usize][slot]);
            *sum += counts.map(|count| count.load(Ordering::Relaxed)).sum::<u64>();
        }
    }
}

/// The events of all plans that a rule has been in.
#[derive(Debug, Default)]
pub(super) struct History {
    /// The sum of those that are over.
    past: PointCounts,
    /// Those that are not: of the present plan, and of former ones that some thread still asks.
    open: Vec<Arc<Events>>,
}

impl History {
    /// The rule, which stands at `point`, comes into one more plan.
    pub(super) fn join(&mut self, events: &Arc<Events>, point: Point) {
        let past = &mut self.past;
        self.open.retain(|events| {
            let over = events.over.load(Ordering::Acquire);
            if over {
                events.add_to(past, point);
            }
            !over
        });
        self.open.push(Arc::clone(events));
    }

    /// How many events there were at `point`, by operation.
    pub(super) fn at(&self, point: Point) -> PointCounts {
        let mut sum = self.past;
        self.open.iter().for_each(|events| events.add_to(&mut sum, point));
        sum
    }
}
