//! A batch: a request that passed every check, ready to become a job.

use std::sync::Arc;

use super::Image;
use crate::api::job::JobType;
use crate::api::{ImageId, MemberDecision, Operation, ProjectId};

/// What a batch does to each of its pairs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Share.
    Add,
    /// Withdraw.
    Delete,
    /// Decide, as the recipient.
    Update {
        /// The decision.
        decision: MemberDecision,
        /// The vault for whole-server images.
        vault: Option<Box<str>>,
    },
}

impl Action {
    /// The type of the job that carries the action out.
    #[must_use]
    pub const fn job_type(&self) -> JobType {
        match self {
            Self::Add => JobType::Add,
            Self::Delete => JobType::Delete,
            Self::Update { .. } => JobType::Update,
        }
    }

    /// The operation that asked for it.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::Add => Operation::AddMembers,
            Self::Delete => Operation::DeleteMembers,
            Self::Update { .. } => Operation::UpdateMembers,
        }
    }
}

/// A validated request: the cross product of its images and projects, each pair of which is settled once.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Who asked.
    pub caller: ProjectId,
    /// What to do.
    pub action: Action,
    /// The images in request order, without duplicates. An image that is deleted while the job runs
    /// stays here and says so when it is settled.
    pub images: Box<[Arc<Image>]>,
    /// The projects in request order, without duplicates.
    pub projects: Box<[ProjectId]>,
}

impl Batch {
    /// How many pairs there are.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.images.len() * self.projects.len()
    }

    /// The ids of the images in request order.
    #[must_use]
    pub fn image_ids(&self) -> Vec<ImageId> {
        self.images.iter().map(|image| image.id).collect()
    }
}
