//! Leave to do something, which is given back when it is dropped.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Admission, SMALL_BODY, take};
use crate::api::Code;
use crate::api::job::JobType;

/// A hold on admission by a count of holders that is the thread's own: each job takes one, and a count in common
/// would be written by all threads.
pub type Held = Rc<Arc<Admission>>;

/// Leave to run one job; given back when dropped.
pub struct JobPermit {
    pub(super) admission: Held,
    pub(super) shard: u8,
    pub(super) job_type: JobType,
    pub(super) workers: u64,
    pub(super) stuck: bool,
}

/// A place among the waiting requests; given back when dropped.
pub struct WaitingPlace<'a> {
    pub(super) admission: &'a Admission,
}

/// Room for one request body; given back when dropped.
pub struct BodyRoom<'a> {
    pub(super) admission: &'a Admission,
    pub(super) bytes: usize,
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
