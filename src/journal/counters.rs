//! Counters that stay exact when the entries they count have long made room.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::EventKind;
use super::entry::{CallRecord, Event};
use crate::api::{Code, Operation, ProjectId};

/// How many different rows one shard counts calls in; at some 50 bytes each, half a megabyte. Eight
/// operations with ten answers each for a hundred projects come to 8,000.
pub const MOST_ROWS: usize = 10_000;

/// What calls are counted by, in the order in which the rows are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallRow {
    /// The operation.
    pub operation: Operation,
    /// The project of the token, if the token was known.
    pub project: Option<ProjectId>,
    /// The status of the answer.
    pub status: u16,
    /// The code with which the request was refused, as the client saw it.
    pub error: Option<&'static str>,
}

impl From<&CallRecord> for CallRow {
    fn from(call: &CallRecord) -> Self {
        Self {
            operation: call.operation,
            project: call.project,
            status: call.status,
            error: call.refusal.map(Code::code),
        }
    }
}

/// A row as it is counted: by the row of the error table, which is quicker to look up than its text.
type Key = (Operation, Option<ProjectId>, u16, Option<Code>);

/// The counters of one shard.
#[derive(Default)]
pub(super) struct Counters {
    calls: FxHashMap<Key, u64>,
    other: u64,
    events: [u64; EventKind::ALL.len()],
    restarts: u64,
}

/// What calls came to, whoever made them, and what else there was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Calls by operation, status and error code.
    pub calls: BTreeMap<(Operation, u16, Option<&'static str>), u64>,
    /// Calls whose row found no place among [`MOST_ROWS`] of its shard.
    pub other: u64,
    /// Events by kind, in the order of [`EventKind::ALL`].
    pub events: [u64; EventKind::ALL.len()],
    /// Workers that died and were started again.
    pub restarts: u64,
    /// Entries that made room for newer ones.
    pub evicted: u64,
}

/// The counters of all shards together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Calls by row.
    pub calls: BTreeMap<CallRow, u64>,
    /// Calls whose row found no place among [`MOST_ROWS`] of its shard.
    pub other: u64,
    /// Events by kind, in the order of [`EventKind::ALL`].
    pub events: [u64; EventKind::ALL.len()],
}

impl Counters {
    pub(super) fn count(&mut self, event: &Event) {
        self.events[event.kind() as usize] += 1;
        let call = match event {
            Event::Call(call) => call,
            Event::WorkerDied { restart: Some(_), .. } => return self.restarts += 1,
            _ => return,
        };
        let key = (call.operation, call.project, call.status, call.refusal);
        if let Some(count) = self.calls.get_mut(&key) {
            *count += 1;
        } else if self.calls.len() < MOST_ROWS {
            self.calls.insert(key, 1);
        } else {
            self.other += 1;
        }
    }

    /// Adds to an outline. It is asked for again and again while calls wait, so the rows of all projects go
    /// straight to where they belong.
    pub(super) fn outline(&self, outline: &mut Outline) {
        outline.other += self.other;
        outline.restarts += self.restarts;
        for (sum, count) in outline.events.iter_mut().zip(self.events) {
            *sum += count;
        }
        // The rows go into an ordered map, so the order in which they come is not seen.
        self.calls.iter().for_each(|((operation, _, status, error), count)| {
            let answer = (*operation, *status, error.map(Code::code));
            *outline.calls.entry(answer).or_default() += count;
        });
    }

    pub(super) fn add_to(&self, totals: &mut Totals) {
        totals.other += self.other;
        for (sum, count) in totals.events.iter_mut().zip(self.events) {
            *sum += count;
        }
        // The rows go into an ordered map, so the order in which they come is not seen.
        self.calls.iter().for_each(|((operation, project, status, error), count)| {
            let (operation, project, status) = (*operation, *project, *status);
            let row = CallRow { operation, project, status, error: error.map(Code::code) };
            *totals.calls.entry(row).or_default() += count;
        });
    }
}
