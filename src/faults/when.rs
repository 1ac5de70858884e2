//! How often and at which times a rule fires.

use rustc_hash::FxHashMap;

use super::Scope;
use crate::clock::SimTime;

/// How often and at which times a rule fires; what is `None` sets no condition.
///
/// `nth`, `every` and `range` count what matched, `first` and `at_most` what fired.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct When {
    /// Only so many times, for each thing that `per` names.
    pub first: Option<u64>,
    /// Only so many times in all.
    pub at_most: Option<u64>,
    /// Only the n-th match, from 1.
    pub nth: Option<u64>,
    /// Only every n-th match.
    pub every: Option<u64>,
    /// Only these matches, from 1, both ends included.
    pub range: Option<(u64, u64)>,
    /// Only this part of the entities: always the same ones for one seed.
    pub probability: Option<f64>,
    /// Only from this time on.
    pub from: Option<SimTime>,
    /// Only before this time.
    pub until: Option<SimTime>,
    /// Only once something has happened.
    pub after: Option<After>,
    /// What matches are counted for.
    pub per: Scope,
}

/// Something that must have happened before a rule fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// What.
    pub what: Trigger,
    /// How often: an entry since this rule was written, another rule since that one was.
    pub times: u64,
}

/// What a rule can wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// An entry of the journal with this name.
    Event(Box<str>),
    /// Another rule, by its id, fired.
    Rule(Box<str>),
}

/// Why a rule that matched did not fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hold {
    /// It is switched off.
    Disabled,
    /// Its time to live is over.
    Expired,
    /// `from` lies ahead.
    TooEarly,
    /// `until` has passed.
    TooLate,
    /// What it waits for has not happened.
    Waiting,
    /// `nth` is another match.
    NotNth,
    /// `every` passes this match over.
    NotEvery,
    /// `range` leaves this match out.
    OutOfRange,
    /// The draw for this entity said no.
    Chance,
    /// The bucket had something left.
    WithinRate,
    /// It has fired as often as it may.
    Spent,
    /// It counts for more things than it can keep apart.
    TooManyScopes,
    /// The worker has fewer pairs to settle than it should settle before it dies.
    TooFewPairs,
    /// An earlier rule's effect won.
    Superseded,
}

impl Hold {
    /// Every reason, in the order in which they are shown.
    pub const ALL: [Self; 14] = [
        Self::Disabled,
        Self::Expired,
        Self::TooEarly,
        Self::TooLate,
        Self::Waiting,
        Self::NotNth,
        Self::NotEvery,
        Self::OutOfRange,
        Self::Chance,
        Self::WithinRate,
        Self::Spent,
        Self::TooManyScopes,
        Self::TooFewPairs,
        Self::Superseded,
    ];

    /// What it means, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Disabled => "it was not enabled",
            Self::Expired => "its time to live was over",
            Self::TooEarly => "`from` lay ahead",
            Self::TooLate => "`until` had passed",
            Self::Waiting => "what `after` waits for had not happened",
            Self::NotNth => "`nth` wanted another match",
            Self::NotEvery => "`every` passed the match over",
            Self::OutOfRange => "`range` left the match out",
            Self::Chance => "`probability` drew no",
            Self::WithinRate => "the rate was kept",
            Self::Spent => "it had fired as often as `first` or `at_most` allow",
            Self::TooManyScopes => "it counts for more things than it can keep apart",
            Self::TooFewPairs => "there were fewer pairs than `after_pairs` says",
            Self::Superseded => "an earlier rule's effect won",
        }
    }

    /// The word in a rule's `why_not`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::TooEarly => "before_from",
            Self::TooLate => "after_until",
            Self::Waiting => "waiting_for_event",
            Self::NotNth => "not_the_nth",
            Self::NotEvery => "not_in_every",
            Self::OutOfRange => "outside_range",
            Self::Chance => "chance",
            Self::WithinRate => "within_rate",
            Self::Spent => "fired_often_enough",
            Self::TooManyScopes => "too_many_to_count",
            Self::TooFewPairs => "too_few_pairs",
            Self::Superseded => "superseded",
        }
    }
}

/// How many things one rule counts for: as many images or jobs as a long load test has, in some tens of
/// megabytes. What comes beyond is not counted and the rule does not fire on it, which its counts tell.
pub const MOST_SCOPES: usize = 1_000_000;

/// What a rule has counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    scopes: FxHashMap<u128, ScopeTally>,
    fired: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct ScopeTally {
    matched: u64,
    fired: u64,
}

impl Tally {
    /// Counts a match for a scope and says which one it is, from 1.
    pub(super) fn matched(&mut self, scope: u128) -> Result<u64, Hold> {
        if self.scopes.len() >= MOST_SCOPES && !self.scopes.contains_key(&scope) {
            return Err(Hold::TooManyScopes);
        }
        let tally = self.scopes.entry(scope).or_default();
        tally.matched += 1;
        Ok(tally.matched)
    }

    /// Whether the rule may fire once more for a scope.
    pub(super) fn may_fire(&self, when: &When, scope: u128) -> Result<(), Hold> {
        let in_scope = self.scopes.get(&scope).map_or(0, |tally| tally.fired);
        let spent = when.first.is_some_and(|first| in_scope >= first)
            || when.at_most.is_some_and(|most| self.fired >= most);
        if spent { Err(Hold::Spent) } else { Ok(()) }
    }

    /// Whether no match that may still come can make the rule fire.
    pub(super) fn is_spent(&self, when: &When) -> bool {
        if when.at_most.is_some_and(|most| self.fired >= most) {
            return true;
        }
        if when.per != Scope::Rule {
            return false;
        }
        let ScopeTally { matched, fired } = self.scopes.get(&0).copied().unwrap_or_default();
        when.first.is_some_and(|first| fired >= first)
            || when.nth.is_some_and(|nth| matched >= nth)
            || when.range.is_some_and(|(_, last)| matched >= last)
    }

    /// Counts that the rule fired for a scope.
    pub(super) fn fired(&mut self, scope: u128) {
        self.scopes.entry(scope).or_default().fired += 1;
        self.fired += 1;
    }
}

impl When {
    /// Whether nothing is said, so that the rule fires on every match.
    #[must_use]
    pub fn is_always(&self) -> bool {
        let certain = self.probability.is_none_or(|probability| probability >= 1.0);
        let rest = Self { probability: None, per: Scope::Rule, ..self.clone() };
        certain && rest == Self::default()
    }

    /// Holds a time against the window.
    pub(super) fn in_window(&self, at: SimTime) -> Result<(), Hold> {
        if self.from.is_some_and(|from| at < from) {
            return Err(Hold::TooEarly);
        }
        if self.until.is_some_and(|until| at >= until) {
            return Err(Hold::TooLate);
        }
        Ok(())
    }

    /// Holds the number of a match, from 1, against the counts.
    pub(super) fn fits_number(&self, number: u64) -> Result<(), Hold> {
        if self.nth.is_some_and(|nth| number != nth) {
            return Err(Hold::NotNth);
        }
        if self.every.is_some_and(|every| !number.is_multiple_of(every)) {
            return Err(Hold::NotEvery);
        }
        if self.range.is_some_and(|(first, last)| !(first..=last).contains(&number)) {
            return Err(Hold::OutOfRange);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_things_are_counted_and_no_more() {
        let mut tally = Tally::default();
        for scope in 0..MOST_SCOPES as u128 {
            assert_eq!(tally.matched(scope), Ok(1));
        }
        let newcomer = u128::MAX;
        assert_eq!(tally.matched(newcomer), Err(Hold::TooManyScopes));
        assert_eq!(tally.matched(0), Ok(2), "those that are known go on");
        assert_eq!(tally.scopes.len(), MOST_SCOPES);
    }
}
