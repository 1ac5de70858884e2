//! Which entries are about one job.

use std::ops::Range;

use super::entry::Event;
use super::{Journal, Numbered};
use crate::api::JobId;
use crate::seed::JobKey;

/// Which entries are about a job: those that tell its id, and between two numbers those that tell its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEntries {
    id: JobId,
    /// `None` where nothing tells it any more.
    key: Option<JobKey>,
    numbers: Range<u64>,
}

impl JobEntries {
    /// Whether an entry is about the job.
    #[must_use]
    pub fn contain(&self, numbered: &Numbered) -> bool {
        let Numbered { number, entry } = numbered;
        let by_key = self.key.is_some() && entry.subject.job() == self.key;
        entry.event.job_id() == Some(self.id) || by_key && self.numbers.contains(number)
    }
}

impl Journal {
    /// Which entries are about a job with this id, and with this key if that is known.
    ///
    /// A reset of jobs lets keys begin anew, and the journal may go on over it. So those that tell the key
    /// count from the acceptance of this job to that of the next one with the same key.
    #[must_use]
    pub fn of_job(&self, id: JobId, key: Option<JobKey>) -> JobEntries {
        // Where time stood still over a reset, the newest of several jobs with one id is meant.
        let own = self.select(None, 1, |numbered| accepted(numbered) == Some(id)).entries.pop();
        let key = key.or_else(|| own.as_ref()?.entry.subject.job());
        let from = own.map_or(0, |own| own.number);
        let rival = |numbered: &Numbered| {
            accepted(numbered).is_some() && numbered.entry.subject.job() == key
        };
        let next = self.select(Some(from + 1), 1, rival).entries.pop();
        JobEntries { id, key, numbers: from..next.map_or(u64::MAX, |next| next.number) }
    }
}

/// The job whose acceptance an entry tells.
fn accepted(numbered: &Numbered) -> Option<JobId> {
    match numbered.entry.event {
        Event::JobAccepted { id, .. } => Some(id),
        _ => None,
    }
}
