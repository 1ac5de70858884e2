//! Members, read and changed. Contract, "Native member endpoints".

use super::answer::{Answer, Success};
use super::call::Call;
use crate::api::{Operation, ProjectId, Refusal};
use crate::domain::member_view;
use crate::domain::native_members::{Done, Place};

/// Lists the members of an image, or shows one.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let result = call.allowed().map_err(Refusal::from).and_then(|caller| view(call, caller));
    Answer::of(result)
}

/// Adds, updates or removes a member, at once.
pub(super) fn change(call: &Call<'_>) -> Answer {
    let path = call.http.match_info();
    let place = Place { image: path.query("image_id"), member: path.query("member_id") };
    let done = call.allowed().map_err(Refusal::from).and_then(|project| {
        let asked = call.member.as_ref().map_err(|code| Refusal::from(*code))?;
        call.state.shared.change_member(call.caller(project), place, asked)
    });
    let success =
        |done: Done| done.member.map_or_else(Success::no_content, |it| Success::json(&it));
    Answer::of(done.map(success))
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
