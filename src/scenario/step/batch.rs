//! Steps that make jobs, and steps that look at them.

use super::call::call_steps;
use crate::api::MemberDecision;
use crate::clock::SimDuration;
use crate::scenario::span::Span;

call_steps! {
    /// Shares images with projects, or withdraws them.
    SharingStep {
        /// Images, by name or id; `name-*` stands for all images of a counted entry.
        images: Vec<String>,
        /// Projects, likewise.
        projects: Vec<String>,
        /// The name under which later steps know the job.
        save: Option<String>,
    }

    /// Accepts or rejects shared images.
    UpdateStep {
        /// Images, by name or id; `name-*` stands for all images of a counted entry.
        images: Vec<String>,
        /// The deciding project; the token's own if left out.
        project: Option<String>,
        /// The decision.
        status: MemberDecision,
        /// The vault for whole-server images.
        vault: Option<String>,
        /// The name under which later steps know the job.
        save: Option<String>,
    }

    /// Looks at a job once.
    JobStep {
        /// The name under which an earlier step saved the job.
        job: String,
    }

    /// Polls a job until it has ended. Unless a state is expected, the job must have ended: in `FAIL` if an error
    /// code or a failed result is expected, else in `SUCCESS`. The timeout is for each poll.
    WaitJobStep {
        /// The name under which an earlier step saved the job.
        job: String,
        /// The time from one poll to the next; a second if left out.
        every: Option<Span>,
        /// The longest time to wait; five minutes if left out.
        deadline: Option<Span>,
    }
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
