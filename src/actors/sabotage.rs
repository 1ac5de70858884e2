//! Defects below the plan, in test builds only: what the invariants must notice, since no rule fired.

use std::sync::Arc;

use super::Shared;
use crate::api::{Code, ImageId, ProjectId};
use crate::clock::SimTime;
use crate::domain::conduct::{JobManner, Manner};
use crate::domain::image_work::{ImageWork, Progress, SettledPair};
use crate::domain::job_table::Standing;
use crate::domain::job_work::JobResult;
use crate::domain::native_members::Done;
use crate::domain::rules::Change;
use crate::scenario::world_edit::WorldEdit;

/// What is wrong with the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sabotage {
    /// A job whose workers have ended does not end.
    NeverEnd,
    /// The worker of the first image never begins.
    StickWorker,
    /// A job starts twice.
    StartTwice,
    /// A job ends twice.
    EndTwice,
    /// The registry takes a running job back to `INIT` when its second pair is settled.
    RegistryGoesBack,
    /// The registry forgets the done pairs of a job when its third one is settled.
    PercentFalls,
    /// The registry knows of more done pairs than there are.
    PercentRunsAhead,
    /// The registry keeps another end than the job had.
    RegistryKeepsOtherEnd,
    /// The registry keeps other results than the job had.
    RegistryKeepsOtherResults,
    /// A worker settles its pairs twice.
    SettleTwice,
    /// The first worker passes over its first pair.
    ForgetPair,
    /// The first worker passes over all its pairs.
    ForgetImage,
    /// A worker settles its first pair with a project that nobody named.
    SettleAnother,
    /// A job counts one failure too many.
    Miscount,
    /// The end of a job names another first failure.
    MistakeFirst,
    /// A worker does nothing and reports success.
    DoNothing,
    /// A worker does its work and reports failure.
    DenyWork,
    /// A job reports the opposite of what was done.
    ReportOpposite,
    /// What a worker did is undone by nobody.
    Undo,
    /// A membership changes that no job touches.
    ChangeAnother,
    /// A native call changes a member, and the journal does not hear of it.
    ChangeUntold,
    /// A native call tells of a change that is undone before its answer leaves.
    ChangeUndone,
    /// A native call deletes an image, and the journal does not hear of it.
    DeleteUntold,
}

impl Shared {
    pub(super) fn is_sabotaged(&self, by: Sabotage) -> bool {
        self.sabotage == Some(by)
    }

    /// Before a worker begins its life; `true` if it never does.
    pub(super) fn sabotage_life(&self, work: &mut ImageWork) -> bool {
        match self.sabotage {
            Some(Sabotage::SettleTwice) => work.run_twice(),
            Some(Sabotage::DoNothing) => work.conduct(Manner::ClaimSuccess),
            Some(Sabotage::DenyWork) => work.conduct(Manner::ClaimFailure(None)),
            Some(Sabotage::ForgetPair | Sabotage::ForgetImage) if work.index() == 0 => {
                work.conduct(Manner::ClaimSuccess);
            }
            _ => {}
        }
        self.is_sabotaged(Sabotage::StickWorker) && work.index() == 0
    }

    /// After a worker has settled a pair of an image; `None` if nobody is to hear of it.
    pub(super) fn sabotage_pair(
        &self,
        at: SimTime,
        work: &mut ImageWork,
        mut pair: SettledPair,
    ) -> Option<SettledPair> {
        let edit = WorldEdit::new(&self.world, self.seed, at);
        let (first, image) = (work.index() == 0, work.image().id);
        match self.sabotage {
            Some(Sabotage::ForgetPair) if first => {
                work.conduct(Manner::Faithful);
                return (pair.index > 0).then_some(pair);
            }
            Some(Sabotage::ForgetImage) => return (!first).then_some(pair),
            Some(Sabotage::SettleAnother) if pair.index == 0 => pair.project = work.batch().caller,
            Some(Sabotage::Undo) if first && pair.index == 0 => {
                let undone = edit.remove_member(&image.to_string(), &pair.project.to_string());
                undone.expect("it was just shared");
            }
            Some(Sabotage::ChangeAnother) => {
                let (image, project) = self.untouched(pair.project);
                let status = br#"{"status": "rejected"}"#;
                let done = edit.set_member(&image.to_string(), &project.to_string(), status);
                done.expect("the image is there");
            }
            _ => {}
        }
        Some(pair)
    }

    /// After a native call has changed a member; `None` if the journal is not to hear of it.
    pub(super) fn sabotage_native(&self, at: SimTime, done: Done) -> Option<Done> {
        match self.sabotage {
            Some(Sabotage::ChangeUntold) => None,
            Some(Sabotage::ChangeUndone) if done.change == Change::Added => {
                let edit = WorldEdit::new(&self.world, self.seed, at);
                let undone = edit.remove_member(&done.image.to_string(), &done.project.to_string());
                undone.expect("it was just shared");
                // What is told is that nothing happened, and what is answered that it did.
                Some(Done { change: Change::Nothing, ..done })
            }
            _ => Some(done),
        }
    }

    /// The first image of the world, for tests in which no job touches it.
    fn untouched(&self, project: ProjectId) -> (ImageId, ProjectId) {
        let images = self.world.images();
        (images.first().expect("there is one").id, project)
    }

    /// How a job carries on that no rule has an eye on.
    pub(super) fn sabotage_job(&self, manner: JobManner) -> JobManner {
        match self.sabotage {
            Some(Sabotage::ReportOpposite) => JobManner::ReportOpposite,
            _ => manner,
        }
    }

    /// What a job makes of its end.
    pub(super) fn sabotage_result(&self, mut result: JobResult) -> JobResult {
        match self.sabotage {
            Some(Sabotage::Miscount) => result.failed += 1,
            Some(Sabotage::MistakeFirst) => result.first_failure = Some(Code::Img0061),
            _ => {}
        }
        result
    }

    /// What a registry makes of what it is told.
    pub(super) fn sabotage_standing(&self, standing: Standing) -> Standing {
        match (self.sabotage, &standing) {
            (Some(Sabotage::RegistryGoesBack), Standing::Running(progress))
                if progress.done >= 2 =>
            {
                Standing::Init
            }
            (Some(Sabotage::PercentFalls), Standing::Running(progress)) if progress.done >= 3 => {
                Standing::Running(Progress::default())
            }
            (Some(Sabotage::PercentRunsAhead), Standing::Running(progress)) => {
                Standing::Running(Progress { done: progress.done + 1, ..*progress })
            }
            (Some(Sabotage::RegistryKeepsOtherEnd), Standing::Ended(result)) => {
                let mut other = (**result).clone();
                other.first_failure = Some(Code::Img0112);
                Standing::Ended(Arc::new(other))
            }
            (Some(Sabotage::RegistryKeepsOtherResults), Standing::Ended(result)) => {
                let mut other = (**result).clone();
                if let Some(reported) = &mut other.reported {
                    reported.projects.reverse();
                }
                Standing::Ended(Arc::new(other))
            }
            _ => standing,
        }
    }
}
