//! An image and its members. Contract, "Image object" and "Sharing rules and limits".

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use super::history::{Books, History};
use super::image_view;
use super::members::Undo;
#[cfg(feature = "planted-defects")]
use super::planted;
use super::rules::{self, Change, Settled};
use super::{Action, World};
use crate::api::{Code, ImageId, MemberStatus, ProjectId};
use crate::clock::SimTime;

pub use super::members::{Member, Members};
pub use crate::api::image::{Details, Tags};
pub use crate::api::image_words::ImageStatus as Status;

/// An image. What can change about it stands under a lock that is never held across a wait; no lock of
/// the world is held when it is taken.
pub struct Image {
    /// The id.
    pub id: ImageId,
    /// The readable name, unique within the world.
    pub name: Arc<str>,
    /// The project that owns it.
    pub owner: ProjectId,
    state: Mutex<State>,
}

/// What can change about an image.
pub(super) struct State {
    pub(super) facts: Facts,
    pub(super) members: Members,
    /// Jobs that run can still hold an image that is gone from the world.
    pub(super) deleted: bool,
    times: Times,
    /// Images that were made alike share it: a world can have a million of them.
    details: Arc<Details>,
    /// What the members were; present only while it has no gaps.
    history: Option<Box<History>>,
}

/// When an image was made, and when something about it last changed; its members do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it was made.
    pub created: SimTime,
    /// When it last changed.
    pub updated: SimTime,
}

/// An image at one moment.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// What the sharing rules ask.
    pub facts: &'a Facts,
    /// Its members.
    pub members: &'a Members,
    /// When it was made and last changed.
    pub times: Times,
    /// What else there is to say of it.
    pub details: &'a Arc<Details>,
}

/// What the rules of sharing and deleting ask about an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its status; only an `active` one can be shared.
    pub status: Status,
    /// Whether it is public (`__imagetype` `gold`).
    pub public: bool,
    /// Whether it is a marketplace image, or a private one published there (`__productcode`).
    pub marketplace: bool,
    /// Whether it is encrypted (`__system__cmkid`).
    pub encrypted: bool,
    /// Whether it is a whole-server image.
    pub whole_server: WholeServer,
    /// Whether it is protected from deletion by its owner.
    pub protected: bool,
}

/// Whether an image holds a whole server, and by which means it was made (DECISION U-13).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WholeServer {
    /// A system-disk or data-disk image.
    #[default]
    No,
    /// Made through CBR: can be shared, needs a vault to be accepted.
    Cbr,
    /// Made by older means: cannot be shared.
    Other,
}

/// What is done to an image by hand: from behind the back of those who use the service.
#[derive(Clone, Debug)]
pub struct ImageChange {
    /// Its facts from now on.
    pub facts: Facts,
    /// When it was made, and when it last changed, from now on.
    pub times: Times,
    /// What else is said of it from now on.
    pub details: Arc<Details>,
    /// Whether all members go first.
    pub clear_members: bool,
    /// Members that are set to a status, shared anew where needed, or removed.
    pub members: Vec<(ProjectId, Option<MemberStatus>)>,
}

impl Image {
    /// An image that is made and shared with its first members at `now`, and of which nothing else is said.
    #[must_use]
    pub fn new(
        id: ImageId,
        name: &str,
        owner: ProjectId,
        facts: Facts,
        members: &[(ProjectId, MemberStatus)],
        now: SimTime,
    ) -> Self {
        let state = State {
            facts,
            members: Members::shared(members, now),
            deleted: false,
            times: Times { created: now, updated: now },
            details: Arc::default(),
            history: None,
        };
        Self { id, name: name.into(), owner, state: Mutex::new(state) }
    }

    /// The image with these details.
    #[must_use]
    pub fn with_details(mut self, details: Arc<Details>) -> Self {
        self.state.get_mut().details = details;
        self
    }

    /// The image with these members, which it may have in common with others.
    #[must_use]
    pub fn with_members(mut self, members: Members) -> Self {
        self.state.get_mut().members = members;
        self
    }

    /// The image made and last changed at other times.
    #[must_use]
    pub fn with_times(mut self, times: Times) -> Self {
        self.state.get_mut().times = times;
        self
    }

    /// What the sharing rules ask about it, as it stands.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.state.lock().facts
    }

    /// Its tags as they stand.
    #[must_use]
    pub fn tags(&self) -> Tags {
        Arc::clone(&self.state.lock().details.tags)
    }

    /// What else is said of it, as it stands.
    #[must_use]
    pub fn details(&self) -> Arc<Details> {
        Arc::clone(&self.state.lock().details)
    }

    /// When it was made and last changed, as it stands.
    #[must_use]
    pub fn times(&self) -> Times {
        self.state.lock().times
    }

    /// Whether it has this tag.
    #[must_use]
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags().iter().any(|one| **one == *tag)
    }

    /// The members as they stand.
    #[must_use]
    pub fn members(&self) -> Members {
        self.state.lock().members.clone()
    }

    /// The share with one project as it stands.
    #[must_use]
    pub fn member(&self, project: ProjectId) -> Option<Member> {
        self.state.lock().members.get(project).copied()
    }

    /// The members as they stood at `time`, or the oldest that are known; see [`World::keep_history`].
    #[must_use]
    pub fn members_at(&self, time: SimTime) -> Members {
        self.state.lock().members_at(time)
    }

    /// Whether it is gone, though a job may still hold it.
    #[cfg(test)]
    pub(super) fn is_deleted(&self) -> bool {
        self.state.lock().deleted
    }

    /// Looks at facts and members of one moment, the present one unless `as_of` names a past one; facts
    /// are always those of the present. `None` if the image is gone.
    ///
    /// The image is locked meanwhile: jobs that work on it wait for `view`.
    pub fn look<T>(
        &self,
        as_of: Option<SimTime>,
        view: impl FnOnce(&Facts, &Members) -> T,
    ) -> Option<T> {
        self.see(as_of, |sight| view(sight.facts, sight.members))
    }

    /// As [`Image::look`], at all that can be seen of the image.
    pub fn see<T>(&self, as_of: Option<SimTime>, view: impl FnOnce(&Sight<'_>) -> T) -> Option<T> {
        let state = self.state.lock();
        if state.deleted {
            return None;
        }
        let past = as_of.filter(|_| state.history.is_some()).map(|time| state.members_at(time));
        let members = past.as_ref().unwrap_or(&state.members);
        let State { facts, times, details, .. } = &*state;
        Some(view(&Sight { facts, members, times: *times, details }))
    }

    /// Carries out one pair of a batch: decides by the rules and changes the members, in one step.
    ///
    /// Only an image worker may call this; a test of the layout holds it.
    pub(super) fn settle_pair(
        &self,
        action: &Action,
        caller: ProjectId,
        project: ProjectId,
        world: &World,
        now: SimTime,
    ) -> Settled {
        let mut state = self.state.lock();
        let settled = rules::decide(self, &state, action, caller, project, world);
        let change = settled.change;
        #[cfg(feature = "planted-defects")]
        let change = planted::instead_of(change, self.id, project, state.members.get(project));
        state.make(change, project, now, world.books());
        settled
    }

    /// Carries out a native call on one member: decides and changes the members, in one step, and gives
    /// the share as it then stands.
    ///
    /// Only the native calls may call this; a test of the layout holds it.
    pub(super) fn change_at_once(
        &self,
        decide: impl FnOnce(&State) -> Result<(ProjectId, Change), Code>,
        now: SimTime,
        books: &Arc<Books>,
    ) -> Result<(ProjectId, Change, Option<Member>), Code> {
        let mut state = self.state.lock();
        let (project, change) = decide(&state)?;
        state.make(change, project, now, books);
        Ok((project, change, state.members.get(project).copied()))
    }

    /// Changes the image from behind the client's back, in one step; gives what was done to each of the
    /// members that were named. Of an image that is gone nothing changes.
    ///
    /// Only the world's administrator may call this; a test of the layout holds it.
    pub(super) fn change_by_hand(
        &self,
        change: ImageChange,
        now: SimTime,
        books: &Arc<Books>,
    ) -> Vec<Change> {
        let mut state = self.state.lock();
        if state.deleted {
            return Vec::new();
        }
        state.facts = change.facts;
        state.times = change.times;
        state.details = change.details;
        if change.clear_members {
            books.note(state.members.all().len(), 0);
            // From the last on, so that the others need not move up.
            while let Some(undo) = state.members.pop() {
                state.remember(undo, now, books);
            }
        }
        let members = change.members.into_iter();
        members.map(|(project, status)| state.set(project, status, now, books)).collect()
    }

    /// Marks the image as gone; its members vanish with it. `false` if it was gone before.
    pub(super) fn delete(&self, books: &Books) -> bool {
        self.delete_unless(|state| if state.deleted { Err(()) } else { Ok(()) }, books).is_ok()
    }

    /// Marks the image as gone unless something is against it, in one step; says how many members
    /// vanished with it.
    pub(super) fn delete_unless<E>(
        &self,
        against: impl FnOnce(&State) -> Result<(), E>,
        books: &Books,
    ) -> Result<usize, E> {
        let mut state = self.state.lock();
        against(&state)?;
        let members = std::mem::take(&mut state.members).all().len();
        books.note(members, 0);
        state.history = None;
        state.deleted = true;
        Ok(members)
    }
}

impl State {
    /// Whether a project finds the image by its id.
    pub(super) fn is_found_by(&self, image: &Image, project: ProjectId) -> bool {
        !self.deleted && image_view::is_found(image, &self.facts, &self.members, project)
    }

    fn members_at(&self, time: SimTime) -> Members {
        let mut members = self.members.clone();
        if let Some(history) = &self.history {
            history.rewind(&mut members, time);
        }
        members
    }

    fn make(&mut self, change: Change, project: ProjectId, now: SimTime, books: &Arc<Books>) {
        let before = self.members.all().len();
        if let Some(undo) = self.members.make(change, project, now) {
            books.note(before, self.members.all().len());
            self.remember(undo, now, books);
        }
    }

    /// Every change to the members passes here, so that the history has no gaps.
    fn remember(&mut self, undo: Undo, now: SimTime, books: &Arc<Books>) {
        if !books.history_is_wanted() {
            self.history = None;
            return;
        }
        let history = self.history.get_or_insert_with(|| Box::new(History::new(books)));
        if !history.record(now, undo) {
            self.history = None;
        }
    }

    fn set(
        &mut self,
        project: ProjectId,
        status: Option<MemberStatus>,
        now: SimTime,
        books: &Arc<Books>,
    ) -> Change {
        let present = self.members.get(project).map(|member| member.status);
        let change = match (present, status) {
            (None, None) => Change::Nothing,
            (Some(_), None) => Change::Removed,
            (Some(present), Some(status)) if present == status => Change::Nothing,
            (Some(_), Some(status)) => Change::SetTo(status),
            (None, Some(_)) => Change::Added,
        };
        self.make(change, project, now, books);
        if let (Change::Added, Some(status)) = (change, status)
            && status != MemberStatus::Pending
        {
            self.make(Change::SetTo(status), project, now, books);
        }
        change
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
