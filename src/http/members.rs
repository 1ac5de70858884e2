//! Reading members. Contract, "Native member endpoints".

use super::answer::{Answer, json};
use super::call::Call;
use crate::api::{Operation, ProjectId, Refusal};
use crate::domain::member_view;

/// Lists the members of an image, or shows one.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let result = call.allowed().map_err(Refusal::from).and_then(|caller| view(call, caller));
    Answer { job: None, result }
}

fn view(call: &mut Call<'_>, caller: ProjectId) -> Result<String, Refusal> {
    let as_of = call.as_of();
    let (world, path) = (&call.state.shared.world, call.http.match_info());
    let (image, member) = (path.query("image_id"), path.query("member_id"));
    match call.operation {
        Operation::ShowMember => {
            member_view::show(world, image, member, caller, as_of).map(|member| json(&member))
        }
        _ => member_view::list(world, image, caller, as_of).map(|members| json(&members)),
    }
}
