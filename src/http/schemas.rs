//! The forms of members and images. Contract, "Schemas".

use super::answer::Answer;
use super::call::Call;
use crate::api::Code;

/// Shows a schema.
pub(super) fn show(_call: &Call<'_>) -> Answer {
    Answer::refusal(Code::ApiNotFound.into())
}
