//! Reading members. Contract, "Native member endpoints".

use super::answer::{Answer, Success};
use super::call::Call;
use crate::api::{Code, Operation, ProjectId, Refusal};
use crate::domain::member_view;

/// Lists the members of an image, or shows one.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let result = call.allowed().map_err(Refusal::from).and_then(|caller| view(call, caller));
    Answer::of(result)
}

/// Adds, updates or removes a member.
pub(super) fn change(_call: &mut Call<'_>) -> Answer {
    Answer::refusal(Code::ApiNotFound.into())
}

fn view(call: &mut Call<'_>, caller: ProjectId) -> Result<Success, Refusal> {
    let as_of = call.as_of();
    let (world, path) = (&call.state.shared.world, call.http.match_info());
    let (image, member) = (path.query("image_id"), path.query("member_id"));
    match call.operation {
        Operation::ShowMember => {
            let shown = member_view::show(world, image, member, caller, as_of);
            shown.map(|member| Success::json(&member))
        }
        _ => {
            let listed = member_view::list(world, image, caller, as_of);
            listed.map(|members| Success::json(&members))
        }
    }
}
