//! The states that a pair can have.

use crate::api::MemberStatus;

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

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What sharing by a batch makes of them.
    pub(super) const fn shared(self) -> Self {
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
