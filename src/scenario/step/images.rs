//! Steps that list images, or show the quota for them.

use super::call::call_steps;
use crate::scenario::named::Named;
use crate::scenario::query::QueryValue;

call_steps! {
    /// Lists images.
    ImagesStep {
        /// What is asked for, in this order. Under `id` and `marker` an image can be named, and under `owner` a
        /// project; a list stands for its elements one by one.
        #[serde(default)]
        query: Named<QueryValue>,
    }

    /// Shows how many images the caller has and may have.
    QuotaStep {
    }
}
