//! Who sees which members of an image. Contract, "Who may do what" and "Refusals".

use super::{Image, Member, World};
use crate::api::member::{MEMBER_SCHEMA, MEMBERS_SCHEMA, MemberBody, MemberListBody};
use crate::api::{Code, ImageId, ProjectId, Refusal, time};

/// The members of an image that `caller` sees: the owner all, a member his own entry.
///
/// # Errors
/// 404 if the image does not exist or is invisible to the caller, 403 if it is public.
pub fn list(world: &World, image: &str, caller: ProjectId) -> Result<MemberListBody, Refusal> {
    let found = visible(world, image, caller)?;
    if found.facts.public {
        return Err(Refusal::naming(Code::NativeListForbidden, image, ""));
    }
    let members = found.members();
    let seen = |member: &&Member| found.owner == caller || member.project == caller;
    let members = members.all().iter().filter(seen).map(|member| body(found.id, member)).collect();
    Ok(MemberListBody { members, schema: MEMBERS_SCHEMA })
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
) -> Result<MemberBody, Refusal> {
    let found = visible(world, image, caller)?;
    let seen = |project: &ProjectId| found.owner == caller || *project == caller;
    ProjectId::parse(member)
        .filter(|_| !found.facts.public)
        .filter(seen)
        .and_then(|project| found.member(project))
        .map(|member| body(found.id, &member))
        .ok_or_else(|| Refusal::naming(Code::NativeMemberNotFound, image, member))
}

/// The image, if the caller owns it, is a member in any status, or it is public.
fn visible<'w>(world: &'w World, image: &str, caller: ProjectId) -> Result<&'w Image, Refusal> {
    let found = ImageId::parse(image).and_then(|id| world.image(id));
    let sees = |image: &Image| {
        image.owner == caller || image.facts.public || image.member(caller).is_some()
    };
    match found {
        Some(found) if sees(found) => Ok(found),
        _ => Err(Refusal::naming(Code::NativeImageNotFound, image, "")),
    }
}

fn body(image: ImageId, member: &Member) -> MemberBody {
    MemberBody {
        status: member.status,
        created_at: time::whole_seconds(member.created.as_millis()),
        updated_at: time::whole_seconds(member.updated.as_millis()),
        image_id: image,
        member_id: member.project,
        schema: MEMBER_SCHEMA,
    }
}
