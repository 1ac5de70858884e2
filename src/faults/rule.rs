//! One rule, and what it has counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::bucket::{Buckets, RateBy};
use super::counts::{Counts, Seen};
use super::events::History;
use super::when::{Hold, Tally, Trigger};
use super::{Effect, Entity, FaultEvent, Match, Plan, Point, RuleStanding, When};
use crate::clock::{SimDuration, SimTime};
use crate::seed::{Seed, What};

/// One rule of a plan.
#[derive(Debug)]
pub struct Rule {
    /// The name given by the user, or a hash of the rule's content; never its position.
    pub id: Box<str>,
    /// Where it is asked.
    pub point: Point,
    /// Which events it is about.
    pub matches: Match,
    /// How often and at which times it fires.
    pub when: When,
    /// What it does.
    pub effect: Effect,
    /// Whether a run in which it never fires counts as failed.
    pub must_fire: bool,
    /// Whether it can fire at all; a rule that is switched off still counts.
    pub enabled: bool,
    /// When its time to live is over.
    pub expires: Option<SimTime>,
    /// What it has counted.
    pub state: Arc<RuleState>,
}

/// What a rule has counted. It stays with the rule for as long as its conditions stay the same.
#[derive(Debug, Default)]
pub struct RuleState {
    /// How often the rule was asked, and what came of it.
    pub counts: Counts,
    tally: Mutex<Tally>,
    buckets: Mutex<Buckets>,
    /// The events that it was asked about.
    pub(super) history: Mutex<History>,
    /// How often what the rule waits for has happened since it was written.
    triggered: AtomicU64,
}

impl Rule {
    /// A rule that has counted nothing.
    #[must_use]
    pub fn new(id: &str, point: Point, matches: Match, when: When, effect: Effect) -> Self {
        Self {
            id: id.into(),
            point,
            matches,
            when,
            effect,
            must_fire: false,
            enabled: true,
            expires: None,
            state: Arc::default(),
        }
    }

    /// Asks and counts the rule. `taken` says that an earlier rule's effect has won already. The rule
    /// fires if this is `Ok`.
    pub(super) fn ask(
        &self,
        event: &FaultEvent<'_>,
        seed: Seed,
        plan: &Plan,
        taken: bool,
    ) -> Result<(), NotFired> {
        if let Some(matcher) = self.matches.mismatch(event) {
            self.state.counts.see(Seen::Mismatch(matcher));
            return Err(NotFired::Unmatched);
        }
        let held = self.decide(event, seed, plan, taken);
        self.state.counts.see(match held {
            Ok(()) => Seen::Fired,
            Err(hold) => Seen::Held(hold),
        });
        held.map_err(NotFired::Held)
    }

    fn decide(
        &self,
        event: &FaultEvent<'_>,
        seed: Seed,
        plan: &Plan,
        taken: bool,
    ) -> Result<(), Hold> {
        let scope = event.scope_key(self.when.per);
        // Counting a match and firing on it are one step, so that counts are exact.
        let mut tally = self.state.tally.lock();
        let number = tally.matched(scope)?;
        if !self.enabled {
            return Err(Hold::Disabled);
        }
        if self.has_expired(event.at) {
            return Err(Hold::Expired);
        }
        self.when.in_window(event.at)?;
        self.waits_no_more(plan)?;
        self.when.fits_number(number)?;
        tally.may_fire(&self.when, scope)?;
        self.lucky(event, seed)?;
        if taken && !self.effect.adds_up() {
            return Err(Hold::Superseded);
        }
        if let Effect::Crash { after_pairs, .. } = self.effect
            && event.pairs.is_some_and(|pairs| pairs < after_pairs)
        {
            return Err(Hold::TooFewPairs);
        }
        if let Effect::RateLimit(rate) = &self.effect {
            let key = match rate.by {
                RateBy::Rule => Some(0),
                RateBy::Token => event.token_key(),
                RateBy::Project => event.project.map(|project| project.as_u128()),
                RateBy::Client => event.client_key(),
            };
            if self.state.buckets.lock().take(rate, key.unwrap_or(0), event.at) {
                return Err(Hold::WithinRate);
            }
        }
        tally.fired(scope);
        Ok(())
    }

    /// Where the rule stands in a plan. What is counted for each image, job or the like is never spent:
    /// another one may come.
    #[must_use]
    pub fn standing(&self, now: SimTime, plan: &Plan) -> RuleStanding {
        if !self.enabled {
            return RuleStanding::Disabled;
        }
        if self.has_expired(now) {
            return RuleStanding::Expired;
        }
        match self.when.in_window(now).and_then(|()| self.waits_no_more(plan)) {
            Err(Hold::TooEarly) => RuleStanding::Early,
            Err(Hold::TooLate) => RuleStanding::Late,
            Err(_) => RuleStanding::Waiting,
            Ok(()) if self.state.tally.lock().is_spent(&self.when) => RuleStanding::Spent,
            Ok(()) => RuleStanding::Active,
        }
    }

    /// Whether the rule's time to live is over.
    #[must_use]
    pub fn has_expired(&self, now: SimTime) -> bool {
        self.expires.is_some_and(|expires| now >= expires)
    }

    fn waits_no_more(&self, plan: &Plan) -> Result<(), Hold> {
        let Some(after) = &self.when.after else { return Ok(()) };
        let seen = match &after.what {
            Trigger::Event(_) => self.state.triggered.load(Ordering::Acquire),
            Trigger::Rule(id) => plan.rule(id).map_or(0, |rule| rule.state.counts.fired()),
        };
        if seen >= after.times { Ok(()) } else { Err(Hold::Waiting) }
    }

    /// The draw is keyed by rule and entity alone, so that it is the same whatever else goes on.
    fn lucky(&self, event: &FaultEvent<'_>, seed: Seed) -> Result<(), Hold> {
        let Some(probability) = self.when.probability else { return Ok(()) };
        let drawn = seed.draw(What::FaultChance, &(&*self.id, event.entity.key())).unit();
        if drawn < probability { Ok(()) } else { Err(Hold::Chance) }
    }

    /// Takes note of an entry of the journal.
    pub(super) fn observe(&self, name: &str) {
        if let Some(after) = &self.when.after
            && matches!(&after.what, Trigger::Event(event) if **event == *name)
        {
            self.state.triggered.fetch_add(1, Ordering::Release);
        }
    }

    /// Whether the rule waits for an entry of the journal.
    pub(super) fn observes(&self) -> bool {
        let waits = |trigger: &Trigger| matches!(trigger, Trigger::Event(_));
        self.when.after.as_ref().is_some_and(|after| waits(&after.what))
    }

    /// How long the rule delays the entity of an event; nothing if its effect is another one.
    pub(super) fn delay(&self, entity: Entity, seed: Seed) -> SimDuration {
        match &self.effect {
            Effect::Delay(law) => {
                law.sample(|| seed.draw(What::FaultDelay, &(&*self.id, entity.key())))
            }
            _ => SimDuration::ZERO,
        }
    }

    /// Whether the rule fires on everything it matches, for ever, and its effect wins over later ones.
    #[must_use]
    pub fn always_wins(&self) -> bool {
        // A worker may have fewer pairs left than it should settle before it dies.
        let sometimes = match self.effect {
            Effect::RateLimit(_) => true,
            Effect::Crash { after_pairs, .. } => after_pairs > 0,
            _ => false,
        };
        self.enabled
            && self.expires.is_none()
            && self.when.is_always()
            && !self.effect.adds_up()
            && !sometimes
    }

    /// Whether this rule, standing earlier in the list, keeps `later` from ever firing.
    #[must_use]
    pub fn shadows(&self, later: &Self) -> bool {
        self.point == later.point
            && self.always_wins()
            && !later.effect.adds_up()
            && self.matches.covers(&later.matches)
    }
}

/// Why a rule did not fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotFired {
    /// It is not about this event.
    Unmatched,
    /// It is, and something held it.
    Held(Hold),
}
