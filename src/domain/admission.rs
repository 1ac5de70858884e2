//! How much work is let in. Mailboxes are not bounded, so this is the only bound on it: what is over the
//! bound is refused at the front with the gateway's flow control, and nothing that was let in is lost.

mod became;
mod permits;
mod running;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::api::Code;
use crate::api::job::JobType;
pub use became::JobCounts;
use became::{Became, STRIPES, Stripe};
pub use permits::{BodyRoom, Held, JobPermit, WaitingPlace};
pub use running::MOST_RUNNING;
use running::Running;

/// How much may be under way at once, over all shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// Jobs that have not ended.
    pub running_jobs: usize,
    /// Image workers of those jobs; each costs about a kilobyte.
    pub running_workers: usize,
    /// Batch requests handed to a front and not yet answered.
    pub waiting_requests: usize,
    /// Bytes of large request bodies that are being read or worked on; see [`SMALL_BODY`].
    pub body_bytes: usize,
}

/// Bodies up to this length are not counted: a batch of 100 images and 100 projects takes 8 KiB, and that
/// much for each connection is what a server must have anyway.
pub const SMALL_BODY: usize = 16 * 1024;

impl Default for AdmissionLimits {
    /// Five times what a load of ten thousand running jobs needs, and below a gigabyte of workers.
    fn default() -> Self {
        Self {
            running_jobs: 50_000,
            running_workers: 500_000,
            waiting_requests: 50_000,
            // Some twenty of the largest bodies at once.
            body_bytes: 256 * 1024 * 1024,
        }
    }
}

/// Counts the work under way and what became of all jobs.
pub struct Admission {
    limits: AdmissionLimits,
    running: Running,
    waiting: AtomicUsize,
    body_bytes: AtomicUsize,
    draining: AtomicBool,
    /// What became of jobs, apart for the shards, since each job counts twice.
    became: [Stripe; STRIPES],
    stuck: AtomicUsize,
}

/// How much is under way at a moment; each is bounded by the limit of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// Jobs that have not ended.
    pub running_jobs: usize,
    /// Image workers of those jobs. A job keeps room for all of its workers until it ends.
    pub running_workers: usize,
    /// Batch requests handed to a front and not yet answered.
    pub waiting_requests: usize,
    /// Bytes of large request bodies.
    pub body_bytes: usize,
}

impl Admission {
    /// Room for a body of which nothing has been read yet.
    #[must_use]
    pub const fn body_room(&self) -> BodyRoom<'_> {
        BodyRoom { admission: self, bytes: 0 }
    }

    /// Lets in as much as `limits` say, and no more jobs or workers than [`MOST_RUNNING`].
    #[must_use]
    pub fn new(limits: AdmissionLimits) -> Self {
        let limits = AdmissionLimits {
            running_jobs: limits.running_jobs.min(MOST_RUNNING),
            running_workers: limits.running_workers.min(MOST_RUNNING),
            ..limits
        };
        Self {
            limits,
            running: Running::default(),
            waiting: AtomicUsize::new(0),
            body_bytes: AtomicUsize::new(0),
            draining: AtomicBool::new(false),
            became: Default::default(),
            stuck: AtomicUsize::new(0),
        }
    }

    /// Takes a place among the waiting requests.
    ///
    /// # Errors
    /// 503 while draining, 429 when all places are taken.
    pub fn enter(&self) -> Result<WaitingPlace<'_>, Code> {
        // The place is taken before the flag is read, and the flag is raised before anyone looks at the
        // places: a request that does not see the flag is seen by whoever drains.
        let taken = take(&self.waiting, 1, self.limits.waiting_requests);
        let place = taken.then(|| WaitingPlace { admission: self });
        if self.draining.load(Ordering::SeqCst) {
            return Err(Code::ServiceUnavailable);
        }
        place.ok_or(Code::Throttled)
    }

    /// Lets in a job of this type with this many images, and counts it as accepted by a shard. The permit holds
    /// the thread's share of this.
    ///
    /// # Errors
    /// 429 when too many jobs or workers are under way.
    pub fn admit(
        self: &Rc<Arc<Self>>,
        shard: u8,
        job_type: JobType,
        images: usize,
    ) -> Result<JobPermit, Code> {
        if !self.running.take(images, &self.limits) {
            return Err(Code::Throttled);
        }
        self.became_of(shard, job_type).accepted.fetch_add(1, Ordering::Relaxed);
        let (admission, workers) = (Rc::clone(self), images as u64);
        Ok(JobPermit { admission, shard, job_type, workers, stuck: false })
    }

    fn became_of(&self, shard: u8, job_type: JobType) -> &Became {
        &self.became[usize::from(shard) % STRIPES].0[job_type as usize]
    }

    /// From now on batch requests are refused, while running jobs go on.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// Whether batch requests are refused because the server drains.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// Whether nothing is under way: no request waits that may still become a job, and every job has
    /// ended or is kept from it by a fault rule. Once true while draining, no job can come any more.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        // A request gives its place back after its job was counted, so the places are read first.
        self.waiting.load(Ordering::SeqCst) == 0 && self.running_jobs() <= self.stuck_jobs()
    }

    /// How many of the running jobs fault rules keep from ever ending.
    #[must_use]
    pub fn stuck_jobs(&self) -> usize {
        self.stuck.load(Ordering::Acquire)
    }

    /// How many jobs have not ended.
    #[must_use]
    pub fn running_jobs(&self) -> usize {
        self.running.count().0
    }

    /// Counts what becomes of jobs from the beginning again. Whatever runs keeps its place.
    pub fn restart_counts(&self) {
        for became in self.became.iter().flat_map(|stripe| &stripe.0) {
            for count in [&became.accepted, &became.succeeded, &became.failed, &became.lost] {
                count.store(0, Ordering::Relaxed);
            }
        }
    }

    /// What became of all jobs so far.
    #[must_use]
    pub fn counts(&self) -> JobCounts {
        JobType::ALL.into_iter().fold(JobCounts::default(), |mut sum, job_type| {
            let counts = self.counts_of(job_type);
            sum.accepted += counts.accepted;
            sum.succeeded += counts.succeeded;
            sum.failed += counts.failed;
            sum.lost += counts.lost;
            sum
        })
    }

    /// What became of the jobs of one type so far.
    #[must_use]
    pub fn counts_of(&self, job_type: JobType) -> JobCounts {
        let all = self.became.iter().map(|stripe| &stripe.0[job_type as usize]);
        all.fold(JobCounts::default(), |mut sum, became| {
            sum.accepted += became.accepted.load(Ordering::Relaxed);
            sum.succeeded += became.succeeded.load(Ordering::Relaxed);
            sum.failed += became.failed.load(Ordering::Relaxed);
            sum.lost += became.lost.load(Ordering::Relaxed);
            sum
        })
    }

    /// How much is under way.
    #[must_use]
    pub fn under_way(&self) -> UnderWay {
        let (running_jobs, running_workers) = self.running.count();
        UnderWay {
            running_jobs,
            running_workers,
            waiting_requests: self.waiting.load(Ordering::Acquire),
            body_bytes: self.body_bytes.load(Ordering::Acquire),
        }
    }

    /// How much is let in.
    #[must_use]
    pub const fn limits(&self) -> AdmissionLimits {
        self.limits
    }
}

/// Adds to a counter unless that would exceed the limit.
fn take(counter: &AtomicUsize, amount: usize, limit: usize) -> bool {
    let before = counter.fetch_add(amount, Ordering::SeqCst);
    let fits = before.saturating_add(amount) <= limit;
    if !fits {
        counter.fetch_sub(amount, Ordering::AcqRel);
    }
    fits
}

#[cfg(test)]
mod tests;
