//! `GET /__admin/counters`: how many calls and events there were, exactly, since the start.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use crate::journal::EventKind;

#[derive(serde::Serialize)]
struct Counters {
    /// In the order of operation, project id, status and error code.
    calls: Vec<Row>,
    /// Calls for whose row there was no place any more.
    other_calls: u64,
    events: Events,
    /// Entries of the journal that made room for newer ones.
    evicted: u64,
}

#[derive(serde::Serialize)]
struct Row {
    operation: &'static str,
    project: Option<String>,
    status: u16,
    error_code: Option<&'static str>,
    count: u64,
}

struct Events([u64; EventKind::ALL.len()]);

impl Serialize for Events {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (kind, count) in EventKind::ALL.into_iter().zip(self.0) {
            map.serialize_entry(kind.name(), &count)?;
        }
        map.end()
    }
}

pub(super) async fn show(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let totals = shared.journal.totals();
    let rows = totals.calls.iter().map(|(row, count)| Row {
        operation: row.operation.name(),
        project: row.project.map(|id| shared.world.project_name(id)),
        status: row.status,
        error_code: row.error,
        count: *count,
    });
    Ok(Reply::ok(&Counters {
        calls: rows.collect(),
        other_calls: totals.other,
        events: Events(totals.events),
        evicted: shared.journal.evicted(),
    }))
}
