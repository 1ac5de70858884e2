//! What must hold of a load run, as it is written: `p99 < 20ms`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A threshold as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Threshold(pub String);

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
