//! Which entries are asked for.

use super::entry::{CallRecord, Entry, Event};
use super::{EventKind, JobEntries, Numbered};
use crate::api::{ImageId, Operation, ProjectId};

/// What an entry must be to be shown; `None` asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Its kind.
    pub event: Option<EventKind>,
    /// The operation of the call or of the accepted job.
    pub operation: Option<Operation>,
    /// The caller's project, the owner of the accepted job, or the project of the pair or the member.
    pub project: Option<ProjectId>,
    /// The job that it is about or that the call submitted or queried.
    pub job: Option<JobEntries>,
    /// The image that it is about or that the call names; see [`names_image`].
    pub image: Option<ImageId>,
    /// The status of the call's answer.
    pub status: Option<u16>,
    /// The rule that fired, or that was changed by hand.
    pub rule: Option<String>,
    /// Its subject, or what the subject is a part of: a job covers its images and pairs.
    pub subject: Option<String>,
}

impl Filter {
    /// Whether an entry is asked for.
    #[must_use]
    pub fn matches(&self, numbered: &Numbered) -> bool {
        let Entry { subject, event, .. } = &numbered.entry;
        self.event.is_none_or(|kind| event.kind() == kind)
            && self.operation.is_none_or(|operation| operation_of(event) == Some(operation))
            && self.project.is_none_or(|project| project_of(event) == Some(project))
            && self.status.is_none_or(|asked| status_of(event) == Some(asked))
            && self.job.as_ref().is_none_or(|job| job.contain(numbered))
            && self.image.is_none_or(|image| is_about_image(event, image))
            && self.rule.as_deref().is_none_or(|rule| has_rule(event, rule))
            && self.subject.as_deref().is_none_or(|asked| is_part_of(&subject.to_string(), asked))
    }
}

fn operation_of(event: &Event) -> Option<Operation> {
    match event {
        Event::Call(call) => Some(call.operation),
        Event::JobAccepted { operation, .. } => Some(*operation),
        _ => None,
    }
}

fn project_of(event: &Event) -> Option<ProjectId> {
    match event {
        Event::Call(call) => call.project,
        Event::JobAccepted { owner, .. } => Some(*owner),
        Event::PairSettled { project, .. } | Event::MemberChanged { project, .. } => Some(*project),
        _ => None,
    }
}

fn status_of(event: &Event) -> Option<u16> {
    match event {
        Event::Call(call) => Some(call.status),
        _ => None,
    }
}

fn has_rule(event: &Event, asked: &str) -> bool {
    match event {
        Event::FaultFired(fault) | Event::FaultSuperseded(fault) => *fault.rule == *asked,
        Event::Admin { action, object, .. } => action.ends_with("_rule") && **object == *asked,
        _ => false,
    }
}

fn is_about_image(event: &Event, asked: ImageId) -> bool {
    match event {
        Event::Call(call) => names_image(call, asked),
        Event::FaultFired(fault) | Event::FaultSuperseded(fault) => fault.image == Some(asked),
        Event::WorkerDied { image, .. }
        | Event::PairSettled { image, .. }
        | Event::MemberChanged { image, .. }
        | Event::ImageDeleted { image, .. } => *image == asked,
        Event::JobAccepted { .. }
        | Event::JobStarted
        | Event::JobEnded { .. }
        | Event::Admin { .. } => false,
    }
}

fn is_part_of(subject: &str, asked: &str) -> bool {
    subject.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a call names an image, in its target or in its body as far as that is kept, in either case.
#[must_use]
pub fn names_image(call: &CallRecord, image: ImageId) -> bool {
    let id = image.to_string();
    let stands_in =
        |text: &[u8]| text.windows(id.len()).any(|part| part.eq_ignore_ascii_case(id.as_bytes()));
    stands_in(call.target.as_bytes()) || stands_in(&call.request.start)
}
