//! The members of an image, and how to take a change to them back.

use super::rules::Change;
use crate::api::{MemberStatus, ProjectId};
use crate::clock::SimTime;

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

/// What takes a change back, if nothing that came after it is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undo {
    /// The last member goes.
    Pop,
    /// A member comes back to its place.
    Insert(usize, Member),
    /// A member becomes again what it was.
    Restore(usize, Member),
}

impl Members {
    /// Members shared at `now`, in this order.
    pub(super) fn shared(members: &[(ProjectId, MemberStatus)], now: SimTime) -> Self {
        let new = |(project, status): &(ProjectId, MemberStatus)| Member {
            project: *project,
            status: *status,
            created: now,
            updated: now,
        };
        Self { list: members.iter().map(new).collect() }
    }

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

    /// Makes a change to the share with this project; `None` if it changes nothing.
    pub(super) fn make(
        &mut self,
        change: Change,
        project: ProjectId,
        now: SimTime,
    ) -> Option<Undo> {
        let place = || self.list.iter().position(|member| member.project == project);
        match change {
            Change::Nothing => None,
            Change::Added => {
                let status = MemberStatus::Pending;
                self.list.push(Member { project, status, created: now, updated: now });
                Some(Undo::Pop)
            }
            Change::Removed => {
                let place = place()?;
                Some(Undo::Insert(place, self.list.remove(place)))
            }
            Change::SetTo(status) => {
                let place = place()?;
                let member = &mut self.list[place];
                let was = *member;
                (member.status, member.updated) = (status, now);
                Some(Undo::Restore(place, was))
            }
        }
    }

    /// Removes the last member; `None` if there is none.
    pub(super) fn pop(&mut self) -> Option<Undo> {
        self.list.pop().map(|member| Undo::Insert(self.list.len(), member))
    }

    /// Takes the newest change back that was not taken back yet.
    pub(super) fn take_back(&mut self, undo: Undo) {
        match undo {
            Undo::Pop => {
                self.list.pop();
            }
            Undo::Insert(place, member) => self.list.insert(place.min(self.list.len()), member),
            Undo::Restore(place, member) => {
                if let Some(present) = self.list.get_mut(place) {
                    *present = member;
                }
            }
        }
    }
}
