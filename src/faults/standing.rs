//! Where a rule stands: whether it can fire now, and if not, why.

/// Where a rule stands at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleStanding {
    /// It fires on what it matches and its counts let through.
    Active,
    /// It is switched off.
    Disabled,
    /// Its time to live is over.
    Expired,
    /// Its `from` lies ahead.
    Early,
    /// Its `until` has passed.
    Late,
    /// What it waits for has not happened.
    Waiting,
    /// It has fired as often as it ever may, or the matches that it fires on have gone by.
    Spent,
}

impl RuleStanding {
    /// The word in the admin API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Early => "early",
            Self::Late => "late",
            Self::Waiting => "waiting",
            Self::Spent => "spent",
        }
    }
}
