//! A request as it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::scenario::expect::Expect;
use crate::scenario::named::Named;
use crate::scenario::span::Span;
use crate::scenario::values::ValueSource;

/// Any request: of the service, of the admin API, or one that nobody answers well.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RequestStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// Signs the request, at the simulated time of its sending.
    pub sign: Option<SignEntry>,
    /// The method, for example `GET`.
    pub method: String,
    /// Path and query, from the first `/` on.
    pub path: String,
    /// Headers beside those that token and body need, in the order in which they are sent.
    #[serde(default)]
    pub headers: Named<String>,
    /// A body of JSON.
    pub body: Option<Value>,
    /// A body of any text, in place of `body`.
    pub text: Option<String>,
    /// Values of the answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// By whom a request is signed.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignEntry {
    /// The access key. All headers are signed whose names have no `_`.
    pub access_key: String,
}
