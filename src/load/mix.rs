//! What each transaction is: its operation, its images, its projects; all drawn by its number.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draw::Sampler;
use super::stock::{Stock, means};
use crate::api::{MemberDecision, Operation};
use crate::scenario::load_section::{BATCHES, DrawEntry, LoadSection, MixEntry, NATIVE, QUERIES};
use crate::seed::{Seed, What};

/// The part of decisions that accept: recipients seldom ask for what they do not want.
const ACCEPTED: f64 = 0.75;

/// How large batches are.
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
        per_batch: PerBatch,
        stock: &Stock,
        seed: Seed,
    ) -> Result<Self, String> {
        let (mut entries, mut sum) = (Vec::new(), 0);
        for (name, said) in section.mix.iter().flat_map(|mix| mix.iter()) {
            let all = BATCHES.into_iter().chain(NATIVE).chain(QUERIES);
            let found = all.into_iter().find(|operation| operation.name() == name);
            let Some(operation) = found.filter(|_| said.weight > 0) else { continue };
            sum += u64::from(said.weight);
            let entry = Entry::new(operation, sum, said, section, per_batch, stock, seed);
            entries.push(entry.map_err(|reason| format!("the mix's `{name}`: {reason}"))?);
        }
        if entries.is_empty() {
            return Err("the mix has no operation with a weight above 0".to_owned());
        }
        let used_up = entries.iter().filter_map(|entry| entry.once.as_ref());
        let used_up_after = used_up.map(|once| once.len() as u64).min();
        Ok(Self { entries, per_batch, seed, used_up_after })
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

/// What an operation is about.
#[derive(Clone, Copy)]
struct About {
    /// How many images; none for what is about a project alone.
    images: usize,
    /// How many projects besides the owner.
    projects: usize,
    /// Whether a project among those calls, rather than the owner.
    recipient_calls: bool,
}

fn about(operation: Operation, per_batch: PerBatch) -> About {
    let (images, projects, recipient_calls) = match operation {
        Operation::AddMembers | Operation::DeleteMembers => {
            (per_batch.images, per_batch.projects, false)
        }
        Operation::UpdateMembers => (per_batch.images, 1, true),
        Operation::UpdateMember => (1, 1, true),
        Operation::AddMember | Operation::DeleteMember | Operation::ShowMember => (1, 1, false),
        Operation::ListMembers | Operation::ShowImage => (1, 0, false),
        _ => (0, 1, true),
    };
    About { images, projects, recipient_calls }
}

impl Entry {
    fn new(
        operation: Operation,
        sum: u64,
        said: &MixEntry,
        section: &LoadSection,
        per_batch: PerBatch,
        stock: &Stock,
        seed: Seed,
    ) -> Result<Self, String> {
        let wanted = about(operation, per_batch);
        let has_token = |place: u32| stock.project(place).token.is_some();
        let called = |names: &Option<Vec<String>>, name: &str| {
            names.as_ref().is_none_or(|names| names.iter().any(|pattern| means(pattern, name)))
        };
        let images =
            (0..).zip(&stock.images).filter(|(_, image)| called(&said.images, &image.name));
        // Without a token nobody can call for the owner.
        let images = images.filter(|(_, image)| wanted.recipient_calls || has_token(image.owner));
        let images: Vec<u32> = images.map(|(place, _)| place).collect();
        if wanted.images > 0 && images.is_empty() {
            return Err("there is no image whose owner has a token".to_owned());
        }
        let projects = (0..).zip(&stock.projects);
        let projects = projects.filter(|(_, project)| called(&said.projects, &project.name));
        let projects = projects.filter(|(place, _)| !wanted.recipient_calls || has_token(*place));
        let projects: Vec<u32> = projects.map(|(place, _)| place).collect();
        let mut owners: Vec<u32> = images.iter().map(|image| stock.image(*image).owner).collect();
        owners.dedup();
        let alone = |owner: &u32| projects.iter().all(|project| project == owner);
        if wanted.projects > 0 && (projects.is_empty() || owners.iter().any(alone)) {
            let with = if wanted.recipient_calls { " with a token" } else { "" };
            return Err(format!("there is no project{with} beside that which owns the image"));
        }
        let by_image = section.images.unwrap_or_default();
        let sampler = |images| Sampler::new(images, by_image, What::LoadImage, seed);
        let mut by_owner: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for image in &images {
            by_owner.entry(stock.image(*image).owner).or_default().push(*image);
        }
        let by_owner: BTreeMap<u32, Sampler> =
            by_owner.into_iter().map(|(owner, images)| (owner, sampler(images))).collect();
        let once = (by_image == DrawEntry::EachOnce && wanted.images > 0)
            .then(|| chunks(&by_owner, per_batch.images, seed));
        let by_project = section.projects.unwrap_or_default();
        Ok(Self {
            operation,
            sum,
            images: sampler(images),
            by_owner,
            once,
            projects: Sampler::new(projects, by_project, What::LoadProject, seed),
        })
    }

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
