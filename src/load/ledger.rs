//! What the answers of a load promised: the deeds of all transactions that change something.

use std::sync::Arc;

use crate::api::job::JobState;
use crate::api::{JobId, MemberStatus, Operation};

/// A point of a run, in microseconds since its start.
pub(super) type Micros = u64;

/// A transaction that changes memberships, and what was promised of it. Images and projects are places in the
/// [`Stock`](super::stock::Stock).
#[derive(Clone, Debug)]
pub(super) struct Deed {
    /// The number of the transaction.
    pub(super) number: u64,
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

/// TEMP
#[derive(Debug, Default)]
pub(super) struct Ledger(Vec<Deed>);

impl Ledger {
    pub(super) fn note(&mut self, deed: Deed) {
        self.0.push(deed);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}
