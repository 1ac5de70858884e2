//! What exists in the simulated region: projects, tokens, images with their members.
//!
//! It can change while jobs run. Whoever looks something up gets it as it stood at that moment, and no
//! lock of the world outlives a lookup. A lock of an image may be held while the world is asked
//! something; the other way round would be a deadlock, so nobody locks an image within a lookup.

mod people;
mod things;

use std::sync::Arc;

use parking_lot::Mutex;

use super::administrator::Administrator;
use super::caller::Token;
use super::catalog::Catalog;
use super::history::Books;
use super::identity::{AccessKey, Region};
use super::read_mostly::ReadMostly;
use super::{Image, Settings, WholeServer};
use crate::api::{ImageId, ProjectId};
pub(super) use things::Things;

/// How many images are gathered before others may change the world; some ten microseconds.
const GATHERED_AT_ONCE: usize = 1_000;

/// A project of the region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The id.
    pub id: ProjectId,
    /// The readable name, unique within the world.
    pub name: Arc<str>,
    /// Whether the gateway refuses its own calls (DECISION U-31).
    pub unavailable: bool,
}

/// Everything that exists in the simulated region. Lookups go by id; lists keep the order of definition.
#[derive(Default)]
pub struct World {
    /// Limits and switches; they stand still.
    pub settings: Settings,
    /// Where it is, and whose.
    pub region: Region,
    things: ReadMostly<Things>,
    books: Arc<Books>,
    /// Made when the first list asks for it. Whoever makes it holds this lock, and no other for long.
    catalog: Mutex<Option<Arc<Catalog>>>,
    /// Held by whoever changes the world, so that what he has checked still holds when he acts.
    administration: Mutex<()>,
}

impl World {
    /// An empty world with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Adds a project; `false`, and nothing added, if its id or name is taken.
    pub fn add_project(&mut self, project: Project) -> bool {
        self.things.get_mut().add_project(project)
    }

    /// Adds an image; `false`, and nothing added, if its id or name is taken.
    pub fn add_image(&mut self, image: Image) -> bool {
        let memberships = image.look(None, |_, members| members.all().len()).unwrap_or_default();
        let added = self.things.get_mut().add_image(Arc::new(image));
        if added {
            self.books.note_order();
            self.books.note(0, memberships);
        }
        added
    }

    /// Adds a token under the value that clients send; `false`, and nothing added, if it is taken.
    pub fn add_token(&mut self, value: &str, token: Token) -> bool {
        self.things.get_mut().add_token(value.into(), Arc::new(token))
    }

    /// The project with this id.
    #[must_use]
    pub fn project(&self, id: ProjectId) -> Option<Project> {
        self.things.read().projects.get(&id).cloned()
    }

    /// Whether there is a project with this id.
    #[must_use]
    pub fn knows_project(&self, id: ProjectId) -> bool {
        self.things.read().projects.place(&id).is_some()
    }

    /// The image with this id.
    #[must_use]
    pub fn image(&self, id: ImageId) -> Option<Arc<Image>> {
        self.things.read().images.get(&id).cloned()
    }

    /// The images with these ids, in their order; `None` unless all exist at this moment.
    #[must_use]
    pub fn find_images(&self, ids: &[ImageId]) -> Option<Box<[Arc<Image>]>> {
        let things = self.things.read();
        ids.iter().map(|id| things.images.get(id).cloned()).collect()
    }

    /// The token of the world's own with this value.
    #[must_use]
    pub fn token(&self, value: &str) -> Option<Arc<Token>> {
        self.things.read().tokens.get(value).map(|(_, token)| Arc::clone(token))
    }

    /// Whether the world has a token of its own with this value.
    #[must_use]
    pub fn has_token(&self, value: &str) -> bool {
        self.things.read().tokens.place(value).is_some()
    }

    /// Looks at the token with this value, one of the world's own or one that was given out, and at whether its
    /// project is unavailable. It is looked at in its place, since a share of it would be counted where all
    /// threads count theirs.
    #[must_use]
    pub fn caller<T>(&self, value: &str, look: impl FnOnce(&Arc<Token>, bool) -> T) -> Option<T> {
        let things = self.things.read();
        let own = things.tokens.get(value).map(|(_, token)| token);
        let token = own.or_else(|| things.issued.get(value).map(|issued| &issued.token))?;
        let project = token.project.and_then(|id| things.projects.get(&id));
        Some(look(token, project.is_some_and(|project| project.unavailable)))
    }

    /// The project with this name.
    #[must_use]
    pub fn project_named(&self, name: &str) -> Option<ProjectId> {
        self.things.read().project_names.get(name).copied()
    }

    /// The image with this name.
    #[must_use]
    pub fn image_named(&self, name: &str) -> Option<ImageId> {
        self.things.read().image_names.get(name).copied()
    }

    /// All projects, in the order in which they were defined.
    #[must_use]
    pub fn projects(&self) -> Vec<Project> {
        self.things.read().projects.iter().cloned().collect()
    }

    /// All images, in the order in which they were defined.
    #[must_use]
    pub fn images(&self) -> Vec<Arc<Image>> {
        self.things.read().images.iter().cloned().collect()
    }

    /// At most `limit` projects behind `after`, or from the first on, in the order in which they were
    /// defined; `None` if `after` is no project of this world.
    #[must_use]
    pub fn projects_after(&self, after: Option<ProjectId>, limit: usize) -> Option<Vec<Project>> {
        self.things.read().projects.page(after.as_ref(), limit)
    }

    /// At most `limit` images behind `after`, or from the first on, in the order in which they were
    /// defined; `None` if `after` is no image of this world.
    #[must_use]
    pub fn images_after(&self, after: Option<ImageId>, limit: usize) -> Option<Vec<Arc<Image>>> {
        self.things.read().images.page(after.as_ref(), limit)
    }

    /// At most `limit` tokens behind the one with the value `after`, or from the first on, in the order
    /// in which they were defined; `None` if there is no such token.
    #[must_use]
    pub fn tokens_after(&self, after: Option<&str>, limit: usize) -> Option<Vec<NamedToken>> {
        self.things.read().tokens.page(after, limit)
    }

    /// How much there is of everything.
    #[must_use]
    pub fn size(&self) -> Size {
        let things = self.things.read();
        Size {
            projects: things.projects.len(),
            images: things.images.len(),
            tokens: things.tokens.len(),
            users: things.users.len(),
            access_keys: things.access_keys.len(),
            memberships: self.books.memberships(),
        }
    }

    /// How many members an image may have (DECISION U-12).
    #[must_use]
    pub fn member_limit(&self, whole_server: WholeServer) -> usize {
        match whole_server {
            WholeServer::No => self.settings.image_members,
            WholeServer::Cbr | WholeServer::Other => self.settings.whole_server_image_members,
        }
    }

    /// The readable name of a project, also of one that was deleted; its id where it never was of this
    /// world.
    #[must_use]
    pub fn project_name(&self, id: ProjectId) -> String {
        let name = self.things.read().project_name(id);
        name.map_or_else(|| id.to_string(), |name| name.to_string())
    }

    /// The readable name of an image, also of one that was deleted; its id where it never was of this
    /// world.
    #[must_use]
    pub fn image_name(&self, id: ImageId) -> String {
        let name = self.things.read().image_name(id);
        name.map_or_else(|| id.to_string(), |name| name.to_string())
    }

    /// From now on the past of every image's members is remembered, or no longer; see
    /// [`Image::members_at`]. It costs memory, so it is done only while a reader may be shown the past.
    pub fn keep_history(&self, keep: bool) {
        self.books.want_history(keep);
    }

    /// The one door through which the world is changed by hand, one at a time; readers
    /// wait for no more than a moment.
    #[must_use]
    pub fn administer(&self) -> Administrator<'_> {
        Administrator::new(self.administration.lock(), self, &self.things)
    }

    /// All images in the order of lists, as they stand now.
    pub(super) fn catalog(&self) -> Arc<Catalog> {
        let mut kept = self.catalog.lock();
        // Read first: what comes while the images are gathered makes the catalog an old one.
        let order = self.books.order();
        let present = self.things.read().images.len();
        if let Some(catalog) = kept.as_ref().filter(|kept| kept.is_of(order, present)) {
            return Arc::clone(catalog);
        }
        let (mut images, mut place) = (Vec::with_capacity(present), 0);
        loop {
            let (some, next) = self.things.read().images.from(place, GATHERED_AT_ONCE);
            if some.is_empty() {
                break;
            }
            images.extend(some);
            place = next;
        }
        let catalog = Arc::new(Catalog::new(order, images));
        *kept = Some(Arc::clone(&catalog));
        catalog
    }

    /// Forgets the catalog, which would keep what is gone.
    pub(super) fn forget_catalog(&self) {
        self.books.note_order();
        let catalog = self.catalog.lock().take();
        // Dropped only here, where no lock is held: a large one takes its time to go.
        drop(catalog);
    }

    pub(super) fn books(&self) -> &Arc<Books> {
        &self.books
    }

    pub(super) fn into_things(self) -> Things {
        self.things.into_inner()
    }
}

/// A token under the value that clients send.
pub type NamedToken = (Arc<str>, Arc<Token>);

/// An access key under its name.
pub type NamedKey = (Arc<str>, Arc<AccessKey>);

/// How much a world holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Projects.
    pub projects: usize,
    /// Images.
    pub images: usize,
    /// Tokens of its own.
    pub tokens: usize,
    /// Users.
    pub users: usize,
    /// Access keys.
    pub access_keys: usize,
    /// Memberships of all images together.
    pub memberships: usize,
}

#[cfg(test)]
mod tests;
