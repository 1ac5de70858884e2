//! The world read back, in the form in which a scenario file describes it.

use std::sync::Arc;

use super::super::image_details::{date, describe};
use super::super::live_names::LiveNames;
use super::super::named::Named;
use super::super::names::Lookup;
use super::super::problem::{MOST_COMPARED, Misfit, Within, nearest};
use super::super::span::Span;
use super::super::world_section::{
    ImageEntry, ProjectEntry, SettingsEntry, TokenEntry, WholeServerEntry,
};
use super::error::{EditError, EditErrorKind};
use crate::api::{MemberStatus, ProjectId};
use crate::clock::SimTime;
use crate::domain::world::{NamedToken, Project};
use crate::domain::{Image, WholeServer, World};

/// How many things a page has unless something else is said.
pub const PAGE: usize = 100;

/// The most things of a page: some megabytes, if each image has a hundred members.
pub const LARGEST_PAGE: usize = 1_000;

/// Shows a world as it stands at this moment.
#[derive(Clone, Copy)]
pub struct WorldView<'w> {
    pub(super) world: &'w World,
    pub(super) now: SimTime,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub(super) limit: usize,
    pub(super) after: Option<String>,
}

/// Things, and where they stand in the list of all.
#[derive(Clone, Debug)]
pub struct Listing<T> {
    /// The things by their names; as JSON they are what a scenario file has in their place.
    pub things: Named<T>,
    /// How many there are in all.
    pub total: usize,
    /// The name behind which the list goes on; `None` at its end.
    pub next: Option<String>,
}

impl Default for Page {
    /// The first page, of the usual length.
    fn default() -> Self {
        Self { limit: PAGE, after: None }
    }
}

impl Page {
    /// The page that a query asks for: `limit` things behind the one that `after` names.
    ///
    /// # Errors
    /// If the limit is no number from 1 to [`LARGEST_PAGE`].
    pub fn parse(limit: Option<&str>, after: Option<&str>) -> Result<Self, EditError> {
        let limit = match limit {
            None => PAGE,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=LARGEST_PAGE).contains(limit))
                .ok_or_else(|| Misfit::new(format!("`{text}` is not from 1 to {LARGEST_PAGE}")))
                .within("limit")?,
        };
        Ok(Self { limit, after: after.map(str::to_owned) })
    }
}

impl<E> Listing<E> {
    /// The first `limit` of what was found; what was found beyond it shows that the list goes on.
    pub(super) fn of<T>(
        mut found: Vec<T>,
        limit: usize,
        total: usize,
        entry: impl Fn(&T) -> (String, E),
    ) -> Self {
        let more = found.len() > limit;
        found.truncate(limit);
        let things: Vec<(String, E)> = found.iter().map(entry).collect();
        let next = things.last().filter(|_| more).map(|(name, _)| name.clone());
        Self { things: Named(things), total, next }
    }
}

impl<'w> WorldView<'w> {
    /// Shows a world; the times that its tokens have left are counted from `now`.
    #[must_use]
    pub const fn new(world: &'w World, now: SimTime) -> Self {
        Self { world, now }
    }

    /// The image with this name or id.
    ///
    /// # Errors
    /// If there is none.
    pub fn image(&self, name: &str) -> Result<Listing<ImageEntry>, EditError> {
        let image = find_image(self.world, name)?;
        Ok(Listing::of(vec![image], 1, 1, |image| self.image_entry(image)))
    }

    /// The project with this name or id.
    ///
    /// # Errors
    /// If there is none.
    pub fn project(&self, name: &str) -> Result<Listing<ProjectEntry>, EditError> {
        let project = find_project(self.world, name)?;
        Ok(Listing::of(vec![project], 1, 1, project_entry))
    }

    /// The token with this value.
    ///
    /// # Errors
    /// If there is none.
    pub fn token(&self, value: &str) -> Result<Listing<TokenEntry>, EditError> {
        let token = find_token(self.world, value)?;
        Ok(Listing::of(vec![token], 1, 1, |token| self.token_entry(token)))
    }

    /// Where the share of an image with a project stands.
    ///
    /// # Errors
    /// If there is no such image, or the project is no member of it.
    pub fn member(&self, image: &str, project: &str) -> Result<MemberStatus, EditError> {
        let image = find_image(self.world, image)?;
        let id = LiveNames::of(self.world).project(project);
        let id = id.map_err(|misfit| EditError::not_found(&misfit))?;
        let members = image.members();
        let member = members.all().iter().find(|member| member.project == id);
        let missing = || no_member(project, &image.name);
        member.map(|member| member.status).ok_or_else(missing)
    }

    /// A page of the images, in the order in which they were defined.
    ///
    /// # Errors
    /// If the page is to start behind an image that does not exist.
    pub fn images(&self, page: &Page) -> Result<Listing<ImageEntry>, EditError> {
        let after = page.after.as_deref().map(|name| find_image(self.world, name));
        let after = after.transpose().map_err(|error| gone(&error))?.map(|image| image.id);
        let found = self.world.images_after(after, page.limit + 1).unwrap_or_default();
        let total = self.world.size().images;
        Ok(Listing::of(found, page.limit, total, |image| self.image_entry(image)))
    }

    /// A page of the projects, in the order in which they were defined.
    ///
    /// # Errors
    /// If the page is to start behind a project that does not exist.
    pub fn projects(&self, page: &Page) -> Result<Listing<ProjectEntry>, EditError> {
        let after = page.after.as_deref().map(|name| find_project(self.world, name));
        let after = after.transpose().map_err(|error| gone(&error))?.map(|project| project.id);
        let found = self.world.projects_after(after, page.limit + 1).unwrap_or_default();
        Ok(Listing::of(found, page.limit, self.world.size().projects, project_entry))
    }

    /// A page of the tokens, in the order in which they were defined.
    ///
    /// # Errors
    /// If the page is to start behind a token that does not exist.
    pub fn tokens(&self, page: &Page) -> Result<Listing<TokenEntry>, EditError> {
        let after = page.after.as_deref().map(|value| find_token(self.world, value));
        let after = after.transpose().map_err(|error| gone(&error))?.map(|(value, _)| value);
        let found = self.world.tokens_after(after.as_deref(), page.limit + 1).unwrap_or_default();
        let total = self.world.size().tokens;
        Ok(Listing::of(found, page.limit, total, |token| self.token_entry(token)))
    }

    /// The limits and switches.
    #[must_use]
    pub fn settings(&self) -> SettingsEntry {
        (&self.world.settings).into()
    }

    pub(super) fn image_entry(&self, image: &Arc<Image>) -> (String, ImageEntry) {
        let (facts, members) = (image.facts(), image.members());
        let (details, times) = (image.details(), image.times());
        let members = members.all().iter();
        let members = members.map(|member| (self.name_of(member.project), member.status)).collect();
        let mut entry = ImageEntry {
            id: Some(image.id.to_string()),
            count: None,
            owner: self.name_of(image.owner),
            members: Named(members),
            status: facts.status,
            public: facts.public,
            marketplace: facts.marketplace,
            encrypted: facts.encrypted,
            whole_server: match facts.whole_server {
                WholeServer::No => None,
                WholeServer::Cbr => Some(WholeServerEntry::Cbr),
                WholeServer::Other => Some(WholeServerEntry::Other),
            },
            protected: facts.protected,
            ..ImageEntry::default()
        };
        describe(&mut entry, &details);
        date(&mut entry, times);
        (image.name.to_string(), entry)
    }

    pub(super) fn token_entry(&self, (value, token): &NamedToken) -> (String, TokenEntry) {
        let entry = TokenEntry {
            project: token.project.map(|id| self.name_of(id)),
            actions: Some(token.actions.iter().map(|action| (*action).to_owned()).collect()),
            expires_in: token.expires.map(|expires| Span(expires - self.now)),
        };
        (value.to_string(), entry)
    }

    /// The name of a project that exists; the id of one that does not, which a file can say as well.
    pub(super) fn name_of(&self, id: ProjectId) -> String {
        let project = self.world.project(id);
        project.map_or_else(|| id.to_string(), |project| project.name.to_string())
    }
}

pub(super) fn project_entry(project: &Project) -> (String, ProjectEntry) {
    let id = Some(project.id.to_string());
    let entry = ProjectEntry { id, count: None, unavailable: project.unavailable };
    (project.name.to_string(), entry)
}

pub(super) fn find_image(world: &World, name: &str) -> Result<Arc<Image>, EditError> {
    let id = LiveNames::of(world).image(name).map_err(|misfit| EditError::not_found(&misfit))?;
    let missing = || EditError::not_found(&Misfit::new(format!("there is no image `{name}`")));
    world.image(id).ok_or_else(missing)
}

pub(super) fn find_project(world: &World, name: &str) -> Result<Project, EditError> {
    let id = LiveNames::of(world).project(name).map_err(|misfit| EditError::not_found(&misfit))?;
    let missing = || EditError::not_found(&Misfit::new(format!("there is no project `{name}`")));
    world.project(id).ok_or_else(missing)
}

pub(super) fn find_token(world: &World, value: &str) -> Result<NamedToken, EditError> {
    world.token(value).map(|token| (value.into(), token)).ok_or_else(|| {
        let present = world.tokens_after(None, MOST_COMPARED).unwrap_or_default();
        let near = nearest(value, present.iter().map(|(value, _)| &**value));
        EditError::not_found(&Misfit::new(format!("no token is named `{value}`{near}")))
    })
}

/// Says that a project is no member of an image.
pub(super) fn no_member(project: &str, image: &str) -> EditError {
    EditError::not_found(&Misfit::new(format!("`{project}` is no member of `{image}`")))
}

/// A page behind something that is gone cannot be told.
pub(super) fn gone(error: &EditError) -> EditError {
    let message = format!("{}; start again without `after`", error.message);
    EditError { kind: EditErrorKind::Wrong, at: "after".to_owned(), message }
}
