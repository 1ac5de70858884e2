//! What becomes of one pair. Contract, "Checks inside the job (per pair)": the first match decides.

use super::image::{Facts, State, Status};
use super::settings::UnknownMember;
use super::{Action, Image, WholeServer, World};
use crate::api::job::PairOutcome;
use crate::api::{Code, MemberDecision, MemberStatus, ProjectId};

/// What was done to a pair, and what is reported of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What is reported: `None` is success.
    pub outcome: PairOutcome,
    /// What was done.
    pub change: Change,
}

/// What was done to a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Nothing,
    /// Shared, `pending`.
    Added,
    /// Withdrawn.
    Removed,
    /// Status set.
    SetTo(MemberStatus),
}

impl Change {
    /// The word in the trace.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::SetTo(MemberStatus::Pending) => "set to pending",
            Self::SetTo(MemberStatus::Accepted) => "set to accepted",
            Self::SetTo(MemberStatus::Rejected) => "set to rejected",
        }
    }
}

impl From<Result<Change, Code>> for Settled {
    fn from(result: Result<Change, Code>) -> Self {
        match result {
            Ok(change) => Self { outcome: None, change },
            Err(code) => Self { outcome: Some(code), change: Change::Nothing },
        }
    }
}

/// Decides a pair; changes nothing. An image that was deleted meanwhile is missing, and its pairs cannot
/// be finished.
#[must_use]
pub(super) fn decide(
    image: &Image,
    state: &State,
    action: &Action,
    caller: ProjectId,
    project: ProjectId,
    world: &World,
) -> Settled {
    if state.deleted {
        return Err(unfinished(action)).into();
    }
    match action {
        Action::Add => add(image, state, caller, project, world).into(),
        Action::Delete => delete(image, state, caller, project, world).into(),
        Action::Update { decision, vault } => {
            update(image, state, project, *decision, vault.as_deref(), world).into()
        }
    }
}

/// The code of a pair whose worker could not finish, or whose image is gone: "any: injected fault".
#[must_use]
pub const fn unfinished(action: &Action) -> Code {
    match action {
        Action::Add => Code::Img0112,
        Action::Delete => Code::Img0113,
        Action::Update { .. } => Code::Img0114,
    }
}

/// Whether an image can be shared at all, in the order of the table.
fn shareable(facts: &Facts, is_owner: bool) -> Result<(), Code> {
    let refusals = [
        (facts.public, Code::Img0089),
        (facts.marketplace, Code::Img0107),
        (!is_owner, Code::Img0047),
        (facts.status != Status::Active, Code::Img0046),
        (facts.encrypted, Code::Img0098),
        (facts.whole_server == WholeServer::Other, Code::Img0135),
    ];
    refusals.iter().find(|(hit, _)| *hit).map_or(Ok(()), |(_, code)| Err(*code))
}

/// With which project the caller may share the image, and where its share stands if it is a member
/// already: by the batch and by the native API, which differ in what they make of that. What is no id of a
/// project is as unknown as a project that does not exist.
///
/// # Errors
/// The code of the first condition that forbids it; IMG.0088 where there is no room for one member more.
pub(super) fn sharing(
    image: &Image,
    state: &State,
    caller: ProjectId,
    project: Option<ProjectId>,
    world: &World,
) -> Result<(ProjectId, Option<MemberStatus>), Code> {
    shareable(&state.facts, image.owner == caller)?;
    if project == Some(image.owner) {
        return Err(Code::Img0076);
    }
    let known = project.filter(|project| world.knows_project(*project));
    let project = known.ok_or(Code::Img0108)?;
    let limit = world.member_limit(state.facts.whole_server);
    match state.members.get(project) {
        // Every member counts, whatever its status (DECISION U-32).
        None if state.members.all().len() >= limit => Err(Code::Img0088),
        member => Ok((project, member.map(|member| member.status))),
    }
}

fn add(
    image: &Image,
    state: &State,
    caller: ProjectId,
    project: ProjectId,
    world: &World,
) -> Result<Change, Code> {
    let (_, status) = sharing(image, state, caller, Some(project), world)?;
    Ok(match status {
        Some(MemberStatus::Pending | MemberStatus::Accepted) => Change::Nothing,
        Some(MemberStatus::Rejected) => Change::SetTo(MemberStatus::Pending),
        None => Change::Added,
    })
}

fn delete(
    image: &Image,
    state: &State,
    caller: ProjectId,
    project: ProjectId,
    world: &World,
) -> Result<Change, Code> {
    if image.owner != caller {
        return Err(Code::Img0047);
    }
    match (state.members.get(project), world.settings.delete_unknown_member) {
        (Some(_), _) => Ok(Change::Removed),
        (None, UnknownMember::Ignore) => Ok(Change::Nothing),
        (None, UnknownMember::Fail) => Err(Code::Img0113),
    }
}

/// What a recipient's decision does to his share.
///
/// # Errors
/// IMG.0114 unless he is a member, IMG.0184 if the image needs a vault that is not there.
pub(super) fn update(
    image: &Image,
    state: &State,
    project: ProjectId,
    decision: MemberDecision,
    vault: Option<&str>,
    world: &World,
) -> Result<Change, Code> {
    let Some(member) = state.members.get(project).filter(|_| image.owner != project) else {
        return Err(Code::Img0114);
    };
    let needs_vault = state.facts.whole_server != WholeServer::No;
    if decision == MemberDecision::Accepted && needs_vault && !world.settings.knows_vault(vault) {
        return Err(Code::Img0184);
    }
    let status = MemberStatus::from(decision);
    // Repeating the present status is a success that changes nothing, not even `updated_at`.
    Ok(if member.status == status { Change::Nothing } else { Change::SetTo(status) })
}

#[cfg(test)]
mod tests;
