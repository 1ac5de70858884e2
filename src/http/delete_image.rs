//! Deleting an image. Contract, "`GET /v2/images` and `GET /v2/images/{image_id}`".

use super::answer::{Answer, Success};
use super::call::Call;
use crate::api::Refusal;

/// Deletes an image. The body may say what becomes of a backup, and there are none; so nobody reads it.
pub(super) fn delete(call: &Call<'_>) -> Answer {
    let deleted = call.allowed().map_err(Refusal::from).and_then(|project| {
        let image = call.path.get("image_id");
        call.state.shared.delete_image(call.caller(project), image)
    });
    Answer::of(deleted.map(|_| Success::no_content()))
}
