//! All rules, and the index that finds those that an event may concern.

mod index;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::events::{Events, POINTS, SLOTS};
use super::point::Matcher;
use super::rule::{NotFired, Rule};
use super::when::Hold;
use super::{Effect, FaultEvent, Point};
use crate::api::Operation;
use crate::clock::SimDuration;
use crate::seed::Seed;
use index::{PointIndex, indexed_by};

/// All rules in their order, as they stand at one moment.
#[derive(Debug, Default)]
pub struct Plan {
    rules: Vec<Arc<Rule>>,
    points: [PointIndex; POINTS],
    events: Arc<Events>,
    observers: Vec<Arc<Rule>>,
    wants: Wants,
    by_id: FxHashMap<Box<str>, u32>,
    /// The headers that rules look at, by name.
    headers: Vec<Box<str>>,
}

/// What some rule of a plan wants to know: one bit for each point, and two more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wants(pub(super) u32);

impl Wants {
    const JOURNAL: u32 = 1 << POINTS;
    const PAST: u32 = 2 << POINTS;

    fn of(rules: &[Arc<Rule>]) -> Self {
        let bits = rules.iter().map(|rule| {
            let journal = if rule.observes() { Self::JOURNAL } else { 0 };
            let past = if matches!(rule.effect, Effect::Stale(_)) { Self::PAST } else { 0 };
            1 << (rule.point as u32) | journal | past
        });
        Self(bits.fold(0, |all, bits| all | bits))
    }

    /// Whether a rule has to be asked at a point.
    pub(super) const fn events_at(self, point: Point) -> bool {
        self.0 & 1 << (point as u32) != 0
    }

    /// Whether a rule waits for something in the journal.
    pub(super) const fn the_journal(self) -> bool {
        self.0 & Self::JOURNAL != 0
    }

    /// Whether a rule makes readers see the past.
    pub(super) const fn the_past(self) -> bool {
        self.0 & Self::PAST != 0
    }
}

/// What the plan says about an event.
#[derive(Debug, Default)]
pub struct Verdict {
    /// The sum of all delays.
    pub delay: SimDuration,
    /// The rule whose effect, not a delay, won.
    pub winner: Option<Arc<Rule>>,
    /// Every rule that fired, the winner and delays, in the order of the list.
    pub fired: Vec<Arc<Rule>>,
    /// Every rule that would have fired but for an earlier one.
    pub superseded: Vec<Arc<Rule>>,
}

impl Verdict {
    /// Whether nothing at all goes wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fired.is_empty() && self.superseded.is_empty()
    }
}

/// Once the last thread that asks it has let go of a plan, nothing more is counted for it.
impl Drop for Plan {
    fn drop(&mut self) {
        self.events.end();
    }
}

impl Plan {
    /// A plan of these rules, which go on with what they have counted.
    #[must_use]
    pub fn new(rules: Vec<Arc<Rule>>) -> Self {
        let events = Arc::new(Events::default());
        let mut points: [PointIndex; POINTS] = Default::default();
        let mut by_id = FxHashMap::default();
        for (place, rule) in rules.iter().enumerate() {
            let place = u32::try_from(place).expect("a plan has far fewer rules than 2^32");
            points[rule.point as usize].add(place, rule);
            by_id.insert(rule.id.clone(), place);
            rule.state.history.lock().join(&events, rule.point);
        }
        let observers = rules.iter().filter(|rule| rule.observes()).cloned().collect();
        let wants = Wants::of(&rules);
        let named = rules.iter().filter_map(|rule| rule.matches.header.as_ref());
        let mut headers: Vec<Box<str>> = named.map(|header| header.name.clone()).collect();
        headers.sort_unstable();
        headers.dedup();
        Self { rules, points, events, observers, wants, by_id, headers }
    }

    /// All rules, in the order in which they are asked.
    #[must_use]
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// The rule with this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        self.by_id.get(id).map(|place| &self.rules[*place as usize])
    }

    /// Whether a rule looks at the header of this name, in lower case.
    #[must_use]
    pub fn looks_at_header(&self, name: &str) -> bool {
        self.headers.binary_search_by(|known| (**known).cmp(name)).is_ok()
    }

    /// The rules that had to fire and have not.
    pub fn unfired(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.iter().filter(|rule| rule.must_fire && rule.state.counts.fired() == 0)
    }

    /// Why a rule did not fire when it was considered, with how often, for people.
    #[must_use]
    pub fn why_not(&self, rule: &Rule) -> String {
        let considered = self.considered(rule);
        let differed = considered.mismatches.iter();
        let mut reasons: Vec<String> = differed
            .map(|(matcher, count)| format!("`{}` differed {count} times", matcher.name()))
            .collect();
        let held = Hold::ALL.map(|hold| (hold, rule.state.counts.held(hold)));
        let held = held.iter().filter(|(_, count)| *count > 0);
        reasons.extend(held.map(|(hold, count)| format!("{} {count} times", hold.words())));
        let reasons =
            if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join(", ")) };
        format!("considered {} times{reasons}", considered.times)
    }

    /// Whether a rule makes readers see the past, so that it has to be kept.
    #[must_use]
    pub fn sees_past(&self) -> bool {
        self.wants.the_past()
    }

    /// Whether a point has no rules, so that it need not be asked.
    #[must_use]
    pub fn is_empty_at(&self, point: Point) -> bool {
        !self.wants.events_at(point)
    }

    /// What some rule wants to know.
    pub(super) const fn wants(&self) -> Wants {
        self.wants
    }

    /// Asks the rules of the event's point. Every one of them is counted, also those that the index
    /// passes over. `shard` only keeps threads that count apart.
    #[must_use]
    pub fn ask(&self, shard: u8, event: &FaultEvent<'_>, seed: Seed) -> Verdict {
        let index = &self.points[event.point as usize];
        let mut verdict = Verdict::default();
        if self.is_empty_at(event.point) {
            return verdict;
        }
        self.events.count(shard, event.point, event.operation);
        for place in &*index.candidates(event) {
            self.ask_one(*place, event, seed, &mut verdict);
        }
        verdict
    }

    fn ask_one(&self, place: u32, event: &FaultEvent<'_>, seed: Seed, verdict: &mut Verdict) {
        let rule = &self.rules[place as usize];
        // Operations are counted through the point's counts, whichever way a rule was found.
        if !rule.matches.fits_operation(event) {
            return;
        }
        match rule.ask(event, seed, self, verdict.winner.is_some()) {
            Ok(()) => {
                verdict.delay = verdict.delay + rule.delay(event.entity, seed);
                if !rule.effect.adds_up() {
                    verdict.winner = Some(Arc::clone(rule));
                }
                verdict.fired.push(Arc::clone(rule));
            }
            Err(NotFired::Held(Hold::Superseded)) => verdict.superseded.push(Arc::clone(rule)),
            Err(NotFired::Held(_) | NotFired::Unmatched) => {}
        }
    }

    /// Tells the rules that wait for something that an entry went into the journal.
    pub fn observe(&self, name: &str) {
        self.observers.iter().for_each(|rule| rule.observe(name));
    }

    /// How often a rule was considered, and how often it did not match because of what.
    #[must_use]
    pub fn considered(&self, rule: &Rule) -> Considered {
        let seen = rule.state.history.lock().at(rule.point);
        let in_set = |operation: Operation| {
            rule.matches.operations.is_none_or(|set| set.contains(operation))
        };
        let all: u64 = seen.iter().sum();
        let known = Operation::ALL.iter().filter(|o| in_set(**o)).map(|o| seen[*o as usize]);
        let unknown = if rule.matches.operations.is_none() { seen[SLOTS - 1] } else { 0 };
        let asked = known.sum::<u64>() + unknown;
        let counts = &rule.state.counts;
        let passed_over = asked.saturating_sub(counts.evaluated());
        let mut mismatches = vec![(Matcher::Operation, all - asked)];
        for matcher in rule.point.matchers() {
            let by_index = if indexed_by(rule) == Some(*matcher) { passed_over } else { 0 };
            mismatches.push((*matcher, counts.mismatched(*matcher) + by_index));
        }
        mismatches.retain(|(_, count)| *count > 0);
        Considered { times: all, mismatches }
    }
}

/// How often a rule was considered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    /// How often.
    pub times: u64,
    /// How often it did not match, by the first thing that differed.
    pub mismatches: Vec<(Matcher, u64)>,
}
