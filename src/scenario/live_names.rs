//! The names of a world that runs: what its images and projects are called at this moment.

use std::sync::Arc;

use super::names::{IMAGE_FORM, Lookup, Names, PROJECT_FORM, unknown};
use super::problem::{MOST_COMPARED, Misfit};
use crate::api::{ImageId, ProjectId};
use crate::domain::World;
use crate::domain::identity::User;

/// Resolves names against a world that runs, and before that against what is about to be added to it.
pub(super) struct LiveNames<'a> {
    world: &'a World,
    new: Option<&'a Names>,
}

impl<'a> LiveNames<'a> {
    /// The names of a world.
    pub(super) const fn of(world: &'a World) -> Self {
        Self { world, new: None }
    }

    /// The names of a world and of what is about to be added to it.
    pub(super) const fn with(world: &'a World, new: &'a Names) -> Self {
        Self { world, new: Some(new) }
    }

    fn new_projects(&self) -> impl Iterator<Item = &str> {
        self.new.into_iter().flat_map(|new| new.projects.sayable())
    }

    fn new_images(&self) -> impl Iterator<Item = &str> {
        self.new.into_iter().flat_map(|new| new.images.sayable())
    }

    /// The projects named `name-0`, `name-1` and so on, in the order of definition.
    fn numbered(&self, name: &str) -> Vec<ProjectId> {
        let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|it| it.is_ascii_digit());
        let numbered = |full: &str| {
            let rest = full.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
            rest.is_some_and(is_number)
        };
        let projects = self.world.projects().into_iter();
        projects.filter(|project| numbered(&project.name)).map(|project| project.id).collect()
    }
}

impl Lookup for LiveNames<'_> {
    fn user(&self, name: &str) -> Option<Arc<User>> {
        self.world.user(name)
    }

    fn image(&self, name: &str) -> Result<ImageId, Misfit> {
        let new = self.new.and_then(|new| new.images.named(name));
        let found = new.or_else(|| self.world.image_named(name));
        found.or_else(|| ImageId::parse(name)).ok_or_else(|| {
            let present = self.world.images_after(None, MOST_COMPARED).unwrap_or_default();
            let names = present.iter().map(|image| &*image.name);
            unknown(name, "image", IMAGE_FORM, self.new_images().chain(names))
        })
    }

    fn project(&self, name: &str) -> Result<ProjectId, Misfit> {
        let new = self.new.and_then(|new| new.projects.named(name));
        let found = new.or_else(|| self.world.project_named(name));
        found.or_else(|| ProjectId::parse(name)).ok_or_else(|| {
            let present = self.world.projects_after(None, MOST_COMPARED).unwrap_or_default();
            let names: Vec<Arc<str>> = present.into_iter().map(|project| project.name).collect();
            let names = self.new_projects().chain(names.iter().map(|name| &**name));
            unknown(name, "project", PROJECT_FORM, names)
        })
    }

    fn projects_of(&self, name: &str) -> Result<Vec<ProjectId>, Misfit> {
        let new = self.new.and_then(|new| new.projects.many(name));
        let numbered = || name.strip_suffix("-*").map(|name| self.numbered(name));
        match new.or_else(numbered) {
            Some(many) if !many.is_empty() => Ok(many),
            _ => Ok(vec![self.project(name)?]),
        }
    }
}
