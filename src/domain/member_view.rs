//! Who sees which members of an image. Contract, "Who may do what" and "Refusals".
//!
//! A reader sees the members of the present unless he is shown those of a past moment, `as_of`: then
//! whether he sees the image at all is judged by that moment's members, too. What an image is, and
//! whether it is still there, is always that of the present.

use std::sync::Arc;

use super::image::{Facts, Members};
use super::image_view::is_found;
use super::member_page::MemberPage;
use super::{Image, Member, World};
use crate::api::member::{MEMBER_SCHEMA, MEMBER_TYPE, MEMBERS_SCHEMA, MemberBody, MemberListBody};
use crate::api::{Code, ImageId, ProjectId, Refusal, time};
use crate::clock::SimTime;

/// The members of an image that `caller` sees, or a page of them: the owner all, a member his own entry.
///
/// # Errors
/// 404 if the image does not exist or is invisible to the caller, 403 if it is public, 400 if the page is to
/// begin behind nobody whom he sees.
pub fn list(
    world: &World,
    image: &str,
    caller: ProjectId,
    page: MemberPage,
    as_of: Option<SimTime>,
) -> Result<MemberListBody, Refusal> {
    let (found, members) = visible(world, image, caller, as_of, |found, facts, members| {
        let seen = |member: &&Member| found.owner == caller || member.project == caller;
        (!facts.public).then(|| page.of(members.all().iter().filter(seen)))
    })?;
    let members = members.ok_or_else(|| Refusal::naming(Code::NativeListForbidden, image, ""))?;
    let (members, info) = members?;
    let members = members.iter().map(|member| body(world, found.id, member)).collect();
    let page_info = world.settings.later_fields.then_some(info);
    Ok(MemberListBody { members, schema: MEMBERS_SCHEMA, page_info })
}

/// One member of an image, for the owner or for that member.
///
/// # Errors
/// 404 if the image is invisible to the caller, or the member does not exist or is another's entry.
pub fn show(
    world: &World,
    image: &str,
    member: &str,
    caller: ProjectId,
    as_of: Option<SimTime>,
) -> Result<MemberBody, Refusal> {
    let (found, shown) = visible(world, image, caller, as_of, |found, facts, members| {
        let seen = |project: &ProjectId| found.owner == caller || *project == caller;
        ProjectId::parse(member)
            .filter(|_| !facts.public)
            .filter(seen)
            .and_then(|project| members.get(project).copied())
    })?;
    shown
        .map(|member| body(world, found.id, &member))
        .ok_or_else(|| Refusal::naming(Code::NativeMemberNotFound, image, member))
}

/// The image with a view of it, if the caller owns it, is a member in any status, or it is public.
fn visible<T>(
    world: &World,
    image: &str,
    caller: ProjectId,
    as_of: Option<SimTime>,
    view: impl FnOnce(&Image, &Facts, &Members) -> T,
) -> Result<(Arc<Image>, T), Refusal> {
    let shown = || {
        let found = world.image(ImageId::parse(image)?)?;
        let seen = found.look(as_of, |facts, members| {
            is_found(&found, facts, members, caller).then(|| view(&found, facts, members))
        });
        seen.flatten().map(|seen| (Arc::clone(&found), seen))
    };
    shown().ok_or_else(|| Refusal::naming(Code::NativeImageNotFound, image, ""))
}

/// A member as the API shows it.
pub(super) fn body(world: &World, image: ImageId, member: &Member) -> MemberBody {
    MemberBody {
        status: member.status,
        created_at: time::whole_seconds(member.created.as_millis()),
        updated_at: time::whole_seconds(member.updated.as_millis()),
        image_id: image,
        member_id: member.project,
        schema: MEMBER_SCHEMA,
        member_type: world.settings.later_fields.then_some(MEMBER_TYPE),
    }
}
