//! What stands in queries and bodies for things of the world: names, or ids.

use super::answer::AdminError;
use super::query::one_of;
use crate::api::{ImageId, JobId, Operation, ProjectId};
use crate::domain::World;
use crate::scenario::problem::{MOST_COMPARED, nearest};

/// The project with this name or id.
pub(super) fn project(world: &World, at: &str, text: &str) -> Result<ProjectId, AdminError> {
    let by_id = || ProjectId::parse(text).filter(|id| world.knows_project(*id));
    world.project_named(text).or_else(by_id).ok_or_else(|| {
        let projects = world.projects_after(None, MOST_COMPARED).unwrap_or_default();
        let near = nearest(text, projects.iter().map(|project| &*project.name));
        AdminError::at(at, format!("no project has the name or the id `{text}`{near}"))
    })
}

/// The image with this name or id. An id counts even if no image has it: a call may have named it.
pub(super) fn image(world: &World, at: &str, text: &str) -> Result<ImageId, AdminError> {
    world.image_named(text).or_else(|| ImageId::parse(text)).ok_or_else(|| {
        let images = world.images_after(None, MOST_COMPARED).unwrap_or_default();
        let near = nearest(text, images.iter().map(|image| &*image.name));
        AdminError::at(at, format!("no image is named `{text}`, and it is no UUID{near}"))
    })
}

/// A job's id; whether there is such a job is asked later.
pub(super) fn job(at: &str, text: &str) -> Result<JobId, AdminError> {
    let right = "the id of a job is 32 hex digits";
    JobId::parse(text).ok_or_else(|| AdminError::at(at, format!("found `{text}`; {right}")))
}

/// The operation with this name.
pub(super) fn operation(text: &str) -> Result<Operation, String> {
    one_of(&Operation::ALL, Operation::name, text)
}
