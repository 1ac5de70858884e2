//! What the answers of a load promised: the deeds of all transactions that change something.
//!
//! A deed tells only from when until when its change was made: from the first byte that was sent to the last
//! that was seen. So of the deeds of one pair of image and project the ledger keeps those of which nobody can
//! say that another certainly came later, and says of a pair in which states it can be; see [`pair`].

mod jobs;
mod pair;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::api::job::JobState;
use crate::api::{JobId, MemberStatus, Operation};
pub(super) use jobs::{Jobs, Kept};
pub(super) use pair::{By, Claim, Pair, Possible, words};
use pair::{Effect, Surety};

/// The most pairs that are remembered; at some 150 bytes each, 600 MB. Deeds of others are not judged.
const MOST_PAIRS: usize = 4_000_000;

/// A point of a run, in microseconds since its start.
pub(super) type Micros = u64;

/// A transaction that changes memberships, and what was promised of it. Images and projects are places in the
/// [`Stock`](super::stock::Stock).
#[derive(Clone, Debug)]
pub(super) struct Deed {
    /// The operation: one of the batches or of the native calls.
    pub(super) operation: Operation,
    /// The project that called.
    pub(super) caller: u32,
    /// The images; one for a native call.
    pub(super) images: Arc<[u32]>,
    /// The members: those of the batch; the caller alone for updates.
    pub(super) projects: Arc<[u32]>,
    /// What an update sets.
    pub(super) status: Option<MemberStatus>,
    /// When the first byte can have left.
    pub(super) sent: Micros,
    /// When the last that is known of it was seen: the answer, or the final state.
    pub(super) known: Micros,
    /// What was promised.
    pub(super) promise: Promise,
    /// Whether an answer that promised it names fault rules: one of them may have made the answer up.
    pub(super) struck: bool,
}

/// What is known of a deed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// It was refused, so nothing was done.
    Refused,
    /// No answer tells whether it was done: none came, or one that a fault rule may have put in the place of
    /// another.
    Ambiguous,
    /// A native call was granted, so it was done.
    Done,
    /// A batch was accepted, and its job was seen in a final state.
    Ended {
        /// The job.
        job: JobId,
        /// The final state.
        state: JobState,
        /// The pairs that failed, as places in the stock: image, project.
        failed: Arc<[(u32, u32)]>,
    },
    /// A batch was accepted, and its job was not seen in a final state.
    Open {
        /// The job.
        job: JobId,
    },
}

/// What was promised of a run, or of the part of it that one driver put on.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// By image and project.
    pairs: FxHashMap<(u32, u32), Pair>,
    jobs: Jobs,
    /// Changes to pairs for which there was no place.
    left_out: u64,
}

impl Ledger {
    /// Notes what was promised of a transaction.
    pub(super) fn note(&mut self, deed: Deed) {
        self.jobs.note(&deed);
        let surety = match &deed.promise {
            Promise::Refused => return,
            Promise::Ambiguous | Promise::Open { .. } => Surety::Perhaps,
            Promise::Done | Promise::Ended { .. } => Surety::Sure,
        };
        let Some(effect) = Effect::of(deed.operation, deed.status) else { return };
        let by = By::of(&deed);
        // What is still open can be done as long as there is a server.
        let known = if surety == Surety::Perhaps { Micros::MAX } else { deed.known };
        let mut failed = match &deed.promise {
            Promise::Ended { failed, .. } => failed.to_vec(),
            _ => Vec::new(),
        };
        failed.sort_unstable();
        for &image in &*deed.images {
            for &project in &*deed.projects {
                let is_failed = failed.binary_search(&(image, project)).is_ok();
                let surety = if is_failed { Surety::Failed } else { surety };
                let Deed { sent, struck, .. } = deed;
                let claim = Claim { sent, known, effect, surety, by, struck };
                self.claim((image, project), claim);
            }
        }
    }

    fn claim(&mut self, place: (u32, u32), claim: Claim) {
        if let Some(pair) = self.pair(place) {
            pair.note(claim);
        }
    }

    fn pair(&mut self, place: (u32, u32)) -> Option<&mut Pair> {
        if self.pairs.len() >= MOST_PAIRS && !self.pairs.contains_key(&place) {
            self.left_out += 1;
            return None;
        }
        Some(self.pairs.entry(place).or_default())
    }

    /// Takes over what another driver of the same run noted.
    pub(super) fn merge(&mut self, other: Self) {
        self.jobs.merge(other.jobs);
        self.left_out += other.left_out;
        // In an order of its own, so that what is left out beyond the bound is the same in every run.
        let mut pairs: Vec<_> = other.pairs.into_iter().collect();
        pairs.sort_unstable_by_key(|(place, _)| *place);
        for (place, theirs) in pairs {
            if let Some(pair) = self.pair(place) {
                pair.merge(theirs);
            }
        }
    }

    /// The jobs.
    pub(super) fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// How many changes to pairs could not be remembered.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// What is known of a pair that somebody changed, or tried to change.
    pub(super) fn at(&self, image: u32, project: u32) -> Option<&Pair> {
        self.pairs.get(&(image, project))
    }

    /// All pairs that somebody changed, or tried to change, by image and project.
    pub(super) fn places(&self) -> Vec<(u32, u32)> {
        let mut places: Vec<_> = self.pairs.keys().copied().collect();
        places.sort_unstable();
        places
    }
}
