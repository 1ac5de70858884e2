//! What is known of one pair of image and project: which deeds can have left it as it is.
//!
//! Of each deed two moments are known, and its change was made between them. A deed comes *certainly after*
//! another if it was sent after the other's end had been seen. All changes but one leave the same behind
//! whatever was there before: withdrawn, `pending`, or the status that was set. Sharing by a batch leaves an
//! accepted share accepted and makes `pending` of everything else. So the states that a pair can have are:
//!
//! - of each sure change that no sure change certainly came after: what it leaves; for sharing, what it makes
//!   of all that can have stood there before, which is what those changes of the other kinds leave that no sure
//!   one of their kinds certainly came after, and the state at the start if there are none;
//! - of each change that was perhaps made, at whatever time until the end: what it leaves, too;
//! - without a sure change, the state at the start.
//!
//! Those are exactly the states that some order of the sure changes explains. A change that was lost or
//! invented is found if the state that it led to is none of them.

mod claim;
mod possible;

use super::Micros;
pub(in crate::load) use claim::{By, Claim};
pub(super) use claim::{Effect, Surety};
pub(in crate::load) use possible::{Possible, words};

/// The most changes of a pair that are remembered with their times: as many clients as can be at one pair at
/// once and make sense. Of pairs with more nothing is said.
const MOST_SURE: usize = 64;

/// The most that are remembered, for names alone, of those that failed and of those that perhaps came.
const MOST_UNSURE: usize = 8;

/// The changes to one pair that can still matter.
#[derive(Clone, Debug, Default)]
pub(in crate::load) struct Pair {
    claims: Vec<Claim>,
    /// When the latest sure change was sent.
    latest: Option<Micros>,
    /// The same of those that leave the same behind whatever was there.
    latest_fixed: Option<Micros>,
    /// What perhaps was done.
    perhaps: Unsure,
    /// More sure changes than are remembered came at once.
    overflown: bool,
    /// Some of those that failed or perhaps came are forgotten.
    forgotten: bool,
}

/// Effects that perhaps came, however many deeds had them.
#[derive(Clone, Copy, Debug, Default)]
struct Unsure {
    share: bool,
    withdraw: bool,
    set: Possible,
}

impl Pair {
    pub(super) fn note(&mut self, claim: Claim) {
        match claim.surety {
            Surety::Sure => {
                self.latest = self.latest.max(Some(claim.sent));
                if claim.effect.fixed().is_some() {
                    self.latest_fixed = self.latest_fixed.max(Some(claim.sent));
                }
            }
            Surety::Perhaps => self.perhaps.add(claim.effect),
            Surety::Failed => {}
        }
        self.claims.push(claim);
        self.prune();
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.latest = self.latest.max(other.latest);
        self.latest_fixed = self.latest_fixed.max(other.latest_fixed);
        self.perhaps.share |= other.perhaps.share;
        self.perhaps.withdraw |= other.perhaps.withdraw;
        self.perhaps.set = self.perhaps.set.and(other.perhaps.set);
        self.overflown |= other.overflown;
        self.forgotten |= other.forgotten;
        self.claims.extend(other.claims);
        self.prune();
    }

    /// Lets go what certainly was overwritten, and what goes beyond the bounds.
    fn prune(&mut self) {
        let (latest, latest_fixed) = (self.latest, self.latest_fixed);
        self.claims.retain(|claim| {
            let repeated = claim.surety == Surety::Sure && claim.effect == Effect::Share;
            let overwritten_by = if repeated { latest } else { latest_fixed };
            Some(claim.known) >= overwritten_by
        });
        if self.claims.len() > MOST_UNSURE {
            self.claims.sort_by_key(|claim| (claim.known, claim.sent));
            self.overflown |= self.keep_newest(MOST_SURE, |surety| surety == Surety::Sure);
            self.forgotten |= self.keep_newest(MOST_UNSURE, |surety| surety == Surety::Perhaps);
            self.forgotten |= self.keep_newest(MOST_UNSURE, |surety| surety == Surety::Failed);
        }
    }

    /// Keeps the last of those of a kind; says whether there were more.
    fn keep_newest(&mut self, most: usize, kind: impl Fn(Surety) -> bool) -> bool {
        let there = self.claims.iter().filter(|claim| kind(claim.surety)).count();
        let mut surplus = there.saturating_sub(most);
        let more = surplus > 0;
        self.claims.retain(|claim| {
            let goes = surplus > 0 && kind(claim.surety);
            surplus -= usize::from(goes);
            !goes
        });
        more
    }

    fn sure(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| claim.surety == Surety::Sure)
    }

    /// Whether something is told that certainly was done.
    pub(in crate::load) const fn is_sure(&self) -> bool {
        self.latest.is_some()
    }

    /// Whether some changes that can matter are not remembered.
    pub(in crate::load) const fn is_forgetful(&self) -> bool {
        self.forgotten
    }

    /// The states in which the pair can be, if at the start it was in one of these.
    pub(in crate::load) fn possible(&self, start: Possible) -> Possible {
        if self.overflown {
            return Possible::ANY;
        }
        let last = |claim: &&Claim| Some(claim.known) >= self.latest;
        let fixed = |claim: &Claim| claim.effect.fixed();
        let before = match self.latest_fixed {
            None => start,
            Some(_) => self.sure().filter_map(fixed).fold(Possible::default(), Possible::and),
        };
        let shares = self.sure().filter(last).any(|claim| claim.effect == Effect::Share);
        let mut found = match self.latest {
            None => start,
            Some(_) => {
                self.sure().filter(last).filter_map(fixed).fold(Possible::default(), Possible::and)
            }
        };
        if shares {
            found = found.and(before.shared());
        }
        self.perhaps.after(found, before, shares)
    }

    /// Those that can have left the pair as it is, the newest first: of those that certainly did something the
    /// ones that nothing certainly came after; if there are none, those that perhaps did, or failed.
    pub(in crate::load) fn suspects(&self) -> Vec<&Claim> {
        let last = |claim: &&Claim| Some(claim.known) >= self.latest;
        let mut found: Vec<&Claim> = self.sure().filter(last).collect();
        if found.is_empty() {
            found = self.claims.iter().collect();
        }
        found.sort_by_key(|claim| std::cmp::Reverse((claim.known, claim.sent)));
        found
    }

    /// All that are remembered, the newest first.
    pub(in crate::load) fn claims(&self) -> Vec<&Claim> {
        let mut all: Vec<&Claim> = self.claims.iter().collect();
        all.sort_by_key(|claim| std::cmp::Reverse((claim.sent, claim.known)));
        all
    }
}

impl Unsure {
    fn add(&mut self, effect: Effect) {
        match effect {
            Effect::Share => self.share = true,
            Effect::Withdraw => self.withdraw = true,
            Effect::Set(status) => self.set = self.set.and(Possible::only(Some(status))),
        }
    }

    /// What can be there if these can come at any time, in any order and number.
    fn after(self, found: Possible, before: Possible, shares: bool) -> Possible {
        let mut more = self.set;
        if self.withdraw {
            more = more.and(Possible::only(None));
        }
        let mut found = found.and(more);
        if shares {
            found = found.and(before.and(more).shared());
        }
        if self.share {
            found = found.and(found.and(before).shared());
        }
        found
    }
}
