//! Identity. Contract, "Authentication".

use super::answer::Answer;
use super::call::Call;
use crate::api::Code;

/// Serves what stands under `/v3`.
pub(super) fn serve(_call: &Call<'_>) -> Answer {
    Answer::refusal(Code::ApiNotFound.into())
}
