//! What is done to a simulation by hand: its rules change, and it goes back to its beginning.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

use super::Shared;
use crate::clock::{SimDuration, SimTime};
use crate::journal::{AdminRequest, Event};
use crate::scenario::rule_book::{BookError, Writing};
use crate::scenario::{Origin, RuleBook, WorldNames};
use crate::seed::Subject;

/// What only changes by hand need.
pub struct ByHand {
    /// The rules as they are written. The plan is made of them and never differs, since both change under
    /// this lock.
    rules: Mutex<RuleBook>,
    /// What a reset goes back to.
    pub(super) origin: Origin,
    /// Counts changes.
    pub(super) changes: AtomicU64,
    /// Counts the resets that ended all jobs.
    pub(super) generation: AtomicU64,
    /// Whether it has been closed for good.
    pub(super) closed: AtomicBool,
    /// When everything last began: at the start, or at a reset of everything.
    pub(super) begun: Mutex<SimTime>,
    /// Held by the one who resets.
    pub(super) resetting: tokio::sync::Mutex<()>,
}

/// In which stretch between resets something began. Whatever began before the last reset of jobs ends
/// silently, as soon as it notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation(u64);

impl ByHand {
    /// Rules, and what a reset goes back to.
    #[must_use]
    pub fn new(rules: RuleBook, origin: Origin) -> Self {
        Self {
            begun: Mutex::new(origin.start()),
            rules: Mutex::new(rules),
            origin,
            changes: AtomicU64::new(0),
            generation: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            resetting: tokio::sync::Mutex::default(),
        }
    }

    /// When the simulation started.
    #[must_use]
    pub const fn start(&self) -> SimTime {
        self.origin.start()
    }

    /// A hash of what was taken from the scenario file.
    #[must_use]
    pub fn scenario(&self) -> &str {
        self.origin.fingerprint()
    }
}

impl Shared {
    /// The present generation.
    #[must_use]
    pub fn generation(&self) -> Generation {
        Generation(self.by_hand.generation.load(Ordering::Acquire))
    }

    /// Whether the jobs of a generation have been ended by a reset.
    #[must_use]
    pub fn is_past(&self, generation: Generation) -> bool {
        self.is_closed() || generation != self.generation()
    }

    /// Whether it has been closed for good; see [`Shared::close`].
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.by_hand.closed.load(Ordering::Acquire)
    }

    /// The rules as they stand, as they were written and as they count.
    #[must_use]
    pub fn rules(&self) -> RuleBook {
        self.by_hand.rules.lock().clone()
    }

    /// Changes the rules, which takes effect at once for everything that the plan has not been asked about.
    /// `change` says what it did to which rule; `asked` is the request that wants it.
    ///
    /// # Errors
    /// What `change` says; then nothing has changed.
    pub fn change_rules<T>(
        &self,
        asked: Option<&Arc<AdminRequest>>,
        change: impl FnOnce(&mut RuleBook, &Writing<'_>) -> Result<(T, &'static str, String), BookError>,
    ) -> Result<T, BookError> {
        let mut rules = self.by_hand.rules.lock();
        let names = WorldNames::of(&self.world);
        let writing = Writing { names: &names, now: self.clock.now() };
        let (changed, action, object) = change(&mut rules, &writing)?;
        // Before it takes effect, so that a rule that waits for such an entry does not see its own.
        self.changed_by_hand(action, &object, asked);
        self.set_rules(rules.rules());
        Ok(changed)
    }

    /// Puts the rules of the scenario back in place, as if they were written at `now`.
    pub(super) fn reset_rules(&self, now: SimTime) {
        let mut rules = self.by_hand.rules.lock();
        *rules = self.by_hand.origin.rules(now);
        self.set_rules(rules.rules());
    }

    /// Records that something was changed by hand, and by which request.
    pub fn changed_by_hand(
        &self,
        action: &'static str,
        object: &str,
        asked: Option<&Arc<AdminRequest>>,
    ) {
        let number = self.by_hand.changes.fetch_add(1, Ordering::Relaxed) + 1;
        let event = Event::Admin { action, object: object.into(), asked: asked.cloned() };
        self.record(0, self.clock.now(), Subject::Admin(number), event);
    }

    /// Moves time on by so much, waiting for the end of it at most so long in real time; see
    /// [`crate::clock::Clock::advance_within`].
    pub async fn advance_by_hand(
        &self,
        by: SimDuration,
        bound: SimDuration,
        asked: Option<&Arc<AdminRequest>>,
    ) -> Option<crate::clock::Advanced> {
        self.changed_by_hand("advance_clock", &by.to_string(), asked);
        self.clock.advance_within(by, bound).await
    }
}
