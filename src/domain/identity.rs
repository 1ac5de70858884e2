//! Who there is: the account, its users, their access keys, and the tokens that were given out.
//!
//! Contract, "Authentication". The real service has an identity service of its own; here it is the same
//! world.

mod gate;
mod login;

use std::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq as _;

use super::caller::Token;
use super::shelf::Shelf;
use crate::api::{AccountId, ProjectId, UserId};
use crate::clock::{SimDuration, SimTime};
pub use gate::Gate;
pub use login::{Credential, Login, LoginError, Named, Scope, log_in};

/// How long a token that was given out is valid. Contract, "Token".
pub const TOKEN_LIFE: SimDuration = SimDuration::from_millis(24 * 3_600_000);

/// How many tokens that were given out are known at once; the oldest go. A client needs one a day, and a
/// hundred thousand take under a hundred megabytes.
pub const MOST_ISSUED: usize = 100_000;

/// What must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// A secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(secret.into())
    }

    /// What it is.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether something is this secret; it takes the same time wherever the two differ.
    #[must_use]
    pub fn is(&self, other: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(other).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The region, and the account to which everything in it belongs. They stand still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The region's name, which in the real service is also that of each account's project there.
    pub name: Arc<str>,
    /// The account.
    pub account: Account,
}

/// An account; on the wire it is a `domain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The id.
    pub id: AccountId,
    /// The name.
    pub name: Arc<str>,
}

impl Region {
    /// The region's name where nobody gives one.
    pub const NAME: &'static str = "sim-region-1";
    /// The account's name where nobody gives one.
    pub const ACCOUNT: &'static str = "sim-account";
}

impl Default for Region {
    fn default() -> Self {
        let account = Account { id: AccountId::from_u128(0), name: Self::ACCOUNT.into() };
        Self { name: Self::NAME.into(), account }
    }
}

/// Somebody who can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The name, unique within the world.
    pub name: Arc<str>,
    /// The password.
    pub password: Secret,
    /// The account that he belongs to.
    pub account: Account,
    /// The projects for which he can act, his own first; `None` for all that there are.
    pub projects: Option<Box<[ProjectId]>>,
    /// The IAM actions that he has.
    pub actions: Vec<&'static str>,
}

impl User {
    /// Whether he can act for a project.
    #[must_use]
    pub fn has(&self, project: ProjectId) -> bool {
        self.projects.as_ref().is_none_or(|projects| projects.contains(&project))
    }
}

/// An access key: requests that are signed with its secret are its user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// What requests are signed with.
    pub secret: Secret,
    /// What a temporary key brings beside its signature.
    pub security_token: Option<Secret>,
    /// The user whose key it is; without one it acts for its own project alone.
    pub user: Option<Arc<str>>,
    /// Who calls when a request names no project.
    pub token: Arc<Token>,
}

/// A token that was given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// What it is good for.
    pub token: Arc<Token>,
    /// Who has it.
    pub user: Arc<User>,
    /// By which methods he showed who he is.
    pub methods: Vec<&'static str>,
    /// When it was given out.
    pub at: SimTime,
}

/// The tokens that were given out, the newest ones.
#[derive(Default)]
pub(super) struct IssuedTokens(Shelf<Arc<str>, (Arc<str>, Issued)>);

impl IssuedTokens {
    /// Remembers a token, and forgets the oldest one where they are too many. The same value again, as after
    /// a reset that lets calls be counted from the beginning, is another token.
    pub(super) fn add(&mut self, value: Arc<str>, issued: Issued) {
        self.0.take(&*value);
        self.0.put(Arc::clone(&value), (value, issued));
        if self.0.len() > MOST_ISSUED {
            let oldest = self.0.iter().next().map(|(value, _)| Arc::clone(value));
            oldest.and_then(|oldest| self.0.take(&*oldest));
        }
    }

    /// The token with this value.
    pub(super) fn get(&self, value: &str) -> Option<&Issued> {
        self.0.get(value).map(|(_, issued)| issued)
    }

    /// Forgets the tokens of which this is true, and says how many they were.
    pub(super) fn forget(&mut self, which: impl Fn(&Issued) -> bool) -> usize {
        let those = self.0.iter().filter(|(_, issued)| which(issued));
        let values: Vec<Arc<str>> = those.map(|(value, _)| Arc::clone(value)).collect();
        values.iter().filter(|value| self.0.take(&***value).is_some()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_compared_and_never_shown() {
        let secret = Secret::new("s3cret");
        assert!(secret.is(b"s3cret"));
        for other in ["", "s3cre", "s3creT", "s3cret "] {
            assert!(!secret.is(other.as_bytes()), "{other}");
        }
        assert_eq!(format!("{secret:?}"), "***");
    }
}
