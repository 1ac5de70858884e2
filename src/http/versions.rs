//! The versions of the service. Contract, "Version discovery".

use super::answer::Answer;
use super::call::Call;
use crate::api::Code;

/// The versions that have a path, as the router reads it.
pub(super) const PATTERN: &str = r"v1|v2|v1\.0|v1\.1|v2\.0|v2\.1|v2\.2";

/// Shows all versions or those that the path names.
pub(super) fn show(_call: &Call<'_>) -> Answer {
    Answer::refusal(Code::ApiNotFound.into())
}
