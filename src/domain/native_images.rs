//! Deleting an image as its owner. Contract, "`GET /v2/images` and `GET /v2/images/{image_id}`" and
//! "Sharing rules and limits".
//!
//! | # | What is against it | Answer |
//! |---|---|---|
//! | 1 | the image is unknown, marked as deleted, or invisible to the caller | 404 |
//! | 2 | the caller does not own it, though he sees it | 403 |
//! | 3 | it is protected | 403 |
//!
//! Nothing else is: "deletion always possible for the owner" (DECISION U-34), so neither its members nor
//! another status, nor that it is public, keep an image from going.

use super::World;
use super::image::State;
use crate::api::{Code, ImageId, ProjectId, Refusal};

/// An image that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The image.
    pub image: ImageId,
    /// How many members vanished with it.
    pub members: usize,
}

/// Deletes an image, which is named as the client wrote it. Its members vanish with it, and jobs that run
/// see it as missing.
///
/// # Errors
/// The refusal, see the table above; then nothing has changed.
pub fn delete(world: &World, image: &str, caller: ProjectId) -> Result<Gone, Refusal> {
    let refused = |code| Refusal::naming(code, image, "");
    let missing = || refused(Code::NativeImageNotFound);
    let id = ImageId::parse(image).ok_or_else(missing)?;
    let admin = world.administer();
    let found = world.image(id).ok_or_else(missing)?;
    let against = |state: &State| match () {
        () if !state.is_found_by(&found, caller) => Err(Code::NativeImageNotFound),
        () if found.owner != caller => Err(Code::NativeImageForbidden),
        () if state.facts.protected => Err(Code::NativeImageProtected),
        () => Ok(()),
    };
    let members = admin.delete_image_unless(&found, against).map_err(refused)?;
    Ok(Gone { image: id, members })
}

#[cfg(test)]
mod tests;
