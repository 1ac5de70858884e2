//! The state a simulation starts with and works on: projects, tokens, images with their members.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::caller::Token;
use super::{Image, Settings, WholeServer};
use crate::api::{ImageId, ProjectId};

/// A project of the region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The id.
    pub id: ProjectId,
    /// The readable name, unique within the world.
    pub name: Box<str>,
    /// Whether the gateway refuses its own calls (DECISION U-31).
    pub unavailable: bool,
}

/// Everything that exists in the simulated region. Lookups go by id; lists keep the order of definition.
#[derive(Default)]
pub struct World {
    /// Limits and switches.
    pub settings: Settings,
    projects: Vec<Project>,
    projects_by_id: FxHashMap<ProjectId, usize>,
    tokens: FxHashMap<Box<str>, Token>,
    images: Vec<Arc<Image>>,
    images_by_id: FxHashMap<ImageId, usize>,
}

impl World {
    /// An empty world with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Adds a project; `false`, and nothing added, if its id is taken.
    pub fn add_project(&mut self, project: Project) -> bool {
        let place = self.projects.len();
        let free = self.projects_by_id.try_insert_free(project.id, place);
        if free {
            self.projects.push(project);
        }
        free
    }

    /// Adds an image; `false`, and nothing added, if its id is taken.
    pub fn add_image(&mut self, image: Image) -> bool {
        let free = self.images_by_id.try_insert_free(image.id, self.images.len());
        if free {
            self.images.push(Arc::new(image));
        }
        free
    }

    /// Adds a token under the value that clients send; `false`, and nothing added, if it is taken.
    pub fn add_token(&mut self, value: &str, token: Token) -> bool {
        self.tokens.try_insert_free(value.into(), token)
    }

    /// The project with this id.
    #[must_use]
    pub fn project(&self, id: ProjectId) -> Option<&Project> {
        self.projects_by_id.get(&id).map(|place| &self.projects[*place])
    }

    /// The image with this id.
    #[must_use]
    pub fn image(&self, id: ImageId) -> Option<&Arc<Image>> {
        self.images_by_id.get(&id).map(|place| &self.images[*place])
    }

    /// The token with this value.
    #[must_use]
    pub fn token(&self, value: &str) -> Option<&Token> {
        self.tokens.get(value)
    }

    /// All projects, in the order in which they were defined.
    #[must_use]
    pub fn projects(&self) -> &[Project] {
        &self.projects
    }

    /// All images, in the order in which they were defined.
    #[must_use]
    pub fn images(&self) -> &[Arc<Image>] {
        &self.images
    }

    /// How many members an image may have (DECISION U-12).
    #[must_use]
    pub fn member_limit(&self, image: &Image) -> usize {
        match image.facts.whole_server {
            WholeServer::No => self.settings.image_members,
            WholeServer::Cbr | WholeServer::Other => self.settings.whole_server_image_members,
        }
    }

    /// The readable name of a project, or its id where it is not of this world.
    #[must_use]
    pub fn project_name(&self, id: ProjectId) -> String {
        self.project(id).map_or_else(|| id.to_string(), |project| project.name.to_string())
    }

    /// The readable name of an image, or its id where it is not of this world.
    #[must_use]
    pub fn image_name(&self, id: ImageId) -> String {
        self.image(id).map_or_else(|| id.to_string(), |image| image.name.to_string())
    }
}

/// Insertion that keeps what is already there.
trait TryInsertFree<K, V> {
    /// Inserts if the key is free, and says whether it was.
    fn try_insert_free(&mut self, key: K, value: V) -> bool;
}

impl<K: Eq + std::hash::Hash, V> TryInsertFree<K, V> for FxHashMap<K, V> {
    fn try_insert_free(&mut self, key: K, value: V) -> bool {
        match self.entry(key) {
            std::collections::hash_map::Entry::Occupied(_) => false,
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(value);
                true
            }
        }
    }
}
