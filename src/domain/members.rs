//! The members of an image, and how to take a change to them back.

use std::sync::Arc;

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
#[derive(Clone, Debug, Default)]
pub struct Members {
    list: List,
}

/// Images that were made alike have their members in common until the first change to them: a world can have
/// a million of them, and their members take most of its memory.
#[derive(Clone, Debug)]
enum List {
    Common(Arc<[Member]>),
    Own(Vec<Member>),
}

impl List {
    /// The members, to be changed; they are nobody else's from now on.
    fn own(&mut self) -> &mut Vec<Member> {
        if let Self::Common(members) = self {
            *self = Self::Own(members.to_vec());
        }
        match self {
            Self::Own(members) => members,
            Self::Common(_) => unreachable!("they have just become its own"),
        }
    }
}

impl Default for List {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}

impl Eq for Members {}

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
    /// Members shared at `now`, in this order. Clones of them take no memory until they are changed.
    #[must_use]
    pub fn shared(members: &[(ProjectId, MemberStatus)], now: SimTime) -> Self {
        let new = |(project, status): &(ProjectId, MemberStatus)| Member {
            project: *project,
            status: *status,
            created: now,
            updated: now,
        };
        let members: Arc<[Member]> = members.iter().map(new).collect();
        Self { list: List::Common(members) }
    }

    /// The share with this project.
    #[must_use]
    pub fn get(&self, project: ProjectId) -> Option<&Member> {
        self.all().iter().find(|member| member.project == project)
    }

    /// All shares, in the order in which they were made.
    #[must_use]
    pub fn all(&self) -> &[Member] {
        match &self.list {
            List::Common(members) => members,
            List::Own(members) => members,
        }
    }

    /// Makes a change to the share with this project; `None` if it changes nothing.
    pub(super) fn make(
        &mut self,
        change: Change,
        project: ProjectId,
        now: SimTime,
    ) -> Option<Undo> {
        let place =
            |members: &Self| members.all().iter().position(|member| member.project == project);
        match change {
            Change::Nothing => None,
            Change::Added => {
                let status = MemberStatus::Pending;
                self.list.own().push(Member { project, status, created: now, updated: now });
                Some(Undo::Pop)
            }
            Change::Removed => {
                let place = place(self)?;
                Some(Undo::Insert(place, self.list.own().remove(place)))
            }
            Change::SetTo(status) => {
                let place = place(self)?;
                let member = &mut self.list.own()[place];
                let was = *member;
                (member.status, member.updated) = (status, now);
                Some(Undo::Restore(place, was))
            }
        }
    }

    /// Removes the last member; `None` if there is none.
    pub(super) fn pop(&mut self) -> Option<Undo> {
        let members = self.list.own();
        members.pop().map(|member| Undo::Insert(members.len(), member))
    }

    /// Takes the newest change back that was not taken back yet.
    pub(super) fn take_back(&mut self, undo: Undo) {
        let members = self.list.own();
        match undo {
            Undo::Pop => {
                members.pop();
            }
            Undo::Insert(place, member) => members.insert(place.min(members.len()), member),
            Undo::Restore(place, member) => {
                if let Some(present) = members.get_mut(place) {
                    *present = member;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_in_common_is_changed_for_one_alone() {
        let (one, two) = (ProjectId::from_u128(1), ProjectId::from_u128(2));
        let at = SimTime::from_millis;
        let common = Members::shared(&[(one, MemberStatus::Accepted)], at(1));
        let mut own = common.clone();
        assert!(std::ptr::eq(common.all(), own.all()));
        let undo = own.make(Change::Added, two, at(2)).expect("it is a change");
        assert_eq!((common.all().len(), own.all().len()), (1, 2));
        assert_eq!(own.get(one), common.get(one));
        own.take_back(undo);
        assert_eq!(own, common);
        assert_eq!(own.make(Change::Nothing, one, at(3)), None);
    }
}
