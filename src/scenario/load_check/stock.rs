//! What the world has for a load to draw from.

use rustc_hash::{FxHashMap, FxHashSet};

use super::draws;
use crate::api::{ImageId, Operation, ProjectId};
use crate::domain::World;
use crate::scenario::load_section::MixEntry;
use crate::scenario::names::Names;
use crate::scenario::problem::Misfit;

/// Images with their owners, and projects with whether a token acts for them.
pub(super) struct Stock<'a> {
    names: &'a Names,
    owners: FxHashMap<ImageId, ProjectId>,
    projects: FxHashSet<ProjectId>,
    acting: FxHashSet<ProjectId>,
}

impl<'a> Stock<'a> {
    pub(super) fn of(names: &'a Names, world: &World) -> Self {
        let tokens = names.tokens().filter_map(|(_, project)| names.project(project?).ok());
        Self {
            names,
            owners: world.images().iter().map(|image| (image.id, image.owner)).collect(),
            projects: world.projects().iter().map(|project| project.id).collect(),
            acting: tokens.collect(),
        }
    }

    pub(super) fn owner(&self, image: ImageId) -> Option<ProjectId> {
        self.owners.get(&image).copied()
    }

    pub(super) fn has_project(&self, project: ProjectId) -> bool {
        self.projects.contains(&project)
    }

    /// Whether an operation finds what it needs among what it draws from.
    pub(super) fn can_do(&self, operation: Operation, entry: &MixEntry) -> Result<(), Misfit> {
        let name = operation.name();
        let draws = draws(operation);
        if !draws.images {
            // The versions are shown to anybody.
            let needs_nobody = operation == Operation::ListVersions;
            return if needs_nobody || !self.acting.is_empty() {
                Ok(())
            } else {
                Err(Misfit::new(format!(
                    "`{name}` needs a token with a project, and there is none"
                )))
            };
        }
        let owners = self.owners_of(entry);
        if owners.is_empty() {
            return Err(Misfit::new(format!("`{name}` needs an image, and there is none to draw")));
        }
        let by_member = matches!(operation, Operation::UpdateMembers | Operation::UpdateMember);
        let owners: FxHashSet<ProjectId> =
            if by_member { owners } else { owners.intersection(&self.acting).copied().collect() };
        if owners.is_empty() {
            let message = format!("`{name}` needs an image whose owner has a token");
            return Err(Misfit::new(message));
        }
        if !draws.projects {
            return Ok(());
        }
        let projects = self.projects_of(entry);
        let others = projects.iter().filter(|it| !by_member || self.acting.contains(*it));
        // Of two owners one is another than the project.
        let mut others = others.filter(|it| owners.len() > 1 || !owners.contains(*it));
        if others.next().is_none() {
            let with = if by_member { " and has a token" } else { "" };
            let message = format!(
                "`{name}` needs a project that does not own the image{with}; none is drawn"
            );
            return Err(Misfit::new(message));
        }
        Ok(())
    }

    /// The owners of the images that an entry draws from.
    fn owners_of(&self, entry: &MixEntry) -> FxHashSet<ProjectId> {
        match &entry.images {
            None => self.owners.values().copied().collect(),
            Some(names) => {
                let images = self.names.image_ids(names);
                images.iter().filter_map(|image| self.owner(*image)).collect()
            }
        }
    }

    /// The projects that an entry draws from.
    fn projects_of(&self, entry: &MixEntry) -> Vec<ProjectId> {
        match &entry.projects {
            None => {
                let mut all: Vec<ProjectId> = self.projects.iter().copied().collect();
                all.sort_unstable();
                all
            }
            Some(names) => self.names.project_ids(names),
        }
    }
}
