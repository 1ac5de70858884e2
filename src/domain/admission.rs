//! How much work is let in. Mailboxes are not bounded, so this is the only bound on it: what is over the
//! bound is refused at the front with the gateway's flow control, and nothing that was let in is lost.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::api::Code;
use crate::api::job::JobType;

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

/// The most jobs, and the most workers, that can be under way, whatever is asked for: both are counted in one number,
/// and so many would take a terabyte.
pub const MOST_RUNNING: usize = 1 << 30;

/// Shards beyond it share stripes, which costs a little and changes nothing.
const STRIPES: usize = 16;

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

/// Running jobs in the upper half of a number, their workers in the lower: every job is counted when it comes and
/// when it goes, on a line of the cache that all threads write to.
#[derive(Default)]
struct Running(AtomicU64);

impl Running {
    const JOB: u64 = 1 << 32;

    /// Takes room for a job unless there is none within the limits.
    fn take(&self, workers: usize, limits: &AdmissionLimits) -> bool {
        if workers > limits.running_workers {
            return false;
        }
        let with_this = |before: u64| {
            let (jobs, others) = Self::split(before);
            let fits = jobs < limits.running_jobs && others + workers <= limits.running_workers;
            fits.then_some(before + Self::JOB + workers as u64)
        };
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, with_this).is_ok()
    }

    const fn split(both: u64) -> (usize, usize) {
        ((both / Self::JOB) as usize, (both % Self::JOB) as usize)
    }

    fn give_back(&self, workers: u64) {
        self.0.fetch_sub(Self::JOB + workers, Ordering::AcqRel);
    }

    /// How many jobs and how many workers there are.
    fn count(&self) -> (usize, usize) {
        Self::split(self.0.load(Ordering::Acquire))
    }
}

/// What became of the jobs of some shards, by type. Neighbours never share a line of the cache.
#[derive(Default)]
#[repr(align(128))]
struct Stripe([Became; JobType::ALL.len()]);

/// What became of the jobs of one type.
#[derive(Default)]
struct Became {
    accepted: AtomicU64,
    succeeded: AtomicU64,
    failed: AtomicU64,
    lost: AtomicU64,
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

/// Exact counts of jobs since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Jobs that were accepted.
    pub accepted: u64,
    /// Jobs that ended with `SUCCESS`.
    pub succeeded: u64,
    /// Jobs that ended with `FAIL`.
    pub failed: u64,
    /// Jobs that a fault rule lost: accepted, never run, never ended.
    pub lost: u64,
}

/// A hold on admission by a count of holders that is the thread's own: each job takes one, and a count in common
/// would be written by all threads.
pub type Held = Rc<Arc<Admission>>;

/// Leave to run one job; given back when dropped.
pub struct JobPermit {
    admission: Held,
    shard: u8,
    job_type: JobType,
    workers: u64,
    stuck: bool,
}

/// A place among the waiting requests; given back when dropped.
pub struct WaitingPlace<'a> {
    admission: &'a Admission,
}

/// Room for one request body; given back when dropped.
pub struct BodyRoom<'a> {
    admission: &'a Admission,
    bytes: usize,
}

impl BodyRoom<'_> {
    /// Makes sure that there is room for a body that has this length so far.
    ///
    /// # Errors
    /// 429 when too many bytes of bodies are under way.
    pub fn grow(&mut self, length: usize) -> Result<(), Code> {
        if length <= SMALL_BODY || length <= self.bytes {
            return Ok(());
        }
        let more = length - self.bytes;
        if !take(&self.admission.body_bytes, more, self.admission.limits.body_bytes) {
            return Err(Code::Throttled);
        }
        self.bytes = length;
        Ok(())
    }
}

impl Drop for BodyRoom<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.admission.body_bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        }
    }
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

impl JobPermit {
    /// Counts how the job ended; the permit itself is given back when dropped.
    pub fn ended(&self, success: bool) {
        let became = self.admission.became_of(self.shard, self.job_type);
        let counter = if success { &became.succeeded } else { &became.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts that the job is stuck on purpose and will not end; nobody need wait for it.
    pub fn stuck(&mut self) {
        if !std::mem::replace(&mut self.stuck, true) {
            self.admission.stuck.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Counts that the job was lost on purpose and will never end.
    pub fn lost(&self) {
        self.admission.became_of(self.shard, self.job_type).lost.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for JobPermit {
    fn drop(&mut self) {
        if self.stuck {
            self.admission.stuck.fetch_sub(1, Ordering::AcqRel);
        }
        self.admission.running.give_back(self.workers);
    }
}

impl Drop for WaitingPlace<'_> {
    fn drop(&mut self) {
        self.admission.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_workers_and_waiting_requests_are_bounded_each_for_itself() {
        let limits = AdmissionLimits {
            running_jobs: 2,
            running_workers: 5,
            waiting_requests: 1,
            ..AdmissionLimits::default()
        };
        let admission = Rc::new(Arc::new(Admission::new(limits)));
        let first = admission.admit(0, JobType::Add, 3).expect("room for one");
        assert_eq!(admission.admit(0, JobType::Add, 3).err(), Some(Code::Throttled));
        let second = admission.admit(0, JobType::Add, 2).expect("room for two workers");
        assert_eq!(admission.admit(0, JobType::Add, 0).err(), Some(Code::Throttled));
        drop(first);
        assert!(admission.admit(0, JobType::Add, 3).is_ok());
        drop(second);
        let place = admission.enter().expect("one place");
        assert_eq!(admission.enter().err(), Some(Code::Throttled));
        drop(place);
        assert!(admission.enter().is_ok());
        assert_eq!((admission.running_jobs(), admission.counts().accepted), (0, 3));
    }

    #[test]
    fn the_bounds_of_both_counts_hold_at_their_ends() {
        let check = |jobs: usize, workers: usize, images: &[usize], let_in: &[bool]| {
            let limits = AdmissionLimits {
                running_jobs: jobs,
                running_workers: workers,
                ..AdmissionLimits::default()
            };
            let admission = Rc::new(Arc::new(Admission::new(limits)));
            let permits: Vec<_> =
                images.iter().map(|images| admission.admit(0, JobType::Add, *images)).collect();
            let found: Vec<bool> = permits.iter().map(Result::is_ok).collect();
            assert_eq!(found, let_in, "{jobs} {workers} {images:?}");
            drop(permits);
            assert_eq!(admission.running.count(), (0, 0));
        };
        check(2, 5, &[5, 0, 0], &[true, true, false]);
        check(9, 5, &[6, 5, 1], &[false, true, false]);
        check(0, 5, &[1], &[false]);
        check(usize::MAX, usize::MAX, &[MOST_RUNNING + 1, MOST_RUNNING, 1], &[false, true, false]);
    }

    #[test]
    fn what_became_of_jobs_is_counted_by_type_and_in_sum() {
        let admission = Rc::new(Arc::new(Admission::new(AdmissionLimits::default())));
        let admit = |shard, job_type| admission.admit(shard, job_type, 2).expect("room");
        let (add, other, update) =
            (admit(0, JobType::Add), admit(17, JobType::Add), admit(255, JobType::Update));
        add.ended(true);
        other.ended(false);
        update.lost();
        let counts =
            |accepted, succeeded, failed, lost| JobCounts { accepted, succeeded, failed, lost };
        assert_eq!(admission.counts_of(JobType::Add), counts(2, 1, 1, 0));
        assert_eq!(admission.counts_of(JobType::Delete), counts(0, 0, 0, 0));
        assert_eq!(admission.counts_of(JobType::Update), counts(1, 0, 0, 1));
        assert_eq!(admission.counts(), counts(3, 1, 1, 1));
        let under_way = admission.under_way();
        assert_eq!((under_way.running_jobs, under_way.running_workers), (3, 6));
    }

    #[test]
    fn bytes_of_large_bodies_are_bounded_in_sum_and_given_back() {
        let limits = AdmissionLimits { body_bytes: 100_000, ..AdmissionLimits::default() };
        let admission = Rc::new(Arc::new(Admission::new(limits)));
        let mut rooms: Vec<BodyRoom> = (0..20).map(|_| admission.body_room()).collect();
        assert!(rooms.iter_mut().all(|room| room.grow(SMALL_BODY).is_ok()), "small ones are free");
        assert!(rooms[0].grow(60_000).is_ok() && rooms[0].grow(70_000).is_ok());
        assert_eq!(rooms[1].grow(40_000), Err(Code::Throttled));
        assert!(rooms[2].grow(30_000).is_ok());
        rooms.clear();
        assert!(admission.body_room().grow(100_000).is_ok());
        assert!(admission.body_room().grow(100_000).is_ok());
    }

    #[test]
    fn while_draining_nothing_is_let_in() {
        let admission = Rc::new(Arc::new(Admission::new(AdmissionLimits::default())));
        admission.drain();
        assert_eq!(admission.enter().err(), Some(Code::ServiceUnavailable));
        assert!(admission.is_idle(), "a refused request keeps no place");
    }

    #[test]
    fn a_request_that_came_in_before_draining_is_waited_for_and_so_is_its_job() {
        let admission = Rc::new(Arc::new(Admission::new(AdmissionLimits::default())));
        let place = admission.enter().expect("it does not drain yet");
        admission.drain();
        assert!(!admission.is_idle(), "the request may still become a job");
        let job = admission.admit(0, JobType::Add, 1).expect("it came in before");
        drop(place);
        assert!(!admission.is_idle(), "the job runs");
        drop(job);
        assert!(admission.is_idle());
    }
}
