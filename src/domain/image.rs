//! An image and its members. Contract, "Image object" and "Sharing rules and limits".

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use super::history::{Books, History};
use super::members::Undo;
use super::rules::{self, Change, Settled};
use super::{Action, World};
use crate::api::{ImageId, MemberStatus, ProjectId};
use crate::clock::SimTime;

pub use super::members::{Member, Members};

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
    tags: Tags,
    /// What the members were; present only while it has no gaps.
    history: Option<Box<History>>,
}

/// The tags of an image; images that were made alike share them.
pub type Tags = Arc<[Box<str>]>;

/// What the sharing rules ask about an image.
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
}

/// The status of an image. Contract, "`GET /v2/cloudimages`".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Waits for its data.
    Queued,
    /// Its data is being written.
    Saving,
    /// Deleted, not yet gone.
    Deleted,
    /// Its upload failed.
    Killed,
    /// Usable.
    #[default]
    Active,
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
    /// Its tags from now on.
    pub tags: Tags,
    /// Whether all members go first.
    pub clear_members: bool,
    /// Members that are set to a status, shared anew where needed, or removed.
    pub members: Vec<(ProjectId, Option<MemberStatus>)>,
}

impl Image {
    /// An image with its first members, shared at `now`, and without tags.
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
            tags: Tags::default(),
            history: None,
        };
        Self { id, name: name.into(), owner, state: Mutex::new(state) }
    }

    /// The image with these tags.
    #[must_use]
    pub fn with_tags(mut self, tags: Tags) -> Self {
        self.state.get_mut().tags = tags;
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
        Arc::clone(&self.state.lock().tags)
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
        let state = self.state.lock();
        if state.deleted {
            return None;
        }
        let past = as_of.map(|time| state.members_at(time));
        Some(view(&state.facts, past.as_ref().unwrap_or(&state.members)))
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
        state.make(settled.change, project, now, world.books());
        settled
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
        state.tags = change.tags;
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
        let mut state = self.state.lock();
        if state.deleted {
            return false;
        }
        books.note(state.members.all().len(), 0);
        state.members = Members::default();
        state.history = None;
        state.deleted = true;
        true
    }
}

impl State {
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
