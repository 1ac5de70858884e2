//! The things of a world by their ids and by their names; what stands behind the world's lock.

use std::collections::{BTreeSet, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::Image;
use super::super::caller::Token;
use super::super::identity::{AccessKey, IssuedTokens, User};
use super::super::shelf::Shelf;
use super::{NamedKey, NamedToken, Project};
use crate::api::{ImageId, ProjectId, UserId};

/// How many names of things that are gone are kept, of each kind; some ten megabytes. They are for the
/// record of a run alone: what comes later is named by its id.
const FORMER_NAMES: usize = 100_000;

/// Projects, images, tokens, users and their access keys.
#[derive(Default)]
pub(in super::super) struct Things {
    pub(in super::super) projects: Shelf<ProjectId, Project>,
    pub(super) project_names: FxHashMap<Arc<str>, ProjectId>,
    pub(in super::super) images: Shelf<ImageId, Arc<Image>>,
    pub(super) image_names: FxHashMap<Arc<str>, ImageId>,
    pub(in super::super) tokens: Shelf<Arc<str>, NamedToken>,
    /// The places of the tokens that are tied to a project, to find them when the project goes.
    tied: BTreeSet<(ProjectId, u64)>,
    pub(in super::super) users: Shelf<Arc<str>, Arc<User>>,
    pub(super) user_ids: FxHashMap<UserId, Arc<str>>,
    pub(in super::super) access_keys: Shelf<Arc<str>, NamedKey>,
    pub(super) issued: IssuedTokens,
    former_projects: Former<ProjectId>,
    former_images: Former<ImageId>,
}

/// What things were called that are gone, the newest ones.
struct Former<K> {
    names: FxHashMap<K, Arc<str>>,
    order: VecDeque<K>,
}

impl<K> Default for Former<K> {
    fn default() -> Self {
        Self { names: FxHashMap::default(), order: VecDeque::new() }
    }
}

impl<K: Copy + Eq + Hash> Former<K> {
    fn remember(&mut self, id: K, name: &Arc<str>) {
        if self.names.insert(id, Arc::clone(name)).is_none() {
            self.order.push_back(id);
        }
        if self.order.len() > FORMER_NAMES
            && let Some(oldest) = self.order.pop_front()
        {
            self.names.remove(&oldest);
        }
    }
}

impl Things {
    pub(in super::super) fn add_project(&mut self, project: Project) -> bool {
        if self.holder_of_project(project.id, &project.name).is_some() {
            return false;
        }
        self.project_names.insert(Arc::clone(&project.name), project.id);
        self.projects.put(project.id, project).is_some()
    }

    /// The project that has this id or this name.
    pub(in super::super) fn holder_of_project(
        &self,
        id: ProjectId,
        name: &str,
    ) -> Option<&Project> {
        let named = || self.projects.get(self.project_names.get(name)?);
        self.projects.get(&id).or_else(named)
    }

    pub(in super::super) fn add_image(&mut self, image: Arc<Image>) -> bool {
        if self.holder_of_image(image.id, &image.name).is_some() {
            return false;
        }
        self.image_names.insert(Arc::clone(&image.name), image.id);
        self.images.put(image.id, image).is_some()
    }

    /// The image that has this id or this name.
    pub(in super::super) fn holder_of_image(&self, id: ImageId, name: &str) -> Option<&Arc<Image>> {
        let named = || self.images.get(self.image_names.get(name)?);
        self.images.get(&id).or_else(named)
    }

    pub(in super::super) fn add_token(&mut self, value: Arc<str>, token: Arc<Token>) -> bool {
        let project = token.project;
        let place = self.tokens.put(Arc::clone(&value), (value, token));
        self.tied.extend(project.zip(place));
        place.is_some()
    }

    /// Puts another token under a value that is there, at the same place in the order.
    pub(in super::super) fn replace_token(&mut self, value: &str, token: Token) -> bool {
        let Some(place) = self.tokens.place(value) else { return false };
        let Some((value, present)) = self.tokens.get(value).cloned() else { return false };
        if let Some(project) = present.project {
            self.tied.remove(&(project, place));
        }
        self.tied.extend(token.project.map(|project| (project, place)));
        self.tokens.replace(&*Arc::clone(&value), (value, Arc::new(token)))
    }

    pub(in super::super) fn remove_token(&mut self, value: &str) -> bool {
        let Some((place, (_, token))) = self.tokens.take(value) else { return false };
        if let Some(project) = token.project {
            self.tied.remove(&(project, place));
        }
        true
    }

    pub(in super::super) fn add_user(&mut self, user: Arc<User>) -> bool {
        if self.holder_of_user(user.id, &user.name).is_some() {
            return false;
        }
        self.user_ids.insert(user.id, Arc::clone(&user.name));
        self.users.put(Arc::clone(&user.name), user).is_some()
    }

    /// The user who has this id or this name.
    pub(in super::super) fn holder_of_user(&self, id: UserId, name: &str) -> Option<&Arc<User>> {
        let with_id = self.user_ids.get(&id).and_then(|name| self.users.get(name));
        with_id.or_else(|| self.users.get(name))
    }

    /// Takes a user away with the tokens that were given to him.
    pub(in super::super) fn remove_user(&mut self, name: &str) -> bool {
        let Some((_, user)) = self.users.take(name) else { return false };
        self.user_ids.remove(&user.id);
        self.issued.forget(|issued| issued.user.id == user.id);
        true
    }

    pub(in super::super) fn add_access_key(&mut self, name: Arc<str>, key: Arc<AccessKey>) -> bool {
        self.access_keys.put(Arc::clone(&name), (name, key)).is_some()
    }

    /// Takes a project away with the tokens that are tied to it; they are counted.
    pub(in super::super) fn remove_project(&mut self, id: ProjectId) -> Option<usize> {
        let (_, project) = self.projects.take(&id)?;
        self.project_names.remove(&project.name);
        self.former_projects.remember(id, &project.name);
        let places = self.tied.range((id, 0)..=(id, u64::MAX)).map(|(_, place)| *place);
        let tied = places.filter_map(|place| Some(Arc::clone(&self.tokens.at(place)?.0)));
        let tied: Vec<Arc<str>> = tied.collect();
        let given = self.issued.forget(|issued| issued.token.project == Some(id));
        Some(given + tied.iter().filter(|value| self.remove_token(value)).count())
    }

    pub(in super::super) fn remove_image(&mut self, id: ImageId) -> bool {
        let Some((_, image)) = self.images.take(&id) else { return false };
        self.image_names.remove(&image.name);
        self.former_images.remember(id, &image.name);
        true
    }

    /// Takes over the names that another world knew, for what this one does not have.
    pub(in super::super) fn remember_names_of(&mut self, other: &Self) {
        for id in &other.former_projects.order {
            self.former_projects.remember(*id, &other.former_projects.names[id]);
        }
        for project in other.projects.iter() {
            if self.projects.place(&project.id).is_none() {
                self.former_projects.remember(project.id, &project.name);
            }
        }
        for id in &other.former_images.order {
            self.former_images.remember(*id, &other.former_images.names[id]);
        }
        for image in other.images.iter() {
            if self.images.place(&image.id).is_none() {
                self.former_images.remember(image.id, &image.name);
            }
        }
    }

    pub(super) fn project_name(&self, id: ProjectId) -> Option<Arc<str>> {
        let present = self.projects.get(&id).map(|project| &project.name);
        present.or_else(|| self.former_projects.names.get(&id)).cloned()
    }

    pub(super) fn image_name(&self, id: ImageId) -> Option<Arc<str>> {
        let present = self.images.get(&id).map(|image| &image.name);
        present.or_else(|| self.former_images.names.get(&id)).cloned()
    }
}
