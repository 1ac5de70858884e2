//! Adding, deciding and removing one member at once. Contract, "Native member endpoints".
//!
//! What is refused is refused in this order, and then nothing has changed:
//!
//! | # | Add | Update | Delete |
//! |---|---|---|---|
//! | 1 | body missing, malformed, without a member: 400 | likewise, without a status: 400 | |
//! | 2 | image unknown, marked as deleted or invisible to the caller: 404 | 404 | 404 |
//! | 3 | caller is not the owner, or the image is public: 403 | caller is the owner, or it is public: 403 | as add: 403 |
//! | 4 | image cannot be shared, or member is its owner: 403 | entry of another project: 404 | not a member: 404 |
//! | 5 | project unknown in the region: 400 | status neither accepted nor rejected: 400 | |
//! | 6 | already a member, in any status: 409 | whole-server image without a known vault: 400 | |
//! | 7 | the image has its maximum of members: 413 | | |
//!
//! Whether an image can be shared, and what a decision needs, is asked of [`super::rules`], as it is for
//! the pairs of a batch.

use std::sync::Arc;

use super::image::State;
use super::member_view;
use super::rules::{self, Change};
use super::{Image, World};
use crate::api::member::MemberBody;
use crate::api::member_request::{AddBody, DecisionBody};
use crate::api::{Code, ImageId, Operation, ProjectId, Refusal};
use crate::clock::SimTime;
use crate::seed::{KeyHasher, Keyed};

/// What a native call asks for, once its body has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Share with a project, named as the client wrote it.
    Add(Box<str>),
    /// Decide on a share, as the recipient.
    Update(DecisionBody),
    /// Withdraw.
    Delete,
}

impl Keyed for Asked {
    fn feed(&self, hasher: &mut impl KeyHasher) {
        match self {
            Self::Add(member) => member.feed(hasher),
            Self::Update(DecisionBody { decision, vault }) => {
                hasher.write(&[decision.map_or(0, |decision| decision as u8 + 1)]);
                vault.as_deref().feed(hasher);
            }
            Self::Delete => {}
        }
    }
}

/// Which share a call is about, as the client wrote it in the path.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The image.
    pub image: &'a str,
    /// The member; adding names it in the body.
    pub member: &'a str,
}

/// What a call did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The image.
    pub image: ImageId,
    /// The member.
    pub project: ProjectId,
    /// What was done to the share.
    pub change: Change,
    /// The share as it stands now; `None` if it is withdrawn.
    pub member: Option<MemberBody>,
}

/// Reads what a native call asks for; of one that takes no body, whatever the body says.
///
/// # Errors
/// 400 where the body is missing or not of the right form.
pub fn read(operation: Operation, body: &[u8]) -> Result<Asked, Code> {
    match operation {
        Operation::AddMember => AddBody::read(body).map(|body| Asked::Add(body.member)),
        Operation::UpdateMember => DecisionBody::read(body).map(Asked::Update),
        _ => Ok(Asked::Delete),
    }
}

/// Does what a call asks for, or nothing.
///
/// # Errors
/// The refusal, see the table above.
pub fn change(
    world: &World,
    place: Place<'_>,
    asked: &Asked,
    caller: ProjectId,
    now: SimTime,
) -> Result<Done, Refusal> {
    let member = match asked {
        Asked::Add(member) => member,
        Asked::Update(_) | Asked::Delete => place.member,
    };
    let refused = |code| Refusal::naming(code, place.image, member);
    let found = ImageId::parse(place.image).and_then(|id| world.image(id));
    let image = found.ok_or_else(|| refused(Code::NativeImageNotFound))?;
    let call = Call { world, image: &image, caller, project: ProjectId::parse(member) };
    let done = image.change_at_once(|state| call.decide(asked, state), now, world.books());
    let (project, change, share) = done.map_err(refused)?;
    let member = share.map(|share| member_view::body(world, image.id, &share));
    Ok(Done { image: image.id, project, change, member })
}

/// A call on its way to a decision.
struct Call<'a> {
    world: &'a World,
    image: &'a Arc<Image>,
    caller: ProjectId,
    /// The member, unless what the client wrote is no id of a project.
    project: Option<ProjectId>,
}

impl Call<'_> {
    /// What is to be done, and to whose share.
    fn decide(&self, asked: &Asked, state: &State) -> Result<(ProjectId, Change), Code> {
        if !state.is_found_by(self.image, self.caller) {
            return Err(Code::NativeImageNotFound);
        }
        match asked {
            Asked::Add(_) => self.add(state),
            Asked::Update(body) => self.update(body, state),
            Asked::Delete => self.delete(state),
        }
    }

    fn add(&self, state: &State) -> Result<(ProjectId, Change), Code> {
        match rules::sharing(self.image, state, self.caller, self.project, self.world) {
            Ok((project, None)) => Ok((project, Change::Added)),
            Ok((_, Some(_))) => Err(Code::NativeMemberDuplicate),
            Err(Code::Img0108) => Err(Code::NativeMemberUnknown),
            Err(Code::Img0088) => Err(Code::NativeMemberLimit),
            Err(_) => Err(Code::NativeAddForbidden),
        }
    }

    fn update(&self, body: &DecisionBody, state: &State) -> Result<(ProjectId, Change), Code> {
        if state.facts.public || self.image.owner == self.caller {
            return Err(Code::NativeUpdateForbidden);
        }
        let own = self.project.filter(|project| *project == self.caller);
        let project = own.ok_or(Code::NativeMemberNotFound)?;
        let decision = body.decision.ok_or(Code::NativeStatusWrong)?;
        let vault = body.vault.as_deref();
        match rules::update(self.image, state, project, decision, vault, self.world) {
            Ok(change) => Ok((project, change)),
            Err(Code::Img0184) => Err(Code::NativeVaultUnknown),
            Err(_) => Err(Code::NativeMemberNotFound),
        }
    }

    fn delete(&self, state: &State) -> Result<(ProjectId, Change), Code> {
        if state.facts.public || self.image.owner != self.caller {
            return Err(Code::NativeDeleteForbidden);
        }
        let member = self.project.and_then(|project| state.members.get(project));
        let member = member.ok_or(Code::NativeMemberNotFound)?;
        Ok((member.project, Change::Removed))
    }
}

#[cfg(test)]
mod tests;
