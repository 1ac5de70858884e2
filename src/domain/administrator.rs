//! Changes to a world by hand: from behind the back of those who use the service.

use std::hash::Hash;
use std::sync::Arc;

use parking_lot::MutexGuard;

use super::caller::Token;
use super::image::{ImageChange, State};
use super::read_mostly::ReadMostly;
use super::rules::Change;
use super::shelf::Shelf;
use super::world::{Project, Things};
use super::{Image, World};
use crate::api::{ImageId, ProjectId};
use crate::clock::SimTime;

/// How many things are added before readers get their turn; some hundred microseconds.
const ADDED_AT_ONCE: usize = 1_000;

/// Leave to change a world; there is one for each world at a time, see [`World::administer`].
///
/// Apart from image workers, who settle pairs, and from native calls about members nobody else changes
/// anything: what was looked up while holding this, members aside, still stands. An owner who deletes his
/// image through the service waits for it, too.
pub struct Administrator<'w> {
    world: &'w World,
    things: &'w ReadMostly<Things>,
    _alone: MutexGuard<'w, ()>,
}

/// Something that was to be added and cannot be, since another thing has its id or its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What it is.
    pub kind: Kind,
    /// The name that it was to have; of a token the value.
    pub name: Arc<str>,
    /// The id that it was to have; of a token the value.
    pub id: String,
    /// The name of the thing that is in its way.
    pub by: Arc<str>,
}

/// A kind of thing in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A project.
    Project,
    /// An image.
    Image,
    /// A token.
    Token,
    /// A user.
    User,
    /// An access key.
    AccessKey,
}

impl<'w> Administrator<'w> {
    pub(super) const fn new(
        alone: MutexGuard<'w, ()>,
        world: &'w World,
        things: &'w ReadMostly<Things>,
    ) -> Self {
        Self { world, things, _alone: alone }
    }

    /// Adds all that another world holds, behind what is there; its settings do not matter. Readers can
    /// meet a part of it before the rest.
    ///
    /// # Errors
    /// If an id or a name is taken; then nothing is added.
    pub fn add(&self, more: World) -> Result<(), Taken> {
        let memberships = more.size().memberships;
        let more = more.into_things();
        // What is free stays free: nobody else adds anything.
        is_free(&self.things.read(), &more)?;
        // Counted before anyone can find them and take a membership away.
        self.world.books().note(0, memberships);
        self.put_all(more.projects, |things, project| things.add_project(project));
        self.put_all(more.images, |things, image| things.add_image(image));
        self.world.books().note_order();
        self.put_all(more.tokens, |things, (value, token)| things.add_token(value, token));
        self.put_all(more.users, |things, user| things.add_user(user));
        self.put_all(more.access_keys, |things, (name, key)| things.add_access_key(name, key));
        Ok(())
    }

    fn put_all<K: Eq + Hash, V: Clone>(
        &self,
        more: Shelf<K, V>,
        put: impl Fn(&mut Things, V) -> bool,
    ) {
        let mut more = more.into_things();
        loop {
            let mut things = self.things.write();
            let some = more.by_ref().take(ADDED_AT_ONCE);
            if some.map(|thing| put(&mut things, thing)).count() < ADDED_AT_ONCE {
                return;
            }
        }
    }

    /// Makes a project available or unavailable; `false` if there is none with this id.
    pub fn set_unavailable(&self, id: ProjectId, unavailable: bool) -> bool {
        let mut things = self.things.write();
        let project = things.projects.get(&id).cloned();
        project
            .is_some_and(|project| things.projects.replace(&id, Project { unavailable, ..project }))
    }

    /// Puts another token under a value; `false` if there is none with that value.
    pub fn replace_token(&self, value: &str, token: Token) -> bool {
        self.things.write().replace_token(value, token)
    }

    /// Changes an image in one step, and says what was done to the members that the change names, in
    /// their order; `None` if there is none with this id.
    pub fn change_image(
        &self,
        id: ImageId,
        change: ImageChange,
        now: SimTime,
    ) -> Option<Vec<Change>> {
        let image = self.world.image(id)?;
        let moves = image.times().created != change.times.created;
        let done = image.change_by_hand(change, now, self.world.books());
        if moves {
            self.world.books().note_order();
        }
        Some(done)
    }

    /// Deletes a project and the tokens that are tied to it, which are counted; `None` if there is none
    /// with this id.
    ///
    /// It is unknown from then on, so nothing more can be shared with it. What was shared with it stays
    /// so, and its images stay its own: the service does not clean up after a project either.
    pub fn delete_project(&self, id: ProjectId) -> Option<usize> {
        self.things.write().remove_project(id)
    }

    /// Deletes an image; its members vanish with it, and jobs that run see it as missing. `false` if
    /// there is none with this id.
    pub fn delete_image(&self, id: ImageId) -> bool {
        // An image is gone before the world forgets it: a pair that is settled in between fails, where
        // the other way round it could succeed after a reader was told that there is no such image.
        let deleted = self.world.image(id).is_some_and(|image| image.delete(self.world.books()));
        deleted && self.things.write().remove_image(id)
    }

    /// Deletes an image unless something is against it, and says how many members vanished with it.
    pub(super) fn delete_image_unless<E>(
        &self,
        image: &Image,
        against: impl FnOnce(&State) -> Result<(), E>,
    ) -> Result<usize, E> {
        let members = image.delete_unless(against, self.world.books())?;
        self.things.write().remove_image(image.id);
        Ok(members)
    }

    /// Deletes a token; `false` if there is none with this value.
    pub fn delete_token(&self, value: &str) -> bool {
        self.things.write().remove_token(value)
    }

    /// Deletes a user and the tokens that were given to him; `false` if there is none with this name.
    pub fn delete_user(&self, name: &str) -> bool {
        self.things.write().remove_user(name)
    }

    /// Deletes an access key; `false` if there is none with this name.
    pub fn delete_access_key(&self, name: &str) -> bool {
        self.things.write().access_keys.take(name).is_some()
    }

    /// Puts what another world holds in the place of everything; settings stay as they are. Jobs that
    /// run see the images they hold as missing, even where the new world has one with the same id.
    pub fn replace_all(&self, other: World) {
        for image in self.world.images() {
            image.delete(self.world.books());
        }
        let memberships = other.size().memberships;
        let mut other = other.into_things();
        // Copying names takes its time, and readers need not wait for it: nobody else changes things.
        other.remember_names_of(&self.things.read());
        self.world.books().note(0, memberships);
        let before = std::mem::replace(&mut *self.things.write(), other);
        self.world.forget_catalog();
        // Dropped only here, where no lock is held: a large world takes its time to go.
        drop(before);
    }
}

/// The first thing of `more` that is in the way of one that is there.
fn is_free(things: &Things, more: &Things) -> Result<(), Taken> {
    let taken = |kind, name: &Arc<str>, id: String, by: &Arc<str>| {
        Err(Taken { kind, name: Arc::clone(name), id, by: Arc::clone(by) })
    };
    for new in more.projects.iter() {
        if let Some(by) = things.holder_of_project(new.id, &new.name) {
            return taken(Kind::Project, &new.name, new.id.to_string(), &by.name);
        }
    }
    for new in more.images.iter() {
        if let Some(by) = things.holder_of_image(new.id, &new.name) {
            return taken(Kind::Image, &new.name, new.id.to_string(), &by.name);
        }
    }
    for (value, _) in more.tokens.iter() {
        if things.tokens.place(value).is_some() {
            return taken(Kind::Token, value, value.to_string(), value);
        }
    }
    for new in more.users.iter() {
        if let Some(by) = things.holder_of_user(new.id, &new.name) {
            return taken(Kind::User, &new.name, new.id.to_string(), &by.name);
        }
    }
    for (name, _) in more.access_keys.iter() {
        if things.access_keys.place(name).is_some() {
            return taken(Kind::AccessKey, name, name.to_string(), name);
        }
    }
    Ok(())
}
