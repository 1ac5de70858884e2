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

use super::{Deed, Micros, Promise};
use crate::api::{JobId, MemberStatus, Operation};

/// The most changes of a pair that are remembered with their times: as many clients as can be at one pair at
/// once and make sense. Of pairs with more nothing is said.
const MOST_SURE: usize = 64;

/// The most that are remembered, for names alone, of those that failed and of those that perhaps came.
const MOST_UNSURE: usize = 8;

/// What a change leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// A share that is accepted stays, any other is `pending`.
    Share,
    /// The share is gone.
    Withdraw,
    /// The share has this status.
    Set(MemberStatus),
}

/// How sure it is that a change was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surety {
    /// It was told.
    Sure,
    /// Nobody told.
    Perhaps,
    /// The opposite was told.
    Failed,
}

/// Who makes a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::load) enum By {
    /// A job.
    Job(JobId),
    /// A call without a job, or one of whose job nobody told.
    Call(Operation),
}

/// A change that somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) struct Claim {
    pub(super) sent: Micros,
    pub(super) known: Micros,
    pub(super) effect: Effect,
    pub(super) surety: Surety,
    /// Who.
    pub(in crate::load) by: By,
    /// Whether a fault rule may have made up the answer that told of it.
    pub(in crate::load) struck: bool,
}

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

/// A set of the states that a pair can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::load) struct Possible(u8);

impl Possible {
    const ABSENT: u8 = 1;
    const ACCEPTED: u8 = 4;
    /// Any at all.
    pub(in crate::load) const ANY: Self = Self(15);

    const fn bit(state: Option<MemberStatus>) -> u8 {
        match state {
            None => Self::ABSENT,
            Some(MemberStatus::Pending) => 2,
            Some(MemberStatus::Accepted) => Self::ACCEPTED,
            Some(MemberStatus::Rejected) => 8,
        }
    }

    /// One state; `None` is no member.
    pub(in crate::load) const fn only(state: Option<MemberStatus>) -> Self {
        Self(Self::bit(state))
    }

    /// Whether a state is among them.
    pub(in crate::load) const fn has(self, state: Option<MemberStatus>) -> bool {
        self.0 & Self::bit(state) != 0
    }

    /// Whether one can be a member at all.
    pub(in crate::load) const fn has_member(self) -> bool {
        self.0 & !Self::ABSENT != 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What sharing by a batch makes of them.
    const fn shared(self) -> Self {
        let pending = if self.0 & !Self::ACCEPTED == 0 { 0 } else { 2 };
        Self(self.0 & Self::ACCEPTED | pending)
    }

    /// As people say it: `pending or no member`.
    pub(in crate::load) fn in_words(self) -> String {
        use MemberStatus::{Accepted, Pending, Rejected};
        let all = [Some(Pending), Some(Accepted), Some(Rejected), None];
        let words = all.into_iter().filter(|state| self.has(*state)).map(words);
        words.collect::<Vec<_>>().join(" or ")
    }
}

/// A state, as people say it.
pub(in crate::load) const fn words(state: Option<MemberStatus>) -> &'static str {
    match state {
        Some(status) => status.as_str(),
        None => "no member",
    }
}

impl Effect {
    /// What an operation does to each of its pairs; `None` if it changes no membership.
    pub(super) fn of(operation: Operation, status: Option<MemberStatus>) -> Option<Self> {
        match operation {
            Operation::AddMembers => Some(Self::Share),
            // It is refused for those that are members, so it finds none.
            Operation::AddMember => Some(Self::Set(MemberStatus::Pending)),
            Operation::DeleteMembers | Operation::DeleteMember => Some(Self::Withdraw),
            Operation::UpdateMembers | Operation::UpdateMember => status.map(Self::Set),
            _ => None,
        }
    }

    /// What it leaves behind, if that does not depend on what was there.
    const fn fixed(self) -> Option<Possible> {
        match self {
            Self::Share => None,
            Self::Withdraw => Some(Possible::only(None)),
            Self::Set(status) => Some(Possible::only(Some(status))),
        }
    }
}

impl By {
    pub(super) fn of(deed: &Deed) -> Self {
        match &deed.promise {
            Promise::Ended { job, .. } | Promise::Open { job } => Self::Job(*job),
            Promise::Refused | Promise::Ambiguous | Promise::Done => Self::Call(deed.operation),
        }
    }
}

impl Claim {
    /// When it was sent.
    pub(in crate::load) const fn sent(&self) -> Micros {
        self.sent
    }

    /// The job, or the call with the time at which it was sent.
    pub(in crate::load) fn name(&self) -> String {
        match self.by {
            By::Job(job) => job.to_string(),
            By::Call(operation) => {
                let millis = self.sent / 1_000;
                let (seconds, millis) = (millis / 1_000, millis % 1_000);
                format!("{} at {seconds}.{millis:03} s", operation.name())
            }
        }
    }
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
