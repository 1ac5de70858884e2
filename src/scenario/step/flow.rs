//! Steps that decide when others are done, and how often.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::StepEntry;
use crate::scenario::span::Span;

/// Lets simulated time pass: `for` a while, or `until` so long after the start of the run.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WaitStep {
    /// For people.
    pub about: Option<String>,
    /// How much.
    #[serde(rename = "for")]
    pub span: Option<Span>,
    /// Until when, counted from the start of the run; a time that has passed is not waited for.
    pub until: Option<Span>,
}

/// Moves the clock on.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceStep {
    /// For people.
    pub about: Option<String>,
    /// How far.
    pub by: Span,
}

/// The same steps again and again.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatStep {
    /// For people.
    pub about: Option<String>,
    /// How often.
    pub times: u32,
    /// The name under which the steps say the number of the round, from 0, as `${index}`; `index` if left
    /// out.
    pub index: Option<String>,
    /// What is done in each round.
    pub steps: Vec<StepEntry>,
}

impl RepeatStep {
    /// The name of the number of the round.
    #[must_use]
    pub fn index(&self) -> &str {
        self.index.as_deref().unwrap_or("index")
    }
}
