//! What each transaction is: its operation, its images, its projects; all drawn by its number.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draw::Sampler;
use super::plan::unfilled;
use super::stock::Stock;
use crate::api::{MemberDecision, Operation};
use crate::scenario::Names;
use crate::scenario::load_section::{DrawEntry, LoadSection, in_mix};
use crate::scenario::load_stock::Reach;
use crate::seed::{Seed, What};

/// The part of decisions that accept: recipients seldom ask for what they do not want.
const ACCEPTED: f64 = 0.75;

/// How large batches are, or how much an operation is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct PerBatch {
    pub(super) images: usize,
    pub(super) projects: usize,
}

/// The operations of a load.
#[derive(Clone, Debug)]
pub(super) struct Mix {
    entries: Vec<Entry>,
    per_batch: PerBatch,
    seed: Seed,
    /// After how many transactions an image would be drawn twice that must not be.
    used_up_after: Option<u64>,
}

/// One operation, with what it is done to.
#[derive(Clone, Debug)]
struct Entry {
    operation: Operation,
    /// The weights up to it.
    sum: u64,
    /// All its images, from which the first is drawn.
    images: Sampler,
    /// The same by owner: the images of one batch have one.
    by_owner: BTreeMap<u32, Sampler>,
    /// What the n-th transaction is about, if no image may be drawn twice.
    once: Option<Vec<Vec<u32>>>,
    projects: Sampler,
}

/// What a transaction does. Images and projects are places in the stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Transaction {
    pub(super) operation: Operation,
    /// Who calls.
    pub(super) caller: u32,
    pub(super) images: Arc<[u32]>,
    /// The members that it is about; the caller for updates.
    pub(super) projects: Arc<[u32]>,
    /// What an update decides.
    pub(super) decision: Option<MemberDecision>,
}

impl Mix {
    /// Lays out the mix of a section that was held against its file.
    ///
    /// # Errors
    /// A sentence, if an operation has nothing that it could be done to.
    pub(super) fn new(
        section: &LoadSection,
        names: &Names,
        stock: &Stock,
        seed: Seed,
    ) -> Result<Self, String> {
        let draws = Draws::new(section, stock, seed).ok_or_else(unfilled)?;
        let (mut entries, mut sum) = (Vec::new(), 0);
        let said = section.mix.iter().flat_map(|mix| mix.iter());
        for (name, said) in said.filter(|(_, said)| said.weight > 0) {
            sum += u64::from(said.weight);
            let operation = in_mix(name)?;
            entries.push(draws.entry(operation, sum, stock.reach(operation, said, names)?));
        }
        if entries.is_empty() {
            return Err("the mix has no operation with a weight above 0".to_owned());
        }
        let used_up = entries.iter().filter_map(|entry| entry.once.as_ref());
        let used_up_after = used_up.map(|once| once.len() as u64).min();
        Ok(Self { entries, per_batch: draws.per_batch, seed, used_up_after })
    }

    /// After how many transactions no image is left, if each is drawn once.
    pub(super) fn used_up_after(&self) -> Option<u64> {
        self.used_up_after
    }

    /// What the n-th transaction does.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "sums of a few weights of 32 bits"
    )]
    pub(super) fn transaction(&self, number: u64, stock: &Stock) -> Transaction {
        let whole = self.entries.last().map_or(1, |entry| entry.sum);
        let drawn = self.seed.draw(What::LoadOperation, &number).unit() * whole as f64;
        let at = self.entries.partition_point(|entry| entry.sum <= drawn as u64);
        let entry = &self.entries[at.min(self.entries.len() - 1)];
        let decision =
            matches!(entry.operation, Operation::UpdateMembers | Operation::UpdateMember)
                .then(|| self.decision(number));
        let (images, projects) = entry.draw(number, self.per_batch, stock);
        let owner = images.first().map(|image| stock.image(*image).owner);
        let caller = match decision {
            Some(_) => projects.first().copied(),
            None => owner.or_else(|| projects.first().copied()),
        };
        Transaction {
            operation: entry.operation,
            caller: caller.unwrap_or(0),
            images: images.into(),
            projects: projects.into(),
            decision,
        }
    }

    fn decision(&self, number: u64) -> MemberDecision {
        let drawn = self.seed.draw(What::LoadDecision, &number).unit();
        if drawn < ACCEPTED { MemberDecision::Accepted } else { MemberDecision::Rejected }
    }
}

/// How many images, and how many projects besides the owner, an operation is about.
fn about(operation: Operation, per_batch: PerBatch) -> PerBatch {
    let (images, projects) = match operation {
        Operation::AddMembers | Operation::DeleteMembers => (per_batch.images, per_batch.projects),
        Operation::UpdateMembers => (per_batch.images, 1),
        Operation::UpdateMember
        | Operation::AddMember
        | Operation::DeleteMember
        | Operation::ShowMember => (1, 1),
        Operation::ListMembers | Operation::ShowImage => (1, 0),
        _ => (0, 1),
    };
    PerBatch { images, projects }
}

/// How all operations of a section draw.
struct Draws<'a> {
    images: DrawEntry,
    projects: DrawEntry,
    per_batch: PerBatch,
    stock: &'a Stock,
    seed: Seed,
}

impl<'a> Draws<'a> {
    /// `None` if the section lacks a default.
    fn new(section: &LoadSection, stock: &'a Stock, seed: Seed) -> Option<Self> {
        let per_batch = PerBatch {
            images: section.images_per_batch? as usize,
            projects: section.projects_per_batch? as usize,
        };
        Some(Self { images: section.images?, projects: section.projects?, per_batch, stock, seed })
    }

    /// An operation that draws from this.
    fn entry(&self, operation: Operation, sum: u64, reach: Reach) -> Entry {
        let sampler = |images| Sampler::new(images, self.images, What::LoadImage, self.seed);
        let mut by_owner: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for image in &reach.images {
            by_owner.entry(self.stock.image(*image).owner).or_default().push(*image);
        }
        let by_owner: BTreeMap<u32, Sampler> =
            by_owner.into_iter().map(|(owner, images)| (owner, sampler(images))).collect();
        let draws_images = about(operation, self.per_batch).images > 0;
        let once = (self.images == DrawEntry::EachOnce && draws_images)
            .then(|| chunks(&by_owner, self.per_batch.images, self.seed));
        Entry {
            operation,
            sum,
            images: sampler(reach.images),
            by_owner,
            once,
            projects: Sampler::new(reach.projects, self.projects, What::LoadProject, self.seed),
        }
    }
}

impl Entry {
    fn draw(&self, number: u64, per_batch: PerBatch, stock: &Stock) -> (Vec<u32>, Vec<u32>) {
        let wanted = about(self.operation, per_batch);
        let images = match &self.once {
            // All operations cut the images alike, so that none is drawn for two of them.
            Some(once) => {
                let piece = once.get(index(number)).map_or(&[][..], Vec::as_slice);
                piece.iter().take(wanted.images).copied().collect()
            }
            None if wanted.images == 0 => Vec::new(),
            None => self.draw_images(number, wanted.images, stock),
        };
        let owner = images.first().map(|image| stock.image(*image).owner);
        let other = |project| Some(project) != owner;
        (images, self.projects.draw(number, wanted.projects, other))
    }

    /// The first image of all, the others among those of the same owner.
    fn draw_images(&self, number: u64, count: usize, stock: &Stock) -> Vec<u32> {
        let mut images = self.images.draw(number, 1, |_| true);
        let first = images.first().copied();
        let owner = first.and_then(|first| self.by_owner.get(&stock.image(first).owner));
        if let Some(owner) = owner.filter(|_| count > 1) {
            // Another key than that of the first draw, or the first image would come again and again.
            images.extend(owner.draw(!number, count - 1, |image| Some(image) != first));
        }
        images
    }
}

/// Every image once, in pieces of one owner, in an order of chance.
fn chunks(by_owner: &BTreeMap<u32, Sampler>, size: usize, seed: Seed) -> Vec<Vec<u32>> {
    let pieces = by_owner.values().flat_map(|images| images.places().chunks(size));
    let mut pieces: Vec<Vec<u32>> = pieces.map(<[u32]>::to_vec).collect();
    pieces.sort_by_cached_key(|piece| {
        let first = piece.first().copied().map_or(0, u64::from);
        seed.draw(What::LoadImage, &(u64::MAX - 1, first)).bits()
    });
    pieces
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
