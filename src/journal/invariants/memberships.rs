//! The memberships as they must be: as they were in the beginning, and changed as settled, or as native
//! calls tell.

mod known;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::finding::{Findings, Invariant};
use crate::api::{ImageId, MemberStatus, ProjectId};
use crate::domain::rules::Change;
use crate::domain::{Image, World};
pub(super) use known::By;
use known::{Known, Last, List, before_that, is_list, pairs};

/// How many images that were added by hand are looked up at once.
const PAGE: usize = 1_000;

/// The memberships as they must be.
pub(super) struct Memberships<'w> {
    world: &'w World,
    images: FxHashMap<ImageId, Known>,
    /// The newest image of the world.
    newest: Option<ImageId>,
    /// Images made alike have the same members, and share them here.
    latest_list: List,
    /// What was changed by hand and not read since; what is settled there meanwhile is not judged.
    by_hand: ByHand,
    /// What was deleted by hand, by name or id as it was said then: nothing says so later.
    deleted_by_hand: BTreeSet<Box<str>>,
    /// Images that native calls deleted.
    gone: BTreeSet<ImageId>,
}

#[derive(Default)]
struct ByHand {
    images: BTreeSet<ImageId>,
    added: bool,
    all: bool,
}

impl<'w> Memberships<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        let mut all = Self {
            world,
            images: FxHashMap::default(),
            newest: None,
            latest_list: List::default(),
            by_hand: ByHand::default(),
            deleted_by_hand: BTreeSet::new(),
            gone: BTreeSet::new(),
        };
        all.read_all();
        all
    }

    fn read_all(&mut self) {
        self.images.clear();
        self.gone.clear();
        let images = self.world.images();
        self.images.reserve(images.len());
        images.into_iter().for_each(|image| self.read(image));
    }

    /// Takes an image as it stands.
    fn read(&mut self, image: Arc<Image>) {
        let latest = &self.latest_list;
        let list = image.look(None, |_, members| {
            if is_list(members, latest) { Arc::clone(latest) } else { pairs(members).collect() }
        });
        self.newest = Some(image.id);
        let Some(start) = list else {
            self.images.remove(&image.id);
            return;
        };
        self.latest_list = Arc::clone(&start);
        self.gone.remove(&image.id);
        self.deleted_by_hand.remove(&*image.name);
        self.images.insert(image.id, Known { image, start, changed: BTreeMap::new() });
    }

    /// Takes note of a change by hand.
    pub(super) fn by_hand(&mut self, action: &str, object: &str) {
        match action {
            "patch_image" => self.name(object),
            "delete_image" => {
                self.deleted_by_hand.insert(object.into());
                self.name(object);
            }
            "set_member" | "delete_member" => {
                // Names can hold a slash, too.
                object.match_indices('/').for_each(|(place, _)| self.name(&object[..place]));
            }
            "add_image" | "add_to_world" => self.by_hand.added = true,
            "reset" => self.by_hand.all |= object.split(", ").any(|part| part == "world"),
            _ => {}
        }
    }

    fn name(&mut self, text: &str) {
        let ids = [ImageId::parse(text), self.world.image_named(text)];
        self.by_hand.images.extend(ids.into_iter().flatten());
    }

    /// Reads what was changed by hand as it stands now.
    pub(super) fn read_anew(&mut self) {
        let ByHand { images, added, all } = std::mem::take(&mut self.by_hand);
        if all {
            return self.read_all();
        }
        let newest = self.newest;
        for id in images {
            match self.world.image(id) {
                Some(image) => self.read(image),
                None => drop(self.images.remove(&id)),
            }
        }
        self.newest = newest;
        if added {
            self.read_new();
        }
    }

    /// Reads the images that stand behind the newest one that is known.
    fn read_new(&mut self) {
        loop {
            let Some(new) = self.world.images_after(self.newest, PAGE) else {
                // The newest one is gone, and its place with it.
                let images = self.world.images();
                let is_new = |image: &Arc<Image>| !self.images.contains_key(&image.id);
                let new: Vec<_> = images.into_iter().filter(is_new).collect();
                return new.into_iter().for_each(|image| self.read(image));
            };
            let last = new.len() < PAGE;
            new.into_iter().for_each(|image| self.read(image));
            if last {
                return;
            }
        }
    }

    /// A share is changed by a job or a call; where it stands then, if that is known.
    pub(super) fn change(
        &mut self,
        by: By,
        (id, project): (ImageId, ProjectId),
        change: Change,
        findings: &mut Findings<'_>,
    ) -> Option<Option<MemberStatus>> {
        if self.by_hand.all || self.by_hand.images.contains(&id) {
            return None;
        }
        let Some(known) = self.images.get_mut(&id) else {
            if self.gone.contains(&id) && change != Change::Nothing && !self.by_hand.added {
                findings.add(Invariant::Memberships, by.job(), Some((id, project)), || {
                    format!("was {}, though its image is gone", change.as_str())
                });
            } else if !self.gone.contains(&id) {
                // It came by hand, a moment ago.
                self.by_hand.images.insert(id);
            }
            return None;
        };
        let before = known.status(project);
        let after = match (before, change) {
            (_, Change::Nothing) => return Some(before),
            (None, Change::Added) => Some(MemberStatus::Pending),
            (Some(_), Change::Removed) => None,
            (Some(before), Change::SetTo(status)) if before != status => Some(status),
            // Of an image that is gone a job that runs can still hold another one with the same id.
            _ if known.is_gone() => return None,
            _ => {
                let last = known.last(project).map(|last| last.by);
                findings.add(Invariant::Memberships, by.job(), Some((id, project)), || {
                    let (done, was) = (change.as_str(), before_that(last, before));
                    format!("was {done}; {was}, so that somebody else changed it")
                });
                after_all_the_same(change)
            }
        };
        known.changed.insert(project, Last { status: after, by });
        Some(after)
    }

    /// Where a share stands, if that is known.
    pub(super) fn status(&self, id: ImageId, project: ProjectId) -> Option<Option<MemberStatus>> {
        let in_doubt = self.by_hand.all || self.by_hand.images.contains(&id);
        self.images.get(&id).filter(|_| !in_doubt).map(|known| known.status(project))
    }

    /// A native call deleted an image.
    pub(super) fn delete(&mut self, id: ImageId) {
        self.images.remove(&id);
        self.gone.insert(id);
    }

    /// Holds the world against what it must be.
    pub(super) fn close(&self, findings: &mut Findings<'_>) {
        for image in self.world.images() {
            let known = self.images.get(&image.id);
            // Images that nobody told of come and go by hand alone.
            if let Some(known) = known.filter(|known| Arc::ptr_eq(&known.image, &image)) {
                known.close(findings);
            }
        }
        let by_hand = self.deleted_by_hand.iter().map(|name| ImageId::parse(name));
        let by_hand: BTreeSet<ImageId> = by_hand.flatten().collect();
        let missing =
            self.images.values().filter(|known| known.is_gone()).map(|known| &known.image);
        let untold = missing.filter(|image| {
            !by_hand.contains(&image.id) && !self.deleted_by_hand.contains(&*image.name)
        });
        let untold: BTreeMap<ImageId, &Arc<Image>> =
            untold.map(|image| (image.id, image)).collect();
        for image in untold.values() {
            findings.add(Invariant::Memberships, None, None, || {
                format!("image {} is gone at the end, and nobody had deleted it", image.name)
            });
        }
    }
}

/// What a change leaves, whatever was there before.
const fn after_all_the_same(change: Change) -> Option<MemberStatus> {
    match change {
        Change::Added => Some(MemberStatus::Pending),
        Change::SetTo(status) => Some(status),
        Change::Removed | Change::Nothing => None,
    }
}
