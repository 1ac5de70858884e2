//! `GET /__admin/journal`: what happened; `DELETE` forgets it.

use serde::Serialize;

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::query::one_of;
use super::{jobs, names};
use crate::api::JobId;
use crate::journal::{Event, EventKind, Filter, Selected, Shown};
use crate::seed::JobKey;

/// Entries shown unless something else is said.
const USUAL: usize = 100;
/// The most entries in one answer: with the longest bodies some 32 MB, and usually far less.
const MOST: usize = 1_000;

/// The parameters of `GET`.
pub(super) const PARAMETERS: &[&str] = &[
    "since",
    "limit",
    "event",
    "operation",
    "project",
    "job",
    "image",
    "status",
    "rule",
    "subject",
];

#[derive(Serialize)]
struct Page<'a> {
    entries: Vec<Shown<'a>>,
    /// What to give as `since` to go on.
    next: u64,
    /// How many entries have made room for newer ones.
    evicted: u64,
}

pub(super) async fn show(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let since = ask.query.number("since", 0, u64::MAX)?;
    let limit = ask.query.limit(USUAL, MOST)?;
    let filter = filter(&ask).await?;
    let Selected { entries, next } =
        shared.journal.select(since, limit, |entry| filter.matches(entry));
    let shown = entries.iter().map(|entry| Shown::new(entry, &shared.world));
    let page = Page { entries: shown.collect(), next, evicted: shared.journal.evicted() };
    Ok(Reply::ok(&page))
}

async fn filter(ask: &Ask) -> Result<Filter, AdminError> {
    let (world, query) = (&ask.shared().world, &ask.query);
    let text = |name| query.text(name).map(str::to_owned);
    let job = match query.text("job").map(|text| names::job("job", text)).transpose()? {
        Some(id) => Some((id, key_of(ask, id).await)),
        None => None,
    };
    let project = query.text("project").map(|text| names::project(world, "project", text));
    let image = query.text("image").map(|text| names::image(world, "image", text));
    Ok(Filter {
        event: query.parsed("event", |text| one_of(&EventKind::ALL, EventKind::name, text))?,
        operation: query.parsed("operation", names::operation)?,
        project: project.transpose()?,
        job,
        image: image.transpose()?,
        status: query.number("status", 100, 999)?.and_then(|status| u16::try_from(status).ok()),
        rule: text("rule"),
        subject: text("subject"),
    })
}

/// The key of a job: from its registry, or, once that has forgotten it, from the journal itself.
async fn key_of(ask: &Ask, id: JobId) -> Option<JobKey> {
    if let Ok(job) = jobs::find(ask.shared(), id).await {
        return Some(job.key);
    }
    let tells = |event: &Event| matches!(event, Event::JobAccepted { id: it, .. } if *it == id);
    let found = ask.shared().journal.select(None, 1, |entry| tells(&entry.event));
    found.entries.first().and_then(|accepted| accepted.entry.subject.job())
}

#[derive(Serialize)]
struct Cleared {
    removed: u64,
    note: &'static str,
}

pub(super) async fn clear(ask: Ask) -> Result<Reply, AdminError> {
    let removed = ask.shared().journal.clear();
    Ok(Reply::ok(&Cleared { removed, note: "counters stay; numbers of entries go on" }))
}
