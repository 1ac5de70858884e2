//! Changes to a world that runs: what a file can describe can be added, what can change can be patched,
//! and everything can be deleted.
//!
//! Documents are JSON in the form of the file's `world` section and are held against the same bounds;
//! what is refused is refused with the same words, and then nothing has changed. Things are named as in a
//! file, by name or id, and what was added while the world runs has a name like all others. A document is
//! as long as its reader lets it be, and making a million images takes seconds.

mod add;
mod error;
mod patch;
mod people;
mod view;

use serde::Deserialize;

use super::entry_check::MOST_MEMBERSHIPS;
use super::live_names::LiveNames;
use super::named::Named;
use super::names::Lookup;
use super::origin::Origin;
use super::problem::{Misfit, Within};
use super::world_build::{self, too_many_memberships};
use super::world_section::{ImageEntry, ProjectEntry, TokenEntry};
use crate::api::MemberStatus;
use crate::clock::SimTime;
use crate::domain::image::ImageChange;
use crate::domain::rules::Change;
use crate::domain::{Image, World};
use crate::seed::Seed;
pub use add::{Added, Additions};
pub(in crate::scenario) use error::read;
pub use error::{EditError, EditErrorKind};
use patch::{ImagePatch, ProjectPatch, TokenPatch};
pub use view::{LARGEST_PAGE, Listing, PAGE, Page, WorldView};
use view::{find_image, find_project, find_token, no_member};

/// Changes a world at one moment.
#[derive(Clone, Copy)]
pub struct WorldEdit<'w> {
    world: &'w World,
    seed: Seed,
    now: SimTime,
}

/// The status that a member is set to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberDocument {
    status: MemberStatus,
}

/// Puts a world back to what its scenario describes, whose times then run from `now`; settings stand still.
/// Jobs that run see all images as missing that they hold.
///
/// # Errors
/// If the scenario does not make sense, which was found when it was compiled.
pub fn reset(world: &World, origin: &Origin, now: SimTime) -> Result<(), EditError> {
    let other = origin.world(now)?;
    world.administer().replace_all(other);
    Ok(())
}

impl<'w> WorldEdit<'w> {
    /// Changes `world` as of `now`; ids that nobody gives are drawn from `seed`, as those of a file.
    #[must_use]
    pub const fn new(world: &'w World, seed: Seed, now: SimTime) -> Self {
        Self { world, seed, now }
    }

    /// Adds projects, images and tokens, all or none; see [`Additions`].
    ///
    /// # Errors
    /// If the document makes no sense, or a name or an id is taken.
    pub fn add(&self, document: &[u8]) -> Result<Added, EditError> {
        self.add_all(read(document)?, 0)
    }

    /// Adds an image, or with `count` many.
    ///
    /// # Errors
    /// If the document makes no sense, or a name or an id is taken.
    pub fn add_image(&self, name: &str, document: &[u8]) -> Result<Listing<ImageEntry>, EditError> {
        let images = Named(vec![(name.to_owned(), read(document)?)]);
        let added = self.add_all(Additions { images, ..Additions::default() }, 2)?;
        Ok(added.images)
    }

    /// Adds a project, or with `count` many.
    ///
    /// # Errors
    /// If the document makes no sense, or a name or an id is taken.
    pub fn add_project(
        &self,
        name: &str,
        document: &[u8],
    ) -> Result<Listing<ProjectEntry>, EditError> {
        let projects = Named(vec![(name.to_owned(), read(document)?)]);
        let added = self.add_all(Additions { projects, ..Additions::default() }, 2)?;
        Ok(added.projects)
    }

    /// Adds a token under the value that clients send.
    ///
    /// # Errors
    /// If the document makes no sense, or the value is taken.
    pub fn add_token(
        &self,
        value: &str,
        document: &[u8],
    ) -> Result<Listing<TokenEntry>, EditError> {
        let tokens = Named(vec![(value.to_owned(), read(document)?)]);
        let added = self.add_all(Additions { tokens, ..Additions::default() }, 2)?;
        Ok(added.tokens)
    }

    /// Changes what a document names of an image: status, flags, tags, and its members one by one.
    ///
    /// # Errors
    /// If there is no such image, or the document makes no sense.
    pub fn patch_image(
        &self,
        name: &str,
        document: &[u8],
    ) -> Result<Listing<ImageEntry>, EditError> {
        let patch: ImagePatch = read(document)?;
        let admin = self.world.administer();
        let image = find_image(self.world, name)?;
        let change = patch.onto(&image, self.world, self.now)?;
        self.has_room(&change).within("members")?;
        admin.change_image(image.id, change, self.now);
        drop(admin);
        WorldView::new(self.world, self.now).image(name)
    }

    /// Changes what a document names of a project.
    ///
    /// # Errors
    /// If there is no such project, or the document makes no sense.
    pub fn patch_project(
        &self,
        name: &str,
        document: &[u8],
    ) -> Result<Listing<ProjectEntry>, EditError> {
        let patch: ProjectPatch = read(document)?;
        let admin = self.world.administer();
        let project = find_project(self.world, name)?;
        admin.set_unavailable(project.id, patch.unavailable(project.unavailable));
        drop(admin);
        WorldView::new(self.world, self.now).project(name)
    }

    /// Changes what a document names of a token; its time runs from now on if it is named.
    ///
    /// # Errors
    /// If there is no such token, or the document makes no sense.
    pub fn patch_token(
        &self,
        value: &str,
        document: &[u8],
    ) -> Result<Listing<TokenEntry>, EditError> {
        let patch: TokenPatch = read(document)?;
        let admin = self.world.administer();
        let (_, token) = find_token(self.world, value)?;
        admin.replace_token(value, patch.onto(&token, self.world, self.now)?);
        drop(admin);
        WorldView::new(self.world, self.now).token(value)
    }

    /// Deletes an image; its members vanish with it, and jobs that run see it as missing.
    ///
    /// # Errors
    /// If there is no such image.
    pub fn delete_image(&self, name: &str) -> Result<(), EditError> {
        let admin = self.world.administer();
        admin.delete_image(find_image(self.world, name)?.id);
        Ok(())
    }

    /// Deletes a project with the tokens that are tied to it, and says how many they were. What was
    /// shared with it stays so, and its images stay its own.
    ///
    /// # Errors
    /// If there is no such project.
    pub fn delete_project(&self, name: &str) -> Result<usize, EditError> {
        let admin = self.world.administer();
        let project = find_project(self.world, name)?;
        Ok(admin.delete_project(project.id).unwrap_or_default())
    }

    /// Deletes a token.
    ///
    /// # Errors
    /// If there is no such token.
    pub fn delete_token(&self, value: &str) -> Result<(), EditError> {
        let admin = self.world.administer();
        find_token(self.world, value)?;
        admin.delete_token(value);
        Ok(())
    }

    /// Sets a member of an image to the status in a document such as `{"status": "accepted"}`, and shares
    /// the image with it first where needed. Neither the rules of sharing nor the limit of members
    /// matter.
    ///
    /// # Errors
    /// If there is no such image or project, or the document names no status.
    pub fn set_member(
        &self,
        image: &str,
        project: &str,
        document: &[u8],
    ) -> Result<Change, EditError> {
        let MemberDocument { status } = read(document)?;
        let admin = self.world.administer();
        let image = find_image(self.world, image)?;
        let change = self.one_member(&image, project, Some(status))?;
        self.has_room(&change)?;
        let done = admin.change_image(image.id, change, self.now);
        Ok(done.and_then(|done| done.first().copied()).unwrap_or(Change::Nothing))
    }

    /// Removes a member of an image.
    ///
    /// # Errors
    /// If there is no such image, or the project is no member of it.
    pub fn remove_member(&self, image: &str, project: &str) -> Result<(), EditError> {
        let admin = self.world.administer();
        let image = find_image(self.world, image)?;
        let change = self.one_member(&image, project, None)?;
        let done = admin.change_image(image.id, change, self.now).unwrap_or_default();
        if done == [Change::Removed] {
            return Ok(());
        }
        Err(no_member(project, &image.name))
    }

    fn one_member(
        &self,
        image: &Image,
        project: &str,
        status: Option<MemberStatus>,
    ) -> Result<ImageChange, EditError> {
        // A project that is gone, or never was of this world, can be a member all the same; by its id.
        let project = LiveNames::of(self.world).project(project);
        let project = project.map_err(|misfit| EditError::not_found(&misfit))?;
        world_build::no_owner(project, image.owner)?;
        Ok(ImageChange {
            facts: image.facts(),
            times: image.times(),
            details: image.details(),
            clear_members: false,
            members: vec![(project, status)],
        })
    }

    /// Counts every member that is set as a new one: next to the bound that is near enough.
    fn has_room(&self, change: &ImageChange) -> Result<(), Misfit> {
        let set = change.members.iter().filter(|(_, status)| status.is_some()).count();
        let memberships = self.world.size().memberships + set;
        if set > 0 && memberships > MOST_MEMBERSHIPS {
            return Err(too_many_memberships(memberships));
        }
        Ok(())
    }
}
