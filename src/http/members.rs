//! Members, read and changed. Contract, "Native member endpoints".

use super::answer::{Answer, Success};
use super::call::Call;
use crate::api::{Code, Operation, ProjectId, Refusal};
use crate::domain::member_page::MemberPage;
use crate::domain::member_view;
use crate::domain::native_members::{Done, Place};

/// Lists the members of an image, or shows one.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let result = call.allowed().map_err(Refusal::from).and_then(|caller| view(call, caller));
    Answer::of(result)
}

/// Adds, updates or removes a member, at once.
pub(super) fn change(call: &Call<'_>) -> Answer {
    let path = call.path;
    let place = Place { image: path.get("image_id"), member: path.get("member_id") };
    let done = call.allowed().map_err(Refusal::from).and_then(|project| {
        let asked = call.member.as_ref().map_err(|code| Refusal::from(*code))?;
        call.state.shared.change_member(call.caller(project), place, asked)
    });
    let success =
        |done: Done| done.member.map_or_else(Success::no_content, |it| Success::json(&it));
    Answer::of(done.map(success))
}

fn view(call: &mut Call<'_>, caller: ProjectId) -> Result<Success, Refusal> {
    let twin = call.operation.is_later();
    let seen = own_path(call, caller).and_then(|page| {
        let as_of = call.as_of();
        let (world, path) = (&call.state.shared.world, call.path);
        let (image, member) = (path.get("image_id"), path.get("member_id"));
        match call.operation {
            Operation::ShowMember | Operation::ShowMemberLater => {
                let shown = member_view::show(world, image, member, caller, as_of);
                shown.map(|member| Success::json(&member))
            }
            _ => {
                let listed = member_view::list(world, image, caller, page, as_of);
                listed.map(|members| Success::json(&members))
            }
        }
    });
    seen.map_err(|refusal| if twin { of_twin(refusal) } else { refusal })
}

/// The page that is asked for. A path that names a project must name the caller's own.
fn own_path(call: &Call<'_>, caller: ProjectId) -> Result<MemberPage, Refusal> {
    let own = ProjectId::parse(call.path.get("project_id")) == Some(caller);
    if call.operation.is_later() && !own {
        return Err(Code::Img0030.into());
    }
    if !call.state.shared.world.settings.later_fields {
        return Ok(MemberPage::whole());
    }
    let pairs = form_urlencoded::parse(call.http.query_string().as_bytes());
    Ok(MemberPage::parse(pairs)?)
}

/// What the native API refuses, as its later twin says it: in the extension API's form and codes.
fn of_twin(refusal: Refusal) -> Refusal {
    match refusal.code {
        Code::NativeImageNotFound => Code::LaterImageNotFound.into(),
        Code::NativeMemberNotFound => Code::LaterMemberNotFound.into(),
        Code::NativeListForbidden => Code::LaterListForbidden.into(),
        Code::NativeLimitWrong | Code::NativeMarkerWrong => Code::Img0017.into(),
        _ => refusal,
    }
}
