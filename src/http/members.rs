//! Reading members. Contract, "Native member endpoints".

use actix_web::dev::{Path, Url};

use super::ShardState;
use super::answer::{Answer, json};
use super::pipeline::Caller;
use crate::api::{Operation, ProjectId, Refusal};
use crate::domain::caller::Credentials;
use crate::domain::{World, member_view};
use crate::seed;

/// Lists the members of an image.
pub(super) fn list(credentials: &Credentials, path: &Path<Url>, state: &ShardState) -> Answer {
    read(Operation::ListMembers, credentials, path, state, |world, image, _, caller| {
        member_view::list(world, image, caller, None).map(|members| json(&members))
    })
}

/// Shows one member of an image.
pub(super) fn show(credentials: &Credentials, path: &Path<Url>, state: &ShardState) -> Answer {
    read(Operation::ShowMember, credentials, path, state, |world, image, member, caller| {
        member_view::show(world, image, member, caller, None).map(|member| json(&member))
    })
}

/// Finds out who calls, and gives `view` the world, the image, the member and the caller.
fn read(
    operation: Operation,
    credentials: &Credentials,
    path: &Path<Url>,
    state: &ShardState,
    view: impl Fn(&World, &str, &str, ProjectId) -> Result<String, Refusal>,
) -> Answer {
    let Caller { project, allowed } = state.caller(operation, credentials);
    let (image, member) = (path.query("image_id"), path.query("member_id"));
    let call = state.shared.call_key(project, operation, seed::hash_of(&(image, member)));
    let show = |caller| view(&state.shared.world, image, member, caller);
    let result = allowed.map_err(Refusal::from).and_then(show);
    Answer { call, project, job: None, result }
}
