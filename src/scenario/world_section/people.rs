//! Who uses the service: users with their account, and access keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::schema_words;
use crate::scenario::span::Span;

/// An account.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainEntry {
    /// The name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// 32 hex digits; drawn from the seed if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{32}$"))]
    pub id: Option<String>,
}

/// A user.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserEntry {
    /// 32 hex digits; drawn from the seed if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{32}$"))]
    pub id: Option<String>,
    /// The password.
    pub password: String,
    /// The account, if it is not that of the projects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainEntry>,
    /// The projects for which the user can act, the own one first; all if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projects: Option<Vec<String>>,
    /// The user's IAM actions; all if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<schema_words::Action>>")]
    pub actions: Option<Vec<String>>,
}

/// An access key.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessKeyEntry {
    /// What requests are signed with.
    #[schemars(length(min = 1))]
    pub secret: String,
    /// The project for which a request is made that names none.
    pub project: String,
    /// The user whose key it is: it can act for the same projects. Without one it acts for its own alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The IAM actions; those of the user if left out, and all without a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<schema_words::Action>>")]
    pub actions: Option<Vec<String>>,
    /// Makes it a temporary key: requests bring this as `X-Security-Token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub security_token: Option<String>,
    /// How long after the start, or after it was added, it stops to count; never if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<Span>,
}
