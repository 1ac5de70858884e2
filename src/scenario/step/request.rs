//! A request as it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::call_steps;
use crate::scenario::named::Named;

call_steps! {
    /// Any request: of the service, of the admin API, or one that nobody answers well.
    RequestStep {
        /// Signs the request, at the simulated time of its sending.
        sign: Option<SignEntry>,
        /// The method, for example `GET`.
        method: String,
        /// Path and query, from the first `/` on.
        path: String,
        /// Headers beside those that token and body need, in the order in which they are sent.
        #[serde(default)]
        headers: Named<String>,
        /// A body of JSON.
        body: Option<Value>,
        /// A body of any text, in place of `body`.
        text: Option<String>,
    }
}

/// By whom a request is signed.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignEntry {
    /// The access key. All headers are signed whose names have no `_`.
    pub access_key: String,
}
