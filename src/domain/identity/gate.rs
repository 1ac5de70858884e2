//! How closely credentials are looked at.

use std::fmt;
use std::str::FromStr;

/// How closely credentials are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gate {
    /// Not at all: every request is let in, for the project that it points at.
    Off,
    /// Tokens are; signatures are not, so that a request with nothing else has brought nothing.
    Token,
    /// As the contract says.
    #[default]
    Full,
}

impl Gate {
    /// Each of them, the least strict first.
    pub const ALL: [Self; 3] = [Self::Off, Self::Token, Self::Full];

    /// The word in files and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Token => "token",
            Self::Full => "full",
        }
    }

    /// What people should know where less is asked than by the real service.
    #[must_use]
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Off => Some("auth is off: nobody asks who calls, and every request is let in"),
            Self::Token => Some("auth is token: signatures of requests are not looked at"),
            Self::Full => None,
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Gate {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|gate| gate.name() == word);
        found.ok_or_else(|| format!("`{word}` is none of off, token and full"))
    }
}
