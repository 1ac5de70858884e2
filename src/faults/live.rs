//! The plan that holds now, and can be exchanged while everything runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::{ArcSwap, Guard};

use super::plan::Wants;
use super::{FaultEvent, Plan, Point, Rule, Verdict};
use crate::seed::Seed;

/// The plan that holds now. A new one takes effect at once for every event that has not been asked about.
#[derive(Debug, Default)]
pub struct CurrentPlan {
    plan: ArcSwap<Plan>,
    /// What the plan may be asked for. It is looked at many times in every job, mostly to find that there
    /// is nothing, and then spares taking hold of the plan.
    wants: AtomicU32,
}

impl CurrentPlan {
    /// A plan of these rules, which have counted nothing.
    #[must_use]
    pub fn new(rules: Vec<Arc<Rule>>) -> Self {
        let plan = Plan::new(rules);
        let wants = AtomicU32::new(plan.wants().0);
        Self { plan: ArcSwap::from_pointee(plan), wants }
    }

    /// The plan as it stands.
    #[must_use]
    pub fn load(&self) -> Guard<Arc<Plan>> {
        self.plan.load()
    }

    /// Puts other rules in place.
    pub fn replace(&self, rules: Vec<Arc<Rule>>) {
        let plan = Plan::new(rules);
        let Wants(wants) = plan.wants();
        self.plan.store(Arc::new(plan));
        self.wants.store(wants, Ordering::Release);
    }

    fn wants(&self) -> Wants {
        Wants(self.wants.load(Ordering::Acquire))
    }

    /// Whether the plan need not be asked at a point.
    #[must_use]
    pub fn is_empty_at(&self, point: Point) -> bool {
        !self.wants().events_at(point)
    }

    /// See [`Plan::sees_past`].
    #[must_use]
    pub fn sees_past(&self) -> bool {
        self.wants().the_past()
    }

    /// See [`Plan::observe`].
    pub fn observe(&self, name: &str) {
        if self.wants().the_journal() {
            self.load().observe(name);
        }
    }

    /// See [`Plan::ask`].
    #[must_use]
    pub fn ask(&self, shard: u8, event: &FaultEvent<'_>, seed: Seed) -> Verdict {
        self.load().ask(shard, event, seed)
    }
}
