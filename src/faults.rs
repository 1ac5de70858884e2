//! The fault plan: a list of rules, asked at the points where something may go wrong.
//!
//! Every rule is asked and counted on every event at its point, so that no rule changes another's counts;
//! of several that would fire, the first in the list does. A count is exact under concurrency.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::api::{ImageId, Operation};

/// What an image worker is asked about when its life begins, a restart included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageEvent {
    /// The operation whose job the worker serves.
    pub operation: Operation,
    /// The worker's image.
    pub image: ImageId,
}

/// What a rule does where it fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The worker dies once it has settled this many pairs in its life.
    Crash {
        /// Pairs settled before the crash; 0 dies before the first.
        after_pairs: u32,
    },
}

/// Which events a rule is about; `None` matches all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// Only this operation.
    pub operation: Option<Operation>,
    /// Only this image.
    pub image: Option<ImageId>,
}

impl Match {
    fn covers(&self, event: &ImageEvent) -> bool {
        self.operation.is_none_or(|operation| operation == event.operation)
            && self.image.is_none_or(|image| image == event.image)
    }
}

/// One rule of a plan.
#[derive(Debug)]
pub struct Rule {
    /// The name given by the user, or a hash of the rule's content; never its position.
    pub id: Box<str>,
    /// Which events it is about.
    pub matches: Match,
    /// It fires at most this often.
    pub first: Option<u64>,
    /// What it does.
    pub effect: Effect,
    /// How often it was asked, and what came of it.
    pub counts: Counts,
}

/// How often a rule was asked, matched, and fired; exact.
#[derive(Debug, Default)]
pub struct Counts {
    considered: AtomicU64,
    matched: AtomicU64,
    fired: AtomicU64,
}

impl Counts {
    /// Considered, matched, fired.
    #[must_use]
    pub fn read(&self) -> (u64, u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.considered), read(&self.matched), read(&self.fired))
    }
}

impl Rule {
    fn matches(&self, event: &ImageEvent) -> bool {
        self.counts.considered.fetch_add(1, Ordering::Relaxed);
        let matched = self.matches.covers(event);
        self.counts.matched.fetch_add(u64::from(matched), Ordering::Relaxed);
        matched
    }

    /// Fires unless it has fired often enough; the count and the decision are one step.
    fn fire(&self) -> bool {
        let more = |fired: u64| self.first.is_none_or(|first| fired < first).then_some(fired + 1);
        self.counts.fired.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }
}

/// All rules, in the order in which they were written.
#[derive(Debug, Default)]
pub struct Plan {
    rules: Vec<Rule>,
}

impl Plan {
    /// A plan of these rules.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        Self { rules }
    }

    /// Asks the rules of the point `image`; the rule that fires, if one does.
    #[must_use]
    pub fn at_image(&self, event: &ImageEvent) -> Option<&Rule> {
        let mut fired = None;
        for rule in &self.rules {
            if rule.matches(event) && fired.is_none() && rule.fire() {
                fired = Some(rule);
            }
        }
        fired
    }

    /// All rules.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRASH: Effect = Effect::Crash { after_pairs: 1 };

    fn rule(id: &str, image: Option<u128>, first: Option<u64>) -> Rule {
        let matches = Match { operation: None, image: image.map(ImageId::from_u128) };
        Rule { id: id.into(), matches, first, effect: CRASH, counts: Counts::default() }
    }

    fn ask(plan: &Plan, image: u128) -> Option<&str> {
        let image = ImageId::from_u128(image);
        let event = ImageEvent { operation: Operation::DeleteMembers, image };
        plan.at_image(&event).map(|rule| &*rule.id)
    }

    #[test]
    fn the_first_rule_that_may_fire_does_and_all_are_counted() {
        let plan = Plan::new(vec![rule("one", Some(1), Some(1)), rule("any", None, None)]);
        assert_eq!(ask(&plan, 1), Some("one"));
        assert_eq!(ask(&plan, 1), Some("any"));
        assert_eq!(ask(&plan, 2), Some("any"));
        let counts: Vec<_> = plan.rules().iter().map(|rule| rule.counts.read()).collect();
        assert_eq!(counts, [(3, 2, 1), (3, 3, 2)]);
    }

    #[test]
    fn a_count_is_exact_under_concurrency() {
        let plan = Plan::new(vec![rule("three", None, Some(3))]);
        let fired = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let hits = (0..1_000).filter(|_| ask(&plan, 1).is_some()).count() as u64;
                    fired.fetch_add(hits, Ordering::Relaxed);
                });
            }
        });
        assert_eq!(fired.into_inner(), 3);
    }
}
