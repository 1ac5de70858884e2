//! Steps that list images, show one, or show the quota for them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::expect::Expect;
use crate::scenario::named::Named;
use crate::scenario::query::QueryValue;
use crate::scenario::span::Span;
use crate::scenario::values::ValueSource;

/// Lists images.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ImagesStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// What is asked for, in this order. Under `id` and `marker` an image can be named, and under `owner` a
    /// project; a list stands for its elements one by one.
    #[serde(default)]
    pub query: Named<QueryValue>,
    /// Values of the answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Shows an image.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ImageStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// The image, by name or id.
    pub image: String,
    /// Values of the answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Shows how many images the caller has and may have.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// Values of the answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}
