//! The names of a world as it stands, for rules that name its things.

use std::cell::OnceCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use wildmatch::WildMatch;

use super::problem::{Misfit, nearest};
use crate::api::{ImageId, ProjectId};
use crate::domain::{Image, World};

/// Resolves what rules name. Unlike a request, which may name what does not exist to see the refusal, a
/// rule about something that does not exist could never fire.
pub struct WorldNames<'w> {
    world: &'w World,
    /// Made when the first name is asked for, since most plans name little or nothing.
    images: OnceCell<FxHashMap<Box<str>, Arc<Image>>>,
}

impl<'w> WorldNames<'w> {
    /// The names of a world.
    #[must_use]
    pub fn of(world: &'w World) -> Self {
        Self { world, images: OnceCell::new() }
    }

    fn images(&self) -> &FxHashMap<Box<str>, Arc<Image>> {
        self.images.get_or_init(|| {
            let images = self.world.images().iter();
            images.map(|image| (image.name.clone(), Arc::clone(image))).collect()
        })
    }

    /// The image with this name or id.
    pub(super) fn image(&self, name: &str) -> Result<ImageId, Misfit> {
        if let Some(image) = self.images().get(name) {
            return Ok(image.id);
        }
        let by_id = ImageId::parse(name).filter(|id| self.world.image(*id).is_some());
        by_id.ok_or_else(|| Misfit::new(format!("no image is named `{name}` or has this id{}", self.near(name))))
    }

    /// A pattern that at least one image's name is like.
    pub(super) fn image_pattern(&self, pattern: &str) -> Result<WildMatch, Misfit> {
        let compiled = WildMatch::new(pattern);
        if self.world.images().iter().any(|image| compiled.matches(&image.name)) {
            return Ok(compiled);
        }
        let near = self.near(pattern);
        Err(Misfit::new(format!("no image has a name like `{pattern}`{near}")))
    }

    /// The nearest name, in the order in which the images were defined.
    fn near(&self, name: &str) -> String {
        nearest(name, self.world.images().iter().map(|image| &*image.name))
    }

    /// Makes sure that some image has this tag.
    pub(super) fn tag(&self, tag: &str) -> Result<(), Misfit> {
        if self.world.images().iter().any(|image| image.has_tag(tag)) {
            return Ok(());
        }
        Err(Misfit::new(format!("no image has the tag `{tag}`")))
    }

    /// The project with this name or id.
    pub(super) fn project(&self, name: &str) -> Result<ProjectId, Misfit> {
        let projects = self.world.projects();
        if let Some(project) = projects.iter().find(|project| *project.name == *name) {
            return Ok(project.id);
        }
        let by_id = ProjectId::parse(name).filter(|id| self.world.project(*id).is_some());
        by_id.ok_or_else(|| {
            let near = nearest(name, projects.iter().map(|project| &*project.name));
            Misfit::new(format!("no project is named `{name}` or has this id{near}"))
        })
    }
}
