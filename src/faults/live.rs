//! The plan that holds now, and can be exchanged while everything runs.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use super::{EventCounts, FaultEvent, Plan, Point, Rule, Verdict};
use crate::seed::Seed;

/// The plan that holds now. A new one takes effect at once for every event that has not been asked about.
#[derive(Debug, Default)]
pub struct CurrentPlan {
    plan: ArcSwap<Plan>,
}

impl CurrentPlan {
    /// A plan of these rules, which have counted nothing.
    #[must_use]
    pub fn new(rules: Vec<Arc<Rule>>) -> Self {
        let plan = Plan::new(rules, Arc::new(EventCounts::default()));
        Self { plan: ArcSwap::from_pointee(plan) }
    }

    /// The plan as it stands.
    #[must_use]
    pub fn load(&self) -> Guard<Arc<Plan>> {
        self.plan.load()
    }

    /// Puts other rules in place; the counts of events go on.
    pub fn replace(&self, rules: Vec<Arc<Rule>>) {
        let seen = Arc::clone(self.load().event_counts());
        self.plan.store(Arc::new(Plan::new(rules, seen)));
    }

    /// Whether the plan need not be asked at a point.
    #[must_use]
    pub fn is_empty_at(&self, point: Point) -> bool {
        self.load().is_empty_at(point)
    }

    /// See [`Plan::ask`].
    #[must_use]
    pub fn ask(&self, shard: u8, event: &FaultEvent<'_>, seed: Seed) -> Verdict {
        self.load().ask(shard, event, seed)
    }
}
