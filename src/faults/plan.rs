//! All rules, and the index that finds those that an event may concern.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;

use super::point::Matcher;
use super::rule::{NotFired, Rule};
use super::when::Hold;
use super::{Effect, FaultEvent, Point};
use crate::api::{ImageId, Operation, ProjectId};
use crate::clock::SimDuration;
use crate::seed::Seed;

/// Header names of an index. Each is looked for in every request, so with more there is little to gain.
const MOST_NAMES: usize = 16;
/// One place for each operation, and one for events without.
const SLOTS: usize = Operation::ALL.len() + 1;
const POINTS: usize = Point::ALL.len();

/// All rules in their order, as they stand at one moment.
#[derive(Debug, Default)]
pub struct Plan {
    rules: Vec<Arc<Rule>>,
    points: [PointIndex; POINTS],
    seen: Arc<EventCounts>,
    observers: Vec<Arc<Rule>>,
    wants: Wants,
    by_id: FxHashMap<Box<str>, u32>,
}

/// How many events there were at each point, by operation, since a plan had its first rule there. A rule
/// that the index passes over is counted through these.
#[derive(Debug, Default)]
pub struct EventCounts {
    stripes: [Stripe; STRIPES],
}

/// The counts of some shards. Neighbours never share a line of the cache, since every event is counted.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe([[AtomicU64; SLOTS]; POINTS]);

/// Shards beyond it share stripes, which costs a little and changes nothing.
const STRIPES: usize = 16;

/// The counts of one point at one moment.
pub type PointCounts = [u64; SLOTS];

/// The rules of one point, by their places in the list.
#[derive(Debug, Default)]
struct PointIndex {
    /// Rules that have to be looked at for an operation.
    by_operation: [Vec<u32>; SLOTS],
    /// Rules that have to be looked at for an operation if there is a header of this name; in the order of
    /// the names' first rules.
    by_header: [Vec<(Box<str>, Vec<u32>)>; SLOTS],
    /// Rules about one thing only, which have to be looked at for that thing.
    by_thing: FxHashMap<Thing, Vec<u32>>,
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

/// The one thing that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Thing {
    Image(ImageId),
    Member(ProjectId),
    Project(ProjectId),
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

fn slot(operation: Option<Operation>) -> usize {
    operation.map_or(SLOTS - 1, |operation| operation as usize)
}

impl EventCounts {
    fn count(&self, shard: u8, point: Point, operation: Option<Operation>) {
        let Stripe(counts) = &self.stripes[usize::from(shard) % STRIPES];
        counts[point as usize][slot(operation)].fetch_add(1, Ordering::Relaxed);
    }

    /// The counts of a point as they stand.
    #[must_use]
    pub fn at(&self, point: Point) -> PointCounts {
        let at = |slot: usize| {
            let counts = self.stripes.iter().map(|stripe| &stripe.0[point as usize][slot]);
            counts.map(|count| count.load(Ordering::Relaxed)).sum()
        };
        std::array::from_fn(at)
    }
}

impl Plan {
    /// A plan of these rules, which goes on with the counts of the plan before it.
    #[must_use]
    pub fn new(rules: Vec<Arc<Rule>>, seen: Arc<EventCounts>) -> Self {
        let mut points: [PointIndex; POINTS] = Default::default();
        let mut by_id = FxHashMap::default();
        for (place, rule) in rules.iter().enumerate() {
            let place = u32::try_from(place).expect("a plan has far fewer rules than 2^32");
            points[rule.point as usize].add(place, rule);
            by_id.insert(rule.id.clone(), place);
        }
        let observers = rules.iter().filter(|rule| rule.observes()).cloned().collect();
        let wants = Wants::of(&rules);
        Self { rules, points, seen, observers, wants, by_id }
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
        self.seen.count(shard, event.point, event.operation);
        let slot = slot(event.operation);
        let candidates = &index.by_operation[slot];
        if index.by_thing.is_empty() && index.by_header[slot].is_empty() {
            candidates.iter().for_each(|place| self.ask_one(*place, event, seed, &mut verdict));
        } else {
            for place in index.candidates(event) {
                self.ask_one(place, event, seed, &mut verdict);
            }
        }
        verdict
    }

    fn ask_one(&self, place: u32, event: &FaultEvent<'_>, seed: Seed, verdict: &mut Verdict) {
        let rule = &self.rules[place as usize];
        // Operations are counted through the point's counts, whichever way a rule was found.
        if !rule
            .matches
            .operations
            .is_none_or(|set| event.operation.is_some_and(|o| set.contains(o)))
        {
            return;
        }
        match rule.ask(event, seed, self, verdict.winner.is_some()) {
            Ok(()) => {
                verdict.delay = verdict.delay + rule.delay(event.key, seed);
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

    /// The counts that outlive each plan.
    #[must_use]
    pub fn event_counts(&self) -> &Arc<EventCounts> {
        &self.seen
    }

    /// How often a rule was considered, and how often it did not match because of what.
    #[must_use]
    pub fn considered(&self, rule: &Rule) -> Considered {
        let now = self.seen.at(rule.point);
        let since = |slot: usize| now[slot].saturating_sub(rule.state.since[slot]);
        let in_set = |operation: Operation| {
            rule.matches.operations.is_none_or(|set| set.contains(operation))
        };
        let all: u64 = (0..SLOTS).map(since).sum();
        let known = Operation::ALL.iter().filter(|o| in_set(**o)).map(|o| since(*o as usize));
        let unknown = if rule.matches.operations.is_none() { since(SLOTS - 1) } else { 0 };
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

impl PointIndex {
    fn add(&mut self, place: u32, rule: &Rule) {
        if let Some(thing) = thing(rule) {
            return self.by_thing.entry(thing).or_default().push(place);
        }
        for operation in Operation::ALL {
            if rule.matches.operations.is_none_or(|set| set.contains(operation)) {
                self.add_to(operation as usize, place, rule);
            }
        }
        if rule.matches.operations.is_none() {
            self.add_to(SLOTS - 1, place, rule);
        }
    }

    fn add_to(&mut self, slot: usize, place: u32, rule: &Rule) {
        let Some(header) = &rule.matches.header else {
            return self.by_operation[slot].push(place);
        };
        let named = &mut self.by_header[slot];
        match named.iter().position(|(name, _)| *name == header.name) {
            Some(known) => named[known].1.push(place),
            None if named.len() < MOST_NAMES => named.push((header.name.clone(), vec![place])),
            None => self.by_operation[slot].push(place),
        }
    }

    /// The places of the rules that an event may concern, in the order of the list.
    fn candidates(&self, event: &FaultEvent<'_>) -> Vec<u32> {
        let slot = slot(event.operation);
        let mut places = self.by_operation[slot].clone();
        for (name, named) in &self.by_header[slot] {
            if event.details.has_header(name, &|_| true) {
                places.extend(named);
            }
        }
        let mut add = |thing: Thing| {
            places.extend(self.by_thing.get(&thing).into_iter().flatten());
        };
        event.project.into_iter().for_each(|project| add(Thing::Project(project)));
        event.image.into_iter().for_each(|image| add(Thing::Image(image)));
        event.member.into_iter().for_each(|member| add(Thing::Member(member)));
        event.details.each_image(&mut |image| add(Thing::Image(image)));
        event.details.each_member(&mut |member| add(Thing::Member(member)));
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// What the index passes a rule over by, beside operations.
fn indexed_by(rule: &Rule) -> Option<Matcher> {
    let header = rule.matches.header.as_ref().map(|_| Matcher::Header);
    thing(rule).map(Thing::matcher).or(header)
}

/// The one thing that a rule is about, if there is one: the rarest first.
fn thing(rule: &Rule) -> Option<Thing> {
    let matches = &rule.matches;
    let image = matches.image.as_ref().and_then(|test| test.id).map(Thing::Image);
    image
        .or_else(|| matches.member.map(Thing::Member))
        .or_else(|| matches.project.map(Thing::Project))
}

impl Thing {
    const fn matcher(self) -> Matcher {
        match self {
            Self::Image(_) => Matcher::Image,
            Self::Member(_) => Matcher::Member,
            Self::Project(_) => Matcher::Project,
        }
    }
}
