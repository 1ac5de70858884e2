//! What is known of one image: its members when it was read, and what was done to them since.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::super::finding::{Findings, Invariant};
use crate::api::{MemberStatus, ProjectId};
use crate::domain::Image;
use crate::domain::image::Members;
use crate::seed::{CallKey, JobKey};

/// The members of an image, in the order in which they were shared.
pub(super) type List = Arc<[(ProjectId, MemberStatus)]>;

/// An image and its members.
pub(super) struct Known {
    pub(super) image: Arc<Image>,
    /// The members when it was read.
    pub(super) start: List,
    /// What jobs and calls have changed since.
    pub(super) changed: BTreeMap<ProjectId, Last>,
}

/// What was last done to a share, and by whom.
#[derive(Clone, Copy)]
pub(super) struct Last {
    pub(super) status: Option<MemberStatus>,
    pub(super) by: By,
}

/// Who changes memberships.
#[derive(Clone, Copy)]
pub(in super::super) enum By {
    /// A job, when it settles a pair.
    Job(JobKey),
    /// A native call.
    Call(CallKey),
}

impl By {
    /// The job, if it is one.
    pub(super) const fn job(self) -> Option<JobKey> {
        match self {
            Self::Job(job) => Some(job),
            Self::Call(_) => None,
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job(job) => fmt::Display::fmt(job, f),
            Self::Call(call) => fmt::Display::fmt(call, f),
        }
    }
}

impl Known {
    pub(super) fn last(&self, project: ProjectId) -> Option<Last> {
        self.changed.get(&project).copied()
    }

    pub(super) fn status(&self, project: ProjectId) -> Option<MemberStatus> {
        match self.last(project) {
            Some(last) => last.status,
            None => self.start.iter().find(|(one, _)| *one == project).map(|(_, status)| *status),
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        self.image.look(None, |_, _| ()).is_none()
    }

    pub(super) fn close(&self, findings: &mut Findings<'_>) {
        let untouched =
            |members: &Members| self.changed.is_empty() && is_list(members, &self.start);
        let found = self.image.look(None, |_, members| {
            (!untouched(members)).then(|| pairs(members).collect::<BTreeMap<_, _>>())
        });
        let Some(found) = found.flatten() else { return };
        let mut expected: BTreeMap<_, _> = self.start.iter().copied().collect();
        for (project, last) in &self.changed {
            match last.status {
                Some(status) => expected.insert(*project, status),
                None => expected.remove(project),
            };
        }
        let all: BTreeSet<ProjectId> = expected.keys().chain(found.keys()).copied().collect();
        for project in all {
            let (found, expected) = (found.get(&project).copied(), expected.get(&project).copied());
            let last = self.last(project).map(|last| last.by);
            if found != expected {
                let job = last.and_then(By::job);
                findings.add(Invariant::Memberships, job, Some((self.image.id, project)), || {
                    format!("is {} at the end; {}", word(found), before_that(last, expected))
                });
            }
        }
    }
}

/// The members with their statuses.
pub(super) fn pairs(members: &Members) -> impl Iterator<Item = (ProjectId, MemberStatus)> + '_ {
    members.all().iter().map(|member| (member.project, member.status))
}

/// Whether these are the members.
pub(super) fn is_list(members: &Members, list: &[(ProjectId, MemberStatus)]) -> bool {
    members.all().len() == list.len() && pairs(members).eq(list.iter().copied())
}

const fn word(status: Option<MemberStatus>) -> &'static str {
    match status {
        Some(status) => status.as_str(),
        None => "no member",
    }
}

/// Where a share stood, and who had left it so.
pub(super) fn before_that(last: Option<By>, status: Option<MemberStatus>) -> String {
    let status = word(status);
    match last {
        Some(by) => format!("{by} had left it as {status}"),
        None => format!("it was {status}, and no job or call had touched it"),
    }
}
