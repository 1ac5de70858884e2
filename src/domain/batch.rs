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

    /// What it asks for, without the lists.
    #[must_use]
    pub fn asked(&self) -> AskedPairs {
        let images = self.images.iter().map(|image| image.id.as_u128());
        let projects = self.projects.iter().map(|project| project.as_u128());
        AskedPairs { images: Fingerprint::of(images), projects: Fingerprint::of(projects) }
    }

    /// The ids of the images in request order.
    #[must_use]
    pub fn image_ids(&self) -> Vec<ImageId> {
        self.images.iter().map(|image| image.id).collect()
    }
}

/// Which images and projects a batch asks for, told in a few bytes: enough to hold what was done against
/// it when all is done, where the lists would have to be kept for as long as the journal keeps an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AskedPairs {
    /// Its images.
    pub images: Fingerprint,
    /// Its projects.
    pub projects: Fingerprint,
}

/// What a set of ids looks like, in whichever order they come: the sum of their hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// That of these ids, each of which comes once.
    pub fn of(ids: impl IntoIterator<Item = u128>) -> Self {
        Self(ids.into_iter().map(spread).fold(0, u64::wrapping_add))
    }

    /// That of the ids that are left when those of another set are taken away.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0.wrapping_sub(others.0))
    }
}

/// Spreads an id over 64 bits, each of which depends on each bit of the id. Nobody chooses ids to deceive this,
/// so the two rounds of multiplying and folding of SplitMix64 do; of every batch each id passes here.
fn spread(id: u128) -> u64 {
    let fold = |bits: u64| {
        let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    };
    #[expect(clippy::cast_possible_truncation, reason = "the halves of the id")]
    let (high, low) = ((id >> 64) as u64, id as u64);
    fold(fold(high.wrapping_add(0x9e37_79b9_7f4a_7c15)).wrapping_add(low))
}
