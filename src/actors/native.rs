//! What native calls change, at once and without a job: done and told to the journal in one place.

use super::Shared;
use crate::api::{ImageId, ProjectId, Refusal};
use crate::domain::native_images;
use crate::domain::native_members::{self, Asked, Done, Place};
use crate::domain::rules::Change;
use crate::journal::Event;
use crate::seed::{CallKey, Subject};

/// The call that changes something: its shard, its key, and the project that calls.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// The shard on which it is served.
    pub shard: u8,
    /// Its key.
    pub call: CallKey,
    /// The project.
    pub project: ProjectId,
}

impl Shared {
    /// Adds, decides on or removes a member as of now.
    ///
    /// # Errors
    /// The refusal; then nothing has changed.
    pub fn change_member(
        &self,
        by: Caller,
        place: Place<'_>,
        asked: &Asked,
    ) -> Result<Done, Refusal> {
        let now = self.clock.now();
        let done = native_members::change(&self.world, place, asked, by.project, now)?;
        #[cfg(test)]
        let Some(done) = self.sabotage_native(now, done.clone()) else { return Ok(done) };
        if done.change != Change::Nothing {
            let (image, project, change) = (done.image, done.project, done.change);
            let event = Event::MemberChanged { image, project, change };
            self.record(by.shard, now, Subject::Call(by.call), event);
        }
        Ok(done)
    }

    /// Deletes an image with its members, and says which.
    ///
    /// # Errors
    /// The refusal; then nothing has changed.
    pub fn delete_image(&self, by: Caller, image: &str) -> Result<ImageId, Refusal> {
        let gone = native_images::delete(&self.world, image, by.project)?;
        #[cfg(test)]
        if self.is_sabotaged(super::Sabotage::DeleteUntold) {
            return Ok(gone.image);
        }
        let members = u32::try_from(gone.members).unwrap_or(u32::MAX);
        let event = Event::ImageDeleted { image: gone.image, members };
        self.record(by.shard, self.clock.now(), Subject::Call(by.call), event);
        Ok(gone.image)
    }
}
