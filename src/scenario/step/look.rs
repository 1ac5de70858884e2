//! What is true at a moment, seen through the admin API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::MemberStatus;
use crate::scenario::named::Named;
use crate::scenario::span::Span;

/// Looks at what is true, whatever queries tell.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LookStep {
    /// For people.
    pub about: Option<String>,
    /// What must be true.
    pub expect: Truth,
}

/// What must be true. What is left out is not looked at.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// By image: exactly these members, each with its status; `name-*` stands for all projects of a counted
    /// entry.
    #[serde(default)]
    pub members: Named<Named<MemberStatus>>,
    /// By image: what the world says of it; objects may have more keys.
    #[serde(default)]
    pub images: Named<Value>,
    /// By the name under which a step saved it: what the admin API says of a job; objects may have more
    /// keys.
    #[serde(default)]
    pub jobs: Named<Value>,
    /// How many jobs there were, of all.
    pub job_counts: Option<JobCountFacts>,
    /// By rule: what it has counted.
    #[serde(default)]
    pub rules: Named<RuleFacts>,
    /// How often calls were made.
    #[serde(default)]
    pub calls: Vec<CallFacts>,
    /// The simulated time since the start of the run, exactly.
    pub time: Option<Span>,
}

/// A number, or the least and the most that it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(
    untagged,
    expecting = "expected a whole number, or an object with `at_least` and `at_most`"
)]
pub enum Amount {
    /// Exactly this.
    Exactly(u64),
    /// Within these bounds.
    Between(Bounds),
}

/// The least and the most that a number may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// At least this; 0 if left out.
    #[serde(default)]
    pub at_least: u64,
    /// At most this; any number if left out.
    pub at_most: Option<u64>,
}

/// Jobs by what became of them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct JobCountFacts {
    /// Let in.
    pub accepted: Option<Amount>,
    /// Ended in `SUCCESS`.
    pub succeeded: Option<Amount>,
    /// Ended in `FAIL`.
    pub failed: Option<Amount>,
    /// Lost by a rule.
    pub lost: Option<Amount>,
}

/// What a rule has counted.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFacts {
    /// Events that came to its point.
    pub considered: Option<Amount>,
    /// Events that it is about.
    pub matched: Option<Amount>,
    /// How often it fired.
    pub fired: Option<Amount>,
    /// How often an earlier rule's effect won.
    pub superseded: Option<Amount>,
}

/// How often a call was made, by exact counters. What is left out is not asked about.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CallFacts {
    /// The operation, or `unknown`.
    pub operation: Option<String>,
    /// The project of the token, by name or id.
    pub project: Option<String>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The code of the error that was answered.
    pub error_code: Option<String>,
    /// How often.
    pub times: Amount,
}

impl Truth {
    /// What can be looked at, by its keys.
    pub const KEYS: [&str; 7] =
        ["members", "images", "jobs", "job_counts", "rules", "calls", "time"];

    /// Which of the keys are said, in their order.
    #[must_use]
    pub fn said(&self) -> [bool; 7] {
        [
            !self.members.0.is_empty(),
            !self.images.0.is_empty(),
            !self.jobs.0.is_empty(),
            self.job_counts.is_some(),
            !self.rules.0.is_empty(),
            !self.calls.is_empty(),
            self.time.is_some(),
        ]
    }

    /// Whether it says nothing at all.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        !self.said().contains(&true)
    }
}

impl JobCountFacts {
    /// The amounts, each with its key.
    #[must_use]
    pub const fn amounts(&self) -> [(&'static str, Option<Amount>); 4] {
        [
            ("accepted", self.accepted),
            ("succeeded", self.succeeded),
            ("failed", self.failed),
            ("lost", self.lost),
        ]
    }
}

impl RuleFacts {
    /// The amounts, each with its key.
    #[must_use]
    pub const fn amounts(&self) -> [(&'static str, Option<Amount>); 4] {
        [
            ("considered", self.considered),
            ("matched", self.matched),
            ("fired", self.fired),
            ("superseded", self.superseded),
        ]
    }
}

impl Amount {
    /// Whether a number is right.
    #[must_use]
    pub const fn allows(self, number: u64) -> bool {
        match self {
            Self::Exactly(right) => number == right,
            Self::Between(Bounds { at_least, at_most }) => {
                number >= at_least
                    && match at_most {
                        Some(most) => number <= most,
                        None => true,
                    }
            }
        }
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(right) => write!(f, "{right}"),
            Self::Between(Bounds { at_least, at_most: None }) => write!(f, "at least {at_least}"),
            Self::Between(Bounds { at_least: 0, at_most: Some(most) }) => {
                write!(f, "at most {most}")
            }
            Self::Between(Bounds { at_least, at_most: Some(most) }) => {
                write!(f, "from {at_least} to {most}")
            }
        }
    }
}
