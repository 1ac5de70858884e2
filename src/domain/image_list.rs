//! Lists of images, page by page. Contract, "`GET /v2/cloudimages`" and DECISION U-25.
//!
//! Images are looked at one by one, each behind its own lock, and no more than a page is kept. In the usual
//! order looking ends where the page does.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::image::{Sight, Status};
use super::image_filter::Filter;
use super::image_query::{ImageQuery, SortKey};
use super::image_view::{body, is_visible, visibility};
use super::{Image, World};
use crate::api::image::ImageBody;
use crate::api::image_words::Visibility;
use crate::api::{Code, ImageId, MemberStatus, ProjectId};
use crate::clock::SimTime;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagePage {
    /// The images, in order.
    pub images: Vec<ImageBody>,
    /// Whether others follow.
    pub more: bool,
}

/// The images that `caller` sees and that fit, behind the marker; who the members are is that of the present
/// unless he is shown a past moment, everything else always.
///
/// # Errors
/// IMG.0017 if the marker is no image that he sees.
pub fn list(
    world: &World,
    query: &ImageQuery,
    caller: ProjectId,
    as_of: Option<SimTime>,
) -> Result<ImagePage, Code> {
    let reader = Reader { query, caller, as_of };
    let marker = query.marker.map(|id| reader.marker(world, id).ok_or(Code::Img0017));
    let marker = marker.transpose()?;
    if query.limit == 0 {
        return Ok(ImagePage { images: Vec::new(), more: false });
    }
    let catalog = world.catalog();
    let as_in_catalog = query.sort == SortKey::Created && !query.ascending;
    let mut images = if as_in_catalog {
        let after = marker.as_ref().and_then(Rank::in_catalog);
        reader.first(&mut catalog.behind(after, reader.owner()))
    } else {
        reader.least(&mut catalog.behind(None, reader.owner()), marker.as_ref())
    };
    let more = images.len() > query.limit;
    images.truncate(query.limit);
    Ok(ImagePage { images, more })
}

/// Who reads what.
struct Reader<'q> {
    query: &'q ImageQuery,
    caller: ProjectId,
    as_of: Option<SimTime>,
}

impl Reader<'_> {
    /// Where the page begins; `None` if the caller sees no such image.
    fn marker(&self, world: &World, id: ImageId) -> Option<Rank> {
        let image = world.image(id)?;
        let rank = image.see(self.as_of, |sight| {
            let seen = is_visible(&image, sight.facts, sight.members, self.caller);
            seen.then(|| self.rank(&image, sight))
        });
        rank.flatten()
    }

    /// The only owner whose images can be in the list, if there is just one.
    fn owner(&self) -> Option<ProjectId> {
        let owner = self.query.filters.iter().find_map(|filter| match filter {
            Filter::Owner(owner) => *owner,
            _ => None,
        });
        let private = self.query.visibility == Some(Visibility::Private);
        owner.or_else(|| private.then_some(self.caller))
    }

    /// The first images in the order in which they come, and one more than a page has.
    fn first(&self, images: &mut dyn Iterator<Item = &Arc<Image>>) -> Vec<ImageBody> {
        let shown = images.filter_map(|image| {
            let seen =
                image.see(self.as_of, |sight| self.lists(image, sight).then(|| body(image, sight)));
            seen.flatten()
        });
        shown.take(self.query.limit + 1).collect()
    }

    /// The same in another order, behind the marker.
    fn least(
        &self,
        images: &mut dyn Iterator<Item = &Arc<Image>>,
        marker: Option<&Rank>,
    ) -> Vec<ImageBody> {
        // The last of those that are kept stands on top, to be thrown out.
        let mut kept: BinaryHeap<Ranked> = BinaryHeap::new();
        for image in images {
            image.see(self.as_of, |sight| {
                if !self.lists(image, sight) {
                    return;
                }
                let rank = self.rank(image, sight);
                let is_full = kept.len() > self.query.limit;
                let passed = marker.is_some_and(|marker| rank <= *marker);
                if passed || is_full && kept.peek().is_some_and(|last| last.rank < rank) {
                    return;
                }
                if is_full {
                    kept.pop();
                }
                kept.push(Ranked { rank, body: body(image, sight) });
            });
        }
        kept.into_sorted_vec().into_iter().map(|ranked| ranked.body).collect()
    }

    /// Whether the image is in the list.
    fn lists(&self, image: &Image, sight: &Sight<'_>) -> bool {
        let query = self.query;
        let is_own = image.owner == self.caller;
        let status = || sight.members.get(self.caller).map(|member| member.status);
        let seen = match query.member_status {
            Some(wanted) => !is_own && status() == Some(wanted),
            None => is_own || sight.facts.public || status() == Some(MemberStatus::Accepted),
        };
        let is_there = || {
            let asks = |filter: &Filter| filter.asks_for(Status::Deleted);
            sight.facts.status != Status::Deleted || query.filters.iter().any(asks)
        };
        seen && query.visibility.is_none_or(|wanted| visibility(sight) == wanted)
            && is_there()
            && query.filters.iter().all(|filter| filter.fits(image, sight))
    }

    /// Where the image stands in the order.
    fn rank(&self, image: &Image, sight: &Sight<'_>) -> Rank {
        let value = match self.query.sort {
            SortKey::Name => SortValue::Text(Arc::clone(&image.name)),
            SortKey::ContainerFormat => SortValue::Text(sight.details.container_format().into()),
            SortKey::DiskFormat => SortValue::Word(sight.details.disk_format().as_str()),
            SortKey::Status => SortValue::Word(sight.facts.status.as_str()),
            SortKey::Created => SortValue::Number(sight.times.created.as_millis() / 1_000),
            // The size that lists show is always the same.
            SortKey::Size => SortValue::Number(0),
            SortKey::Id => SortValue::Id(image.id),
        };
        Rank { value, ascending: self.query.ascending, id: image.id }
    }
}

/// Where an image stands in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rank {
    value: SortValue,
    ascending: bool,
    id: ImageId,
}

/// What an order goes by; those of one list are of one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SortValue {
    Number(u64),
    Word(&'static str),
    Text(Arc<str>),
    Id(ImageId),
}

impl Rank {
    /// Where it stands in a catalog, if it goes by time.
    fn in_catalog(&self) -> Option<(u64, ImageId)> {
        match self.value {
            SortValue::Number(created) => Some((created, self.id)),
            _ => None,
        }
    }
}

impl Ord for Rank {
    /// In either direction those with the same value go by their ids.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_value = self.value.cmp(&other.value);
        let by_value = if self.ascending { by_value } else { by_value.reverse() };
        by_value.then(self.id.cmp(&other.id))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// An image that is kept, in the order of its rank.
struct Ranked {
    rank: Rank,
    body: ImageBody,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Ranked {}

#[cfg(test)]
mod tests;
