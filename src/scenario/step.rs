//! The `steps` section: what is done, one entry after the other, and what each must find.
//!
//! Every step that is about the service makes calls through the whole of it, as a client would. Steps that
//! change or look at what is behind the service use the admin API.

mod change;
mod flow;
mod images;
mod look;
mod native;
mod request;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use change::{ChangeFaultsStep, ChangeWorldStep};
pub use flow::{AdvanceStep, RepeatStep, WaitStep};
pub use images::{ImageStep, ImagesStep, QuotaStep};
pub use look::{Amount, Bounds, CallFacts, JobCountFacts, LookStep, RuleFacts, Truth};
pub use native::{DecideStep, DeleteImageStep, DeleteMemberStep};
pub use request::{RequestStep, SignEntry};

use super::expect::Expect;
use super::named::Named;
use super::span::Span;
use super::values::ValueSource;
use crate::api::{MemberDecision, Operation};
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
    ListMembers(MembersStep),
    /// `GET /v2/images/{image_id}/members/{member_id}`.
    ShowMember(MemberStep),
    /// `POST /v2/images/{image_id}/members`.
    AddMember(MemberStep),
    /// `PUT /v2/images/{image_id}/members/{member_id}`.
    UpdateMember(DecideStep),
    /// `DELETE /v2/images/{image_id}/members/{member_id}`.
    DeleteMember(DeleteMemberStep),
    /// `DELETE /v2/images/{image_id}`.
    DeleteImage(DeleteImageStep),
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

/// Shares images with projects, or withdraws them.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SharingStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// Images, by name or id; `name-*` stands for all images of a counted entry.
    pub images: Vec<String>,
    /// Projects, likewise.
    pub projects: Vec<String>,
    /// The name under which later steps know the job.
    pub save: Option<String>,
    /// Values of the answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Accepts or rejects shared images.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// Images, by name or id; `name-*` stands for all images of a counted entry.
    pub images: Vec<String>,
    /// The deciding project; the token's own if left out.
    pub project: Option<String>,
    /// The decision.
    pub status: MemberDecision,
    /// The vault for whole-server images.
    pub vault: Option<String>,
    /// The name under which later steps know the job.
    pub save: Option<String>,
    /// Values of the answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Looks at a job once.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct JobStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// The name under which an earlier step saved the job.
    pub job: String,
    /// Values of the answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Polls a job until it has ended.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WaitJobStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// The name under which an earlier step saved the job.
    pub job: String,
    /// The time from one poll to the next; a second if left out.
    pub every: Option<Span>,
    /// The longest time to wait; five minutes if left out.
    pub deadline: Option<Span>,
    /// Values of the last answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for the answer to each poll; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold of the last answer. Unless a state is named, the job must have ended: in `FAIL` if
    /// an error code or a failed result is expected, else in `SUCCESS`.
    #[serde(default)]
    pub expect: Expect,
}

impl WaitJobStep {
    /// The time from one poll to the next.
    #[must_use]
    pub fn every(&self) -> SimDuration {
        // A second and five minutes are what Terraform's provider takes.
        self.every.map_or(SimDuration::from_millis(1_000), |span| span.0)
    }

    /// The longest time to wait.
    #[must_use]
    pub fn deadline(&self) -> SimDuration {
        self.deadline.map_or(SimDuration::from_millis(300_000), |span| span.0)
    }
}

/// Lists the members of an image.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MembersStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// The image, by name or id.
    pub image: String,
    /// Values of the answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Shows or adds one member of an image.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MemberStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// The image, by name or id.
    pub image: String,
    /// The member project, by name or id.
    pub member: String,
    /// Values of the answer for later steps, which say them as `${name}`.
    #[serde(default)]
    pub save_values: Named<ValueSource>,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

impl StepEntry {
    /// How long the client of the step waits for an answer; `None` is for ever.
    #[must_use]
    pub fn timeout(&self) -> Option<SimDuration> {
        let timeout = match self {
            Self::AddMembers(step) | Self::DeleteMembers(step) => step.timeout,
            Self::UpdateMembers(step) => step.timeout,
            Self::ShowJob(step) | Self::ShowJobProgress(step) => step.timeout,
            Self::WaitJob(step) => step.timeout,
            Self::ListMembers(step) => step.timeout,
            Self::ShowMember(step) | Self::AddMember(step) => step.timeout,
            Self::UpdateMember(step) => step.timeout,
            Self::DeleteMember(step) => step.timeout,
            Self::DeleteImage(step) => step.timeout,
            Self::ListCloudImages(step) | Self::ListImages(step) => step.timeout,
            Self::ShowImage(step) => step.timeout,
            Self::ShowQuota(step) => step.timeout,
            Self::Request(step) => step.timeout,
            _ => None,
        };
        timeout.map(|span| span.0)
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
    pub const fn saves_values(&self) -> Option<&Named<ValueSource>> {
        match self {
            Self::AddMembers(step) | Self::DeleteMembers(step) => Some(&step.save_values),
            Self::UpdateMembers(step) => Some(&step.save_values),
            Self::ShowJob(step) | Self::ShowJobProgress(step) => Some(&step.save_values),
            Self::WaitJob(step) => Some(&step.save_values),
            Self::ListMembers(step) => Some(&step.save_values),
            Self::ShowMember(step) | Self::AddMember(step) => Some(&step.save_values),
            Self::UpdateMember(step) => Some(&step.save_values),
            Self::DeleteMember(step) => Some(&step.save_values),
            Self::DeleteImage(step) => Some(&step.save_values),
            Self::ListCloudImages(step) | Self::ListImages(step) => Some(&step.save_values),
            Self::ShowImage(step) => Some(&step.save_values),
            Self::ShowQuota(step) => Some(&step.save_values),
            Self::Request(step) => Some(&step.save_values),
            _ => None,
        }
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
