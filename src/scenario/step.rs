//! The `steps` section: what is done, one entry after the other, and what each must find.
//!
//! Every step but `wait` and `parallel` makes calls through the whole service, as a client would.

use serde::Deserialize;

use super::expect::Expect;
use super::span::Span;
use crate::api::{MemberDecision, Operation};
use crate::clock::SimDuration;

/// One step: an object with one key, which says what is done.
#[derive(Clone, Debug, Deserialize)]
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
    /// Lets simulated time pass.
    Wait(WaitStep),
    /// Several steps at the same instant; the next step follows when all are through.
    Parallel(Vec<StepEntry>),
}

/// Shares images with projects, or withdraws them.
#[derive(Clone, Debug, Deserialize)]
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
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Accepts or rejects shared images.
#[derive(Clone, Debug, Deserialize)]
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
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Looks at a job once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// The name under which an earlier step saved the job.
    pub job: String,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Polls a job until it has ended.
#[derive(Clone, Debug, Deserialize)]
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
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MembersStep {
    /// For people.
    pub about: Option<String>,
    /// The token to send; none if left out.
    pub token: Option<String>,
    /// The image, by name or id.
    pub image: String,
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Shows one member of an image.
#[derive(Clone, Debug, Deserialize)]
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
    /// How long the client waits for an answer; for ever if left out.
    pub timeout: Option<Span>,
    /// What must hold; status 200 if left out.
    #[serde(default)]
    pub expect: Expect,
}

/// Lets simulated time pass.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitStep {
    /// For people.
    pub about: Option<String>,
    /// How much.
    #[serde(rename = "for")]
    pub span: Span,
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
            Self::ShowMember(step) => step.timeout,
            Self::Wait(_) | Self::Parallel(_) => None,
        };
        timeout.map(|span| span.0)
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
            Self::Wait(_) => "wait",
            Self::Parallel(_) => "parallel",
        }
    }

    /// How many steps this is, those inside included.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Parallel(steps) => 1 + steps.iter().map(Self::size).sum::<usize>(),
            _ => 1,
        }
    }
}
