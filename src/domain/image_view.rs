//! Who sees an image, and what he sees of it. Contract, "Image object" and DECISION U-25.

use std::sync::Arc;

use super::image::{Facts, Members, Sight, Status};
use super::{Image, WholeServer, World};
use crate::api::image::{ImageBody, QuotasBody};
use crate::api::image_words::{ImageType, Visibility};
use crate::api::{Code, ImageId, ProjectId, Refusal};
use crate::clock::SimTime;
use crate::seed;

/// Whether `caller` sees an image whose id he knows: he owns it, is a member in any status (DECISION
/// U-33), or it is public.
pub(super) fn is_visible(
    image: &Image,
    facts: &Facts,
    members: &Members,
    caller: ProjectId,
) -> bool {
    image.owner == caller || facts.public || members.get(caller).is_some()
}

/// Whether `caller` finds an image by its id: he sees it, and it is not marked as deleted.
pub(super) fn is_found(image: &Image, facts: &Facts, members: &Members, caller: ProjectId) -> bool {
    facts.status != Status::Deleted && is_visible(image, facts, members, caller)
}

/// Who sees an image: with a member it is shared, whatever the status.
pub(super) fn visibility(sight: &Sight<'_>) -> Visibility {
    match (sight.facts.public, sight.members.all()) {
        (true, _) => Visibility::Public,
        (false, []) => Visibility::Private,
        (false, _) => Visibility::Shared,
    }
}

/// Of which kind an image is. A private one that is published on the marketplace stays a private one.
pub(super) fn image_type(sight: &Sight<'_>) -> ImageType {
    match visibility(sight) {
        Visibility::Public if sight.facts.marketplace => ImageType::Market,
        Visibility::Public => ImageType::Gold,
        Visibility::Private => ImageType::Private,
        Visibility::Shared => ImageType::Shared,
    }
}

/// The key of an encrypted image: one for each owner, unless the image names another.
pub(super) fn cmkid(image: &Image, sight: &Sight<'_>) -> Option<Box<str>> {
    let named = || sight.details.cmkid.clone();
    let drawn = || {
        let key = seed::hash_of(format!("cmkid of {}", image.owner).as_str());
        ImageId::from_u128(key).to_string().into()
    };
    sight.facts.encrypted.then(|| named().unwrap_or_else(drawn))
}

/// The product of a marketplace image: one for each image, unless it names another.
fn productcode(image: &Image, sight: &Sight<'_>) -> Option<Box<str>> {
    let named = || sight.details.productcode.clone();
    let drawn = || {
        let code = seed::hash_of(format!("productcode of {}", image.id).as_str());
        ProjectId::from_u128(code).to_string().into()
    };
    sight.facts.marketplace.then(|| named().unwrap_or_else(drawn))
}

/// The image as everybody sees it who sees it.
pub(super) fn body(image: &Image, sight: &Sight<'_>) -> ImageBody {
    ImageBody {
        id: image.id,
        name: Arc::clone(&image.name),
        owner: image.owner,
        status: sight.facts.status,
        visibility: visibility(sight),
        image_type: image_type(sight),
        protected: sight.facts.protected,
        whole_server: sight.facts.whole_server != WholeServer::No,
        cmkid: cmkid(image, sight),
        productcode: productcode(image, sight),
        created: sight.times.created.as_millis(),
        updated: sight.times.updated.as_millis(),
        details: Arc::clone(sight.details),
    }
}

/// One image, with the members of the present or of a past moment.
///
/// # Errors
/// 404 if there is none, it is marked as deleted, or the caller does not see it.
pub fn show(
    world: &World,
    image: &str,
    caller: ProjectId,
    as_of: Option<SimTime>,
) -> Result<ImageBody, Refusal> {
    let shown = || {
        let found = world.image(ImageId::parse(image)?)?;
        let seen = found.see(as_of, |sight| {
            let seen = is_found(&found, sight.facts, sight.members, caller);
            seen.then(|| body(&found, sight))
        });
        seen.flatten()
    };
    shown().ok_or_else(|| Refusal::naming(Code::NativeImageNotFound, image, ""))
}

/// How many private images a project has of those that it may have; what it received does not count, nor
/// does what is public or marked as deleted.
#[must_use]
pub fn quota(world: &World, caller: ProjectId) -> QuotasBody {
    let counts = |facts: &Facts| !facts.public && facts.status != Status::Deleted;
    let catalog = world.catalog();
    let own = catalog.behind(None, Some(caller));
    let used = own.filter(|image| image.look(None, |facts, _| counts(facts)) == Some(true)).count();
    QuotasBody::of_images(used, world.settings.image_quota)
}
