//! The `steps` section: what is done, one entry after the other, and what each must find.
//!
//! Every step that is about the service makes calls through the whole of it, as a client would. Steps that
//! change or look at what is behind the service use the admin API.

mod batch;
mod call;
mod change;
mod flow;
mod images;
mod look;
mod native;
mod request;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use batch::{JobStep, SharingStep, UpdateStep, WaitJobStep};
pub use call::CallStep;
pub use change::{ChangeFaultsStep, ChangeWorldStep};
pub use flow::{AdvanceStep, RepeatStep, WaitStep};
pub use images::{ImagesStep, QuotaStep};
pub use look::{Amount, Bounds, CallFacts, JobCountFacts, LookStep, RuleFacts, Truth};
pub use native::{DecideStep, ImageStep, MemberStep};
pub use request::{RequestStep, SignEntry};

use super::named::Named;
use super::values::ValueSource;
use crate::api::Operation;
use crate::clock::SimDuration;

/// One step: an object with one key, which says what is done.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepEntry {
    /// `POST /v1/cloudimages/members`.
    AddMembers(SharingStep),
    /// `DELETE /v1/cloudimages/members`.
    DeleteMembers(SharingStep),
    /// `PUT /v1/cloudimages/members`.
    UpdateMembers(UpdateStep),
    /// `GET /v1/{project_id}/jobs/{job_id}`, once.
    ShowJob(JobStep),
    /// `GET /v1/cloudimages/job/{job_id}`, once.
    ShowJobProgress(JobStep),
    /// `GET /v1/{project_id}/jobs/{job_id}`, again and again until the job has ended.
    WaitJob(WaitJobStep),
    /// `GET /v2/images/{image_id}/members`.
    ListMembers(ImageStep),
    /// `GET /v2/images/{image_id}/members/{member_id}`.
    ShowMember(MemberStep),
    /// `POST /v2/images/{image_id}/members`.
    AddMember(MemberStep),
    /// `PUT /v2/images/{image_id}/members/{member_id}`.
    UpdateMember(DecideStep),
    /// `DELETE /v2/images/{image_id}/members/{member_id}`.
    DeleteMember(MemberStep),
    /// `DELETE /v2/images/{image_id}`.
    DeleteImage(ImageStep),
    /// `GET /v2/cloudimages`.
    ListCloudImages(ImagesStep),
    /// `GET /v2/images`.
    ListImages(ImagesStep),
    /// `GET /v2/images/{image_id}`.
    ShowImage(ImageStep),
    /// `GET /v1/cloudimages/quota`.
    ShowQuota(QuotaStep),
    /// Any request, as it is written.
    Request(RequestStep),
    /// Lets simulated time pass.
    Wait(WaitStep),
    /// Moves the clock on, and waits until all that fell due on the way has settled.
    AdvanceClock(AdvanceStep),
    /// Several steps at the same instant; the next step follows when all are through.
    Parallel(Vec<StepEntry>),
    /// Steps one after the other, for a place where one step stands.
    Sequence(Vec<StepEntry>),
    /// Steps one after the other, while the steps behind them go on; the run ends when they are through.
    Background(Vec<StepEntry>),
    /// The same steps again and again.
    Repeat(RepeatStep),
    /// Adds, changes and removes fault rules.
    ChangeFaults(Box<ChangeFaultsStep>),
    /// Changes what exists, from behind the back of those who use the service.
    ChangeWorld(Box<ChangeWorldStep>),
    /// Looks at what is true, whatever queries tell.
    Look(Box<LookStep>),
}

impl StepEntry {
    /// What the step says as one that makes a call; `None` if it makes none.
    fn call(&self) -> Option<&dyn CallStep> {
        Some(match self {
            Self::AddMembers(step) | Self::DeleteMembers(step) => step,
            Self::UpdateMembers(step) => step,
            Self::ShowJob(step) | Self::ShowJobProgress(step) => step,
            Self::WaitJob(step) => step,
            Self::ListMembers(step) | Self::ShowImage(step) | Self::DeleteImage(step) => step,
            Self::ShowMember(step) | Self::AddMember(step) | Self::DeleteMember(step) => step,
            Self::UpdateMember(step) => step,
            Self::ListCloudImages(step) | Self::ListImages(step) => step,
            Self::ShowQuota(step) => step,
            Self::Request(step) => step,
            _ => return None,
        })
    }

    /// How long the client of the step waits for an answer; `None` is for ever.
    #[must_use]
    pub fn timeout(&self) -> Option<SimDuration> {
        self.call()?.timeout().map(|span| span.0)
    }

    /// The name under which the step saves a job.
    #[must_use]
    pub fn saves_job(&self) -> Option<&str> {
        match self {
            Self::AddMembers(step) | Self::DeleteMembers(step) => step.save.as_deref(),
            Self::UpdateMembers(step) => step.save.as_deref(),
            _ => None,
        }
    }

    /// The values that the step saves.
    #[must_use]
    pub fn saves_values(&self) -> Option<&Named<ValueSource>> {
        self.call().map(CallStep::save_values)
    }

    /// The key that says what the step does.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AddMembers(_) => Operation::AddMembers.name(),
            Self::DeleteMembers(_) => Operation::DeleteMembers.name(),
            Self::UpdateMembers(_) => Operation::UpdateMembers.name(),
            Self::ShowJob(_) => Operation::ShowJob.name(),
            Self::ShowJobProgress(_) => Operation::ShowJobProgress.name(),
            Self::WaitJob(_) => "wait_job",
            Self::ListMembers(_) => Operation::ListMembers.name(),
            Self::ShowMember(_) => Operation::ShowMember.name(),
            Self::AddMember(_) => Operation::AddMember.name(),
            Self::UpdateMember(_) => Operation::UpdateMember.name(),
            Self::DeleteMember(_) => Operation::DeleteMember.name(),
            Self::DeleteImage(_) => Operation::DeleteImage.name(),
            Self::ListCloudImages(_) => Operation::ListCloudImages.name(),
            Self::ListImages(_) => Operation::ListImages.name(),
            Self::ShowImage(_) => Operation::ShowImage.name(),
            Self::ShowQuota(_) => Operation::ShowQuota.name(),
            Self::Request(_) => "request",
            Self::Wait(_) => "wait",
            Self::AdvanceClock(_) => "advance_clock",
            Self::Parallel(_) => "parallel",
            Self::Sequence(_) => "sequence",
            Self::Background(_) => "background",
            Self::Repeat(_) => "repeat",
            Self::ChangeFaults(_) => "change_faults",
            Self::ChangeWorld(_) => "change_world",
            Self::Look(_) => "look",
        }
    }

    /// The steps inside, with what stands between the step's own key and their places.
    #[must_use]
    pub fn inside(&self) -> Option<(Option<&'static str>, &[Self])> {
        match self {
            Self::Parallel(steps) | Self::Sequence(steps) | Self::Background(steps) => {
                Some((None, steps))
            }
            Self::Repeat(step) => Some((Some("steps"), &step.steps)),
            _ => None,
        }
    }

    /// How many steps this is, those inside included, each as often as it is done.
    #[must_use]
    pub fn size(&self) -> usize {
        let Some((_, steps)) = self.inside() else { return 1 };
        let once = steps.iter().map(Self::size).fold(0, usize::saturating_add);
        let times = if let Self::Repeat(step) = self { step.times as usize } else { 1 };
        once.saturating_mul(times).saturating_add(1)
    }
}
