//! The checks before a job exists. Contract, "Checks before a job exists", numbers 4 to 9; authentication,
//! permission and scope, numbers 1 to 3, are in [`super::caller`].

use std::sync::Arc;

use super::{Action, Batch, Image, World};
use crate::api::batch::{self, Element, IdList, SharingBody, UpdateBody};
use crate::api::{Code, ImageId, Operation, ProjectId};
use crate::seed::{self, KeyHasher, Keyed};

/// A body that has the right form (checks 4 and 5 passed), not yet held against the world.
#[derive(Clone, Debug)]
pub struct ReadBatch {
    images: IdList<ImageId>,
    projects: Projects,
    action: Action,
    /// Whether a field that only later editions know is in use.
    later_fields: bool,
}

#[derive(Clone, Debug)]
enum Projects {
    /// POST and DELETE name the recipients.
    Listed(IdList<ProjectId>),
    /// PUT names the recipient that decides.
    Own(Element<ProjectId>),
}

/// Reads the body of a batch operation; `limit` is the most different ids in one list.
///
/// # Errors
/// IMG.0007 without a body; IMG.0001 unless it is an object of the right form within the limit.
pub fn read_batch(operation: Operation, body: &[u8], limit: usize) -> Result<ReadBatch, Code> {
    if body.is_empty() {
        return Err(Code::Img0007);
    }
    let read = match operation {
        Operation::UpdateMembers => batch::read(body).and_then(read_update),
        Operation::AddMembers => batch::read(body).map(|body| read_sharing(body, Action::Add)),
        Operation::DeleteMembers => {
            batch::read(body).map(|body| read_sharing(body, Action::Delete))
        }
        // No other operation carries a batch.
        _ => None,
    };
    read.filter(|read| read.longest_list() <= limit).ok_or(Code::Img0001)
}

fn read_sharing(body: SharingBody, action: Action) -> ReadBatch {
    let later_fields = in_use(body.domains) | in_use(body.organizations);
    ReadBatch {
        images: body.images,
        projects: Projects::Listed(body.projects),
        action,
        later_fields,
    }
}

fn in_use<T>(field: Option<Vec<T>>) -> bool {
    field.is_some_and(|list| !list.is_empty())
}

/// `None` for a vault that is named but empty.
fn read_update(body: UpdateBody) -> Option<ReadBatch> {
    if body.vault_id.as_deref() == Some("") {
        return None;
    }
    let vault = body.vault_id.map(String::into_boxed_str);
    let action = Action::Update { decision: body.status, vault };
    let projects = Projects::Own(body.project_id);
    let later_fields = in_use(body.domains) | in_use(body.organizations);
    Some(ReadBatch { images: body.images, projects, action, later_fields })
}

impl ReadBatch {
    fn longest_list(&self) -> usize {
        match &self.projects {
            Projects::Listed(projects) => self.images.distinct().max(projects.distinct()),
            Projects::Own(_) => self.images.distinct(),
        }
    }

    /// The images in request order; `None` in the place of what is no image id.
    pub fn image_ids(&self) -> impl Iterator<Item = Option<ImageId>> {
        self.images.elements().iter().map(Element::id)
    }

    /// The projects in request order; `None` in the place of what is no project id.
    pub fn project_ids(&self) -> impl Iterator<Item = Option<ProjectId>> {
        let (listed, own) = match &self.projects {
            Projects::Listed(list) => (list.elements(), None),
            Projects::Own(own) => (&[] as &[_], Some(own)),
        };
        listed.iter().chain(own).map(Element::id)
    }

    /// The project that decides, where the body names one.
    #[must_use]
    pub fn deciding_project(&self) -> Option<ProjectId> {
        match &self.projects {
            Projects::Listed(_) => None,
            Projects::Own(own) => own.id(),
        }
    }

    /// The hash of the de-duplicated body, the part of a key that stands for what was asked.
    #[must_use]
    pub fn canonical_hash(&self) -> u128 {
        seed::hash_of(self)
    }

    /// Holds the body against the world: checks 6 to 9.
    ///
    /// # Errors
    /// IMG.0105, IMG.0066, IMG.0067 or IMG.0030, the first that applies.
    pub fn resolve(self, world: &World, caller: ProjectId) -> Result<Batch, Code> {
        if self.later_fields {
            return Err(Code::Img0105);
        }
        let images = resolve_images(&self.images, world).ok_or(Code::Img0066)?;
        let projects: Box<[ProjectId]> = match self.projects {
            Projects::Listed(list) => list.ids().ok_or(Code::Img0067)?.into(),
            Projects::Own(Element::Malformed(_)) => return Err(Code::Img0067),
            Projects::Own(Element::Id(own)) if own != caller => return Err(Code::Img0030),
            Projects::Own(Element::Id(own)) => [own].into(),
        };
        Ok(Batch { caller, action: self.action, images, projects })
    }
}

/// Existing is enough here: whose the image is, and whether he may, is asked pair by pair in the job.
fn resolve_images(list: &IdList<ImageId>, world: &World) -> Option<Box<[Arc<Image>]>> {
    world.find_images(&list.ids()?)
}

impl Keyed for ReadBatch {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        self.images.elements().feed(hasher);
        match &self.projects {
            Projects::Listed(list) => list.elements().feed(hasher),
            Projects::Own(own) => own.feed(hasher),
        }
        if let Action::Update { decision, vault } = &self.action {
            hasher.write(&[*decision as u8]);
            vault.as_deref().feed(hasher);
        }
    }
}

#[cfg(test)]
mod tests;
