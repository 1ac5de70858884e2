//! The names of a world as it stands, for rules that name its things.

use std::cell::OnceCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use wildmatch::WildMatch;

use super::problem::{MOST_COMPARED, Misfit, nearest};
use crate::api::{ImageId, ProjectId};
use crate::domain::{Image, World};

/// Resolves what rules name. Unlike a request, which may name what does not exist to see the refusal, a
/// rule about something that does not exist could never fire.
pub struct WorldNames<'w> {
    world: &'w World,
    /// Made when the first name is asked for, since most plans name little or nothing.
    images: OnceCell<Images>,
}

/// The images of a world, in the order in which they were defined, and by name.
struct Images {
    all: Vec<Arc<Image>>,
    by_name: FxHashMap<Arc<str>, ImageId>,
}

impl<'w> WorldNames<'w> {
    /// The names of a world.
    #[must_use]
    pub fn of(world: &'w World) -> Self {
        Self { world, images: OnceCell::new() }
    }

    fn images(&self) -> &Images {
        self.images.get_or_init(|| {
            let all = self.world.images();
            let by_name = all.iter().map(|image| (Arc::clone(&image.name), image.id)).collect();
            Images { all, by_name }
        })
    }

    /// The image with this name or id.
    pub(super) fn image(&self, name: &str) -> Result<ImageId, Misfit> {
        let by_id = || ImageId::parse(name).filter(|id| self.world.image(*id).is_some());
        let found = self.images().by_name.get(name).copied().or_else(by_id);
        found.ok_or_else(|| {
            Misfit::new(format!("no image is named `{name}` or has this id{}", self.near(name)))
        })
    }

    /// What an image is called.
    pub(super) fn called(&self, image: ImageId) -> Box<str> {
        self.world.image_name(image).into()
    }

    /// A pattern that at least one image's name is like.
    pub(super) fn image_pattern(&self, pattern: &str) -> Result<WildMatch, Misfit> {
        let compiled = super::pattern::pattern(pattern).map_err(Misfit::new)?;
        if self.images().all.iter().any(|image| compiled.matches(&image.name)) {
            return Ok(compiled);
        }
        let near = self.near(pattern);
        Err(Misfit::new(format!("no image has a name like `{pattern}`{near}")))
    }

    /// The nearest name, in the order in which the images were defined.
    fn near(&self, name: &str) -> String {
        let compared = self.images().all.iter().take(MOST_COMPARED);
        nearest(name, compared.map(|image| &*image.name))
    }

    /// Makes sure that some image has this tag.
    pub(super) fn tag(&self, tag: &str) -> Result<(), Misfit> {
        let images = &self.images().all;
        if images.iter().any(|image| image.has_tag(tag)) {
            return Ok(());
        }
        let tags: Vec<_> = images.iter().take(MOST_COMPARED).map(|image| image.tags()).collect();
        let near = nearest(tag, tags.iter().flat_map(|tags| tags.iter()).map(|tag| &**tag));
        Err(Misfit::new(format!("no image has the tag `{tag}`{near}")))
    }

    /// The project with this name or id.
    pub(super) fn project(&self, name: &str) -> Result<ProjectId, Misfit> {
        let by_id = || ProjectId::parse(name).filter(|id| self.world.knows_project(*id));
        self.world.project_named(name).or_else(by_id).ok_or_else(|| {
            let compared = self.world.projects_after(None, MOST_COMPARED).unwrap_or_default();
            let near = nearest(name, compared.iter().map(|project| &*project.name));
            Misfit::new(format!("no project is named `{name}` or has this id{near}"))
        })
    }
}
