//! Reading members. Contract, "Native member endpoints".

use actix_web::dev::{Path, Url};

use super::ShardState;
use super::answer::{Answer, json};
use crate::api::{Operation, ProjectId, Refusal};
use crate::domain::caller::{self, Credentials};
use crate::domain::member_view;
use crate::seed;

/// Lists the members of an image, or shows one.
pub(super) fn read(
    operation: Operation,
    credentials: &Credentials,
    path: &Path<Url>,
    state: &ShardState,
) -> Answer {
    let token = state.token(credentials);
    let project = token.ok().and_then(|token| token.project);
    let (image, member) = (path.query("image_id"), path.query("member_id"));
    let call = state.shared.call_key(project, operation, seed::hash_of(&(image, member)));
    let caller = token.and_then(|token| caller::authorize(token, operation));
    let body = |caller: ProjectId| -> Result<String, Refusal> {
        let world = &state.shared.world;
        match operation {
            Operation::ListMembers => member_view::list(world, image, caller).map(|it| json(&it)),
            _ => member_view::show(world, image, member, caller).map(|it| json(&it)),
        }
    };
    let result = caller.map_err(Refusal::from).and_then(body);
    Answer { call, project, job: None, result }
}
