//! The `steps` section: what is done, one entry after the other, and what each must find.
//!
//! Every step but `wait` and `parallel` makes calls through the whole service, as a client would.

use serde::Deserialize;
use serde_json::Value;

use super::named::Named;
use super::span::Span;
use crate::api::job::JobState;
use crate::api::{MemberDecision, MemberStatus, Operation};
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

/// What must hold of an answer. What is left out is not looked at, but for the status, which is 200.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// How the answer came; `answered` if left out. Unless it did, nothing else can be expected of it but
    /// what came of a truncated one.
    pub outcome: Option<Outcome>,
    /// The status.
    pub status: Option<u16>,
    /// The code of the error that the answer carries.
    pub error_code: Option<String>,
    /// Headers by name, in either case, with their exact values; `null` for one that must not be there.
    pub headers: Option<Named<Option<String>>>,
    /// A JSON value that the body must contain: objects may have more keys, everything else is equal.
    pub body: Option<Value>,
    /// The simulated time from sending the request to the end of its answer, exactly; `wait_job`: of the
    /// last poll.
    pub took: Option<Span>,
    /// Steps about jobs: what the job must be.
    pub job: Option<JobFacts>,
    /// `list_members`: exactly these members, in any order, each with its status.
    pub members: Option<Named<MemberStatus>>,
    /// `show_member`: the member's status.
    pub member: Option<MemberStatus>,
}

/// What a client saw of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It came whole.
    Answered,
    /// Its body broke off.
    Truncated,
    /// The connection was reset.
    Reset,
    /// The connection was closed with nothing sent.
    Closed,
    /// What came was no HTTP.
    Garbage,
    /// None will ever come, and the client waits for ever.
    Unanswered,
    /// None came within the client's `timeout`.
    TimedOut,
}

impl Outcome {
    /// Whether there is a head, and with it a status.
    #[must_use]
    pub const fn has_head(self) -> bool {
        matches!(self, Self::Answered | Self::Truncated)
    }

    /// The word in scenario files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Truncated => "truncated",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Garbage => "garbage",
            Self::Unanswered => "unanswered",
            Self::TimedOut => "timed_out",
        }
    }
}

/// What a job must be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobFacts {
    /// `INIT`, `RUNNING`, `SUCCESS` or `FAIL`.
    pub state: Option<JobState>,
    /// The code of the first failed pair.
    pub error_code: Option<String>,
    /// The reported pairs, exactly and in request order.
    pub results: Option<Vec<ResultFact>>,
    /// The simulated time from submission to end, exactly.
    pub took: Option<Span>,
}

impl JobFacts {
    /// Whether only a job that failed can be like this.
    #[must_use]
    pub fn tell_of_failure(&self) -> bool {
        let failed = |result: &ResultFact| result.status == ResultStatus::Failed;
        self.error_code.is_some() || self.results.iter().flatten().any(failed)
    }
}

/// One reported pair.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultFact {
    /// The image, by name or id.
    pub image: String,
    /// The project, by name or id.
    pub project: String,
    /// `success` or `failed`.
    pub status: ResultStatus,
}

/// The status of a reported pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResultStatus {
    /// The pair succeeded.
    Success,
    /// The pair failed.
    Failed,
}

impl ResultStatus {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }
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
