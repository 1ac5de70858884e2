//! Images and the quota for them. Contract, "Read endpoints".

use super::answer::Answer;
use super::call::Call;
use crate::api::Code;

/// Lists images, shows one, or shows the quota.
pub(super) fn read(_call: &mut Call<'_>) -> Answer {
    Answer::refusal(Code::ApiNotFound.into())
}

/// Deletes an image.
pub(super) fn delete(_call: &mut Call<'_>) -> Answer {
    Answer::refusal(Code::ApiNotFound.into())
}
