//! All images in the order in which lists show them unless something else is asked for: the newest first, by
//! whole seconds, and those of the same second by their ids.
//!
//! A world makes it when the first list asks for it, and again when images came or were given another time;
//! so whoever walks page by page sorts nothing, and finds the place of a page by halving.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Image;
use crate::api::{ImageId, ProjectId};

/// How many images that are gone a catalog may hold beside as many as there are: below that it is not worth
/// making it anew.
const MOST_GONE: usize = 1_000;

/// Images in the order of lists.
pub(super) struct Catalog {
    /// The version of the world that it shows.
    version: u64,
    all: Vec<Place>,
    /// Where the images of each project stand, in the same order.
    owned: FxHashMap<ProjectId, Vec<u32>>,
}

/// An image with what decides where it stands.
struct Place {
    created: u64,
    image: Arc<Image>,
}

impl Catalog {
    /// The catalog of these images.
    pub(super) fn new(version: u64, images: Vec<Arc<Image>>) -> Self {
        let place = |image: Arc<Image>| Place { created: seconds(&image), image };
        let mut all: Vec<Place> = images.into_iter().map(place).collect();
        all.sort_unstable_by_key(|place| key(place.created, place.image.id));
        let mut owned: FxHashMap<ProjectId, Vec<u32>> = FxHashMap::default();
        for (place, number) in all.iter().zip(0..) {
            owned.entry(place.image.owner).or_default().push(number);
        }
        Self { version, all, owned }
    }

    /// Whether it shows this version of a world that has so many images.
    pub(super) fn is_of(&self, version: u64, images: usize) -> bool {
        self.version == version && self.all.len() <= 2 * images + MOST_GONE
    }

    /// The images behind a place in the order, or all; of one owner, or of everybody. Some may be gone.
    pub(super) fn behind(
        &self,
        after: Option<(u64, ImageId)>,
        owner: Option<ProjectId>,
    ) -> Box<dyn Iterator<Item = &Arc<Image>> + '_> {
        let passed = |place: &Place| {
            after
                .is_some_and(|(created, id)| key(place.created, place.image.id) <= key(created, id))
        };
        match owner {
            None => {
                let from = self.all.partition_point(passed);
                Box::new(self.all[from..].iter().map(|place| &place.image))
            }
            Some(owner) => {
                let owned = self.owned.get(&owner).map_or(&[][..], Vec::as_slice);
                let at = |number: &u32| &self.all[*number as usize];
                let from = owned.partition_point(|number| passed(at(number)));
                Box::new(owned[from..].iter().map(move |number| &at(number).image))
            }
        }
    }
}

/// The whole second in which an image was made; finer than that lists show no times.
fn seconds(image: &Image) -> u64 {
    image.times().created.as_millis() / 1_000
}

/// What the order goes by.
const fn key(created: u64, id: ImageId) -> (std::cmp::Reverse<u64>, ImageId) {
    (std::cmp::Reverse(created), id)
}
