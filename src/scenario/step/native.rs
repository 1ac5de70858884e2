//! The steps of the native API that change something.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::expect::Expect;
use super::super::named::Named;
use super::super::span::Span;
use super::super::values::ValueSource;
use crate::api::MemberDecision;

/// Accepts or rejects one shared image, at once.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DecideStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// The image, by name or id.
    pub image: String,
    /// The deciding project, by name or id; the token's own if left out.
    pub member: Option<String>,
    /// The decision.
    pub status: MemberDecision,
    /// The vault for a whole-server image.
    pub vault: Option<String>,
    /// Values of the answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Deletes an image with its members, at once.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteImageStep {
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
    /// What must hold; status 204 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Removes one member of an image, at once.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteMemberStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// The image, by name or id.
    pub image: String,
    /// The member project, by name or id.
    pub member: String,
    /// Values of the answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 204 if left out.
    #[serde(default)]
    pub expect: Expect,
}
