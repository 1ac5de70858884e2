//! An image and its members. Contract, "Image object" and "Sharing rules and limits".

use std::fmt;

use parking_lot::Mutex;

use super::rules::{self, Settled};
use super::{Action, World};
use crate::api::{ImageId, MemberStatus, ProjectId};
use crate::clock::SimTime;

/// An image. Its facts stand still; its members change under a lock that is never held across a wait.
pub struct Image {
    /// The id.
    pub id: ImageId,
    /// The readable name, unique within the world.
    pub name: Box<str>,
    /// The project that owns it.
    pub owner: ProjectId,
    /// What the sharing rules ask about it.
    pub facts: Facts,
    members: Mutex<Members>,
}

/// What the sharing rules ask about an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether its status is `active`.
    pub active: bool,
    /// Whether it is public (`__imagetype` `gold`).
    pub public: bool,
    /// Whether it is a marketplace image, or a private one published there (`__productcode`).
    pub marketplace: bool,
    /// Whether it is encrypted (`__system__cmkid`).
    pub encrypted: bool,
    /// Whether it is a whole-server image.
    pub whole_server: WholeServer,
}

impl Default for Facts {
    /// An active private system-disk image.
    fn default() -> Self {
        Self {
            active: true,
            public: false,
            marketplace: false,
            encrypted: false,
            whole_server: WholeServer::No,
        }
    }
}

/// Whether an image holds a whole server, and by which means it was made (DECISION U-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WholeServer {
    /// A system-disk or data-disk image.
    No,
    /// Made through CBR: can be shared, needs a vault to be accepted.
    Cbr,
    /// Made by older means: cannot be shared.
    Other,
}

/// One share of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Whom it is shared with.
    pub project: ProjectId,
    /// Where the share stands.
    pub status: MemberStatus,
    /// When it was shared.
    pub created: SimTime,
    /// When its status last changed.
    pub updated: SimTime,
}

/// The members of one image, in the order in which they were shared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    list: Vec<Member>,
}

impl Members {
    /// The share with this project.
    #[must_use]
    pub fn get(&self, project: ProjectId) -> Option<&Member> {
        self.list.iter().find(|member| member.project == project)
    }

    /// All shares, in the order in which they were made.
    #[must_use]
    pub fn all(&self) -> &[Member] {
        &self.list
    }

    pub(super) fn add(&mut self, project: ProjectId, status: MemberStatus, now: SimTime) {
        self.list.push(Member { project, status, created: now, updated: now });
    }

    pub(super) fn set_status(&mut self, project: ProjectId, status: MemberStatus, now: SimTime) {
        if let Some(member) = self.list.iter_mut().find(|member| member.project == project) {
            member.status = status;
            member.updated = now;
        }
    }

    pub(super) fn remove(&mut self, project: ProjectId) {
        self.list.retain(|member| member.project != project);
    }
}

impl Image {
    /// An image with its first members, shared at `now`.
    #[must_use]
    pub fn new(
        id: ImageId,
        name: &str,
        owner: ProjectId,
        facts: Facts,
        members: &[(ProjectId, MemberStatus)],
        now: SimTime,
    ) -> Self {
        let mut shared = Members { list: Vec::with_capacity(members.len()) };
        for (project, status) in members {
            shared.add(*project, *status, now);
        }
        Self { id, name: name.into(), owner, facts, members: Mutex::new(shared) }
    }

    /// TEMP
    pub fn has_tag(&self, _: &str) -> bool { false }

    /// The members as they stand.
    #[must_use]
    pub fn members(&self) -> Members {
        self.members.lock().clone()
    }

    /// The share with one project as it stands.
    #[must_use]
    pub fn member(&self, project: ProjectId) -> Option<Member> {
        self.members.lock().get(project).copied()
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
        let mut members = self.members.lock();
        let settled = rules::decide(self, &members, action, caller, project, world);
        rules::apply(&mut members, project, settled.change, now);
        settled
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
