//! Changes to a world that runs: what a file can describe can be added, what can change can be patched,
//! and everything can be deleted.
//!
//! Documents are JSON in the form of the file's `world` section and are held against the same bounds;
//! what is refused is refused with the same words, and then nothing has changed. Things are named as in a
//! file, by name or id, and what was added while the world runs has a name like all others. A document is
//! as long as its reader lets it be, and making a million images takes seconds.

mod error;
mod patch;
mod view;

use serde::Deserialize;

use super::entry_check::{self, MOST_MEMBERSHIPS, MOST_THINGS};
use super::live_names::LiveNames;
use super::named::Named;
use super::names::{Lookup, Names};
use super::problem::{Misfit, Problem, Within};
use super::world_build::{self, taken, too_many_memberships};
use super::world_section::{ImageEntry, ProjectEntry, SettingsEntry, TokenEntry, WorldSection};
use super::{ScenarioFile, compile};
use crate::api::MemberStatus;
use crate::clock::SimTime;
use crate::domain::administrator::{Kind, Taken};
use crate::domain::image::ImageChange;
use crate::domain::rules::Change;
use crate::domain::world::Size;
use crate::domain::{Image, World};
use crate::seed::Seed;
use error::read;
pub use error::{EditError, EditErrorKind};
use patch::{ImagePatch, ProjectPatch, TokenPatch};
pub use view::{LARGEST_PAGE, Listing, PAGE, Page, WorldView};
use view::{find_image, find_project, find_token, project_entry};

/// Changes a world at one moment.
#[derive(Clone, Copy)]
pub struct WorldEdit<'w> {
    world: &'w World,
    seed: Seed,
    now: SimTime,
}

/// What is added to a world, in the form of the file's `world` section.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Additions {
    /// Projects. They get no tokens by themselves.
    #[serde(default)]
    pub projects: Named<ProjectEntry>,
    /// Images with their members.
    #[serde(default)]
    pub images: Named<ImageEntry>,
    /// Tokens; their time runs from now on.
    #[serde(default)]
    pub tokens: Named<TokenEntry>,
}

/// The status that a member is set to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberDocument {
    status: MemberStatus,
}

/// What was added, of each kind at most the first [`LARGEST_PAGE`] things.
#[derive(Clone, Debug)]
pub struct Added {
    /// Projects.
    pub projects: Listing<ProjectEntry>,
    /// Images.
    pub images: Listing<ImageEntry>,
    /// Tokens.
    pub tokens: Listing<TokenEntry>,
}

/// Puts a world back to what a scenario describes; settings stand still. Jobs that run see all images as
/// missing that they hold.
///
/// # Errors
/// If the scenario does not make sense.
pub fn reset(world: &World, file: &ScenarioFile, seed: Seed, now: SimTime) -> Result<(), Problem> {
    let blueprint = compile(file, seed, now)?;
    world.administer().replace_all(blueprint.world);
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

    /// Adds all or nothing. The document is a part that lies so many `steps` within the additions.
    fn add_all(&self, additions: Additions, steps: usize) -> Result<Added, EditError> {
        let admin = self.world.administer();
        let wrong = |misfit| EditError::inside(EditErrorKind::Wrong, misfit, steps);
        let present = self.world.size();
        fits(&additions, present).map_err(wrong)?;
        let more = self.build(additions).map_err(wrong)?;
        let size = more.size();
        let memberships = size.memberships + present.memberships;
        if size.memberships > 0 && memberships > MOST_MEMBERSHIPS {
            return Err(too_many_memberships(memberships)).within("images").map_err(wrong);
        }
        let projects = more.projects_after(None, LARGEST_PAGE).unwrap_or_default();
        let images = more.images_after(None, LARGEST_PAGE).unwrap_or_default();
        let tokens = more.tokens_after(None, LARGEST_PAGE).unwrap_or_default();
        admin.add(more).map_err(|taken| {
            EditError::inside(EditErrorKind::Conflict, in_the_way(&taken), steps)
        })?;
        let view = WorldView::new(self.world, self.now);
        let most = LARGEST_PAGE;
        Ok(Added {
            projects: Listing::of(projects, most, size.projects, project_entry),
            images: Listing::of(images, most, size.images, |image| view.image_entry(image)),
            tokens: Listing::of(tokens, most, size.tokens, |token| view.token_entry(token)),
        })
    }

    /// Makes a world of its own of what is to be added, which may name what is there already.
    fn build(&self, additions: Additions) -> Result<World, Misfit> {
        let section = WorldSection {
            settings: SettingsEntry::default(),
            projects: additions.projects,
            images: additions.images,
            tokens: Some(additions.tokens),
        };
        entry_check::check(&section)?;
        let names = Names::of(&section, self.seed);
        world_build::world(&section, &names, &LiveNames::with(self.world, &names), self.now)
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
        let change = patch.onto(&image, self.world)?;
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
        let message = format!("`{project}` is no member of `{}`", image.name);
        Err(EditError::not_found(&Misfit::new(message)))
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
            tags: image.tags(),
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

/// Whether a world has room for so many more things; asked before they are made, which takes its time.
fn fits(more: &Additions, present: Size) -> Result<(), Misfit> {
    let many = |count: Option<u32>| count.map_or(1, |count| count as usize);
    let projects = more.projects.iter().map(|(_, entry)| many(entry.count));
    let images = more.images.iter().map(|(_, entry)| many(entry.count));
    let counts = [
        ("projects", projects.fold(0, usize::saturating_add), present.projects),
        ("images", images.fold(0, usize::saturating_add), present.images),
        ("tokens", more.tokens.0.len(), present.tokens),
    ];
    for (key, more, present) in counts {
        let all = present.saturating_add(more);
        if more > 0 && all > MOST_THINGS as usize {
            let message = format!("with these they are {all}; at most {MOST_THINGS} can be made");
            return Err(Misfit::new(message)).within(key);
        }
    }
    Ok(())
}

fn in_the_way(found: &Taken) -> Misfit {
    let (key, misfit) = match found.kind {
        Kind::Project => ("projects", taken("project", &found.id, &found.by)),
        Kind::Image => ("images", taken("image", &found.id, &found.by)),
        Kind::Token => ("tokens", Misfit::new(format!("there is a token `{}`", found.name))),
    };
    Misfit { path: vec![key.into(), (*found.name).into()], ..misfit }
}
